#include "sources/postgres/source.h"

#include "debezium/names.h"
#include "debezium/schemas.h"
#include "sources/postgres/plugin.h"

#include <stdlib.h>

void pgc_say(const struct source *s, enum log_level level, const char *format, ...)
{
    va_list args;
    AUTO_BUF text = {0};
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    if (s->env->log)
        s->env->log(s->env->ctx, (int)level, buf_cstr(&text));
}

/* ---- opening ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* toasted.value.placeholder: text, or "hex:" and digits. */
static void set_placeholder(struct source *s)
{
    struct str p = s->config->placeholder;
    if (str_starts(p, "hex:") && p.len % 2 == 0) {
        size_t n = (p.len - 4) / 2;
        char *bytes = arena_alloc(&s->arena, n + 1);
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)(hex_digit(p.ptr[4 + 2 * i]) << 4 | (hex_digit(p.ptr[5 + 2 * i]) & 15));
        p = str_of(bytes, n);
    }
    s->tables_env.placeholder_text = str_is_utf8(p) ? value_str(p) : value_str(STR(""));
    s->tables_env.placeholder_bytes = value_bytes(p.ptr, p.len);
}

static void set_names(struct source *s)
{
    const struct pgc_config *c = s->config;
    struct str heartbeat =
        arena_printf(&s->arena, STR_FMT "." STR_FMT, STR_ARG(c->heartbeat_prefix), STR_ARG(c->server_name));
    struct str transaction = arena_printf(&s->arena, STR_FMT ".transaction", STR_ARG(c->server_name));
    s->heartbeat_topic = debezium_topic_name(heartbeat, &s->arena);
    s->transaction_topic = debezium_topic_name(transaction, &s->arena);
    s->heartbeat_key = debezium_schema_heartbeat_key();
    s->heartbeat_value = debezium_schema_heartbeat_value();
    s->transaction_key = debezium_schema_transaction_key();
    s->transaction_value = debezium_schema_transaction_value();
}

/* What was stored: true when the stream can go on from s->emitted, the snapshot being complete. */
static bool load_offset(struct source *s, bool *ret_any)
{
    struct position_entry server[] = {{STR("server"), value_str(s->config->server_name)}};
    struct position_map partition = {server, 1}, offset;
    int64_t lsn = 0, lsn_proc = 0, xid = 0;
    *ret_any = s->env->offset && s->env->offset(s->env->ctx, &partition, &s->arena, &offset);
    if (!*ret_any)
        return false;
    const struct value *snapshot = position_get(&offset, "snapshot");
    const struct value *last = position_get(&offset, "last_snapshot_record");
    bool unfinished =
        snapshot && snapshot->type == VALUE_BOOLEAN && snapshot->b && !(last && last->type == VALUE_BOOLEAN && last->b);
    position_get_int(&offset, "lsn", &lsn);
    if (!position_get_int(&offset, "lsn_proc", &lsn_proc))
        lsn_proc = lsn;
    position_get_int(&offset, "txId", &xid);
    position_get_int(&offset, "ts_usec", &s->commit_us);
    s->emitted = (uint64_t)lsn_proc;
    s->lsn = (uint64_t)lsn;
    s->xid = (uint32_t)xid;
    return !unfinished && lsn_proc > 0;
}

static void choose_state(struct source *s, bool resumes)
{
    switch ((enum pgc_snapshot_mode)s->config->snapshot_mode) {
    case PGC_SNAPSHOT_ALWAYS:
        s->state = PGC_STATE_SNAPSHOT;
        break;
    case PGC_SNAPSHOT_NEVER:
        s->state = PGC_STATE_STREAM;
        break;
    case PGC_SNAPSHOT_INITIAL_ONLY:
        s->state = resumes ? PGC_STATE_IDLE : PGC_STATE_SNAPSHOT;
        break;
    default:
        s->state = resumes ? PGC_STATE_STREAM : PGC_STATE_SNAPSHOT;
        break;
    }
}

/* The slot the stream needs: made here when nothing was read from one before. */
static int ensure_slot(struct source *s, bool resumes, struct error *err)
{
    bool exists, active;
    struct str snapshot;
    int code = pgc_find_slot(&s->sql, s->config, &exists, &active, err);
    if (code || exists)
        return code;
    if (resumes && !s->config->drop_slot)
        return error_set(
            err, ERROR_CONFIG,
            "replication slot \"" STR_FMT "\" does not exist any more, so the changes since %X/%X cannot "
            "be had; delete the connector's offsets to begin with a new snapshot, or set slot.drop.on.stop "
            "to accept the gap",
            STR_ARG(s->config->slot_name), (unsigned)(s->emitted >> 32), (unsigned)s->emitted);
    if (resumes)
        pgc_say(s, LOG_WARN,
                "replication slot \"" STR_FMT "\" was dropped at the last stop: changes since then are "
                "missing",
                STR_ARG(s->config->slot_name));
    AUTO_FREE char *name = mem_strndup(s->config->slot_name.ptr, s->config->slot_name.len);
    uint64_t lsn = 0;
    pgc_say(s, LOG_INFO, "creating replication slot \"%s\"", name);
    code = pgc_connect(s->config, true, s->env->stop, "tributary slot", &s->holder, err);
    if (!code)
        code = pgc_create_slot(&s->holder, name, false, "pgoutput", &s->arena, &lsn, &snapshot, err);
    pgc_disconnect(&s->holder);
    if (!code)
        s->emitted = lsn;
    return code;
}

