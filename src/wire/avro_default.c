/* Default values: Connect data as the JSON that an Avro schema carries, and back. */
#include "wire/avro_node.h"
#include "wire/json.h"

#include <math.h>

/* A record's default may leave fields to their own defaults, so a few bytes of schema can stand for a lot of data. */
enum { MAX_DEFAULT_VALUES = 64 * 1024 };

/* --- Connect data to JSON ------------------------------------------------------------------------- */

struct writer {
    struct arena *arena;
    const struct avro_options *options;
    enum avro_default_form form;
};

static struct value to_json(const struct writer *w, const struct schema *s, const struct value *v);

static struct value latin1_text(struct arena *arena, struct str bytes)
{
    char *text = arena_alloc(arena, bytes.len * 2 + 1), *p = text;
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        if (c >= 0x80)
            *p++ = (char)(0xc0 | c >> 6);
        *p++ = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
    }
    return value_str(str_of(text, (size_t)(p - text)));
}

static struct value base64_text(struct arena *arena, struct str bytes)
{
    struct buf quoted = {0};
    json_write_base64(&quoted, (const uint8_t *)bytes.ptr, bytes.len);
    struct str text = arena_str(arena, str_of(quoted.data + 1, quoted.len - 2));
    buf_free(&quoted);
    return value_str(text);
}

static struct value array_json(const struct writer *w, const struct schema *s, const struct value *v)
{
    struct value *items = arena_array(w->arena, struct value, v->len);
    for (uint32_t i = 0; i < v->len; i++)
        items[i] = to_json(w, s->value_schema, &v->items[i]);
    return value_items(VALUE_ARRAY, items, v->len);
}

/* An object, or an array of [key,value] for keys that are no strings. */
static struct value map_json(const struct writer *w, const struct schema *s, const struct value *v)
{
    struct value *pairs = arena_array(w->arena, struct value, 2 * (size_t)v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        pairs[2 * i] = to_json(w, s->key_schema, &v->items[2 * i]);
        pairs[2 * i + 1] = to_json(w, s->value_schema, &v->items[2 * i + 1]);
    }
    if (avro_map_is_plain(s, w->options))
        return value_items(VALUE_MAP, pairs, v->len);
    struct value *entries = arena_array(w->arena, struct value, v->len);
    for (uint32_t i = 0; i < v->len; i++)
        entries[i] = value_items(VALUE_ARRAY, pairs + 2 * i, 2);
    return value_items(VALUE_ARRAY, entries, v->len);
}

/* Struct.get: a null is the field's default. */
static const struct value *field_value(const struct schema *field, const struct value *v)
{
    return v->type == VALUE_NULL && field->has_default ? &field->default_value : v;
}

static struct value struct_json(const struct writer *w, const struct schema *s, const struct value *v)
{
    if (avro_is_union(s))
        return s->n_fields ? to_json(w, s->fields[0].schema, field_value(s->fields[0].schema, &v->items[0]))
                           : value_null();
    struct value *pairs = arena_array(w->arena, struct value, 2 * (size_t)v->len);
    uint32_t n = 0;
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value *item = field_value(s->fields[i].schema, &v->items[i]);
        if (item->type == VALUE_NULL && w->form == AVRO_DEFAULT_FIELD)
            continue; /* the field's own default is null */
        struct str name = s->fields[i].name;
        pairs[2 * n] = value_str(w->options->scrub_names ? avro_name_scrub(w->arena, name) : name);
        pairs[2 * n + 1] = to_json(w, s->fields[i].schema, item);
        n++;
    }
    return value_items(VALUE_MAP, pairs, n);
}

static struct value to_json(const struct writer *w, const struct schema *s, const struct value *v)
{
    switch (v->type) {
    case VALUE_BYTES:
        return (w->form == AVRO_DEFAULT_CONNECT ? base64_text : latin1_text)(w->arena, value_as_str(v));
    case VALUE_ARRAY:
        return array_json(w, s, v);
    case VALUE_MAP:
        return map_json(w, s, v);
    case VALUE_STRUCT:
        return struct_json(w, s, v);
    default:
        return *v;
    }
}

