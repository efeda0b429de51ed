/* org.apache.kafka.connect.json.JsonConverter. */
#include "wire/json.h"
#include "api/converter.h"

#include "base/map.h"
#include "base/mem.h"
#include "data/cache.h"

enum { SCHEMA_TEXTS_MAX = 64 * 1024 * 1024 }; /* bytes of all different schemas that one reader may meet */

struct json_converter_config {
    bool schemas_enable;
    int32_t schemas_cache_size;
    int decimal_format; /* enum json_decimal */
    bool replace_null_with_default;
};

static const char *const decimal_formats[] = {
    [JSON_DECIMAL_BASE64] = "BASE64",
    [JSON_DECIMAL_NUMERIC] = "NUMERIC",
    NULL,
};

static const struct property properties[] = {
    PROPERTY_BOOLEAN("schemas.enable", struct json_converter_config, schemas_enable, .fallback = "true",
                     .importance = IMPORTANCE_HIGH, .group = "Schemas", .display = "Enable Schemas",
                     .doc = "Whether each key and value carries its schema. With `true` every message is an object "
                            "`{\"schema\": ..., \"payload\": ...}`, and messages that are read must be of that form. "
                            "With `false` a message is the payload alone, which is smaller, and a reader has to know "
                            "the types."),
    PROPERTY_INT("schemas.cache.size", struct json_converter_config, schemas_cache_size, .fallback = "1000",
                 .max = INT32_MAX, .importance = IMPORTANCE_HIGH, .group = "Schemas", .display = "Schema Cache Size",
                 .flags = PROPERTY_ACCEPTED,
                 .doc = "How many schemas Kafka Connect's converter keeps. Taken and without effect: every schema "
                        "that is in use is kept, as the text that is written."),
    PROPERTY_ENUM("decimal.format", struct json_converter_config, decimal_format, .fallback = "BASE64",
                  .choices = decimal_formats, .importance = IMPORTANCE_LOW, .group = "Serialization",
                  .display = "Decimal Format",
                  .doc = "How decimals are written. `BASE64`: the unscaled integer's bytes as base64 text, which "
                         "needs the schema's scale to be understood. `NUMERIC`: a JSON number with all its digits; a "
                         "reader that takes it for a floating point number loses some. Both forms are read, whatever "
                         "is set here."),
    PROPERTY_BOOLEAN("replace.null.with.default", struct json_converter_config, replace_null_with_default,
                     .fallback = "true", .importance = IMPORTANCE_LOW, .group = "Serialization",
                     .display = "Replace null with default",
                     .doc = "Whether a null in a field that has a default value is written, and read, as that "
                            "default. With `false` it stays null."),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.json.JsonConverter", "json", NULL};

/* What a schema becomes: everything in front of the payload, and the payload's plan. */
struct derived {
    struct json_plan *plan;
    struct buf head;
};

struct converter {
    struct json_converter_config config;
    struct json_options options;
    struct schema_cache written; /* to struct derived */
    struct map read;             /* a schema's text to the schema */
    size_t read_bytes;           /* of those texts */
};

static void free_derived(void *ptr)
{
    struct derived *d = ptr;
    json_plan_free(d->plan);
    buf_free(&d->head);
    mem_free_ptr(&d);
}

static void unref_schema(void *ptr)
{
    schema_unref(ptr);
}

static int converter_open(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                          struct error *err)
{
    (void)env;
    (void)err;
    struct converter *c = mem_new(struct converter);
    c->config = *(const struct json_converter_config *)config->parsed;
    c->options = (struct json_options){
        .decimal = (enum json_decimal)c->config.decimal_format,
        .keep_nulls = !c->config.replace_null_with_default,
    };
    schema_cache_init(&c->written, free_derived);
    *ret = c;
    return 0;
}

static void converter_close(struct converter *c)
{
    schema_cache_release(&c->written);
    map_free(&c->read, unref_schema);
    mem_free_ptr(&c);
}

static int derive(struct converter *c, const struct schema *schema, struct derived **ret, struct error *err)
{
    struct derived *d = mem_new(struct derived);
    int rc = json_plan_new(schema, &c->options, &d->plan, err);
    if (rc) {
        free_derived(d);
        return rc;
    }
    if (c->config.schemas_enable) {
        buf_add_literal(&d->head, "{\"schema\":");
        json_write_schema_as(schema, &c->options, &d->head);
        buf_add_literal(&d->head, ",\"payload\":");
    }
    schema_cache_put(&c->written, schema, NULL, d);
    *ret = d;
    return 0;
}

static int encode_schemaless(struct converter *c, const struct value *value, struct buf *out, struct error *err)
{
    if (c->config.schemas_enable)
        buf_add_literal(out, "{\"schema\":null,\"payload\":");
    int rc = json_write_value(value, out, err);
    if (rc == 0 && c->config.schemas_enable)
        buf_add_char(out, '}');
    return rc;
}

static int encode_with_schema(struct converter *c, const struct schema *schema, const struct value *value,
                              struct buf *out, struct error *err)
{
    struct derived *d = schema_cache_get(&c->written, schema, NULL);
    int rc = d ? 0 : derive(c, schema, &d, err);
    if (rc)
        return rc;
    buf_add(out, d->head.data, d->head.len);
    rc = json_write_plan(d->plan, value, out, err);
    if (rc == 0 && d->head.len)
        buf_add_char(out, '}');
    return rc;
}

static int converter_encode(struct converter *c, struct str topic, const struct schema *schema,
                            const struct value *value, struct buf *out, bool *ret_null, struct error *err)
{
    if (!schema && value_is_null(value)) {
        *ret_null = true;
        return 0;
    }
    size_t len = out->len;
    int rc = schema ? encode_with_schema(c, schema, value, out, err) : encode_schemaless(c, value, out, err);
    if (rc) {
        out->len = len;
        return error_context(err, "topic \"" STR_FMT "\"", STR_ARG(topic));
    }
    *ret_null = false;
    return 0;
}

/* Reading. */

static int malformed(struct str topic, struct error *err)
{
    return error_context(err,
                         "topic \"" STR_FMT "\": Converting byte[] to Kafka Connect data failed due to serialization "
                         "error",
                         STR_ARG(topic));
}

static int no_envelope(struct str topic, struct error *err)
{
    return error_set(err, ERROR_DATA,
                     "topic \"" STR_FMT "\": JsonConverter with schemas.enable requires \"schema\" and \"payload\" "
                     "fields and may not contain additional fields. If you are trying to deserialize plain JSON data, "
                     "set schemas.enable=false in your converter configuration",
                     STR_ARG(topic));
}

static int read_schema(struct converter *c, struct str text, struct arena *arena, const struct schema **ret,
                       struct error *err)
{
    const struct schema *known = map_get(&c->read, text);
    if (known || str_is(text, "null")) {
        *ret = known;
        return 0;
    }
    if (c->read_bytes + text.len > SCHEMA_TEXTS_MAX)
        return error_set(err, ERROR_DATA, "the schemas read so far take more than %d bytes", SCHEMA_TEXTS_MAX);
    struct value parsed;
    int rc = json_read_exact(text, arena, &parsed, err);
    if (rc == 0)
        rc = json_read_schema(&parsed, &known, err);
    if (rc)
        return rc;
    map_put(&c->read, text, (void *)known);
    c->read_bytes += text.len;
    *ret = known;
    return 0;
}

static int decode_payload(struct converter *c, const struct schema *schema, struct str text, struct str topic,
                          struct arena *arena, struct value *ret, struct error *err)
{
    struct value parsed;
    int rc = json_read_exact(text, arena, &parsed, err);
    if (rc)
        return malformed(topic, err);
    rc = json_to_connect_as(schema, &parsed, &c->options, arena, ret, err);
    return rc ? error_context(err, "topic \"" STR_FMT "\"", STR_ARG(topic)) : 0;
}

static int decode_envelope(struct converter *c, struct str topic, struct str bytes, struct arena *arena,
                           const struct schema **ret_schema, struct value *ret, struct error *err)
{
    struct json_member m[2];
    struct value ignored;
    const struct schema *schema = NULL;
    size_t n = 0;
    bool object = json_split(bytes, arena, m, 2, &n, err) == 0;
    if (!object && json_read_exact(bytes, arena, &ignored, err))
        return malformed(topic, err);
    size_t payload = n == 2 && str_is(m[0].name, "schema") ? 1 : 0;
    if (n != 2 || !str_is(m[1 - payload].name, "schema") || !str_is(m[payload].name, "payload"))
        return no_envelope(topic, err);
    int rc = read_schema(c, m[1 - payload].raw, arena, &schema, err);
    if (rc)
        return error_context(err, "topic \"" STR_FMT "\": schema", STR_ARG(topic));
    rc = decode_payload(c, schema, m[payload].raw, topic, arena, ret, err);
    if (rc == 0)
        *ret_schema = schema;
    return rc;
}

static int converter_decode(struct converter *c, struct str topic, struct str bytes, struct arena *arena,
                            const struct schema **ret_schema, struct value *ret, struct error *err)
{
    if (bytes.ptr && c->config.schemas_enable)
        return decode_envelope(c, topic, bytes, arena, ret_schema, ret, err);
    if (str_trim(bytes).len == 0) { /* no bytes at all are Jackson's missing node: null, too */
        *ret = value_null();
        *ret_schema = NULL;
        return 0;
    }
    int rc = decode_payload(c, NULL, bytes, topic, arena, ret, err);
    if (rc == 0)
        *ret_schema = NULL;
    return rc;
}

const struct converter_plugin json_converter = {
    .info =
        {
            .classes = classes,
            .version = "3.9.1",
            .title = "JSON, with or without the schema in each message",
            .doc = "Writes what Kafka Connect's JsonConverter writes, byte for byte: numbers as Java prints them, "
                   "dates and times as integers, bytes as base64, maps with string keys as objects and other maps as "
                   "arrays of pairs.\n\n"
                   "Set `schemas.enable=false` for plain JSON; with the default, `true`, each message carries its "
                   "schema. A message is null only when it has neither schema nor value (a tombstone).",
            .properties = properties,
            .config_size = sizeof(struct json_converter_config),
        },
    .open = converter_open,
    .encode = converter_encode,
    .decode = converter_decode,
    .close = converter_close,
};
