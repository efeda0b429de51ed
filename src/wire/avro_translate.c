#include "wire/avro_translate.h"

#include "wire/avro_cursor.h"
#include "wire/avro_node.h"

#include <stdlib.h>

enum { NO_FIELD = -1 };

struct avro_translation {
    const struct avro_schema *from, *to;
    struct map records; /* two addresses -> int32_t[fields of the reader]: the writer's field, or NO_FIELD */
};

struct work {
    struct avro_translation *t;
    struct avro_cursor in;
    struct buf *out;
};

static bool translate(struct work *w, const struct avro_node *from, const struct avro_node *to);

/* --- writing --------------------------------------------------------------------------------------- */

static void put_long(struct buf *out, int64_t v)
{
    uint64_t u = (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
    for (; u >= 0x80; u >>= 7)
        buf_add_char(out, (char)(u | 0x80));
    buf_add_char(out, (char)u);
}

static void put_bits(struct buf *out, uint64_t bits, int n)
{
    for (int i = 0; i < n; i++)
        buf_add_char(out, (char)(bits >> (8 * i)));
}

static void put_float(struct buf *out, float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    put_bits(out, bits, sizeof bits);
}

static void put_double(struct buf *out, double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    put_bits(out, bits, sizeof bits);
}

static void put_string(struct buf *out, struct str s)
{
    put_long(out, (int64_t)s.len);
    buf_add_str(out, s);
}

/* --- skipping -------------------------------------------------------------------------------------- */

static bool skip(struct avro_cursor *in, const struct avro_node *n);

static bool skip_blocks(struct avro_cursor *in, const struct avro_node *n)
{
    struct str key;
    for (uint64_t left;;) {
        if (!avro_cursor_block(in, &left))
            return false;
        if (!left)
            return true;
        for (; left; left--)
            if ((n->type == AVRO_MAP && !avro_cursor_string(in, false, &key)) || !skip(in, n->items))
                return false;
    }
}

static bool skip_inner(struct avro_cursor *in, const struct avro_node *n)
{
    struct str s;
    int64_t number;
    uint32_t branch;
    switch ((enum avro_type)n->type) {
    case AVRO_NULL:
        return true;
    case AVRO_BOOLEAN:
        return avro_cursor_bytes(in, 1, &s);
    case AVRO_INT:
    case AVRO_LONG:
    case AVRO_ENUM:
        return avro_cursor_long(in, &number);
    case AVRO_FLOAT:
        return avro_cursor_bytes(in, sizeof(float), &s);
    case AVRO_DOUBLE:
        return avro_cursor_bytes(in, sizeof(double), &s);
    case AVRO_BYTES:
    case AVRO_STRING:
        return avro_cursor_string(in, false, &s);
    case AVRO_FIXED:
        return avro_cursor_bytes(in, n->size, &s);
    case AVRO_RECORD:
        for (uint32_t i = 0; i < n->n; i++)
            if (!skip(in, n->fields[i].type))
                return false;
        return true;
    case AVRO_ARRAY:
    case AVRO_MAP:
        return skip_blocks(in, n);
    case AVRO_UNION:
        return avro_cursor_index(in, n->n, "branch", &branch) && skip(in, n->branches[branch]);
    }
    return false;
}

static bool skip(struct avro_cursor *in, const struct avro_node *n)
{
    if (!avro_cursor_enter(in))
        return false;
    bool ok = skip_inner(in, n);
    avro_cursor_leave(in);
    return ok;
}

/* --- defaults -------------------------------------------------------------------------------------- */

static bool put_default(struct work *w, const struct avro_node *n, const struct value *json);

/* The default of bytes is text of ISO-8859-1. */
static bool put_latin1(struct work *w, const struct avro_node *n, struct str text)
{
    AUTO_BUF bytes = {0};
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c >= 0xc2 && c <= 0xc3 && i + 1 < text.len)
            c = (unsigned char)(c << 6 | ((unsigned char)text.ptr[++i] & 0x3f));
        else if (c >= 0x80)
            return avro_cursor_fail(&w->in, "the default of bytes has a character beyond U+00FF");
        buf_add_char(&bytes, (char)c);
    }
    if (n->type == AVRO_FIXED && bytes.len != n->size)
        return avro_cursor_fail(&w->in, "the default has %zu bytes, not %u", bytes.len, n->size);
    if (n->type == AVRO_BYTES)
        put_long(w->out, (int64_t)bytes.len);
    buf_add_str(w->out, buf_str(&bytes));
    return true;
}

