/* AvroConverter on a real embedded registry in a temporary directory. */
#include "api/converter.h"
#include "base/mem.h"
#include "registry/registry.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

extern const struct converter_plugin avro_converter;

static char dir[64];
static struct topics *topics;
static struct registry *registry;
static struct error err;

/* --- the registry ----------------------------------------------------------------------------------- */

static int open_registry(void **state)
{
    (void)state;
    if (!*dir) {
        const char *tmp = getenv("TMPDIR");
        snprintf(dir, sizeof dir, "%s/avro-converter-XXXXXX", tmp && strlen(tmp) < 32 ? tmp : "/tmp");
        assert_non_null(mkdtemp(dir));
    }
    struct topics_embedded_options options = {.dir = dir, .max_bytes = 64 << 20};
    if (topics_open_embedded(&options, &topics, &err) || registry_open(topics, &registry, &err))
        fail_msg("%s", err.text);
    return 0;
}

static void close_registry(void)
{
    registry_close(registry);
    topics_close(topics);
}

static int unlink_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static int remove_registry(void **state)
{
    (void)state;
    close_registry();
    enum { OPEN_DIRS = 8 };
    return nftw(dir, unlink_entry, OPEN_DIRS, FTW_DEPTH | FTW_PHYS);
}

/* --- the converter ---------------------------------------------------------------------------------- */

/* `settings`: "name=value" lines. The converter's memory is its own, so the rest can go. */
static int configure(const char *settings, bool is_key, struct registry *r, struct converter **ret)
{
    struct config raw;
    struct findings findings;
    config_init(&raw);
    findings_init(&findings);
    assert_int_equal(config_read_properties(str_from(settings), "test", &raw, &err), 0);
    void *parsed = mem_zalloc(avro_converter.info.config_size);
    config_parse(avro_converter.info.properties, &raw, parsed, &findings);
    int rc = findings_error(&findings, &err);
    if (!rc)
        rc = avro_converter.open(&(struct converter_env){.is_key = is_key, .registry = r},
                                 &(struct plugin_config){.parsed = parsed, .raw = &raw}, ret, &err);
    free(parsed);
    findings_release(&findings);
    config_release(&raw);
    return rc;
}

static struct converter *converter_of(const char *settings, bool is_key)
{
    struct converter *c;
    if (configure(settings, is_key, registry, &c))
        fail_msg("%s: %s", settings, err.text);
    return c;
}

static void encode(struct converter *c, const char *topic, const struct schema *s, const struct value *v,
                   struct buf *out)
{
    bool null = true;
    buf_clear(out);
    if (avro_converter.encode(c, str_from(topic), s, v, out, &null, &err))
        fail_msg("%s", err.text);
    assert_false(null);
}

static int32_t id_of(const struct buf *message)
{
    assert_true(message->len >= 5 && message->data[0] == 0);
    uint32_t id = 0;
    for (int i = 1; i < 5; i++)
        id = id << 8 | (uint8_t)message->data[i];
    return (int32_t)id;
}

static struct registry_schema registered(int32_t id, struct arena *arena)
{
    struct registry_schema found;
    if (registry_by_id(registry, id, arena, &found, &err))
        fail_msg("%s", err.text);
    return found;
}

static void expect_subject(int32_t id, const char *subject)
{
    struct arena arena = {0};
    struct registry_schema found = registered(id, &arena);
    assert_string_equal(found.subject.ptr, subject);
    arena_free(&arena);
}

static struct schema *row_schema(const char *name)
{
    struct schema *s = schema_new(SCHEMA_STRUCT), *id = schema_new(SCHEMA_INT32), *item = schema_new(SCHEMA_STRING);
    schema_set_optional(item);
    schema_add_field(s, STR("seq"), id);
    schema_add_field(s, STR("item"), item);
    if (name)
        schema_set_name(s, str_from(name), SCHEMA_NO_VERSION);
    schema_unref(id);
    schema_unref(item);
    return s;
}

