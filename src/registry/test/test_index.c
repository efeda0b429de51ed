/* Records of `_schemas`, read, written and applied. */
#include "registry/index.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void apply(struct index *x, const char *key, const char *value)
{
    struct error err = {0};
    if (index_apply(x, str_from(key), str_from(value), &err) != 0)
        fail_msg("%s: %s", key, err.text);
}

static void expect_refused(struct index *x, const char *key, const char *value, const char *part)
{
    struct error err = {0};
    assert_int_equal(index_apply(x, str_from(key), str_from(value), &err), ERROR_CORRUPT);
    if (!strstr(err.text, part))
        fail_msg("no '%s' in: %s", part, err.text);
}

static const char key_1[] = "{\"keytype\":\"SCHEMA\",\"subject\":\"s\",\"version\":1,\"magic\":1}";
static const char key_2[] = "{\"keytype\":\"SCHEMA\",\"subject\":\"s\",\"version\":2,\"magic\":1}";
static const char key_other[] = "{\"keytype\":\"SCHEMA\",\"subject\":\"t\",\"version\":1,\"magic\":1}";
static const char value_1[] = "{\"subject\":\"s\",\"version\":1,\"id\":1,\"schema\":\"\\\"int\\\"\",\"deleted\":false}";
static const char value_2[] =
    "{\"subject\":\"s\",\"version\":2,\"id\":2,\"schema\":\"\\\"long\\\"\",\"deleted\":false}";
static const char value_other[] =
    "{\"subject\":\"t\",\"version\":1,\"id\":1,\"schema\":\"\\\"int\\\"\",\"deleted\":false}";

static void test_versions_and_ids(void **state)
{
    (void)state;
    struct index x;
    index_init(&x);
    assert_int_equal(index_next_id(&x, STR(".")), 1);
    apply(&x, key_2, value_2);
    apply(&x, key_1, value_1);
    apply(&x, key_other, value_other);
    assert_int_equal(index_next_id(&x, STR(".")), 3);
    assert_int_equal(index_version(&x, STR("s"), -1)->version, 2);
    assert_int_equal(index_version(&x, STR("s"), 1)->schema->content.id, 1);
    assert_ptr_equal(index_version(&x, STR("t"), 1)->schema, index_version(&x, STR("s"), 1)->schema);
    assert_int_equal(index_schema_by_id(&x, STR("."), 1)->uses, 2);
    assert_null(index_version(&x, STR("s"), 3));
    assert_null(index_version(&x, STR("none"), -1));
    assert_null(index_schema_by_id(&x, STR("."), 7));
    assert_null(index_schema_by_id(&x, STR(".other"), 1));
    struct registry_schema asked = {.type = STR("AVRO"), .schema = STR("\"long\"")};
    assert_int_equal(index_schema_by_content(&x, STR("."), &asked)->content.id, 2);
    asked.type = STR("JSON");
    assert_null(index_schema_by_content(&x, STR("."), &asked));

    apply(&x, key_1, NULL);
    assert_int_equal(index_schema_by_id(&x, STR("."), 1)->uses, 1);
    apply(&x, key_other, NULL);
    assert_null(index_schema_by_id(&x, STR("."), 1));
    assert_null(index_subject(&x, STR("t")));
    apply(&x, key_other, NULL);
    assert_int_equal(index_next_id(&x, STR(".")), 3);
    index_release(&x);
}

static void test_deleting(void **state)
{
    (void)state;
    struct index x;
    index_init(&x);
    apply(&x, key_1, value_1);
    apply(&x, key_2, value_2);
    apply(&x, "{\"keytype\":\"DELETE_SUBJECT\",\"subject\":\"s\",\"magic\":0}", "{\"subject\":\"s\",\"version\":1}");
    assert_true(index_version(&x, STR("s"), 1)->deleted);
    assert_false(index_version(&x, STR("s"), 2)->deleted);
    apply(&x, "{\"keytype\":\"DELETE_SUBJECT\",\"subject\":\"s\",\"magic\":0}", "{\"subject\":\"s\",\"version\":2}");
    assert_false(index_has_subject(&x, STR("s"), false));
    assert_true(index_has_subject(&x, STR("s"), true));
    assert_null(index_version(&x, STR("s"), -1));
    apply(&x, key_1, value_1);
    assert_true(index_has_subject(&x, STR("s"), false));
    apply(&x, "{\"keytype\":\"DELETE_SUBJECT\",\"subject\":\"none\",\"magic\":0}",
          "{\"subject\":\"none\",\"version\":2}");
    index_release(&x);
}

