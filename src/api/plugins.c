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

/* Every plug-in starts with its info, so that one look-up serves the lists of all kinds. */
static_assert(offsetof(struct source_plugin, info) == 0 && offsetof(struct transform_plugin, info) == 0 &&
                  offsetof(struct converter_plugin, info) == 0 && offsetof(struct sink_plugin, info) == 0 &&
                  offsetof(struct predicate_plugin, info) == 0,
              "info comes first");

/* `list`: a NULL-terminated array of pointers to plug-ins, or NULL. NULL behind its end. */
static const struct plugin_info *info_at(const void *list, size_t i)
{
    const struct plugin_info *info = NULL;
    if (list)
        memcpy(&info, (const char *)list + i * sizeof info, sizeof info);
    return info;
}

static const void *find(const void *list, struct str class_name)
{
    const struct plugin_info *info;
    for (size_t i = 0; (info = info_at(list, i)); i++)
        if (has_class(info, class_name))
            return info;
    return NULL;
}

const struct source_plugin *plugins_source(const struct plugins *p, struct str class_name)
{
    return find(p->sources, class_name);
}

const struct converter_plugin *plugins_converter(const struct plugins *p, struct str class_name)
{
    return find(p->converters, class_name);
}

const struct sink_plugin *plugins_sink(const struct plugins *p, struct str class_name)
{
    return find(p->sinks, class_name);
}

const struct predicate_plugin *plugins_predicate(const struct plugins *p, struct str class_name)
{
    return find(p->predicates, class_name);
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
    const struct transform_plugin *found = find(p->transforms, base);
    if (!found || found->keyed != (target != TRANSFORM_WHOLE))
        return NULL;
    *ret_target = target;
    return found;
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

static const void *list_of(const struct plugins *p, struct str kind)
{
    if (str_is(kind, "source"))
        return p->sources;
    if (str_is(kind, "converter"))
        return p->converters;
    if (str_is(kind, "sink"))
        return p->sinks;
    return str_is(kind, "predicate") ? (const void *)p->predicates : (const void *)p->transforms;
}

int plugins_unknown(const struct plugins *p, const char *kind, struct str class_name, struct error *err)
{
    struct nearest n = {.wanted = class_name};
    const void *list = list_of(p, str_from(kind));
    const struct plugin_info *info;
    for (size_t i = 0; (info = info_at(list, i)); i++)
        consider(&n, info, list == p->transforms && p->transforms[i]->keyed);
    if (!n.name)
        return error_set(err, ERROR_CONFIG, "%s class \"" STR_FMT "\" is not known; `tributary plugins` lists all",
                         kind, STR_ARG(class_name));
    return error_set(err, ERROR_CONFIG,
                     "%s class \"" STR_FMT "\" is not known; the nearest is %s%s; `tributary plugins` lists all", kind,
                     STR_ARG(class_name), n.name, n.keyed ? "$Value (or $Key)" : "");
}
