/*
 * `struct value`: one datum, 16 bytes. What it means is told by the schema that stands beside it
 * (data/schema.h); the tag tells how it is stored.
 *
 *   connect type            tag              stored in
 *   INT8 INT16 INT32 INT64  the same name    i
 *   FLOAT32                 VALUE_FLOAT32    f32
 *   FLOAT64                 VALUE_FLOAT64    f64
 *   BOOLEAN                 VALUE_BOOLEAN    b
 *   STRING                  VALUE_STRING     str, len: UTF-8
 *   BYTES                   VALUE_BYTES      bytes, len
 *   ARRAY                   VALUE_ARRAY      items, len: the elements
 *   MAP                     VALUE_MAP        items, len: pairs; items[2*i] is a key, items[2*i+1] its value
 *   STRUCT                  VALUE_STRUCT     items, len: one value per field, by field index
 *   null of any type        VALUE_NULL
 *
 * Logical types (schema name in parentheses) are stored as their base type:
 *   Decimal   (org.apache.kafka.connect.data.Decimal)    BYTES: unscaled value, two's complement, big-endian, shortest
 *   Date      (org.apache.kafka.connect.data.Date)       INT32: days since 1970-01-01
 *   Time      (org.apache.kafka.connect.data.Time)       INT32: milliseconds since midnight
 *   Timestamp (org.apache.kafka.connect.data.Timestamp)  INT64: milliseconds since 1970-01-01 UTC
 *
 * A value owns nothing: pointers lead into an arena (a batch's, as a rule) or into static memory.
 * Without a schema (schemaless data), objects are VALUE_MAP with string keys, numbers INT64 or FLOAT64.
 */
#ifndef DATA_VALUE_H
#define DATA_VALUE_H

#include "base/arena.h"
#include "base/str.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum value_type {
    VALUE_NULL,
    VALUE_INT8,
    VALUE_INT16,
    VALUE_INT32,
    VALUE_INT64,
    VALUE_FLOAT32,
    VALUE_FLOAT64,
    VALUE_BOOLEAN,
    VALUE_STRING,
    VALUE_BYTES,
    VALUE_ARRAY,
    VALUE_MAP,
    VALUE_STRUCT,
};

struct value {
    uint8_t type; /* enum value_type */
    uint8_t unused[3];
    uint32_t len; /* bytes, elements, pairs or fields; at most VALUE_MAX_LEN */
    union {
        int64_t i;
        float f32;
        double f64;
        bool b;
        const char *str;
        const uint8_t *bytes;
        struct value *items;
    };
};
static_assert(sizeof(struct value) == 16, "a value is two machine words");

#define VALUE_MAX_LEN UINT32_MAX

static inline struct value value_null(void)
{
    return (struct value){.type = VALUE_NULL};
}

/* `type` is one of VALUE_INT8 to VALUE_INT64. */
static inline struct value value_int(enum value_type type, int64_t i)
{
    return (struct value){.type = (uint8_t)type, .i = i};
}

static inline struct value value_int32(int32_t i)
{
    return (struct value){.type = VALUE_INT32, .i = i};
}

static inline struct value value_int64(int64_t i)
{
    return (struct value){.type = VALUE_INT64, .i = i};
}

static inline struct value value_float32(float f)
{
    return (struct value){.type = VALUE_FLOAT32, .f32 = f};
}

static inline struct value value_float64(double f)
{
    return (struct value){.type = VALUE_FLOAT64, .f64 = f};
}

static inline struct value value_bool(bool b)
{
    return (struct value){.type = VALUE_BOOLEAN, .b = b};
}

static inline struct value value_str(struct str s)
{
    return (struct value){.type = VALUE_STRING, .len = (uint32_t)s.len, .str = s.ptr};
}

static inline struct value value_bytes(const void *bytes, size_t len)
{
    return (struct value){.type = VALUE_BYTES, .len = (uint32_t)len, .bytes = bytes};
}

/* `type` is VALUE_ARRAY, VALUE_MAP or VALUE_STRUCT; len counts elements, pairs or fields. */
static inline struct value value_items(enum value_type type, struct value *items, size_t len)
{
    return (struct value){.type = (uint8_t)type, .len = (uint32_t)len, .items = items};
}

static inline bool value_is_null(const struct value *v)
{
    return v->type == VALUE_NULL;
}

/* The content of a STRING or BYTES value. */
static inline struct str value_as_str(const struct value *v)
{
    return (struct str){v->str, v->len};
}

/* In a schemaless VALUE_MAP with string keys: the value of `key`, or NULL. */
const struct value *value_map_get(const struct value *map, struct str key);

bool value_equal(const struct value *a, const struct value *b);      /* deep; map order counts */
struct value value_copy(struct arena *arena, const struct value *v); /* deep copy into the arena */
const char *value_type_name(enum value_type type);                   /* "INT32" */

#endif
