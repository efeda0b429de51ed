/* AvroData.fromConnectSchema: a Connect schema as the Avro schema that Confluent's converter registers for it. */
#include "wire/avro_node.h"

/* A struct (or enum, fixed) that has its Avro type already: met again, it is referred to by name. */
struct seen {
    const struct schema *schema;
    struct avro_node *node;
};

struct build {
    struct avro_schema *out;
    const struct avro_options *options;
    struct error *err;
    VEC(struct seen) seen;
    unsigned n_unnamed, n_entries;
    int depth;
};

bool avro_map_is_plain(const struct schema *map, const struct avro_options *options)
{
    return map->key_schema->type == SCHEMA_STRING && (!map->key_schema->optional || options->optional_map_keys);
}

bool avro_is_union(const struct schema *s)
{
    return s->type == SCHEMA_STRUCT && str_is(s->name, AVRO_UNION_NAME);
}

bool avro_is_enum(const struct schema *s, const struct avro_options *options)
{
    return options->enhanced && s->type == SCHEMA_STRING && schema_param(s, STR(AVRO_ENUM_PARAM)).ptr;
}

bool avro_is_fixed(const struct schema *s)
{
    return s->type == SCHEMA_BYTES && s->name.ptr && schema_param(s, STR(AVRO_FIXED_SIZE_PARAM)).ptr;
}

/* --- types met twice ------------------------------------------------------------------------------ */

/* Whether values of `a` are written as values of `b` are; texts, versions and parameters may differ. */
static bool same_shape(const struct schema *a, const struct schema *b, bool optional_counts)
{
    if (a == b)
        return true;
    if (a->type != b->type || a->n_fields != b->n_fields || a->logical != b->logical || a->scale != b->scale)
        return false;
    if (optional_counts && (a->optional != b->optional || (a->optional && a->has_default != b->has_default)))
        return false;
    if (!str_equal(schema_param(a, STR(AVRO_FIXED_SIZE_PARAM)), schema_param(b, STR(AVRO_FIXED_SIZE_PARAM))))
        return false;
    for (uint32_t i = 0; i < a->n_fields; i++)
        if (!str_equal(a->fields[i].name, b->fields[i].name) ||
            !same_shape(a->fields[i].schema, b->fields[i].schema, true))
            return false;
    return (!a->key_schema || same_shape(a->key_schema, b->key_schema, true)) &&
           (!a->value_schema || same_shape(a->value_schema, b->value_schema, true));
}

static bool equal_but_optional(const struct schema *a, const struct schema *b)
{
    if (a->optional == b->optional)
        return schema_equal(a, b);
    struct schema *copy = schema_copy(a->optional ? b : a);
    schema_set_optional(copy);
    bool equal = schema_equal(copy, a->optional ? a : b);
    schema_unref(copy);
    return equal;
}

/* The node of a struct without a name that is equal to this one. */
static struct avro_node *seen_unnamed(const struct build *b, const struct schema *s)
{
    vec_each (&b->seen, seen)
        if (!seen->schema->name.ptr && seen->schema->type == s->type && equal_but_optional(seen->schema, s))
            return seen->node;
    return NULL;
}

static int seen_named(const struct build *b, const struct schema *s, struct str full, struct avro_node **ret)
{
    *ret = NULL;
    vec_each (&b->seen, seen) {
        if (!str_equal(seen->node->full, full))
            continue;
        if (!same_shape(seen->schema, s, false))
            return error_set(b->err, ERROR_INVALID_SCHEMA,
                             "two different structures have the schema name \"" STR_FMT
                             "\", and in Avro a name stands for one; give one of them another name "
                             "(transform SetSchemaMetadata)",
                             STR_ARG(full));
        *ret = seen->node;
        return 0;
    }
    return 0;
}

/* --- names ---------------------------------------------------------------------------------------- */

#define NAME_ADVICE                                                                                                    \
    "Avro takes letters, digits and _, and no digit in front; set scrub.invalid.names=true for the converter "         \
    "(value.converter.scrub.invalid.names, key.converter...), or sanitize.field.names=true for a Debezium connector"

static int check_type_name(const struct build *b, struct str full)
{
    if (avro_name_is_primitive(full))
        return error_set(b->err, ERROR_INVALID_SCHEMA,
                         "schema name \"" STR_FMT "\" is the name of an Avro type; give the schema another name or a "
                         "namespace (transform SetSchemaMetadata)",
                         STR_ARG(full));
    for (struct str rest = full; rest.ptr;)
        if (!avro_name_ok(str_split(rest, '.', &rest)))
            return error_set(b->err, ERROR_INVALID_SCHEMA, "schema name \"" STR_FMT "\" is not valid in Avro: %s",
                             STR_ARG(full), NAME_ADVICE);
    return 0;
}

