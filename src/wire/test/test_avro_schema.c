/* Avro schemas beyond the golden cases: from Connect and back, every option, texts that are wrong. */
#include "wire/test/avro_fixture.h"

#define DECIMAL_2                                                                                                      \
    "\"type\":\"bytes\",\"name\":\"" DECIMAL_NAME "\",\"version\":1,\"parameters\":{\"scale\":\"2\"},\"optional\":"    \
    "false"

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
        cmocka_unit_test(test_canonical_text),
        cmocka_unit_test(test_bad_schemas),
        cmocka_unit_test(test_no_connect_schema),
        cmocka_unit_test(test_read_defaults),
        cmocka_unit_test(test_shared_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
