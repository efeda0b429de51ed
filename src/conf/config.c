#include "conf/config.h"

void config_init(struct config *c)
{
    *c = (struct config){0};
}

void config_release(struct config *c)
{
    vec_free(&c->entries);
    arena_free(&c->arena);
}

static struct config_entry *find(const struct config *c, struct str name)
{
    vec_each (&c->entries, e)
        if (str_equal(e->name, name))
            return e;
    return NULL;
}

static struct str keep(struct arena *arena, struct str s)
{
    return s.ptr ? arena_str(arena, s) : STR_NULL;
}

void config_set(struct config *c, struct str name, struct str value)
{
    struct config_entry *e = find(c, name);
    if (!e) {
        struct str kept = arena_str(&c->arena, name);
        e = vec_push(&c->entries);
        e->name = kept;
    }
    e->value = keep(&c->arena, value);
}

void config_remove(struct config *c, struct str name)
{
    struct config_entry *e = find(c, name);
    if (!e)
        return;
    size_t after = (size_t)(c->entries.items + c->entries.len - (e + 1));
    memmove(e, e + 1, after * sizeof *e);
    c->entries.len--;
}

bool config_has(const struct config *c, struct str name)
{
    return find(c, name) != NULL;
}

struct str config_get(const struct config *c, const char *name)
{
    const struct config_entry *e = find(c, str_from(name));
    return e ? e->value : STR_NULL;
}

void config_copy(struct config *dst, const struct config *src)
{
    vec_each (&src->entries, e)
        config_set(dst, e->name, e->value);
}

bool config_equal(const struct config *a, const struct config *b)
{
    if (a->entries.len != b->entries.len)
        return false;
    vec_each (&a->entries, e) {
        const struct config_entry *other = find(b, e->name);
        if (!other || (e->value.ptr == NULL) != (other->value.ptr == NULL) || !str_equal(e->value, other->value))
            return false;
    }
    return true;
}

void config_sub(const struct config *src, const char *prefix, struct config *dst)
{
    size_t len = strlen(prefix);
    vec_each (&src->entries, e)
        if (e->name.len > len && str_starts(e->name, prefix))
            config_set(dst, str_of(e->name.ptr + len, e->name.len - len), e->value);
}
