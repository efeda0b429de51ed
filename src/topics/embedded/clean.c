#include "base/clock.h"
#include "base/mem.h"
#include "topics/embedded/embedded.h"

#include <stdlib.h>

/* A compacted partition is rewritten when so much was added since, and it is half of the whole. */
enum { COMPACT_MIN_BYTES = 256 * 1024, COMPACT_RATIO = 2 };

/* ---- garbage: what an unfinished transaction or deletion left ---- */

static int drop_garbage_row(struct embedded *e, MDB_txn *txn, enum garbage_kind kind, uint64_t id, struct error *err)
{
    struct garbage_key k = {be32_of(kind), be64_of((int64_t)id)};
    MDB_val key = val_of(&k, sizeof k);
    int rc = mdb_del(txn, e->garbage, &key, NULL);
    return rc && rc != MDB_NOTFOUND ? store_error(e, rc, "removing garbage", err) : 0;
}

static int drop_ahead_step(struct embedded *e, MDB_txn *txn, void *ctx, struct error *err)
{
    const struct ahead *ahead = ctx;
    int rc = 0;
    for (uint32_t i = 0; i < ahead->count && !rc; i++)
        rc = store_delete_block(e, txn, ahead->first + i, err);
    return rc ? rc : drop_garbage_row(e, txn, GARBAGE_AHEAD, ahead->first, err);
}

void clean_orphan(struct embedded *e, const struct ahead *ahead)
{
    struct ahead copy = *ahead;
    if (!store_upkeep(e, drop_ahead_step, &copy, NULL))
        return;
    pthread_mutex_lock(&e->orphans_lock);
    *vec_push(&e->orphans) = copy;
    pthread_mutex_unlock(&e->orphans_lock);
}

static int clean_orphans(struct embedded *e, struct error *err)
{
    for (;;) {
        pthread_mutex_lock(&e->orphans_lock);
        bool some = e->orphans.len;
        struct ahead ahead = some ? e->orphans.items[e->orphans.len - 1] : (struct ahead){0};
        pthread_mutex_unlock(&e->orphans_lock);
        if (!some)
            return 0;
        int rc = store_upkeep(e, drop_ahead_step, &ahead, err);
        if (rc)
            return rc;
        pthread_mutex_lock(&e->orphans_lock);
        for (size_t i = 0; i < e->orphans.len; i++)
            if (e->orphans.items[i].first == ahead.first) {
                e->orphans.items[i] = e->orphans.items[--e->orphans.len];
                break;
            }
        pthread_mutex_unlock(&e->orphans_lock);
    }
}

struct drop_topic {
    uint32_t id;
    bool more;
};

static int drop_topic_step(struct embedded *e, MDB_txn *txn, void *ctx, struct error *err)
{
    struct drop_topic *drop = ctx;
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, e->index, &cursor);
    if (code)
        return store_error(e, code, "removing a topic", err);
    struct index_key from = {be32_of(drop->id), be32_of(0), be64_of(0)};
    MDB_val key = val_of(&from, sizeof from), value;
    MDB_cursor_op op = MDB_SET_RANGE;
    int rc = 0, n = 0;
    for (; !rc && n < STORE_STEP_BATCHES && !(code = mdb_cursor_get(cursor, &key, &value, op)); n++, op = MDB_NEXT) {
        struct index_key at;
        struct index_row row;
        memcpy(&at, key.mv_data, sizeof at);
        memcpy(&row, value.mv_data, sizeof row);
        if (be32_get(at.topic) != drop->id)
            break;
        rc = store_delete_block(e, txn, (uint64_t)be64_get(row.block), err);
        if (!rc && (code = mdb_cursor_del(cursor, 0)))
            rc = store_error(e, code, "removing a topic", err);
    }
    mdb_cursor_close(cursor);
    drop->more = n == STORE_STEP_BATCHES;
    if (!rc && code && code != MDB_NOTFOUND)
        rc = store_error(e, code, "removing a topic", err);
    if (!rc && !drop->more)
        rc = drop_garbage_row(e, txn, GARBAGE_TOPIC, drop->id, err);
    return rc;
}

int clean_deleted_topic(struct embedded *e, uint32_t id, struct error *err)
{
    struct drop_topic drop = {.id = id, .more = true};
    int rc = 0;
    while (!rc && drop.more)
        rc = store_upkeep(e, drop_topic_step, &drop, err);
    return rc;
}

