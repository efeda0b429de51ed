#include "topics/embedded/offset_map.h"

#include "base/mem.h"

#include <endian.h>
#include <stdlib.h>
#include <sys/random.h>

enum { FIRST_SLOTS = 1024 };

/* ---- SipHash ---- */

static inline uint64_t rotate(uint64_t v, unsigned bits)
{
    return (v << bits) | (v >> (64 - bits));
}

static inline void sip_rounds(uint64_t v[4], int n)
{
    for (; n; n--) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32) + v[3];
        v[2] += v[1];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[2] = rotate(v[2], 32);
    }
}

static inline void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_rounds(v, 2);
    v[0] ^= word;
}

struct hash128 siphash128(const uint64_t secret[2], struct str s)
{
    uint64_t v[4] = {secret[0] ^ 0x736f6d6570736575, secret[1] ^ 0x646f72616e646f6d ^ 0xee,
                     secret[0] ^ 0x6c7967656e657261, secret[1] ^ 0x7465646279746573};
    size_t whole = s.len / 8 * 8;
    for (size_t i = 0; i < whole; i += 8) {
        uint64_t word;
        memcpy(&word, s.ptr + i, sizeof word);
        sip_word(v, le64toh(word));
    }
    uint64_t last = 0;
    if (s.len > whole)
        memcpy(&last, s.ptr + whole, s.len - whole);
    sip_word(v, le64toh(last) | (uint64_t)s.len << 56);
    v[2] ^= 0xee;
    sip_rounds(v, 4);
    struct hash128 hash = {.low = v[0] ^ v[1] ^ v[2] ^ v[3]};
    v[1] ^= 0xdd;
    sip_rounds(v, 4);
    hash.high = v[0] ^ v[1] ^ v[2] ^ v[3];
    return hash;
}

/* ---- the map ---- */

void offset_map_init(struct offset_map *m, size_t max_keys)
{
    *m = (struct offset_map){.max_keys = max_keys};
    /* Without randomness the hashes are still good, only to be guessed. */
    if (getrandom(m->secret, sizeof m->secret, GRND_NONBLOCK) != sizeof m->secret)
        m->secret[0] = (uintptr_t)m;
}

void offset_map_release(struct offset_map *m)
{
    free(m->slots);
    *m = (struct offset_map){0};
}

void offset_map_clear(struct offset_map *m)
{
    for (size_t i = 0; i < m->n_slots; i++)
        m->slots[i].offset = -1;
    m->len = 0;
}

/* The key's slot, or the free one where it belongs. There is always a free one. */
static struct offset_slot *find(const struct offset_map *m, struct hash128 hash)
{
    size_t mask = m->n_slots - 1;
    for (size_t i = hash.low & mask;; i = (i + 1) & mask) {
        struct offset_slot *slot = &m->slots[i];
        if (slot->offset < 0 || (slot->hash.low == hash.low && slot->hash.high == hash.high))
            return slot;
    }
}

static void grow(struct offset_map *m)
{
    struct offset_map bigger = *m;
    bigger.n_slots = m->n_slots ? m->n_slots * 2 : FIRST_SLOTS;
    bigger.slots = mem_alloc(bigger.n_slots * sizeof *bigger.slots);
    for (size_t i = 0; i < bigger.n_slots; i++)
        bigger.slots[i].offset = -1;
    for (size_t i = 0; i < m->n_slots; i++)
        if (m->slots[i].offset >= 0)
            *find(&bigger, m->slots[i].hash) = m->slots[i];
    free(m->slots);
    *m = bigger;
}

bool offset_map_put(struct offset_map *m, struct str key, int64_t offset)
{
    if (m->len < m->max_keys && (m->len + 1) * 4 > m->n_slots * 3)
        grow(m);
    struct hash128 hash = siphash128(m->secret, key);
    struct offset_slot *slot = find(m, hash);
    if (slot->offset < 0) {
        if (m->len >= m->max_keys)
            return false;
        m->len++;
    }
    *slot = (struct offset_slot){.hash = hash, .offset = offset};
    return true;
}

int64_t offset_map_get(const struct offset_map *m, struct str key)
{
    return m->len ? find(m, siphash128(m->secret, key))->offset : -1;
}