int avro_default_from_connect(struct avro_schema *s, const struct schema *schema, const struct value *v,
                              const struct avro_options *options, enum avro_default_form form, struct value *ret,
                              struct error *err)
{
    int rc = schema_check_value(schema, v, err);
    if (rc) {
        error_context(err, "the default value does not fit its schema");
        return err ? (int)(err->code = ERROR_INVALID_SCHEMA) : ERROR_INVALID_SCHEMA;
    }
    struct writer w = {.arena = &s->arena, .options = options, .form = form};
    *ret = to_json(&w, schema, v);
    return 0;
}

/* --- is it a default? ------------------------------------------------------------------------------ */

static bool is_integer(const struct value *v, int64_t min, int64_t max)
{
    return v->type >= VALUE_INT8 && v->type <= VALUE_INT64 && v->i >= min && v->i <= max;
}

static bool is_number(const struct value *v)
{
    return (v->type >= VALUE_INT8 && v->type <= VALUE_INT64) || (v->type == VALUE_FLOAT32 && isfinite(v->f32)) ||
           (v->type == VALUE_FLOAT64 && isfinite(v->f64));
}

static const struct value *record_item(const struct avro_field *f, const struct value *json)
{
    const struct value *item = value_map_get(json, f->name);
    return item ? item : f->has_default ? &f->default_value : NULL;
}

struct checker {
    uint32_t budget;
    bool any_branch; /* a union's default may be of any of its types */
};

static bool check(const struct avro_node *n, const struct value *json, int depth, struct checker *c);

static bool check_union(const struct avro_node *n, const struct value *json, int depth, struct checker *c)
{
    uint32_t n_tried = c->any_branch ? n->n : n->n > 0;
    for (uint32_t i = 0; i < n_tried; i++)
        if (check(n->branches[i], json, depth, c))
            return true;
    return false;
}

static bool check(const struct avro_node *n, const struct value *json, int depth, struct checker *c)
{
    if (depth == AVRO_MAX_DEPTH || c->budget == 0)
        return false;
    c->budget--;
    switch ((enum avro_type)n->type) {
    case AVRO_NULL:
        return json->type == VALUE_NULL;
    case AVRO_BOOLEAN:
        return json->type == VALUE_BOOLEAN;
    case AVRO_INT:
        return is_integer(json, INT32_MIN, INT32_MAX);
    case AVRO_LONG:
        return is_integer(json, INT64_MIN, INT64_MAX);
    case AVRO_FLOAT:
    case AVRO_DOUBLE:
        return is_number(json);
    case AVRO_BYTES:
    case AVRO_STRING:
    case AVRO_ENUM:
    case AVRO_FIXED:
        return json->type == VALUE_STRING;
    case AVRO_UNION:
        return check_union(n, json, depth + 1, c);
    case AVRO_ARRAY:
        if (json->type != VALUE_ARRAY)
            return false;
        for (uint32_t i = 0; i < json->len; i++)
            if (!check(n->items, &json->items[i], depth + 1, c))
                return false;
        return true;
    case AVRO_MAP:
        if (json->type != VALUE_MAP)
            return false;
        for (uint32_t i = 0; i < json->len; i++)
            if (!check(n->items, &json->items[2 * i + 1], depth + 1, c))
                return false;
        return true;
    case AVRO_RECORD:
        if (json->type != VALUE_MAP)
            return false;
        for (uint32_t i = 0; i < n->n; i++) {
            const struct value *item = record_item(&n->fields[i], json);
            if (!item || !check(n->fields[i].type, item, depth + 1, c))
                return false;
        }
        return true;
    }
    return false;
}

bool avro_default_ok(const struct avro_node *n, const struct value *json)
{
    return check(n, json, 0, &(struct checker){.budget = MAX_DEFAULT_VALUES});
}

int avro_schema_check_defaults(const struct avro_schema *s, struct error *err)
{
    vec_each (&s->nodes, node) {
        const struct avro_node *n = *node;
        for (uint32_t i = 0; n->type == AVRO_RECORD && i < n->n; i++) {
            const struct avro_field *f = &n->fields[i];
            struct checker c = {.budget = MAX_DEFAULT_VALUES, .any_branch = true};
            if (f->has_default && !check(f->type, &f->default_value, 0, &c))
                return error_set(err, ERROR_INVALID_SCHEMA,
                                 "the default of field \"" STR_FMT "\" of \"" STR_FMT "\" does not fit its type, %s",
                                 STR_ARG(f->name), STR_ARG(n->full), avro_type_names[f->type->type]);
        }
    }
    return 0;
}