static void test_contexts_have_ids_of_their_own(void **state)
{
    (void)state;
    struct index x;
    index_init(&x);
    apply(&x, key_1, value_1);
    apply(&x, "{\"keytype\":\"SCHEMA\",\"subject\":\":.c:s\",\"version\":1,\"magic\":1}",
          "{\"subject\":\":.c:s\",\"version\":1,\"id\":1,\"schema\":\"\\\"bytes\\\"\",\"deleted\":false}");
    assert_true(str_is(index_schema_by_id(&x, STR("."), 1)->content.schema, "\"int\""));
    assert_true(str_is(index_schema_by_id(&x, STR(".c"), 1)->content.schema, "\"bytes\""));
    assert_true(str_is(index_context_of(STR(":.c:s")), ".c"));
    assert_true(str_is(index_context_of(STR("s")), "."));
    index_release(&x);
}

static void test_references(void **state)
{
    (void)state;
    struct index x;
    index_init(&x);
    apply(&x, key_1, value_1);
    apply(&x, key_other,
          "{\"subject\":\"t\",\"version\":1,\"id\":9,\"references\":[{\"name\":\"n\",\"subject\":\"s\",\"version\":1}],"
          "\"schema\":\"\\\"n\\\"\",\"deleted\":false}");
    assert_non_null(index_referrer(&x, STR("s"), 1, false, STR_NULL));
    assert_null(index_referrer(&x, STR("s"), 1, false, STR("t")));
    assert_null(index_referrer(&x, STR("s"), 2, true, STR_NULL));
    apply(&x, "{\"keytype\":\"DELETE_SUBJECT\",\"subject\":\"t\",\"magic\":0}", "{\"subject\":\"t\",\"version\":1}");
    assert_null(index_referrer(&x, STR("s"), 1, false, STR_NULL));
    assert_non_null(index_referrer(&x, STR("s"), 1, true, STR_NULL));
    index_release(&x);
}

static void test_settings(void **state)
{
    (void)state;
    struct index x;
    index_init(&x);
    apply(&x, "{\"keytype\":\"MODE\",\"subject\":null,\"magic\":0}", "{\"mode\":\"READONLY\"}");
    apply(&x, "{\"keytype\":\"MODE\",\"subject\":\"s\",\"magic\":0}", "{\"subject\":\"s\",\"mode\":\"IMPORT\"}");
    apply(&x, "{\"keytype\":\"CONFIG\",\"magic\":0}", "{\"compatibilityLevel\":\"FULL\"}");
    const struct index_setting *all = map_get(&x.modes, STR(""));
    assert_int_equal(all->mode, MODE_READONLY);
    assert_true(str_is(all->key, "{\"keytype\":\"MODE\",\"subject\":null,\"magic\":0}"));
    assert_int_equal(((struct index_setting *)map_get(&x.modes, STR("s")))->mode, MODE_IMPORT);
    assert_int_equal(((struct index_setting *)map_get(&x.configs, STR("")))->config.level, LEVEL_FULL);
    apply(&x, "{\"keytype\":\"MODE\",\"subject\":\"s\",\"magic\":0}", NULL);
    assert_null(map_get(&x.modes, STR("s")));
    index_release(&x);
}

static void test_kept_but_not_used(void **state)
{
    (void)state;
    struct index x;
    index_init(&x);
    apply(&x, "{\"keytype\":\"NOOP\",\"magic\":0}", NULL);
    apply(&x, "{\"keytype\":\"NOOP\",\"magic\":0}", "anything");
    apply(&x, "{\"keytype\":\"CLEAR_SUBJECT\",\"subject\":\"s\",\"magic\":0}", "{\"subject\":\"s\"}");
    apply(&x, "{\"keytype\":\"CONTEXT\",\"tenant\":\"default\",\"context\":\".c\",\"magic\":0}", "{}");
    apply(&x, "{\"keytype\":\"OF_A_LATER_RELEASE\",\"subject\":{},\"magic\":5}", "{}");
    assert_int_equal(x.subjects.len, 0);
    index_release(&x);
}

