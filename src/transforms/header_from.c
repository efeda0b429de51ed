/* org.apache.kafka.connect.transforms.HeaderFrom$Key and $Value. */
#include "transforms/headers.h"
#include "transforms/requirements.h"
#include "transforms/reshape.h"
#include "transforms/schemaless.h"
#include "transforms/smt.h"

#include "base/mem.h"
#include "data/cache.h"

enum operation { MOVE, COPY };

struct header_from_config {
    struct str_list fields, headers;
    int operation;
    bool replace_null_with_default;
};

static const char *const operation_names[] = {"move", "copy", NULL};

static const struct property properties[] = {
    PROPERTY_LIST("fields", struct header_from_config, fields, .importance = IMPORTANCE_HIGH, .group = "Headers",
                  .flags = PROPERTY_REQUIRED, .example = "tenant,trace",
                  .doc = "The fields whose values become headers."),
    PROPERTY_LIST("headers", struct header_from_config, headers, .importance = IMPORTANCE_HIGH, .group = "Headers",
                  .flags = PROPERTY_REQUIRED, .example = "tenant-id,trace-id",
                  .doc = "The headers' names, in the order of `fields` and as many as those."),
    PROPERTY_ENUM("operation", struct header_from_config, operation, .choices = operation_names,
                  .importance = IMPORTANCE_HIGH, .group = "Headers", .flags = PROPERTY_REQUIRED | PROPERTY_CASE,
                  .doc = "Whether the fields go from the key or value (`move`) or stay there, too (`copy`)."),
    SMT_REPLACE_NULL(struct header_from_config, replace_null_with_default),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.HeaderFrom", NULL};
static const char *const purposes[] = {"header move", "header copy"};

struct transform {
    struct arena arena;
    enum transform_target target;
    enum operation operation;
    struct str_list fields, headers; /* of the same length */
    bool replace_nulls;
    struct schema_cache shapes;
};

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    const struct header_from_config *parsed = config->parsed;
    if (parsed->fields.len != parsed->headers.len)
        return error_set(err, ERROR_CONFIG,
                         "'fields' config must have the same number of elements as 'headers' config: %zu and %zu",
                         parsed->fields.len, parsed->headers.len);
    struct transform *t = mem_new(struct transform);
    t->target = target;
    t->operation = (enum operation)parsed->operation;
    t->fields = smt_keep_list(&t->arena, &parsed->fields);
    t->headers = smt_keep_list(&t->arena, &parsed->headers);
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

/* The struct that is left; the steps behind its own say where the headers' fields stand in the old one. */
static int make_shape(struct transform *t, const struct schema *old, struct reshape **ret, struct error *err)
{
    bool move = t->operation == MOVE;
    struct schema *schema = move ? schema_new(SCHEMA_STRUCT) : (struct schema *)schema_ref(old);
    struct reshape *shape = reshape_new(schema, old->n_fields + (uint32_t)t->fields.len);
    uint32_t n = 0;
    if (move) {
        reshape_copy_basics(old, schema);
        for (uint32_t i = 0; i < old->n_fields; i++) {
            if (smt_list_has(&t->fields, old->fields[i].name))
                continue;
            schema_add_field(schema, old->fields[i].name, old->fields[i].schema);
            shape->steps[n++] = (struct reshape_step){.from = i, .old = old->fields[i].schema};
        }
    }
    shape->n = n;
    for (size_t i = 0; i < t->fields.len; i++) {
        int at = schema_field_index(old, t->fields.items[i]);
        if (at < 0) {
            reshape_free(shape);
            return error_set(err, ERROR_DATA, "Unknown field: " STR_FMT ", which fields names",
                             STR_ARG(t->fields.items[i]));
        }
        shape->steps[n++] = (struct reshape_step){.from = (uint32_t)at, .old = old->fields[at].schema};
    }
    schema_cache_put(&t->shapes, old, NULL, shape);
    *ret = shape;
    return 0;
}

static int apply_with_schema(struct transform *t, struct batch *batch, struct record *r, struct smt_half half,
                             struct error *err)
{
    const struct schema *old = *half.schema;
    int rc = require_struct(old, half.value, purposes[t->operation], err);
    struct reshape *shape = rc ? NULL : schema_cache_get(&t->shapes, old, NULL);
    struct value left = *half.value;
    if (!rc && !shape)
        rc = make_shape(t, old, &shape, err);
    if (!rc && t->operation == MOVE)
        rc = reshape_apply(shape, half.value, t->replace_nulls, NULL, NULL, &batch->arena, &left, err);
    if (rc)
        return rc;
    struct header *added = headers_add(r, t->fields.len, &batch->arena);
    for (size_t i = 0; i < t->fields.len; i++) {
        const struct reshape_step *step = &shape->steps[shape->n + i];
        struct value v = half.value->items[step->from];
        if (value_is_null(&v) && t->replace_nulls && step->old->has_default)
            v = step->old->default_value;
        added[i] = (struct header){arena_str(&batch->arena, t->headers.items[i]), step->old, v};
    }
    *half.value = left;
    if (t->operation == MOVE) {
        batch_hold(batch, old); /* the headers' schemas are parts of it */
        batch_hold(batch, shape->schema);
        *half.schema = shape->schema;
    }
    return 0;
}

static int apply_schemaless(struct transform *t, struct batch *batch, struct record *r, struct value *value,
                            struct error *err)
{
    int rc = require_map(value, purposes[t->operation], err);
    if (rc)
        return rc;
    struct value left = schemaless_copy(&batch->arena, value, 0);
    struct header *added = headers_add(r, t->fields.len, &batch->arena);
    for (size_t i = 0; i < t->fields.len; i++) {
        const struct value *v = value_map_get(value, t->fields.items[i]);
        added[i] = (struct header){arena_str(&batch->arena, t->headers.items[i]), NULL, v ? *v : value_null()};
        if (t->operation == MOVE)
            schemaless_remove(&left, t->fields.items[i]);
    }
    *value = left;
    return 0;
}

static int apply_record(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    struct smt_half half = smt_half(r, t->target);
    return *half.schema ? apply_with_schema(t, batch, r, half, err) : apply_schemaless(t, batch, r, half.value, err);
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop;
    return smt_each(t, apply_record, batch, from, to, err_index, err);
}

const struct transform_plugin header_from = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Makes headers from fields",
            .doc = "Moves or copies fields of the key (`HeaderFrom$Key`) or the value (`HeaderFrom$Value`) into "
                   "headers of the record. With a schema a field that is missing is an error, in a schemaless map its "
                   "header is null. A record without data is an error: restrict the transform with a predicate where "
                   "there are tombstones.",
            .properties = properties,
            .config_size = sizeof(struct header_from_config),
        },
    .keyed = true,
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
