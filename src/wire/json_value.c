/* Values without a schema: the tags say what they are. */
#include "wire/json.h"
#include "wire/json_impl.h"

static int write_value(const struct value *v, int depth, struct buf *out, struct error *err);

static bool has_only_string_keys(const struct value *map)
{
    for (uint32_t i = 0; i < map->len; i++)
        if (map->items[2 * (size_t)i].type != VALUE_STRING)
            return false;
    return true;
}

static int write_array(const struct value *v, int depth, struct buf *out, struct error *err)
{
    buf_add_char(out, '[');
    for (uint32_t i = 0; i < v->len; i++) {
        if (i)
            buf_add_char(out, ',');
        int rc = write_value(&v->items[i], depth, out, err);
        if (rc)
            return rc;
    }
    buf_add_char(out, ']');
    return 0;
}

static int write_map(const struct value *v, int depth, struct buf *out, struct error *err)
{
    bool object = has_only_string_keys(v);
    buf_add_char(out, object ? '{' : '[');
    for (uint32_t i = 0; i < v->len; i++) {
        if (i)
            buf_add_char(out, ',');
        if (!object)
            buf_add_char(out, '[');
        int rc = write_value(&v->items[2 * (size_t)i], depth, out, err);
        if (rc)
            return rc;
        buf_add_char(out, object ? ':' : ',');
        rc = write_value(&v->items[2 * (size_t)i + 1], depth, out, err);
        if (rc)
            return rc;
        if (!object)
            buf_add_char(out, ']');
    }
    buf_add_char(out, object ? '}' : ']');
    return 0;
}

static void write_int(int64_t i, struct buf *out)
{
    char *start = buf_reserve(out, JSON_INT_ROOM);
    out->len += (size_t)(json_put_int64(start, i) - start);
}

static int write_value(const struct value *v, int depth, struct buf *out, struct error *err)
{
    if (depth > JSON_MAX_DEPTH)
        return error_set(err, ERROR_DATA, "data is nested deeper than %d levels", JSON_MAX_DEPTH);
    switch ((enum value_type)v->type) {
    case VALUE_NULL:
        buf_add_literal(out, "null");
        return 0;
    case VALUE_INT8:
    case VALUE_INT16:
    case VALUE_INT32:
    case VALUE_INT64:
        write_int(v->i, out);
        return 0;
    case VALUE_FLOAT32:
        json_write_float(out, v->f32);
        return 0;
    case VALUE_FLOAT64:
        json_write_double(out, v->f64);
        return 0;
    case VALUE_BOOLEAN:
        buf_add_cstr(out, v->b ? "true" : "false");
        return 0;
    case VALUE_STRING:
        json_write_string(out, value_as_str(v));
        return 0;
    case VALUE_BYTES:
        json_write_base64(out, v->bytes, v->len);
        return 0;
    case VALUE_ARRAY:
        return write_array(v, depth + 1, out, err);
    case VALUE_MAP:
        return write_map(v, depth + 1, out, err);
    case VALUE_STRUCT:
        return error_set(err, ERROR_DATA, "a struct without a schema cannot be written: its fields have no names");
    }
    return error_set(err, ERROR_INTERNAL, "a value has the unknown type %u", v->type);
}

int json_write_value(const struct value *value, struct buf *out, struct error *err)
{
    size_t len = out->len;
    int rc = write_value(value, 0, out, err);
    if (rc)
        out->len = len;
    return rc;
}
