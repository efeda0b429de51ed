/*
 * org.apache.kafka.connect.converters.IntegerConverter and its like: one number or boolean as the bytes of Kafka's
 * serializers, big-endian. The value itself must have the type, whatever its schema says.
 */
#include "api/converter.h"

#include "base/mem.h"

#include <math.h>

struct form {
    enum value_type type;
    const char *name; /* in Kafka's messages */
    uint8_t size;
};

struct converter {
    const struct form *form;
    const struct schema *schema; /* what everything read has: optional, of the type */
};

static int open_form(const struct form *form, struct converter **ret)
{
    struct schema *schema = schema_new((enum schema_type)form->type);
    schema_set_optional(schema);
    struct converter *c = mem_new(struct converter);
    *c = (struct converter){form, schema};
    *ret = c;
    return 0;
}

static void converter_close(struct converter *c)
{
    schema_unref(c->schema);
    mem_free_ptr(&c);
}

static uint64_t bits_of(const struct value *v)
{
    uint64_t bits = 0;
    uint32_t half;
    double d = isnan(v->f64) ? (double)NAN : v->f64; /* Double.doubleToLongBits knows one NaN */
    switch ((enum value_type)v->type) {
    case VALUE_FLOAT32:
        memcpy(&half, &v->f32, sizeof half);
        return half;
    case VALUE_FLOAT64:
        memcpy(&bits, &d, sizeof bits);
        return bits;
    case VALUE_BOOLEAN:
        return v->b;
    default:
        return (uint64_t)v->i;
    }
}

static int encode(struct converter *c, struct str topic, const struct schema *schema, const struct value *value,
                  struct buf *out, bool *ret_null, struct error *err)
{
    const struct form *form = c->form;
    if (form->type == VALUE_BOOLEAN && schema && schema->type != SCHEMA_BOOLEAN)
        return error_set(err, ERROR_DATA, "topic \"" STR_FMT "\": Invalid schema type for BooleanConverter: %s",
                         STR_ARG(topic), value_type_name((enum value_type)schema->type));
    if (value_is_null(value)) {
        *ret_null = true;
        return 0;
    }
    bool logical = schema && schema->logical != LOGICAL_NONE;
    if (value->type != form->type || logical)
        return error_set(err, ERROR_DATA, "topic \"" STR_FMT "\": Failed to serialize to %s (was %s)", STR_ARG(topic),
                         form->name, logical ? schema->name.ptr : value_type_name((enum value_type)value->type));
    uint64_t bits = bits_of(value);
    char *p = buf_reserve(out, form->size);
    for (size_t i = form->size; i-- > 0; bits >>= 8)
        p[i] = (char)(bits & 0xff);
    out->len += form->size;
    *ret_null = false;
    return 0;
}

static struct value value_of_bits(enum value_type type, uint64_t bits)
{
    float f;
    double d;
    uint32_t half = (uint32_t)bits;
    switch (type) {
    case VALUE_FLOAT32:
        memcpy(&f, &half, sizeof f);
        return value_float32(f);
    case VALUE_FLOAT64:
        memcpy(&d, &bits, sizeof d);
        return value_float64(d);
    case VALUE_INT16:
        return value_int(type, (int16_t)bits);
    case VALUE_INT32:
        return value_int(type, (int32_t)bits);
    case VALUE_INT64:
        return value_int(type, (int64_t)bits);
    default:
        return value_bool(bits != 0);
    }
}

static int decode(struct converter *c, struct str topic, struct str bytes, struct arena *arena,
                  const struct schema **ret_schema, struct value *ret, struct error *err)
{
    (void)arena;
    const struct form *form = c->form;
    struct value v = value_null();
    if (bytes.ptr) {
        if (bytes.len != form->size)
            return error_set(err, ERROR_DATA,
                             "topic \"" STR_FMT "\": Failed to deserialize %s: %zu bytes received, not %d",
                             STR_ARG(topic), form->name, bytes.len, form->size);
        uint64_t bits = 0;
        for (size_t i = 0; i < bytes.len; i++)
            bits = bits << 8 | (uint8_t)bytes.ptr[i];
        if (form->type == VALUE_BOOLEAN && bits > 1)
            return error_set(err, ERROR_DATA,
                             "topic \"" STR_FMT "\": Failed to deserialize boolean: unexpected byte %d", STR_ARG(topic),
                             (int8_t)bits);
        v = value_of_bits(form->type, bits);
    }
    *ret_schema = c->schema;
    *ret = v;
    return 0;
}

