/* The Avro codec beyond the golden cases: every type and option, the edges, and input that is wrong. */
#include "wire/avro.h"
#include "wire/json.h"

#include "base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define DECIMAL_2                                                                                                      \
    "\"type\":\"bytes\",\"name\":\"" DECIMAL_NAME "\",\"version\":1,\"parameters\":{\"scale\":\"2\"},\"optional\":"    \
    "false"

static struct error err;

/* --- helpers --------------------------------------------------------------------------------------- */

/* The schema of a JsonConverter text. */
static const struct schema *connect(const char *json)
{
    struct arena arena = {0};
    struct value parsed;
    const struct schema *s;
    if (json_read(str_from(json), &arena, &parsed, &err) || json_read_schema(&parsed, &s, &err))
        fail_msg("%s: %s", json, err.text);
    arena_free(&arena);
    return s;
}

static struct avro_schema *parse(const char *text)
{
    struct avro_schema *s;
    if (avro_schema_parse(str_from(text), &s, &err))
        fail_msg("%s: %s", text, err.text);
    return s;
}

static void expect_text(const char *connect_json, const struct avro_options *options, const char *expected)
{
    const struct schema *s = connect(connect_json);
    struct buf text = {0};
    if (avro_schema_from_connect(s, options, &text, &err))
        fail_msg("%s: %s", connect_json, err.text);
    assert_string_equal(buf_cstr(&text), expected);
    /* What we write is what we, and so the registry, would write again. */
    struct avro_schema *parsed = parse(expected);
    struct buf again = {0};
    avro_schema_text(parsed, &again);
    assert_string_equal(buf_cstr(&again), expected);
    avro_schema_free(parsed);
    buf_free(&text);
    buf_free(&again);
    schema_unref(s);
}

/* ... and back to the same Connect schema. */
static void expect_both(const char *connect_json, const struct avro_options *options, const char *expected)
{
    expect_text(connect_json, options, expected);
    const struct schema *s = connect(connect_json), *back;
    struct avro_schema *parsed = parse(expected);
    if (avro_schema_to_connect(parsed, &back, &err))
        fail_msg("%s: %s", expected, err.text);
    if (!schema_equal(s, back)) {
        struct buf text = {0};
        json_write_schema(back, &text);
        fail_msg("back   %s\nshould %s", buf_cstr(&text), connect_json);
    }
    schema_unref(back);
    schema_unref(s);
    avro_schema_free(parsed);
}

static void expect_refused(const char *connect_json, const struct avro_options *options, const char *part)
{
    const struct schema *s = connect(connect_json);
    struct buf text = {0};
    buf_add_literal(&text, "kept");
    assert_int_equal(avro_schema_from_connect(s, options, &text, &err), ERROR_INVALID_SCHEMA);
    assert_int_equal(err.code, ERROR_INVALID_SCHEMA);
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
    assert_string_equal(buf_cstr(&text), "kept");
    struct avro_plan *plan;
    assert_int_equal(avro_plan_new(s, options, &plan, &err), ERROR_INVALID_SCHEMA);
    buf_free(&text);
    schema_unref(s);
}

static struct buf encode(const struct schema *s, const struct avro_options *options, const struct value *v)
{
    struct avro_plan *plan;
    struct buf out = {0};
    if (avro_plan_new(s, options, &plan, &err) || avro_encode(plan, v, &out, &err))
        fail_msg("%s", err.text);
    avro_plan_free(plan);
    return out;
}

static void expect_hex(struct str bytes, const char *hex)
{
    struct buf text = {0};
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(&text, "%02x", (unsigned char)bytes.ptr[i]);
    assert_string_equal(buf_cstr(&text), hex);
    buf_free(&text);
}

static size_t unhex(const char *hex, char *out)
{
    size_t n = 0;
    for (; hex[0] && hex[1]; hex += 2) {
        char pair[3] = {hex[0], hex[1], 0};
        out[n++] = (char)strtoul(pair, NULL, 16);
    }
    return n;
}

static void expect_json(const char *schema, const char *hex, const char *expected)
{
    struct avro_schema *s = parse(schema);
    char bytes[4096];
    struct buf out = {0};
    if (avro_to_json(s, str_of(bytes, unhex(hex, bytes)), &out, &err))
        fail_msg("%s %s: %s", schema, hex, err.text);
    assert_string_equal(buf_cstr(&out), expected);
    buf_free(&out);
    avro_schema_free(s);
}

static void expect_bad_data(const char *schema, const char *hex, const char *part)
{
    struct avro_schema *s = parse(schema);
    char bytes[4096];
    size_t n = unhex(hex, bytes);
    struct str data = str_of(mem_dup(bytes, n), n); /* its own memory, so that a sanitizer sees what is beyond */
    struct arena arena = {0};
    struct buf out = {0};
    struct value v = value_int64(77);
    err = (struct error){0};
    if (avro_decode(s, data, &arena, &v, &err) != ERROR_DATA)
        fail_msg("%s %s: taken", schema, hex);
    assert_int_equal(v.i, 77);
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
    assert_int_equal(avro_to_json(s, data, &out, NULL), ERROR_DATA);
    assert_int_equal(out.len, 0);
    buf_free(&out);
    arena_free(&arena);
    free((void *)data.ptr);
    avro_schema_free(s);
}

