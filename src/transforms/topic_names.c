#include "transforms/topic_names.h"

void topic_names_release(struct topic_names *names)
{
    map_free(&names->known, NULL);
}

struct str topic_names_keep(struct topic_names *names, struct str text, struct arena *arena)
{
    const struct map_entry *e = map_find(&names->known, text);
    if (!e && names->known.len >= TOPIC_NAMES_MAX)
        return arena_str(arena, text);
    if (!e) {
        map_put(&names->known, text, names);
        e = map_find(&names->known, text);
    }
    return e->key;
}
