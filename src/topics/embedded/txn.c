#include "base/clock.h"
#include "base/mem.h"
#include "topics/embedded/embedded.h"

#include <stdlib.h>

/* ---- opening ---- */

/* An earlier transaction of the same owner can do nothing any more once this returns. */
static void fence(struct embedded *e, struct embedded_txn *txn)
{
    pthread_mutex_lock(&e->owners_lock);
    struct embedded_txn *before = map_put(&e->owners, str_from(txn->owner), txn);
    if (before) {
        atomic_store(&before->fenced, true);
        pthread_mutex_lock(&before->commit_lock); /* a commit on its way ends first */
        pthread_mutex_unlock(&before->commit_lock);
    }
    pthread_mutex_unlock(&e->owners_lock);
}

int embedded_txn_open(struct topics *t, struct str owner, struct topics_txn **ret, struct error *err)
{
    (void)err;
    struct embedded_txn *txn = mem_new(struct embedded_txn);
    txn->base.ops = t->ops;
    txn->e = (struct embedded *)t;
    txn->owner = mem_strndup(owner.ptr ? owner.ptr : "", owner.len);
    pthread_mutex_init(&txn->commit_lock, NULL);
    if (owner.len)
        fence(txn->e, txn);
    *ret = &txn->base;
    return 0;
}

void embedded_txn_close(struct topics_txn *t)
{
    struct embedded_txn *txn = (struct embedded_txn *)t;
    struct embedded *e = txn->e;
    txn_reset(txn, false);
    pthread_mutex_lock(&e->owners_lock);
    if (map_get(&e->owners, str_from(txn->owner)) == txn)
        map_remove(&e->owners, str_from(txn->owner));
    pthread_mutex_unlock(&e->owners_lock);
    for (size_t slot = 0; slot < txn->n_slots; slot++)
        free(txn->by_slot[slot]);
    free(txn->by_slot);
    vec_each (&txn->spare, buf)
        buf_free(buf);
    vec_free(&txn->spare);
    vec_free(&txn->touched);
    vec_free(&txn->staged);
    vec_free(&txn->ahead);
    buf_free(&txn->bytes);
    record_codec_release(&txn->codec);
    pthread_mutex_destroy(&txn->commit_lock);
    free(txn->owner);
    free(txn);
}

/* ---- parts ---- */

/* Buffers go round: a partition has one while it has records. */
static void give_buffer_back(struct embedded_txn *txn, struct txn_part *part)
{
    struct buf *buf = &part->builder.records;
    if (txn->spare_bytes + buf->cap > STORE_OPEN_BYTES) {
        buf_free(buf);
    } else if (buf->cap) {
        txn->spare_bytes += buf->cap;
        *vec_push(&txn->spare) = *buf;
    }
    *buf = (struct buf){0};
}

static void take_buffer(struct embedded_txn *txn, struct txn_part *part)
{
    if (!txn->spare.len || part->builder.records.cap)
        return;
    part->builder.records = txn->spare.items[--txn->spare.len];
    txn->spare_bytes -= part->builder.records.cap;
}

static struct txn_part *add_topic(struct embedded_txn *txn, struct embedded_topic *topic)
{
    if (topic->slot >= txn->n_slots) {
        size_t was = txn->n_slots;
        txn->by_slot = mem_grow(txn->by_slot, &txn->n_slots, topic->slot + 1, sizeof *txn->by_slot);
        memset(txn->by_slot + was, 0, (txn->n_slots - was) * sizeof *txn->by_slot);
    }
    struct txn_part *parts = mem_new_array(struct txn_part, (size_t)topic->config.partitions);
    for (int32_t i = 0; i < topic->config.partitions; i++)
        parts[i] = (struct txn_part){.topic = topic, .partition = i};
    txn->by_slot[topic->slot] = parts;
    return parts;
}

static inline struct txn_part *find_part(struct embedded_txn *txn, struct embedded_topic *topic, int32_t partition)
{
    struct txn_part *parts = topic->slot < txn->n_slots ? txn->by_slot[topic->slot] : NULL;
    if (__builtin_expect(!parts, 0))
        parts = add_topic(txn, topic);
    return parts + partition;
}

/* ---- filling ---- */

/* Closes the partition's batch. */
static int seal(struct embedded_txn *txn, struct txn_part *part, struct error *err)
{
    struct record_batch_builder *b = &part->builder;
    if (!b->count)
        return 0;
    struct staged s = {.part = part,
                       .at = txn->bytes.len,
                       .count = b->count,
                       .last_delta = b->last_offset_delta,
                       .max_timestamp = b->max_timestamp};
    size_t filled = b->records.len;
    int rc = record_batch_finish(b, &txn->codec, txn->e->compression, &txn->bytes, err);
    if (rc)
        return rc;
    s.size = (uint32_t)(txn->bytes.len - s.at);
    *vec_push(&txn->staged) = s;
    txn->open_bytes -= filled;
    if (b->records.cap > 2 * STORE_BATCH_BYTES)
        buf_free(&b->records);
    return 0;
}

