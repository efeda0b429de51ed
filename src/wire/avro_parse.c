/* The text of an Avro schema to its graph, by the rules of org.apache.avro.Schema.Parser. */
#include "wire/avro_node.h"
#include "wire/json.h"

struct parse {
    struct avro_schema *out;
    struct error *err;
    struct str space; /* the enclosing namespace */
    int depth;
};

static int parse_node(struct parse *p, const struct value *json, struct avro_node **ret);

__attribute__((format(printf, 2, 3))) static int fail(const struct parse *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_setv(p->err, ERROR_INVALID_SCHEMA, format, args);
    va_end(args);
    error_context(p->err, "Avro schema");
    return ERROR_INVALID_SCHEMA;
}

/* --- attributes ------------------------------------------------------------------------------------ */

/* STR_NULL when absent or no text. */
static struct str text_of(const struct value *object, const char *key)
{
    const struct value *v = value_map_get(object, str_from(key));
    return v && v->type == VALUE_STRING ? value_as_str(v) : STR_NULL;
}

static bool is_one_of(struct str key, const char *const *names)
{
    for (; *names; names++)
        if (str_is(key, *names))
            return true;
    return false;
}

static const char *const schema_attributes[] = {"type", "name",    "namespace", "doc",     "fields", "items",
                                                "size", "symbols", "values",    "aliases", NULL};
static const char *const enum_attributes[] = {"type", "name",    "namespace", "doc",     "fields",  "items",
                                              "size", "symbols", "values",    "aliases", "default", NULL};
static const char *const field_attributes[] = {"type", "name", "doc", "default", "order", "aliases", NULL};

static void keep_props(struct parse *p, const struct value *object, const char *const *attributes,
                       struct avro_props *props)
{
    for (uint32_t i = 0; i < object->len; i++) {
        struct str key = value_as_str(&object->items[2 * i]);
        if (!is_one_of(key, attributes))
            avro_prop_add(p->out, props, key, object->items[2 * i + 1]);
    }
}

static int parse_aliases(const struct parse *p, const struct value *object, struct value *ret)
{
    const struct value *v = value_map_get(object, STR("aliases"));
    if (!v || v->type == VALUE_NULL)
        return 0;
    bool ok = v->type == VALUE_ARRAY;
    for (uint32_t i = 0; ok && i < v->len; i++)
        ok = v->items[i].type == VALUE_STRING;
    if (!ok)
        return fail(p, "\"aliases\" is not an array of names");
    if (v->len)
        *ret = *v;
    return 0;
}

/* --- named types ----------------------------------------------------------------------------------- */

static int parse_name(struct parse *p, const struct value *object, struct avro_node *n)
{
    struct str name = text_of(object, "name"), space = p->space;
    if (!name.ptr)
        return fail(p, "a %s has no \"name\"", avro_type_names[n->type]);
    if (str_find(name, '.') < name.len)
        name = avro_name_split(name, &space);
    else if (value_map_get(object, STR("namespace")))
        space = text_of(object, "namespace");
    if (!avro_name_ok(name))
        return fail(p, "\"" STR_FMT "\" is not a valid name", STR_ARG(name));
    for (struct str rest = space.len ? space : STR_NULL; rest.ptr;)
        if (!avro_name_ok(str_split(rest, '.', &rest)))
            return fail(p, "\"" STR_FMT "\" is not a valid namespace", STR_ARG(space));
    if (!space.len && avro_name_is_primitive(name))
        return fail(p, "a %s cannot be named \"" STR_FMT "\", which is a type of Avro's own", avro_type_names[n->type],
                    STR_ARG(name));
    if (!avro_node_name(p->out, n, space, name))
        return fail(p, "the name \"" STR_FMT "\" is defined twice", STR_ARG(n->full));
    n->doc = text_of(object, "doc");
    return parse_aliases(p, object, &n->aliases);
}

