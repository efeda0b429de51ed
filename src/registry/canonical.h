/*
 * The text in which an Avro schema is stored and compared. Two texts that parse to the same schema have the same one.
 *
 * CANONICAL_STORED is what Avro's Java library prints for a parsed schema (Schema.toString), which is what Confluent's
 * registry stores: white space gone, attributes in a fixed order (type, name, namespace, doc, fields ..., further
 * properties in the order given, aliases), names as short as their place allows. Documentation, defaults, aliases and
 * further properties are kept: they count.
 * CANONICAL_NORMALIZED is Confluent's form for ?normalize=true: names in full, properties sorted.
 * CANONICAL_EXPANDED is CANONICAL_STORED with the definitions of referenced schemas written out where they are first
 * used, so that the text stands alone.
 */
#ifndef REGISTRY_CANONICAL_H
#define REGISTRY_CANONICAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum canonical_form { CANONICAL_STORED, CANONICAL_NORMALIZED, CANONICAL_EXPANDED };

/* Appends the text. `references`: the texts of schemas whose names may be used, each after those that it uses itself.
 * ERROR_INVALID_SCHEMA; what a text is not checked for here (defaults, doubled union branches), avro_schema_parse
 * checks. */
int canonical_avro(struct str schema, enum canonical_form form, const struct str *references, size_t n_references,
                   struct buf *out, struct error *err);

#endif
