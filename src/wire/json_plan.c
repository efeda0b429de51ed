/* The compiled writer: one op a field, its name and what a null becomes prepared as bytes. */
#include "wire/decimal.h"
#include "wire/json.h"
#include "wire/json_impl.h"

#include "base/mem.h"

#include <math.h>

enum op_kind {
    OP_INT,
    OP_FLOAT32,
    OP_FLOAT64,
    OP_BOOLEAN,
    OP_STRING,
    OP_BYTES,
    OP_DECIMAL, /* as a number */
    OP_ARRAY,
    OP_OBJECT, /* a map with string keys */
    OP_PAIRS,  /* a map with other keys */
    OP_STRUCT,
};

enum { PREFIX_STEP = 16, LONG_STRING = 4096 };
static_assert((int)PREFIX_STEP <= (int)JSON_SLACK, "a prefix is copied in steps that fit the slack");

struct op {
    uint8_t kind; /* enum op_kind */
    uint8_t tag;  /* the value's type */
    int32_t scale;
    uint32_t prefix_len, null_len, n;
    const char *prefix; /* `,"name":`, padded to PREFIX_STEP; empty for an element */
    const char *null;   /* what a null is written as; NULL: it is an error */
    struct op *sub;     /* fields; element; key and value */
    size_t room;        /* OP_STRUCT: for everything in it of known length */
    const char *path;   /* "after.price", for errors */
};

struct json_plan {
    struct arena arena;
    struct json_options options;
    struct op root;
};

/* Where bytes go; `end` leaves nothing out, the callers count their own slack. */
struct writer {
    struct buf *out;
    char *p, *end;
    struct error *err;
};

static void writer_grow(struct writer *w, size_t n)
{
    w->out->len = (size_t)(w->p - w->out->data);
    w->p = buf_reserve(w->out, n);
    w->end = w->out->data + w->out->cap;
}

static inline void writer_need(struct writer *w, size_t n)
{
    if (__builtin_expect((size_t)(w->end - w->p) < n, 0))
        writer_grow(w, n);
}

/* The buffer itself, for what writes there; writer_resume after. */
static struct buf *writer_pause(struct writer *w)
{
    w->out->len = (size_t)(w->p - w->out->data);
    return w->out;
}

static void writer_resume(struct writer *w, size_t need)
{
    w->p = buf_reserve(w->out, need);
    w->end = w->out->data + w->out->cap;
}

static inline char *put_prefix(char *p, const char *prefix, size_t len)
{
    for (size_t done = 0; done < len; done += PREFIX_STEP)
        memcpy(p + done, prefix + done, PREFIX_STEP);
    return p + len;
}

static int write_op(struct writer *w, const struct op *op, const struct value *v, size_t after);
static int write_struct(struct writer *w, const struct op *op, const struct value *v, size_t after);

/* "field "after.price"", or "the value" when it is the outermost. */
#define PLACE_FMT      "%s%s%s"
#define PLACE_ARGS(op) *(op)->path ? "field \"" : "the value", (op)->path, *(op)->path ? "\"" : ""

static int null_error(const struct op *op, struct error *err)
{
    return error_set(err, ERROR_DATA,
                     "Conversion error: null value for " PLACE_FMT " that is required and has no default value",
                     PLACE_ARGS(op));
}

static int type_error(const struct op *op, const struct value *v, struct error *err)
{
    return error_set(err, ERROR_DATA, "Invalid type for " PLACE_FMT ": expected %s but found %s", PLACE_ARGS(op),
                     value_type_name(op->tag), value_type_name(v->type));
}

static int write_null(struct writer *w, const struct op *op, size_t after)
{
    if (!op->null)
        return null_error(op, w->err);
    writer_need(w, op->null_len + after);
    memcpy(w->p, op->null, op->null_len);
    w->p += op->null_len;
    return 0;
}

static void write_string(struct writer *w, const struct value *v, size_t after)
{
    if (__builtin_expect(v->len > LONG_STRING, 0)) {
        json_write_string(writer_pause(w), value_as_str(v));
        writer_resume(w, after);
        return;
    }
    writer_need(w, JSON_WORST_ESCAPE * (size_t)v->len + 2 + JSON_SLACK + after);
    char *p = w->p;
    *p++ = '"';
    p = json_put_escaped(p, v->str, v->len);
    *p++ = '"';
    w->p = p;
}

