#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "topics/topics.h"

#include <pthread.h>
#include <stdlib.h>

/* The last value of one key; all of them form a list in the order of the topic. */
struct view_entry {
    struct view_entry *prev, *next;
    struct str key, value;
};

struct topics_view {
    struct topics *topics;
    char *topic;
    struct topics_target *target;
    struct topics_txn *txn;
    int64_t *next; /* offset to read next, by partition */
    pthread_mutex_t lock;
    struct map by_key;
    struct view_entry list; /* the ring's head */
};

/* ---- entries ---- */

static void unlink_entry(struct view_entry *e)
{
    e->prev->next = e->next;
    e->next->prev = e->prev;
}

static void link_last(struct topics_view *v, struct view_entry *e)
{
    e->prev = v->list.prev;
    e->next = &v->list;
    e->prev->next = e;
    v->list.prev = e;
}

static void free_entry(struct view_entry *e)
{
    free((char *)(uintptr_t)e->key.ptr);
    free((char *)(uintptr_t)e->value.ptr);
    free(e);
}

static struct str copy(struct str s)
{
    return (struct str){mem_strndup(s.ptr, s.len), s.len};
}

static void apply(struct topics_view *v, const struct topics_record *record)
{
    if (!record->key.ptr)
        return;
    struct view_entry *e = map_get(&v->by_key, record->key);
    if (!record->value.ptr) {
        if (!e)
            return;
        map_remove(&v->by_key, record->key);
        unlink_entry(e);
        free_entry(e);
        return;
    }
    if (e) {
        unlink_entry(e);
        free((char *)(uintptr_t)e->value.ptr);
    } else {
        e = mem_new(struct view_entry);
        e->key = copy(record->key);
        map_put(&v->by_key, e->key, e);
    }
    e->value = copy(record->value);
    link_last(v, e);
}

/* ---- reading the topic ---- */

static int refresh_partition(struct topics_view *v, int32_t partition, struct error *err)
{
    struct str topic = str_from(v->topic);
    int64_t begin, end;
    int rc = topics_offsets(v->topics, topic, partition, &begin, &end, err);
    if (rc || v->next[partition] >= end)
        return rc;
    struct topics_reader *reader;
    rc = topics_reader_open(v->topics, topic, partition, v->next[partition], &reader, err);
    if (rc)
        return rc;
    for (;;) {
        struct topics_record record;
        bool found;
        rc = topics_read(reader, 0, NULL, &record, &found, err);
        if (rc || !found)
            break;
        apply(v, &record);
    }
    v->next[partition] = topics_reader_offset(reader);
    topics_reader_close(reader);
    return rc;
}

static int refresh(struct topics_view *v, struct error *err)
{
    int rc = 0;
    for (int32_t p = 0; p < topics_target_partitions(v->target) && !rc; p++)
        rc = refresh_partition(v, p, err);
    return rc;
}

int topics_view_refresh(struct topics_view *v, struct error *err)
{
    pthread_mutex_lock(&v->lock);
    int rc = refresh(v, err);
    pthread_mutex_unlock(&v->lock);
    return rc;
}

/* ---- opening ---- */

int topics_view_open(struct topics *t, struct str topic, const struct topic_config *config, struct topics_view **ret,
                     struct error *err)
{
    struct topics_target *target = NULL;
    struct topics_txn *txn = NULL;
    int rc = topics_ensure(t, topic, config, err);
    if (!rc)
        rc = topics_target(t, topic, &target, err);
    if (!rc)
        rc = topics_txn_open(t, STR(""), &txn, err);
    if (rc)
        return rc;
    struct topics_view *v = mem_new(struct topics_view);
    v->topics = t;
    v->topic = mem_strndup(topic.ptr, topic.len);
    v->target = target;
    v->txn = txn;
    v->next = mem_new_array(int64_t, (size_t)topics_target_partitions(target));
    v->list.prev = v->list.next = &v->list;
    pthread_mutex_init(&v->lock, NULL);
    rc = refresh(v, err);
    if (rc) {
        topics_view_close(v);
        return rc;
    }
    *ret = v;
    return 0;
}

void topics_view_close(struct topics_view *v)
{
    if (!v)
        return;
    while (v->list.next != &v->list) {
        struct view_entry *e = v->list.next;
        unlink_entry(e);
        free_entry(e);
    }
    map_free(&v->by_key, NULL);
    topics_txn_close(v->txn);
    pthread_mutex_destroy(&v->lock);
    free(v->next);
    free(v->topic);
    free(v);
}

/* ---- writing and looking up ---- */

int topics_view_put_all(struct topics_view *v, const struct topics_record *records, size_t n, struct error *err)
{
    uint32_t partitions = (uint32_t)topics_target_partitions(v->target);
    int rc = 0;
    pthread_mutex_lock(&v->lock);
    for (size_t i = 0; i < n && !rc; i++) {
        uint32_t hash = records[i].key.ptr ? murmur2(records[i].key.ptr, records[i].key.len) & 0x7fffffff : 0;
        rc = topics_append(v->txn, v->target, (int32_t)(hash % partitions), &records[i], err);
    }
    if (rc)
        topics_abort(v->txn);
    else
        rc = topics_commit(v->txn, err);
    if (!rc)
        rc = refresh(v, err);
    pthread_mutex_unlock(&v->lock);
    return rc;
}

int topics_view_put(struct topics_view *v, struct str key, struct str value, struct error *err)
{
    struct topics_record record = {.key = key, .value = value, .timestamp = INT64_MIN};
    return topics_view_put_all(v, &record, 1, err);
}

bool topics_view_get(struct topics_view *v, struct str key, struct buf *out)
{
    pthread_mutex_lock(&v->lock);
    const struct view_entry *e = map_get(&v->by_key, key);
    if (e)
        buf_add_str(out, e->value);
    pthread_mutex_unlock(&v->lock);
    return e;
}

void topics_view_each(struct topics_view *v, int (*each)(void *ctx, struct str key, struct str value), void *ctx)
{
    pthread_mutex_lock(&v->lock);
    for (const struct view_entry *e = v->list.next; e != &v->list; e = e->next)
        if (each(ctx, e->key, e->value))
            break;
    pthread_mutex_unlock(&v->lock);
}
