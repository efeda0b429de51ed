#include "wire/avro_cursor.h"
#include "wire/avro_node.h"

struct reader {
    struct avro_cursor in;
    struct arena *arena;
};

static bool read_value(struct reader *r, const struct avro_node *n, struct value *ret);

static bool read_int(struct reader *r, const struct avro_node *n, struct value *ret)
{
    int32_t v;
    if (!avro_cursor_int(&r->in, &v))
        return false;
    if ((n->value == VALUE_INT8 && v != (int8_t)v) || (n->value == VALUE_INT16 && v != (int16_t)v))
        return avro_cursor_fail(&r->in, "%d is out of the range of %s", v, value_type_name(n->value));
    *ret = value_int(n->value, v);
    return true;
}

static bool read_record(struct reader *r, const struct avro_node *n, struct value *ret)
{
    struct value *items = arena_array(r->arena, struct value, n->n);
    for (uint32_t i = 0; i < n->n; i++)
        if (!read_value(r, n->fields[i].type, &items[i]))
            return error_context(r->in.err, "field \"" STR_FMT "\"", STR_ARG(n->fields[i].name)), false;
    *ret = value_items(VALUE_STRUCT, items, n->n);
    return true;
}

/* The struct of an Avro union has a field for each branch that is not null; all of them null is null. */
static bool read_union(struct reader *r, const struct avro_node *n, struct value *ret)
{
    uint32_t branch;
    if (!avro_cursor_index(&r->in, n->n, "branch", &branch))
        return false;
    if (n->only || n->branches[branch]->type == AVRO_NULL)
        return read_value(r, n->branches[branch], ret);
    int null = avro_null_branch(n);
    uint32_t n_fields = n->n - (null >= 0), field = branch - (null >= 0 && (uint32_t)null < branch);
    if (!avro_cursor_spend(&r->in, n_fields))
        return false;
    struct value *items = arena_array(r->arena, struct value, n_fields);
    for (uint32_t i = 0; i < n_fields; i++)
        items[i] = value_null();
    *ret = value_items(VALUE_STRUCT, items, n_fields);
    return read_value(r, n->branches[branch], &items[field]);
}

/* --- arrays and maps -------------------------------------------------------------------------------- */

struct list {
    struct value *items;
    size_t len, cap;
};

/* Room for n more values; what is grown out of stays in the arena until its reset. */
static struct value *list_room(struct reader *r, struct list *l, size_t n)
{
    if (l->cap - l->len < n) {
        enum { FIRST = 16 };
        size_t cap = l->cap ? l->cap * 2 : FIRST;
        while (cap - l->len < n)
            cap *= 2;
        struct value *more = arena_array(r->arena, struct value, cap);
        if (l->len)
            memcpy(more, l->items, l->len * sizeof *more);
        l->items = more;
        l->cap = cap;
    }
    return &l->items[l->len];
}

static bool read_key(struct reader *r, struct value *ret)
{
    struct str key;
    if (!avro_cursor_string(&r->in, true, &key))
        return false;
    *ret = value_str(key);
    return true;
}

/* `width` values an item: 1 in an array, a key and a value in a map. */
static bool read_blocks(struct reader *r, const struct avro_node *n, uint32_t width, struct value *ret)
{
    struct list l = {0};
    for (uint64_t left;;) {
        if (!avro_cursor_block(&r->in, &left))
            return false;
        if (!left)
            break;
        for (; left; left--) {
            struct value *v = list_room(r, &l, width);
            bool ok;
            if (n->type == AVRO_MAP)
                ok = read_key(r, &v[0]) && read_value(r, n->items, &v[1]);
            else if (n->is_entries)
                ok = avro_cursor_enter(&r->in) && read_value(r, n->items->fields[0].type, &v[0]) &&
                     read_value(r, n->items->fields[1].type, &v[1]);
            else
                ok = read_value(r, n->items, v);
            if (!ok)
                return false;
            if (n->is_entries)
                avro_cursor_leave(&r->in);
            l.len += width;
        }
    }
    *ret = value_items(n->value, l.items, l.len / width);
    return true;
}

/* --- schemaless data -------------------------------------------------------------------------------- */

/* The field that is set, unwrapped; integers and numbers become the widest type, as all schemaless data. */
static bool read_anything(struct reader *r, const struct avro_node *n, struct value *ret)
{
    struct value found = value_null();
    for (uint32_t i = 0; i < n->n; i++) {
        struct value v;
        if (!read_value(r, n->fields[i].type, &v))
            return false;
        if (v.type != VALUE_NULL && found.type == VALUE_NULL)
            found = v;
    }
    if (found.type >= VALUE_INT8 && found.type <= VALUE_INT32)
        found.type = VALUE_INT64;
    else if (found.type == VALUE_FLOAT32)
        found = value_float64((double)found.f32);
    *ret = found;
    return true;
}

static bool read_inner(struct reader *r, const struct avro_node *n, struct value *ret)
{
    struct str s;
    uint32_t i;
    switch ((enum avro_type)n->type) {
    case AVRO_NULL:
        *ret = value_null();
        return true;
    case AVRO_BOOLEAN:
        *ret = value_bool(false);
        return avro_cursor_boolean(&r->in, &ret->b);
    case AVRO_INT:
        return read_int(r, n, ret);
    case AVRO_LONG:
        *ret = value_int64(0);
        return avro_cursor_long(&r->in, &ret->i);
    case AVRO_FLOAT:
        *ret = value_float32(0);
        return avro_cursor_float(&r->in, &ret->f32);
    case AVRO_DOUBLE:
        *ret = value_float64(0);
        return avro_cursor_double(&r->in, &ret->f64);
    case AVRO_BYTES:
    case AVRO_STRING:
        if (!avro_cursor_string(&r->in, n->type == AVRO_STRING, &s))
            return false;
        *ret = n->type == AVRO_STRING ? value_str(s) : value_bytes(s.ptr, s.len);
        return true;
    case AVRO_FIXED:
        if (!avro_cursor_bytes(&r->in, n->size, &s))
            return false;
        *ret = value_bytes(s.ptr, s.len);
        return true;
    case AVRO_ENUM:
        if (!avro_cursor_index(&r->in, n->n, "symbol", &i))
            return false;
        *ret = value_str(n->symbols[i]);
        return true;
    case AVRO_RECORD:
        return n->is_anything ? read_anything(r, n, ret) : read_record(r, n, ret);
    case AVRO_ARRAY:
        return read_blocks(r, n, n->is_entries ? 2 : 1, ret);
    case AVRO_MAP:
        return read_blocks(r, n, 2, ret);
    case AVRO_UNION:
        return read_union(r, n, ret);
    }
    return false;
}

static bool read_value(struct reader *r, const struct avro_node *n, struct value *ret)
{
    if (!avro_cursor_enter(&r->in))
        return false;
    bool ok = read_inner(r, n, ret);
    avro_cursor_leave(&r->in);
    return ok;
}

int avro_decode(const struct avro_schema *s, struct str bytes, struct arena *arena, struct value *ret,
                struct error *err)
{
    struct reader r = {.arena = arena};
    avro_cursor_init(&r.in, bytes, err);
    struct value v;
    if (!read_value(&r, s->root, &v))
        return ERROR_DATA;
    if (r.in.p != r.in.end) {
        avro_cursor_fail(&r.in, "%zu bytes are left over; the schema is not the one they were written with",
                         (size_t)(r.in.end - r.in.p));
        return ERROR_DATA;
    }
    *ret = v;
    return 0;
}
