/* Schemaless maps: copied with room for what a transform adds. Keys that are no strings stay as they are. */
#ifndef TRANSFORMS_SCHEMALESS_H
#define TRANSFORMS_SCHEMALESS_H

#include "base/arena.h"
#include "data/value.h"

/* A copy of the map (its keys and values shared) that at most `more` further entries may be put into. */
struct value schemaless_copy(struct arena *arena, const struct value *map, size_t more);

/* Replaces the key's value, or adds the entry at the end; a new key is copied into the arena. */
void schemaless_put(struct arena *arena, struct value *map, struct str key, struct value v);
void schemaless_remove(struct value *map, struct str key);

#endif
