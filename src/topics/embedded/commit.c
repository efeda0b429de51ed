#include "topics/embedded/embedded.h"

static struct garbage_key ahead_key(const struct ahead *ahead)
{
    return (struct garbage_key){be32_of(GARBAGE_AHEAD), be64_of((int64_t)ahead->first)};
}

/* ---- writing ahead ---- */

/* Stores the staged batches that are in memory, and a garbage row that names them until a commit takes them. */
static int put_ahead(struct embedded_txn *txn, MDB_txn *lmdb, struct ahead *ret, struct error *err)
{
    struct embedded *e = txn->e;
    struct ahead ahead = {0};
    for (size_t i = txn->n_ahead; i < txn->staged.len; i++) {
        struct staged *s = &txn->staged.items[i];
        int rc = store_put_block(e, lmdb, str_of(txn->bytes.data + s->at, s->size), &s->block, err);
        if (rc)
            return rc;
        if (!ahead.count++)
            ahead.first = s->block;
    }
    struct garbage_key k = ahead_key(&ahead);
    struct be32 count = be32_of(ahead.count);
    MDB_val key = val_of(&k, sizeof k), value = val_of(&count, sizeof count);
    int rc = mdb_put(lmdb, e->garbage, &key, &value, 0);
    if (rc)
        return store_error(e, rc, "writing ahead", err);
    *ret = ahead;
    return 0;
}

int commit_write_ahead(struct embedded_txn *txn, struct error *err)
{
    struct embedded *e = txn->e;
    struct ahead ahead;
    MDB_txn *lmdb;
    int rc = store_begin(e, true, &lmdb, err);
    if (rc)
        return rc;
    rc = put_ahead(txn, lmdb, &ahead, err);
    if (rc) {
        store_abort(e, lmdb);
        return rc;
    }
    rc = store_commit(e, lmdb, err);
    if (rc)
        return rc;
    *vec_push(&txn->ahead) = ahead;
    txn->n_ahead = txn->staged.len;
    buf_clear(&txn->bytes);
    return 0;
}

/* ---- committing ---- */

/* Gives the batch its offsets: the next ones of its partition. */
static int place(struct embedded_txn *txn, MDB_txn *lmdb, struct staged *s, struct error *err)
{
    struct embedded *e = txn->e;
    struct txn_part *part = s->part;
    int rc = 0;
    if (!part->placed)
        rc = store_get_partition(e, lmdb, part->topic, part->partition, &part->row, err);
    part->placed = true;
    uint64_t block = s->block;
    if (!rc && !block)
        rc = store_put_block(e, lmdb, str_of(txn->bytes.data + s->at, s->size), &block, err);
    if (rc)
        return rc;
    int64_t base = be64_get(part->row.end);
    struct index_row row = {
        .block = be64_of((int64_t)block),
        .size = be32_of(s->size),
        .last_delta = be32_of((uint32_t)s->last_delta),
        .count = be32_of((uint32_t)s->count),
        .max_timestamp = be64_of(s->max_timestamp),
    };
    part->row.end = be64_of(base + s->last_delta + 1);
    part->row.bytes = be64_of(be64_get(part->row.bytes) + s->size);
    return store_put_index(e, lmdb, part->topic, part->partition, base, &row, err);
}

static int write_all(struct embedded_txn *txn, MDB_txn *lmdb, struct error *err)
{
    struct embedded *e = txn->e;
    int rc = txn_usable(txn, err);
    vec_each (&txn->touched, part)
        (*part)->placed = false;
    for (size_t i = 0; i < txn->staged.len && !rc; i++)
        rc = place(txn, lmdb, &txn->staged.items[i], err);
    for (size_t i = 0; i < txn->touched.len && !rc; i++) {
        const struct txn_part *part = txn->touched.items[i];
        if (part->placed)
            rc = store_put_partition(e, lmdb, part->topic, part->partition, &part->row, err);
    }
    for (size_t i = 0; i < txn->ahead.len && !rc; i++) {
        struct garbage_key k = ahead_key(&txn->ahead.items[i]);
        MDB_val key = val_of(&k, sizeof k);
        int code = mdb_del(lmdb, e->garbage, &key, NULL);
        if (code)
            rc = store_error(e, code, "committing what was written ahead", err);
    }
    return rc;
}

