/* The text of a schema as org.apache.avro.Schema.toString writes it: attributes in its order, a named type once, then
 * by name, a namespace where it differs from the enclosing one. */
#include "wire/avro_node.h"
#include "wire/json.h"

struct text {
    struct buf *out;
    struct str space; /* the enclosing namespace */
    bool *written;    /* by node index */
};

static void write_key(struct text *t, const char *key)
{
    buf_printf(t->out, "\"%s\":", key);
}

static void write_value(struct text *t, const struct value *v)
{
    json_write_value(v, t->out, NULL);
}

static void write_attribute(struct text *t, const char *key, struct str s)
{
    if (!s.ptr)
        return;
    buf_add_char(t->out, ',');
    write_key(t, key);
    json_write_string(t->out, s);
}

static void write_json_attribute(struct text *t, const char *key, const struct value *v)
{
    if (v->type == VALUE_NULL)
        return;
    buf_add_char(t->out, ',');
    write_key(t, key);
    write_value(t, v);
}

static void write_props(struct text *t, const struct avro_props *props)
{
    for (uint32_t i = 0; i < props->n; i++) {
        buf_add_char(t->out, ',');
        json_write_string(t->out, props->items[i].key);
        buf_add_char(t->out, ':');
        write_value(t, &props->items[i].value);
    }
}

static void write_node(struct text *t, const struct avro_node *n);

static void write_name(struct text *t, const struct avro_node *n)
{
    write_attribute(t, "name", n->name);
    if (!str_equal(n->space, t->space))
        write_attribute(t, "namespace", n->space.ptr ? n->space : STR(""));
    write_attribute(t, "doc", n->doc);
}

static void write_field(struct text *t, const struct avro_field *f)
{
    buf_add_literal(t->out, "{\"name\":");
    json_write_string(t->out, f->name);
    buf_add_literal(t->out, ",\"type\":");
    write_node(t, f->type);
    write_attribute(t, "doc", f->doc);
    if (f->has_default) {
        buf_add_literal(t->out, ",\"default\":");
        write_value(t, &f->default_value);
    }
    write_attribute(t, "order", f->order);
    write_json_attribute(t, "aliases", &f->aliases);
    write_props(t, &f->props);
    buf_add_char(t->out, '}');
}

static void write_record(struct text *t, const struct avro_node *n)
{
    write_name(t, n);
    struct str outer = t->space;
    t->space = n->space;
    buf_add_literal(t->out, ",\"fields\":[");
    for (uint32_t i = 0; i < n->n; i++) {
        if (i)
            buf_add_char(t->out, ',');
        write_field(t, &n->fields[i]);
    }
    buf_add_char(t->out, ']');
    t->space = outer;
}

static void write_enum(struct text *t, const struct avro_node *n)
{
    write_name(t, n);
    buf_add_literal(t->out, ",\"symbols\":[");
    for (uint32_t i = 0; i < n->n; i++) {
        if (i)
            buf_add_char(t->out, ',');
        json_write_string(t->out, n->symbols[i]);
    }
    buf_add_char(t->out, ']');
    write_json_attribute(t, "default", &n->enum_default);
}

static void write_union(struct text *t, const struct avro_node *n)
{
    buf_add_char(t->out, '[');
    for (uint32_t i = 0; i < n->n; i++) {
        if (i)
            buf_add_char(t->out, ',');
        write_node(t, n->branches[i]);
    }
    buf_add_char(t->out, ']');
}

/* Of a type that is in the namespace, or has none, the plain name; for the parser both mean the same. */
static void write_reference(struct text *t, const struct avro_node *n)
{
    bool plain = !n->space.ptr || (str_equal(n->space, t->space) && !avro_name_is_primitive(n->name));
    json_write_string(t->out, plain ? n->name : n->full);
}

static void write_node(struct text *t, const struct avro_node *n)
{
    if (n->type == AVRO_UNION) {
        write_union(t, n);
        return;
    }
    if (n->full.ptr && t->written[n->index]) {
        write_reference(t, n);
        return;
    }
    t->written[n->index] = true;
    const char *type = n->is_error ? "error" : avro_type_names[n->type];
    if (n->type < AVRO_N_PRIMITIVES && !n->props.n) {
        buf_printf(t->out, "\"%s\"", type);
        return;
    }
    buf_printf(t->out, "{\"type\":\"%s\"", type);
    if (n->type == AVRO_RECORD) {
        write_record(t, n);
    } else if (n->type == AVRO_ENUM) {
        write_enum(t, n);
    } else if (n->type == AVRO_FIXED) {
        write_name(t, n);
        buf_printf(t->out, ",\"size\":%u", n->size);
    } else if (n->type == AVRO_ARRAY || n->type == AVRO_MAP) {
        buf_add_char(t->out, ',');
        write_key(t, n->type == AVRO_ARRAY ? "items" : "values");
        write_node(t, n->items);
    }
    write_props(t, &n->props);
    if (n->full.ptr)
        write_json_attribute(t, "aliases", &n->aliases);
    buf_add_char(t->out, '}');
}

void avro_schema_text(const struct avro_schema *s, struct buf *out)
{
    struct text t = {.out = out, .written = mem_new_array(bool, s->nodes.len)};
    write_node(&t, s->root);
    free(t.written);
}
