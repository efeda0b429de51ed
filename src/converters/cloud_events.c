/* io.debezium.converters.CloudEventsConverter. */
#include "api/converter.h"

#include "base/mem.h"
#include "converters/avro/settings.h"
#include "converters/cloud_event.h"
#include "data/envelope.h"
#include "registry/registry.h"

enum { HEAD_LEN = 5, REGISTRY_PORT = 8081 };
enum serializer { SERIALIZER_JSON, SERIALIZER_AVRO };

extern const struct converter_plugin json_converter, avro_converter;

struct cloud_events_config {
    int serializer, data_serializer; /* enum serializer */
};

static const char *const serializers[] = {
    [SERIALIZER_JSON] = "json",
    [SERIALIZER_AVRO] = "avro",
    NULL,
};

static const struct property properties[] = {
    PROPERTY_ENUM("serializer.type", struct cloud_events_config, serializer, .fallback = "json", .choices = serializers,
                  .importance = IMPORTANCE_HIGH, .group = "CloudEvents",
                  .doc = "The form of the CloudEvent: `json`, or `avro` with its schema in the schema registry; that "
                         "one needs `data.serializer.type=avro`."),
    PROPERTY_ENUM("data.serializer.type", struct cloud_events_config, data_serializer, .fallback = "json",
                  .choices = serializers, .importance = IMPORTANCE_HIGH, .group = "CloudEvents",
                  .doc = "The form of `data`, the rows: `json`; or `avro`, which are bytes (base64 in JSON), and "
                         "`dataschema` then is the address of their schema in the registry."),
    PROPERTY_END,
};

static const char *const classes[] = {"io.debezium.converters.CloudEventsConverter", "cloudevents", NULL};

/* A converter that does a part of the work, with the settings behind its prefix. */
struct part {
    const struct converter_plugin *plugin;
    struct converter *converter;
    struct config settings;
    void *parsed;
};

struct converter {
    struct cloud_events events;
    enum serializer serializer;
    struct part whole, data; /* data.plugin NULL: the rows go out with the whole */
    struct registry *registry;
    struct buf registry_url; /* empty: this program's own */
    struct arena scratch;    /* of one record */
    struct buf rows;
};

/* --- opening ------------------------------------------------------------------------------------------ */

static void close_part(struct part *p)
{
    if (!p->plugin)
        return;
    if (p->converter)
        p->plugin->close(p->converter);
    config_release(&p->settings);
    mem_free_ptr(&p->parsed);
}

static void converter_close(struct converter *c)
{
    close_part(&c->whole);
    close_part(&c->data);
    cloud_events_release(&c->events);
    arena_free(&c->scratch);
    buf_free(&c->rows);
    buf_free(&c->registry_url);
    mem_free_ptr(&c);
}

static int open_part(struct part *p, enum serializer type, const struct config *raw, const struct converter_env *env,
                     bool plain, struct error *err)
{
    struct findings findings;
    const struct converter_env part_env = {.registry = env->registry};
    p->plugin = type == SERIALIZER_AVRO ? &avro_converter : &json_converter;
    config_init(&p->settings);
    config_sub(raw, type == SERIALIZER_AVRO ? "avro." : "json.", &p->settings);
    if (plain)
        config_set(&p->settings, STR("schemas.enable"), STR("false"));
    p->parsed = mem_zalloc(p->plugin->info.config_size);
    findings_init(&findings);
    config_parse(p->plugin->info.properties, &p->settings, p->parsed, &findings);
    int rc = findings_error(&findings, err);
    findings_release(&findings);
    if (!rc)
        rc = p->plugin->open(&part_env, &(struct plugin_config){p->parsed, &p->settings}, &p->converter, err);
    return rc ? error_context(err, "%s", type == SERIALIZER_AVRO ? "avro" : "json") : 0;
}

static bool with_schemas(const struct config *raw)
{
    return !str_is_nocase(str_trim(config_get(raw, "json.schemas.enable")), "false");
}

static int open_parts(struct converter *c, const struct cloud_events_config *settings, const struct config *raw,
                      const struct converter_env *env, struct error *err)
{
    enum serializer data = (enum serializer)settings->data_serializer;
    if (c->serializer == SERIALIZER_AVRO && data == SERIALIZER_JSON)
        return error_set(err, ERROR_CONFIG,
                         "Cannot use 'application/json' data content type within Avro events: set "
                         "data.serializer.type=avro");
    int rc = open_part(&c->whole, c->serializer, raw, env, c->serializer == SERIALIZER_JSON, err);
    if (!rc && (data == SERIALIZER_AVRO || with_schemas(raw)))
        rc = open_part(&c->data, data, raw, env, false, err);
    if (rc)
        return rc;
    if (data == SERIALIZER_AVRO)
        cloud_events_init(&c->events, CLOUD_DATA_BYTES, STR("application/avro"));
    else
        cloud_events_init(&c->events, c->data.plugin ? CLOUD_DATA_EMPTY : CLOUD_DATA_ROWS, STR("application/json"));
    return 0;
}

static void join_urls(const struct avro_converter_config *settings, struct buf *out)
{
    for (size_t i = 0; i < settings->registry_url.len; i++) {
        buf_add_cstr(out, i ? "," : "");
        buf_add_str(out, settings->registry_url.items[i]);
    }
}

