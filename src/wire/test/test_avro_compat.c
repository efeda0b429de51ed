/*
 * Avro compatibility: verdicts, and what they say, are those of org.apache.avro.SchemaCompatibility.
 *
 * `test-wire-avro_compat tool` reads lines READER<tab>WRITER and prints for each a line of TYPE|path|message, joined by
 * tabs ("?" for a pair that cannot be parsed, "!" for one that cannot be judged):
 * tests/integration/test_avro_compat_java.py compares with Java.
 */
#include "wire/avro_compat.h"
#include "wire/test/avro_fixture.h"

#include <string.h>

/* ---- asking ---- */

static int describe(const char *reader_text, const char *writer_text, struct buf *out)
{
    struct avro_schema *reader = parse(reader_text), *writer = parse(writer_text);
    struct arena arena = {0};
    struct avro_incompatibility *found;
    size_t n;
    int rc = avro_compat_check(reader, writer, &arena, &found, &n, &err);
    for (size_t i = 0; !rc && i < n; i++)
        buf_printf(out, "%s%s|" STR_FMT "|" STR_FMT, i ? "\t" : "", avro_mismatch_names[found[i].type],
                   STR_ARG(found[i].path), STR_ARG(found[i].message));
    arena_free(&arena);
    avro_schema_free(reader);
    avro_schema_free(writer);
    return rc;
}

static void expect(const char *reader, const char *writer, const char *findings)
{
    struct buf out = {0};
    if (describe(reader, writer, &out))
        fail_msg("%s reading %s: %s", reader, writer, err.text);
    if (strcmp(buf_cstr(&out), findings) != 0)
        fail_msg("%s reading %s:\n%s\nnot\n%s", reader, writer, buf_cstr(&out), findings);
    buf_free(&out);
}

#define RECORD(fields)             "{\"type\":\"record\",\"name\":\"n.R\",\"fields\":[" fields "]}"
#define FIELD(name, type)          "{\"name\":\"" name "\",\"type\":" type "}"
#define FIELD_OR(name, type, or)   "{\"name\":\"" name "\",\"type\":" type ",\"default\":" or "}"
#define FIELD_ALSO(name, type, as) "{\"name\":\"" name "\",\"type\":" type ",\"aliases\":[" as "]}"
#define ENUM(symbols, more)        "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[" symbols "]" more "}"
#define FIXED(name, size, more)    "{\"type\":\"fixed\",\"name\":\"" name "\",\"size\":" #size more "}"
#define INT                        "\"int\""
#define LONG                       "\"long\""

/* ---- tests ---- */

static void test_promotions(void **state)
{
    (void)state;
    static const char *const types[] = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"};
    static const char *const good[] = {"long<int",    "float<int",    "float<long",   "double<int",
                                       "double<long", "double<float", "bytes<string", "string<bytes"};
    for (size_t r = 0; r < 8; r++)
        for (size_t w = 0; w < 8; w++) {
            AUTO_FREE char *pair = mem_printf("%s<%s", types[r], types[w]);
            AUTO_FREE char *reader = mem_printf("\"%s\"", types[r]);
            AUTO_FREE char *writer = mem_printf("\"%s\"", types[w]);
            bool known = r == w;
            for (size_t i = 0; i < sizeof good / sizeof *good; i++)
                known = known || strcmp(pair, good[i]) == 0;
            struct buf out = {0};
            assert_int_equal(describe(reader, writer, &out), 0);
            assert_int_equal(out.len == 0, known);
            buf_free(&out);
        }
    expect("\"int\"", "\"long\"", "TYPE_MISMATCH|/|reader type: INT not compatible with writer type: LONG");
    expect("{\"type\":\"array\",\"items\":\"int\"}", "{\"type\":\"array\",\"items\":\"long\"}",
           "TYPE_MISMATCH|/items|reader type: INT not compatible with writer type: LONG");
    expect("{\"type\":\"map\",\"values\":\"int\"}", "{\"type\":\"map\",\"values\":\"string\"}",
           "TYPE_MISMATCH|/values|reader type: INT not compatible with writer type: STRING");
    expect("{\"type\":\"map\",\"values\":\"long\"}", "{\"type\":\"map\",\"values\":\"int\"}", "");
}

