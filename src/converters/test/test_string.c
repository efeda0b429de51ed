/* StringConverter and SimpleHeaderConverter: texts, dates and character sets as Kafka Connect 3.9 on a JVM in UTC has
 * them. */
#include "api/converter.h"
#include "base/mem.h"
#include "converters/charset.h"
#include "converters/java_date.h"
#include "converters/java_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

extern const struct converter_plugin string_converter, simple_header_converter;

static struct arena arena;

static struct value items(enum value_type type, size_t n, const struct value *v)
{
    return value_items(type, arena_dup(&arena, v, sizeof *v * n * (type == VALUE_MAP ? 2 : 1)), n);
}

#define ITEMS(type, n, ...) items((type), (n), (const struct value[]){__VA_ARGS__})

static void add(struct schema *s, const char *name, struct schema *field)
{
    schema_add_field(s, str_from(name), field);
    schema_unref(field);
}

static struct schema *optional_text(const char *fallback)
{
    struct schema *s = schema_new(SCHEMA_STRING);
    schema_set_optional(s);
    struct value v = value_str(str_from(fallback));
    if (fallback)
        schema_set_default(s, &v);
    return s;
}

static struct schema *wide_schema(void)
{
    struct schema *s = schema_new(SCHEMA_STRUCT), *inner = schema_new(SCHEMA_STRUCT);
    struct schema *text = optional_text(NULL), *key = schema_new(SCHEMA_STRING), *number = schema_new(SCHEMA_INT32);
    add(inner, "x", schema_new(SCHEMA_INT8));
    add(inner, "none", optional_text(NULL));
    add(s, "id", schema_new(SCHEMA_INT64));
    add(s, "t", schema_new(SCHEMA_STRING));
    add(s, "n", optional_text(NULL));
    add(s, "d", optional_text("dd"));
    add(s, "f", schema_new(SCHEMA_FLOAT64));
    add(s, "g", schema_new(SCHEMA_FLOAT32));
    add(s, "b", schema_new(SCHEMA_BOOLEAN));
    add(s, "dec", schema_new_decimal(2, 0));
    add(s, "date", schema_new_date());
    add(s, "time", schema_new_time());
    add(s, "ts", schema_new_timestamp());
    add(s, "arr", schema_new_array(text));
    add(s, "map", schema_new_map(key, number));
    add(s, "in", inner);
    add(s, "by", schema_new(SCHEMA_BYTES));
    schema_unref(text);
    schema_unref(key);
    schema_unref(number);
    return s;
}

static struct value wide_value(void)
{
    return ITEMS(VALUE_STRUCT, 15, value_int64(-5), value_str(STR("a \"b\" \\ c")), value_null(), value_null(),
                 value_float64(NAN), value_float32(1e10f), value_bool(true), value_bytes("\xfb\x1e", 2),
                 value_int32(17109), value_int32(49890123), value_int64(1478267490123),
                 ITEMS(VALUE_ARRAY, 3, value_str(STR("p")), value_null(), value_str(STR("q"))),
                 ITEMS(VALUE_MAP, 1, value_str(STR("k")), value_int32(7)),
                 ITEMS(VALUE_STRUCT, 2, value_int(VALUE_INT8, 1), value_null()), value_bytes("\0\xff", 2));
}

static void test_struct(void **state)
{
    (void)state;
    struct schema *s = wide_schema();
    struct value v = wide_value();
    AUTO_BUF java = {0}, values = {0};
    assert_int_equal(java_text_write(s, &v, &java, NULL), 0);
    assert_string_equal(buf_cstr(&java),
                        "Struct{id=-5,t=a \"b\" \\ c,f=NaN,g=1.0E10,b=true,dec=-12.50,date=Fri Nov 04 00:00:00 UTC "
                        "2016,time=Thu Jan 01 13:51:30 UTC 1970,ts=Fri Nov 04 13:51:30 UTC 2016,arr=[p, null, q],"
                        "map={k=7},in=Struct{x=1},by=AP8=}");
    assert_int_equal(java_text_write_values(s, &v, &values, NULL), 0);
    assert_string_equal(buf_cstr(&values),
                        "{\"id\":-5,\"t\":\"a \\\"b\\\" \\\\ c\",\"n\":null,\"d\":\"dd\",\"f\":NaN,\"g\":1.0E10,\"b\":"
                        "true,\"dec\":-12.50,\"date\":2016-11-04,\"time\":13:51:30.123Z,\"ts\":2016-11-04T13:51:30."
                        "123Z,\"arr\":[\"p\",null,\"q\"],\"map\":{\"k\":7},\"in\":{\"x\":1,\"none\":null},\"by\":"
                        "\"AP8=\"}");
    schema_unref(s);
}

