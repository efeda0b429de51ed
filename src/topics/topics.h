/*
 * One log interface. Topics of partitions of records, appended in transactions, read from an offset,
 * followed, compacted. Two logs can stand behind it: topics/embedded (LMDB) and topics/kafka
 * (librdkafka); nothing above this header knows which one it has.
 *
 * Threads: a `struct topics` may be used by any number of threads. A transaction and a reader belong
 * to one thread each.
 *
 * What is kept, is kept in topics: records, and in compacted topics the connector configurations,
 * offsets, statuses and registered schemas (see struct topics_view).
 */
#ifndef TOPICS_TOPICS_H
#define TOPICS_TOPICS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/wake.h"
#include "conf/conf.h"

#include <stdbool.h>
#include <stdint.h>

struct topics;        /* an open log */
struct topics_txn;    /* an open transaction */
struct topics_reader; /* a place in one partition */

enum { TOPICS_NAME_MAX = 249 }; /* Kafka's limit; letters, digits, '.', '_' and '-' */
enum { TOPICS_PARTITIONS_MAX = 10000 };
enum { TOPICS_RECORD_MAX = 64 * 1024 * 1024 }; /* key, value and headers of one record */

/* ---- opening ---- */

struct topics_embedded_options {
    const char *dir;         /* created when absent; one process at a time */
    int64_t max_bytes;       /* of the environment's map; 0: as large as the disk allows */
    int compression;         /* enum topics_compression for new batches */
    bool relaxed_durability; /* commits return before fsync: named, never the default */
};

enum topics_compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_SNAPPY, COMPRESSION_LZ4, COMPRESSION_ZSTD };
extern const char *const topics_compression_names[]; /* NULL-terminated, by the enum */

/* ERROR_LOCKED names the process that has the directory. A torn end is found and cut here. */
int topics_open_embedded(const struct topics_embedded_options *options, struct topics **ret, struct error *err);
void topics_close(struct topics *t); /* transactions and readers must be closed before */

/* ---- topics ---- */

struct topic_config {
    int32_t partitions;          /* at least 1 */
    bool compact;                /* cleanup.policy has compact */
    bool cleanup_delete;         /* cleanup.policy has delete */
    int64_t retention_ms;        /* -1: no limit */
    int64_t retention_bytes;     /* per partition; -1: no limit */
    int64_t delete_retention_ms; /* tombstones of a compacted topic stay this long */
};
#define TOPIC_CONFIG_DEFAULT                                                                                           \
    ((struct topic_config){.partitions = 1,                                                                            \
                           .cleanup_delete = true,                                                                     \
                           .retention_ms = 7 * 24 * 3600000LL,                                                         \
                           .retention_bytes = -1,                                                                      \
                           .delete_retention_ms = 24 * 3600000LL})
#define TOPIC_CONFIG_COMPACT                                                                                           \
    ((struct topic_config){.partitions = 1,                                                                            \
                           .compact = true,                                                                            \
                           .retention_ms = -1,                                                                         \
                           .retention_bytes = -1,                                                                      \
                           .delete_retention_ms = 24 * 3600000LL})

struct topic_info {
    struct str name;
    struct topic_config config;
    int64_t records; /* offsets in use, over all partitions (compaction holes counted) */
    int64_t bytes;   /* stored */
};

int topics_create(struct topics *t, struct str name, const struct topic_config *config,
                  struct error *err); /* ERROR_CONFLICT */
int topics_ensure(struct topics *t, struct str name, const struct topic_config *config,
                  struct error *err); /* exists is fine */
int topics_delete(struct topics *t, struct str name, struct error *err);
int topics_describe(struct topics *t, struct str name, struct arena *arena, struct topic_info *ret,
                    struct error *err); /* ERROR_NOT_FOUND */
int topics_list(struct topics *t, struct arena *arena, struct topic_info **ret, size_t *ret_n,
                struct error *err); /* by name */

/* First offset kept, and the offset that the next record will get. */
int topics_offsets(struct topics *t, struct str topic, int32_t partition, int64_t *ret_begin, int64_t *ret_end,
                   struct error *err);
/* The first offset whose timestamp is at least `timestamp` (ms), or the end. */
int topics_offset_at(struct topics *t, struct str topic, int32_t partition, int64_t timestamp, int64_t *ret,
                     struct error *err);

/* ---- writing ---- */

struct topics_header {
    struct str key, value; /* value STR_NULL: null */
};

