/*
 * The whole registry: REST API over a real embedded log in a temporary directory. Every route is called somewhere; the
 * last test fails on one that was not.
 *
 * `test-registry-server serve DIR` serves the registry kept in DIR on a free port, told on stdout, until stdin ends:
 * tests/integration/test_registry_clients.py talks to it with Confluent's own client.
 */
#include "registry/test/registry_fixture.h"

/* ---- tests ---- */

static void test_empty(void **state)
{
    struct fixture *f = *state;
    get(f, "/", "{}");
    get(f, "/subjects", "[]");
    get(f, "/schemas", "[]");
    get(f, "/schemas/types", "[\"JSON\",\"PROTOBUF\",\"AVRO\"]");
    get(f, "/contexts", "[\".\"]");
    get(f, "/config", "{\"compatibilityLevel\":\"NONE\"}");
    get(f, "/mode", "{\"mode\":\"READWRITE\"}");
    expect_error(f, "GET", "/nowhere", NULL, 404, "HTTP 404 Not Found");
    expect_error(f, "PUT", "/subjects", NULL, 405, "HTTP 405 Method Not Allowed");
    assert_null(registry_findings(f->registry)[0]);
}

static void test_registering(void **state)
{
    struct fixture *f = *state;
    add(f, "a-value", INT_SCHEMA, 1);
    add(f, "a-value", LONG_SCHEMA, 2);
    add(f, "a-value", INT_SCHEMA, 1);
    add(f, "b-value", LONG_SCHEMA, 2);
    add(f, "b-value", STRING_SCHEMA, 3);
    add(f, "b-value", "{\"schema\":\"\\\"string\\\"\",\"schemaType\":\"AVRO\",\"references\":[],\"metadata\":null}", 3);
    get(f, "/subjects", "[\"a-value\",\"b-value\"]");
    get(f, "/subjects/a-value/versions", "[1,2]");
    get(f, "/subjects/b-value/versions", "[1,2]");
    get(f, "/subjects/a-value/versions/2",
        "{\"subject\":\"a-value\",\"version\":2,\"id\":2,\"schema\":\"\\\"long\\\"\"}");
    get(f, "/subjects/b-value/versions/latest",
        "{\"subject\":\"b-value\",\"version\":2,\"id\":3,\"schema\":\"\\\"string\\\"\"}");
    get(f, "/subjects/b-value/versions/-1/schema", "\"string\"");
    get(f, "/schemas/ids/2", "{\"schema\":\"\\\"long\\\"\"}");
    get(f, "/schemas/ids/2?subject=b-value", "{\"subject\":\"b-value\",\"version\":1,\"schema\":\"\\\"long\\\"\"}");
    get(f, "/schemas/ids/2/schema", "\"long\"");
    get(f, "/schemas/ids/2/subjects", "[\"a-value\",\"b-value\"]");
    get(f, "/schemas/ids/2/versions",
        "[{\"subject\":\"a-value\",\"version\":2},{\"subject\":\"b-value\",\"version\":1}]");
    get(f, "/schemas?subjectPrefix=b&latestOnly=true",
        "[{\"subject\":\"b-value\",\"version\":2,\"id\":3,\"schema\":\"\\\"string\\\"\"}]");
    get(f, "/schemas?offset=1&limit=1",
        "[{\"subject\":\"a-value\",\"version\":2,\"id\":2,\"schema\":\"\\\"long\\\"\"}]");
    get(f, "/subjects?offset=1", "[\"b-value\"]");
    get(f, "/subjects?subjectPrefix=a", "[\"a-value\"]");
    get(f, "/subjects?subjectPrefix=x", "[]");
    get(f, "/subjects/a-value/versions?limit=1", "[1]");
}

static void test_content_type(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(send_request(f, "POST", "/subjects/a/versions", "application/json", INT_SCHEMA), 200);
    assert_int_equal(send_request(f, "POST", "/subjects/a/versions", NULL, INT_SCHEMA), 200);
    assert_int_equal(send_request(f, "POST", "/subjects/a/versions", "text/plain", INT_SCHEMA), 415);
}

/* The same schema however it is written; another when documentation, defaults or properties differ. */
static void test_same_schema(void **state)
{
    struct fixture *f = *state;
    add(f, "a", "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"n.R\\\",\\\"fields\\\":[]}\"}", 1);
    add(f, "a",
        "{\"schema\":\" { \\\"fields\\\" : [ ] , \\\"namespace\\\":\\\"n\\\",\\\"name\\\":\\\"R\\\","
        "\\\"type\\\":\\\"record\\\" } \"}",
        1);
    add(f, "a",
        "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"n.R\\\",\\\"doc\\\":\\\"d\\\",\\\"fields\\\":[]}"
        "\"}",
        2);
    add(f, "a",
        "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"n.R\\\",\\\"fields\\\":[],"
        "\\\"connect.version\\\":1}\"}",
        3);
    get(f, "/schemas/ids/3/schema",
        "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\",\"fields\":[],\"connect.version\":1}");
    expect(f, "POST", "/subjects/a/versions?normalize=true",
           "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"n.R\\\",\\\"fields\\\":[]}\"}", 200,
           "{\"id\":4}");
    get(f, "/schemas/ids/4/schema", "{\"name\":\"n.R\",\"type\":\"record\",\"fields\":[]}");
}

