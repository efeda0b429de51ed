/*
 * How the embedded log lies in LMDB: one environment, DIR/data.mdb, with these tables. Numbers are big-endian, so
 * that keys sort by number.
 *
 *     meta        "format" -> u32, "next topic" -> u32
 *     topics      name -> struct topic_row
 *     partitions  topic id, partition -> struct partition_row
 *     index       topic id, partition, base offset -> struct index_row: one row a stored batch
 *     blocks      block id -> a Kafka record batch (its base offset is the index key's; the block has 0)
 *     garbage     what an unfinished transaction or deletion has left to remove: struct garbage_key -> u32
 *
 * Batches lie in blocks, apart from the index, for two reasons: a transaction larger than memory writes its blocks
 * ahead and its commit adds only index rows; and retention, look-ups by time and statistics never touch a batch.
 */
#ifndef TOPICS_EMBEDDED_LAYOUT_H
#define TOPICS_EMBEDDED_LAYOUT_H

#include <assert.h>
#include <endian.h>
#include <stdint.h>

enum { LAYOUT_FORMAT = 1 };

/* A number as stored. */
struct be32 {
    uint32_t wire;
};
struct be64 {
    uint64_t wire;
} __attribute__((packed, aligned(1)));

static inline struct be32 be32_of(uint32_t v)
{
    return (struct be32){htobe32(v)};
}

static inline uint32_t be32_get(struct be32 v)
{
    return be32toh(v.wire);
}

static inline struct be64 be64_of(int64_t v)
{
    return (struct be64){htobe64((uint64_t)v)};
}

static inline int64_t be64_get(struct be64 v)
{
    return (int64_t)be64toh(v.wire);
}

enum topic_flags { TOPIC_COMPACT = 1, TOPIC_DELETE = 2 };

struct topic_row {
    struct be32 id, partitions, flags;
    struct be64 retention_ms, retention_bytes, delete_retention_ms;
} __attribute__((packed));

struct partition_key {
    struct be32 topic, partition;
} __attribute__((packed));

struct partition_row {
    struct be64 begin, end;  /* offsets: first kept, next to be given */
    struct be64 bytes;       /* of the batches kept */
    struct be64 clean_end;   /* compacted up to this offset */
    struct be64 clean_bytes; /* what the compacted part took then */
} __attribute__((packed));

struct index_key {
    struct be32 topic, partition;
    struct be64 base;
} __attribute__((packed));

struct index_row {
    struct be64 block;
    struct be32 size, last_delta, count;
    struct be64 max_timestamp;
} __attribute__((packed));

enum garbage_kind {
    GARBAGE_AHEAD = 1, /* id: first block written ahead of a commit; the value counts them */
    GARBAGE_TOPIC = 2, /* id: of a deleted topic whose batches are being removed */
};

struct garbage_key {
    struct be32 kind;
    struct be64 id;
} __attribute__((packed));

static_assert(sizeof(struct topic_row) == 36 && sizeof(struct partition_key) == 8 &&
                  sizeof(struct partition_row) == 40 && sizeof(struct index_key) == 16 &&
                  sizeof(struct index_row) == 28 && sizeof(struct garbage_key) == 12,
              "rows are stored as they lie");

#endif