/* --- tests ------------------------------------------------------------------------------------------ */

static void test_there_and_back(void **state)
{
    (void)state;
    struct converter *c = converter_of("", false);
    struct schema *s = row_schema("test_table");
    struct value v[2] = {value_int32(1), value_str(STR("apple"))}, row = value_items(VALUE_STRUCT, v, 2), back;
    struct buf out = {0};
    encode(c, "t", s, &row, &out);
    assert_int_equal(out.len, 5 + 1 + 1 + 6);
    assert_memory_equal(out.data + 5,
                        "\x02\x02\x0a"
                        "apple",
                        8);
    struct arena arena = {0};
    struct registry_schema found = registered(id_of(&out), &arena);
    assert_string_equal(found.subject.ptr, "t-value");
    assert_string_equal(found.type.ptr, "AVRO");
    assert_string_equal(found.schema.ptr, "{\"type\":\"record\",\"name\":\"test_table\",\"fields\":[{\"name\":\"seq\","
                                          "\"type\":\"int\"},{\"name\":\"item\",\"type\":[\"null\",\"string\"],"
                                          "\"default\":null}],\"connect.name\":\"test_table\"}");
    const struct schema *read;
    assert_int_equal(avro_converter.decode(c, STR("t"), buf_str(&out), &arena, &read, &back, &err), 0);
    assert_true(value_equal(&row, &back));
    assert_string_equal(read->name.ptr, "test_table");
    assert_int_equal(read->version, found.version);
    const struct schema *again;
    assert_int_equal(avro_converter.decode(c, STR("t"), buf_str(&out), &arena, &again, &back, &err), 0);
    assert_ptr_equal(read, again);
    arena_free(&arena);
    buf_free(&out);
    schema_unref(s);
    avro_converter.close(c);
}

static void test_nulls(void **state)
{
    (void)state;
    struct converter *c = converter_of("", false);
    struct schema *s = row_schema("n"), *optional = row_schema("n");
    schema_set_optional(optional);
    struct value none = value_null(), back = value_bool(true);
    struct buf out = {0};
    bool null = false;
    assert_int_equal(avro_converter.encode(c, STR("t"), NULL, &none, &out, &null, &err), 0);
    assert_true(null);
    null = false;
    assert_int_equal(avro_converter.encode(c, STR("t"), optional, &none, &out, &null, &err), 0);
    assert_true(null);
    assert_int_equal(avro_converter.encode(c, STR("t"), s, &none, &out, &null, &err), ERROR_DATA);
    assert_int_equal(out.len, 0);
    const struct schema *read = s;
    assert_int_equal(avro_converter.decode(c, STR("t"), STR_NULL, NULL, &read, &back, &err), 0);
    assert_null(read);
    assert_true(value_is_null(&back));
    schema_unref(s);
    schema_unref(optional);
    buf_free(&out);
    avro_converter.close(c);
}

static void test_primitive_keys(void **state)
{
    (void)state;
    struct converter *c = converter_of("", true);
    struct schema *s = schema_new(SCHEMA_INT32);
    struct value key = value_int32(-1), back;
    struct buf out = {0};
    encode(c, "k", s, &key, &out);
    assert_int_equal(out.len, 6);
    assert_int_equal(out.data[5], 1);
    struct arena arena = {0};
    struct registry_schema found = registered(id_of(&out), &arena);
    assert_string_equal(found.subject.ptr, "k-key");
    assert_string_equal(found.schema.ptr, "\"int\"");
    const struct schema *read;
    assert_int_equal(avro_converter.decode(c, STR("k"), buf_str(&out), &arena, &read, &back, &err), 0);
    assert_int_equal(read->type, SCHEMA_INT32);
    assert_int_equal(back.i, -1);
    arena_free(&arena);
    schema_unref(s);
    buf_free(&out);
    avro_converter.close(c);
}

