#include "transforms/cast_value.h"

#include "transforms/calendar.h"
#include "transforms/java_number.h"
#include "transforms/requirements.h"
#include "wire/decimal.h"
#include "wire/json.h"

#include <math.h>

/* What is left of a value once its type is looked through: Java's Number. */
struct number {
    int64_t whole; /* Number.longValue */
    int32_t low;   /* Number.intValue, which the narrower ones are cut from */
    double real;
    float single;
};

static struct number of_long(int64_t v)
{
    return (struct number){v, (int32_t)v, (double)v, (float)v};
}

static struct number of_double(double d, float f)
{
    return (struct number){java_double_to_long(d), java_double_to_int(d), d, f};
}

static struct number of_decimal(const struct schema *schema, const struct value *v, struct buf *scratch)
{
    buf_clear(scratch);
    decimal_to_java_text(v->bytes, v->len, schema->scale, scratch);
    struct java_decimal d;
    struct number n = {0};
    if (java_decimal_parse(buf_str(scratch), &d)) {
        n.whole = java_decimal_to_long(&d);
        n.low = (int32_t)n.whole;
        java_parse_double(buf_str(scratch), &n.real);
        java_parse_float(buf_str(scratch), &n.single);
    }
    return n;
}

static bool is_decimal(const struct schema *schema)
{
    return schema && schema->logical == LOGICAL_DECIMAL;
}

static struct value from_number(const struct number *n, enum schema_type to)
{
    switch (to) {
    case SCHEMA_INT8:
        return value_int(VALUE_INT8, (int8_t)n->low);
    case SCHEMA_INT16:
        return value_int(VALUE_INT16, (int16_t)n->low);
    case SCHEMA_INT32:
        return value_int32(n->low);
    case SCHEMA_INT64:
        return value_int64(n->whole);
    case SCHEMA_FLOAT32:
        return value_float32(n->single);
    case SCHEMA_FLOAT64:
        return value_float64(n->real);
    default:
        return value_bool(n->whole != 0);
    }
}

static int from_text(struct str text, enum schema_type to, struct value *v, struct error *err)
{
    static const struct {
        int64_t min, max;
    } limits[] = {[SCHEMA_INT8] = {INT8_MIN, INT8_MAX},
                  [SCHEMA_INT16] = {INT16_MIN, INT16_MAX},
                  [SCHEMA_INT32] = {INT32_MIN, INT32_MAX},
                  [SCHEMA_INT64] = {INT64_MIN, INT64_MAX}};
    int64_t whole;
    double real;
    float single;
    if (to == SCHEMA_BOOLEAN)
        *v = value_bool(str_is_nocase(text, "true"));
    else if (to == SCHEMA_FLOAT64 && java_parse_double(text, &real))
        *v = value_float64(real);
    else if (to == SCHEMA_FLOAT32 && java_parse_float(text, &single))
        *v = value_float32(single);
    else if (to <= SCHEMA_INT64 && java_parse_integer(text, limits[to].min, limits[to].max, &whole))
        *v = value_int((enum value_type)to, whole);
    else
        return error_set(err, ERROR_DATA, "Value (" STR_FMT ") was out of range for requested data type %s",
                         STR_ARG(text), value_type_name((enum value_type)to));
    return 0;
}

/* Values.dateFormatFor: a time up to the first day's end, a date at midnight, else both. */
static void write_date(int64_t ms, struct buf *out)
{
    struct calendar_day c;
    int64_t rest = calendar_ms_of_day(ms);
    calendar_of_days(calendar_days_of_ms(ms), &c);
    bool time = ms < MS_PER_DAY || rest != 0;
    if (ms >= MS_PER_DAY)
        buf_printf(out, "%04d-%02d-%02d", (int)c.year, c.month + 1, c.day);
    if (ms >= MS_PER_DAY && time)
        buf_add_char(out, 'T');
    if (time)
        buf_printf(out, "%02d:%02d:%02d.%03dZ", (int)(rest / 3600000), (int)(rest / 60000 % 60),
                   (int)(rest / 1000 % 60), (int)(rest % 1000));
}

static void write_real(double d, bool single, struct buf *out)
{
    if (isnan(d))
        buf_add_literal(out, "NaN");
    else if (isinf(d))
        buf_add_cstr(out, d < 0 ? "-Infinity" : "Infinity");
    else if (single)
        json_write_float(out, (float)d);
    else
        json_write_double(out, d);
}

static void write_base64(const struct value *v, struct buf *out)
{
    size_t start = out->len;
    json_write_base64(out, v->bytes, v->len);
    memmove(out->data + start, out->data + start + 1, out->len - start - 2); /* without its quotes */
    out->len -= 2;
}

static void write_text(const struct schema *schema, const struct value *v, struct buf *out)
{
    if (schema && schema->logical == LOGICAL_DATE)
        write_date(v->i * MS_PER_DAY, out);
    else if (schema && (schema->logical == LOGICAL_TIME || schema->logical == LOGICAL_TIMESTAMP))
        write_date(v->i, out);
    else if (is_decimal(schema))
        decimal_to_java_text(v->bytes, v->len, schema->scale, out);
    else if (v->type == VALUE_BYTES)
        write_base64(v, out);
    else if (v->type == VALUE_FLOAT32 || v->type == VALUE_FLOAT64)
        write_real(v->type == VALUE_FLOAT32 ? (double)v->f32 : v->f64, v->type == VALUE_FLOAT32, out);
    else if (v->type == VALUE_BOOLEAN)
        buf_add_cstr(out, v->b ? "true" : "false");
    else
        buf_add_int64(out, v->i);
}

static int to_text(const struct schema *schema, struct arena *arena, struct buf *scratch, struct value *v)
{
    if (v->type == VALUE_STRING)
        return 0;
    buf_clear(scratch);
    write_text(schema, v, scratch);
    *v = value_str(arena_str(arena, buf_str(scratch)));
    return 0;
}

int cast_value(const struct schema *schema, enum schema_type to, struct arena *arena, struct buf *scratch,
               struct value *v, struct error *err)
{
    if (value_is_null(v))
        return 0;
    if (v->type == VALUE_ARRAY || v->type == VALUE_MAP || v->type == VALUE_STRUCT)
        return error_set(err, ERROR_DATA,
                         "Cast transformation does not support casting from %s; supported types are [INT8, INT16, "
                         "INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING, BYTES]",
                         value_type_name((enum value_type)v->type));
    if (to == SCHEMA_STRING)
        return to_text(schema, arena, scratch, v);
    if (v->type == VALUE_STRING)
        return from_text(value_as_str(v), to, v, err);
    if (v->type == VALUE_BYTES && !is_decimal(schema))
        return error_set(err, ERROR_DATA,
                         "Unexpected type in Cast transformation: class %s, which can only be cast "
                         "to string",
                         java_class_of(schema, v));
    struct number n = v->type == VALUE_BYTES     ? of_decimal(schema, v, scratch)
                      : v->type == VALUE_FLOAT32 ? of_double((double)v->f32, v->f32)
                      : v->type == VALUE_FLOAT64 ? of_double(v->f64, (float)v->f64)
                      : v->type == VALUE_BOOLEAN ? of_long(v->b)
                                                 : of_long(v->i);
    *v = from_number(&n, to);
    return 0;
}
