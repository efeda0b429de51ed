/* The JSON reader, schemas read from JSON, and payloads read by them. */
#include "wire/json.h"

#include "base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;

/* The text in memory of its exact length, so that asan sees a byte read too far. */
static struct value read_ok(struct str text)
{
    AUTO_FREE char *exact = mem_dup(text.ptr, text.len);
    struct value v;
    struct error err;
    if (json_read(str_of(exact, text.len), &arena, &v, &err))
        fail_msg(STR_FMT ": %s", STR_ARG(text), err.text);
    return v;
}

static void refuses(struct str text, const char *part)
{
    AUTO_FREE char *exact = mem_dup(text.ptr, text.len);
    struct value v = value_int32(77);
    struct error err;
    if (json_read(str_of(exact, text.len), &arena, &v, &err) != ERROR_DATA)
        fail_msg(STR_FMT ": was read", STR_ARG(text));
    if (!strstr(err.text, part))
        fail_msg(STR_FMT ": \"%s\" does not say \"%s\"", STR_ARG(text), err.text, part);
    assert_int_equal(v.i, 77);
    assert_int_equal(json_read(str_of(exact, text.len), &arena, &v, NULL), ERROR_DATA);
}

/* Reads, writes, and compares. */
static void becomes(struct str text, const char *expected)
{
    struct value v = read_ok(text);
    AUTO_BUF b = {0};
    assert_int_equal(json_write_value(&v, &b, NULL), 0);
    assert_string_equal(buf_cstr(&b), expected);
}

static void test_values(void **state)
{
    (void)state;
    becomes(STR("null"), "null");
    becomes(STR(" \t\r\n true \n"), "true");
    becomes(STR("false"), "false");
    becomes(STR("[]"), "[]");
    becomes(STR("[ ]"), "[]");
    becomes(STR("{ }"), "{}");
    becomes(STR("[1,\"a\",[null],{\"k\":{}}]"), "[1,\"a\",[null],{\"k\":{}}]");
    becomes(STR(" { \"a\" : 1 , \"b\" : [ 1 , 2 ] } "), "{\"a\":1,\"b\":[1,2]}");
    becomes(STR("{\"b\":1,\"a\":2}"), "{\"b\":1,\"a\":2}");
    becomes(STR("\"\""), "\"\"");
}

static void test_numbers(void **state)
{
    (void)state;
    assert_int_equal(read_ok(STR("-9223372036854775808")).i, INT64_MIN);
    assert_int_equal(read_ok(STR("9223372036854775807")).i, INT64_MAX);
    assert_int_equal(read_ok(STR("-0")).type, VALUE_INT64);
    struct value v = read_ok(STR("9223372036854775808"));
    assert_int_equal(v.type, VALUE_FLOAT64);
    assert_true(v.f64 == 0x1p63);
    assert_int_equal(read_ok(STR("-9223372036854775809")).type, VALUE_FLOAT64);
    assert_true(read_ok(STR("18446744073709551616")).f64 == 0x1p64);
    becomes(STR("1.0"), "1.0");
    becomes(STR("1e2"), "100.0");
    becomes(STR("-1.5E+10"), "-1.5E10");
    becomes(STR("1e-5"), "1.0E-5");
    becomes(STR("0.1"), "0.1");
    becomes(STR("-0.0"), "-0.0");
    becomes(STR("123456789012345678901234567890"), "1.2345678901234568E29");
    becomes(STR("4.9e-324"), "4.9E-324");
    becomes(STR("1.7976931348623157e308"), "1.7976931348623157E308");
    becomes(STR("0.30000000000000004"), "0.30000000000000004");
    becomes(STR("9007199254740993.0"), "9.007199254740992E15");
    becomes(STR("0e99999999999999999999"), "0.0");
    becomes(STR("1e-99999999999999999999"), "0.0");
    assert_true(isinf(read_ok(STR("1e400")).f64));
}

