/*
 * Struct to struct: what a transform derives from a struct's schema once, and applies to each record by moving
 * values. A shape's first fields come from the old struct, one step each; further fields are the transform's own.
 */
#ifndef TRANSFORMS_RESHAPE_H
#define TRANSFORMS_RESHAPE_H

#include "base/error.h"
#include "data/schema.h"

struct reshape_step {
    uint32_t from;            /* the field's place in the old struct */
    const struct schema *old; /* its schema there; borrowed */
    uint8_t what;             /* 0: taken as it is; else the transform's own number, for its convert function */
};

struct reshape {
    const struct schema *schema; /* the new one; owned */
    uint32_t n;                  /* steps; at most schema->n_fields */
    struct reshape_step steps[];
};

/* Changes a step's value, which may be null, in place; may fail. */
typedef int reshape_convert(void *ctx, const struct reshape_step *step, struct value *v, struct error *err);

/* Takes over the reference on `schema`; with room for `n` steps, to be filled in. */
struct reshape *reshape_new(struct schema *schema, uint32_t n);
void reshape_free(void *shape);

/* The new struct in the arena, all but the fields without a step, which are null. `defaults`: a null in a field with a
 * default value is that default (Struct.get), else it stays null (Struct.getWithoutDefault). A null that the new
 * field does not allow is ERROR_DATA, as in Struct.put. `convert` may be NULL when no step needs it. */
int reshape_apply(const struct reshape *shape, const struct value *old, bool defaults, reshape_convert *convert,
                  void *ctx, struct arena *arena, struct value *ret, struct error *err);

/* Name, version, doc and parameters of `from`, but neither its default nor whether it is optional
 * (SchemaUtil.copySchemaBasics). */
void reshape_copy_basics(const struct schema *from, struct schema *to);

/* schema_add_field; a name that is there already is ERROR_DATA. */
int reshape_add_field(struct schema *s, struct str name, const struct schema *field, struct error *err);

/* ERROR_DATA for a null that `schema` does not allow. */
int reshape_check_null(const struct schema *schema, struct str field, const struct value *v, struct error *err);

#endif