static void expect_bad_schema(const char *text, const char *part)
{
    struct avro_schema *s = NULL;
    err = (struct error){0};
    assert_int_equal(avro_schema_parse(str_from(text), &s, &err), ERROR_INVALID_SCHEMA);
    assert_null(s);
    if (!strstr(err.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", text, err.text, part);
    assert_int_equal(avro_schema_parse(str_from(text), &s, NULL), ERROR_INVALID_SCHEMA);
}

/* --- Connect schemas to Avro ------------------------------------------------------------------------- */

static void test_primitives(void **state)
{
    (void)state;
    expect_both("{\"type\":\"int32\",\"optional\":false}", NULL, "\"int\"");
    expect_both("{\"type\":\"int8\",\"optional\":false}", NULL, "{\"type\":\"int\",\"connect.type\":\"int8\"}");
    expect_both("{\"type\":\"int16\",\"optional\":true}", NULL,
                "[\"null\",{\"type\":\"int\",\"connect.type\":\"int16\"}]");
    expect_both("{\"type\":\"int64\",\"optional\":false}", NULL, "\"long\"");
    expect_both("{\"type\":\"float\",\"optional\":false}", NULL, "\"float\"");
    expect_both("{\"type\":\"double\",\"optional\":false}", NULL, "\"double\"");
    expect_both("{\"type\":\"boolean\",\"optional\":false}", NULL, "\"boolean\"");
    expect_both("{\"type\":\"string\",\"optional\":true}", NULL, "[\"null\",\"string\"]");
    expect_both("{\"type\":\"bytes\",\"optional\":false}", NULL, "\"bytes\"");
    expect_both("{\"type\":\"array\",\"items\":{\"type\":\"int32\",\"optional\":true},\"optional\":false}", NULL,
                "{\"type\":\"array\",\"items\":[\"null\",\"int\"]}");
    expect_both("{\"type\":\"int64\",\"optional\":false,\"name\":\"" TIMESTAMP_NAME "\",\"version\":1}", NULL,
                "{\"type\":\"long\",\"connect.version\":1,\"connect.name\":\"" TIMESTAMP_NAME
                "\",\"logicalType\":\"timestamp-millis\"}");
    expect_both("{\"type\":\"int32\",\"optional\":false,\"name\":\"" TIME_NAME "\",\"version\":1}", NULL,
                "{\"type\":\"int\",\"connect.version\":1,\"connect.name\":\"" TIME_NAME
                "\",\"logicalType\":\"time-millis\"}");
}

static void test_decimals(void **state)
{
    (void)state;
    expect_both("{" DECIMAL_2 "}", NULL,
                "{\"type\":\"bytes\",\"scale\":2,\"precision\":64,\"connect.version\":1,\"connect.parameters\":{"
                "\"scale\":\"2\"},\"connect.name\":\"" DECIMAL_NAME "\",\"logicalType\":\"decimal\"}");
    /* Beyond what Avro's logical type may say, it is said all the same. */
    expect_both("{\"type\":\"bytes\",\"optional\":false,\"name\":\"" DECIMAL_NAME
                "\",\"version\":1,\"parameters\":{\"scale\":\"127\",\"connect.decimal.precision\":\"0\"}}",
                NULL,
                "{\"type\":\"bytes\",\"scale\":127,\"precision\":0,\"connect.version\":1,\"connect.parameters\":{"
                "\"scale\":\"127\",\"connect.decimal.precision\":\"0\"},\"connect.name\":\"" DECIMAL_NAME
                "\",\"logicalType\":\"decimal\"}");
    expect_refused("{\"type\":\"bytes\",\"optional\":false,\"name\":\"" DECIMAL_NAME "\",\"version\":1}", NULL,
                   "scale");
    expect_refused("{\"type\":\"bytes\",\"optional\":false,\"name\":\"" DECIMAL_NAME
                   "\",\"version\":1,\"parameters\":{\"scale\":\"2\",\"connect.decimal.precision\":\"x\"}}",
                   NULL, "precision");
}

static void test_structs(void **state)
{
    (void)state;
    const char *doc =
        "{\"type\":\"struct\",\"fields\":[{\"type\":\"string\",\"optional\":false,\"doc\":\"what it "
        "is\",\"field\":\"a\"}],\"optional\":false,\"name\":\"s.T\",\"version\":3,\"doc\":\"a \\\"T\\\"\"}";
    expect_both(doc, NULL,
                "{\"type\":\"record\",\"name\":\"T\",\"namespace\":\"s\",\"fields\":[{\"name\":\"a\",\"type\":{"
                "\"type\":\"string\",\"connect.doc\":\"what it is\"},\"doc\":\"what it is\"}],\"connect.doc\":\"a "
                "\\\"T\\\"\",\"connect.version\":3,\"connect.name\":\"s.T\"}");
    expect_text(
        doc, &(struct avro_options){0},
        "{\"type\":\"record\",\"name\":\"T\",\"namespace\":\"s\",\"fields\":[{\"name\":\"a\",\"type\":\"string\","
        "\"doc\":\"what it is\"}]}");
    expect_both(
        "{\"type\":\"struct\",\"fields\":[],\"optional\":true}", NULL,
        "[\"null\",{\"type\":\"record\",\"name\":\"ConnectDefault\",\"namespace\":\"io.confluent.connect.avro\","
        "\"fields\":[]}]");
    /* A parameter of the prefix avro is a property as well. */
    expect_both("{\"type\":\"string\",\"optional\":false,\"parameters\":{\"avro.java.string\":\"String\"}}", NULL,
                "{\"type\":\"string\",\"connect.parameters\":{\"avro.java.string\":\"String\"},"
                "\"avro.java.string\":\"String\"}");
}

#define POINT_FIELDS                                                                                                   \
    "\"type\":\"struct\",\"fields\":[{\"type\":\"double\",\"optional\":false,\"field\":\"x\"}],\"name\":\"g.Point\""
#define UNNAMED(field)                                                                                                 \
    "\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"" field "\"}]"

static void test_types_met_twice(void **state)
{
    (void)state;
    /* In its namespace by its name, elsewhere in full; optional or not. */
    expect_both(
        "{\"type\":\"struct\",\"fields\":[{" POINT_FIELDS ",\"optional\":false,\"field\":\"a\"},{" POINT_FIELDS
        ",\"optional\":true,\"field\":\"b\"},{\"type\":\"struct\",\"fields\":[{" POINT_FIELDS
        ",\"optional\":false,\"field\":\"p\"}],\"name\":\"g.Line\",\"optional\":false,\"field\":\"c\"}],"
        "\"optional\":false,\"name\":\"T\"}",
        NULL,
        "{\"type\":\"record\",\"name\":\"T\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"record\",\"name\":"
        "\"Point\",\"namespace\":\"g\",\"fields\":[{\"name\":\"x\",\"type\":\"double\"}],\"connect.name\":\"g."
        "Point\"}},{\"name\":\"b\",\"type\":[\"null\",\"g.Point\"],\"default\":null},{\"name\":\"c\",\"type\":{"
        "\"type\":\"record\",\"name\":\"Line\",\"namespace\":\"g\",\"fields\":[{\"name\":\"p\",\"type\":"
        "\"Point\"}],\"connect.name\":\"g.Line\"}}],\"connect.name\":\"T\"}");
    /* Equal structs without a name are one type, different ones are numbered. */
    expect_both("{\"type\":\"struct\",\"fields\":[{" UNNAMED("x") ",\"optional\":true,\"field\":\"a\"},{" UNNAMED(
                    "x") ",\"optional\":false,\"field\":\"b\"},{" UNNAMED("y") ",\"optional\":false,\"field\":\"c\"}],"
                                                                               "\"optional\":false,\"name\":\"T\"}",
                NULL,
                "{\"type\":\"record\",\"name\":\"T\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\",{\"type\":"
                "\"record\",\"name\":\"ConnectDefault\",\"namespace\":\"io.confluent.connect.avro\",\"fields\":[{"
                "\"name\":\"x\",\"type\":\"int\"}]}],\"default\":null},{\"name\":\"b\",\"type\":\"io.confluent.connect."
                "avro.ConnectDefault\"},{\"name\":\"c\",\"type\":{\"type\":\"record\",\"name\":\"ConnectDefault2\","
                "\"namespace\":\"io.confluent.connect.avro\",\"fields\":[{\"name\":\"y\",\"type\":\"int\"}]}}],"
                "\"connect.name\":\"T\"}");
    /* What a name's second use says otherwise than in its structure goes unsaid. */
    expect_text(
        "{\"type\":\"struct\",\"fields\":[{" POINT_FIELDS ",\"optional\":false,\"field\":\"a\"},{" POINT_FIELDS
        ",\"version\":2,\"optional\":true,\"field\":\"b\"}],\"optional\":false,\"name\":\"T\"}",
        NULL,
        "{\"type\":\"record\",\"name\":\"T\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"record\",\"name\":"
        "\"Point\",\"namespace\":\"g\",\"fields\":[{\"name\":\"x\",\"type\":\"double\"}],\"connect.name\":\"g."
        "Point\"}},{\"name\":\"b\",\"type\":[\"null\",\"g.Point\"],\"default\":null}],\"connect.name\":\"T\"}");
    expect_refused("{\"type\":\"struct\",\"fields\":[{" POINT_FIELDS
                   ",\"optional\":false,\"field\":\"a\"},{\"type\":\"struct\",\"fields\":[],\"name\":\"g.Point\","
                   "\"optional\":false,\"field\":\"b\"}],\"optional\":false,\"name\":\"T\"}",
                   NULL, "\"g.Point\"");
}

static void test_maps(void **state)
{
    (void)state;
    expect_both("{\"type\":\"map\",\"keys\":{\"type\":\"string\",\"optional\":false},\"values\":{\"type\":\"string\","
                "\"optional\":true},\"optional\":false}",
                NULL, "{\"type\":\"map\",\"values\":[\"null\",\"string\"]}");
    const char *optional_keys = "{\"type\":\"map\",\"keys\":{\"type\":\"string\",\"optional\":true},\"values\":{"
                                "\"type\":\"int32\",\"optional\":false},\"optional\":false}";
    expect_both(optional_keys, NULL,
                "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"MapEntry\",\"namespace\":\"io.confluent."
                "connect.avro\",\"fields\":[{\"name\":\"key\",\"type\":[\"null\",\"string\"],\"default\":null},{"
                "\"name\":\"value\",\"type\":\"int\"}]}}");
    expect_text(optional_keys, &(struct avro_options){.connect_meta = true, .optional_map_keys = true},
                "{\"type\":\"map\",\"values\":\"int\"}");
    /* A name of the map is the name of its entries; maps of other types get a name of their own. */
    expect_text(
        "{\"type\":\"struct\",\"fields\":[{\"type\":\"map\",\"keys\":{\"type\":\"int32\",\"optional\":false},"
        "\"values\":{\"type\":\"int32\",\"optional\":false},\"optional\":false,\"field\":\"a\"},{\"type\":"
        "\"map\",\"keys\":{\"type\":\"int32\",\"optional\":false},\"values\":{\"type\":\"int32\",\"optional\":"
        "false},\"optional\":false,\"field\":\"b\"},{\"type\":\"map\",\"keys\":{\"type\":\"int64\",\"optional\":"
        "false},\"values\":{\"type\":\"int32\",\"optional\":false},\"optional\":false,\"field\":\"c\"},{"
        "\"type\":\"map\",\"keys\":{\"type\":\"int64\",\"optional\":false},\"values\":{\"type\":\"int32\","
        "\"optional\":false},\"name\":\"m.M\",\"optional\":false,\"field\":\"d\"}],\"optional\":false,\"name\":"
        "\"T\"}",
        NULL,
        "{\"type\":\"record\",\"name\":\"T\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"array\",\"items\":"
        "{\"type\":\"record\",\"name\":\"MapEntry\",\"namespace\":\"io.confluent.connect.avro\",\"fields\":[{"
        "\"name\":\"key\",\"type\":\"int\"},{\"name\":\"value\",\"type\":\"int\"}]}}},{\"name\":\"b\",\"type\":"
        "{\"type\":\"array\",\"items\":\"io.confluent.connect.avro.MapEntry\"}},{\"name\":\"c\",\"type\":{"
        "\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"MapEntry2\",\"namespace\":\"io.confluent."
        "connect.avro\",\"fields\":[{\"name\":\"key\",\"type\":\"long\"},{\"name\":\"value\",\"type\":\"int\"}],"
        "\"connect.internal.type\":\"MapEntry\"}}},{\"name\":\"d\",\"type\":{\"type\":\"array\",\"items\":{"
        "\"type\":\"record\",\"name\":\"M\",\"namespace\":\"m\",\"fields\":[{\"name\":\"key\",\"type\":\"long\"},"
        "{\"name\":\"value\",\"type\":\"int\"}],\"connect.internal.type\":\"MapEntry\"},\"connect.name\":\"m.M\""
        "}}],\"connect.name\":\"T\"}");
}

#define FIELD_TEXT(type_and_default)                                                                                   \
    "{\"type\":\"record\",\"name\":\"T\",\"fields\":[{\"name\":\"f\",\"type\":" type_and_default                       \
    "}],\"connect.name\":\"T\"}"
#define FIELD_OF(schema)                                                                                               \
    "{\"type\":\"struct\",\"fields\":[{" schema ",\"field\":\"f\"}],\"optional\":false,\"name\":\"T\"}"

static void test_defaults(void **state)
{
    (void)state;
    expect_both(FIELD_OF("\"type\":\"int8\",\"optional\":false,\"default\":-3"), NULL,
                FIELD_TEXT("{\"type\":\"int\",\"connect.default\":-3,\"connect.type\":\"int8\"},\"default\":-3"));
    expect_both(FIELD_OF("\"type\":\"int64\",\"optional\":true,\"default\":9007199254740993"), NULL,
                FIELD_TEXT("[{\"type\":\"long\",\"connect.default\":9007199254740993},\"null\"],\"default\":"
                           "9007199254740993"));
    expect_both(FIELD_OF("\"type\":\"float\",\"optional\":false,\"default\":1.1"), NULL,
                FIELD_TEXT("{\"type\":\"float\",\"connect.default\":1.1},\"default\":1.1"));
    expect_both(FIELD_OF("\"type\":\"double\",\"optional\":false,\"default\":1.0E10"), NULL,
                FIELD_TEXT("{\"type\":\"double\",\"connect.default\":1.0E10},\"default\":1.0E10"));
    expect_both(FIELD_OF("\"type\":\"boolean\",\"optional\":false,\"default\":true"), NULL,
                FIELD_TEXT("{\"type\":\"boolean\",\"connect.default\":true},\"default\":true"));
    expect_both(FIELD_OF("\"type\":\"string\",\"optional\":false,\"default\":\"\\u00e4\\\"\""), NULL,
                FIELD_TEXT("{\"type\":\"string\",\"connect.default\":\"ä\\\"\"},\"default\":\"ä\\\"\""));
    /* 0x00 0x80 0xff: base64 in one place, ISO-8859-1 in the other. */
    expect_both(FIELD_OF("\"type\":\"bytes\",\"optional\":false,\"default\":\"AID/\""), NULL,
                FIELD_TEXT("{\"type\":\"bytes\",\"connect.default\":\"AID/\"},\"default\":\"\\u0000\xc2\x80ÿ\""));
    expect_both(FIELD_OF("\"type\":\"array\",\"items\":{\"type\":\"int32\",\"optional\":false},\"optional\":false,"
                         "\"default\":[1,2]"),
                NULL, FIELD_TEXT("{\"type\":\"array\",\"items\":\"int\",\"connect.default\":[1,2]},\"default\":[1,2]"));
    expect_both(
        FIELD_OF("\"type\":\"map\",\"keys\":{\"type\":\"string\",\"optional\":false},\"values\":{\"type\":"
                 "\"int32\",\"optional\":false},\"optional\":false,\"default\":{\"k\":1}"),
        NULL, FIELD_TEXT("{\"type\":\"map\",\"values\":\"int\",\"connect.default\":{\"k\":1}},\"default\":{\"k\":1}"));
    /* Pairs are no default in Avro; there it is left out. */
    expect_both(
        FIELD_OF("\"type\":\"map\",\"keys\":{\"type\":\"int32\",\"optional\":false},\"values\":{\"type\":"
                 "\"int32\",\"optional\":false},\"optional\":false,\"default\":[[1,2]]"),
        NULL,
        FIELD_TEXT("{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"MapEntry\",\"namespace\":\"io."
                   "confluent.connect.avro\",\"fields\":[{\"name\":\"key\",\"type\":\"int\"},{\"name\":\"value\","
                   "\"type\":\"int\"}]},\"connect.default\":[[1,2]]}"));
}

static void test_struct_defaults(void **state)
{
    (void)state;
#define VARIABLE                                                                                                       \
    "\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"scale\"},{\"type\":\"bytes\"," \
    "\"optional\":false,\"field\":\"value\"},{\"type\":\"string\",\"optional\":true,\"field\":\"note\"}],\"name\":"    \
    "\"V\",\"default\":{\"scale\":1,\"value\":\"gA==\",\"note\":null}"
#define VARIABLE_TEXT                                                                                                  \
    "{\"type\":\"record\",\"name\":\"V\",\"fields\":[{\"name\":\"scale\",\"type\":\"int\"},{\"name\":\"value\","       \
    "\"type\":\"bytes\"},{\"name\":\"note\",\"type\":[\"null\",\"string\"],\"default\":null}],\"connect.default\":{"   \
    "\"scale\":1,\"value\":\"gA==\",\"note\":null},\"connect.name\":\"V\"}"
    expect_both(FIELD_OF(VARIABLE ",\"optional\":false"), NULL,
                FIELD_TEXT(VARIABLE_TEXT ",\"default\":{\"scale\":1,\"value\":\"\xc2\x80\"}"));
    /* Null stands first in the union of an optional struct, so Avro allows no other default. */
    expect_both(FIELD_OF(VARIABLE ",\"optional\":true"), NULL, FIELD_TEXT("[\"null\"," VARIABLE_TEXT "]"));
    /* ... but a null is written as the default nonetheless. */
    const struct schema *s = connect(FIELD_OF(VARIABLE ",\"optional\":true"));
    struct value null = value_null(), row = value_items(VALUE_STRUCT, &null, 1);
    struct buf out = encode(s, NULL, &row);
    expect_hex(buf_str(&out), "0202028000");
    buf_free(&out);
    schema_unref(s);
}

static void test_names(void **state)
{
    (void)state;
    const struct avro_options scrub = {.connect_meta = true, .scrub_names = true};
    const char *odd = "{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"col umn\"},{"
                      "\"type\":\"int32\",\"optional\":false,\"field\":\"1st\"},{\"type\":\"int32\",\"optional\":false,"
                      "\"field\":\"a.b\"},{\"type\":\"int32\",\"optional\":false,\"field\":\"\\u00fc-\"}],\"optional\":"
                      "false,\"name\":\"my-db.1x.T\"}";
    expect_refused(odd, NULL, "schema name \"my-db.1x.T\"");
    expect_text(odd, &scrub,
                "{\"type\":\"record\",\"name\":\"T\",\"namespace\":\"my_db.x1x\",\"fields\":[{\"name\":\"col_umn\","
                "\"type\":\"int\"},{\"name\":\"x1st\",\"type\":\"int\"},{\"name\":\"a_b\",\"type\":\"int\"},{\"name\":"
                "\"_C3_BC_\",\"type\":\"int\"}],\"connect.name\":\"my-db.1x.T\"}");
    expect_refused(FIELD_OF("\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"col "
                            "umn\"}],\"name\":\"x.Value\",\"optional\":true"),
                   NULL, "field \"col umn\" of \"x.Value\"");
    assert_non_null(strstr(err.text, "scrub.invalid.names=true"));
    assert_non_null(strstr(err.text, "sanitize.field.names=true"));
    expect_refused(
        "{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"\"}],\"optional\""
        ":false,\"name\":\"T\"}",
        NULL, "field \"\"");
    /* As Avro's Java library: letters of any script. */
    expect_text(
        "{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"\\u00fcn\\u00ef\"}],"
        "\"optional\":false,\"name\":\"T\"}",
        NULL,
        "{\"type\":\"record\",\"name\":\"T\",\"fields\":[{\"name\":\"ünï\",\"type\":\"int\"}],\"connect.name\":\"T\"}");
    expect_refused("{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"\\u20ac\"}],"
                   "\"optional\":false,\"name\":\"T\"}",
                   NULL, "field \"€\"");
    expect_refused("{\"type\":\"struct\",\"fields\":[],\"optional\":false,\"name\":\"string\"}", NULL, "\"string\"");
    expect_refused("{\"type\":\"struct\",\"fields\":[],\"optional\":false,\"name\":\"a..b\"}", NULL, "\"a..b\"");
    expect_refused("{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"a b\"},{"
                   "\"type\":\"int32\",\"optional\":false,\"field\":\"a_b\"}],\"optional\":false,\"name\":\"T\"}",
                   &scrub, "\"a b\" and \"a_b\"");
}

static void test_enum_and_fixed(void **state)
{
    (void)state;
    const struct avro_options enhanced = {.connect_meta = true, .enhanced = true};
    const char *enumeration = "{\"type\":\"string\",\"optional\":false,\"name\":\"e.Suit\",\"parameters\":{\"io."
                              "confluent.connect.avro.Enum\":"
                              "\"e.Suit\",\"io.confluent.connect.avro.Enum.RED\":\"RED\",\"io.confluent.connect.avro."
                              "Enum.BLACK\":\"BLACK\"}}";
    expect_both(enumeration, &enhanced,
                "{\"type\":\"enum\",\"name\":\"Suit\",\"namespace\":\"e\",\"symbols\":[\"RED\",\"BLACK\"],\"connect."
                "parameters\":{\"io.confluent.connect.avro.Enum\":\"e.Suit\",\"io.confluent.connect.avro.Enum.RED\":"
                "\"RED\",\"io.confluent.connect.avro.Enum.BLACK\":\"BLACK\"},\"connect.name\":\"e.Suit\"}");
    const struct schema *s = connect(enumeration);
    struct value black = value_str(STR("BLACK")), blue = value_str(STR("BLUE"));
    struct buf out = encode(s, &enhanced, &black);
    expect_hex(buf_str(&out), "02");
    buf_free(&out);
    out = encode(s, NULL, &black); /* without the option a string */
    expect_hex(buf_str(&out), "0a424c41434b");
    buf_free(&out);
    struct avro_plan *plan;
    assert_int_equal(avro_plan_new(s, &enhanced, &plan, &err), 0);
    assert_int_equal(avro_encode(plan, &blue, &out, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "\"BLUE\""));
    assert_int_equal(out.len, 0);
    avro_plan_free(plan);
    schema_unref(s);
    buf_free(&out);

    const char *fixed = "{\"type\":\"bytes\",\"optional\":false,\"name\":\"f.Md5\",\"parameters\":{\"connect.fixed."
                        "size\":\"4\"}}";
    expect_both(fixed, NULL,
                "{\"type\":\"fixed\",\"name\":\"Md5\",\"namespace\":\"f\",\"size\":4,\"connect.parameters\":{\"connect."
                "fixed.size\":\"4\"},\"connect.name\":\"f.Md5\"}");
    s = connect(fixed);
    struct value four = value_bytes("\1\2\3\4", 4), three = value_bytes("\1\2\3", 3);
    out = encode(s, NULL, &four);
    expect_hex(buf_str(&out), "01020304");
    assert_int_equal(avro_plan_new(s, NULL, &plan, &err), 0);
    assert_int_equal(avro_encode(plan, &three, &out, &err), ERROR_DATA);
    assert_int_equal(out.len, 4);
    avro_plan_free(plan);
    schema_unref(s);
    buf_free(&out);
    expect_refused("{\"type\":\"bytes\",\"optional\":false,\"name\":\"f.Md5\",\"parameters\":{\"connect.fixed.size\":"
                   "\"-4\"}}",
                   NULL, "\"-4\"");
}

static void test_depth(void **state)
{
    (void)state;
    const struct schema *s = schema_new(SCHEMA_INT32);
    struct buf text = {0};
    for (int i = 0; i < AVRO_MAX_DEPTH - 1; i++) {
        const struct schema *outer = schema_new_array(s);
        schema_unref(s);
        s = outer;
    }
    assert_int_equal(avro_schema_from_connect(s, NULL, &text, &err), 0);
    const struct schema *outer = schema_new_array(s);
    assert_int_equal(avro_schema_from_connect(outer, NULL, &text, &err), ERROR_INVALID_SCHEMA);
    schema_unref(s);
    schema_unref(outer);
    buf_free(&text);
}

/* --- data ------------------------------------------------------------------------------------------- */

static const char everything[] =
    "{\"type\":\"struct\",\"fields\":["
    "{\"type\":\"int8\",\"optional\":false,\"field\":\"i8\"},{\"type\":\"int16\",\"optional\":true,\"field\":\"i16\"},"
    "{\"type\":\"int32\",\"optional\":false,\"field\":\"i32\"},{\"type\":\"int64\",\"optional\":true,\"default\":5,"
    "\"field\":\"i64\"},{\"type\":\"float\",\"optional\":false,\"field\":\"f\"},{\"type\":\"double\",\"optional\":true,"
    "\"field\":\"d\"},{\"type\":\"boolean\",\"optional\":false,\"field\":\"b\"},{\"type\":\"string\",\"optional\":"
    "false,"
    "\"field\":\"s\"},{\"type\":\"bytes\",\"optional\":true,\"field\":\"y\"},{\"type\":\"array\",\"items\":{\"type\":"
    "\"string\",\"optional\":true},\"optional\":false,\"field\":\"a\"},{\"type\":\"map\",\"keys\":{\"type\":\"string\","
    "\"optional\":false},\"values\":{\"type\":\"int32\",\"optional\":false},\"optional\":true,\"field\":\"m\"},{"
    "\"type\":"
    "\"map\",\"keys\":{\"type\":\"int32\",\"optional\":false},\"values\":{\"type\":\"string\",\"optional\":true},"
    "\"optional\":false,\"field\":\"e\"},{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,"
    "\"field\":\"x\"}],\"optional\":true,\"name\":\"n.Inner\",\"field\":\"t\"}],\"optional\":false,\"name\":\"n."
    "Every\"}";
enum { N_EVERY = 13 };

static void fill_everything(struct value v[N_EVERY])
{
    static struct value array[3], map[4], entries[4], inner[1];
    array[0] = value_str(STR("one"));
    array[1] = value_null();
    array[2] = value_str(STR(""));
    map[0] = value_str(STR("k"));
    map[1] = value_int32(1);
    map[2] = value_str(STR("l"));
    map[3] = value_int32(INT32_MIN);
    entries[0] = value_int32(7);
    entries[1] = value_str(STR("seven"));
    entries[2] = value_int32(8);
    entries[3] = value_null();
    inner[0] = value_int32(-1);
    v[0] = value_int(VALUE_INT8, -128);
    v[1] = value_int(VALUE_INT16, 32767);
    v[2] = value_int32(INT32_MAX);
    v[3] = value_int64(INT64_MIN);
    v[4] = value_float32(1.5F);
    v[5] = value_float64(-0.1);
    v[6] = value_bool(true);
    v[7] = value_str(STR("grün"));
    v[8] = value_bytes("\0\xff", 2);
    v[9] = value_items(VALUE_ARRAY, array, 3);
    v[10] = value_items(VALUE_MAP, map, 2);
    v[11] = value_items(VALUE_MAP, entries, 2);
    v[12] = value_items(VALUE_STRUCT, inner, 1);
}

static struct avro_schema *parsed_of(const struct schema *s)
{
    struct buf text = {0};
    assert_int_equal(avro_schema_from_connect(s, NULL, &text, &err), 0);
    struct avro_schema *parsed = parse(buf_cstr(&text));
    buf_free(&text);
    return parsed;
}

static void test_everything(void **state)
{
    (void)state;
    const struct schema *s = connect(everything);
    struct avro_schema *parsed = parsed_of(s);
    struct value v[N_EVERY], row = value_items(VALUE_STRUCT, v, N_EVERY), back;
    fill_everything(v);
    struct buf out = encode(s, NULL, &row);
    struct arena arena = {0};
    assert_int_equal(avro_decode(parsed, buf_str(&out), &arena, &back, &err), 0);
    assert_true(value_equal(&row, &back));
    assert_int_equal(schema_check_value(s, &back, &err), 0);
    /* The same bytes, cut anywhere or with one more, are refused. */
    for (size_t len = 0; len <= out.len; len++) {
        size_t n = len == out.len ? len + 1 : len;
        char *cut = mem_zalloc(n + (n == 0));
        memcpy(cut, out.data, len);
        struct buf json = {0};
        assert_int_equal(avro_decode(parsed, str_of(cut, n), &arena, &back, &err), ERROR_DATA);
        assert_int_equal(avro_to_json(parsed, str_of(cut, n), &json, &err), ERROR_DATA);
        buf_free(&json);
        free(cut);
    }
    struct buf json = {0};
    assert_int_equal(avro_to_json(parsed, buf_str(&out), &json, &err), 0);
    assert_string_equal(buf_cstr(&json),
                        "{\"i8\":-128,\"i16\":{\"int\":32767},\"i32\":2147483647,\"i64\":{\"long\":"
                        "-9223372036854775808},\"f\":1.5,\"d\":{\"double\":-0.1},\"b\":true,\"s\":\"grün\",\"y\":{"
                        "\"bytes\":\"\\u0000ÿ\"},\"a\":[{\"string\":\"one\"},null,{\"string\":\"\"}],\"m\":{\"map\":{"
                        "\"k\":1,\"l\":-2147483648}},\"e\":[{\"key\":7,\"value\":{\"string\":\"seven\"}},{\"key\":8,"
                        "\"value\":null}],\"t\":{\"n.Inner\":{\"x\":-1}}}");
    buf_free(&json);
    buf_free(&out);
    arena_free(&arena);
    avro_schema_free(parsed);
    schema_unref(s);
}

static void test_nulls_and_defaults(void **state)
{
    (void)state;
    const struct schema *s = connect(FIELD_OF("\"type\":\"int64\",\"optional\":true,\"default\":5"));
    struct value null = value_null(), row = value_items(VALUE_STRUCT, &null, 1);
    struct buf out = encode(s, NULL, &row);
    expect_hex(buf_str(&out), "000a"); /* the type stands before null in the union */
    buf_free(&out);
    out = encode(s, &(struct avro_options){.keep_nulls = true}, &row);
    expect_hex(buf_str(&out), "02");
    buf_free(&out);
    schema_unref(s);

    s = connect(FIELD_OF("\"type\":\"string\",\"optional\":false,\"default\":\"abc\""));
    out = encode(s, NULL, &row);
    expect_hex(buf_str(&out), "06616263");
    struct avro_plan *plan;
    assert_int_equal(avro_plan_new(s, &(struct avro_options){.keep_nulls = true}, &plan, &err), 0);
    assert_int_equal(avro_encode(plan, &row, &out, &err), ERROR_DATA);
    expect_hex(buf_str(&out), "06616263");
    avro_plan_free(plan);
    buf_free(&out);
    schema_unref(s);

    /* Outside of a struct there is no default: Struct.get is where Connect puts it in. */
    s = connect(
        "{\"type\":\"array\",\"items\":{\"type\":\"int32\",\"optional\":true,\"default\":5},\"optional\":false}");
    struct value list = value_items(VALUE_ARRAY, &null, 1);
    out = encode(s, NULL, &list);
    expect_hex(buf_str(&out), "020200");
    buf_free(&out);
    schema_unref(s);
}

static void test_encode_errors(void **state)
{
    (void)state;
    const struct schema *s =
        connect(FIELD_OF("\"type\":\"struct\",\"fields\":[{\"type\":\"array\",\"items\":{\"type\":"
                         "\"int32\",\"optional\":false},\"optional\":true,\"field\":\"list\"},{"
                         "\"type\":\"int64\",\"optional\":false,\"field\":\"n\"}],\"optional\":false"));
    struct avro_plan *plan;
    assert_int_equal(avro_plan_new(s, NULL, &plan, &err), 0);
    struct buf out = {0};
    buf_add_literal(&out, "kept");
    struct value inner[2] = {value_null(), value_int64(1)}, row, outer;
    row = value_items(VALUE_STRUCT, inner, 2);
    outer = value_items(VALUE_STRUCT, &row, 1);
    assert_int_equal(avro_encode(plan, &outer, &out, &err), 0);
    assert_int_equal(out.len, 6);
    inner[1] = value_null();
    assert_int_equal(avro_encode(plan, &outer, &out, &err), ERROR_DATA);
    assert_string_equal(err.text, "field \"f.n\": null where the schema (INT64) allows none");
    inner[1] = value_int32(1);
    assert_int_equal(avro_encode(plan, &outer, &out, &err), ERROR_DATA);
    assert_string_equal(err.text, "field \"f.n\": a value of type INT32 where the schema says INT64");
    inner[1] = value_int64(1);
    struct value item = value_str(STR("x"));
    inner[0] = value_items(VALUE_ARRAY, &item, 1);
    assert_int_equal(avro_encode(plan, &outer, &out, &err), ERROR_DATA);
    assert_string_equal(err.text, "field \"f.list\": a value of type STRING where the schema says INT32");
    row.len = 1;
    assert_int_equal(avro_encode(plan, &outer, &out, NULL), ERROR_DATA);
    assert_int_equal(out.len, 6);
    avro_plan_free(plan);
    buf_free(&out);
    schema_unref(s);
}

/* Long texts beside short ones, so that the room of the output grows at every place. */
static void test_growth(void **state)
{
    (void)state;
    struct schema *s = schema_new(SCHEMA_STRUCT);
    enum { N = 40 };
    struct value v[N];
    char *text = mem_zalloc(70000);
    memset(text, 'x', 70000);
    for (int i = 0; i < N; i++) {
        char name[8];
        snprintf(name, sizeof name, "f%d", i);
        struct schema *f = schema_new(i % 2 ? SCHEMA_STRING : SCHEMA_INT64);
        schema_add_field(s, str_from(name), f);
        schema_unref(f);
    }
    for (size_t len = 0; len < 70000; len = len * 3 + 1) {
        for (int i = 0; i < N; i++)
            v[i] = i % 2 ? value_str(str_of(text, len)) : value_int64(INT64_MIN);
        struct value row = value_items(VALUE_STRUCT, v, N), back;
        struct buf out = encode(s, NULL, &row);
        struct arena arena = {0};
        struct avro_schema *parsed = parsed_of(s);
        assert_int_equal(avro_decode(parsed, buf_str(&out), &arena, &back, &err), 0);
        assert_true(value_equal(&row, &back));
        avro_schema_free(parsed);
        arena_free(&arena);
        buf_free(&out);
    }
    free(text);
    schema_unref(s);
}

static void test_numbers(void **state)
{
    (void)state;
    const struct schema *s = schema_new(SCHEMA_INT64);
    struct avro_schema *parsed = parse("\"long\"");
    for (int shift = 0; shift < 64; shift++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            uint64_t bits = (uint64_t)1 << shift;
            struct value v = value_int64((int64_t)(sign > 0 ? bits - 1 : 0 - bits)), back;
            struct buf out = encode(s, NULL, &v);
            assert_int_equal(avro_decode(parsed, buf_str(&out), NULL, &back, &err), 0);
            assert_int_equal(v.i, back.i);
            buf_free(&out);
        }
    }
    avro_schema_free(parsed);
    schema_unref(s);
}

static void test_unions(void **state)
{
    (void)state;
    const char *text = "[\"null\",\"int\",{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"x.y\",\"fields\":[{"
                       "\"name\":\"a\",\"type\":\"string\"}]},\"string\"]";
    struct avro_schema *parsed = parse(text);
    const struct schema *s;
    assert_int_equal(avro_schema_to_connect(parsed, &s, &err), 0);
    assert_string_equal(s->name.ptr, "io.confluent.connect.avro.Union");
    assert_true(s->optional);
    assert_int_equal(s->n_fields, 3);
    assert_string_equal(s->fields[0].name.ptr, "int");
    assert_string_equal(s->fields[1].name.ptr, "R");
    struct buf again = {0};
    assert_int_equal(avro_schema_from_connect(s, &(struct avro_options){0}, &again, &err), 0);
    assert_string_equal(buf_cstr(&again), text);
    static const char *const hexes[] = {"00", "020e", "04026b", "060276"};
    struct avro_plan *plan;
    assert_int_equal(avro_plan_new(s, NULL, &plan, &err), 0);
    for (size_t i = 0; i < 4; i++) {
        char bytes[16];
        struct str data = str_of(bytes, unhex(hexes[i], bytes));
        struct arena arena = {0};
        struct value v;
        struct buf out = {0};
        assert_int_equal(avro_decode(parsed, data, &arena, &v, &err), 0);
        assert_int_equal(schema_check_value(s, &v, &err), 0);
        assert_int_equal(v.type, i ? VALUE_STRUCT : VALUE_NULL);
        assert_int_equal(avro_encode(plan, &v, &out, &err), 0);
        expect_hex(buf_str(&out), hexes[i]);
        buf_free(&out);
        arena_free(&arena);
    }
    struct value none[3] = {value_null(), value_null(), value_null()}, unset = value_items(VALUE_STRUCT, none, 3);
    struct buf out = {0};
    assert_int_equal(avro_encode(plan, &unset, &out, &err), 0);
    expect_hex(buf_str(&out), "00");
    buf_free(&out);
    avro_plan_free(plan);
    schema_unref(s);
    buf_free(&again);
    avro_schema_free(parsed);
    expect_json(text, "04026b", "{\"x.y.R\":{\"a\":\"k\"}}");
    expect_json(text, "00", "null");
    expect_json("[\"int\"]", "0004", "{\"int\":2}");
}

static void test_schemaless(void **state)
{
    (void)state;
    struct buf text = {0};
    assert_int_equal(avro_schema_from_connect(NULL, NULL, &text, &err), 0);
    struct avro_schema *parsed = parse(buf_cstr(&text));
    struct buf again = {0};
    avro_schema_text(parsed, &again);
    assert_string_equal(buf_cstr(&text), buf_cstr(&again));
    const struct schema *s = (const void *)&text;
    assert_int_equal(avro_schema_to_connect(parsed, &s, &err), 0);
    assert_null(s);
    static const char *const values[] = {"null",  "true",           "1.5", "-7",
                                         "\"t\"", "[1,null,\"x\"]", "[]",  "{\"a\":{\"b\":[{}]},\"c\":0.1}"};
    struct avro_plan *plan;
    assert_int_equal(avro_plan_new(NULL, NULL, &plan, &err), 0);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct arena arena = {0};
        struct value v, back;
        struct buf out = {0};
        assert_int_equal(json_read(str_from(values[i]), &arena, &v, &err), 0);
        assert_int_equal(avro_encode(plan, &v, &out, &err), 0);
        assert_int_equal(avro_decode(parsed, buf_str(&out), &arena, &back, &err), 0);
        if (!value_equal(&v, &back))
            fail_msg("%s", values[i]);
        buf_free(&out);
        arena_free(&arena);
    }
    struct value nested = value_null(), levels[50];
    for (int i = 0; i < 50; i++) {
        levels[i] = nested;
        nested = value_items(VALUE_ARRAY, &levels[i], 1);
    }
    assert_int_equal(avro_encode(plan, &nested, &again, &err), ERROR_DATA);
    struct value structure = value_items(VALUE_STRUCT, levels, 1);
    assert_int_equal(avro_encode(plan, &structure, &again, &err), ERROR_DATA);
    avro_plan_free(plan);
    avro_schema_free(parsed);
    buf_free(&text);
    buf_free(&again);
}

