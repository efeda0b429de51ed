/* ExtractNewRecordState, ByLogicalTableRouter and EventRouter against what Debezium's wrote. */
#include "transforms/test/golden.h"

extern const struct transform_plugin extract_new_record_state, by_logical_table_router, event_router;

enum { RECORDS_MAX = 100 };

/* The batch's records after the transform, less those dropped, by topic as a case lists them. */
static void apply_sorted(struct bench *b, const struct transform_plugin *plugin, struct transform *t)
{
    bool drop[RECORDS_MAX] = {0};
    size_t at, kept = 0;
    struct error err;
    assert_true(b->batch.len <= RECORDS_MAX);
    if (plugin->apply(t, &b->batch, 0, b->batch.len, drop, &at, &err))
        fail_msg("record %zu: %s", at, err.text);
    for (size_t i = 0; i < b->batch.len; i++) {
        struct record r = b->batch.records[i];
        if (drop[i])
            continue;
        size_t to = kept++;
        for (; to > 0 && str_compare(b->batch.records[to - 1].topic, r.topic) > 0; to--)
            b->batch.records[to] = b->batch.records[to - 1];
        b->batch.records[to] = r;
    }
    b->batch.len = kept;
}

static void compare(struct bench *ours, const char *folder)
{
    struct bench golden;
    bench_init(&golden);
    golden_read(&golden, folder, (const struct rename[]){{0}});
    assert_true(golden.batch.len > 0);
    assert_int_equal(ours->batch.len, golden.batch.len);
    for (size_t i = 0; i < golden.batch.len; i++) {
        buf_clear(&golden.out);
        buf_clear(&ours->out);
        golden_write_record(&golden.batch.records[i], &golden.out);
        golden_write_record(&ours->batch.records[i], &ours->out);
        assert_string_equal(buf_cstr(&ours->out), buf_cstr(&golden.out));
    }
    bench_release(&golden);
}

static void reproduces(const struct transform_plugin *plugin, const char *from, const struct rename *renames,
                       const char *folder)
{
    struct bench b;
    bench_init(&b);
    struct transform *t = golden_open(&b, plugin, folder);
    golden_read(&b, from, renames);
    size_t kept = 0;
    for (size_t i = 0; i < b.batch.len; i++) /* records of tables: the transforms' cases have no schema changes */
        if (str_find(b.batch.records[i].topic, '.') < b.batch.records[i].topic.len)
            b.batch.records[kept++] = b.batch.records[i];
    b.batch.len = kept;
    apply_sorted(&b, plugin, t);
    compare(&b, folder);
    plugin->close(t);
    bench_release(&b);
}

#define RENAMED(prefix, name)                                                                                          \
    (const struct rename[])                                                                                            \
    {                                                                                                                  \
        {"\"" prefix "customers", "\"" prefix name}, {"g_customers", "g_" name},                                       \
            {"\"table\":\"" name, "\"table\":\"customers"},                                                            \
        {                                                                                                              \
            0                                                                                                          \
        }                                                                                                              \
    }

static void test_unwrap(void **state)
{
    (void)state;
    reproduces(&extract_new_record_state, "postgres/customers", RENAMED("", "smt_unwrap"), "postgres/smt_unwrap");
    reproduces(&extract_new_record_state, "postgres/customers", RENAMED("", "smt_unwrap_rewrite"),
               "postgres/smt_unwrap_rewrite");
    reproduces(&extract_new_record_state, "postgres/customers", RENAMED("", "smt_unwrap_route"),
               "postgres/smt_unwrap_route");
}

static void test_unwrap_mysql(void **state)
{
    (void)state;
    reproduces(&extract_new_record_state, "mysql/customers", RENAMED("my_", "smt_unwrap"), "mysql/smt_unwrap");
    reproduces(&extract_new_record_state, "mysql80/customers", RENAMED("my8_", "smt_unwrap"), "mysql80/smt_unwrap");
}

