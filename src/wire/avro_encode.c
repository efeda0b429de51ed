#include "wire/avro_node.h"
#include "wire/avro_plan.h"

/* Room for one field beyond the content of its text: a branch, and a long in at most ten bytes. */
enum { FIELD_ROOM = 16 };

/* Schemaless data takes four levels of Avro types for one of its own. */
enum { ANYTHING_MAX_DEPTH = AVRO_MAX_DEPTH / 4 - 1 };

struct writer {
    struct buf *out;
    char *end; /* of the room in `out` */
    struct error *err;
    int depth;     /* of schemaless data */
    uint32_t left; /* on failure: how many of the record's fields, from the failed one on */
    int n_path;
    struct str path[AVRO_MAX_DEPTH + 1]; /* of the field that failed, innermost first; set on failure */
};

__attribute__((format(printf, 2, 3), cold)) static char *fail(struct writer *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_setv(w->err, ERROR_DATA, format, args);
    va_end(args);
    return NULL;
}

__attribute__((cold)) static char *fail_type(struct writer *w, const struct avro_op *op, const struct value *v)
{
    if (v->type == VALUE_NULL)
        return fail(w, "null where the schema (%s) allows none", value_type_name((enum value_type)op->tag));
    return fail(w, "a value of type %s where the schema says %s", value_type_name((enum value_type)v->type),
                value_type_name((enum value_type)op->tag));
}

__attribute__((cold)) static char *fail_in(struct writer *w, struct str name)
{
    if (w->n_path <= AVRO_MAX_DEPTH)
        w->path[w->n_path++] = name;
    return NULL;
}

__attribute__((noinline)) static char *grow(struct writer *w, char *p, size_t need)
{
    w->out->len = (size_t)(p - w->out->data);
    buf_grow(w->out, need);
    w->end = w->out->data + w->out->cap;
    return w->out->data + w->out->len;
}

static inline char *room(struct writer *w, char *p, size_t need)
{
    return __builtin_expect((size_t)(w->end - p) >= need, 1) ? p : grow(w, p, need);
}

static inline char *put_long(char *p, int64_t v)
{
    uint64_t u = ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
    while (u >= 0x80) {
        *p++ = (char)(u | 0x80);
        u >>= 7;
    }
    *p++ = (char)u;
    return p;
}

static char *write_op(struct writer *w, char *p, const struct avro_op *op, const struct value *v);

/* A block of n items, or nothing, and the end of blocks. */
static char *write_items(struct writer *w, char *p, const struct avro_op *op, const struct value *v)
{
    p = room(w, p, FIELD_ROOM);
    if (v->len)
        p = put_long(p, v->len);
    for (uint32_t i = 0; i < v->len; i++)
        if (!(p = write_op(w, p, op->ops, &v->items[i])))
            return NULL;
    p = room(w, p, 1);
    *p++ = 0;
    return p;
}

static char *write_map(struct writer *w, char *p, const struct avro_op *op, const struct value *v)
{
    p = room(w, p, FIELD_ROOM);
    if (v->len)
        p = put_long(p, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value *key = &v->items[2 * i];
        if (key->type != VALUE_STRING)
            return fail(w, "a map key of type %s where the schema says STRING",
                        value_type_name((enum value_type)key->type));
        p = room(w, p, FIELD_ROOM + key->len);
        p = put_long(p, key->len);
        memcpy(p, key->str, key->len);
        p = write_op(w, p + key->len, op->ops, &v->items[2 * i + 1]);
        if (!p)
            return fail_in(w, value_as_str(key));
    }
    p = room(w, p, 1);
    *p++ = 0;
    return p;
}

static char *write_entries(struct writer *w, char *p, const struct avro_op *op, const struct value *v)
{
    p = room(w, p, FIELD_ROOM);
    if (v->len)
        p = put_long(p, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!(p = write_op(w, p, &op->ops[0], &v->items[2 * i])))
            return fail_in(w, STR("key"));
        if (!(p = write_op(w, p, &op->ops[1], &v->items[2 * i + 1])))
            return fail_in(w, STR("value"));
    }
    p = room(w, p, 1);
    *p++ = 0;
    return p;
}

