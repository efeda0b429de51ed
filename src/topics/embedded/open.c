#include "base/mem.h"
#include "topics/embedded/embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { MIN_BYTES = 1024 * 1024, LMDB_TABLES = 6, LMDB_LOCK_BYTES = 128 * 1024, DIR_MODE = 0755, FILE_MODE = 0644 };
static const uint64_t min_map = 1ULL << 30, max_map = 1ULL << 44; /* where the disk's size decides */

static const struct topics_ops ops = {
    .close = embedded_close,
    .create = embedded_create,
    .delete = embedded_delete,
    .describe = embedded_describe,
    .list = embedded_list,
    .offsets = embedded_offsets,
    .offset_at = embedded_offset_at,
    .target = embedded_target,
    .txn_open = embedded_txn_open,
    .append = embedded_append,
    .commit = embedded_commit,
    .abort = embedded_abort,
    .txn_close = embedded_txn_close,
    .reader_open = embedded_reader_open,
    .read = embedded_read,
    .reader_close = embedded_reader_close,
    .clean = embedded_clean,
    .compact = embedded_compact,
    .verify = embedded_verify,
};

/* ---- the directory ---- */

static void sync_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* Makes the directory and those above it, durably. */
static int make_dir(const char *dir, struct error *err)
{
    AUTO_FREE char *path = mem_strdup(dir);
    AUTO_FREE char *above = mem_strdup(*dir == '/' ? "/" : ".");
    for (char *p = path + 1;; p++) {
        if (*p && *p != '/')
            continue;
        char was = *p;
        *p = 0;
        if (!mkdir(path, DIR_MODE))
            sync_dir(above);
        else if (errno != EEXIST)
            return error_set(err, error_from_errno(errno), "%s: creating the directory: %s", path, strerror(errno));
        free(above);
        above = mem_strdup(path);
        *p = was;
        if (!was)
            return 0;
    }
}

/* The lock file holds the pid of the process that has the directory; a clean close empties it. */
static int lock_dir(struct embedded *e, struct error *err)
{
    AUTO_FREE char *path = mem_printf("%s/tributary.lock", e->dir);
    e->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (e->lock_fd < 0)
        return error_set(err, error_from_errno(errno), "%s: opening it: %s", path, strerror(errno));
    char pid[32] = "";
    bool locked = !flock(e->lock_fd, LOCK_EX | LOCK_NB);
    int why = errno;
    ssize_t n = pread(e->lock_fd, pid, sizeof pid - 1, 0);
    pid[n > 0 ? n : 0] = 0;
    pid[strcspn(pid, "\n")] = 0;
    if (!locked && why == EWOULDBLOCK)
        return error_set(err, ERROR_LOCKED,
                         "directory %s is in use by process %s; stop that process or choose another directory", e->dir,
                         *pid ? pid : "(unknown)");
    if (!locked)
        return error_set(err, ERROR_IO, "%s: locking it: %s", path, strerror(why));
    e->unclean = *pid;
    int len = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    if (ftruncate(e->lock_fd, 0) || pwrite(e->lock_fd, pid, (size_t)len, 0) != len)
        return error_set(err, error_from_errno(errno), "%s: writing it: %s", path, strerror(errno));
    return 0;
}

