/*
 * What the tests of transforms share: records as JSON, in and out, and a plug-in opened with settings given as JSON.
 *
 * A record is {"topic","partition","timestamp","key","value","headers"}, each of them optional; a key or value is null
 * or {"schema","payload"} as JsonConverter writes it with replace.null.with.default=false, a header
 * {"key","schema","payload"}.
 */
#ifndef TRANSFORMS_TEST_BENCH_H
#define TRANSFORMS_TEST_BENCH_H

#include "api/plugins.h"
#include "base/mem.h"
#include "wire/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct json_options plain = {.keep_nulls = true};

struct bench {
    struct arena arena; /* of the text that was read */
    struct batch batch;
    struct buf out;
};

static inline const struct value *member(const struct value *map, const char *name)
{
    static const struct value none = {.type = VALUE_NULL};
    const struct value *v = map->type == VALUE_MAP ? value_map_get(map, str_from(name)) : NULL;
    return v ? v : &none;
}

static inline int read_data(struct bench *b, const struct value *data, const struct schema **ret_schema,
                            struct value *ret, struct error *err)
{
    *ret_schema = NULL;
    *ret = value_null();
    if (value_is_null(data))
        return 0;
    int rc = json_read_schema(member(data, "schema"), ret_schema, err);
    if (rc)
        return rc;
    batch_hold(&b->batch, *ret_schema);
    schema_unref(*ret_schema);
    return json_to_connect_as(*ret_schema, member(data, "payload"), &plain, &b->batch.arena, ret, err);
}

static inline int read_record(struct bench *b, const struct value *json, struct error *err)
{
    struct record *r = batch_add(&b->batch);
    const struct value *partition = member(json, "partition"), *timestamp = member(json, "timestamp");
    const struct value *headers = member(json, "headers");
    r->topic = arena_str(&b->batch.arena, value_as_str(member(json, "topic")));
    r->partition = partition->type == VALUE_INT64 ? (int32_t)partition->i : RECORD_NO_PARTITION;
    r->timestamp = timestamp->type == VALUE_INT64 ? timestamp->i : RECORD_NO_TIMESTAMP;
    int rc = read_data(b, member(json, "key"), &r->key_schema, &r->key, err);
    if (!rc)
        rc = read_data(b, member(json, "value"), &r->value_schema, &r->value, err);
    r->n_headers = headers->type == VALUE_ARRAY ? headers->len : 0;
    r->headers = arena_zalloc(&b->batch.arena, r->n_headers * sizeof *r->headers + 1);
    for (uint32_t i = 0; i < r->n_headers && !rc; i++) {
        r->headers[i].key = value_as_str(member(&headers->items[i], "key"));
        rc = read_data(b, &headers->items[i], &r->headers[i].schema, &r->headers[i].value, err);
    }
    return rc;
}

