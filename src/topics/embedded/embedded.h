/*
 * The embedded log's inside: one LMDB environment (layout.h), a catalogue in memory, transactions, readers, upkeep.
 *
 * open.c       opening and closing; one process a directory
 * store.c      LMDB transactions, space, errors, the map's resident memory; rows.c: blocks and rows
 * catalogue.c  topics: create, delete, describe; their handles in memory
 * txn.c        a transaction before its commit: batches being filled, staged, written ahead
 * commit.c     what a commit writes; waking readers
 * reader.c     reading and following
 * clean.c      retention and garbage; compact.c, offset_map.c: compaction
 * verify.c     checks, at start and on demand
 *
 * Locks, in the order in which they may be taken: admin_lock or clean_lock, commit_lock, requests_lock, map_lock
 * (shared by every LMDB transaction), LMDB's own write lock, catalogue_lock, waiters_lock. LMDB transactions are short:
 * none is kept while waiting for anything.
 */
#ifndef TOPICS_EMBEDDED_EMBEDDED_H
#define TOPICS_EMBEDDED_EMBEDDED_H

#include "base/map.h"
#include "base/vec.h"
#include "topics/embedded/layout.h"
#include "topics/log.h"
#include "topics/record_batch.h"

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
    STORE_LMDB_READERS = 1024,          /* LMDB read transactions at one time */
    STORE_BATCH_BYTES = 240 * 1024,     /* a batch is closed at this size, before compression; its buffer has 256 KiB */
    STORE_OPEN_BYTES = 2 * 1024 * 1024, /* of a transaction's batches being filled: beyond it all are closed */
    STORE_STAGED_BYTES = 4 * 1024 * 1024, /* of closed batches in memory: beyond it they are written ahead */
    STORE_STEP_BATCHES = 64,              /* removed by upkeep in one LMDB transaction, which others wait for */
    STORE_STEP_BYTES = 2 * 1024 * 1024,   /* written by upkeep in one LMDB transaction */
    STORE_TOUCH_PAGES = 64, /* of the map that are looked at before it gives its resident memory back... */
    STORE_TOUCH_WRITE = 8,  /* ...what a write transaction is taken to look at, besides batches that it removes... */
    STORE_TOUCH_READ = 4,   /* ...and a read transaction; the kernel maps 64 KiB around each of them */
};

struct embedded_partition {
    _Atomic int64_t begin, end; /* as last committed */
};

/* A topic's handle. Never freed before the log is closed. */
struct embedded_topic {
    struct topics_target target;
    struct str name;
    uint32_t id, slot; /* slot: its place in embedded.all */
    struct topic_config config;
    _Atomic bool deleted;
    struct embedded_partition parts[];
};

struct commit_request;
struct embedded_txn;
struct embedded_reader;

/* Blocks written ahead, to be removed unless a commit takes them. */
struct ahead {
    uint64_t first;
    uint32_t count;
};

struct embedded {
    struct topics base;
    char *dir;
    int lock_fd, data_fd;
    enum topics_compression compression;
    bool relaxed;
    bool unclean, failed_open; /* unclean: the process before did not close the log */

    MDB_env *env;
    MDB_dbi meta, topics, partitions, index, blocks, garbage;
    pthread_rwlock_t map_lock; /* shared: an LMDB transaction; exclusive: changing the map's size */
    size_t max_bytes;
    const char *map; /* where data.mdb is mapped; NULL: not known */
    _Atomic unsigned touched;
    _Atomic bool freed;  /* batches were removed since the last store_settle */
    uint64_t next_block; /* under LMDB's write lock */

    pthread_mutex_t admin_lock; /* one creation or deletion at a time */
    pthread_mutex_t catalogue_lock;
    struct map by_name;               /* struct embedded_topic */
    VEC(struct embedded_topic *) all; /* by slot, the deleted ones too */
    uint32_t next_topic;

    pthread_mutex_t requests_lock;
    pthread_cond_t requests_done;
    struct commit_request *requests, **requests_end; /* commits that wait, oldest first */
    bool committing;

    pthread_mutex_t waiters_lock;
    struct embedded_reader *waiters;

    pthread_mutex_t owners_lock;
    struct map owners; /* name -> struct embedded_txn, the latest */

    pthread_mutex_t clean_lock; /* one upkeep at a time */
    pthread_mutex_t orphans_lock;
    VEC(struct ahead) orphans; /* aborted, and not yet removed for want of space */
};

/* ---- open.c ---- */

void embedded_close(struct topics *t);

/* ---- store.c ---- */

