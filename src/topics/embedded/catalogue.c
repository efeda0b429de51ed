#include "base/mem.h"
#include "topics/embedded/embedded.h"

#include <stdlib.h>

static int not_found(struct str name, struct error *err)
{
    return error_set(err, ERROR_NOT_FOUND, "topic \"" STR_FMT "\" does not exist", STR_ARG(name));
}

static struct embedded_topic *topic_new(struct str name, uint32_t id, const struct topic_config *config)
{
    struct embedded_topic *topic =
        mem_zalloc(sizeof *topic + (size_t)config->partitions * sizeof(struct embedded_partition));
    topic->target.partitions = config->partitions;
    topic->name = (struct str){mem_strndup(name.ptr, name.len), name.len};
    topic->id = id;
    topic->config = *config;
    return topic;
}

static void topic_free(struct embedded_topic *topic)
{
    free((char *)(uintptr_t)topic->name.ptr);
    free(topic);
}

/* Takes over the topic; under catalogue_lock, or while nobody else has the log. */
static void catalogue_add(struct embedded *e, struct embedded_topic *topic)
{
    topic->slot = (uint32_t)e->all.len;
    *vec_push(&e->all) = topic;
    map_put(&e->by_name, topic->name, topic);
}

void catalogue_release(struct embedded *e)
{
    for (size_t i = 0; i < e->all.len; i++)
        topic_free(e->all.items[i]);
    vec_free(&e->all);
    map_free(&e->by_name, NULL);
}

int catalogue_find(struct embedded *e, struct str name, struct embedded_topic **ret, struct error *err)
{
    pthread_mutex_lock(&e->catalogue_lock);
    struct embedded_topic *topic = map_get(&e->by_name, name);
    pthread_mutex_unlock(&e->catalogue_lock);
    if (!topic)
        return not_found(name, err);
    *ret = topic;
    return 0;
}

int catalogue_find_partition(struct embedded *e, struct str name, int32_t partition, struct embedded_topic **ret,
                             struct error *err)
{
    struct embedded_topic *topic = NULL;
    int rc = catalogue_find(e, name, &topic, err);
    if (rc)
        return rc;
    if (partition < 0 || partition >= topic->config.partitions)
        return error_set(err, ERROR_NOT_FOUND, "topic \"" STR_FMT "\" has no partition %d, its partitions are 0 to %d",
                         STR_ARG(name), partition, topic->config.partitions - 1);
    *ret = topic;
    return 0;
}

int catalogue_deleted(const struct embedded_topic *topic, struct error *err)
{
    return error_set(err, ERROR_NOT_FOUND, "topic \"" STR_FMT "\" was deleted", STR_ARG(topic->name));
}

struct embedded_topic **catalogue_snapshot(struct embedded *e, size_t *ret_n)
{
    pthread_mutex_lock(&e->catalogue_lock);
    size_t n = 0;
    struct embedded_topic **topics = mem_alloc((e->by_name.len + 1) * sizeof(struct embedded_topic *));
    map_each (&e->by_name, entry)
        topics[n++] = entry->value;
    pthread_mutex_unlock(&e->catalogue_lock);
    *ret_n = n;
    return topics;
}

static void raise_to(_Atomic int64_t *at, int64_t value)
{
    int64_t was = atomic_load_explicit(at, memory_order_relaxed);
    while (was < value && !atomic_compare_exchange_weak(at, &was, value))
        ;
}

/* Two commits may publish in the other order than they were made in: offsets only grow. */
void catalogue_publish(struct embedded_topic *topic, int32_t partition, const struct partition_row *row)
{
    struct embedded_partition *p = &topic->parts[partition];
    raise_to(&p->begin, be64_get(row->begin));
    raise_to(&p->end, be64_get(row->end));
}

/* ---- loading ---- */

static int load_partitions(struct embedded *e, MDB_txn *txn, struct embedded_topic *topic, struct error *err)
{
    for (int32_t i = 0; i < topic->config.partitions; i++) {
        struct partition_row row;
        int rc = store_get_partition(e, txn, topic, i, &row, err);
        if (rc)
            return rc == ERROR_NOT_FOUND ? error_set(err, ERROR_CORRUPT, "%s: topic \"" STR_FMT "\" lacks partition %d",
                                                     e->dir, STR_ARG(topic->name), i)
                                         : rc;
        catalogue_publish(topic, i, &row);
    }
    return 0;
}

