/* DropHeaders, InsertHeader, HeaderFrom. */
#include "transforms/test/bench.h"

extern const struct transform_plugin drop_headers, insert_header, header_from;

/* What the transform makes of one record: its "key", "value" and "headers" alone. */
static void becomes(const struct transform_plugin *plugin, enum transform_target target, const char *settings,
                    const char *record, const char *expected)
{
    struct bench b;
    bench_init(&b);
    AUTO_BUF list = {0};
    buf_printf(&list, "[%s]", record);
    const char *out = transformed(&b, plugin, target, settings, buf_cstr(&list));
    const char *from = strstr(out, "\"key\":{") ? strstr(out, "\"key\":{") : strstr(out, "\"value\":");
    struct str text = test_text(&b, expected);
    if (!from)
        assert_string_equal(out, text.ptr);
    else
        assert_memory_equal(from, text.ptr, text.len + 1);
    bench_release(&b);
}

#define HEADERS                                                                                                        \
    "'headers':[{'key':'a','schema':null,'payload':1},{'key':'b','schema':null,'payload':2},{'key':'a','schema':null," \
    "'payload':null}]"

static void test_drop(void **state)
{
    (void)state;
    const char *record = "{'topic':'t'," HEADERS "}";
    becomes(&drop_headers, TRANSFORM_WHOLE, "{'headers':'a'}", record,
            "'value':null,'headers':[{'key':'b','schema':null,'payload':2}]}]");
    becomes(&drop_headers, TRANSFORM_WHOLE, "{'headers':'b, a'}", record, "'value':null,'headers':[]}]");
    becomes(&drop_headers, TRANSFORM_WHOLE, "{'headers':'c'}", record, "'value':null," HEADERS "}]");
}

/* Two records with the same array of headers. */
static void test_drop_of_shared(void **state)
{
    (void)state;
    struct bench b;
    struct transform *t;
    bool drop[2] = {0};
    size_t at;
    struct error err;
    bench_init(&b);
    assert_int_equal(read_record(&b, read_json(&b, "{'topic':'t'," HEADERS "}"), &err), 0);
    *batch_add(&b.batch) = b.batch.records[0];
    assert_int_equal(open_transform(&drop_headers, TRANSFORM_WHOLE, read_json(&b, "{'headers':'a'}"), &t, &err), 0);
    assert_int_equal(drop_headers.apply(t, &b.batch, 0, 2, drop, &at, &err), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(b.batch.records[i].n_headers, 1);
        assert_true(str_is(b.batch.records[i].headers[0].key, "b"));
    }
    drop_headers.close(t);
    bench_release(&b);
}

static void test_insert(void **state)
{
    (void)state;
    becomes(&insert_header, TRANSFORM_WHOLE, "{'header':'h','value.literal':'Vienna'}", "{'topic':'t'}",
            "'value':null,'headers':[{'key':'h','schema':{'type':'string','optional':false},'payload':'Vienna'}]}]");
    becomes(
        &insert_header, TRANSFORM_WHOLE, "{'header':'a','value.literal':'300'}",
        "{'topic':'t','headers':[{'key':'a','schema':null,'payload':1}]}",
        "'value':null,'headers':[{'key':'a','schema':null,'payload':1},{'key':'a','schema':{'type':'int16','optional':"
        "false},'payload':300}]}]");
    becomes(&insert_header, TRANSFORM_WHOLE, "{'header':'h','value.literal':'null'}", "{'topic':'t'}",
            "'value':null,'headers':[{'key':'h','schema':null,'payload':null}]}]");
}

#define ROW                                                                                                            \
    "{'schema':{'type':'struct','name':'Row','optional':true,'fields':[{'type':'int8','optional':true,'default':3,"    \
    "'field':'a'},{'type':'string','optional':false,'field':'b'}]},'payload':{'a':null,'b':'x'}}"
#define HEADER_A(payload) "{'key':'h','schema':{'type':'int8','optional':true,'default':3},'payload':" payload "}"

static void test_from_struct(void **state)
{
    (void)state;
    becomes(
        &header_from, TRANSFORM_VALUE, "{'fields':'a','headers':'h','operation':'move'}",
        "{'topic':'t','value':" ROW "}",
        "'value':{'schema':{'type':'struct','fields':[{'type':'string','optional':false,'field':'b'}],'optional':false,"
        "'name':'Row'},'payload':{'b':'x'}},'headers':[" HEADER_A("3") "]}]");
    becomes(
        &header_from, TRANSFORM_KEY,
        "{'fields':'a,b','headers':'h,h','operation':'copy','replace.null.with.default':'false'}",
        "{'topic':'t','key':" ROW ",'headers':[{'key':'z','schema':null,'payload':1}]}",
        "'key':{'schema':{'type':'struct','fields':[{'type':'int8','optional':true,'default':3,'field':'a'},{'type':"
        "'string','optional':false,'field':'b'}],'optional':true,'name':'Row'},'payload':{'a':null,'b':'x'}},'value':"
        "null,"
        "'headers':[{'key':'z','schema':null,'payload':1}," HEADER_A(
            "null") ",{'key':'h','schema':{'type':'string','optional':false},'payload':'x'}]}]");
    becomes(&header_from, TRANSFORM_VALUE, "{'fields':'c','headers':'h','operation':'copy'}",
            "{'topic':'t','value':" ROW "}", "[{'error':'topic \\'t\\': Unknown field: c, which fields names'}]");
    becomes(
        &header_from, TRANSFORM_VALUE, "{'fields':'c','headers':'h','operation':'copy'}", "{'topic':'t'}",
        "[{'error':'topic \\'t\\': Only Map objects supported in absence of schema for [header copy], found: null'}]");
}

static void test_from_map(void **state)
{
    (void)state;
    becomes(&header_from, TRANSFORM_VALUE, "{'fields':'a,gone','headers':'h,i','operation':'move'}",
            "{'topic':'t','value':{'schema':null,'payload':{'a':[1],'b':2}}}",
            "'value':{'schema':null,'payload':{'b':2}},'headers':[{'key':'h','schema':null,'payload':[1]},{'key':'i',"
            "'schema':null,'payload':null}]}]");
    becomes(&header_from, TRANSFORM_VALUE, "{'fields':'a','headers':'h','operation':'copy'}",
            "{'topic':'t','value':{'schema':null,'payload':{'a':1}}}",
            "'value':{'schema':null,'payload':{'a':1}},'headers':[{'key':'h','schema':null,'payload':1}]}]");
    becomes(&header_from, TRANSFORM_VALUE, "{'fields':'a,b','headers':'h','operation':'copy'}", "{'topic':'t'}",
            "{'error':'`fields` config must have the same number of elements as `headers` config: 2 and 1'}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drop),        cmocka_unit_test(test_drop_of_shared), cmocka_unit_test(test_insert),
        cmocka_unit_test(test_from_struct), cmocka_unit_test(test_from_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
