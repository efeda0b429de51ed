/* From rows to records. */
#include "debezium/schemas.h"
#include "sources/postgres/source.h"

static struct value source_block(struct source *s, struct batch *batch, const struct pgc_change *c, int64_t now_us)
{
    bool v1 = s->config->source_version == 1, snapshot = c->op == 'r';
    size_t n = v1 ? (size_t)SOURCE1_FIELDS : (size_t)SOURCE_FIELDS;
    struct value *v = arena_dup(&batch->arena, c->table->source, sizeof *v * n);
    int64_t us = snapshot ? now_us / 1000 * 1000 : s->commit_us;
    struct value xid = value_int64(snapshot ? s->snapshot_xid : (int64_t)s->xid);
    struct value lsn = value_int64((int64_t)(snapshot ? s->snapshot_lsn : s->lsn));
    if (v1) {
        v[SOURCE1_TS_USEC] = value_int64(us);
        v[SOURCE1_TXID] = xid;
        v[SOURCE1_LSN] = lsn;
        v[SOURCE1_XMIN] = s->xmin;
        v[SOURCE1_SNAPSHOT] = value_bool(snapshot);
        v[SOURCE1_LAST] = snapshot ? value_bool(c->last) : value_null();
    } else {
        int64_t ms = us / 1000 - (us % 1000 < 0);
        v[SOURCE_TS_MS] = value_int64(ms);
        v[SOURCE_SNAPSHOT] = value_str(!snapshot ? STR("false") : c->last ? STR("last") : STR("true"));
        v[SOURCE_TXID] = xid;
        v[SOURCE_LSN] = lsn;
        v[SOURCE_XMIN] = s->xmin;
    }
    return value_items(VALUE_STRUCT, v, n);
}

/* Counts the event, and says which of its transaction it is. */
static struct value transaction_block(struct source *s, struct batch *batch, const struct pgc_change *c)
{
    if (!s->config->transactions || c->op == 'r')
        return value_null();
    struct pgc_table *t = (struct pgc_table *)(uintptr_t)c->table;
    if (t->transaction != s->transactions) {
        t->transaction = s->transactions;
        t->count = 0;
        t->next_in_transaction = NULL;
        *s->touched_end = t;
        s->touched_end = &t->next_in_transaction;
    }
    struct value *v = arena_array(&batch->arena, struct value, 3);
    v[0] = value_str(arena_printf(&batch->arena, "%u", s->xid));
    v[1] = value_int64(++s->events);
    v[2] = value_int64(++t->count);
    return value_items(VALUE_STRUCT, v, 3);
}

static struct str op_text(char op)
{
    switch (op) {
    case 'r':
        return STR("r");
    case 'c':
        return STR("c");
    case 'u':
        return STR("u");
    default:
        return STR("d");
    }
}

static bool is_skipped(const struct source *s, char op)
{
    const struct str_list *list = &s->config->skipped_operations;
    for (size_t i = 0; i < list->len; i++)
        if (list->items[i].len == 1 && list->items[i].ptr[0] == op)
            return true;
    return false;
}

void pgc_emit(struct source *s, struct batch *batch, const struct pgc_change *c)
{
    if (is_skipped(s, c->op))
        return;
    const struct pgc_table *t = c->table;
    int64_t now_us = clock_wall_us();
    struct value *v = arena_array(&batch->arena, struct value, ENVELOPE_FIELDS);
    v[ENVELOPE_BEFORE] = c->before;
    v[ENVELOPE_AFTER] = c->after;
    v[ENVELOPE_SOURCE] = source_block(s, batch, c, now_us);
    v[ENVELOPE_OP] = value_str(op_text(c->op));
    v[ENVELOPE_TS_MS] = value_int64(now_us / 1000);
    v[ENVELOPE_TRANSACTION] = transaction_block(s, batch, c);
    batch_hold(batch, t->key);
    batch_hold(batch, t->envelope);
    struct record *r = batch_add(batch);
    r->topic = t->topic;
    r->key_schema = t->key;
    r->key = c->key;
    r->value_schema = t->envelope;
    r->value = value_items(VALUE_STRUCT, v, ENVELOPE_FIELDS);
}

void pgc_emit_tombstone(struct source *s, struct batch *batch, const struct pgc_table *t, struct value key)
{
    if (!s->config->tombstones || is_skipped(s, 'd'))
        return;
    batch_hold(batch, t->key);
    struct record *r = batch_add(batch);
    r->topic = t->topic;
    r->key_schema = t->key;
    r->key = key;
}

