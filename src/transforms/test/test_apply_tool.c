/*
 * Applies a transform or a predicate to records given as JSON: with --filter a program that
 * tests/integration/test_transforms_java.py talks to, else a check of itself.
 *
 *     {"class":"Cast$Value","config":{"spec":"a:int8"},"records":[RECORD,...]}
 *     {"predicate":"RecordIsTombstone","config":{},"records":[RECORD,...]}
 *
 * RECORD is {"topic","partition","timestamp","key","value","headers"}, a key or value null or {"schema","payload"} as
 * JsonConverter writes it with replace.null.with.default=false, a header {"key","schema","payload"}. The answer is
 * {"results":[...]}, for each record the record, null when it was dropped, or {"error":TEXT}; or {"error":TEXT} when
 * the configuration is refused.
 */
// link: plugins
#include "api/plugins.h"
#include "base/mem.h"
#include "wire/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct json_options plain = {.keep_nulls = true};

struct tool {
    struct arena arena; /* of the line's text */
    struct batch batch;
    struct buf out;
};

static void *known(const char *kind, struct str name)
{
    AUTO_BUF class = {0};
    buf_printf(&class, "org.apache.kafka.connect.transforms.%s" STR_FMT, kind, STR_ARG(name));
    enum transform_target target;
    return (void *)(kind[0] ? (const void *)plugins_predicate(&plugins_all, buf_str(&class))
                            : (const void *)plugins_transform(&plugins_all, buf_str(&class), &target));
}

static const struct value *member(const struct value *map, const char *name)
{
    static const struct value none = {.type = VALUE_NULL};
    const struct value *v = map->type == VALUE_MAP ? value_map_get(map, str_from(name)) : NULL;
    return v ? v : &none;
}

static int read_data(struct tool *tool, const struct value *data, const struct schema **ret_schema, struct value *ret,
                     struct error *err)
{
    *ret_schema = NULL;
    *ret = value_null();
    if (value_is_null(data))
        return 0;
    int rc = json_read_schema(member(data, "schema"), ret_schema, err);
    if (rc)
        return rc;
    batch_hold(&tool->batch, *ret_schema);
    schema_unref(*ret_schema);
    return json_to_connect_as(*ret_schema, member(data, "payload"), &plain, &tool->batch.arena, ret, err);
}

static int read_record(struct tool *tool, const struct value *json, struct error *err)
{
    struct record *r = batch_add(&tool->batch);
    const struct value *partition = member(json, "partition"), *timestamp = member(json, "timestamp");
    const struct value *headers = member(json, "headers");
    r->topic = arena_str(&tool->batch.arena, value_as_str(member(json, "topic")));
    r->partition = partition->type == VALUE_INT64 ? (int32_t)partition->i : RECORD_NO_PARTITION;
    r->timestamp = timestamp->type == VALUE_INT64 ? timestamp->i : RECORD_NO_TIMESTAMP;
    int rc = read_data(tool, member(json, "key"), &r->key_schema, &r->key, err);
    if (!rc)
        rc = read_data(tool, member(json, "value"), &r->value_schema, &r->value, err);
    r->n_headers = headers->type == VALUE_ARRAY ? headers->len : 0;
    r->headers = arena_zalloc(&tool->batch.arena, r->n_headers * sizeof *r->headers + 1);
    for (uint32_t i = 0; i < r->n_headers && !rc; i++) {
        r->headers[i].key = value_as_str(member(&headers->items[i], "key"));
        rc = read_data(tool, &headers->items[i], &r->headers[i].schema, &r->headers[i].value, err);
    }
    return rc;
}

/* {"schema":...,"payload":...}, with `key` in front for a header; null for a null without schema, but for a header. */
static int write_data(struct buf *out, struct str key, const struct schema *schema, const struct value *v,
                      struct error *err)
{
    if (!schema && value_is_null(v) && !key.ptr) {
        buf_add_literal(out, "null");
        return 0;
    }
    buf_add_char(out, '{');
    if (key.ptr) {
        buf_add_literal(out, "\"key\":");
        json_write_string(out, key);
        buf_add_char(out, ',');
    }
    buf_add_literal(out, "\"schema\":");
    json_write_schema_as(schema, &plain, out);
    buf_add_literal(out, ",\"payload\":");
    struct json_plan *plan = NULL;
    int rc = schema ? json_plan_new(schema, &plain, &plan, err) : json_write_value(v, out, err);
    if (plan)
        rc = json_write_plan(plan, v, out, err);
    json_plan_free(plan);
    buf_add_char(out, '}');
    return rc;
}

static int write_record(const struct record *r, struct buf *out, struct error *err)
{
    buf_add_literal(out, "{\"topic\":");
    json_write_string(out, r->topic);
    if (r->partition == RECORD_NO_PARTITION)
        buf_add_literal(out, ",\"partition\":null");
    else
        buf_printf(out, ",\"partition\":%d", r->partition);
    if (r->timestamp == RECORD_NO_TIMESTAMP)
        buf_add_literal(out, ",\"timestamp\":null");
    else
        buf_printf(out, ",\"timestamp\":%lld", (long long)r->timestamp);
    buf_add_literal(out, ",\"key\":");
    int rc = write_data(out, STR_NULL, r->key_schema, &r->key, err);
    buf_add_literal(out, ",\"value\":");
    if (!rc)
        rc = write_data(out, STR_NULL, r->value_schema, &r->value, err);
    buf_add_literal(out, ",\"headers\":[");
    for (uint32_t i = 0; i < r->n_headers && !rc; i++) {
        buf_add_cstr(out, i ? "," : "");
        rc = write_data(out, r->headers[i].key, r->headers[i].schema, &r->headers[i].value, err);
    }
    buf_add_literal(out, "]}");
    return rc;
}

