/* Fields of a row, as org.apache.kafka.connect.data.Struct gives them. */
#ifndef TRANSFORMS_ROW_H
#define TRANSFORMS_ROW_H

#include "base/error.h"
#include "data/schema.h"

/* The field's place. ERROR_DATA: there is none of that name; or it is of another type. */
int row_find(const struct schema *row, struct str name, uint32_t *ret, struct error *err);
int row_find_typed(const struct schema *row, struct str name, enum schema_type type, uint32_t *ret, struct error *err);

/* Struct.get: a null is the field's default, where there is one. */
static inline struct value row_get(const struct schema *row, const struct value *v, uint32_t i)
{
    const struct schema *field = row->fields[i].schema;
    return value_is_null(&v->items[i]) && field->has_default ? field->default_value : v->items[i];
}

#endif
