#include "conf/property.h"

typedef VEC(struct str) names_vec;

static void all_names(const struct property *const *tables, names_vec *ret)
{
    for (; *tables; tables++) {
        property_each (*tables, p) {
            *vec_push(ret) = str_from(p->name);
            for (const char *const *a = p->aliases; a && *a; a++)
                *vec_push(ret) = str_from(*a);
        }
    }
}

static bool has_prefix(const char *const *prefixes, struct str name)
{
    for (; prefixes && *prefixes; prefixes++)
        if (str_starts(name, *prefixes))
            return true;
    return false;
}

void config_check_unknown(const struct property *const *tables, const char *const *prefixes, const struct config *c,
                          struct findings *findings)
{
    names_vec names = {0};
    vec_each (&c->entries, e) {
        if (property_find(tables, e->name) || has_prefix(prefixes, e->name))
            continue;
        if (!names.len)
            all_names(tables, &names);
        struct str near = findings_nearest(e->name, names.items, names.len);
        findings_add(findings, FINDING_WARNING, e->name,
                     "The configuration " STR_FMT " is not known and has no effect%s" STR_FMT "%s", STR_ARG(e->name),
                     near.ptr ? "; did you mean " : "", STR_ARG(near), near.ptr ? "?" : "");
    }
    vec_free(&names);
}