static char *write_union(struct writer *w, char *p, const struct avro_op *op, const struct value *v)
{
    if (v->len != op->n)
        return fail(w, "a union of %u fields where the schema has %u", v->len, op->n);
    p = room(w, p, FIELD_ROOM);
    for (uint32_t i = 0; i < op->n; i++) {
        if (v->items[i].type == VALUE_NULL)
            continue;
        p = write_op(w, put_long(p, i + op->first_union), &op->ops[i], &v->items[i]);
        return p ? p : fail_in(w, op->schema->fields[i].name);
    }
    if (!op->null.ptr)
        return fail(w, "no field of a union is set");
    *p++ = 0;
    return p;
}

static char *write_enum(struct writer *w, char *p, const struct avro_op *op, const struct value *v)
{
    for (uint32_t i = 0; i < op->n; i++)
        if (str_equal(op->symbols[i], value_as_str(v)))
            return put_long(p, i);
    return fail(w, "\"" STR_FMT "\" is no symbol of the enumeration", STR_ARG(value_as_str(v)));
}

static char *write_fixed(struct writer *w, char *p, const struct avro_op *op, const struct value *v)
{
    if (v->len > op->n || (v->len < op->n && !(op->pads && v->len)))
        return fail(w, "%u bytes where the schema says %u", v->len, op->n);
    p = room(w, p, op->n + FIELD_ROOM);
    size_t pad = op->n - v->len;
    if (pad)
        memset(p, v->bytes[0] & 0x80 ? 0xff : 0, pad);
    if (v->len)
        memcpy(p + pad, v->bytes, v->len);
    return p + op->n;
}

/* --- schemaless data -------------------------------------------------------------------------------- */

static char *write_anything(struct writer *w, char *p, const struct value *v);

static char *write_anythings(struct writer *w, char *p, const struct value *items, size_t n, uint32_t count)
{
    p = room(w, p, FIELD_ROOM);
    if (count)
        p = put_long(p, count);
    for (size_t i = 0; i < n; i++)
        if (!(p = write_anything(w, p, &items[i])))
            return NULL;
    p = room(w, p, FIELD_ROOM);
    *p++ = 0;
    return p;
}

static char *write_any_content(struct writer *w, char *p, const struct value *v)
{
    switch ((enum value_type)v->type) {
    case VALUE_FLOAT32:
        memcpy(p, &v->f32, sizeof v->f32);
        return p + sizeof v->f32;
    case VALUE_FLOAT64:
        memcpy(p, &v->f64, sizeof v->f64);
        return p + sizeof v->f64;
    case VALUE_BOOLEAN:
        *p++ = v->b;
        return p;
    case VALUE_STRING:
    case VALUE_BYTES:
        p = put_long(p, v->len);
        p = room(w, p, v->len + FIELD_ROOM);
        if (v->len)
            memcpy(p, v->bytes, v->len);
        return p + v->len;
    case VALUE_ARRAY:
        return write_anythings(w, p, v->items, v->len, v->len);
    case VALUE_MAP:
        return write_anythings(w, p, v->items, 2 * (size_t)v->len, v->len);
    default:
        return put_long(p, v->i);
    }
}

static char *write_anything(struct writer *w, char *p, const struct value *v)
{
    static const uint8_t fields[] = {
        [VALUE_NULL] = ANYTHING_N,         [VALUE_INT8] = ANYTHING_INT,        [VALUE_INT16] = ANYTHING_INT,
        [VALUE_INT32] = ANYTHING_INT,      [VALUE_INT64] = ANYTHING_LONG,      [VALUE_FLOAT32] = ANYTHING_FLOAT,
        [VALUE_FLOAT64] = ANYTHING_DOUBLE, [VALUE_BOOLEAN] = ANYTHING_BOOLEAN, [VALUE_STRING] = ANYTHING_STRING,
        [VALUE_BYTES] = ANYTHING_BYTES,    [VALUE_ARRAY] = ANYTHING_ARRAY,     [VALUE_MAP] = ANYTHING_MAP,
    };
    if (v->type == VALUE_STRUCT)
        return fail(w, "a struct without a schema");
    if (w->depth == ANYTHING_MAX_DEPTH)
        return fail(w, "nested more than %d deep", ANYTHING_MAX_DEPTH);
    w->depth++;
    p = room(w, p, ANYTHING_N + FIELD_ROOM);
    for (uint8_t i = 0; p && i < ANYTHING_N; i++) {
        if (i == fields[v->type]) {
            *p++ = 2;
            p = write_any_content(w, p, v);
            p = p ? room(w, p, ANYTHING_N) : NULL;
        } else {
            *p++ = 0;
        }
    }
    w->depth--;
    return p;
}

