/* Data of one schema in another that can read it. What comes out is looked at as Avro's JSON. */
#include "wire/avro_translate.h"
#include "wire/test/avro_fixture.h"

/* ---- asking ---- */

/* `hex`: the data, as pairs of digits. */
static void fill(struct buf *out, const char *hex)
{
    for (unsigned byte; sscanf(hex, "%2x", &byte) == 1; hex += 2)
        buf_add_char(out, (char)byte);
}

static int translate(const char *from_text, const char *hex, const char *to_text, struct buf *out)
{
    struct avro_schema *from = parse(from_text), *to = parse(to_text);
    struct avro_translation *t = avro_translation_new(from, to);
    struct buf data = {0};
    fill(&data, hex);
    int rc = avro_translate(t, buf_str(&data), out, &err);
    buf_free(&data);
    avro_translation_free(t);
    avro_schema_free(from);
    avro_schema_free(to);
    return rc;
}

static void expect(const char *from, const char *hex, const char *to, const char *json)
{
    struct buf out = {0}, text = {0};
    if (translate(from, hex, to, &out))
        fail_msg("%s to %s: %s", from, to, err.text);
    struct avro_schema *schema = parse(to);
    if (avro_to_json(schema, buf_str(&out), &text, &err))
        fail_msg("%s to %s: %s", from, to, err.text);
    assert_string_equal(buf_cstr(&text), json);
    avro_schema_free(schema);
    buf_free(&out);
    buf_free(&text);
}

static void refuse(const char *from, const char *hex, const char *to, const char *part)
{
    struct buf out = {0};
    assert_int_equal(translate(from, hex, to, &out), ERROR_DATA);
    assert_int_equal(out.len, 0);
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
    buf_free(&out);
}

#define R(fields)           "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" fields "]}"
#define F(name, type)       "{\"name\":\"" name "\",\"type\":" type "}"
#define OR(name, type, or)  "{\"name\":\"" name "\",\"type\":" type ",\"default\":" or "}"
#define ARRAY(type)         "{\"type\":\"array\",\"items\":" type "}"
#define MAP(type)           "{\"type\":\"map\",\"values\":" type "}"
#define ENUM(symbols, more) "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[" symbols "]" more "}"
#define FIXED               "{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}"

/* ---- tests ---- */

static void test_promotions(void **state)
{
    (void)state;
    expect("\"int\"", "0e", "\"long\"", "7");
    expect("\"int\"", "0d", "\"float\"", "-7.0");
    expect("\"long\"", "0e", "\"double\"", "7.0");
    expect("\"float\"", "0000c03f", "\"double\"", "1.5");
    expect("\"string\"", "026f", "\"bytes\"", "\"o\"");
    expect("\"bytes\"", "026f", "\"string\"", "\"o\"");
    expect("\"boolean\"", "01", "\"boolean\"", "true");
    expect("\"null\"", "", "\"null\"", "null");
    expect(FIXED, "6162", FIXED, "\"ab\"");
    refuse("\"long\"", "0e", "\"int\"", "long where the schema says int");
    refuse("\"int\"", "ddffffffbc22", "\"long\"", "32 bits");
    refuse("\"bytes\"", "02ff", "\"string\"", "UTF-8");
}

