/*
 * The path to a field, as Kafka Connect's field.syntax.version has it (KIP-821): V1 is one name, dots and all;
 * V2 is names divided by dots, a name with dots of its own between backticks, `\`` inside them for a backtick:
 *     a.b    `a.b`.c    `it\`.s`
 */
#ifndef TRANSFORMS_FIELD_PATH_H
#define TRANSFORMS_FIELD_PATH_H

#include "base/arena.h"
#include "base/error.h"

enum field_syntax { FIELD_SYNTAX_V1, FIELD_SYNTAX_V2 };
extern const char *const field_syntax_names[]; /* by enum field_syntax, NULL-terminated */
extern const char field_syntax_doc[];          /* of the property */

enum { FIELD_PATH_MAX = 200 };

struct field_path {
    struct str *steps; /* at least one */
    size_t len;
};

/* ERROR_CONFIG for an empty V2 path, for a backtick without its other half and beyond FIELD_PATH_MAX steps. */
int field_path_parse(struct str text, enum field_syntax syntax, struct arena *arena, struct field_path *ret,
                     struct error *err);

#endif