static void write_bytes(struct writer *w, const struct value *v, size_t after)
{
    writer_need(w, json_base64_len(v->len) + 2 + after);
    char *p = w->p;
    *p++ = '"';
    p = json_put_base64(p, v->bytes, v->len);
    *p++ = '"';
    w->p = p;
}

static char *put_finite_double(char *p, double d)
{
    bool quoted = !isfinite(d);
    *p = '"';
    p = json_put_double(p + quoted, d);
    *p = '"';
    return p + quoted;
}

static char *put_finite_float(char *p, float f)
{
    bool quoted = !isfinite(f);
    *p = '"';
    p = json_put_float(p + quoted, f);
    *p = '"';
    return p + quoted;
}

static char *put_bool(char *p, bool b)
{
    memcpy(p, b ? "true" : "fals", 4);
    p[4] = 'e';
    return p + (b ? 4 : 5);
}

static int write_array(struct writer *w, const struct op *op, const struct value *v, size_t after)
{
    const struct op *element = op->sub;
    after += element->room + 2;
    writer_need(w, after);
    *w->p++ = '[';
    for (uint32_t i = 0; i < v->len; i++) {
        writer_need(w, after);
        if (i)
            *w->p++ = ',';
        int rc = write_op(w, element, &v->items[i], after);
        if (rc)
            return rc;
    }
    *w->p++ = ']';
    return 0;
}

static int write_object(struct writer *w, const struct op *op, const struct value *v, size_t after)
{
    const struct op *key = &op->sub[0], *value = &op->sub[1];
    after += key->room + value->room + 6;
    writer_need(w, after);
    *w->p++ = '{';
    for (uint32_t i = 0; i < v->len; i++) {
        writer_need(w, after);
        if (i)
            *w->p++ = ',';
        const struct value *name = &v->items[2 * (size_t)i];
        bool quoted = name->type == VALUE_STRING || (key->null && key->null[0] == '"');
        if (!quoted) /* the name of a null key is "null" */
            *w->p++ = '"';
        int rc = write_op(w, key, name, after);
        if (rc)
            return rc;
        if (!quoted)
            *w->p++ = '"';
        *w->p++ = ':';
        rc = write_op(w, value, name + 1, after);
        if (rc)
            return rc;
    }
    *w->p++ = '}';
    return 0;
}

static int write_pairs(struct writer *w, const struct op *op, const struct value *v, size_t after)
{
    const struct op *key = &op->sub[0], *value = &op->sub[1];
    after += key->room + value->room + 6;
    writer_need(w, after);
    *w->p++ = '[';
    for (uint32_t i = 0; i < v->len; i++) {
        writer_need(w, after);
        if (i)
            *w->p++ = ',';
        *w->p++ = '[';
        int rc = write_op(w, key, &v->items[2 * (size_t)i], after);
        if (rc)
            return rc;
        *w->p++ = ',';
        rc = write_op(w, value, &v->items[2 * (size_t)i + 1], after);
        if (rc)
            return rc;
        *w->p++ = ']';
    }
    *w->p++ = ']';
    return 0;
}

/*
 * One value. `after` is the room that stays reserved behind it, for what the caller writes next: an
 * op's own `room` has been reserved by the caller, whatever is longer reserves for itself and `after`.
 */
