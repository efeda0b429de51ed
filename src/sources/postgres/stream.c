/*
 * The stream: logical replication with pgoutput. Transactions come whole and in the order of their commits.
 *
 * What is confirmed to the server: the position that commit() brought, and beyond it only WAL of which it is known that
 * nothing in it is for us (`idle`), so that the slot moves on while others write and our tables are quiet.
 */
#include "db/postgres/decode.h"
#include "sources/postgres/source.h"

#include <stdlib.h>

enum { FIRST_RELATIONS = 64, CONFIRM_WAIT_MS = 50 /* while a position is on its way to be safe */ };

/* ---- relations ---- */

static struct pgc_relation *slot_of(struct source *s, uint32_t oid)
{
    size_t i = (oid * 2654435761u) & (s->n_slots - 1);
    while (s->relations[i].oid && s->relations[i].oid != oid)
        i = (i + 1) & (s->n_slots - 1);
    return &s->relations[i];
}

static void grow_relations(struct source *s)
{
    struct pgc_relation *old = s->relations;
    size_t n = s->n_slots;
    s->n_slots = n ? n * 2 : FIRST_RELATIONS;
    s->relations = mem_new_array(struct pgc_relation, s->n_slots);
    for (size_t i = 0; i < n; i++)
        if (old[i].oid)
            *slot_of(s, old[i].oid) = old[i];
    free(old);
}

static void put_relation(struct source *s, uint32_t oid, struct pgc_table *table)
{
    if ((s->n_relations + 1) * 2 > s->n_slots)
        grow_relations(s);
    struct pgc_relation *slot = slot_of(s, oid);
    if (!slot->oid)
        s->n_relations++;
    else if (slot->table)
        *vec_push(&s->retired) = slot->table;
    *slot = (struct pgc_relation){oid, table};
}

void pgc_relations_release(struct source *s)
{
    for (size_t i = 0; i < s->n_slots; i++)
        pgc_table_free(s->relations[i].table);
    for (size_t i = 0; i < s->retired.len; i++)
        pgc_table_free(s->retired.items[i]);
    vec_free(&s->retired);
    free(s->relations);
}

/* Debezium reads a Relation's names byte by byte, signed: é becomes two characters of U+FF80 to U+FFFF. Consumers of
 * its events know columns by these names. */
static struct str wire_name(struct str name, struct arena *arena)
{
    size_t high = 0;
    for (size_t i = 0; i < name.len; i++)
        high += (unsigned char)name.ptr[i] >= 0x80;
    if (!high)
        return arena_str(arena, name);
    char *out = arena_alloc(arena, name.len + 2 * high + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c < 0x80) {
            out[n++] = (char)c;
            continue;
        }
        out[n++] = (char)0xef;
        out[n++] = (char)(0xbc | (c >> 6 & 3));
        out[n++] = (char)(0x80 | (c & 0x3f));
    }
    return str_of(out, n);
}

static const struct pgc_column_info *by_name(const struct pgc_column_info *columns, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_equal(columns[i].name, name))
            return &columns[i];
    return NULL;
}

static bool has_unknown_type(const struct source *s, const struct pgoutput_message *m)
{
    enum { FIRST_OF_USERS = 16384 }; /* types of users may have changed too: labels of an enum */
    for (uint16_t i = 0; i < m->relation_info.n_columns; i++)
        if (m->relation_info.columns[i].type >= FIRST_OF_USERS ||
            !pgc_types_find(&s->types, m->relation_info.columns[i].type))
            return true;
    return false;
}