static void test_looking_up(void **state)
{
    struct fixture *f = *state;
    add(f, "a", INT_SCHEMA, 1);
    add(f, "a", LONG_SCHEMA, 2);
    expect(f, "POST", "/subjects/a", "{\"schema\":\" {\\\"type\\\":\\\"int\\\"}\"}", 200,
           "{\"subject\":\"a\",\"version\":1,\"id\":1,\"schema\":\"\\\"int\\\"\"}");
    expect_error(f, "POST", "/subjects/a", STRING_SCHEMA, 40403, "Schema not found");
    expect_error(f, "POST", "/subjects/b", STRING_SCHEMA, 40401, "Subject 'b' not found.");
    expect(f, "DELETE", "/subjects/a/versions/1", NULL, 200, "1");
    expect_error(f, "POST", "/subjects/a", INT_SCHEMA, 40403, "Schema not found");
    expect(f, "POST", "/subjects/a?deleted=true", INT_SCHEMA, 200,
           "{\"subject\":\"a\",\"version\":1,\"id\":1,\"schema\":\"\\\"int\\\"\",\"deleted\":true}");
}

static void test_refused_requests(void **state)
{
    struct fixture *f = *state;
    add(f, "a", INT_SCHEMA, 1);
    expect_error(f, "GET", "/subjects/x/versions", NULL, 40401, "Subject 'x' not found.");
    expect_error(f, "GET", "/subjects/x/versions/1", NULL, 40401, "Subject 'x' not found.");
    expect_error(f, "GET", "/subjects/a/versions/7", NULL, 40402, "Version 7 not found.");
    expect_error(f, "GET", "/schemas/ids/7", NULL, 40403, "Schema 7 not found");
    expect_error(f, "GET", "/schemas/ids/7/subjects", NULL, 40403, "Schema not found");
    expect_error(f, "GET", "/schemas/ids/x", NULL, 404, "HTTP 404 Not Found");
    static const char *const versions[] = {"0", "-2", "x", "2147483648", "1x"};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        AUTO_FREE char *path = mem_printf("/subjects/a/versions/%s", versions[i]);
        AUTO_FREE char *message = mem_printf("The specified version '%s' is not a valid version id. Allowed values are "
                                             "between [1, 2^31-1] and the string \"latest\"",
                                             versions[i]);
        expect_error(f, "GET", path, NULL, 42202, message);
    }
    const char *path = "/subjects/a/versions";
    expect_error_with(f, "POST", path, "{\"schema\":\"{\\\"type\\\":\\\"nonsense\\\"}\"}", 42201, "nonsense");
    expect_error_with(f, "POST", path, "{\"schema\":\"int\"}", 42201, "not JSON");
    expect_error_with(f, "POST", path, "{\"schema\":\"[\\\"int\\\",\\\"int\\\"]\"}", 42201, "int");
    expect_error_with(f, "POST", path, "{\"schema\":\"{}\",\"schemaType\":\"THRIFT\"}", 42201, "the types are");
    expect_error_with(f, "POST", "/subjects/new/versions", "{}", 42201, "Empty schema");
    expect_error_with(f, "POST", path, "{\"schema\":1}", 422, "\\\"schema\\\" is not a string");
    expect_error_with(f, "POST", path, "{\"schema\":\"\\\"int\\\"\",\"version\":\"x\"}", 422, "version");
    expect_error_with(f, "POST", path, "{\"schema\":\"\\\"int\\\"\",\"references\":[1]}", 422, "reference 0");
    expect_error_with(f, "POST", path, "{", 400, "not JSON");
    expect_error_with(f, "POST", path, "", 400, "not JSON");
    expect_error_with(f, "POST", path, "[]", 422, "not a JSON object");
    expect_error_with(f, "POST", "/subjects/a%0Ab/versions", INT_SCHEMA, 42208, "not a valid");
    expect_error_with(f, "POST", "/subjects/__GLOBAL/versions", INT_SCHEMA, 42208, "not a valid");
    expect_error_with(f, "POST", path, "{\"schema\":\"\\\"int\\\"\",\"id\":7}", 42205, "not in import mode");
    expect_error_with(f, "POST", path, "{\"schema\":\"\\\"long\\\"\",\"version\":7}", 42201, "not one more");
    expect_error_with(f, "POST", path, "{\"schema\":\"\\\"long\\\"\",\"schemaTagsToAdd\":[]}", 50101,
                      "schemaTagsToAdd");
    get(f, "/schemas", "[{\"subject\":\"a\",\"version\":1,\"id\":1,\"schema\":\"\\\"int\\\"\"}]");
}

