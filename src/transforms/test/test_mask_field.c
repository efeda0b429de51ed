/* MaskField: the neutral value and the replacement of every type. */
#include "transforms/test/bench.h"

#include <stdio.h>

extern const struct transform_plugin mask_field;

#define FIELD(type, name) "{'type':'" type "','optional':true,'field':'" name "'}"
#define ROW                                                                                                            \
    "{'schema':{'type':'struct','optional':false,'fields':[" FIELD("int8", "i8") "," FIELD("int16", "i16") "," FIELD(  \
        "int32",                                                                                                       \
        "i32") "," FIELD("int64",                                                                                      \
                         "i64") "," FIELD("float",                                                                     \
                                          "f") "," FIELD("double",                                                     \
                                                         "d") "," FIELD("boolean",                                     \
                                                                        "b") "," FIELD("string",                       \
                                                                                       "s") "]},'payload':{'i8':1,'"   \
                                                                                            "i16':2,'i32':3,'i64':4,'" \
                                                                                            "f':5.5,'d':6.5,'b':true," \
                                                                                            "'s':'x'}}"
#define ROW_SCHEMA " | struct{i8:int8?,i16:int16?,i32:int32?,i64:int64?,f:float?,d:double?,b:boolean?,s:string?}"

static void becomes(const char *settings, const char *value, const char *expected)
{
    value_becomes(&mask_field, settings, value, expected);
}

static void one_becomes(const char *settings, const char *schema, const char *payload, const char *expected)
{
    char value[1000];
    snprintf(value, sizeof value,
             "{'schema':{'type':'struct','optional':false,'fields':[{%s,'field':'x'}]},'payload':{'x':%s}}", schema,
             payload);
    becomes(settings, value, expected);
}

static void test_nothing(void **state)
{
    (void)state;
    becomes("{'fields':'i8,i16,i32,i64,f,d,b,s'}", ROW,
            "{'i8':0,'i16':0,'i32':0,'i64':0,'f':0.0,'d':0.0,'b':false,'s':''}" ROW_SCHEMA);
    becomes("{'fields':'gone, i16'}", ROW,
            "{'i8':1,'i16':0,'i32':3,'i64':4,'f':5.5,'d':6.5,'b':true,'s':'x'}" ROW_SCHEMA);
    one_becomes("{'fields':'x'}", "'type':'array','items':{'type':'int8'},'optional':false", "[1,2]",
                "{'x':[]} | struct{x:array[int8]}");
    one_becomes("{'fields':'x'}", "'type':'map','keys':{'type':'string'},'values':{'type':'int8'},'optional':false",
                "{'k':1}", "{'x':{}} | struct{x:map[string:int8]}");
    one_becomes("{'fields':'x'}",
                "'type':'int32','name':'org.apache.kafka.connect.data.Date','version':1,'optional':false", "18294",
                "{'x':0} | struct{x:int32<org.apache.kafka.connect.data.Date 1>}");
    one_becomes("{'fields':'x'}",
                "'type':'bytes','name':'org.apache.kafka.connect.data.Decimal','version':1,'optional':false,"
                "'parameters':{'scale':'2'}",
                "'MDk='", "{'x':'AA=='} | struct{x:bytes<org.apache.kafka.connect.data.Decimal 1>(scale=2)}");
    one_becomes("{'fields':'x'}", "'type':'bytes','optional':false", "'AP8='",
                "topic 't': field 'x': Cannot mask value of type: class [B");
    one_becomes("{'fields':'x'}", "'type':'struct','optional':false,'fields':[]", "{}",
                "topic 't': field 'x': Cannot mask value of type: class org.apache.kafka.connect.data.Struct");
}

static void test_replacement(void **state)
{
    (void)state;
    becomes("{'fields':'i8,i16,i32,i64,f,d,s','replacement':'1000.75'}", ROW,
            "{'i8':-24,'i16':1000,'i32':1000,'i64':1000,'f':1000.75,'d':1000.75,'b':true,'s':'1000.75'}" ROW_SCHEMA);
    becomes("{'fields':'i8,i64,f,d','replacement':'1e39'}", ROW,
            "{'i8':0,'i16':2,'i32':3,'i64':6873995514006732800,'f':'Infinity','d':1.0E39,'b':true,'s':'x'}" ROW_SCHEMA);
    becomes("{'fields':'s','replacement':'***'}", ROW,
            "{'i8':1,'i16':2,'i32':3,'i64':4,'f':5.5,'d':6.5,'b':true,'s':'***'}" ROW_SCHEMA);
    becomes("{'fields':'i32','replacement':'***'}", ROW,
            "topic 't': field 'i32': Unable to convert replacement '***' to a number");
    becomes("{'fields':'b','replacement':'1'}", ROW,
            "topic 't': field 'b': Cannot mask value of type: class java.lang.Boolean with custom replacement");
    const char *decimal = "'type':'bytes','name':'org.apache.kafka.connect.data.Decimal','version':1,'optional':false,"
                          "'parameters':{'scale':'2'}";
    one_becomes("{'fields':'x','replacement':'1.5'}", decimal, "'MDk='",
                "{'x':'AJY='} | struct{x:bytes<org.apache.kafka.connect.data.Decimal 1>(scale=2)}");
    one_becomes("{'fields':'x','replacement':'5'}",
                "'type':'int64','name':'org.apache.kafka.connect.data.Timestamp','version':1,'optional':false", "7",
                "topic 't': field 'x': Cannot mask value of type: class java.util.Date with custom replacement");
    becomes("{'fields':''}", ROW,
            "Invalid value '' for configuration fields: String must be non-empty; for example iban,salary");
}

static void test_nulls(void **state)
{
    (void)state;
    one_becomes("{'fields':'x'}", "'type':'int8','optional':true", "null", "{'x':null} | struct{x:int8?}");
    one_becomes("{'fields':'x','replacement':'5'}", "'type':'int8','optional':true,'default':3", "null",
                "{'x':5} | struct{x:int8?=3}"); /* the default first, then the mask over it */
    one_becomes("{'fields':'x','replace.null.with.default':'false'}", "'type':'int8','optional':true,'default':3",
                "null", "{'x':null} | struct{x:int8?=3}");
    becomes("{'fields':'x'}", "null",
            "topic 't': Only Map objects supported in absence of schema for [mask fields], found: null");
    becomes("{'fields':'x'}", "{'schema':{'type':'struct','optional':true,'fields':[]},'payload':null}",
            "topic 't': Only Struct objects supported for [mask fields], found: null");
}

static void test_schemaless(void **state)
{
    (void)state;
    const char *map = "{'schema':null,'payload':{'a':1,'b':[1],'c':{'d':1},'e':null,'s':'x'}}";
    becomes("{'fields':'a,b,c,e,s,z'}", map, "{'a':0,'b':[],'c':{},'e':null,'s':'','z':null} | none");
    becomes("{'fields':'a,s','replacement':'7'}", map, "{'a':7,'b':[1],'c':{'d':1},'e':null,'s':'7'} | none");
    becomes("{'fields':'b','replacement':'7'}", map,
            "topic 't': field 'b': Cannot mask value of type: class java.util.ArrayList with custom replacement");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_replacement),
        cmocka_unit_test(test_nulls),
        cmocka_unit_test(test_schemaless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