/* An LMDB transaction. Ends with store_commit or store_abort, in the same thread. */
int store_begin(struct embedded *e, bool write, MDB_txn **ret, struct error *err);
int store_commit(struct embedded *e, MDB_txn *txn, struct error *err);
void store_abort(struct embedded *e, MDB_txn *txn);

/* LMDB's code as an error. ERROR_NO_SPACE says which limit was reached and what to do. */
int store_error(const struct embedded *e, int lmdb_code, const char *doing, struct error *err);

/* Runs `step` in a write transaction. When the map is full it is made a little larger for this once, so that
 * removing things is possible in a full log. */
int store_upkeep(struct embedded *e, int (*step)(struct embedded *e, MDB_txn *txn, void *ctx, struct error *err),
                 void *ctx, struct error *err);

/* Makes the room of removed batches ready for the next commit: LMDB uses pages again only in the transaction after the
 * next. Upkeep ends with it. */
void store_settle(struct embedded *e);

/* Sets e->map. */
void store_find_map(struct embedded *e);

/* Says that so many pages of the map were looked at; now and then gives the map's resident memory back. Not inside a
 * transaction. */
void store_touch(struct embedded *e, unsigned pages);

static inline MDB_val val_of(const void *ptr, size_t len)
{
    return (MDB_val){len, (void *)(uintptr_t)ptr};
}

/* ---- rows.c ---- */

int store_put_meta(struct embedded *e, MDB_txn *txn, const char *name, uint32_t value, struct error *err);

int store_put_block(struct embedded *e, MDB_txn *txn, struct str batch, uint64_t *ret_block, struct error *err);
int store_delete_block(struct embedded *e, MDB_txn *txn, uint64_t block, struct error *err);
int store_put_index(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, int32_t partition,
                    int64_t base, const struct index_row *row, struct error *err);
int store_get_partition(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, int32_t partition,
                        struct partition_row *ret, struct error *err); /* ERROR_NOT_FOUND: the topic was deleted */
int store_put_partition(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, int32_t partition,
                        const struct partition_row *row, struct error *err);
/* Copies the stored batch into *out. */
int store_read_block(struct embedded *e, MDB_txn *txn, uint64_t block, uint32_t size, struct buf *out,
                     struct error *err);

/* A walk over the index of one partition. */
struct index_walk {
    MDB_cursor *cursor;
    uint32_t topic;
    int32_t partition;
    bool found; /* base and row are valid */
    int64_t base;
    struct index_row row;
};
/* Stands on the batch that holds `offset`, else on the first one behind it. `found` false: there is none. */
int index_seek(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, int32_t partition, int64_t offset,
               struct index_walk *ret, struct error *err);
int index_next(struct embedded *e, struct index_walk *w, struct error *err);
/* The last batch of the partition. */
int index_last(struct embedded *e, MDB_txn *txn, const struct embedded_topic *topic, int32_t partition,
               struct index_walk *ret, struct error *err);
int index_delete(struct embedded *e, struct index_walk *w, struct error *err); /* the row only; then index_next */
void index_close(struct index_walk *w);
int64_t index_walk_end(const struct index_walk *w); /* the offset behind the batch */

/* ---- catalogue.c ---- */

int catalogue_load(struct embedded *e, struct error *err);
void catalogue_release(struct embedded *e);
int catalogue_find(struct embedded *e, struct str name, struct embedded_topic **ret, struct error *err);
int catalogue_find_partition(struct embedded *e, struct str name, int32_t partition, struct embedded_topic **ret,
                             struct error *err);
int catalogue_deleted(const struct embedded_topic *topic, struct error *err); /* sets ERROR_NOT_FOUND */
/* The topics that there are now, in an array to be freed. */
struct embedded_topic **catalogue_snapshot(struct embedded *e, size_t *ret_n);
/* Takes over what a committed row says. */
void catalogue_publish(struct embedded_topic *topic, int32_t partition, const struct partition_row *row);

int embedded_create(struct topics *t, struct str name, const struct topic_config *config, struct error *err);
int embedded_delete(struct topics *t, struct str name, struct error *err);
int embedded_describe(struct topics *t, struct str name, struct arena *arena, struct topic_info *ret,
                      struct error *err);
int embedded_list(struct topics *t, struct arena *arena, struct topic_info **ret, size_t *ret_n, struct error *err);
int embedded_offsets(struct topics *t, struct str topic, int32_t partition, int64_t *ret_begin, int64_t *ret_end,
                     struct error *err);
int embedded_target(struct topics *t, struct str topic, struct topics_target **ret, struct error *err);

/* ---- txn.c ---- */