static void test_deleting_versions(void **state)
{
    struct fixture *f = *state;
    add(f, "a", INT_SCHEMA, 1);
    add(f, "a", LONG_SCHEMA, 2);
    expect_error(f, "DELETE", "/subjects/x/versions/1", NULL, 40401, "Subject 'x' not found.");
    expect_error(f, "DELETE", "/subjects/a/versions/3", NULL, 40402, "Version 3 not found.");
    expect_error(f, "DELETE", "/subjects/a/versions/1?permanent=true", NULL, 40407,
                 "Subject 'a' Version 1 was not deleted first before being permanently deleted");
    expect(f, "DELETE", "/subjects/a/versions/latest", NULL, 200, "2");
    expect_error(f, "DELETE", "/subjects/a/versions/2", NULL, 40406,
                 "Subject 'a' Version 2 was soft deleted.Set permanent=true to delete permanently");
    get(f, "/subjects/a/versions", "[1]");
    get(f, "/subjects/a/versions?deleted=true", "[1,2]");
    get(f, "/subjects/a/versions?deletedOnly=true", "[2]");
    get(f, "/subjects/a/versions?deletedAsNegative=true", "[1,-2]");
    expect_error(f, "GET", "/subjects/a/versions/2", NULL, 40402, "Version 2 not found.");
    get(f, "/subjects/a/versions/2?deleted=true",
        "{\"subject\":\"a\",\"version\":2,\"id\":2,\"schema\":\"\\\"long\\\"\",\"deleted\":true}");
    get(f, "/schemas/ids/2", "{\"schema\":\"\\\"long\\\"\"}");
    get(f, "/schemas/ids/2/subjects", "[]");
    get(f, "/schemas/ids/2/subjects?deleted=true", "[\"a\"]");
    add(f, "a", LONG_SCHEMA, 2);
    get(f, "/subjects/a/versions?deleted=true", "[1,3]");
    reopen(f);
    get(f, "/subjects/a/versions?deleted=true", "[1,3]");
    expect(f, "DELETE", "/subjects/a/versions/3", NULL, 200, "3");
    expect(f, "DELETE", "/subjects/a/versions/3?permanent=true", NULL, 200, "3");
    expect_error(f, "GET", "/schemas/ids/2", NULL, 40403, "Schema 2 not found");
    add(f, "a", STRING_SCHEMA, 3);
}

/* An id that was given is never given again, or old records would be read with another schema. */
static void test_ids_are_not_given_twice(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    add(f, "a", INT_SCHEMA, 1);
    add(f, "a", LONG_SCHEMA, 2);
    expect(f, "DELETE", "/subjects/a/versions/2", NULL, 200, "2");
    expect(f, "DELETE", "/subjects/a/versions/2?permanent=true", NULL, 200, "2");
    assert_int_equal(topics_compact(f->topics, STR("_schemas"), &err), 0);
    reopen(f);
    add(f, "a", STRING_SCHEMA, 3);
    expect(f, "DELETE", "/subjects/a", NULL, 200, "[1,2]");
    expect(f, "DELETE", "/subjects/a?permanent=true", NULL, 200, "[1,2]");
    assert_int_equal(topics_compact(f->topics, STR("_schemas"), &err), 0);
    reopen(f);
    add(f, "a", INT_SCHEMA, 4);
}

static void test_deleting_subjects(void **state)
{
    struct fixture *f = *state;
    add(f, "a", INT_SCHEMA, 1);
    add(f, "a", LONG_SCHEMA, 2);
    add(f, "b", INT_SCHEMA, 1);
    expect_error(f, "DELETE", "/subjects/x", NULL, 40401, "Subject 'x' not found.");
    expect_error(f, "DELETE", "/subjects/a?permanent=true", NULL, 40405,
                 "Subject 'a' was not deleted first before being permanently deleted");
    expect(f, "DELETE", "/subjects/a", NULL, 200, "[1,2]");
    expect_error(f, "DELETE", "/subjects/a", NULL, 40404,
                 "Subject 'a' was soft deleted.Set permanent=true to delete permanently");
    get(f, "/subjects", "[\"b\"]");
    get(f, "/subjects?deleted=true", "[\"a\",\"b\"]");
    get(f, "/subjects?deletedOnly=true", "[\"a\"]");
    expect_error(f, "GET", "/subjects/a/versions", NULL, 40401, "Subject 'a' not found.");
    expect_error(f, "GET", "/subjects/a/versions/latest", NULL, 40401, "Subject 'a' not found.");
    reopen(f);
    get(f, "/subjects", "[\"b\"]");
    expect(f, "DELETE", "/subjects/a?permanent=true", NULL, 200, "[1,2]");
    get(f, "/subjects?deleted=true", "[\"b\"]");
    reopen(f);
    get(f, "/subjects?deleted=true", "[\"b\"]");
    add(f, "a", INT_SCHEMA, 1);
    get(f, "/subjects/a/versions", "[1]");
    reopen(f);
    get(f, "/subjects/a/versions", "[1]");
}

