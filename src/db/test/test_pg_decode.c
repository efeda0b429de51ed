#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"
#include "db/postgres/decode.h"
#include "wire/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena arena;
static struct error err;

/* "00 01 ff" to bytes. */
static size_t unhex(const char *text, uint8_t *out)
{
    size_t n = 0;
    for (; *text; text++)
        if (*text != ' ') {
            char pair[3] = {text[0], text[1], 0};
            out[n++] = (uint8_t)strtoul(pair, NULL, 16);
            text++;
        }
    return n;
}

static int decode(uint32_t oid, enum db_rep rep, int32_t scale, const char *hex, struct value *ret)
{
    static uint8_t bytes[4096];
    struct pg_decoder d;
    assert_true(pg_decoder_for(oid, rep, scale, false, &d));
    d.name = STR("col");
    return pg_decode_field(&d, bytes, unhex(hex, bytes), &arena, ret, &err);
}

static struct value good(uint32_t oid, enum db_rep rep, const char *hex)
{
    struct value v = value_null();
    assert_int_equal(decode(oid, rep, 0, hex, &v), 0);
    return v;
}

static void bad(uint32_t oid, enum db_rep rep, const char *hex, const char *reason)
{
    struct value v = value_int32(77);
    err = (struct error){0};
    assert_int_equal(decode(oid, rep, 0, hex, &v), ERROR_DATA);
    assert_non_null(strstr(err.text, reason));
    assert_non_null(strstr(err.text, "\"col\""));
}

static void assert_text(struct value v, const char *text)
{
    assert_int_equal(v.type, VALUE_STRING);
    assert_int_equal(v.len, strlen(text));
    assert_memory_equal(v.str, text, v.len);
}

static void test_integers(void **state)
{
    (void)state;
    assert_int_equal(good(PG_INT2, DB_AS_INT16, "ffff").i, -1);
    assert_int_equal(good(PG_INT2, DB_AS_INT16, "ffff").type, VALUE_INT16);
    assert_int_equal(good(PG_INT4, DB_AS_INT32, "80000000").i, INT32_MIN);
    assert_int_equal(good(PG_INT4, DB_AS_INT64, "7fffffff").type, VALUE_INT64);
    assert_int_equal(good(PG_INT8, DB_AS_INT64, "8000000000000000").i, INT64_MIN);
    assert_int_equal(good(PG_OID, DB_AS_INT64, "ffffffff").i, UINT32_MAX); /* where Debezium 1.1 stopped */
    assert_int_equal(good(PG_INT8, DB_AS_INT8, "ffffffffffffff80").i, -128);
    bad(PG_INT8, DB_AS_INT8, "0000000000000080", "128 is out of the range of INT8");
    bad(PG_INT4, DB_AS_INT16, "00008000", "range of INT16");
    bad(PG_INT4, DB_AS_INT32, "000000", "3 bytes");
    bad(PG_INT8, DB_AS_INT64, "", "0 bytes");
}

static void test_floats_and_booleans(void **state)
{
    (void)state;
    assert_true(good(PG_FLOAT4, DB_AS_FLOAT32, "3fc00000").f32 == 1.5f);
    assert_true(good(PG_FLOAT8, DB_AS_FLOAT64, "c004000000000000").f64 == -2.5);
    assert_true(isnan(good(PG_FLOAT8, DB_AS_FLOAT64, "7ff8000000000000").f64));
    assert_true(good(PG_BOOL, DB_AS_BOOLEAN, "01").b);
    assert_false(good(PG_BOOL, DB_AS_BOOLEAN, "00").b);
    bad(PG_FLOAT4, DB_AS_FLOAT32, "3fc0", "2 bytes");
    bad(PG_BOOL, DB_AS_BOOLEAN, "", "0 bytes");
}

