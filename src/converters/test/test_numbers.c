/* Kafka's own number, boolean and byte array converters: the bytes of its serializers. */
#include "api/converter.h"
#include "base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

extern const struct converter_plugin integer_converter, long_converter, short_converter, float_converter,
    double_converter, boolean_converter, byte_array_converter;

static struct converter *opened(const struct converter_plugin *plugin)
{
    struct converter *c;
    assert_int_equal(plugin->open(&(struct converter_env){0}, &(struct plugin_config){0}, &c, NULL), 0);
    return c;
}

/* Encoded and read back. */
static void has_bytes(const struct converter_plugin *plugin, const struct schema *schema, struct value v,
                      const void *bytes, size_t len)
{
    struct converter *c = opened(plugin);
    AUTO_BUF out = {0};
    bool null = true;
    const struct schema *read_schema;
    struct value back;
    buf_add_literal(&out, "x");
    assert_int_equal(plugin->encode(c, STR("t"), schema, &v, &out, &null, NULL), 0);
    assert_false(null);
    assert_int_equal(out.len, len + 1); /* appended */
    assert_memory_equal(out.data + 1, bytes, len);
    assert_int_equal(plugin->decode(c, STR("t"), str_of(bytes, len), NULL, &read_schema, &back, NULL), 0);
    assert_true(value_equal(&v, &back));
    assert_true(read_schema->optional);
    assert_int_equal(read_schema->type, v.type);
    plugin->close(c);
}

static void test_bytes(void **state)
{
    (void)state;
    has_bytes(&integer_converter, NULL, value_int32(-2), "\xff\xff\xff\xfe", 4);
    has_bytes(&integer_converter, NULL, value_int32(0x01020304), "\1\2\3\4", 4);
    has_bytes(&long_converter, NULL, value_int64(INT64_MIN), "\x80\0\0\0\0\0\0\0", 8);
    has_bytes(&long_converter, NULL, value_int64(258), "\0\0\0\0\0\0\1\2", 8);
    has_bytes(&short_converter, NULL, value_int(VALUE_INT16, -129), "\xff\x7f", 2);
    has_bytes(&float_converter, NULL, value_float32(1.5f), "\x3f\xc0\0\0", 4);
    has_bytes(&double_converter, NULL, value_float64(-2), "\xc0\0\0\0\0\0\0\0", 8);
    has_bytes(&double_converter, NULL, value_float64(-NAN), "\x7f\xf8\0\0\0\0\0\0", 8); /* Java knows one NaN */
    has_bytes(&boolean_converter, NULL, value_bool(true), "\1", 1);
    has_bytes(&boolean_converter, NULL, value_bool(false), "\0", 1);
    has_bytes(&byte_array_converter, NULL, value_bytes("a\0b", 3), "a\0b", 3);
    has_bytes(&byte_array_converter, NULL, value_bytes("", 0), "", 0);
}

static void test_null(void **state)
{
    (void)state;
    const struct converter_plugin *const all[] = {&integer_converter,   &long_converter,   &short_converter,
                                                  &float_converter,     &double_converter, &boolean_converter,
                                                  &byte_array_converter};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct converter *c = opened(all[i]);
        AUTO_BUF out = {0};
        bool null = false;
        struct value v = value_null(), back = value_bool(true);
        const struct schema *schema;
        assert_int_equal(all[i]->encode(c, STR("t"), NULL, &v, &out, &null, NULL), 0);
        assert_true(null);
        assert_int_equal(out.len, 0);
        assert_int_equal(all[i]->decode(c, STR("t"), STR_NULL, NULL, &schema, &back, NULL), 0);
        assert_true(value_is_null(&back));
        all[i]->close(c);
    }
}

static void refuses(const struct converter_plugin *plugin, const struct schema *schema, struct value v,
                    const char *expected)
{
    struct converter *c = opened(plugin);
    AUTO_BUF out = {0};
    bool null = false;
    struct error err;
    assert_int_equal(plugin->encode(c, STR("t"), schema, &v, &out, &null, &err), ERROR_DATA);
    assert_string_equal(err.text, expected);
    assert_int_equal(out.len, 0);
    plugin->close(c);
}

static void test_refused(void **state)
{
    (void)state;
    struct schema *text = schema_new(SCHEMA_STRING), *date = schema_new_date(), *decimal = schema_new_decimal(2, 0);
    refuses(&integer_converter, NULL, value_int64(1), "topic \"t\": Failed to serialize to integer (was INT64)");
    refuses(&long_converter, NULL, value_str(STR("1")), "topic \"t\": Failed to serialize to long (was STRING)");
    refuses(&integer_converter, date, value_int32(1),
            "topic \"t\": Failed to serialize to integer (was org.apache.kafka.connect.data.Date)");
    refuses(&boolean_converter, text, value_null(), "topic \"t\": Invalid schema type for BooleanConverter: STRING");
    refuses(&boolean_converter, NULL, value_int32(1), "topic \"t\": Failed to serialize to boolean (was INT32)");
    refuses(&byte_array_converter, text, value_null(),
            "topic \"t\": Invalid schema type for ByteArrayConverter: STRING");
    refuses(&byte_array_converter, NULL, value_str(STR("1")),
            "topic \"t\": ByteArrayConverter is not compatible with objects of type STRING");
    refuses(
        &byte_array_converter, decimal, value_bytes("1", 1),
        "topic \"t\": ByteArrayConverter is not compatible with objects of type org.apache.kafka.connect.data.Decimal");
    schema_unref(text);
    schema_unref(date);
    schema_unref(decimal);
}

static void garbage(const struct converter_plugin *plugin, struct str bytes, const char *expected)
{
    struct converter *c = opened(plugin);
    struct error err;
    const struct schema *schema = NULL;
    struct value v = value_bool(true);
    assert_int_equal(plugin->decode(c, STR("t"), bytes, NULL, &schema, &v, &err), ERROR_DATA);
    assert_string_equal(err.text, expected);
    assert_null(schema);
    assert_true(v.type == VALUE_BOOLEAN && v.b);
    plugin->close(c);
}

static void test_garbage(void **state)
{
    (void)state;
    garbage(&integer_converter, STR("abc"), "topic \"t\": Failed to deserialize integer: 3 bytes received, not 4");
    garbage(&long_converter, STR(""), "topic \"t\": Failed to deserialize long: 0 bytes received, not 8");
    garbage(&boolean_converter, STR("\2"), "topic \"t\": Failed to deserialize boolean: unexpected byte 2");
    garbage(&boolean_converter, STR("\xff"), "topic \"t\": Failed to deserialize boolean: unexpected byte -1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_null),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
