/* Room for further headers of a record. */
#ifndef TRANSFORMS_HEADERS_H
#define TRANSFORMS_HEADERS_H

#include "data/record.h"

/* `n` more headers at the end, for the caller to fill in at once. */
static inline struct header *headers_add(struct record *r, size_t n, struct arena *arena)
{
    struct header *all = arena_array(arena, struct header, r->n_headers + n);
    if (r->n_headers)
        memcpy(all, r->headers, r->n_headers * sizeof *all);
    struct header *added = all + r->n_headers;
    r->headers = all;
    r->n_headers += (uint32_t)n;
    return added;
}

#endif
