/* Cast: every type to every other, as Java's Number, parseX and toString do it. */
#include "transforms/test/bench.h"

#include <stdio.h>

extern const struct transform_plugin cast_transform;

#define DATE      "'type':'int32','name':'org.apache.kafka.connect.data.Date','version':1"
#define TIME      "'type':'int32','name':'org.apache.kafka.connect.data.Time','version':1"
#define TIMESTAMP "'type':'int64','name':'org.apache.kafka.connect.data.Timestamp','version':1"
#define DECIMAL   "'type':'bytes','name':'org.apache.kafka.connect.data.Decimal','version':1,'parameters':{'scale':'2'}"

static void becomes(const char *settings, const char *value, const char *expected)
{
    value_becomes(&cast_transform, settings, value, expected);
}

/* The only field of a struct. */
static void cast_to(const char *to, const char *schema, const char *payload, const char *expected)
{
    char settings[100], value[1000];
    snprintf(settings, sizeof settings, "{'spec':'x:%s'}", to);
    snprintf(value, sizeof value,
             "{'schema':{'type':'struct','optional':false,'fields':[{%s,'optional':false,'field':'x'}]},"
             "'payload':{'x':%s}}",
             schema, payload);
    becomes(settings, value, expected);
}

static void test_numbers(void **state)
{
    (void)state;
    cast_to("int8", "'type':'int64'", "300", "{'x':44} | struct{x:int8}");
    cast_to("int16", "'type':'int64'", "-40000", "{'x':25536} | struct{x:int16}");
    cast_to("int32", "'type':'int64'", "4294967297", "{'x':1} | struct{x:int32}");
    cast_to("int64", "'type':'int8'", "-1", "{'x':-1} | struct{x:int64}");
    cast_to("float32", "'type':'int32'", "3", "{'x':3.0} | struct{x:float}");
    cast_to("float64", "'type':'float'", "1.5", "{'x':1.5} | struct{x:double}");
    cast_to("int32", "'type':'double'", "1e300", "{'x':2147483647} | struct{x:int32}");
    cast_to("int16", "'type':'double'", "1e300", "{'x':-1} | struct{x:int16}");
    cast_to("int64", "'type':'double'", "-1e300", "{'x':-9223372036854775808} | struct{x:int64}");
    cast_to("int64", "'type':'double'", "'NaN'", "{'x':0} | struct{x:int64}");
    cast_to("int32", "'type':'float'", "-1.9", "{'x':-1} | struct{x:int32}");
    cast_to("float32", "'type':'double'", "1e300", "{'x':'Infinity'} | struct{x:float}");
    cast_to("int8", "'type':'boolean'", "true", "{'x':1} | struct{x:int8}");
    cast_to("float64", "'type':'boolean'", "false", "{'x':0.0} | struct{x:double}");
    cast_to("boolean", "'type':'double'", "0.9", "{'x':false} | struct{x:boolean}");
    cast_to("boolean", "'type':'int8'", "-1", "{'x':true} | struct{x:boolean}");
    cast_to("boolean", "'type':'boolean'", "true", "{'x':true} | struct{x:boolean}");
    cast_to("int64", DECIMAL, "'MDk='", "{'x':123} | struct{x:int64}");
    cast_to("float64", DECIMAL, "'z8c='", "{'x':-123.45} | struct{x:double}");
    cast_to("int8", DECIMAL, "'MDk='", "{'x':123} | struct{x:int8}");
    cast_to("int32", DATE, "18294", "{'x':18294} | struct{x:int32}");
    cast_to("int8", TIMESTAMP, "1580650272065", "{'x':65} | struct{x:int8}");
}

static void test_texts(void **state)
{
    (void)state;
    cast_to("int8", "'type':'string'", "'+127'", "{'x':127} | struct{x:int8}");
    cast_to("int8", "'type':'string'", "'128'",
            "topic 't': field 'x': Value (128) was out of range for requested data type INT8");
    cast_to("int32", "'type':'string'", "' 1'",
            "topic 't': field 'x': Value ( 1) was out of range for requested data type INT32");
    cast_to("int64", "'type':'string'", "'-9223372036854775808'", "{'x':-9223372036854775808} | struct{x:int64}");
    cast_to("int64", "'type':'string'", "'9223372036854775808'",
            "topic 't': field 'x': Value (9223372036854775808) was out of range for requested data type INT64");
    cast_to("float64", "'type':'string'", "' 1.5e2d '", "{'x':150.0} | struct{x:double}");
    cast_to("float32", "'type':'string'", "'-Infinity'", "{'x':'-Infinity'} | struct{x:float}");
    cast_to("float32", "'type':'string'", "'inf'",
            "topic 't': field 'x': Value (inf) was out of range for requested data type FLOAT32");
    cast_to("boolean", "'type':'string'", "'TRUE'", "{'x':true} | struct{x:boolean}");
    cast_to("boolean", "'type':'string'", "'1'", "{'x':false} | struct{x:boolean}");
}

