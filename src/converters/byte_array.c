/* org.apache.kafka.connect.converters.ByteArrayConverter. */
#include "api/converter.h"

#include "base/mem.h"

static const struct property properties[] = {PROPERTY_END};
static const char *const classes[] = {"org.apache.kafka.connect.converters.ByteArrayConverter", "bytes", NULL};

struct converter {
    const struct schema *schema; /* what everything read has: optional bytes */
};

static int converter_open(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                          struct error *err)
{
    (void)env, (void)config, (void)err;
    struct schema *schema = schema_new(SCHEMA_BYTES);
    schema_set_optional(schema);
    struct converter *c = mem_new(struct converter);
    c->schema = schema;
    *ret = c;
    return 0;
}

static void converter_close(struct converter *c)
{
    schema_unref(c->schema);
    mem_free_ptr(&c);
}

static int converter_encode(struct converter *c, struct str topic, const struct schema *schema,
                            const struct value *value, struct buf *out, bool *ret_null, struct error *err)
{
    (void)c;
    if (schema && schema->type != SCHEMA_BYTES)
        return error_set(err, ERROR_DATA, "topic \"" STR_FMT "\": Invalid schema type for ByteArrayConverter: %s",
                         STR_ARG(topic), value_type_name((enum value_type)schema->type));
    if (value_is_null(value)) {
        *ret_null = true;
        return 0;
    }
    bool decimal = schema && schema->logical != LOGICAL_NONE;
    if (value->type != VALUE_BYTES || decimal)
        return error_set(err, ERROR_DATA,
                         "topic \"" STR_FMT "\": ByteArrayConverter is not compatible with objects of type %s",
                         STR_ARG(topic), decimal ? schema->name.ptr : value_type_name((enum value_type)value->type));
    buf_add(out, value->bytes, value->len);
    *ret_null = false;
    return 0;
}

static int converter_decode(struct converter *c, struct str topic, struct str bytes, struct arena *arena,
                            const struct schema **ret_schema, struct value *ret, struct error *err)
{
    (void)topic, (void)arena;
    if (bytes.len > VALUE_MAX_LEN)
        return error_set(err, ERROR_DATA, "more bytes than a value can have");
    *ret_schema = c->schema;
    *ret = bytes.ptr ? value_bytes(bytes.ptr, bytes.len) : value_null();
    return 0;
}

const struct converter_plugin byte_array_converter = {
    .info =
        {
            .classes = classes,
            .version = "3.9.1",
            .title = "Bytes as they are",
            .doc = "Writes bytes unchanged and reads them back. Data of another type is an error; a null stays null.",
            .properties = properties,
        },
    .open = converter_open,
    .encode = converter_encode,
    .decode = converter_decode,
    .close = converter_close,
};
