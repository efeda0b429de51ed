/* The options of ExtractNewRecordState, ByLogicalTableRouter and EventRouter; what they do was seen of Debezium 1.1.2.
 */
#include "transforms/test/bench.h"

#include <stdio.h>

extern const struct transform_plugin extract_new_record_state, by_logical_table_router, event_router;

/* --- records in short ----------------------------------------------------------------------------------- */

#define F(type, name)  "{'type':'" type "','optional':false,'field':'" name "'}"
#define FO(type, name) "{'type':'" type "','optional':true,'field':'" name "'}"
#define ROW(fields)    "'type':'struct','optional':true,'name':'s.t.Value','version':3,'fields':[" fields "]"
#define SNAPSHOT       "{'type':'string','optional':true,'default':'false','field':'snapshot'}"
#define SOURCE                                                                                                         \
    "{'type':'struct','optional':false,'field':'source','fields':[" F("string", "db") "," F("int64",                   \
                                                                                            "ts_ms") "," SNAPSHOT "]}"
#define TRANSACTION  "{'type':'struct','optional':true,'field':'transaction','fields':[" F("string", "id") "]}"
#define ROWS(fields) "{" ROW(fields) ",'field':'before'},{" ROW(fields) ",'field':'after'}"
#define ENVELOPE(fields)                                                                                               \
    "{'type':'struct','optional':false,'name':'s.t.Envelope','fields':[" ROWS(fields) "," SOURCE "," F(                \
        "string", "op") "," FO("int64", "ts_ms") "," TRANSACTION "]}"
#define KEY_SCHEMA "{'type':'struct','optional':false,'name':'s.t.Key','fields':[" F("int32", "id") "]}"
#define PLAIN      F("int32", "id") "," FO("string", "to")
#define EVENT_OF(fields, payload)                                                                                      \
    "{'topic':'s.t','timestamp':9,'partition':4,'key':{'schema':" KEY_SCHEMA ",'payload':{'id':1}},'value':{'schema'"  \
    ":" ENVELOPE(fields) ",'payload':" payload "}}"
#define EVENT(op, rows)                                                                                                \
    EVENT_OF(PLAIN, "{" rows ",'op':'" op "','ts_ms':7,'source':{'db':'d','ts_ms':6},'transaction':{'id':'x'}}")
#define CREATE    EVENT("c", "'before':null,'after':{'id':1,'to':'a'}")
#define DELETE    EVENT("d", "'before':{'id':1,'to':'b'},'after':null")
#define TOMBSTONE "{'topic':'s.t','key':{'schema':" KEY_SCHEMA ",'payload':{'id':1}},'value':null}"
#define HEARTBEAT                                                                                                      \
    "{'topic':'hb','key':null,'value':{'schema':{'type':'struct','optional':false,'name':'x.Heartbeat','fields':[" F(  \
        "int64", "ts_ms") "]},'payload':{'ts_ms':1}}}"

static void write_headers(const struct record *r, struct buf *out)
{
    struct error err;
    for (uint32_t i = 0; i < r->n_headers; i++) {
        buf_printf(out, " " STR_FMT "=", STR_ARG(r->headers[i].key));
        assert_int_equal(write_payload(r->headers[i].schema, &r->headers[i].value, out, &err), 0);
        buf_add_char(out, ':');
        describe(r->headers[i].schema, out);
    }
}

/* TOPIC KEY VALUE SCHEMA HEADER...; "-" for a record that was dropped, an error's text behind its topic. */
static void write_outcome(struct bench *b, const struct transform_plugin *plugin, struct transform *t)
{
    bool drop = false;
    size_t at = 7;
    struct error err;
    struct record *r = &b->batch.records[0];
    if (plugin->apply(t, &b->batch, 0, 1, &drop, &at, &err)) {
        assert_int_equal(at, 0);
        assert_false(drop);
        buf_add_cstr(&b->out, err.text);
        return;
    }
    if (drop) {
        buf_add_char(&b->out, '-');
        return;
    }
    buf_printf(&b->out, STR_FMT " ", STR_ARG(r->topic));
    assert_int_equal(write_payload(r->key_schema, &r->key, &b->out, &err), 0);
    buf_add_char(&b->out, ' ');
    assert_int_equal(write_payload(r->value_schema, &r->value, &b->out, &err), 0);
    buf_add_char(&b->out, ' ');
    describe(r->value_schema, &b->out);
    write_headers(r, &b->out);
}

