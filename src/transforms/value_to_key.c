/* org.apache.kafka.connect.transforms.ValueToKey. */
#include "api/transform.h"
#include "transforms/java_map.h"
#include "transforms/requirements.h"

#include "base/mem.h"
#include "data/cache.h"

enum { FIELDS_MAX = 1000 };

struct value_to_key_config {
    struct str_list fields;
    bool replace_null_with_default;
};

static int check_fields(const struct property *p, struct str value, struct error *err)
{
    if (str_trim(value).len)
        return 0;
    return error_set(err, ERROR_CONFIG, "%s must name at least one field", p->name);
}

static const struct property properties[] = {
    PROPERTY_LIST("fields", struct value_to_key_config, fields, .importance = IMPORTANCE_HIGH, .group = "Fields",
                  .flags = PROPERTY_REQUIRED, .example = "id", .check = check_fields,
                  .doc = "The fields of the record's value that make up the key, in the key's order."),
    PROPERTY_BOOLEAN("replace.null.with.default", struct value_to_key_config, replace_null_with_default,
                     .fallback = "true", .importance = IMPORTANCE_MEDIUM, .group = "Fields",
                     .doc = "Whether a null in a field that has a default value goes into the key as that default. "
                            "With `false` it stays null."),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.ValueToKey", NULL};
static const char purpose[] = "copying fields from value to key";

/* What a value's schema gives: the key's schema, and where its fields stand in the value. */
struct key_plan {
    const struct schema *schema;
    uint32_t *indexes;
};

struct transform {
    struct arena arena;
    struct str *fields;
    uint32_t *map_order; /* of the fields in a schemaless key */
    size_t n_fields;
    bool replace_nulls;
    struct schema_cache plans;
};

static void free_plan(void *ptr)
{
    struct key_plan *plan = ptr;
    schema_unref(plan->schema);
    mem_free_ptr(&plan->indexes);
    mem_free_ptr(&plan);
}

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)target;
    const struct value_to_key_config *parsed = config->parsed;
    const struct str_list *fields = &parsed->fields;
    if (fields->len > FIELDS_MAX)
        return error_set(err, ERROR_CONFIG, "fields names more than %d fields", FIELDS_MAX);
    for (size_t i = 0; i < fields->len; i++)
        for (size_t j = 0; j < i; j++)
            if (str_equal(fields->items[i], fields->items[j]))
                return error_set(err, ERROR_CONFIG, "fields names \"" STR_FMT "\" twice", STR_ARG(fields->items[i]));
    struct transform *t = mem_new(struct transform);
    t->n_fields = fields->len;
    t->replace_nulls = parsed->replace_null_with_default;
    t->fields = arena_array(&t->arena, struct str, fields->len);
    for (size_t i = 0; i < fields->len; i++)
        t->fields[i] = arena_str(&t->arena, fields->items[i]);
    t->map_order = arena_array(&t->arena, uint32_t, fields->len);
    java_map_order(t->fields, t->n_fields, t->map_order);
    schema_cache_init(&t->plans, free_plan);
    *ret = t;
    return 0;
}

static void transform_close(struct transform *t)
{
    schema_cache_release(&t->plans);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static int make_plan(struct transform *t, const struct schema *value, struct key_plan **ret, struct error *err)
{
    AUTO_FREE uint32_t *indexes = mem_new_array(uint32_t, t->n_fields);
    for (size_t i = 0; i < t->n_fields; i++) {
        int index = value->type == SCHEMA_STRUCT ? schema_field_index(value, t->fields[i]) : -1;
        if (index < 0)
            return error_set(err, ERROR_DATA, "Field does not exist: " STR_FMT, STR_ARG(t->fields[i]));
        indexes[i] = (uint32_t)index;
    }
    struct schema *key = schema_new(SCHEMA_STRUCT);
    for (size_t i = 0; i < t->n_fields; i++)
        schema_add_field(key, t->fields[i], value->fields[indexes[i]].schema);
    struct key_plan *plan = mem_new(struct key_plan);
    *plan = (struct key_plan){.schema = key, .indexes = indexes};
    indexes = NULL;
    schema_cache_put(&t->plans, value, NULL, plan);
    *ret = plan;
    return 0;
}

/* A null in the value: the default, null, or an error. */
static int null_field(const struct transform *t, const struct schema_field *f, struct value *ret, struct error *err)
{
    if (t->replace_nulls && f->schema->has_default) {
        *ret = f->schema->default_value;
        return 0;
    }
    if (!f->schema->optional)
        return error_set(err, ERROR_DATA,
                         "Invalid value: null used for required field: \"" STR_FMT "\", schema type: %s",
                         STR_ARG(f->name), value_type_name((enum value_type)f->schema->type));
    *ret = value_null();
    return 0;
}

static int apply_with_schema(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    int rc = require_struct(r->value_schema, &r->value, purpose, err);
    if (rc)
        return rc;
    struct key_plan *plan = schema_cache_get(&t->plans, r->value_schema, NULL);
    if (!plan && (rc = make_plan(t, r->value_schema, &plan, err)))
        return rc;
    struct value *key = arena_array(&batch->arena, struct value, t->n_fields);
    for (size_t i = 0; i < t->n_fields; i++) {
        key[i] = r->value.items[plan->indexes[i]];
        if (__builtin_expect(value_is_null(&key[i]), 0)) {
            rc = null_field(t, &plan->schema->fields[i], &key[i], err);
            if (rc)
                return rc;
        }
    }
    r->key_schema = plan->schema;
    r->key = value_items(VALUE_STRUCT, key, t->n_fields);
    batch_hold(batch, plan->schema);
    return 0;
}

static int apply_schemaless(const struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    int rc = require_map(&r->value, purpose, err);
    if (rc)
        return rc;
    struct value *key = arena_array(&batch->arena, struct value, 2 * t->n_fields);
    for (size_t i = 0; i < t->n_fields; i++) {
        struct str field = t->fields[t->map_order[i]];
        const struct value *v = value_map_get(&r->value, field);
        key[2 * i] = value_str(arena_str(&batch->arena, field));
        key[2 * i + 1] = v ? *v : value_null();
    }
    r->key_schema = NULL;
    r->key = value_items(VALUE_MAP, key, t->n_fields);
    return 0;
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop;
    for (size_t i = from; i < to; i++) {
        struct record *r = &batch->records[i];
        int rc = r->value_schema ? apply_with_schema(t, batch, r, err) : apply_schemaless(t, batch, r, err);
        if (rc) {
            *err_index = i;
            return error_context(err, "topic \"" STR_FMT "\"", STR_ARG(r->topic));
        }
    }
    return 0;
}

const struct transform_plugin value_to_key = {
    .info =
        {
            .classes = classes,
            .version = "3.9.1",
            .title = "Makes the key from fields of the value",
            .doc = "Replaces the record's key by a struct (for schemaless data: a map) of the named fields of its "
                   "value. A field that the value does not have is an error, and so is a value that is null: restrict "
                   "the transform with a predicate where there are tombstones.",
            .properties = properties,
            .config_size = sizeof(struct value_to_key_config),
        },
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
