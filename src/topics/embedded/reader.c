#include "base/clock.h"
#include "base/mem.h"
#include "topics/embedded/embedded.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

enum { FETCH_BYTES = 128 * 1024, FETCH_BATCHES = 256, FETCH_KEEP = 4 * 1024 * 1024 };

static inline int64_t partition_end(const struct embedded_reader *r)
{
    return atomic_load_explicit(&r->topic->parts[r->partition].end, memory_order_acquire);
}

void reader_init(struct embedded_reader *r, struct embedded *e, struct embedded_topic *topic, int32_t partition,
                 int64_t offset)
{
    *r = (struct embedded_reader){
        .base = {.ops = e->base.ops, .next = offset}, .e = e, .topic = topic, .partition = partition};
}

void reader_release(struct embedded_reader *r)
{
    if (r->has_wake)
        wake_release(&r->wake);
    buf_free(&r->bytes);
    vec_free(&r->fetched);
    record_iter_release(&r->iter);
}

int embedded_reader_open(struct topics *t, struct str name, int32_t partition, int64_t offset,
                         struct topics_reader **ret, struct error *err)
{
    struct embedded *e = (struct embedded *)t;
    struct embedded_topic *topic = NULL;
    int rc = catalogue_find_partition(e, name, partition, &topic, err);
    if (rc)
        return rc;
    if (offset == TOPICS_BEGIN)
        offset = atomic_load(&topic->parts[partition].begin);
    else if (offset == TOPICS_END)
        offset = atomic_load(&topic->parts[partition].end);
    struct embedded_reader *r = mem_new(struct embedded_reader);
    reader_init(r, e, topic, partition, offset);
    *ret = &r->base;
    return 0;
}

void embedded_reader_close(struct topics_reader *t)
{
    reader_release((struct embedded_reader *)t);
    free(t);
}

/* ---- fetching: stored batches into r->bytes ---- */

static int fetch_from(struct embedded_reader *r, MDB_txn *txn, struct error *err)
{
    struct partition_row row;
    struct index_walk w;
    int rc = store_get_partition(r->e, txn, r->topic, r->partition, &row, err);
    if (!rc)
        rc = index_seek(r->e, txn, r->topic, r->partition, r->base.next, &w, err);
    if (rc)
        return rc;
    if (!w.found && r->base.next < be64_get(row.end))
        r->base.next = be64_get(row.end); /* the rest was compacted away */
    while (w.found && r->fetched.len < FETCH_BATCHES) {
        uint32_t size = be32_get(w.row.size);
        if (r->fetched.len && r->bytes.len + size > FETCH_BYTES)
            break;
        struct fetched f = {.base = w.base, .at = r->bytes.len, .size = size};
        rc = store_read_block(r->e, txn, (uint64_t)be64_get(w.row.block), size, &r->bytes, err);
        if (rc)
            break;
        *vec_push(&r->fetched) = f;
        rc = index_next(r->e, &w, err);
        if (rc)
            break;
    }
    index_close(&w);
    return rc;
}

static int fetch(struct embedded_reader *r, struct error *err)
{
    MDB_txn *txn;
    r->fetched.len = r->current = 0;
    if (r->bytes.cap > FETCH_KEEP)
        buf_free(&r->bytes);
    buf_clear(&r->bytes);
    int rc = store_begin(r->e, false, &txn, err);
    if (rc)
        return rc;
    rc = fetch_from(r, txn, err);
    store_abort(r->e, txn);
    store_touch(r->e, STORE_TOUCH_READ);
    if (rc)
        r->fetched.len = 0;
    return rc;
}

/* ---- decoding ---- */

static int damaged(const struct embedded_reader *r, int64_t base, int code, struct error *err)
{
    error_context(err, "%s: topic \"" STR_FMT "\", partition %d, batch at offset %lld", r->e->dir,
                  STR_ARG(r->topic->name), r->partition, (long long)base);
    return code;
}

/* Starts on the next fetched batch. */
static int open_batch(struct embedded_reader *r, struct error *err)
{
    const struct fetched *f = &r->fetched.items[r->current];
    struct str bytes = str_of(r->bytes.data + f->at, f->size);
    struct record_batch batch;
    int rc = record_batch_parse(bytes, &batch, err);
    if (!rc)
        rc = record_batch_check(bytes, &batch, err);
    if (!rc) {
        batch.base_offset = f->base;
        rc = record_iter_start(&r->iter, &batch, err);
    }
    if (rc)
        return damaged(r, f->base, rc, err);
    r->current++;
    r->iterating = true;
    return 0;
}

/* The next record of what was fetched; *ret_found false: all of that is read. */
static int next_record(struct embedded_reader *r, struct topics_record *ret, bool *ret_found, struct error *err)
{
    for (;;) {
        while (r->iterating) {
            struct topics_record record;
            bool found;
            int rc = record_iter_next(&r->iter, &record, &found, err);
            if (rc)
                return damaged(r, r->iter.batch.base_offset, rc, err);
            if (!found) {
                int64_t end = r->iter.batch.base_offset + r->iter.batch.last_offset_delta + 1;
                r->base.next = end > r->base.next ? end : r->base.next;
                r->iterating = false;
            } else if (record.offset >= r->base.next) {
                r->base.next = record.offset + 1;
                *ret = record;
                *ret_found = true;
                return 0;
            }
        }
        if (r->current == r->fetched.len) {
            *ret_found = false;
            return 0;
        }
        int rc = open_batch(r, err);
        if (rc)
            return rc;
    }
}

