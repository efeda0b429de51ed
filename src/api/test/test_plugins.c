#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/plugins.h"

static const char *const jdbc_classes[] = {"io.confluent.connect.jdbc.JdbcSourceConnector", "jdbc", NULL};
static const char *const json_classes[] = {"org.apache.kafka.connect.json.JsonConverter", "json", NULL};
static const char *const extract_classes[] = {"org.apache.kafka.connect.transforms.ExtractField", NULL};
static const char *const filter_classes[] = {"org.apache.kafka.connect.transforms.Filter", NULL};
static const char *const tombstone_classes[] = {"org.apache.kafka.connect.transforms.predicates.RecordIsTombstone",
                                                NULL};
static const struct predicate_plugin tombstone = {.info = {.classes = tombstone_classes}};
static const struct source_plugin jdbc = {.info = {.classes = jdbc_classes}};
static const struct converter_plugin json = {.info = {.classes = json_classes}};
static const struct transform_plugin extract = {.info = {.classes = extract_classes}, .keyed = true};
static const struct transform_plugin filter = {.info = {.classes = filter_classes}};
static const struct plugins some = {
    .sources = (const struct source_plugin *const[]){&jdbc, NULL},
    .transforms = (const struct transform_plugin *const[]){&extract, &filter, NULL},
    .converters = (const struct converter_plugin *const[]){&json, NULL},
    .predicates = (const struct predicate_plugin *const[]){&tombstone, NULL},
};

static void by_any_name(void **state)
{
    (void)state;
    assert_ptr_equal(plugins_source(&some, STR("jdbc")), &jdbc);
    assert_ptr_equal(plugins_source(&some, str_from(jdbc_classes[0])), &jdbc);
    assert_null(plugins_source(&some, STR("")));
    assert_ptr_equal(plugins_converter(&some, STR("json")), &json);
    assert_null(plugins_converter(&some, STR("jdbc")));
    assert_null(plugins_sink(&some, STR("topics")));
    assert_ptr_equal(plugins_predicate(&some, str_from(tombstone_classes[0])), &tombstone);
    assert_null(plugins_predicate(&some, STR("org.apache.kafka.connect.transforms.Filter")));
    const struct plugins none = {.sources = NULL};
    assert_null(plugins_predicate(&none, STR("x")));
    assert_null(plugins_transform(&none, STR("x"), &(enum transform_target){0}));
}

static void keyed_transforms(void **state)
{
    (void)state;
    enum transform_target target = TRANSFORM_WHOLE;
    struct str base = STR("org.apache.kafka.connect.transforms.ExtractField");
    assert_null(plugins_transform(&some, base, &target));
    assert_ptr_equal(plugins_transform(&some, STR("org.apache.kafka.connect.transforms.ExtractField$Key"), &target),
                     &extract);
    assert_int_equal(target, TRANSFORM_KEY);
    plugins_transform(&some, STR("org.apache.kafka.connect.transforms.ExtractField$Value"), &target);
    assert_int_equal(target, TRANSFORM_VALUE);
    assert_null(plugins_transform(&some, STR("org.apache.kafka.connect.transforms.ExtractField$Other"), &target));
    assert_null(plugins_transform(&some, STR("org.apache.kafka.connect.transforms.Filter$Key"), &target));
    assert_ptr_equal(plugins_transform(&some, STR("org.apache.kafka.connect.transforms.Filter"), &target), &filter);
    assert_int_equal(target, TRANSFORM_WHOLE);
}

static void unknown_names_the_nearest(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(plugins_unknown(&some, "source", STR("io.confluent.connect.jdbc.JdbcSinkConnector"), &err),
                     ERROR_CONFIG);
    assert_string_equal(err.text,
                        "source class \"io.confluent.connect.jdbc.JdbcSinkConnector\" is not known; the "
                        "nearest is io.confluent.connect.jdbc.JdbcSourceConnector; `tributary plugins` lists all");
    plugins_unknown(&some, "transform", STR("ExtractFields$Value"), &err);
    assert_non_null(strstr(err.text, "ExtractField$Value (or $Key)"));
    plugins_unknown(&some, "sink", STR("x"), &err);
    assert_string_equal(err.text, "sink class \"x\" is not known; `tributary plugins` lists all");
    plugins_unknown(&some, "predicate", STR("RecordIsTomstone"), &err);
    assert_string_equal(err.text, "predicate class \"RecordIsTomstone\" is not known; the nearest is "
                                  "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone; "
                                  "`tributary plugins` lists all");
    char text[3000];
    memset(text, 'x', sizeof text);
    assert_int_equal(plugins_unknown(&some, "converter", str_of(text, sizeof text), &err), ERROR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_any_name),
        cmocka_unit_test(keyed_transforms),
        cmocka_unit_test(unknown_names_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
