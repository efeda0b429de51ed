/* Texts of Avro schemas in the three forms. */
#include "registry/canonical.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect_with(enum canonical_form form, const struct str *references, size_t n, const char *text,
                        const char *expected)
{
    struct buf out = {0};
    struct error err = {0};
    if (canonical_avro(str_from(text), form, references, n, &out, &err) != 0)
        fail_msg("%s: %s", text, err.text);
    assert_string_equal(buf_cstr(&out), expected);
    buf_free(&out);
}

static void expect(const char *text, const char *expected)
{
    expect_with(CANONICAL_STORED, NULL, 0, text, expected);
    expect_with(CANONICAL_STORED, NULL, 0, expected, expected);
    expect_with(CANONICAL_EXPANDED, NULL, 0, text, expected);
}

static void expect_normalized(const char *text, const char *expected)
{
    expect_with(CANONICAL_NORMALIZED, NULL, 0, text, expected);
}

static void expect_invalid(const char *text, const char *part)
{
    struct buf out = {0};
    struct error err = {0};
    buf_add_literal(&out, "kept");
    assert_int_equal(canonical_avro(str_from(text), CANONICAL_STORED, NULL, 0, &out, &err), ERROR_INVALID_SCHEMA);
    assert_int_equal(err.code, ERROR_INVALID_SCHEMA);
    if (!strstr(err.text, part))
        fail_msg("no '%s' in: %s", part, err.text);
    assert_string_equal(buf_cstr(&out), "kept");
    buf_free(&out);
}

static void test_primitives(void **state)
{
    (void)state;
    expect(" \"string\" ", "\"string\"");
    expect("{\"type\" : \"long\"}", "\"long\"");
    expect("{\"type\":\"string\",\"doc\":\"gone\"}", "\"string\"");
    expect("{\"logicalType\":\"date\",\"type\":\"int\",\"connect.version\":1}",
           "{\"type\":\"int\",\"logicalType\":\"date\",\"connect.version\":1}");
    expect("[ \"null\" , {\"type\":\"int\"}]", "[\"null\",\"int\"]");
    expect("{\"type\":[\"null\",\"int\"]}", "[\"null\",\"int\"]");
    expect("{\"values\":\"int\",\"type\":\"map\"}", "{\"type\":\"map\",\"values\":\"int\"}");
    expect("{\"items\":{\"type\":\"bytes\"},\"x\":[1,{}],\"type\":\"array\"}",
           "{\"type\":\"array\",\"items\":\"bytes\",\"x\":[1,{}]}");
}

static void test_records(void **state)
{
    (void)state;
    expect(
        "{\"fields\":[{\"type\":\"int\",\"name\":\"seq\"}],\"name\":\"a.b.C\",\"type\":\"record\"}",
        "{\"type\":\"record\",\"name\":\"C\",\"namespace\":\"a.b\",\"fields\":[{\"name\":\"seq\",\"type\":\"int\"}]}");
    expect("{\"type\":\"record\",\"aliases\":[\"Old\",\"x.Old\",\"n.Old2\"],\"p\":1,\"doc\":\"d\",\"namespace\":\"n\","
           "\"name\":\"R\",\"fields\":[{\"name\":\"f\",\"order\":\"descending\",\"p\":{\"q\":null},\"aliases\":[\"g\"],"
           "\"default\":null,\"doc\":\"e\",\"type\":[\"null\",\"int\"]},{\"name\":\"h\",\"order\":\"ascending\","
           "\"type\":\"string\",\"default\":\"\\u00e4\\n\"}]}",
           "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\",\"doc\":\"d\",\"fields\":[{\"name\":\"f\","
           "\"type\":[\"null\",\"int\"],\"doc\":\"e\",\"default\":null,\"order\":\"descending\",\"aliases\":[\"g\"],"
           "\"p\":{\"q\":null}},{\"name\":\"h\",\"type\":\"string\",\"default\":\"ä\\n\"}],\"p\":1,"
           "\"aliases\":[\"Old\",\"x.Old\",\"Old2\"]}");
    expect("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"],\"default\":\"A\",\"x\":1.5}",
           "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"],\"default\":\"A\",\"x\":1.5}");
    expect("{\"size\":16,\"type\":\"fixed\",\"name\":\"F\",\"logicalType\":\"decimal\",\"precision\":4}",
           "{\"type\":\"fixed\",\"name\":\"F\",\"size\":16,\"logicalType\":\"decimal\",\"precision\":4}");
}

