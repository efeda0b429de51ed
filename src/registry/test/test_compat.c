/* Compatibility in the registry: which versions are compared under which level, and what the answers say. */
#include "registry/test/registry_fixture.h"

#define RECORD(fields)                                                                                                 \
    "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[" fields "]}\"}"
#define A       "{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"int\\\"}"
#define A_LONG  "{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"long\\\"}"
#define B       "{\\\"name\\\":\\\"b\\\",\\\"type\\\":\\\"int\\\"}"
#define B_OR_0  "{\\\"name\\\":\\\"b\\\",\\\"type\\\":\\\"int\\\",\\\"default\\\":0}"
#define B_OR_1  "{\\\"name\\\":\\\"b\\\",\\\"type\\\":\\\"int\\\",\\\"default\\\":1}"
#define VERDICT "/compatibility/subjects/s/versions"

static int set_up_backward(void **state)
{
    return set_up_with(state, "BACKWARD");
}

static void level(struct fixture *f, const char *name)
{
    AUTO_FREE char *body = mem_printf("{\"compatibility\":\"%s\"}", name);
    expect(f, "PUT", "/config/s", body, 200, body);
}

static void expect_verdict(struct fixture *f, const char *path, const char *body, bool compatible)
{
    expect(f, "POST", path, body, 200, compatible ? "{\"is_compatible\":true}" : "{\"is_compatible\":false}");
}

/* ---- levels ---- */

static void test_default_is_backward(void **state)
{
    struct fixture *f = *state;
    get(f, "/config", "{\"compatibilityLevel\":\"BACKWARD\"}");
    add(f, "s", RECORD(A), 1);
    expect_verdict(f, VERDICT, RECORD(A "," B), false);
    expect_error_with(f, "POST", "/subjects/s/versions", RECORD(A "," B), 40901,
                      "Schema being registered is incompatible with an earlier schema for subject \\\"s\\\", details: "
                      "[{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path "
                      "'/fields/1' in the new schema has no default value and is missing in the old schema', "
                      "additionalInfo:'b'}, {oldSchemaVersion: 1}, {oldSchema: '");
    assert_non_null(strstr(buf_cstr(&f->body), ", {validateFields: 'false', compatibility: 'BACKWARD'}]\"}"));
    add(f, "s", RECORD(A "," B_OR_0), 2);
    add(f, "s", RECORD(A_LONG), 3);
    expect_verdict(f, VERDICT, RECORD(A), false);
    /* What is registered already is not judged again. */
    add(f, "s", RECORD(A), 1);
}

static void test_each_level(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *level;
        bool wider, narrower, new_field, no_field;
    } cases[] = {
        {"NONE", true, true, true, true},
        {"BACKWARD", true, false, false, true},
        {"BACKWARD_TRANSITIVE", true, false, false, true},
        {"FORWARD", false, true, true, false},
        {"FORWARD_TRANSITIVE", false, true, true, false},
        {"FULL", false, false, false, false},
        {"FULL_TRANSITIVE", false, false, false, false},
    };
    add(f, "s", "{\"schema\":\"\\\"long\\\"\"}", 1);
    add(f, "t", RECORD(A), 2);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_FREE char *body = mem_printf("{\"compatibility\":\"%s\"}", cases[i].level);
        expect(f, "PUT", "/config", body, 200, body);
        expect_verdict(f, VERDICT, "{\"schema\":\"\\\"double\\\"\"}", cases[i].wider);
        expect_verdict(f, VERDICT, "{\"schema\":\"\\\"int\\\"\"}", cases[i].narrower);
        expect_verdict(f, "/compatibility/subjects/t/versions", RECORD(A "," B), cases[i].new_field);
        expect_verdict(f, "/compatibility/subjects/t/versions", RECORD(""), cases[i].no_field);
        expect_verdict(f, "/compatibility/subjects/t/versions", RECORD(A "," B_OR_0), true);
    }
}

