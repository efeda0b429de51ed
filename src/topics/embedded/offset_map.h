/*
 * `struct offset_map`: for compaction, the latest offset of each key. Keys are held as 128 bits of SipHash under a
 * random secret, not as bytes: memory is fixed however long the keys, and two keys are taken for one with a
 * probability below 2^-80 in a full map.
 */
#ifndef TOPICS_EMBEDDED_OFFSET_MAP_H
#define TOPICS_EMBEDDED_OFFSET_MAP_H

#include "base/str.h"

enum { OFFSET_MAP_KEYS = 384 * 1024 }; /* the map then has 512 K slots: 12 MiB */

struct hash128 {
    uint64_t low, high;
};

struct offset_slot {
    struct hash128 hash;
    int64_t offset; /* -1: free */
};

struct offset_map {
    struct offset_slot *slots;
    size_t n_slots, len, max_keys;
    uint64_t secret[2];
};

void offset_map_init(struct offset_map *m, size_t max_keys);
void offset_map_release(struct offset_map *m);
void offset_map_clear(struct offset_map *m);
/* False, and nothing stored, when the key is new and the map is full. Offsets must come in ascending order. */
bool offset_map_put(struct offset_map *m, struct str key, int64_t offset);
int64_t offset_map_get(const struct offset_map *m, struct str key); /* -1: absent */

/* SipHash-2-4 with 128 bits of output (https://github.com/veorq/SipHash). */
struct hash128 siphash128(const uint64_t secret[2], struct str s);

#endif