/* ---- following ---- */

static void enlist(struct embedded_reader *r)
{
    pthread_mutex_lock(&r->e->waiters_lock);
    r->next_waiter = r->e->waiters;
    r->prev_waiter = &r->e->waiters;
    if (r->next_waiter)
        r->next_waiter->prev_waiter = &r->next_waiter;
    r->e->waiters = r;
    pthread_mutex_unlock(&r->e->waiters_lock);
}

static void delist(struct embedded_reader *r)
{
    pthread_mutex_lock(&r->e->waiters_lock);
    *r->prev_waiter = r->next_waiter;
    if (r->next_waiter)
        r->next_waiter->prev_waiter = r->prev_waiter;
    pthread_mutex_unlock(&r->e->waiters_lock);
    wake_clear(&r->wake);
}

static bool something_new(const struct embedded_reader *r)
{
    return partition_end(r) > r->base.next || atomic_load(&r->topic->deleted);
}

/* Waits for a commit; *ret_over: the time has passed or `wake` was raised. */
static int wait_for_commit(struct embedded_reader *r, int64_t deadline, const struct wake *wake, bool *ret_over,
                           struct error *err)
{
    if (!r->has_wake) {
        int why = wake_init(&r->wake);
        if (why)
            return error_set(err, error_from_errno(why), "waiting for records: %s", strerror(why));
        r->has_wake = true;
    }
    int64_t left = deadline < 0 ? -1 : deadline - clock_mono_ms();
    bool over = deadline >= 0 && left <= 0;
    enlist(r);
    if (!over && !something_new(r))
        over = wake_wait(&r->wake, wake ? wake->fd : -1, POLLIN, left) != WAKE_RAISED;
    delist(r);
    *ret_over = over;
    return 0;
}

int embedded_read(struct topics_reader *t, int64_t timeout_ms, const struct wake *wake, struct topics_record *ret,
                  bool *ret_found, struct error *err)
{
    struct embedded_reader *r = (struct embedded_reader *)t;
    bool found;
    int rc = next_record(r, ret, &found, err);
    int64_t deadline = found || timeout_ms < 0 ? -1 : clock_mono_ms() + timeout_ms;
    while (!rc && !found) {
        if (atomic_load(&r->topic->deleted))
            return catalogue_deleted(r->topic, err);
        if (partition_end(r) > r->base.next) {
            rc = fetch(r, err);
            if (!rc)
                rc = next_record(r, ret, &found, err);
            continue;
        }
        bool over = timeout_ms == 0;
        if (!over)
            rc = wait_for_commit(r, deadline, wake, &over, err);
        if (!rc && over && !something_new(r))
            break;
    }
    if (rc)
        return rc;
    *ret_found = found;
    return 0;
}

/* ---- by time ---- */

/* The first record of the batch that is new enough; batches are written with many timestamps. */
static int offset_in_batch(struct embedded *e, MDB_txn *txn, const struct index_walk *w, int64_t timestamp,
                           int64_t *ret, struct error *err)
{
    struct buf bytes = {0};
    struct record_iter iter = {0};
    struct record_batch batch = {0};
    int rc = store_read_block(e, txn, (uint64_t)be64_get(w->row.block), be32_get(w->row.size), &bytes, err);
    if (!rc)
        rc = record_batch_parse(buf_str(&bytes), &batch, err);
    if (!rc)
        rc = record_batch_check(buf_str(&bytes), &batch, err);
    if (!rc)
        rc = record_iter_start(&iter, &batch, err);
    int64_t offset = w->base + batch.last_offset_delta;
    bool found = !rc;
    while (!rc && found) {
        struct topics_record record;
        rc = record_iter_next(&iter, &record, &found, err);
        if (!rc && found && record.timestamp >= timestamp) {
            offset = w->base + (record.offset - batch.base_offset);
            break;
        }
    }
    record_iter_release(&iter);
    buf_free(&bytes);
    if (!rc)
        *ret = offset;
    return rc;
}

static int find_time(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, int32_t partition,
                     int64_t timestamp, int64_t *ret, struct error *err)
{
    struct partition_row row;
    struct index_walk w;
    int rc = store_get_partition(e, txn, topic, partition, &row, err);
    if (!rc)
        rc = index_seek(e, txn, topic, partition, be64_get(row.begin), &w, err);
    if (rc)
        return rc;
    while (!rc && w.found && be64_get(w.row.max_timestamp) < timestamp)
        rc = index_next(e, &w, err);
    if (!rc && w.found)
        rc = offset_in_batch(e, txn, &w, timestamp, ret, err);
    else if (!rc)
        *ret = be64_get(row.end);
    index_close(&w);
    return rc;
}

int embedded_offset_at(struct topics *t, struct str name, int32_t partition, int64_t timestamp, int64_t *ret,
                       struct error *err)
{
    struct embedded *e = (struct embedded *)t;
    struct embedded_topic *topic = NULL;
    MDB_txn *txn;
    int rc = catalogue_find_partition(e, name, partition, &topic, err);
    if (!rc)
        rc = store_begin(e, false, &txn, err);
    if (rc)
        return rc;
    rc = find_time(e, txn, topic, partition, timestamp, ret, err);
    store_abort(e, txn);
    store_touch(e, STORE_TOUCH_PAGES / 2);
    return rc;
}