static void write_error(struct buf *out, const struct error *err)
{
    buf_add_literal(out, "{\"error\":");
    json_write_string(out, str_from(err->text));
    buf_add_char(out, '}');
}

struct opened {
    struct config raw;
    void *parsed;
};

static int parse_config(const struct plugin_info *info, const struct value *settings, struct opened *o,
                        struct error *err)
{
    struct findings findings;
    findings_init(&findings);
    config_init(&o->raw);
    o->parsed = mem_zalloc(info->config_size);
    for (size_t i = 0; settings->type == VALUE_MAP && i < settings->len; i++)
        config_set(&o->raw, value_as_str(&settings->items[2 * i]), value_as_str(&settings->items[2 * i + 1]));
    config_parse(info->properties, &o->raw, o->parsed, &findings);
    int rc = findings_error(&findings, err);
    findings_release(&findings);
    return rc;
}

static void close_config(struct opened *o)
{
    free(o->parsed);
    config_release(&o->raw);
}

/* Each record by itself, so that one that fails does not keep the others from their turn. */
static void transform_records(struct tool *tool, const struct transform_plugin *plugin, struct transform *t)
{
    for (size_t i = 0; i < tool->batch.len; i++) {
        bool drop = false;
        size_t at = SIZE_MAX;
        struct error err = {0};
        buf_add_cstr(&tool->out, i ? "," : "");
        size_t start = tool->out.len;
        int rc = plugin->apply(t, &tool->batch, i, i + 1, &drop, &at, &err);
        if (rc)
            assert_int_equal(at, i);
        else if (drop)
            buf_add_literal(&tool->out, "null");
        else
            rc = write_record(&tool->batch.records[i], &tool->out, &err);
        if (rc) {
            tool->out.len = start;
            write_error(&tool->out, &err);
        }
    }
}

static int run_transform(struct tool *tool, const struct value *line, struct error *err)
{
    struct str name = value_as_str(member(line, "class")), suffix;
    const struct transform_plugin *plugin = known("", name);
    enum transform_target target = TRANSFORM_WHOLE;
    str_split(name, '$', &suffix);
    if (suffix.ptr)
        target = str_is(suffix, "Key") ? TRANSFORM_KEY : TRANSFORM_VALUE;
    if (!plugin)
        return plugins_unknown(&plugins_all, "transform", name, err);
    struct opened o;
    struct transform *t = NULL;
    int rc = parse_config(&plugin->info, member(line, "config"), &o, err);
    if (!rc)
        rc = plugin->open(&(struct plugin_config){o.parsed, &o.raw}, target, &t, err);
    close_config(&o); /* a transform keeps what it needs */
    if (!rc) {
        transform_records(tool, plugin, t);
        plugin->close(t);
    }
    return rc;
}

static int run_predicate(struct tool *tool, const struct value *line, struct error *err)
{
    struct str name = value_as_str(member(line, "predicate"));
    const struct predicate_plugin *plugin = known("predicates.", name);
    if (!plugin)
        return plugins_unknown(&plugins_all, "predicate", name, err);
    struct opened o;
    struct predicate *p = NULL;
    int rc = parse_config(&plugin->info, member(line, "config"), &o, err);
    if (!rc)
        rc = plugin->open(&(struct plugin_config){o.parsed, &o.raw}, &p, err);
    close_config(&o);
    for (size_t i = 0; !rc && i < tool->batch.len; i++)
        buf_printf(&tool->out, "%s%s", i ? "," : "", plugin->test(p, &tool->batch.records[i]) ? "true" : "false");
    if (!rc)
        plugin->close(p);
    return rc;
}

static void run_line(struct tool *tool, struct str text)
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

static void tool_release(struct tool *tool)
{
    batch_release(&tool->batch);
    arena_free(&tool->arena);
    buf_free(&tool->out);
}

static int filter_stdin(void)
{
    struct tool tool = {0};
    batch_init(&tool.batch);
    char *line = NULL;
    size_t room = 0;
    for (ssize_t n; (n = getline(&line, &room, stdin)) > 0;) {
        run_line(&tool, str_trim(str_of(line, (size_t)n)));
        printf(STR_FMT "\n", STR_ARG(buf_str(&tool.out)));
    }
    free(line);
    tool_release(&tool);
    return 0;
}

static void answers(const char *line, const char *expected)
{
    struct tool tool = {0};
    batch_init(&tool.batch);
    run_line(&tool, str_from(line));
    assert_string_equal(buf_cstr(&tool.out), expected);
    tool_release(&tool);
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
    struct tool tool = {0};
    run_line(&tool, STR("{"));
    assert_non_null(strstr(buf_cstr(&tool.out), "{\"error\":"));
    tool_release(&tool);
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
