/* TimestampConverter: each form into each other. */
#include "transforms/test/bench.h"

#include <stdio.h>

extern const struct transform_plugin timestamp_converter;

#define DATE      "int32<org.apache.kafka.connect.data.Date 1>"
#define TIME      "int32<org.apache.kafka.connect.data.Time 1>"
#define TIMESTAMP "int64<org.apache.kafka.connect.data.Timestamp 1>"

static void becomes(const char *settings, const char *value, const char *expected)
{
    value_becomes(&timestamp_converter, settings, value, expected);
}

static const struct {
    const char *schema, *payload;
} forms[] = {
    {"{'type':'string','optional':true}", "'2020-02-02 13:31:12'"},
    {"{'type':'int64','optional':true}", "1580650272065"},
    {"{'type':'int32','name':'org.apache.kafka.connect.data.Date','version':1,'optional':true}", "18294"},
    {"{'type':'int32','name':'org.apache.kafka.connect.data.Time','version':1,'optional':true}", "48672065"},
    {"{'type':'int64','name':'org.apache.kafka.connect.data.Timestamp','version':1,'optional':true}", "1580650272065"},
};

static void test_all_ways(void **state)
{
    (void)state;
    static const char *const expected[5][5] = {
        /* to a string, unix, Date, Time, Timestamp */
        {"'2020-02-02 13:31:12'", "1580650272000", "18294", "48672000", "1580650272000"},
        {"'2020-02-02 13:31:12'", "1580650272065", "18294", "48672065", "1580650272065"},
        {"'2020-02-02 00:00:00'", "1580601600000", "18294", "0", "1580601600000"},
        {"'1970-01-01 13:31:12'", "48672065", "0", "48672065", "48672065"},
        {"'2020-02-02 13:31:12'", "1580650272065", "18294", "48672065", "1580650272065"},
    };
    static const char *const targets[] = {"string", "unix", "Date", "Time", "Timestamp"};
    static const char *const schemas[] = {"string?", "int64?", DATE "?", TIME "?", TIMESTAMP "?"};
    for (size_t from = 0; from < 5; from++) {
        for (size_t to = 0; to < 5; to++) {
            char settings[200], value[400], result[400];
            snprintf(settings, sizeof settings, "{'target.type':'%s','format':'yyyy-MM-dd HH:mm:ss'}", targets[to]);
            snprintf(value, sizeof value, "{'schema':%s,'payload':%s}", forms[from].schema, forms[from].payload);
            snprintf(result, sizeof result, "%s | %s", expected[from][to], schemas[to]);
            becomes(settings, value, result);
        }
    }
}

static void test_precision(void **state)
{
    (void)state;
    const char *seconds = "{'target.type':'Timestamp','unix.precision':'seconds'}";
    becomes(seconds, "{'schema':null,'payload':1580650272}", "1580650272000 | none");
    becomes(seconds, "{'schema':null,'payload':9223372036854775807}", "9223372036854775807 | none");
    becomes("{'target.type':'Timestamp','unix.precision':'microseconds'}", "{'schema':null,'payload':-1999}",
            "-1 | none");
    becomes("{'target.type':'Timestamp','unix.precision':'nanoseconds'}", "{'schema':null,'payload':1999999}",
            "1 | none");
    const char *ts =
        "{'schema':{'type':'int64','name':'org.apache.kafka.connect.data.Timestamp','version':1,'optional':false}"
        ",'payload':1580650272065}";
    becomes("{'target.type':'unix','unix.precision':'seconds'}", ts, "1580650272 | int64");
    becomes("{'target.type':'unix','unix.precision':'microseconds'}", ts, "1580650272065000 | int64");
    becomes("{'target.type':'unix','unix.precision':'nanoseconds'}", ts, "1580650272065000000 | int64");
    becomes("{'target.type':'Date'}", "{'schema':null,'payload':-1}", "-1 | none");
    becomes("{'target.type':'Time'}", "{'schema':null,'payload':-1}", "86399999 | none");
    becomes("{'target.type':'Date'}", "{'schema':null,'payload':9223372036854775807}",
            "topic 't': 9223372036854775807 ms since 1970 is beyond what a Date can hold");
}

