/* Schemas of JSON Schema and Protobuf: kept and given back, with their references. */
#include "registry/other_types.h"
#include "registry/test/registry_fixture.h"

static int set_up_backward(void **state)
{
    return set_up_with(state, "BACKWARD");
}

static void check(int (*read)(struct str text, struct buf *out, struct error *err), const char *text,
                  const char *expected)
{
    struct buf out = {0};
    struct error err = {0};
    int rc = read(str_from(text), &out, &err);
    if (rc != (expected ? 0 : ERROR_INVALID_SCHEMA))
        fail_msg("%s: %d %s", text, rc, err.text);
    if (expected)
        assert_string_equal(buf_cstr(&out), expected);
    buf_free(&out);
}

static void test_json_texts(void **state)
{
    (void)state;
    check(registry_text_json, " { \"a b\" : [ 1.0 , \"x \\\" y\\\\\" ] }\n", "{\"a b\":[1.0,\"x \\\" y\\\\\"]}");
    check(registry_text_json, "true", "true");
    check(registry_text_json, "{", NULL);
    check(registry_text_json, "[]", NULL);
    check(registry_text_json, "\"object\"", NULL);
    check(registry_text_json, "", NULL);
}

static void test_protobuf_texts(void **state)
{
    (void)state;
    check(registry_text_protobuf, "\nsyntax = \"proto3\"; message A { int32 a = 1 [json_name = '}']; }\n",
          "syntax = \"proto3\"; message A { int32 a = 1 [json_name = '}']; }");
    check(registry_text_protobuf, "// a {\n/* b { */ message A {}", "// a {\n/* b { */ message A {}");
    check(registry_text_protobuf, "; message A {} // end", "; message A {} // end");
    check(registry_text_protobuf, "CgdhLnByb3Rv", "CgdhLnByb3Rv");
    static const char *const bad[] = {"",           "hello",         "message A {", "message A }", "message A (}",
                                      "/* open",    "import \"open", "{}",          "// nothing",  "import \"\n\";",
                                      "AAAAAAAA",   "message A {}}", "\xff",        "\"message\"", "/",
                                      "import \"\\"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check(registry_text_protobuf, bad[i], NULL);
    AUTO_FREE char *deep = mem_printf("message A %0300d", 0);
    for (char *c = deep + strlen("message A "); *c; c++)
        *c = '{';
    check(registry_text_protobuf, deep, NULL);
}

#define JSON(text)  "{\"schemaType\":\"JSON\",\"schema\":\"" text "\"}"
#define PROTO(text) "{\"schemaType\":\"PROTOBUF\",\"schema\":\"" text "\"}"

static void test_registering(void **state)
{
    struct fixture *f = *state;
    add(f, "j", JSON("{\\\"type\\\": \\\"object\\\"}"), 1);
    add(f, "j", JSON("{\\\"type\\\":\\\"object\\\"}"), 1);
    add(f, "p", PROTO("message A {}"), 2);
    get(f, "/schemas/ids/1", "{\"schemaType\":\"JSON\",\"schema\":\"{\\\"type\\\":\\\"object\\\"}\"}");
    get(f, "/subjects/p/versions/1",
        "{\"subject\":\"p\",\"version\":1,\"id\":2,\"schemaType\":\"PROTOBUF\",\"schema\":\"message A {}\"}");
    expect(f, "POST", "/subjects/p", PROTO("message A {}"), 200,
           "{\"subject\":\"p\",\"version\":1,\"id\":2,\"schemaType\":\"PROTOBUF\",\"schema\":\"message A {}\"}");
    expect_error_with(f, "POST", "/subjects/j/versions", JSON("[]"), 42201, "Invalid schema of type JSON");
    expect_error_with(f, "POST", "/subjects/p/versions", PROTO("x"), 42201, "Invalid schema of type PROTOBUF");
    reopen(f);
    add(f, "j", JSON("{\\\"type\\\":\\\"object\\\"}"), 1);
    /* The same text under another type is another schema. */
    expect(f, "PUT", "/config/j", "{\"compatibility\":\"NONE\"}", 200, "{\"compatibility\":\"NONE\"}");
    add(f, "j", JSON("true"), 3);
}

static void test_references(void **state)
{
    struct fixture *f = *state;
    add(f, "other.proto", PROTO("message A {}"), 1);
    const char *body = "{\"schemaType\":\"PROTOBUF\",\"schema\":\"import \\\"other.proto\\\"; message B { A a = 1; }\","
                       "\"references\":[{\"name\":\"other.proto\",\"subject\":\"other.proto\",\"version\":1}]}";
    add(f, "p", body, 2);
    get(f, "/subjects/other.proto/versions/1/referencedby", "[2]");
    get(f, "/schemas/ids/2",
        "{\"schemaType\":\"PROTOBUF\",\"references\":[{\"name\":\"other.proto\",\"subject\":\"other.proto\","
        "\"version\":1}]"
        ",\"schema\":\"import \\\"other.proto\\\"; message B { A a = 1; }\"}");
    expect_error_with(f, "DELETE", "/subjects/other.proto", NULL, 42206, "references exist");
    expect_error_with(f, "POST", "/subjects/q/versions",
                      "{\"schemaType\":\"JSON\",\"schema\":\"{}\",\"references\":[{\"name\":\"x\",\"subject\":\"x\","
                      "\"version\":1}]}",
                      42201, "No schema reference found");
}

/* What cannot be judged is not passed for compatible. */
static void test_compatibility(void **state)
{
    struct fixture *f = *state;
    add(f, "j", JSON("{}"), 1);
    expect_error(f, "POST", "/subjects/j/versions", JSON("true"), 50101,
                 "the compatibility of schemas of type JSON is not checked in this registry; set level NONE: PUT "
                 "/config/j {\"compatibility\": \"NONE\"}");
    expect_error_with(f, "POST", "/compatibility/subjects/j/versions/latest", JSON("true"), 50101, "not checked");
    expect(f, "POST", "/compatibility/subjects/j/versions", PROTO("message A {}"), 200, "{\"is_compatible\":false}");
    expect(f, "POST", "/compatibility/subjects/j/versions?verbose=true", INT_SCHEMA, 200,
           "{\"is_compatible\":false,\"messages\":[\"Incompatible because of different schema type\","
           "\"{validateFields: 'false', compatibility: 'BACKWARD'}\"]}");
    expect(f, "PUT", "/config/j", "{\"compatibility\":\"NONE\"}", 200, "{\"compatibility\":\"NONE\"}");
    add(f, "j", JSON("true"), 2);
    add(f, "j", INT_SCHEMA, 3);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up_backward, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_texts), cmocka_unit_test(test_protobuf_texts), WITH_SERVER(test_registering),
        WITH_SERVER(test_references),      WITH_SERVER(test_compatibility),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
