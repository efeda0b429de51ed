/*
 * Avro data written with one schema, written anew with another that can read it (avro_compat_check): promotions, fields
 * by name or alias, defaults, enum defaults, branches of unions. Data that the other schema has no place for is
 * ERROR_DATA with the path of the field.
 */
#ifndef WIRE_AVRO_TRANSLATE_H
#define WIRE_AVRO_TRANSLATE_H

#include "wire/avro.h"

struct avro_translation;
/* Keeps both schemas, which belong to the caller and must live as long. */
struct avro_translation *avro_translation_new(const struct avro_schema *from, const struct avro_schema *to);
void avro_translation_free(struct avro_translation *t); /* NULL is fine */
/* Appends; `out` is as it was on failure. One user at a time. */
int avro_translate(struct avro_translation *t, struct str bytes, struct buf *out, struct error *err);

#endif