/* Gives the node its full name, splitting it into namespace and name. */
static int name_node(struct build *b, struct avro_node *n, struct str full)
{
    int rc = check_type_name(b, full);
    if (rc)
        return rc;
    struct str space, name = avro_name_split(full, &space);
    if (!avro_node_name(b->out, n, space, name))
        return error_set(b->err, ERROR_INVALID_SCHEMA,
                         "schema name \"" STR_FMT "\" is one that the converter gives to schemas without a name; "
                         "give the schema another name (transform SetSchemaMetadata)",
                         STR_ARG(full));
    return 0;
}

static struct str scrubbed(struct build *b, struct str full)
{
    return b->options->scrub_names ? avro_name_scrub_full(&b->out->arena, full) : full;
}

static void note(struct build *b, const struct schema *s, struct avro_node *n)
{
    *vec_push(&b->seen) = (struct seen){s, n};
}

/* --- properties ----------------------------------------------------------------------------------- */

static void add_prop(struct build *b, struct avro_node *n, const char *key, struct value v)
{
    avro_prop_add(b->out, &n->props, str_from(key), v);
}

static struct value params_json(struct build *b, const struct schema *s)
{
    struct value *items = arena_array(&b->out->arena, struct value, s->n_params * 2);
    for (uint32_t i = 0; i < s->n_params; i++) {
        items[2 * i] = value_str(s->params[i].key);
        items[2 * i + 1] = value_str(s->params[i].value);
    }
    return value_items(VALUE_MAP, items, s->n_params);
}

static int add_connect_props(struct build *b, const struct schema *s, struct avro_node *n)
{
    if (s->doc.ptr)
        add_prop(b, n, "connect.doc", value_str(s->doc));
    if (s->version != SCHEMA_NO_VERSION)
        add_prop(b, n, "connect.version", value_int32(s->version));
    if (s->n_params)
        add_prop(b, n, "connect.parameters", params_json(b, s));
    if (s->has_default && s->default_value.type != VALUE_NULL) {
        struct value json;
        int rc =
            avro_default_from_connect(b->out, s, &s->default_value, b->options, AVRO_DEFAULT_CONNECT, &json, b->err);
        if (rc)
            return rc;
        add_prop(b, n, "connect.default", json);
    }
    if (s->name.ptr)
        add_prop(b, n, "connect.name", value_str(s->name));
    if (s->type == SCHEMA_INT8 || s->type == SCHEMA_INT16)
        add_prop(b, n, "connect.type", value_str(s->type == SCHEMA_INT8 ? STR("int8") : STR("int16")));
    return 0;
}

static int finish(struct build *b, const struct schema *s, struct avro_node *n)
{
    static const char *const logical_names[] = {
        [LOGICAL_DECIMAL] = "decimal",
        [LOGICAL_DATE] = "date",
        [LOGICAL_TIME] = "time-millis",
        [LOGICAL_TIMESTAMP] = "timestamp-millis",
    };
    int rc = b->options->connect_meta ? add_connect_props(b, s, n) : 0;
    if (rc)
        return rc;
    if (s->logical != LOGICAL_NONE)
        add_prop(b, n, "logicalType", value_str(str_from(logical_names[s->logical])));
    for (uint32_t i = 0; i < s->n_params; i++)
        if (str_starts(s->params[i].key, AVRO_PASSED_PREFIX))
            avro_prop_add(b->out, &n->props, s->params[i].key, value_str(s->params[i].value));
    return 0;
}

/* --- types ---------------------------------------------------------------------------------------- */

static int make(struct build *b, const struct schema *s, bool ignore_optional, struct avro_node **ret);

static struct avro_node *make_union(struct build *b, uint32_t n)
{
    struct avro_node *u = avro_node_new(b->out, AVRO_UNION);
    u->branches = arena_array(&b->out->arena, struct avro_node *, n);
    return u;
}

/* Null first, as the default is null; with another default its type stands first, as Avro demands. */
static struct avro_node *make_optional(struct build *b, struct avro_node *n, bool null_first)
{
    struct avro_node *u = make_union(b, 2), *null = avro_node_new(b->out, AVRO_NULL);
    u->n = 2;
    u->branches[!null_first] = null;
    u->branches[null_first] = n;
    return u;
}