static const struct property properties[] = {PROPERTY_END};

#define DOC(what)                                                                                                      \
    "Writes " what " as Kafka's own serializer does, and reads it back. Data of another type is an error; a null "     \
    "stays null."

static const char *const integer_classes[] = {"org.apache.kafka.connect.converters.IntegerConverter", "integer", NULL};

static int open_integer(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                        struct error *err)
{
    static const struct form form = {VALUE_INT32, "integer", 4};
    (void)env, (void)config, (void)err;
    return open_form(&form, ret);
}

const struct converter_plugin integer_converter = {
    .info = {.classes = integer_classes,
             .version = "3.9.1",
             .title = "A 32-bit integer in four bytes",
             .doc = DOC("an INT32 as four bytes, big-endian,"),
             .properties = properties},
    .open = open_integer,
    .encode = encode,
    .decode = decode,
    .close = converter_close,
};

static const char *const long_classes[] = {"org.apache.kafka.connect.converters.LongConverter", "long", NULL};

static int open_long(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                     struct error *err)
{
    static const struct form form = {VALUE_INT64, "long", 8};
    (void)env, (void)config, (void)err;
    return open_form(&form, ret);
}

const struct converter_plugin long_converter = {
    .info = {.classes = long_classes,
             .version = "3.9.1",
             .title = "A 64-bit integer in eight bytes",
             .doc = DOC("an INT64 as eight bytes, big-endian,"),
             .properties = properties},
    .open = open_long,
    .encode = encode,
    .decode = decode,
    .close = converter_close,
};

static const char *const short_classes[] = {"org.apache.kafka.connect.converters.ShortConverter", "short", NULL};

static int open_short(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                      struct error *err)
{
    static const struct form form = {VALUE_INT16, "short", 2};
    (void)env, (void)config, (void)err;
    return open_form(&form, ret);
}

const struct converter_plugin short_converter = {
    .info = {.classes = short_classes,
             .version = "3.9.1",
             .title = "A 16-bit integer in two bytes",
             .doc = DOC("an INT16 as two bytes, big-endian,"),
             .properties = properties},
    .open = open_short,
    .encode = encode,
    .decode = decode,
    .close = converter_close,
};

static const char *const float_classes[] = {"org.apache.kafka.connect.converters.FloatConverter", "float", NULL};

static int open_float(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                      struct error *err)
{
    static const struct form form = {VALUE_FLOAT32, "float", 4};
    (void)env, (void)config, (void)err;
    return open_form(&form, ret);
}

const struct converter_plugin float_converter = {
    .info = {.classes = float_classes,
             .version = "3.9.1",
             .title = "A 32-bit floating point number in four bytes",
             .doc = DOC("a FLOAT32 as its four IEEE 754 bytes, big-endian,"),
             .properties = properties},
    .open = open_float,
    .encode = encode,
    .decode = decode,
    .close = converter_close,
};

static const char *const double_classes[] = {"org.apache.kafka.connect.converters.DoubleConverter", "double", NULL};

static int open_double(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                       struct error *err)
{
    static const struct form form = {VALUE_FLOAT64, "double", 8};
    (void)env, (void)config, (void)err;
    return open_form(&form, ret);
}

const struct converter_plugin double_converter = {
    .info = {.classes = double_classes,
             .version = "3.9.1",
             .title = "A 64-bit floating point number in eight bytes",
             .doc = DOC("a FLOAT64 as its eight IEEE 754 bytes, big-endian,"),
             .properties = properties},
    .open = open_double,
    .encode = encode,
    .decode = decode,
    .close = converter_close,
};

static const char *const boolean_classes[] = {"org.apache.kafka.connect.converters.BooleanConverter", "boolean", NULL};

static int open_boolean(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                        struct error *err)
{
    static const struct form form = {VALUE_BOOLEAN, "boolean", 1};
    (void)env, (void)config, (void)err;
    return open_form(&form, ret);
}

const struct converter_plugin boolean_converter = {
    .info = {.classes = boolean_classes,
             .version = "3.9.1",
             .title = "A boolean in one byte",
             .doc = DOC("a boolean as one byte, 0 or 1,"),
             .properties = properties},
    .open = open_boolean,
    .encode = encode,
    .decode = decode,
    .close = converter_close,
};