static void test_json_form(void **state)
{
    (void)state;
    expect_json(
        "{\"type\":\"record\",\"name\":\"test_table\",\"fields\":[{\"name\":\"seq\",\"type\":\"int\"},{\"name\":"
        "\"ts\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}},{\"name\":\"item\",\"type\":["
        "\"null\",\"string\"]},{\"name\":\"price\",\"type\":[\"null\",\"int\"]},{\"name\":\"category\",\"type\":["
        "\"null\",\"string\"]}]}",
        "0282d5c8e1805c020a6170706c6502a006020a6672756974",
        "{\"seq\":1,\"ts\":1580650272065,\"item\":{\"string\":\"apple\"},\"price\":{\"int\":400},\"category\":{"
        "\"string\":\"fruit\"}}");
    expect_json("\"double\"", "000000000000f07f", "\"Infinity\"");
    expect_json("\"float\"", "0000c07f", "\"NaN\"");
    expect_json("\"double\"", "00000000d0126341", "1.0E7");
    expect_json("\"string\"", "10c3a40a22005c097f", "\"ä\\n\\\"\\u0000\\\\\\t\x7f\"");
    expect_json("{\"type\":\"fixed\",\"name\":\"F\",\"size\":3}", "00e422", "\"\\u0000ä\\\"\"");
    expect_json("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}", "02", "\"B\"");
    expect_json("{\"type\":\"map\",\"values\":\"long\"}", "0202610200", "{\"a\":1}");
    expect_json("{\"type\":\"map\",\"values\":\"long\"}", "020261020202620400", "{\"a\":1,\"b\":2}");
    expect_json("[\"null\",{\"type\":\"fixed\",\"name\":\"a.F\",\"size\":1}]", "0241", "{\"a.F\":\"A\"}");
    /* Blocks with a size, several blocks. */
    expect_json("{\"type\":\"array\",\"items\":\"int\"}", "0304020404060800", "[1,2,3,4]");
}