/* Names are as short as their place allows: the enclosing namespace is not repeated, another is written out. */
static void test_names(void **state)
{
    (void)state;
    expect("{\"type\":\"record\",\"name\":\"n.R\",\"fields\":["
           "{\"name\":\"a\",\"type\":{\"type\":\"fixed\",\"name\":\"n.F\",\"size\":1}},"
           "{\"name\":\"b\",\"type\":\"n.F\"},{\"name\":\"c\",\"type\":\"F\"},"
           "{\"name\":\"d\",\"type\":{\"type\":\"fixed\",\"name\":\"m.G\",\"size\":1}},"
           "{\"name\":\"e\",\"type\":\"m.G\"},{\"name\":\"f\",\"type\":[\"null\",\"R\"]},"
           "{\"name\":\"g\",\"type\":{\"type\":\"fixed\",\"name\":\"H\",\"namespace\":\"\",\"size\":1}}]}",
           "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\",\"fields\":["
           "{\"name\":\"a\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":1}},"
           "{\"name\":\"b\",\"type\":\"F\"},{\"name\":\"c\",\"type\":\"F\"},"
           "{\"name\":\"d\",\"type\":{\"type\":\"fixed\",\"name\":\"G\",\"namespace\":\"m\",\"size\":1}},"
           "{\"name\":\"e\",\"type\":\"m.G\"},{\"name\":\"f\",\"type\":[\"null\",\"R\"]},"
           "{\"name\":\"g\",\"type\":{\"type\":\"fixed\",\"name\":\"H\",\"namespace\":\"\",\"size\":1}}]}");
}

static void test_normalized(void **state)
{
    (void)state;
    expect_normalized("\"int\"", "\"int\"");
    expect_normalized("{\"type\":\"int\",\"z\":1,\"a\":2}", "{\"type\":\"int\",\"a\":2,\"z\":1}");
    expect_normalized(
        "{\"type\":\"record\",\"name\":\"n.R\",\"doc\":\"d\",\"z\":1,\"aliases\":[\"B\",\"A\"],\"fields\":["
        "{\"name\":\"a\",\"default\":null,\"type\":[\"null\",\"R\"],\"doc\":\"e\"}]}",
        "{\"name\":\"n.R\",\"type\":\"record\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\",\"n.R\"],"
        "\"order\":\"ASCENDING\",\"doc\":\"e\",\"default\":null}],\"doc\":\"d\","
        "\"aliases\":[\"n.A\",\"n.B\"],\"z\":1}");
}

