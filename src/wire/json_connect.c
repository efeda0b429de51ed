/* Parsed JSON to data of a schema: JsonConverter's convertToConnect, without its silent truncations. */
#include "wire/decimal.h"
#include "wire/json.h"

#include "base/map.h"

#include <math.h>
#include <stdlib.h>

enum { MANY_MEMBERS = 32 }; /* from here on, members out of order are looked up by hash */

struct reader {
    const struct json_options *options;
    struct arena *arena;
    struct error *err;
};

static int convert(const struct reader *r, const struct schema *s, const struct value *json, struct value *ret);

/* What Jackson calls the kind of node. */
static const char *node_name(const struct value *json)
{
    switch ((enum value_type)json->type) {
    case VALUE_NULL:
        return "NULL";
    case VALUE_BOOLEAN:
        return "BOOLEAN";
    case VALUE_STRING:
        return "STRING";
    case VALUE_ARRAY:
        return "ARRAY";
    case VALUE_MAP:
        return "OBJECT";
    default:
        return "NUMBER";
    }
}

static int wrong_type(const struct reader *r, const struct schema *s, const struct value *json)
{
    return error_set(r->err, ERROR_DATA, "expected %s but found %s", schema_type_name((enum schema_type)s->type),
                     node_name(json));
}

static int convert_int(const struct reader *r, const struct schema *s, const struct value *json, struct value *ret)
{
    static const int bits[] = {[SCHEMA_INT8] = 8, [SCHEMA_INT16] = 16, [SCHEMA_INT32] = 32, [SCHEMA_INT64] = 64};
    int64_t i = json->i;
    if (json->type == VALUE_BYTES) { /* 1.0 and 1e3 are integers, too */
        struct str unscaled;
        __int128 wide;
        int rc = decimal_from_text(value_as_str(json), 0, false, r->arena, &unscaled, NULL);
        if (rc || !decimal_to_int128((const uint8_t *)unscaled.ptr, unscaled.len, &wide) || wide != (int64_t)wide)
            return error_set(r->err, ERROR_DATA, STR_FMT " is no %s", json->len > 40 ? 40 : (int)json->len, json->str,
                             schema_type_name((enum schema_type)s->type));
        i = (int64_t)wide;
    } else if (json->type == VALUE_FLOAT64) {
        if (!(json->f64 >= -0x1p63 && json->f64 < 0x1p63) || json->f64 != trunc(json->f64))
            return error_set(r->err, ERROR_DATA, "%g is no %s", json->f64, schema_type_name((enum schema_type)s->type));
        i = (int64_t)json->f64;
    } else if (json->type != VALUE_INT64) {
        return wrong_type(r, s, json);
    }
    int64_t beyond = i >> (bits[s->type] - 1);
    if (beyond != 0 && beyond != -1)
        return error_set(r->err, ERROR_DATA, "%lld is out of the range of %s", (long long)i,
                         schema_type_name((enum schema_type)s->type));
    *ret = value_int((enum value_type)s->type, i);
    return 0;
}

static bool read_special(struct str text, double *ret)
{
    if (str_is(text, "NaN"))
        *ret = NAN;
    else if (str_is(text, "Infinity") || str_is(text, "+Infinity"))
        *ret = INFINITY;
    else if (str_is(text, "-Infinity"))
        *ret = -INFINITY;
    else
        return false;
    return true;
}

static int convert_float(const struct reader *r, const struct schema *s, const struct value *json, struct value *ret)
{
    double d;
    bool narrow = s->type == SCHEMA_FLOAT32;
    if (json->type == VALUE_INT64) {
        *ret = narrow ? value_float32((float)json->i) : value_float64((double)json->i);
        return 0;
    }
    if (json->type == VALUE_BYTES) { /* from the text at once: two roundings may differ from one */
        *ret = narrow ? value_float32(strtof(json->str, NULL)) : value_float64(strtod(json->str, NULL));
        return 0;
    }
    if (json->type == VALUE_FLOAT64)
        d = json->f64;
    else if (json->type != VALUE_STRING || !read_special(value_as_str(json), &d))
        return wrong_type(r, s, json);
    *ret = narrow ? value_float32((float)d) : value_float64(d);
    return 0;
}

static int convert_bytes(const struct reader *r, const struct value *json, const char *wrong, struct value *ret)
{
    struct str bytes;
    if (json->type != VALUE_STRING || !json_read_base64(value_as_str(json), r->arena, &bytes))
        return error_set(r->err, ERROR_DATA, "%s", wrong);
    *ret = value_bytes(bytes.ptr, bytes.len);
    return 0;
}