static bool put_default_union(struct work *w, const struct avro_node *n, const struct value *json)
{
    for (uint32_t i = 0; i < n->n; i++) {
        if (!avro_default_ok(n->branches[i], json))
            continue;
        put_long(w->out, i);
        return put_default(w, n->branches[i], json);
    }
    return avro_cursor_fail(&w->in, "the default fits no type of the union");
}

static bool put_default_items(struct work *w, const struct avro_node *n, const struct value *json)
{
    uint32_t width = n->type == AVRO_MAP ? 2 : 1;
    if (json->len)
        put_long(w->out, json->len);
    for (uint32_t i = 0; i < json->len; i++) {
        if (width == 2)
            put_string(w->out, value_as_str(&json->items[2 * i]));
        if (!put_default(w, n->items, &json->items[width * i + width - 1]))
            return false;
    }
    put_long(w->out, 0);
    return true;
}

static bool put_default_record(struct work *w, const struct avro_node *n, const struct value *json)
{
    for (uint32_t i = 0; i < n->n; i++) {
        const struct value *item = value_map_get(json, n->fields[i].name);
        if (!item && n->fields[i].has_default)
            item = &n->fields[i].default_value;
        if (!item)
            return avro_cursor_fail(&w->in, "the default has no \"" STR_FMT "\"", STR_ARG(n->fields[i].name));
        if (!put_default(w, n->fields[i].type, item))
            return false;
    }
    return true;
}

static bool put_default_enum(struct work *w, const struct avro_node *n, struct str symbol)
{
    for (uint32_t i = 0; i < n->n; i++) {
        if (str_equal(n->symbols[i], symbol)) {
            put_long(w->out, i);
            return true;
        }
    }
    return avro_cursor_fail(&w->in, "\"" STR_FMT "\" is no symbol of \"" STR_FMT "\"", STR_ARG(symbol),
                            STR_ARG(n->full));
}

static double number_of(const struct value *json)
{
    return json->type == VALUE_FLOAT64 ? json->f64 : json->type == VALUE_FLOAT32 ? (double)json->f32 : (double)json->i;
}

static bool put_fitting(struct work *w, const struct avro_node *n, const struct value *json)
{
    switch ((enum avro_type)n->type) {
    case AVRO_NULL:
        return true;
    case AVRO_BOOLEAN:
        buf_add_char(w->out, json->b);
        return true;
    case AVRO_INT:
    case AVRO_LONG:
        put_long(w->out, json->i);
        return true;
    case AVRO_FLOAT:
        put_float(w->out, (float)number_of(json));
        return true;
    case AVRO_DOUBLE:
        put_double(w->out, number_of(json));
        return true;
    case AVRO_STRING:
        put_string(w->out, value_as_str(json));
        return true;
    case AVRO_BYTES:
    case AVRO_FIXED:
        return put_latin1(w, n, value_as_str(json));
    case AVRO_ENUM:
        return put_default_enum(w, n, value_as_str(json));
    case AVRO_RECORD:
        return put_default_record(w, n, json);
    case AVRO_ARRAY:
    case AVRO_MAP:
        return put_default_items(w, n, json);
    case AVRO_UNION:
        return put_default_union(w, n, json);
    }
    return false;
}

static bool put_default(struct work *w, const struct avro_node *n, const struct value *json)
{
    if (!avro_cursor_enter(&w->in))
        return false;
    bool ok = avro_default_ok(n, json) || n->type == AVRO_UNION
                  ? put_fitting(w, n, json)
                  : avro_cursor_fail(&w->in, "the default does not fit the type %s", avro_type_names[n->type]);
    avro_cursor_leave(&w->in);
    return ok;
}

/* --- records --------------------------------------------------------------------------------------- */

static int32_t find_field(const struct avro_node *from, const struct avro_field *field)
{
    for (uint32_t i = 0; i < from->n; i++)
        if (str_equal(from->fields[i].name, field->name))
            return (int32_t)i;
    for (uint32_t k = 0; field->aliases.type == VALUE_ARRAY && k < field->aliases.len; k++)
        for (uint32_t i = 0; i < from->n; i++)
            if (str_equal(from->fields[i].name, value_as_str(&field->aliases.items[k])))
                return (int32_t)i;
    return NO_FIELD;
}

static const int32_t *field_map(struct work *w, const struct avro_node *from, const struct avro_node *to)
{
    const struct avro_node *pair[] = {from, to};
    struct str key = str_of(pair, sizeof pair);
    int32_t *fields = map_get(&w->t->records, key);
    if (!fields) {
        fields = mem_new_array(int32_t, to->n + 1);
        for (uint32_t i = 0; i < to->n; i++)
            fields[i] = find_field(from, &to->fields[i]);
        map_put(&w->t->records, key, fields);
    }
    return fields;
}

