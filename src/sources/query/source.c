/*
 * The reader's side of a task. Its tables are polled in turn, each when it is due; a poll is a cursor that is read into
 * one batch after the other until it ends.
 *
 * A batch gets a position only where reading can go on without losing or repeating a row: where the next row has
 * another key, or at the end of the result. So rows of the same timestamp stay together whatever happens, and a sink
 * that commits records and position at once delivers each exactly once.
 */
#include "sources/query/source.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "sources/query/polled.h"

#include <stdlib.h>

enum { BATCH_BYTES = 256 * 1024 }; /* a batch is worth handing on: see batch.max.rows */

struct source {
    const struct source_env *env;
    const struct plugin_config *plugin_config;
    const struct query_config *config;
    struct db *db;
    struct table_filter filter;
    struct map planned;           /* full names of the tables that some task had at the start */
    VEC(struct polled *) polled;  /* those that are polled now */
    VEC(struct polled *) retired; /* whose table is gone; batches may still point to their topics */
    struct polled *current;       /* of the open cursor */
    struct db_cursor *cursor;
    int64_t tables_due_ms; /* next look for new and dropped tables */
    struct arena scratch;
};

static void say(const struct source *s, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(const struct source *s, enum log_level level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_BUF text = {0};
    buf_vprintf(&text, format, args);
    va_end(args);
    if (s->env->log)
        s->env->log(s->env->ctx, (int)level, buf_cstr(&text));
}

/* ---- opening ---- */

static int connect_patiently(struct source *s, struct error *err)
{
    for (int32_t attempt = 1;; attempt++) {
        AUTO_BUF name = {0};
        buf_printf(&name, "tributary %s %d", s->env->connector, s->env->task);
        int code = query_connect(s->plugin_config, buf_cstr(&name), s->env->stop, &s->db, err);
        if (!code || !error_is_retriable((enum error_code)code) || attempt >= s->config->attempts)
            return code;
        say(s, LOG_WARN, "attempt %d of %d: %s", attempt, s->config->attempts, err->text);
        if (wake_wait(s->env->stop, -1, 0, s->config->backoff_ms) == WAKE_RAISED)
            return error_set(err, ERROR_STOPPED, "asked to stop while connecting");
    }
}

/* Checks the columns; warnings go to the log, errors into *err. */
static int resolve(struct source *s, struct polled *p, struct error *err)
{
    struct findings findings;
    findings_init(&findings);
    int code = polled_resolve(p, s->db, &findings, err);
    vec_each (&findings.items, f)
        if (f->level == FINDING_WARNING)
            say(s, LOG_WARN, STR_FMT, STR_ARG(f->text));
    if (!code)
        code = findings_error(&findings, err);
    findings_release(&findings);
    return code;
}

static int add_polled(struct source *s, const struct db_table *t, struct error *err)
{
    struct polled *p = mem_new(struct polled);
    int code = polled_init(p, s->plugin_config, t, err);
    if (code) {
        free(p);
        return code;
    }
    code = polled_load_offset(p, s->env, s->plugin_config, s->db, err);
    if (code) {
        polled_release(p);
        free(p);
        return code;
    }
    *vec_push(&s->polled) = p;
    return 0;
}

static void note_planned(struct source *s, const struct db_table *t)
{
    arena_reset(&s->scratch);
    map_put(&s->planned, table_full_name(t, &s->scratch), s);
}

static int add_planned(struct source *s, struct error *err)
{
    struct arena arena = {0};
    struct db_table *tables;
    size_t n;
    int code = table_list_parse(s->config->known_tables, &arena, &tables, &n, err);
    for (size_t i = 0; i < n && !code; i++)
        note_planned(s, &tables[i]);
    if (!code)
        code = table_list_parse(s->config->tables, &arena, &tables, &n, err);
    for (size_t i = 0; i < n && !code; i++) {
        note_planned(s, &tables[i]);
        code = add_polled(s, &tables[i], err);
    }
    arena_free(&arena);
    return code;
}

static bool reads_query(const struct source *s)
{
    return s->polled.len && s->polled.items[0]->is_query;
}

int query_open(const struct source_env *env, const struct plugin_config *config, struct source **ret, struct error *err)
{
    struct source *s = mem_new(struct source);
    s->env = env;
    s->plugin_config = config;
    s->config = config->parsed;
    s->filter.config = s->config;
    int code = table_filter_init(&s->filter, s->config, err);
    if (!code)
        code = connect_patiently(s, err);
    struct str statement = code ? STR_NULL : query_statement(s->config, &s->scratch);
    if (!code)
        code = statement.ptr ? add_polled(s, NULL, err) : add_planned(s, err);
    s->tables_due_ms = reads_query(s) ? INT64_MAX : clock_mono_ms() + s->config->table_poll_interval_ms;
    if (!code && !reads_query(s) && !s->polled.len) {
        say(s, LOG_WARN, "no table passes the filters; looking again every %lld ms",
            (long long)s->config->table_poll_interval_ms);
        s->tables_due_ms = clock_mono_ms(); /* plan may have been made long ago, or without us */
    }
    if (code)
        query_close(s);
    else
        *ret = s;
    return code;
}

static void free_polled(struct polled *p)
{
    polled_release(p);
    free(p);
}

void query_close(struct source *s)
{
    db_cursor_close(s->cursor);
    db_close(s->db);
    vec_each (&s->polled, p)
        free_polled(*p);
    vec_each (&s->retired, p)
        free_polled(*p);
    vec_free(&s->polled);
    vec_free(&s->retired);
    map_free(&s->planned, NULL);
    table_filter_release(&s->filter);
    arena_free(&s->scratch);
    free(s);
}

/* ---- tables that come and go ---- */

static bool is_polled(const struct source *s, struct str full_name)
{
    for (size_t i = 0; i < s->polled.len; i++)
        if (str_equal(s->polled.items[i]->full_name, full_name))
            return true;
    return false;
}

static struct polled *find_retired(struct source *s, struct str full_name)
{
    for (size_t i = 0; i < s->retired.len; i++)
        if (str_equal(s->retired.items[i]->full_name, full_name))
            return s->retired.items[i];
    return NULL;
}

/* A table is ours when the plan gave it to us, or when it is newer than the plan and falls to us by its name. */
static int take_table(struct source *s, const struct db_table *t, struct error *err)
{
    struct arena arena = {.chunk_size = 512};
    struct str full_name = table_full_name(t, &arena);
    struct polled *retired = find_retired(s, full_name);
    int code = 0;
    if (retired) {
        for (size_t i = 0; i < s->retired.len; i++)
            if (s->retired.items[i] == retired)
                s->retired.items[i] = s->retired.items[--s->retired.len];
        retired->resolved = false;
        retired->due_ms = 0;
        *vec_push(&s->polled) = retired;
        say(s, LOG_INFO, "table " STR_FMT " is back", STR_ARG(full_name));
    } else if (!is_polled(s, full_name) && !map_get(&s->planned, full_name) &&
               table_late_task(t, s->config->task_count) == s->env->task) {
        say(s, LOG_INFO, "table " STR_FMT " is new and captured from now on", STR_ARG(full_name));
        code = add_polled(s, t, err);
    }
    arena_free(&arena);
    return code;
}

static int look_for_tables(struct source *s, struct error *err)
{
    struct arena arena = {0};
    struct db_table *tables;
    size_t n = 0;
    s->tables_due_ms = clock_mono_ms() + s->config->table_poll_interval_ms;
    int code = tables_find(s->db, &s->filter, &arena, &tables, &n, err);
    if (code == ERROR_CONFIG) { /* what runs already need not suffer from a newcomer */
        say(s, LOG_WARN, "new tables are not captured: %s", err->text);
        code = 0;
    }
    for (size_t i = 0; i < n && !code; i++)
        code = take_table(s, &tables[i], err);
    arena_free(&arena);
    return code;
}

static void retire(struct source *s, struct polled *p)
{
    for (size_t i = 0; i < s->polled.len; i++)
        if (s->polled.items[i] == p) {
            memmove(&s->polled.items[i], &s->polled.items[i + 1], sizeof(void *) * (s->polled.len - i - 1));
            s->polled.len--;
            break;
        }
    *vec_push(&s->retired) = p;
    say(s, LOG_WARN, STR_FMT " does not exist any more; it is left out until it is back", STR_ARG(p->label));
}

/* ---- polling ---- */

static struct polled *next_due(const struct source *s)
{
    struct polled *next = NULL;
    for (size_t i = 0; i < s->polled.len; i++)
        if (!next || s->polled.items[i]->due_ms < next->due_ms)
            next = s->polled.items[i];
    return next;
}

static int start_poll(struct source *s, struct polled *p, struct error *err)
{
    int code = p->resolved ? 0 : resolve(s, p, err);
    if (!code) {
        code = polled_start(p, s->db, &s->cursor, err);
        if (code)
            error_context(err, STR_FMT, STR_ARG(p->label));
    }
    if (code == ERROR_NOT_FOUND && !p->is_query) {
        retire(s, p);
        return 0;
    }
    if (!code)
        s->current = p;
    return code;
}

static int start_or_wait(struct source *s, struct error *err)
{
    struct polled *p = next_due(s);
    int64_t now = clock_mono_ms();
    int64_t due = p && p->due_ms < s->tables_due_ms ? p->due_ms : s->tables_due_ms;
    if (due > now) {
        wake_wait(s->env->stop, -1, 0, due - now);
        return 0;
    }
    return p && p->due_ms == due ? start_poll(s, p, err) : look_for_tables(s, err);
}

static void end_poll(struct source *s)
{
    db_cursor_close(s->cursor);
    s->cursor = NULL;
    s->current->due_ms = clock_mono_ms() + s->config->poll_interval_ms;
}

static bool is_enough(const struct source *s, const struct batch *b)
{
    size_t bytes = batch_bytes(b);
    return bytes >= s->env->max_batch_bytes || (bytes >= BATCH_BYTES && b->len >= (size_t)s->config->batch_max_rows);
}

/* The batch is full: does the next row allow to resume between here and there? */
static int end_batch(struct source *s, struct batch *batch, struct error *err)
{
    struct polled *p = s->current;
    struct query_offset last = {0}, next;
    bool row = true;
    int code = polled_key(p, s->cursor, false, &batch->arena, &last, &row, err);
    if (code || p->config->mode == MODE_BULK) {
        if (!code)
            polled_commit(p, batch, &last);
        return code;
    }
    code = polled_key(p, s->cursor, true, &batch->arena, &next, &row, err);
    p->split = true;
    if (!code && (!row || !offset_equal(&last, &next)))
        polled_commit(p, batch, &last);
    return code;
}

/* The result is over. What the last batch without a position holds may be part of what ends here. */
static int end_result(struct source *s, struct batch *batch, struct error *err)
{
    struct polled *p = s->current;
    struct query_offset last = {0};
    bool row = false;
    int code = 0;
    if (batch->len)
        code = polled_key(p, s->cursor, false, &batch->arena, &last, &row, err);
    if (!code && row)
        polled_commit(p, batch, &last);
    return code;
}

static const struct schema *schema_for(struct source *s, struct batch *batch, const struct value *values)
{
    struct polled *p = s->current;
    const struct db_column *column = p->is_query ? row_plan_meet_nulls(&p->plan, values) : NULL;
    if (column) {
        say(s, LOG_INFO, STR_FMT ": column \"" STR_FMT "\", NOT NULL in its table, is null here: from now on optional",
            STR_ARG(p->label), STR_ARG(column->name));
        batch_hold(batch, p->plan.schema);
    }
    return p->plan.schema;
}

static int fill(struct source *s, struct batch *batch, struct error *err)
{
    struct polled *p = s->current;
    size_t n = p->plan.n_fields;
    batch_hold(batch, p->plan.schema);
    for (;;) {
        struct value *values = arena_array(&batch->arena, struct value, n);
        bool row;
        int code = db_cursor_next(s->cursor, &batch->arena, values, &row, err);
        if (__builtin_expect(code, 0))
            return code;
        if (!row) {
            code = end_result(s, batch, err);
            if (!code)
                end_poll(s);
            return code;
        }
        struct record *r = batch_add(batch);
        r->topic = p->topic;
        r->value_schema = schema_for(s, batch, values);
        r->value = value_items(VALUE_STRUCT, values, n);
        if (is_enough(s, batch))
            return end_batch(s, batch, err);
    }
}

/* A column turned out to be too narrow, and the database describes it wider now: the rows since the last position are
 * read again, unless some of them are gone already. */
static bool read_again(struct source *s, struct batch *batch, const struct error *err)
{
    struct polled *p = s->current;
    if (p->split || !db_cursor_widened(s->cursor))
        return false;
    say(s, LOG_INFO, STR_FMT ": %s; from here on it has a wider type", STR_ARG(p->label), err->text);
    batch_reset(batch);
    p->resolved = false;
    p->due_ms = 0;
    return true;
}

static int read_cursor(struct source *s, struct batch *batch, struct error *err)
{
    int code = fill(s, batch, err);
    if (!code)
        return 0;
    if (code == ERROR_DATA && read_again(s, batch, err))
        code = 0;
    else
        error_context(err, STR_FMT, STR_ARG(s->current->label));
    db_cursor_close(s->cursor);
    s->cursor = NULL;
    return code;
}

int query_read(struct source *s, struct batch *batch, struct error *err)
{
    int code = s->cursor ? 0 : start_or_wait(s, err);
    return !code && s->cursor ? read_cursor(s, batch, err) : code;
}