static inline __attribute__((always_inline)) int write_op_inline(struct writer *w, const struct op *op,
                                                                 const struct value *v, size_t after)
{
    if (__builtin_expect(v->type != op->tag, 0))
        return v->type == VALUE_NULL ? write_null(w, op, after) : type_error(op, v, w->err);
    switch ((enum op_kind)op->kind) {
    case OP_INT:
        w->p = json_put_int64(w->p, v->i);
        return 0;
    case OP_STRING:
        write_string(w, v, after);
        return 0;
    case OP_BYTES:
        write_bytes(w, v, after);
        return 0;
    case OP_BOOLEAN:
        w->p = put_bool(w->p, v->b);
        return 0;
    case OP_FLOAT64:
        w->p = put_finite_double(w->p, v->f64);
        return 0;
    case OP_FLOAT32:
        w->p = put_finite_float(w->p, v->f32);
        return 0;
    case OP_DECIMAL:
        decimal_to_java_text(v->bytes, v->len, op->scale, writer_pause(w));
        writer_resume(w, after);
        return 0;
    case OP_STRUCT:
        return write_struct(w, op, v, after);
    case OP_ARRAY:
        return write_array(w, op, v, after);
    case OP_OBJECT:
        return write_object(w, op, v, after);
    case OP_PAIRS:
        return write_pairs(w, op, v, after);
    }
    return 0;
}

static int write_struct(struct writer *w, const struct op *op, const struct value *v, size_t after)
{
    if (v->len != op->n)
        return error_set(w->err, ERROR_DATA, "Mismatching schema: " PLACE_FMT " has %u fields instead of %u",
                         PLACE_ARGS(op), v->len, op->n);
    after += op->room;
    writer_need(w, after);
    *w->p++ = '{';
    const struct value *item = v->items;
    for (const struct op *f = op->sub, *end = f + op->n; f < end; f++, item++) {
        w->p = put_prefix(w->p, f->prefix, f->prefix_len);
        int rc = write_op_inline(w, f, item, after);
        if (rc)
            return rc;
    }
    *w->p++ = '}';
    return 0;
}

static int write_op(struct writer *w, const struct op *op, const struct value *v, size_t after)
{
    return write_op_inline(w, op, v, after);
}

static int write_root(const struct op *root, const struct value *v, struct buf *out, struct error *err)
{
    size_t len = out->len;
    struct writer w = {.out = out, .err = err};
    writer_resume(&w, root->room + JSON_SLACK);
    int rc = write_op(&w, root, v, JSON_SLACK);
    out->len = rc ? len : (size_t)(w.p - out->data);
    return rc;
}

int json_write_plan(const struct json_plan *plan, const struct value *value, struct buf *out, struct error *err)
{
    return write_root(&plan->root, value, out, err);
}

/* Compiling. */

static int compile(struct json_plan *plan, const struct schema *s, const char *path, int depth, struct op *ret,
                   struct error *err);

static void set_prefix(struct json_plan *plan, struct op *op, struct str name, bool first)
{
    AUTO_BUF
    text = {0};
    if (!first)
        buf_add_char(&text, ',');
    json_write_string(&text, name);
    buf_add_char(&text, ':');
    size_t padded = (text.len + PREFIX_STEP - 1) / PREFIX_STEP * PREFIX_STEP;
    char *copy = arena_zalloc(&plan->arena, padded);
    memcpy(copy, text.data, text.len);
    op->prefix = copy;
    op->prefix_len = (uint32_t)text.len;
}

static int compile_fields(struct json_plan *plan, const struct schema *s, const char *path, int depth, struct op *ret,
                          struct error *err)
{
    ret->n = s->n_fields;
    ret->sub = arena_zalloc(&plan->arena, sizeof(struct op) * s->n_fields);
    size_t room = 2 + JSON_SLACK;
    for (uint32_t i = 0; i < s->n_fields; i++) {
        const struct schema_field *f = &s->fields[i];
        const char *inner = arena_printf(&plan->arena, "%s%s" STR_FMT, path, *path ? "." : "", STR_ARG(f->name)).ptr;
        int rc = compile(plan, f->schema, inner, depth + 1, &ret->sub[i], err);
        if (rc)
            return rc;
        set_prefix(plan, &ret->sub[i], f->name, i == 0);
        room += ret->sub[i].prefix_len + ret->sub[i].room;
    }
    ret->room = room;
    return 0;
}

