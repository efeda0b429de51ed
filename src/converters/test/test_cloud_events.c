/* CloudEventsConverter: against what Debezium's wrote (tests/conformance/cases), and with the embedded registry. */
#include "api/converter.h"
#include "base/mem.h"
#include "registry/registry.h"
#include "wire/avro.h"
#include "wire/json.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CASES SOURCE_DIR "/tests/conformance/cases/"

extern const struct converter_plugin cloud_events_converter, avro_converter;

static struct error err;

/* --- helpers ---------------------------------------------------------------------------------------- */

static void read_case(const char *name, const char *file, struct buf *out)
{
    char path[512];
    snprintf(path, sizeof path, CASES "postgres/%s/%s", name, file);
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("%s: cannot be read", path);
    buf_clear(out);
    for (size_t n = 1; n > 0; out->len += n)
        n = fread(buf_reserve(out, 4096), 1, 4096, f);
    fclose(f);
}

static void replace_all(struct buf *text, const char *from, const char *to)
{
    struct buf out = {0};
    const char *rest = buf_cstr(text);
    for (const char *at; (at = strstr(rest, from)); rest = at + strlen(from)) {
        buf_add(&out, rest, (size_t)(at - rest));
        buf_add_cstr(&out, to);
    }
    buf_add_cstr(&out, rest);
    buf_free(text);
    *text = out;
}

static struct value parse(struct str text, struct arena *arena)
{
    struct value v;
    if (json_read(arena_str(arena, text), arena, &v, &err))
        fail_msg("%s: " STR_FMT, err.text, STR_ARG(text));
    return v;
}

static const struct value *member(const struct value *map, const char *name)
{
    const struct value *v = map->type == VALUE_MAP ? value_map_get(map, str_from(name)) : NULL;
    if (!v)
        fail_msg("no member %s", name);
    return v;
}

/* `settings`: "name=value" lines. */
static int configure(const struct converter_plugin *plugin, const char *settings, struct registry *r,
                     struct converter **ret)
{
    struct config raw;
    struct findings findings;
    config_init(&raw);
    findings_init(&findings);
    assert_int_equal(config_read_properties(str_from(settings), "test", &raw, &err), 0);
    void *parsed = mem_zalloc(plugin->info.config_size);
    config_parse(plugin->info.properties, &raw, parsed, &findings);
    int rc = findings_error(&findings, &err);
    if (!rc)
        rc = plugin->open(&(struct converter_env){.registry = r},
                          &(struct plugin_config){.parsed = parsed, .raw = &raw}, ret, &err);
    free(parsed);
    findings_release(&findings);
    config_release(&raw);
    return rc;
}

static struct converter *converter_of(const char *settings, struct registry *r)
{
    struct converter *c;
    if (configure(&cloud_events_converter, settings, r, &c))
        fail_msg("%s: %s", settings, err.text);
    return c;
}

/* The schema of the events of case `customers`, under another case's name. */
static const struct schema *event_schema(const char *name, struct arena *arena)
{
    struct buf text = {0};
    char prefix[100];
    snprintf(prefix, sizeof prefix, "\"%s.", name);
    read_case("customers", "schemas.json", &text);
    replace_all(&text, "\"customers.", prefix);
    struct value schemas = parse(buf_str(&text), arena);
    const struct schema *s;
    if (json_read_schema(member(&schemas, "V1"), &s, &err))
        fail_msg("%s", err.text);
    buf_free(&text);
    return s;
}

static struct value payload(const struct schema *s, const struct value *json, struct arena *arena)
{
    struct value v;
    if (json_to_connect_as(s, json, &(struct json_options){.keep_nulls = true}, arena, &v, &err))
        fail_msg("%s", err.text);
    return v;
}

/* An event of table customers. */
static struct value event_of(const struct schema *s, const char *op, struct arena *arena)
{
    struct str text = arena_printf(
        arena,
        "{\"before\":null,\"after\":{\"id\":1,\"first_name\":\"A\",\"last_name\":\"B\",\"email\":\"C\"},\"source\":"
        "{\"version\":\"1\",\"connector\":\"postgresql\",\"name\":\"n\",\"ts_ms\":1580650272065,\"snapshot\":null,"
        "\"db\":\"d-b\",\"schema\":\"public\",\"table\":\"t\",\"txId\":5,\"lsn\":6,\"xmin\":null},\"op\":\"%s\","
        "\"ts_ms\":1,\"transaction\":{\"id\":\"9\",\"total_order\":1,\"data_collection_order\":2}}",
        op);
    struct value json = parse(text, arena);
    return payload(s, &json, arena);
}

