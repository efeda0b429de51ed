/* AvroData.toConnectSchema: the Connect schema that an Avro schema stands for. */
#include "wire/avro_node.h"

#include <stdio.h>

/* How a type is used: what the field, or the union around it, adds. */
struct use {
    bool optional;
    const struct avro_field *field; /* whose type (or optional type) it is; NULL elsewhere */
    bool first;                     /* the field's default is one of this type */
};

struct convert {
    const struct schema **records; /* by node index: what is done already, without what a use adds */
    bool *open;                    /* by node index: being converted, so met again it contains itself */
    struct error *err;
};

static int convert(struct convert *c, const struct avro_node *n, const struct use *use, const struct schema **ret);

static int fail_name(const struct convert *c, const char *what, struct str is, struct str should)
{
    return error_set(c->err, ERROR_INVALID_SCHEMA,
                     "Avro schema: connect.%s \"" STR_FMT "\" contradicts \"" STR_FMT "\"", what, STR_ARG(is),
                     STR_ARG(should));
}

/* --- types ---------------------------------------------------------------------------------------- */

static int add_fields(struct convert *c, const struct avro_node *n, struct schema *s)
{
    for (uint32_t i = 0; i < n->n; i++) {
        const struct avro_field *f = &n->fields[i];
        const struct schema *field;
        int rc = convert(c, f->type, &(struct use){.field = f, .first = true}, &field);
        if (rc)
            return error_context(c->err, "field \"" STR_FMT "\"", STR_ARG(f->name));
        schema_add_field(s, f->name, field);
        schema_unref(field);
    }
    return 0;
}

/* The last part of the name of a named type, else the type. */
static struct str branch_name(const struct avro_node *n)
{
    return n->full.ptr ? n->name : str_from(avro_type_names[n->type]);
}

static int add_branches(struct convert *c, const struct avro_node *n, struct schema *s)
{
    schema_set_name(s, STR(AVRO_UNION_NAME), SCHEMA_NO_VERSION);
    for (uint32_t i = 0; i < n->n; i++) {
        const struct avro_node *branch = n->branches[i];
        if (branch->type == AVRO_NULL) {
            schema_set_optional(s);
            continue;
        }
        if (schema_field_index(s, branch_name(branch)) >= 0)
            return error_set(c->err, ERROR_INVALID_SCHEMA,
                             "Avro schema: two types of a union are named \"" STR_FMT "\", and in Connect its fields",
                             STR_ARG(branch_name(branch)));
        const struct schema *field;
        int rc = convert(c, branch, &(struct use){.optional = true}, &field);
        if (rc)
            return rc;
        schema_add_field(s, branch_name(branch), field);
        schema_unref(field);
    }
    return 0;
}

static int new_array(struct convert *c, const struct avro_node *n, struct schema **ret)
{
    const struct schema *element;
    int rc = convert(c, n->items, &(struct use){0}, &element);
    if (rc)
        return rc;
    *ret = schema_new_array(element);
    schema_unref(element);
    return 0;
}

static int new_map(struct convert *c, const struct avro_node *n, struct schema **ret)
{
    const struct schema *key = NULL, *value = NULL;
    int rc = 0;
    if (n->type == AVRO_MAP)
        key = schema_new(SCHEMA_STRING);
    else
        rc = convert(c, n->items->fields[0].type, &(struct use){0}, &key);
    if (!rc)
        rc = convert(c, n->type == AVRO_MAP ? n->items : n->items->fields[1].type, &(struct use){0}, &value);
    if (!rc)
        *ret = schema_new_map(key, value);
    schema_unref(key);
    schema_unref(value);
    return rc;
}

static struct schema *new_enum(const struct avro_node *n)
{
    struct schema *s = schema_new(SCHEMA_STRING);
    if (n->doc.ptr)
        schema_add_param(s, STR(AVRO_ENUM_DOC_PARAM), n->doc);
    schema_add_param(s, STR(AVRO_ENUM_PARAM), n->full);
    struct buf key = {0};
    for (uint32_t i = 0; i < n->n; i++) {
        buf_clear(&key);
        buf_printf(&key, AVRO_ENUM_PARAM "." STR_FMT, STR_ARG(n->symbols[i]));
        schema_add_param(s, buf_str(&key), n->symbols[i]);
    }
    buf_free(&key);
    return s;
}

static bool has_logical(const struct avro_node *n, const char *name)
{
    return str_is_nocase(avro_prop_str(&n->props, "logicalType"), name);
}