static void becomes(const struct transform_plugin *plugin, const char *settings, const char *record,
                    const char *expected)
{
    struct bench b;
    struct transform *t;
    struct error err;
    bench_init(&b);
    if (read_record(&b, read_json(&b, record), &err))
        fail_msg("%s", err.text);
    if (open_transform(plugin, TRANSFORM_WHOLE, read_json(&b, settings), &t, &err)) {
        buf_add_cstr(&b.out, err.text);
    } else {
        write_outcome(&b, plugin, t);
        plugin->close(t);
    }
    assert_string_equal(buf_cstr(&b.out), test_text(&b, expected).ptr);
    bench_release(&b);
}

/* --- ExtractNewRecordState -------------------------------------------------------------------------------- */

static void unwrapped(const char *settings, const char *record, const char *expected)
{
    becomes(&extract_new_record_state, settings, record, expected);
}

#define SHAPE "struct<s.t.Value 3>{id:int32,to:string?"

static void test_deletes(void **state)
{
    (void)state;
    unwrapped("{}", CREATE, "s.t {'id':1} {'id':1,'to':'a'} " SHAPE "}?");
    unwrapped("{}", DELETE, "-");
    unwrapped("{}", TOMBSTONE, "-");
    unwrapped("{}", HEARTBEAT, "hb null {'ts_ms':1} struct<x.Heartbeat -1>{ts_ms:int64}");
    unwrapped("{'drop.tombstones':'false'}", TOMBSTONE, "s.t {'id':1} null none");
    unwrapped("{'delete.handling.mode':'none'}", DELETE, "s.t {'id':1} null " SHAPE "}?");
    const char *rewrite = "{'delete.handling.mode':'REWRITE'}";
    unwrapped(rewrite, CREATE, "s.t {'id':1} {'id':1,'to':'a','__deleted':'false'} " SHAPE ",__deleted:string?}");
    unwrapped(rewrite, DELETE, "s.t {'id':1} {'id':1,'to':'b','__deleted':'true'} " SHAPE ",__deleted:string?}");
    unwrapped(rewrite, EVENT("d", "'before':null,'after':null"), "s.t {'id':1} null " SHAPE "}?");
    unwrapped("{'delete.handling.mode':'keep'}", CREATE,
              "Invalid value keep for configuration delete.handling.mode: String must be one of: drop, rewrite, none");
}

static void test_added(void **state)
{
    (void)state;
    const char *both = "{'add.fields':'op,snapshot,source.ts_ms','add.headers':'id,transaction.id,ts_ms'}";
    unwrapped(both, CREATE,
              "s.t {'id':1} {'id':1,'to':'a','__op':'c','__snapshot':'false','__source_ts_ms':6} " SHAPE
              ",__op:string?,__snapshot:string?,__source_ts_ms:int64?} __id='x':string? __transaction_id='x':string? "
              "__ts_ms=7:int64?");
    unwrapped("{'add.headers':'id'}", EVENT_OF(PLAIN, "{'after':{'id':1},'op':'c','source':{'db':'d','ts_ms':6}}"),
              "s.t {'id':1} {'id':1,'to':null} " SHAPE "}? __id=null:string?");
    unwrapped("{'add.fields':'nope','add.headers':'nope,db'}", CREATE,
              "s.t {'id':1} {'id':1,'to':'a','__nope':null} " SHAPE ",__nope:string?} __db='d':string?");
    unwrapped("{'drop.tombstones':'false','add.headers':'db,op'}", TOMBSTONE, "s.t {'id':1} null none __op='d':string");
    unwrapped("{'add.fields':'op','delete.handling.mode':'rewrite'}", EVENT("d", "'before':null,'after':null"),
              "topic 's.t': Only Struct objects supported for [source field insertion], found: null");
    unwrapped("{'add.fields':'op,op'}", CREATE,
              "topic 's.t': Cannot create field because of field name duplication '__op'");
    unwrapped(
        "{'add.fields':'after.id'}", CREATE,
        "add.fields: Unexpected field name: 'after.id'; what stands in front of the dot is source or transaction");
    unwrapped("{'add.headers':'source.a.b'}", CREATE,
              "add.headers: Unexpected field name: 'source.a.b'; what stands in front of the dot is source or "
              "transaction");
}