struct topics_record {
    struct str key, value; /* STR_NULL: null; a null value is a tombstone */
    const struct topics_header *headers;
    uint32_t n_headers;
    int64_t timestamp; /* ms; INT64_MIN: the wall clock at append */
    int64_t offset;    /* set when read */
};

/* A topic's handle inside one transaction owner: resolve once, append many times without a look-up.
 * Valid while the log is open; a deleted topic makes appends fail with ERROR_NOT_FOUND. */
struct topics_target;
int topics_target(struct topics *t, struct str topic, struct topics_target **ret, struct error *err);
int32_t topics_target_partitions(const struct topics_target *target);

/*
 * A transaction: everything appended becomes visible and durable together, or not at all. `owner` names the writer
 * ("connector-0"); on Kafka it is the transactional.id, and opening it fences an earlier owner.
 *
 * topics_append copies the record into the partition's open record batch: nothing of the caller's is kept. When it
 * fails (a record too large, a compacted topic and no key, no space) everything appended so far is forgotten, and the
 * transaction refuses appends until it was aborted or committed, which fails then: a part is never taken for the whole.
 * The transaction holds compressed batches in memory up to a limit, then writes them ahead of the commit, so its
 * size is not bounded by memory. topics_commit returns when the data is on disk; on any error the transaction is
 * gone, nothing of it is visible, and the same records may be appended again. A txn object is reused: after
 * commit or abort it is empty and ready for appends.
 */
int topics_txn_open(struct topics *t, struct str owner, struct topics_txn **ret, struct error *err);
int topics_append(struct topics_txn *txn, struct topics_target *target, int32_t partition,
                  const struct topics_record *record, struct error *err);
int topics_commit(struct topics_txn *txn, struct error *err);
void topics_abort(struct topics_txn *txn);
void topics_txn_close(struct topics_txn *txn);         /* aborts what is open; NULL is fine */
size_t topics_txn_bytes(const struct topics_txn *txn); /* appended since the last commit, before compression */

/* Asynchronous completion, for a log that acknowledges later (Kafka): see api/sink.h, which only needs topics_commit
 * today. */

/* ---- reading ---- */

/* `offset` may be TOPICS_BEGIN or TOPICS_END. Below the first kept offset reading starts at that one. */
#define TOPICS_BEGIN INT64_C(-2)
#define TOPICS_END   INT64_C(-1)
int topics_reader_open(struct topics *t, struct str topic, int32_t partition, int64_t offset,
                       struct topics_reader **ret, struct error *err);

/* The next committed record: *ret points into the reader until the next call. 0 with *ret_found false: nothing
 * more for now, after having waited up to timeout_ms (0: no wait; -1: for ever) or until `wake` (may be NULL) was
 * raised. */
int topics_read(struct topics_reader *r, int64_t timeout_ms, const struct wake *wake, struct topics_record *ret,
                bool *ret_found, struct error *err);
int64_t topics_reader_offset(const struct topics_reader *r); /* of the next record */
void topics_reader_close(struct topics_reader *r);

/* ---- upkeep ---- */

/* Applies retention and compaction to every topic that needs it; the runtime calls it now and then. */
int topics_clean(struct topics *t, struct error *err);
int topics_compact(struct topics *t, struct str topic, struct error *err); /* now, whatever the thresholds */

/* Walks everything stored and checks each batch (`tributary topics verify`). */
int topics_verify(struct topics *t, int64_t *ret_batches, int64_t *ret_records, struct error *err);

/* ---- compacted topics as tables ---- */

/*
 * `struct topics_view`: the last value of every key of a compacted topic, in memory, kept up to date
 * by the process that writes it. Written through (one transaction a put) or, for offsets, by appending to
 * the topic inside a task's own transaction and then calling topics_view_refresh.
 * Thread-safe.
 */
struct topics_view;
int topics_view_open(struct topics *t, struct str topic, const struct topic_config *config, struct topics_view **ret,
                     struct error *err);
void topics_view_close(struct topics_view *v);
int topics_view_put(struct topics_view *v, struct str key, struct str value,
                    struct error *err); /* value STR_NULL: tombstone */
/* Several keys in one transaction. */
int topics_view_put_all(struct topics_view *v, const struct topics_record *records, size_t n, struct error *err);
int topics_view_refresh(struct topics_view *v, struct error *err); /* reads what was appended since */
/* False when absent; else the value is appended to *out. */
bool topics_view_get(struct topics_view *v, struct str key, struct buf *out);
/* Every key and value in order of the topic; `each` returns non-zero to stop. No put from inside. */
void topics_view_each(struct topics_view *v, int (*each)(void *ctx, struct str key, struct str value), void *ctx);

#endif