static void test_subjects(void **state)
{
    (void)state;
    struct schema *s = row_schema("db.shop.Row"), *unnamed = row_schema(NULL), *number = schema_new(SCHEMA_INT64);
    struct value v[2] = {value_int32(1), value_null()}, row = value_items(VALUE_STRUCT, v, 2), n = value_int64(1);
    struct buf out = {0};
    struct converter *c =
        converter_of("value.subject.name.strategy=io.confluent.kafka.serializers.subject.RecordNameStrategy\n", false);
    encode(c, "s", s, &row, &out);
    expect_subject(id_of(&out), "db.shop.Row");
    bool null;
    size_t len = out.len;
    assert_int_equal(avro_converter.encode(c, STR("s"), number, &n, &out, &null, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "TopicNameStrategy"));
    assert_int_equal(out.len, len);
    avro_converter.close(c);
    c = converter_of("key.subject.name.strategy=TopicRecordNameStrategy\n", true);
    encode(c, "s", unnamed, &row, &out);
    expect_subject(id_of(&out), "s-io.confluent.connect.avro.ConnectDefault");
    avro_converter.close(c);
    schema_unref(s);
    schema_unref(unnamed);
    schema_unref(number);
    buf_free(&out);
}

/* One schema, several topics; topics' names in memory that is used again, as a batch's arena is. */
static void test_topics(void **state)
{
    (void)state;
    struct converter *c = converter_of("", false);
    struct schema *s = row_schema("many");
    struct value v[2] = {value_int32(1), value_null()}, row = value_items(VALUE_STRUCT, v, 2);
    struct buf out = {0};
    char name[16];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 20; i++) {
            char subject[32];
            snprintf(name, sizeof name, "m%d", i);
            snprintf(subject, sizeof subject, "m%d-value", i);
            encode(c, name, s, &row, &out);
            struct arena arena = {0};
            int32_t id;
            struct registry_schema found = registered(id_of(&out), &arena);
            assert_int_equal(registry_register(registry, str_from(subject), STR("AVRO"), found.schema, &id, &err), 0);
            assert_int_equal(id, id_of(&out));
            arena_free(&arena);
        }
    }
    schema_unref(s);
    buf_free(&out);
    avro_converter.close(c);
}

/* The id of a schema is the same after a restart, whoever asks for it. */
static void test_restart(void **state)
{
    (void)state;
    struct schema *s = row_schema("restart");
    struct value v[2] = {value_int32(1), value_null()}, row = value_items(VALUE_STRUCT, v, 2);
    struct buf before = {0}, after = {0};
    struct converter *c = converter_of("", false);
    encode(c, "r", s, &row, &before);
    avro_converter.close(c);
    close_registry();
    open_registry(NULL);
    c = converter_of("", false);
    encode(c, "r", s, &row, &after);
    assert_true(str_equal(buf_str(&before), buf_str(&after)));
    avro_converter.close(c);
    schema_unref(s);
    buf_free(&before);
    buf_free(&after);
}

static void test_names(void **state)
{
    (void)state;
    struct schema *s = schema_new(SCHEMA_STRUCT), *f = schema_new(SCHEMA_INT32);
    schema_add_field(s, STR("col umn"), f);
    schema_set_name(s, STR("names"), SCHEMA_NO_VERSION);
    schema_unref(f);
    struct value v = value_int32(1), row = value_items(VALUE_STRUCT, &v, 1);
    struct buf out = {0};
    bool null;
    struct converter *c = converter_of("", false);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(avro_converter.encode(c, STR("n"), s, &row, &out, &null, &err), ERROR_INVALID_SCHEMA);
        assert_non_null(strstr(err.text, "topic \"n\": the value"));
        assert_non_null(strstr(err.text, "\"col umn\""));
        assert_non_null(strstr(err.text, "scrub.invalid.names=true"));
        assert_int_equal(out.len, 0);
    }
    avro_converter.close(c);
    c = converter_of("scrub.invalid.names=true", false);
    encode(c, "n", s, &row, &out);
    struct arena arena = {0};
    assert_non_null(strstr(registered(id_of(&out), &arena).schema.ptr, "\"col_umn\""));
    arena_free(&arena);
    avro_converter.close(c);
    schema_unref(s);
    buf_free(&out);
}

