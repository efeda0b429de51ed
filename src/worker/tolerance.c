#include "worker/tolerance.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "worker/record_json.h"

enum { FIRST_DELAY_MS = 300, LOGGED_VALUE_MAX = 2048 };

static void write_data(const char *what, const struct schema *schema, const struct value *value, struct buf *out)
{
    AUTO_BUF text = {0};
    record_json_write(schema, value, &text);
    buf_printf(out, "%s", what);
    buf_add_str(out, str_of(text.data, text.len < LOGGED_VALUE_MAX ? text.len : LOGGED_VALUE_MAX));
}

/* Kafka Connect's line (LogReporter). */
static void log_record(const struct tolerance *t, const struct stage *stage, const struct record *r,
                       const struct error *err)
{
    AUTO_BUF details = {0};
    if (t->settings->log_messages) {
        buf_printf(&details, ", where source record is = {topic='" STR_FMT "'", STR_ARG(r->topic));
        write_data(", key=", r->key_schema, &r->key, &details);
        write_data(", value=", r->value_schema, &r->value, &details);
        buf_add_char(&details, '}');
    }
    log_error(t->context, "Error encountered in task %s. Executing stage '%s' with class '%s'%s. %s: %s", t->task,
              stage->name, stage->class_name, buf_cstr(&details), error_name(err->code), err->text);
}

static void log_sum(struct tolerance *t, const struct stage *stage, const struct error *err)
{
    int64_t now = clock_mono_ms();
    t->unlogged++;
    if (now < t->next_log_ms)
        return;
    log_warn(t->context, "%llu records skipped (errors.tolerance=all), the last one while %s: %s",
             (unsigned long long)t->unlogged, stage->text, err->text);
    t->unlogged = 0;
    t->next_log_ms = now + ERROR_LOG_INTERVAL_MS;
}

/* Waits; the last wait ends at the deadline, so that one attempt follows it. */
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
    if (now >= a->deadline_ms)
        return false;
    if (a->delay_ms > s->retry_delay_max_ms)
        a->delay_ms = s->retry_delay_max_ms;
    int64_t left = a->deadline_ms - now;
    if (wake_wait(t->stop, -1, 0, a->delay_ms < left ? a->delay_ms : left) == WAKE_RAISED)
        return false;
    a->delay_ms *= 2;
    return true;
}

enum tolerated tolerance_decide(struct tolerance *t, struct attempts *a, const struct stage *stage,
                                const struct record *r, const struct error *err)
{
    bool passing = error_is_retriable(err->code);
    if (passing && may_retry(t, a))
        return TOLERATED_AGAIN;
    if (err->code == ERROR_STOPPED || (passing && wake_is_raised(t->stop)))
        return TOLERATED_FAIL;
    bool skip = !passing && t->settings->tolerance == TOLERANCE_ALL && err->code != ERROR_INTERNAL;
    if (t->settings->log_errors)
        log_record(t, stage, r, err);
    else if (skip)
        log_sum(t, stage, err);
    if (!skip)
        return TOLERATED_FAIL;
    atomic_fetch_add_explicit(t->skipped, 1, memory_order_relaxed);
    if (t->dead)
        dead_letters_add(t->dead, stage, r, err);
    return TOLERATED_SKIP;
}
