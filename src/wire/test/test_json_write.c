/* What the JSON writer writes, against what Kafka Connect 3.9's JsonConverter (Jackson, JDK 19's digits) writes. */
#include "wire/decimal.h"
#include "wire/json.h"

#include "base/mem.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;

#define assert_text(buf, expected) assert_string_equal(buf_cstr(buf), expected)

/* Numbers. */

static void test_doubles(void **state)
{
    (void)state;
    const struct {
        double d;
        const char *text;
    } cases[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {100.0, "100.0"},
        {1234567.0, "1234567.0"},
        {9999999.0, "9999999.0"},
        {1e7, "1.0E7"},
        {12345678.9, "1.23456789E7"},
        {1e10, "1.0E10"},
        {-1e10, "-1.0E10"},
        {0.001, "0.001"},
        {0.0001, "1.0E-4"},
        {0.00123, "0.00123"},
        {0.01, "0.01"},
        {0.1, "0.1"},
        {1e-5, "1.0E-5"},
        {1e300, "1.0E300"},
        {-1e-300, "-1.0E-300"},
        {3.14, "3.14"},
        {12.34, "12.34"},
        {0.1 + 0.2, "0.30000000000000004"},
        {2.0e23, "2.0E23"},
        {1e23, "1.0E23"},
        {9007199254740993.0, "9.007199254740992E15"},
        {0x1p-44, "5.684341886080802E-14"}, /* the neighbour below is nearer: 17 digits by rounding, 16 suffice */
        {DBL_MAX, "1.7976931348623157E308"},
        {DBL_MIN, "2.2250738585072014E-308"},
        {0x0.fffffffffffffp-1022, "2.225073858507201E-308"},
        {0x1p-1074, "4.9E-324"}, /* two digits, the nearest ones */
        {0x3p-1074, "1.5E-323"},
        {0x1p-1073, "9.9E-324"},
        {NAN, "\"NaN\""},
        {INFINITY, "\"Infinity\""},
        {-INFINITY, "\"-Infinity\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_BUF b = {0};
        json_write_double(&b, cases[i].d);
        assert_text(&b, cases[i].text);
    }
}

static void test_floats(void **state)
{
    (void)state;
    const struct {
        float f;
        const char *text;
    } cases[] = {
        {0.0f, "0.0"},
        {-0.0f, "-0.0"},
        {1.5f, "1.5"},
        {3.14f, "3.14"},
        {0.1f, "0.1"},
        {1e10f, "1.0E10"},
        {1e7f, "1.0E7"},
        {9999999.0f, "9999999.0"},
        {FLT_MAX, "3.4028235E38"},
        {FLT_MIN, "1.1754944E-38"},
        {0x1p-149f, "1.4E-45"},
        {0x3p-149f, "4.2E-45"},
        {16777216.0f, "1.6777216E7"},
        {123.4567f, "123.4567"},
        {NAN, "\"NaN\""},
        {-INFINITY, "\"-Infinity\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_BUF b = {0};
        json_write_float(&b, cases[i].f);
        assert_text(&b, cases[i].text);
    }
}

/* Every digit string reads back as the number it came from, and no shorter one does. */
static void test_doubles_are_shortest(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252u;
    AUTO_BUF b = {0};
    for (int i = 0; i < 20000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        double d;
        memcpy(&d, &x, sizeof d);
        if (i % 2)
            d = (double)(int64_t)(x % 10000000000) / 100;
        if (!isfinite(d))
            continue;
        buf_clear(&b);
        json_write_double(&b, d);
        double back = strtod(buf_cstr(&b), NULL);
        assert_memory_equal(&back, &d, sizeof d);
        int digits = 0;
        for (const char *p = b.data; *p && *p != 'E'; p++)
            digits += *p >= '0' && *p <= '9';
        char shorter[40];
        for (int n = 1; n < 17; n++) {
            snprintf(shorter, sizeof shorter, "%.*e", n - 1, d);
            if (strtod(shorter, NULL) == d) { /* zeros that only place the point count, too */
                bool plain = !strchr(b.data, 'E');
                assert_true(plain || digits <= (n > 2 ? n : 2));
                break;
            }
        }
    }
}

static void writes_value(struct value v, const char *expected)
{
    AUTO_BUF b = {0};
    struct error err;
    assert_int_equal(json_write_value(&v, &b, &err), 0);
    assert_text(&b, expected);
}

static void test_integers(void **state)
{
    (void)state;
    writes_value(value_int64(INT64_MIN), "-9223372036854775808");
    writes_value(value_int64(INT64_MAX), "9223372036854775807");
    writes_value(value_int32(INT32_MIN), "-2147483648");
    writes_value(value_int(VALUE_INT8, -128), "-128");
    writes_value(value_int(VALUE_INT16, 32767), "32767");
    uint64_t power = 1;
    for (int digits = 1; digits <= 18; digits++, power *= 10) { /* both sides of every change in length */
        char text[32];
        for (int64_t v = (int64_t)power - 1; v <= (int64_t)power + 1; v++) {
            snprintf(text, sizeof text, "%lld", (long long)v);
            writes_value(value_int64(v), text);
            snprintf(text, sizeof text, "%lld", (long long)-v);
            writes_value(value_int64(-v), text);
        }
    }
}

/* Strings. */

static void writes_string(struct str s, const char *expected)
{
    AUTO_BUF b = {0};
    json_write_string(&b, s);
    assert_text(&b, expected);
}

static void test_escapes(void **state)
{
    (void)state;
    writes_string(STR(""), "\"\"");
    writes_string(STR_NULL, "\"\"");
    writes_string(STR("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    writes_string(STR("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
    writes_string(STR("\0\x01\x0b\x1f\x7f"), "\"\\u0000\\u0001\\u000B\\u001F\x7f\"");
    writes_string(STR("h\xc3\xa4\xe2\x82\xac"), "\"h\xc3\xa4\xe2\x82\xac\"");
    writes_string(STR("\xef\xbf\xbf\xed\x9f\xbf"), "\"\xef\xbf\xbf\xed\x9f\xbf\"");
    writes_string(STR("\xf0\x9f\x98\x80"), "\"\\uD83D\\uDE00\"");
    writes_string(STR("\xf0\x90\x80\x80"), "\"\\uD800\\uDC00\"");
    writes_string(STR("\xf4\x8f\xbf\xbf"), "\"\\uDBFF\\uDFFF\"");
}

static void test_broken_utf8_is_replaced(void **state)
{
    (void)state;
    writes_string(STR("x\xf0\x9f\x98"), "\"x\xef\xbf\xbd\x9f\x98\"");
    writes_string(STR("\xff"), "\"\xef\xbf\xbd\"");
    writes_string(STR("\xf4\x90\x80\x80"), "\"\xef\xbf\xbd\x90\x80\x80\"");
    writes_string(STR("\xf0\x80\x80\x80"), "\"\xef\xbf\xbd\x80\x80\x80\"");
}

/* A special character at each place of strings of each length: whatever the block it falls into. */
static void test_escape_at_every_place(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *escaped;
    } specials[] = {
        {"\"", "\\\""}, {"\\", "\\\\"}, {"\n", "\\n"}, {"\x1f", "\\u001F"}, {"\xf0\x9f\x98\x80", "\\uD83D\\uDE00"}};
    for (size_t len = 0; len < 70; len++) {
        for (size_t at = 0; at <= len; at++) {
            for (size_t k = 0; k < sizeof specials / sizeof *specials; k++) {
                AUTO_BUF raw = {0}, expected = {0}, b = {0};
                buf_add_char(&expected, '"');
                for (size_t i = 0; i <= len; i++) {
                    buf_add_cstr(&raw, i == at ? specials[k].raw : "~");
                    buf_add_cstr(&expected, i == at ? specials[k].escaped : "~");
                }
                buf_add_char(&expected, '"');
                AUTO_FREE char *exact = mem_dup(raw.data, raw.len); /* a byte read too far is seen by asan */
                json_write_string(&b, str_of(exact, raw.len));
                assert_string_equal(buf_cstr(&b), buf_cstr(&expected));
            }
        }
    }
}

static void test_long_strings(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        AUTO_BUF raw = {0}, expected = {0}, b = {0};
        for (size_t i = 0; i < shift; i++)
            buf_add_char(&raw, 'x');
        buf_add_char(&expected, '"');
        buf_add_str(&expected, buf_str(&raw));
        for (int i = 0; i < 5000; i++) {
            buf_add_cstr(&raw, "\xf0\x9f\x98\x80\xc3\xa4");
            buf_add_cstr(&expected, "\\uD83D\\uDE00\xc3\xa4");
        }
        buf_add_char(&expected, '"');
        json_write_string(&b, buf_str(&raw));
        assert_true(str_equal(buf_str(&b), buf_str(&expected)));
    }
}

static void test_base64(void **state)
{
    (void)state;
    const struct {
        struct str bytes;
        const char *text;
    } cases[] = {
        {STR_INIT(""), "\"\""},
        {STR_INIT("f"), "\"Zg==\""},
        {STR_INIT("fo"), "\"Zm8=\""},
        {STR_INIT("foo"), "\"Zm9v\""},
        {STR_INIT("foob"), "\"Zm9vYg==\""},
        {STR_INIT("fooba"), "\"Zm9vYmE=\""},
        {STR_INIT("\0\xff"), "\"AP8=\""},
        {STR_INIT("\xfb\xff\xbf"), "\"+/+/\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_BUF b = {0};
        json_write_base64(&b, (const uint8_t *)cases[i].bytes.ptr, cases[i].bytes.len);
        assert_text(&b, cases[i].text);
        struct str back;
        assert_true(json_read_base64(str_of(b.data + 1, b.len - 2), &arena, &back));
        assert_true(str_equal(back, cases[i].bytes));
    }
    static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zg==Zg==", "Z=g=", "Zm 9", "Zm9-"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(json_read_base64(str_from(bad[i]), &arena, &(struct str){NULL, 0}));
}

/* Plans. */

static struct schema *optional(struct schema *s)
{
    schema_set_optional(s);
    return s;
}

static void add_field(struct schema *s, const char *name, struct schema *field)
{
    schema_add_field(s, str_from(name), field);
    schema_unref(field);
}

/* Gives up the schema. */
static void expect_plan_as(struct json_options options, struct schema *s, struct value v, const char *expected)
{
    struct json_plan *plan;
    struct error err;
    AUTO_BUF b = {0};
    if (json_plan_new(s, &options, &plan, &err))
        fail_msg("plan: %s", err.text);
    buf_add_cstr(&b, "before:");
    if (json_write_plan(plan, &v, &b, &err))
        fail_msg("write: %s", err.text);
    assert_string_equal(buf_cstr(&b) + 7, expected);
    json_plan_free(plan);
    schema_unref(s);
}

static void expect_plan(struct schema *s, struct value v, const char *expected)
{
    expect_plan_as((struct json_options){0}, s, v, expected);
}

static void expect_failure(struct schema *s, struct value v, const char *part)
{
    struct json_plan *plan;
    struct error err;
    AUTO_BUF b = {0};
    assert_int_equal(json_plan_new(s, &(struct json_options){0}, &plan, &err), 0);
    buf_add_cstr(&b, "kept");
    assert_int_equal(json_write_plan(plan, &v, &b, &err), ERROR_DATA);
    assert_int_equal(b.len, 4);
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
    json_plan_free(plan);
    schema_unref(s);
}

static struct value items(enum value_type type, size_t n, const struct value *v)
{
    return value_items(type, arena_dup(&arena, v, sizeof *v * n * (type == VALUE_MAP ? 2 : 1)), n);
}

#define ITEMS(type, n, ...) items((type), (n), (const struct value[]){__VA_ARGS__})

static struct value decimal_value(const char *text, int32_t scale)
{
    struct str s;
    assert_int_equal(decimal_from_text(str_from(text), scale, false, &arena, &s, NULL), 0);
    return value_bytes(s.ptr, s.len);
}

static void test_row(void **state)
{
    (void)state;
    struct schema *s = schema_new(SCHEMA_STRUCT);
    add_field(s, "id", schema_new(SCHEMA_INT64));
    add_field(s, "a", schema_new(SCHEMA_INT32));
    add_field(s, "b", optional(schema_new(SCHEMA_STRING)));
    add_field(s, "c", schema_new_decimal(2, 12));
    add_field(s, "d", schema_new_timestamp());
    add_field(s, "e", schema_new(SCHEMA_BOOLEAN));
    add_field(s, "f", optional(schema_new(SCHEMA_FLOAT64)));
    add_field(s, "g", optional(schema_new(SCHEMA_FLOAT32)));
    add_field(s, "quote\"d name that is longer than one step", optional(schema_new(SCHEMA_BYTES)));
    schema_ref(s);
    expect_plan(s,
                ITEMS(VALUE_STRUCT, 9, value_int64(1), value_int32(-42), value_str(STR("te\nxt")),
                      decimal_value("1.10", 2), value_int64(1580650272065), value_bool(true), value_float64(NAN),
                      value_float32(1.5f), value_bytes("\0\xff", 2)),
                "{\"id\":1,\"a\":-42,\"b\":\"te\\nxt\",\"c\":\"bg==\",\"d\":1580650272065,\"e\":true,\"f\":\"NaN\","
                "\"g\":1.5,\"quote\\\"d name that is longer than one step\":\"AP8=\"}");
    expect_plan(s,
                ITEMS(VALUE_STRUCT, 9, value_int64(1), value_int32(-42), value_null(), decimal_value("-1.10", 2),
                      value_int64(-1), value_bool(false), value_null(), value_null(), value_null()),
                "{\"id\":1,\"a\":-42,\"b\":null,\"c\":\"kg==\",\"d\":-1,\"e\":false,\"f\":null,\"g\":null,"
                "\"quote\\\"d name that is longer than one step\":null}");
}

static void test_empty_and_nested(void **state)
{
    (void)state;
    expect_plan(schema_new(SCHEMA_STRUCT), value_items(VALUE_STRUCT, NULL, 0), "{}");
    expect_plan(schema_new(SCHEMA_STRING), value_str(STR_NULL), "\"\"");
    expect_plan(schema_new(SCHEMA_BYTES), value_bytes(NULL, 0), "\"\"");
    struct schema *inner = schema_new(SCHEMA_STRUCT), *outer = schema_new(SCHEMA_STRUCT);
    add_field(inner, "x", schema_new(SCHEMA_INT8));
    add_field(outer, "before", optional(schema_copy(inner)));
    add_field(outer, "after", optional(inner));
    schema_ref(outer);
    expect_plan(outer, ITEMS(VALUE_STRUCT, 2, value_null(), ITEMS(VALUE_STRUCT, 1, value_int(VALUE_INT8, 5))),
                "{\"before\":null,\"after\":{\"x\":5}}");
    schema_ref(outer);
    expect_failure(outer, ITEMS(VALUE_STRUCT, 2, value_null(), ITEMS(VALUE_STRUCT, 1, value_null())),
                   "field \"after.x\"");
    schema_ref(outer);
    expect_failure(outer, ITEMS(VALUE_STRUCT, 1, value_null()), "2");
    expect_failure(outer, value_int32(5), "the value");
}

static void test_arrays_and_maps(void **state)
{
    (void)state;
    struct schema *ints = schema_new(SCHEMA_INT32), *texts = schema_new(SCHEMA_STRING);
    expect_plan(schema_new_array(ints), value_items(VALUE_ARRAY, NULL, 0), "[]");
    expect_plan(schema_new_array(ints), ITEMS(VALUE_ARRAY, 3, value_int32(1), value_int32(-2), value_int32(3)),
                "[1,-2,3]");
    expect_plan(schema_new_map(texts, ints),
                ITEMS(VALUE_MAP, 2, value_str(STR("a\"")), value_int32(1), value_str(STR("b")), value_int32(2)),
                "{\"a\\\"\":1,\"b\":2}");
    expect_plan(schema_new_map(texts, ints), value_items(VALUE_MAP, NULL, 0), "{}");
    expect_plan(schema_new_map(ints, texts),
                ITEMS(VALUE_MAP, 2, value_int32(7), value_str(STR("x")), value_int32(8), value_str(STR(""))),
                "[[7,\"x\"],[8,\"\"]]");
    expect_plan(schema_new_map(ints, texts), value_items(VALUE_MAP, NULL, 0), "[]");
    struct schema *maybe = optional(schema_new(SCHEMA_STRING));
    expect_plan(schema_new_map(maybe, ints), ITEMS(VALUE_MAP, 1, value_null(), value_int32(1)), "{\"null\":1}");
    expect_failure(schema_new_map(texts, ints), ITEMS(VALUE_MAP, 1, value_null(), value_int32(1)), "{key}");
    expect_failure(schema_new_array(ints), ITEMS(VALUE_ARRAY, 2, value_int32(1), value_null()), "[]");
    schema_unref(ints);
    schema_unref(texts);
    schema_unref(maybe);
}

/* More elements than any first reservation holds. */
static void test_long_arrays(void **state)
{
    (void)state;
    enum { N = 20000 };
    struct schema *ints = schema_new(SCHEMA_INT64);
    struct value *v = arena_array(&arena, struct value, N);
    AUTO_BUF expected = {0};
    for (int i = 0; i < N; i++) {
        v[i] = value_int64(INT64_MIN + i);
        buf_printf(&expected, "%c%lld", i ? ',' : '[', (long long)v[i].i);
    }
    buf_add_char(&expected, ']');
    expect_plan(schema_new_array(ints), value_items(VALUE_ARRAY, v, N), buf_cstr(&expected));
    schema_unref(ints);
}

static void test_defaults(void **state)
{
    (void)state;
    struct schema *s = schema_new(SCHEMA_STRUCT);
    struct schema *with_default = schema_new(SCHEMA_STRING), *number = schema_new(SCHEMA_INT32);
    schema_set_default(with_default, &(struct value){.type = VALUE_STRING, .len = 2, .str = "d\""});
    schema_set_optional(with_default);
    schema_set_default(number, &(struct value){.type = VALUE_INT32, .i = 5});
    add_field(s, "t", with_default);
    add_field(s, "n", number);
    schema_ref(s);
    expect_plan(s, ITEMS(VALUE_STRUCT, 2, value_null(), value_null()), "{\"t\":\"d\\\"\",\"n\":5}");
    schema_ref(s);
    expect_plan_as((struct json_options){.keep_nulls = true}, s, ITEMS(VALUE_STRUCT, 2, value_null(), value_int32(1)),
                   "{\"t\":null,\"n\":1}");
    struct json_plan *plan;
    struct error err;
    AUTO_BUF b = {0};
    struct value v = ITEMS(VALUE_STRUCT, 2, value_null(), value_null());
    assert_int_equal(json_plan_new(s, &(struct json_options){.keep_nulls = true}, &plan, &err), 0);
    assert_int_equal(json_write_plan(plan, &v, &b, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "field \"n\""));
    json_plan_free(plan);
    schema_unref(s);
}

static void test_numeric_decimals(void **state)
{
    (void)state;
    struct json_options numeric = {.decimal = JSON_DECIMAL_NUMERIC};
    expect_plan_as(numeric, schema_new_decimal(2, 0), decimal_value("-12.50", 2), "-12.50");
    expect_plan_as(numeric, schema_new_decimal(-3, 0), decimal_value("12000", -3), "1.2E+4");
    expect_plan_as(numeric, schema_new_decimal(8, 0), decimal_value("0.00000001", 8), "1E-8");
    expect_plan_as(numeric, schema_new_decimal(0, 0), decimal_value("123456789012345678901234567890123456789012", 0),
                   "123456789012345678901234567890123456789012");
    expect_plan(schema_new_decimal(-3, 0), decimal_value("12000", -3), "\"DA==\"");
    expect_plan_as(numeric, schema_new(SCHEMA_BYTES), value_bytes("a", 1), "\"YQ==\"");
}

static void test_wrong_types(void **state)
{
    (void)state;
    struct schema *s = schema_new(SCHEMA_STRUCT);
    add_field(s, "a", schema_new(SCHEMA_INT32));
    expect_failure(s, ITEMS(VALUE_STRUCT, 1, value_int64(1)), "field \"a\": expected INT32 but found INT64");
}

static void test_deep_schema(void **state)
{
    (void)state;
    struct schema *s = schema_new(SCHEMA_INT32);
    for (int i = 0; i <= JSON_MAX_DEPTH; i++) {
        struct schema *outer = schema_new_array(s);
        schema_unref(s);
        s = outer;
    }
    struct json_plan *plan = NULL;
    struct error err;
    assert_int_equal(json_plan_new(s, &(struct json_options){0}, &plan, &err), ERROR_INVALID_SCHEMA);
    assert_null(plan);
    schema_unref(s);
}

static void test_schemaless(void **state)
{
    (void)state;
    writes_value(value_null(), "null");
    writes_value(ITEMS(VALUE_MAP, 2, value_str(STR("a")), value_int64(1), value_str(STR("b")), value_null()),
                 "{\"a\":1,\"b\":null}");
    writes_value(ITEMS(VALUE_MAP, 2, value_str(STR("a")), value_int64(1), value_int32(2), value_bool(true)),
                 "[[\"a\",1],[2,true]]");
    writes_value(ITEMS(VALUE_ARRAY, 3, value_float64(1e10), value_bytes("a", 1), value_float32(-0.0f)),
                 "[1.0E10,\"YQ==\",-0.0]");
    writes_value(value_items(VALUE_MAP, NULL, 0), "{}");
    struct error err;
    AUTO_BUF b = {0};
    struct value v = ITEMS(VALUE_ARRAY, 1, value_items(VALUE_STRUCT, NULL, 0));
    assert_int_equal(json_write_value(&v, &b, &err), ERROR_DATA);
    assert_int_equal(b.len, 0);
    v = value_null();
    for (int i = 0; i < JSON_MAX_DEPTH + 2; i++)
        v = items(VALUE_ARRAY, 1, &v);
    assert_int_equal(json_write_value(&v, &b, &err), ERROR_DATA);
}

/* Schemas. */

static void expect_schema(struct schema *s, const char *expected)
{
    AUTO_BUF b = {0};
    json_write_schema(s, &b);
    assert_text(&b, expected);
    schema_unref(s);
}

static void test_schemas(void **state)
{
    (void)state;
    expect_schema(NULL, "null");
    expect_schema(schema_new(SCHEMA_INT8), "{\"type\":\"int8\",\"optional\":false}");
    expect_schema(optional(schema_new(SCHEMA_FLOAT32)), "{\"type\":\"float\",\"optional\":true}");
    expect_schema(schema_new(SCHEMA_STRUCT), "{\"type\":\"struct\",\"fields\":[],\"optional\":false}");
    expect_schema(schema_new_decimal(2, 10),
                  "{\"type\":\"bytes\",\"optional\":false,\"name\":\"org.apache.kafka.connect.data.Decimal\","
                  "\"version\":1,\"parameters\":{\"scale\":\"2\",\"connect.decimal.precision\":\"10\"}}");
    struct schema *s = schema_new(SCHEMA_STRUCT), *text = schema_new(SCHEMA_STRING), *n = schema_new(SCHEMA_FLOAT64);
    add_field(s, "m", schema_new_map(text, n));
    add_field(s, "a", schema_new_array(text));
    schema_unref(text);
    schema_set_doc(n, STR("a \"doc\""));
    schema_set_name(n, STR("n"), 3);
    schema_set_default(n, &(struct value){.type = VALUE_FLOAT64, .f64 = 1e-5});
    add_field(s, "f", n);
    schema_set_name(s, STR("db.t.Value"), SCHEMA_NO_VERSION);
    expect_schema(s, "{\"type\":\"struct\",\"fields\":[{\"type\":\"map\",\"keys\":{\"type\":\"string\",\"optional\":"
                     "false},\"values\":{\"type\":\"double\",\"optional\":false,\"name\":\"n\",\"version\":3,"
                     "\"doc\":\"a \\\"doc\\\"\",\"default\":1.0E-5},\"optional\":false,\"field\":\"m\"},"
                     "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"optional\":false},\"optional\":false,"
                     "\"field\":\"a\"},{\"type\":\"double\",\"optional\":false,\"name\":\"n\",\"version\":3,\"doc\":"
                     "\"a \\\"doc\\\"\",\"default\":1.0E-5,\"field\":\"f\"}],\"optional\":false,\"name\":"
                     "\"db.t.Value\"}");
}

static void test_decimal_default_follows_the_options(void **state)
{
    (void)state;
    struct schema *s = schema_new_decimal(1, 0);
    struct value v = decimal_value("1.5", 1);
    schema_set_default(s, &v);
    AUTO_BUF b = {0};
    json_write_schema_as(s, &(struct json_options){.decimal = JSON_DECIMAL_NUMERIC}, &b);
    assert_non_null(strstr(buf_cstr(&b), "\"default\":1.5}"));
    buf_clear(&b);
    json_write_schema(s, &b);
    assert_non_null(strstr(buf_cstr(&b), "\"default\":\"Dw==\"}"));
    schema_unref(s);
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_doubles_are_shortest),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_broken_utf8_is_replaced),
        cmocka_unit_test(test_escape_at_every_place),
        cmocka_unit_test(test_long_strings),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_row),
        cmocka_unit_test(test_empty_and_nested),
        cmocka_unit_test(test_arrays_and_maps),
        cmocka_unit_test(test_long_arrays),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_numeric_decimals),
        cmocka_unit_test(test_wrong_types),
        cmocka_unit_test(test_deep_schema),
        cmocka_unit_test(test_schemaless),
        cmocka_unit_test(test_schemas),
        cmocka_unit_test(test_decimal_default_follows_the_options),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