static void test_old_options(void **state)
{
    (void)state;
    const char *old = "{'operation.header':'true','add.source.fields':'db','drop.tombstones':'false'}";
    unwrapped(old, CREATE,
              "s.t {'id':1} {'id':1,'to':'a','__db':'d'} " SHAPE ",__db:string} __debezium-operation='c':string");
    unwrapped(old, TOMBSTONE, "s.t {'id':1} null none __debezium-operation='DELETE':string");
    unwrapped("{'add.source.fields':'nope'}", CREATE,
              "topic 's.t': Source field specified in `add.source.fields` does not exist: nope");
    unwrapped("{'add.source.fields':'nope','add.fields':'op'}", CREATE,
              "s.t {'id':1} {'id':1,'to':'a','__op':'c'} " SHAPE ",__op:string?}");
    unwrapped("{'operation.header':'true','add.headers':'db'}", CREATE,
              "s.t {'id':1} {'id':1,'to':'a'} " SHAPE "}? __db='d':string?");
}

static void test_route(void **state)
{
    (void)state;
    unwrapped("{'route.by.field':'to'}", CREATE, "a {'id':1} {'id':1,'to':'a'} " SHAPE "}?");
    unwrapped("{'route.by.field':'to'}", EVENT("c", "'after':{'id':1}"), "s.t {'id':1} {'id':1,'to':null} " SHAPE "}?");
    unwrapped("{'route.by.field':'to','delete.handling.mode':'none'}", DELETE, "b {'id':1} null " SHAPE "}?");
    unwrapped("{'route.by.field':'to','delete.handling.mode':'rewrite'}", DELETE,
              "s.t {'id':1} {'id':1,'to':'b','__deleted':'true'} " SHAPE ",__deleted:string?}");
    unwrapped("{'route.by.field':'id'}", CREATE, "topic 's.t': Field `id` is not of type STRING");
    unwrapped("{'route.by.field':'x'}", CREATE, "topic 's.t': x is not a valid field name");
}

/* What is in front of a record that fails is done, the rest untouched. */
static void test_failure(void **state)
{
    (void)state;
    struct bench b;
    struct transform *t;
    struct error err;
    bool drop[4] = {0};
    size_t at;
    bench_init(&b);
    const struct value *list = read_json(
        &b, "[" CREATE "," TOMBSTONE
            "," EVENT_OF(F("int32", "id"), "{'after':{'id':1},'op':'c','source':{'db':'d','ts_ms':6}}") "," CREATE "]");
    for (size_t i = 0; i < list->len; i++)
        assert_int_equal(read_record(&b, &list->items[i], &err), 0);
    assert_int_equal(
        open_transform(&extract_new_record_state, TRANSFORM_WHOLE, read_json(&b, "{'route.by.field':'to'}"), &t, &err),
        0);
    const struct record untouched = b.batch.records[3];
    assert_int_equal(extract_new_record_state.apply(t, &b.batch, 0, 4, drop, &at, &err), ERROR_DATA);
    assert_int_equal(at, 2);
    assert_true(str_is(b.batch.records[0].topic, "a"));
    assert_true(drop[1]);
    assert_true(str_is(b.batch.records[2].topic, "s.t"));
    assert_int_equal(b.batch.records[2].value_schema->n_fields, 6);
    assert_memory_equal(&untouched, &b.batch.records[3], sizeof untouched);
    extract_new_record_state.close(t);
    bench_release(&b);
}

/* --- ByLogicalTableRouter --------------------------------------------------------------------------------- */

static void routed(const char *settings, const char *record, const char *expected)
{
    becomes(&by_logical_table_router, settings, record, expected);
}

