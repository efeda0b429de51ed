/*
 * What Debezium's transforms wrote (tests/conformance/cases), held against ours: change events of a sibling case of the
 * same table, with the names of the case in question, through the transform as that case configures it.
 */
#ifndef TRANSFORMS_TEST_GOLDEN_H
#define TRANSFORMS_TEST_GOLDEN_H

#include "transforms/test/bench.h"

#include <stdio.h>
#include <string.h>

#define CASES SOURCE_DIR "/tests/conformance/cases/"

static inline void golden_file(const char *folder, const char *name, struct buf *out)
{
    char path[512];
    snprintf(path, sizeof path, CASES "%s/%s", folder, name);
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("%s: cannot be read", path);
    buf_clear(out);
    for (size_t n = 1; n > 0; out->len += n)
        n = fread(buf_reserve(out, 4096), 1, 4096, f);
    fclose(f);
}

/* Each `from` in the text becomes `to`. */
static inline void replace_all(struct buf *text, const char *from, const char *to)
{
    struct buf out = {0};
    const char *rest = buf_cstr(text);
    for (const char *at; (at = strstr(rest, from)); rest = at + strlen(from)) {
        buf_add(&out, rest, (size_t)(at - rest));
        buf_add_cstr(&out, to);
    }
    buf_add_cstr(&out, rest);
    buf_free(text);
    *text = out;
}

struct rename {
    const char *from, *to;
};

static inline struct value golden_json(struct bench *b, struct str text)
{
    struct value v;
    struct error err;
    if (json_read_exact(arena_str(&b->arena, text), &b->arena, &v, &err))
        fail_msg("%s: " STR_FMT, err.text, STR_ARG(text));
    return v;
}

/* The schemas that a case's ids name: one object each, for the caller to release. */
struct golden_schemas {
    struct {
        struct str id;
        const struct schema *schema;
    } items[64];
    size_t n;
};

static inline void golden_schemas_read(struct bench *b, struct str text, struct golden_schemas *ret)
{
    struct value json = golden_json(b, text);
    struct error err;
    ret->n = json.len;
    assert_true(ret->n <= sizeof ret->items / sizeof *ret->items);
    for (size_t i = 0; i < ret->n; i++) {
        ret->items[i].id = value_as_str(&json.items[2 * i]);
        if (json_read_schema(&json.items[2 * i + 1], &ret->items[i].schema, &err))
            fail_msg("%s", err.text);
    }
}

static inline void golden_schemas_free(struct golden_schemas *s)
{
    for (size_t i = 0; i < s->n; i++)
        schema_unref(s->items[i].schema);
}

static inline void golden_part(struct bench *b, const struct golden_schemas *schemas, const struct value *json,
                               const struct schema **ret_schema, struct value *ret)
{
    struct error err;
    *ret_schema = NULL;
    *ret = value_null();
    if (value_is_null(json))
        return;
    for (size_t i = 0; i < schemas->n; i++)
        if (str_equal(schemas->items[i].id, value_as_str(member(json, "schema"))))
            *ret_schema = schemas->items[i].schema;
    assert_non_null(*ret_schema);
    batch_hold(&b->batch, *ret_schema);
    if (json_to_connect_as(*ret_schema, member(json, "payload"), &plain, &b->batch.arena, ret, &err))
        fail_msg("%s", err.text);
}