static struct schema *new_bytes(const struct avro_node *n)
{
    struct schema *s;
    if (has_logical(n, "decimal")) {
        int64_t scale = 0, precision = AVRO_DEFAULT_PRECISION;
        avro_prop_int(&n->props, "scale", &scale);
        avro_prop_int(&n->props, "precision", &precision);
        if (scale != (int32_t)scale || precision != (int32_t)precision)
            scale = precision = 0;
        s = schema_new_decimal((int32_t)scale, precision != AVRO_DEFAULT_PRECISION ? (int32_t)precision : 0);
    } else {
        s = schema_new(SCHEMA_BYTES);
    }
    if (n->type == AVRO_FIXED) {
        char text[16];
        snprintf(text, sizeof text, "%u", n->size);
        schema_add_param(s, STR(AVRO_FIXED_SIZE_PARAM), str_from(text));
    }
    return s;
}

static struct schema *new_int(const struct avro_node *n)
{
    if (has_logical(n, "date"))
        return schema_new_date();
    if (has_logical(n, "time-millis"))
        return schema_new_time();
    return schema_new((enum schema_type)n->value);
}

static int new_schema(struct convert *c, const struct avro_node *n, struct schema **ret)
{
    switch ((enum avro_type)n->type) {
    case AVRO_NULL:
        return error_set(c->err, ERROR_INVALID_SCHEMA,
                         "Avro schema: the type null has no counterpart in Connect outside of a union");
    case AVRO_INT:
        *ret = new_int(n);
        return 0;
    case AVRO_LONG:
        *ret = has_logical(n, "timestamp-millis") ? schema_new_timestamp() : schema_new(SCHEMA_INT64);
        return 0;
    case AVRO_BYTES:
    case AVRO_FIXED:
        *ret = new_bytes(n);
        return 0;
    case AVRO_ENUM:
        *ret = new_enum(n);
        return 0;
    case AVRO_ARRAY:
        return n->is_entries ? new_map(c, n, ret) : new_array(c, n, ret);
    case AVRO_MAP:
        return new_map(c, n, ret);
    case AVRO_RECORD:
    case AVRO_UNION: {
        struct schema *s = schema_new(SCHEMA_STRUCT);
        int rc = n->type == AVRO_RECORD ? add_fields(c, n, s) : add_branches(c, n, s);
        if (rc)
            schema_unref(s);
        else
            *ret = s;
        return rc;
    }
    default:
        *ret = schema_new((enum schema_type)n->value);
        return 0;
    }
}

/* --- properties ----------------------------------------------------------------------------------- */

static int add_version(struct convert *c, const struct avro_node *n, struct schema *s)
{
    int64_t version;
    const struct value *v = avro_prop_get(&n->props, "connect.version");
    if (!v)
        return 0;
    if (!avro_prop_int(&n->props, "connect.version", &version) || version > INT32_MAX)
        return error_set(c->err, ERROR_INVALID_SCHEMA, "Avro schema: connect.version is not a version number");
    if (version < 0)
        return 0;
    if (s->version != SCHEMA_NO_VERSION && s->version != version)
        return error_set(c->err, ERROR_INVALID_SCHEMA, "Avro schema: connect.version %lld contradicts version %d of %s",
                         (long long)version, s->version, s->name.ptr);
    schema_set_version(s, (int32_t)version);
    return 0;
}

static int add_params(struct convert *c, const struct avro_node *n, struct schema *s)
{
    if (n->doc.ptr)
        schema_add_param(s, STR(AVRO_RECORD_DOC_PARAM), n->doc);
    const struct value *params = avro_prop_get(&n->props, "connect.parameters");
    if (params && params->type != VALUE_MAP)
        return error_set(c->err, ERROR_INVALID_SCHEMA, "Avro schema: connect.parameters is not an object");
    for (uint32_t i = 0; params && i < params->len; i++) {
        const struct value *key = &params->items[2 * i], *v = &params->items[2 * i + 1];
        if (v->type != VALUE_STRING)
            return error_set(c->err, ERROR_INVALID_SCHEMA,
                             "Avro schema: connect.parameters: \"" STR_FMT "\" is no text", STR_ARG(value_as_str(key)));
        schema_add_param(s, value_as_str(key), value_as_str(v));
    }
    for (uint32_t i = 0; i < n->props.n; i++) {
        const struct avro_prop *p = &n->props.items[i];
        if (str_starts(p->key, AVRO_PASSED_PREFIX) && p->value.type == VALUE_STRING)
            schema_add_param(s, p->key, value_as_str(&p->value));
    }
    return 0;
}