static void test_wrong_data(void **state)
{
    (void)state;
    struct converter *c = converter_of("", false);
    struct schema *s = row_schema("wrong");
    struct value v[2] = {value_null(), value_null()}, row = value_items(VALUE_STRUCT, v, 2);
    struct buf out = {0};
    buf_add_literal(&out, "kept");
    bool null;
    assert_int_equal(avro_converter.encode(c, STR("w"), s, &row, &out, &null, &err), ERROR_DATA);
    assert_string_equal(buf_cstr(&out), "kept");
    assert_non_null(strstr(err.text, "field \"seq\""));
    schema_unref(s);

    static const struct {
        struct str bytes;
        int code;
        const char *part;
    } cases[] = {
        {STR_INIT(""), ERROR_DATA, "0 bytes"},
        {STR_INIT("\0\0\0\0"), ERROR_DATA, "4 bytes"},
        {STR_INIT("{\"a\":1}"), ERROR_DATA, "0x7b"},
        {STR_INIT("\0\x7f\0\0\0\0"), ERROR_NOT_FOUND, "2130706432"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        const struct schema *read = NULL;
        struct value back;
        assert_int_equal(avro_converter.decode(c, STR("w"), cases[i].bytes, &arena, &read, &back, &err), cases[i].code);
        if (!strstr(err.text, cases[i].part))
            fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].part);
        arena_free(&arena);
    }
    buf_free(&out);
    avro_converter.close(c);
}

static void test_schemaless(void **state)
{
    (void)state;
    struct converter *c = converter_of("", false);
    struct value pair[2] = {value_str(STR("a")), value_int64(1)}, map = value_items(VALUE_MAP, pair, 1), back;
    struct buf out = {0};
    struct arena arena = {0};
    const struct schema *read = (const void *)&out;
    encode(c, "l", NULL, &map, &out);
    assert_int_equal(avro_converter.decode(c, STR("l"), buf_str(&out), &arena, &read, &back, &err), 0);
    assert_null(read);
    assert_true(value_equal(&map, &back));
    arena_free(&arena);
    buf_free(&out);
    avro_converter.close(c);
}

/* --- what a schema is written with ------------------------------------------------------------------ */

#define NARROW "{\"type\":\"record\",\"name\":\"Row\",\"fields\":[{\"name\":\"seq\",\"type\":\"int\"}]}"
#define WIDE                                                                                                           \
    "{\"type\":\"record\",\"name\":\"Row\",\"fields\":[{\"name\":\"new\",\"type\":\"string\",\"default\":\"?\"},"      \
    "{\"name\":\"item\",\"type\":[\"string\",\"null\"]},{\"name\":\"seq\",\"type\":\"long\"}]}"

static int try_encode(struct converter *c, const char *topic, const struct schema *s, struct buf *out)
{
    struct value v[2] = {value_int32(1), value_str(STR("fig"))}, row = value_items(VALUE_STRUCT, v, 2);
    bool null;
    buf_clear(out);
    return avro_converter.encode(c, str_from(topic), s, &row, out, &null, &err);
}

static int32_t put(const char *subject, const char *text)
{
    int32_t id = 0;
    if (registry_register(registry, str_from(subject), STR("AVRO"), str_from(text), &id, &err))
        fail_msg("%s", err.text);
    return id;
}