static void test_bad_data(void **state)
{
    (void)state;
    expect_bad_data("\"int\"", "", "ends within a number");
    expect_bad_data("\"int\"", "ffffffff1f", "more than 32 bits");
    expect_bad_data("\"long\"", "ffffffffffffffffff02", "more than 64 bits");
    expect_bad_data("\"long\"", "ffffffffffffffffffffff01", "more than 64 bits");
    expect_bad_data("\"boolean\"", "02", "neither 0 nor 1");
    expect_bad_data("\"string\"", "08616263", "4 bytes long, and 3 are left");
    expect_bad_data("\"bytes\"", "ffffffffffffffffff01", "bytes long");
    expect_bad_data("\"bytes\"", "01", "-1 bytes long");
    expect_bad_data("\"string\"", "02ff", "not UTF-8");
    expect_bad_data("\"null\"", "00", "1 bytes are left over");
    expect_bad_data("[\"null\",\"int\"]", "0400", "branch 2 of 2");
    expect_bad_data("[\"null\",\"int\"]", "01", "branch -1 of 2");
    expect_bad_data("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}", "02", "symbol 1 of 1");
    expect_bad_data("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2000000000}", "00", "missing");
    expect_bad_data("{\"type\":\"array\",\"items\":\"int\"}", "fefffffffffffffffd01", "more than one datum may have");
    expect_bad_data("{\"type\":\"array\",\"items\":\"int\"}", "ffffffffffffffffff01", "a block of");
    expect_bad_data("{\"type\":\"array\",\"items\":\"int\"}", "0110", "a block is 8 bytes long");
    expect_bad_data("{\"type\":\"array\",\"items\":\"int\"}", "0101", "a block is -1 bytes long");
    /* Items that take no bytes: a few bytes may not stand for ever so many. */
    expect_bad_data("{\"type\":\"array\",\"items\":\"null\"}", "80808080c00100", "more than one datum may have");
    expect_bad_data("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"string\"}]}", "0841",
                    "field \"a\"");
    char hex[2 * AVRO_MAX_DEPTH + 1];
    for (int i = 0; i < 2 * AVRO_MAX_DEPTH; i += 2)
        memcpy(hex + i, "02", 3);
    expect_bad_data("{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"next\",\"type\":[\"null\",\"L\"]}]}",
                    hex, "nested more than");
}

