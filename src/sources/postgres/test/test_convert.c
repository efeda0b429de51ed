/* Text of the server to values. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include "sources/postgres/convert.h"
#include "wire/json.h"

#include <stdlib.h>

static struct arena arena;

static int convert(const struct pgc_conv *c, const char *text, struct value *ret, struct error *err)
{
    size_t len = strlen(text);
    char *copy = malloc(len ? len : 1); /* so that a sanitizer sees a byte too many */
    memcpy(copy, text, len);
    struct value v;
    int code = pgc_convert(c, copy, len, &arena, &v, err);
    if (!code)
        *ret = value_copy(&arena, &v);
    free(copy);
    return code;
}

static void assert_json(const struct pgc_conv *c, const char *text, const char *json)
{
    struct value v;
    struct error err;
    AUTO_BUF out = {0};
    if (convert(c, text, &v, &err))
        fail_msg("%s: %s", text, err.text);
    if (v.type == VALUE_STRUCT)
        v.type = VALUE_ARRAY; /* no names here */
    assert_int_equal(json_write_value(&v, &out, &err), 0);
    assert_string_equal(buf_cstr(&out), json);
}

#define OP(o) (&(struct pgc_conv){.op = (o)})

static void assert_bad(const struct pgc_conv *c, const char *text)
{
    struct value v;
    struct error err;
    assert_int_equal(convert(c, text, &v, &err), ERROR_DATA);
}

static void numbers(void **state)
{
    (void)state;
    assert_json(OP(PGC_INT16), "-32768", "-32768");
    assert_json(OP(PGC_INT64), "9223372036854775807", "9223372036854775807");
    assert_json(OP(PGC_INT64), "4294967295", "4294967295"); /* an oid */
    assert_json(OP(PGC_FLOAT32), "3.3", "3.3");
    assert_json(OP(PGC_FLOAT64), "-Infinity", "\"-Infinity\"");
    assert_json(OP(PGC_BOOLEAN), "t", "true");
    assert_json(&(struct pgc_conv){.op = PGC_DECIMAL, .scale = 2}, "1.10", "\"bg==\"");
    assert_json(&(struct pgc_conv){.op = PGC_DECIMAL, .scale = 2}, "NaN", "null");
    assert_json(OP(PGC_DECIMAL_VARIABLE), "33.5550", "[3,\"AIMT\"]");
    assert_json(OP(PGC_DECIMAL_VARIABLE), "100", "[0,\"ZA==\"]");
    assert_json(OP(PGC_DECIMAL_VARIABLE), "0.000", "[0,\"AA==\"]");
    assert_json(OP(PGC_DECIMAL_TEXT), "NaN", "\"NAN\"");
    assert_json(OP(PGC_MONEY), "-$1,234.11", "\"/h3t\"");
    assert_bad(OP(PGC_INT16), "32768");
    assert_bad(OP(PGC_INT32), "");
    assert_bad(OP(PGC_FLOAT64), "x");
    assert_bad(OP(PGC_BOOLEAN), "true");
    assert_bad(&(struct pgc_conv){.op = PGC_DECIMAL, .scale = 2}, "1.x");
}

static void bytes_and_bits(void **state)
{
    (void)state;
    assert_json(OP(PGC_BYTEA), "\\x00ff10", "\"AP8Q\"");
    assert_json(OP(PGC_BYTEA), "\\x", "\"\"");
    assert_json(OP(PGC_BITS), "1010", "\"CgA=\"");
    assert_json(OP(PGC_BITS), "1111111111111111111111111111111111111111", "\"//////8AAAA=\"");
    assert_json(OP(PGC_BITS), "", "null");
    assert_json(OP(PGC_BIT), "1", "true");
    assert_bad(OP(PGC_BYTEA), "00ff");
    assert_bad(OP(PGC_BYTEA), "\\x0");
    assert_bad(OP(PGC_BYTEA), "\\x0g");
    assert_bad(OP(PGC_BITS), "102");
}

