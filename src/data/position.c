#include "data/position.h"

const struct value *position_get(const struct position_map *m, const char *name)
{
    for (uint32_t i = 0; i < m->n; i++)
        if (str_is(m->entries[i].name, name))
            return &m->entries[i].value;
    return NULL;
}

static bool is_int(const struct value *v)
{
    return v->type >= VALUE_INT8 && v->type <= VALUE_INT64;
}

bool position_get_int(const struct position_map *m, const char *name, int64_t *ret)
{
    const struct value *v = position_get(m, name);
    if (!v || !is_int(v))
        return false;
    *ret = v->i;
    return true;
}

struct str position_get_str(const struct position_map *m, const char *name)
{
    const struct value *v = position_get(m, name);
    return v && v->type == VALUE_STRING ? value_as_str(v) : STR_NULL;
}

/* Integers are equal whatever their width: a stored position comes back from JSON, which has only one. */
static bool scalar_equal(const struct value *a, const struct value *b)
{
    return is_int(a) && is_int(b) ? a->i == b->i : value_equal(a, b);
}

bool position_map_equal(const struct position_map *a, const struct position_map *b)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++) {
        bool found = false;
        for (uint32_t k = 0; k < b->n && !found; k++) {
            const struct position_entry *other = &b->entries[(i + k) % b->n];
            found = str_equal(a->entries[i].name, other->name) && scalar_equal(&a->entries[i].value, &other->value);
        }
        if (!found)
            return false;
    }
    return true;
}

struct position_map position_map_copy(struct arena *arena, const struct position_map *m)
{
    struct position_entry *entries = arena_array(arena, struct position_entry, m->n);
    for (uint32_t i = 0; i < m->n; i++) {
        entries[i].name = arena_str(arena, m->entries[i].name);
        entries[i].value = value_copy(arena, &m->entries[i].value);
    }
    return (struct position_map){entries, m->n};
}

struct position position_copy(struct arena *arena, const struct position *p)
{
    return (struct position){position_map_copy(arena, &p->partition), position_map_copy(arena, &p->offset)};
}
