/*
 * Kafka's record batches, format v2 (https://kafka.apache.org/documentation/#recordbatch): what Kafka's wire and
 * files carry, and what the embedded log stores. No I/O here: bytes in, records out, and back.
 *
 *     baseOffset i64, batchLength i32, partitionLeaderEpoch i32, magic i8 = 2, crc u32,          (not under the crc)
 *     attributes i16, lastOffsetDelta i32, baseTimestamp i64, maxTimestamp i64, producerId i64,
 *     producerEpoch i16, baseSequence i32, count i32, records (compressed as one, as attributes say)
 *
 * Numbers are big-endian, crc is CRC-32C of everything from attributes on, so a log gives a batch its base offset
 * without touching the rest. A record inside: length, attributes, timestamp and offset as deltas, key, value and
 * headers, each number a varint.
 *
 * Everything read here may be garbage: each length is checked against what is there, and a finding is ERROR_CORRUPT.
 */
#ifndef TOPICS_RECORD_BATCH_H
#define TOPICS_RECORD_BATCH_H

#include "topics/record_codec.h"

enum {
    RECORD_BATCH_HEADER = 61, /* bytes before the records */
    RECORD_BATCH_PREFIX = 12, /* baseOffset and batchLength, which batchLength does not count */
    RECORD_BATCH_MAGIC = 2,
    RECORD_HEADERS_MAX = 65536, /* of one record */
    /* of all records of a batch, uncompressed: one record of the largest size fits with its own lengths */
    RECORD_BATCH_PLAIN_MAX = TOPICS_RECORD_MAX + 1024 * 1024,
};
#define RECORD_BATCH_NO_HORIZON INT64_MIN

/* ---- reading ---- */

struct record_batch {
    int64_t base_offset;
    size_t size; /* of the whole batch, from its first byte */
    int32_t leader_epoch;
    uint32_t crc;
    enum topics_compression compression;
    bool log_append_time; /* every record's timestamp is max_timestamp */
    bool transactional, control;
    int64_t delete_horizon; /* when its tombstones may go (KIP-534), or RECORD_BATCH_NO_HORIZON */
    int32_t last_offset_delta;
    int64_t base_timestamp, max_timestamp;
    int64_t producer_id;
    int16_t producer_epoch;
    int32_t base_sequence;
    int32_t count;
    struct str records; /* as stored, inside the caller's bytes */
};

/* The header of the batch that `bytes` starts with; more may follow it. The crc is not looked at. */
int record_batch_parse(struct str bytes, struct record_batch *ret, struct error *err);
/* Compares the crc. `bytes` as given to record_batch_parse. */
int record_batch_check(struct str bytes, const struct record_batch *batch, struct error *err);

/* Walks the records of one batch after the other, with memory that it reuses. Zero-initialised is ready. */
struct record_iter {
    const char *next, *end;
    struct record_batch batch;
    int32_t left, last_delta;
    struct buf plain;
    struct record_codec codec;
    struct topics_header *headers;
    size_t cap_headers;
};

/* Decompresses; without compression the batch's bytes must stay as long as records are read. */
int record_iter_start(struct record_iter *it, const struct record_batch *batch, struct error *err);
/* The next record, pointing into the iterator until its next use; *ret_found is false after the last one. */
int record_iter_next(struct record_iter *it, struct topics_record *ret, bool *ret_found, struct error *err);
void record_iter_rewind(struct record_iter *it);  /* to the first record of the batch */
void record_iter_release(struct record_iter *it); /* {0} again */

/* ---- writing ---- */

/* A batch being filled. Zero-initialised is empty and ready. */
struct record_batch_builder {
    struct buf records; /* encoded, not yet compressed */
    int32_t count, last_offset_delta;
    int64_t base_timestamp, max_timestamp;
    int64_t delete_horizon; /* only with has_horizon, which must be set before the first record */
    bool has_horizon;
};

/* Bytes that the record takes at most. */
size_t record_batch_record_bound(const struct topics_record *record);

/* Adds a record with the offset base + delta; deltas grow. The record's timestamp must be given. ERROR_DATA, and
 * nothing added, when the record is larger than TOPICS_RECORD_MAX or has too many headers. */
int record_batch_add(struct record_batch_builder *b, const struct topics_record *record, int32_t offset_delta,
                     struct error *err);

/* Appends the finished batch, with base offset 0, to *out (stored without compression where that makes it smaller),
 * and empties the builder, keeping its memory. The builder must hold a record. */
int record_batch_finish(struct record_batch_builder *b, struct record_codec *codec, enum topics_compression compression,
                        struct buf *out, struct error *err);
void record_batch_clear(struct record_batch_builder *b); /* empty again, memory kept */

/* Gives a finished batch its place. */
void record_batch_set_base_offset(char *batch, int64_t base_offset);

#endif
