/*
 * Records as JSON for people: in the log and in dead letters. Whatever can be shown is shown: a value that its schema
 * does not allow is null, the fields beside it stay.
 */
#ifndef WORKER_RECORD_JSON_H
#define WORKER_RECORD_JSON_H

#include "base/buf.h"
#include "data/schema.h"

enum { RECORD_JSON_MAX_DEPTH = 16 }; /* of structs that are taken apart in search of what can be shown */

/* Appends; schema NULL: schemaless. */
void record_json_write(const struct schema *schema, const struct value *value, struct buf *out);

#endif
