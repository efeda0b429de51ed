/*
 * JSON as Kafka Connect's JsonConverter writes it (Jackson's compact form): numbers as Java prints them, escapes as
 * Jackson makes them, NaN and infinities as Jackson's quoted "NaN".
 *
 * The hot path is a compiled plan: json_plan_new walks a schema once; json_write_plan then writes values with no
 * look-up.
 */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include "base/buf.h"
#include "base/error.h"
#include "data/schema.h"

enum json_decimal { JSON_DECIMAL_BASE64, JSON_DECIMAL_NUMERIC };

struct json_options {
    enum json_decimal decimal;
    bool keep_nulls; /* replace.null.with.default=false: a null stays null although the field has a default */
};

struct json_plan;
int json_plan_new(const struct schema *schema, const struct json_options *options, struct json_plan **ret,
                  struct error *err);
void json_plan_free(struct json_plan *plan);
/* A null for a required field without default is ERROR_DATA naming the field. */
int json_write_plan(const struct json_plan *plan, const struct value *value, struct buf *out, struct error *err);

/* Schemaless data: VALUE_MAP objects and so on. */
int json_write_value(const struct value *value, struct buf *out, struct error *err);

/* The schema's own JSON: {"type":"struct","fields":[{"type":"int32","optional":false,"field":"seq"}],...}, `null` for
 * NULL. The options matter for Decimal defaults: json_write_schema writes them as base64. */
void json_write_schema(const struct schema *schema, struct buf *out);
void json_write_schema_as(const struct schema *schema, const struct json_options *options, struct buf *out);

void json_write_string(struct buf *out, struct str s);                     /* with quotes */
void json_write_double(struct buf *out, double d);                         /* Java's Double.toString; "NaN" quoted */
void json_write_float(struct buf *out, float f);                           /* Java's Float.toString */
void json_write_base64(struct buf *out, const uint8_t *bytes, size_t len); /* with quotes */
bool json_read_base64(struct str text, struct arena *arena, struct str *ret);

enum { JSON_MAX_DEPTH = 200 };

/* Text to schemaless data in the arena: objects as VALUE_MAP in order, integers INT64 (beyond that range FLOAT64), else
 * FLOAT64. Of members with equal names the last wins, as in Jackson. Nesting deeper than JSON_MAX_DEPTH, invalid UTF-8,
 * surrogates without their other half and trailing bytes are ERROR_DATA with the byte's position. */
int json_read(struct str text, struct arena *arena, struct value *ret, struct error *err);

/* What JsonConverter reads: as json_read, but leading zeros are allowed, and a number that is no INT64 stays as its
 * text (VALUE_BYTES, NUL-terminated), so that json_to_connect has all digits of a Decimal. */
int json_read_exact(struct str text, struct arena *arena, struct value *ret, struct error *err);

struct json_member {
    struct str name, raw; /* raw: the value's text, without white space around it */
};

/* The members of the object `text`, their values untouched (and unchecked): at most `max` of them are stored, *ret_n
 * counts all. Names live in the arena, raw points into `text`. */
int json_split(struct str text, struct arena *arena, struct json_member *members, size_t max, size_t *ret_n,
               struct error *err);

/* The schema that `parsed` (json_read's result for a JsonConverter schema) describes; *ret NULL for null. */
int json_read_schema(const struct value *parsed, const struct schema **ret, struct error *err);

/* Parsed payload to data of `schema` (logical types and Decimal included), JsonConverter.toConnectData; schema NULL:
 * schemaless. Decimals are read in both forms, whatever `decimal` says. A null becomes the default where there is one
 * (unless keep_nulls). Stricter than Java where Java truncates in silence: a number that does not fit its type and a
 * string in a number's place are ERROR_DATA; "NaN" and the infinities are taken as floating point. Strings are shared
 * with `parsed`, defaults with the schema. */
int json_to_connect(const struct schema *schema, const struct value *parsed, enum json_decimal decimal,
                    struct arena *arena, struct value *ret, struct error *err);
int json_to_connect_as(const struct schema *schema, const struct value *parsed, const struct json_options *options,
                       struct arena *arena, struct value *ret, struct error *err);

#endif