static void test_router(void **state)
{
    (void)state;
    const char *all = "{'topic.regex':'(.*)\\\\.(.*)','topic.replacement':'$1.all-of'}";
    routed("{'topic.regex':'x','topic.replacement':'y'}", TOMBSTONE, "s.t {'id':1} null none");
    routed(all, TOMBSTONE, "s.all-of {'id':1,'__dbz__physicalTableIdentifier':'s.t'} null none");
    routed("{'topic.regex':'.*','topic.replacement':'9','key.field.name':'n','key.field.regex':'(.)\\\\.(.)',"
           "'key.field.replacement':'$2'}",
           TOMBSTONE, "9 {'id':1,'n':'t'} null none");
    routed("{'topic.regex':'.*','topic.replacement':'9','key.field.regex':'no','key.field.replacement':'$0'}",
           TOMBSTONE, "9 {'id':1,'__dbz__physicalTableIdentifier':'s.t'} null none");
    routed("{'topic.regex':'.*','topic.replacement':'x','key.enforce.uniqueness':'false'}", TOMBSTONE,
           "x {'id':1,'__dbz__physicalTableIdentifier':'s.t'} null none");
    routed("{'topic.regex':'.*','topic.replacement':'x','key.field.add':'false'}", TOMBSTONE, "x {'id':1} null none");
    routed("{'topic.regex':'.*','topic.replacement':'x'}", HEARTBEAT,
           "x null {'ts_ms':1} struct<x.Heartbeat -1>{ts_ms:int64}");
    routed("{'topic.regex':'.*','topic.replacement':'x','key.field.name':'id'}", TOMBSTONE,
           "topic 's.t': Cannot create field because of field name duplication 'id'");
    routed("{'topic.regex':'x','topic.replacement':'y','key.field.regex':'z'}", TOMBSTONE,
           "key.field.replacement must be non-empty if key.field.regex is set.");
    routed("{'topic.regex':'x','topic.replacement':'y'}",
           "{'topic':'x','key':{'schema':{'type':'int32','optional':"
           "false},'payload':1}}",
           "topic 'x': Only Struct objects supported for [Updating schema], found: "
           "java.lang.Integer");
}

/* Names of schemas are made of the new topic; a null in a field with a default is the default. */
static void test_router_schemas(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const char *out =
        transformed(&b, &by_logical_table_router, TRANSFORM_WHOLE,
                    "{'topic.regex':'.*','topic.replacement':'9é.\xf0\x9d\x84\x9e-'}",
                    "[" EVENT_OF("{'type':'int32','optional':true,'default':5,'field':'d'}",
                                 "{'before':{'d':null},'after':{'d':6},'op':'u','source':{'db':'d','ts_ms':6}}") "]");
    const char *const expected[] = {"\"name\":\"__.___.Key\"", "\"name\":\"__.___.Value\"",
                                    "\"name\":\"__.___.Envelope\"", "{\"before\":{\"d\":5},\"after\":{\"d\":6},",
                                    "\"partition\":4,\"timestamp\":9"};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(out, expected[i]))
            fail_msg("%s is not in %s", expected[i], out);
    assert_null(strstr(out, "s.t.Value"));
    bench_release(&b);
}

/* --- EventRouter ------------------------------------------------------------------------------------------ */

#define OUTBOX                                                                                                         \
    F("string", "id")                                                                                                  \
    "," F("string", "aggregatetype") "," F("string", "aggregateid") "," F("string", "type") "," FO(                    \
        "string", "payload") "," FO("int32", "n") ",{'type':'int64','optional':true,'name':"                           \
                                                  "'io.debezium.time.MicroTimestamp','field':'us'},{'type':'int64','"  \
                                                  "optional':true,'name':"                                             \
                                                  "'io.debezium.time.NanoTimestamp','field':'ns'}," FO("int64",        \
                                                                                                       "plain")
#define INSERT(more)                                                                                                   \
    EVENT_OF(OUTBOX, "{'after':{'id':'i','aggregatetype':'Order','aggregateid':'1','type':'New'" more                  \
                     "},'op':'c','ts_ms':7,'source':{'db':'d','ts_ms':6}}")
#define FULL   INSERT(",'payload':'p','n':42,'us':-1500,'ns':3000000,'plain':1")
#define BEFORE "'before':{'id':'i','aggregatetype':'','aggregateid':'','type':''}"

static void event(const char *settings, const char *record, const char *expected)
{
    becomes(&event_router, settings, record, expected);
}

#define VALUE_SHAPE "struct{payload:string?,eventType:string}"

static void test_events(void **state)
{
    (void)state;
    event("{}", FULL, "outbox.event.Order '1' {'payload':'p','eventType':'New'} " VALUE_SHAPE " id='i':string");
    event("{}", INSERT(""), "outbox.event.Order '1' {'payload':null,'eventType':'New'} " VALUE_SHAPE " id='i':string");
    event("{'route.tombstone.on.empty.payload':'true'}", INSERT(",'payload':' \\t'"),
          "outbox.event.Order '1' null none id='i':string");
    event("{}", TOMBSTONE, "-");
    event("{}", HEARTBEAT, "hb null {'ts_ms':1} struct<x.Heartbeat -1>{ts_ms:int64}");
    const char *deleted = EVENT_OF(OUTBOX, "{" BEFORE ",'op':'d','source':{'db':'d','ts_ms':6}}");
    const char *updated = EVENT_OF(OUTBOX, "{" BEFORE ",'op':'u','source':{'db':'d','ts_ms':6}}");
    event("{'table.field.event.id':'nope'}", deleted, "-");
    event("{}", updated, "-");
    event("{'debezium.op.invalid.behavior':'error'}", updated, "-");
    event("{'debezium.op.invalid.behavior':'fatal'}", updated,
          "topic 's.t': Unexpected update message received: rows of an outbox table are not to be changed");
}

