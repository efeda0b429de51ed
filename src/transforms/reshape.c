#include "transforms/reshape.h"

#include "base/mem.h"

struct reshape *reshape_new(struct schema *schema, uint32_t n)
{
    struct reshape *shape = mem_zalloc(sizeof *shape + n * sizeof *shape->steps);
    shape->schema = schema;
    shape->n = n;
    return shape;
}

void reshape_free(void *ptr)
{
    struct reshape *shape = ptr;
    if (shape)
        schema_unref(shape->schema);
    mem_free_ptr(&shape);
}

int reshape_check_null(const struct schema *schema, struct str field, const struct value *v, struct error *err)
{
    if (!value_is_null(v) || schema->optional)
        return 0;
    return error_set(err, ERROR_DATA, "Invalid value: null used for required field: \"" STR_FMT "\", schema type: %s",
                     STR_ARG(field), value_type_name((enum value_type)schema->type));
}

int reshape_apply(const struct reshape *shape, const struct value *old, bool defaults, reshape_convert *convert,
                  void *ctx, struct arena *arena, struct value *ret, struct error *err)
{
    const struct schema *schema = shape->schema;
    struct value *items = arena_array(arena, struct value, schema->n_fields);
    for (uint32_t i = 0; i < shape->n; i++) {
        const struct reshape_step *step = &shape->steps[i];
        items[i] = old->items[step->from];
        if (value_is_null(&items[i]) && defaults && step->old->has_default)
            items[i] = step->old->default_value;
        int rc = step->what ? convert(ctx, step, &items[i], err) : 0;
        if (rc)
            error_context(err, "field \"" STR_FMT "\"", STR_ARG(schema->fields[i].name));
        else if (value_is_null(&items[i]))
            rc = reshape_check_null(schema->fields[i].schema, schema->fields[i].name, &items[i], err);
        if (rc)
            return rc;
    }
    for (uint32_t i = shape->n; i < schema->n_fields; i++)
        items[i] = value_null();
    *ret = value_items(VALUE_STRUCT, items, schema->n_fields);
    return 0;
}

void reshape_copy_basics(const struct schema *from, struct schema *to)
{
    if (from->name.ptr)
        schema_set_name(to, from->name, from->version);
    schema_set_version(to, from->version);
    if (from->doc.ptr)
        schema_set_doc(to, from->doc);
    for (uint32_t i = 0; i < from->n_params; i++)
        schema_add_param(to, from->params[i].key, from->params[i].value);
}

int reshape_add_field(struct schema *s, struct str name, const struct schema *field, struct error *err)
{
    if (schema_field_index(s, name) >= 0)
        return error_set(err, ERROR_DATA, "Cannot create field because of field name duplication \"" STR_FMT "\"",
                         STR_ARG(name));
    schema_add_field(s, name, field);
    return 0;
}
