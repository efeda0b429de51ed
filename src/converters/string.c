/* org.apache.kafka.connect.storage.StringConverter. */
#include "api/converter.h"
#include "converters/charset.h"
#include "converters/java_text.h"

#include "base/mem.h"

struct string_converter_config {
    struct str encoding;
};

static int check_encoding(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    struct charset *c;
    int rc = charset_new(value, &c, err);
    if (rc == 0)
        charset_free(c);
    return rc;
}

static const struct property properties[] = {
    PROPERTY_STRING("converter.encoding", struct string_converter_config, encoding, .fallback = "UTF-8",
                    .importance = IMPORTANCE_HIGH, .group = "String", .display = "Encoding", .example = "ISO-8859-1",
                    .check = check_encoding,
                    .doc = "The character set of the bytes that are written and read, by its Java name. Characters "
                           "that the set does not have become `?`."),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.storage.StringConverter", "string", NULL};

struct converter {
    struct charset *charset;
    const struct schema *schema; /* what everything read has: an optional string */
    struct buf text;
};

static int converter_open(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                          struct error *err)
{
    (void)env;
    const struct string_converter_config *parsed = config->parsed;
    struct charset *charset;
    int rc = charset_new(parsed->encoding, &charset, err);
    if (rc)
        return rc;
    struct schema *schema = schema_new(SCHEMA_STRING);
    schema_set_optional(schema);
    struct converter *c = mem_new(struct converter);
    c->charset = charset;
    c->schema = schema;
    *ret = c;
    return 0;
}

static void converter_close(struct converter *c)
{
    charset_free(c->charset);
    schema_unref(c->schema);
    buf_free(&c->text);
    mem_free_ptr(&c);
}

static int converter_encode(struct converter *c, struct str topic, const struct schema *schema,
                            const struct value *value, struct buf *out, bool *ret_null, struct error *err)
{
    if (value_is_null(value)) {
        *ret_null = true;
        return 0;
    }
    buf_clear(&c->text);
    int rc = java_text_write(schema, value, &c->text, err);
    if (rc)
        return error_context(err, "topic \"" STR_FMT "\"", STR_ARG(topic));
    charset_encode(c->charset, buf_str(&c->text), out);
    *ret_null = false;
    return 0;
}

static int converter_decode(struct converter *c, struct str topic, struct str bytes, struct arena *arena,
                            const struct schema **ret_schema, struct value *ret, struct error *err)
{
    (void)topic;
    (void)err;
    *ret_schema = c->schema;
    if (!bytes.ptr) {
        *ret = value_null();
        return 0;
    }
    buf_clear(&c->text);
    charset_decode(c->charset, bytes, &c->text);
    *ret = value_str(arena_str(arena, buf_str(&c->text)));
    return 0;
}

const struct converter_plugin string_converter = {
    .info =
        {
            .classes = classes,
            .version = "3.9.1",
            .title = "Plain text",
            .doc = "Writes a string as it is and anything else as Java's `toString` shows it: numbers and booleans as "
                   "their text, a struct as `Struct{id=1,name=x}` without its null fields, a map as `{k=v}`, an array "
                   "as `[a, b]`, a date as `Thu Jan 01 00:00:00 UTC 1970`. Bytes are written as base64, where Java "
                   "would print an address. What is read is always a string.",
            .properties = properties,
            .config_size = sizeof(struct string_converter_config),
        },
    .open = converter_open,
    .encode = converter_encode,
    .decode = converter_decode,
    .close = converter_close,
};