static void test_texts(void **state)
{
    (void)state;
    assert_text(good(PG_TEXT, DB_AS_STRING, "616263"), "abc");
    assert_text(good(PG_BPCHAR, DB_AS_STRING, "61622020"), "ab  ");
    assert_text(good(PG_VARCHAR, DB_AS_STRING, ""), "");
    assert_text(good(PG_JSONB, DB_AS_STRING, "01 7b7d"), "{}");
    assert_text(good(PG_UUID, DB_AS_STRING, "a0eebc999c0b4ef8bb6d6bb9bd380a11"),
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    assert_text(good(PG_CHAR, DB_AS_STRING, "78"), "x");
    assert_text(good(PG_CHAR, DB_AS_STRING, "00"), "");
    struct value v = good(PG_BYTEA, DB_AS_BYTES, "00ff");
    assert_int_equal(v.type, VALUE_BYTES);
    assert_int_equal(v.len, 2);
    bad(PG_JSONB, DB_AS_STRING, "02 7b7d", "unknown version");
    bad(PG_JSONB, DB_AS_STRING, "", "unknown version");
    bad(PG_UUID, DB_AS_STRING, "a0eebc999c0b4ef8bb6d6bb9bd380a", "15 bytes");
    bad(PG_CHAR, DB_AS_STRING, "e9", "ASCII");
}

static void test_unknown_encoding(void **state)
{
    (void)state;
    struct pg_decoder d;
    struct value v;
    assert_true(pg_decoder_for(PG_TEXT, DB_AS_STRING, 0, true, &d));
    d.name = STR("col");
    assert_int_equal(pg_decode_field(&d, (const uint8_t *)"h\xc3\xa9", 3, &arena, &v, &err), 0);
    assert_int_equal(pg_decode_field(&d, (const uint8_t *)"h\xe9", 2, &arena, &v, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "SQL_ASCII"));
    assert_non_null(strstr(err.text, "convert_from"));
}

static void test_bits(void **state)
{
    (void)state;
    assert_true(good(PG_BIT, DB_AS_BOOLEAN, "00000001 80").b);
    assert_false(good(PG_BIT, DB_AS_BOOLEAN, "00000001 00").b);
    assert_int_equal(good(PG_BIT, DB_AS_INT8, "00000003 a0").i, 101); /* B'101', as JDBC */
    assert_int_equal(good(PG_BIT, DB_AS_INT8, "00000004 50").i, 5);   /* B'0101' */
    assert_int_equal(good(PG_BIT, DB_AS_INT8, "00000008 ff").i, -1);
    bad(PG_BIT, DB_AS_INT8, "00000009 ff80", "out of the range");
    bad(PG_BIT, DB_AS_INT8, "00000009 ff", "length");
    bad(PG_BIT, DB_AS_INT8, "0000", "length");
    bad(PG_VARBIT, DB_AS_INT64, "00000041 ffffffffffffffffff", "65 bits");
}

static void test_dates_and_times(void **state)
{
    (void)state;
    assert_int_equal(good(PG_DATE, DB_AS_DATE, "00001808").i, 17109); /* 2016-11-04 */
    assert_int_equal(good(PG_DATE, DB_AS_DATE, "7fffffff").i, DB_DATE_INFINITY);
    assert_int_equal(good(PG_DATE, DB_AS_DATE, "80000000").i, DB_DATE_NINFINITY);
    assert_int_equal(good(PG_TIME, DB_AS_TIME, "0000000b9dacfc80").i, 49890000); /* 13:51:30 */
    assert_int_equal(good(PG_TIME, DB_AS_TIME, "000000141dd76000").i, 0);        /* 24:00:00 */
    /* 01:00:00+02, whose zone is -7200 to PostgreSQL */
    assert_int_equal(good(PG_TIMETZ, DB_AS_TIME, "00000000d693a400 ffffe3e0").i, 23 * 3600 * 1000);
    bad(PG_DATE, DB_AS_DATE, "00", "1 bytes");
    bad(PG_TIMETZ, DB_AS_TIME, "00000000d693a400", "8 bytes");
}

static void test_timestamps(void **state)
{
    (void)state;
    int64_t us = INT64_C(1478267490123456);
    char hex[20];
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)(us - INT64_C(946684800000000)));
    assert_int_equal(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_MS, hex).i, us / 1000);
    assert_int_equal(good(PG_TIMESTAMPTZ, DB_AS_TIMESTAMP_US, hex).i, us);
    assert_int_equal(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_NS, hex).i, us * 1000);
    assert_text(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_US_TEXT, hex), "1478267490123456");
    assert_text(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_NS_TEXT, hex), "1478267490123456000");
    assert_text(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_US_ISO, hex), "2016-11-04T13:51:30.123456");
    assert_text(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_NS_ISO, hex), "2016-11-04T13:51:30.123456000");
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)INT64_C(-946684800000001));
    assert_int_equal(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_MS, hex).i, -1); /* rounded down, as Java does */
    assert_int_equal(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_US, hex).i, -1);
    assert_text(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_US_ISO, hex), "1969-12-31T23:59:59.999999");
}