/* The records of a case in b->batch, after `renames` (ends with NULL) of its texts. */
static inline void golden_read(struct bench *b, const char *folder, const struct rename *renames)
{
    struct buf text = {0};
    struct golden_schemas schemas;
    golden_file(folder, "schemas.json", &text);
    for (const struct rename *r = renames; r->from; r++)
        replace_all(&text, r->from, r->to);
    golden_schemas_read(b, buf_str(&text), &schemas);
    golden_file(folder, "expected.jsonl", &text);
    for (const struct rename *r = renames; r->from; r++)
        replace_all(&text, r->from, r->to);
    for (struct str rest = buf_str(&text); rest.ptr && rest.len;) {
        struct str line = str_split(rest, '\n', &rest);
        if (!line.len)
            continue;
        struct value json = golden_json(b, line);
        struct record *r = batch_add(&b->batch);
        r->topic = value_as_str(member(&json, "topic"));
        golden_part(b, &schemas, member(&json, "key"), &r->key_schema, &r->key);
        golden_part(b, &schemas, member(&json, "value"), &r->value_schema, &r->value);
    }
    golden_schemas_free(&schemas);
    buf_free(&text);
}

/* What differs from run to run becomes null, at any depth. The struct's items are the batch's own. */
static inline void golden_mask(const struct schema *s, struct value *v)
{
    static const char *const masked[] = {"version", "ts_ms", "lsn",    "txId",      "xmin", "file",
                                         "pos",     "gtid",  "thread", "server_id", NULL};
    if (!s || s->type != SCHEMA_STRUCT || value_is_null(v))
        return;
    for (uint32_t i = 0; i < s->n_fields; i++) {
        struct str name = s->fields[i].name;
        static const char *const prefixes[] = {"__source_", "__"}; /* of fields that were added to a row */
        for (size_t p = 0; p < 2; p++)
            if (str_starts(name, prefixes[p]))
                name = str_of(name.ptr + strlen(prefixes[p]), name.len - strlen(prefixes[p]));
        golden_mask(s->fields[i].schema, &v->items[i]);
        for (const char *const *m = masked; *m; m++)
            if (str_is(name, *m))
                v->items[i] = value_null();
    }
}

static inline void golden_write(const struct schema *s, const struct value *v, struct buf *out)
{
    struct error err;
    json_write_schema_as(s, &plain, out);
    buf_add_char(out, ' ');
    if (value_is_null(v))
        buf_add_literal(out, "null");
    else if (s->type != SCHEMA_STRUCT)
        json_write_value(v, out, &err);
    for (uint32_t i = 0; v->type == VALUE_STRUCT && i < s->n_fields; i++) {
        buf_printf(out, "%s" STR_FMT "=", i ? "," : "{", STR_ARG(s->fields[i].name));
        golden_write(s->fields[i].schema, &v->items[i], out);
    }
    buf_add_cstr(out, v->type == VALUE_STRUCT ? "}\n" : "\n");
}

static inline void golden_write_record(struct record *r, struct buf *out)
{
    buf_printf(out, STR_FMT "\n", STR_ARG(r->topic));
    golden_mask(r->key_schema, &r->key);
    golden_mask(r->value_schema, &r->value);
    golden_write(r->key_schema, &r->key, out);
    golden_write(r->value_schema, &r->value, out);
}

/* The transform that the case configures. */
static inline struct transform *golden_open(struct bench *b, const struct transform_plugin *plugin, const char *folder)
{
    struct buf text = {0};
    struct transform *t;
    struct error err;
    golden_file(folder, "case.json", &text);
    struct value json = golden_json(b, buf_str(&text));
    const struct value *connector = member(&json, "connector");
    struct value settings = value_items(VALUE_MAP, arena_array(&b->arena, struct value, 2 * connector->len), 0);
    for (uint32_t i = 0; i < connector->len; i++) {
        struct str rest, head = str_split(value_as_str(&connector->items[2 * i]), '.', &rest);
        struct str name = STR_NULL;
        if (rest.ptr)
            str_split(rest, '.', &name);
        if (!str_is(head, "transforms") || !name.len || str_is(name, "type"))
            continue;
        settings.items[2 * settings.len] = value_str(name);
        settings.items[2 * settings.len++ + 1] = connector->items[2 * i + 1];
    }
    buf_free(&text);
    if (open_transform(plugin, TRANSFORM_WHOLE, &settings, &t, &err))
        fail_msg("%s: %s", folder, err.text);
    return t;
}

#endif
