#include "data/cache.h"

#include "base/mem.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 16 };

void schema_cache_init(struct schema_cache *c, void (*free_derived)(void *))
{
    *c = (struct schema_cache){.free_derived = free_derived};
}

static void drop_entry(struct schema_cache *c, struct schema_cache_entry *e)
{
    if (c->free_derived)
        c->free_derived(e->derived);
    schema_unref(e->schema);
    *e = (struct schema_cache_entry){0};
}

void schema_cache_release(struct schema_cache *c)
{
    for (size_t i = 0; i < c->n_slots; i++)
        if (c->entries[i].derived)
            drop_entry(c, &c->entries[i]);
    free(c->entries);
    *c = (struct schema_cache){.free_derived = c->free_derived};
}

/* The slot of the key, or the free one where it belongs. */
static struct schema_cache_entry *slot_of(const struct schema_cache *c, const struct schema *s, const void *extra)
{
    uint64_t h = ((uint64_t)(uintptr_t)s >> 4) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ ((uint64_t)(uintptr_t)extra >> 3)) * UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = (size_t)(h >> 32) & (c->n_slots - 1);; i = (i + 1) & (c->n_slots - 1)) {
        struct schema_cache_entry *e = &c->entries[i];
        if (!e->derived || (e->schema == s && e->extra == extra))
            return e;
    }
}

/* Moves what was added at `oldest` or later into n_slots fresh slots, and drops the rest. */
static void rebuild(struct schema_cache *c, size_t n_slots, uint64_t oldest)
{
    struct schema_cache_entry *before = c->entries;
    size_t n_before = c->n_slots;
    c->entries = mem_new_array(struct schema_cache_entry, n_slots);
    c->n_slots = n_slots;
    c->len = 0;
    for (size_t i = 0; i < n_before; i++) {
        struct schema_cache_entry *e = &before[i];
        if (e->derived && e->added >= oldest) {
            *slot_of(c, e->schema, e->extra) = *e;
            c->len++;
        } else if (e->derived) {
            drop_entry(c, e);
        }
    }
    free(before);
    c->last = (struct schema_cache_entry){0};
}

void *schema_cache_find(struct schema_cache *c, const struct schema *s, const void *extra)
{
    if (c->len == 0)
        return NULL;
    const struct schema_cache_entry *e = slot_of(c, s, extra);
    if (e->derived)
        c->last = *e;
    return e->derived;
}

void schema_cache_put(struct schema_cache *c, const struct schema *s, const void *extra, void *derived)
{
    if (c->len >= SCHEMA_CACHE_MAX)
        rebuild(c, c->n_slots, c->puts - (SCHEMA_CACHE_MAX - SCHEMA_CACHE_MAX / 4));
    else if ((c->len + 1) * 2 > c->n_slots)
        rebuild(c, c->n_slots ? c->n_slots * 2 : FIRST_SLOTS, 0);
    struct schema_cache_entry *e = slot_of(c, s, extra);
    schema_ref(s);
    if (e->derived)
        drop_entry(c, e);
    else
        c->len++;
    *e = (struct schema_cache_entry){.schema = s, .extra = extra, .derived = derived, .added = c->puts++};
    c->last = *e;
}
