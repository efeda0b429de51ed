/*
 * `struct position`: where a source stands, as Kafka Connect stores it: a source partition (which
 * stream of the source) and a source offset (how far in it), both ordered maps of names to null,
 * string, integer, floating point or boolean values. Stored in the offsets topic as
 *     key    ["connector",{"protocol":"1","table":"public.t"}]
 *     value  {"incrementing":7}
 */
#ifndef DATA_POSITION_H
#define DATA_POSITION_H

#include "base/arena.h"
#include "data/value.h"

struct position_entry {
    struct str name;
    struct value value; /* scalar */
};

struct position_map {
    const struct position_entry *entries;
    uint32_t n;
};

struct position {
    struct position_map partition, offset;
};

const struct value *position_get(const struct position_map *m, const char *name);    /* NULL when absent */
bool position_get_int(const struct position_map *m, const char *name, int64_t *ret); /* false: absent or no integer */
struct str position_get_str(const struct position_map *m, const char *name);         /* STR_NULL: absent or no string */
bool position_map_equal(const struct position_map *a, const struct position_map *b); /* whatever the order */
struct position_map position_map_copy(struct arena *arena, const struct position_map *m);
struct position position_copy(struct arena *arena, const struct position *p);

#endif
