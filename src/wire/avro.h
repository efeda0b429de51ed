/*
 * Avro: the binary encoding, and the mapping between Connect schemas and Avro schemas that Confluent's AvroData defines
 * (names, namespaces, connect.* properties, null-first unions, defaults).  Avro specification 1.9+.
 */
#ifndef WIRE_AVRO_H
#define WIRE_AVRO_H

#include "base/buf.h"
#include "base/error.h"
#include "data/schema.h"

struct avro_options {
    bool connect_meta; /* connect.meta.data: connect.name, connect.version ... (default true) */
    bool enhanced;     /* enhanced.avro.schema.support */
    bool scrub_names;  /* scrub.invalid.names: replaces what Avro forbids */
    bool keep_nulls;   /* a null stays null although the field has a default */
};
#define AVRO_OPTIONS_DEFAULT ((struct avro_options){.connect_meta = true})

/* The Avro schema text of a Connect schema (compact JSON). A forbidden name is ERROR_INVALID_SCHEMA that names the
 * field and the setting
 * (`scrub.invalid.names`, `sanitize.field.names`) that mends it. NULL schema: "null". */
int avro_schema_from_connect(const struct schema *schema, const struct avro_options *options, struct buf *out,
                             struct error *err);

/* Encoding: a plan per schema, then values without look-ups. */
struct avro_plan;
int avro_plan_new(const struct schema *schema, const struct avro_options *options, struct avro_plan **ret,
                  struct error *err);
void avro_plan_free(struct avro_plan *plan);
int avro_write(const struct avro_plan *plan, const struct value *value, struct buf *out, struct error *err);

/* A parsed Avro schema, for decoding and printing. Names resolved; limits on depth and size. */
struct avro_schema;
int avro_schema_parse(struct str json, struct avro_schema **ret, struct error *err);
void avro_schema_free(struct avro_schema *s);
/* The canonical compact text (attribute order and content kept as given, white space gone): equal texts, equal schemas.
 */
void avro_schema_text(const struct avro_schema *s, struct buf *out);
int avro_schema_to_connect(const struct avro_schema *s, const struct schema **ret, struct error *err);

/* Bytes to Connect data of avro_schema_to_connect's schema. */
int avro_read(const struct avro_schema *s, struct str bytes, struct arena *arena, struct value *ret, struct error *err);

/* Bytes to Avro's JSON encoding, as kafka-avro-console-consumer prints it: {"item":{"string":"apple"}}. */
int avro_to_json(const struct avro_schema *s, struct str bytes, struct buf *out, struct error *err);

enum { AVRO_MAX_DEPTH = 100 };

#endif
