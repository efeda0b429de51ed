#include "converters/java_text.h"
#include "converters/java_date.h"
#include "wire/decimal.h"
#include "wire/json.h"

/* How one of the two ways writes what they differ in. */
struct dialect {
    const char *separator;    /* between elements */
    const char *pair;         /* between key and value */
    const char *struct_open;  /* "Struct{" */
    const char *struct_pair;  /* between a field's name and value */
    bool skips_nulls, quotes; /* null fields are left out; inner texts and field names are quoted */
    void (*date)(int64_t ms, struct buf *out);
};

struct text_writer {
    const struct dialect *dialect;
    struct buf *out;
    struct error *err;
};

static int write(const struct text_writer *w, const struct schema *s, const struct value *v, int depth);

/* A number or "NaN", without the quotes that JSON needs around the latter. */
static void write_unquoted(struct buf *out, size_t from)
{
    if (out->data[from] != '"')
        return;
    memmove(out->data + from, out->data + from + 1, out->len - from - 2);
    out->len -= 2;
}

static void write_quoted(struct str s, struct buf *out)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"' || s.ptr[i] == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, s.ptr[i]);
    }
    buf_add_char(out, '"');
}

static void write_text(const struct text_writer *w, struct str s, int depth)
{
    if (w->dialect->quotes && depth)
        write_quoted(s, w->out);
    else
        buf_add_str(w->out, s);
}

static void write_bytes(const struct text_writer *w, const struct value *v, int depth)
{
    size_t from = w->out->len;
    json_write_base64(w->out, v->bytes, v->len);
    if (!w->dialect->quotes || depth == 0)
        write_unquoted(w->out, from);
}

static int write_array(const struct text_writer *w, const struct schema *s, const struct value *v, int depth)
{
    buf_add_char(w->out, '[');
    for (uint32_t i = 0; i < v->len; i++) {
        if (i)
            buf_add_cstr(w->out, w->dialect->separator);
        int rc = write(w, s ? s->value_schema : NULL, &v->items[i], depth + 1);
        if (rc)
            return rc;
    }
    buf_add_char(w->out, ']');
    return 0;
}

static int write_map(const struct text_writer *w, const struct schema *s, const struct value *v, int depth)
{
    buf_add_char(w->out, '{');
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value *pair = &v->items[2 * (size_t)i];
        if (i)
            buf_add_cstr(w->out, w->dialect->separator);
        int rc = write(w, s ? s->key_schema : NULL, &pair[0], depth + 1);
        if (rc)
            return rc;
        buf_add_cstr(w->out, w->dialect->pair);
        rc = write(w, s ? s->value_schema : NULL, &pair[1], depth + 1);
        if (rc)
            return rc;
    }
    buf_add_char(w->out, '}');
    return 0;
}

static int write_struct(const struct text_writer *w, const struct schema *s, const struct value *v, int depth)
{
    if (!s || s->type != SCHEMA_STRUCT || s->n_fields != v->len)
        return error_set(w->err, ERROR_DATA, "a struct without its schema cannot be written as text");
    buf_add_cstr(w->out, w->dialect->struct_open);
    bool first = true;
    for (uint32_t i = 0; i < s->n_fields; i++) {
        const struct schema *field = s->fields[i].schema;
        const struct value *item = &v->items[i];
        if (value_is_null(item) && w->dialect->skips_nulls)
            continue;
        if (value_is_null(item) && field->has_default)
            item = &field->default_value;
        if (!first)
            buf_add_char(w->out, ',');
        first = false;
        write_text(w, s->fields[i].name, depth + 1);
        buf_add_cstr(w->out, w->dialect->struct_pair);
        int rc = write(w, field, item, depth + 1);
        if (rc)
            return rc;
    }
    buf_add_char(w->out, '}');
    return 0;
}

static int write_logical(const struct text_writer *w, const struct schema *s, const struct value *v)
{
    if (s->logical == LOGICAL_DECIMAL)
        decimal_to_java_text(v->bytes, v->len, s->scale, w->out);
    else
        w->dialect->date(java_date_ms((enum schema_logical)s->logical, v), w->out);
    return 0;
}

static int write(const struct text_writer *w, const struct schema *s, const struct value *v, int depth)
{
    size_t from = w->out->len;
    if (depth > JAVA_TEXT_MAX_DEPTH)
        return error_set(w->err, ERROR_DATA, "data is nested deeper than %d levels", JAVA_TEXT_MAX_DEPTH);
    if (s && s->logical != LOGICAL_NONE && v->type == s->type)
        return write_logical(w, s, v);
    switch ((enum value_type)v->type) {
    case VALUE_NULL:
        buf_add_literal(w->out, "null");
        return 0;
    case VALUE_INT8:
    case VALUE_INT16:
    case VALUE_INT32:
    case VALUE_INT64:
        buf_add_int64(w->out, v->i);
        return 0;
    case VALUE_FLOAT32:
        json_write_float(w->out, v->f32);
        write_unquoted(w->out, from);
        return 0;
    case VALUE_FLOAT64:
        json_write_double(w->out, v->f64);
        write_unquoted(w->out, from);
        return 0;
    case VALUE_BOOLEAN:
        buf_add_cstr(w->out, v->b ? "true" : "false");
        return 0;
    case VALUE_STRING:
        write_text(w, value_as_str(v), depth);
        return 0;
    case VALUE_BYTES:
        write_bytes(w, v, depth);
        return 0;
    case VALUE_ARRAY:
        return write_array(w, s, v, depth);
    case VALUE_MAP:
        return write_map(w, s, v, depth);
    case VALUE_STRUCT:
        return write_struct(w, s, v, depth);
    }
    return error_set(w->err, ERROR_INTERNAL, "a value has the unknown type %u", v->type);
}

static void write_java_date(int64_t ms, struct buf *out)
{
    struct java_date d;
    java_date_of(ms, &d);
    java_date_write(&d, out);
}

/* A time of the first day alone, a day at midnight alone, else both. Of what is before 1970 Java writes the time alone,
 * and so loses the day: here both. */
static void write_iso_date(int64_t ms, struct buf *out)
{
    enum { DAY_MS = 86400000 };
    bool has_day = ms < 0 || ms >= DAY_MS;
    struct java_date d;
    java_date_of(ms, &d);
    if (has_day)
        buf_printf(out, "%04lld-%02d-%02d", (long long)d.year, d.month, d.day);
    if (has_day && ms % DAY_MS == 0)
        return;
    buf_printf(out, "%s%02d:%02d:%02d.%03dZ", has_day ? "T" : "", d.hour, d.minute, d.second, d.millisecond);
}

static int write_in(const struct dialect *dialect, const struct schema *s, const struct value *v, struct buf *out,
                    struct error *err)
{
    struct text_writer w = {.dialect = dialect, .out = out, .err = err};
    size_t len = out->len;
    int rc = write(&w, s, v, 0);
    if (rc)
        out->len = len;
    return rc;
}

int java_text_write(const struct schema *schema, const struct value *v, struct buf *out, struct error *err)
{
    static const struct dialect to_string = {
        .separator = ", ",
        .pair = "=",
        .struct_open = "Struct{",
        .struct_pair = "=",
        .skips_nulls = true,
        .date = write_java_date,
    };
    return write_in(&to_string, schema, v, out, err);
}

int java_text_write_values(const struct schema *schema, const struct value *v, struct buf *out, struct error *err)
{
    static const struct dialect values = {
        .separator = ",",
        .pair = ":",
        .struct_open = "{",
        .struct_pair = ":",
        .quotes = true,
        .date = write_iso_date,
    };
    return write_in(&values, schema, v, out, err);
}