int txn_seal_all(struct embedded_txn *txn, struct error *err)
{
    vec_each (&txn->touched, part) {
        int rc = seal(txn, *part, err);
        if (rc)
            return rc;
        give_buffer_back(txn, *part);
    }
    return 0;
}

/* A batch is full, or there are too many. */
static int make_room(struct embedded_txn *txn, struct txn_part *part, struct error *err)
{
    int rc = txn->open_bytes > STORE_OPEN_BYTES ? txn_seal_all(txn, err) : seal(txn, part, err);
    if (!rc && txn->bytes.len >= STORE_STAGED_BYTES)
        rc = commit_write_ahead(txn, err);
    return rc;
}

/* An append that fails ends the transaction: a later commit must not take the rest for the whole. */
static int fail(struct embedded_txn *txn, int code)
{
    txn_reset(txn, false);
    txn->failed = (enum error_code)code;
    return code;
}

static int refused(struct embedded_txn *txn, const struct embedded_topic *topic, int32_t partition, struct error *err)
{
    int rc = txn_usable(txn, err);
    if (rc)
        return rc;
    if (atomic_load(&topic->deleted))
        rc = catalogue_deleted(topic, err);
    else if (partition < 0 || partition >= topic->config.partitions)
        rc = error_set(err, ERROR_NOT_FOUND, "topic \"" STR_FMT "\" has no partition %d, its partitions are 0 to %d",
                       STR_ARG(topic->name), partition, topic->config.partitions - 1);
    else
        rc = error_set(err, ERROR_DATA,
                       "topic \"" STR_FMT "\" is compacted: a record needs a key; give the records keys (transform "
                       "ValueToKey), or take a topic with cleanup.policy=delete",
                       STR_ARG(topic->name));
    return fail(txn, rc);
}

static int too_large(struct embedded_txn *txn, const struct embedded_topic *topic, int code, struct error *err)
{
    error_context(err, "topic \"" STR_FMT "\"", STR_ARG(topic->name));
    return fail(txn, code);
}

int txn_usable(struct embedded_txn *txn, struct error *err)
{
    if (atomic_load(&txn->fenced))
        return error_set(err, ERROR_CONFLICT, "writer \"%s\" was replaced by a newer one of that name", txn->owner);
    if (txn->failed)
        return error_set(err, txn->failed, "writer \"%s\": the transaction ended with an earlier error", txn->owner);
    return 0;
}

static void touch(struct embedded_txn *txn, struct txn_part *part)
{
    part->touched = true;
    *vec_push(&txn->touched) = part;
}

int embedded_append(struct topics_txn *t, struct topics_target *target, int32_t partition,
                    const struct topics_record *record, struct error *err)
{
    struct embedded_txn *txn = (struct embedded_txn *)t;
    struct embedded_topic *topic = (struct embedded_topic *)target;
    if (__builtin_expect((unsigned)partition >= (unsigned)topic->config.partitions || txn->failed ||
                             atomic_load_explicit(&txn->fenced, memory_order_relaxed) ||
                             atomic_load_explicit(&topic->deleted, memory_order_relaxed) ||
                             (topic->config.compact && !record->key.ptr),
                         0))
        return refused(txn, topic, partition, err);
    struct topics_record stamped;
    if (record->timestamp == INT64_MIN) {
        stamped = *record;
        stamped.timestamp = clock_wall_ms();
        record = &stamped;
    }
    struct txn_part *part = find_part(txn, topic, partition);
    struct record_batch_builder *b = &part->builder;
    if (!b->count) {
        if (!part->touched)
            touch(txn, part);
        take_buffer(txn, part);
    }
    size_t before = b->records.len;
    int rc = record_batch_add(b, record, b->count, err);
    if (rc)
        return too_large(txn, topic, rc, err);
    size_t size = b->records.len - before;
    txn->base.bytes += size;
    txn->open_bytes += size;
    if (b->records.len >= STORE_BATCH_BYTES || txn->open_bytes > STORE_OPEN_BYTES) {
        rc = make_room(txn, part, err);
        if (rc)
            return fail(txn, rc);
    }
    return 0;
}

/* ---- ending ---- */

void txn_reset(struct embedded_txn *txn, bool keep_ahead)
{
    vec_each (&txn->touched, part) {
        record_batch_clear(&(*part)->builder);
        give_buffer_back(txn, *part);
        (*part)->touched = (*part)->placed = false;
    }
    if (!keep_ahead)
        vec_each (&txn->ahead, ahead)
            clean_orphan(txn->e, ahead);
    txn->touched.len = txn->staged.len = txn->ahead.len = txn->n_ahead = 0;
    if (txn->bytes.cap > 2 * STORE_STAGED_BYTES)
        buf_free(&txn->bytes);
    buf_clear(&txn->bytes);
    txn->open_bytes = txn->base.bytes = 0;
    txn->failed = ERROR_NONE;
}

void embedded_abort(struct topics_txn *t)
{
    txn_reset((struct embedded_txn *)t, false);
}
