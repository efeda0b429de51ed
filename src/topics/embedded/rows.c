#include "topics/embedded/embedded.h"

#include <errno.h>
#include <unistd.h>

enum { READ_THROUGH_MAP = 4096 }; /* smaller blocks lie in pages that the look-up has touched anyway */

/* ---- numbers ---- */

int store_put_meta(struct embedded *e, MDB_txn *txn, const char *name, uint32_t value, struct error *err)
{
    struct be32 v = be32_of(value);
    MDB_val key = val_of(name, strlen(name)), val = val_of(&v, sizeof v);
    int rc = mdb_put(txn, e->meta, &key, &val, 0);
    return rc ? store_error(e, rc, "storing a number", err) : 0;
}

/* ---- blocks ---- */

static struct be64 block_key(uint64_t block)
{
    return be64_of((int64_t)block);
}

int store_put_block(struct embedded *e, MDB_txn *txn, struct str batch, uint64_t *ret_block, struct error *err)
{
    uint64_t block = e->next_block;
    struct be64 k = block_key(block);
    MDB_val key = val_of(&k, sizeof k), value = val_of(batch.ptr, batch.len);
    int rc = mdb_put(txn, e->blocks, &key, &value, MDB_APPEND);
    if (rc)
        return store_error(e, rc, "storing a batch", err);
    e->next_block++;
    *ret_block = block;
    return 0;
}

int store_delete_block(struct embedded *e, MDB_txn *txn, uint64_t block, struct error *err)
{
    struct be64 k = block_key(block);
    MDB_val key = val_of(&k, sizeof k);
    int rc = mdb_del(txn, e->blocks, &key, NULL);
    atomic_store_explicit(&e->freed, true, memory_order_relaxed);
    atomic_fetch_add_explicit(&e->touched, 1, memory_order_relaxed); /* LMDB looks at the head of what it frees */
    return rc && rc != MDB_NOTFOUND ? store_error(e, rc, "removing a batch", err) : 0;
}

static int read_file(struct embedded *e, size_t at, char *into, size_t size, struct error *err)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(e->data_fd, into + done, size - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return store_error(e, n ? errno : EIO, "reading a batch", err);
        done += (size_t)n;
    }
    return 0;
}

int store_read_block(struct embedded *e, MDB_txn *txn, uint64_t block, uint32_t size, struct buf *out,
                     struct error *err)
{
    struct be64 k = block_key(block);
    MDB_val key = val_of(&k, sizeof k), value;
    int rc = mdb_get(txn, e->blocks, &key, &value);
    if (rc == MDB_NOTFOUND)
        return error_set(err, ERROR_CORRUPT, "%s: batch %llu is missing", e->dir, (unsigned long long)block);
    if (rc)
        return store_error(e, rc, "finding a batch", err);
    if (value.mv_size != size)
        return error_set(err, ERROR_CORRUPT, "%s: batch %llu has %zu bytes, expected %u", e->dir,
                         (unsigned long long)block, value.mv_size, size);
    char *into = buf_reserve(out, size);
    if (e->map && size >= READ_THROUGH_MAP) {
        rc = read_file(e, (size_t)((const char *)value.mv_data - e->map), into, size, err);
        if (rc)
            return rc;
    } else {
        memcpy(into, value.mv_data, size);
    }
    out->len += size;
    return 0;
}

/* ---- partitions ---- */

static struct partition_key partition_key(const struct embedded_topic *topic, int32_t partition)
{
    return (struct partition_key){be32_of(topic->id), be32_of((uint32_t)partition)};
}

int store_get_partition(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, int32_t partition,
                        struct partition_row *ret, struct error *err)
{
    struct partition_key k = partition_key(topic, partition);
    MDB_val key = val_of(&k, sizeof k), value;
    int rc = mdb_get(txn, e->partitions, &key, &value);
    if (rc == MDB_NOTFOUND)
        return error_set(err, ERROR_NOT_FOUND, "topic \"" STR_FMT "\" was deleted", STR_ARG(topic->name));
    if (rc)
        return store_error(e, rc, "reading a partition's offsets", err);
    if (value.mv_size != sizeof *ret)
        return error_set(err, ERROR_CORRUPT, "%s: topic \"" STR_FMT "\": partition %d has a row of %zu bytes", e->dir,
                         STR_ARG(topic->name), partition, value.mv_size);
    memcpy(ret, value.mv_data, sizeof *ret);
    return 0;
}

int store_put_partition(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, int32_t partition,
                        const struct partition_row *row, struct error *err)
{
    struct partition_key k = partition_key(topic, partition);
    MDB_val key = val_of(&k, sizeof k), value = val_of(row, sizeof *row);
    int rc = mdb_put(txn, e->partitions, &key, &value, 0);
    return rc ? store_error(e, rc, "storing a partition's offsets", err) : 0;
}

