/* io.confluent.connect.avro.AvroConverter: Avro with the schema in a registry. A message is
 *     0x00, the schema's id in the registry (4 bytes, big-endian), the Avro bytes
 * https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format */
#include "api/converter.h"

#include "base/map.h"
#include "base/mem.h"
#include "converters/avro/settings.h"
#include "data/cache.h"
#include "registry/registry.h"
#include "wire/avro.h"
#include "wire/json.h"

enum { HEAD_LEN = 5 };

static const char *const classes[] = {"io.confluent.connect.avro.AvroConverter", "avro", NULL};

/* --- the converter ---------------------------------------------------------------------------------- */

/* What a schema becomes, once; and its id for each topic, which is asked of the registry once. */
struct written {
    struct avro_plan *plan;
    struct buf text;
    struct map ids; /* topic to a head */
    struct str last_topic;
    const char *last_head;
};

/* A registered schema that was met in a message. */
struct read {
    struct avro_schema *avro;
    const struct schema *connect;
};

struct converter {
    bool is_key;
    enum strategy strategy;
    struct avro_options options;
    struct registry *registry;
    struct schema_cache written; /* to struct written */
    struct map read;             /* the id's four bytes to a struct read */
    struct read *last_read;
    char last_id[HEAD_LEN - 1];
};

static void free_written(void *ptr)
{
    struct written *w = ptr;
    avro_plan_free(w->plan);
    buf_free(&w->text);
    map_free(&w->ids, free);
    free(w);
}

static void free_read(void *ptr)
{
    struct read *r = ptr;
    avro_schema_free(r->avro);
    schema_unref(r->connect);
    free(r);
}

static int converter_open(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                          struct error *err)
{
    const struct avro_converter_config *settings = config->parsed;
    if (!env->registry)
        return error_set(err, ERROR_CONFIG, "AvroConverter needs a schema registry, and there is none here");
    struct converter *c = mem_new(struct converter);
    c->is_key = env->is_key;
    c->registry = env->registry;
    c->strategy = (enum strategy)((env->is_key ? settings->key_strategy : settings->value_strategy) % N_STRATEGIES);
    c->options = (struct avro_options){
        .connect_meta = settings->connect_meta,
        .enhanced = settings->enhanced,
        .scrub_names = settings->scrub_names,
        .keep_nulls = settings->keep_nulls,
        .optional_map_keys = settings->optional_map_keys,
    };
    schema_cache_init(&c->written, free_written);
    *ret = c;
    return 0;
}

static void converter_close(struct converter *c)
{
    schema_cache_release(&c->written);
    map_free(&c->read, free_read);
    free(c);
}

/* --- writing ---------------------------------------------------------------------------------------- */

/* The full name of the record that a schema's text defines. */
static int record_name(struct str text, struct arena *arena, struct str *ret, struct error *err)
{
    struct value json;
    int rc = json_read(text, arena, &json, err);
    if (rc)
        return rc;
    const struct value *name = json.type == VALUE_MAP ? value_map_get(&json, STR("name")) : NULL;
    const struct value *space = name ? value_map_get(&json, STR("namespace")) : NULL;
    if (!name)
        return error_set(err, ERROR_CONFIG,
                         "the subject name strategy needs a struct that is not optional; use TopicNameStrategy");
    *ret = space ? arena_printf(arena, STR_FMT "." STR_FMT, STR_ARG(value_as_str(space)), STR_ARG(value_as_str(name)))
                 : value_as_str(name);
    return 0;
}

static int subject_of(const struct converter *c, struct str topic, struct str text, struct arena *arena,
                      struct str *ret, struct error *err)
{
    if (c->strategy == STRATEGY_TOPIC) {
        *ret = arena_printf(arena, STR_FMT "-%s", STR_ARG(topic), c->is_key ? "key" : "value");
        return 0;
    }
    struct str name = STR_NULL;
    int rc = record_name(text, arena, &name, err);
    if (!rc)
        *ret = c->strategy == STRATEGY_RECORD ? name
                                              : arena_printf(arena, STR_FMT "-" STR_FMT, STR_ARG(topic), STR_ARG(name));
    return rc;
}