static int converter_open(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                          struct error *err)
{
    const struct cloud_events_config *settings = config->parsed;
    struct converter *c = mem_new(struct converter);
    c->serializer = (enum serializer)settings->serializer;
    c->registry = env->registry;
    int rc = open_parts(c, settings, config->raw, env, err);
    if (rc) {
        converter_close(c);
        return rc;
    }
    if (c->events.data == CLOUD_DATA_BYTES)
        join_urls(c->data.parsed, &c->registry_url);
    *ret = c;
    return 0;
}

/* --- writing ------------------------------------------------------------------------------------------ */

static int encode_part(const struct part *p, struct str topic, const struct schema *schema, const struct value *v,
                       struct buf *out, struct error *err)
{
    bool null = false;
    return p->plugin->encode(p->converter, topic, schema, v, out, &null, err);
}

/* The address of the schema whose id is in front of the Avro bytes. */
static struct str schema_address(struct converter *c, struct str bytes)
{
    uint32_t id = 0;
    for (int i = 1; i < HEAD_LEN; i++)
        id = id << 8 | (unsigned char)bytes.ptr[i];
    if (c->registry_url.len)
        return arena_printf(&c->scratch, STR_FMT "/schemas/ids/%d", STR_ARG(buf_str(&c->registry_url)), (int)id);
    int port = c->registry ? registry_port(c->registry) : 0;
    return arena_printf(&c->scratch, "http://localhost:%d/schemas/ids/%d", port ? port : REGISTRY_PORT, (int)id);
}

/* The rows apart, as bytes in Avro. */
static int encode_rows(struct converter *c, struct str topic, const struct cloud_plan *plan,
                       const struct value *envelope, struct str *ret_address, struct error *err)
{
    struct value rows = cloud_plan_rows(plan, envelope, &c->scratch);
    if (c->serializer == SERIALIZER_AVRO) /* keeps the rows' schema and the event's apart in the registry */
        topic = arena_printf(&c->scratch, STR_FMT "-data", STR_ARG(topic));
    buf_clear(&c->rows);
    int rc = encode_part(&c->data, topic, plan->rows, &rows, &c->rows, err);
    if (!rc)
        *ret_address = schema_address(c, buf_str(&c->rows));
    return rc;
}

/* In the place of the empty object at the end of the event: the rows with their schema. */
static int replace_rows(struct converter *c, struct str topic, const struct cloud_plan *plan,
                        const struct value *envelope, struct buf *out, struct error *err)
{
    struct value rows = cloud_plan_rows(plan, envelope, &c->scratch);
    out->len -= strlen("{}}");
    int rc = encode_part(&c->data, topic, plan->rows, &rows, out, err);
    buf_add_char(out, '}');
    return rc;
}

static int encode_event(struct converter *c, struct str topic, const struct schema *schema, const struct value *value,
                        struct buf *out, struct error *err)
{
    const struct cloud_plan *plan;
    struct str address = STR_NULL;
    struct value event;
    arena_reset(&c->scratch);
    int rc = cloud_events_plan(&c->events, schema, value, &plan, err);
    if (!rc && c->events.data == CLOUD_DATA_BYTES)
        rc = encode_rows(c, topic, plan, value, &address, err);
    if (!rc)
        rc = cloud_plan_event(plan, &c->events, schema, value, buf_str(&c->rows), address, &c->scratch, &event, err);
    if (!rc)
        rc = encode_part(&c->whole, topic, plan->event, &event, out, err);
    if (!rc && c->events.data == CLOUD_DATA_EMPTY)
        rc = replace_rows(c, topic, plan, value, out, err);
    return rc;
}

static int converter_encode(struct converter *c, struct str topic, const struct schema *schema,
                            const struct value *value, struct buf *out, bool *ret_null, struct error *err)
{
    if (value_is_null(value) || !envelope_is(schema)) {
        *ret_null = true;
        return 0;
    }
    if (schema->type != SCHEMA_STRUCT || value->type != VALUE_STRUCT || value->len != schema->n_fields)
        return error_set(err, ERROR_DATA, "topic \"" STR_FMT "\": Mismatching schema", STR_ARG(topic));
    size_t len = out->len;
    int rc = encode_event(c, topic, schema, value, out, err);
    if (rc) {
        out->len = len;
        return error_context(err, "topic \"" STR_FMT "\": the event as a CloudEvent", STR_ARG(topic));
    }
    *ret_null = false;
    return 0;
}

const struct converter_plugin cloud_events_converter = {
    .info =
        {
            .classes = classes,
            .version = "1.1.2.Final",
            .title = "CloudEvents of change events, in JSON or Avro",
            .doc = "Writes a change event of a Debezium connector as a CloudEvent, version 1.0, in structured mode: "
                   "`id`, `source`, `type` and `time` tell where it comes from, each field of the event's `source` "
                   "and `transaction` is an attribute `iodebezium...`, and `data` has the rows before and after.\n\n"
                   "Properties behind `json.` are those of JsonConverter, behind `avro.` those of AvroConverter: with "
                   "`json.schemas.enable=false` the `data` is the rows alone, by default it is `{\"schema\": ..., "
                   "\"payload\": ...}`; `avro.schema.registry.url` is what `dataschema` begins with.\n\n"
                   "Use it for values. What is no change event (a tombstone, a heartbeat, a schema change) is "
                   "written as null, as by Debezium. It does not read.",
            .properties = properties,
            .config_size = sizeof(struct cloud_events_config),
        },
    .open = converter_open,
    .encode = converter_encode,
    .close = converter_close,
};