static int add_name(struct convert *c, const struct avro_node *n, struct schema *s)
{
    struct str name = STR_NULL;
    const struct value *v = avro_prop_get(&n->props, "connect.name");
    if (v && v->type != VALUE_STRING)
        return error_set(c->err, ERROR_INVALID_SCHEMA, "Avro schema: connect.name is no text");
    if (v)
        name = value_as_str(v);
    else if (n->type == AVRO_RECORD || n->type == AVRO_ENUM || (n->type == AVRO_FIXED && s->logical != LOGICAL_DECIMAL))
        name = n->full;
    if (!name.ptr || str_starts(name, AVRO_CONNECT_NAMESPACE "." AVRO_DEFAULT_NAME))
        return 0;
    if (s->name.ptr)
        return str_equal(s->name, name) ? 0 : fail_name(c, "name", name, s->name);
    schema_set_name(s, name, s->version);
    return 0;
}

static int new_base(struct convert *c, const struct avro_node *n, struct schema **ret)
{
    struct schema *s;
    int rc = new_schema(c, n, &s);
    if (rc)
        return rc;
    rc = add_version(c, n, s);
    if (!rc)
        rc = add_params(c, n, s);
    if (!rc)
        rc = add_name(c, n, s);
    if (rc) {
        schema_unref(s);
        return rc;
    }
    *ret = s;
    return 0;
}

/* Records may be met many times, and each time they are the same but for what the use adds. */
static int copy_record(struct convert *c, const struct avro_node *n, struct schema **ret)
{
    if (!c->records[n->index]) {
        if (c->open[n->index])
            return error_set(c->err, ERROR_UNSUPPORTED,
                             "Avro schema: record \"" STR_FMT "\" contains itself, which Connect schemas here cannot",
                             STR_ARG(n->full));
        struct schema *s;
        c->open[n->index] = true;
        int rc = new_base(c, n, &s);
        c->open[n->index] = false;
        if (rc)
            return rc;
        c->records[n->index] = s;
    }
    *ret = schema_copy(c->records[n->index]);
    return 0;
}

/* A field's default is that of its type; a default of optional data stands in connect.default, as a union of null and
 * the type can have no other default than null. */
static void add_default(const struct avro_node *n, const struct use *use, struct schema *s)
{
    const struct value *connect = avro_prop_get(&n->props, "connect.default");
    const struct avro_field *f = use->field;
    struct arena scratch = {0};
    struct value v;
    bool known = f && f->has_default && use->first && (connect || !use->optional) &&
                 avro_default_to_connect(n, &f->default_value, AVRO_DEFAULT_FIELD, &scratch, &v);
    if (!known && connect)
        known = avro_default_to_connect(n, connect, AVRO_DEFAULT_CONNECT, &scratch, &v);
    if (known && v.type != VALUE_NULL)
        schema_set_default(s, &v);
    arena_free(&scratch);
}

static int convert(struct convert *c, const struct avro_node *n, const struct use *use, const struct schema **ret)
{
    if (n->only)
        return convert(c, n->only,
                       &(struct use){.optional = use->optional || n->n == 2,
                                     .field = use->field,
                                     .first = use->first && n->branches[0] == n->only},
                       ret);
    struct schema *s;
    int rc = n->type == AVRO_RECORD ? copy_record(c, n, &s) : new_base(c, n, &s);
    if (rc)
        return rc;
    struct str doc = use->field && use->field->doc.ptr ? use->field->doc
                     : n->doc.ptr                      ? n->doc
                                                       : avro_prop_str(&n->props, "connect.doc");
    if (doc.ptr)
        schema_set_doc(s, doc);
    add_default(n, use, s);
    if (use->optional)
        schema_set_optional(s);
    *ret = s;
    return 0;
}

int avro_schema_to_connect(const struct avro_schema *s, const struct schema **ret, struct error *err)
{
    if (s->root->is_anything) {
        *ret = NULL;
        return 0;
    }
    struct convert c = {.records = mem_new_array(const struct schema *, s->nodes.len),
                        .open = mem_new_array(bool, s->nodes.len),
                        .err = err};
    int rc = convert(&c, s->root, &(struct use){0}, ret);
    for (size_t i = 0; i < s->nodes.len; i++)
        schema_unref(c.records[i]);
    free(c.records);
    free(c.open);
    return rc;
}