static void test_bad_numbers(void **state)
{
    (void)state;
    static const char *const bad[] = {"-",   "+1", ".5",  "1.",       "1.e5", "1e",  "1e+", "01", "-01", "1.2.3",
                                      "0x1", "1a", "NaN", "Infinity", "--1",  "1 2", "1,",  "00", "-a"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refuses(str_from(bad[i]), "byte");
}

static void test_strings(void **state)
{
    (void)state;
    struct value v = read_ok(STR("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e4\\u20AC\\ud83d\\uDE00\\u0000z\""));
    assert_true(str_equal(value_as_str(&v), STR("a\"\\/\b\f\n\r\tA\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\0z")));
    v = read_ok(STR("\"\xc3\xa4 and \xf0\x9f\x98\x80 raw, longer than a block of sixteen\x7f\""));
    assert_true(
        str_equal(value_as_str(&v), STR("\xc3\xa4 and \xf0\x9f\x98\x80 raw, longer than a block of sixteen\x7f")));
    v = read_ok(STR("\"0123456789abcdef0123456789abcdef\\n0123456789abcdef\""));
    assert_true(str_equal(value_as_str(&v), STR("0123456789abcdef0123456789abcdef\n0123456789abcdef")));
}

static void test_bad_strings(void **state)
{
    (void)state;
    refuses(STR("\"abc"), "byte 0: a string that does not end");
    refuses(STR("\"abc\\"), "does not end");
    refuses(STR("\"abc\\\""), "does not end");
    refuses(STR("\"a\nb\""), "byte 2: a control character");
    refuses(STR("\"0123456789abcdef\0\""), "byte 17: a control character");
    refuses(STR("\"\\x\""), "byte 1: an unknown escape");
    refuses(STR("\"\\u12\""), "hexadecimal");
    refuses(STR("\"\\u12g4\""), "byte 5: \\u needs");
    refuses(STR("\"\\ud83d\""), "byte 1: a surrogate");
    refuses(STR("\"\\ud83dxx\""), "surrogate");
    refuses(STR("\"\\ud83d\\n\""), "surrogate");
    refuses(STR("\"\\ud83d\\ud83d\""), "surrogate");
    refuses(STR("\"\\ude00\""), "surrogate");
    refuses(STR("\"\\ud83d\\u"), "");
}

static void test_bad_utf8(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\"\x80\"",
        "\"\xc0\x80\"",
        "\"\xc1\xbf\"",
        "\"\xc3\"",
        "\"\xc3(\"",
        "\"\xe2\x82\"",
        "\"\xe0\x80\x80\"",
        "\"\xed\xa0\x80\"",
        "\"\xf0\x80\x80\x80\"",
        "\"\xf4\x90\x80\x80\"",
        "\"\xf5\x80\x80\x80\"",
        "\"\xff\"",
        "\"\xf0\x9f\x98\"",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refuses(str_from(bad[i]), "byte 1: invalid UTF-8");
    refuses(STR("\"\xf0\x9f"), "invalid UTF-8");
}

static void test_bad_structure(void **state)
{
    (void)state;
    refuses(STR(""), "ends too early");
    assert_int_equal(json_read(STR_NULL, &arena, &(struct value){0}, NULL), ERROR_DATA);
    refuses(STR("   "), "byte 3");
    refuses(STR("{"), "ends too early");
    refuses(STR("["), "ends too early");
    refuses(STR("[1"), "byte 2: the text ends too early");
    refuses(STR("[1,]"), "byte 3: a value was expected");
    refuses(STR("[1 2]"), "byte 3: ',' or ']' was expected");
    refuses(STR("{\"a\"}"), "byte 4: ':' was expected");
    refuses(STR("{\"a\":1,}"), "byte 7: a string was expected");
    refuses(STR("{a:1}"), "byte 1: a string was expected");
    refuses(STR("{\"a\":1]"), "',' or '}'");
    refuses(STR("nul"), "byte 0");
    refuses(STR("truex"), "byte 4: something follows");
    refuses(STR("{} {}"), "byte 3: something follows");
    refuses(STR("1\0"), "byte 1");
    refuses(STR("]"), "a value was expected");
    refuses(STR("'a'"), "a value was expected");
}

static void test_depth(void **state)
{
    (void)state;
    char text[2 * JSON_MAX_DEPTH + 4];
    memset(text, '[', JSON_MAX_DEPTH);
    memset(text + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
    read_ok(str_of(text, (size_t)2 * JSON_MAX_DEPTH));
    memset(text, '[', JSON_MAX_DEPTH + 1);
    memset(text + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
    refuses(str_of(text, (size_t)2 * (JSON_MAX_DEPTH + 1)), "nested too deep");
}

static void test_equal_names(void **state)
{
    (void)state;
    becomes(STR("{\"a\":1,\"b\":2,\"a\":3}"), "{\"a\":3,\"b\":2}");
    AUTO_BUF text = {0}, expected = {0};
    for (int i = 0; i < 3000; i++)
        buf_printf(&text, "%s\"n%d\":%d", i ? "," : "{", i % 1000, i);
    buf_add_char(&text, '}');
    for (int i = 0; i < 1000; i++)
        buf_printf(&expected, "%s\"n%d\":%d", i ? "," : "{", i, 2000 + i);
    buf_add_char(&expected, '}');
    becomes(buf_str(&text), buf_cstr(&expected));
}

static void test_exact(void **state)
{
    (void)state;
    struct value v;
    assert_int_equal(
        json_read_exact(STR("[007,1.50,123456789012345678901234567890,-9223372036854775808]"), &arena, &v, NULL), 0);
    assert_int_equal(v.items[0].i, 7);
    assert_int_equal(v.items[1].type, VALUE_BYTES);
    assert_string_equal(v.items[1].str, "1.50");
    assert_string_equal(v.items[2].str, "123456789012345678901234567890");
    assert_int_equal(v.items[3].i, INT64_MIN);
    struct value data;
    assert_int_equal(json_to_connect(NULL, &v, JSON_DECIMAL_BASE64, &arena, &data, NULL), 0);
    assert_int_equal(data.items[1].type, VALUE_FLOAT64);
    assert_true(data.items[1].f64 == 1.5);
}

static void test_split(void **state)
{
    (void)state;
    struct json_member m[2];
    size_t n = 0;
    struct error err;
    assert_int_equal(
        json_split(STR(" { \"a\\n\" : {\"x\":[1,\"}\"]} , \"b\":\"\\\"\",\"c\": 1 } "), &arena, m, 2, &n, &err), 0);
    assert_int_equal(n, 3);
    assert_true(str_is(m[0].name, "a\n"));
    assert_true(str_is(m[0].raw, "{\"x\":[1,\"}\"]}"));
    assert_true(str_is(m[1].raw, "\"\\\"\""));
    assert_int_equal(json_split(STR("{}"), &arena, m, 2, &n, &err), 0);
    assert_int_equal(n, 0);
    static const char *const bad[] = {
        "",         "[]",        "{",          "{\"a\"",    "{\"a\":",    "{\"a\":}",  "{\"a\":,}",
        "{\"a\":1", "{\"a\":1]", "{\"a\":1}x", "{\"a\":\"", "{\"a\":[1}", "{\"a\":1,}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        n = 9;
        if (json_split(str_from(bad[i]), &arena, m, 2, &n, &err) != ERROR_DATA)
            fail_msg("%s: was split", bad[i]);
        assert_int_equal(n, 9);
    }
}

/* Schemas. */

static const struct schema *schema_from(const char *text)
{
    struct value v = read_ok(str_from(text));
    const struct schema *s = NULL;
    struct error err;
    if (json_read_schema(&v, &s, &err))
        fail_msg("%s: %s", text, err.text);
    return s;
}

static void schema_refused(const char *text, const char *part)
{
    struct value v = read_ok(str_from(text));
    const struct schema *s = NULL;
    struct error err;
    if (json_read_schema(&v, &s, &err) != ERROR_DATA)
        fail_msg("%s: was read", text);
    assert_null(s);
    if (!strstr(err.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", text, err.text, part);
    assert_int_equal(json_read_schema(&v, &s, NULL), ERROR_DATA);
}

static void test_read_schema(void **state)
{
    (void)state;
    assert_null(schema_from("null"));
    const struct schema *s = schema_from(
        "{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"default\":7,\"field\":\"id\"},{\"field\":\"d\","
        "\"type\":"
        "\"bytes\",\"name\":\"org.apache.kafka.connect.data.Decimal\",\"version\":1,\"parameters\":{\"scale\":\"2\"},"
        "\"optional\":true}],\"optional\":true,\"name\":\"n\",\"version\":3,\"doc\":\"about\",\"unknown\":[]}");
    assert_int_equal(s->type, SCHEMA_STRUCT);
    assert_true(s->optional);
    assert_string_equal(s->name.ptr, "n");
    assert_string_equal(s->doc.ptr, "about");
    assert_int_equal(s->version, 3);
    assert_int_equal(s->n_fields, 2);
    assert_true(s->fields[0].schema->has_default);
    assert_int_equal(s->fields[0].schema->default_value.i, 7);
    assert_int_equal(s->fields[1].schema->logical, LOGICAL_DECIMAL);
    assert_int_equal(s->fields[1].schema->scale, 2);
    schema_unref(s);
    s = schema_from("{\"type\":\"map\",\"keys\":{\"type\":\"int8\"},\"values\":{\"type\":\"array\",\"items\":{\"type\":"
                    "\"float\"}},\"optional\":1,\"name\":5,\"version\":\"1\"}");
    assert_false(s->optional);
    assert_null(s->name.ptr);
    assert_int_equal(s->version, SCHEMA_NO_VERSION);
    assert_int_equal(s->key_schema->type, SCHEMA_INT8);
    assert_int_equal(s->value_schema->value_schema->type, SCHEMA_FLOAT32);
    schema_unref(s);
    s = schema_from("{\"type\":\"string\",\"optional\":true,\"default\":null}");
    assert_false(s->has_default);
    schema_unref(s);
}

static void test_bad_schemas(void **state)
{
    (void)state;
    schema_refused("{}", "Schema must contain 'type' field");
    schema_refused("7", "Schema must contain 'type' field");
    schema_refused("{\"type\":1}", "Schema must contain 'type' field");
    schema_refused("{\"type\":\"int64x\"}", "Unknown schema type: int64x");
    schema_refused("{\"type\":\"array\"}", "Array schema did not specify the element type");
    schema_refused("{\"type\":\"array\",\"items\":null}", "Array schema did not specify the element type");
    schema_refused("{\"type\":\"map\",\"values\":{\"type\":\"int8\"}}", "Map schema did not specify the key type");
    schema_refused("{\"type\":\"map\",\"keys\":{\"type\":\"int8\"}}", "Map schema did not specify the value type");
    schema_refused("{\"type\":\"struct\"}", "Struct schema's \"fields\" argument is not an array.");
    schema_refused("{\"type\":\"struct\",\"fields\":[{\"type\":\"int8\"}]}", "field name not specified properly");
    schema_refused("{\"type\":\"struct\",\"fields\":[5]}", "field name not specified properly");
    schema_refused("{\"type\":\"struct\",\"fields\":[{\"field\":\"a\",\"type\":\"x\"}]}",
                   "field \"a\": Unknown schema type");
    schema_refused("{\"type\":\"struct\",\"fields\":[{\"field\":\"a\",\"type\":\"int8\"},{\"field\":\"a\",\"type\":"
                   "\"int8\"}]}",
                   "duplication a");
    schema_refused("{\"type\":\"int8\",\"parameters\":{\"a\":1}}", "Schema parameters must have string values.");
    schema_refused("{\"type\":\"int8\",\"default\":\"x\"}", "default value: expected int8 but found STRING");
    schema_refused("{\"type\":\"int8\",\"default\":null}", "Invalid null value for required int8 field");
    AUTO_BUF text = {0};
    buf_add_cstr(&text, "{\"type\":\"int8\",\"parameters\":{\"x\":\"\"");
    for (int i = 0; i < 5000; i++)
        buf_printf(&text, ",\"%d\":\"\"", i);
    buf_add_cstr(&text, "}}");
    schema_refused(buf_cstr(&text), "parameters");
}

/* Payloads. */

/* Reads `payload` by `schema` and writes it again. */
static void payload_as(const struct json_options *options, const char *schema, const char *payload,
                       const char *expected)
{
    const struct schema *s = schema_from(schema);
    struct value parsed, data;
    struct error err;
    struct json_plan *plan;
    AUTO_BUF b = {0};
    assert_int_equal(json_read_exact(str_from(payload), &arena, &parsed, &err), 0);
    if (json_to_connect_as(s, &parsed, options, &arena, &data, &err))
        fail_msg("%s: %s", payload, err.text);
    assert_int_equal(schema_check_value(s, &data, &err), 0);
    assert_int_equal(json_plan_new(s, options, &plan, &err), 0);
    assert_int_equal(json_write_plan(plan, &data, &b, &err), 0);
    assert_string_equal(buf_cstr(&b), expected);
    json_plan_free(plan);
    schema_unref(s);
}

static void payload(const char *schema, const char *text, const char *expected)
{
    payload_as(&(struct json_options){0}, schema, text, expected);
}

static void payload_refused(const char *schema, const char *text, const char *part)
{
    const struct schema *s = schema_from(schema);
    struct value parsed, data = value_int32(77);
    struct error err;
    assert_int_equal(json_read_exact(str_from(text), &arena, &parsed, &err), 0);
    if (json_to_connect(s, &parsed, JSON_DECIMAL_BASE64, &arena, &data, &err) != ERROR_DATA)
        fail_msg("%s: was converted", text);
    if (!strstr(err.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", text, err.text, part);
    assert_int_equal(data.i, 77);
    assert_int_equal(json_to_connect(s, &parsed, JSON_DECIMAL_BASE64, &arena, &data, NULL), ERROR_DATA);
    schema_unref(s);
}

#define INT8_TYPE   "{\"type\":\"int8\"}"
#define INT64_TYPE  "{\"type\":\"int64\"}"
#define DOUBLE_TYPE "{\"type\":\"double\"}"
#define FLOAT_TYPE  "{\"type\":\"float\"}"
#define DECIMAL_TYPE                                                                                                   \
    "{\"type\":\"bytes\",\"name\":\"org.apache.kafka.connect.data.Decimal\",\"parameters\":{\"scale\":\"2\"}}"

static void test_payload_numbers(void **state)
{
    (void)state;
    payload(INT8_TYPE, "-128", "-128");
    payload(INT8_TYPE, "1e2", "100");
    payload(INT8_TYPE, "5.0", "5");
    payload_refused(INT8_TYPE, "128", "out of the range of int8");
    payload_refused(INT8_TYPE, "1.5", "1.5 is no int8");
    payload_refused(INT8_TYPE, "\"1\"", "expected int8 but found STRING");
    payload_refused(INT8_TYPE, "true", "expected int8 but found BOOLEAN");
    payload(INT64_TYPE, "-9223372036854775808", "-9223372036854775808");
    payload_refused(INT64_TYPE, "9223372036854775808", "is no int64");
    payload_refused(INT64_TYPE, "1e300", "is no int64");
    payload(DOUBLE_TYPE, "1", "1.0");
    payload(DOUBLE_TYPE, "1e400", "\"Infinity\"");
    payload(DOUBLE_TYPE, "\"NaN\"", "\"NaN\"");
    payload(DOUBLE_TYPE, "\"-Infinity\"", "\"-Infinity\"");
    payload(DOUBLE_TYPE, "-0.0", "-0.0");
    payload_refused(DOUBLE_TYPE, "\"1.5\"", "expected double but found STRING");
    payload(FLOAT_TYPE, "3.14", "3.14");
    payload(FLOAT_TYPE, "16777217", "1.6777216E7");
    payload(FLOAT_TYPE, "1.00000017881393432617187499", "1.0000001"); /* through a double it were 1.0000002 */
    payload("{\"type\":\"boolean\"}", "true", "true");
    payload_refused("{\"type\":\"boolean\"}", "1", "expected boolean but found NUMBER");
}

static void test_numbers_that_json_read_gave(void **state)
{
    (void)state;
    const struct schema *s = schema_from("{\"type\":\"array\",\"items\":" INT64_TYPE "}");
    struct value parsed = read_ok(STR("[1.0,1e18]")), data;
    assert_int_equal(json_to_connect(s, &parsed, JSON_DECIMAL_BASE64, &arena, &data, NULL), 0);
    assert_int_equal(data.items[1].i, 1000000000000000000);
    parsed = read_ok(STR("[1.5]"));
    assert_int_equal(json_to_connect(s, &parsed, JSON_DECIMAL_BASE64, &arena, &data, NULL), ERROR_DATA);
    parsed = read_ok(STR("[1e19]"));
    assert_int_equal(json_to_connect(s, &parsed, JSON_DECIMAL_BASE64, &arena, &data, NULL), ERROR_DATA);
    schema_unref(s);
    s = schema_from(DECIMAL_TYPE);
    parsed = read_ok(STR("-12.5"));
    assert_int_equal(json_to_connect(s, &parsed, JSON_DECIMAL_NUMERIC, &arena, &data, NULL), 0);
    assert_memory_equal(data.bytes, "\xfb\x1e", 2);
    schema_unref(s);
}

static void test_payload_decimals(void **state)
{
    (void)state;
    struct json_options numeric = {.decimal = JSON_DECIMAL_NUMERIC};
    payload(DECIMAL_TYPE, "\"bg==\"", "\"bg==\"");
    payload(DECIMAL_TYPE, "1.10", "\"bg==\"");
    payload(DECIMAL_TYPE, "7", "\"Arw=\"");
    payload_as(&numeric, DECIMAL_TYPE, "\"bg==\"", "1.10");
    payload_as(&numeric, DECIMAL_TYPE, "12345678901234567890123456789012345678901234567890.12",
               "12345678901234567890123456789012345678901234567890.12");
    payload_refused(DECIMAL_TYPE, "1.105", "more digits than scale 2");
    payload_refused(DECIMAL_TYPE, "\"b\"", "Invalid bytes for Decimal field");
    payload_refused(DECIMAL_TYPE, "true", "Invalid type for Decimal");
}

static void test_payload_texts_and_bytes(void **state)
{
    (void)state;
    payload("{\"type\":\"string\"}", "\"a\\u00e4\"", "\"a\xc3\xa4\"");
    payload_refused("{\"type\":\"string\"}", "1", "expected string but found NUMBER");
    payload_refused("{\"type\":\"string\"}", "1.5", "expected string but found NUMBER");
    payload("{\"type\":\"bytes\"}", "\"AP8=\"", "\"AP8=\"");
    payload_refused("{\"type\":\"bytes\"}", "\"AP8\"", "Invalid bytes field");
    payload_refused("{\"type\":\"bytes\"}", "1.5", "Invalid bytes field");
}

#define STRUCT_TYPE                                                                                                    \
    "{\"type\":\"struct\",\"fields\":[{\"type\":\"int8\",\"field\":\"a\"},{\"type\":\"int8\",\"optional\":true,"       \
    "\"field\":\"b\"},{\"type\":\"int8\",\"default\":9,\"field\":\"c\"}]}"

static void test_payload_structs(void **state)
{
    (void)state;
    payload(STRUCT_TYPE, "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1,\"b\":2,\"c\":3}");
    payload(STRUCT_TYPE, "{\"c\":3,\"x\":0,\"b\":2,\"a\":1}", "{\"a\":1,\"b\":2,\"c\":3}");
    payload(STRUCT_TYPE, "{\"a\":1}", "{\"a\":1,\"b\":null,\"c\":9}");
    payload(STRUCT_TYPE, "{\"a\":1,\"c\":null}", "{\"a\":1,\"b\":null,\"c\":9}");
    payload_refused(STRUCT_TYPE, "{\"b\":1}", "field \"a\": Invalid null value for required int8 field");
    payload_refused(STRUCT_TYPE, "[]", "Structs should be encoded as JSON objects, but found ARRAY");
    payload_refused(STRUCT_TYPE, "null", "Invalid null value for required struct field");
    const struct schema *s = schema_from(STRUCT_TYPE);
    struct value parsed = read_ok(STR("{\"a\":1,\"c\":null}")), data;
    struct error err;
    assert_int_equal(json_to_connect_as(s, &parsed, &(struct json_options){.keep_nulls = true}, &arena, &data, &err),
                     ERROR_DATA);
    assert_non_null(strstr(err.text, "field \"c\""));
    schema_unref(s);
}

/* Many members, in the order of the schema, backwards, and with gaps. */
static void test_wide_structs(void **state)
{
    (void)state;
    enum { N = 200 };
    AUTO_BUF schema = {0}, forward = {0}, backward = {0};
    buf_add_cstr(&schema, "{\"type\":\"struct\",\"fields\":[");
    for (int i = 0; i < N; i++) {
        buf_printf(&schema, "%s{\"type\":\"int64\",\"optional\":true,\"field\":\"f%d\"}", i ? "," : "", i);
        buf_printf(&forward, "%s\"f%d\":%d", i ? "," : "{", i, i);
        buf_printf(&backward, "%s\"f%d\":%d", i ? "," : "{", N - 1 - i, N - 1 - i);
    }
    buf_add_cstr(&schema, "]}");
    buf_add_char(&forward, '}');
    buf_add_char(&backward, '}');
    payload(buf_cstr(&schema), buf_cstr(&forward), buf_cstr(&forward));
    payload(buf_cstr(&schema), buf_cstr(&backward), buf_cstr(&forward));
    payload(
        "{\"type\":\"struct\",\"fields\":[{\"type\":\"int64\",\"field\":\"f7\"},{\"type\":\"int64\",\"optional\":true,"
        "\"field\":\"none\"},{\"type\":\"int64\",\"field\":\"f199\"},{\"type\":\"int64\",\"field\":\"f0\"}]}",
        buf_cstr(&forward), "{\"f7\":7,\"none\":null,\"f199\":199,\"f0\":0}");
}

static void test_payload_maps(void **state)
{
    (void)state;
    const char *objects = "{\"type\":\"map\",\"keys\":{\"type\":\"string\"},\"values\":" INT8_TYPE "}";
    const char *pairs = "{\"type\":\"map\",\"keys\":" INT8_TYPE ",\"values\":{\"type\":\"string\",\"optional\":true}}";
    payload(objects, "{\"x\":1,\"y\":2}", "{\"x\":1,\"y\":2}");
    payload_refused(objects, "[[\"x\",1]]",
                    "Maps with string fields should be encoded as JSON objects, but found ARRAY");
    payload_refused(objects, "{\"x\":\"\"}", "key \"x\": expected int8");
    payload(pairs, "[[1,\"a\"],[2,null]]", "[[1,\"a\"],[2,null]]");
    payload_refused(pairs, "{}", "encoded as JSON array of tuples, but found OBJECT");
    payload_refused(pairs, "[1]", "Found invalid map entry instead of array tuple: NUMBER");
    payload_refused(pairs, "[[1]]", "Found invalid map entry, expected length 2 but found :1");
    payload_refused(pairs, "[[1,2]]", "entry 0: expected string");
    payload("{\"type\":\"array\",\"items\":{\"type\":\"int8\",\"optional\":true}}", "[1,null]", "[1,null]");
    payload_refused("{\"type\":\"array\",\"items\":" INT8_TYPE "}", "[1,null]", "element 1: Invalid null");
    payload_refused("{\"type\":\"array\",\"items\":" INT8_TYPE "}", "{}", "expected array but found OBJECT");
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
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_bad_numbers),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_bad_strings),
        cmocka_unit_test(test_bad_utf8),
        cmocka_unit_test(test_bad_structure),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_equal_names),
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_read_schema),
        cmocka_unit_test(test_bad_schemas),
        cmocka_unit_test(test_payload_numbers),
        cmocka_unit_test(test_numbers_that_json_read_gave),
        cmocka_unit_test(test_payload_decimals),
        cmocka_unit_test(test_payload_texts_and_bytes),
        cmocka_unit_test(test_payload_structs),
        cmocka_unit_test(test_wide_structs),
        cmocka_unit_test(test_payload_maps),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