static void test_restart_keeps_everything(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 50; i++) {
        AUTO_FREE char *subject = mem_printf("subject-%02d", i % 10);
        AUTO_FREE char *body = mem_printf("{\"schema\":\"{\\\"type\\\":\\\"int\\\",\\\"n\\\":%d}\"}", i);
        add(f, subject, body, i + 1);
    }
    assert_int_equal(send_request(f, "GET", "/schemas", NULL, NULL), 200);
    AUTO_FREE char *before = mem_strdup(buf_cstr(&f->body));
    struct error err = {0};
    close_all(f);
    struct topics_embedded_options options = {.dir = f->dir, .max_bytes = 64 << 20};
    assert_int_equal(topics_open_embedded(&options, &f->topics, &err), 0);
    assert_int_equal(topics_compact(f->topics, STR("_schemas"), &err), 0);
    topics_close(f->topics);
    open_all(f);
    get(f, "/schemas", before);
    add(f, "subject-00", "{\"schema\":\"{\\\"type\\\":\\\"int\\\",\\\"n\\\":0}\"}", 1);
    add(f, "subject-00", "{\"schema\":\"\\\"bytes\\\"\"}", 51);
}

#define ADDRESS "{\\\"type\\\":\\\"fixed\\\",\\\"name\\\":\\\"n.Address\\\",\\\"size\\\":2}"
#define PERSON                                                                                                         \
    "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"Person\\\",\\\"namespace\\\":\\\"n\\\",\\\"fields\\\":["            \
    "{\\\"name\\\":\\\"at\\\",\\\"type\\\":\\\"Address\\\"}]}"
#define PERSON_WITH_REFERENCE                                                                                          \
    "{\"schema\":\"" PERSON "\",\"references\":[{\"name\":\"n.Address\",\"subject\":\"address\",\"version\":1}]}"

static void test_references(void **state)
{
    struct fixture *f = *state;
    add(f, "address", "{\"schema\":\"" ADDRESS "\"}", 1);
    expect_error_with(f, "POST", "/subjects/person/versions", "{\"schema\":\"" PERSON "\"}", 42201,
                      "undefined name \\\"Address\\\"");
    expect_error_with(f, "POST", "/subjects/person/versions",
                      "{\"schema\":\"" PERSON
                      "\",\"references\":[{\"name\":\"x\",\"subject\":\"address\",\"version\":2}]}",
                      42201, "No schema reference found for subject \\\"address\\\" and version 2");
    add(f, "person", PERSON_WITH_REFERENCE, 2);
    add(f, "person", PERSON_WITH_REFERENCE, 2);
    reopen(f);
    add(f, "person", PERSON_WITH_REFERENCE, 2);
    get(f, "/schemas/ids/2",
        "{\"references\":[{\"name\":\"n.Address\",\"subject\":\"address\",\"version\":1}],\"schema\":\"" PERSON "\"}");
    get(f, "/subjects/address/versions/1/referencedby", "[2]");
    get(f, "/subjects/person/versions/1/referencedby", "[]");
    expect_error(f, "DELETE", "/subjects/address/versions/1", NULL, 42206,
                 "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=address,version=1}.");
    expect_error_with(f, "DELETE", "/subjects/address", NULL, 42206, "subject=address,version=1");

    struct arena arena = {0};
    struct registry_schema schema;
    struct str text;
    assert_int_equal(registry_by_id(f->registry, 2, &arena, &schema, NULL), 0);
    assert_int_equal(registry_expand(f->registry, &schema, &arena, &text, NULL), 0);
    assert_string_equal(text.ptr, "{\"type\":\"record\",\"name\":\"Person\",\"namespace\":\"n\",\"fields\":[{\"name\":"
                                  "\"at\",\"type\":{\"type\":\"fixed\",\"name\":\"Address\",\"size\":2}}]}");
    arena_free(&arena);
}

static void test_attributes_are_kept(void **state)
{
    struct fixture *f = *state;
    add(f, "a", "{\"schema\":\"\\\"int\\\"\",\"metadata\":{\"properties\":{\"owner\":\"me\"}}}", 1);
    add(f, "a", INT_SCHEMA, 2);
    reopen(f);
    get(f, "/schemas/ids/1", "{\"metadata\":{\"properties\":{\"owner\":\"me\"}},\"schema\":\"\\\"int\\\"\"}");
    get(f, "/schemas/ids/2", "{\"schema\":\"\\\"int\\\"\"}");
}

