#include "data/schema.h"

#include "base/mem.h"

#include <stdlib.h>

enum { SCHEMA_CHUNK_SIZE = 512 };

struct schema *schema_new(enum schema_type type)
{
    struct schema *s = mem_new(struct schema);
    atomic_init(&s->refs, 1);
    s->type = (uint8_t)type;
    s->version = SCHEMA_NO_VERSION;
    s->arena.chunk_size = SCHEMA_CHUNK_SIZE;
    return s;
}

struct schema *schema_new_array(const struct schema *element)
{
    struct schema *s = schema_new(SCHEMA_ARRAY);
    s->value_schema = schema_ref(element);
    return s;
}

struct schema *schema_new_map(const struct schema *key, const struct schema *value)
{
    struct schema *s = schema_new(SCHEMA_MAP);
    s->key_schema = schema_ref(key);
    s->value_schema = schema_ref(value);
    return s;
}

static const struct {
    const char *name;
    enum schema_type base;
} logical_types[] = {
    [LOGICAL_DECIMAL] = {DECIMAL_NAME, SCHEMA_BYTES},
    [LOGICAL_DATE] = {DATE_NAME, SCHEMA_INT32},
    [LOGICAL_TIME] = {TIME_NAME, SCHEMA_INT32},
    [LOGICAL_TIMESTAMP] = {TIMESTAMP_NAME, SCHEMA_INT64},
};

static enum schema_logical logical_of(const struct schema *s)
{
    for (int i = LOGICAL_DECIMAL; i <= LOGICAL_TIMESTAMP; i++)
        if (s->type == logical_types[i].base && str_is(s->name, logical_types[i].name))
            return (enum schema_logical)i;
    return LOGICAL_NONE;
}

static void derive(struct schema *s)
{
    s->logical = s->name.ptr ? (uint8_t)logical_of(s) : (uint8_t)LOGICAL_NONE;
    int64_t scale;
    if (s->logical == LOGICAL_DECIMAL && str_to_int64(schema_param(s, STR(DECIMAL_SCALE_PARAM)), &scale) &&
        scale >= INT32_MIN && scale <= INT32_MAX)
        s->scale = (int32_t)scale;
}

void schema_set_optional(struct schema *s)
{
    s->optional = true;
}

void schema_set_name(struct schema *s, struct str name, int32_t version)
{
    s->name = arena_str(&s->arena, name);
    s->version = version;
    derive(s);
}

void schema_set_version(struct schema *s, int32_t version)
{
    s->version = version;
}

void schema_set_doc(struct schema *s, struct str doc)
{
    s->doc = arena_str(&s->arena, doc);
}

/* Arrays in the arena grow by doubling: full at 0, 4, 8, 16 ... items. */
static void *room_for_one(struct arena *arena, void *items, uint32_t n, size_t item_size)
{
    enum { FIRST = 4 };
    if (n != 0 && (n < FIRST || (n & (n - 1)) != 0))
        return items;
    void *bigger = arena_alloc(arena, (n ? (size_t)n * 2 : FIRST) * item_size);
    if (n)
        memcpy(bigger, items, n * item_size);
    return bigger;
}

void schema_add_param(struct schema *s, struct str key, struct str value)
{
    struct schema_param *p = NULL;
    for (uint32_t i = 0; i < s->n_params && !p; i++)
        if (str_equal(s->params[i].key, key))
            p = &s->params[i];
    if (!p) {
        s->params = room_for_one(&s->arena, s->params, s->n_params, sizeof *s->params);
        p = &s->params[s->n_params++];
        p->key = arena_str(&s->arena, key);
    }
    p->value = arena_str(&s->arena, value);
    derive(s);
}

void schema_set_default(struct schema *s, const struct value *v)
{
    s->default_value = value_copy(&s->arena, v);
    s->has_default = true;
}

void schema_add_field(struct schema *s, struct str name, const struct schema *field)
{
    s->fields = room_for_one(&s->arena, s->fields, s->n_fields, sizeof *s->fields);
    s->fields[s->n_fields++] = (struct schema_field){arena_str(&s->arena, name), schema_ref(field)};
}

static void add_int_param(struct schema *s, const char *key, int32_t value)
{
    struct arena scratch = {.chunk_size = 64};
    schema_add_param(s, str_from(key), arena_printf(&scratch, "%d", (int)value));
    arena_free(&scratch);
}

struct schema *schema_new_decimal(int32_t scale, int32_t precision)
{
    struct schema *s = schema_new(SCHEMA_BYTES);
    schema_set_name(s, STR(DECIMAL_NAME), 1);
    add_int_param(s, DECIMAL_SCALE_PARAM, scale);
    if (precision > 0)
        add_int_param(s, DECIMAL_PRECISION_PARAM, precision);
    return s;
}

