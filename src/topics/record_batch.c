#include "topics/record_batch.h"

#include "base/hash.h"
#include "base/mem.h"
#include "topics/varint.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>

enum attributes {
    ATTRIBUTE_COMPRESSION = 0x07,
    ATTRIBUTE_LOG_APPEND_TIME = 0x08,
    ATTRIBUTE_TRANSACTIONAL = 0x10,
    ATTRIBUTE_CONTROL = 0x20,
    ATTRIBUTE_DELETE_HORIZON = 0x40,
};

/* As on the wire, every number big-endian. */
struct wire_header {
    uint64_t base_offset;
    uint32_t length;
    uint32_t leader_epoch;
    uint8_t magic;
    uint32_t crc;
    uint16_t attributes;
    uint32_t last_offset_delta;
    uint64_t base_timestamp;
    uint64_t max_timestamp;
    uint64_t producer_id;
    uint16_t producer_epoch;
    uint32_t base_sequence;
    uint32_t count;
} __attribute__((packed));

static_assert(offsetof(struct wire_header, length) == 8, "batchLength");
static_assert(offsetof(struct wire_header, leader_epoch) == RECORD_BATCH_PREFIX, "partitionLeaderEpoch");
static_assert(offsetof(struct wire_header, magic) == 16, "magic");
static_assert(offsetof(struct wire_header, crc) == 17, "crc");
static_assert(offsetof(struct wire_header, attributes) == 21, "attributes");
static_assert(offsetof(struct wire_header, last_offset_delta) == 23, "lastOffsetDelta");
static_assert(offsetof(struct wire_header, base_timestamp) == 27, "baseTimestamp");
static_assert(offsetof(struct wire_header, max_timestamp) == 35, "maxTimestamp");
static_assert(offsetof(struct wire_header, producer_id) == 43, "producerId");
static_assert(offsetof(struct wire_header, producer_epoch) == 51, "producerEpoch");
static_assert(offsetof(struct wire_header, base_sequence) == 53, "baseSequence");
static_assert(offsetof(struct wire_header, count) == 57, "records count");
static_assert(sizeof(struct wire_header) == RECORD_BATCH_HEADER, "the header's size");
static_assert((int)COMPRESSION_NONE == 0 && (int)COMPRESSION_GZIP == 1 && (int)COMPRESSION_SNAPPY == 2 &&
                  (int)COMPRESSION_LZ4 == 3 && (int)COMPRESSION_ZSTD == 4,
              "the enum has the numbers of the attributes");

enum { CRC_START = offsetof(struct wire_header, attributes) };

/* ---- reading ---- */

int record_batch_parse(struct str bytes, struct record_batch *ret, struct error *err)
{
    if (bytes.len < RECORD_BATCH_HEADER)
        return error_set(err, ERROR_CORRUPT, "record batch: %zu bytes, and a header alone has %d", bytes.len,
                         RECORD_BATCH_HEADER);
    struct wire_header h;
    memcpy(&h, bytes.ptr, sizeof h);
    uint32_t length = be32toh(h.length);
    uint16_t attributes = be16toh(h.attributes);
    if (h.magic != RECORD_BATCH_MAGIC)
        return error_set(err, ERROR_CORRUPT, "record batch: format %d, expected %d", h.magic, RECORD_BATCH_MAGIC);
    if (length < RECORD_BATCH_HEADER - RECORD_BATCH_PREFIX || length > bytes.len - RECORD_BATCH_PREFIX)
        return error_set(err, ERROR_CORRUPT, "record batch: length %u, with %zu bytes at hand", length,
                         bytes.len - RECORD_BATCH_PREFIX);
    int32_t count = (int32_t)be32toh(h.count), last_delta = (int32_t)be32toh(h.last_offset_delta);
    if (count < 0 || last_delta < 0)
        return error_set(err, ERROR_CORRUPT, "record batch: %d records up to offset +%d", count, last_delta);
    if ((attributes & ATTRIBUTE_COMPRESSION) > COMPRESSION_ZSTD)
        return error_set(err, ERROR_CORRUPT, "record batch: unknown compression %d",
                         attributes & ATTRIBUTE_COMPRESSION);
    int64_t base_timestamp = (int64_t)be64toh(h.base_timestamp);
    *ret = (struct record_batch){
        .base_offset = (int64_t)be64toh(h.base_offset),
        .size = (size_t)length + RECORD_BATCH_PREFIX,
        .leader_epoch = (int32_t)be32toh(h.leader_epoch),
        .crc = be32toh(h.crc),
        .compression = (enum topics_compression)(attributes & ATTRIBUTE_COMPRESSION),
        .log_append_time = attributes & ATTRIBUTE_LOG_APPEND_TIME,
        .transactional = attributes & ATTRIBUTE_TRANSACTIONAL,
        .control = attributes & ATTRIBUTE_CONTROL,
        .delete_horizon = attributes & ATTRIBUTE_DELETE_HORIZON ? base_timestamp : RECORD_BATCH_NO_HORIZON,
        .last_offset_delta = last_delta,
        .base_timestamp = base_timestamp,
        .max_timestamp = (int64_t)be64toh(h.max_timestamp),
        .producer_id = (int64_t)be64toh(h.producer_id),
        .producer_epoch = (int16_t)be16toh(h.producer_epoch),
        .base_sequence = (int32_t)be32toh(h.base_sequence),
        .count = count,
        .records = {bytes.ptr + RECORD_BATCH_HEADER, length + RECORD_BATCH_PREFIX - RECORD_BATCH_HEADER},
    };
    return 0;
}