/* The last version only, or every one: a field that goes, and comes back with another type. */
static void test_transitive(void **state)
{
    struct fixture *f = *state;
    level(f, "NONE");
    add(f, "s", "{\"schema\":\"\\\"string\\\"\"}", 1);
    add(f, "s", INT_SCHEMA, 2);
    level(f, "BACKWARD");
    expect_verdict(f, VERDICT, LONG_SCHEMA, true);
    level(f, "BACKWARD_TRANSITIVE");
    expect_verdict(f, VERDICT, LONG_SCHEMA, false);
    level(f, "FORWARD");
    expect_verdict(f, VERDICT, INT_SCHEMA, true);
    level(f, "FORWARD_TRANSITIVE");
    expect_verdict(f, VERDICT, INT_SCHEMA, false);
    /* A deleted version does not count. */
    expect(f, "DELETE", "/subjects/s/versions/1", NULL, 200, "1");
    expect_verdict(f, VERDICT, INT_SCHEMA, true);
    level(f, "FULL");
    expect_verdict(f, VERDICT, LONG_SCHEMA, false);
    /* One version alone, whatever the level says of others. */
    level(f, "BACKWARD");
    expect_verdict(f, VERDICT "/2", LONG_SCHEMA, true);
    expect_verdict(f, VERDICT "/latest", STRING_SCHEMA, false);
    expect_error(f, "POST", VERDICT "/1", LONG_SCHEMA, 40402, "Version 1 not found.");
    expect_error(f, "POST", VERDICT "/0", LONG_SCHEMA, 42202,
                 "The specified version '0' is not a valid version id. Allowed values are between [1, 2^31-1] and the "
                 "string \"latest\"");
    expect_error(f, "POST", "/compatibility/subjects/none/versions/1", LONG_SCHEMA, 40402, "Version 1 not found.");
}

/* ---- what is said ---- */

static void test_messages(void **state)
{
    struct fixture *f = *state;
    add(f, "s", INT_SCHEMA, 1);
    expect(f, "POST", VERDICT "?verbose=true", LONG_SCHEMA, 200, "{\"is_compatible\":true,\"messages\":[]}");
    expect(f, "POST", VERDICT "?verbose=true", STRING_SCHEMA, 200,
           "{\"is_compatible\":false,\"messages\":[\"{errorType:'TYPE_MISMATCH', description:'The type (path '/') of a "
           "field in the new schema does not match with the old schema', additionalInfo:'reader type: STRING not "
           "compatible with writer type: INT'}\",\"{oldSchemaVersion: 1}\",\"{oldSchema: '\\\"int\\\"'}\","
           "\"{validateFields: 'false', compatibility: 'BACKWARD'}\"]}");
    level(f, "FULL");
    /* Only the old schema fails: its text is not repeated. */
    expect(f, "POST", VERDICT "?verbose=true", LONG_SCHEMA, 200,
           "{\"is_compatible\":false,\"messages\":[\"{errorType:'TYPE_MISMATCH', description:'The type (path '/') of a "
           "field in the old schema does not match with the new schema', additionalInfo:'reader type: INT not "
           "compatible with writer type: LONG'}\",\"{validateFields: 'false', compatibility: 'FULL'}\"]}");
    expect(
        f, "POST", VERDICT "?verbose=true", "{\"schema\":\"\\\"x\\\"\"}", 200,
        "{\"is_compatible\":false,\"messages\":[\"Invalid schema of type AVRO, details: undefined name \\\"x\\\"\"]}");
    expect_error(f, "POST", VERDICT, "{\"schema\":\"\\\"x\\\"\"}", 42201,
                 "Invalid schema of type AVRO, details: undefined name \"x\"");
    expect_error(f, "POST", VERDICT, "{}", 42201, "Empty schema");
}

static void test_long_schemas_are_cut(void **state)
{
    struct fixture *f = *state;
    struct buf body = {0};
    buf_printf(&body, "{\"schema\":\"{\\\"type\\\":\\\"int\\\",\\\"n\\\":\\\"");
    while (body.len < 12000)
        buf_printf(&body, "\xc3\xa4");
    buf_printf(&body, "\\\"}\"}");
    add(f, "s", buf_cstr(&body), 1);
    buf_free(&body);
    assert_int_equal(send_request(f, "POST", VERDICT "?verbose=true", "application/json", STRING_SCHEMA), 200);
    assert_non_null(strstr(buf_cstr(&f->body), "{oldSchema: <truncated> '{"));
    assert_true(str_is_utf8(buf_str(&f->body)));
    assert_true(f->body.len < 11000);
}

/* ---- groups, references, modes ---- */

#define IN_GROUP(type, group)                                                                                          \
    "{\"schema\":\"\\\"" type "\\\"\",\"metadata\":{\"properties\":{\"major\":\"" group "\"}}}"

static void test_groups(void **state)
{
    struct fixture *f = *state;
    expect(f, "PUT", "/config/s", "{\"compatibilityGroup\":\"major\"}", 200, "{\"compatibilityGroup\":\"major\"}");
    add(f, "s", IN_GROUP("int", "1"), 1);
    add(f, "s", IN_GROUP("string", "2"), 2);
    expect_verdict(f, VERDICT, IN_GROUP("long", "1"), true);
    expect_verdict(f, VERDICT, IN_GROUP("long", "2"), false);
    expect_verdict(f, VERDICT, IN_GROUP("boolean", "3"), true);
    expect_verdict(f, VERDICT, "{\"schema\":\"\\\"boolean\\\"\"}", true);
}

