/*
 * `struct schema`: a Kafka Connect schema (org.apache.kafka.connect.data.Schema). Built by one thread,
 * then shared and immutable; reference counted, atomically.
 *
 * Identity matters: the same table version is one schema object, and converters keep what they derive
 * from it (JSON text, Avro schema, registry id) in a struct cache keyed by its address (data/cache.h).
 * A source therefore makes a schema once per table version, not per batch.
 *
 * A schema owns everything inside: names, parameters, defaults, and a reference on each inner schema.
 */
#ifndef DATA_SCHEMA_H
#define DATA_SCHEMA_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "data/value.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The same numbers as enum value_type, so a value's tag can be compared with its schema's type. */
enum schema_type {
    SCHEMA_INT8 = VALUE_INT8,
    SCHEMA_INT16,
    SCHEMA_INT32,
    SCHEMA_INT64,
    SCHEMA_FLOAT32,
    SCHEMA_FLOAT64,
    SCHEMA_BOOLEAN,
    SCHEMA_STRING,
    SCHEMA_BYTES,
    SCHEMA_ARRAY,
    SCHEMA_MAP,
    SCHEMA_STRUCT,
};
static_assert((int)SCHEMA_STRUCT == (int)VALUE_STRUCT, "value tags are schema types");

/* Connect's own logical types, derived from the schema's name when the name is set. */
enum schema_logical { LOGICAL_NONE, LOGICAL_DECIMAL, LOGICAL_DATE, LOGICAL_TIME, LOGICAL_TIMESTAMP };

#define DECIMAL_NAME            "org.apache.kafka.connect.data.Decimal"
#define DATE_NAME               "org.apache.kafka.connect.data.Date"
#define TIME_NAME               "org.apache.kafka.connect.data.Time"
#define TIMESTAMP_NAME          "org.apache.kafka.connect.data.Timestamp"
#define DECIMAL_SCALE_PARAM     "scale"
#define DECIMAL_PRECISION_PARAM "connect.decimal.precision"

enum { SCHEMA_NO_VERSION = -1 }; /* Java's null */

struct schema_param {
    struct str key, value;
};

struct schema_field {
    struct str name;
    const struct schema *schema; /* owned reference */
};

struct schema {
    atomic_uint refs;
    uint8_t type;    /* enum schema_type */
    uint8_t logical; /* enum schema_logical */
    bool optional;
    bool has_default;
    int32_t version;             /* SCHEMA_NO_VERSION when there is none */
    int32_t scale;               /* of LOGICAL_DECIMAL, from its parameter */
    struct str name, doc;        /* STR_NULL when there is none; NUL-terminated otherwise */
    struct value default_value;  /* VALUE_NULL unless has_default */
    struct schema_param *params; /* in order of addition, as Java's LinkedHashMap */
    uint32_t n_params, n_fields;
    struct schema_field *fields;       /* SCHEMA_STRUCT */
    const struct schema *key_schema;   /* SCHEMA_MAP */
    const struct schema *value_schema; /* SCHEMA_MAP, and the elements of SCHEMA_ARRAY */
    struct arena arena;                /* holds all of the above */
};

/* Building. schema_new gives one reference; the setters are for its maker, before it is shared. Text
 * is copied. Inner schemas are referenced, so the caller keeps its own reference to give up. */
struct schema *schema_new(enum schema_type type);
struct schema *schema_new_array(const struct schema *element);
struct schema *schema_new_map(const struct schema *key, const struct schema *value);
void schema_set_optional(struct schema *s);
void schema_set_name(struct schema *s, struct str name, int32_t version); /* also sets `logical` */
void schema_set_version(struct schema *s, int32_t version);
void schema_set_doc(struct schema *s, struct str doc);
void schema_add_param(struct schema *s, struct str key, struct str value); /* replaces an equal key */
void schema_set_default(struct schema *s, const struct value *v);          /* deep copy */
void schema_add_field(struct schema *s, struct str name, const struct schema *field);

/* Connect's logical types, version 1. precision 0: no precision parameter. */
struct schema *schema_new_decimal(int32_t scale, int32_t precision);
struct schema *schema_new_date(void);
struct schema *schema_new_time(void);
struct schema *schema_new_timestamp(void);

/* A builder that starts as a deep-enough copy of `s`: same everything, one reference, not shared. */
struct schema *schema_copy(const struct schema *s);

const struct schema *schema_ref(const struct schema *s); /* NULL gives NULL */
void schema_unref(const struct schema *s);               /* NULL is fine */

bool schema_equal(const struct schema *a, const struct schema *b); /* deep; NULLs allowed */
int schema_field_index(const struct schema *s, struct str name);   /* -1 when absent */
struct str schema_param(const struct schema *s, struct str key);   /* STR_NULL when absent */
const char *schema_type_name(enum schema_type type);               /* JsonConverter's: "int32", "float", "double" */

/* ConnectSchema.validateValue: type and nullability, deep. The text names the path of the field. */
int schema_check_value(const struct schema *s, const struct value *v, struct error *err);

#endif