/* --- what Debezium wrote ---------------------------------------------------------------------------- */

/* In the CloudEvent's text: what differs from run to run. */
static void mask(struct value *event)
{
    static const char *const masked[] = {
        "id", "time", "iodebeziumtsms", "iodebeziumlsn", "iodebeziumtxId", "iodebeziumxmin"};
    for (size_t i = 0; i < sizeof masked / sizeof *masked; i++) {
        struct value *v = (struct value *)member(event, masked[i]);
        assert_true(i > 1 || v->type == VALUE_STRING);
        *v = value_str(STR("masked"));
    }
}

static void compare_event(struct converter *c, const struct schema *s, const struct value *input,
                          const struct value *golden, struct arena *arena)
{
    struct buf out = {0}, expected = {0}, got = {0};
    bool null = false;
    const struct value *data = member(input, "value"), *wanted = member(golden, "value");
    struct value v = value_is_null(data) ? *data : payload(s, member(data, "payload"), arena);
    assert_int_equal(cloud_events_converter.encode(c, value_as_str(member(input, "topic")), s, &v, &out, &null, &err),
                     0);
    assert_int_equal(null, value_is_null(wanted));
    if (!null) {
        struct value event = parse(buf_str(&out), arena), reference = *wanted;
        mask(&event);
        mask(&reference);
        json_write_value(&event, &got, &err);
        json_write_value(&reference, &expected, &err);
        assert_string_equal(buf_cstr(&got), buf_cstr(&expected));
    }
    buf_free(&out);
    buf_free(&expected);
    buf_free(&got);
}

static void test_golden(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf inputs = {0}, golden = {0};
    size_t n = 0;
    const struct schema *s = event_schema("cloudevents_json", &arena);
    struct converter *c = converter_of("serializer.type=json\ndata.serializer.type=json", NULL);
    read_case("customers", "expected.jsonl", &inputs);
    replace_all(&inputs, "\"customers.", "\"cloudevents_json.");
    replace_all(&inputs, "\"name\":\"customers\"", "\"name\":\"cloudevents_json\"");
    replace_all(&inputs, "g_customers", "g_cloudevents_json");
    read_case("cloudevents_json", "expected.jsonl", &golden);
    struct str mine = buf_str(&inputs), theirs = buf_str(&golden);
    while (mine.ptr && mine.len) {
        struct value input = parse(str_split(mine, '\n', &mine), &arena);
        struct value reference = parse(str_split(theirs, '\n', &theirs), &arena);
        compare_event(c, s, &input, &reference, &arena);
        n++;
    }
    assert_int_equal(n, 15);
    assert_int_equal(theirs.len, 0);
    cloud_events_converter.close(c);
    schema_unref(s);
    buf_free(&inputs);
    buf_free(&golden);
    arena_free(&arena);
}

/* --- options ---------------------------------------------------------------------------------------- */

#define ATTRIBUTES(content, op)                                                                                        \
    "{\"id\":\"name:n;lsn:6;txId:5\",\"source\":\"/debezium/postgresql/n\",\"specversion\":\"1.0\",\"type\":"          \
    "\"io.debezium.postgresql.datachangeevent\",\"time\":\"2020-02-02T13:31:12.065Z\",\"datacontenttype\":"            \
    "\"application/" content "\"," op "\"iodebeziumversion\":\"1\",\"iodebeziumconnector\":\"postgresql\","            \
    "\"iodebeziumname\":\"n\",\"iodebeziumtsms\":\"1580650272065\",\"iodebeziumsnapshot\":\"false\",\"iodebeziumdb\":" \
    "\"d-b\",\"iodebeziumschema\":\"public\",\"iodebeziumtable\":\"t\",\"iodebeziumtxId\":\"5\",\"iodebeziumlsn\":"    \
    "\"6\",\"iodebeziumxmin\":null,\"iodebeziumtxid\":\"9\",\"iodebeziumtxtotalorder\":\"1\","                         \
    "\"iodebeziumtxdatacollectionorder\":\"2\",\"data\":"

static void test_without_schemas(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf out = {0};
    bool null = true;
    const struct schema *s = event_schema("n", &arena);
    struct value v = event_of(s, "c", &arena);
    struct converter *c = converter_of("json.schemas.enable=false", NULL);
    assert_int_equal(cloud_events_converter.encode(c, STR("n.t"), s, &v, &out, &null, &err), 0);
    assert_false(null);
    assert_string_equal(buf_cstr(&out),
                        ATTRIBUTES("json", "\"iodebeziumop\":\"c\",") "{\"before\":null,\"after\":{\"id\":1,\"first_"
                                                                      "name\":\"A\",\"last_name\":\"B\",\"email\":"
                                                                      "\"C\"}}}");
    cloud_events_converter.close(c);
    schema_unref(s);
    buf_free(&out);
    arena_free(&arena);
}