#define REFERENCE(version) ",\"references\":[{\"name\":\"n.F\",\"subject\":\"f\",\"version\":" #version "}]}"

/* What a reference stands for counts, not its name. */
static void test_references(void **state)
{
    struct fixture *f = *state;
    expect(f, "PUT", "/config/f", "{\"compatibility\":\"NONE\"}", 200, "{\"compatibility\":\"NONE\"}");
    add(f, "f", "{\"schema\":\"{\\\"type\\\":\\\"fixed\\\",\\\"name\\\":\\\"n.F\\\",\\\"size\\\":4}\"}", 1);
    add(f, "f", "{\"schema\":\"{\\\"type\\\":\\\"fixed\\\",\\\"name\\\":\\\"n.F\\\",\\\"size\\\":5}\"}", 2);
    add(f, "s", "{\"schema\":\"{\\\"type\\\":\\\"array\\\",\\\"items\\\":\\\"n.F\\\"}\"" REFERENCE(1), 3);
    expect(f, "POST", VERDICT "?verbose=true",
           "{\"schema\":\"{\\\"type\\\":\\\"array\\\",\\\"items\\\":\\\"n.F\\\"}\"" REFERENCE(2), 200,
           "{\"is_compatible\":false,\"messages\":[\"{errorType:'FIXED_SIZE_MISMATCH', description:'The size of FIXED "
           "type field at path '/items/size' in the new schema does not match with the old schema', "
           "additionalInfo:'expected: 4, found: 5'}\",\"{oldSchemaVersion: 1}\",\"{oldSchema: "
           "'{\\\"type\\\":\\\"array\\\",\\\"items\\\":\\\"n.F\\\"}'}\",\"{validateFields: 'false', compatibility: "
           "'BACKWARD'}\"]}");
}

static void test_import_is_not_judged(void **state)
{
    struct fixture *f = *state;
    expect(f, "PUT", "/mode/s", "{\"mode\":\"IMPORT\"}", 200, "{\"mode\":\"IMPORT\"}");
    add(f, "s", "{\"schema\":\"\\\"int\\\"\",\"id\":7,\"version\":1}", 7);
    add(f, "s", "{\"schema\":\"\\\"string\\\"\",\"id\":8,\"version\":2}", 8);
}

static void test_normalize_by_config(void **state)
{
    struct fixture *f = *state;
    add(f, "s", RECORD(A "," B_OR_1), 1);
    expect(f, "PUT", "/config", "{\"normalize\":true}", 200, "{\"normalize\":true}");
    add(f, "s", RECORD(A), 2);
    get(f, "/schemas/ids/2/schema",
        "{\"name\":\"R\",\"type\":\"record\",\"fields\":[{\"name\":\"a\",\"type\":\"int\",\"order\":\"ASCENDING\"}]}");
}

/* ---- for connectors ---- */

static void test_error_of_converters(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    int32_t id = 0;
    assert_int_equal(registry_register(f->registry, STR("s"), STR("AVRO"),
                                       STR("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"price\","
                                           "\"type\":[\"null\",\"int\"]}]}"),
                                       &id, &err),
                     0);
    assert_int_equal(registry_register(f->registry, STR("s"), STR("AVRO"),
                                       STR("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"price\","
                                           "\"type\":[\"null\",\"string\"]}]}"),
                                       &id, &err),
                     ERROR_CONFLICT);
    assert_string_equal(err.text,
                        "subject \"s\": the new schema cannot read the data of version 1 under compatibility level "
                        "BACKWARD: field \"price\": MISSING_UNION_BRANCH, reader union lacking writer type: INT; to "
                        "accept the change set another level at the registry: PUT /config/s {\"compatibility\": "
                        "\"NONE\"}");
    assert_int_equal(id, 1);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up_backward, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(test_default_is_backward),  WITH_SERVER(test_each_level),
        WITH_SERVER(test_transitive),           WITH_SERVER(test_messages),
        WITH_SERVER(test_long_schemas_are_cut), WITH_SERVER(test_groups),
        WITH_SERVER(test_references),           WITH_SERVER(test_import_is_not_judged),
        WITH_SERVER(test_normalize_by_config),  WITH_SERVER(test_error_of_converters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