static bool put_field(struct work *w, const struct avro_node *from, const struct avro_field *field, int32_t at,
                      const uint8_t *const *begins)
{
    bool ok;
    if (at == NO_FIELD) {
        ok = field->has_default ? put_default(w, field->type, &field->default_value)
                                : avro_cursor_fail(&w->in, "the data has no such field, and it has no default");
    } else {
        w->in.p = begins[at];
        ok = translate(w, from->fields[at].type, field->type);
    }
    return ok || (error_context(w->in.err, "field \"" STR_FMT "\"", STR_ARG(field->name)), false);
}

/* Where each field begins is found first, for the fields are written in the other schema's order. */
static bool translate_record(struct work *w, const struct avro_node *from, const struct avro_node *to)
{
    const int32_t *fields = field_map(w, from, to);
    AUTO_FREE const uint8_t **begins = mem_new_array(const uint8_t *, from->n + 1);
    for (uint32_t i = 0; i < from->n; i++) {
        begins[i] = w->in.p;
        if (!skip(&w->in, from->fields[i].type))
            return false;
    }
    const uint8_t *end = w->in.p;
    for (uint32_t i = 0; i < to->n; i++)
        if (!put_field(w, from, &to->fields[i], fields[i], begins))
            return false;
    w->in.p = end;
    return true;
}

/* --- unions ---------------------------------------------------------------------------------------- */

static bool is_named(const struct avro_node *n)
{
    return n->type == AVRO_RECORD || n->type == AVRO_ENUM || n->type == AVRO_FIXED;
}

static bool has_alias(const struct avro_node *n, struct str full)
{
    for (uint32_t i = 0; n->aliases.type == VALUE_ARRAY && i < n->aliases.len; i++) {
        struct str alias = value_as_str(&n->aliases.items[i]), space;
        struct str name = avro_name_split(full, &space);
        if (str_equal(alias, full) || (str_equal(alias, name) && str_equal(n->space, space)))
            return true;
    }
    return false;
}

static bool is_wider(enum avro_type to, enum avro_type from)
{
    if (to == AVRO_BYTES || to == AVRO_STRING)
        return from == AVRO_BYTES || from == AVRO_STRING;
    return from >= AVRO_INT && to <= AVRO_DOUBLE && from < to;
}

/* How well a branch suits: 3 the same, 2 another name for it, 1 wider, 0 not. */
static int suits(const struct avro_node *from, const struct avro_node *to)
{
    if (from->type != to->type)
        return is_wider((enum avro_type)to->type, (enum avro_type)from->type);
    if (!is_named(to) || str_equal(from->full, to->full))
        return 3;
    return str_equal(from->name, to->name) || has_alias(to, from->full) ? 2 : 0;
}

static bool translate_to_union(struct work *w, const struct avro_node *from, const struct avro_node *to)
{
    uint32_t best = 0;
    int score = 0;
    for (uint32_t i = 0; i < to->n; i++) {
        int own = suits(from, to->branches[i]);
        if (own > score) {
            score = own;
            best = i;
        }
    }
    if (score == 0)
        return avro_cursor_fail(&w->in, "the union has no type for %s", avro_type_names[from->type]);
    put_long(w->out, best);
    return translate(w, from, to->branches[best]);
}

/* --- other types ----------------------------------------------------------------------------------- */

/* Blocks are written with the item counts that they had. */
static bool translate_blocks(struct work *w, const struct avro_node *from, const struct avro_node *to)
{
    struct str key;
    for (uint64_t left;;) {
        if (!avro_cursor_block(&w->in, &left))
            return false;
        put_long(w->out, (int64_t)left);
        if (!left)
            return true;
        for (; left; left--) {
            if (from->type == AVRO_MAP) {
                if (!avro_cursor_string(&w->in, true, &key))
                    return false;
                put_string(w->out, key);
            }
            if (!translate(w, from->items, to->items))
                return false;
        }
    }
}

static bool translate_enum(struct work *w, const struct avro_node *from, const struct avro_node *to)
{
    uint32_t symbol;
    if (!avro_cursor_index(&w->in, from->n, "symbol", &symbol))
        return false;
    for (uint32_t i = 0; i < to->n; i++) {
        if (str_equal(to->symbols[i], from->symbols[symbol])) {
            put_long(w->out, i);
            return true;
        }
    }
    return put_default_enum(
        w, to, to->enum_default.type == VALUE_STRING ? value_as_str(&to->enum_default) : from->symbols[symbol]);
}

static bool read_whole(struct work *w, const struct avro_node *from, int64_t *ret)
{
    int32_t narrow;
    if (from->type == AVRO_LONG)
        return avro_cursor_long(&w->in, ret);
    if (!avro_cursor_int(&w->in, &narrow))
        return false;
    *ret = narrow;
    return true;
}

