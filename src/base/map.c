#include "base/map.h"

#include "base/mem.h"

#include <stdlib.h>

enum { MAP_FIRST_SLOTS = 16 };

/* The slot that holds the key, or the free one where it belongs. */
static size_t find_slot(const struct map *m, struct str key, uint32_t hash)
{
    size_t mask = m->n_slots - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        if (m->slots[i] == 0)
            return i;
        const struct map_entry *e = &m->entries[m->slots[i] - 1];
        if (e->hash == hash && str_equal(e->key, key))
            return i;
    }
}

static void rehash(struct map *m, size_t n_slots)
{
    free(m->slots);
    m->slots = mem_new_array(uint32_t, n_slots);
    m->n_slots = n_slots;
    for (size_t i = 0; i < m->len; i++) {
        size_t slot = m->entries[i].hash & (n_slots - 1);
        while (m->slots[slot])
            slot = (slot + 1) & (n_slots - 1);
        m->slots[slot] = (uint32_t)(i + 1);
    }
}

struct map_entry *map_find(const struct map *m, struct str key)
{
    if (m->len == 0)
        return NULL;
    uint32_t index = m->slots[find_slot(m, key, str_hash(key))];
    return index ? &m->entries[index - 1] : NULL;
}

void *map_get(const struct map *m, struct str key)
{
    struct map_entry *e = map_find(m, key);
    return e ? e->value : NULL;
}

void *map_put(struct map *m, struct str key, void *value)
{
    struct map_entry *e = map_find(m, key);
    if (e) {
        void *old = e->value;
        e->value = value;
        return old;
    }
    if ((m->len + 1) * 2 > m->n_slots)
        rehash(m, m->n_slots ? m->n_slots * 2 : MAP_FIRST_SLOTS);
    m->entries = mem_grow(m->entries, &m->cap, m->len + 1, sizeof *m->entries);
    uint32_t hash = str_hash(key);
    m->slots[find_slot(m, key, hash)] = (uint32_t)(m->len + 1);
    m->entries[m->len++] = (struct map_entry){
        .key = {mem_strndup(key.ptr, key.len), key.len},
        .value = value,
        .hash = hash,
    };
    return NULL;
}

void *map_remove(struct map *m, struct str key)
{
    struct map_entry *e = map_find(m, key);
    if (!e)
        return NULL;
    void *old = e->value;
    free((char *)e->key.ptr);
    size_t after = (size_t)(m->entries + m->len - (e + 1));
    memmove(e, e + 1, after * sizeof *e);
    m->len--;
    rehash(m, m->n_slots);
    return old;
}

void map_free(struct map *m, void (*free_value)(void *))
{
    map_each (m, e) {
        free((char *)e->key.ptr);
        if (free_value)
            free_value(e->value);
    }
    free(m->entries);
    free(m->slots);
    *m = (struct map){0};
}