/* LMDB writes its lock file through a mapping: on a full disk that would be a signal instead of an error. */
static int reserve_lmdb_lock(struct embedded *e, struct error *err)
{
    AUTO_FREE char *path = mem_printf("%s/lock.mdb", e->dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return store_error(e, errno, "creating lock.mdb", err);
    int rc = posix_fallocate(fd, 0, LMDB_LOCK_BYTES);
    close(fd);
    return rc ? store_error(e, rc, "creating lock.mdb", err) : 0;
}

/* ---- the environment ---- */

static uint64_t map_bytes(const struct embedded *e, int64_t max_bytes)
{
    uint64_t bytes = (uint64_t)max_bytes;
    if (max_bytes <= 0) {
        struct statvfs fs;
        bytes = statvfs(e->dir, &fs) ? min_map : (uint64_t)fs.f_blocks * fs.f_frsize;
        bytes = bytes < min_map ? min_map : bytes > max_map ? max_map : bytes;
    } else if (bytes < MIN_BYTES) {
        bytes = MIN_BYTES;
    }
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    return (bytes + page - 1) / page * page;
}

static int open_env(struct embedded *e, size_t bytes, struct error *err)
{
    int rc = mdb_env_create(&e->env);
    if (rc)
        return store_error(e, rc, "opening the log", err);
    unsigned flags = MDB_NOTLS | MDB_NORDAHEAD | (e->relaxed ? MDB_NOSYNC : 0);
    if ((rc = mdb_env_set_mapsize(e->env, bytes)) || (rc = mdb_env_set_maxdbs(e->env, LMDB_TABLES)) ||
        (rc = mdb_env_set_maxreaders(e->env, STORE_LMDB_READERS)) ||
        (rc = mdb_env_open(e->env, e->dir, flags, FILE_MODE))) {
        mdb_env_close(e->env);
        e->env = NULL;
        return rc == ENOMEM ? rc : store_error(e, rc, "opening the log", err);
    }
    e->max_bytes = bytes;
    mdb_env_get_fd(e->env, &e->data_fd);
    store_find_map(e);
    return 0;
}

/* A limit on address space (ulimit -v) may be below the disk's size: then the map is as large as it may be. */
static int open_env_fitting(struct embedded *e, size_t bytes, struct error *err)
{
    int rc = open_env(e, bytes, err);
    while (rc == ENOMEM && bytes > min_map) {
        bytes /= 2;
        rc = open_env(e, bytes, err);
    }
    return rc == ENOMEM ? store_error(e, rc, "mapping the log", err) : rc;
}

static int get_u32(struct embedded *e, MDB_txn *txn, const char *name, uint32_t *ret)
{
    MDB_val key = val_of(name, strlen(name)), value;
    int rc = mdb_get(txn, e->meta, &key, &value);
    if (!rc && value.mv_size != sizeof(struct be32))
        return MDB_CORRUPTED;
    if (!rc) {
        struct be32 v;
        memcpy(&v, value.mv_data, sizeof v);
        *ret = be32_get(v);
    }
    return rc;
}

static int open_tables(struct embedded *e, MDB_txn *txn, struct error *err)
{
    const struct {
        const char *name;
        MDB_dbi *dbi;
    } tables[LMDB_TABLES] = {{"meta", &e->meta},   {"topics", &e->topics}, {"partitions", &e->partitions},
                             {"index", &e->index}, {"blocks", &e->blocks}, {"garbage", &e->garbage}};
    for (size_t i = 0; i < LMDB_TABLES; i++) {
        int rc = mdb_dbi_open(txn, tables[i].name, MDB_CREATE, tables[i].dbi);
        if (rc)
            return store_error(e, rc, "opening a table", err);
    }
    uint32_t format = 0;
    int rc = get_u32(e, txn, "format", &format);
    if (rc == MDB_NOTFOUND)
        return store_put_meta(e, txn, "format", LAYOUT_FORMAT, err);
    if (rc)
        return store_error(e, rc, "reading the log's format", err);
    if (format != LAYOUT_FORMAT)
        return error_set(err, ERROR_UNSUPPORTED, "%s: the log has format %u, this program knows %d; use a newer one",
                         e->dir, format, LAYOUT_FORMAT);
    rc = get_u32(e, txn, "next topic", &e->next_topic);
    return rc && rc != MDB_NOTFOUND ? store_error(e, rc, "reading the log's numbers", err) : 0;
}

static int find_next_block(struct embedded *e, MDB_txn *txn, struct error *err)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    int rc = mdb_cursor_open(txn, e->blocks, &cursor);
    if (!rc) {
        rc = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
        mdb_cursor_close(cursor);
    }
    e->next_block = 1;
    if (rc == MDB_NOTFOUND)
        return 0;
    if (rc)
        return store_error(e, rc, "reading the log's end", err);
    struct be64 last;
    if (key.mv_size != sizeof last)
        return error_set(err, ERROR_CORRUPT, "%s: a batch has a key of %zu bytes", e->dir, key.mv_size);
    memcpy(&last, key.mv_data, sizeof last);
    e->next_block = (uint64_t)be64_get(last) + 1;
    return 0;
}