/* There is no case of these tables without the transform: its own records, with what it did taken back. */
static void test_router(void **state)
{
    (void)state;
    const struct rename back[] = {
        {"public.orders", "public.orders_N"},
        {"public.orders_N_", "public.orders_"},
        {",{\"type\":\"string\",\"optional\":false,\"field\":\"__dbz__physicalTableIdentifier\"}", ""},
        {",{\"type\":\"string\",\"optional\":false,\"field\":\"shard\"}", ""},
        {0},
    };
    const char *const folders[] = {"postgres/smt_router", "postgres/smt_router_key", "postgres/smt_router_no_unique"};
    for (size_t f = 0; f < 3; f++) {
        struct bench b;
        struct str table = STR_NULL;
        bench_init(&b);
        struct transform *t = golden_open(&b, &by_logical_table_router, folders[f]);
        golden_read(&b, folders[f], back);
        for (size_t i = 0; i < b.batch.len; i++) {
            struct record *r = &b.batch.records[i];
            assert_int_equal(r->key_schema->n_fields, 1);
            if (!value_is_null(&r->value)) {
                int source = schema_field_index(r->value_schema, STR("source"));
                int at = schema_field_index(r->value_schema->fields[source].schema, STR("table"));
                table = value_as_str(&r->value.items[source].items[at]);
            }
            struct str rest, server = str_split(r->topic, '.', &rest);
            r->topic = arena_printf(&b.batch.arena, STR_FMT ".public." STR_FMT, STR_ARG(server), STR_ARG(table));
        }
        apply_sorted(&b, &by_logical_table_router, t);
        compare(&b, folders[f]);
        by_logical_table_router.close(t);
        bench_release(&b);
    }
}

#define COLUMN(type, name) "{'type':'" type "','optional':false,'field':'" name "'}"
#define OUTBOX_ROW                                                                                                     \
    "'type':'struct','optional':true,'name':'smt_outbox.public.outboxevent.Value','fields':[{'type':'string',"         \
    "'optional':false,'name':'io.debezium.data.Uuid','version':1,'field':'id'}," COLUMN(                               \
        "string",                                                                                                      \
        "aggregatetype") "," COLUMN("string",                                                                          \
                                    "aggregateid") "," COLUMN("string",                                                \
                                                              "type") ",{'type':'string','optional':true,'name':"      \
                                                                      "'io.debezium.data.Json','version':1,'field':'"  \
                                                                      "payload'},{'type':'string','optional':true,'"   \
                                                                      "field':'tenant'},"                              \
                                                                      "{'type':'int64','optional':true,'name':'io."    \
                                                                      "debezium.time.MicroTimestamp','version':1,'"    \
                                                                      "field':'ts'}]"
#define OUTBOX                                                                                                         \
    "{'type':'struct','optional':false,'name':'smt_outbox.public.outboxevent.Envelope','fields':[{" OUTBOX_ROW         \
    ",'field':'before'},{" OUTBOX_ROW ",'field':'after'}," COLUMN("string", "op") ",{'type':'int64','optional':true,"  \
                                                                                  "'field':'ts_ms'}]}"

static void test_outbox(void **state)
{
    (void)state;
    struct bench b;
    struct error err;
    bench_init(&b);
    struct transform *t = golden_open(&b, &event_router, "postgres/smt_outbox");
    const struct value *
        schema = read_json(&b, OUTBOX),
       *payloads = read_json(
           &b,
           "["
           "{'op':'c','ts_ms':5,'after':{'id':'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11','aggregatetype':'smt_outboxOrder',"
           "'aggregateid':'1','type':'OrderCreated','payload':'{\\\"id\\\": 1, \\\"lineItems\\\": [{\\\"item\\\": "
           "\\\"Debezium\\\"}]}','tenant':'t1','ts':1577836800000000}},"
           "{'op':'d','ts_ms':6,'before':{'id':'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11','aggregatetype':'',"
           "'aggregateid':'','type':''}},"
           "{'op':'c','ts_ms':7,'after':{'id':'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11','aggregatetype':"
           "'smt_outboxCustomer','aggregateid':'2','type':'CustomerCreated','tenant':'t2','ts':1}}]");
    const struct schema *envelope;
    assert_int_equal(json_read_schema(schema, &envelope, &err), 0);
    for (uint32_t i = 0; i < payloads->len; i++) {
        struct record *r = batch_add(&b.batch);
        r->topic = STR("smt_outbox.public.outboxevent");
        r->value_schema = envelope;
        if (json_to_connect_as(envelope, &payloads->items[i], &plain, &b.batch.arena, &r->value, &err))
            fail_msg("%s", err.text);
    }
    batch_hold(&b.batch, envelope);
    schema_unref(envelope);
    apply_sorted(&b, &event_router, t);
    for (size_t i = 0; i < b.batch.len; i++) {
        const struct record *r = &b.batch.records[i];
        assert_int_equal(r->n_headers, 1);
        assert_true(str_is(r->headers[0].key, "id"));
        assert_memory_equal(r->headers[0].value.str, i ? "a0eebc99-" : "b0eebc99-", 9);
        assert_int_equal(r->timestamp, i ? 5 : 7);
    }
    compare(&b, "postgres/smt_outbox");
    event_router.close(t);
    bench_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unwrap),
        cmocka_unit_test(test_unwrap_mysql),
        cmocka_unit_test(test_router),
        cmocka_unit_test(test_outbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