/* The tables in the order in which the reference's hash map gives them. */
static struct value collections(struct source *s, struct batch *batch)
{
    size_t n = 0;
    for (struct pgc_table *t = s->touched; t; t = t->next_in_transaction)
        n++;
    struct pgc_table **tables = arena_array(&batch->arena, struct pgc_table *, n + 1);
    struct str *names = arena_array(&batch->arena, struct str, n + 1);
    uint32_t *order = arena_array(&batch->arena, uint32_t, n + 1);
    n = 0;
    for (struct pgc_table *t = s->touched; t; t = t->next_in_transaction) {
        tables[n] = t;
        names[n++] = t->full_name;
    }
    debezium_hash_order(names, n, order, &batch->arena);
    struct value *items = arena_array(&batch->arena, struct value, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct value *pair = arena_array(&batch->arena, struct value, 2);
        pair[0] = value_str(tables[order[i]]->full_name);
        pair[1] = value_int64(tables[order[i]]->count);
        items[i] = value_items(VALUE_STRUCT, pair, 2);
    }
    return value_items(VALUE_ARRAY, items, n);
}

void pgc_emit_transaction(struct source *s, struct batch *batch, bool end)
{
    struct value id = value_str(arena_printf(&batch->arena, "%u", s->xid));
    struct value *key = arena_array(&batch->arena, struct value, 1);
    struct value *v = arena_array(&batch->arena, struct value, 4);
    key[0] = id;
    v[0] = value_str(end ? STR("END") : STR("BEGIN"));
    v[1] = id;
    v[2] = end ? value_int64(s->events) : value_null();
    v[3] = end ? collections(s, batch) : value_null();
    batch_hold(batch, s->transaction_key);
    batch_hold(batch, s->transaction_value);
    struct record *r = batch_add(batch);
    r->topic = s->transaction_topic;
    r->key_schema = s->transaction_key;
    r->key = value_items(VALUE_STRUCT, key, 1);
    r->value_schema = s->transaction_value;
    r->value = value_items(VALUE_STRUCT, v, 4);
}

void pgc_emit_heartbeat(struct source *s, struct batch *batch)
{
    struct value *key = arena_array(&batch->arena, struct value, 1);
    struct value *v = arena_array(&batch->arena, struct value, 1);
    key[0] = value_str(s->config->server_name);
    v[0] = value_int64(clock_wall_ms());
    batch_hold(batch, s->heartbeat_key);
    batch_hold(batch, s->heartbeat_value);
    struct record *r = batch_add(batch);
    r->topic = s->heartbeat_topic;
    r->key_schema = s->heartbeat_key;
    r->key = value_items(VALUE_STRUCT, key, 1);
    r->value_schema = s->heartbeat_value;
    r->value = value_items(VALUE_STRUCT, v, 1);
}

/* Debezium's offsets: {"server": NAME} -> {"transaction_id":null,"lsn_proc":...,"lsn":...,"txId":...,"ts_usec":...} */
void pgc_set_position(struct source *s, struct batch *batch, bool snapshot, uint64_t lsn_proc)
{
    struct position_entry partition[] = {{STR("server"), value_str(s->config->server_name)}};
    struct position_entry offset[6];
    uint32_t n = 0;
    if (snapshot) {
        offset[n++] = (struct position_entry){STR("last_snapshot_record"), value_bool(true)};
        offset[n++] = (struct position_entry){STR("lsn"), value_int64((int64_t)s->snapshot_lsn)};
        offset[n++] = (struct position_entry){STR("txId"), value_int64(s->snapshot_xid)};
        offset[n++] = (struct position_entry){STR("ts_usec"), value_int64(clock_wall_us())};
        offset[n++] = (struct position_entry){STR("snapshot"), value_bool(true)};
    } else {
        offset[n++] = (struct position_entry){STR("transaction_id"), value_null()};
        offset[n++] = (struct position_entry){STR("lsn_proc"), value_int64((int64_t)lsn_proc)};
        offset[n++] = (struct position_entry){STR("lsn"), value_int64((int64_t)(s->lsn ? s->lsn : lsn_proc))};
        if (s->xid)
            offset[n++] = (struct position_entry){STR("txId"), value_int64(s->xid)};
        if (s->commit_us)
            offset[n++] = (struct position_entry){STR("ts_usec"), value_int64(s->commit_us)};
    }
    struct position p = {.partition = {partition, 1}, .offset = {offset, n}};
    batch_set_position(batch, &p);
    s->emitted = snapshot ? s->snapshot_lsn : lsn_proc;
    s->dirty = false;
}