static void times(void **state)
{
    (void)state;
    assert_json(OP(PGC_DATE), "2016-11-04", "17109");
    assert_json(OP(PGC_DATE), "0044-03-15 BC", "-735160");
    assert_json(OP(PGC_DATE), "infinity", "2147483647");
    assert_json(OP(PGC_TIME_MS), "13:51:30.1239", "49890123");
    assert_json(OP(PGC_TIME_US), "24:00:00", "86400000000");
    assert_json(OP(PGC_TIMETZ), "13:51:30.123789+02", "\"11:51:30.123789Z\"");
    assert_json(OP(PGC_TIMETZ), "23:59:59-08", "\"07:59:59Z\"");
    assert_json(OP(PGC_TIMESTAMP_MS), "1969-12-31 23:59:59.999999", "-1");
    assert_json(OP(PGC_TIMESTAMP_US), "infinity", "9223372036825200000");
    assert_json(OP(PGC_TIMESTAMPTZ), "2016-11-04 11:51:30.50+00", "\"2016-11-04T11:51:30.5Z\"");
    assert_json(OP(PGC_TIMESTAMPTZ), "0044-03-15 12:00:00+00 BC", "\"-0043-03-15T12:00:00Z\"");
    assert_json(OP(PGC_TIMESTAMPTZ), "infinity", "\"+292278994-08-16T23:00:00Z\"");
    assert_json(OP(PGC_INTERVAL_US), "1 year 2 mons 3 days 04:05:06.78", "37091106780000");
    assert_json(OP(PGC_INTERVAL_US), "-1 days", "-86400000000");
    assert_json(OP(PGC_INTERVAL_TEXT), "1 year 2 mons 3 days 04:05:06.78", "\"P1Y2M3DT4H5M6.78S\"");
    assert_json(OP(PGC_INTERVAL_TEXT), "-00:00:01.5", "\"P0Y0M0DT0H0M-1.5S\"");
    assert_json(OP(PGC_INTERVAL_TEXT), "00:00:00", "\"P0Y0M0DT0H0M0S\"");
    assert_bad(OP(PGC_DATE), "2016-02-30");
    assert_bad(OP(PGC_DATE), "2016-11-04x");
    assert_bad(OP(PGC_TIME_US), "25:00:00");
    assert_bad(OP(PGC_TIMESTAMP_US), "2016-11-04");
    assert_bad(OP(PGC_INTERVAL_US), "1 fortnight");
    assert_bad(OP(PGC_INTERVAL_US), "1");
}

static void nested(void **state)
{
    (void)state;
    struct pgc_conv text = {.op = PGC_TEXT}, number = {.op = PGC_INT32};
    struct pgc_conv texts = {.op = PGC_ARRAY, .element = &text}, numbers = {.op = PGC_ARRAY, .element = &number};
    assert_json(&numbers, "{}", "[]");
    assert_json(&numbers, "{1,NULL,3}", "[1,null,3]");
    assert_json(&numbers, "[0:1]={7,8}", "[7,8]");
    assert_json(&numbers, "{{1,2},{3,4}}", "[1,2,3,4]");
    assert_json(&texts, "{\"x,y\",\"q\\\"r\",\"NULL\",\"\"}", "[\"x,y\",\"q\\\"r\",\"NULL\",\"\"]");
    assert_bad(&numbers, "{1");
    assert_bad(&numbers, "1}");
    assert_bad(&numbers, "{1}}");
    assert_bad(&numbers, "{x}");
    assert_bad(&numbers, "{{{{{{{1}}}}}}}");
    assert_bad(&texts, "{\"x}");
    assert_bad(&texts, "{\"x\\");
    assert_bad(&texts, "");
    assert_json(OP(PGC_HSTORE_JSON), "\"k\"=>\"v\", \"k2\"=>NULL", "\"{\\\"k2\\\":null,\\\"k\\\":\\\"v\\\"}\"");
    assert_json(OP(PGC_HSTORE_JSON), "", "\"{}\"");
    assert_json(OP(PGC_HSTORE_MAP), "\"a b\"=>\"x=>y, \\\"q\\\"\"", "{\"a b\":\"x=>y, \\\"q\\\"\"}");
    assert_bad(OP(PGC_HSTORE_MAP), "\"a\"");
    assert_bad(OP(PGC_HSTORE_MAP), "\"a\"=>");
    assert_bad(OP(PGC_HSTORE_MAP), "\"a\"=>\"b");
    assert_bad(OP(PGC_HSTORE_MAP), "\"a\"=>\"b\" x");
}

static void places(void **state)
{
    (void)state;
    assert_json(OP(PGC_POINT), "(1,2)", "[1.0,2.0,\"AQEAAAAAAAAAAADwPwAAAAAAAABA\",null]");
    assert_json(OP(PGC_GEOMETRY), "010100002073080000000000000000F03F000000000000F03F",
                "[\"AQEAACBzCAAAAAAAAAAA8D8AAAAAAADwPw==\",2163]");
    assert_bad(OP(PGC_POINT), "(1)");
    assert_bad(OP(PGC_POINT), "1,2");
    assert_bad(OP(PGC_GEOMETRY), "01");
    assert_bad(OP(PGC_GEOMETRY), "zz");
}

static void fallbacks(void **state)
{
    (void)state;
    for (int op = PGC_INT16; op <= PGC_ARRAY; op++) {
        struct value v = pgc_fallback(OP((uint8_t)op), &arena);
        assert_false(value_is_null(&v));
    }
}

static int release(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers), cmocka_unit_test(bytes_and_bits), cmocka_unit_test(times),
        cmocka_unit_test(nested),  cmocka_unit_test(places),         cmocka_unit_test(fallbacks),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
