#include "topics/embedded/embedded.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { UPKEEP_EXTRA = 4 * 1024 * 1024, DISK_FULL_BYTES = 1024 * 1024 };

/* ---- errors ---- */

/* LMDB reports a write that the disk cut short as EIO: whether the disk is full tells the file system. */
static bool disk_is_full(const struct embedded *e)
{
    struct statvfs fs;
    return !statvfs(e->dir, &fs) && (uint64_t)fs.f_bavail * fs.f_frsize < DISK_FULL_BYTES;
}

int store_error(const struct embedded *e, int code, const char *doing, struct error *err)
{
    switch (code) {
    case MDB_MAP_FULL:
        return error_set(err, ERROR_NO_SPACE,
                         "%s: %s: the log has reached its limit of %zu bytes; raise the limit, shorten the retention "
                         "of topics or delete some; nothing acknowledged is lost",
                         e->dir, doing, e->max_bytes);
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
        return error_set(err, ERROR_CORRUPT, "%s: %s: %s; restore the directory from a copy", e->dir, doing,
                         mdb_strerror(code));
    case MDB_PANIC:
        return error_set(err, ERROR_IO, "%s: %s: an earlier write failed; restart to open the log again", e->dir,
                         doing);
    default:
        break;
    }
    if (code == ENOSPC || code == EDQUOT || (code == EIO && disk_is_full(e)))
        return error_set(err, ERROR_NO_SPACE,
                         "%s: %s: no space left on the disk; free some, commits go on as soon as there is room; "
                         "nothing acknowledged is lost",
                         e->dir, doing);
    return error_set(err, code > 0 ? error_from_errno(code) : ERROR_INTERNAL, "%s: %s: %s", e->dir, doing,
                     mdb_strerror(code));
}

/* ---- LMDB transactions ---- */

int store_begin(struct embedded *e, bool write, MDB_txn **ret, struct error *err)
{
    pthread_rwlock_rdlock(&e->map_lock);
    int rc = mdb_txn_begin(e->env, NULL, write ? 0 : MDB_RDONLY, ret);
    if (!rc)
        return 0;
    pthread_rwlock_unlock(&e->map_lock);
    return store_error(e, rc, "starting a transaction", err);
}

int store_commit(struct embedded *e, MDB_txn *txn, struct error *err)
{
    int rc = mdb_txn_commit(txn);
    pthread_rwlock_unlock(&e->map_lock);
    store_touch(e, STORE_TOUCH_WRITE);
    return rc ? store_error(e, rc, "committing", err) : 0;
}

void store_abort(struct embedded *e, MDB_txn *txn)
{
    mdb_txn_abort(txn);
    pthread_rwlock_unlock(&e->map_lock);
}

static int upkeep_once(struct embedded *e, int (*step)(struct embedded *, MDB_txn *, void *, struct error *), void *ctx,
                       struct error *err)
{
    MDB_txn *txn;
    int rc = store_begin(e, true, &txn, err);
    if (rc)
        return rc;
    rc = step(e, txn, ctx, err);
    if (rc) {
        store_abort(e, txn);
        return rc;
    }
    return store_commit(e, txn, err);
}

static int resize_map(struct embedded *e, size_t bytes, struct error *err)
{
    pthread_rwlock_wrlock(&e->map_lock);
    int rc = mdb_env_set_mapsize(e->env, bytes);
    if (!rc)
        store_find_map(e);
    pthread_rwlock_unlock(&e->map_lock);
    return rc ? store_error(e, rc, "resizing the map", err) : 0;
}

int store_upkeep(struct embedded *e, int (*step)(struct embedded *, MDB_txn *, void *, struct error *), void *ctx,
                 struct error *err)
{
    struct error own;
    int rc = upkeep_once(e, step, ctx, &own);
    if (rc == ERROR_NO_SPACE && !resize_map(e, e->max_bytes + UPKEEP_EXTRA, NULL)) {
        rc = upkeep_once(e, step, ctx, &own);
        int back = resize_map(e, e->max_bytes, rc ? NULL : &own);
        rc = rc ? rc : back;
    }
    if (rc && err)
        *err = own;
    return rc;
}

static int settle_step(struct embedded *e, MDB_txn *txn, void *ctx, struct error *err)
{
    (void)ctx;
    return store_put_meta(e, txn, "settled", 0, err);
}

void store_settle(struct embedded *e)
{
    if (atomic_exchange(&e->freed, false))
        store_upkeep(e, settle_step, NULL, NULL);
}

/* ---- the map's resident memory ---- */

/* LMDB does not tell where it has mapped the file. Without an answer (no /proc) batches are read through the map, and
 * its pages stay resident until the system wants them. */
void store_find_map(struct embedded *e)
{
    char link[64], line[8192], path[4096];
    e->map = NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", e->data_fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    FILE *maps = n > 0 ? fopen("/proc/self/maps", "re") : NULL;
    if (!maps)
        return;
    path[n] = 0;
    while (fgets(line, sizeof line, maps)) {
        unsigned long long from, offset;
        int name = 0;
        if (sscanf(line, "%llx-%*x %*s %llx %*s %*s %n", &from, &offset, &name) < 2 || !name || offset)
            continue;
        line[strcspn(line, "\n")] = 0;
        if (!strcmp(line + name, path)) {
            e->map = (const char *)(uintptr_t)from;
            break;
        }
    }
    fclose(maps);
}

void store_touch(struct embedded *e, unsigned pages)
{
    if (atomic_fetch_add_explicit(&e->touched, pages, memory_order_relaxed) + pages < STORE_TOUCH_PAGES)
        return;
    atomic_store_explicit(&e->touched, 0, memory_order_relaxed);
    pthread_rwlock_rdlock(&e->map_lock);
    MDB_envinfo info;
    MDB_stat stat;
    if (e->map && !mdb_env_info(e->env, &info) && !mdb_env_stat(e->env, &stat))
        madvise((void *)(uintptr_t)e->map, (info.me_last_pgno + 1) * stat.ms_psize, MADV_DONTNEED);
    pthread_rwlock_unlock(&e->map_lock);
}