static void test_event_columns(void **state)
{
    (void)state;
    event("{'table.fields.additional.placement':'type:header:eventType'}", FULL,
          "outbox.event.Order '1' 'p' string? id='i':string eventType='New':string");
    event("{'table.fields.additional.placement':'n:envelope:number, n : header'}", FULL,
          "outbox.event.Order '1' {'payload':'p','eventType':'New','number':42} "
          "struct{payload:string?,eventType:string,number:int32?} id='i':string n=42:int32?");
    event("{'table.field.event.schema.version':'n'}", FULL,
          "outbox.event.Order '1' {'payload':'p','eventType':'New'} struct< 42>{payload:string?,eventType:string} "
          "id='i':string");
    event("{'table.field.event.key':'n'}", FULL,
          "outbox.event.Order '42' {'payload':'p','eventType':'New'} " VALUE_SHAPE " id='i':string");
    event("{'table.field.event.key':'n'}", INSERT(""),
          "outbox.event.Order '1' {'payload':null,'eventType':'New'} " VALUE_SHAPE " id='i':string");
    event("{'route.by.field':'type','route.topic.regex':'(N)(.*)','route.topic.replacement':'$2.$1'}", FULL,
          "ew.N '1' {'payload':'p','eventType':'New'} " VALUE_SHAPE " id='i':string");
    event("{'route.topic.regex':'x'}", FULL,
          "Order '1' {'payload':'p','eventType':'New'} " VALUE_SHAPE " id='i':string");
}

static void test_event_errors(void **state)
{
    (void)state;
    event("{'table.field.event.payload':'x'}", FULL, "topic 's.t': x is not a valid field name");
    event("{'route.by.field':'n'}", FULL, "topic 's.t': Field `n` is not of type STRING");
    event("{'route.by.field':'payload'}", INSERT(""), "topic 's.t': 'payload' is null, so that the event has no topic");
    event("{'table.field.event.timestamp':'plain'}", FULL,
          "topic 's.t': Unsupported field type '' for event timestamp 'plain'");
    event("{'table.field.event.schema.version':'type'}", FULL, "topic 's.t': Field `type` is not of type INT32");
    event("{'table.fields.additional.placement':'n:envelope:payload'}", FULL,
          "topic 's.t': Cannot create field because of field name duplication 'payload'");
    event("{'table.fields.additional.placement':'n:body'}", FULL,
          "table.fields.additional.placement: 'n:body' is not of the form COLUMN:PLACEMENT or COLUMN:PLACEMENT:ALIAS, "
          "where PLACEMENT is header or envelope");
    event("{}", EVENT_OF(OUTBOX, "{" BEFORE ",'op':'c','source':{'db':'d','ts_ms':6}}"),
          "topic 's.t': Only Struct objects supported for [Read Outbox Event], found: null");
}

static void test_event_times(void **state)
{
    (void)state;
    const struct {
        const char *settings;
        int64_t timestamp;
    } rows[] = {
        {"{}", 7},
        {"{'table.field.event.timestamp':'us'}", -1},
        {"{'table.field.event.timestamp':'ns'}", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        char expected[64];
        bench_init(&b);
        const char *out = transformed(&b, &event_router, TRANSFORM_WHOLE, rows[i].settings, "[" FULL "]");
        snprintf(expected, sizeof expected, "\"partition\":null,\"timestamp\":%d,", (int)rows[i].timestamp);
        if (!strstr(out, expected))
            fail_msg("%s is not in %s", expected, out);
        bench_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deletes),        cmocka_unit_test(test_added),       cmocka_unit_test(test_old_options),
        cmocka_unit_test(test_route),          cmocka_unit_test(test_failure),     cmocka_unit_test(test_router),
        cmocka_unit_test(test_router_schemas), cmocka_unit_test(test_events),      cmocka_unit_test(test_event_columns),
        cmocka_unit_test(test_event_errors),   cmocka_unit_test(test_event_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