/* Names and types as the message has them, keys and nulls as the catalog has them now. */
static int describe(struct source *s, const struct pgoutput_message *m, struct arena *arena, struct pgc_table_info *ret,
                    struct error *err)
{
    struct pgc_column_info *known;
    size_t n = m->relation_info.n_columns, n_known;
    int code = has_unknown_type(s, m) ? pgc_types_load(&s->types, &s->sql, err) : 0;
    if (!code)
        code = pgc_describe_table(s, m->relation, arena, &known, &n_known, err);
    if (code)
        return code;
    ret->columns = arena_zalloc(arena, sizeof *ret->columns * (n + 1));
    ret->n = n;
    for (size_t i = 0; i < n; i++) {
        const struct pgoutput_column *c = &m->relation_info.columns[i];
        const struct pgc_column_info *k = by_name(known, n_known, c->name);
        ret->columns[i] = (struct pgc_column_info){
            .name = wire_name(c->name, arena),
            .type = c->type,
            .typmod = c->typmod,
            .optional = k ? k->optional : true,
            .key = k ? k->key : 0,
            .unsent = c->type == PG_NAME && !s->config->include_unknown,
        };
    }
    return 0;
}

static int take_relation(struct source *s, const struct pgoutput_message *m, struct error *err)
{
    struct str schema = m->relation_info.schema.len ? m->relation_info.schema : STR("pg_catalog");
    struct pgc_table_info info = {.oid = m->relation, .schema = schema, .name = m->relation_info.name};
    if (!debezium_filter_table(&s->filter, schema, info.name)) {
        put_relation(s, m->relation, NULL);
        return 0;
    }
    struct arena arena = {0};
    int code = describe(s, m, &arena, &info, err);
    const struct pgc_relation *known = s->n_slots ? slot_of(s, m->relation) : NULL;
    bool same = !code && known && known->oid && known->table && known->table->signature == pgc_table_signature(&info) &&
                !has_unknown_type(s, m);
    if (!code && !same)
        put_relation(s, m->relation, pgc_table_new(&s->tables_env, &info));
    arena_free(&arena);
    return code;
}

/* ---- changes ---- */

static int decode_row(struct source *s, const struct pgc_table *t, const struct pgoutput_tuple *tuple,
                      const struct value *old, struct batch *batch, struct value *ret, struct value *ret_key,
                      struct error *err)
{
    (void)s;
    return pgc_table_row(t, tuple->cells, tuple->n, old, &batch->arena, ret, ret_key, err);
}

static int take_update(struct source *s, const struct pgc_table *t, const struct pgoutput_message *m,
                       struct batch *batch, struct error *err)
{
    struct value before = value_null(), old_key = value_null(), after, key;
    int code = 0;
    if (m->change.old.kind)
        code = decode_row(s, t, &m->change.old, NULL, batch, &before, &old_key, err);
    const struct value *old = m->change.old.kind == 'O' ? before.items : NULL;
    if (!code)
        code = decode_row(s, t, &m->change.new, old, batch, &after, &key, err);
    if (code)
        return code;
    if (!m->change.old.kind || !t->key || value_equal(&old_key, &key)) {
        pgc_emit(s, batch, &(struct pgc_change){.table = t, .op = 'u', .key = key, .before = before, .after = after});
        return 0;
    }
    pgc_emit(s, batch,
             &(struct pgc_change){.table = t, .op = 'd', .key = old_key, .before = before, .after = value_null()});
    pgc_emit_tombstone(s, batch, t, old_key);
    pgc_emit(s, batch, &(struct pgc_change){.table = t, .op = 'c', .key = key, .before = value_null(), .after = after});
    return 0;
}

static int take_row(struct source *s, const struct pgc_table *t, const struct pgoutput_message *m, struct batch *batch,
                    struct error *err)
{
    struct pgc_change c = {.table = t, .before = value_null(), .after = value_null()};
    int code;
    switch (m->type) {
    case 'I':
        c.op = 'c';
        code = decode_row(s, t, &m->change.new, NULL, batch, &c.after, &c.key, err);
        if (!code)
            pgc_emit(s, batch, &c);
        return code;
    case 'U':
        return take_update(s, t, m, batch, err);
    default:
        c.op = 'd';
        code = decode_row(s, t, &m->change.old, NULL, batch, &c.before, &c.key, err);
        if (!code) {
            pgc_emit(s, batch, &c);
            pgc_emit_tombstone(s, batch, t, c.key);
        }
        return code;
    }
}

