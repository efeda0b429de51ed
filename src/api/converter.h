/*
 * A converter: Connect data to bytes and back (org.apache.kafka.connect.storage.Converter). One file or folder under
 * converters/. What it derives from a schema it caches by address; encoding allocates nothing per record.
 * A converter object belongs to one thread, and to either keys or values.
 */
#ifndef API_CONVERTER_H
#define API_CONVERTER_H

#include "api/plugin.h"
#include "base/buf.h"
#include "base/error.h"
#include "data/record.h"

struct registry; /* registry/registry.h: the schema registry, embedded or remote */

struct converter_env {
    bool is_key;
    struct registry *registry; /* NULL where none is at hand: a converter that needs one says so */
};

struct converter;

struct converter_plugin {
    struct plugin_info info;
    int (*open)(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                struct error *err);
    /* Appends the encoded bytes to *out. *ret_null true (and nothing appended): the encoded form is null. */
    int (*encode)(struct converter *c, struct str topic, const struct schema *schema, const struct value *value,
                  struct buf *out, bool *ret_null, struct error *err);
    /* `bytes` STR_NULL is null. *ret_schema: NULL for schemaless, else owned by the converter until close. The value
     * lives in the arena (strings may point into `bytes`). NULL: this converter does not read. */
    int (*decode)(struct converter *c, struct str topic, struct str bytes, struct arena *arena,
                  const struct schema **ret_schema, struct value *ret, struct error *err);
    void (*close)(struct converter *c);
};

#endif
