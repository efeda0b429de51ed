/* org.apache.kafka.connect.transforms.Cast$Key and $Value. */
#include "transforms/cast_value.h"
#include "transforms/requirements.h"
#include "transforms/reshape.h"
#include "transforms/schemaless.h"
#include "transforms/smt.h"

#include "base/mem.h"
#include "data/cache.h"

struct cast_config {
    struct str_list spec;
    bool replace_null_with_default;
};

struct cast {
    struct str field;
    enum schema_type to;
};

static const struct {
    const char *name;
    enum schema_type type;
} type_names[] = {
    {"int8", SCHEMA_INT8},       {"int16", SCHEMA_INT16},     {"int32", SCHEMA_INT32},     {"int64", SCHEMA_INT64},
    {"float32", SCHEMA_FLOAT32}, {"float64", SCHEMA_FLOAT64}, {"boolean", SCHEMA_BOOLEAN}, {"string", SCHEMA_STRING},
};
#define TYPES_TEXT "int8, int16, int32, int64, float32, float64, boolean, string"

/* "field:type", or "type" for the whole value; Java's String.split(":") drops what is empty at the end. */
static int parse_cast(struct str text, struct cast *ret, bool *ret_whole, struct error *err)
{
    while (text.len && text.ptr[text.len - 1] == ':')
        text.len--;
    struct str type, field = str_split(text, ':', &type);
    *ret_whole = !type.ptr;
    struct str name = str_trim(type.ptr ? type : field);
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++) {
        if (str_is_nocase(name, type_names[i].name)) {
            *ret = (struct cast){.field = str_trim(field), .to = type_names[i].type};
            return 0;
        }
    }
    return error_set(err, ERROR_CONFIG,
                     "Invalid type found in casting spec: \"" STR_FMT "\"; a field can be cast to " TYPES_TEXT,
                     STR_ARG(name));
}

static int check_spec(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    if (!str_trim(value).len)
        return error_set(err, ERROR_CONFIG, "Must specify at least one field to cast");
    size_t n = 0;
    bool any_whole = false;
    for (struct str rest = value; rest.ptr; n++) {
        struct cast cast;
        bool whole;
        int rc = parse_cast(str_trim(str_split(rest, ',', &rest)), &cast, &whole, err);
        if (rc)
            return rc;
        any_whole |= whole;
    }
    if (any_whole && n > 1)
        return error_set(err, ERROR_CONFIG, "a type for the entire value must be the only item");
    return 0;
}

