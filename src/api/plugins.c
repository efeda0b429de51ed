#include "api/plugins.h"

#include "base/buf.h"

enum { NAME_COMPARED_MAX = 128 };

static bool has_class(const struct plugin_info *info, struct str name)
{
    for (const char *const *c = info->classes; *c; c++)
        if (str_is(name, *c))
            return true;
    return false;
}

const struct source_plugin *plugins_source(const struct plugins *p, struct str class_name)
{
    for (const struct source_plugin *const *i = p->sources; i && *i; i++)
        if (has_class(&(*i)->info, class_name))
            return *i;
    return NULL;
}

const struct converter_plugin *plugins_converter(const struct plugins *p, struct str class_name)
{
    for (const struct converter_plugin *const *i = p->converters; i && *i; i++)
        if (has_class(&(*i)->info, class_name))
            return *i;
    return NULL;
}

const struct sink_plugin *plugins_sink(const struct plugins *p, struct str class_name)
{
    for (const struct sink_plugin *const *i = p->sinks; i && *i; i++)
        if (has_class(&(*i)->info, class_name))
            return *i;
    return NULL;
}

const struct transform_plugin *plugins_transform(const struct plugins *p, struct str class_name,
                                                 enum transform_target *ret_target)
{
    struct str suffix;
    struct str base = str_split(class_name, '$', &suffix);
    enum transform_target target = TRANSFORM_WHOLE;
    if (suffix.ptr) {
        if (str_is_nocase(suffix, "Key"))
            target = TRANSFORM_KEY;
        else if (str_is_nocase(suffix, "Value"))
            target = TRANSFORM_VALUE;
        else
            return NULL;
    }
    for (const struct transform_plugin *const *i = p->transforms; i && *i; i++) {
        if ((*i)->keyed == (target != TRANSFORM_WHOLE) && has_class(&(*i)->info, base)) {
            *ret_target = target;
            return *i;
        }
    }
    return NULL;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, of names cut to NAME_COMPARED_MAX. */
static size_t distance(struct str a, struct str b)
{
    size_t row[NAME_COMPARED_MAX + 1];
    a.len = least(a.len, NAME_COMPARED_MAX);
    b.len = least(b.len, NAME_COMPARED_MAX);
    for (size_t k = 0; k <= b.len; k++)
        row[k] = k;
    for (size_t i = 0; i < a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < b.len; k++) {
            size_t replaced = diagonal + (a.ptr[i] != b.ptr[k]);
            diagonal = row[k + 1];
            row[k + 1] = least(replaced, least(row[k], row[k + 1]) + 1);
        }
    }
    return row[b.len];
}

/* "ExtractField" of "org.apache.kafka.connect.transforms.ExtractField$Key". */
static struct str simple_name(struct str class_name)
{
    struct str inner, name = str_split(class_name, '$', &inner);
    for (size_t dot; (dot = str_find(name, '.')) < name.len;)
        name = str_of(name.ptr + dot + 1, name.len - dot - 1);
    return name;
}

struct nearest {
    struct str wanted;
    const char *name;
    bool keyed;
    size_t distance;
};

static void consider(struct nearest *n, const struct plugin_info *info, bool keyed)
{
    for (const char *const *c = info->classes; *c; c++) {
        struct str name = str_from(*c);
        size_t d = distance(simple_name(n->wanted), simple_name(name)) * NAME_COMPARED_MAX + distance(n->wanted, name);
        if (!n->name || d < n->distance) {
            n->name = *c;
            n->keyed = keyed;
            n->distance = d;
        }
    }
}

int plugins_unknown(const struct plugins *p, const char *kind, struct str class_name, struct error *err)
{
    struct nearest n = {.wanted = class_name};
    if (str_is(str_from(kind), "source"))
        for (const struct source_plugin *const *i = p->sources; i && *i; i++)
            consider(&n, &(*i)->info, false);
    else if (str_is(str_from(kind), "converter"))
        for (const struct converter_plugin *const *i = p->converters; i && *i; i++)
            consider(&n, &(*i)->info, false);
    else if (str_is(str_from(kind), "sink"))
        for (const struct sink_plugin *const *i = p->sinks; i && *i; i++)
            consider(&n, &(*i)->info, false);
    else
        for (const struct transform_plugin *const *i = p->transforms; i && *i; i++)
            consider(&n, &(*i)->info, (*i)->keyed);
    if (!n.name)
        return error_set(err, ERROR_CONFIG, "%s class \"" STR_FMT "\" is not known; `tributary plugins` lists all",
                         kind, STR_ARG(class_name));
    return error_set(err, ERROR_CONFIG,
                     "%s class \"" STR_FMT "\" is not known; the nearest is %s%s; `tributary plugins` lists all", kind,
                     STR_ARG(class_name), n.name, n.keyed ? "$Value (or $Key)" : "");
}