static void writes(const struct schema *s, struct value v, const char *java, const char *values)
{
    AUTO_BUF a = {0}, b = {0};
    assert_int_equal(java_text_write(s, &v, &a, NULL), 0);
    assert_int_equal(java_text_write_values(s, &v, &b, NULL), 0);
    assert_string_equal(buf_cstr(&a), java);
    assert_string_equal(buf_cstr(&b), values);
}

static void test_scalars(void **state)
{
    (void)state;
    writes(NULL, value_str(STR("top \"x\"")), "top \"x\"", "top \"x\"");
    writes(NULL, value_bytes("\0\xff", 2), "AP8=", "AP8=");
    writes(NULL, value_float64(-0.0), "-0.0", "-0.0");
    writes(NULL, value_float64(-INFINITY), "-Infinity", "-Infinity");
    writes(NULL, value_float32(NAN), "NaN", "NaN");
    writes(NULL, value_int64(INT64_MIN), "-9223372036854775808", "-9223372036854775808");
    writes(NULL, value_bool(false), "false", "false");
    writes(NULL, ITEMS(VALUE_ARRAY, 2, value_int32(1), value_int32(2)), "[1, 2]", "[1,2]");
    writes(NULL, value_items(VALUE_MAP, NULL, 0), "{}", "{}");
    struct schema *d = schema_new_decimal(-3, 0), *date = schema_new_date(), *ts = schema_new_timestamp();
    writes(d, value_bytes("\1", 1), "1E+3", "1E+3");
    writes(date, value_int32(0), "Thu Jan 01 00:00:00 UTC 1970", "00:00:00.000Z");
    writes(date, value_int32(1), "Fri Jan 02 00:00:00 UTC 1970", "1970-01-02");
    writes(date, value_int32(-1), "Wed Dec 31 00:00:00 UTC 1969", "1969-12-31");
    writes(ts, value_int64(-1), "Wed Dec 31 23:59:59 UTC 1969", "1969-12-31T23:59:59.999Z");
    schema_unref(d);
    schema_unref(date);
    schema_unref(ts);
}

static void test_what_has_no_text(void **state)
{
    (void)state;
    struct error err;
    AUTO_BUF out = {0};
    struct value v = ITEMS(VALUE_ARRAY, 2, value_int32(1), value_items(VALUE_STRUCT, NULL, 0));
    assert_int_equal(java_text_write(NULL, &v, &out, &err), ERROR_DATA);
    assert_int_equal(out.len, 0);
    v = value_null();
    for (int i = 0; i < JAVA_TEXT_MAX_DEPTH + 2; i++)
        v = items(VALUE_ARRAY, 1, &v);
    assert_int_equal(java_text_write(NULL, &v, &out, &err), ERROR_DATA);
}

static void test_dates(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "Thu Jan 01 00:00:00 UTC 1970"},
        {951782400000, "Tue Feb 29 00:00:00 UTC 2000"},
        {951868799999, "Tue Feb 29 23:59:59 UTC 2000"},
        {4107542400000, "Mon Mar 01 00:00:00 UTC 2100"},
        {253402300799999, "Fri Dec 31 23:59:59 UTC 9999"},
        {253402300800000, "Sat Jan 01 00:00:00 UTC 10000"},
        {-12219292800000, "Fri Oct 15 00:00:00 UTC 1582"}, /* the first Gregorian day */
        {-12219292800001, "Thu Oct 04 23:59:59 UTC 1582"}, /* and the last Julian one */
        {-62135769600000, "Sat Jan 01 00:00:00 UTC 1"},
        {-62135769600001, "Fri Dec 31 23:59:59 UTC 1"}, /* 1 BC */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct java_date d;
        AUTO_BUF out = {0};
        java_date_of(cases[i].ms, &d);
        java_date_write(&d, &out);
        assert_string_equal(buf_cstr(&out), cases[i].text);
        assert_int_equal(d.bc, i == 9);
    }
}

