#include "conf/present.h"
#include "conf/value.h"

static const struct property *alias_or_name(const struct property *p, struct str name)
{
    if (str_is(name, p->name))
        return p;
    for (const char *const *a = p->aliases; a && *a; a++)
        if (str_is(name, *a))
            return p;
    return NULL;
}

const struct property *property_find(const struct property *const *tables, struct str name)
{
    for (; tables && *tables; tables++)
        property_each (*tables, p)
            if (alias_or_name(p, name))
                return p;
    return NULL;
}

static const struct config_entry *entry_of(const struct config *c, const char *name)
{
    vec_each (&c->entries, e)
        if (e->value.ptr && str_is(e->name, name))
            return e;
    return NULL;
}

bool property_given(const struct property *p, const struct config *c, const struct config_entry **ret)
{
    const struct config_entry *e = entry_of(c, p->name);
    for (const char *const *a = p->aliases; !e && a && *a; a++)
        e = entry_of(c, *a);
    if (e)
        *ret = e;
    return e != NULL;
}

/* What went wrong with a value, without the value itself where nobody may see it. */
static void add_invalid(struct findings *findings, const struct property *p, const struct config_entry *e,
                        struct str resolved, const struct error *err)
{
    const struct property row[2] = {*p, PROPERTY_END};
    const struct property *const tables[] = {row, NULL};
    AUTO_BUF
    shown = {0}, why = {0};
    config_write_shown(tables, e->name, e->value, &shown);
    struct str text = str_from(err->text);
    bool hide = resolved.len && (property_is_secret(tables, e->name) || !str_equal(resolved, e->value));
    while (text.len) {
        if (hide && text.len >= resolved.len && memcmp(text.ptr, resolved.ptr, resolved.len) == 0) {
            buf_add_literal(&why, CONFIG_HIDDEN);
            text = str_of(text.ptr + resolved.len, text.len - resolved.len);
        } else {
            buf_add_char(&why, *text.ptr);
            text = str_of(text.ptr + 1, text.len - 1);
        }
    }
    findings_add(findings, FINDING_ERROR, e->name, "Invalid value %s for configuration " STR_FMT ": %s",
                 shown.len ? buf_cstr(&shown) : "\"\"", STR_ARG(e->name), buf_cstr(&why));
}

static void add_missing(struct findings *findings, const struct property *p)
{
    AUTO_BUF
    hint = {0}, expected = {0};
    property_value_expected(p, &expected);
    if (p->type == PROPERTY_TYPE_ENUM)
        buf_printf(&hint, "; set it to one of: %s", buf_cstr(&expected));
    else if (p->example)
        buf_printf(&hint, "; for example %s=%s", p->name, p->example);
    findings_add(findings, FINDING_ERROR, str_from(p->name),
                 "Missing required configuration \"%s\" which has no default value%s", p->name, buf_cstr(&hint));
}

static void parse_given(const struct property *p, struct config *c, const struct config_entry *e, void *member,
                        struct findings *findings)
{
    struct error err = {0};
    struct str value = e->value;
    int code = config_resolve(e->value, &c->arena, &value, &err);
    if (!code && (p->flags & PROPERTY_REQUIRED) && !str_trim(value).len)
        code = error_set(&err, ERROR_CONFIG, "String must be non-empty%s%s", p->example ? "; for example " : "",
                         p->example ? p->example : "");
    if (!code)
        code = property_value_read(p, value, &c->arena, NULL, &err);
    if (!code && p->check) {
        struct str trimmed = arena_str(&c->arena, str_trim(value));
        code = p->check(p, trimmed, &err);
    }
    if (code)
        add_invalid(findings, p, e, value, &err);
    else
        property_value_read(p, value, &c->arena, member, NULL);
}

/* Things that are right and yet worth a word. */
static void warn_about(const struct property *p, const struct config *c, const struct config_entry *e,
                       struct findings *findings)
{
    if (p->flags & PROPERTY_DEPRECATED)
        findings_add(findings, FINDING_WARNING, e->name, "The configuration " STR_FMT " is deprecated: %s",
                     STR_ARG(e->name), p->doc);
    if (p->flags & PROPERTY_ACCEPTED)
        findings_add(findings, FINDING_WARNING, e->name, "The configuration " STR_FMT " has no effect here: %s",
                     STR_ARG(e->name), p->doc);
    vec_each (&c->entries, other)
        if (other != e && other->value.ptr && alias_or_name(p, other->name) && !str_equal(other->value, e->value))
            findings_add(findings, FINDING_WARNING, other->name,
                         "The configuration " STR_FMT " is ignored, because " STR_FMT
                         " is the same setting and given too; remove one of them",
                         STR_ARG(other->name), STR_ARG(e->name));
}

void config_parse(const struct property *table, struct config *c, void *out, struct findings *findings)
{
    property_each (table, p) {
        void *member = (char *)out + p->offset;
        const struct config_entry *e = NULL;
        if (p->fallback)
            property_value_read(p, str_from(p->fallback), &c->arena, member, NULL);
        if (property_given(p, c, &e)) {
            parse_given(p, c, e, member, findings);
            warn_about(p, c, e, findings);
        } else if (p->flags & PROPERTY_REQUIRED) {
            add_missing(findings, p);
        }
    }
}