static void test_timestamp_limits(void **state)
{
    (void)state;
    assert_int_equal(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_MS, "7fffffffffffffff").i, DB_INFINITY_MS);
    assert_int_equal(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_MS, "8000000000000000").i, DB_NINFINITY_MS);
    assert_int_equal(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_US, "7fffffffffffffff").i, DB_INFINITY);
    assert_text(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_US_TEXT, "8000000000000000"), "-9223372036854775808");
    assert_text(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_NS_TEXT, "7fffffffffffffff"), "9223372036825200000000000");
    assert_text(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_US_ISO, "8000000000000000"), "+292275056-05-16T23:00:00.000000");
    assert_text(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_NS_ISO, "7fffffffffffffff"), "+292278994-08-16T23:00:00.000000000");
}

static void test_timestamp_ranges(void **state)
{
    (void)state;
    char hex[20];
    int64_t last = INT64_C(9223371331199999999); /* 294276-12-31 23:59:59.999999 */
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)last);
    assert_int_equal(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_MS, hex).i, INT64_C(9224318015999999));
    bad(PG_TIMESTAMP, DB_AS_TIMESTAMP_US_TEXT, hex, "connect_logical");
    assert_int_equal(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_US, hex).i, DB_INFINITY);
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)INT64_C(252455616000000000)); /* 10000-01-01 */
    assert_text(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_US_ISO, hex), "+10000-01-01T00:00:00.000000");
    assert_int_equal(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_NS, hex).i, DB_INFINITY);
    assert_text(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_NS_TEXT, hex), "253402300800000000000");
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)INT64_C(-946684800000000)); /* 1970-01-01 */
    assert_text(good(PG_TIMESTAMP, DB_AS_TIMESTAMP_NS_TEXT, hex), "0");
    bad(PG_TIMESTAMP, DB_AS_TIMESTAMP_MS, "00", "1 bytes");
}

static void test_legacy_calendar(void **state)
{
    (void)state;
    assert_int_equal(pg_legacy_days(0), 0);
    assert_int_equal(pg_legacy_days(-141427), -141427); /* 1582-10-15, the first Gregorian day */
    assert_int_equal(pg_legacy_days(-141438), -141428); /* 1582-10-04 is the day before, in Julian */
    assert_int_equal(pg_legacy_days(-719162), -719164); /* 0001-01-01 */
    struct pg_date d = pg_civil(-719162);
    assert_int_equal(d.year, 1);
    assert_int_equal(d.month, 1);
    assert_int_equal(d.day, 1);
    d = pg_civil(-719163);
    assert_int_equal(d.year, 0);
    assert_int_equal(d.month, 12);
    d = pg_civil(11016);
    assert_int_equal(d.month * 100 + d.day, 229); /* 2000-02-29 */
    struct pg_decoder decoder;
    assert_true(pg_decoder_for(PG_DATE, DB_AS_DATE, 0, false, &decoder));
    decoder.legacy = true;
    decoder.name = STR("col");
    uint8_t bytes[4];
    int32_t pg = -141438 - 10957;
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)((uint32_t)pg >> (24 - 8 * i));
    struct value v;
    assert_int_equal(pg_decode_field(&decoder, bytes, 4, &arena, &v, &err), 0);
    assert_int_equal(v.i, -141428);
}

static void test_no_decoder(void **state)
{
    (void)state;
    struct pg_decoder d = {.op = 99};
    uint32_t oid;
    assert_false(pg_decoder_for(PG_INT4, DB_AS_STRING, 0, false, &d));
    assert_int_equal(d.op, 99);
    assert_string_equal(pg_cast_for(PG_INT4, DB_AS_STRING, &oid), "pg_catalog.text");
    assert_int_equal(oid, PG_TEXT);
    assert_string_equal(pg_cast_for(PG_MONEY, DB_AS_FLOAT64, &oid), "pg_catalog.numeric::pg_catalog.float8");
    assert_true(pg_decoder_for(869 /* inet */, DB_AS_SKIP, 0, false, &d));
    for (int rep = DB_AS_INT8; rep <= DB_AS_TIMESTAMP_NS_ISO; rep++) { /* what is cast to can be read */
        pg_cast_for(869, (enum db_rep)rep, &oid);
        assert_true(pg_decoder_for(oid, (enum db_rep)rep, 0, false, &d));
    }
}

/* ---- rows ---- */

static struct pg_decoder decoders[3];

static void make_decoders(void)
{
    assert_true(pg_decoder_for(PG_INT4, DB_AS_INT32, 0, false, &decoders[0]));
    assert_true(pg_decoder_for(PG_TEXT, DB_AS_SKIP, 0, false, &decoders[1]));
    assert_true(pg_decoder_for(PG_TEXT, DB_AS_STRING, 0, false, &decoders[2]));
    for (int i = 0; i < 3; i++)
        decoders[i].name = STR("col");
}

