/* The shapes are org.apache.kafka.connect.runtime.rest.entities.ConfigInfos, ConfigKeyInfo and ConfigValueInfo. */
#include "conf/present.h"
#include "conf/value.h"

struct answer {
    const struct property *const *tables;
    const struct config *config;
    const struct findings *findings;
    struct buf *out;
};

/* In quotes; STR_NULL is null. */
static void write_text(struct buf *out, struct str s)
{
    if (!s.ptr) {
        buf_add_literal(out, "null");
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c == '\n')
            buf_add_literal(out, "\\n");
        else if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '"');
}

static void write_member(struct buf *out, const char *name, struct str value)
{
    buf_printf(out, "\"%s\":", name);
    write_text(out, value);
}

static bool is_secret(const struct property *p)
{
    return p->type == PROPERTY_TYPE_PASSWORD || (p->flags & PROPERTY_SECRET);
}

static const char *width_of(const struct property *p)
{
    switch (p->type) {
    case PROPERTY_TYPE_STRING:
    case PROPERTY_TYPE_PASSWORD:
    case PROPERTY_TYPE_CLASS:
        return "MEDIUM";
    case PROPERTY_TYPE_LIST:
        return "LONG";
    default:
        return "SHORT";
    }
}

static bool same_group(const struct property *a, const struct property *b)
{
    return a->group && b->group && strcmp(a->group, b->group) == 0;
}

/* Place in its group, from 1; ConfigDef's -1 outside of any. */
static int order_of(const struct answer *a, const struct property *p)
{
    int order = 0;
    for (const struct property *const *t = a->tables; *t; t++) {
        property_each (*t, other) {
            order += same_group(other, p);
            if (other == p)
                return p->group ? order : -1;
        }
    }
    return -1;
}

static void write_definition(const struct answer *a, const struct property *p)
{
    static const char *const importances[] = {"HIGH", "MEDIUM", "LOW"};
    struct buf *out = a->out;
    AUTO_BUF
    fallback = {0};
    if (p->fallback && is_secret(p))
        buf_add_literal(&fallback, CONFIG_HIDDEN);
    else if (p->fallback)
        property_value_print(p, str_from(p->fallback), &fallback);
    buf_add_literal(out, "{");
    write_member(out, "name", str_from(p->name));
    buf_add_literal(out, ",");
    write_member(out, "type", str_from(property_type_name(p)));
    buf_printf(out, ",\"required\":%s,", (p->flags & PROPERTY_REQUIRED) ? "true" : "false");
    write_member(out, "default_value", p->fallback ? buf_str(&fallback) : STR_NULL);
    buf_add_literal(out, ",");
    write_member(out, "importance", str_from(importances[p->importance]));
    buf_add_literal(out, ",");
    write_member(out, "documentation", str_from(p->doc ? p->doc : ""));
    buf_add_literal(out, ",");
    write_member(out, "group", str_from(p->group));
    buf_add_literal(out, ",");
    write_member(out, "width", str_from(width_of(p)));
    buf_add_literal(out, ",");
    write_member(out, "display_name", str_from(p->display ? p->display : p->name));
    buf_printf(out, ",\"dependents\":[],\"order\":%d}", order_of(a, p));
}

/* The findings under the property's name or an alias, or (p NULL) under exactly `name`. */
static void write_errors(const struct answer *a, const struct property *p, struct str name)
{
    const struct property row[2] = {p ? *p : (struct property){0}, PROPERTY_END};
    const struct property *const tables[] = {row, NULL};
    bool first = true;
    buf_add_literal(a->out, "\"errors\":[");
    vec_each (&a->findings->items, f) {
        if (f->level != FINDING_ERROR)
            continue;
        if (p ? !property_find(tables, f->name) : !str_equal(f->name, name))
            continue;
        buf_add_cstr(a->out, first ? "" : ",");
        write_text(a->out, f->text);
        first = false;
    }
    buf_add_literal(a->out, "]");
}