static int add_field(struct build *b, struct avro_node *record, struct str name, const struct schema *s)
{
    struct avro_field *f = &record->fields[record->n];
    *f = (struct avro_field){.name = name, .doc = s->doc};
    int rc = make(b, s, false, &f->type);
    if (rc)
        return rc;
    if (s->has_default && s->default_value.type != VALUE_NULL) {
        rc = avro_default_from_connect(b->out, s, &s->default_value, b->options, AVRO_DEFAULT_FIELD, &f->default_value,
                                       b->err);
        if (rc)
            return error_context(b->err, "default of field \"" STR_FMT "\"", STR_ARG(name));
        f->has_default = avro_default_ok(f->type, &f->default_value);
    } else {
        f->has_default = s->optional;
    }
    record->n++;
    return 0;
}

static int field_name(struct build *b, const struct schema *s, const struct avro_node *record, uint32_t i,
                      struct str *ret)
{
    struct str name = s->fields[i].name;
    if (b->options->scrub_names) {
        name = avro_name_scrub(&b->out->arena, name);
        for (uint32_t j = 0; j < i; j++)
            if (str_equal(record->fields[j].name, name))
                return error_set(b->err, ERROR_INVALID_SCHEMA,
                                 "record \"" STR_FMT "\": fields \"" STR_FMT "\" and \"" STR_FMT
                                 "\" are both \"" STR_FMT "\" once scrubbed; rename one of them",
                                 STR_ARG(record->full), STR_ARG(s->fields[j].name), STR_ARG(s->fields[i].name),
                                 STR_ARG(name));
    }
    if (!avro_name_ok(name))
        return error_set(b->err, ERROR_INVALID_SCHEMA,
                         "field \"" STR_FMT "\" of \"" STR_FMT "\" has a name that is not valid in Avro: %s",
                         STR_ARG(name), STR_ARG(record->full), NAME_ADVICE);
    *ret = name;
    return 0;
}

static int make_fields(struct build *b, const struct schema *s, struct avro_node *record)
{
    record->fields = arena_array(&b->out->arena, struct avro_field, s->n_fields);
    for (uint32_t i = 0; i < s->n_fields; i++) {
        struct str name;
        int rc = field_name(b, s, record, i, &name);
        if (!rc)
            rc = add_field(b, record, name, s->fields[i].schema);
        if (rc)
            return rc;
    }
    return 0;
}

static int make_record(struct build *b, const struct schema *s, struct avro_node **ret)
{
    struct str full = scrubbed(b, s->name);
    struct avro_node *n;
    int rc = 0;
    if (full.ptr)
        rc = seen_named(b, s, full, &n);
    else
        n = seen_unnamed(b, s);
    if (rc)
        return rc;
    if (n) {
        *ret = n;
        return 0;
    }
    if (!full.ptr) {
        b->n_unnamed++;
        full = b->n_unnamed == 1
                   ? STR(AVRO_CONNECT_NAMESPACE "." AVRO_DEFAULT_NAME)
                   : arena_printf(&b->out->arena, AVRO_CONNECT_NAMESPACE "." AVRO_DEFAULT_NAME "%u", b->n_unnamed);
    }
    n = avro_node_new(b->out, AVRO_RECORD);
    n->doc = schema_param(s, STR(AVRO_RECORD_DOC_PARAM));
    rc = name_node(b, n, full);
    if (rc)
        return rc;
    note(b, s, n);
    rc = make_fields(b, s, n);
    if (!rc)
        rc = finish(b, s, n);
    if (rc)
        return rc;
    *ret = n;
    return 0;
}

/* A map whose keys are no strings: an array of records of a key and a value. */
static int make_entries(struct build *b, const struct schema *s, struct avro_node **ret)
{
    struct avro_node *array = avro_node_new(b->out, AVRO_ARRAY), *entry = NULL;
    struct str full = scrubbed(b, s->name);
    int rc = 0;
    if (full.ptr)
        rc = seen_named(b, s, full, &entry);
    else
        vec_each (&b->seen, seen)
            if (seen->schema->type == SCHEMA_MAP && !seen->schema->name.ptr && same_shape(seen->schema, s, false))
                entry = seen->node;
    if (rc)
        return rc;
    if (!entry) {
        bool plain_name = !full.ptr && ++b->n_entries == 1;
        if (!full.ptr)
            full = plain_name ? STR(AVRO_CONNECT_NAMESPACE "." AVRO_MAP_ENTRY_NAME)
                              : arena_printf(&b->out->arena, AVRO_CONNECT_NAMESPACE "." AVRO_MAP_ENTRY_NAME "%u",
                                             b->n_entries);
        entry = avro_node_new(b->out, AVRO_RECORD);
        rc = name_node(b, entry, full);
        if (rc)
            return rc;
        note(b, s, entry);
        if (!plain_name)
            add_prop(b, entry, "connect.internal.type", value_str(STR(AVRO_MAP_ENTRY_NAME)));
        entry->fields = arena_array(&b->out->arena, struct avro_field, 2);
        rc = add_field(b, entry, STR("key"), s->key_schema);
        if (!rc)
            rc = add_field(b, entry, STR("value"), s->value_schema);
        if (rc)
            return rc;
    }
    array->items = entry;
    *ret = array;
    return 0;
}