static int convert_decimal(const struct reader *r, const struct schema *s, const struct value *json, struct value *ret)
{
    struct str text;
    if (json->type == VALUE_STRING)
        return convert_bytes(r, json, "Invalid bytes for Decimal field", ret);
    if (json->type == VALUE_INT64) {
        text = arena_printf(r->arena, "%lld", (long long)json->i);
    } else if (json->type == VALUE_BYTES) {
        text = value_as_str(json);
    } else if (json->type == VALUE_FLOAT64) {
        AUTO_BUF
        digits = {0};
        json_write_double(&digits, json->f64);
        text = arena_str(r->arena, buf_str(&digits));
    } else {
        return error_set(r->err, ERROR_DATA,
                         "Invalid type for Decimal, underlying representation should be numeric or bytes but was %s",
                         node_name(json));
    }
    struct str unscaled;
    int rc = decimal_from_text(text, s->scale, false, r->arena, &unscaled, r->err);
    if (rc == 0)
        *ret = value_bytes(unscaled.ptr, unscaled.len);
    return rc;
}

static int convert_array(const struct reader *r, const struct schema *s, const struct value *json, struct value *ret)
{
    if (json->type != VALUE_ARRAY)
        return wrong_type(r, s, json);
    struct value *items = arena_array(r->arena, struct value, json->len);
    for (uint32_t i = 0; i < json->len; i++) {
        int rc = convert(r, s->value_schema, &json->items[i], &items[i]);
        if (rc)
            return error_context(r->err, "element %u", i);
    }
    *ret = value_items(VALUE_ARRAY, items, json->len);
    return 0;
}

static int convert_object(const struct reader *r, const struct schema *s, const struct value *json, struct value *ret)
{
    if (json->type != VALUE_MAP)
        return error_set(r->err, ERROR_DATA, "Maps with string fields should be encoded as JSON objects, but found %s",
                         node_name(json));
    struct value *items = arena_array(r->arena, struct value, 2 * (size_t)json->len);
    for (size_t i = 0; i < 2 * (size_t)json->len; i += 2) {
        items[i] = json->items[i];
        int rc = convert(r, s->value_schema, &json->items[i + 1], &items[i + 1]);
        if (rc)
            return error_context(r->err, "key \"" STR_FMT "\"", STR_ARG(value_as_str(&items[i])));
    }
    *ret = value_items(VALUE_MAP, items, json->len);
    return 0;
}

static int convert_pairs(const struct reader *r, const struct schema *s, const struct value *json, struct value *ret)
{
    if (json->type != VALUE_ARRAY)
        return error_set(r->err, ERROR_DATA,
                         "Maps with non-string fields should be encoded as JSON array of tuples, but found %s",
                         node_name(json));
    struct value *items = arena_array(r->arena, struct value, 2 * (size_t)json->len);
    for (size_t i = 0; i < json->len; i++) {
        const struct value *pair = &json->items[i];
        if (pair->type != VALUE_ARRAY)
            return error_set(r->err, ERROR_DATA, "Found invalid map entry instead of array tuple: %s", node_name(pair));
        if (pair->len != 2)
            return error_set(r->err, ERROR_DATA, "Found invalid map entry, expected length 2 but found :%u", pair->len);
        int rc = convert(r, s->key_schema, &pair->items[0], &items[2 * i]);
        if (rc == 0)
            rc = convert(r, s->value_schema, &pair->items[1], &items[2 * i + 1]);
        if (rc)
            return error_context(r->err, "entry %zu", i);
    }
    *ret = value_items(VALUE_MAP, items, json->len);
    return 0;
}

/* The members of an object: mostly asked for in their order. */
struct members {
    const struct value *object;
    size_t next;
    struct map index; /* name to pair, once something is out of order in a large object */
};

static const struct value *find_member(struct members *m, struct str name)
{
    static const struct value absent = {.type = VALUE_NULL};
    struct value *pairs = m->object->items;
    size_t n = m->object->len;
    if (m->next < n && str_equal(value_as_str(&pairs[2 * m->next]), name))
        return &pairs[2 * m->next++ + 1];
    if (n <= MANY_MEMBERS) {
        const struct value *found = value_map_get(m->object, name);
        if (found)
            m->next = (size_t)(found - pairs) / 2 + 1;
        return found ? found : &absent;
    }
    for (size_t i = m->index.len ? n : 0; i < n; i++)
        map_put(&m->index, value_as_str(&pairs[2 * i]), &pairs[2 * i]);
    struct value *pair = map_get(&m->index, name);
    if (!pair)
        return &absent;
    m->next = (size_t)(pair - pairs) / 2 + 1;
    return pair + 1;
}