static void test_references(void **state)
{
    (void)state;
    static const char customer[] = "{\"type\":\"record\",\"name\":\"Customer\",\"namespace\":\"n\",\"fields\":["
                                   "{\"name\":\"of\",\"type\":\"Address\"},"
                                   "{\"name\":\"next\",\"type\":[\"null\",\"Customer\"]}]}";
    static const char address[] = "{\"type\":\"fixed\",\"name\":\"n.Address\",\"size\":1}";
    static const char order[] = "{\"type\":\"record\",\"name\":\"o.Order\",\"fields\":["
                                "{\"name\":\"a\",\"type\":\"n.Customer\"},{\"name\":\"b\",\"type\":\"n.Customer\"},"
                                "{\"name\":\"c\",\"type\":\"n.Address\"}]}";
    const struct str references[] = {str_from(address), str_from(customer)};
    expect_with(CANONICAL_STORED, references, 2, order,
                "{\"type\":\"record\",\"name\":\"Order\",\"namespace\":\"o\",\"fields\":["
                "{\"name\":\"a\",\"type\":\"n.Customer\"},{\"name\":\"b\",\"type\":\"n.Customer\"},"
                "{\"name\":\"c\",\"type\":\"n.Address\"}]}");
    expect_with(CANONICAL_EXPANDED, references, 2, order,
                "{\"type\":\"record\",\"name\":\"Order\",\"namespace\":\"o\",\"fields\":[{\"name\":\"a\",\"type\":"
                "{\"type\":\"record\",\"name\":\"Customer\",\"namespace\":\"n\",\"fields\":[{\"name\":\"of\",\"type\":"
                "{\"type\":\"fixed\",\"name\":\"Address\",\"size\":1}},{\"name\":\"next\",\"type\":"
                "[\"null\",\"Customer\"]}]}},{\"name\":\"b\",\"type\":\"n.Customer\"},"
                "{\"name\":\"c\",\"type\":\"n.Address\"}]}");
    struct error err;
    struct buf out = {0};
    assert_int_equal(canonical_avro(str_from(order), CANONICAL_STORED, references + 1, 1, &out, &err),
                     ERROR_INVALID_SCHEMA);
    assert_non_null(strstr(err.text, "a referenced schema: undefined name \"Address\""));
    buf_free(&out);
}

static void test_invalid(void **state)
{
    (void)state;
    expect_invalid("", "not JSON");
    expect_invalid("string", "not JSON");
    expect_invalid("{\"type\":", "not JSON");
    expect_invalid("1", "neither a name");
    expect_invalid("null", "neither a name");
    expect_invalid("\"strin\"", "undefined name \"strin\"");
    expect_invalid("{}", "no \"type\"");
    expect_invalid("{\"type\":\"record\",\"fields\":[]}", "no \"name\"");
    expect_invalid("{\"type\":\"record\",\"name\":\"R\"}", "no array \"fields\"");
    expect_invalid("{\"type\":\"record\",\"name\":\"1R\",\"fields\":[]}", "illegal name \"1R\"");
    expect_invalid("{\"type\":\"record\",\"name\":\"a..R\",\"fields\":[]}", "illegal name");
    expect_invalid("{\"type\":\"record\",\"name\":\"a.\",\"fields\":[]}", "illegal name");
    expect_invalid("{\"type\":\"record\",\"name\":\"\",\"fields\":[]}", "illegal name");
    expect_invalid("{\"type\":\"record\",\"name\":\"R\",\"fields\":[1]}", "not an object");
    expect_invalid("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a-b\",\"type\":\"int\"}]}",
                   "illegal name \"a-b\" of a field of \"R\"");
    expect_invalid("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\"}]}", "has no \"type\"");
    expect_invalid("{\"type\":\"array\"}", "has no \"items\"");
    expect_invalid("{\"type\":\"enum\",\"name\":\"E\"}", "no array \"symbols\"");
    expect_invalid("{\"type\":\"fixed\",\"name\":\"F\",\"size\":\"1\"}", "no number \"size\"");
    expect_invalid("[{\"type\":\"fixed\",\"name\":\"F\",\"size\":1},{\"type\":\"fixed\",\"name\":\"F\",\"size\":1}]",
                   "defined twice");
    struct buf deep = {0};
    for (int i = 0; i < 150; i++)
        buf_add_literal(&deep, "{\"type\":\"array\",\"items\":");
    buf_add_literal(&deep, "\"int\"");
    for (int i = 0; i < 150; i++)
        buf_add_char(&deep, '}');
    expect_invalid(buf_cstr(&deep), "nested deeper");
    buf_free(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_primitives), cmocka_unit_test(test_records),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_normalized), cmocka_unit_test(test_references), cmocka_unit_test(test_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
