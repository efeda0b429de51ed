#include "worker/tolerance.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "wire/json.h"

enum { FIRST_DELAY_MS = 300, LOGGED_VALUE_MAX = 2048 };

static void write_data(const char *what, const struct schema *schema, const struct value *value, struct buf *out)
{
    struct json_plan *plan = NULL;
    AUTO_BUF text = {0};
    int code = schema ? json_plan_new(schema, &(struct json_options){0}, &plan, NULL) : 0;
    if (!code)
        code = plan ? json_write_plan(plan, value, &text, NULL) : json_write_value(value, &text, NULL);
    json_plan_free(plan);
    buf_printf(out, ", %s ", what);
    if (code)
        buf_add_literal(out, "(cannot be shown)");
    else
        buf_add_str(out, str_of(text.data, text.len < LOGGED_VALUE_MAX ? text.len : LOGGED_VALUE_MAX));
}

static void log_record(const struct tolerance *t, const char *stage, const struct record *r, const struct error *err)
{
    AUTO_BUF details = {0};
    if (t->settings->log_messages) {
        write_data("key", r->key_schema, &r->key, &details);
        write_data("value", r->value_schema, &r->value, &details);
    }
    log_warn(t->context, "a record of topic " STR_FMT " is skipped, while %s: %s%s", STR_ARG(r->topic), stage,
             err->text, buf_cstr(&details));
}

static void log_sum(struct tolerance *t, const char *stage, const struct error *err)
{
    int64_t now = clock_mono_ms();
    t->unlogged++;
    if (now < t->next_log_ms)
        return;
    log_warn(t->context, "%llu records skipped (errors.tolerance=all), the last one while %s: %s",
             (unsigned long long)t->unlogged, stage, err->text);
    t->unlogged = 0;
    t->next_log_ms = now + ERROR_LOG_INTERVAL_MS;
}

static bool may_retry(struct tolerance *t, struct attempts *a)
{
    const struct connector_settings *s = t->settings;
    int64_t now = clock_mono_ms();
    if (s->retry_timeout_ms == 0)
        return false;
    if (a->delay_ms == 0) {
        a->delay_ms = FIRST_DELAY_MS;
        bool endless = s->retry_timeout_ms < 0 || s->retry_timeout_ms > INT64_MAX / 2;
        a->deadline_ms = endless ? INT64_MAX : now + s->retry_timeout_ms;
    }
    if (a->delay_ms > s->retry_delay_max_ms)
        a->delay_ms = s->retry_delay_max_ms;
    if (now + a->delay_ms > a->deadline_ms)
        return false;
    if (wake_wait(t->stop, -1, 0, a->delay_ms) == WAKE_RAISED)
        return false;
    a->delay_ms *= 2;
    return true;
}

enum tolerated tolerance_decide(struct tolerance *t, struct attempts *a, const char *stage, const struct record *r,
                                const struct error *err)
{
    if (error_is_retriable(err->code))
        return may_retry(t, a) ? TOLERATED_AGAIN : TOLERATED_FAIL;
    if (t->settings->tolerance != TOLERANCE_ALL || err->code == ERROR_STOPPED || err->code == ERROR_INTERNAL)
        return TOLERATED_FAIL;
    atomic_fetch_add_explicit(t->skipped, 1, memory_order_relaxed);
    if (t->settings->log_errors)
        log_record(t, stage, r, err);
    else
        log_sum(t, stage, err);
    return TOLERATED_SKIP;
}
