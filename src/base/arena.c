#include "base/arena.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* of data */
    char data[] __attribute__((aligned(ARENA_ALIGN)));
};

static void use_chunk(struct arena *a, struct arena_chunk *c)
{
    a->current = c;
    a->cursor = c->data;
    a->limit = c->data + c->size;
}

/* Makes a chunk with at least `size` free bytes the current one: a kept one that fits, else a new one. */
static void next_chunk(struct arena *a, size_t size)
{
    struct arena_chunk *previous = a->current;
    struct arena_chunk **link = previous ? &previous->next : &a->first;
    struct arena_chunk **after = link;
    for (; *link; link = &(*link)->next) {
        if ((*link)->size > size) {
            struct arena_chunk *found = *link;
            *link = found->next;
            found->next = *after;
            *after = found;
            use_chunk(a, found);
            return;
        }
    }
    size_t usual = a->chunk_size ? a->chunk_size : ARENA_CHUNK_SIZE;
    size_t room = size < usual ? usual : size + ARENA_ALIGN;
    struct arena_chunk *c = mem_alloc(sizeof *c + room);
    c->size = room;
    c->next = *after;
    *after = c;
    use_chunk(a, c);
}

void *arena_alloc_slow(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2) /* a wrapped round-up or a length that went negative */
        return mem_alloc(SIZE_MAX / 2);
    next_chunk(a, size);
    void *p = a->cursor;
    a->cursor += size;
    a->used += size;
    return p;
}

void arena_reset(struct arena *a)
{
    size_t kept = 0;
    struct arena_chunk **link = &a->first;
    while (*link) {
        struct arena_chunk *c = *link;
        if (kept + c->size > ARENA_KEEP) {
            *link = c->next;
            free(c);
        } else {
            kept += c->size;
            link = &c->next;
        }
    }
    a->used = 0;
    a->current = NULL;
    a->cursor = a->limit = NULL;
    if (a->first)
        use_chunk(a, a->first);
}

void arena_free(struct arena *a)
{
    for (struct arena_chunk *c = a->first, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    *a = (struct arena){0};
}

void *arena_zalloc(struct arena *a, size_t size)
{
    return memset(arena_alloc(a, size), 0, size);
}

void *arena_dup(struct arena *a, const void *ptr, size_t size)
{
    void *copy = arena_alloc(a, size);
    if (size)
        memcpy(copy, ptr, size);
    return copy;
}

struct str arena_str(struct arena *a, struct str s)
{
    if (!s.ptr)
        return STR_NULL;
    char *copy = arena_alloc(a, s.len + 1);
    memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return str_of(copy, s.len);
}

struct str arena_cstr(struct arena *a, const char *s)
{
    return arena_str(a, str_from(s));
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = arena_alloc(a, (size_t)(n < 0 ? 0 : n) + 1);
    text[0] = '\0';
    if (n > 0)
        vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return str_of(text, (size_t)(n < 0 ? 0 : n));
}

void *arena_open(struct arena *a, size_t min, size_t *ret_room)
{
    if ((size_t)(a->limit - a->cursor) < min) {
        size_t size = (min + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
        if (min > SIZE_MAX / 2)
            return mem_alloc(SIZE_MAX / 2);
        next_chunk(a, size);
    }
    *ret_room = (size_t)(a->limit - a->cursor);
    return a->cursor;
}

void arena_close(struct arena *a, size_t size)
{
    size_t room = (size_t)(a->limit - a->cursor);
    size_t rounded = (size + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
    if (rounded > room)
        rounded = room;
    a->cursor += rounded;
    a->used += rounded;
}
