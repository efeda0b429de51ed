/* Avro's JSON encoding (org.apache.avro.io.JsonEncoder). */
#include "wire/avro_cursor.h"
#include "wire/avro_node.h"
#include "wire/json.h"

struct printer {
    struct avro_cursor in;
    struct buf *out, *scratch;
};

static bool print_value(struct printer *p, const struct avro_node *n);

/* Bytes as the characters of ISO-8859-1, in UTF-8. */
static void print_bytes(struct printer *p, struct str bytes)
{
    buf_clear(p->scratch);
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        if (c >= 0x80)
            buf_add_char(p->scratch, (char)(0xc0 | c >> 6));
        buf_add_char(p->scratch, (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
    }
    json_write_string(p->out, buf_str(p->scratch));
}

static bool print_record(struct printer *p, const struct avro_node *n)
{
    buf_add_char(p->out, '{');
    for (uint32_t i = 0; i < n->n; i++) {
        if (i)
            buf_add_char(p->out, ',');
        json_write_string(p->out, n->fields[i].name);
        buf_add_char(p->out, ':');
        if (!print_value(p, n->fields[i].type))
            return error_context(p->in.err, "field \"" STR_FMT "\"", STR_ARG(n->fields[i].name)), false;
    }
    buf_add_char(p->out, '}');
    return true;
}

static bool print_blocks(struct printer *p, const struct avro_node *n)
{
    bool is_map = n->type == AVRO_MAP, first = true;
    buf_add_char(p->out, is_map ? '{' : '[');
    for (uint64_t left;;) {
        if (!avro_cursor_block(&p->in, &left))
            return false;
        if (!left)
            break;
        for (; left; left--) {
            if (!first)
                buf_add_char(p->out, ',');
            first = false;
            struct str key;
            if (is_map) {
                if (!avro_cursor_string(&p->in, true, &key))
                    return false;
                json_write_string(p->out, key);
                buf_add_char(p->out, ':');
            }
            if (!print_value(p, n->items))
                return false;
        }
    }
    buf_add_char(p->out, is_map ? '}' : ']');
    return true;
}

static bool print_union(struct printer *p, const struct avro_node *n)
{
    uint32_t branch;
    if (!avro_cursor_index(&p->in, n->n, "branch", &branch))
        return false;
    const struct avro_node *b = n->branches[branch];
    if (b->type == AVRO_NULL)
        return print_value(p, b);
    buf_add_char(p->out, '{');
    json_write_string(p->out, avro_node_label(b));
    buf_add_char(p->out, ':');
    if (!print_value(p, b))
        return false;
    buf_add_char(p->out, '}');
    return true;
}

static bool print_scalar(struct printer *p, const struct avro_node *n)
{
    struct str s;
    int64_t l;
    int32_t i;
    uint32_t symbol;
    double d;
    float f;
    bool b;
    switch ((enum avro_type)n->type) {
    case AVRO_BOOLEAN:
        if (!avro_cursor_boolean(&p->in, &b))
            return false;
        buf_add_cstr(p->out, b ? "true" : "false");
        return true;
    case AVRO_INT:
        if (!avro_cursor_int(&p->in, &i))
            return false;
        buf_add_int64(p->out, i);
        return true;
    case AVRO_LONG:
        if (!avro_cursor_long(&p->in, &l))
            return false;
        buf_add_int64(p->out, l);
        return true;
    case AVRO_FLOAT:
        if (!avro_cursor_float(&p->in, &f))
            return false;
        json_write_float(p->out, f);
        return true;
    case AVRO_DOUBLE:
        if (!avro_cursor_double(&p->in, &d))
            return false;
        json_write_double(p->out, d);
        return true;
    case AVRO_STRING:
        if (!avro_cursor_string(&p->in, true, &s))
            return false;
        json_write_string(p->out, s);
        return true;
    case AVRO_BYTES:
        if (!avro_cursor_string(&p->in, false, &s))
            return false;
        print_bytes(p, s);
        return true;
    case AVRO_FIXED:
        if (!avro_cursor_bytes(&p->in, n->size, &s))
            return false;
        print_bytes(p, s);
        return true;
    case AVRO_ENUM:
        if (!avro_cursor_index(&p->in, n->n, "symbol", &symbol))
            return false;
        json_write_string(p->out, n->symbols[symbol]);
        return true;
    default:
        buf_add_literal(p->out, "null");
        return true;
    }
}

static bool print_value(struct printer *p, const struct avro_node *n)
{
    if (!avro_cursor_enter(&p->in))
        return false;
    bool ok;
    if (n->type == AVRO_RECORD)
        ok = print_record(p, n);
    else if (n->type == AVRO_ARRAY || n->type == AVRO_MAP)
        ok = print_blocks(p, n);
    else if (n->type == AVRO_UNION)
        ok = print_union(p, n);
    else
        ok = print_scalar(p, n);
    avro_cursor_leave(&p->in);
    return ok;
}

int avro_to_json(const struct avro_schema *s, struct str bytes, struct buf *out, struct error *err)
{
    struct buf scratch = {0};
    struct printer p = {.out = out, .scratch = &scratch};
    avro_cursor_init(&p.in, bytes, err);
    size_t start = out->len;
    bool ok = print_value(&p, s->root);
    if (ok && p.in.p != p.in.end)
        ok = avro_cursor_fail(&p.in, "%zu bytes are left over; the schema is not the one they were written with",
                              (size_t)(p.in.end - p.in.p));
    buf_free(&scratch);
    if (!ok) {
        out->len = start;
        return ERROR_DATA;
    }
    return 0;
}