/* --- records ---------------------------------------------------------------------------------------- */

static char *write_nested(struct writer *w, char *p, const struct avro_op *op, const struct value *v);

/* n values side by side, each with its own op. Keeps FIELD_ROOM free for each value that is left. */
static inline __attribute__((always_inline)) char *write_values(struct writer *w, char *p, const struct avro_op *op,
                                                                const struct value *v, uint32_t n)
{
    p = room(w, p, (size_t)n * FIELD_ROOM);
    for (; n; n--, op++, v++) {
        if (__builtin_expect(v->type != op->tag, 0)) {
            if (v->type != VALUE_NULL || !op->null.ptr) {
                fail_type(w, op, v);
                goto failed;
            }
            memcpy(p, op->null.ptr, 1);
            if (op->null.len > 1) {
                p = room(w, p, op->null.len + (size_t)n * FIELD_ROOM);
                memcpy(p, op->null.ptr, op->null.len);
            }
            p += op->null.len;
            continue;
        }
        *p = (char)op->prefix;
        p += op->has_prefix;
        switch ((enum avro_op_kind)op->kind) {
        case OP_INT:
            p = put_long(p, (int32_t)v->i);
            break;
        case OP_LONG:
            p = put_long(p, v->i);
            break;
        case OP_BOOLEAN:
            *p++ = v->b;
            break;
        case OP_FLOAT:
            memcpy(p, &v->f32, sizeof v->f32);
            p += sizeof v->f32;
            break;
        case OP_DOUBLE:
            memcpy(p, &v->f64, sizeof v->f64);
            p += sizeof v->f64;
            break;
        case OP_STRING:
            p = put_long(p, v->len);
            p = room(w, p, v->len + (size_t)n * FIELD_ROOM);
            if (v->len)
                memcpy(p, v->bytes, v->len);
            p += v->len;
            break;
        default:
            p = write_nested(w, p, op, v);
            if (!p)
                goto failed;
            p = room(w, p, (size_t)n * FIELD_ROOM);
        }
    }
    return p;

failed:
    w->left = n;
    return NULL;
}

static char *write_record(struct writer *w, char *p, const struct avro_op *op, const struct value *v)
{
    if (v->len != op->n)
        return fail(w, "a struct of %u fields where the schema has %u", v->len, op->n);
    p = write_values(w, p, op->ops, v->items, op->n);
    return p ? p : fail_in(w, op->schema->fields[op->n - w->left].name);
}

static char *write_nested(struct writer *w, char *p, const struct avro_op *op, const struct value *v)
{
    switch ((enum avro_op_kind)op->kind) {
    case OP_RECORD:
        return write_record(w, p, op, v);
    case OP_ARRAY:
        return write_items(w, p, op, v);
    case OP_MAP:
        return write_map(w, p, op, v);
    case OP_ENTRIES:
        return write_entries(w, p, op, v);
    case OP_UNION:
        return write_union(w, p, op, v);
    case OP_ENUM:
        return write_enum(w, p, op, v);
    default:
        return write_fixed(w, p, op, v);
    }
}

static char *write_op(struct writer *w, char *p, const struct avro_op *op, const struct value *v)
{
    return write_values(w, p, op, v, 1);
}

__attribute__((cold)) static int report(struct writer *w)
{
    struct buf path = {0};
    while (w->n_path) {
        struct str name = w->path[--w->n_path];
        buf_printf(&path, "%s" STR_FMT, path.len ? "." : "", STR_ARG(name));
    }
    if (path.len)
        error_context(w->err, "field \"" STR_FMT "\"", STR_ARG(buf_str(&path)));
    buf_free(&path);
    return ERROR_DATA;
}

int avro_encode(const struct avro_plan *plan, const struct value *value, struct buf *out, struct error *err)
{
    struct writer w;
    w.out = out;
    w.err = err;
    w.depth = 0;
    w.n_path = 0;
    size_t start = out->len;
    char *p = buf_reserve(out, FIELD_ROOM);
    w.end = out->data + out->cap;
    p = plan->root->kind == OP_ANYTHING ? write_anything(&w, p, value) : write_op(&w, p, plan->root, value);
    if (!p) {
        out->len = start;
        return report(&w);
    }
    out->len = (size_t)(p - out->data);
    return 0;
}