static void test_modes(void **state)
{
    struct fixture *f = *state;
    add(f, "a", INT_SCHEMA, 1);
    expect_error(f, "GET", "/mode/a", NULL, 40409, "Subject 'a' does not have subject-level mode configured");
    get(f, "/mode/a?defaultToGlobal=true", "{\"mode\":\"READWRITE\"}");
    expect(f, "PUT", "/mode/a", "{\"mode\":\"READONLY\"}", 200, "{\"mode\":\"READONLY\"}");
    get(f, "/mode/a", "{\"mode\":\"READONLY\"}");
    reopen(f);
    get(f, "/mode/a", "{\"mode\":\"READONLY\"}");
    expect_error(f, "POST", "/subjects/a/versions", LONG_SCHEMA, 42205, "Subject a in context . is in read-only mode");
    expect_error_with(f, "DELETE", "/subjects/a", NULL, 42205, "read-only");
    expect_error_with(f, "DELETE", "/subjects/a/versions/1", NULL, 42205, "read-only");
    add(f, "b", LONG_SCHEMA, 2);
    expect(f, "DELETE", "/mode/a", NULL, 200, "{\"mode\":\"READONLY\"}");
    expect_error(f, "DELETE", "/mode/a", NULL, 40401, "Subject 'a' not found.");
    add(f, "a", LONG_SCHEMA, 2);
    expect(f, "PUT", "/mode", "{\"mode\":\"readonly_override\"}", 200, "{\"mode\":\"READONLY_OVERRIDE\"}");
    expect(f, "PUT", "/mode/a", "{\"mode\":\"READWRITE\"}", 200, "{\"mode\":\"READWRITE\"}");
    expect_error_with(f, "POST", "/subjects/a/versions", STRING_SCHEMA, 42205, "read-only");
    expect(f, "DELETE", "/mode", NULL, 200, "{\"mode\":\"READONLY_OVERRIDE\"}");
    add(f, "a", STRING_SCHEMA, 3);
    expect_error(f, "PUT", "/mode", "{\"mode\":\"x\"}", 42204,
                 "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.");
    expect_error_with(f, "PUT", "/mode", "{\"mode\":\"FORWARD\"}", 50101, "FORWARD");
}

static void test_import(void **state)
{
    struct fixture *f = *state;
    add(f, "a", INT_SCHEMA, 1);
    expect_error(f, "PUT", "/mode", "{\"mode\":\"IMPORT\"}", 42205, "Cannot import since found existing subjects");
    expect(f, "PUT", "/mode/new", "{\"mode\":\"IMPORT\"}", 200, "{\"mode\":\"IMPORT\"}");
    expect_error_with(f, "POST", "/subjects/new/versions", INT_SCHEMA, 42205, "not in read-write mode");
    add(f, "new", "{\"schema\":\"\\\"long\\\"\",\"id\":100,\"version\":5}", 100);
    expect_error(f, "POST", "/subjects/new/versions", "{\"schema\":\"\\\"bytes\\\"\",\"id\":100}", 42205,
                 "Overwrite new schema with id 100 in context . is not permitted.");
    get(f, "/subjects/new/versions", "[5]");
    reopen(f);
    add(f, "a", STRING_SCHEMA, 101);
}

