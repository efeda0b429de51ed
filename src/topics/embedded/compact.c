#include "base/clock.h"
#include "topics/embedded/embedded.h"
#include "topics/embedded/offset_map.h"

/*
 * Compaction of one partition, in rounds: what came since the last time fills a map of the latest offset of each
 * key; then every batch up to there is read again, and those with outdated records are rewritten in place, small
 * neighbours becoming one. Offsets keep their numbers. Each step is one LMDB transaction that loses no key's last
 * value, so a crash between two of them only leaves work for the next time.
 */

enum { STEP_SOURCES = 1024 };

/* A stored batch that is to be replaced, and one that replaces. */
struct source {
    int64_t base;
    uint64_t block;
    uint32_t size;
};

struct made {
    int64_t base;
    size_t at; /* in compaction.out */
    uint32_t size;
    int32_t last_delta, count;
    int64_t max_timestamp;
};

struct compaction {
    struct embedded *e;
    struct embedded_topic *topic;
    int32_t partition;
    int64_t now;
    struct offset_map latest;
    int64_t until; /* the map knows every record from the last compaction's end up to here */

    struct buf in; /* the source being read */
    struct record_iter iter;
    struct record_codec codec;
    struct record_batch_builder builder;
    int64_t group; /* base offset of what the builder holds */

    VEC(struct source) sources;
    VEC(struct made) made;
    struct buf out;
    size_t source_bytes;
    bool changed;        /* a record was dropped or a tombstone stamped since the last step */
    int64_t clean_bytes; /* of the batches that the round is done with */
};

/* ---- the latest offset of each key ---- */

static int fill_map(struct compaction *c, int64_t from, int64_t end, struct error *err)
{
    struct embedded_reader r;
    reader_init(&r, c->e, c->topic, c->partition, from);
    offset_map_clear(&c->latest);
    c->until = end;
    int rc = 0;
    while (!rc && r.base.next < end) {
        struct topics_record record;
        bool found;
        rc = embedded_read(&r.base, 0, NULL, &record, &found, err);
        if (rc || !found || record.offset >= end)
            break;
        if (record.key.ptr && !offset_map_put(&c->latest, record.key, record.offset)) {
            c->until = record.offset;
            break;
        }
    }
    reader_release(&r);
    return rc;
}

/* ---- rewriting ---- */

static int put_made(struct compaction *c, MDB_txn *txn, const struct made *m, struct error *err)
{
    uint64_t block;
    int rc = store_put_block(c->e, txn, str_of(c->out.data + m->at, m->size), &block, err);
    if (rc)
        return rc;
    struct index_row row = {
        .block = be64_of((int64_t)block),
        .size = be32_of(m->size),
        .last_delta = be32_of((uint32_t)m->last_delta),
        .count = be32_of((uint32_t)m->count),
        .max_timestamp = be64_of(m->max_timestamp),
    };
    return store_put_index(c->e, txn, c->topic, c->partition, m->base, &row, err);
}

static int drop_source(struct compaction *c, MDB_txn *txn, const struct source *s, struct error *err)
{
    struct index_walk w;
    int rc = index_seek(c->e, txn, c->topic, c->partition, s->base, &w, err);
    if (rc)
        return rc;
    if (!w.found || w.base != s->base)
        rc = error_set(err, ERROR_INTERNAL, "%s: topic \"" STR_FMT "\": a batch went away while it was compacted",
                       c->e->dir, STR_ARG(c->topic->name));
    if (!rc)
        rc = index_delete(c->e, &w, err);
    index_close(&w);
    return rc ? rc : store_delete_block(c->e, txn, s->block, err);
}

static int replace_step(struct embedded *e, MDB_txn *txn, void *ctx, struct error *err)
{
    struct compaction *c = ctx;
    struct partition_row row;
    int rc = store_get_partition(e, txn, c->topic, c->partition, &row, err);
    int64_t bytes = rc ? 0 : be64_get(row.bytes);
    for (size_t i = 0; i < c->sources.len && !rc; i++) {
        rc = drop_source(c, txn, &c->sources.items[i], err);
        bytes -= c->sources.items[i].size;
    }
    for (size_t i = 0; i < c->made.len && !rc; i++) {
        rc = put_made(c, txn, &c->made.items[i], err);
        bytes += c->made.items[i].size;
    }
    row.bytes = be64_of(bytes);
    return rc ? rc : store_put_partition(e, txn, c->topic, c->partition, &row, err);
}