static void test_field(void **state)
{
    (void)state;
    const char *row = "{'schema':{'type':'struct','name':'Row','version':2,'optional':true,'fields':["
                      "{'type':'int64','optional':true,'default':86400000,'doc':'gone','field':'at'},"
                      "{'type':'string','optional':true,'default':'z','field':'b'}]},'payload':{'at':%s,'b':null}}";
    char full[500], empty[500];
    snprintf(full, sizeof full, row, "1580650272065");
    snprintf(empty, sizeof empty, row, "null");
    becomes("{'field':'at','target.type':'Date'}", full,
            "{'at':18294,'b':'z'} | struct<Row 2>{at:" DATE "?,b:string?='z'}?");
    becomes("{'field':'at','target.type':'Date'}", empty,
            "{'at':1,'b':'z'} | struct<Row 2>{at:" DATE "?,b:string?='z'}?");
    becomes("{'field':'at','target.type':'Date','replace.null.with.default':'false'}", empty,
            "{'at':null,'b':null} | struct<Row 2>{at:" DATE "?,b:string?='z'}?");
    becomes("{'field':'gone','target.type':'Date'}", full,
            "{'at':1580650272065,'b':'z'} | struct<Row 2>{at:int64?#=86400000,b:string?='z'}?");
    becomes("{'field':'at','target.type':'unix'}",
            "{'schema':{'type':'struct','optional':true,'default':{'at':5},'fields':[{'type':'int64','name':"
            "'org.apache.kafka.connect.data.Timestamp','version':1,'optional':false,'field':'at'}]},'payload':null}",
            "null | struct{at:int64}?={'at':5}");
}

static void test_schemaless(void **state)
{
    (void)state;
    const char *map = "{'schema':null,'payload':{'at':1580650272065,'n':null,'i':'x'}}";
    becomes("{'field':'at','target.type':'string','format':'yyyyMMdd'}", map,
            "{'at':'20200202','n':null,'i':'x'} | none");
    becomes("{'field':'n','target.type':'Date'}", map, "{'at':1580650272065,'n':null,'i':'x'} | none");
    becomes("{'field':'gone','target.type':'Date'}", map, "{'at':1580650272065,'n':null,'i':'x','gone':null} | none");
    becomes("{'target.type':'Date'}", "null", "null | none");
}

static void test_errors(void **state)
{
    (void)state;
    becomes("{'target.type':'string'}", "null", "format is missing: target.type is string");
    becomes("{'target.type':'string','format':'yyyy-bb'}", "null",
            "format: Illegal pattern character `b` in date pattern 'yyyy-bb'");
    becomes("{'target.type':'unix'}", "{'schema':null,'payload':'x'}",
            "topic 't': format is not set: it tells how to read the string 'x'");
    becomes("{'target.type':'unix','format':'yyyy'}", "{'schema':null,'payload':'x'}",
            "topic 't': Could not parse timestamp by format: value (x) does not match pattern (yyyy)");
    becomes("{'target.type':'unix'}", "{'schema':null,'payload':1.5}",
            "topic 't': TimestampConverter does not support class java.lang.Double objects as timestamps");
    becomes(
        "{'target.type':'unix'}", "{'schema':{'type':'int8','optional':true},'payload':null}",
        "topic 't': a schema of type INT8 does not correspond to a known timestamp type format: only string, int64, "
        "Date, Time and Timestamp do");
    becomes("{'target.type':'unix','field':'x'}", "{'schema':{'type':'int64','optional':false},'payload':5}",
            "topic 't': Only Struct objects supported for [converting timestamp formats], found: java.lang.Long");
    becomes(
        "{'target.type':'unix','field':'x'}", "{'schema':{'type':'int64','optional':true},'payload':null}",
        "topic 't': Only Struct objects supported for [converting timestamp formats], found a schema of type INT64");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_ways),   cmocka_unit_test(test_precision), cmocka_unit_test(test_field),
        cmocka_unit_test(test_schemaless), cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