static void test_records(void **state)
{
    (void)state;
    expect(RECORD(FIELD("a", INT)), RECORD(FIELD("a", INT) "," FIELD("b", INT)), "");
    expect(RECORD(FIELD("a", INT) "," FIELD("b", INT)), RECORD(FIELD("a", INT)),
           "READER_FIELD_MISSING_DEFAULT_VALUE|/fields/1|b");
    expect(RECORD(FIELD("a", INT) "," FIELD_OR("b", "[\"null\",\"int\"]", "null")), RECORD(FIELD("a", INT)), "");
    expect(RECORD(FIELD_OR("c", INT, "0") "," FIELD("a", INT) "," FIELD("b", INT)), RECORD(FIELD("a", "\"string\"")),
           "TYPE_MISMATCH|/fields/1/type|reader type: INT not compatible with writer type: STRING\t"
           "READER_FIELD_MISSING_DEFAULT_VALUE|/fields/2|b");
    expect(RECORD(FIELD("a", INT)), "\"int\"",
           "TYPE_MISMATCH|/|reader type: RECORD not compatible with writer type: INT");
    /* An enum with a default symbol counts as a default, of the wrong kind: as Avro has it. */
    expect(RECORD(FIELD("e", ENUM("\"A\"", ",\"default\":\"A\""))), RECORD(""),
           "TYPE_MISMATCH|/fields/0/type|reader type: ENUM not compatible with writer type: RECORD");
}

static void test_aliases(void **state)
{
    (void)state;
    expect(RECORD(FIELD_ALSO("b", INT, "\"a\"")), RECORD(FIELD("a", INT)), "");
    expect(RECORD(FIELD_ALSO("b", INT, "\"x\"")), RECORD(FIELD("a", INT)),
           "READER_FIELD_MISSING_DEFAULT_VALUE|/fields/0|b");
    struct buf out = {0};
    assert_int_equal(describe(RECORD(FIELD_ALSO("b", INT, "\"a\"")), RECORD(FIELD("a", INT) "," FIELD("b", INT)), &out),
                     ERROR_DATA);
    assert_string_equal(err.text,
                        "Reader record field b type:INT pos:0 matches multiple fields in writer record schema n.R");
    /* Types: the name without its namespace counts, or an alias that is the full name. */
    expect(FIXED("a.F", 4, ), FIXED("b.F", 4, ), "");
    expect(FIXED("a.G", 4, ), FIXED("a.F", 4, ), "NAME_MISMATCH|/name|expected: a.F");
    expect(FIXED("a.G", 4, ",\"aliases\":[\"F\"]"), FIXED("a.F", 4, ), "");
    expect(FIXED("a.G", 4, ",\"aliases\":[\"F\"]"), FIXED("b.F", 4, ), "NAME_MISMATCH|/name|expected: b.F");
    expect(FIXED("a.G", 4, ",\"aliases\":[\"b.F\"]"), FIXED("b.F", 4, ), "");
    expect(FIXED("G", 4, ",\"aliases\":[\"F\"]"), FIXED("F", 4, ), "");
    expect(FIXED("G", 4, ",\"aliases\":[\"F\"]"), FIXED("a.F", 5, ),
           "NAME_MISMATCH|/name|expected: a.F\tFIXED_SIZE_MISMATCH|/size|expected: 5, found: 4");
    expect("{\"type\":\"record\",\"name\":\"S\",\"aliases\":[\"n.R\"],\"fields\":[]}", RECORD(FIELD("a", INT)), "");
    expect("{\"type\":\"record\",\"name\":\"S\",\"fields\":[{\"name\":\"b\",\"type\":\"int\"}]}", RECORD(""),
           "NAME_MISMATCH|/name|expected: n.R\tREADER_FIELD_MISSING_DEFAULT_VALUE|/fields/0|b");
}

static void test_enums(void **state)
{
    (void)state;
    expect(ENUM("\"A\",\"B\"", ), ENUM("\"B\"", ), "");
    expect(ENUM("\"A\"", ), ENUM("\"C\",\"A\",\"B\"", ), "MISSING_ENUM_SYMBOLS|/symbols|[B, C]");
    expect(ENUM("\"A\"", ",\"default\":\"A\""), ENUM("\"C\",\"A\",\"B\"", ), "");
    expect(ENUM("\"A\"", ), "{\"type\":\"enum\",\"name\":\"F\",\"symbols\":[\"B\"]}",
           "NAME_MISMATCH|/name|expected: F\tMISSING_ENUM_SYMBOLS|/symbols|[B]");
    expect("\"string\"", ENUM("\"A\"", ), "TYPE_MISMATCH|/|reader type: STRING not compatible with writer type: ENUM");
}