/* An event that cannot be one leaves no bytes; what is no event is null. */
static void test_refused(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buf out = {0};
    bool null = false;
    const struct schema *s = event_schema("n", &arena);
    struct value v = event_of(s, "c", &arena), none = value_null(), number = value_int64(1);
    struct converter *c = converter_of("", NULL);
    struct value *source = &v.items[schema_field_index(s, STR("source"))];
    buf_add_literal(&out, "kept");
    source->items[1] = value_str(STR("oracle"));
    assert_int_equal(cloud_events_converter.encode(c, STR("n.t"), s, &v, &out, &null, &err), ERROR_DATA);
    assert_string_equal(err.text, "topic \"n.t\": the event as a CloudEvent: No usable CloudEvents converters for "
                                  "connector type \"oracle\"");
    source->items[1] = value_str(STR("mysql"));
    assert_int_equal(cloud_events_converter.encode(c, STR("n.t"), s, &v, &out, &null, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "file is not a valid field name"));
    source->items[1] = value_str(STR("postgresql"));
    source->items[3] = value_null();
    assert_int_equal(cloud_events_converter.encode(c, STR("n.t"), s, &v, &out, &null, &err), ERROR_DATA);
    *source = value_null();
    assert_int_equal(cloud_events_converter.encode(c, STR("n.t"), s, &v, &out, &null, &err), ERROR_DATA);
    assert_int_equal(cloud_events_converter.encode(c, STR("n.t"), s, &number, &out, &null, &err), ERROR_DATA);
    assert_int_equal(cloud_events_converter.encode(c, STR("n.t"), s, &none, &out, &null, &err), 0);
    assert_true(null);
    struct schema *other = schema_new(SCHEMA_INT64);
    null = false;
    assert_int_equal(cloud_events_converter.encode(c, STR("n.t"), other, &number, &out, &null, &err), 0);
    assert_true(null);
    assert_string_equal(buf_cstr(&out), "kept");
    cloud_events_converter.close(c);
    schema_unref(other);
    schema_unref(s);
    buf_free(&out);
    arena_free(&arena);
}

static void test_settings(void **state)
{
    (void)state;
    struct converter *c;
    assert_int_equal(configure(&cloud_events_converter, "serializer.type=avro", NULL, &c), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "Cannot use 'application/json' data content type within Avro events"));
    assert_int_equal(configure(&cloud_events_converter, "serializer.type=xml", NULL, &c), ERROR_CONFIG);
    assert_int_equal(configure(&cloud_events_converter, "data.serializer.type=avro", NULL, &c), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "avro: AvroConverter needs a schema registry"));
    assert_int_equal(configure(&cloud_events_converter, "json.decimal.format=HEX", NULL, &c), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "decimal.format"));
}

/* --- Avro, with a registry in a temporary directory ------------------------------------------------- */

struct place {
    char dir[64];
    struct topics *topics;
    struct registry *registry;
};

static int open_registry(void **state)
{
    static struct place place;
    const char *tmp = getenv("TMPDIR");
    snprintf(place.dir, sizeof place.dir, "%s/cloud-events-XXXXXX", tmp && strlen(tmp) < 32 ? tmp : "/tmp");
    assert_non_null(mkdtemp(place.dir));
    struct topics_embedded_options options = {.dir = place.dir, .max_bytes = 64 << 20};
    if (topics_open_embedded(&options, &place.topics, &err) || registry_open(place.topics, &place.registry, &err))
        fail_msg("%s", err.text);
    *state = &place;
    return 0;
}

static int unlink_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static int remove_registry(void **state)
{
    struct place *place = *state;
    registry_close(place->registry);
    topics_close(place->topics);
    enum { OPEN_DIRS = 8 };
    return nftw(place->dir, unlink_entry, OPEN_DIRS, FTW_DEPTH | FTW_PHYS);
}

static int32_t id_of(struct str message)
{
    assert_true(message.len >= 5 && message.ptr[0] == 0);
    uint32_t id = 0;
    for (int i = 1; i < 5; i++)
        id = id << 8 | (unsigned char)message.ptr[i];
    return (int32_t)id;
}