/* Closes the batch that the builder holds. */
static int close_group(struct compaction *c, struct error *err)
{
    struct record_batch_builder *b = &c->builder;
    if (!b->count)
        return 0;
    struct made m = {.base = c->group,
                     .at = c->out.len,
                     .last_delta = b->last_offset_delta,
                     .count = b->count,
                     .max_timestamp = b->max_timestamp};
    int rc = record_batch_finish(b, &c->codec, c->e->compression, &c->out, err);
    if (rc)
        return rc;
    m.size = (uint32_t)(c->out.len - m.at);
    *vec_push(&c->made) = m;
    return 0;
}

/* Writes what was gathered, unless it would be what is there already. */
static int flush(struct compaction *c, struct error *err)
{
    int rc = close_group(c, err);
    bool worth = c->changed || c->made.len < c->sources.len;
    if (!rc && worth && c->sources.len)
        rc = store_upkeep(c->e, replace_step, c, err);
    if (rc)
        return rc;
    if (worth)
        vec_each (&c->made, m)
            c->clean_bytes += m->size;
    else
        c->clean_bytes += (int64_t)c->source_bytes;
    c->sources.len = c->made.len = c->source_bytes = 0;
    c->changed = false;
    buf_clear(&c->out);
    return 0;
}

/* ---- what stays ---- */

enum verdict { DROP, KEEP, KEEP_TOMBSTONE };

static int64_t horizon_of(const struct compaction *c, const struct record_batch *batch)
{
    return batch->delete_horizon != RECORD_BATCH_NO_HORIZON ? batch->delete_horizon
                                                            : c->now + c->topic->config.delete_retention_ms;
}

static enum verdict judge(const struct compaction *c, const struct topics_record *record)
{
    if (record->offset >= c->until || !record->key.ptr)
        return KEEP;
    if (offset_map_get(&c->latest, record->key) > record->offset)
        return DROP;
    if (record->value.ptr)
        return KEEP;
    return horizon_of(c, &c->iter.batch) <= c->now ? DROP : KEEP_TOMBSTONE;
}

struct outlook {
    int32_t dropped, tombstones;
};

static int look_over(struct compaction *c, struct outlook *ret, struct error *err)
{
    struct outlook o = {0};
    for (;;) {
        struct topics_record record;
        bool found;
        int rc = record_iter_next(&c->iter, &record, &found, err);
        if (rc)
            return rc;
        if (!found)
            break;
        enum verdict v = judge(c, &record);
        o.dropped += v == DROP;
        o.tombstones += v == KEEP_TOMBSTONE;
    }
    record_iter_rewind(&c->iter);
    *ret = o;
    return 0;
}

static int copy_record(struct compaction *c, const struct topics_record *record, bool stamp, int64_t horizon,
                       struct error *err)
{
    struct record_batch_builder *b = &c->builder;
    if (b->count && (b->records.len >= STORE_BATCH_BYTES || record->offset - c->group > INT32_MAX)) {
        int rc = close_group(c, err);
        if (rc)
            return rc;
    }
    if (!b->count) {
        c->group = record->offset;
        b->has_horizon = stamp;
        b->delete_horizon = horizon;
    }
    return record_batch_add(b, record, (int32_t)(record->offset - c->group), err);
}

/* Adds what stays of the source to the batch being built. */
static int copy_source(struct compaction *c, const struct outlook *o, struct error *err)
{
    int64_t horizon = horizon_of(c, &c->iter.batch);
    bool stamp = o->tombstones;
    struct record_batch_builder *b = &c->builder;
    int rc = 0;
    if (stamp && b->count && !(b->has_horizon && b->delete_horizon == horizon))
        rc = close_group(c, err);
    while (!rc) {
        struct topics_record record;
        bool found;
        rc = record_iter_next(&c->iter, &record, &found, err);
        if (rc || !found)
            break;
        if (judge(c, &record) != DROP)
            rc = copy_record(c, &record, stamp, horizon, err);
    }
    return rc;
}

