/* ReplaceField: what is kept, under which name, with and without a schema. */
#include "transforms/test/bench.h"

extern const struct transform_plugin replace_field;

#define ROW(more)                                                                                                      \
    "{'schema':{'type':'struct','name':'Row','version':2,'doc':'d','parameters':{'p':'q'},'optional':true,'fields':["  \
    "{'type':'int8','optional':false,'field':'a'},{'type':'string','optional':true,'default':'z','field':'b'},"        \
    "{'type':'int32','optional':true,'field':'c'}]},'payload':" more "}"

static void becomes(const char *settings, const char *value, const char *expected)
{
    value_becomes(&replace_field, settings, value, expected);
}

static void test_filter(void **state)
{
    (void)state;
    const char *row = ROW("{'a':1,'b':'x','c':null}");
    becomes("{}", row, "{'a':1,'b':'x','c':null} | struct<Row 2>{a:int8,b:string?='z',c:int32?}#(p=q)");
    becomes("{'exclude':'a, c'}", row, "{'b':'x'} | struct<Row 2>{b:string?='z'}#(p=q)");
    becomes("{'include':'c,a'}", row, "{'a':1,'c':null} | struct<Row 2>{a:int8,c:int32?}#(p=q)");
    becomes("{'include':'a,b','exclude':'a'}", row, "{'b':'x'} | struct<Row 2>{b:string?='z'}#(p=q)");
    becomes("{'whitelist':'a'}", row, "{'a':1} | struct<Row 2>{a:int8}#(p=q)");
    becomes("{'blacklist':'a,b'}", row, "{'c':null} | struct<Row 2>{c:int32?}#(p=q)");
    becomes("{'blacklist':'a','exclude':'b'}", row, "{'c':null} | struct<Row 2>{c:int32?}#(p=q)");
    becomes("{'include':'none'}", row, "{} | struct<Row 2>{}#(p=q)");
}

static void test_rename(void **state)
{
    (void)state;
    const char *row = ROW("{'a':1,'b':'x','c':3}");
    becomes("{'renames':'a:x,c:y'}", row, "{'x':1,'b':'x','y':3} | struct<Row 2>{x:int8,b:string?='z',y:int32?}#(p=q)");
    becomes("{'renames':'a:c,c:a'}", row, "{'c':1,'b':'x','a':3} | struct<Row 2>{c:int8,b:string?='z',a:int32?}#(p=q)");
    becomes("{'renames':'a:b'}", row, "topic 't': renames: Cannot create field because of field name duplication 'b'");
    becomes("{'renames':'a:b','exclude':'b'}", row, "{'b':1,'c':3} | struct<Row 2>{b:int8,c:int32?}#(p=q)");
    becomes("{'renames':'gone:b'}", row, "{'a':1,'b':'x','c':3} | struct<Row 2>{a:int8,b:string?='z',c:int32?}#(p=q)");
    becomes("{'renames':'a'}", row, "Invalid value a for configuration renames: 'a' is no pair of names like old:new");
    becomes("{'renames':'a:b:c'}", row,
            "Invalid value a:b:c for configuration renames: 'a:b:c' is no pair of names like old:new");
    becomes("{'renames':'a:'}", row,
            "Invalid value a: for configuration renames: 'a:' is no pair of names like old:new");
}

static void test_nulls(void **state)
{
    (void)state;
    const char *row = ROW("{'a':1,'b':null,'c':null}");
    becomes("{'include':'b'}", row, "{'b':'z'} | struct<Row 2>{b:string?='z'}#(p=q)");
    becomes("{'include':'b','replace.null.with.default':'false'}", row,
            "{'b':null} | struct<Row 2>{b:string?='z'}#(p=q)");
    becomes("{'include':'b'}", "null", "null | none");
    becomes("{'include':'b'}", ROW("null"),
            "null | struct<Row 2>{a:int8,b:string?='z',c:int32?}?#(p=q)"); /* the schema stays, too */
}

static void test_schemaless(void **state)
{
    (void)state;
    const char *map = "{'schema':null,'payload':{'a':1,'b':{'a':2},'c':null}}";
    becomes("{'exclude':'a'}", map, "{'b':{'a':2},'c':null} | none");
    becomes("{'include':'c,x','renames':'c:d'}", map, "{'d':null} | none");
    becomes("{}", "{'schema':null,'payload':[1]}",
            "topic 't': Only Map objects supported in absence of schema for [field replacement], found: "
            "java.util.ArrayList");
    becomes("{}", "{'schema':{'type':'int8','optional':false},'payload':1}",
            "topic 't': Only Struct objects supported for [field replacement], found: java.lang.Byte");
}

/* The key alone, one new schema for all records of an old one, and the records before and after one that fails. */
static void test_batch(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_string_equal(
        transformed(
            &b, &replace_field, TRANSFORM_KEY, "{'exclude':'b'}",
            "[{'topic':'t','key':{'schema':null,'payload':{'a':1,'b':2}},'value':{'schema':null,'payload':{'b':3}}},"
            "{'topic':'t','key':{'schema':null,'payload':5}},{'topic':'t','key':null}]"),
        test_text(&b,
                  "[{'topic':'t','partition':null,'timestamp':null,'key':{'schema':null,'payload':{'a':1}},'value':"
                  "{'schema':null,'payload':{'b':3}},'headers':[]},{'error':'topic \\'t\\': Only Map objects supported "
                  "in absence of schema for [field replacement], found: java.lang.Long'},{'topic':'t','partition':null,"
                  "'timestamp':null,'key':null,'value':null,'headers':[]}]")
            .ptr);
    struct transform *t;
    struct error err;
    bool drop[2] = {0};
    size_t at;
    batch_reset(&b.batch);
    const struct value *json = read_json(&b, "{'value':" ROW("{'a':1,'b':'x','c':3}") "}");
    assert_int_equal(read_record(&b, json, &err), 0);
    *batch_add(&b.batch) = b.batch.records[0];
    assert_int_equal(open_transform(&replace_field, TRANSFORM_VALUE, read_json(&b, "{'exclude':'a'}"), &t, &err), 0);
    assert_int_equal(replace_field.apply(t, &b.batch, 0, 2, drop, &at, &err), 0);
    assert_ptr_equal(b.batch.records[0].value_schema, b.batch.records[1].value_schema);
    assert_ptr_not_equal(b.batch.records[0].value.items, b.batch.records[1].value.items);
    replace_field.close(t); /* the batch holds what it needs */
    assert_int_equal(b.batch.records[1].value_schema->n_fields, 2);
    bench_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filter),     cmocka_unit_test(test_rename), cmocka_unit_test(test_nulls),
        cmocka_unit_test(test_schemaless), cmocka_unit_test(test_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
