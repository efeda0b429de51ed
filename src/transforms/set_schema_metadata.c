/* org.apache.kafka.connect.transforms.SetSchemaMetadata$Key and $Value. */
#include "transforms/requirements.h"
#include "transforms/reshape.h"
#include "transforms/smt.h"

#include "base/mem.h"
#include "data/cache.h"

struct set_schema_metadata_config {
    struct str name;
    int32_t version;
    bool replace_null_with_default;
};

static const struct property properties[] = {
    PROPERTY_STRING("schema.name", struct set_schema_metadata_config, name, .importance = IMPORTANCE_HIGH,
                    .group = "Schema", .example = "com.example.Order",
                    .doc = "The schema's new name. Without it the name stays."),
    PROPERTY_INT("schema.version", struct set_schema_metadata_config, version, .importance = IMPORTANCE_HIGH,
                 .group = "Schema", .example = "2", .doc = "The schema's new version. Without it the version stays."),
    SMT_REPLACE_NULL(struct set_schema_metadata_config, replace_null_with_default),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.SetSchemaMetadata", NULL};

struct transform {
    struct arena arena;
    enum transform_target target;
    struct str name; /* STR_NULL: none */
    bool has_version;
    int32_t version;
    bool replace_nulls;
    struct schema_cache shapes;
};

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    const struct set_schema_metadata_config *parsed = config->parsed;
    bool has_version = config_get(config->raw, "schema.version").ptr;
    if (!parsed->name.ptr && !has_version)
        return error_set(err, ERROR_CONFIG,
                         "Neither schema name nor version configured: set schema.name or schema.version");
    struct transform *t = mem_new(struct transform);
    t->target = target;
    if (parsed->name.ptr)
        t->name = arena_str(&t->arena, parsed->name);
    t->has_version = has_version;
    t->version = parsed->version;
    t->replace_nulls = parsed->replace_null_with_default;
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

static struct reshape *make_shape(struct transform *t, const struct schema *old)
{
    struct schema *schema = schema_copy(old);
    int32_t version = t->has_version ? t->version : old->version;
    if (t->name.ptr)
        schema_set_name(schema, t->name, version);
    schema_set_version(schema, version);
    struct reshape *shape = reshape_new(schema, old->n_fields);
    for (uint32_t i = 0; i < old->n_fields; i++)
        shape->steps[i] = (struct reshape_step){.from = i, .old = old->fields[i].schema};
    schema_cache_put(&t->shapes, old, NULL, shape);
    return shape;
}

static int apply_record(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    struct smt_half half = smt_half(r, t->target);
    if (!*half.schema && value_is_null(half.value))
        return 0;
    if (!*half.schema)
        return error_set(err, ERROR_DATA, "Schema required for [updating schema metadata]");
    const struct reshape *shape = schema_cache_get(&t->shapes, *half.schema, NULL);
    if (!shape)
        shape = make_shape(t, *half.schema);
    if (half.value->type == VALUE_STRUCT) {
        int rc = reshape_apply(shape, half.value, t->replace_nulls, NULL, NULL, &batch->arena, half.value, err);
        if (rc)
            return rc;
    }
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

const struct transform_plugin set_schema_metadata = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Sets the name and the version of a schema",
            .doc = "Gives the schema of the key (`SetSchemaMetadata$Key`) or the value (`SetSchemaMetadata$Value`) "
                   "another name, another version or both; with Avro the name is the record's full name. Data without "
                   "a schema is an error, but for a null.",
            .properties = properties,
            .config_size = sizeof(struct set_schema_metadata_config),
        },
    .keyed = true,
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
