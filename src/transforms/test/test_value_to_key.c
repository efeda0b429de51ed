/* ValueToKey, and the order of Java's maps that its schemaless keys have. */
#include "api/transform.h"
#include "base/mem.h"
#include "transforms/java_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

extern const struct transform_plugin value_to_key;

struct opened {
    struct config raw;
    void *parsed;
    struct transform *transform;
};

/* False when the settings are refused. */
static bool open_with(struct opened *o, const char *fields, const char *replace, struct error *err)
{
    struct findings findings;
    config_init(&o->raw);
    findings_init(&findings);
    o->transform = NULL;
    if (fields)
        config_set(&o->raw, STR("fields"), str_from(fields));
    if (replace)
        config_set(&o->raw, STR("replace.null.with.default"), str_from(replace));
    o->parsed = mem_zalloc(value_to_key.info.config_size);
    config_parse(value_to_key.info.properties, &o->raw, o->parsed, &findings);
    const struct plugin_config config = {.parsed = o->parsed, .raw = &o->raw};
    int rc = findings_error(&findings, err);
    if (rc == 0)
        rc = value_to_key.open(&config, TRANSFORM_WHOLE, &o->transform, err);
    findings_release(&findings);
    return rc == 0;
}

static void close_it(struct opened *o)
{
    if (o->transform)
        value_to_key.close(o->transform);
    config_release(&o->raw);
    free(o->parsed);
}

static void add(struct schema *s, const char *name, struct schema *field)
{
    schema_add_field(s, str_from(name), field);
    schema_unref(field);
}

/* {id int64, t optional string, n int32 with default 9, r required string} */
static struct schema *row_schema(void)
{
    struct schema *s = schema_new(SCHEMA_STRUCT), *text = schema_new(SCHEMA_STRING), *number = schema_new(SCHEMA_INT32);
    schema_set_optional(text);
    schema_set_default(number, &(struct value){.type = VALUE_INT32, .i = 9});
    schema_set_optional(number);
    add(s, "id", schema_new(SCHEMA_INT64));
    add(s, "t", text);
    add(s, "n", number);
    add(s, "r", schema_new(SCHEMA_STRING));
    return s;
}

static struct record *add_row(struct batch *b, const struct schema *s, int64_t id)
{
    struct value *items = arena_array(&b->arena, struct value, 4);
    items[0] = value_int64(id);
    items[1] = items[2] = value_null();
    items[3] = value_str(STR("must"));
    struct record *r = batch_add(b);
    r->topic = STR("tt");
    r->value_schema = s;
    r->value = value_items(VALUE_STRUCT, items, 4);
    return r;
}

static int apply(struct opened *o, struct batch *b, size_t *err_index, struct error *err)
{
    bool drop[8] = {false};
    int rc = value_to_key.apply(o->transform, b, 0, b->len, drop, err_index, err);
    for (size_t i = 0; i < 8; i++)
        assert_false(drop[i]);
    return rc;
}

static void test_fields_become_the_key(void **state)
{
    (void)state;
    struct opened o;
    struct batch b;
    size_t at;
    struct schema *s = row_schema(), *other = schema_new(SCHEMA_STRUCT);
    add(other, "n", schema_new(SCHEMA_INT8));
    add(other, "id", schema_new(SCHEMA_INT8));
    assert_true(open_with(&o, "n, id", NULL, NULL));
    batch_init(&b);
    add_row(&b, s, 1);
    add_row(&b, s, 2);
    struct record *r = batch_add(&b);
    r->value_schema = other;
    struct value items[] = {value_int(VALUE_INT8, 3), value_int(VALUE_INT8, 4)};
    r->value = value_items(VALUE_STRUCT, items, 2);
    assert_int_equal(apply(&o, &b, &at, NULL), 0);
    const struct schema *key = b.records[0].key_schema;
    assert_int_equal(key->n_fields, 2);
    assert_string_equal(key->fields[0].name.ptr, "n");
    assert_null(key->name.ptr);
    assert_false(key->optional);
    assert_ptr_equal(key->fields[1].schema, s->fields[0].schema);
    assert_int_equal(b.records[0].key.items[0].i, 9); /* the default */
    assert_int_equal(b.records[1].key.items[1].i, 2);
    assert_ptr_equal(b.records[1].key_schema, key);
    assert_ptr_not_equal(b.records[2].key_schema, key);
    assert_int_equal(b.records[2].key.items[1].i, 4);
    assert_int_equal(schema_check_value(key, &b.records[0].key, NULL), 0);
    assert_int_equal(b.records[0].value.len, 4);
    close_it(&o); /* the batch holds the schemas on its own */
    assert_int_equal(b.records[0].key_schema->n_fields, 2);
    batch_release(&b);
    schema_unref(s);
    schema_unref(other);
}

static void test_nulls_stay_when_asked(void **state)
{
    (void)state;
    struct opened o;
    struct batch b;
    size_t at;
    struct schema *s = row_schema();
    assert_true(open_with(&o, "n,t", "false", NULL));
    batch_init(&b);
    add_row(&b, s, 1);
    assert_int_equal(apply(&o, &b, &at, NULL), 0);
    assert_true(value_is_null(&b.records[0].key.items[0]));
    assert_true(value_is_null(&b.records[0].key.items[1]));
    batch_release(&b);
    close_it(&o);
    schema_unref(s);
}