int record_batch_check(struct str bytes, const struct record_batch *batch, struct error *err)
{
    uint32_t crc = crc32c(0, bytes.ptr + CRC_START, batch->size - CRC_START);
    if (crc != batch->crc)
        return error_set(err, ERROR_CORRUPT, "record batch: checksum is %08x, expected %08x", crc, batch->crc);
    return 0;
}

int record_iter_start(struct record_iter *it, const struct record_batch *batch, struct error *err)
{
    if (batch->compression != COMPRESSION_NONE) {
        buf_clear(&it->plain);
        int rc = record_codec_decompress(&it->codec, batch->compression, batch->records, RECORD_BATCH_PLAIN_MAX,
                                         &it->plain, err);
        if (rc)
            return rc;
    }
    it->batch = *batch;
    record_iter_rewind(it);
    return 0;
}

void record_iter_rewind(struct record_iter *it)
{
    struct str plain = it->batch.compression == COMPRESSION_NONE ? it->batch.records : buf_str(&it->plain);
    it->next = plain.ptr;
    it->end = plain.ptr + plain.len;
    it->left = it->batch.count;
    it->last_delta = -1;
}

static int bad_record(const struct record_iter *it, const char *what, struct error *err)
{
    return error_set(err, ERROR_CORRUPT, "record batch: record %d of %d: %s", it->batch.count - it->left,
                     it->batch.count, what);
}

/* A length and so many bytes; length -1 is null. */
static bool read_bytes(const char **p, const char *end, bool nullable, struct str *ret)
{
    int32_t len;
    if (!varint_read(p, end, &len) || len > end - *p || len < (nullable ? -1 : 0))
        return false;
    *ret = len < 0 ? STR_NULL : (struct str){*p, (size_t)len};
    *p += ret->len;
    return true;
}

static bool read_headers(struct record_iter *it, const char **p, const char *end, uint32_t *ret_n)
{
    int32_t n;
    if (!varint_read(p, end, &n) || n < 0 || n > RECORD_HEADERS_MAX || n > end - *p)
        return false;
    if ((size_t)n > it->cap_headers)
        it->headers = mem_grow(it->headers, &it->cap_headers, (size_t)n, sizeof *it->headers);
    for (int32_t i = 0; i < n; i++)
        if (!read_bytes(p, end, false, &it->headers[i].key) || !read_bytes(p, end, true, &it->headers[i].value))
            return false;
    *ret_n = (uint32_t)n;
    return true;
}

int record_iter_next(struct record_iter *it, struct topics_record *ret, bool *ret_found, struct error *err)
{
    if (!it->left) {
        if (it->next != it->end)
            return bad_record(it, "bytes behind the last record", err);
        *ret_found = false;
        return 0;
    }
    const char *p = it->next;
    int32_t length, offset_delta;
    int64_t timestamp_delta;
    if (!varint_read(&p, it->end, &length) || length < 1 || length > it->end - p)
        return bad_record(it, "its length is beyond the batch", err);
    const char *end = p + length;
    p++; /* attributes: none are defined */
    if (!varlong_read(&p, end, &timestamp_delta) || !varint_read(&p, end, &offset_delta))
        return bad_record(it, "cut short", err);
    if (offset_delta <= it->last_delta || offset_delta > it->batch.last_offset_delta)
        return bad_record(it, "its offset is out of order", err);
    struct topics_record r = {.offset = (int64_t)((uint64_t)it->batch.base_offset + (uint64_t)offset_delta)};
    r.timestamp = it->batch.log_append_time ? it->batch.max_timestamp
                                            : (int64_t)((uint64_t)it->batch.base_timestamp + (uint64_t)timestamp_delta);
    if (!read_bytes(&p, end, true, &r.key) || !read_bytes(&p, end, true, &r.value) ||
        !read_headers(it, &p, end, &r.n_headers))
        return bad_record(it, "a length is beyond the record", err);
    if (p != end)
        return bad_record(it, "bytes behind its headers", err);
    r.headers = it->headers;
    it->next = end;
    it->left--;
    it->last_delta = offset_delta;
    *ret = r;
    *ret_found = true;
    return 0;
}

void record_iter_release(struct record_iter *it)
{
    buf_free(&it->plain);
    record_codec_release(&it->codec);
    free(it->headers);
    *it = (struct record_iter){0};
}

/* ---- writing ---- */

