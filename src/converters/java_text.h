/*
 * Connect data as text, in two ways: as Java's toString prints it (StringConverter), and as
 * org.apache.kafka.connect.data.Values writes it (SimpleHeaderConverter).
 */
#ifndef CONVERTERS_JAVA_TEXT_H
#define CONVERTERS_JAVA_TEXT_H

#include "base/buf.h"
#include "base/error.h"
#include "data/schema.h"

enum { JAVA_TEXT_MAX_DEPTH = 200 };

/*
 * Object.toString: Struct{a=1,b=x} without the fields that are null, {k=v, l=w}, [a, b], 1.0E10, dates
 * as java.util.Date has them in UTC. Bytes, which in Java print as an object's address, are base64.
 * `schema` NULL: schemaless. Nothing is written on failure.
 */
int java_text_write(const struct schema *schema, const struct value *v, struct buf *out, struct error *err);

/*
 * Values.convertToString: {"a":1,"b":"x"}, strings without quotes where they are the whole, bytes as
 * base64, dates in ISO 8601.
 */
int java_text_write_values(const struct schema *schema, const struct value *v, struct buf *out, struct error *err);

#endif
