/* The order in which a java.util.HashMap lists its keys: what Java writes of a schemaless map shows it. */
#ifndef TRANSFORMS_JAVA_MAP_H
#define TRANSFORMS_JAVA_MAP_H

#include "base/str.h"

int32_t java_string_hash(struct str utf8); /* String.hashCode */

/* The order of n different keys, put in turn into a `new HashMap<>(n)`, as indexes into `keys`. */
void java_map_order(const struct str *keys, size_t n, uint32_t *ret);

#endif