static size_t bytes_size(struct str s)
{
    return s.ptr ? varint_size((int64_t)s.len) + s.len : 1;
}

static char *write_bytes(char *p, struct str s)
{
    if (!s.ptr)
        return varint_write(p, -1);
    p = varint_write(p, (int64_t)s.len);
    memcpy(p, s.ptr, s.len);
    return p + s.len;
}

/* Everything behind the two deltas. */
static size_t content_size(const struct topics_record *r)
{
    size_t n = bytes_size(r->key) + bytes_size(r->value) + varint_size(r->n_headers);
    for (uint32_t i = 0; i < r->n_headers; i++)
        n += varint_size((int64_t)r->headers[i].key.len) + r->headers[i].key.len + bytes_size(r->headers[i].value);
    return n;
}

size_t record_batch_record_bound(const struct topics_record *record)
{
    return VARINT_MAX + 1 + VARLONG_MAX + VARINT_MAX + content_size(record);
}

int record_batch_add(struct record_batch_builder *b, const struct topics_record *record, int32_t offset_delta,
                     struct error *err)
{
    size_t content = content_size(record);
    if (__builtin_expect(content > TOPICS_RECORD_MAX || record->n_headers > RECORD_HEADERS_MAX, 0))
        return error_set(err, ERROR_DATA, "a record of %zu bytes and %u headers; the limits are %d and %d", content,
                         record->n_headers, TOPICS_RECORD_MAX, RECORD_HEADERS_MAX);
    if (b->count == 0) {
        b->base_timestamp = b->has_horizon ? b->delete_horizon : record->timestamp;
        b->max_timestamp = record->timestamp;
    } else if (record->timestamp > b->max_timestamp) {
        b->max_timestamp = record->timestamp;
    }
    int64_t timestamp_delta = (int64_t)((uint64_t)record->timestamp - (uint64_t)b->base_timestamp);
    size_t length = 1 + varint_size(timestamp_delta) + varint_size(offset_delta) + content;
    char *p = buf_reserve(&b->records, VARINT_MAX + length);
    p = varint_write(p, (int64_t)length);
    *p++ = 0;
    p = varint_write(p, timestamp_delta);
    p = varint_write(p, offset_delta);
    p = write_bytes(p, record->key);
    p = write_bytes(p, record->value);
    p = varint_write(p, record->n_headers);
    for (uint32_t i = 0; i < record->n_headers; i++) {
        struct str key = record->headers[i].key;
        p = write_bytes(p, key.ptr ? key : STR(""));
        p = write_bytes(p, record->headers[i].value);
    }
    b->records.len = (size_t)(p - b->records.data);
    b->count++;
    b->last_offset_delta = offset_delta;
    return 0;
}

void record_batch_clear(struct record_batch_builder *b)
{
    buf_clear(&b->records);
    b->count = 0;
    b->has_horizon = false;
}

int record_batch_finish(struct record_batch_builder *b, struct record_codec *codec, enum topics_compression compression,
                        struct buf *out, struct error *err)
{
    size_t start = out->len;
    buf_reserve(out, RECORD_BATCH_HEADER);
    out->len += RECORD_BATCH_HEADER;
    int rc = record_codec_compress(codec, compression, buf_str(&b->records), out, err);
    if (rc) {
        out->len = start;
        return rc;
    }
    if (compression != COMPRESSION_NONE && out->len - start - RECORD_BATCH_HEADER >= b->records.len) {
        out->len = start + RECORD_BATCH_HEADER;
        buf_add(out, b->records.data, b->records.len);
        compression = COMPRESSION_NONE;
    }
    size_t size = out->len - start;
    struct wire_header h = {
        .length = htobe32((uint32_t)(size - RECORD_BATCH_PREFIX)),
        .leader_epoch = UINT32_MAX, /* -1: not known */
        .magic = RECORD_BATCH_MAGIC,
        .attributes = htobe16((uint16_t)((unsigned)compression | (b->has_horizon ? ATTRIBUTE_DELETE_HORIZON : 0u))),
        .last_offset_delta = htobe32((uint32_t)b->last_offset_delta),
        .base_timestamp = htobe64((uint64_t)b->base_timestamp),
        .max_timestamp = htobe64((uint64_t)b->max_timestamp),
        .producer_id = UINT64_MAX, /* -1: none, as for epoch and sequence */
        .producer_epoch = UINT16_MAX,
        .base_sequence = UINT32_MAX,
        .count = htobe32((uint32_t)b->count),
    };
    char *batch = out->data + start;
    memcpy(batch, &h, sizeof h);
    uint32_t crc = htobe32(crc32c(0, batch + CRC_START, size - CRC_START));
    memcpy(batch + offsetof(struct wire_header, crc), &crc, sizeof crc);
    record_batch_clear(b);
    return 0;
}

void record_batch_set_base_offset(char *batch, int64_t base_offset)
{
    uint64_t wire = htobe64((uint64_t)base_offset);
    memcpy(batch + offsetof(struct wire_header, base_offset), &wire, sizeof wire);
}