static int register_schema(struct converter *c, struct written *w, struct str topic, const char **ret,
                           struct error *err)
{
    struct arena arena = {0};
    struct str subject = STR_NULL;
    int32_t id;
    int rc = subject_of(c, topic, buf_str(&w->text), &arena, &subject, err);
    if (!rc) {
        rc = registry_register(c->registry, subject, STR("AVRO"), buf_str(&w->text), &id, err);
        if (rc)
            error_context(err, "registering the schema of subject \"" STR_FMT "\"", STR_ARG(subject));
    }
    arena_free(&arena);
    if (rc)
        return rc;
    char *head = mem_alloc(HEAD_LEN);
    const uint32_t bits = (uint32_t)id;
    head[0] = 0;
    for (int i = 0; i < 4; i++)
        head[1 + i] = (char)(bits >> (24 - 8 * i));
    map_put(&w->ids, topic, head);
    *ret = head;
    return 0;
}

/* The five bytes in front of a message. A topic's name is compared, as its memory may be another topic's next time. */
static int head_of(struct converter *c, struct written *w, struct str topic, const char **ret, struct error *err)
{
    if (w->last_head && str_equal(w->last_topic, topic)) {
        *ret = w->last_head;
        return 0;
    }
    const char *head = map_get(&w->ids, topic);
    if (!head) {
        int rc = register_schema(c, w, topic, &head, err);
        if (rc)
            return rc;
    }
    w->last_topic = map_find(&w->ids, topic)->key;
    w->last_head = head;
    *ret = head;
    return 0;
}

static int derive(struct converter *c, const struct schema *schema, struct written **ret, struct error *err)
{
    struct written *w = mem_new(struct written);
    int rc = avro_schema_from_connect(schema, &c->options, &w->text, err);
    if (!rc)
        rc = avro_plan_new(schema, &c->options, &w->plan, err);
    if (rc) {
        free_written(w);
        return rc;
    }
    schema_cache_put(&c->written, schema, NULL, w);
    *ret = w;
    return 0;
}

static int encode(struct converter *c, struct str topic, const struct schema *schema, const struct value *value,
                  struct buf *out, struct error *err)
{
    const char *head;
    struct written *w = schema_cache_get(&c->written, schema, NULL);
    int rc = w ? 0 : derive(c, schema, &w, err);
    if (!rc)
        rc = head_of(c, w, topic, &head, err);
    if (rc)
        return rc;
    buf_add(out, head, HEAD_LEN);
    rc = avro_encode(w->plan, value, out, err);
    if (rc)
        out->len -= HEAD_LEN;
    return rc;
}

static int converter_encode(struct converter *c, struct str topic, const struct schema *schema,
                            const struct value *value, struct buf *out, bool *ret_null, struct error *err)
{
    const char *part = c->is_key ? "key" : "value";
    if (value_is_null(value)) {
        if (schema && !schema->optional)
            return error_set(err, ERROR_DATA, "topic \"" STR_FMT "\": the %s is null, and its schema allows no null",
                             STR_ARG(topic), part);
        *ret_null = true;
        return 0;
    }
    int rc = encode(c, topic, schema, value, out, err);
    if (rc)
        return error_context(err, "topic \"" STR_FMT "\": the %s as Avro", STR_ARG(topic), part);
    *ret_null = false;
    return 0;
}

/* --- reading ---------------------------------------------------------------------------------------- */

/* The version of a record's schema is that of its subject, unless the schema has one of its own. */
static void set_version(struct read *r, int32_t version)
{
    if (!r->connect || r->connect->version != SCHEMA_NO_VERSION || version < 1)
        return;
    struct schema *versioned = schema_copy(r->connect);
    schema_set_version(versioned, version);
    schema_unref(r->connect);
    r->connect = versioned;
}

