/* What the parts of convert.h share. */
#ifndef SOURCES_POSTGRES_CONVERT_IMPL_H
#define SOURCES_POSTGRES_CONVERT_IMPL_H

#include "sources/postgres/convert.h"

int pgc_bad(struct str text, const char *type, struct error *err); /* ERROR_DATA: "..." is no TYPE */

int pgc_temporal(const struct pgc_conv *c, struct str s, struct arena *arena, struct value *ret, struct error *err);
int pgc_hstore(const struct pgc_conv *c, char *text, size_t len, struct arena *arena, struct value *ret,
               struct error *err);
int pgc_array(const struct pgc_conv *c, char *text, size_t len, struct arena *arena, struct value *ret,
              struct error *err);

#endif