/* ---- in groups: transactions that end at the same time go to the disk together ---- */

struct commit_request {
    struct embedded_txn *txn;
    struct commit_request *next;
    bool done;
    int rc;
    struct error err;
};

static int write_group(struct embedded *e, struct commit_request *group, struct error *err)
{
    MDB_txn *lmdb;
    int rc = store_begin(e, true, &lmdb, err);
    if (rc)
        return rc;
    for (struct commit_request *r = group; r && !rc; r = r->next)
        rc = write_all(r->txn, lmdb, err);
    if (rc) {
        store_abort(e, lmdb);
        return rc;
    }
    return store_commit(e, lmdb, err);
}

/* When a group fails each of it is tried alone: one must not fail for another's reason. */
static void commit_group(struct embedded *e, struct commit_request *group)
{
    struct error err;
    int rc = write_group(e, group, &err);
    for (struct commit_request *r = group, *next; r; r = next) {
        next = r->next;
        r->rc = rc;
        if (rc && group->next) {
            r->next = NULL;
            r->rc = write_group(e, r, &r->err);
            r->next = next;
        } else if (rc) {
            r->err = err;
        }
    }
}

/* The requests that waited longest, as many as fit into memory twice. */
static struct commit_request *take_group(struct embedded *e)
{
    struct commit_request *group = e->requests, *last = group;
    size_t bytes = group->txn->bytes.len;
    while (last->next && bytes + last->next->txn->bytes.len <= STORE_STAGED_BYTES) {
        last = last->next;
        bytes += last->txn->bytes.len;
    }
    e->requests = last->next;
    last->next = NULL;
    if (!e->requests)
        e->requests_end = &e->requests;
    return group;
}

/* Whoever finds nobody at work commits for all that wait. */
static void commit_with_others(struct embedded *e, struct commit_request *own)
{
    pthread_mutex_lock(&e->requests_lock);
    *e->requests_end = own;
    e->requests_end = &own->next;
    while (!own->done && e->committing)
        pthread_cond_wait(&e->requests_done, &e->requests_lock);
    while (!own->done) {
        struct commit_request *group = take_group(e);
        e->committing = true;
        pthread_mutex_unlock(&e->requests_lock);
        commit_group(e, group);
        pthread_mutex_lock(&e->requests_lock);
        e->committing = false;
        for (struct commit_request *r = group, *next; r; r = next) {
            next = r->next; /* r is its thread's again once it is done */
            r->done = true;
        }
        pthread_cond_broadcast(&e->requests_done);
    }
    pthread_mutex_unlock(&e->requests_lock);
}

static int write_txn(struct embedded_txn *txn, struct error *err)
{
    int rc = txn_seal_all(txn, err);
    if (rc)
        return rc;
    struct commit_request request = {.txn = txn};
    commit_with_others(txn->e, &request);
    if (request.rc && err)
        *err = request.err;
    return request.rc;
}

static void publish(struct embedded_txn *txn)
{
    vec_each (&txn->touched, part)
        if ((*part)->placed)
            catalogue_publish((*part)->topic, (*part)->partition, &(*part)->row);
    vec_each (&txn->touched, part)
        commit_wake(txn->e, (*part)->topic, (*part)->partition);
}

int embedded_commit(struct topics_txn *t, struct error *err)
{
    struct embedded_txn *txn = (struct embedded_txn *)t;
    pthread_mutex_lock(&txn->commit_lock);
    int rc = txn_usable(txn, err);
    if (!rc && txn->touched.len) {
        rc = write_txn(txn, err);
        if (!rc)
            publish(txn);
    }
    pthread_mutex_unlock(&txn->commit_lock);
    txn_reset(txn, !rc);
    return rc;
}

void commit_wake(struct embedded *e, const struct embedded_topic *topic, int32_t partition)
{
    pthread_mutex_lock(&e->waiters_lock);
    for (struct embedded_reader *r = e->waiters; r; r = r->next_waiter)
        if (r->topic == topic && (partition < 0 || r->partition == partition))
            wake_raise(&r->wake);
    pthread_mutex_unlock(&e->waiters_lock);
}
