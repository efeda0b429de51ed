/* HoistField, SetSchemaMetadata, Filter. */
#include "transforms/test/bench.h"

extern const struct transform_plugin hoist_field, set_schema_metadata, filter_transform;

static void test_hoist(void **state)
{
    (void)state;
    const char *settings = "{'field':'x'}";
    value_becomes(&hoist_field, settings, "{'schema':{'type':'int8','optional':true,'default':3},'payload':5}",
                  "{'x':5} | struct{x:int8?=3}");
    value_becomes(&hoist_field, settings, "{'schema':{'type':'int8','optional':true},'payload':null}",
                  "{'x':null} | struct{x:int8?}");
    value_becomes(&hoist_field, settings, "{'schema':null,'payload':{'a':1}}", "{'x':{'a':1}} | none");
    value_becomes(&hoist_field, settings, "null", "{'x':null} | none");
    value_becomes(&hoist_field, "{}", "null",
                  "Missing required configuration 'field' which has no default value; for example field=payload");
}

/* A null under a schema that allows none: no source makes such a record, a transform in front might. */
static void test_hoist_required_null(void **state)
{
    (void)state;
    struct bench b;
    struct transform *t;
    struct error err;
    bool drop = false;
    size_t at;
    bench_init(&b);
    assert_int_equal(open_transform(&hoist_field, TRANSFORM_VALUE, read_json(&b, "{'field':'x'}"), &t, &err), 0);
    struct record *r = batch_add(&b.batch);
    struct schema *s = schema_new(SCHEMA_INT32);
    r->topic = STR("t");
    r->value_schema = s;
    assert_int_equal(hoist_field.apply(t, &b.batch, 0, 1, &drop, &at, &err), ERROR_DATA);
    assert_string_equal(err.text,
                        "topic \"t\": Invalid value: null used for required field: \"x\", schema type: INT32");
    assert_ptr_equal(r->value_schema, s);
    hoist_field.close(t);
    schema_unref(s);
    bench_release(&b);
}

static void test_metadata(void **state)
{
    (void)state;
    const char *row =
        "{'schema':{'type':'struct','name':'Row','version':2,'doc':'d','parameters':{'p':'q'},'optional':true,"
        "'fields':[{'type':'int8','optional':true,'default':3,'field':'a'}]},'payload':{'a':null}}";
    value_becomes(&set_schema_metadata, "{'schema.name':'com.example.Other'}", row,
                  "{'a':3} | struct<com.example.Other 2>{a:int8?=3}?#(p=q)");
    value_becomes(&set_schema_metadata, "{'schema.version':'7','replace.null.with.default':'false'}", row,
                  "{'a':null} | struct<Row 7>{a:int8?=3}?#(p=q)");
    value_becomes(&set_schema_metadata, "{'schema.name':'O','schema.version':'0'}", row,
                  "{'a':3} | struct<O 0>{a:int8?=3}?#(p=q)");
    value_becomes(&set_schema_metadata, "{'schema.name':'O'}",
                  "{'schema':{'type':'map','optional':false,'keys':{'type':'string'},'values':{'type':'int8'}},'"
                  "payload':{'k':1}}",
                  "{'k':1} | map<O -1>[string:int8]");
    value_becomes(&set_schema_metadata, "{'schema.name':'O'}", "null", "null | none");
    value_becomes(&set_schema_metadata, "{'schema.name':'O'}", "{'schema':null,'payload':{'a':1}}",
                  "topic 't': Schema required for [updating schema metadata]");
    value_becomes(&set_schema_metadata, "{}", row,
                  "Neither schema name nor version configured: set schema.name or schema.version");
}

static void test_filter(void **state)
{
    (void)state;
    struct bench b;
    struct transform *t;
    bench_init(&b);
    bool drop[3] = {false, false, false};
    size_t at;
    for (int i = 0; i < 3; i++)
        batch_add(&b.batch);
    assert_int_equal(open_transform(&filter_transform, TRANSFORM_WHOLE, read_json(&b, "{}"), &t, NULL), 0);
    assert_int_equal(filter_transform.apply(t, &b.batch, 1, 3, drop, &at, NULL), 0);
    assert_true(drop[0] && drop[1]);
    assert_false(drop[2]);
    filter_transform.close(t);
    bench_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hoist),
        cmocka_unit_test(test_hoist_required_null),
        cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