static bool read_number(struct work *w, const struct avro_node *from, double *ret)
{
    int64_t whole;
    float narrow;
    if (from->type == AVRO_DOUBLE)
        return avro_cursor_double(&w->in, ret);
    if (from->type == AVRO_FLOAT) {
        if (!avro_cursor_float(&w->in, &narrow))
            return false;
        *ret = (double)narrow;
        return true;
    }
    if (!read_whole(w, from, &whole))
        return false;
    *ret = (double)whole;
    return true;
}

static bool translate_number(struct work *w, const struct avro_node *from, const struct avro_node *to)
{
    double number;
    int64_t whole;
    if (to->type == AVRO_LONG || to->type == AVRO_INT) {
        if (!read_whole(w, from, &whole))
            return false;
        put_long(w->out, whole);
    } else if (to->type == AVRO_FLOAT && from->type <= AVRO_LONG) {
        if (!read_whole(w, from, &whole))
            return false;
        put_float(w->out, (float)whole);
    } else {
        if (!read_number(w, from, &number))
            return false;
        if (to->type == AVRO_FLOAT)
            put_float(w->out, (float)number);
        else
            put_double(w->out, number);
    }
    return true;
}

static bool translate_bytes(struct work *w, const struct avro_node *from, const struct avro_node *to)
{
    struct str s;
    if (from->type == AVRO_FIXED) {
        if (!avro_cursor_bytes(&w->in, from->size, &s))
            return false;
        buf_add_str(w->out, s);
        return true;
    }
    if (!avro_cursor_string(&w->in, to->type == AVRO_STRING, &s))
        return false;
    put_string(w->out, s);
    return true;
}

static bool translate_inner(struct work *w, const struct avro_node *from, const struct avro_node *to)
{
    uint32_t branch;
    bool flag;
    if (from->type == AVRO_UNION)
        return avro_cursor_index(&w->in, from->n, "branch", &branch) && translate(w, from->branches[branch], to);
    if (to->type == AVRO_UNION)
        return translate_to_union(w, from, to);
    if (from->type != to->type && !is_wider((enum avro_type)to->type, (enum avro_type)from->type))
        return avro_cursor_fail(&w->in, "%s where the schema says %s", avro_type_names[from->type],
                                avro_type_names[to->type]);
    switch ((enum avro_type)to->type) {
    case AVRO_NULL:
        return true;
    case AVRO_BOOLEAN:
        if (!avro_cursor_boolean(&w->in, &flag))
            return false;
        buf_add_char(w->out, flag);
        return true;
    case AVRO_INT:
    case AVRO_LONG:
    case AVRO_FLOAT:
    case AVRO_DOUBLE:
        return translate_number(w, from, to);
    case AVRO_FIXED:
        if (from->size != to->size)
            return avro_cursor_fail(&w->in, "%u bytes where the schema says %u", from->size, to->size);
        return translate_bytes(w, from, to);
    case AVRO_BYTES:
    case AVRO_STRING:
        return translate_bytes(w, from, to);
    case AVRO_RECORD:
        return translate_record(w, from, to);
    case AVRO_ENUM:
        return translate_enum(w, from, to);
    case AVRO_ARRAY:
    case AVRO_MAP:
        return translate_blocks(w, from, to);
    default:
        return false;
    }
}

static bool translate(struct work *w, const struct avro_node *from, const struct avro_node *to)
{
    if (!avro_cursor_enter(&w->in))
        return false;
    bool ok = translate_inner(w, from, to);
    avro_cursor_leave(&w->in);
    return ok;
}

/* --- the whole ------------------------------------------------------------------------------------- */

struct avro_translation *avro_translation_new(const struct avro_schema *from, const struct avro_schema *to)
{
    struct avro_translation *t = mem_new(struct avro_translation);
    t->from = from;
    t->to = to;
    return t;
}

void avro_translation_free(struct avro_translation *t)
{
    if (!t)
        return;
    map_free(&t->records, free);
    free(t);
}

int avro_translate(struct avro_translation *t, struct str bytes, struct buf *out, struct error *err)
{
    struct work w = {.t = t, .out = out};
    size_t before = out->len;
    avro_cursor_init(&w.in, bytes, err);
    /* A record's bytes are looked at once a level of nesting and once more. */
    w.in.budget *= AVRO_MAX_DEPTH;
    bool ok = translate(&w, t->from->root, t->to->root);
    if (ok && w.in.p != w.in.end)
        ok = avro_cursor_fail(&w.in, "%zu bytes are left over", (size_t)(w.in.end - w.in.p));
    if (!ok)
        out->len = before;
    return ok ? 0 : ERROR_DATA;
}