static void test_unions(void **state)
{
    (void)state;
    expect("[\"null\",\"long\"]", "\"int\"", "");
    expect("[\"null\",\"long\"]", "[\"int\",\"null\"]", "");
    expect("[\"null\",\"int\"]", "\"long\"", "MISSING_UNION_BRANCH|/|reader union lacking writer type: LONG");
    expect("[\"null\",\"int\"]", "[\"long\",\"null\",\"boolean\"]",
           "MISSING_UNION_BRANCH|/0|reader union lacking writer type: LONG\t"
           "MISSING_UNION_BRANCH|/2|reader union lacking writer type: BOOLEAN");
    expect("\"long\"", "[\"int\",\"long\"]", "");
    expect("\"int\"", "[\"null\",\"int\"]", "TYPE_MISMATCH|/0|reader type: INT not compatible with writer type: NULL");
    expect(RECORD(FIELD("a", "[\"null\",\"int\"]")), RECORD(FIELD("a", "\"string\"")),
           "MISSING_UNION_BRANCH|/fields/0/type|reader union lacking writer type: STRING");
    expect("[\"null\"," RECORD(FIELD("a", INT)) "]", "[\"null\"," RECORD(FIELD("a", LONG)) "]",
           "MISSING_UNION_BRANCH|/1|reader union lacking writer type: RECORD");
    expect("[]", "\"int\"", "MISSING_UNION_BRANCH|/|reader union lacking writer type: INT");
    expect("\"int\"", "[]", "");
}

/* A decimal is its bytes, whatever its precision; a date is an int. */
static void test_logical_types(void **state)
{
    (void)state;
    expect("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2}",
           "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":64,\"scale\":3}", "");
    expect("{\"type\":\"int\",\"logicalType\":\"date\"}", "\"int\"", "");
    expect("\"long\"", "{\"type\":\"int\",\"logicalType\":\"date\"}", "");
}

#define LIST(value) RECORD(FIELD("v", value) "," FIELD("next", "[\"null\",\"n.R\"]"))

static void test_recursion(void **state)
{
    (void)state;
    expect(LIST(LONG), LIST(INT), "");
    /* The pair is met first inside a union, where paths start anew, and again as itself. */
    expect(LIST(INT), LIST(LONG),
           "TYPE_MISMATCH|/fields/0/type|reader type: INT not compatible with writer type: LONG");
    expect(RECORD(FIELD("a", FIXED("F", 4, )) "," FIELD("b", "\"F\"")),
           RECORD(FIELD("a", FIXED("F", 5, )) "," FIELD("b", "\"F\"")),
           "FIXED_SIZE_MISMATCH|/fields/0/type/size|expected: 5, found: 4\t"
           "FIXED_SIZE_MISMATCH|/fields/0/type/size|expected: 5, found: 4");
}

/* Two chains of records that name each other in circles of different lengths: every pair of them is met. */
static char *circle(int length)
{
    struct buf out = {0};
    buf_printf(&out, "[");
    for (int i = length - 1; i > 0; i--)
        buf_printf(
            &out, "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n%d\",\"fields\":[{\"name\":\"f\",\"type\":", i);
    buf_printf(
        &out,
        "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n0\",\"fields\":[{\"name\":\"f\",\"type\":\"n%d.R\"}]}",
        length - 1);
    for (int i = length - 1; i > 0; i--)
        buf_printf(&out, "}]}");
    buf_printf(&out, "]");
    return buf_take(&out);
}

static void test_limits(void **state)
{
    (void)state;
    AUTO_FREE char *five = circle(5), *seven = circle(7), *long_one = circle(37), *longer = circle(41);
    struct buf out = {0};
    expect(five, seven, "");
    assert_int_equal(describe(long_one, longer, &out), ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.text, "deep"));
    /* Doubling at each level: told at most AVRO_COMPAT_MAX_FINDINGS times. */
    AUTO_FREE char *old = mem_strdup("{\"type\":\"fixed\",\"name\":\"F\",\"size\":1}");
    AUTO_FREE char *new = mem_strdup("{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}");
    for (int i = 0; i < 20; i++) {
        const char *inner = i ? "R" : "F";
        char *more = mem_printf("{\"type\":\"record\",\"name\":\"n%d.R\",\"fields\":[{\"name\":\"a\",\"type\":%s},"
                                "{\"name\":\"b\",\"type\":\"n%d.%s\"}]}",
                                i + 1, old, i, inner);
        char *again = mem_printf("{\"type\":\"record\",\"name\":\"n%d.R\",\"fields\":[{\"name\":\"a\",\"type\":%s},"
                                 "{\"name\":\"b\",\"type\":\"n%d.%s\"}]}",
                                 i + 1, new, i, inner);
        free(old);
        free(new);
        old = more;
        new = again;
        if (i == 0) { /* F is in no namespace of the records */
            char *at = strstr(old, "\"name\":\"F\""), *also = strstr(new, "\"name\":\"F\"");
            assert_non_null(at);
            assert_non_null(also);
            char *fixed_old = mem_printf("%.*s\"name\":\"n0.F\"%s", (int)(at - old), old, at + 10);
            char *fixed_new = mem_printf("%.*s\"name\":\"n0.F\"%s", (int)(also - new), new, also + 10);
            free(old);
            free(new);
            old = fixed_old;
            new = fixed_new;
        }
    }
    struct avro_schema *reader = parse(old), *writer = parse(new);
    struct arena arena = {0};
    struct avro_incompatibility *found;
    size_t n;
    assert_int_equal(avro_compat_check(reader, writer, &arena, &found, &n, &err), 0);
    assert_int_equal(n, AVRO_COMPAT_MAX_FINDINGS);
    arena_free(&arena);
    avro_schema_free(reader);
    avro_schema_free(writer);
    buf_free(&out);
}

