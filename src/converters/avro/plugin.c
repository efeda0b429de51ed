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
#include "wire/avro_compat.h"
#include "wire/avro_translate.h"
#include "wire/json.h"

enum { HEAD_LEN = 5 };

static const char *const classes[] = {"io.confluent.connect.avro.AvroConverter", "avro", NULL};

/* --- the converter ---------------------------------------------------------------------------------- */

/* What a schema is written with under a topic, which is asked of the registry once. */
struct target {
    char head[HEAD_LEN];
    struct avro_schema *schema;           /* another one than the data's own, or NULL */
    struct avro_translation *translation; /* to it */
};

/* What a schema becomes, once. */
struct written {
    struct avro_plan *plan;
    struct buf text;
    struct avro_schema *schema; /* the text parsed, where there are translations */
    struct map targets;         /* topic to struct target */
    struct str last_topic;
    struct target *last;
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
    bool opened_registry; /* it is this converter's own */
    bool registers, normalizes, uses_latest, latest_strict, id_strict;
    int32_t use_id;              /* -1: none */
    struct buf scratch;          /* data before its translation */
    struct schema_cache written; /* to struct written */
    struct map read;             /* the id's four bytes to a struct read */
    struct read *last_read;
    char last_id[HEAD_LEN - 1];
};

static void free_target(void *ptr)
{
    struct target *t = ptr;
    avro_translation_free(t->translation);
    avro_schema_free(t->schema);
    free(t);
}

static void free_written(void *ptr)
{
    struct written *w = ptr;
    map_free(&w->targets, free_target);
    avro_plan_free(w->plan);
    avro_schema_free(w->schema);
    buf_free(&w->text);
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
    struct registry *used;
    bool opened = false;
    int rc = avro_converter_registry(settings, env->registry, &used, &opened, err);
    if (rc)
        return rc;
    struct converter *c = mem_new(struct converter);
    c->is_key = env->is_key;
    c->registry = used;
    c->opened_registry = opened;
    c->registers = settings->auto_register;
    c->normalizes = settings->normalize;
    c->uses_latest = settings->use_latest;
    c->latest_strict = settings->latest_strict;
    c->id_strict = settings->id_strict;
    c->use_id = settings->use_schema_id;
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
    buf_free(&c->scratch);
    if (c->opened_registry)
        registry_close(c->registry);
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

/* `found` in place of the data's own schema: what is needed to write with it. */
static int translate_to(struct converter *c, struct written *w, const struct registry_schema *found, bool strict,
                        struct arena *arena, struct target *t, struct error *err)
{
    struct str text;
    struct avro_incompatibility *problems;
    size_t n = 0;
    if (!str_is(found->type, "AVRO"))
        return error_set(err, ERROR_CONFIG, "it is a schema of type " STR_FMT, STR_ARG(found->type));
    int rc = registry_expand(c->registry, found, arena, &text, err);
    if (!rc)
        rc = avro_schema_parse(text, &t->schema, err);
    if (!rc && !w->schema)
        rc = avro_schema_parse(buf_str(&w->text), &w->schema, err);
    if (!rc && strict)
        rc = avro_compat_check(t->schema, w->schema, arena, &problems, &n, err);
    if (rc)
        return rc;
    if (n > 0)
        return error_set(err, ERROR_CONFLICT,
                         "it cannot read the data: field \"" STR_FMT "\": %s, " STR_FMT
                         "; %s=false would check that record by record",
                         STR_ARG(problems[0].field), avro_mismatch_names[problems[0].type],
                         STR_ARG(problems[0].message),
                         c->use_id >= 0 ? "id.compatibility.strict" : "latest.compatibility.strict");
    t->translation = avro_translation_new(w->schema, t->schema);
    return 0;
}

/* The schema that stands in the registry for the data's own one, as Confluent's serializer looks for it. */
static int find_schema(struct converter *c, struct written *w, struct str subject, struct arena *arena,
                       struct target *t, int32_t *ret_id, struct error *err)
{
    const struct registry_ask ask = {
        .subject = subject, .type = STR("AVRO"), .schema = buf_str(&w->text), .normalize = c->normalizes};
    struct registry_schema found;
    int rc;
    if (c->registers) {
        rc = registry_put(c->registry, &ask, ret_id, err);
        return rc ? error_context(err, "registering the schema of subject \"" STR_FMT "\"", STR_ARG(subject)) : 0;
    }
    if (c->use_id >= 0) {
        rc = registry_by_id(c->registry, c->use_id, arena, &found, err);
        if (!rc)
            rc = translate_to(c, w, &found, c->id_strict, arena, t, err);
    } else if (c->uses_latest) {
        rc = registry_latest(c->registry, subject, arena, &found, err);
        if (!rc)
            rc = translate_to(c, w, &found, c->latest_strict, arena, t, err);
    } else {
        rc = registry_look_up(c->registry, &ask, arena, &found, err);
    }
    if (rc && c->use_id >= 0)
        return error_context(err, "use.schema.id=%d", c->use_id);
    if (rc)
        return error_context(err, "%s schema of subject \"" STR_FMT "\" (auto.register.schemas=false)",
                             c->uses_latest ? "the latest" : "looking for the", STR_ARG(subject));
    *ret_id = found.id;
    return 0;
}

static int find_target(struct converter *c, struct written *w, struct str topic, struct target **ret, struct error *err)
{
    struct arena arena = {0};
    struct str subject = STR_NULL;
    struct target *t = mem_new(struct target);
    int32_t id = 0;
    int rc = subject_of(c, topic, buf_str(&w->text), &arena, &subject, err);
    if (!rc)
        rc = find_schema(c, w, subject, &arena, t, &id, err);
    arena_free(&arena);
    if (rc) {
        free_target(t);
        return rc;
    }
    const uint32_t bits = (uint32_t)id;
    for (int i = 0; i < 4; i++)
        t->head[1 + i] = (char)(bits >> (24 - 8 * i));
    map_put(&w->targets, topic, t);
    *ret = t;
    return 0;
}

/* A topic's name is compared, as its memory may be another topic's next time. */
static int target_of(struct converter *c, struct written *w, struct str topic, struct target **ret, struct error *err)
{
    if (w->last && str_equal(w->last_topic, topic)) {
        *ret = w->last;
        return 0;
    }
    struct target *t = map_get(&w->targets, topic);
    if (!t) {
        int rc = find_target(c, w, topic, &t, err);
        if (rc)
            return rc;
    }
    w->last_topic = map_find(&w->targets, topic)->key;
    w->last = t;
    *ret = t;
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
    struct target *t;
    struct written *w = schema_cache_get(&c->written, schema, NULL);
    int rc = w ? 0 : derive(c, schema, &w, err);
    if (!rc)
        rc = target_of(c, w, topic, &t, err);
    if (rc)
        return rc;
    buf_add(out, t->head, HEAD_LEN);
    if (t->translation) {
        buf_clear(&c->scratch);
        rc = avro_encode(w->plan, value, &c->scratch, err);
        if (!rc)
            rc = avro_translate(t->translation, buf_str(&c->scratch), out, err);
    } else {
        rc = avro_encode(w->plan, value, out, err);
    }
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