static int make_enum(struct build *b, const struct schema *s, struct avro_node **ret)
{
    struct str full = schema_param(s, STR(AVRO_ENUM_PARAM));
    int rc = seen_named(b, s, full, ret);
    if (rc || *ret)
        return rc;
    struct avro_node *n = avro_node_new(b->out, AVRO_ENUM);
    n->doc = schema_param(s, STR(AVRO_ENUM_DOC_PARAM));
    n->symbols = arena_array(&b->out->arena, struct str, s->n_params);
    for (uint32_t i = 0; i < s->n_params; i++) {
        if (!str_starts(s->params[i].key, AVRO_ENUM_PARAM "."))
            continue;
        struct str symbol = s->params[i].value;
        if (!avro_name_ok(symbol))
            return error_set(b->err, ERROR_INVALID_SCHEMA,
                             "symbol \"" STR_FMT "\" of the enumeration \"" STR_FMT
                             "\" is not valid in Avro, which takes letters, digits and _; set "
                             "enhanced.avro.schema.support=false to write it as a string",
                             STR_ARG(symbol), STR_ARG(full));
        n->symbols[n->n++] = symbol;
    }
    rc = name_node(b, n, full);
    if (rc)
        return rc;
    note(b, s, n);
    *ret = n;
    return 0;
}

static int make_decimal_props(struct build *b, const struct schema *s, struct avro_node *n)
{
    int64_t scale, precision = AVRO_DEFAULT_PRECISION;
    struct str scale_text = schema_param(s, STR(DECIMAL_SCALE_PARAM));
    struct str precision_text = schema_param(s, STR(DECIMAL_PRECISION_PARAM));
    if (!str_to_int64(scale_text, &scale) || scale != (int32_t)scale)
        return error_set(b->err, ERROR_INVALID_SCHEMA,
                         "a Decimal needs its parameter \"scale\", a number; it is \"%s\"",
                         scale_text.ptr ? scale_text.ptr : "");
    if (precision_text.ptr && (!str_to_int64(precision_text, &precision) || precision != (int32_t)precision))
        return error_set(b->err, ERROR_INVALID_SCHEMA,
                         "the parameter \"" DECIMAL_PRECISION_PARAM "\" of a Decimal is no number: \"" STR_FMT "\"",
                         STR_ARG(precision_text));
    add_prop(b, n, "scale", value_int64(scale));
    add_prop(b, n, "precision", value_int64(precision));
    return 0;
}

static int make_bytes(struct build *b, const struct schema *s, struct avro_node **ret)
{
    struct avro_node *n;
    if (avro_is_fixed(s)) {
        struct str full = scrubbed(b, s->name), text = schema_param(s, STR(AVRO_FIXED_SIZE_PARAM));
        int rc = seen_named(b, s, full, ret);
        if (rc || *ret)
            return rc;
        int64_t size;
        if (!str_to_int64(text, &size) || size < 0 || size > INT32_MAX)
            return error_set(b->err, ERROR_INVALID_SCHEMA,
                             "the parameter \"" AVRO_FIXED_SIZE_PARAM "\" of \"" STR_FMT "\" is no size: \"" STR_FMT
                             "\"",
                             STR_ARG(full), STR_ARG(text));
        n = avro_node_new(b->out, AVRO_FIXED);
        n->size = (uint32_t)size;
        rc = name_node(b, n, full);
        if (rc)
            return rc;
        note(b, s, n);
    } else {
        n = avro_node_new(b->out, AVRO_BYTES);
    }
    *ret = n;
    return s->logical == LOGICAL_DECIMAL ? make_decimal_props(b, s, n) : 0;
}

static int make_items(struct build *b, const struct schema *s, enum avro_type type, struct avro_node **ret)
{
    struct avro_node *n = avro_node_new(b->out, type);
    int rc = make(b, s->value_schema, false, &n->items);
    if (rc)
        return rc;
    *ret = n;
    return 0;
}

