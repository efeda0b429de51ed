/* ExtractField, and the paths of its V2 syntax. */
#include "api/transform.h"
#include "base/mem.h"
#include "transforms/field_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

extern const struct transform_plugin extract_field;

static struct arena arena;

/* Paths. */

static void path_is(const char *text, const char *joined)
{
    struct field_path path;
    struct error err;
    AUTO_BUF out = {0};
    if (field_path_parse(str_from(text), FIELD_SYNTAX_V2, &arena, &path, &err))
        fail_msg("%s: %s", text, err.text);
    for (size_t i = 0; i < path.len; i++)
        buf_printf(&out, "%s" STR_FMT, i ? "|" : "", STR_ARG(path.steps[i]));
    assert_string_equal(buf_cstr(&out), joined);
}

static void path_refused(const char *text, const char *part)
{
    struct field_path path = {.len = 77};
    struct error err;
    assert_int_equal(field_path_parse(str_from(text), FIELD_SYNTAX_V2, &arena, &path, &err), ERROR_CONFIG);
    if (!strstr(err.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", text, err.text, part);
    assert_int_equal(path.len, 77);
}

/* The cases of Kafka's own documentation of the syntax (KIP-821). */
static void test_paths(void **state)
{
    (void)state;
    path_is("foo", "foo");
    path_is("foo.bar.baz", "foo|bar|baz");
    path_is("foo.", "foo|");
    path_is(".foo", "|foo");
    path_is(".", "|");
    path_is("`foo.bar`.baz", "foo.bar|baz");
    path_is("`foo.bar.baz`", "foo.bar.baz");
    path_is("foo.`bar.baz`", "foo|bar.baz");
    path_is("foo.b`ar.baz", "foo|b`ar|baz");
    path_is("`foo`bar`.baz", "foo`bar|baz");
    path_is("`foo\\`.bar`.baz", "foo`.bar|baz");
    path_is("foo.`ba`.r`.baz", "foo|ba|r`|baz");
    path_refused("", "empty");
    path_refused("`foo.bar", "Incomplete backtick pair in path: [`foo.bar]");
    path_refused("foo.`bar", "backtick at position 4");
    path_refused("`foo.bar\\`", "Incomplete backtick pair");
    path_refused("`", "Incomplete backtick pair");
    AUTO_BUF longest = {0};
    for (int i = 0; i < FIELD_PATH_MAX; i++)
        buf_add_cstr(&longest, "a.");
    path_refused(buf_cstr(&longest), "more than 200 steps");
    struct field_path path;
    assert_int_equal(field_path_parse(STR("a.`b"), FIELD_SYNTAX_V1, &arena, &path, NULL), 0);
    assert_int_equal(path.len, 1);
    assert_string_equal(path.steps[0].ptr, "a.`b");
}

/* The transform. */

struct opened {
    struct config raw;
    void *parsed;
    struct transform *transform;
};

static int open_with(struct opened *o, enum transform_target target, const char *field, const char *syntax,
                     const char *replace, struct error *err)
{
    struct findings findings;
    config_init(&o->raw);
    findings_init(&findings);
    o->transform = NULL;
    if (field)
        config_set(&o->raw, STR("field"), str_from(field));
    if (syntax)
        config_set(&o->raw, STR("field.syntax.version"), str_from(syntax));
    if (replace)
        config_set(&o->raw, STR("replace.null.with.default"), str_from(replace));
    o->parsed = mem_zalloc(extract_field.info.config_size);
    config_parse(extract_field.info.properties, &o->raw, o->parsed, &findings);
    const struct plugin_config config = {.parsed = o->parsed, .raw = &o->raw};
    int rc = findings_error(&findings, err);
    if (rc == 0)
        rc = extract_field.open(&config, target, &o->transform, err);
    findings_release(&findings);
    return rc;
}

static void close_it(struct opened *o)
{
    if (o->transform)
        extract_field.close(o->transform);
    config_release(&o->raw);
    free(o->parsed);
}

static void add(struct schema *s, const char *name, struct schema *field)
{
    schema_add_field(s, str_from(name), field);
    schema_unref(field);
}

/* {id int64, in optional {x optional int32 with default 9, a.b string}} */
static struct schema *row_schema(void)
{
    struct schema *s = schema_new(SCHEMA_STRUCT), *inner = schema_new(SCHEMA_STRUCT), *x = schema_new(SCHEMA_INT32);
    schema_set_default(x, &(struct value){.type = VALUE_INT32, .i = 9});
    schema_set_optional(x);
    schema_set_optional(inner);
    add(inner, "x", x);
    add(inner, "a.b", schema_new(SCHEMA_STRING));
    add(s, "id", schema_new(SCHEMA_INT64));
    add(s, "in", inner);
    return s;
}

static struct record *add_row(struct batch *b, const struct schema *s)
{
    struct value *items = arena_array(&b->arena, struct value, 4);
    items[0] = value_int64(5);
    items[1] = value_items(VALUE_STRUCT, items + 2, 2);
    items[2] = value_null();
    items[3] = value_str(STR("ab"));
    struct record *r = batch_add(b);
    r->topic = STR("tt");
    r->value_schema = r->key_schema = s;
    r->value = r->key = value_items(VALUE_STRUCT, items, 2);
    return r;
}

static void extracts(const struct schema *s, const char *field, const char *syntax, const char *replace,
                     const struct schema *expected_schema, struct value expected)
{
    struct opened o;
    struct batch b;
    struct error err;
    size_t at;
    bool drop = false;
    if (open_with(&o, TRANSFORM_VALUE, field, syntax, replace, &err))
        fail_msg("%s", err.text);
    batch_init(&b);
    add_row(&b, s);
    if (extract_field.apply(o.transform, &b, 0, 1, &drop, &at, &err))
        fail_msg("%s", err.text);
    close_it(&o);
    assert_ptr_equal(b.records[0].value_schema, expected_schema);
    assert_true(value_equal(&b.records[0].value, &expected));
    assert_ptr_equal(b.records[0].key_schema, s);
    assert_false(drop);
    batch_release(&b);
}

static void test_extract(void **state)
{
    (void)state;
    struct schema *s = row_schema();
    const struct schema *inner = s->fields[1].schema;
    extracts(s, "id", NULL, NULL, s->fields[0].schema, value_int64(5));
    extracts(s, "in.x", "V2", NULL, inner->fields[0].schema, value_int32(9));
    extracts(s, "in.x", "v2", "false", inner->fields[0].schema, value_null());
    extracts(s, "in.`a.b`", "V2", NULL, inner->fields[1].schema, value_str(STR("ab")));
    schema_unref(s);
}

static void test_keys_and_nulls(void **state)
{
    (void)state;
    struct opened o;
    struct batch b;
    size_t at;
    bool drop[4] = {false};
    struct schema *s = row_schema();
    assert_int_equal(open_with(&o, TRANSFORM_KEY, "in.x", "V2", NULL, NULL), 0);
    batch_init(&b);
    add_row(&b, s);
    add_row(&b, s)->key = value_null();
    add_row(&b, s)->key.items[1] = value_null();
    assert_int_equal(extract_field.apply(o.transform, &b, 0, 3, drop, &at, NULL), 0);
    assert_int_equal(b.records[0].key.i, 9);
    assert_int_equal(b.records[0].key_schema->type, SCHEMA_INT32);
    assert_int_equal(b.records[0].value.type, VALUE_STRUCT);
    for (int i = 1; i < 3; i++) { /* null stays null, and has the field's schema */
        assert_true(value_is_null(&b.records[i].key));
        assert_int_equal(b.records[i].key_schema->type, SCHEMA_INT32);
    }
    close_it(&o);
    batch_release(&b);
    schema_unref(s);
}

static void test_range(void **state)
{
    (void)state;
    struct opened o;
    struct batch b;
    size_t at;
    bool drop[1] = {false};
    struct schema *s = row_schema();
    assert_int_equal(open_with(&o, TRANSFORM_VALUE, "id", NULL, NULL, NULL), 0);
    batch_init(&b);
    for (int i = 0; i < 3; i++)
        add_row(&b, s);
    assert_int_equal(extract_field.apply(o.transform, &b, 1, 2, drop, &at, NULL), 0);
    assert_int_equal(b.records[0].value.type, VALUE_STRUCT);
    assert_int_equal(b.records[1].value.type, VALUE_INT64);
    assert_int_equal(b.records[2].value.type, VALUE_STRUCT);
    close_it(&o);
    batch_release(&b);
    schema_unref(s);
}

static void test_schemaless(void **state)
{
    (void)state;
    struct opened o;
    struct batch b;
    size_t at;
    bool drop[4] = {false};
    struct error err;
    struct value inner[] = {value_str(STR("x")), value_int64(7)};
    struct value outer[] = {value_str(STR("in")), value_items(VALUE_MAP, inner, 1), value_str(STR("s")),
                            value_int64(1)};
    assert_int_equal(open_with(&o, TRANSFORM_VALUE, "in.x", "V2", NULL, NULL), 0);
    batch_init(&b);
    for (int i = 0; i < 3; i++)
        batch_add(&b)->topic = STR("tt");
    b.records[0].value = value_items(VALUE_MAP, outer, 2);
    b.records[2].value = value_items(VALUE_MAP, outer + 2, 1); /* without "in" */
    assert_int_equal(extract_field.apply(o.transform, &b, 0, 3, drop, &at, &err), 0);
    assert_int_equal(b.records[0].value.i, 7);
    assert_true(value_is_null(&b.records[1].value));
    assert_true(value_is_null(&b.records[2].value));
    b.records[0].value = value_int64(1);
    assert_int_equal(extract_field.apply(o.transform, &b, 0, 1, drop, &at, &err), ERROR_DATA);
    assert_non_null(strstr(
        err.text, "Only Map objects supported in absence of schema for [field extraction], found: java.lang.Long"));
    outer[1] = value_int64(1);
    b.records[0].value = value_items(VALUE_MAP, outer, 2);
    assert_int_equal(extract_field.apply(o.transform, &b, 0, 1, drop, &at, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "[nested field access]"));
    close_it(&o);
    batch_release(&b);
}

static void test_errors(void **state)
{
    (void)state;
    struct opened o;
    struct batch b;
    size_t at = 99;
    bool drop[2] = {false};
    struct error err;
    struct schema *s = row_schema(), *date = schema_new_date();
    assert_int_equal(open_with(&o, TRANSFORM_VALUE, "in.x", NULL, NULL, NULL), 0); /* V1: one name */
    batch_init(&b);
    add_row(&b, s);
    assert_int_equal(extract_field.apply(o.transform, &b, 0, 1, drop, &at, &err), ERROR_DATA);
    assert_string_equal(err.text, "topic \"tt\": Unknown field: in.x");
    assert_int_equal(at, 0);
    b.records[0].value_schema = date;
    b.records[0].value = value_int32(1);
    assert_int_equal(extract_field.apply(o.transform, &b, 0, 1, drop, &at, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "Only Struct objects supported for [field extraction], found: java.util.Date"));
    close_it(&o);
    assert_int_equal(open_with(&o, TRANSFORM_VALUE, "id.x", "V2", NULL, NULL), 0);
    batch_reset(&b);
    add_row(&b, s);
    assert_int_equal(extract_field.apply(o.transform, &b, 0, 1, drop, &at, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "Unknown field: id.x"));
    close_it(&o);
    batch_release(&b);
    schema_unref(s);
    schema_unref(date);
}

static void test_settings(void **state)
{
    (void)state;
    struct opened o;
    struct error err;
    assert_int_not_equal(open_with(&o, TRANSFORM_VALUE, NULL, NULL, NULL, &err), 0);
    close_it(&o);
    assert_int_not_equal(open_with(&o, TRANSFORM_VALUE, "a", "V3", NULL, &err), 0);
    close_it(&o);
    assert_int_equal(open_with(&o, TRANSFORM_VALUE, "`a", "V2", NULL, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "field: Incomplete backtick pair"));
    close_it(&o);
    struct findings findings;
    findings_init(&findings);
    property_check_table(extract_field.info.properties, &findings);
    assert_int_equal(findings.items.len, 0);
    findings_release(&findings);
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),    cmocka_unit_test(test_extract),    cmocka_unit_test(test_keys_and_nulls),
        cmocka_unit_test(test_range),    cmocka_unit_test(test_schemaless), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