static int load_topic(struct embedded *e, MDB_txn *txn, const MDB_val *key, const MDB_val *value, struct error *err)
{
    struct topic_row row;
    struct str name = str_of(key->mv_data, key->mv_size);
    if (value->mv_size != sizeof row)
        return error_set(err, ERROR_CORRUPT, "%s: topic \"" STR_FMT "\" has a row of %zu bytes", e->dir, STR_ARG(name),
                         value->mv_size);
    memcpy(&row, value->mv_data, sizeof row);
    struct topic_config config = {
        .partitions = (int32_t)be32_get(row.partitions),
        .compact = be32_get(row.flags) & TOPIC_COMPACT,
        .cleanup_delete = be32_get(row.flags) & TOPIC_DELETE,
        .retention_ms = be64_get(row.retention_ms),
        .retention_bytes = be64_get(row.retention_bytes),
        .delete_retention_ms = be64_get(row.delete_retention_ms),
    };
    if (config.partitions < 1 || config.partitions > TOPICS_PARTITIONS_MAX)
        return error_set(err, ERROR_CORRUPT, "%s: topic \"" STR_FMT "\" has %d partitions", e->dir, STR_ARG(name),
                         config.partitions);
    struct embedded_topic *topic = topic_new(name, be32_get(row.id), &config);
    catalogue_add(e, topic);
    return load_partitions(e, txn, topic, err);
}

int catalogue_load(struct embedded *e, struct error *err)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, value;
    int rc = store_begin(e, false, &txn, err);
    if (rc)
        return rc;
    int code = mdb_cursor_open(txn, e->topics, &cursor);
    if (!code) {
        while (!rc && !(code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)))
            rc = load_topic(e, txn, &key, &value, err);
        mdb_cursor_close(cursor);
    }
    store_abort(e, txn);
    if (!rc && code != MDB_NOTFOUND)
        return store_error(e, code, "reading the topics", err);
    return rc;
}

/* ---- creating and deleting: one at a time, under admin_lock ---- */

struct change {
    struct str name;
    const struct topic_config *config;
    struct embedded_topic *topic;
};

static int create_step(struct embedded *e, MDB_txn *txn, void *ctx, struct error *err)
{
    const struct change *c = ctx;
    const struct topic_config *config = c->config;
    struct topic_row row = {
        .id = be32_of(c->topic->id),
        .partitions = be32_of((uint32_t)config->partitions),
        .flags = be32_of((config->compact ? TOPIC_COMPACT : 0u) | (config->cleanup_delete ? TOPIC_DELETE : 0u)),
        .retention_ms = be64_of(config->retention_ms),
        .retention_bytes = be64_of(config->retention_bytes),
        .delete_retention_ms = be64_of(config->delete_retention_ms),
    };
    MDB_val key = val_of(c->name.ptr, c->name.len), value = val_of(&row, sizeof row);
    int rc = mdb_put(txn, e->topics, &key, &value, MDB_NOOVERWRITE);
    if (rc == MDB_KEYEXIST)
        return error_set(err, ERROR_CONFLICT, "topic \"" STR_FMT "\" exists already", STR_ARG(c->name));
    if (rc)
        return store_error(e, rc, "creating a topic", err);
    rc = store_put_meta(e, txn, "next topic", c->topic->id + 1, err);
    for (int32_t i = 0; !rc && i < config->partitions; i++)
        rc = store_put_partition(e, txn, c->topic, i, &(struct partition_row){0}, err);
    return rc;
}

int embedded_create(struct topics *t, struct str name, const struct topic_config *config, struct error *err)
{
    struct embedded *e = (struct embedded *)t;
    pthread_mutex_lock(&e->admin_lock);
    struct embedded_topic *topic = topic_new(name, e->next_topic, config);
    struct change c = {.name = name, .config = config, .topic = topic};
    MDB_txn *txn;
    int rc = store_begin(e, true, &txn, err);
    if (!rc) {
        rc = create_step(e, txn, &c, err);
        if (rc)
            store_abort(e, txn);
        else
            rc = store_commit(e, txn, err);
    }
    if (rc) {
        topic_free(topic);
    } else {
        e->next_topic++;
        pthread_mutex_lock(&e->catalogue_lock);
        catalogue_add(e, topic);
        pthread_mutex_unlock(&e->catalogue_lock);
    }
    pthread_mutex_unlock(&e->admin_lock);
    return rc;
}

