/* org.apache.kafka.connect.transforms.Flatten$Key and $Value. */
#include "transforms/requirements.h"
#include "transforms/reshape.h"
#include "transforms/smt.h"

#include "base/buf.h"
#include "base/mem.h"
#include "data/cache.h"

enum { FLATTEN_MAX_DEPTH = 100 };

struct flatten_config {
    struct str delimiter;
};

static const struct property properties[] = {
    PROPERTY_STRING("delimiter", struct flatten_config, delimiter, .fallback = ".", .importance = IMPORTANCE_MEDIUM,
                    .group = "Fields", .example = "_",
                    .doc = "What stands between the names of the levels. Avro allows no dot in a field's name: with "
                           "Avro take `_`."),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.Flatten", NULL};
static const char purpose[] = "flattening";

struct transform {
    struct arena arena;
    enum transform_target target;
    struct str delimiter;
    struct buf name; /* of the field at hand, with those above it */
    struct schema_cache shapes;
};

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)err;
    const struct flatten_config *parsed = config->parsed;
    struct transform *t = mem_new(struct transform);
    t->target = target;
    t->delimiter = arena_str(&t->arena, parsed->delimiter.ptr ? parsed->delimiter : STR(""));
    schema_cache_init(&t->shapes, reshape_free);
    *ret = t;
    return 0;
}

static void transform_close(struct transform *t)
{
    schema_cache_release(&t->shapes);
    buf_free(&t->name);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

/* Goes a level down; the length to come back to is returned. */
static size_t push_name(struct transform *t, struct str field)
{
    size_t before = t->name.len;
    if (before)
        buf_add_str(&t->name, t->delimiter);
    buf_add_str(&t->name, field);
    return before;
}

static int too_deep(const struct transform *t, struct error *err)
{
    return error_set(err, ERROR_DATA, "Flatten goes %d levels deep at most (for field " STR_FMT ")", FLATTEN_MAX_DEPTH,
                     STR_ARG(buf_str(&t->name)));
}

/* --- with a schema --- */

static const struct schema *new_leaf_schema(const struct schema *old, bool optional, const struct value *fallback)
{
    struct schema *s =
        old->type == SCHEMA_ARRAY ? schema_new_array(old->value_schema) : schema_new((enum schema_type)old->type);
    reshape_copy_basics(old, s);
    if (optional)
        schema_set_optional(s);
    if (fallback)
        schema_set_default(s, fallback);
    return s;
}

static int add_fields(struct transform *t, const struct schema *old, bool optional, const struct value *fallback,
                      struct schema *flat, int depth, struct error *err);

static int add_leaf(struct transform *t, const struct schema *old, bool optional, const struct value *fallback,
                    struct schema *flat, struct error *err)
{
    const struct schema *leaf = new_leaf_schema(old, optional, fallback);
    int rc = reshape_add_field(flat, buf_str(&t->name), leaf, err);
    schema_unref(leaf);
    return rc;
}

/* `fallback`: the default of the struct around it, NULL without one. A field under an optional struct is optional. */
static int add_field(struct transform *t, const struct schema_field *f, bool optional, const struct value *fallback,
                     struct schema *flat, int depth, struct error *err)
{
    optional |= f->schema->optional;
    if (f->schema->has_default)
        fallback = &f->schema->default_value;
    if (fallback && value_is_null(fallback))
        fallback = NULL;
    if (f->schema->type == SCHEMA_STRUCT)
        return add_fields(t, f->schema, optional, fallback, flat, depth + 1, err);
    if (f->schema->type == SCHEMA_MAP)
        return error_set(err, ERROR_DATA,
                         "Flatten transformation does not support MAP for record with schemas (for field " STR_FMT ")",
                         STR_ARG(buf_str(&t->name)));
    return add_leaf(t, f->schema, optional, fallback, flat, err);
}

static int add_fields(struct transform *t, const struct schema *old, bool optional, const struct value *fallback,
                      struct schema *flat, int depth, struct error *err)
{
    if (depth > FLATTEN_MAX_DEPTH)
        return too_deep(t, err);
    bool has_defaults = fallback && fallback->type == VALUE_STRUCT && fallback->len == old->n_fields;
    for (uint32_t i = 0; i < old->n_fields; i++) {
        size_t before = push_name(t, old->fields[i].name);
        const struct value *of_field = has_defaults ? &fallback->items[i] : NULL;
        int rc = add_field(t, &old->fields[i], optional, of_field, flat, depth, err);
        if (rc)
            return rc;
        t->name.len = before;
    }
    return 0;
}

static int make_shape(struct transform *t, const struct schema *old, struct reshape **ret, struct error *err)
{
    struct schema *flat = schema_new(SCHEMA_STRUCT);
    reshape_copy_basics(old, flat);
    buf_clear(&t->name);
    int rc = add_fields(t, old, old->optional, old->has_default ? &old->default_value : NULL, flat, 0, err);
    if (rc) {
        schema_unref(flat);
        return rc;
    }
    *ret = reshape_new(flat, 0);
    schema_cache_put(&t->shapes, old, NULL, *ret);
    return 0;
}

/* The leaves in order; under a struct that is null, as many nulls as it would have leaves. */
static struct value *take_leaves(const struct schema *schema, const struct value *v, struct value *out)
{
    bool is_null = value_is_null(v);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const struct schema *field = schema->fields[i].schema;
        struct value inner = is_null ? value_null() : v->items[i];
        if (field->type == SCHEMA_STRUCT) {
            out = take_leaves(field, &inner, out);
            continue;
        }
        if (!is_null && value_is_null(&inner) && field->has_default)
            inner = field->default_value;
        *out++ = inner;
    }
    return out;
}