static int parse_registered(struct converter *c, int32_t id, struct arena *arena, struct read *r, struct error *err)
{
    struct registry_schema found;
    struct str text;
    int rc = registry_by_id(c->registry, id, arena, &found, err);
    if (rc)
        return rc;
    if (found.type.len && !str_is(found.type, "AVRO"))
        return error_set(err, ERROR_DATA, "schema %d is not an Avro schema but one of type " STR_FMT, id,
                         STR_ARG(found.type));
    rc = registry_expand(c->registry, &found, arena, &text, err);
    if (!rc)
        rc = avro_schema_parse(text, &r->avro, err);
    if (!rc)
        rc = avro_schema_to_connect(r->avro, &r->connect, err);
    if (!rc)
        set_version(r, found.version);
    return rc ? error_context(err, "schema %d", id) : 0;
}

static int find_read(struct converter *c, const char *id_bytes, struct read **ret, struct error *err)
{
    struct str key = str_of(id_bytes, sizeof c->last_id);
    if (c->last_read && memcmp(id_bytes, c->last_id, sizeof c->last_id) == 0) {
        *ret = c->last_read;
        return 0;
    }
    struct read *r = map_get(&c->read, key);
    if (!r) {
        uint32_t id = 0;
        for (size_t i = 0; i < key.len; i++)
            id = id << 8 | (uint8_t)key.ptr[i];
        struct arena arena = {0};
        r = mem_new(struct read);
        int rc = parse_registered(c, (int32_t)id, &arena, r, err);
        arena_free(&arena);
        if (rc) {
            free_read(r);
            return rc;
        }
        map_put(&c->read, key, r);
    }
    memcpy(c->last_id, id_bytes, sizeof c->last_id);
    c->last_read = r;
    *ret = r;
    return 0;
}

static int decode(struct converter *c, struct str bytes, struct arena *arena, const struct schema **ret_schema,
                  struct value *ret, struct error *err)
{
    if (bytes.len < HEAD_LEN || bytes.ptr[0] != 0)
        return error_set(
            err, ERROR_DATA,
            "not Avro in Confluent's form, which starts with a zero byte and a schema's id: %zu bytes, the "
            "first is 0x%02x; was it written by another converter?",
            bytes.len, bytes.len ? (unsigned char)bytes.ptr[0] : 0);
    struct read *r;
    int rc = find_read(c, bytes.ptr + 1, &r, err);
    if (!rc)
        rc = avro_decode(r->avro, str_of(bytes.ptr + HEAD_LEN, bytes.len - HEAD_LEN), arena, ret, err);
    if (!rc)
        *ret_schema = r->connect;
    return rc;
}

static int converter_decode(struct converter *c, struct str topic, struct str bytes, struct arena *arena,
                            const struct schema **ret_schema, struct value *ret, struct error *err)
{
    if (!bytes.ptr) {
        *ret_schema = NULL;
        *ret = value_null();
        return 0;
    }
    int rc = decode(c, bytes, arena, ret_schema, ret, err);
    return rc ? error_context(err, "topic \"" STR_FMT "\": the %s", STR_ARG(topic), c->is_key ? "key" : "value") : 0;
}

const struct converter_plugin avro_converter = {
    .info =
        {
            .classes = classes,
            .version = "5.5.0",
            .title = "Avro, with the schemas in the schema registry",
            .doc = "Writes what Confluent's AvroConverter writes: the schema goes into the registry once, a message "
                   "is a zero byte, the schema's id and the data in Avro's binary encoding. Any client that knows "
                   "Confluent's format reads it.\n\n"
                   "A struct becomes a record of its schema's name, optional data a union with null, what Avro has no "
                   "word for stands in properties `connect.*`. Decimals, dates, times and timestamps have Avro's "
                   "logical types. A null is written as null (a tombstone).\n\n"
                   "A name that Avro forbids is an error that tells the field; `scrub.invalid.names=true` replaces "
                   "such names.",
            .properties = avro_converter_properties,
            .config_size = sizeof(struct avro_converter_config),
        },
    .open = converter_open,
    .encode = converter_encode,
    .decode = converter_decode,
    .close = converter_close,
};
