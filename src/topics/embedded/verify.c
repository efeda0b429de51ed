#include "topics/embedded/embedded.h"

/* ---- one batch ---- */

struct check {
    struct embedded *e;
    struct buf bytes;
    struct record_iter iter;
};

static int check_records(struct check *c, const struct index_walk *w, const struct record_batch *batch,
                         struct error *err)
{
    int32_t n = 0;
    for (;; n++) {
        struct topics_record record;
        bool found;
        int rc = record_iter_next(&c->iter, &record, &found, err);
        if (rc)
            return rc;
        if (!found)
            break;
    }
    if (n != (int32_t)be32_get(w->row.count) || batch->last_offset_delta != (int32_t)be32_get(w->row.last_delta) ||
        batch->size != be32_get(w->row.size) || batch->max_timestamp != be64_get(w->row.max_timestamp))
        return error_set(err, ERROR_CORRUPT, "the index row is of another batch");
    return 0;
}

/* Reads the batch that `w` stands on and checks all of it. */
static int check_batch(struct check *c, MDB_txn *txn, const struct index_walk *w, struct error *err)
{
    struct record_batch batch;
    buf_clear(&c->bytes);
    int rc = store_read_block(c->e, txn, (uint64_t)be64_get(w->row.block), be32_get(w->row.size), &c->bytes, err);
    if (!rc)
        rc = record_batch_parse(buf_str(&c->bytes), &batch, err);
    if (!rc)
        rc = record_batch_check(buf_str(&c->bytes), &batch, err);
    if (!rc)
        rc = record_iter_start(&c->iter, &batch, err);
    return rc ? rc : check_records(c, w, &batch, err);
}

static void check_release(struct check *c)
{
    buf_free(&c->bytes);
    record_iter_release(&c->iter);
}

/* ---- everything ---- */

struct walk {
    struct check check;
    int64_t batches, records;
};

/* A step of many batches in one read transaction; *at moves on. A step may see a commit less than the one before: LMDB
 * lets a reader see a commit that is just being published. So the end is held against what this step has seen. */
static int verify_step(struct walk *v, const struct embedded_topic *topic, int32_t partition, int64_t *at,
                       bool *ret_more, struct error *err)
{
    struct embedded *e = v->check.e;
    MDB_txn *txn;
    struct index_walk w;
    int rc = store_begin(e, false, &txn, err);
    if (rc)
        return rc;
    struct partition_row row;
    rc = store_get_partition(e, txn, topic, partition, &row, err);
    if (!rc)
        rc = index_seek(e, txn, topic, partition, *at, &w, err);
    if (!rc) {
        int n = 0;
        for (; !rc && w.found && n < STORE_STEP_BATCHES; n++) {
            rc = w.base < *at ? error_set(err, ERROR_CORRUPT, "it overlaps the batch before it")
                              : check_batch(&v->check, txn, &w, err);
            if (rc) {
                error_context(err, "%s: topic \"" STR_FMT "\", partition %d, batch at offset %lld", e->dir,
                              STR_ARG(topic->name), partition, (long long)w.base);
                break;
            }
            v->batches++;
            v->records += be32_get(w.row.count);
            *at = index_walk_end(&w);
            rc = index_next(e, &w, err);
        }
        *ret_more = w.found;
        index_close(&w);
        if (!rc && n && *at > be64_get(row.end))
            rc = error_set(err, ERROR_CORRUPT,
                           "%s: topic \"" STR_FMT "\", partition %d: batches up to %lld, end is %lld", e->dir,
                           STR_ARG(topic->name), partition, (long long)*at, (long long)be64_get(row.end));
    }
    store_abort(e, txn);
    store_touch(e, STORE_TOUCH_PAGES / 4);
    return rc;
}

static int verify_partition(struct walk *v, const struct embedded_topic *topic, int32_t partition, struct error *err)
{
    int64_t at = atomic_load(&topic->parts[partition].begin);
    bool more = true;
    int rc = 0;
    while (!rc && more && !atomic_load(&topic->deleted))
        rc = verify_step(v, topic, partition, &at, &more, err);
    return rc == ERROR_NOT_FOUND ? 0 : rc; /* deleted meanwhile */
}