static void test_levels(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    assert_int_equal(registry_set_default_level(f->registry, STR("SIDEWAYS"), &err), ERROR_CONFIG);
    expect(f, "PUT", "/config", "{\"compatibility\":\"none\"}", 200, "{\"compatibility\":\"NONE\"}");
    expect(f, "PUT", "/config", "{\"compatibility\":\"FULL_TRANSITIVE\"}", 200,
           "{\"compatibility\":\"FULL_TRANSITIVE\"}");
    expect_error_with(f, "PUT", "/config", "{\"compatibility\":\"NONE\",\"alias\":\"b\"}", 50101, "alias");
    expect_error_with(f, "PUT", "/config", "{\"compatibility\":\"x\"}", 42203, "Invalid compatibility level");
    expect_error_with(f, "PUT", "/config", "{\"normalize\":1}", 422, "neither true nor false");
    expect_error(f, "GET", "/config/a", NULL, 40408,
                 "Subject 'a' does not have subject-level compatibility configured");
    get(f, "/config/a?defaultToGlobal=true", "{\"compatibilityLevel\":\"FULL_TRANSITIVE\"}");
    expect(f, "PUT", "/config/a", "{\"compatibility\":\"NONE\",\"compatibilityGroup\":\"major\"}", 200,
           "{\"compatibility\":\"NONE\",\"compatibilityGroup\":\"major\"}");
    expect(f, "PUT", "/config/a", "{\"normalize\":true}", 200,
           "{\"normalize\":true,\"compatibility\":\"NONE\",\"compatibilityGroup\":\"major\"}");
    reopen(f);
    get(f, "/config/a", "{\"normalize\":true,\"compatibilityLevel\":\"NONE\",\"compatibilityGroup\":\"major\"}");
    expect(f, "PUT", "/config/a", "{\"compatibilityGroup\":null,\"normalize\":null}", 200,
           "{\"compatibility\":\"NONE\"}");
    expect(f, "DELETE", "/config/a", NULL, 200, "{\"compatibilityLevel\":\"NONE\"}");
    expect_error(f, "DELETE", "/config/a", NULL, 40401, "Subject 'a' not found.");
    expect(f, "DELETE", "/config", NULL, 200, "{\"compatibilityLevel\":\"FULL_TRANSITIVE\"}");
    get(f, "/config", "{\"compatibilityLevel\":\"NONE\"}");
    expect(f, "POST", "/compatibility/subjects/a/versions", INT_SCHEMA, 200, "{\"is_compatible\":true}");
    expect(f, "POST", "/compatibility/subjects/a/versions/latest", INT_SCHEMA, 200, "{\"is_compatible\":true}");
}

static void test_contexts(void **state)
{
    struct fixture *f = *state;
    add(f, "a", INT_SCHEMA, 1);
    add(f, ":.c:a", LONG_SCHEMA, 1);
    add(f, ":.:a", INT_SCHEMA, 1);
    reopen(f);
    get(f, "/contexts", "[\".\",\".c\"]");
    get(f, "/subjects", "[\":.c:a\",\"a\"]");
    get(f, "/subjects?subjectPrefix=", "[\"a\"]");
    get(f, "/subjects?subjectPrefix=:.c:", "[\":.c:a\"]");
    get(f, "/subjects?subjectPrefix=:*:a", "[\":.c:a\",\"a\"]");
    get(f, "/schemas/ids/1", "{\"schema\":\"\\\"int\\\"\"}");
    get(f, "/schemas/ids/1?subject=:.c:", "{\"subject\":\":.c:a\",\"version\":1,\"schema\":\"\\\"long\\\"\"}");
    get(f, "/subjects/:.c:a/versions", "[1]");
}

static void test_names_with_slashes(void **state)
{
    struct fixture *f = *state;
    add(f, "a%2Fb%20%C3%A4", INT_SCHEMA, 1);
    get(f, "/subjects", "[\"a/b ä\"]");
    get(f, "/subjects/a%2fb%20%c3%a4/versions/1/schema", "\"int\"");
}

static void append(struct fixture *f, const char *key, const char *value)
{
    struct topics_txn *txn;
    struct topics_target *target;
    struct topics_record record = {.key = str_from(key), .value = str_from(value), .timestamp = INT64_MIN};
    assert_int_equal(topics_txn_open(f->topics, STR("test"), &txn, NULL), 0);
    assert_int_equal(topics_target(f->topics, STR("_schemas"), &target, NULL), 0);
    assert_int_equal(topics_append(txn, target, 0, &record, NULL), 0);
    assert_int_equal(topics_commit(txn, NULL), 0);
    topics_txn_close(txn);
}

static void expect_finding(struct fixture *f, size_t i, const char *part, const char *part_2)
{
    const char *text = registry_findings(f->registry)[i];
    assert_non_null(text);
    if (!strstr(text, part) || !strstr(text, part_2))
        fail_msg("no '%s' and '%s' in: %s", part, part_2, text);
}

static void test_damaged_records_are_survived(void **state)
{
    struct fixture *f = *state;
    add(f, "a", INT_SCHEMA, 1);
    append(f, "garbage", "garbage");
    append(f, "{\"keytype\":\"SCHEMA\",\"subject\":\"b\",\"version\":1,\"magic\":1}", "{}");
    append(f, "{\"keytype\":\"SCHEMA\",\"subject\":\"c\",\"version\":1,\"magic\":1}",
           "{\"subject\":\"c\",\"version\":1,\"id\":1,\"schema\":\"\\\"bytes\\\"\",\"deleted\":false}");
    append(f, "{\"keytype\":\"NEW_IN_A_LATER_RELEASE\"}", "x");
    add(f, "d", LONG_SCHEMA, 2);
    reopen(f);
    expect_finding(f, 0, "topic _schemas, offset 1, key garbage: not JSON", "");
    expect_finding(f, 1, "offset 2, key {\"keytype\":\"SCHEMA\",\"subject\":\"b\"", "no \"subject\"");
    expect_finding(f, 2, "offset 3", "its id 1 belongs to another schema");
    assert_null(registry_findings(f->registry)[3]);
    get(f, "/subjects", "[\"a\",\"d\"]");
    add(f, "d", STRING_SCHEMA, 3);
    reopen(f);
    get(f, "/subjects/d/versions", "[1,2]");
    for (int i = 0; i < REGISTRY_MAX_FINDINGS + 20; i++)
        append(f, "garbage", "garbage");
    reopen(f);
    expect_finding(f, REGISTRY_MAX_FINDINGS, "further damaged records", "");
    assert_null(registry_findings(f->registry)[REGISTRY_MAX_FINDINGS + 1]);
}

