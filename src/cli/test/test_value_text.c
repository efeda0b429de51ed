// link: plugins
/* Keys and values as text: formats, Confluent's prefix, garbage. The registry is a stand-in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/value_text.h"

#include <stdlib.h>

static int schemas_asked;

static int schema(struct log_access *l, int32_t id, struct arena *arena, struct str *ret_type, struct str *ret_schema,
                  struct error *err)
{
    (void)l;
    (void)arena;
    schemas_asked++;
    if (id > 3)
        return error_set(err, id == 9 ? ERROR_CONNECTION : ERROR_NOT_FOUND, "no schema %d", id);
    *ret_type = id == 1 ? STR("AVRO") : id == 2 ? STR("JSON") : STR("PROTOBUF");
    *ret_schema = STR("{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"seq\",\"type\":\"int\"},"
                      "{\"name\":\"item\",\"type\":[\"null\",\"string\"]}]}");
    return 0;
}

static const struct log_access_ops ops = {.schema = schema};
static struct log_access stand_in = {.ops = &ops};

static void writes(enum value_format format, struct str bytes, const char *expected)
{
    struct value_text *v = value_text_new(format);
    struct error err = {0};
    AUTO_BUF out = {0};
    if (value_text_write(v, &stand_in, bytes, &out, &err))
        fail_msg("%s", err.text);
    assert_string_equal(buf_cstr(&out), expected);
    value_text_free(v);
}

static void refuses(enum value_format format, struct str bytes, int code)
{
    struct value_text *v = value_text_new(format);
    struct error err = {0};
    AUTO_BUF out = {0};
    assert_int_equal(value_text_write(v, &stand_in, bytes, &out, &err), code);
    assert_int_equal(out.len, 0);
    assert_true(strlen(err.text) > 0);
    value_text_free(v);
}

#define APPLE STR("\0\0\0\0\1\2\2\012apple")

static void test_auto(void **state)
{
    (void)state;
    writes(VALUE_FORMAT_AUTO, STR_NULL, "null");
    writes(VALUE_FORMAT_AUTO, STR(""), "");
    writes(VALUE_FORMAT_AUTO, STR("{\"a\":1}"), "{\"a\":1}");
    writes(VALUE_FORMAT_AUTO, STR("gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F");
    writes(VALUE_FORMAT_AUTO, STR("\xFF\x00\x10"), "ff0010");
    writes(VALUE_FORMAT_AUTO, APPLE, "{\"seq\":1,\"item\":{\"string\":\"apple\"}}");
    writes(VALUE_FORMAT_AUTO, STR("\0\0\0\0\1\2\0"), "{\"seq\":1,\"item\":null}");
    writes(VALUE_FORMAT_AUTO, STR("\0\0\0\0\2{\"j\":1}"), "{\"j\":1}");
    writes(VALUE_FORMAT_AUTO, STR("\0\0\0\0\3x"), "000000000378");
    writes(VALUE_FORMAT_AUTO, STR("\0\0\0\0\7x"), "000000000778");
    writes(VALUE_FORMAT_AUTO, STR("\0\0\0\0\1\2\2\077"), "000000000102023f"); /* cut short: still shown */
    writes(VALUE_FORMAT_AUTO, STR("\0\0\0"), "000000");
    writes(VALUE_FORMAT_AUTO, STR("\0\xFF\xFF\xFF\xFF"), "00ffffffff");
    refuses(VALUE_FORMAT_AUTO, STR("\0\0\0\0\x09x"), ERROR_CONNECTION);
}

static void test_named_formats(void **state)
{
    (void)state;
    writes(VALUE_FORMAT_AVRO, APPLE, "{\"seq\":1,\"item\":{\"string\":\"apple\"}}");
    writes(VALUE_FORMAT_AVRO, STR_NULL, "null");
    refuses(VALUE_FORMAT_AVRO, STR("text"), ERROR_DATA);
    refuses(VALUE_FORMAT_AVRO, STR("\0\0\0\0\7x"), ERROR_DATA);
    refuses(VALUE_FORMAT_AVRO, STR("\0\0\0\0\1\2\2\077"), ERROR_DATA);
    writes(VALUE_FORMAT_JSON, STR("{\"a\": [1]}"), "{\"a\": [1]}");
    refuses(VALUE_FORMAT_JSON, STR("{\"a\":"), ERROR_DATA);
    writes(VALUE_FORMAT_STRING, STR("a\tb"), "a\tb");
    writes(VALUE_FORMAT_HEX, STR("az"), "617a");
}

static void test_schemas_are_asked_once(void **state)
{
    (void)state;
    struct value_text *v = value_text_new(VALUE_FORMAT_AUTO);
    AUTO_BUF out = {0};
    schemas_asked = 0;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(value_text_write(v, &stand_in, APPLE, &out, NULL), 0);
        assert_int_equal(value_text_write(v, &stand_in, STR("\0\0\0\0\7x"), &out, NULL), 0);
    }
    assert_int_equal(schemas_asked, 2);
    value_text_free(v);
    value_text_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auto),
        cmocka_unit_test(test_named_formats),
        cmocka_unit_test(test_schemas_are_asked_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
