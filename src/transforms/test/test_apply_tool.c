/*
 * Applies a transform or a predicate to records given as JSON: with --filter a program that
 * tests/integration/test_transforms_java.py talks to, else a check of itself.
 *
 *     {"class":"Cast$Value","config":{"spec":"a:int8"},"records":[RECORD,...]}
 *     {"class":"io.debezium.transforms.ExtractNewRecordState","config":{},"records":[RECORD,...]}
 *     {"predicate":"RecordIsTombstone","config":{},"records":[RECORD,...]}
 *
 * RECORD is as bench.h has it. The answer is {"results":[...]}, for each record the record, null when it was dropped,
 * or {"error":TEXT}; or {"error":TEXT} when the configuration is refused.
 */
// link: plugins
#include <stdio.h>

#include "transforms/test/bench.h"

static struct str full_name(struct bench *tool, const char *package, struct str name)
{
    if (str_find(name, '.') < name.len)
        return name;
    return arena_printf(&tool->arena, "org.apache.kafka.connect.transforms.%s" STR_FMT, package, STR_ARG(name));
}

static int run_transform(struct bench *tool, const struct value *line, struct error *err)
{
    struct str name = value_as_str(member(line, "class"));
    enum transform_target target;
    const struct transform_plugin *plugin = plugins_transform(&plugins_all, full_name(tool, "", name), &target);
    if (!plugin)
        return plugins_unknown(&plugins_all, "transform", name, err);
    struct transform *t = NULL;
    int rc = open_transform(plugin, target, member(line, "config"), &t, err);
    if (!rc) {
        transform_records(tool, plugin, t);
        plugin->close(t);
    }
    return rc;
}

static int run_predicate(struct bench *tool, const struct value *line, struct error *err)
{
    struct str name = value_as_str(member(line, "predicate"));
    const struct predicate_plugin *plugin = plugins_predicate(&plugins_all, full_name(tool, "predicates.", name));
    if (!plugin)
        return plugins_unknown(&plugins_all, "predicate", name, err);
    struct predicate *p = NULL;
    int rc = open_predicate(plugin, member(line, "config"), &p, err);
    for (size_t i = 0; !rc && i < tool->batch.len; i++)
        buf_printf(&tool->out, "%s%s", i ? "," : "", plugin->test(p, &tool->batch.records[i]) ? "true" : "false");
    if (!rc)
        plugin->close(p);
    return rc;
}

static void run_line(struct bench *tool, struct str text)
{
    struct value line;
    struct error err = {0};
    buf_clear(&tool->out);
    arena_reset(&tool->arena);
    batch_reset(&tool->batch);
    int rc = json_read_exact(text, &tool->arena, &line, &err);
    const struct value *records = rc ? NULL : member(&line, "records");
    for (size_t i = 0; !rc && records->type == VALUE_ARRAY && i < records->len; i++)
        rc = read_record(tool, &records->items[i], &err);
    buf_add_literal(&tool->out, "{\"results\":[");
    if (!rc)
        rc = value_is_null(member(&line, "predicate")) ? run_transform(tool, &line, &err)
                                                       : run_predicate(tool, &line, &err);
    buf_add_literal(&tool->out, "]}");
    if (rc) {
        buf_clear(&tool->out);
        write_error(&tool->out, &err);
    }
}

static int filter_stdin(void)
{
    struct bench tool;
    bench_init(&tool);
    char *line = NULL;
    size_t room = 0;
    for (ssize_t n; (n = getline(&line, &room, stdin)) > 0;) {
        run_line(&tool, str_trim(str_of(line, (size_t)n)));
        printf(STR_FMT "\n", STR_ARG(buf_str(&tool.out)));
    }
    free(line);
    bench_release(&tool);
    return 0;
}

static void answers(const char *line, const char *expected)
{
    struct bench tool;
    bench_init(&tool);
    run_line(&tool, str_from(line));
    assert_string_equal(buf_cstr(&tool.out), expected);
    bench_release(&tool);
}

static void test_transform(void **state)
{
    (void)state;
    answers(
        "{\"class\":\"ReplaceField$Value\",\"config\":{\"renames\":\"a:b\"},\"records\":[{\"topic\":\"t\",\"value\":"
        "{\"schema\":null,\"payload\":{\"a\":1.5,\"x\":null}}},{\"topic\":\"t\",\"value\":{\"schema\":null,"
        "\"payload\":7}}]}",
        "{\"results\":[{\"topic\":\"t\",\"partition\":null,\"timestamp\":null,\"key\":null,\"value\":{\"schema\":"
        "null,\"payload\":{\"b\":1.5,\"x\":null}},\"headers\":[]},{\"error\":\"topic \\\"t\\\": Only Map objects "
        "supported in absence of schema for [field replacement], found: java.lang.Long\"}]}");
    answers("{\"class\":\"Filter\",\"records\":[{\"topic\":\"t\"}]}", "{\"results\":[null]}");
}

static void test_predicate(void **state)
{
    (void)state;
    answers(
        "{\"predicate\":\"RecordIsTombstone\",\"records\":[{\"topic\":\"t\"},{\"topic\":\"t\",\"value\":{\"schema\":"
        "{\"type\":\"int8\",\"optional\":false},\"payload\":1}}]}",
        "{\"results\":[true,false]}");
}

static void test_refused(void **state)
{
    (void)state;
    answers("{\"class\":\"NoSuch\",\"records\":[]}",
            "{\"error\":\"transform class \\\"NoSuch\\\" is not known; the nearest is "
            "org.apache.kafka.connect.transforms.Cast$Value (or $Key); `tributary plugins` lists all\"}");
    struct bench tool;
    bench_init(&tool);
    run_line(&tool, STR("{"));
    assert_non_null(strstr(buf_cstr(&tool.out), "{\"error\":"));
    bench_release(&tool);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--filter") == 0)
        return filter_stdin();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transform),
        cmocka_unit_test(test_predicate),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