static int delete_step(struct embedded *e, MDB_txn *txn, void *ctx, struct error *err)
{
    const struct change *c = ctx;
    MDB_val key = val_of(c->name.ptr, c->name.len);
    int rc = mdb_del(txn, e->topics, &key, NULL);
    for (int32_t i = 0; !rc && i < c->topic->config.partitions; i++) {
        struct partition_key partition = {be32_of(c->topic->id), be32_of((uint32_t)i)};
        key = val_of(&partition, sizeof partition);
        rc = mdb_del(txn, e->partitions, &key, NULL);
    }
    struct garbage_key garbage = {be32_of(GARBAGE_TOPIC), be64_of(c->topic->id)};
    struct be32 none = be32_of(0);
    MDB_val value = val_of(&none, sizeof none);
    key = val_of(&garbage, sizeof garbage);
    if (!rc)
        rc = mdb_put(txn, e->garbage, &key, &value, 0);
    return rc ? store_error(e, rc, "deleting a topic", err) : 0;
}

int embedded_delete(struct topics *t, struct str name, struct error *err)
{
    struct embedded *e = (struct embedded *)t;
    struct change c = {.name = name};
    pthread_mutex_lock(&e->admin_lock);
    int rc = catalogue_find(e, name, &c.topic, err);
    if (!rc)
        rc = store_upkeep(e, delete_step, &c, err);
    if (!rc) {
        atomic_store(&c.topic->deleted, true);
        pthread_mutex_lock(&e->catalogue_lock);
        map_remove(&e->by_name, name);
        pthread_mutex_unlock(&e->catalogue_lock);
    }
    pthread_mutex_unlock(&e->admin_lock);
    if (rc)
        return rc;
    commit_wake(e, c.topic, -1);
    /* The topic is gone; what of its batches cannot be removed now, for want of space, the next upkeep removes. */
    clean_deleted_topic(e, c.topic->id, NULL);
    store_settle(e);
    return 0;
}

/* ---- describing ---- */

static int describe_topic(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, struct arena *arena,
                          struct topic_info *ret, struct error *err)
{
    struct topic_info info = {.name = arena_str(arena, topic->name), .config = topic->config};
    for (int32_t i = 0; i < topic->config.partitions; i++) {
        struct partition_row row;
        int rc = store_get_partition(e, txn, topic, i, &row, err);
        if (rc)
            return rc;
        info.records += be64_get(row.end) - be64_get(row.begin);
        info.bytes += be64_get(row.bytes);
    }
    *ret = info;
    return 0;
}

int embedded_describe(struct topics *t, struct str name, struct arena *arena, struct topic_info *ret, struct error *err)
{
    struct embedded *e = (struct embedded *)t;
    struct embedded_topic *topic = NULL;
    MDB_txn *txn;
    int rc = catalogue_find(e, name, &topic, err);
    if (!rc)
        rc = store_begin(e, false, &txn, err);
    if (rc)
        return rc;
    rc = describe_topic(e, txn, topic, arena, ret, err);
    store_abort(e, txn);
    return rc;
}

static int by_name(const void *a, const void *b)
{
    const struct embedded_topic *const *one = a, *const *other = b;
    return str_compare((*one)->name, (*other)->name);
}

int embedded_list(struct topics *t, struct arena *arena, struct topic_info **ret, size_t *ret_n, struct error *err)
{
    struct embedded *e = (struct embedded *)t;
    size_t n, kept = 0;
    AUTO_FREE struct embedded_topic **topics = catalogue_snapshot(e, &n);
    qsort(topics, n, sizeof *topics, by_name);
    struct topic_info *infos = arena_array(arena, struct topic_info, n + 1);
    MDB_txn *txn;
    int rc = store_begin(e, false, &txn, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < n && !rc; i++) {
        rc = describe_topic(e, txn, topics[i], arena, &infos[kept], err);
        if (!rc)
            kept++;
        else if (rc == ERROR_NOT_FOUND) /* deleted meanwhile */
            rc = 0;
    }
    store_abort(e, txn);
    if (rc)
        return rc;
    *ret = infos;
    *ret_n = kept;
    return 0;
}

int embedded_offsets(struct topics *t, struct str name, int32_t partition, int64_t *ret_begin, int64_t *ret_end,
                     struct error *err)
{
    struct embedded_topic *topic = NULL;
    int rc = catalogue_find_partition((struct embedded *)t, name, partition, &topic, err);
    if (rc)
        return rc;
    *ret_begin = atomic_load(&topic->parts[partition].begin);
    *ret_end = atomic_load(&topic->parts[partition].end);
    return 0;
}

int embedded_target(struct topics *t, struct str name, struct topics_target **ret, struct error *err)
{
    struct embedded_topic *topic = NULL;
    int rc = catalogue_find((struct embedded *)t, name, &topic, err);
    if (rc)
        return rc;
    *ret = &topic->target;
    return 0;
}