static int take_change(struct source *s, const struct pgoutput_message *m, struct batch *batch, struct error *err)
{
    const struct pgc_relation *r = s->n_slots ? slot_of(s, m->relation) : NULL;
    if (!r || !r->oid)
        return error_set(err, ERROR_DATA, "a change of relation %u came before its description", m->relation);
    if (!r->table)
        return 0;
    int code = take_row(s, r->table, m, batch, err);
    if (code != ERROR_DATA || s->config->failure_mode == PGC_FAILURE_FAIL)
        return code ? error_context(err, "at LSN %X/%X", (unsigned)(s->lsn >> 32), (unsigned)s->lsn) : 0;
    if (s->config->failure_mode == PGC_FAILURE_WARN)
        pgc_say(s, LOG_WARN, "the event at LSN %X/%X is left out: %s", (unsigned)(s->lsn >> 32), (unsigned)s->lsn,
                err->text);
    return 0;
}

/* ---- transactions ---- */

static void take_begin(struct source *s, const struct pgoutput_message *m, struct batch *batch)
{
    s->in_transaction = true;
    s->xid = m->begin.xid;
    s->commit_us = m->begin.time_us + PGC_EPOCH_US;
    s->transactions++;
    s->events = 0;
    s->touched = NULL;
    s->touched_end = &s->touched;
    if (s->config->transactions)
        pgc_emit_transaction(s, batch, false);
}

static void take_commit(struct source *s, const struct pgoutput_message *m, struct batch *batch, size_t records_before)
{
    if (s->config->transactions)
        pgc_emit_transaction(s, batch, true);
    s->in_transaction = false;
    (void)records_before;
    s->idle = m->commit.end_lsn;
}

static int take_message(struct source *s, const struct pgoutput_frame *f, struct batch *batch, struct error *err)
{
    struct pgoutput_message m;
    const uint8_t *data = arena_dup(&batch->arena, f->data, f->len);
    int code = pgoutput_decode(s->decoder, data, f->len, &m, err);
    if (code)
        return code;
    size_t before = batch->len;
    switch (m.type) {
    case 'B':
        take_begin(s, &m, batch);
        break;
    case 'C':
        take_commit(s, &m, batch, before);
        break;
    case 'R':
        code = take_relation(s, &m, err);
        break;
    case 'I':
    case 'U':
    case 'D':
        s->lsn = f->start;
        code = take_change(s, &m, batch, err);
        break;
    default: /* truncations and messages make no events in this version of the format */
        break;
    }
    s->dirty |= batch->len > before;
    return code;
}

/* ---- status ---- */

int pgc_stream_status(struct source *s, bool reply, struct error *err)
{
    uint8_t status[PGOUTPUT_STATUS_SIZE];
    uint64_t received = s->received > s->flushed ? s->received : s->flushed;
    pgoutput_status(received, s->flushed, clock_wall_us() - PGC_EPOCH_US, reply, status);
    if (PQputCopyData(s->stream.pg, (const char *)status, sizeof status) <= 0)
        return pgc_connection_error(&s->stream, err);
    int n;
    while ((n = PQflush(s->stream.pg)) > 0) {
        int code = pgc_wait(&s->stream, true, -1, NULL, err);
        if (code)
            return code;
        if (!PQconsumeInput(s->stream.pg))
            return pgc_connection_error(&s->stream, err);
    }
    s->last_status_ms = clock_mono_ms();
    return n < 0 ? pgc_connection_error(&s->stream, err) : 0;
}

/* Everything that was handed on is safe: then so is what lies behind it and is not ours. */
static bool all_is_safe(const struct source *s)
{
    return !s->in_transaction && !s->dirty && s->flushed >= s->emitted;
}

static int take_keepalive(struct source *s, const struct pgoutput_frame *f, struct error *err)
{
    if (!s->in_transaction && f->end > s->idle)
        s->idle = f->end;
    if (all_is_safe(s) && s->idle > s->flushed)
        s->flushed = s->idle;
    return f->reply ? pgc_stream_status(s, false, err) : 0;
}