/* The value as ConfigDef holds it: the default where nothing is given, null where it does not parse. */
static void write_current(const struct answer *a, const struct property *p)
{
    const struct config_entry *e = NULL;
    struct arena arena = {0};
    AUTO_BUF
    text = {0};
    bool present = true;
    if (!property_given(p, a->config, &e)) {
        present = p->fallback != NULL;
        if (present && is_secret(p))
            buf_add_literal(&text, CONFIG_HIDDEN);
        else if (present)
            property_value_print(p, str_from(p->fallback), &text);
    } else if (property_is_secret(a->tables, e->name) || str_find(e->value, '$') < e->value.len) {
        config_write_shown(a->tables, e->name, e->value, &text); /* not its parsed form: nothing is looked up here */
    } else if (property_value_read(p, e->value, &arena, NULL, NULL) == 0) {
        AUTO_BUF
        printed = {0};
        property_value_print(p, e->value, &printed);
        config_write_shown(a->tables, e->name, buf_str(&printed), &text);
    } else {
        present = false;
    }
    write_member(a->out, "value", present ? buf_str(&text) : STR_NULL);
    arena_free(&arena);
}

static void write_recommended(const struct answer *a, const struct property *p)
{
    buf_add_literal(a->out, ",\"recommended_values\":[");
    for (const char *const *c = p->type == PROPERTY_TYPE_ENUM ? p->choices : NULL; c && *c; c++) {
        buf_add_cstr(a->out, c == p->choices ? "" : ",");
        write_text(a->out, str_from(*c));
    }
    buf_add_literal(a->out, "],");
}

static void write_property(const struct answer *a, const struct property *p)
{
    buf_add_literal(a->out, "{\"definition\":");
    write_definition(a, p);
    buf_add_literal(a->out, ",\"value\":{");
    write_member(a->out, "name", str_from(p->name));
    buf_add_literal(a->out, ",");
    write_current(a, p);
    write_recommended(a, p);
    write_errors(a, p, STR_NULL);
    buf_add_literal(a->out, ",\"visible\":true}}");
}

/* A finding about a name that no table has: an entry without definition, once per name. */
static void write_foreign(const struct answer *a, struct str name, bool *first)
{
    AUTO_BUF
    shown = {0};
    struct str value = STR_NULL;
    if (name.ptr) {
        AUTO_FREE
        char *text = mem_strndup(name.ptr, name.len);
        value = config_get(a->config, text);
    }
    config_write_shown(a->tables, name, value, &shown);
    buf_add_cstr(a->out, *first ? "" : ",");
    *first = false;
    buf_add_literal(a->out, "{\"definition\":null,\"value\":{");
    write_member(a->out, "name", name.ptr ? name : STR(""));
    buf_add_literal(a->out, ",");
    write_member(a->out, "value", value.ptr ? buf_str(&shown) : STR_NULL);
    buf_add_literal(a->out, ",\"recommended_values\":[],");
    write_errors(a, NULL, name);
    buf_add_literal(a->out, ",\"visible\":true}}");
}

static bool told_before(const struct findings *findings, const struct finding *f)
{
    for (const struct finding *before = findings->items.items; before < f; before++)
        if (before->level == FINDING_ERROR && str_equal(before->name, f->name))
            return true;
    return false;
}

static void write_groups(const struct answer *a)
{
    bool first = true;
    buf_add_literal(a->out, "\"groups\":[");
    for (const struct property *const *t = a->tables; *t; t++) {
        property_each (*t, p) {
            if (order_of(a, p) != 1)
                continue;
            buf_add_cstr(a->out, first ? "" : ",");
            write_text(a->out, str_from(p->group));
            first = false;
        }
    }
    buf_add_literal(a->out, "]");
}

void config_write_validation(struct str class_name, const struct property *const *tables, const struct config *c,
                             const struct findings *findings, struct buf *out)
{
    struct answer a = {.tables = tables, .config = c, .findings = findings, .out = out};
    bool first = true;
    buf_add_literal(out, "{");
    write_member(out, "name", class_name);
    buf_printf(out, ",\"error_count\":%zu,", findings->errors);
    write_groups(&a);
    buf_add_literal(out, ",\"configs\":[");
    for (; *tables; tables++) {
        property_each (*tables, p) {
            buf_add_cstr(out, first ? "" : ",");
            write_property(&a, p);
            first = false;
        }
    }
    vec_each (&findings->items, f)
        if (f->level == FINDING_ERROR && !property_find(a.tables, f->name) && !told_before(findings, f))
            write_foreign(&a, f->name, &first);
    buf_add_literal(out, "]}");
}
