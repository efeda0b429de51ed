/*
 * Whether data written with one Avro schema can be read with another, by the rules of schema resolution as Avro's Java
 * library judges them (org.apache.avro.SchemaCompatibility), which is what Confluent's registry goes by:
 *
 *   promotions   int to long, float, double; long to float, double; float to double; string and bytes both ways
 *   records      a field of the reader is found by its name or one of its aliases, or else has a default
 *   enums        the reader knows every symbol, or has a default symbol
 *   fixed        the same size
 *   unions       every branch of the writer can be read; a branch of the reader that can read it is enough
 *   names        of records, enums and fixed: the same without namespace, or an alias of the reader is the full name
 *
 * Logical types and other properties play no part: a decimal is its bytes. A pair of types that contains itself is
 * taken as compatible unless something else is not.
 */
#ifndef WIRE_AVRO_COMPAT_H
#define WIRE_AVRO_COMPAT_H

#include "base/arena.h"
#include "wire/avro.h"

enum avro_mismatch {
    AVRO_NAME_MISMATCH,
    AVRO_FIXED_SIZE_MISMATCH,
    AVRO_MISSING_ENUM_SYMBOLS,
    AVRO_READER_FIELD_MISSING_DEFAULT_VALUE,
    AVRO_TYPE_MISMATCH,
    AVRO_MISSING_UNION_BRANCH,
};
extern const char *const avro_mismatch_names[]; /* "NAME_MISMATCH", by the enum */

struct avro_incompatibility {
    enum avro_mismatch type;
    struct str path;    /* in the reader, or of a union's branch in the writer: "/fields/0/type/name" */
    struct str field;   /* the same for a person: names of fields, "address.city"; empty at the root */
    struct str message; /* "reader type: INT not compatible with writer type: LONG", a field's name, "[A, B]" ... */
};

/* All that keeps `reader` from reading what was written with `writer`, in the order of the reader's fields; *ret_n 0:
 * it can read everything. The list is in the arena. ERROR_DATA: a field of the reader matches several of the writer's.
 * ERROR_UNSUPPORTED: the schemas lie beyond the limits below. */
int avro_compat_check(const struct avro_schema *reader, const struct avro_schema *writer, struct arena *arena,
                      struct avro_incompatibility **ret, size_t *ret_n, struct error *err);

enum {
    AVRO_COMPAT_MAX_DEPTH = 1000,       /* pairs of types inside each other; recursive types may reach it */
    AVRO_COMPAT_MAX_STEPS = 4 << 20,    /* pairs of types looked at */
    AVRO_COMPAT_MAX_FINDINGS = 1000,    /* told; there may be more */
    AVRO_COMPAT_MAX_MEMORY = 256 << 20, /* bytes of the arena */
};

#endif