static int prepare(struct source *s, struct error *err)
{
    bool any;
    struct debezium_filter_lists lists = pgc_lists(s->config);
    int code = debezium_filter_init(&s->filter, &lists, s->plugin_config->raw, err);
    if (!code)
        code = pgc_add_system_filter(&s->filter, err);
    if (!code)
        code = pgc_connect(s->config, false, s->env->stop, "tributary", &s->sql, err);
    if (!code)
        code = pgc_types_load(&s->types, &s->sql, err);
    if (code)
        return code;
    bool resumes = load_offset(s, &any);
    choose_state(s, resumes);
    if (s->config->snapshot_mode == PGC_SNAPSHOT_INITIAL_ONLY)
        return 0;
    code = pgc_prepare_publication(s, err);
    if (!code && s->state == PGC_STATE_STREAM)
        code = ensure_slot(s, resumes, err);
    return code;
}

int pgc_open(const struct source_env *env, const struct plugin_config *config, struct source **ret, struct error *err)
{
    struct source *s = mem_new(struct source);
    s->env = env;
    s->plugin_config = config;
    s->config = config->parsed;
    s->touched_end = &s->touched;
    s->decoder = mem_new(struct pgoutput_decoder);
    s->cells = mem_new_array(struct pgoutput_cell, PGOUTPUT_MAX_COLUMNS);
    s->tables_env = (struct pgc_tables_env){
        .config = s->config,
        .filter = &s->filter,
        .types = &s->types,
        .source = pgc_source_schema(s->config->source_version == 1),
    };
    set_placeholder(s);
    set_names(s);
    int code = prepare(s, err);
    if (code)
        pgc_close(s);
    else
        *ret = s;
    return code;
}

/* ---- running ---- */

int pgc_read(struct source *s, struct batch *batch, struct error *err)
{
    switch (s->state) {
    case PGC_STATE_SNAPSHOT:
        return pgc_snapshot_read(s, batch, err);
    case PGC_STATE_STREAM:
        return pgc_stream_read(s, batch, err);
    default:
        wake_wait(s->env->stop, -1, 0, -1);
        return 0;
    }
}

int pgc_commit(struct source *s, const struct position *position, struct error *err)
{
    int64_t lsn;
    if (!position || !position_get_int(&position->offset, "lsn_proc", &lsn) || !s->streaming)
        return 0;
    if ((uint64_t)lsn > s->flushed)
        s->flushed = (uint64_t)lsn;
    if (!s->in_transaction && !s->dirty && s->flushed >= s->emitted && s->idle > s->flushed)
        s->flushed = s->idle;
    return pgc_stream_status(s, false, err);
}

/* slot.drop.on.stop: only when the task was asked to stop, and only when nothing is under way. */
static void drop_slot(struct source *s)
{
    struct error err = {0};
    struct pgc_conn c;
    if (!s->streaming || s->flushed < s->emitted || !wake_is_raised(s->env->stop))
        return;
    pgc_disconnect(&s->stream);
    if (pgc_connect(s->config, false, NULL, "tributary", &c, &err))
        return;
    AUTO_BUF sql = {0};
    buf_add_cstr(&sql, "SELECT pg_catalog.pg_drop_replication_slot(");
    pgc_add_literal(&sql, s->config->slot_name);
    buf_add_char(&sql, ')');
    if (pgc_exec(&c, buf_cstr(&sql), NULL, &err))
        pgc_say(s, LOG_WARN, "replication slot \"" STR_FMT "\" could not be dropped: %s", STR_ARG(s->config->slot_name),
                err.text);
    pgc_disconnect(&c);
}

void pgc_close(struct source *s)
{
    if (s->config->drop_slot)
        drop_slot(s);
    pgc_disconnect(&s->stream);
    pgc_disconnect(&s->holder);
    pgc_disconnect(&s->sql);
    pgc_snapshot_release(s);
    pgc_relations_release(s);
    schema_unref(s->tables_env.source);
    schema_unref(s->heartbeat_key);
    schema_unref(s->heartbeat_value);
    schema_unref(s->transaction_key);
    schema_unref(s->transaction_value);
    debezium_filter_release(&s->filter);
    pgc_types_release(&s->types);
    arena_free(&s->arena);
    free(s->decoder);
    free(s->cells);
    free(s);
}
