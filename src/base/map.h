/*
 * `struct map`: string keys to pointers, in order of insertion. Keys are copied; values belong to the
 * caller. Not for the hot path. Zero-initialised is empty and ready.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
    struct str key; /* NUL-terminated, owned by the map */
    void *value;
    uint32_t hash;
};

struct map {
    struct map_entry *entries; /* insertion order, no holes */
    size_t len, cap;
    uint32_t *slots; /* open addressing: index + 1 into entries, 0 = free */
    size_t n_slots;
};

void *map_get(const struct map *m, struct str key);              /* NULL when absent */
struct map_entry *map_find(const struct map *m, struct str key); /* NULL when absent */
void *map_put(struct map *m, struct str key, void *value);       /* returns the old value or NULL */
void *map_remove(struct map *m, struct str key);                 /* returns the old value or NULL */
void map_free(struct map *m, void (*free_value)(void *));        /* free_value may be NULL */

#define map_each(m, e) for (struct map_entry *e = (m)->entries; (size_t)(e - (m)->entries) < (m)->len; e++)

#endif