/* What a registry of Confluent's wrote (older and newer forms), read here. */
static void test_reads_what_confluent_wrote(void **state)
{
    struct fixture *f = *state;
    append(f, "{\"keytype\":\"NOOP\",\"magic\":0}", NULL);
    append(f, "{\"keytype\":\"CONFIG\",\"subject\":null,\"magic\":0}", "{\"compatibilityLevel\":\"BACKWARD\"}");
    append(f, "{\"keytype\":\"SCHEMA\",\"subject\":\"old\",\"version\":1,\"magic\":0}",
           "{\"subject\":\"old\",\"version\":1,\"id\":21,\"schema\":\"\\\"int\\\"\"}");
    append(f, "{\"keytype\":\"SCHEMA\",\"subject\":\"proto\",\"version\":1,\"magic\":1}",
           "{\"subject\":\"proto\",\"version\":1,\"id\":22,\"md5\":\"abc\",\"schemaType\":\"PROTOBUF\","
           "\"schema\":\"syntax = \\\"proto3\\\";\",\"deleted\":false}");
    reopen(f);
    assert_null(registry_findings(f->registry)[0]);
    get(f, "/schemas/ids/22", "{\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax = \\\"proto3\\\";\"}");
    add(f, "old", INT_SCHEMA, 21);
    add(f, "new", LONG_SCHEMA, 23);
    expect(f, "DELETE", "/subjects/old", NULL, 200, "[1]");
    expect(f, "DELETE", "/subjects/old?permanent=true", NULL, 200, "[1]");
    expect(f, "DELETE", "/config", NULL, 200, "{\"compatibilityLevel\":\"BACKWARD\"}");
    reopen(f);
    get(f, "/subjects?deleted=true", "[\"new\",\"proto\"]");
}

/* The records as they stand in the topic. */
static void test_what_is_written(void **state)
{
    struct fixture *f = *state;
    add(f, "a", INT_SCHEMA, 1);
    expect(f, "DELETE", "/subjects/a", NULL, 200, "[1]");
    expect(f, "DELETE", "/subjects/a/versions/1?permanent=true", NULL, 200, "1");
    static const char *const expected[][2] = {
        {"{\"keytype\":\"SCHEMA\",\"subject\":\"a\",\"version\":1,\"magic\":1}",
         "{\"subject\":\"a\",\"version\":1,\"id\":1,\"schema\":\"\\\"int\\\"\",\"deleted\":false}"},
        {"{\"keytype\":\"DELETE_SUBJECT\",\"subject\":\"a\",\"magic\":0}", "{\"subject\":\"a\",\"version\":1}"},
        {"{\"keytype\":\"SCHEMA\",\"subject\":\"a\",\"version\":1,\"magic\":1}", NULL},
        {"{\"keytype\":\"NOOP\",\"magic\":0}", "{\"tributary.max.ids\":{\".\":1}}"},
    };
    struct topics_reader *reader;
    struct topics_record record;
    bool found = true;
    assert_int_equal(topics_reader_open(f->topics, STR("_schemas"), 0, TOPICS_BEGIN, &reader, NULL), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(topics_read(reader, 0, NULL, &record, &found, NULL), 0);
        assert_true(found);
        assert_true(str_is(record.key, expected[i][0]));
        assert_int_equal(record.value.ptr == NULL, expected[i][1] == NULL);
        assert_true(!expected[i][1] || str_is(record.value, expected[i][1]));
    }
    assert_int_equal(topics_read(reader, 0, NULL, &record, &found, NULL), 0);
    assert_false(found);
    topics_reader_close(reader);
}

static void test_calls_of_converters(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct arena arena = {0};
    struct registry_schema schema;
    int32_t id = 0;
    assert_int_equal(registry_register(f->registry, STR("a-value"), STR("AVRO"), STR("{\"type\":\"int\"}"), &id, &err),
                     0);
    assert_int_equal(id, 1);
    assert_int_equal(registry_by_id(f->registry, 1, &arena, &schema, &err), 0);
    assert_true(str_is(schema.schema, "\"int\""));
    assert_true(str_is(schema.type, "AVRO"));
    assert_int_equal(registry_by_id(f->registry, 2, &arena, &schema, &err), ERROR_NOT_FOUND);
    assert_string_equal(err.text, "Schema 2 not found");
    id = 77;
    assert_int_equal(registry_register(f->registry, STR("a-value"), STR("AVRO"), STR("{"), &id, &err),
                     ERROR_INVALID_SCHEMA);
    assert_int_equal(err.code, ERROR_INVALID_SCHEMA);
    assert_int_equal(registry_register(f->registry, STR(""), STR("AVRO"), STR("\"int\""), &id, NULL), ERROR_REQUEST);
    assert_int_equal(id, 77);
    arena_free(&arena);
}

