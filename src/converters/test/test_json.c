/* The JSON converter: envelopes, nulls, properties, and what it says when it cannot. */
#include "api/converter.h"
#include "base/mem.h"
#include "wire/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

extern const struct converter_plugin json_converter;

static const struct converter_plugin *const plugin = &json_converter;
static struct arena arena;

/* A converter with the settings "name=value", NULL-terminated. */
struct opened {
    struct config raw;
    void *parsed;
    struct converter *converter;
};

static void open_with(struct opened *o, const char *const *settings)
{
    struct findings findings;
    struct error err;
    config_init(&o->raw);
    findings_init(&findings);
    for (; settings && *settings; settings++) {
        struct str value, name = str_split(str_from(*settings), '=', &value);
        config_set(&o->raw, name, value);
    }
    o->parsed = mem_zalloc(plugin->info.config_size);
    config_parse(plugin->info.properties, &o->raw, o->parsed, &findings);
    assert_int_equal(findings.errors, 0);
    findings_release(&findings);
    const struct plugin_config config = {.parsed = o->parsed, .raw = &o->raw};
    assert_int_equal(plugin->open(&(struct converter_env){0}, &config, &o->converter, &err), 0);
}

static void close_it(struct opened *o)
{
    plugin->close(o->converter);
    config_release(&o->raw);
    free(o->parsed);
}

static const char *const without_schemas[] = {"schemas.enable=false", NULL};

static struct schema *row_schema(void)
{
    struct schema *s = schema_new(SCHEMA_STRUCT), *id = schema_new(SCHEMA_INT32), *price = schema_new_decimal(2, 0);
    struct schema *text = schema_new(SCHEMA_STRING);
    schema_set_optional(text);
    schema_set_default(text, &(struct value){.type = VALUE_STRING, .len = 1, .str = "d"});
    schema_add_field(s, STR("id"), id);
    schema_add_field(s, STR("price"), price);
    schema_add_field(s, STR("t"), text);
    schema_unref(id);
    schema_unref(price);
    schema_unref(text);
    return s;
}

static struct value row(int32_t id)
{
    struct value *items = arena_array(&arena, struct value, 3);
    items[0] = value_int32(id);
    items[1] = value_bytes("\x6e", 1);
    items[2] = value_null();
    return value_items(VALUE_STRUCT, items, 3);
}

static void encodes(struct opened *o, const struct schema *s, struct value v, const char *expected)
{
    struct error err;
    bool null = true;
    AUTO_BUF out = {0};
    buf_add_cstr(&out, "|");
    if (plugin->encode(o->converter, STR("t"), s, &v, &out, &null, &err))
        fail_msg("%s", err.text);
    assert_int_equal(null, expected == NULL);
    assert_string_equal(buf_cstr(&out) + 1, expected ? expected : "");
}

#define ROW_SCHEMA                                                                                                     \
    "{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"id\"},{\"type\":\"bytes\","   \
    "\"optional\":false,\"name\":\"org.apache.kafka.connect.data.Decimal\",\"version\":1,\"parameters\":{\"scale\":"   \
    "\"2\"},\"field\":\"price\"},{\"type\":\"string\",\"optional\":true,\"default\":\"d\",\"field\":\"t\"}],"          \
    "\"optional\":false}"

static void test_encode_with_schemas(void **state)
{
    (void)state;
    struct opened o;
    open_with(&o, NULL);
    struct schema *s = row_schema();
    for (int i = 0; i < 3; i++) {
        char expected[1024];
        snprintf(expected, sizeof expected,
                 "{\"schema\":" ROW_SCHEMA ",\"payload\":{\"id\":%d,\"price\":\"bg==\",\"t\":\"d\"}}", i);
        encodes(&o, s, row(i), expected);
    }
    encodes(&o, NULL, value_int64(5), "{\"schema\":null,\"payload\":5}");
    encodes(&o, NULL, value_null(), NULL);
    struct schema *maybe = schema_new(SCHEMA_INT8);
    schema_set_optional(maybe);
    encodes(&o, maybe, value_null(), "{\"schema\":{\"type\":\"int8\",\"optional\":true},\"payload\":null}");
    schema_unref(maybe);
    schema_unref(s);
    close_it(&o);
}

static void test_encode_without_schemas(void **state)
{
    (void)state;
    struct opened o;
    open_with(&o, without_schemas);
    struct schema *s = row_schema();
    encodes(&o, s, row(7), "{\"id\":7,\"price\":\"bg==\",\"t\":\"d\"}");
    encodes(&o, NULL, value_str(STR("x")), "\"x\"");
    encodes(&o, NULL, value_null(), NULL);
    struct schema *maybe = schema_new(SCHEMA_INT8);
    schema_set_optional(maybe);
    encodes(&o, maybe, value_null(), "null");
    schema_unref(maybe);
    schema_unref(s);
    close_it(&o);
}

static void test_properties(void **state)
{
    (void)state;
    struct opened o;
    const char *const settings[] = {"schemas.enable=false", "decimal.format=numeric", "replace.null.with.default=false",
                                    "schemas.cache.size=10", NULL};
    open_with(&o, settings);
    struct schema *s = row_schema();
    encodes(&o, s, row(7), "{\"id\":7,\"price\":1.10,\"t\":null}");
    schema_unref(s);
    close_it(&o);
    struct findings findings;
    findings_init(&findings);
    property_check_table(plugin->info.properties, &findings);
    assert_int_equal(findings.items.len, 0);
    findings_release(&findings);
}

