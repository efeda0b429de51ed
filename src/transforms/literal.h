/*
 * A value from the text that a person writes for it, as org.apache.kafka.connect.data.Values.parseString guesses:
 * the narrowest number type that holds it, true, false, null, ISO 8601 dates, times and timestamps, arrays [1, 2] and
 * maps {"a": 1} of these; whatever is none of them is a string.
 */
#ifndef TRANSFORMS_LITERAL_H
#define TRANSFORMS_LITERAL_H

#include "base/arena.h"
#include "data/schema.h"

enum { LITERAL_MAX_DEPTH = 50 }; /* arrays and maps inside each other; what goes deeper is a string */

/* *ret_schema: the caller's reference; NULL of null, and of an array or map whose items have no type in common.
 * Strings point into `text` or the arena. */
void literal_parse(struct str text, struct arena *arena, const struct schema **ret_schema, struct value *ret);

#endif