static int parse_field(struct parse *p, const struct avro_node *record, const struct value *json,
                       struct avro_field *ret)
{
    if (json->type != VALUE_MAP)
        return fail(p, "record \"" STR_FMT "\": a field is not an object", STR_ARG(record->full));
    struct avro_field f = {.name = text_of(json, "name"), .doc = text_of(json, "doc"), .order = text_of(json, "order")};
    if (!f.name.ptr || !avro_name_ok(f.name))
        return fail(p, "record \"" STR_FMT "\": \"" STR_FMT "\" is not a valid field name", STR_ARG(record->full),
                    STR_ARG(f.name));
    const struct value *type = value_map_get(json, STR("type"));
    if (!type)
        return fail(p, "record \"" STR_FMT "\": field \"" STR_FMT "\" has no \"type\"", STR_ARG(record->full),
                    STR_ARG(f.name));
    if (str_is_nocase(f.order, "ascending"))
        f.order = STR_NULL;
    else if (f.order.ptr && !str_is_nocase(f.order, "descending") && !str_is_nocase(f.order, "ignore"))
        return fail(p, "record \"" STR_FMT "\": field \"" STR_FMT "\" has an unknown order \"" STR_FMT "\"",
                    STR_ARG(record->full), STR_ARG(f.name), STR_ARG(f.order));
    int rc = parse_node(p, type, &f.type);
    if (!rc)
        rc = parse_aliases(p, json, &f.aliases);
    if (rc)
        return rc;
    const struct value *default_value = value_map_get(json, STR("default"));
    f.has_default = default_value;
    if (default_value)
        f.default_value = *default_value;
    keep_props(p, json, field_attributes, &f.props);
    *ret = f;
    return 0;
}

static int parse_record(struct parse *p, const struct value *object, struct avro_node *n)
{
    int rc = parse_name(p, object, n);
    if (rc)
        return rc;
    const struct value *fields = value_map_get(object, STR("fields"));
    if (!fields || fields->type != VALUE_ARRAY)
        return fail(p, "record \"" STR_FMT "\" has no \"fields\"", STR_ARG(n->full));
    struct str outer = p->space;
    p->space = n->space;
    n->fields = arena_array(&p->out->arena, struct avro_field, fields->len);
    struct map names = {0};
    for (uint32_t i = 0; !rc && i < fields->len; i++) {
        rc = parse_field(p, n, &fields->items[i], &n->fields[i]);
        if (!rc && map_put(&names, n->fields[i].name, n))
            rc = fail(p, "record \"" STR_FMT "\" has the field \"" STR_FMT "\" twice", STR_ARG(n->full),
                      STR_ARG(n->fields[i].name));
        n->n += !rc;
    }
    map_free(&names, NULL);
    p->space = outer;
    return rc;
}

static int parse_enum(struct parse *p, const struct value *object, struct avro_node *n)
{
    int rc = parse_name(p, object, n);
    if (rc)
        return rc;
    const struct value *symbols = value_map_get(object, STR("symbols"));
    if (!symbols || symbols->type != VALUE_ARRAY)
        return fail(p, "enum \"" STR_FMT "\" has no \"symbols\"", STR_ARG(n->full));
    n->symbols = arena_array(&p->out->arena, struct str, symbols->len);
    struct map known = {0};
    for (uint32_t i = 0; !rc && i < symbols->len; i++) {
        const struct value *v = &symbols->items[i];
        if (v->type != VALUE_STRING || !avro_name_ok(value_as_str(v)))
            rc = fail(p, "enum \"" STR_FMT "\": symbol %u is not a valid name", STR_ARG(n->full), i + 1);
        else if (map_put(&known, value_as_str(v), n))
            rc = fail(p, "enum \"" STR_FMT "\" has the symbol \"" STR_FMT "\" twice", STR_ARG(n->full),
                      STR_ARG(value_as_str(v)));
        else
            n->symbols[n->n++] = value_as_str(v);
    }
    const struct value *default_value = value_map_get(object, STR("default"));
    if (!rc && default_value && default_value->type != VALUE_NULL) {
        if (default_value->type != VALUE_STRING || !map_get(&known, value_as_str(default_value)))
            rc = fail(p, "the default of enum \"" STR_FMT "\" is none of its symbols", STR_ARG(n->full));
        else
            n->enum_default = *default_value;
    }
    map_free(&known, NULL);
    return rc;
}

static int parse_fixed(struct parse *p, const struct value *object, struct avro_node *n)
{
    int rc = parse_name(p, object, n);
    if (rc)
        return rc;
    const struct value *size = value_map_get(object, STR("size"));
    if (!size || size->type != VALUE_INT64 || size->i < 0 || size->i > INT32_MAX)
        return fail(p, "fixed \"" STR_FMT "\" has no valid \"size\"", STR_ARG(n->full));
    n->size = (uint32_t)size->i;
    return 0;
}

/* --- other types ----------------------------------------------------------------------------------- */

static int parse_items(struct parse *p, const struct value *object, const char *key, struct avro_node *n)
{
    const struct value *items = value_map_get(object, str_from(key));
    if (!items)
        return fail(p, "an %s has no \"%s\"", avro_type_names[n->type], key);
    return parse_node(p, items, &n->items);
}