struct garbage {
    enum garbage_kind kind;
    struct ahead what; /* of a topic: `first` is its id */
};

static int list_garbage(struct embedded *e, struct garbage **ret, size_t *ret_n, struct error *err)
{
    VEC(struct garbage) found = {0};
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, value;
    int rc = store_begin(e, false, &txn, err);
    if (rc)
        return rc;
    int code = mdb_cursor_open(txn, e->garbage, &cursor);
    if (!code) {
        while (!(code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))) {
            struct garbage_key k;
            struct be32 count;
            if (key.mv_size != sizeof k || value.mv_size != sizeof count) {
                code = MDB_CORRUPTED;
                break;
            }
            memcpy(&k, key.mv_data, sizeof k);
            memcpy(&count, value.mv_data, sizeof count);
            *vec_push(&found) = (struct garbage){
                .kind = (enum garbage_kind)be32_get(k.kind),
                .what = {.first = (uint64_t)be64_get(k.id), .count = be32_get(count)},
            };
        }
        mdb_cursor_close(cursor);
    }
    store_abort(e, txn);
    if (code != MDB_NOTFOUND) {
        vec_free(&found);
        return store_error(e, code, "listing garbage", err);
    }
    *ret = found.items;
    *ret_n = found.len;
    return 0;
}

/* While transactions are open only they know whether what was written ahead is garbage. */
static int clean_listed(struct embedded *e, bool ahead_too, struct error *err)
{
    AUTO_FREE struct garbage *garbage = NULL;
    size_t n = 0;
    int rc = list_garbage(e, &garbage, &n, err);
    for (size_t i = 0; i < n; i++) {
        if (garbage[i].kind == GARBAGE_AHEAD && ahead_too)
            clean_orphan(e, &garbage[i].what);
        else if (garbage[i].kind == GARBAGE_TOPIC && !rc)
            rc = clean_deleted_topic(e, (uint32_t)garbage[i].what.first, err);
    }
    return rc;
}

int clean_garbage(struct embedded *e, struct error *err)
{
    struct error own;
    int rc = clean_listed(e, true, &own);
    if (rc == ERROR_NO_SPACE) /* the log opens all the same: records can be read, and topics deleted */
        return 0;
    if (rc && err)
        *err = own;
    return rc;
}

/* ---- retention ---- */

struct retain {
    struct embedded_topic *topic;
    int32_t partition;
    int64_t now;
    bool more;
    struct partition_row row;
};

static bool is_over(const struct retain *r, const struct index_walk *w)
{
    const struct topic_config *config = &r->topic->config;
    if (config->retention_ms >= 0 && be64_get(w->row.max_timestamp) < r->now - config->retention_ms)
        return true;
    return config->retention_bytes >= 0 && be64_get(r->row.bytes) - be32_get(w->row.size) >= config->retention_bytes;
}

static int forget_batch(struct embedded *e, MDB_txn *txn, struct retain *r, struct index_walk *w, struct error *err)
{
    int32_t size = (int32_t)be32_get(w->row.size);
    r->row.bytes = be64_of(be64_get(r->row.bytes) - size);
    if (w->base < be64_get(r->row.clean_end))
        r->row.clean_bytes = be64_of(be64_get(r->row.clean_bytes) - size);
    r->row.begin = be64_of(index_walk_end(w));
    int rc = store_delete_block(e, txn, (uint64_t)be64_get(w->row.block), err);
    if (!rc)
        rc = index_delete(e, w, err);
    return rc ? rc : index_next(e, w, err);
}

static int retain_step(struct embedded *e, MDB_txn *txn, void *ctx, struct error *err)
{
    struct retain *r = ctx;
    struct index_walk w;
    int rc = store_get_partition(e, txn, r->topic, r->partition, &r->row, err);
    if (!rc)
        rc = index_seek(e, txn, r->topic, r->partition, be64_get(r->row.begin), &w, err);
    if (rc)
        return rc;
    int n = 0;
    while (!rc && w.found && n < STORE_STEP_BATCHES && is_over(r, &w)) {
        rc = forget_batch(e, txn, r, &w, err);
        n++;
    }
    r->more = n == STORE_STEP_BATCHES;
    if (!rc && n) {
        r->row.begin = w.found ? be64_of(w.base) : r->row.end;
        rc = store_put_partition(e, txn, r->topic, r->partition, &r->row, err);
    }
    index_close(&w);
    return rc;
}