static int convert_struct(const struct reader *r, const struct schema *s, const struct value *json, struct value *ret)
{
    if (json->type != VALUE_MAP)
        return error_set(r->err, ERROR_DATA, "Structs should be encoded as JSON objects, but found %s",
                         node_name(json));
    struct value *items = arena_array(r->arena, struct value, s->n_fields);
    struct members members = {.object = json};
    int rc = 0;
    for (uint32_t i = 0; i < s->n_fields && rc == 0; i++) {
        struct str name = s->fields[i].name;
        rc = convert(r, s->fields[i].schema, find_member(&members, name), &items[i]);
        if (rc)
            error_context(r->err, "field \"" STR_FMT "\"", STR_ARG(name));
    }
    map_free(&members.index, NULL);
    if (rc == 0)
        *ret = value_items(VALUE_STRUCT, items, s->n_fields);
    return rc;
}

static int convert_null(const struct reader *r, const struct schema *s, struct value *ret)
{
    if (s->has_default && !r->options->keep_nulls)
        *ret = s->default_value;
    else if (s->optional)
        *ret = value_null();
    else
        return error_set(r->err, ERROR_DATA, "Invalid null value for required %s field",
                         schema_type_name((enum schema_type)s->type));
    return 0;
}

static int convert(const struct reader *r, const struct schema *s, const struct value *json, struct value *ret)
{
    if (value_is_null(json))
        return convert_null(r, s, ret);
    switch ((enum schema_type)s->type) {
    case SCHEMA_INT8:
    case SCHEMA_INT16:
    case SCHEMA_INT32:
    case SCHEMA_INT64:
        return convert_int(r, s, json, ret);
    case SCHEMA_FLOAT32:
    case SCHEMA_FLOAT64:
        return convert_float(r, s, json, ret);
    case SCHEMA_BOOLEAN:
    case SCHEMA_STRING:
        if (json->type != s->type)
            return wrong_type(r, s, json);
        *ret = *json;
        return 0;
    case SCHEMA_BYTES:
        return s->logical == LOGICAL_DECIMAL ? convert_decimal(r, s, json, ret)
                                             : convert_bytes(r, json, "Invalid bytes field", ret);
    case SCHEMA_ARRAY:
        return convert_array(r, s, json, ret);
    case SCHEMA_MAP:
        return s->key_schema->type == SCHEMA_STRING ? convert_object(r, s, json, ret) : convert_pairs(r, s, json, ret);
    case SCHEMA_STRUCT:
        return convert_struct(r, s, json, ret);
    }
    return error_set(r->err, ERROR_INVALID_SCHEMA, "Unknown schema type: %u", s->type);
}

/* Without a schema: numbers that json_read_exact kept as text become doubles. */
static struct value convert_schemaless(const struct value *json, struct arena *arena)
{
    if (json->type == VALUE_BYTES)
        return value_float64(strtod(json->str, NULL));
    if (json->type != VALUE_ARRAY && json->type != VALUE_MAP)
        return *json;
    size_t n = json->type == VALUE_MAP ? 2 * (size_t)json->len : json->len;
    struct value *items = arena_array(arena, struct value, n);
    for (size_t i = 0; i < n; i++)
        items[i] = convert_schemaless(&json->items[i], arena);
    return value_items((enum value_type)json->type, items, json->len);
}

int json_to_connect_as(const struct schema *schema, const struct value *parsed, const struct json_options *options,
                       struct arena *arena, struct value *ret, struct error *err)
{
    if (!schema) {
        *ret = convert_schemaless(parsed, arena);
        return 0;
    }
    struct error own; /* contexts are put around the text on the way out */
    struct reader r = {.options = options, .arena = arena, .err = err ? err : &own};
    struct value v;
    int rc = convert(&r, schema, parsed, &v);
    if (rc == 0)
        *ret = v;
    return rc;
}

int json_to_connect(const struct schema *schema, const struct value *parsed, enum json_decimal decimal,
                    struct arena *arena, struct value *ret, struct error *err)
{
    return json_to_connect_as(schema, parsed, &(struct json_options){.decimal = decimal}, arena, ret, err);
}