/* An Avro int that is no INT8: as Avro fine, as Connect data wrong. */
static void test_out_of_range(void **state)
{
    (void)state;
    struct avro_schema *s = parse("{\"type\":\"int\",\"connect.type\":\"int8\"}");
    struct value v;
    assert_int_equal(avro_decode(s, STR("\xff\x01"), NULL, &v, &err), 0);
    assert_int_equal(v.type, VALUE_INT8);
    assert_int_equal(v.i, -128);
    assert_int_equal(avro_decode(s, STR("\x80\x02"), NULL, &v, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "128 is out of the range of INT8"));
    avro_schema_free(s);
}

/* --- schemas to read -------------------------------------------------------------------------------- */

static void expect_canonical(const char *text, const char *expected)
{
    struct avro_schema *s = parse(text);
    struct buf out = {0};
    avro_schema_text(s, &out);
    assert_string_equal(buf_cstr(&out), expected);
    buf_free(&out);
    avro_schema_free(s);
}

static void test_canonical_text(void **state)
{
    (void)state;
    expect_canonical(" { \"type\" : \"string\" } ", "\"string\"");
    expect_canonical("{\"type\":\"string\",\"doc\":\"gone\",\"x\":[1,{\"y\":null}]}",
                     "{\"type\":\"string\",\"x\":[1,{\"y\":null}]}");
    expect_canonical(
        "{\"fields\":[{\"type\":\"int\",\"name\":\"a\",\"order\":\"descending\",\"default\":1,\"p\":0.5,"
        "\"doc\":\"d\",\"aliases\":[\"b\"]},{\"name\":\"c\",\"order\":\"ascending\",\"type\":{\"type\":"
        "\"int\"}}],\"p\":true,\"doc\":\"D\",\"aliases\":[\"S\"],\"name\":\"n.R\",\"type\":\"record\"}",
        "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\",\"doc\":\"D\",\"fields\":[{\"name\":\"a\","
        "\"type\":\"int\",\"doc\":\"d\",\"default\":1,\"order\":\"descending\",\"aliases\":[\"b\"],\"p\":"
        "0.5},{\"name\":\"c\",\"type\":\"int\"}],\"p\":true,\"aliases\":[\"S\"]}");
    /* A namespace is said where it differs, and taken back where there is none. */
    expect_canonical(
        "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\",\"fields\":[{\"name\":\"a\",\"type\":{"
        "\"type\":\"enum\",\"name\":\"E\",\"namespace\":\"n\",\"symbols\":[\"X\"],\"default\":\"X\"}},{"
        "\"name\":\"b\",\"type\":\"n.E\"},{\"name\":\"c\",\"type\":{\"type\":\"fixed\",\"name\":\"F\","
        "\"namespace\":\"\",\"size\":1}},{\"name\":\"d\",\"type\":\"F\"}]}",
        "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\",\"fields\":[{\"name\":\"a\",\"type\":{"
        "\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"X\"],\"default\":\"X\"}},{\"name\":\"b\",\"type\":"
        "\"E\"},{\"name\":\"c\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"namespace\":\"\",\"size\":1}},"
        "{\"name\":\"d\",\"type\":\"F\"}]}");
    expect_canonical("{\"type\":\"error\",\"name\":\"E\",\"fields\":[]}",
                     "{\"type\":\"error\",\"name\":\"E\",\"fields\":[]}");
    expect_canonical(
        "{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"n\",\"type\":[\"null\",{\"type\":\"L\"}]}]}",
        "{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"n\",\"type\":[\"null\",\"L\"]}]}");
    expect_canonical("[]", "[]");
}

