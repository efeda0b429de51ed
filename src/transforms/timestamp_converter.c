/* org.apache.kafka.connect.transforms.TimestampConverter$Key and $Value. */
#include "transforms/calendar.h"
#include "transforms/date_format.h"
#include "transforms/requirements.h"
#include "transforms/reshape.h"
#include "transforms/schemaless.h"
#include "transforms/smt.h"

#include "base/mem.h"
#include "data/cache.h"

enum form { FORM_STRING, FORM_UNIX, FORM_DATE, FORM_TIME, FORM_TIMESTAMP, FORM_NONE };
enum precision { SECONDS, MILLISECONDS, MICROSECONDS, NANOSECONDS };

struct timestamp_converter_config {
    struct str field, format;
    int target; /* enum form */
    int precision;
    bool replace_null_with_default;
};

static const char *const form_names[] = {"string", "unix", "Date", "Time", "Timestamp", NULL};
static const char *const precision_names[] = {"seconds", "milliseconds", "microseconds", "nanoseconds", NULL};

static const struct property properties[] = {
    PROPERTY_STRING("field", struct timestamp_converter_config, field, .fallback = "", .importance = IMPORTANCE_HIGH,
                    .group = "Timestamp", .example = "created_at",
                    .doc = "The field that holds the timestamp; empty when the whole key or value is one."),
    PROPERTY_ENUM("target.type", struct timestamp_converter_config, target, .choices = form_names,
                  .importance = IMPORTANCE_HIGH, .group = "Timestamp", .flags = PROPERTY_REQUIRED | PROPERTY_CASE,
                  .doc = "What to make of it: a `string` by `format`, a number (`unix`) in `unix.precision`, or "
                         "Connect's own Date, Time or Timestamp."),
    PROPERTY_STRING("format", struct timestamp_converter_config, format, .fallback = "",
                    .importance = IMPORTANCE_MEDIUM, .group = "Timestamp", .example = "yyyy-MM-dd HH:mm:ss",
                    .doc = "The pattern of strings, both those read and those made, as java.text.SimpleDateFormat has "
                           "it; in UTC and English."),
    PROPERTY_ENUM("unix.precision", struct timestamp_converter_config, precision, .fallback = "milliseconds",
                  .choices = precision_names, .importance = IMPORTANCE_LOW, .group = "Timestamp",
                  .flags = PROPERTY_CASE,
                  .doc = "What a number counts since 1970-01-01 UTC, both those read and those made. What is finer "
                         "than a millisecond is lost."),
    SMT_REPLACE_NULL(struct timestamp_converter_config, replace_null_with_default),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.TimestampConverter", NULL};
static const char purpose[] = "converting timestamp formats";

struct transform {
    struct arena arena;
    enum transform_target target;
    struct str field;
    enum form form;
    enum precision precision;
    bool has_format;
    struct date_format format;
    struct buf text;
    bool replace_nulls;
    struct schema_cache shapes;
};

static void transform_close(struct transform *t)
{
    schema_cache_release(&t->shapes);
    buf_free(&t->text);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    const struct timestamp_converter_config *parsed = config->parsed;
    bool has_format = str_trim(parsed->format).len > 0;
    if (parsed->target == FORM_STRING && !has_format)
        return error_set(err, ERROR_CONFIG, "format is missing: target.type is string");
    struct transform *t = mem_new(struct transform);
    schema_cache_init(&t->shapes, reshape_free);
    t->target = target;
    t->field = arena_str(&t->arena, parsed->field.ptr ? parsed->field : STR(""));
    t->form = (enum form)parsed->target;
    t->precision = (enum precision)parsed->precision;
    t->has_format = has_format;
    t->replace_nulls = parsed->replace_null_with_default;
    int rc = has_format ? date_format_compile(parsed->format, &t->arena, &t->format, err) : 0;
    if (rc) {
        transform_close(t);
        return error_context(err, "format");
    }
    *ret = t;
    return 0;
}

static enum form form_of_schema(const struct schema *s)
{
    static const enum form of_logical[] = {
        [LOGICAL_DATE] = FORM_DATE, [LOGICAL_TIME] = FORM_TIME, [LOGICAL_TIMESTAMP] = FORM_TIMESTAMP};
    if (s->logical == LOGICAL_DATE || s->logical == LOGICAL_TIME || s->logical == LOGICAL_TIMESTAMP)
        return of_logical[s->logical];
    return s->type == SCHEMA_STRING ? FORM_STRING : s->type == SCHEMA_INT64 ? FORM_UNIX : FORM_NONE;
}

static enum form form_of_value(const struct value *v)
{
    return v->type == VALUE_STRING ? FORM_STRING : v->type == VALUE_INT64 ? FORM_UNIX : FORM_NONE;
}

static int64_t times(int64_t v, int64_t factor) /* java.util.concurrent.TimeUnit: stays at the ends of the range */
{
    int64_t product;
    return __builtin_mul_overflow(v, factor, &product) ? (v < 0 ? INT64_MIN : INT64_MAX) : product;
}

static int64_t unix_to_ms(enum precision precision, int64_t v)
{
    return precision == SECONDS        ? times(v, 1000)
           : precision == MICROSECONDS ? v / 1000
           : precision == NANOSECONDS  ? v / 1000000
                                       : v;
}

static int64_t unix_of_ms(enum precision precision, int64_t ms)
{
    return precision == SECONDS        ? ms / 1000
           : precision == MICROSECONDS ? times(ms, 1000)
           : precision == NANOSECONDS  ? times(ms, 1000000)
                                       : ms;
}

/* Milliseconds since 1970. */
static int read_timestamp(const struct transform *t, enum form form, const struct value *v, int64_t *ret,
                          struct error *err)
{
    switch (form) {
    case FORM_STRING:
        if (!t->has_format)
            return error_set(err, ERROR_DATA, "format is not set: it tells how to read the string \"" STR_FMT "\"",
                             STR_ARG(value_as_str(v)));
        return date_format_parse(&t->format, value_as_str(v), ret, err)
                   ? error_context(err, "Could not parse timestamp by format")
                   : 0;
    case FORM_UNIX:
        *ret = unix_to_ms(t->precision, v->i);
        return 0;
    case FORM_DATE:
        *ret = v->i * MS_PER_DAY;
        return 0;
    default:
        *ret = v->i;
        return 0;
    }
}

static int write_timestamp(struct transform *t, int64_t ms, struct arena *arena, struct value *ret, struct error *err)
{
    int64_t days = calendar_days_of_ms(ms);
    switch (t->form) {
    case FORM_STRING:
        buf_clear(&t->text);
        date_format_write(&t->format, ms, &t->text);
        *ret = value_str(arena_str(arena, buf_str(&t->text)));
        return 0;
    case FORM_UNIX:
        *ret = value_int64(unix_of_ms(t->precision, ms));
        return 0;
    case FORM_DATE:
        if (days != (int32_t)days)
            return error_set(err, ERROR_DATA, "%lld ms since 1970 is beyond what a Date can hold", (long long)ms);
        *ret = value_int32((int32_t)days);
        return 0;
    case FORM_TIME:
        *ret = value_int32((int32_t)calendar_ms_of_day(ms));
        return 0;
    default:
        *ret = value_int64(ms);
        return 0;
    }
}

/* A value with a schema that is no timestamp is refused even when it is null. */
static int convert(struct transform *t, const struct schema *schema, struct arena *arena, struct value *v,
                   struct error *err)
{
    enum form form = schema ? form_of_schema(schema) : form_of_value(v);
    if (form == FORM_NONE && schema)
        return error_set(err, ERROR_DATA,
                         "a schema of type %s does not correspond to a known timestamp type format: only string, "
                         "int64, Date, Time and Timestamp do",
                         value_type_name((enum value_type)schema->type));
    if (value_is_null(v))
        return 0;
    if (form == FORM_NONE)
        return error_set(err, ERROR_DATA, "TimestampConverter does not support class %s objects as timestamps",
                         java_class_of(NULL, v));
    int64_t ms;
    int rc = read_timestamp(t, form, v, &ms, err);
    return rc ? rc : write_timestamp(t, ms, arena, v, err);
}

struct conversion {
    struct transform *t;
    struct arena *arena;
};

static int convert_field(void *ctx, const struct reshape_step *step, struct value *v, struct error *err)
{
    struct conversion *c = ctx;
    return convert(c->t, step->old, c->arena, v, err);
}

static struct schema *new_target_schema(enum form form, bool optional)
{
    struct schema *s = form == FORM_DATE        ? schema_new_date()
                       : form == FORM_TIME      ? schema_new_time()
                       : form == FORM_TIMESTAMP ? schema_new_timestamp()
                                                : schema_new(form == FORM_UNIX ? SCHEMA_INT64 : SCHEMA_STRING);
    if (optional)
        schema_set_optional(s);
    return s;
}

/* The default value of the whole struct changes like any other. */
static int convert_default(struct transform *t, const struct schema *old, const struct reshape *shape,
                           struct schema *schema, struct error *err)
{
    if (!old->has_default || old->default_value.type != VALUE_STRUCT)
        return 0;
    struct arena scratch = {0};
    struct conversion conversion = {t, &scratch};
    struct value v;
    int rc = reshape_apply(shape, &old->default_value, t->replace_nulls, convert_field, &conversion, &scratch, &v, err);
    if (rc == 0)
        schema_set_default(schema, &v);
    arena_free(&scratch);
    return rc;
}

static int make_shape(struct transform *t, const struct schema *old, const struct reshape **ret, struct error *err)
{
    if (old->type != SCHEMA_STRUCT)
        return error_set(err, ERROR_DATA, "Only Struct objects supported for [%s], found a schema of type %s", purpose,
                         value_type_name((enum value_type)old->type));
    struct schema *schema = schema_new(SCHEMA_STRUCT);
    reshape_copy_basics(old, schema);
    if (old->optional)
        schema_set_optional(schema);
    struct reshape *shape = reshape_new(schema, old->n_fields);
    for (uint32_t i = 0; i < old->n_fields; i++) {
        const struct schema_field *f = &old->fields[i];
        bool is_it = str_equal(f->name, t->field);
        const struct schema *field = is_it ? new_target_schema(t->form, f->schema->optional) : schema_ref(f->schema);
        schema_add_field(schema, f->name, field);
        schema_unref(field);
        shape->steps[i] = (struct reshape_step){.from = i, .old = f->schema, .what = is_it};
    }
    int rc = convert_default(t, old, shape, schema, err);
    if (rc) {
        reshape_free(shape);
        return rc;
    }
    schema_cache_put(&t->shapes, old, NULL, shape);
    *ret = shape;
    return 0;
}

static int apply_whole(struct transform *t, struct batch *batch, struct smt_half half, struct error *err)
{
    struct reshape *shape = schema_cache_get(&t->shapes, *half.schema, NULL);
    if (!shape) {
        shape = reshape_new(new_target_schema(t->form, (*half.schema)->optional), 0);
        schema_cache_put(&t->shapes, *half.schema, NULL, shape);
    }
    int rc = convert(t, *half.schema, &batch->arena, half.value, err);
    if (rc)
        return rc;
    *half.schema = shape->schema;
    batch_hold(batch, shape->schema);
    return 0;
}

static int apply_with_schema(struct transform *t, struct batch *batch, struct smt_half half, struct error *err)
{
    if (!t->field.len)
        return apply_whole(t, batch, half, err);
    bool is_null = value_is_null(half.value);
    int rc = is_null ? 0 : require_struct(*half.schema, half.value, purpose, err);
    const struct reshape *shape = rc ? NULL : schema_cache_get(&t->shapes, *half.schema, NULL);
    struct conversion conversion = {t, &batch->arena};
    if (!rc && !shape)
        rc = make_shape(t, *half.schema, &shape, err);
    if (!rc && !is_null)
        rc = reshape_apply(shape, half.value, t->replace_nulls, convert_field, &conversion, &batch->arena, half.value,
                           err);
    if (rc)
        return rc;
    *half.schema = shape->schema;
    batch_hold(batch, shape->schema);
    return 0;
}

static int apply_schemaless(struct transform *t, struct batch *batch, struct value *value, struct error *err)
{
    if (value_is_null(value))
        return 0;
    if (!t->field.len)
        return convert(t, NULL, &batch->arena, value, err);
    int rc = require_map(value, purpose, err);
    if (rc)
        return rc;
    const struct value *there = value_map_get(value, t->field);
    struct value v = there ? *there : value_null();
    rc = convert(t, NULL, &batch->arena, &v, err);
    if (rc)
        return error_context(err, "field \"" STR_FMT "\"", STR_ARG(t->field));
    *value = schemaless_copy(&batch->arena, value, 1);
    schemaless_put(&batch->arena, value, t->field, v);
    return 0;
}

static int apply_record(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    struct smt_half half = smt_half(r, t->target);
    return *half.schema ? apply_with_schema(t, batch, half, err) : apply_schemaless(t, batch, half.value, err);
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop;
    return smt_each(t, apply_record, batch, from, to, err_index, err);
}

const struct transform_plugin timestamp_converter = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Turns timestamps into strings, numbers or Connect's types, and back",
            .doc = "Converts a field, or the whole key (`TimestampConverter$Key`) or value "
                   "(`TimestampConverter$Value`), between strings, numbers since 1970 and Connect's Date, Time and "
                   "Timestamp. What it is now is told by its schema; in schemaless data a number is `unix` and a text "
                   "is read by `format`. A null stays null. Schemaless data has no dates of its own: there Date is "
                   "the number of days, Time and Timestamp that of milliseconds.",
            .properties = properties,
            .config_size = sizeof(struct timestamp_converter_config),
        },
    .keyed = true,
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