/* One partition's batch being filled. */
struct txn_part {
    struct embedded_topic *topic;
    int32_t partition;
    bool touched; /* in this transaction */
    struct record_batch_builder builder;
    bool placed;              /* while committing: row is valid */
    struct partition_row row; /* as it will be */
};

/* A closed batch, in the order of closing. */
struct staged {
    struct txn_part *part;
    uint64_t block; /* where it was written ahead; 0: still in memory */
    size_t at;      /* in embedded_txn.bytes */
    uint32_t size;
    int32_t last_delta, count;
    int64_t max_timestamp;
};

struct embedded_txn {
    struct topics_txn base;
    struct embedded *e;
    char *owner;
    pthread_mutex_t commit_lock; /* held by a commit, so that who fences can wait for its end */
    _Atomic bool fenced;         /* another transaction was opened for the same owner */
    enum error_code failed;      /* by an append; until the commit or abort that follows */
    struct txn_part **by_slot;   /* by topic slot; NULL, or one part a partition */
    size_t n_slots;
    VEC(struct txn_part *) touched;
    VEC(struct staged) staged;
    size_t n_ahead; /* so many of them are written ahead, the others in `bytes` */
    VEC(struct ahead) ahead;
    VEC(struct buf) spare; /* empty buffers for batches */
    size_t spare_bytes;    /* their capacities */
    struct buf bytes;
    size_t open_bytes; /* of all batches being filled */
    struct record_codec codec;
};

int embedded_txn_open(struct topics *t, struct str owner, struct topics_txn **ret, struct error *err);
int embedded_append(struct topics_txn *txn, struct topics_target *target, int32_t partition,
                    const struct topics_record *record, struct error *err);
void embedded_abort(struct topics_txn *txn);
void embedded_txn_close(struct topics_txn *txn);

/* An error when the transaction was fenced or has failed. */
int txn_usable(struct embedded_txn *txn, struct error *err);
/* Closes every batch being filled. */
int txn_seal_all(struct embedded_txn *txn, struct error *err);
/* Empty again; `keep_ahead`: the blocks written ahead belong to the log now. */
void txn_reset(struct embedded_txn *txn, bool keep_ahead);

/* ---- commit.c ---- */

int embedded_commit(struct topics_txn *txn, struct error *err);
int commit_write_ahead(struct embedded_txn *txn, struct error *err);
/* Wakes the readers that wait for the partition; -1: for any of the topic. */
void commit_wake(struct embedded *e, const struct embedded_topic *topic, int32_t partition);

/* ---- reader.c ---- */

/* A stored batch, copied. */
struct fetched {
    int64_t base;
    size_t at;
    uint32_t size;
};

struct embedded_reader {
    struct topics_reader base;
    struct embedded *e;
    struct embedded_topic *topic;
    int32_t partition;
    struct buf bytes; /* of the batches fetched */
    VEC(struct fetched) fetched;
    size_t current; /* batch being iterated is fetched[current - 1]; 0: none */
    struct record_iter iter;
    bool iterating;
    struct wake wake; /* raised by commits while waiting */
    bool has_wake;
    struct embedded_reader *next_waiter, **prev_waiter;
};

void reader_init(struct embedded_reader *r, struct embedded *e, struct embedded_topic *topic, int32_t partition,
                 int64_t offset);
void reader_release(struct embedded_reader *r);
int embedded_reader_open(struct topics *t, struct str topic, int32_t partition, int64_t offset,
                         struct topics_reader **ret, struct error *err);
int embedded_read(struct topics_reader *r, int64_t timeout_ms, const struct wake *wake, struct topics_record *ret,
                  bool *ret_found, struct error *err);
void embedded_reader_close(struct topics_reader *r);
int embedded_offset_at(struct topics *t, struct str topic, int32_t partition, int64_t timestamp, int64_t *ret,
                       struct error *err);

/* ---- clean.c, compact.c ---- */

int embedded_clean(struct topics *t, struct error *err);
/* Removes the blocks written ahead by transactions that did not commit; keeps them on e->orphans when it cannot. */
void clean_orphan(struct embedded *e, const struct ahead *ahead);
/* At start: finishes what the process before has left. */
int clean_garbage(struct embedded *e, struct error *err);
int clean_deleted_topic(struct embedded *e, uint32_t id, struct error *err);

int embedded_compact(struct topics *t, struct str topic, struct error *err);
/* Under clean_lock. */
int compact_partition(struct embedded *e, struct embedded_topic *topic, int32_t partition, struct error *err);

/* ---- verify.c ---- */

int embedded_verify(struct topics *t, int64_t *ret_batches, int64_t *ret_records, struct error *err);
/* Checks the end of each partition and cuts batches that are damaged there. */
int verify_ends(struct embedded *e, struct error *err);

#endif