/* ---- the index ---- */

static struct index_key index_key(uint32_t topic, int32_t partition, int64_t base)
{
    return (struct index_key){be32_of(topic), be32_of((uint32_t)partition), be64_of(base)};
}

int store_put_index(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, int32_t partition,
                    int64_t base, const struct index_row *row, struct error *err)
{
    struct index_key k = index_key(topic->id, partition, base);
    MDB_val key = val_of(&k, sizeof k), value = val_of(row, sizeof *row);
    int rc = mdb_put(txn, e->index, &key, &value, 0);
    return rc ? store_error(e, rc, "storing an index row", err) : 0;
}

/* Takes over where the cursor stands after a move that returned `code`. */
static int index_at(struct embedded *e, struct index_walk *w, int code, const MDB_val *key, const MDB_val *value,
                    struct error *err)
{
    w->found = false;
    if (code == MDB_NOTFOUND)
        return 0;
    if (code)
        return store_error(e, code, "reading the index", err);
    struct index_key k;
    if (key->mv_size != sizeof k || value->mv_size != sizeof w->row)
        return error_set(err, ERROR_CORRUPT, "%s: an index row has %zu and %zu bytes", e->dir, key->mv_size,
                         value->mv_size);
    memcpy(&k, key->mv_data, sizeof k);
    if (be32_get(k.topic) != w->topic || be32_get(k.partition) != (uint32_t)w->partition)
        return 0;
    memcpy(&w->row, value->mv_data, sizeof w->row);
    w->base = be64_get(k.base);
    w->found = true;
    return 0;
}

static int index_move(struct embedded *e, struct index_walk *w, MDB_cursor_op op, int64_t base, struct error *err)
{
    struct index_key k = index_key(w->topic, w->partition, base);
    MDB_val key = val_of(&k, sizeof k), value = {0};
    int rc = mdb_cursor_get(w->cursor, &key, &value, op);
    return index_at(e, w, rc, &key, &value, err);
}

static int index_open(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, int32_t partition,
                      struct index_walk *w, struct error *err)
{
    *w = (struct index_walk){.topic = topic->id, .partition = partition};
    int rc = mdb_cursor_open(txn, e->index, &w->cursor);
    return rc ? store_error(e, rc, "reading the index", err) : 0;
}

void index_close(struct index_walk *w)
{
    if (w->cursor)
        mdb_cursor_close(w->cursor);
    w->cursor = NULL;
}

int64_t index_walk_end(const struct index_walk *w)
{
    return w->base + be32_get(w->row.last_delta) + 1;
}

/* The row before the cursor, also when it stands behind the last one. */
static int index_back(struct embedded *e, struct index_walk *w, int64_t base, struct error *err)
{
    struct index_key k = index_key(w->topic, w->partition, base);
    MDB_val key = val_of(&k, sizeof k), value = {0};
    int rc = mdb_cursor_get(w->cursor, &key, &value, MDB_SET_RANGE);
    rc = mdb_cursor_get(w->cursor, &key, &value, rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
    return index_at(e, w, rc, &key, &value, err);
}

int index_seek(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, int32_t partition, int64_t offset,
               struct index_walk *ret, struct error *err)
{
    struct index_walk w;
    int rc = index_open(e, txn, topic, partition, &w, err);
    if (!rc)
        rc = index_move(e, &w, MDB_SET_RANGE, offset, err);
    if (!rc && !(w.found && w.base == offset)) {
        rc = index_back(e, &w, offset, err);
        if (!rc && !(w.found && index_walk_end(&w) > offset))
            rc = index_move(e, &w, MDB_SET_RANGE, offset, err);
    }
    if (rc) {
        index_close(&w);
        return rc;
    }
    *ret = w;
    return 0;
}

int index_next(struct embedded *e, struct index_walk *w, struct error *err)
{
    return index_move(e, w, MDB_NEXT, 0, err);
}

int index_last(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, int32_t partition,
               struct index_walk *ret, struct error *err)
{
    struct index_walk w;
    int rc = index_open(e, txn, topic, partition, &w, err);
    if (!rc)
        rc = index_back(e, &w, INT64_MAX, err);
    if (rc) {
        index_close(&w);
        return rc;
    }
    *ret = w;
    return 0;
}

int index_delete(struct embedded *e, struct index_walk *w, struct error *err)
{
    int rc = mdb_cursor_del(w->cursor, 0);
    return rc ? store_error(e, rc, "removing an index row", err) : 0;
}