static int make_base(struct build *b, const struct schema *s, struct avro_node **ret)
{
    static const uint8_t primitives[] = {
        [SCHEMA_INT8] = AVRO_INT,        [SCHEMA_INT16] = AVRO_INT,     [SCHEMA_INT32] = AVRO_INT,
        [SCHEMA_INT64] = AVRO_LONG,      [SCHEMA_FLOAT32] = AVRO_FLOAT, [SCHEMA_FLOAT64] = AVRO_DOUBLE,
        [SCHEMA_BOOLEAN] = AVRO_BOOLEAN, [SCHEMA_STRING] = AVRO_STRING,
    };
    if (s->type == SCHEMA_BYTES)
        return make_bytes(b, s, ret);
    if (s->type == SCHEMA_ARRAY)
        return make_items(b, s, AVRO_ARRAY, ret);
    if (s->type == SCHEMA_MAP)
        return avro_map_is_plain(s, b->options) ? make_items(b, s, AVRO_MAP, ret) : make_entries(b, s, ret);
    if (avro_is_enum(s, b->options))
        return make_enum(b, s, ret);
    *ret = avro_node_new(b->out, (enum avro_type)primitives[s->type]);
    return 0;
}

/* AvroData keeps an Avro union as a struct with one field a branch, of which one is set. */
static int make_branches(struct build *b, const struct schema *s, struct avro_node **ret)
{
    struct avro_node *u = make_union(b, s->n_fields + 1);
    if (s->optional)
        u->branches[u->n++] = avro_node_new(b->out, AVRO_NULL);
    for (uint32_t i = 0; i < s->n_fields; i++) {
        struct avro_node *branch;
        int rc = make(b, s->fields[i].schema, true, &branch);
        if (rc)
            return rc;
        for (uint32_t j = 0; j < u->n; j++)
            if (branch->type == AVRO_UNION || str_equal(avro_node_label(u->branches[j]), avro_node_label(branch)))
                return error_set(b->err, ERROR_INVALID_SCHEMA,
                                 "field \"" STR_FMT "\" of a union is of a type that Avro's union has already or "
                                 "cannot have",
                                 STR_ARG(s->fields[i].name));
        u->branches[u->n++] = branch;
    }
    *ret = u;
    return 0;
}

static int make_inner(struct build *b, const struct schema *s, bool ignore_optional, struct avro_node **ret)
{
    if (avro_is_union(s))
        return make_branches(b, s, ret);
    if (s->type == SCHEMA_STRUCT) {
        int rc = make_record(b, s, ret);
        if (!rc && s->optional && !ignore_optional)
            *ret = make_optional(b, *ret, true);
        return rc;
    }
    struct avro_node *n = NULL;
    int rc = make_base(b, s, &n);
    /* A named type that was met before has its properties. */
    if (!rc && !(n->full.ptr && n->props.n))
        rc = finish(b, s, n);
    if (rc)
        return rc;
    bool has_default = s->has_default && s->default_value.type != VALUE_NULL;
    *ret = s->optional && !ignore_optional ? make_optional(b, n, !has_default) : n;
    return 0;
}

static int make(struct build *b, const struct schema *s, bool ignore_optional, struct avro_node **ret)
{
    if (b->depth == AVRO_MAX_DEPTH)
        return error_set(b->err, ERROR_INVALID_SCHEMA, "the schema is nested more than %d deep", AVRO_MAX_DEPTH);
    b->depth++;
    int rc = make_inner(b, s, ignore_optional, ret);
    b->depth--;
    return rc;
}

int avro_build(const struct schema *schema, const struct avro_options *options, struct avro_schema **ret,
               struct error *err)
{
    static const struct avro_options defaults = {.connect_meta = true};
    struct build b = {.options = options ? options : &defaults, .err = err, .out = mem_new(struct avro_schema)};
    int rc = make(&b, schema, false, &b.out->root);
    vec_free(&b.seen);
    if (rc) {
        avro_schema_free(b.out);
        return rc;
    }
    avro_schema_derive(b.out);
    *ret = b.out;
    return 0;
}

int avro_schema_from_connect(const struct schema *schema, const struct avro_options *options, struct buf *out,
                             struct error *err)
{
    if (!schema) {
        avro_anything_text(out);
        return 0;
    }
    struct avro_schema *s;
    int rc = avro_build(schema, options, &s, err);
    if (rc)
        return rc;
    avro_schema_text(s, out);
    avro_schema_free(s);
    return 0;
}
