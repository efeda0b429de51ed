/* One property's text to its typed value: what parsing, validation and the check of the tables share. */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/buf.h"
#include "conf/property.h"

/* Trims and parses `text` by the row's type, limits and choices, but does not call the row's `check`. `member` (of
 * the row's type; NULL: only look) gets the value; text and lists are in the arena. The error says what was expected
 * and names neither property nor value. */
int property_value_read(const struct property *p, struct str text, struct arena *arena, void *member,
                        struct error *err);

/* Appends the value as ConfigDef.convertToString prints its parsed form: trimmed, "true", "5000", "a,b". */
void property_value_print(const struct property *p, struct str text, struct buf *out);

/* "bulk, incrementing, timestamp" or "at least 1" or "between 1 and 9"; nothing when any value goes. */
void property_value_expected(const struct property *p, struct buf *out);

const char *property_type_name(const struct property *p); /* ConfigDef's: "STRING", "INT"... */

#endif
