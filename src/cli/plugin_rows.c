#include "cli/plugin_rows.h"

#include <stdlib.h>

typedef VEC(struct plugin_row) rows_vec;

static int by_class(const void *a, const void *b)
{
    const struct plugin_row *x = a, *y = b;
    return strcmp(x->info->classes[0], y->info->classes[0]);
}

static void sort_from(rows_vec *rows, size_t first)
{
    if (rows->len > first + 1)
        qsort(rows->items + first, rows->len - first, sizeof *rows->items, by_class);
}

#define ADD_ALL(list, name, is_keyed)                                                                                  \
    do {                                                                                                               \
        size_t first = rows.len;                                                                                       \
        for (size_t i = 0; (list) && (list)[i]; i++)                                                                   \
            *vec_push(&rows) = (struct plugin_row){.kind = (name), .info = &(list)[i]->info, .keyed = (is_keyed)};     \
        sort_from(&rows, first);                                                                                       \
    } while (0)

size_t plugin_rows(const struct plugins *p, struct arena *arena, struct plugin_row **ret)
{
    rows_vec rows = {0};
    ADD_ALL(p->sources, "source", false);
    ADD_ALL(p->transforms, "transform", p->transforms[i]->keyed);
    ADD_ALL(p->predicates, "predicate", false);
    ADD_ALL(p->converters, "converter", false);
    ADD_ALL(p->sinks, "sink", false);
    size_t n = rows.len;
    *ret = arena_dup(arena, n ? (const void *)rows.items : "", n * sizeof *rows.items);
    vec_free(&rows);
    return n;
}

struct str plugin_short_name(const struct plugin_info *info)
{
    for (const char *const *c = info->classes; *c; c++)
        if (!strchr(*c, '.'))
            return str_from(*c);
    const char *dot = strrchr(info->classes[0], '.');
    return str_from(dot ? dot + 1 : info->classes[0]);
}