/* --- JSON to Connect data -------------------------------------------------------------------------- */

struct reader {
    struct arena *arena;
    enum avro_default_form form;
    uint32_t budget;
    int depth;
};

static bool from_json(struct reader *r, const struct avro_node *n, const struct value *json, struct value *ret);

static bool read_int(const struct avro_node *n, const struct value *json, struct value *ret)
{
    int64_t max = n->value == VALUE_INT8    ? INT8_MAX
                  : n->value == VALUE_INT16 ? INT16_MAX
                  : n->value == VALUE_INT32 ? INT32_MAX
                                            : INT64_MAX;
    if (!is_integer(json, -max - 1, max))
        return false;
    *ret = value_int(n->value, json->i);
    return true;
}

static bool read_float(const struct avro_node *n, const struct value *json, struct value *ret)
{
    double d;
    if (json->type == VALUE_FLOAT64)
        d = json->f64;
    else if (json->type == VALUE_FLOAT32)
        d = (double)json->f32;
    else if (is_number(json))
        d = (double)json->i;
    else if (json->type == VALUE_STRING && str_is(value_as_str(json), "NaN"))
        d = (double)NAN;
    else if (json->type == VALUE_STRING && str_is(value_as_str(json), "Infinity"))
        d = (double)INFINITY;
    else if (json->type == VALUE_STRING && str_is(value_as_str(json), "-Infinity"))
        d = -(double)INFINITY;
    else
        return false;
    *ret = n->type == AVRO_FLOAT ? value_float32((float)d) : value_float64(d);
    return true;
}

/* Text of ISO-8859-1, in UTF-8 as all text here; false for characters beyond. */
static bool read_latin1(struct arena *arena, struct str text, struct str *ret)
{
    char *bytes = arena_alloc(arena, text.len + 1), *p = bytes;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c >= 0x80) {
            if ((c != 0xc2 && c != 0xc3) || i + 1 == text.len)
                return false;
            c = (unsigned char)(c << 6 | ((unsigned char)text.ptr[++i] & 0x3f));
        }
        *p++ = (char)c;
    }
    *ret = str_of(bytes, (size_t)(p - bytes));
    return true;
}

/* Confluent's converter wrote base64 into connect.default up to version 5, which is what we write; later ones write
 * ISO-8859-1 there too. */
static bool read_bytes(struct reader *r, const struct avro_node *n, const struct value *json, struct value *ret)
{
    if (json->type != VALUE_STRING)
        return false;
    struct str bytes;
    if (!(r->form == AVRO_DEFAULT_CONNECT && json_read_base64(value_as_str(json), r->arena, &bytes)) &&
        !read_latin1(r->arena, value_as_str(json), &bytes))
        return false;
    if (n->type == AVRO_FIXED && bytes.len != n->size)
        return false;
    *ret = value_bytes(bytes.ptr, bytes.len);
    return true;
}

static bool read_array(struct reader *r, const struct avro_node *n, const struct value *json, struct value *ret)
{
    if (json->type != VALUE_ARRAY)
        return false;
    struct value *items = arena_array(r->arena, struct value, json->len);
    for (uint32_t i = 0; i < json->len; i++)
        if (!from_json(r, n->items, &json->items[i], &items[i]))
            return false;
    *ret = value_items(VALUE_ARRAY, items, json->len);
    return true;
}

/* [[key,value],...] in connect.default, [{"key":,"value":},...] in a field's default. */
static bool read_entries(struct reader *r, const struct avro_node *n, const struct value *json, struct value *ret)
{
    if (json->type != VALUE_ARRAY)
        return false;
    struct value *pairs = arena_array(r->arena, struct value, 2 * (size_t)json->len);
    for (uint32_t i = 0; i < json->len; i++) {
        const struct value *entry = &json->items[i];
        for (uint32_t k = 0; k < 2; k++) {
            const struct avro_field *f = &n->items->fields[k];
            const struct value *part = entry->type == VALUE_ARRAY && entry->len == 2 ? &entry->items[k]
                                       : entry->type == VALUE_MAP                    ? record_item(f, entry)
                                                                                     : NULL;
            if (!part || !from_json(r, f->type, part, &pairs[2 * i + k]))
                return false;
        }
    }
    *ret = value_items(VALUE_MAP, pairs, json->len);
    return true;
}

