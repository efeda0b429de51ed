/*
 * `struct schema_cache`: what somebody derives from a schema, found again by the schema's address.
 * Holds a reference on each schema it knows, so an address cannot come back as another schema.
 * At most SCHEMA_CACHE_MAX entries: then the oldest quarter goes. A derived object is valid until the next
 * put. One user (thread) at a time.
 */
#ifndef DATA_CACHE_H
#define DATA_CACHE_H

#include "data/schema.h"

enum { SCHEMA_CACHE_MAX = 4096 };

struct schema_cache_entry {
    const struct schema *schema;
    const void *extra; /* a second part of the key, compared by address; NULL when unused */
    void *derived;
    uint64_t added; /* sequence number of its put */
};

struct schema_cache {
    struct schema_cache_entry last;     /* the previous answer: the hot path's only comparison */
    struct schema_cache_entry *entries; /* open addressing */
    size_t len, n_slots;
    uint64_t puts;
    void (*free_derived)(void *);
};

void schema_cache_init(struct schema_cache *c, void (*free_derived)(void *));
void schema_cache_release(struct schema_cache *c);

void *schema_cache_find(struct schema_cache *c, const struct schema *s, const void *extra);
/* `derived` (never NULL) is the cache's from now on; one that was there before for the same key is freed. */
void schema_cache_put(struct schema_cache *c, const struct schema *s, const void *extra, void *derived);

/* NULL when nothing is known for (s, extra) yet. `s` may be NULL (schemaless). */
static inline void *schema_cache_get(struct schema_cache *c, const struct schema *s, const void *extra)
{
    if (c->last.schema == s && c->last.extra == extra && c->last.derived)
        return c->last.derived;
    return schema_cache_find(c, s, extra);
}

#endif