static int compact_source(struct compaction *c, const struct source *s, struct error *err)
{
    struct record_batch batch;
    struct str bytes = buf_str(&c->in);
    struct outlook o;
    int rc = record_batch_parse(bytes, &batch, err);
    if (!rc)
        rc = record_batch_check(bytes, &batch, err);
    batch.base_offset = s->base;
    if (!rc)
        rc = record_iter_start(&c->iter, &batch, err);
    if (!rc)
        rc = look_over(c, &o, err);
    if (rc) {
        error_context(err, "%s: topic \"" STR_FMT "\", partition %d, batch at offset %lld", c->e->dir,
                      STR_ARG(c->topic->name), c->partition, (long long)s->base);
        return rc;
    }
    bool changes = o.dropped || (o.tombstones && batch.delete_horizon == RECORD_BATCH_NO_HORIZON);
    if (!changes && (size_t)(c->iter.end - c->iter.next) >= STORE_BATCH_BYTES / 2) {
        c->clean_bytes += s->size;
        return close_group(c, err);
    }
    c->changed |= changes;
    *vec_push(&c->sources) = *s;
    c->source_bytes += s->size;
    rc = copy_source(c, &o, err);
    if (!rc && (c->sources.len >= STEP_SOURCES || c->source_bytes >= STORE_STEP_BYTES))
        rc = flush(c, err);
    return rc;
}

/* ---- a round ---- */

/* The first batch from `at` on that the round covers, copied into c->in. */
static int next_source(struct compaction *c, int64_t at, struct source *ret, int64_t *ret_end, bool *ret_found,
                       struct error *err)
{
    MDB_txn *txn;
    struct index_walk w;
    int rc = store_begin(c->e, false, &txn, err);
    if (rc)
        return rc;
    rc = index_seek(c->e, txn, c->topic, c->partition, at, &w, err);
    bool found = false;
    if (!rc) {
        found = w.found && w.base < c->until;
        struct source s = {w.base, (uint64_t)be64_get(w.row.block), be32_get(w.row.size)};
        buf_clear(&c->in);
        if (found)
            rc = store_read_block(c->e, txn, s.block, s.size, &c->in, err);
        if (found && !rc) {
            *ret = s;
            *ret_end = index_walk_end(&w);
        }
        index_close(&w);
    }
    store_abort(c->e, txn);
    store_touch(c->e, 1);
    if (!rc)
        *ret_found = found;
    return rc;
}

static int finish_step(struct embedded *e, MDB_txn *txn, void *ctx, struct error *err)
{
    struct compaction *c = ctx;
    struct partition_row row;
    int rc = store_get_partition(e, txn, c->topic, c->partition, &row, err);
    if (rc)
        return rc;
    row.clean_end = be64_of(c->until);
    row.clean_bytes = be64_of(c->clean_bytes);
    return store_put_partition(e, txn, c->topic, c->partition, &row, err);
}

static int compact_round(struct compaction *c, const struct partition_row *row, struct error *err)
{
    int64_t begin = be64_get(row->begin), dirty = be64_get(row->clean_end);
    int rc = fill_map(c, dirty > begin ? dirty : begin, be64_get(row->end), err);
    c->clean_bytes = 0;
    for (int64_t at = begin; !rc;) {
        struct source s;
        bool found;
        rc = next_source(c, at, &s, &at, &found, err);
        if (rc || !found)
            break;
        rc = compact_source(c, &s, err);
    }
    if (!rc)
        rc = flush(c, err);
    return rc ? rc : store_upkeep(c->e, finish_step, c, err);
}

static int read_row(struct compaction *c, struct partition_row *ret, struct error *err)
{
    MDB_txn *txn;
    int rc = store_begin(c->e, false, &txn, err);
    if (rc)
        return rc;
    rc = store_get_partition(c->e, txn, c->topic, c->partition, ret, err);
    store_abort(c->e, txn);
    return rc;
}

int compact_partition(struct embedded *e, struct embedded_topic *topic, int32_t partition, struct error *err)
{
    struct compaction c = {.e = e, .topic = topic, .partition = partition, .now = clock_wall_ms()};
    offset_map_init(&c.latest, OFFSET_MAP_KEYS);
    struct partition_row row;
    int rc = read_row(&c, &row, err);
    for (int64_t end = rc ? 0 : be64_get(row.end); !rc;) {
        rc = compact_round(&c, &row, err);
        if (rc || c.until >= end)
            break;
        rc = read_row(&c, &row, err);
    }
    offset_map_release(&c.latest);
    record_iter_release(&c.iter);
    record_codec_release(&c.codec);
    buf_free(&c.builder.records);
    buf_free(&c.in);
    buf_free(&c.out);
    vec_free(&c.sources);
    vec_free(&c.made);
    return rc;
}