/* Every block belongs to an index row or was written ahead: seen in one snapshot, by counting. */
static int verify_counts(struct embedded *e, struct error *err)
{
    MDB_txn *txn;
    int rc = store_begin(e, false, &txn, err);
    if (rc)
        return rc;
    MDB_stat blocks, index, garbage;
    int code = mdb_stat(txn, e->blocks, &blocks);
    if (!code)
        code = mdb_stat(txn, e->index, &index);
    if (!code)
        code = mdb_stat(txn, e->garbage, &garbage);
    store_abort(e, txn);
    if (code)
        return store_error(e, code, "counting", err);
    if (blocks.ms_entries < index.ms_entries || (!garbage.ms_entries && blocks.ms_entries != index.ms_entries))
        return error_set(err, ERROR_CORRUPT, "%s: %zu batches, and %zu in the index", e->dir, blocks.ms_entries,
                         index.ms_entries);
    return 0;
}

int embedded_verify(struct topics *t, int64_t *ret_batches, int64_t *ret_records, struct error *err)
{
    struct embedded *e = (struct embedded *)t;
    struct walk v = {.check = {.e = e}};
    size_t n;
    pthread_mutex_lock(&e->clean_lock);
    AUTO_FREE struct embedded_topic **topics = catalogue_snapshot(e, &n);
    int rc = verify_counts(e, err);
    for (size_t i = 0; i < n && !rc; i++)
        for (int32_t p = 0; p < topics[i]->config.partitions && !rc; p++)
            rc = verify_partition(&v, topics[i], p, err);
    pthread_mutex_unlock(&e->clean_lock);
    check_release(&v.check);
    if (rc)
        return rc;
    *ret_batches = v.batches;
    *ret_records = v.records;
    return 0;
}

/* ---- the ends, at start ---- */

struct cut {
    struct check check;
    struct embedded_topic *topic;
    int32_t partition;
    struct partition_row row;
};

static int cut_batch(struct embedded *e, MDB_txn *txn, struct cut *c, struct index_walk *w, struct error *err)
{
    c->row.end = be64_of(w->base);
    c->row.bytes = be64_of(be64_get(c->row.bytes) - be32_get(w->row.size));
    int rc = index_delete(e, w, err);
    return rc ? rc : store_delete_block(e, txn, (uint64_t)be64_get(w->row.block), err);
}

/* Cuts damaged batches off the end, up to the first good one. */
static int cut_step(struct embedded *e, MDB_txn *txn, void *ctx, struct error *err)
{
    struct cut *c = ctx;
    int rc = store_get_partition(e, txn, c->topic, c->partition, &c->row, err);
    while (!rc) {
        struct index_walk w;
        rc = index_last(e, txn, c->topic, c->partition, &w, err);
        if (rc)
            return rc;
        bool stop = !w.found || !check_batch(&c->check, txn, &w, NULL);
        if (!stop)
            rc = cut_batch(e, txn, c, &w, err);
        index_close(&w);
        if (stop)
            break;
    }
    return rc ? rc : store_put_partition(e, txn, c->topic, c->partition, &c->row, err);
}

static int end_is_good(struct cut *c, bool *ret, struct error *err)
{
    struct embedded *e = c->check.e;
    MDB_txn *txn;
    struct index_walk w;
    int rc = store_begin(e, false, &txn, err);
    if (rc)
        return rc;
    rc = index_last(e, txn, c->topic, c->partition, &w, err);
    if (!rc) {
        struct error why = {.code = ERROR_NONE};
        *ret = !w.found || !check_batch(&c->check, txn, &w, &why) || why.code != ERROR_CORRUPT;
        index_close(&w);
    }
    store_abort(e, txn);
    return rc;
}

int verify_ends(struct embedded *e, struct error *err)
{
    struct cut c = {.check = {.e = e}};
    int rc = 0;
    for (size_t i = 0; i < e->all.len && !rc; i++) {
        c.topic = e->all.items[i];
        for (c.partition = 0; c.partition < c.topic->config.partitions && !rc; c.partition++) {
            bool good;
            rc = end_is_good(&c, &good, err);
            if (rc || good)
                continue;
            rc = store_upkeep(e, cut_step, &c, err);
            if (!rc)
                atomic_store(&c.topic->parts[c.partition].end, be64_get(c.row.end));
        }
    }
    check_release(&c.check);
    store_touch(e, STORE_TOUCH_PAGES);
    return rc;
}
