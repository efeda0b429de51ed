/* One value cast to another type, as Kafka Connect's Cast does: what Java's Number.xValue, parseX and toString give. */
#ifndef TRANSFORMS_CAST_VALUE_H
#define TRANSFORMS_CAST_VALUE_H

#include "base/buf.h"
#include "base/error.h"
#include "data/schema.h"

/* Casts *v (of `schema`, NULL: schemaless) in place; a null stays null. `to`: SCHEMA_INT8 to SCHEMA_FLOAT64,
 * SCHEMA_BOOLEAN or SCHEMA_STRING; texts come from the arena, `scratch` is what they are written in first. ERROR_DATA:
 * a type that cannot be cast, a text that is no such number. */
int cast_value(const struct schema *schema, enum schema_type to, struct arena *arena, struct buf *scratch,
               struct value *v, struct error *err);

#endif
