#include "base/hash.h"
#include "base/mem.h"
#include "topics/record_batch.h"
#include "topics/varint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- batches as Kafka's clients wrote them, read out of a broker's log files (Kafka 3.9.1, librdkafka 2.0.2) ---- */

static const char java_none[] =
    "0000000000000000000000fa00000000021773be0f000000000002000001a1fbfa6b85000001a1fbfa6b8b0000000000"
    "0000000000000000000000000382010000000a6b65792d31607b22736571223a312c226e616d65223a226170706c6520"
    "6170706c65206170706c65206170706c65206170706c65227d020468310476318201000c020a6b65792d32607b227365"
    "71223a322c226e616d65223a226170706c65206170706c65206170706c65206170706c65206170706c65227d02046831"
    "0476328201000c040a6b65792d33607b22736571223a332c226e616d65223a226170706c65206170706c65206170706c"
    "65206170706c65206170706c65227d02046831047633";

static const char java_gzip[] =
    "00000000000000000000008e000000000218c38522000100000002000001a1fbfa7209000001a1fbfa720f0000000000"
    "000001000000000000000000031f8b08000000000000ff6b62646060e0ca4eadd4354ca8562a4e2d54b232d451ca4bcc"
    "4d55b2524a2c28c84955c0412ad532b16418b29419363132f030818d30821961449a1146202358c04618c38c3026cd08"
    "6300ae71fd01c9000000";

static const char java_lz4[] =
    "000000000000000000000099000000000216f033ac000300000002000001a1fbfa784c000001a1fbfa78620000000000"
    "0000020000000000000000000304224d1860408259000000ff1482010000000a6b65792d31607b22736571223a312c22"
    "6e616d65223a226170706c6520060004e1227d020468310476318201002c024300143243001f3243001b103243001104"
    "4300143343001f3343001750683104763300000000";

static const char java_zstd[] =
    "00000000000000000000008d00000000027f1530ac000400000002000001a1fbfa7eb5000001a1fbfa7eca0000000000"
    "0000030000000000000000000328b52ffd0058840200c40382010000000a6b65792d31607b22736571223a312c226e61"
    "6d65223a226170706c6520227d0204683104763182010028023232328201002a0433333307000323e05d20d4c01c3cd6"
    "08825aeaf204010000";

static const char rd_none[] =
    "0000000000000000000000770000000002332e38f8000000000000000001a1fbfa6bd1000001a1fbfa6bd1ffffffffff"
    "ffffffffffffffffff0000000188010000000a6b65792d31607b22736571223a312c226e616d65223a226170706c6520"
    "6170706c65206170706c65206170706c65206170706c65227d040468310276046832010000000000000001000000bd00"
    "0000000250ad1450000000000001000001a1fbfa6bd1000001a1fbfa6bd1ffffffffffffffffffffffffffff00000002"
    "88010000000a6b65792d32607b22736571223a322c226e616d65223a226170706c65206170706c65206170706c652061"
    "70706c65206170706c65227d0404683102760468320188010000020a6b65792d33607b22736571223a332c226e616d65"
    "223a226170706c65206170706c65206170706c65206170706c65206170706c65227d04046831027604683201";

static const char rd_lz4[] =
    "0000000000000000000000970000000002e492a794000300000002000001a1fbfa7888000001a1fbfa7888ffffffffff"
    "ffffffffffffffffff0000000304224d1860408257000000ff1488010000000a6b65792d31607b22736571223a312c22"
    "6e616d65223a226170706c6520060004c0227d04046831027604683201460011024600143246001f3246002311044600"
    "143346001f3346001a50760468320100000000";

static struct buf from_hex(const char *hex)
{
    struct buf b = {0};
    for (size_t i = 0; hex[i]; i += 2) {
        char digits[3] = {hex[i], hex[i + 1], 0};
        buf_add_char(&b, (char)strtol(digits, NULL, 16));
    }
    return b;
}

static void assert_str(struct str s, const char *expected)
{
    assert_int_equal(s.len, strlen(expected));
    assert_memory_equal(s.ptr, expected, s.len);
}

static struct record_batch parse(struct str bytes)
{
    struct record_batch batch;
    struct error err;
    if (record_batch_parse(bytes, &batch, &err) || record_batch_check(bytes, &batch, &err))
        fail_msg("%s", err.text);
    return batch;
}

