#include "data/schema.h"

#include "base/buf.h"

/* The way from the outermost value to the one that is looked at, written only when something is wrong. */
struct path {
    const struct path *outer;
    struct str field; /* STR_NULL: an element of an array or map, by its index */
    size_t index;
};

static void write_path(const struct path *p, struct buf *out)
{
    if (!p)
        return;
    write_path(p->outer, out);
    if (!p->field.ptr) {
        buf_printf(out, "[%zu]", p->index);
        return;
    }
    if (out->len)
        buf_add_char(out, '.');
    buf_add_str(out, p->field);
}

static int wrong(const struct path *path, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int wrong(const struct path *path, struct error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_setv(err, ERROR_DATA, format, args);
    va_end(args);
    AUTO_BUF
    where = {0};
    write_path(path, &where);
    if (err && where.len)
        error_context(err, "field \"" STR_FMT "\"", STR_ARG(buf_str(&where)));
    return ERROR_DATA;
}

static int check(const struct schema *s, const struct value *v, const struct path *path, struct error *err);

static int check_int(const struct schema *s, const struct value *v, const struct path *path, struct error *err)
{
    static const int bits[] = {[SCHEMA_INT8] = 8, [SCHEMA_INT16] = 16, [SCHEMA_INT32] = 32};
    int64_t limit = INT64_C(1) << (bits[s->type] - 1);
    if (v->i >= -limit && v->i < limit)
        return 0;
    return wrong(path, err, "%lld is out of the range of %s", (long long)v->i,
                 schema_type_name((enum schema_type)s->type));
}

static int check_items(const struct schema *s, const struct value *v, const struct path *path, struct error *err)
{
    size_t n = v->type == VALUE_MAP ? (size_t)v->len * 2 : v->len;
    for (size_t i = 0; i < n; i++) {
        bool is_key = v->type == VALUE_MAP && i % 2 == 0;
        struct path here = {.outer = path, .index = v->type == VALUE_MAP ? i / 2 : i};
        int code = check(is_key ? s->key_schema : s->value_schema, &v->items[i], &here, err);
        if (code)
            return code;
    }
    return 0;
}

static int check_struct(const struct schema *s, const struct value *v, const struct path *path, struct error *err)
{
    if (v->len != s->n_fields)
        return wrong(path, err, "a struct of %u fields stands where the schema has %u", v->len, s->n_fields);
    for (uint32_t i = 0; i < v->len; i++) {
        struct path here = {.outer = path, .field = s->fields[i].name};
        int code = check(s->fields[i].schema, &v->items[i], &here, err);
        if (code)
            return code;
    }
    return 0;
}

static int check(const struct schema *s, const struct value *v, const struct path *path, struct error *err)
{
    if (!s)
        return 0;
    const char *type = schema_type_name((enum schema_type)s->type);
    if (v->type == VALUE_NULL)
        return s->optional ? 0 : wrong(path, err, "null where a value of type %s is required", type);
    if (v->type != s->type)
        return wrong(path, err, "a value of type %s where the schema has %s",
                     schema_type_name((enum schema_type)v->type), type);
    switch ((enum schema_type)s->type) {
    case SCHEMA_INT8:
    case SCHEMA_INT16:
    case SCHEMA_INT32:
        return check_int(s, v, path, err);
    case SCHEMA_ARRAY:
    case SCHEMA_MAP:
        return check_items(s, v, path, err);
    case SCHEMA_STRUCT:
        return check_struct(s, v, path, err);
    default:
        return 0;
    }
}

int schema_check_value(const struct schema *s, const struct value *v, struct error *err)
{
    return check(s, v, NULL, err);
}
