#include "transforms/literal_merge.h"

static bool is_number(const struct schema *s)
{
    return s->type >= SCHEMA_INT8 && s->type <= SCHEMA_FLOAT64 && s->logical == LOGICAL_NONE;
}

/* A new reference on a schema that both fit; NULL when there is none. */
static const struct schema *merge(const struct schema *a, const struct schema *b)
{
    if (is_number(a) && is_number(b))
        return schema_ref(a->type >= b->type ? a : b);
    if (a->type != b->type)
        return NULL;
    const struct schema *merged = NULL;
    if (a->type == SCHEMA_ARRAY) {
        const struct schema *item = merge(a->value_schema, b->value_schema);
        merged = item ? schema_new_array(item) : NULL;
        schema_unref(item);
    } else if (a->type == SCHEMA_MAP) {
        const struct schema *key = merge(a->key_schema, b->key_schema);
        const struct schema *value = merge(a->value_schema, b->value_schema);
        merged = key && value ? schema_new_map(key, value) : NULL;
        schema_unref(key);
        schema_unref(value);
    } else if (schema_equal(a, b)) {
        merged = schema_ref(a);
    }
    return merged;
}

/* The common type of every `step`th item; nulls fit any, but tell none. */
static const struct schema *common(const struct literal *items, size_t n, size_t step)
{
    const struct schema *all = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct literal *item = &items[i * step];
        if (!item->schema && !value_is_null(&item->value) && item->value.len > 0) {
            schema_unref(all); /* of mixed items itself */
            return NULL;
        }
        if (!item->schema)
            continue;
        const struct schema *merged = all ? merge(all, item->schema) : schema_ref(item->schema);
        schema_unref(all);
        all = merged;
        if (!all)
            return NULL;
    }
    return all;
}

static double as_double(const struct value *v)
{
    return v->type == VALUE_FLOAT32 ? (double)v->f32 : v->type == VALUE_FLOAT64 ? v->f64 : (double)v->i;
}

/* Widened to the schema's type; arrays and maps are the parser's own, so that they may be changed. */
static struct value align(const struct schema *s, struct value v)
{
    if (value_is_null(&v))
        return v;
    if (s->type == SCHEMA_ARRAY || s->type == SCHEMA_MAP) {
        for (size_t i = 0; i < v.len; i++) {
            if (s->type == SCHEMA_ARRAY) {
                v.items[i] = align(s->value_schema, v.items[i]);
                continue;
            }
            v.items[2 * i] = align(s->key_schema, v.items[2 * i]);
            v.items[2 * i + 1] = align(s->value_schema, v.items[2 * i + 1]);
        }
        return v;
    }
    if (!is_number(s) || v.type == s->type)
        return v;
    if (s->type == SCHEMA_FLOAT64)
        return value_float64(as_double(&v));
    if (s->type == SCHEMA_FLOAT32)
        return value_float32((float)as_double(&v));
    return value_int((enum value_type)s->type, v.i);
}

struct literal literal_array(const struct literal *items, size_t n, struct arena *arena)
{
    struct value *values = arena_array(arena, struct value, n);
    for (size_t i = 0; i < n; i++)
        values[i] = items[i].value;
    struct literal array = {NULL, value_items(VALUE_ARRAY, values, n)};
    const struct schema *item = common(items, n, 1);
    if (item) {
        array.schema = schema_new_array(item);
        array.value = align(array.schema, array.value);
    }
    schema_unref(item);
    return array;
}

struct literal literal_map(const struct literal *entries, size_t n, struct arena *arena)
{
    struct value *values = arena_array(arena, struct value, 2 * n);
    for (size_t i = 0; i < 2 * n; i++)
        values[i] = entries[i].value;
    struct literal map = {NULL, value_items(VALUE_MAP, values, n)};
    const struct schema *key = common(entries, n, 2), *value = n ? common(entries + 1, n, 2) : NULL;
    if (key && value) {
        map.schema = schema_new_map(key, value);
        map.value = align(map.schema, map.value);
    }
    schema_unref(key);
    schema_unref(value);
    return map;
}
