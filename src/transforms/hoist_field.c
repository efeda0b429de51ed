/* org.apache.kafka.connect.transforms.HoistField$Key and $Value. */
#include "transforms/reshape.h"
#include "transforms/smt.h"

#include "base/mem.h"
#include "data/cache.h"

struct hoist_field_config {
    struct str field;
};

static const struct property properties[] = {
    PROPERTY_STRING("field", struct hoist_field_config, field, .importance = IMPORTANCE_MEDIUM, .group = "Fields",
                    .flags = PROPERTY_REQUIRED, .example = "payload",
                    .doc = "The name of the one field that the new struct or map has."),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.HoistField", NULL};

struct transform {
    struct arena arena;
    enum transform_target target;
    struct str field;
    struct schema_cache shapes;
};

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)err;
    const struct hoist_field_config *parsed = config->parsed;
    struct transform *t = mem_new(struct transform);
    t->target = target;
    t->field = arena_str(&t->arena, parsed->field);
    schema_cache_init(&t->shapes, reshape_free);
    *ret = t;
    return 0;
}

static void transform_close(struct transform *t)
{
    schema_cache_release(&t->shapes);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static struct reshape *make_shape(struct transform *t, const struct schema *inner)
{
    struct schema *outer = schema_new(SCHEMA_STRUCT);
    schema_add_field(outer, t->field, inner);
    struct reshape *shape = reshape_new(outer, 0);
    schema_cache_put(&t->shapes, inner, NULL, shape);
    return shape;
}

static int apply_record(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    struct smt_half half = smt_half(r, t->target);
    if (!*half.schema) {
        struct value *items = arena_array(&batch->arena, struct value, 2);
        items[0] = value_str(arena_str(&batch->arena, t->field));
        items[1] = *half.value;
        *half.value = value_items(VALUE_MAP, items, 1);
        return 0;
    }
    int rc = reshape_check_null(*half.schema, t->field, half.value, err);
    if (rc)
        return rc;
    const struct reshape *shape = schema_cache_get(&t->shapes, *half.schema, NULL);
    if (!shape)
        shape = make_shape(t, *half.schema);
    struct value *items = arena_array(&batch->arena, struct value, 1);
    items[0] = *half.value;
    *half.value = value_items(VALUE_STRUCT, items, 1);
    *half.schema = shape->schema;
    batch_hold(batch, shape->schema);
    return 0;
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop;
    return smt_each(t, apply_record, batch, from, to, err_index, err);
}

const struct transform_plugin hoist_field = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Wraps the data into a struct of one field",
            .doc = "Puts the key (`HoistField$Key`) or the value (`HoistField$Value`) into a new struct, or for "
                   "schemaless data a new map, as its only field. A null is wrapped too: a schemaless tombstone "
                   "becomes a map with a null in it, so restrict the transform with a predicate where there are "
                   "tombstones to keep.",
            .properties = properties,
            .config_size = sizeof(struct hoist_field_config),
        },
    .keyed = true,
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
