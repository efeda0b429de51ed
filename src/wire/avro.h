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
    bool connect_meta;      /* connect.meta.data: connect.name, connect.version ... (default true) */
    bool enhanced;          /* enhanced.avro.schema.support */
    bool scrub_names;       /* scrub.invalid.names: replaces what Avro forbids */
    bool keep_nulls;        /* a null stays null although the field has a default */
    bool optional_map_keys; /* allow.optional.map.keys: a map whose string keys are optional is an Avro map too */
};
#define AVRO_OPTIONS_DEFAULT ((struct avro_options){.connect_meta = true})

/* The Avro schema text of a Connect schema (compact JSON): what AvroData of Confluent Platform 5 registers, and where
 * that one fails (two different structs without a name) what later ones do. A forbidden name is ERROR_INVALID_SCHEMA
 * that names the field and the setting (`scrub.invalid.names`, `sanitize.field.names`) that mends it. A NULL schema is
 * schemaless data: the record io.confluent.connect.avro.Anything. `options` NULL: the defaults. */
int avro_schema_from_connect(const struct schema *schema, const struct avro_options *options, struct buf *out,
                             struct error *err);

/* Encoding: a plan per schema, then values without look-ups or allocation (but for `out` growing). avro_encode leaves
 * `out` as it was on failure, which is ERROR_DATA with the path of the field. A null in a struct becomes the field's
 * default where there is one (unless keep_nulls), as Struct.get does. The plan keeps a reference on the schema. */
struct avro_plan;
int avro_plan_new(const struct schema *schema, const struct avro_options *options, struct avro_plan **ret,
                  struct error *err);
void avro_plan_free(struct avro_plan *plan);
int avro_encode(const struct avro_plan *plan, const struct value *value, struct buf *out, struct error *err);

/* A parsed Avro schema, for decoding and printing. Names resolved; limits on depth and size. */
struct avro_schema;
int avro_schema_parse(struct str json, struct avro_schema **ret, struct error *err);
void avro_schema_free(struct avro_schema *s);
/* Whether every default fits its field's type, as Avro's Java library wants of a new schema (a parser of one that is in
 * use already is more generous): a union's is one of any of its types. ERROR_INVALID_SCHEMA names the field. */
int avro_schema_check_defaults(const struct avro_schema *s, struct error *err);
/* The text as org.apache.avro.Schema.toString writes it, which is the text that Confluent's registry keeps: attributes
 * in its order, a named type defined where it comes first, a primitive without properties as its name alone, no white
 * space. Equal texts, equal schemas. */
void avro_schema_text(const struct avro_schema *s, struct buf *out);
/* AvroData.toConnectSchema. *ret is a new reference; NULL for the record of schemaless data. A record that contains
 * itself is ERROR_UNSUPPORTED. */
int avro_schema_to_connect(const struct avro_schema *s, const struct schema **ret, struct error *err);

/* Bytes to Connect data of avro_schema_to_connect's schema. Strings and bytes point into `bytes`. Bytes left over are
 * an error: they were not written with this schema. */
int avro_decode(const struct avro_schema *s, struct str bytes, struct arena *arena, struct value *ret,
                struct error *err);

/* Bytes to Avro's JSON encoding (org.apache.avro.io.JsonEncoder), as kafka-avro-console-consumer prints it:
 * {"item":{"string":"apple"}}. Bytes are text of ISO-8859-1. `out` is as it was on failure. */
int avro_to_json(const struct avro_schema *s, struct str bytes, struct buf *out, struct error *err);

enum {
    AVRO_MAX_DEPTH = 100,            /* of a schema, and of the data in recursive types */
    AVRO_MAX_SCHEMA_BYTES = 8 << 20, /* of a schema's text */
    AVRO_MAX_VALUES = 1 << 20,       /* one datum may have this many values ... */
    AVRO_MAX_VALUES_PER_BYTE = 16,   /* ... and this many more for each of its bytes: nulls take none */
};

#endif