static struct topics_record next(struct record_iter *it)
{
    struct topics_record r;
    struct error err;
    bool found;
    if (record_iter_next(it, &r, &found, &err))
        fail_msg("%s", err.text);
    assert_true(found);
    return r;
}

static void assert_end(struct record_iter *it)
{
    struct topics_record r;
    struct error err;
    bool found = true;
    if (record_iter_next(it, &r, &found, &err))
        fail_msg("%s", err.text);
    assert_false(found);
}

struct golden {
    const char *name, *hex;
    enum topics_compression compression;
    int64_t producer_id;
    bool librdkafka;
};

static const struct golden goldens[] = {
    {"java none", java_none, COMPRESSION_NONE, 0, false}, {"java gzip", java_gzip, COMPRESSION_GZIP, 1, false},
    {"java lz4", java_lz4, COMPRESSION_LZ4, 2, false},    {"java zstd", java_zstd, COMPRESSION_ZSTD, 3, false},
    {"rd lz4", rd_lz4, COMPRESSION_LZ4, -1, true},        {"rd none", rd_none, COMPRESSION_NONE, -1, true},
};

static void check_golden_record(const struct golden *g, const struct topics_record *r, int64_t offset)
{
    char key[16], value[64], header[16];
    snprintf(key, sizeof key, "key-%d", (int)offset + 1);
    snprintf(value, sizeof value, "{\"seq\":%d,\"name\":\"apple apple apple apple apple\"}", (int)offset + 1);
    snprintf(header, sizeof header, g->librdkafka ? "v" : "v%d", (int)offset + 1);
    assert_int_equal(r->offset, offset);
    assert_str(r->key, key);
    assert_str(r->value, value);
    assert_true(r->timestamp > 1700000000000);
    assert_int_equal(r->n_headers, g->librdkafka ? 2 : 1);
    assert_str(r->headers[0].key, "h1");
    assert_str(r->headers[0].value, header);
    if (g->librdkafka) {
        assert_str(r->headers[1].key, "h2");
        assert_null(r->headers[1].value.ptr);
    }
}

static void test_golden(void **state)
{
    (void)state;
    struct record_iter it = {0};
    struct error err;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        const struct golden *g = &goldens[i];
        struct buf bytes = from_hex(g->hex);
        struct str rest = buf_str(&bytes);
        int64_t offset = 0;
        while (rest.len) {
            struct record_batch batch = parse(rest);
            assert_int_equal(batch.base_offset, offset);
            assert_int_equal(batch.compression, g->compression);
            assert_int_equal(batch.producer_id, g->producer_id);
            assert_int_equal(batch.leader_epoch, 0);
            assert_int_equal(batch.delete_horizon, RECORD_BATCH_NO_HORIZON);
            assert_false(batch.control || batch.transactional || batch.log_append_time);
            if (record_iter_start(&it, &batch, &err))
                fail_msg("%s: %s", g->name, err.text);
            for (int n = 0; n < batch.count; n++, offset++) {
                struct topics_record r = next(&it);
                check_golden_record(g, &r, offset);
            }
            assert_end(&it);
            rest = str_of(rest.ptr + batch.size, rest.len - batch.size);
        }
        assert_int_equal(offset, 3);
        buf_free(&bytes);
    }
    record_iter_release(&it);
}

/* Our records, byte for byte, are what Java's producer writes of the same ones. */
static void test_golden_written(void **state)
{
    (void)state;
    struct buf bytes = from_hex(java_none), out = {0};
    struct record_batch golden = parse(buf_str(&bytes));
    struct record_iter it = {0};
    struct record_batch_builder b = {0};
    struct record_codec codec = {0};
    struct error err;
    assert_int_equal(record_iter_start(&it, &golden, &err), 0);
    for (int i = 0; i < golden.count; i++) {
        struct topics_record r = next(&it);
        assert_int_equal(record_batch_add(&b, &r, i, &err), 0);
    }
    assert_int_equal(record_batch_finish(&b, &codec, COMPRESSION_NONE, &out, &err), 0);
    struct record_batch own = parse(buf_str(&out));
    assert_int_equal(own.size, golden.size);
    assert_memory_equal(own.records.ptr, golden.records.ptr, golden.records.len);
    assert_int_equal(own.base_timestamp, golden.base_timestamp);
    assert_int_equal(own.max_timestamp, golden.max_timestamp);
    assert_int_equal(own.last_offset_delta, golden.last_offset_delta);
    assert_int_equal(own.producer_id, -1);
    record_iter_release(&it);
    buf_free(&bytes);
    buf_free(&out);
    buf_free(&b.records);
}

