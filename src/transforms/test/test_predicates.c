/* The predicates, and the tables of all properties of this room. */
#include "transforms/test/bench.h"

extern const struct predicate_plugin record_is_tombstone, has_header_key, topic_name_matches;
extern const struct transform_plugin cast_transform, drop_headers, filter_transform, flatten_transform, header_from,
    hoist_field, insert_field, insert_header, mask_field, regex_router, replace_field, set_schema_metadata,
    timestamp_converter, timestamp_router;

static bool holds(const struct predicate_plugin *plugin, const char *settings, const char *record)
{
    struct bench b;
    struct predicate *p;
    struct error err;
    bench_init(&b);
    assert_int_equal(read_record(&b, read_json(&b, record), &err), 0);
    if (open_predicate(plugin, read_json(&b, settings), &p, &err))
        fail_msg("%s", err.text);
    bool result = plugin->test(p, &b.batch.records[0]);
    assert_int_equal(plugin->test(p, &b.batch.records[0]), result);
    plugin->close(p);
    bench_release(&b);
    return result;
}

static void refused(const struct predicate_plugin *plugin, const char *settings, const char *expected)
{
    struct bench b;
    struct predicate *p;
    struct error err;
    bench_init(&b);
    assert_int_equal(open_predicate(plugin, read_json(&b, settings), &p, &err), ERROR_CONFIG);
    if (!strstr(err.text, expected))
        fail_msg("\"%s\" does not say \"%s\"", err.text, expected);
    bench_release(&b);
}

static void test_tombstone(void **state)
{
    (void)state;
    assert_true(holds(&record_is_tombstone, "{}", "{'topic':'t','key':{'schema':null,'payload':1}}"));
    assert_true(
        holds(&record_is_tombstone, "{}", "{'value':{'schema':{'type':'int8','optional':true},'payload':null}}"));
    assert_false(holds(&record_is_tombstone, "{}", "{'value':{'schema':null,'payload':0}}"));
}

static void test_header(void **state)
{
    (void)state;
    const char *record = "{'headers':[{'key':'a','schema':null,'payload':1},{'key':'b','schema':null,'payload':null}]}";
    assert_true(holds(&has_header_key, "{'name':'b'}", record));
    assert_false(holds(&has_header_key, "{'name':'B'}", record));
    assert_false(holds(&has_header_key, "{'name':'b'}", "{}"));
    refused(&has_header_key, "{}", "\"name\"");
}

static void test_topic(void **state)
{
    (void)state;
    assert_true(holds(&topic_name_matches, "{'pattern':'a.*'}", "{'topic':'abc'}"));
    assert_false(holds(&topic_name_matches, "{'pattern':'a'}", "{'topic':'abc'}"));
    assert_true(holds(&topic_name_matches, "{'pattern':'x|abc'}", "{'topic':'abc'}"));
    refused(&topic_name_matches, "{'pattern':'['}", "not a regular expression");
    refused(&topic_name_matches, "{'pattern':''}", "pattern");
}

static void check_table(const struct plugin_info *info)
{
    struct findings findings;
    findings_init(&findings);
    property_check_table(info->properties, &findings);
    for (size_t i = 0; i < findings.items.len; i++)
        fail_msg("%s: %s", info->classes[0], findings.items.items[i].text.ptr);
    findings_release(&findings);
    assert_string_equal(info->version, "3.9.1");
    assert_non_null(info->doc);
    assert_non_null(info->title);
}

static void test_tables(void **state)
{
    (void)state;
    static const struct transform_plugin *const transforms[] = {
        &cast_transform, &drop_headers,        &filter_transform,    &flatten_transform, &header_from,
        &hoist_field,    &insert_field,        &insert_header,       &mask_field,        &regex_router,
        &replace_field,  &set_schema_metadata, &timestamp_converter, &timestamp_router};
    static const struct predicate_plugin *const predicates[] = {&record_is_tombstone, &has_header_key,
                                                                &topic_name_matches};
    for (size_t i = 0; i < sizeof transforms / sizeof *transforms; i++)
        check_table(&transforms[i]->info);
    for (size_t i = 0; i < sizeof predicates / sizeof *predicates; i++)
        check_table(&predicates[i]->info);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tombstone),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_topic),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