static int parse_union(struct parse *p, const struct value *json, struct avro_node **ret)
{
    struct avro_node *n = avro_node_new(p->out, AVRO_UNION);
    n->branches = arena_array(&p->out->arena, struct avro_node *, json->len);
    struct map labels = {0};
    int rc = 0;
    for (uint32_t i = 0; !rc && i < json->len; i++) {
        rc = parse_node(p, &json->items[i], &n->branches[i]);
        if (!rc && n->branches[i]->type == AVRO_UNION)
            rc = fail(p, "a union stands directly in another one");
        else if (!rc && map_put(&labels, avro_node_label(n->branches[i]), n))
            rc = fail(p, "a union has \"" STR_FMT "\" twice", STR_ARG(avro_node_label(n->branches[i])));
        n->n += !rc;
    }
    map_free(&labels, NULL);
    if (rc)
        return rc;
    *ret = n;
    return 0;
}

/* A primitive's name, or one defined before: in the enclosing namespace, else without one. */
static int resolve(struct parse *p, struct str name, struct avro_node **ret)
{
    for (int i = 0; i < AVRO_N_PRIMITIVES; i++) {
        if (str_is(name, avro_type_names[i])) {
            *ret = avro_node_new(p->out, (enum avro_type)i);
            return 0;
        }
    }
    struct avro_node *n = NULL;
    if (p->space.ptr && str_find(name, '.') == name.len) {
        struct buf full = {0};
        buf_printf(&full, STR_FMT "." STR_FMT, STR_ARG(p->space), STR_ARG(name));
        n = map_get(&p->out->names, buf_str(&full));
        buf_free(&full);
    }
    if (!n)
        n = map_get(&p->out->names, name);
    if (!n)
        return fail(p, "the type \"" STR_FMT "\" is not defined (references to other subjects are not followed)",
                    STR_ARG(name));
    *ret = n;
    return 0;
}

static int parse_object(struct parse *p, const struct value *object, struct avro_node **ret)
{
    struct str name = text_of(object, "type");
    if (!name.ptr)
        return fail(p, "a type has no \"type\", or one that is not a name");
    bool is_error = str_is(name, "error");
    int type = is_error ? AVRO_RECORD : 0;
    while (!is_error && type < AVRO_N_TYPES && (type == AVRO_UNION || !str_is(name, avro_type_names[type])))
        type++;
    if (type == AVRO_N_TYPES)
        return resolve(p, name, ret);
    struct avro_node *n = avro_node_new(p->out, (enum avro_type)type);
    n->is_error = is_error;
    int rc = 0;
    if (type == AVRO_RECORD)
        rc = parse_record(p, object, n);
    else if (type == AVRO_ENUM)
        rc = parse_enum(p, object, n);
    else if (type == AVRO_FIXED)
        rc = parse_fixed(p, object, n);
    else if (type == AVRO_ARRAY || type == AVRO_MAP)
        rc = parse_items(p, object, type == AVRO_ARRAY ? "items" : "values", n);
    if (rc)
        return rc;
    keep_props(p, object, type == AVRO_ENUM ? enum_attributes : schema_attributes, &n->props);
    *ret = n;
    return 0;
}

static int parse_node(struct parse *p, const struct value *json, struct avro_node **ret)
{
    if (p->depth == AVRO_MAX_DEPTH)
        return fail(p, "nested more than %d deep", AVRO_MAX_DEPTH);
    p->depth++;
    int rc;
    if (json->type == VALUE_STRING)
        rc = resolve(p, value_as_str(json), ret);
    else if (json->type == VALUE_ARRAY)
        rc = parse_union(p, json, ret);
    else if (json->type == VALUE_MAP)
        rc = parse_object(p, json, ret);
    else
        rc = fail(p, "a type is neither a name, nor an object, nor an array");
    p->depth--;
    return rc;
}

static int parse_text(struct parse *p, struct str text)
{
    if (text.len > AVRO_MAX_SCHEMA_BYTES)
        return fail(p, "its text of %zu bytes is longer than %d", text.len, (int)AVRO_MAX_SCHEMA_BYTES);
    struct value json;
    int rc = json_read(arena_str(&p->out->arena, text), &p->out->arena, &json, p->err);
    if (rc) {
        error_context(p->err, "Avro schema");
        if (p->err)
            p->err->code = ERROR_INVALID_SCHEMA;
        return ERROR_INVALID_SCHEMA;
    }
    return parse_node(p, &json, &p->out->root);
}

int avro_schema_parse(struct str json, struct avro_schema **ret, struct error *err)
{
    struct parse p = {.out = mem_new(struct avro_schema), .err = err};
    int rc = parse_text(&p, json);
    if (rc) {
        avro_schema_free(p.out);
        return rc;
    }
    avro_schema_derive(p.out);
    *ret = p.out;
    return 0;
}