static void test_bad_schemas(void **state)
{
    (void)state;
    expect_bad_schema("", "");
    expect_bad_schema("{", "");
    expect_bad_schema("3", "neither a name");
    expect_bad_schema("\"strin\"", "\"strin\" is not defined");
    expect_bad_schema("{}", "no \"type\"");
    expect_bad_schema("{\"type\":{\"type\":\"string\"}}", "no \"type\"");
    expect_bad_schema("{\"type\":\"union\"}", "\"union\" is not defined");
    expect_bad_schema("{\"type\":\"array\"}", "no \"items\"");
    expect_bad_schema("{\"type\":\"map\"}", "no \"values\"");
    expect_bad_schema("{\"type\":\"record\",\"fields\":[]}", "no \"name\"");
    expect_bad_schema("{\"type\":\"record\",\"name\":\"R\"}", "no \"fields\"");
    expect_bad_schema("{\"type\":\"record\",\"name\":\"R-1\",\"fields\":[]}", "\"R-1\" is not a valid name");
    expect_bad_schema("{\"type\":\"record\",\"name\":\"a..R\",\"fields\":[]}", "not a valid namespace");
    expect_bad_schema("{\"type\":\"record\",\"name\":\"int\",\"fields\":[]}", "cannot be named \"int\"");
    expect_bad_schema("{\"type\":\"record\",\"name\":\"R\",\"fields\":[1]}", "not an object");
    expect_bad_schema("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"type\":\"int\"}]}", "not a valid field name");
    expect_bad_schema("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\"}]}", "no \"type\"");
    expect_bad_schema(
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\",\"order\":\"x\"}]}",
        "unknown order");
    expect_bad_schema(
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"a\","
        "\"type\":\"int\"}]}",
        "\"a\" twice");
    expect_bad_schema("{\"type\":\"record\",\"name\":\"R\",\"fields\":[],\"aliases\":\"x\"}", "aliases");
    expect_bad_schema("[{\"type\":\"fixed\",\"name\":\"R\",\"size\":1},{\"type\":\"fixed\",\"name\":\"R\",\"size\":1}]",
                      "defined twice");
    expect_bad_schema("{\"type\":\"fixed\",\"name\":\"R\",\"size\":-1}", "size");
    expect_bad_schema("{\"type\":\"fixed\",\"name\":\"R\",\"size\":1.5}", "size");
    expect_bad_schema("{\"type\":\"enum\",\"name\":\"E\"}", "no \"symbols\"");
    expect_bad_schema("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"a b\"]}", "symbol 1");
    expect_bad_schema("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"A\"]}", "\"A\" twice");
    expect_bad_schema("{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"],\"default\":\"B\"}",
                      "none of its symbols");
    expect_bad_schema("[\"int\",\"int\"]", "\"int\" twice");
    expect_bad_schema("[\"int\",[\"long\"]]", "directly in another");
    struct buf deep = {0};
    for (int i = 0; i <= AVRO_MAX_DEPTH; i++)
        buf_add_literal(&deep, "{\"type\":\"array\",\"items\":");
    buf_add_literal(&deep, "\"int\"");
    for (int i = 0; i <= AVRO_MAX_DEPTH; i++)
        buf_add_char(&deep, '}');
    expect_bad_schema(buf_cstr(&deep), "nested more than");
    buf_free(&deep);
    struct avro_schema *s = NULL;
    struct str huge = str_of(mem_zalloc(AVRO_MAX_SCHEMA_BYTES + 1), AVRO_MAX_SCHEMA_BYTES + 1);
    assert_int_equal(avro_schema_parse(huge, &s, &err), ERROR_INVALID_SCHEMA);
    free((void *)huge.ptr);
}