static int apply_with_schema(struct transform *t, struct batch *batch, struct smt_half half, struct error *err)
{
    const struct schema *old = *half.schema;
    int rc = require_struct(old, half.value, purpose, err);
    struct reshape *shape = rc ? NULL : schema_cache_get(&t->shapes, old, NULL);
    if (!rc && !shape)
        rc = make_shape(t, old, &shape, err);
    if (rc)
        return rc;
    size_t n = shape->schema->n_fields;
    struct value *leaves = arena_array(&batch->arena, struct value, n);
    take_leaves(old, half.value, leaves);
    *half.value = value_items(VALUE_STRUCT, leaves, n);
    *half.schema = shape->schema;
    batch_hold(batch, shape->schema);
    return 0;
}

/* --- schemaless --- */

static bool is_leaf(const struct value *v)
{
    return v->type != VALUE_MAP && v->type != VALUE_STRUCT;
}

static size_t count_leaves(const struct value *map, int depth)
{
    size_t n = 0;
    for (size_t i = 0; i < map->len && depth <= FLATTEN_MAX_DEPTH; i++) {
        const struct value *v = &map->items[2 * i + 1];
        n += v->type == VALUE_MAP ? count_leaves(v, depth + 1) : 1;
    }
    return n;
}

/* A name that comes twice keeps its place and gets the later value, as in a LinkedHashMap. */
static void put_leaf(struct transform *t, struct arena *arena, struct value *flat, const struct value *v)
{
    struct str name = buf_str(&t->name);
    struct value *there = (struct value *)value_map_get(flat, name);
    if (there) {
        *there = *v;
        return;
    }
    flat->items[2 * (size_t)flat->len] = value_str(arena_str(arena, name));
    flat->items[2 * (size_t)flat->len + 1] = *v;
    flat->len++;
}

static int flatten_map(struct transform *t, const struct value *map, struct arena *arena, struct value *flat, int depth,
                       struct error *err)
{
    if (depth > FLATTEN_MAX_DEPTH)
        return too_deep(t, err);
    for (size_t i = 0; i < map->len; i++) {
        const struct value *key = &map->items[2 * i], *v = key + 1;
        if (key->type != VALUE_STRING)
            return error_set(err, ERROR_DATA, "Flatten needs texts as keys, found: %s", java_class_of(NULL, key));
        size_t before = push_name(t, value_as_str(key));
        int rc = 0;
        if (v->type == VALUE_MAP)
            rc = flatten_map(t, v, arena, flat, depth + 1, err);
        else if (is_leaf(v))
            put_leaf(t, arena, flat, v);
        else
            rc = error_set(
                err, ERROR_DATA,
                "Flatten transformation does not support class %s for record without schemas (for field " STR_FMT ")",
                java_class_of(NULL, v), STR_ARG(buf_str(&t->name)));
        if (rc)
            return rc;
        t->name.len = before;
    }
    return 0;
}

static int apply_schemaless(struct transform *t, struct batch *batch, struct value *value, struct error *err)
{
    int rc = require_map(value, purpose, err);
    if (rc)
        return rc;
    struct value *items = arena_array(&batch->arena, struct value, 2 * count_leaves(value, 0));
    struct value flat = value_items(VALUE_MAP, items, 0);
    buf_clear(&t->name);
    rc = flatten_map(t, value, &batch->arena, &flat, 0, err);
    if (rc == 0)
        *value = flat;
    return rc;
}

static int apply_record(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    struct smt_half half = smt_half(r, t->target);
    if (value_is_null(half.value))
        return 0;
    return *half.schema ? apply_with_schema(t, batch, half, err) : apply_schemaless(t, batch, half.value, err);
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop;
    return smt_each(t, apply_record, batch, from, to, err_index, err);
}

const struct transform_plugin flatten_transform = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Takes the fields of nested structs to the top level",
            .doc = "Puts the fields of nested structs (with a schema) or maps (without one) of the key (`Flatten$Key`) "
                   "or the value (`Flatten$Value`) at the top level, under the names of all levels with a delimiter "
                   "between them. Arrays stay as they are; a map under a schema is an error. What is inside an "
                   "optional struct becomes optional. A null passes unchanged.",
            .properties = properties,
            .config_size = sizeof(struct flatten_config),
        },
    .keyed = true,
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