static void test_records(void **state)
{
    (void)state;
    expect(R(F("a", "\"int\"") "," F("b", "\"string\"")),
           "02"
           "047879",
           R(F("b", "\"string\"") "," F("a", "\"long\"")), "{\"b\":\"xy\",\"a\":1}");
    expect(R(F("a", "\"int\"") "," F("gone", ARRAY("\"string\""))),
           "02"
           "02"
           "0278"
           "00",
           R(F("a", "\"int\"")), "{\"a\":1}");
    expect(
        R(F("a", "\"int\"")), "02",
        R("{\"name\":\"b\",\"type\":\"int\",\"aliases\":[\"a\"]}," OR("c", "[\"null\",\"int\"]", "null") "," OR("d", "[\"null\",\"int\"]", "5") "," OR("e", ARRAY("\"int\""), "[1,2]") "," OR(
            "f", MAP("\"double\""),
            "{\"k\":1}") "," OR("g", "\"bytes\"",
                                "\"\\u00ff\"") "," OR("h", FIXED,
                                                      "\"ab\"") "," OR("i", ENUM("\"A\",\"B\"", ),
                                                                       "\"B\"") "," OR("j", "\"boolean\"",
                                                                                       "true") "," OR("k", "\"float\"",
                                                                                                      "1.5") "," OR("l",
                                                                                                                    "{"
                                                                                                                    "\""
                                                                                                                    "ty"
                                                                                                                    "pe"
                                                                                                                    "\""
                                                                                                                    ":"
                                                                                                                    "\""
                                                                                                                    "re"
                                                                                                                    "co"
                                                                                                                    "rd"
                                                                                                                    "\""
                                                                                                                    ","
                                                                                                                    "\""
                                                                                                                    "na"
                                                                                                                    "me"
                                                                                                                    "\""
                                                                                                                    ":"
                                                                                                                    "\""
                                                                                                                    "I"
                                                                                                                    "\""
                                                                                                                    ","
                                                                                                                    "\""
                                                                                                                    "fi"
                                                                                                                    "el"
                                                                                                                    "ds"
                                                                                                                    "\""
                                                                                                                    ":"
                                                                                                                    "[" F("x", "\"int\"") "," OR(
                                                                                                                        "y",
                                                                                                                        "\"string\"",
                                                                                                                        "\"z\"") "]}",
                                                                                                                    "{"
                                                                                                                    "\""
                                                                                                                    "x"
                                                                                                                    "\""
                                                                                                                    ":3"
                                                                                                                    "}")),
        "{\"b\":1,\"c\":null,\"d\":{\"int\":5},\"e\":[1,2],\"f\":{\"k\":1.0},\"g\":\"ÿ\",\"h\":\"ab\",\"i\":"
        "\"B\",\"j\":true,\"k\":1.5,\"l\":{\"x\":3,\"y\":\"z\"}}");
    refuse(R(F("a", "\"int\"")), "02", R(F("b", "\"int\"")), "field \"b\"");
    refuse(R(F("a", "\"int\"")), "02", R(OR("b", "\"int\"", "\"x\"")), "does not fit");
    refuse(R(F("a", "\"int\"")), "0202", R(F("a", "\"int\"")), "left over");
    refuse(R(F("a", "\"string\"")), "0861", R(F("a", "\"string\"")), "");
}

static void test_unions(void **state)
{
    (void)state;
    expect("[\"null\",\"int\"]", "020e", "[\"int\",\"null\"]", "{\"int\":7}");
    expect("[\"null\",\"int\"]", "00", "[\"int\",\"null\"]", "null");
    expect("[\"null\",\"int\"]", "020e", "[\"string\",\"double\",\"long\",\"null\"]", "{\"double\":7.0}");
    expect("\"int\"", "0e", "[\"null\",\"long\",\"int\"]", "{\"int\":7}");
    expect("[\"int\",\"long\"]", "020e", "\"double\"", "7.0");
    refuse("[\"null\",\"int\"]", "00", "\"int\"", "null where the schema says int");
    refuse("\"boolean\"", "01", "[\"null\",\"int\"]", "no type for boolean");
    refuse("[\"null\",\"int\"]", "04", "[\"int\",\"null\"]", "branch");
    expect("[\"null\"," R(F("a", "\"int\"")) "]", "0202",
           "[\"null\",{\"type\":\"record\",\"name\":\"n.R\",\"fields\":[" F("a", "\"long\"") "]}]",
           "{\"n.R\":{\"a\":1}}");
}

static void test_collections(void **state)
{
    (void)state;
    expect(ARRAY("\"int\""), "040204020600", ARRAY("\"long\""), "[1,2,3]");
    expect(MAP("\"int\""), "02026b0200", MAP("[\"null\",\"int\"]"), "{\"k\":{\"int\":1}}");
    expect(ENUM("\"A\",\"B\"", ), "02", ENUM("\"B\",\"A\"", ), "\"B\"");
    expect(ENUM("\"A\",\"B\"", ), "02", ENUM("\"C\"", ",\"default\":\"C\""), "\"C\"");
    refuse(ENUM("\"A\",\"B\"", ), "02", ENUM("\"A\"", ), "no symbol");
    /* A block with its size in bytes. */
    expect(ARRAY("\"int\""), "0304020400", ARRAY("\"int\""), "[1,2]");
}

static void test_recursion(void **state)
{
    (void)state;
    expect(R(F("v", "\"int\"") "," F("next", "[\"null\",\"R\"]")),
           "0202"
           "0402"
           "0600",
           R(F("next", "[\"R\",\"null\"]") "," F("v", "\"long\"")),
           "{\"next\":{\"R\":{\"next\":{\"R\":{\"next\":null,\"v\":3}},\"v\":2}},\"v\":1}");
    struct buf deep = {0};
    for (int i = 0; i < 2 * AVRO_MAX_DEPTH; i++)
        buf_printf(&deep, "0202");
    buf_printf(&deep, "0200");
    refuse(R(F("v", "\"int\"") "," F("next", "[\"null\",\"R\"]")), buf_cstr(&deep),
           R(F("v", "\"int\"") "," F("next", "[\"null\",\"R\"]")), "deep");
    buf_free(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_promotions),  cmocka_unit_test(test_records),   cmocka_unit_test(test_unions),
        cmocka_unit_test(test_collections), cmocka_unit_test(test_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