static struct schema *new_logical(enum schema_logical logical)
{
    struct schema *s = schema_new(logical_types[logical].base);
    schema_set_name(s, str_from(logical_types[logical].name), 1);
    return s;
}

struct schema *schema_new_date(void)
{
    return new_logical(LOGICAL_DATE);
}

struct schema *schema_new_time(void)
{
    return new_logical(LOGICAL_TIME);
}

struct schema *schema_new_timestamp(void)
{
    return new_logical(LOGICAL_TIMESTAMP);
}

struct schema *schema_copy(const struct schema *s)
{
    struct schema *copy = schema_new((enum schema_type)s->type);
    copy->optional = s->optional;
    copy->scale = s->scale;
    copy->key_schema = schema_ref(s->key_schema);
    copy->value_schema = schema_ref(s->value_schema);
    if (s->name.ptr)
        schema_set_name(copy, s->name, s->version);
    copy->version = s->version;
    schema_set_doc(copy, s->doc);
    for (uint32_t i = 0; i < s->n_params; i++)
        schema_add_param(copy, s->params[i].key, s->params[i].value);
    for (uint32_t i = 0; i < s->n_fields; i++)
        schema_add_field(copy, s->fields[i].name, s->fields[i].schema);
    if (s->has_default)
        schema_set_default(copy, &s->default_value);
    return copy;
}

const struct schema *schema_ref(const struct schema *s)
{
    if (s)
        atomic_fetch_add_explicit(&((struct schema *)s)->refs, 1, memory_order_relaxed);
    return s;
}

void schema_unref(const struct schema *shared)
{
    struct schema *s = (struct schema *)shared;
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (uint32_t i = 0; i < s->n_fields; i++)
        schema_unref(s->fields[i].schema);
    schema_unref(s->key_schema);
    schema_unref(s->value_schema);
    arena_free(&s->arena);
    free(s);
}

/* A Java map: the order does not count. */
static bool params_equal(const struct schema *a, const struct schema *b)
{
    if (a->n_params != b->n_params)
        return false;
    for (uint32_t i = 0; i < a->n_params; i++) {
        struct str other = schema_param(b, a->params[i].key);
        if (!other.ptr || !str_equal(a->params[i].value, other))
            return false;
    }
    return true;
}

static bool text_equal(struct str a, struct str b)
{
    return !a.ptr == !b.ptr && str_equal(a, b);
}

bool schema_equal(const struct schema *a, const struct schema *b)
{
    if (a == b)
        return true;
    if (!a || !b || a->type != b->type || a->optional != b->optional || a->version != b->version ||
        a->has_default != b->has_default || a->n_fields != b->n_fields)
        return false;
    if (!text_equal(a->name, b->name) || !text_equal(a->doc, b->doc) || !params_equal(a, b))
        return false;
    if (a->has_default && !value_equal(&a->default_value, &b->default_value))
        return false;
    for (uint32_t i = 0; i < a->n_fields; i++)
        if (!str_equal(a->fields[i].name, b->fields[i].name) || !schema_equal(a->fields[i].schema, b->fields[i].schema))
            return false;
    return schema_equal(a->key_schema, b->key_schema) && schema_equal(a->value_schema, b->value_schema);
}

int schema_field_index(const struct schema *s, struct str name)
{
    for (uint32_t i = 0; i < s->n_fields; i++)
        if (str_equal(s->fields[i].name, name))
            return (int)i;
    return -1;
}

struct str schema_param(const struct schema *s, struct str key)
{
    for (uint32_t i = 0; i < s->n_params; i++)
        if (str_equal(s->params[i].key, key))
            return s->params[i].value;
    return STR_NULL;
}

const char *schema_type_name(enum schema_type type)
{
    static const char *const names[] = {
        [SCHEMA_INT8] = "int8",     [SCHEMA_INT16] = "int16",     [SCHEMA_INT32] = "int32",
        [SCHEMA_INT64] = "int64",   [SCHEMA_FLOAT32] = "float",   [SCHEMA_FLOAT64] = "double",
        [SCHEMA_STRING] = "string", [SCHEMA_BOOLEAN] = "boolean", [SCHEMA_BYTES] = "bytes",
        [SCHEMA_ARRAY] = "array",   [SCHEMA_MAP] = "map",         [SCHEMA_STRUCT] = "struct",
    };
    return (size_t)type < sizeof names / sizeof *names && names[type] ? names[type] : "unknown";
}