enum { WRITERS = 8, ROUNDS = 25 };

struct writer {
    struct registry *registry;
    int number;
    int32_t ids[ROUNDS];
    int failures;
};

static void *write_many(void *ctx)
{
    struct writer *w = ctx;
    struct arena arena = {0};
    for (int i = 0; i < ROUNDS; i++) {
        struct registry_schema schema;
        AUTO_FREE char *subject = mem_printf("s%d", w->number);
        AUTO_FREE char *text = mem_printf("{\"type\":\"int\",\"n\":%d}", i);
        if (registry_register(w->registry, str_from(subject), STR("AVRO"), str_from(text), &w->ids[i], NULL) != 0 ||
            registry_by_id(w->registry, w->ids[i], &arena, &schema, NULL) != 0 ||
            !str_equal(schema.schema, str_from(text)))
            w->failures++;
    }
    arena_free(&arena);
    return NULL;
}

/* Whoever comes first, equal schemas get equal ids, and versions have no gaps. */
static void test_concurrent_writers(void **state)
{
    struct fixture *f = *state;
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.registry = f->registry, .number = i};
        pthread_create(&threads[i], NULL, write_many, &writers[i]);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(writers[i].failures, 0);
        assert_memory_equal(writers[i].ids, writers[0].ids, sizeof writers[0].ids);
    }
    assert_int_equal(registry_store_of(f->registry)->index.subjects.len, WRITERS);
    for (int i = 0; i < WRITERS; i++) {
        AUTO_FREE char *subject = mem_printf("s%d", i);
        assert_int_equal(index_version(&registry_store_of(f->registry)->index, str_from(subject), -1)->version, ROUNDS);
    }
    assert_int_equal(index_next_id(&registry_store_of(f->registry)->index, STR(".")), ROUNDS + 1);
}

static void test_every_route_was_called(void **state)
{
    (void)state;
    int missed = 0;
    for (const struct http_route *const *table = registry_routes; *table; table++)
        for (const struct http_route *route = *table; route->method; route++) {
            AUTO_FREE char *name = mem_printf("%s %s", route->method, route->path);
            assert_true(route->doc && *route->doc);
            if (!map_find(&called, str_from(name))) {
                print_error("never called: %s\n", name);
                missed++;
            }
        }
    map_free(&called, NULL);
    assert_int_equal(missed, 0);
}

/* ---- serving, for clients in other languages ---- */

static int serve(const char *dir)
{
    struct topics *topics = NULL;
    struct registry *registry = NULL;
    struct http_server *server = NULL;
    struct error err = {0};
    struct topics_embedded_options options = {.dir = dir, .max_bytes = 64 << 20};
    char c;
    if (topics_open_embedded(&options, &topics, &err) != 0 || registry_open(topics, &registry, &err) != 0 ||
        registry_server_start(registry, NULL, 0, &server, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("%u\n", http_server_port(server));
    fflush(stdout);
    while (read(STDIN_FILENO, &c, 1) > 0)
        ;
    http_server_stop(server);
    registry_close(registry);
    topics_close(topics);
    return 0;
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(test_empty),
        WITH_SERVER(test_registering),
        WITH_SERVER(test_content_type),
        WITH_SERVER(test_same_schema),
        WITH_SERVER(test_looking_up),
        WITH_SERVER(test_refused_requests),
        WITH_SERVER(test_deleting_versions),
        WITH_SERVER(test_deleting_subjects),
        WITH_SERVER(test_ids_are_not_given_twice),
        WITH_SERVER(test_restart_keeps_everything),
        WITH_SERVER(test_references),
        WITH_SERVER(test_attributes_are_kept),
        WITH_SERVER(test_modes),
        WITH_SERVER(test_import),
        WITH_SERVER(test_levels),
        WITH_SERVER(test_contexts),
        WITH_SERVER(test_names_with_slashes),
        WITH_SERVER(test_damaged_records_are_survived),
        WITH_SERVER(test_reads_what_confluent_wrote),
        WITH_SERVER(test_what_is_written),
        WITH_SERVER(test_calls_of_converters),
        WITH_SERVER(test_concurrent_writers),
        cmocka_unit_test(test_every_route_was_called),
    };
    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        return serve(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