static void test_garbage(void **state)
{
    (void)state;
    struct index x;
    index_init(&x);
    apply(&x, key_1, value_1);
    expect_refused(&x, "", NULL, "not JSON");
    expect_refused(&x, "\xff\xfe", NULL, "not JSON");
    expect_refused(&x, "[]", NULL, "not a JSON object");
    expect_refused(&x, "{}", NULL, "no \"keytype\"");
    expect_refused(&x, "{\"keytype\":1}", NULL, "\"keytype\" is not a string");
    expect_refused(&x, "{\"keytype\":\"SCHEMA\",\"magic\":1}", NULL, "no \"subject\"");
    expect_refused(&x, "{\"keytype\":\"SCHEMA\",\"subject\":\"s\",\"version\":0,\"magic\":1}", NULL, "\"version\"");
    expect_refused(&x, "{\"keytype\":\"SCHEMA\",\"subject\":\"s\",\"version\":2147483648,\"magic\":1}", NULL,
                   "\"version\"");
    expect_refused(&x, "{\"keytype\":\"SCHEMA\",\"subject\":\"s\",\"version\":1,\"magic\":2}", NULL, "magic 2");
    expect_refused(&x, key_2, "", "not JSON");
    expect_refused(&x, key_2, "{\"subject\":\"s\"}", "\"version\"");
    expect_refused(&x, key_2, "{\"subject\":\"s\",\"version\":2,\"id\":-1,\"schema\":\"x\"}", "\"id\"");
    expect_refused(&x, key_2, "{\"subject\":\"s\",\"version\":2,\"id\":2}", "no \"schema\"");
    expect_refused(&x, key_2, "{\"subject\":\"s\",\"version\":2,\"id\":2,\"schema\":{}}", "\"schema\" is not a string");
    expect_refused(&x, key_2, "{\"subject\":\"s\",\"version\":2,\"id\":2,\"schema\":\"x\",\"references\":[{}]}",
                   "reference 0: no \"subject\"");
    expect_refused(&x, key_2, "{\"subject\":\"s\",\"version\":2,\"id\":2,\"schema\":\"x\",\"references\":{}}",
                   "not an array");
    expect_refused(&x, key_2, value_1, "key and value differ");
    expect_refused(&x, key_2, "{\"subject\":\"s\",\"version\":2,\"id\":1,\"schema\":\"\\\"long\\\"\"}",
                   "its id 1 belongs to another schema");
    expect_refused(&x, "{\"keytype\":\"MODE\",\"magic\":0}", "{\"mode\":\"NONSENSE\"}", "NONSENSE");
    expect_refused(&x, "{\"keytype\":\"DELETE_SUBJECT\",\"subject\":\"s\",\"magic\":0}", "{}", "\"version\"");
    assert_int_equal(index_version(&x, STR("s"), -1)->version, 1);
    assert_int_equal(x.subjects.len, 1);
    index_release(&x);
}

/* What is read is written again byte for byte, members of later releases included. */
static void expect_rewritten(const char *value)
{
    struct arena arena = {0};
    struct buf out = {0};
    struct error err = {0};
    struct registry_schema schema;
    if (record_schema_read(str_from(value), &arena, &schema, &err) != 0)
        fail_msg("%s", err.text);
    record_schema_write(&schema, &out);
    assert_string_equal(buf_cstr(&out), value);
    buf_free(&out);
    arena_free(&arena);
}

static void test_writing(void **state)
{
    (void)state;
    expect_rewritten(value_1);
    expect_rewritten("{\"subject\":\"s\",\"version\":2,\"id\":100001,\"md5\":\"x==\",\"schemaType\":\"PROTOBUF\","
                     "\"references\":[{\"name\":\"a.proto\",\"subject\":\"a\",\"version\":1}],"
                     "\"metadata\":{\"properties\":{\"owner\":\"ä\"}},\"ruleSet\":{\"domainRules\":[]},"
                     "\"schema\":\"syntax = \\\"proto3\\\";\",\"deleted\":true}");
    struct buf out = {0};
    record_key_write(&(struct record_key){.type = RECORD_SCHEMA, .subject = STR("a\"b"), .version = 3}, &out);
    assert_string_equal(buf_cstr(&out), "{\"keytype\":\"SCHEMA\",\"subject\":\"a\\\"b\",\"version\":3,\"magic\":1}");
    buf_clear(&out);
    record_key_write(&(struct record_key){.type = RECORD_CONFIG}, &out);
    record_mode_write(STR_NULL, MODE_READONLY, &out);
    record_mode_write(STR("s"), MODE_IMPORT, &out);
    record_config_write(STR("s"), &(struct registry_config){.level = LEVEL_NONE}, &out);
    record_delete_write(STR("s"), 3, &out);
    assert_string_equal(buf_cstr(&out),
                        "{\"keytype\":\"CONFIG\",\"magic\":0}{\"mode\":\"READONLY\"}"
                        "{\"subject\":\"s\",\"mode\":\"IMPORT\"}{\"subject\":\"s\",\"compatibilityLevel\":\"NONE\"}"
                        "{\"subject\":\"s\",\"version\":3}");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions_and_ids),
        cmocka_unit_test(test_deleting),
        cmocka_unit_test(test_contexts_have_ids_of_their_own),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_kept_but_not_used),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