static bool read_map(struct reader *r, const struct avro_node *n, const struct value *json, struct value *ret)
{
    if (json->type != VALUE_MAP)
        return false;
    struct value *pairs = arena_array(r->arena, struct value, 2 * (size_t)json->len);
    for (uint32_t i = 0; i < json->len; i++) {
        pairs[2 * i] = value_str(arena_str(r->arena, value_as_str(&json->items[2 * i])));
        if (!from_json(r, n->items, &json->items[2 * i + 1], &pairs[2 * i + 1]))
            return false;
    }
    *ret = value_items(VALUE_MAP, pairs, json->len);
    return true;
}

static bool read_record(struct reader *r, const struct avro_node *n, const struct value *json, struct value *ret)
{
    if (json->type != VALUE_MAP || n->is_anything)
        return false;
    struct value *items = arena_array(r->arena, struct value, n->n);
    for (uint32_t i = 0; i < n->n; i++) {
        const struct value *item = record_item(&n->fields[i], json);
        if (!item || !from_json(r, n->fields[i].type, item, &items[i]))
            return false;
    }
    *ret = value_items(VALUE_STRUCT, items, n->n);
    return true;
}

/* A default of a union is one of its first type; in connect.default, optional data stands as itself. */
static bool read_union(struct reader *r, const struct avro_node *n, const struct value *json, struct value *ret)
{
    if (json->type == VALUE_NULL) {
        *ret = value_null();
        return avro_null_branch(n) >= 0;
    }
    if (n->only)
        return from_json(r, n->only, json, ret);
    if (!n->n || n->branches[0]->type == AVRO_NULL)
        return false;
    uint32_t n_fields = n->n - (avro_null_branch(n) >= 0);
    struct value *items = arena_array(r->arena, struct value, n_fields);
    for (uint32_t i = 0; i < n_fields; i++)
        items[i] = value_null();
    *ret = value_items(VALUE_STRUCT, items, n_fields);
    return from_json(r, n->branches[0], json, &items[0]);
}

static bool read_node(struct reader *r, const struct avro_node *n, const struct value *json, struct value *ret)
{
    switch ((enum avro_type)n->type) {
    case AVRO_NULL:
        *ret = value_null();
        return json->type == VALUE_NULL;
    case AVRO_BOOLEAN:
        *ret = *json;
        return json->type == VALUE_BOOLEAN;
    case AVRO_INT:
    case AVRO_LONG:
        return read_int(n, json, ret);
    case AVRO_FLOAT:
    case AVRO_DOUBLE:
        return read_float(n, json, ret);
    case AVRO_BYTES:
    case AVRO_FIXED:
        return read_bytes(r, n, json, ret);
    case AVRO_STRING:
    case AVRO_ENUM:
        if (json->type != VALUE_STRING)
            return false;
        *ret = value_str(arena_str(r->arena, value_as_str(json)));
        return true;
    case AVRO_ARRAY:
        return n->is_entries ? read_entries(r, n, json, ret) : read_array(r, n, json, ret);
    case AVRO_MAP:
        return read_map(r, n, json, ret);
    case AVRO_RECORD:
        return read_record(r, n, json, ret);
    case AVRO_UNION:
        return read_union(r, n, json, ret);
    }
    return false;
}

static bool from_json(struct reader *r, const struct avro_node *n, const struct value *json, struct value *ret)
{
    if (r->depth == AVRO_MAX_DEPTH || !r->budget)
        return false;
    r->budget--;
    r->depth++;
    bool ok = read_node(r, n, json, ret);
    r->depth--;
    return ok;
}

bool avro_default_to_connect(const struct avro_node *n, const struct value *json, enum avro_default_form form,
                             struct arena *arena, struct value *ret)
{
    struct reader r = {.arena = arena, .form = form, .budget = MAX_DEFAULT_VALUES};
    struct value v;
    if (!from_json(&r, n, json, &v))
        return false;
    *ret = v;
    return true;
}
