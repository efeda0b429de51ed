/*
 * Debezium's envelope, as far as its schema tells: what transforms and converters know a change event by.
 * https://debezium.io/documentation/reference/1.1/connectors/postgresql.html#postgresql-change-events-value
 */
#ifndef DATA_ENVELOPE_H
#define DATA_ENVELOPE_H

#include "base/buf.h"
#include "data/schema.h"

#define ENVELOPE_SUFFIX ".Envelope" /* of a topic's envelope schema: the topic and this */

/* Whether that is the schema of a change event: its name ends so. NULL is not. */
bool envelope_is(const struct schema *schema);

/* A name for a schema as Debezium makes it of what it is proposed (a topic and a suffix, as a rule), so that Avro takes
 * it: letters, digits, `_` and `.` stay, but for a digit or `.` in front; anything else becomes `_`. Appended. */
void envelope_schema_name(struct str proposed, struct buf *out);

#endif