static void test_defaults(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {RECORD(FIELD_OR("a", INT, "1")), true},
        {RECORD(FIELD_OR("a", INT, "\"x\"")), false},
        {RECORD(FIELD_OR("a", INT, "1.0")), false},
        {RECORD(FIELD_OR("a", INT, "null")), false},
        {RECORD(FIELD_OR("a", "[\"null\",\"int\"]", "null")), true},
        {RECORD(FIELD_OR("a", "[\"null\",\"int\"]", "7")), true},
        {RECORD(FIELD_OR("a", "[\"null\",\"int\"]", "\"x\"")), false},
        {RECORD(FIELD_OR("a", "[]", "null")), false},
        {RECORD(FIELD_OR("a", "{\"type\":\"array\",\"items\":\"int\"}", "[1,2]")), true},
        {RECORD(FIELD_OR("a", "{\"type\":\"array\",\"items\":\"int\"}", "[1,\"\"]")), false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct avro_schema *s = parse(cases[i].text);
        assert_int_equal(avro_schema_check_defaults(s, &err), cases[i].good ? 0 : ERROR_INVALID_SCHEMA);
        avro_schema_free(s);
    }
}

/* For people: fields by their names, through whatever lies between. */
static void test_fields(void **state)
{
    (void)state;
    struct avro_schema *reader = parse(RECORD(FIELD("a", "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":"
                                                         "\"S\",\"fields\":[" FIELD("b", INT) "]}}")));
    struct avro_schema *writer = parse(RECORD(FIELD("a", "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":"
                                                         "\"S\",\"fields\":[" FIELD("b", LONG) "]}}")));
    struct arena arena = {0};
    struct avro_incompatibility *found;
    size_t n;
    assert_int_equal(avro_compat_check(reader, writer, &arena, &found, &n, &err), 0);
    assert_int_equal(n, 1);
    assert_string_equal(found[0].path.ptr, "/fields/0/type/items/fields/0/type");
    assert_string_equal(found[0].field.ptr, "a.b");
    arena_free(&arena);
    avro_schema_free(reader);
    avro_schema_free(writer);
}

/* ---- the tool ---- */

static int answer(char *line)
{
    struct avro_schema *reader = NULL, *writer = NULL;
    struct buf out = {0};
    char *tab = strchr(line, '\t');
    line[strcspn(line, "\n")] = '\0';
    if (!tab)
        return 2;
    *tab = '\0';
    bool bad = avro_schema_parse(str_from(line), &reader, &err) ||
               avro_schema_parse(str_from(tab + 1), &writer, &err) || avro_schema_check_defaults(reader, &err) ||
               avro_schema_check_defaults(writer, &err);
    avro_schema_free(reader);
    avro_schema_free(writer);
    if (bad)
        printf("?\n");
    else if (describe(line, tab + 1, &out))
        printf("!\n");
    else
        printf("%s\n", buf_cstr(&out));
    buf_free(&out);
    return 0;
}

static int run_tool(void)
{
    char *line = NULL;
    size_t cap = 0;
    int rc = 0;
    while (rc == 0 && getline(&line, &cap, stdin) > 0)
        rc = answer(line);
    free(line);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "tool") == 0)
        return run_tool();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_promotions), cmocka_unit_test(test_records), cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_enums),      cmocka_unit_test(test_unions),  cmocka_unit_test(test_logical_types),
        cmocka_unit_test(test_recursion),  cmocka_unit_test(test_limits),  cmocka_unit_test(test_fields),
        cmocka_unit_test(test_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