#define ROW "0003 00000004 0000002a 00000002 7878 00000003 616263"

static void test_row(void **state)
{
    (void)state;
    make_decoders();
    uint8_t row[64];
    struct value values[3] = {0};
    size_t len = unhex(ROW " ffff", row), used;
    assert_int_equal(pg_decode_row(decoders, 3, row, len, &arena, values, &used, &err), 0);
    assert_int_equal(used, len - 2);
    assert_int_equal(values[0].i, 42);
    assert_text(values[1], "abc"); /* the one in between has no place */
    assert_ptr_equal(values[1].str, row + used - 3);
    assert_int_equal(pg_row_length(row, len), used);
    assert_true(pg_row_is_end(row + used, 2));
    assert_int_equal(pg_row_length(row + used, 2), 2);

    len = unhex("0003 ffffffff ffffffff ffffffff", row);
    assert_int_equal(pg_decode_row(decoders, 3, row, len, &arena, values, &used, &err), 0);
    assert_int_equal(values[0].type, VALUE_NULL);
    assert_int_equal(values[1].type, VALUE_NULL);
    assert_int_equal(used, len);
}

static void test_every_cut_of_a_row(void **state)
{
    (void)state;
    make_decoders();
    uint8_t row[64];
    struct value values[3];
    size_t len = unhex(ROW, row), used;
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1); /* so that asan sees a byte too far */
        memcpy(exact, row, cut);
        assert_int_equal(pg_decode_row(decoders, 3, exact, cut, &arena, values, &used, &err), ERROR_DATA);
        assert_int_equal(pg_row_length(exact, cut), 0);
        free(exact);
    }
}

static void test_row_fields(void **state)
{
    (void)state;
    uint8_t row[64];
    size_t len = unhex(ROW, row), n;
    const uint8_t *p;
    bool null;
    assert_int_equal(pg_row_field(row, len, 2, &p, &n, &null, &err), 0);
    assert_int_equal(n, 3);
    assert_false(null);
    assert_memory_equal(p, "abc", 3);
    assert_int_equal(pg_row_field(row, len, 3, &p, &n, &null, &err), ERROR_DATA);
    assert_int_equal(pg_row_field(row, len - 1, 2, &p, &n, &null, &err), ERROR_DATA);
    len = unhex("0001 ffffffff", row);
    assert_int_equal(pg_row_field(row, len, 0, &p, &n, &null, &err), 0);
    assert_true(null);
}

static void test_bad_rows(void **state)
{
    (void)state;
    make_decoders();
    uint8_t row[64];
    struct value values[3];
    size_t used, len = unhex("0002 00000004 0000002a ffffffff", row);
    assert_int_equal(pg_decode_row(decoders, 3, row, len, &arena, values, &used, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "2 fields in place of 3"));
    len = unhex("0003 7fffffff 0000002a", row);
    assert_int_equal(pg_decode_row(decoders, 3, row, len, &arena, values, &used, &err), ERROR_DATA);
    assert_int_equal(pg_row_length(row, len), -1);
    len = unhex("0001 fffffffe", row); /* a length of -2 */
    assert_int_equal(pg_row_length(row, len), -1);
    len = unhex("7fff 00000000", row); /* more fields than a table has */
    assert_int_equal(pg_row_length(row, len), -1);
}

static void test_header(void **state)
{
    (void)state;
    uint8_t bytes[64];
    size_t len = unhex("5047434f50590aff0d0a00 00000000 00000002 aabb ffff", bytes);
    assert_int_equal(pg_header_length(bytes, len), 21);
    for (size_t cut = 0; cut < 21; cut++)
        assert_int_equal(pg_header_length(bytes, cut), 0);
    bytes[8] = 'x';
    assert_int_equal(pg_header_length(bytes, len), -1);
    unhex("5047434f50590aff0d0a00 00000000 ffffffff", bytes);
    assert_int_equal(pg_header_length(bytes, 19), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_floats_and_booleans),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_unknown_encoding),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_dates_and_times),
        cmocka_unit_test(test_timestamps),
        cmocka_unit_test(test_timestamp_limits),
        cmocka_unit_test(test_timestamp_ranges),
        cmocka_unit_test(test_legacy_calendar),
        cmocka_unit_test(test_no_decoder),
        cmocka_unit_test(test_row),
        cmocka_unit_test(test_every_cut_of_a_row),
        cmocka_unit_test(test_row_fields),
        cmocka_unit_test(test_bad_rows),
        cmocka_unit_test(test_header),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