static void test_without_registering(void **state)
{
    (void)state;
    struct converter *c = converter_of("auto.register.schemas=false", false), *registers = converter_of("", false);
    struct schema *s = row_schema("Row");
    struct buf out = {0};
    assert_int_equal(try_encode(c, "unregistered", s, &out), ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "unregistered-value"));
    assert_non_null(strstr(err.text, "auto.register.schemas"));
    assert_int_equal(try_encode(registers, "unregistered", s, &out), 0);
    int32_t id = id_of(&out);
    assert_int_equal(try_encode(c, "unregistered", s, &out), 0);
    assert_int_equal(id_of(&out), id);
    avro_converter.close(c);
    avro_converter.close(registers);
    schema_unref(s);
    buf_free(&out);
}

/* Written with the latest schema: another order, another type, one field more. */
static void test_latest_version(void **state)
{
    (void)state;
    const char *settings = "auto.register.schemas=false\nuse.latest.version=true";
    struct converter *c = converter_of(settings, false);
    struct schema *s = row_schema("Row");
    struct buf out = {0};
    assert_int_equal(try_encode(c, "latest", s, &out), ERROR_NOT_FOUND);
    int32_t id = put("latest-value", WIDE);
    assert_int_equal(try_encode(c, "latest", s, &out), 0);
    assert_int_equal(id_of(&out), id);
    assert_int_equal(out.len, 5 + 2 + 1 + 4 + 1);
    assert_memory_equal(out.data + 5,
                        "\x02?\0\x06"
                        "fig\x02",
                        8);
    struct arena arena = {0};
    const struct schema *read;
    struct value back;
    assert_int_equal(avro_converter.decode(c, STR("latest"), buf_str(&out), &arena, &read, &back, &err), 0);
    assert_int_equal(back.items[2].i, 1);
    arena_free(&arena);
    avro_converter.close(c);
    /* It must be able to read the data. */
    put("strict-value", "{\"type\":\"record\",\"name\":\"Row\",\"fields\":[{\"name\":\"must\",\"type\":\"int\"}]}");
    c = converter_of(settings, false);
    assert_int_equal(try_encode(c, "strict", s, &out), ERROR_CONFLICT);
    assert_non_null(strstr(err.text, "field \"must\""));
    assert_non_null(strstr(err.text, "latest.compatibility.strict"));
    avro_converter.close(c);
    c = converter_of("auto.register.schemas=false\nuse.latest.version=true\nlatest.compatibility.strict=false", false);
    assert_int_equal(try_encode(c, "strict", s, &out), ERROR_DATA);
    assert_non_null(strstr(err.text, "field \"must\""));
    assert_int_equal(out.len, 0);
    avro_converter.close(c);
    schema_unref(s);
    buf_free(&out);
}

static void test_schema_id(void **state)
{
    (void)state;
    struct schema *s = row_schema("Row");
    struct buf out = {0};
    int32_t id = put("narrow-value", NARROW);
    AUTO_FREE char *settings = mem_printf("auto.register.schemas=false\nuse.schema.id=%d", id);
    struct converter *c = converter_of(settings, false);
    assert_int_equal(try_encode(c, "any", s, &out), 0);
    assert_int_equal(id_of(&out), id);
    assert_int_equal(out.len, 6);
    avro_converter.close(c);
    c = converter_of("auto.register.schemas=false\nuse.schema.id=99999", false);
    assert_int_equal(try_encode(c, "any", s, &out), ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "use.schema.id=99999"));
    avro_converter.close(c);
    schema_unref(s);
    buf_free(&out);
}

static void test_normalizing(void **state)
{
    (void)state;
    struct converter *c = converter_of("normalize.schemas=true", false);
    struct schema *s = row_schema("Row");
    struct buf out = {0};
    struct arena arena = {0};
    assert_int_equal(try_encode(c, "normal", s, &out), 0);
    assert_true(str_starts(registered(id_of(&out), &arena).schema, "{\"name\":\"Row\",\"type\":\"record\""));
    avro_converter.close(c);
    arena_free(&arena);
    schema_unref(s);
    buf_free(&out);
}

