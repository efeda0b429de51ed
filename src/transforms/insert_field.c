/* org.apache.kafka.connect.transforms.InsertField$Key and $Value. */
#include "transforms/requirements.h"
#include "transforms/reshape.h"
#include "transforms/schemaless.h"
#include "transforms/smt.h"

#include "base/mem.h"
#include "data/cache.h"

struct insert_field_config {
    struct str topic, partition, offset, timestamp, static_field, static_value;
    bool replace_null_with_default;
};

#define OPTIONALITY " A `!` behind the name makes it a required field, a `?` an optional one, which is the default."

static const struct property properties[] = {
    PROPERTY_STRING("topic.field", struct insert_field_config, topic, .importance = IMPORTANCE_MEDIUM,
                    .group = "Record", .example = "topic", .doc = "The field for the record's topic." OPTIONALITY),
    PROPERTY_STRING("partition.field", struct insert_field_config, partition, .importance = IMPORTANCE_MEDIUM,
                    .group = "Record", .example = "partition",
                    .doc = "The field for the record's partition. A source's record has one only where the source "
                           "sets it; without one the field stays null." OPTIONALITY),
    PROPERTY_STRING("offset.field", struct insert_field_config, offset, .importance = IMPORTANCE_MEDIUM,
                    .group = "Record",
                    .doc = "The field for the record's offset in its topic. A source's records have none yet, so "
                           "that each record fails with this setting." OPTIONALITY),
    PROPERTY_STRING("timestamp.field", struct insert_field_config, timestamp, .importance = IMPORTANCE_MEDIUM,
                    .group = "Record", .example = "ts",
                    .doc = "The field for the record's timestamp: a Connect Timestamp, in schemaless data "
                           "milliseconds since 1970. It stays null for a record without timestamp." OPTIONALITY),
    PROPERTY_STRING("static.field", struct insert_field_config, static_field, .importance = IMPORTANCE_MEDIUM,
                    .group = "Static", .example = "site", .doc = "The field for `static.value`." OPTIONALITY),
    PROPERTY_STRING("static.value", struct insert_field_config, static_value, .importance = IMPORTANCE_MEDIUM,
                    .group = "Static", .example = "Vienna",
                    .doc = "The text that every record gets in `static.field`."),
    SMT_REPLACE_NULL(struct insert_field_config, replace_null_with_default),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.InsertField", NULL};
static const char purpose[] = "field insertion";

enum kind { TOPIC, PARTITION, OFFSET, TIMESTAMP, STATIC, N_KINDS };

struct insertion {
    enum kind kind;
    struct str name;
    bool optional;
};

struct transform {
    struct arena arena;
    enum transform_target target;
    struct insertion insertions[N_KINDS];
    size_t n;
    struct str static_value;
    bool replace_nulls;
    struct schema_cache shapes;
};

static void add_insertion(struct transform *t, enum kind kind, struct str spec)
{
    if (!spec.ptr)
        return;
    bool required = str_ends(spec, "!");
    if (required || str_ends(spec, "?"))
        spec.len--;
    t->insertions[t->n++] = (struct insertion){kind, arena_str(&t->arena, spec), !required};
}

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    const struct insert_field_config *c = config->parsed;
    if (!c->topic.ptr && !c->partition.ptr && !c->offset.ptr && !c->timestamp.ptr && !c->static_field.ptr)
        return error_set(err, ERROR_CONFIG,
                         "No field insertion configured: set one of topic.field, partition.field, offset.field, "
                         "timestamp.field and static.field");
    if (c->static_field.ptr && !c->static_value.ptr)
        return error_set(err, ERROR_CONFIG, "static.value is missing, for static.field \"" STR_FMT "\"",
                         STR_ARG(c->static_field));
    struct transform *t = mem_new(struct transform);
    t->target = target;
    add_insertion(t, TOPIC, c->topic);
    add_insertion(t, PARTITION, c->partition);
    add_insertion(t, OFFSET, c->offset);
    add_insertion(t, TIMESTAMP, c->timestamp);
    add_insertion(t, STATIC, c->static_field);
    t->static_value = arena_str(&t->arena, c->static_value);
    t->replace_nulls = c->replace_null_with_default;
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

static struct schema *new_field_schema(const struct insertion *in)
{
    static const enum schema_type types[] = {
        [TOPIC] = SCHEMA_STRING, [PARTITION] = SCHEMA_INT32, [OFFSET] = SCHEMA_INT64, [STATIC] = SCHEMA_STRING};
    struct schema *s = in->kind == TIMESTAMP ? schema_new_timestamp() : schema_new(types[in->kind]);
    if (in->optional)
        schema_set_optional(s);
    return s;
}

static int make_shape(struct transform *t, const struct schema *old, const struct reshape **ret, struct error *err)
{
    struct schema *schema = schema_new(SCHEMA_STRUCT);
    reshape_copy_basics(old, schema);
    struct reshape *shape = reshape_new(schema, old->n_fields);
    for (uint32_t i = 0; i < old->n_fields; i++) {
        schema_add_field(schema, old->fields[i].name, old->fields[i].schema);
        shape->steps[i] = (struct reshape_step){.from = i, .old = old->fields[i].schema};
    }
    int rc = 0;
    for (size_t i = 0; i < t->n && rc == 0; i++) {
        const struct schema *field = new_field_schema(&t->insertions[i]);
        rc = reshape_add_field(schema, t->insertions[i].name, field, err);
        schema_unref(field);
    }
    if (rc) {
        reshape_free(shape);
        return rc;
    }
    schema_cache_put(&t->shapes, old, NULL, shape);
    *ret = shape;
    return 0;
}

/* Of the record; null where it has none. The texts live as long as the record. */
static int inserted(const struct transform *t, enum kind kind, struct batch *batch, const struct record *r,
                    struct value *ret, struct error *err)
{
    *ret = value_null();
    switch (kind) {
    case TOPIC:
        *ret = value_str(r->topic);
        break;
    case PARTITION:
        if (r->partition != RECORD_NO_PARTITION)
            *ret = value_int32(r->partition);
        break;
    case OFFSET:
        return error_set(err, ERROR_DATA,
                         "Only SinkRecord supported for [%s], found: org.apache.kafka.connect.source.SourceRecord: a "
                         "source's record has no offset for offset.field yet",
                         purpose);
    case TIMESTAMP:
        if (r->timestamp != RECORD_NO_TIMESTAMP)
            *ret = value_int64(r->timestamp);
        break;
    default:
        *ret = value_str(arena_str(&batch->arena, t->static_value));
        break;
    }
    return 0;
}

static int apply_schemaless(struct transform *t, struct batch *batch, const struct record *r, struct value *value,
                            struct error *err)
{
    int rc = require_map(value, purpose, err);
    if (rc)
        return rc;
    struct value map = schemaless_copy(&batch->arena, value, t->n);
    for (size_t i = 0; i < t->n; i++) {
        struct value v;
        rc = inserted(t, t->insertions[i].kind, batch, r, &v, err);
        if (rc)
            return rc;
        if (!value_is_null(&v))
            schemaless_put(&batch->arena, &map, t->insertions[i].name, v);
    }
    *value = map;
    return 0;
}

static int apply_with_schema(struct transform *t, struct batch *batch, const struct record *r, struct smt_half half,
                             struct error *err)
{
    int rc = require_struct(*half.schema, half.value, purpose, err);
    const struct reshape *shape = rc ? NULL : schema_cache_get(&t->shapes, *half.schema, NULL);
    struct value v;
    if (!rc && !shape)
        rc = make_shape(t, *half.schema, &shape, err);
    if (!rc)
        rc = reshape_apply(shape, half.value, t->replace_nulls, NULL, NULL, &batch->arena, &v, err);
    for (size_t i = 0; !rc && i < t->n; i++)
        rc = inserted(t, t->insertions[i].kind, batch, r, &v.items[shape->n + i], err);
    if (rc)
        return rc;
    *half.value = v;
    *half.schema = shape->schema;
    batch_hold(batch, shape->schema);
    return 0;
}

static int apply_record(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    struct smt_half half = smt_half(r, t->target);
    if (value_is_null(half.value))
        return 0;
    return *half.schema ? apply_with_schema(t, batch, r, half, err) : apply_schemaless(t, batch, r, half.value, err);
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop;
    return smt_each(t, apply_record, batch, from, to, err_index, err);
}

const struct transform_plugin insert_field = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Adds fields with the topic, the timestamp or a fixed text",
            .doc = "Adds fields to the key (`InsertField$Key`) or the value (`InsertField$Value`), behind those that "
                   "are there: the record's topic, partition and timestamp, and a text of your own. A null passes "
                   "unchanged. With a schema a name that is there already is an error; in a schemaless map its value "
                   "is replaced.",
            .properties = properties,
            .config_size = sizeof(struct insert_field_config),
        },
    .keyed = true,
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