static void fails(struct opened *o, struct batch *b, size_t index, const char *part)
{
    struct error err;
    size_t at = 99;
    assert_int_equal(apply(o, b, &at, &err), ERROR_DATA);
    assert_int_equal(at, index);
    if (!strstr(err.text, part) || !strstr(err.text, "topic \"tt\""))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
}

static void test_errors(void **state)
{
    (void)state;
    struct opened o;
    struct batch b;
    struct schema *s = row_schema(), *number = schema_new(SCHEMA_INT32);
    assert_true(open_with(&o, "id,r", NULL, NULL));
    batch_init(&b);
    add_row(&b, s, 1);
    add_row(&b, s, 2)->value.items[3] = value_null();
    fails(&o, &b, 1, "null used for required field: \"r\", schema type: STRING");
    batch_reset(&b);
    add_row(&b, s, 1)->value = value_null();
    fails(&o, &b, 0, "Only Struct objects supported for [copying fields from value to key], found: null");
    b.records[0].value = value_int32(1);
    b.records[0].value_schema = number;
    fails(&o, &b, 0, "found: java.lang.Integer");
    b.records[0].value_schema = NULL;
    fails(&o, &b, 0,
          "Only Map objects supported in absence of schema for [copying fields from value to key], found: "
          "java.lang.Integer");
    close_it(&o);
    assert_true(open_with(&o, "id,x", NULL, NULL));
    batch_reset(&b);
    add_row(&b, s, 1);
    fails(&o, &b, 0, "Field does not exist: x");
    batch_release(&b);
    close_it(&o);
    schema_unref(s);
    schema_unref(number);
}

static void test_schemaless(void **state)
{
    (void)state;
    struct opened o;
    struct batch b;
    size_t at;
    assert_true(open_with(&o, "b,a,none", NULL, NULL));
    batch_init(&b);
    struct record *r = batch_add(&b);
    struct value pairs[] = {value_str(STR("a")), value_int64(1), value_str(STR("b")), value_int64(2)};
    r->value = value_items(VALUE_MAP, pairs, 2);
    r->key_schema = NULL;
    r->key = value_int64(5);
    assert_int_equal(apply(&o, &b, &at, NULL), 0);
    r = &b.records[0];
    assert_null(r->key_schema);
    assert_int_equal(r->key.type, VALUE_MAP);
    assert_int_equal(r->key.len, 3);
    assert_int_equal(value_map_get(&r->key, STR("a"))->i, 1);
    assert_int_equal(value_map_get(&r->key, STR("b"))->i, 2);
    assert_true(value_is_null(value_map_get(&r->key, STR("none"))));
    assert_true(str_is(value_as_str(&r->key.items[0]), "a")); /* as a HashMap lists them */
    batch_release(&b);
    close_it(&o);
}

static void test_settings(void **state)
{
    (void)state;
    struct opened o;
    struct error err;
    assert_false(open_with(&o, NULL, NULL, &err));
    close_it(&o);
    assert_false(open_with(&o, "", NULL, &err));
    close_it(&o);
    assert_false(open_with(&o, "a,b,a", NULL, &err));
    assert_non_null(strstr(err.text, "\"a\" twice"));
    close_it(&o);
    struct findings findings;
    findings_init(&findings);
    property_check_table(value_to_key.info.properties, &findings);
    assert_int_equal(findings.items.len, 0);
    findings_release(&findings);
}

/* Orders that a JVM gave. */
static void test_java_map_order(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *order;
    } cases[] = {
        {"b,a", "a,b"},
        {"id", "id"},
        {"id,ts,name,zz,k", "name,zz,id,k,ts"},
        {"a,b,c,d,e,f,g", "a,b,c,d,e,f,g"},
        {"foo,bar,baz", "bar,baz,foo"},
        {"customer_id,order_id,\xc3\x84\xf0\x9f\x98\x80", "customer_id,order_id,\xc3\x84\xf0\x9f\x98\x80"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str keys[8];
        uint32_t order[8];
        size_t n = 0;
        for (struct str rest = str_from(cases[i].keys); rest.ptr;)
            keys[n++] = str_split(rest, ',', &rest);
        java_map_order(keys, n, order);
        AUTO_BUF text = {0};
        for (size_t k = 0; k < n; k++) {
            if (k)
                buf_add_char(&text, ',');
            buf_add_str(&text, keys[order[k]]);
        }
        assert_string_equal(buf_cstr(&text), cases[i].order);
    }
    assert_int_equal(java_string_hash(STR("customer_id")), -1772061412);
    assert_int_equal(java_string_hash(STR("\xc3\x84\xf0\x9f\x98\x80")), 1961255);
    assert_int_equal(java_string_hash(STR("")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_become_the_key),
        cmocka_unit_test(test_nulls_stay_when_asked),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_schemaless),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_java_map_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