static int load_step(struct embedded *e, MDB_txn *txn, void *ctx, struct error *err)
{
    (void)ctx;
    int rc = open_tables(e, txn, err);
    return rc ? rc : find_next_block(e, txn, err);
}

static int open_log(struct embedded *e, const struct topics_embedded_options *options, struct error *err)
{
    int rc;
    if ((rc = make_dir(e->dir, err)) || (rc = lock_dir(e, err)) || (rc = reserve_lmdb_lock(e, err)) ||
        (rc = open_env_fitting(e, map_bytes(e, options->max_bytes), err)) ||
        (rc = store_upkeep(e, load_step, NULL, err)) || (rc = catalogue_load(e, err)) ||
        (rc = e->unclean ? verify_ends(e, err) : 0) || (rc = clean_garbage(e, err)))
        return rc;
    sync_dir(e->dir);
    return 0;
}

int topics_open_embedded(const struct topics_embedded_options *options, struct topics **ret, struct error *err)
{
    if (!options->dir || !*options->dir)
        return error_set(err, ERROR_CONFIG, "the embedded log needs a directory");
    if (options->compression < COMPRESSION_NONE || options->compression > COMPRESSION_ZSTD ||
        options->compression == COMPRESSION_SNAPPY)
        return error_set(err, ERROR_CONFIG, "%s: compression %d is not available for new batches", options->dir,
                         options->compression);
    struct embedded *e = mem_new(struct embedded);
    e->base.ops = &ops;
    e->dir = mem_strdup(options->dir);
    e->lock_fd = e->data_fd = -1;
    e->compression = (enum topics_compression)options->compression;
    e->relaxed = options->relaxed_durability;
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&e->map_lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    pthread_mutex_init(&e->admin_lock, NULL);
    pthread_mutex_init(&e->catalogue_lock, NULL);
    pthread_mutex_init(&e->requests_lock, NULL);
    pthread_cond_init(&e->requests_done, NULL);
    e->requests_end = &e->requests;
    pthread_mutex_init(&e->waiters_lock, NULL);
    pthread_mutex_init(&e->owners_lock, NULL);
    pthread_mutex_init(&e->clean_lock, NULL);
    pthread_mutex_init(&e->orphans_lock, NULL);
    int rc = open_log(e, options, err);
    if (rc) {
        e->failed_open = true;
        embedded_close(&e->base);
        return rc;
    }
    *ret = &e->base;
    return 0;
}

void embedded_close(struct topics *t)
{
    struct embedded *e = (struct embedded *)t;
    if (e->env) {
        int rc = e->relaxed ? mdb_env_sync(e->env, 1) : 0;
        mdb_env_close(e->env);
        if (!rc && !e->failed_open)
            rc = ftruncate(e->lock_fd, 0);
    }
    if (e->lock_fd >= 0)
        close(e->lock_fd);
    catalogue_release(e);
    map_free(&e->owners, NULL);
    vec_free(&e->orphans);
    pthread_rwlock_destroy(&e->map_lock);
    pthread_mutex_destroy(&e->admin_lock);
    pthread_mutex_destroy(&e->catalogue_lock);
    pthread_mutex_destroy(&e->requests_lock);
    pthread_cond_destroy(&e->requests_done);
    pthread_mutex_destroy(&e->waiters_lock);
    pthread_mutex_destroy(&e->owners_lock);
    pthread_mutex_destroy(&e->clean_lock);
    pthread_mutex_destroy(&e->orphans_lock);
    free(e->dir);
    free(e);
}
