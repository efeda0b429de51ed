#include "transforms/row.h"

int row_find(const struct schema *row, struct str name, uint32_t *ret, struct error *err)
{
    int i = schema_field_index(row, name);
    if (i < 0)
        return error_set(err, ERROR_DATA, STR_FMT " is not a valid field name", STR_ARG(name));
    *ret = (uint32_t)i;
    return 0;
}

int row_find_typed(const struct schema *row, struct str name, enum schema_type type, uint32_t *ret, struct error *err)
{
    uint32_t i = 0;
    int rc = row_find(row, name, &i, err);
    if (rc)
        return rc;
    if (row->fields[i].schema->type != type)
        return error_set(err, ERROR_DATA, "Field '" STR_FMT "' is not of type %s", STR_ARG(name),
                         value_type_name((enum value_type)type));
    *ret = i;
    return 0;
}