static int take_frame(struct source *s, const char *data, int len, struct batch *batch, struct error *err)
{
    struct pgoutput_frame f;
    int code = pgoutput_frame((const uint8_t *)data, (size_t)len, &f, err);
    if (code)
        return code;
    uint64_t seen = f.type == 'w' ? f.start : f.end;
    if (seen > s->received)
        s->received = seen;
    return f.type == 'w' ? take_message(s, &f, batch, err) : take_keepalive(s, &f, err);
}

/* ---- starting ---- */

static void add_stream_params(const struct source *s, struct buf *sql)
{
    struct str rest = s->config->stream_params;
    while (rest.ptr && rest.len) {
        struct str pair = str_trim(str_split(rest, ';', &rest)), value;
        struct str name = str_split(pair, '=', &value);
        if (!name.len)
            continue;
        buf_add_cstr(sql, ", ");
        pgc_add_identifier(sql, name);
        buf_add_char(sql, ' ');
        pgc_add_literal(sql, value.ptr ? value : STR(""));
    }
}

static int start_replication(struct source *s, uint64_t from, struct error *err)
{
    AUTO_BUF sql = {0}, names = {0};
    PGresult *r;
    buf_add_cstr(&sql, "START_REPLICATION SLOT ");
    pgc_add_identifier(&sql, s->config->slot_name);
    buf_printf(&sql, " LOGICAL %X/%X (proto_version '1', publication_names ", (unsigned)(from >> 32), (unsigned)from);
    pgc_add_identifier(&names, s->config->publication_name);
    pgc_add_literal(&sql, buf_str(&names));
    add_stream_params(s, &sql);
    buf_add_char(&sql, ')');
    int code = pgc_exec(&s->stream, buf_cstr(&sql), &r, err);
    if (code)
        return error_context(err, "starting replication from slot \"" STR_FMT "\"", STR_ARG(s->config->slot_name));
    if (PQresultStatus(r) != PGRES_COPY_BOTH)
        code = error_set(err, ERROR_DATA, "the server did not begin to stream");
    PQclear(r);
    return code;
}

int pgc_stream_start(struct source *s, struct error *err)
{
    for (int32_t attempt = 0;; attempt++) {
        int code = pgc_connect(s->config, true, s->env->stop, "tributary streaming", &s->stream, err);
        if (!code)
            code = start_replication(s, s->emitted, err);
        if (!code)
            break;
        pgc_disconnect(&s->stream);
        if (code == ERROR_CONFLICT)
            err->code = code = ERROR_CONNECTION; /* somebody else reads the slot: our own last session, perhaps */
        if (!error_is_retriable((enum error_code)code) || attempt >= s->config->slot_retries)
            return code;
        pgc_say(s, LOG_WARN, "attempt %d of %d: %s", attempt + 1, s->config->slot_retries + 1, err->text);
        if (wake_wait(s->env->stop, -1, 0, s->config->slot_retry_ms) == WAKE_RAISED)
            return error_set(err, ERROR_STOPPED, "asked to stop while waiting for the replication slot");
    }
    s->flushed = s->received = s->idle = s->emitted;
    s->streaming = true;
    s->last_status_ms = s->last_heartbeat_ms = clock_mono_ms();
    pgc_say(s, LOG_INFO, "streaming from %X/%X", (unsigned)(s->emitted >> 32), (unsigned)s->emitted);
    return 0;
}

/* ---- reading ---- */

