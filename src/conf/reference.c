#include "conf/present.h"
#include "conf/value.h"

static const char *group_of(const struct property *p)
{
    return p->group ? p->group : "General";
}

/* Is `p` the first one shown of its group? */
static bool opens_group(const struct property *const *tables, const struct property *p)
{
    for (; *tables; tables++) {
        property_each (*tables, other) {
            if (!(other->flags & PROPERTY_INTERNAL) && strcmp(group_of(other), group_of(p)) == 0)
                return other == p;
        }
    }
    return false;
}

static void write_valid(const struct property *p, struct buf *out)
{
    if (p->type == PROPERTY_TYPE_ENUM) {
        for (const char *const *c = p->choices; c && *c; c++)
            buf_printf(out, "%s`%s`", c == p->choices ? "" : ", ", *c);
    } else if (p->type != PROPERTY_TYPE_BOOLEAN) {
        property_value_expected(p, out);
    }
}

static void write_type(const struct property *p, struct buf *out)
{
    for (const char *c = property_type_name(p); *c; c++)
        buf_add_char(out, (char)(*c + ('a' - 'A')));
}

static void write_facts(const struct property *p, struct buf *out)
{
    static const char *const importances[] = {"high", "medium", "low"};
    AUTO_BUF
    valid = {0};
    write_valid(p, &valid);
    buf_add_literal(out, "- Type: ");
    write_type(p, out);
    if (p->flags & PROPERTY_REQUIRED)
        buf_add_literal(out, "\n- Required");
    else if (p->fallback && *p->fallback)
        buf_printf(out, "\n- Default: `%s`", p->fallback);
    else
        buf_printf(out, "\n- Default: %s", p->fallback ? "empty" : "none");
    if (valid.len)
        buf_printf(out, "\n- Valid values: %s", buf_cstr(&valid));
    buf_printf(out, "\n- Importance: %s\n", importances[p->importance]);
    if (p->aliases && *p->aliases) {
        buf_add_literal(out, "- Also written: ");
        for (const char *const *a = p->aliases; *a; a++)
            buf_printf(out, "%s`%s`", a == p->aliases ? "" : ", ", *a);
        buf_add_char(out, '\n');
    }
    if (p->flags & PROPERTY_DEPRECATED)
        buf_add_literal(out, "- Deprecated\n");
    if (p->flags & PROPERTY_ACCEPTED)
        buf_add_literal(out, "- Accepted for compatibility, without effect\n");
    if (p->example)
        buf_printf(out, "- Example: `%s=%s`\n", p->name, p->example);
}

static void write_group(const struct property *const *tables, const struct property *first, struct buf *out)
{
    buf_printf(out, "\n## %s\n", group_of(first));
    for (; *tables; tables++) {
        property_each (*tables, p) {
            if ((p->flags & PROPERTY_INTERNAL) || strcmp(group_of(p), group_of(first)) != 0)
                continue;
            buf_printf(out, "\n### `%s`\n\n%s\n\n", p->name, p->doc ? p->doc : "");
            write_facts(p, out);
        }
    }
}

void property_write_reference(const char *title, const char *intro, const struct property *const *tables,
                              struct buf *out)
{
    buf_printf(out, "# %s\n", title);
    if (intro && *intro)
        buf_printf(out, "\n%s\n", intro);
    for (const struct property *const *t = tables; *t; t++)
        property_each (*t, p)
            if (!(p->flags & PROPERTY_INTERNAL) && opens_group(tables, p))
                write_group(tables, p, out);
}