static void test_to_text(void **state)
{
    (void)state;
    cast_to("string", "'type':'int64'", "-5", "{'x':'-5'} | struct{x:string}");
    cast_to("string", "'type':'double'", "1e10", "{'x':'1.0E10'} | struct{x:string}");
    cast_to("string", "'type':'double'", "'NaN'", "{'x':'NaN'} | struct{x:string}");
    cast_to("string", "'type':'float'", "'-Infinity'", "{'x':'-Infinity'} | struct{x:string}");
    cast_to("string", "'type':'float'", "0.1", "{'x':'0.1'} | struct{x:string}");
    cast_to("string", "'type':'boolean'", "true", "{'x':'true'} | struct{x:string}");
    cast_to("string", "'type':'bytes'", "'AP8Q'", "{'x':'AP8Q'} | struct{x:string}");
    cast_to("string", DECIMAL, "'z8c='", "{'x':'-123.45'} | struct{x:string}");
    cast_to("string", DATE, "18294", "{'x':'2020-02-02'} | struct{x:string}");
    cast_to("string", DATE, "0", "{'x':'00:00:00.000Z'} | struct{x:string}"); /* Java cannot tell it from a time */
    cast_to("string", TIME, "49890123", "{'x':'13:51:30.123Z'} | struct{x:string}");
    cast_to("string", TIMESTAMP, "1580650272065", "{'x':'2020-02-02T13:31:12.065Z'} | struct{x:string}");
    cast_to("string", TIMESTAMP, "172800000", "{'x':'1970-01-03'} | struct{x:string}");
    cast_to("string", TIMESTAMP, "-1", "{'x':'23:59:59.999Z'} | struct{x:string}");
}

static void test_refused(void **state)
{
    (void)state;
    cast_to("int8", "'type':'bytes'", "'AP8='",
            "topic 't': field 'x': Unexpected type in Cast transformation: class [B, which can only be cast to string");
    cast_to("string", "'type':'array','items':{'type':'int8'}", "[1]",
            "topic 't': field 'x': Cast transformation does not support casting from ARRAY; supported types are [INT8, "
            "INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING, BYTES]");
    becomes("{'spec':'x:bytes'}", "null",
            "Invalid value x:bytes for configuration spec: Invalid type found in casting spec: 'bytes'; a field can be "
            "cast to int8, int16, int32, int64, float32, float64, boolean, string");
    becomes("{'spec':'int8,x:int8'}", "null",
            "Invalid value int8,x:int8 for configuration spec: a type for the entire value must be the only item");
    becomes("{'spec':'x:int8'}", "{'schema':{'type':'int8','optional':false},'payload':1}",
            "topic 't': Only Struct objects supported for [cast types], found: java.lang.Byte");
    becomes("{'spec':'x:int8'}", "{'schema':null,'payload':1}",
            "topic 't': Only Map objects supported in absence of schema for [cast types], found: java.lang.Long");
}

static void test_struct(void **state)
{
    (void)state;
    const char *row = "{'schema':{'type':'struct','name':'Row','version':2,'optional':true,'fields':["
                      "{'type':'int32','optional':true,'default':7,'doc':'gone','field':'a'},"
                      "{'type':'string','optional':false,'field':'b'}]},'payload':{'a':null,'b':'5'}}";
    becomes("{'spec':'a:string, b:INT16'}", row, "{'a':'7','b':5} | struct<Row 2>{a:string?='7',b:int16}?");
    becomes("{'spec':'a:string','replace.null.with.default':'false'}", row,
            "{'a':null,'b':'5'} | struct<Row 2>{a:string?='7',b:string}?");
    becomes("{'spec':'a:int8,a:int64'}", row, "{'a':7,'b':'5'} | struct<Row 2>{a:int64?=7,b:string}?");
    becomes(
        "{'spec':'b:int8'}",
        "{'schema':{'type':'struct','optional':true,'default':{'b':'6'},'fields':[{'type':'string','optional':false,"
        "'field':'b'}]},'payload':{'b':'5'}}",
        "{'b':5} | struct{b:int8}?={'b':6}");
    becomes("{'spec':'b:int8'}",
            "{'schema':{'type':'struct','optional':false,'fields':[{'type':'string','optional':true,'default':'x',"
            "'field':'b'}]},'payload':{'b':'5'}}",
            "topic 't': field 'b': default value: Value (x) was out of range for requested data type INT8");
}

static void test_whole(void **state)
{
    (void)state;
    becomes("{'spec':'string'}",
            "{'schema':{'type':'int32','name':'Id','version':3,'optional':true,'default':7,'doc':'d'},"
            "'payload':5}",
            "'5' | string<Id 3>?#='7'");
    becomes("{'spec':'int64'}", "{'schema':{" TIMESTAMP ",'optional':true},'payload':5}", "5 | int64?");
    becomes("{'spec':'int64'}", "{'schema':null,'payload':'5'}", "5 | none");
    becomes("{'spec':'boolean'}", "{'schema':null,'payload':0.5}", "false | none");
    becomes("{'spec':'int64'}", "null", "null | none");
    becomes("{'spec':'int64'}", "{'schema':{'type':'int8','optional':true},'payload':null}", "null | int8?");
}

static void test_schemaless(void **state)
{
    (void)state;
    becomes("{'spec':'a:string,b:int8,c:float64,gone:int8'}",
            "{'schema':null,'payload':{'a':1,'b':true,'c':null,'d':[]}}",
            "{'a':'1','b':1,'c':null,'d':[],'gone':null} | none");
    becomes("{'spec':'d:string'}", "{'schema':null,'payload':{'d':{}}}",
            "topic 't': field 'd': Cast transformation does not support casting from MAP; supported types are [INT8, "
            "INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING, BYTES]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_texts),  cmocka_unit_test(test_to_text),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_struct), cmocka_unit_test(test_whole),
        cmocka_unit_test(test_schemaless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
