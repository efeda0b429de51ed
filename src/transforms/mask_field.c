/* org.apache.kafka.connect.transforms.MaskField$Key and $Value. */
#include "transforms/java_number.h"
#include "transforms/requirements.h"
#include "transforms/reshape.h"
#include "transforms/schemaless.h"
#include "transforms/smt.h"

#include "base/mem.h"
#include "data/cache.h"
#include "wire/decimal.h"

struct mask_field_config {
    struct str_list fields;
    struct str replacement;
    bool replace_null_with_default;
};

static const struct property properties[] = {
    PROPERTY_LIST("fields", struct mask_field_config, fields, .importance = IMPORTANCE_HIGH, .group = "Fields",
                  .flags = PROPERTY_REQUIRED, .example = "iban,salary", .doc = "The fields to mask."),
    PROPERTY_STRING("replacement", struct mask_field_config, replacement, .importance = IMPORTANCE_LOW,
                    .group = "Fields", .example = "***", .check = smt_check_text,
                    .doc = "What the fields get instead of their value, converted to the type of each: for strings "
                           "and numbers only. Without it a number becomes 0, a boolean false, a date 1970-01-01, a "
                           "string, array or map empty."),
    SMT_REPLACE_NULL(struct mask_field_config, replace_null_with_default),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.MaskField", NULL};
static const char purpose[] = "mask fields";

/* The replacement as each type has it; made once. */
struct masks {
    bool is_number;
    int64_t whole; /* its lowest 64 bits */
    double real;
};

struct transform {
    struct arena arena;
    enum transform_target target;
    struct str_list fields;
    struct str replacement; /* STR_NULL: none */
    struct masks masks;
    bool replace_nulls;
    struct schema_cache shapes;
};

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)err;
    const struct mask_field_config *parsed = config->parsed;
    struct transform *t = mem_new(struct transform);
    t->target = target;
    t->fields = smt_keep_list(&t->arena, &parsed->fields);
    t->replace_nulls = parsed->replace_null_with_default;
    struct java_decimal number;
    if (parsed->replacement.ptr) {
        t->replacement = arena_str(&t->arena, parsed->replacement);
        t->masks.is_number = java_decimal_parse(t->replacement, &number);
    }
    if (t->masks.is_number) {
        t->masks.whole = java_decimal_to_long(&number);
        java_decimal_to_double(t->replacement, &t->masks.real);
    }
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

static int cannot_mask(const struct schema *schema, const struct value *v, const char *how, struct error *err)
{
    return error_set(err, ERROR_DATA, "Cannot mask value of type: class %s%s", java_class_of(schema, v), how);
}

/* A value of that type that tells nothing. */
static int mask_with_nothing(const struct schema *schema, struct value *v, struct error *err)
{
    static const uint8_t zero[1] = {0};
    if (schema && schema->logical == LOGICAL_DECIMAL)
        *v = value_bytes(zero, sizeof zero);
    else if (v->type == VALUE_BYTES || v->type == VALUE_STRUCT)
        return cannot_mask(schema, v, "", err);
    else if (v->type == VALUE_STRING)
        *v = value_str(STR(""));
    else if (v->type == VALUE_ARRAY || v->type == VALUE_MAP)
        v->len = 0;
    else
        *v = (struct value){.type = v->type}; /* 0 and false of every type are zero bits */
    return 0;
}

static int mask_decimal(const struct transform *t, const struct schema *schema, struct arena *arena, struct value *v,
                        struct error *err)
{
    struct str unscaled;
    int rc = decimal_from_text(t->replacement, schema->scale, false, arena, &unscaled, err);
    if (rc)
        return error_context(err, "replacement");
    *v = value_bytes(unscaled.ptr, unscaled.len);
    return 0;
}

