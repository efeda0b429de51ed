/*
 * The snapshot: COPY of one table after the other, in one repeatable-read transaction that sees the database as of the
 * slot's consistent point. The stream begins at that point, so nothing is missing and nothing comes twice.
 *
 * No batch of it has a position but the last: after a crash the snapshot starts anew, and what it had written is part
 * of a transaction of the sink that never ended.
 */
#include "sources/postgres/source.h"

#include <stdlib.h>

enum { PROGRESS_ROWS = 1000000 };

/* ---- beginning ---- */

/* A snapshot exported by a slot that is made for it: the slot itself, or a temporary one when it exists already. */
static int export_snapshot(struct source *s, struct str *ret, struct error *err)
{
    bool exists, active;
    int code = pgc_find_slot(&s->sql, s->config, &exists, &active, err);
    if (code)
        return code;
    code = pgc_connect(s->config, true, s->env->stop, "tributary snapshot", &s->holder, err);
    if (code)
        return code;
    AUTO_FREE char *name = exists ? mem_printf("tributary_snapshot_%d", PQbackendPID(s->holder.pg))
                                  : mem_strndup(s->config->slot_name.ptr, s->config->slot_name.len);
    pgc_say(s, LOG_INFO,
            exists ? "replication slot \"" STR_FMT "\" exists already; the snapshot has one of its own"
                   : "creating replication slot \"" STR_FMT "\"",
            STR_ARG(s->config->slot_name));
    return pgc_create_slot(&s->holder, name, exists, "pgoutput", &s->arena, &s->snapshot_lsn, ret, err);
}

static int begin_transaction(struct source *s, struct error *err)
{
    struct str exported = STR_NULL;
    bool streams = s->config->snapshot_mode != PGC_SNAPSHOT_INITIAL_ONLY;
    int code = streams ? export_snapshot(s, &exported, err) : 0;
    if (!code)
        code = pgc_execf(&s->sql, NULL, err, "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = %lld",
                         (long long)s->config->snapshot_lock_ms);
    if (!code && exported.ptr)
        code = pgc_execf(&s->sql, NULL, err, "SET TRANSACTION SNAPSHOT '" STR_FMT "'", STR_ARG(exported));
    PGresult *r;
    if (!code)
        code = pgc_exec(&s->sql, "SELECT pg_catalog.txid_current(), pg_catalog.pg_current_wal_lsn()", &r, err);
    if (code)
        return error_context(err, "beginning the snapshot");
    s->snapshot_xid = (int64_t)(uint32_t)strtoull(PQgetvalue(r, 0, 0), NULL, 10);
    if (!exported.ptr)
        s->snapshot_lsn = pgc_parse_lsn(PQgetvalue(r, 0, 1));
    PQclear(r);
    pgc_disconnect(&s->holder); /* our transaction has taken the snapshot over */
    return 0;
}

static int add_tables(struct source *s, struct error *err)
{
    struct arena arena = {0};
    struct pgc_found_table *tables;
    size_t n = 0;
    int code = pgc_find_tables(s, &arena, &tables, &n, err);
    for (size_t i = 0; i < n && !code; i++) {
        struct pgc_table_info info = {
            .oid = tables[i].oid, .schema = tables[i].schema, .name = tables[i].name, .key_in_order = true};
        code = pgc_describe_table(s, info.oid, &arena, &info.columns, &info.n, err);
        if (!code)
            *vec_push(&s->snapshot.tables) = pgc_table_new(&s->tables_env, &info);
        if (!code) { /* the names as the catalog has them: sanitised ones would not select */
            struct pgc_table *t = s->snapshot.tables.items[s->snapshot.tables.len - 1];
            AUTO_BUF list = {0};
            for (size_t k = 0; k < info.n; k++) {
                if (k)
                    buf_add_cstr(&list, ", ");
                pgc_add_identifier(&list, info.columns[k].name);
            }
            t->select_list = arena_str(&t->arena, buf_str(&list));
        }
    }
    arena_free(&arena);
    return code;
}

int pgc_snapshot_begin(struct source *s, struct error *err)
{
    if (s->config->snapshot_delay_ms > 0 && wake_wait(s->env->stop, -1, 0, s->config->snapshot_delay_ms) == WAKE_RAISED)
        return error_set(err, ERROR_STOPPED, "asked to stop while waiting to begin the snapshot");
    s->snapshot.started_ms = clock_mono_ms();
    int code = begin_transaction(s, err);
    if (!code)
        code = add_tables(s, err);
    if (!code) {
        s->snapshot.begun = true;
        pgc_say(s, LOG_INFO, "snapshot of %zu tables at %X/%X", s->snapshot.tables.len,
                (unsigned)(s->snapshot_lsn >> 32), (unsigned)s->snapshot_lsn);
    }
    return code;
}

/* ---- reading ---- */

/* The statement that snapshot.select.statement.overrides gives for the table; STR_NULL: none. */
static struct str override(const struct source *s, const struct pgc_table *t)
{
    struct str rest = s->config->snapshot_overrides;
    while (rest.ptr && rest.len) {
        if (!str_equal(str_trim(str_split(rest, ',', &rest)), t->full_name))
            continue;
        AUTO_BUF name = {0};
        buf_printf(&name, "snapshot.select.statement.overrides." STR_FMT, STR_ARG(t->full_name));
        struct str sql = str_trim(config_get(s->plugin_config->raw, buf_cstr(&name)));
        while (sql.len && sql.ptr[sql.len - 1] == ';')
            sql = str_trim(str_of(sql.ptr, sql.len - 1));
        return sql;
    }
    return STR_NULL;
}