static void test_encode_errors(void **state)
{
    (void)state;
    struct opened o;
    struct error err;
    bool null = false;
    AUTO_BUF out = {0};
    open_with(&o, NULL);
    struct schema *s = row_schema();
    struct value v = row(1);
    v.items[0] = value_null();
    buf_add_cstr(&out, "kept");
    assert_int_equal(plugin->encode(o.converter, STR("tt"), s, &v, &out, &null, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "topic \"tt\""));
    assert_non_null(strstr(err.text, "field \"id\""));
    assert_int_equal(out.len, 4);
    assert_int_equal(plugin->encode(o.converter, STR("tt"), s, &(struct value){0}, &out, &null, &err), ERROR_DATA);
    v = value_items(VALUE_STRUCT, NULL, 0);
    assert_int_equal(plugin->encode(o.converter, STR("tt"), NULL, &v, &out, &null, &err), ERROR_DATA);
    assert_int_equal(out.len, 4);
    schema_unref(s);
    close_it(&o);
}

/* Reading. */

static const struct schema *decodes(struct opened *o, const char *text, struct value *ret)
{
    struct error err;
    const struct schema *s = NULL;
    if (plugin->decode(o->converter, STR("t"), str_from(text), &arena, &s, ret, &err))
        fail_msg("%s: %s", text, err.text);
    return s;
}

static void test_decode_with_schemas(void **state)
{
    (void)state;
    struct opened o;
    struct value v;
    open_with(&o, NULL);
    const char *text = "{\"schema\":" ROW_SCHEMA ",\"payload\":{\"id\":5,\"price\":2.5,\"t\":null}}";
    const struct schema *s = decodes(&o, text, &v);
    assert_int_equal(s->n_fields, 3);
    assert_int_equal(v.items[0].i, 5);
    assert_int_equal(v.items[1].bytes[1], 0xfa);
    assert_true(str_is(value_as_str(&v.items[2]), "d"));
    assert_ptr_equal(decodes(&o, text, &v), s); /* the same text is the same schema */
    text = " {\"payload\":{\"id\":5,\"price\":\"bg==\"}, \"schema\":" ROW_SCHEMA " } ";
    assert_ptr_equal(decodes(&o, text, &v), s);
    encodes(&o, s, v, "{\"schema\":" ROW_SCHEMA ",\"payload\":{\"id\":5,\"price\":\"bg==\",\"t\":\"d\"}}");
    assert_null(decodes(&o, "{\"schema\":null,\"payload\":{\"a\":[1.5]}}", &v));
    assert_int_equal(v.type, VALUE_MAP);
    assert_int_equal(v.items[1].items[0].type, VALUE_FLOAT64);
    s = decodes(&o, NULL, &v);
    assert_null(s);
    assert_true(value_is_null(&v));
    close_it(&o);
}

static void test_decode_without_schemas(void **state)
{
    (void)state;
    struct opened o;
    struct value v;
    open_with(&o, without_schemas);
    assert_null(decodes(&o, "{\"schema\":1,\"payload\":007}", &v));
    assert_int_equal(v.len, 2);
    assert_int_equal(value_map_get(&v, STR("payload"))->i, 7);
    assert_null(decodes(&o, "", &v));
    assert_true(value_is_null(&v));
    assert_null(decodes(&o, "null", &v));
    assert_true(value_is_null(&v));
    assert_null(decodes(&o, NULL, &v));
    assert_null(decodes(&o, "12345678901234567890", &v));
    assert_int_equal(v.type, VALUE_FLOAT64);
    close_it(&o);
}

static void test_decode_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "Converting byte[] to Kafka Connect data failed due to serialization error: JSON, byte 0"},
        {"{\"schema\":null,\"payload\":1", "serialization error"},
        {"{\"schema\":null,\"payload\":1x}", "serialization error"},
        {"{\"schema\":{,\"payload\":1}", "serialization error"},
        {"nul", "serialization error"},
        {"1", "requires \"schema\" and \"payload\" fields and may not contain additional fields"},
        {"null", "set schemas.enable=false"},
        {"[]", "set schemas.enable=false"},
        {"{}", "set schemas.enable=false"},
        {"{\"schema\":null}", "set schemas.enable=false"},
        {"{\"schema\":null,\"payloads\":1}", "set schemas.enable=false"},
        {"{\"schema\":null,\"schema\":1}", "set schemas.enable=false"},
        {"{\"schema\":null,\"payload\":1,\"x\":1}", "set schemas.enable=false"},
        {"{\"schema\":{\"type\":\"x\"},\"payload\":1}", "schema: Unknown schema type: x"},
        {"{\"schema\":{\"type\":\"int8\"},\"payload\":null}", "Invalid null value for required int8 field"},
        {"{\"schema\":{\"type\":\"int8\"},\"payload\":\"a\"}", "expected int8 but found STRING"},
    };
    struct opened o;
    open_with(&o, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err;
        const struct schema *s = NULL;
        struct value v = value_int32(77);
        if (plugin->decode(o.converter, STR("tt"), str_from(cases[i].text), &arena, &s, &v, &err) == 0)
            fail_msg("%s: was read", cases[i].text);
        if (!strstr(err.text, cases[i].part) || !strstr(err.text, "topic \"tt\""))
            fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].text, err.text, cases[i].part);
        assert_int_equal(v.i, 77);
    }
    close_it(&o);
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
        cmocka_unit_test(test_encode_with_schemas), cmocka_unit_test(test_encode_without_schemas),
        cmocka_unit_test(test_properties),          cmocka_unit_test(test_encode_errors),
        cmocka_unit_test(test_decode_with_schemas), cmocka_unit_test(test_decode_without_schemas),
        cmocka_unit_test(test_decode_errors),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