/* {"schema":...,"payload":...}, with `key` in front for a header; null for a null without schema, but for a header. */
static inline int write_data(struct buf *out, struct str key, const struct schema *schema, const struct value *v,
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

static inline int write_record(const struct record *r, struct buf *out, struct error *err)
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

static inline void write_error(struct buf *out, const struct error *err)
{
    buf_add_literal(out, "{\"error\":");
    json_write_string(out, str_from(err->text));
    buf_add_char(out, '}');
}

struct opened {
    struct config raw;
    void *parsed;
};

static inline int parse_config(const struct plugin_info *info, const struct value *settings, struct opened *o,
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

static inline void close_config(struct opened *o)
{
    free(o->parsed);
    config_release(&o->raw);
}

static inline void bench_init(struct bench *b)
{
    *b = (struct bench){0};
    batch_init(&b->batch);
}

static inline void bench_release(struct bench *b)
{
    batch_release(&b->batch);
    arena_free(&b->arena);
    buf_free(&b->out);
}

/* A transform opened with those settings; its configuration is gone by then, for it keeps what it needs. */
static inline int open_transform(const struct transform_plugin *plugin, enum transform_target target,
                                 const struct value *settings, struct transform **ret, struct error *err)
{
    struct opened o;
    int rc = parse_config(&plugin->info, settings, &o, err);
    if (!rc)
        rc = plugin->open(&(struct plugin_config){o.parsed, &o.raw}, target, ret, err);
    close_config(&o);
    return rc;
}

static inline int open_predicate(const struct predicate_plugin *plugin, const struct value *settings,
                                 struct predicate **ret, struct error *err)
{
    struct opened o;
    int rc = parse_config(&plugin->info, settings, &o, err);
    if (!rc)
        rc = plugin->open(&(struct plugin_config){o.parsed, &o.raw}, ret, err);
    close_config(&o);
    return rc;
}

/* Each record by itself, so that one that fails does not keep the others from their turn. */
static inline void transform_records(struct bench *b, const struct transform_plugin *plugin, struct transform *t)
{
    for (size_t i = 0; i < b->batch.len; i++) {
        bool drop = false;
        size_t at = SIZE_MAX;
        struct error err = {0};
        buf_add_cstr(&b->out, i ? "," : "");
        size_t start = b->out.len;
        int rc = plugin->apply(t, &b->batch, i, i + 1, &drop, &at, &err);
        if (rc)
            assert_int_equal(at, i);
        else if (drop)
            buf_add_literal(&b->out, "null");
        else
            rc = write_record(&b->batch.records[i], &b->out, &err);
        if (rc) {
            b->out.len = start;
            write_error(&b->out, &err);
        }
    }
}

/* In the texts of tests ' stands for ", and ` for '. */
static inline struct str test_text(struct bench *b, const char *text)
{
    struct str s = arena_cstr(&b->arena, text);
    for (char *p = (char *)s.ptr; *p; p++)
        if (*p == '\'' || *p == '`')
            *p = *p == '`' ? '\'' : '"';
    return s;
}

static inline const struct value *read_json(struct bench *b, const char *text)
{
    struct value *v = arena_new(&b->arena, struct value);
    struct error err;
    if (json_read_exact(test_text(b, text), &b->arena, v, &err))
        fail_msg("%s: %s", text, err.text);
    return v;
}

/* A schema in short: struct<Name 2>{a:int8?=5,b:string}, array[int32], map[string:int8]; "none". */
static inline void describe(const struct schema *s, struct buf *out)
{
    if (!s) {
        buf_add_literal(out, "none");
        return;
    }
    buf_add_cstr(out, schema_type_name((enum schema_type)s->type));
    if (s->name.ptr || s->version != SCHEMA_NO_VERSION)
        buf_printf(out, "<" STR_FMT " %d>", STR_ARG(s->name), s->version);
    for (uint32_t i = 0; i < s->n_fields; i++) {
        buf_printf(out, "%s" STR_FMT ":", i ? "," : "{", STR_ARG(s->fields[i].name));
        describe(s->fields[i].schema, out);
    }
    if (s->type == SCHEMA_STRUCT)
        buf_add_cstr(out, s->n_fields ? "}" : "{}");
    if (s->value_schema) {
        buf_add_char(out, '[');
        if (s->key_schema) {
            describe(s->key_schema, out);
            buf_add_char(out, ':');
        }
        describe(s->value_schema, out);
        buf_add_char(out, ']');
    }
    buf_add_cstr(out, s->optional ? "?" : "");
    buf_add_cstr(out, s->doc.ptr ? "#" : "");
    for (uint32_t i = 0; i < s->n_params; i++)
        buf_printf(out, "(" STR_FMT "=" STR_FMT ")", STR_ARG(s->params[i].key), STR_ARG(s->params[i].value));
    if (s->has_default) {
        struct json_plan *plan;
        assert_int_equal(json_plan_new(s, &plain, &plan, NULL), 0);
        buf_add_char(out, '=');
        assert_int_equal(json_write_plan(plan, &s->default_value, out, NULL), 0);
        json_plan_free(plan);
    }
}

/* What the transform makes of an array of records: an array of records, null for one that is dropped and
 * {"error":TEXT}; or {"error":TEXT} when the settings are refused. In b->out, which it clears first. */
static inline const char *transformed(struct bench *b, const struct transform_plugin *plugin,
                                      enum transform_target target, const char *settings, const char *records)
{
    struct transform *t;
    struct error err;
    const struct value *list = read_json(b, records);
    buf_clear(&b->out);
    batch_reset(&b->batch);
    for (size_t i = 0; i < list->len; i++)
        if (read_record(b, &list->items[i], &err))
            fail_msg("%s: %s", records, err.text);
    if (open_transform(plugin, target, read_json(b, settings), &t, &err)) {
        write_error(&b->out, &err);
    } else {
        buf_add_char(&b->out, '[');
        transform_records(b, plugin, t);
        buf_add_char(&b->out, ']');
        plugin->close(t);
    }
    return buf_cstr(&b->out);
}

static inline int write_payload(const struct schema *schema, const struct value *v, struct buf *out, struct error *err)
{
    struct json_plan *plan = NULL;
    int rc = schema ? json_plan_new(schema, &plain, &plan, err) : json_write_value(v, out, err);
    if (plan)
        rc = json_write_plan(plan, v, out, err);
    json_plan_free(plan);
    return rc;
}

/* One record of topic "t" at 2020-02-02T13:31:12.065Z, with that value ({"schema","payload"}, or null) and no key:
 * expected is what its value becomes, "PAYLOAD | SCHEMA" with the schema as describe has it, or an error's text. */
static inline void value_becomes(const struct transform_plugin *plugin, const char *settings, const char *value,
                                 const char *expected)
{
    struct bench b;
    struct transform *t;
    struct error err;
    bench_init(&b);
    struct record *r = batch_add(&b.batch);
    r->topic = STR("t");
    r->timestamp = 1580650272065;
    if (read_data(&b, read_json(&b, value), &r->value_schema, &r->value, &err))
        fail_msg("%s: %s", value, err.text);
    size_t at = 7;
    bool drop = false;
    int rc =
        open_transform(plugin, plugin->keyed ? TRANSFORM_VALUE : TRANSFORM_WHOLE, read_json(&b, settings), &t, &err);
    if (!rc) {
        rc = plugin->apply(t, &b.batch, 0, 1, &drop, &at, &err);
        assert_int_equal(at, rc ? 0 : 7);
        if (!rc)
            rc = write_payload(r->value_schema, &r->value, &b.out, &err);
        buf_add_literal(&b.out, " | ");
        describe(r->value_schema, &b.out);
        plugin->close(t);
    }
    if (rc) {
        buf_clear(&b.out);
        buf_add_cstr(&b.out, err.text);
    }
    assert_string_equal(buf_cstr(&b.out), test_text(&b, expected).ptr);
    bench_release(&b);
}

#endif