static const struct property properties[] = {
    PROPERTY_LIST("spec", struct cast_config, spec, .importance = IMPORTANCE_HIGH, .group = "Cast",
                  .flags = PROPERTY_REQUIRED, .example = "id:int32,price:float64", .check = check_spec,
                  .doc = "Fields and their new types as `field:type`, or a single type for the whole key or value. "
                         "Types: " TYPES_TEXT "."),
    SMT_REPLACE_NULL(struct cast_config, replace_null_with_default),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.Cast", NULL};
static const char purpose[] = "cast types";

struct transform {
    struct arena arena;
    enum transform_target target;
    bool whole; /* casts[0] is for the whole value */
    struct cast *casts;
    size_t n;
    struct buf scratch;
    bool replace_nulls;
    struct schema_cache shapes;
};

static void transform_close(struct transform *t)
{
    schema_cache_release(&t->shapes);
    buf_free(&t->scratch);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    const struct cast_config *parsed = config->parsed;
    struct transform *t = mem_new(struct transform);
    schema_cache_init(&t->shapes, reshape_free);
    t->target = target;
    struct str_list spec = smt_keep_list(&t->arena, &parsed->spec);
    t->casts = arena_array(&t->arena, struct cast, spec.len);
    for (; t->n < spec.len; t->n++) {
        bool whole;
        int rc = parse_cast(spec.items[t->n], &t->casts[t->n], &whole, err);
        if (rc) {
            transform_close(t);
            return error_context(err, "spec");
        }
        t->whole |= whole;
    }
    t->replace_nulls = parsed->replace_null_with_default;
    *ret = t;
    return 0;
}

static const struct cast *find_cast(const struct transform *t, struct str field)
{
    for (size_t i = t->n; i-- > 0;) /* of two for the same field the last counts */
        if (str_equal(t->casts[i].field, field))
            return &t->casts[i];
    return NULL;
}

struct casting {
    struct transform *t;
    struct arena *arena;
};

static int cast_field(void *ctx, const struct reshape_step *step, struct value *v, struct error *err)
{
    struct casting *c = ctx;
    return cast_value(step->old, (enum schema_type)step->what, c->arena, &c->t->scratch, v, err);
}

/* Of one field: optional as it was, its default cast. */
static int cast_schema(struct transform *t, const struct schema *old, enum schema_type to, struct schema *schema,
                       struct error *err)
{
    if (old->optional)
        schema_set_optional(schema);
    if (!old->has_default)
        return 0;
    struct arena scratch = {0};
    struct value v = old->default_value;
    int rc = cast_value(old, to, &scratch, &t->scratch, &v, err);
    if (rc == 0)
        schema_set_default(schema, &v);
    arena_free(&scratch);
    return rc ? error_context(err, "default value") : 0;
}

static int add_cast_field(struct transform *t, const struct schema_field *f, const struct cast *cast,
                          struct schema *schema, struct error *err)
{
    struct schema *field = schema_new(cast->to);
    int rc = cast_schema(t, f->schema, cast->to, field, err);
    if (rc)
        error_context(err, "field \"" STR_FMT "\"", STR_ARG(f->name));
    else
        schema_add_field(schema, f->name, field);
    schema_unref(field);
    return rc;
}

/* The default value of the whole struct changes like any other. */
static int cast_struct_default(struct transform *t, const struct schema *old, const struct reshape *shape,
                               struct schema *schema, struct error *err)
{
    if (!old->has_default || old->default_value.type != VALUE_STRUCT)
        return 0;
    struct arena scratch = {0};
    struct casting casting = {t, &scratch};
    struct value v;
    int rc = reshape_apply(shape, &old->default_value, t->replace_nulls, cast_field, &casting, &scratch, &v, err);
    if (rc == 0)
        schema_set_default(schema, &v);
    arena_free(&scratch);
    return rc;
}

static int make_struct_shape(struct transform *t, const struct schema *old, struct reshape **ret, struct error *err)
{
    struct schema *schema = schema_new(SCHEMA_STRUCT);
    reshape_copy_basics(old, schema);
    if (old->optional)
        schema_set_optional(schema);
    struct reshape *shape = reshape_new(schema, old->n_fields);
    int rc = 0;
    for (uint32_t i = 0; i < old->n_fields && rc == 0; i++) {
        const struct schema_field *f = &old->fields[i];
        const struct cast *cast = find_cast(t, f->name);
        shape->steps[i] = (struct reshape_step){.from = i, .old = f->schema, .what = cast ? (uint8_t)cast->to : 0};
        if (cast)
            rc = add_cast_field(t, f, cast, schema, err);
        else
            schema_add_field(schema, f->name, f->schema);
    }
    if (!rc)
        rc = cast_struct_default(t, old, shape, schema, err);
    if (rc) {
        reshape_free(shape);
        return rc;
    }
    *ret = shape;
    return 0;
}

/* Kafka keeps the schema's name, though what has been cast is no Date or Decimal any more, and then no converter
 * can write it; here only names of other makers stay. */
static int make_whole_shape(struct transform *t, const struct schema *old, struct reshape **ret, struct error *err)
{
    struct schema *schema = schema_new(t->casts[0].to);
    if (old->logical == LOGICAL_NONE)
        reshape_copy_basics(old, schema);
    int rc = cast_schema(t, old, t->casts[0].to, schema, err);
    if (rc)
        schema_unref(schema);
    else
        *ret = reshape_new(schema, 0);
    return rc;
}

static int apply_with_schema(struct transform *t, struct batch *batch, struct smt_half half, struct error *err)
{
    const struct schema *old = *half.schema;
    int rc = t->whole ? 0 : require_struct(old, half.value, purpose, err);
    if (rc)
        return rc;
    struct reshape *shape = schema_cache_get(&t->shapes, old, NULL);
    if (!shape) {
        rc = t->whole ? make_whole_shape(t, old, &shape, err) : make_struct_shape(t, old, &shape, err);
        if (rc)
            return rc;
        schema_cache_put(&t->shapes, old, NULL, shape);
    }
    struct casting casting = {t, &batch->arena};
    if (t->whole)
        rc = cast_value(old, t->casts[0].to, &batch->arena, &t->scratch, half.value, err);
    else
        rc = reshape_apply(shape, half.value, t->replace_nulls, cast_field, &casting, &batch->arena, half.value, err);
    if (rc)
        return rc;
    *half.schema = shape->schema;
    batch_hold(batch, shape->schema);
    return 0;
}

static int apply_schemaless(struct transform *t, struct batch *batch, struct value *value, struct error *err)
{
    if (t->whole)
        return cast_value(NULL, t->casts[0].to, &batch->arena, &t->scratch, value, err);
    int rc = require_map(value, purpose, err);
    if (rc)
        return rc;
    struct value map = schemaless_copy(&batch->arena, value, t->n);
    for (size_t i = 0; i < t->n; i++) {
        const struct cast *cast = &t->casts[i];
        const struct value *there = value_map_get(value, cast->field);
        struct value v = there ? *there : value_null();
        rc = cast_value(NULL, cast->to, &batch->arena, &t->scratch, &v, err);
        if (rc)
            return error_context(err, "field \"" STR_FMT "\"", STR_ARG(cast->field));
        schemaless_put(&batch->arena, &map, cast->field, v);
    }
    *value = map;
    return 0;
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

const struct transform_plugin cast_transform = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Casts fields, or the whole key or value, to another type",
            .doc = "Gives fields of the key (`Cast$Key`) or the value (`Cast$Value`), or the whole of it, another "
                   "type. Numbers are narrowed as in Java, without a check of the range; a number that is not 0 is "
                   "true; a text must be a number of the type's range. Dates become numbers as Connect counts them, "
                   "or ISO 8601 texts in UTC; bytes can only become a base64 text. A null passes unchanged.",
            .properties = properties,
            .config_size = sizeof(struct cast_config),
        },
    .keyed = true,
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
