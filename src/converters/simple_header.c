/* org.apache.kafka.connect.storage.SimpleHeaderConverter: what Kafka Connect writes headers with. */
#include "api/converter.h"
#include "converters/java_text.h"

struct simple_header_config {
    char unused; /* it has no properties */
};

static const struct property properties[] = {PROPERTY_END};

static const char *const classes[] = {"org.apache.kafka.connect.storage.SimpleHeaderConverter", "simple", NULL};

struct converter {
    char unused;
};

static int converter_open(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                          struct error *err)
{
    static struct converter only; /* it keeps nothing */
    (void)env;
    (void)config;
    (void)err;
    *ret = &only;
    return 0;
}

static void converter_close(struct converter *c)
{
    (void)c;
}

static int converter_encode(struct converter *c, struct str topic, const struct schema *schema,
                            const struct value *value, struct buf *out, bool *ret_null, struct error *err)
{
    (void)c;
    *ret_null = value_is_null(value);
    if (*ret_null)
        return 0;
    int rc = java_text_write_values(schema, value, out, err);
    return rc ? error_context(err, "topic \"" STR_FMT "\"", STR_ARG(topic)) : 0;
}

const struct converter_plugin simple_header_converter = {
    .info =
        {
            .classes = classes,
            .version = "3.9.1",
            .title = "Headers as text",
            .doc = "Kafka Connect's default for record headers: strings as they are, numbers and booleans as their "
                   "text, bytes as base64, dates and times in ISO 8601, arrays, maps and structs in JSON's notation "
                   "(`{\"a\":1}`). It writes only.",
            .properties = properties,
            .config_size = sizeof(struct simple_header_config),
        },
    .open = converter_open,
    .encode = converter_encode,
    .close = converter_close,
};