/* A change that the level forbids stops the task with an error that says what to do. */
static void test_incompatible_change(void **state)
{
    (void)state;
    struct converter *c = converter_of("", false);
    struct schema *s = row_schema("Row");
    struct buf out = {0};
    put("evolving-value", "{\"type\":\"record\",\"name\":\"Row\",\"fields\":[{\"name\":\"seq\",\"type\":\"string\"}]}");
    assert_int_equal(try_encode(c, "evolving", s, &out), ERROR_CONFLICT);
    for (const char *const *part = (const char *const[]){"field \"seq\"", "BACKWARD", "/config/evolving-value", NULL};
         *part; part++)
        if (!strstr(err.text, *part))
            fail_msg("\"%s\" does not say \"%s\"", err.text, *part);
    avro_converter.close(c);
    schema_unref(s);
    buf_free(&out);
}

static void test_settings(void **state)
{
    (void)state;
    static const struct {
        const char *line, *part; /* part NULL: taken */
    } cases[] = {
        {"schema.registry.url=http://localhost:8081", NULL},
        {"schema.registry.url=http://127.0.0.1:8081, http://user:pw@[::1]:8081/", NULL},
        {"schema.registry.url=http://registry.example.com:8081", NULL},
        {"schema.registry.url=http://localhost:8081,https://user:secret@other:8081", NULL},
        {"schema.registry.url=ftp://other:8081", "schema.registry.url"},
        {"schema.registry.url=http://", "schema.registry.url"},
        {"schema.registry.url=http://other:8081\nbasic.auth.credentials.source=USER_INFO", "basic.auth.user.info"},
        {"schema.registry.url=http://other:8081\nbasic.auth.credentials.source=USER_INFO\nbasic.auth.user.info=a:b:c",
         NULL},
        {"basic.auth.credentials.source=SASL_INHERIT", "basic.auth.credentials.source"},
        {"schema.registry.ssl.truststore.location=/nowhere.pem", "/nowhere.pem"},
        {"schema.registry.ssl.truststore.type=JKS", "schema.registry.ssl.truststore.type"},
        {"auto.register.schemas=true", NULL},
        {"auto.register.schemas=false", NULL},
        {"use.latest.version=true", NULL},
        {"normalize.schemas=true", NULL},
        {"use.schema.id=7", NULL},
        {"use.schema.id=-2", "use.schema.id"},
        {"generalized.sum.type.support=true", "generalized.sum.type.support"},
        {"flatten.singleton.unions=false", "flatten.singleton.unions"},
        {"value.subject.name.strategy=com.example.Mine", "value.subject.name.strategy"},
        {"schemas.cache.config=10", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct converter *c = NULL;
        int rc = configure(cases[i].line, false, registry, &c);
        if (!cases[i].part) {
            if (rc)
                fail_msg("%s: %s", cases[i].line, err.text);
            avro_converter.close(c);
            continue;
        }
        assert_int_equal(rc, ERROR_CONFIG);
        if (!strstr(err.text, cases[i].part))
            fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].line, err.text, cases[i].part);
    }
    struct converter *c = NULL;
    assert_int_equal(configure("", false, NULL, &c), ERROR_CONFIG);
    struct findings findings;
    findings_init(&findings);
    property_check_table(avro_converter.info.properties, &findings);
    vec_each (&findings.items, f)
        fail_msg(STR_FMT ": " STR_FMT, STR_ARG(f->name), STR_ARG(f->text));
    findings_release(&findings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_nulls),
        cmocka_unit_test(test_primitive_keys), cmocka_unit_test(test_subjects),
        cmocka_unit_test(test_topics),         cmocka_unit_test(test_restart),
        cmocka_unit_test(test_names),          cmocka_unit_test(test_wrong_data),
        cmocka_unit_test(test_schemaless),     cmocka_unit_test(test_without_registering),
        cmocka_unit_test(test_latest_version), cmocka_unit_test(test_schema_id),
        cmocka_unit_test(test_normalizing),    cmocka_unit_test(test_incompatible_change),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests(tests, open_registry, remove_registry);
}
