#include "transforms/schemaless.h"

struct value schemaless_copy(struct arena *arena, const struct value *map, size_t more)
{
    struct value *items = arena_array(arena, struct value, 2 * (map->len + more));
    if (map->len)
        memcpy(items, map->items, 2 * (size_t)map->len * sizeof *items);
    return value_items(VALUE_MAP, items, map->len);
}

void schemaless_put(struct arena *arena, struct value *map, struct str key, struct value v)
{
    struct value *there = (struct value *)value_map_get(map, key);
    if (there) {
        *there = v;
        return;
    }
    map->items[2 * (size_t)map->len] = value_str(arena_str(arena, key));
    map->items[2 * (size_t)map->len + 1] = v;
    map->len++;
}

void schemaless_remove(struct value *map, struct str key)
{
    struct value *there = (struct value *)value_map_get(map, key);
    if (!there)
        return;
    struct value *end = map->items + 2 * (size_t)map->len;
    memmove(there - 1, there + 1, (size_t)(end - (there + 1)) * sizeof *end);
    map->len--;
}