static int fetch_xmin(struct source *s, struct error *err)
{
    int64_t now = clock_mono_ms();
    if (s->config->xmin_interval_ms <= 0 || (s->last_xmin_ms && now - s->last_xmin_ms < s->config->xmin_interval_ms))
        return 0;
    AUTO_BUF sql = {0};
    PGresult *r;
    buf_add_cstr(&sql, "SELECT catalog_xmin FROM pg_catalog.pg_replication_slots WHERE slot_name = ");
    pgc_add_literal(&sql, s->config->slot_name);
    int code = pgc_exec(&s->sql, buf_cstr(&sql), &r, err);
    if (code)
        return code;
    bool known = PQntuples(r) == 1 && !PQgetisnull(r, 0, 0);
    s->xmin = known ? value_int64((int64_t)strtoull(PQgetvalue(r, 0, 0), NULL, 10)) : value_null();
    s->last_xmin_ms = now;
    PQclear(r);
    return 0;
}

static bool heartbeat_is_due(const struct source *s)
{
    return s->config->heartbeat_ms > 0 && !s->in_transaction &&
           clock_mono_ms() - s->last_heartbeat_ms >= s->config->heartbeat_ms;
}

static int heartbeat(struct source *s, struct batch *batch, struct error *err)
{
    s->last_heartbeat_ms = clock_mono_ms();
    pgc_emit_heartbeat(s, batch);
    s->dirty = true;
    if (!s->config->heartbeat_query.len)
        return 0;
    int code = pgc_execf(&s->sql, NULL, err, STR_FMT, STR_ARG(s->config->heartbeat_query));
    return code ? error_context(err, "heartbeat.action.query") : 0;
}

static int wait_for_data(struct source *s, struct error *err)
{
    int64_t now = clock_mono_ms(), due = s->last_status_ms + s->config->status_interval_ms;
    if (s->config->heartbeat_ms > 0 && s->last_heartbeat_ms + s->config->heartbeat_ms < due)
        due = s->last_heartbeat_ms + s->config->heartbeat_ms;
    int64_t left = due - now > 0 ? due - now : 0;
    if (s->flushed < s->emitted && left > CONFIRM_WAIT_MS)
        left = CONFIRM_WAIT_MS;
    int code = pgc_wait(&s->stream, false, left, NULL, err);
    if (!code && !PQconsumeInput(s->stream.pg))
        code = pgc_connection_error(&s->stream, err);
    return code;
}

static int stream_ended(struct source *s, int n, struct error *err)
{
    if (n == -2)
        return pgc_connection_error(&s->stream, err);
    PGresult *r = PQgetResult(s->stream.pg);
    int code = r && PQresultStatus(r) == PGRES_FATAL_ERROR
                   ? pgc_result_error(r, err)
                   : error_set(err, ERROR_CONNECTION, "the server ended the stream");
    PQclear(r);
    return code;
}

static int upkeep(struct source *s, struct batch *batch, struct error *err)
{
    int code = 0;
    if (clock_mono_ms() - s->last_status_ms >= s->config->status_interval_ms)
        code = pgc_stream_status(s, false, err);
    if (!code && heartbeat_is_due(s))
        code = heartbeat(s, batch, err);
    return code ? code : fetch_xmin(s, err);
}

int pgc_stream_read(struct source *s, struct batch *batch, struct error *err)
{
    bool waited = false;
    int code = s->streaming ? 0 : pgc_stream_start(s, err);
    if (!code)
        code = upkeep(s, batch, err);
    while (!code) {
        char *data = NULL;
        int n = PQgetCopyData(s->stream.pg, &data, 1);
        if (n > 0) {
            code = take_frame(s, data, n, batch, err);
            PQfreemem(data);
        } else if (n < 0) {
            code = stream_ended(s, n, err);
        } else if (batch->len || (s->dirty && !s->in_transaction) || waited) {
            break; /* nothing more has come: hand on what there is */
        } else {
            waited = true; /* once a read: commit() comes between reads */
            code = wait_for_data(s, err);
        }
        if (batch_bytes(batch) >= s->env->max_batch_bytes || batch->len >= (size_t)s->config->max_batch)
            break;
    }
    if (!code && !s->in_transaction && s->dirty)
        pgc_set_position(s, batch, false, s->idle > s->emitted ? s->idle : s->emitted);
    return code;
}