/* Most partitions have nothing to forget: found out without the write lock. */
static int retention_is_due(struct embedded *e, struct retain *r, bool *ret, struct error *err)
{
    MDB_txn *txn;
    struct index_walk w;
    int rc = store_begin(e, false, &txn, err);
    if (rc)
        return rc;
    rc = store_get_partition(e, txn, r->topic, r->partition, &r->row, err);
    if (!rc)
        rc = index_seek(e, txn, r->topic, r->partition, be64_get(r->row.begin), &w, err);
    if (!rc) {
        *ret = w.found && is_over(r, &w);
        index_close(&w);
    }
    store_abort(e, txn);
    return rc;
}

static int retain_partition(struct embedded *e, struct embedded_topic *topic, int32_t partition, struct error *err)
{
    struct retain r = {.topic = topic, .partition = partition, .now = clock_wall_ms()};
    int rc = retention_is_due(e, &r, &r.more, err);
    while (!rc && r.more) {
        rc = store_upkeep(e, retain_step, &r, err);
        if (!rc)
            catalogue_publish(topic, partition, &r.row);
    }
    return rc;
}

/* ---- everything that is due ---- */

static int compaction_is_due(struct embedded *e, struct embedded_topic *topic, int32_t partition, bool *ret,
                             struct error *err)
{
    MDB_txn *txn;
    struct partition_row row;
    int rc = store_begin(e, false, &txn, err);
    if (rc)
        return rc;
    rc = store_get_partition(e, txn, topic, partition, &row, err);
    store_abort(e, txn);
    if (rc)
        return rc;
    int64_t added = be64_get(row.bytes) - be64_get(row.clean_bytes);
    *ret = added >= COMPACT_MIN_BYTES && added >= be64_get(row.bytes) / COMPACT_RATIO;
    return 0;
}

static int clean_partition(struct embedded *e, struct embedded_topic *topic, int32_t partition, struct error *err)
{
    int rc = topic->config.cleanup_delete ? retain_partition(e, topic, partition, err) : 0;
    bool due = false;
    if (!rc && topic->config.compact)
        rc = compaction_is_due(e, topic, partition, &due, err);
    if (!rc && due)
        rc = compact_partition(e, topic, partition, err);
    return rc;
}

int embedded_clean(struct topics *t, struct error *err)
{
    struct embedded *e = (struct embedded *)t;
    struct error own;
    int first = 0;
    pthread_mutex_lock(&e->clean_lock);
    int rc = clean_orphans(e, &own);
    if (!rc)
        rc = clean_listed(e, false, &own);
    size_t n;
    AUTO_FREE struct embedded_topic **topics = catalogue_snapshot(e, &n);
    for (size_t i = 0; i < n; i++) {
        for (int32_t p = 0; p < topics[i]->config.partitions && !atomic_load(&topics[i]->deleted); p++) {
            struct error found;
            int code = clean_partition(e, topics[i], p, &found);
            if (code && code != ERROR_NOT_FOUND && !rc) {
                rc = code;
                own = found;
            }
        }
    }
    first = rc;
    store_settle(e);
    int code = e->relaxed ? mdb_env_sync(e->env, 1) : 0;
    if (code && !first)
        first = store_error(e, code, "writing to the disk", &own);
    pthread_mutex_unlock(&e->clean_lock);
    store_touch(e, STORE_TOUCH_PAGES);
    if (first && err)
        *err = own;
    return first;
}

int embedded_compact(struct topics *t, struct str name, struct error *err)
{
    struct embedded *e = (struct embedded *)t;
    struct embedded_topic *topic = NULL;
    int rc = catalogue_find(e, name, &topic, err);
    if (rc)
        return rc;
    if (!topic->config.compact)
        return error_set(err, ERROR_REQUEST, "topic \"" STR_FMT "\" is not compacted (cleanup.policy)", STR_ARG(name));
    pthread_mutex_lock(&e->clean_lock);
    for (int32_t p = 0; p < topic->config.partitions && !rc; p++)
        rc = compact_partition(e, topic, p, err);
    store_settle(e);
    pthread_mutex_unlock(&e->clean_lock);
    return rc;
}
