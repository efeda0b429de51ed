/* Avro data beyond the golden cases: every type, the edges, and input that is wrong. */
#include "wire/test/avro_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything),    cmocka_unit_test(test_nulls_and_defaults),
        cmocka_unit_test(test_encode_errors), cmocka_unit_test(test_growth),
        cmocka_unit_test(test_numbers),       cmocka_unit_test(test_unions),
        cmocka_unit_test(test_schemaless),    cmocka_unit_test(test_json_form),
        cmocka_unit_test(test_bad_data),      cmocka_unit_test(test_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