/* ---- both ways ---- */

static void test_varints(void **state)
{
    (void)state;
    const int64_t values[] = {0, -1, 1, 63, 64, -64, -65, 8191, 8192, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char bytes[VARLONG_MAX];
        char *end = varint_write(bytes, values[i]);
        assert_int_equal(end - bytes, varint_size(values[i]));
        const char *p = bytes;
        int64_t back;
        assert_true(varlong_read(&p, end, &back));
        assert_ptr_equal(p, end);
        assert_int_equal(back, values[i]);
        for (p = bytes; end - bytes > 1;) {
            end--;
            p = bytes;
            assert_false(varlong_read(&p, end, &back));
        }
        int32_t narrow;
        p = bytes;
        end = varint_write(bytes, values[i]);
        assert_int_equal(varint_read(&p, end, &narrow), values[i] >= INT32_MIN && values[i] <= INT32_MAX);
    }
    char endless[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
         beyond[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02";
    const char *p = endless;
    int64_t v;
    assert_false(varlong_read(&p, endless + sizeof endless - 1, &v));
    p = beyond;
    assert_false(varlong_read(&p, beyond + sizeof beyond - 1, &v));
}

static void fill(struct record_batch_builder *b, int n)
{
    const struct topics_header headers[] = {{STR("a"), STR("x")}, {STR(""), STR_NULL}, {STR("c"), STR("")}};
    struct error err;
    for (int i = 0; i < n; i++) {
        char key[16], value[64];
        struct topics_record r = {
            .key = i % 3 == 2 ? STR_NULL : str_of(key, (size_t)snprintf(key, sizeof key, "%d", i)),
            .value = i % 5 == 4 ? STR_NULL : str_of(value, (size_t)snprintf(value, sizeof value, "value of %d", i)),
            .headers = headers,
            .n_headers = (uint32_t)i % 4,
            .timestamp = 1000000 - i * 7,
        };
        if (i == 0)
            r.key = STR("");
        assert_int_equal(record_batch_add(b, &r, i * 2, &err), 0);
    }
}

static void check_filled(struct record_iter *it, int n, int64_t base)
{
    for (int i = 0; i < n; i++) {
        char key[16], value[64];
        struct topics_record r = next(it);
        snprintf(key, sizeof key, "%d", i);
        snprintf(value, sizeof value, "value of %d", i);
        assert_int_equal(r.offset, base + i * 2);
        assert_int_equal(r.timestamp, 1000000 - i * 7);
        assert_int_equal(r.n_headers, i % 4);
        if (i == 0)
            assert_true(r.key.ptr && !r.key.len);
        else if (i % 3 == 2)
            assert_null(r.key.ptr);
        else
            assert_str(r.key, key);
        if (i % 5 == 4)
            assert_null(r.value.ptr);
        else
            assert_str(r.value, value);
        if (i % 4 == 3) {
            assert_str(r.headers[0].key, "a");
            assert_null(r.headers[1].value.ptr);
            assert_non_null(r.headers[2].value.ptr);
            assert_int_equal(r.headers[2].value.len, 0);
        }
    }
    assert_end(it);
}

static const enum topics_compression writable[] = {COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_LZ4,
                                                   COMPRESSION_ZSTD};

static void test_both_ways(void **state)
{
    (void)state;
    const int sizes[] = {1, 2, 100, 20000};
    struct record_codec codec = {0};
    struct record_iter it = {0};
    struct record_batch_builder b = {0};
    struct buf out = {0};
    struct error err;
    for (size_t c = 0; c < sizeof writable / sizeof *writable; c++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            buf_clear(&out);
            fill(&b, sizes[s]);
            assert_int_equal(record_batch_finish(&b, &codec, writable[c], &out, &err), 0);
            assert_int_equal(b.count, 0);
            record_batch_set_base_offset(out.data, INT64_C(1) << 40);
            struct record_batch batch = parse(buf_str(&out));
            assert_int_equal(batch.size, out.len);
            assert_int_equal(batch.count, sizes[s]);
            assert_int_equal(batch.base_timestamp, 1000000);
            assert_int_equal(batch.max_timestamp, 1000000);
            if (sizes[s] >= 100) /* small ones are kept as they are when that is smaller */
                assert_int_equal(batch.compression, writable[c]);
            assert_int_equal(record_iter_start(&it, &batch, &err), 0);
            check_filled(&it, sizes[s], INT64_C(1) << 40);
            record_iter_rewind(&it);
            check_filled(&it, sizes[s], INT64_C(1) << 40);
        }
    record_iter_release(&it);
    record_codec_release(&codec);
    buf_free(&b.records);
    buf_free(&out);
}

static void test_horizon(void **state)
{
    (void)state;
    struct record_codec codec = {0};
    struct record_iter it = {0};
    struct record_batch_builder b = {.has_horizon = true, .delete_horizon = 5000000};
    struct buf out = {0};
    struct error err;
    fill(&b, 10);
    assert_int_equal(record_batch_finish(&b, &codec, COMPRESSION_LZ4, &out, &err), 0);
    assert_false(b.has_horizon);
    struct record_batch batch = parse(buf_str(&out));
    assert_int_equal(batch.delete_horizon, 5000000);
    assert_int_equal(record_iter_start(&it, &batch, &err), 0);
    check_filled(&it, 10, 0);
    record_iter_release(&it);
    buf_free(&b.records);
    buf_free(&out);
}

static void test_limits(void **state)
{
    (void)state;
    struct record_batch_builder b = {0};
    struct error err;
    char *big = mem_zalloc(TOPICS_RECORD_MAX + 1);
    struct topics_record r = {.value = {big, TOPICS_RECORD_MAX + 1}};
    assert_int_equal(record_batch_add(&b, &r, 0, &err), ERROR_DATA);
    assert_int_equal(b.count, 0);
    assert_int_equal(b.records.len, 0);
    struct topics_header *headers = mem_new_array(struct topics_header, RECORD_HEADERS_MAX + 1);
    r = (struct topics_record){.headers = headers, .n_headers = RECORD_HEADERS_MAX + 1};
    assert_int_equal(record_batch_add(&b, &r, 0, &err), ERROR_DATA);
    r.n_headers = RECORD_HEADERS_MAX;
    assert_int_equal(record_batch_add(&b, &r, 0, &err), 0);
    struct record_codec codec = {0};
    struct buf out = {0};
    assert_int_equal(record_batch_finish(&b, &codec, COMPRESSION_SNAPPY, &out, &err), ERROR_UNSUPPORTED);
    assert_int_equal(out.len, 0);
    buf_free(&out);
    buf_free(&b.records);
    free(big);
    free(headers);
}

/* ---- damage ---- */

static struct buf sample(enum topics_compression compression, int n)
{
    struct record_batch_builder b = {0};
    struct record_codec codec = {0};
    struct buf out = {0};
    struct error err;
    fill(&b, n);
    assert_int_equal(record_batch_finish(&b, &codec, compression, &out, &err), 0);
    record_codec_release(&codec);
    buf_free(&b.records);
    return out;
}

/* Reads all there is; 0 or an error, never a crash. The crc is left aside, so that damage reaches what is behind. */
static int read_through(struct record_iter *it, struct str bytes)
{
    struct record_batch batch;
    struct error err;
    int rc = record_batch_parse(bytes, &batch, &err);
    if (!rc)
        rc = record_iter_start(it, &batch, &err);
    for (bool found = true; !rc && found;) {
        struct topics_record r;
        rc = record_iter_next(it, &r, &found, &err);
    }
    if (rc)
        assert_int_equal(rc, err.code);
    return rc;
}

static void test_every_byte_damaged(void **state)
{
    (void)state;
    struct record_iter it = {0};
    struct error err;
    for (size_t c = 0; c < sizeof writable / sizeof *writable; c++) {
        struct buf good = sample(writable[c], 40);
        for (size_t at = 0; at < good.len; at++)
            for (int bit = 0; bit < 8; bit++) {
                char *bytes = mem_dup(good.data, good.len); /* of its own, so that asan sees its end */
                bytes[at] = (char)(bytes[at] ^ 1 << bit);
                read_through(&it, str_of(bytes, good.len));
                struct record_batch batch;
                if (at >= 17 && !record_batch_parse(str_of(bytes, good.len), &batch, &err))
                    assert_int_equal(record_batch_check(str_of(bytes, good.len), &batch, &err), ERROR_CORRUPT);
                free(bytes);
            }
        buf_free(&good);
    }
    record_iter_release(&it);
}

static void test_cut_short(void **state)
{
    (void)state;
    struct record_iter it = {0};
    for (size_t c = 0; c < sizeof writable / sizeof *writable; c++) {
        struct buf good = sample(writable[c], 40);
        for (size_t len = 0; len < good.len; len++) {
            char *bytes = mem_alloc(len + 1);
            memcpy(bytes, good.data, len);
            assert_int_equal(read_through(&it, str_of(bytes, len)), ERROR_CORRUPT);
            /* and with a header that agrees with the cut */
            if (len > RECORD_BATCH_HEADER) {
                uint32_t length = __builtin_bswap32((uint32_t)(len - RECORD_BATCH_PREFIX));
                memcpy(bytes + 8, &length, sizeof length);
                assert_int_equal(read_through(&it, str_of(bytes, len)), ERROR_CORRUPT);
            }
            free(bytes);
        }
        assert_int_equal(read_through(&it, buf_str(&good)), 0);
        buf_free(&good);
    }
    record_iter_release(&it);
}

static void test_refused(void **state)
{
    (void)state;
    struct record_iter it = {0};
    struct buf b = sample(COMPRESSION_NONE, 3);
    b.data[16] = 1; /* the older format */
    assert_int_equal(read_through(&it, buf_str(&b)), ERROR_CORRUPT);
    b.data[16] = 2;
    b.data[22] = 7; /* a compression that is none */
    assert_int_equal(read_through(&it, buf_str(&b)), ERROR_CORRUPT);
    b.data[22] = COMPRESSION_SNAPPY;
    assert_int_equal(read_through(&it, buf_str(&b)), ERROR_UNSUPPORTED);
    b.data[22] = 0;
    assert_int_equal(read_through(&it, buf_str(&b)), 0);
    b.data[60]--; /* count: one record is too many now */
    assert_int_equal(read_through(&it, buf_str(&b)), ERROR_CORRUPT);
    b.data[60] = (char)(b.data[60] + 2);
    assert_int_equal(read_through(&it, buf_str(&b)), ERROR_CORRUPT);
    b.data[57] = (char)0x80; /* negative */
    assert_int_equal(read_through(&it, buf_str(&b)), ERROR_CORRUPT);
    buf_free(&b);
    record_iter_release(&it);
}

static void test_bombs(void **state)
{
    (void)state;
    struct record_codec codec = {0};
    struct buf packed = {0}, out = {0};
    struct error err;
    const size_t max = 1000000;
    char *zeros = mem_zalloc(max + 1);
    for (size_t c = 0; c < sizeof writable / sizeof *writable; c++) {
        for (size_t more = 0; more < 2; more++) {
            buf_clear(&packed);
            buf_clear(&out);
            buf_add_literal(&out, "kept");
            struct str plain = str_of(zeros, max + more);
            assert_int_equal(record_codec_compress(&codec, writable[c], plain, &packed, &err), 0);
            int rc = record_codec_decompress(&codec, writable[c], buf_str(&packed), max, &out, &err);
            assert_int_equal(rc, more ? ERROR_CORRUPT : 0);
            assert_int_equal(out.len, 4 + (more ? 0 : max));
        }
        if (writable[c] == COMPRESSION_NONE)
            continue;
        /* bytes behind the frame, and none at all */
        buf_add_literal(&packed, "x");
        assert_int_equal(record_codec_decompress(&codec, writable[c], buf_str(&packed), max * 2, &out, &err),
                         ERROR_CORRUPT);
        assert_int_equal(record_codec_decompress(&codec, writable[c], STR(""), max, &out, &err), ERROR_CORRUPT);
    }
    free(zeros);
    buf_free(&packed);
    buf_free(&out);
    record_codec_release(&codec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),    cmocka_unit_test(test_golden_written),
        cmocka_unit_test(test_varints),   cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_horizon),   cmocka_unit_test(test_limits),
        cmocka_unit_test(test_cut_short), cmocka_unit_test(test_every_byte_damaged),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_bombs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
