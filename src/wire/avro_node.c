#include "wire/avro_node.h"

const char *const avro_type_names[AVRO_N_TYPES] = {
    [AVRO_NULL] = "null",     [AVRO_BOOLEAN] = "boolean", [AVRO_INT] = "int",     [AVRO_LONG] = "long",
    [AVRO_FLOAT] = "float",   [AVRO_DOUBLE] = "double",   [AVRO_BYTES] = "bytes", [AVRO_STRING] = "string",
    [AVRO_RECORD] = "record", [AVRO_ENUM] = "enum",       [AVRO_ARRAY] = "array", [AVRO_MAP] = "map",
    [AVRO_UNION] = "union",   [AVRO_FIXED] = "fixed",
};

struct avro_node *avro_node_new(struct avro_schema *s, enum avro_type type)
{
    struct avro_node *n = arena_new(&s->arena, struct avro_node);
    n->type = (uint8_t)type;
    n->index = (uint32_t)s->nodes.len;
    *vec_push(&s->nodes) = n;
    return n;
}

void avro_prop_add(struct avro_schema *s, struct avro_props *props, struct str key, struct value value)
{
    for (uint32_t i = 0; i < props->n; i++) {
        if (str_equal(props->items[i].key, key)) {
            props->items[i].value = value;
            return;
        }
    }
    enum { FIRST = 4 };
    if (props->n == 0 || (props->n >= FIRST && (props->n & (props->n - 1)) == 0)) {
        struct avro_prop *more = arena_array(&s->arena, struct avro_prop, props->n ? props->n * 2 : FIRST);
        if (props->n)
            memcpy(more, props->items, props->n * sizeof *more);
        props->items = more;
    }
    props->items[props->n++] = (struct avro_prop){key, value};
}

const struct value *avro_prop_get(const struct avro_props *props, const char *key)
{
    for (uint32_t i = 0; i < props->n; i++)
        if (str_is(props->items[i].key, key))
            return &props->items[i].value;
    return NULL;
}

struct str avro_prop_str(const struct avro_props *props, const char *key)
{
    const struct value *v = avro_prop_get(props, key);
    return v && v->type == VALUE_STRING ? value_as_str(v) : STR_NULL;
}

bool avro_prop_int(const struct avro_props *props, const char *key, int64_t *ret)
{
    const struct value *v = avro_prop_get(props, key);
    if (!v || v->type < VALUE_INT8 || v->type > VALUE_INT64)
        return false;
    *ret = v->i;
    return true;
}

bool avro_node_name(struct avro_schema *s, struct avro_node *n, struct str space, struct str name)
{
    n->name = name;
    n->space = space.len ? space : STR_NULL;
    n->full = space.len ? arena_printf(&s->arena, STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(name)) : name;
    if (map_find(&s->names, n->full))
        return false;
    map_put(&s->names, n->full, n);
    return true;
}

int avro_null_branch(const struct avro_node *n)
{
    for (uint32_t i = 0; i < n->n; i++)
        if (n->branches[i]->type == AVRO_NULL)
            return (int)i;
    return -1;
}

struct str avro_node_label(const struct avro_node *n)
{
    return n->full.ptr ? n->full : str_from(avro_type_names[n->type]);
}

static enum value_type int_value(const struct avro_node *n)
{
    struct str type = avro_prop_str(&n->props, "connect.type");
    if (!avro_prop_get(&n->props, "logicalType")) {
        if (str_is(type, "int8"))
            return VALUE_INT8;
        if (str_is(type, "int16"))
            return VALUE_INT16;
    }
    return VALUE_INT32;
}

/* The element record that AvroData makes for a map with keys that are no strings. */
static bool is_map_entry(const struct avro_node *n)
{
    if (n->type != AVRO_RECORD || n->n != 2 || !str_is(n->fields[0].name, "key") || !str_is(n->fields[1].name, "value"))
        return false;
    return str_is(n->full, AVRO_CONNECT_NAMESPACE "." AVRO_MAP_ENTRY_NAME) ||
           str_is(avro_prop_str(&n->props, "connect.internal.type"), AVRO_MAP_ENTRY_NAME);
}

static bool is_anything(const struct avro_node *n)
{
    static const char *const fields[] = {"boolean", "bytes",  "double", "float", "int",
                                         "long",    "string", "array",  "map"};
    enum { N_FIELDS = sizeof fields / sizeof *fields };
    if (!str_is(n->full, AVRO_ANYTHING_NAME) || n->n != N_FIELDS)
        return false;
    for (uint32_t i = 0; i < N_FIELDS; i++)
        if (!str_is(n->fields[i].name, fields[i]) || n->fields[i].type->type != AVRO_UNION)
            return false;
    return true;
}

static void derive(struct avro_node *n)
{
    static const uint8_t values[AVRO_N_TYPES] = {
        [AVRO_NULL] = VALUE_NULL,     [AVRO_BOOLEAN] = VALUE_BOOLEAN, [AVRO_LONG] = VALUE_INT64,
        [AVRO_FLOAT] = VALUE_FLOAT32, [AVRO_DOUBLE] = VALUE_FLOAT64,  [AVRO_BYTES] = VALUE_BYTES,
        [AVRO_STRING] = VALUE_STRING, [AVRO_RECORD] = VALUE_STRUCT,   [AVRO_ENUM] = VALUE_STRING,
        [AVRO_ARRAY] = VALUE_ARRAY,   [AVRO_MAP] = VALUE_MAP,         [AVRO_UNION] = VALUE_STRUCT,
        [AVRO_FIXED] = VALUE_BYTES,
    };
    n->value = n->type == AVRO_INT ? (uint8_t)int_value(n) : values[n->type];
    if (n->type == AVRO_UNION) {
        int null = avro_null_branch(n);
        if (n->n == 1)
            n->only = n->branches[0];
        else if (n->n == 2 && null >= 0)
            n->only = n->branches[1 - null];
        if (n->only && n->only->type == AVRO_NULL)
            n->only = NULL;
    } else if (n->type == AVRO_ARRAY && is_map_entry(n->items)) {
        n->is_entries = true;
        n->value = VALUE_MAP;
    } else if (n->type == AVRO_RECORD) {
        n->is_anything = is_anything(n);
    }
}

void avro_schema_derive(struct avro_schema *s)
{
    vec_each (&s->nodes, n)
        derive(*n);
}

void avro_schema_free(struct avro_schema *s)
{
    if (!s)
        return;
    vec_free(&s->nodes);
    map_free(&s->names, NULL);
    arena_free(&s->arena);
    free(s);
}
