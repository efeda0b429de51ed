/* Flatten: names, what becomes optional, and defaults handed down. */
#include "transforms/test/bench.h"

#include <stdio.h>

extern const struct transform_plugin flatten_transform;

static void becomes(const char *settings, const char *value, const char *expected)
{
    value_becomes(&flatten_transform, settings, value, expected);
}

#define INNER                                                                                                          \
    "'type':'struct','fields':[{'type':'int8','optional':false,'field':'x'},{'type':'string','optional':true,"         \
    "'default':'y','doc':'d','field':'y'}]"

static void test_struct(void **state)
{
    (void)state;
    const char *row =
        "{'schema':{'type':'struct','name':'Row','version':2,'optional':false,'fields':["
        "{'type':'int32','optional':false,'field':'id'},{" INNER ",'optional':false,'field':'in'},"
        "{" INNER ",'optional':true,'field':'opt'},{'type':'array','optional':true,'items':{'type':'int8'},"
        "'field':'list'}]},'payload':{'id':1,'in':{'x':2,'y':null},'opt':%s,'list':[3]}}";
    char full[1500], empty[1500];
    snprintf(full, sizeof full, row, "{'x':4,'y':'z'}");
    snprintf(empty, sizeof empty, row, "null");
    becomes("{}", full,
            "{'id':1,'in.x':2,'in.y':'y','opt.x':4,'opt.y':'z','list':[3]} | struct<Row 2>{id:int32,in.x:int8,"
            "in.y:string?#='y',opt.x:int8?,opt.y:string?#='y',list:array[int8]?}");
    becomes("{'delimiter':'_'}", empty,
            "{'id':1,'in_x':2,'in_y':'y','opt_x':null,'opt_y':null,'list':[3]} | struct<Row 2>{id:int32,in_x:int8,"
            "in_y:string?#='y',opt_x:int8?,opt_y:string?#='y',list:array[int8]?}");
}

static void test_defaults(void **state)
{
    (void)state;
    becomes("{}",
            "{'schema':{'type':'struct','optional':false,'fields':[{" INNER
            ",'optional':true,'default':{'x':5,'y':'six'},"
            "'field':'in'}]},'payload':{'in':null}}",
            "{'in.x':null,'in.y':null} | struct{in.x:int8?=5,in.y:string?#='y'}");
    becomes("{}", "{'schema':{" INNER ",'optional':true,'default':{'x':5,'y':'six'}},'payload':{'x':1,'y':'z'}}",
            "{'x':1,'y':'z'} | struct{x:int8?=5,y:string?#='y'}"); /* an optional whole makes its fields optional */
}

static void test_refused(void **state)
{
    (void)state;
    becomes(
        "{}",
        "{'schema':{'type':'struct','optional':false,'fields':[{'type':'struct','optional':false,'field':'a','fields':"
        "[{'type':'map','optional':true,'keys':{'type':'string'},'values':{'type':'int8'},'field':'m'}]}]},"
        "'payload':{'a':{'m':null}}}",
        "topic 't': Flatten transformation does not support MAP for record with schemas (for field a.m)");
    becomes("{'delimiter':'_'}",
            "{'schema':{'type':'struct','optional':false,'fields':[{'type':'int8','optional':false,'field':'in_x'},"
            "{" INNER ",'optional':false,'field':'in'}]},'payload':{'in_x':1,'in':{'x':1,'y':'y'}}}",
            "topic 't': Cannot create field because of field name duplication 'in_x'");
    becomes("{}", "{'schema':{'type':'int8','optional':false},'payload':1}",
            "topic 't': Only Struct objects supported for [flattening], found: java.lang.Byte");
    becomes("{}", "{'schema':null,'payload':[]}",
            "topic 't': Only Map objects supported in absence of schema for [flattening], found: java.util.ArrayList");
}

static void test_schemaless(void **state)
{
    (void)state;
    becomes("{}", "{'schema':null,'payload':{'a':1,'b':{'c':null,'d':{'e':[{'f':1}]},'g':{}},'b.c':2}}",
            "{'a':1,'b.c':2,'b.d.e':[{'f':1}]} | none");
    becomes("{'delimiter':''}", "{'schema':null,'payload':{'a':{'b':1}}}", "{'ab':1} | none");
    becomes("{}", "null", "null | none");
}

/* A map in a map in a map: as deep as the limit allows, and one deeper. */
static void test_depth(void **state)
{
    (void)state;
    for (int levels = 100; levels <= 101; levels++) {
        struct buf value = {0}, name = {0};
        buf_add_literal(&value, "{'schema':null,'payload':{");
        for (int i = 0; i < levels; i++) {
            buf_add_literal(&value, "'a':{");
            buf_add_literal(&name, "a.");
        }
        buf_add_literal(&value, "'z':1");
        for (int i = 0; i < levels + 2; i++)
            buf_add_char(&value, '}');
        char expected[1000];
        if (levels == 100)
            snprintf(expected, sizeof expected, "{'%sz':1} | none", buf_cstr(&name));
        else
            snprintf(expected, sizeof expected, "topic 't': Flatten goes 100 levels deep at most (for field %.*s)",
                     (int)name.len - 1, buf_cstr(&name));
        becomes("{}", buf_cstr(&value), expected);
        buf_free(&value);
        buf_free(&name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_struct),     cmocka_unit_test(test_defaults), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_schemaless), cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