static void expect_no_connect(const char *text, int code, const char *part)
{
    struct avro_schema *s = parse(text);
    const struct schema *ret = NULL;
    assert_int_equal(avro_schema_to_connect(s, &ret, &err), code);
    assert_null(ret);
    if (!strstr(err.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", text, err.text, part);
    avro_schema_free(s);
}

static void test_no_connect_schema(void **state)
{
    (void)state;
    expect_no_connect("\"null\"", ERROR_INVALID_SCHEMA, "null");
    expect_no_connect("{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"n\",\"type\":[\"null\",\"L\"]}]}",
                      ERROR_UNSUPPORTED, "contains itself");
    expect_no_connect("[\"int\",{\"type\":\"fixed\",\"name\":\"a.F\",\"size\":1},{\"type\":\"fixed\",\"name\":\"b.F\","
                      "\"size\":1}]",
                      ERROR_INVALID_SCHEMA, "\"F\"");
    expect_no_connect("{\"type\":\"int\",\"connect.version\":\"x\"}", ERROR_INVALID_SCHEMA, "connect.version");
    expect_no_connect("{\"type\":\"int\",\"connect.parameters\":[]}", ERROR_INVALID_SCHEMA, "connect.parameters");
    expect_no_connect("{\"type\":\"int\",\"connect.parameters\":{\"a\":1}}", ERROR_INVALID_SCHEMA, "\"a\"");
    expect_no_connect("{\"type\":\"int\",\"connect.name\":1}", ERROR_INVALID_SCHEMA, "connect.name");
    expect_no_connect("{\"type\":\"int\",\"logicalType\":\"date\",\"connect.name\":\"x\"}", ERROR_INVALID_SCHEMA,
                      "\"x\"");
    expect_no_connect("{\"type\":\"int\",\"logicalType\":\"date\",\"connect.version\":2}", ERROR_INVALID_SCHEMA, "2");
}

/* A default is taken from the field, else from connect.default; one that does not fit is as none. */
static void test_read_defaults(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        const char *expected; /* NULL: no default */
    } cases[] = {
        {"\"type\":\"int\",\"default\":3", "3"},
        {"\"type\":\"int\",\"default\":3000000000", NULL},
        {"\"type\":\"int\",\"default\":\"3\"", NULL},
        {"\"type\":{\"type\":\"int\",\"connect.default\":4}", "4"},
        {"\"type\":[{\"type\":\"int\",\"connect.default\":4},\"null\"],\"default\":5", "5"},
        {"\"type\":[\"null\",{\"type\":\"int\",\"connect.default\":4}],\"default\":null", "4"},
        {"\"type\":[\"null\",\"int\"],\"default\":null", NULL},
        {"\"type\":\"bytes\",\"default\":\"\\u00ff\\u0000\"", "\"/wA=\""},
        {"\"type\":\"bytes\",\"default\":\"\\u0100\"", NULL},
        {"\"type\":{\"type\":\"bytes\",\"connect.default\":\"/wA=\"}", "\"/wA=\""},
        {"\"type\":{\"type\":\"bytes\",\"connect.default\":\"\\u00ff\"}", "\"/w==\""},
        {"\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":2},\"default\":\"a\"", NULL},
        {"\"type\":\"double\",\"default\":2", "2.0"},
        {"\"type\":{\"type\":\"double\",\"connect.default\":\"NaN\"}", "\"NaN\""},
        {"\"type\":{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]},\"default\":\"A\"", "\"A\""},
        {"\"type\":{\"type\":\"record\",\"name\":\"S\",\"fields\":[{\"name\":\"a\",\"type\":\"int\",\"default\":7},{"
         "\"name\":\"b\",\"type\":[\"null\",\"int\"],\"default\":null}]},\"default\":{}",
         "{\"a\":7,\"b\":null}"},
        {"\"type\":{\"type\":\"record\",\"name\":\"S\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]},\"default\":{}",
         NULL},
        {"\"type\":{\"type\":\"map\",\"values\":\"int\"},\"default\":{\"a\":1}", "{\"a\":1}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf text = {0};
        buf_printf(&text, "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"f\",%s}]}", cases[i].field);
        struct avro_schema *parsed = parse(buf_cstr(&text));
        const struct schema *s;
        if (avro_schema_to_connect(parsed, &s, &err))
            fail_msg("%s: %s", cases[i].field, err.text);
        const struct schema *f = s->fields[0].schema;
        assert_int_equal(f->has_default, cases[i].expected != NULL);
        if (cases[i].expected) {
            struct json_plan *plan;
            assert_int_equal(schema_check_value(f, &f->default_value, &err), 0);
            assert_int_equal(json_plan_new(f, &(struct json_options){0}, &plan, &err), 0);
            buf_clear(&text);
            assert_int_equal(json_write_plan(plan, &f->default_value, &text, &err), 0);
            assert_string_equal(buf_cstr(&text), cases[i].expected);
            json_plan_free(plan);
        }
        schema_unref(s);
        avro_schema_free(parsed);
        buf_free(&text);
    }
}

/* Records that use each other twice a level: 2^60 ways through, each record is one. */
static void test_shared_records(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_add_char(&text, '[');
    for (int i = 0; i < 60; i++) {
        if (i)
            buf_printf(&text,
                       ",{\"type\":\"record\",\"name\":\"R%d\",\"fields\":[{\"name\":\"a\",\"type\":\"R%d\"},{\"name\":"
                       "\"b\",\"type\":\"R%d\"}]}",
                       i, i - 1, i - 1);
        else
            buf_add_literal(&text, "{\"type\":\"record\",\"name\":\"R0\",\"fields\":[]}");
    }
    buf_add_char(&text, ']');
    struct avro_schema *parsed = parse(buf_cstr(&text));
    const struct schema *s;
    assert_int_equal(avro_schema_to_connect(parsed, &s, &err), 0);
    struct arena arena = {0};
    struct value v;
    struct buf out = {0};
    assert_int_equal(avro_decode(parsed, str_of("\x76", 1), &arena, &v, &err), ERROR_DATA); /* branch 59, no bytes */
    assert_int_equal(avro_to_json(parsed, str_of("\x76", 1), &out, &err), ERROR_DATA);
    struct avro_plan *plan;
    assert_int_equal(avro_plan_new(s, NULL, &plan, &err), ERROR_INVALID_SCHEMA);
    buf_free(&out);
    arena_free(&arena);
    schema_unref(s);
    avro_schema_free(parsed);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_primitives),
        cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_structs),
        cmocka_unit_test(test_types_met_twice),
        cmocka_unit_test(test_maps),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_struct_defaults),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_enum_and_fixed),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_everything),
        cmocka_unit_test(test_nulls_and_defaults),
        cmocka_unit_test(test_encode_errors),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_unions),
        cmocka_unit_test(test_schemaless),
        cmocka_unit_test(test_json_form),
        cmocka_unit_test(test_bad_data),
        cmocka_unit_test(test_out_of_range),
        cmocka_unit_test(test_canonical_text),
        cmocka_unit_test(test_bad_schemas),
        cmocka_unit_test(test_no_connect_schema),
        cmocka_unit_test(test_read_defaults),
        cmocka_unit_test(test_shared_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
