/* What can be wrong with a property table itself. */
#include "conf/value.h"

static void complain(struct findings *f, const struct property *p, const char *text)
{
    findings_add(f, FINDING_ERROR, str_from(p->name), "property %s: %s", p->name, text);
}

static bool well_formed(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') && !(*c >= '0' && *c <= '9') && !strchr("._-", *c))
            return false;
    return *name && *name != '.' && name[strlen(name) - 1] != '.';
}

static bool has_name(const struct property *p, const char *name)
{
    const struct property row[2] = {*p, PROPERTY_END};
    const struct property *const tables[] = {row, NULL};
    return property_find(tables, str_from(name)) != NULL;
}

static void check_name(const struct property *table, const struct property *p, const char *name, struct findings *f)
{
    if (!well_formed(name))
        findings_add(f, FINDING_ERROR, str_from(p->name), "property %s: the name \"%s\" is not one", p->name, name);
    for (const struct property *before = table; before < p; before++)
        if (has_name(before, name))
            findings_add(f, FINDING_ERROR, str_from(p->name), "property %s: the name %s is used by %s too", p->name,
                         name, before->name);
}

static void check_names(const struct property *table, const struct property *p, struct findings *f)
{
    check_name(table, p, p->name, f);
    for (const char *const *a = p->aliases; a && *a; a++) {
        check_name(table, p, *a, f);
        if (strcmp(*a, p->name) == 0)
            complain(f, p, "an alias is the name itself");
        for (const char *const *b = p->aliases; b < a; b++)
            if (strcmp(*a, *b) == 0)
                findings_add(f, FINDING_ERROR, str_from(p->name), "property %s: the alias %s stands twice", p->name,
                             *a);
    }
}

static void check_doc(const struct property *p, struct findings *f)
{
    struct str doc = str_trim(str_from(p->doc));
    if (!doc.len)
        complain(f, p, "no doc");
    else if (!strchr(".!?:`)|", doc.ptr[doc.len - 1]))
        complain(f, p, "doc is not full sentences: it ends without a full stop");
}

static void check_limits(const struct property *p, struct findings *f)
{
    bool number = p->type == PROPERTY_TYPE_INT || p->type == PROPERTY_TYPE_LONG;
    if (!number && (p->min || p->max))
        complain(f, p, "limits are for INT and LONG only");
    if (p->max && p->min > p->max)
        complain(f, p, "min is above max");
    if ((p->type == PROPERTY_TYPE_ENUM) != (p->choices != NULL))
        complain(f, p, p->choices ? "choices are for ENUM only" : "an ENUM needs choices");
    for (const char *const *c = p->choices; c && *c; c++)
        for (const char *const *b = p->choices; b < c; b++)
            if ((p->flags & PROPERTY_CASE) ? strcmp(*c, *b) == 0 : str_is_nocase(str_from(*c), *b))
                findings_add(f, FINDING_ERROR, str_from(p->name), "property %s: the choice %s stands twice", p->name,
                             *c);
}

static void check_text(const struct property *p, const char *what, const char *text, struct findings *f)
{
    struct arena arena = {0};
    struct error err = {0};
    int code = property_value_read(p, str_from(text), &arena, NULL, &err);
    if (!code && p->check)
        code = p->check(p, str_from(text), &err);
    if (code)
        findings_add(f, FINDING_ERROR, str_from(p->name), "property %s: the %s \"%s\" is not valid: %s", p->name, what,
                     text, err.text);
    arena_free(&arena);
}

void property_check_table(const struct property *table, struct findings *f)
{
    property_each (table, p) {
        check_names(table, p, f);
        check_doc(p, f);
        check_limits(p, f);
        if (p->fallback && (p->flags & PROPERTY_REQUIRED))
            complain(f, p, "required, and yet with a default");
        if (p->fallback && !(*p->fallback == '\0' && p->type == PROPERTY_TYPE_STRING))
            check_text(p, "default", p->fallback, f);
        if (p->example)
            check_text(p, "example", p->example, f);
    }
}
