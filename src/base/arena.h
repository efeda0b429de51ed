/*
 * `struct arena`: memory with one lifetime. Allocations are pointers into chunks; nothing is freed
 * alone, arena_reset makes everything free at once and keeps the chunks for reuse, so a batch that
 * is filled, written and reset in a loop allocates nothing once it has seen its largest content.
 * Zero-initialised is empty and ready. Not thread-safe: an arena has one user at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

struct arena_chunk;

struct arena {
    char *cursor, *limit;        /* free room in the current chunk */
    struct arena_chunk *current; /* chain of chunks, oldest first */
    struct arena_chunk *first;
    size_t used;       /* bytes handed out since the last reset */
    size_t chunk_size; /* of the next chunk; 0 = ARENA_CHUNK_SIZE */
};

enum { ARENA_CHUNK_SIZE = 64 * 1024, ARENA_ALIGN = 8 };

void *arena_alloc_slow(struct arena *a, size_t size);
void arena_reset(struct arena *a); /* keeps chunks up to ARENA_KEEP bytes, frees the rest */
void arena_free(struct arena *a);  /* {0} again */

enum { ARENA_KEEP = 8 * 1024 * 1024 };

/* Uninitialised, aligned to ARENA_ALIGN, never NULL. */
static inline void *arena_alloc(struct arena *a, size_t size)
{
    size = (size + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
    if (__builtin_expect((size_t)(a->limit - a->cursor) <= size, 0)) /* <=: also the empty arena's size 0 */
        return arena_alloc_slow(a, size);
    void *p = a->cursor;
    a->cursor += size;
    a->used += size;
    return p;
}

void *arena_zalloc(struct arena *a, size_t size);
void *arena_dup(struct arena *a, const void *ptr, size_t size);
struct str arena_str(struct arena *a, struct str s); /* NUL-terminated copy */
struct str arena_cstr(struct arena *a, const char *s);
struct str arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define arena_new(a, type)      ((type *)arena_zalloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (n)))

/*
 * Writing something of unknown length: arena_open gives at least `min` bytes at the end of the
 * arena, arena_close keeps the first `size` of them. Nothing else may be allocated in between.
 */
void *arena_open(struct arena *a, size_t min, size_t *ret_room);
void arena_close(struct arena *a, size_t size);

#endif
