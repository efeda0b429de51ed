/* InsertField: each kind of field, required or optional, with and without a schema. */
#include "transforms/test/bench.h"

extern const struct transform_plugin insert_field;

#define ROW                                                                                                            \
    "{'schema':{'type':'struct','name':'Row','version':2,'optional':true,'fields':[{'type':'int8','optional':false,"   \
    "'field':'a'},{'type':'string','optional':true,'default':'z','field':'b'}]},'payload':{'a':1,'b':null}}"

static void becomes(const char *settings, const char *value, const char *expected)
{
    value_becomes(&insert_field, settings, value, expected);
}

static void test_kinds(void **state)
{
    (void)state;
    becomes("{'topic.field':'x'}", ROW, "{'a':1,'b':'z','x':'t'} | struct<Row 2>{a:int8,b:string?='z',x:string?}");
    becomes("{'topic.field':'x!'}", ROW, "{'a':1,'b':'z','x':'t'} | struct<Row 2>{a:int8,b:string?='z',x:string}");
    becomes("{'topic.field':'x?'}", ROW, "{'a':1,'b':'z','x':'t'} | struct<Row 2>{a:int8,b:string?='z',x:string?}");
    becomes("{'timestamp.field':'x'}", ROW,
            "{'a':1,'b':'z','x':1580650272065} | struct<Row 2>{a:int8,b:string?='z',"
            "x:int64<org.apache.kafka.connect.data.Timestamp 1>?}");
    becomes("{'static.field':'x','static.value':'some text'}", ROW,
            "{'a':1,'b':'z','x':'some text'} | struct<Row 2>{a:int8,b:string?='z',x:string?}");
    becomes("{'partition.field':'x'}", ROW, "{'a':1,'b':'z','x':null} | struct<Row 2>{a:int8,b:string?='z',x:int32?}");
    becomes("{'topic.field':'x','replace.null.with.default':'false'}", ROW,
            "{'a':1,'b':null,'x':'t'} | struct<Row 2>{a:int8,b:string?='z',x:string?}");
    becomes("{'static.field':'4','static.value':'s','topic.field':'1','partition.field':'2','timestamp.field':'3'}",
            ROW,
            "{'a':1,'b':'z','1':'t','2':null,'3':1580650272065,'4':'s'} | struct<Row 2>{a:int8,b:string?='z',1:string?,"
            "2:int32?,3:int64<org.apache.kafka.connect.data.Timestamp 1>?,4:string?}");
}

static void test_schemaless(void **state)
{
    (void)state;
    const char *map = "{'schema':null,'payload':{'a':1,'topic':'old'}}";
    becomes(
        "{'topic.field':'topic','timestamp.field':'ts','partition.field':'p','static.field':'s','static.value':'v'}",
        map, "{'a':1,'topic':'t','ts':1580650272065,'s':'v'} | none");
    becomes("{'topic.field':'x'}", "null", "null | none");
    becomes("{'topic.field':'x'}", "{'schema':null,'payload':5}",
            "topic 't': Only Map objects supported in absence of schema for [field insertion], found: java.lang.Long");
}

static void test_errors(void **state)
{
    (void)state;
    becomes("{'topic.field':'a'}", ROW, "topic 't': Cannot create field because of field name duplication 'a'");
    becomes("{'offset.field':'o'}", ROW,
            "topic 't': Only SinkRecord supported for [field insertion], found: "
            "org.apache.kafka.connect.source.SourceRecord: a source`s record has no offset for offset.field yet");
    becomes("{}", ROW,
            "No field insertion configured: set one of topic.field, partition.field, offset.field, timestamp.field and "
            "static.field");
    becomes("{'static.field':'x'}", ROW, "static.value is missing, for static.field 'x'");
    becomes("{'topic.field':'x'}", "{'schema':{'type':'int8','optional':false},'payload':1}",
            "topic 't': Only Struct objects supported for [field insertion], found: java.lang.Byte");
}

static void test_partition(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const char *out = transformed(&b, &insert_field, TRANSFORM_KEY, "{'partition.field':'p!','timestamp.field':'ts'}",
                                  "[{'topic':'t','partition':3,'key':{'schema':null,'payload':{}}}]");
    assert_non_null(strstr(out, "\"payload\":{\"p\":3}"));
    bench_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_schemaless),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_partition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