static int mask_with_replacement(const struct transform *t, const struct schema *schema, struct arena *arena,
                                 struct value *v, struct error *err)
{
    if (schema && schema->logical == LOGICAL_DECIMAL)
        return mask_decimal(t, schema, arena, v, err);
    bool is_number = v->type >= VALUE_INT8 && v->type <= VALUE_FLOAT64;
    if ((!is_number && v->type != VALUE_STRING) || (schema && schema->logical != LOGICAL_NONE))
        return cannot_mask(schema, v, " with custom replacement", err);
    if (is_number && !t->masks.is_number)
        return error_set(err, ERROR_DATA, "Unable to convert replacement \"" STR_FMT "\" to a number",
                         STR_ARG(t->replacement));
    int64_t whole = t->masks.whole;
    switch ((enum value_type)v->type) {
    case VALUE_INT8:
        *v = value_int(VALUE_INT8, (int8_t)whole);
        break;
    case VALUE_INT16:
        *v = value_int(VALUE_INT16, (int16_t)whole);
        break;
    case VALUE_INT32:
        *v = value_int32((int32_t)whole);
        break;
    case VALUE_INT64:
        *v = value_int64(whole);
        break;
    case VALUE_FLOAT32:
        *v = value_float32((float)t->masks.real);
        break;
    case VALUE_FLOAT64:
        *v = value_float64(t->masks.real);
        break;
    default:
        *v = value_str(arena_str(arena, t->replacement));
        break;
    }
    return 0;
}

static int mask(const struct transform *t, const struct schema *schema, struct arena *arena, struct value *v,
                struct error *err)
{
    if (value_is_null(v))
        return 0;
    return t->replacement.ptr ? mask_with_replacement(t, schema, arena, v, err) : mask_with_nothing(schema, v, err);
}

struct masking {
    const struct transform *t;
    struct arena *arena;
};

static int mask_field_value(void *ctx, const struct reshape_step *step, struct value *v, struct error *err)
{
    const struct masking *m = ctx;
    return mask(m->t, step->old, m->arena, v, err);
}

/* The schema stays; which of its fields are masked is what is found out once. */
static struct reshape *make_shape(struct transform *t, const struct schema *schema)
{
    struct reshape *shape = reshape_new((struct schema *)schema_ref(schema), schema->n_fields);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const struct schema_field *f = &schema->fields[i];
        shape->steps[i] = (struct reshape_step){.from = i, .old = f->schema, .what = smt_list_has(&t->fields, f->name)};
    }
    schema_cache_put(&t->shapes, schema, NULL, shape);
    return shape;
}

static int apply_schemaless(struct transform *t, struct batch *batch, struct value *value, struct error *err)
{
    int rc = require_map(value, purpose, err);
    if (rc)
        return rc;
    struct value map = schemaless_copy(&batch->arena, value, t->fields.len);
    for (size_t i = 0; i < t->fields.len; i++) {
        struct str field = t->fields.items[i];
        const struct value *there = value_map_get(value, field);
        struct value v = there ? *there : value_null();
        rc = mask(t, NULL, &batch->arena, &v, err);
        if (rc)
            return error_context(err, "field \"" STR_FMT "\"", STR_ARG(field));
        schemaless_put(&batch->arena, &map, field, v);
    }
    *value = map;
    return 0;
}

static int apply_record(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    struct smt_half half = smt_half(r, t->target);
    if (!*half.schema)
        return apply_schemaless(t, batch, half.value, err);
    int rc = require_struct(*half.schema, half.value, purpose, err);
    if (rc)
        return rc;
    const struct reshape *shape = schema_cache_get(&t->shapes, *half.schema, NULL);
    if (!shape)
        shape = make_shape(t, *half.schema);
    struct masking masking = {t, &batch->arena};
    return reshape_apply(shape, half.value, t->replace_nulls, mask_field_value, &masking, &batch->arena, half.value,
                         err);
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop;
    return smt_each(t, apply_record, batch, from, to, err_index, err);
}

const struct transform_plugin mask_field = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Puts a neutral value or a replacement into fields",
            .doc = "Overwrites fields of the key (`MaskField$Key`) or the value (`MaskField$Value`), at the top "
                   "level. A field that is null stays null; bytes and structs cannot be masked. A record without "
                   "data is an error: restrict the transform with a predicate where there are tombstones.",
            .properties = properties,
            .config_size = sizeof(struct mask_field_config),
        },
    .keyed = true,
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
