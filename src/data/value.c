#include "data/value.h"

#include <math.h>

static bool is_int(const struct value *v)
{
    return v->type >= VALUE_INT8 && v->type <= VALUE_INT64;
}

/* As Java's Double.equals: NaN equals NaN, and 0.0 is not -0.0. */
static bool same_double(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    return memcmp(&a, &b, sizeof a) == 0;
}

static size_t item_count(const struct value *v)
{
    return v->type == VALUE_MAP ? (size_t)v->len * 2 : v->len;
}

const struct value *value_map_get(const struct value *map, struct str key)
{
    if (map->type != VALUE_MAP)
        return NULL;
    for (size_t i = 0; i < map->len; i++) {
        const struct value *k = &map->items[2 * i];
        if (k->type == VALUE_STRING && str_equal(value_as_str(k), key))
            return k + 1;
    }
    return NULL;
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return false;
    if (is_int(a))
        return a->i == b->i;
    switch ((enum value_type)a->type) {
    case VALUE_NULL:
        return true;
    case VALUE_FLOAT32:
        return same_double((double)a->f32, (double)b->f32);
    case VALUE_FLOAT64:
        return same_double(a->f64, b->f64);
    case VALUE_BOOLEAN:
        return a->b == b->b;
    case VALUE_STRING:
    case VALUE_BYTES:
        return a->len == b->len && (a->len == 0 || memcmp(a->str, b->str, a->len) == 0);
    default:
        break;
    }
    if (a->len != b->len)
        return false;
    for (size_t i = 0, n = item_count(a); i < n; i++)
        if (!value_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}

struct value value_copy(struct arena *arena, const struct value *v)
{
    struct value copy = *v;
    switch ((enum value_type)v->type) {
    case VALUE_STRING:
    case VALUE_BYTES:
        copy.str = v->len ? arena_dup(arena, v->str, v->len) : "";
        break;
    case VALUE_ARRAY:
    case VALUE_MAP:
    case VALUE_STRUCT: {
        size_t n = item_count(v);
        copy.items = arena_array(arena, struct value, n);
        for (size_t i = 0; i < n; i++)
            copy.items[i] = value_copy(arena, &v->items[i]);
        break;
    }
    default:
        break;
    }
    return copy;
}

const char *value_type_name(enum value_type type)
{
    static const char *const names[] = {
        [VALUE_NULL] = "NULL",       [VALUE_INT8] = "INT8",       [VALUE_INT16] = "INT16",
        [VALUE_INT32] = "INT32",     [VALUE_INT64] = "INT64",     [VALUE_FLOAT32] = "FLOAT32",
        [VALUE_FLOAT64] = "FLOAT64", [VALUE_BOOLEAN] = "BOOLEAN", [VALUE_STRING] = "STRING",
        [VALUE_BYTES] = "BYTES",     [VALUE_ARRAY] = "ARRAY",     [VALUE_MAP] = "MAP",
        [VALUE_STRUCT] = "STRUCT",
    };
    return (size_t)type < sizeof names / sizeof *names ? names[type] : "UNKNOWN";
}
