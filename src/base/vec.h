/* Growing arrays: VEC(type) declares one, zero-initialised is empty. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/mem.h"

#include <stdlib.h>

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        size_t len, cap;                                                                                               \
    }

/* Room for one more item at the end; evaluates to a pointer to it (uninitialised), counted. */
#define vec_push(v)                                                                                                    \
    (((v)->len == (v)->cap ? (void)((v)->items = mem_grow((v)->items, &(v)->cap, (v)->len + 1, sizeof *(v)->items))    \
                           : (void)0),                                                                                 \
     &(v)->items[(v)->len++])

#define vec_free(v) (free((v)->items), (v)->items = NULL, (v)->len = (v)->cap = 0)

#define vec_each(v, item)                                                                                              \
    for (__typeof__((v)->items + 0) item = (v)->items; (size_t)(item - (v)->items) < (v)->len; item++)

#endif
