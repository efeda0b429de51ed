/* Names as Debezium makes them from a database's: of topics and of schemas. */
#ifndef DEBEZIUM_NAMES_H
#define DEBEZIUM_NAMES_H

#include "base/arena.h"

/* A topic's name: what is not a letter, digit, '.', '_' or '-' becomes '_' (one for each UTF-16 unit, as in Java). */
struct str debezium_topic_name(struct str name, struct arena *arena);

/* A schema's name, valid as an Avro full name: letters, digits, '.' and '_', not beginning with a digit. */
struct str debezium_schema_name(struct str name, struct arena *arena);

/* A field's name, valid in Avro (sanitize.field.names): as a schema's, but '.' is replaced too and a first digit gets
 * a '_' in front. */
struct str debezium_field_name(struct str name, struct arena *arena);

#endif