/* Character sets. */

#define SAMPLE "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"

static void encodes_to(const char *set, struct str expected)
{
    struct charset *c;
    struct error err;
    AUTO_BUF out = {0};
    if (charset_new(str_from(set), &c, &err))
        fail_msg("%s: %s", set, err.text);
    charset_encode(c, STR(SAMPLE), &out);
    assert_int_equal(out.len, expected.len);
    assert_memory_equal(out.data, expected.ptr, expected.len);
    charset_free(c);
}

static void test_encodings(void **state)
{
    (void)state;
    encodes_to("UTF-8", STR(SAMPLE));
    encodes_to("utf8", STR(SAMPLE));
    encodes_to("ISO-8859-1", STR("a\xe4??"));
    encodes_to("US-ASCII", STR("a???"));
    encodes_to("windows-1252", STR("a\xe4\x80?"));
    encodes_to("Shift_JIS", STR("a???"));
    encodes_to("UTF-16", STR("\xfe\xff\0a\0\xe4\x20\xac\xd8\x3d\xde\0"));
    encodes_to("UTF-16BE", STR("\0a\0\xe4\x20\xac\xd8\x3d\xde\0"));
    encodes_to("UTF-16LE", STR("a\0\xe4\0\xac\x20\x3d\xd8\0\xde"));
    struct charset *c = NULL;
    struct error err;
    static const char *const unknown[] = {"", "no-such-set", "UTF-8//IGNORE",
                                          "UTF-8-and-many-more-characters-than-any-name-of-a-character-set-has"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_int_equal(charset_new(str_from(unknown[i]), &c, &err), ERROR_CONFIG);
    assert_null(c);
}

static void decodes_from(const char *set, struct str bytes, const char *expected)
{
    struct charset *c;
    AUTO_BUF out = {0};
    AUTO_FREE char *exact = mem_dup(bytes.ptr, bytes.len);
    assert_int_equal(charset_new(str_from(set), &c, NULL), 0);
    charset_decode(c, str_of(exact, bytes.len), &out);
    assert_string_equal(buf_cstr(&out), expected);
    charset_free(c);
}

#define BAD "\xef\xbf\xbd"

static void test_decodings(void **state)
{
    (void)state;
    decodes_from("UTF-8", STR(SAMPLE), SAMPLE);
    decodes_from("UTF-8", STR("a\xff\xc3"), "a" BAD BAD);
    decodes_from("UTF-8", STR("\xe2\x82z\xf0\x9f\x98"), BAD "z" BAD);
    decodes_from("UTF-8", STR("\xed\xa0\x80"), BAD BAD BAD);
    decodes_from("UTF-8", STR("\xc0\x80\xf5"), BAD BAD BAD);
    decodes_from("ISO-8859-1", STR("a\xe4"), "a\xc3\xa4");
    decodes_from("US-ASCII", STR("a\xe4z"), "a" BAD "z");
    decodes_from("UTF-16", STR("\xfe\xff\0a\xd8\x3d\xde\0"), "a\xf0\x9f\x98\x80");
    decodes_from("UTF-16",
                 STR("\xff\xfe"
                     "a\0"),
                 "a");
    decodes_from("UTF-16", STR("\0a\0b"), "ab");
    decodes_from("UTF-16", STR("\0a\0"), "a" BAD);
    decodes_from("UTF-16BE", STR("\xde\0\0a"), BAD "a");
}

/* The plug-ins. */

static struct converter *open_string(struct config *raw, void **parsed, const char *encoding)
{
    struct findings findings;
    struct converter *c = NULL;
    config_init(raw);
    findings_init(&findings);
    if (encoding)
        config_set(raw, STR("converter.encoding"), str_from(encoding));
    *parsed = mem_zalloc(string_converter.info.config_size);
    config_parse(string_converter.info.properties, raw, *parsed, &findings);
    const struct plugin_config config = {.parsed = *parsed, .raw = raw};
    if (findings.errors == 0)
        assert_int_equal(string_converter.open(&(struct converter_env){0}, &config, &c, NULL), 0);
    findings_release(&findings);
    return c;
}

static void close_string(struct config *raw, void *parsed, struct converter *c)
{
    if (c)
        string_converter.close(c);
    config_release(raw);
    free(parsed);
}

static void test_string_converter(void **state)
{
    (void)state;
    struct config raw;
    void *parsed;
    bool null = false;
    AUTO_BUF out = {0};
    struct converter *c = open_string(&raw, &parsed, NULL);
    struct value v = value_int64(42), back;
    const struct schema *s = NULL;
    assert_int_equal(string_converter.encode(c, STR("t"), NULL, &v, &out, &null, NULL), 0);
    assert_string_equal(buf_cstr(&out), "42");
    assert_false(null);
    v = value_null();
    assert_int_equal(string_converter.encode(c, STR("t"), NULL, &v, &out, &null, NULL), 0);
    assert_true(null);
    v = value_items(VALUE_STRUCT, NULL, 0);
    struct error err;
    assert_int_equal(string_converter.encode(c, STR("tt"), NULL, &v, &out, &null, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "tt"));
    assert_int_equal(out.len, 2);
    assert_int_equal(string_converter.decode(c, STR("t"), STR("x\xff"), &arena, &s, &back, NULL), 0);
    assert_true(str_is(value_as_str(&back), "x" BAD));
    assert_int_equal(s->type, SCHEMA_STRING);
    assert_true(s->optional);
    assert_int_equal(string_converter.decode(c, STR("t"), STR_NULL, &arena, &s, &back, NULL), 0);
    assert_true(value_is_null(&back));
    assert_int_equal(string_converter.decode(c, STR("t"), STR(""), &arena, &s, &back, NULL), 0);
    assert_int_equal(back.type, VALUE_STRING);
    close_string(&raw, parsed, c);
}

static void test_string_converter_encoding(void **state)
{
    (void)state;
    struct config raw;
    void *parsed;
    bool null = true;
    AUTO_BUF out = {0};
    struct converter *c = open_string(&raw, &parsed, "ISO-8859-1");
    struct value v = value_str(STR("\xc3\xa4"));
    assert_int_equal(string_converter.encode(c, STR("t"), NULL, &v, &out, &null, NULL), 0);
    assert_string_equal(buf_cstr(&out), "\xe4");
    close_string(&raw, parsed, c);
    c = open_string(&raw, &parsed, "no-such-set");
    assert_null(c);
    close_string(&raw, parsed, c);
}

static void test_simple_header_converter(void **state)
{
    (void)state;
    struct converter *c = NULL;
    bool null = false;
    AUTO_BUF out = {0};
    const struct plugin_config config = {0};
    assert_int_equal(simple_header_converter.open(&(struct converter_env){0}, &config, &c, NULL), 0);
    struct value v = value_null();
    assert_int_equal(simple_header_converter.encode(c, STR("t"), NULL, &v, &out, &null, NULL), 0);
    assert_true(null);
    v = ITEMS(VALUE_MAP, 1, value_str(STR("k")), value_str(STR("v")));
    assert_int_equal(simple_header_converter.encode(c, STR("t"), NULL, &v, &out, &null, NULL), 0);
    assert_false(null);
    assert_string_equal(buf_cstr(&out), "{\"k\":\"v\"}");
    simple_header_converter.close(c);
}

static void test_tables(void **state)
{
    (void)state;
    struct findings findings;
    findings_init(&findings);
    property_check_table(string_converter.info.properties, &findings);
    property_check_table(simple_header_converter.info.properties, &findings);
    assert_int_equal(findings.items.len, 0);
    findings_release(&findings);
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
        cmocka_unit_test(test_struct),
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_what_has_no_text),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_decodings),
        cmocka_unit_test(test_string_converter),
        cmocka_unit_test(test_string_converter_encoding),
        cmocka_unit_test(test_simple_header_converter),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