static void expect_subject(const struct place *place, int32_t id, const char *subject, struct arena *arena)
{
    struct registry_schema found;
    if (registry_by_id(place->registry, id, arena, &found, &err))
        fail_msg("%s", err.text);
    assert_string_equal(found.subject.ptr, subject);
}

static const char *decoded(struct converter *reader, struct str message, struct arena *arena, struct buf *out)
{
    const struct schema *s;
    struct value v;
    struct json_plan *plan;
    if (avro_converter.decode(reader, STR("t"), message, arena, &s, &v, &err) ||
        json_plan_new(s, &(struct json_options){.keep_nulls = true}, &plan, &err))
        fail_msg("%s", err.text);
    buf_clear(out);
    buf_printf(out, STR_FMT " ", STR_ARG(s->name));
    assert_int_equal(json_write_plan(plan, &v, out, &err), 0);
    json_plan_free(plan);
    return buf_cstr(out);
}

#define ROWS_IN_AVRO                                                                                                   \
    "io.debezium.connector.mysql.Data {\"before\":null,\"after\":{\"id\":1,\"first_name\":\"A\",\"last_name\":\"B\","  \
    "\"email\":\"C\"}}"

static void test_avro_in_json(void **state)
{
    const struct place *place = *state;
    struct arena arena = {0};
    struct buf out = {0}, text = {0}, expected = {0};
    struct str rows;
    struct converter *reader;
    bool null = true;
    const struct schema *s = event_schema("n", &arena);
    struct value v = event_of(s, "c", &arena);
    struct converter *c =
        converter_of("data.serializer.type=avro\navro.schema.registry.url=http://localhost:8081", place->registry);
    assert_int_equal(configure(&avro_converter, "", place->registry, &reader), 0);
    if (cloud_events_converter.encode(c, STR("j"), s, &v, &out, &null, &err))
        fail_msg("%s", err.text);
    struct value event = parse(buf_str(&out), &arena);
    assert_true(json_read_base64(value_as_str(member(&event, "data")), &arena, &rows));
    expect_subject(place, id_of(rows), "j-value", &arena);
    assert_string_equal(decoded(reader, rows, &arena, &text), ROWS_IN_AVRO);
    buf_printf(&expected,
               ATTRIBUTES("avro", "\"dataschema\":\"http://localhost:8081/schemas/ids/%d\",\"iodebeziumop\":\"c\","),
               id_of(rows));
    assert_memory_equal(buf_cstr(&out), buf_cstr(&expected), expected.len);
    cloud_events_converter.close(c);
    avro_converter.close(reader);
    schema_unref(s);
    buf_free(&out);
    buf_free(&text);
    buf_free(&expected);
    arena_free(&arena);
}

static void test_avro_in_avro(void **state)
{
    const struct place *place = *state;
    struct arena arena = {0};
    struct buf out = {0}, text = {0};
    struct str rows;
    struct converter *reader;
    bool null = true;
    const struct schema *s = event_schema("n", &arena);
    struct value v = event_of(s, "u", &arena);
    struct converter *c = converter_of("serializer.type=avro\ndata.serializer.type=avro", place->registry);
    assert_int_equal(configure(&avro_converter, "", place->registry, &reader), 0);
    if (cloud_events_converter.encode(c, STR("a"), s, &v, &out, &null, &err))
        fail_msg("%s", err.text);
    expect_subject(place, id_of(buf_str(&out)), "a-value", &arena);
    const char *whole = decoded(reader, buf_str(&out), &arena, &text);
    static const char name[] = "n.d_b.CloudEvents.Envelope ";
    assert_memory_equal(whole, name, strlen(name));
    struct value event = parse(str_from(whole + strlen(name)), &arena);
    assert_true(str_is(value_as_str(member(&event, "iodebeziumop")), "u"));
    assert_true(str_is(value_as_str(member(&event, "iodebeziumtxid")), "9"));
    assert_true(str_starts(value_as_str(member(&event, "dataschema")), "http://localhost:8081/schemas/ids/"));
    assert_true(json_read_base64(value_as_str(member(&event, "data")), &arena, &rows));
    expect_subject(place, id_of(rows), "a-data-value", &arena);
    assert_string_equal(decoded(reader, rows, &arena, &text), ROWS_IN_AVRO);
    cloud_events_converter.close(c);
    avro_converter.close(reader);
    schema_unref(s);
    buf_free(&out);
    buf_free(&text);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_without_schemas),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_settings),
        cmocka_unit_test_setup_teardown(test_avro_in_json, open_registry, remove_registry),
        cmocka_unit_test_setup_teardown(test_avro_in_avro, open_registry, remove_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
