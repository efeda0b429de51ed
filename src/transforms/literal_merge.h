/* Arrays and maps of literals: the type that all items fit, and the items as values of it. */
#ifndef TRANSFORMS_LITERAL_MERGE_H
#define TRANSFORMS_LITERAL_MERGE_H

#include "base/arena.h"
#include "data/schema.h"

struct literal {
    const struct schema *schema; /* owned; NULL: of null, and without a common type */
    struct value value;
};

/* The items stay the caller's. Without a type in common the result has no schema, and the items stay as they are. */
struct literal literal_array(const struct literal *items, size_t n, struct arena *arena);
struct literal literal_map(const struct literal *entries, size_t n, struct arena *arena); /* key, value, key, value */

#endif