static int start_copy(struct source *s, struct pgc_table *t, struct error *err)
{
    struct str own = override(s, t);
    AUTO_BUF sql = {0};
    buf_printf(&sql, "COPY (SELECT " STR_FMT " FROM ", STR_ARG(t->select_list));
    if (own.len) {
        buf_printf(&sql, "(" STR_FMT "\n) AS rows", STR_ARG(own));
    } else {
        pgc_add_identifier(&sql, t->schema);
        buf_add_char(&sql, '.');
        pgc_add_identifier(&sql, t->name);
    }
    buf_add_cstr(&sql, ") TO STDOUT");
    PGresult *r;
    int code = pgc_exec(&s->sql, buf_cstr(&sql), &r, err);
    if (!code)
        PQclear(r);
    return code;
}

static char unescaped(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'v':
        return '\v';
    default:
        return c;
    }
}

/* A line of COPY's text format to cells, unescaped in place. False: more columns than the table has. */
static bool split_line(char *line, size_t len, struct pgoutput_cell *cells, size_t max, size_t *ret_n)
{
    char *at = line, *end = line + len;
    size_t n = 0;
    if (len && end[-1] == '\n')
        end--;
    if (max == 0)
        return at == end;
    for (bool more = true; more;) {
        if (n == max)
            return false;
        char *out = at, *start = at;
        bool is_null = end - at >= 2 && at[0] == '\\' && at[1] == 'N' && (end - at == 2 || at[2] == '\t');
        while (at < end && *at != '\t') {
            if (*at == '\\' && at + 1 < end)
                *out++ = unescaped(*++at);
            else
                *out++ = *at;
            at++;
        }
        cells[n++] = is_null ? (struct pgoutput_cell){.kind = PGOUTPUT_NULL}
                             : (struct pgoutput_cell){.kind = PGOUTPUT_TEXT,
                                                      .len = (uint32_t)(out - start),
                                                      .data = (const uint8_t *)start};
        more = at < end;
        at++;
    }
    *ret_n = n;
    return true;
}

static int emit_line(struct source *s, struct batch *batch, bool last, struct error *err)
{
    struct pgc_snapshot *p = &s->snapshot;
    struct pgc_table *t = p->table;
    char *line = arena_dup(&batch->arena, p->line, (size_t)p->line_len);
    size_t n = 0;
    struct pgc_change change = {.table = t, .op = 'r', .before = value_null(), .last = last};
    if (!split_line(line, (size_t)p->line_len, s->cells, t->n, &n))
        return error_set(err, ERROR_DATA, "table " STR_FMT ": a row has more columns than the table",
                         STR_ARG(t->full_name));
    int code = pgc_table_row(t, s->cells, n, NULL, &batch->arena, &change.after, &change.key, err);
    if (code == ERROR_DATA && s->config->failure_mode != PGC_FAILURE_FAIL) {
        if (s->config->failure_mode == PGC_FAILURE_WARN)
            pgc_say(s, LOG_WARN, "a row is left out of the snapshot: %s", err->text);
        return 0;
    }
    if (code)
        return code;
    pgc_emit(s, batch, &change);
    if (++p->rows % PROGRESS_ROWS == 0)
        pgc_say(s, LOG_INFO, "snapshot: %lld rows so far, table " STR_FMT, (long long)p->rows, STR_ARG(t->full_name));
    return 0;
}

static void free_line(struct pgc_snapshot *p)
{
    if (p->line)
        PQfreemem(p->line);
    p->line = NULL;
}

/* One row further: the row at hand goes into the batch, the next one is read. */
static int step(struct source *s, struct batch *batch, struct error *err)
{
    struct pgc_snapshot *p = &s->snapshot;
    char *next = NULL;
    int next_len = 0;
    int code = pgc_copy_line(&s->sql, &next, &next_len, err);
    if (!code && p->line)
        code = emit_line(s, batch, !next && p->next == p->tables.len, err);
    free_line(p);
    p->line = next;
    p->line_len = next_len;
    if (!code && !next)
        p->table = NULL;
    return code;
}

static int finish(struct source *s, struct batch *batch, struct error *err)
{
    int code = pgc_exec(&s->sql, "COMMIT", NULL, err);
    if (code)
        return code;
    pgc_say(s, LOG_INFO, "snapshot is complete: %lld rows in %lld ms", (long long)s->snapshot.rows,
            (long long)(clock_mono_ms() - s->snapshot.started_ms));
    pgc_set_position(s, batch, true, 0);
    s->state = s->config->snapshot_mode == PGC_SNAPSHOT_INITIAL_ONLY ? PGC_STATE_IDLE : PGC_STATE_STREAM;
    return 0;
}

int pgc_snapshot_read(struct source *s, struct batch *batch, struct error *err)
{
    struct pgc_snapshot *p = &s->snapshot;
    int code = p->begun ? 0 : pgc_snapshot_begin(s, err);
    while (!code) {
        if (!p->table && p->next == p->tables.len)
            return finish(s, batch, err);
        if (!p->table) {
            p->table = p->tables.items[p->next++];
            code = start_copy(s, p->table, err);
        }
        if (!code)
            code = step(s, batch, err);
        if (batch_bytes(batch) >= s->env->max_batch_bytes || batch->len >= (size_t)s->config->max_batch)
            break;
    }
    return code && p->table ? error_context(err, "snapshot of table " STR_FMT, STR_ARG(p->table->full_name)) : code;
}

void pgc_snapshot_release(struct source *s)
{
    free_line(&s->snapshot);
    for (size_t i = 0; i < s->snapshot.tables.len; i++)
        pgc_table_free(s->snapshot.tables.items[i]);
    vec_free(&s->snapshot.tables);
}