static int compile_inner(struct json_plan *plan, const struct schema *s, const char *path, int depth, struct op *ret,
                         struct error *err)
{
    bool map = s->type == SCHEMA_MAP;
    ret->n = map ? 2 : 1;
    ret->sub = arena_zalloc(&plan->arena, sizeof(struct op) * ret->n);
    if (map) {
        ret->kind = s->key_schema->type == SCHEMA_STRING ? OP_OBJECT : OP_PAIRS;
        const char *key = arena_printf(&plan->arena, "%s{key}", path).ptr;
        int rc = compile(plan, s->key_schema, key, depth + 1, &ret->sub[0], err);
        if (rc)
            return rc;
    }
    const char *inner = arena_printf(&plan->arena, "%s%s", path, map ? "{value}" : "[]").ptr;
    return compile(plan, s->value_schema, inner, depth + 1, &ret->sub[ret->n - 1], err);
}

/* What kind of op a schema needs, and its room. */
static int compile_type(struct json_plan *plan, const struct schema *s, const char *path, int depth, struct op *ret,
                        struct error *err)
{
    switch ((enum schema_type)s->type) {
    case SCHEMA_INT8:
    case SCHEMA_INT16:
    case SCHEMA_INT32:
    case SCHEMA_INT64:
        ret->kind = OP_INT;
        ret->room = JSON_INT_ROOM;
        return 0;
    case SCHEMA_FLOAT32:
    case SCHEMA_FLOAT64:
        ret->kind = s->type == SCHEMA_FLOAT32 ? OP_FLOAT32 : OP_FLOAT64;
        ret->room = JSON_DOUBLE_ROOM;
        return 0;
    case SCHEMA_BOOLEAN:
        ret->kind = OP_BOOLEAN;
        ret->room = sizeof "false";
        return 0;
    case SCHEMA_STRING:
        ret->kind = OP_STRING;
        return 0;
    case SCHEMA_BYTES:
        ret->kind =
            s->logical == LOGICAL_DECIMAL && plan->options.decimal == JSON_DECIMAL_NUMERIC ? OP_DECIMAL : OP_BYTES;
        ret->scale = s->scale;
        return 0;
    case SCHEMA_ARRAY:
        ret->kind = OP_ARRAY;
        return compile_inner(plan, s, path, depth, ret, err);
    case SCHEMA_MAP:
        return compile_inner(plan, s, path, depth, ret, err);
    case SCHEMA_STRUCT:
        ret->kind = OP_STRUCT;
        return compile_fields(plan, s, path, depth, ret, err);
    }
    return error_set(err, ERROR_INVALID_SCHEMA, "Couldn't translate unsupported schema type %u", s->type);
}

/* A null: the default, or null, or an error. */
static int compile_null(struct json_plan *plan, const struct schema *s, struct op *op, struct error *err)
{
    struct str text = STR("null");
    AUTO_BUF
    fallback = {0};
    if (s->has_default && !value_is_null(&s->default_value) && !plan->options.keep_nulls) {
        int rc = write_root(op, &s->default_value, &fallback, err);
        if (rc)
            return error_context(err, "default value");
        text = buf_str(&fallback);
    } else if (!s->optional) {
        return 0;
    }
    op->null = arena_str(&plan->arena, text).ptr;
    op->null_len = (uint32_t)text.len;
    return 0;
}

static int compile(struct json_plan *plan, const struct schema *s, const char *path, int depth, struct op *ret,
                   struct error *err)
{
    if (depth > JSON_MAX_DEPTH)
        return error_set(err, ERROR_INVALID_SCHEMA, "schema is nested deeper than %d levels", JSON_MAX_DEPTH);
    ret->tag = s->type;
    ret->path = path;
    int rc = compile_type(plan, s, path, depth, ret, err);
    if (rc == 0)
        rc = compile_null(plan, s, ret, err);
    return rc;
}

int json_plan_new(const struct schema *schema, const struct json_options *options, struct json_plan **ret,
                  struct error *err)
{
    struct json_plan *plan = mem_new(struct json_plan);
    plan->options = *options;
    int rc = compile(plan, schema, "", 0, &plan->root, err);
    if (rc) {
        json_plan_free(plan);
        return rc;
    }
    *ret = plan;
    return 0;
}

void json_plan_free(struct json_plan *plan)
{
    if (!plan)
        return;
    arena_free(&plan->arena);
    mem_free_ptr(&plan);
}
