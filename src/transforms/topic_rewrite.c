#include "transforms/topic_rewrite.h"

int topic_rewrite_init(struct topic_rewrite *r, struct str regex, struct str replacement, struct error *err)
{
    struct regex *compiled;
    int rc = regex_compile(regex, false, &compiled, err);
    if (rc)
        return rc;
    *r = (struct topic_rewrite){.regex = compiled};
    r->replacement = arena_str(&r->arena, replacement.ptr ? replacement : STR(""));
    return 0;
}

void topic_rewrite_release(struct topic_rewrite *r)
{
    map_free(&r->known, NULL);
    topic_names_release(&r->names);
    buf_free(&r->text);
    regex_free(r->regex);
    arena_free(&r->arena);
}

/* Remembered as long as there is room. */
static struct topic_rewritten find(struct topic_rewrite *r, struct str topic, struct arena *arena)
{
    const struct topic_rewritten *known = map_get(&r->known, topic);
    if (known)
        return *known;
    struct topic_rewritten made = {.from = topic, .to = STR_NULL};
    buf_clear(&r->text);
    if (regex_replace(r->regex, topic, r->replacement, &r->text))
        made.to = topic_names_keep(&r->names, buf_str(&r->text), arena);
    if (r->known.len < TOPIC_NAMES_MAX && r->names.known.len < TOPIC_NAMES_MAX) {
        struct topic_rewritten *kept = arena_new(&r->arena, struct topic_rewritten);
        *kept = (struct topic_rewritten){arena_str(&r->arena, topic), made.to};
        map_put(&r->known, topic, kept);
        r->last = *kept;
    }
    return made;
}

struct str topic_rewrite_apply(struct topic_rewrite *r, struct str topic, struct arena *arena)
{
    bool again = r->last.from.ptr && str_equal(r->last.from, topic);
    return again ? r->last.to : find(r, topic, arena).to;
}
