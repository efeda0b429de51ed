/* Schemas as JsonConverter writes them (asJsonSchema) and reads them (asConnectSchema). */
#include "wire/json.h"

#include "base/map.h"

enum { PARAMS_MAX = 4096 };

static void write_schema(const struct schema *s, const struct json_options *options, struct str field, struct buf *out);

static void write_member(struct buf *out, const char *name, struct str text)
{
    buf_add_char(out, ',');
    json_write_string(out, str_from(name));
    buf_add_char(out, ':');
    json_write_string(out, text);
}

static void write_fields(const struct schema *s, const struct json_options *options, struct buf *out)
{
    buf_add_literal(out, ",\"fields\":[");
    for (uint32_t i = 0; i < s->n_fields; i++) {
        if (i)
            buf_add_char(out, ',');
        write_schema(s->fields[i].schema, options, s->fields[i].name, out);
    }
    buf_add_char(out, ']');
}

static void write_params(const struct schema *s, struct buf *out)
{
    for (uint32_t i = 0; i < s->n_params; i++) {
        buf_add_cstr(out, i ? "," : ",\"parameters\":{");
        json_write_string(out, s->params[i].key);
        buf_add_char(out, ':');
        json_write_string(out, s->params[i].value);
    }
    if (s->n_params)
        buf_add_char(out, '}');
}

static void write_default(const struct schema *s, const struct json_options *options, struct buf *out)
{
    struct json_plan *plan;
    if (json_plan_new(s, options, &plan, NULL))
        return; /* a default that is none of its type: no schema of ours has one */
    buf_add_literal(out, ",\"default\":");
    json_write_plan(plan, &s->default_value, out, NULL);
    json_plan_free(plan);
}

static void write_schema(const struct schema *s, const struct json_options *options, struct str field, struct buf *out)
{
    buf_add_literal(out, "{\"type\":\"");
    buf_add_cstr(out, schema_type_name((enum schema_type)s->type));
    buf_add_char(out, '"');
    if (s->type == SCHEMA_ARRAY || s->type == SCHEMA_MAP) {
        if (s->type == SCHEMA_MAP) {
            buf_add_literal(out, ",\"keys\":");
            write_schema(s->key_schema, options, STR_NULL, out);
        }
        buf_add_cstr(out, s->type == SCHEMA_MAP ? ",\"values\":" : ",\"items\":");
        write_schema(s->value_schema, options, STR_NULL, out);
    } else if (s->type == SCHEMA_STRUCT) {
        write_fields(s, options, out);
    }
    buf_add_cstr(out, s->optional ? ",\"optional\":true" : ",\"optional\":false");
    if (s->name.ptr)
        write_member(out, "name", s->name);
    if (s->version != SCHEMA_NO_VERSION)
        buf_printf(out, ",\"version\":%d", s->version);
    if (s->doc.ptr)
        write_member(out, "doc", s->doc);
    write_params(s, out);
    if (s->has_default && !value_is_null(&s->default_value))
        write_default(s, options, out);
    if (field.ptr)
        write_member(out, "field", field);
    buf_add_char(out, '}');
}

void json_write_schema_as(const struct schema *schema, const struct json_options *options, struct buf *out)
{
    if (schema)
        write_schema(schema, options, STR_NULL, out);
    else
        buf_add_literal(out, "null");
}

void json_write_schema(const struct schema *schema, struct buf *out)
{
    json_write_schema_as(schema, &(struct json_options){0}, out);
}

/* Reading. Every function gives a schema that the caller owns, or NULL and the error. */

static struct schema *read_schema(const struct value *json, struct arena *arena, struct error *err);

static struct schema *refuse(struct error *err, const char *text, struct str what)
{
    error_set(err, ERROR_DATA, "%s" STR_FMT, text, STR_ARG(what));
    return NULL;
}

static struct schema *read_inner(const struct value *json, const char *member, const char *missing, struct arena *arena,
                                 struct error *err)
{
    const struct value *inner = value_map_get(json, str_from(member));
    if (!inner || value_is_null(inner))
        return refuse(err, missing, STR(""));
    return read_schema(inner, arena, err);
}

static struct schema *read_array(const struct value *json, struct arena *arena, struct error *err)
{
    struct schema *element = read_inner(json, "items", "Array schema did not specify the element type", arena, err);
    if (!element)
        return NULL;
    struct schema *s = schema_new_array(element);
    schema_unref(element);
    return s;
}

static struct schema *read_map(const struct value *json, struct arena *arena, struct error *err)
{
    struct schema *key = read_inner(json, "keys", "Map schema did not specify the key type", arena, err);
    if (!key)
        return NULL;
    struct schema *value = read_inner(json, "values", "Map schema did not specify the value type", arena, err);
    struct schema *s = value ? schema_new_map(key, value) : NULL;
    schema_unref(key);
    schema_unref(value);
    return s;
}

static int read_field(struct schema *s, struct map *names, const struct value *json, struct arena *arena,
                      struct error *err)
{
    const struct value *name = json->type == VALUE_MAP ? value_map_get(json, STR("field")) : NULL;
    if (!name || name->type != VALUE_STRING)
        return error_set(err, ERROR_DATA, "Struct schema's field name not specified properly");
    if (map_put(names, value_as_str(name), s))
        return error_set(err, ERROR_DATA, "Cannot create field because of field name duplication " STR_FMT,
                         STR_ARG(value_as_str(name)));
    struct schema *field = read_schema(json, arena, err);
    if (!field)
        return error_context(err, "field \"" STR_FMT "\"", STR_ARG(value_as_str(name)));
    schema_add_field(s, value_as_str(name), field);
    schema_unref(field);
    return 0;
}

static struct schema *read_struct(const struct value *json, struct arena *arena, struct error *err)
{
    const struct value *fields = value_map_get(json, STR("fields"));
    if (!fields || fields->type != VALUE_ARRAY)
        return refuse(err, "Struct schema's \"fields\" argument is not an array.", STR(""));
    struct schema *s = schema_new(SCHEMA_STRUCT);
    struct map names = {0};
    int rc = 0;
    for (uint32_t i = 0; i < fields->len && rc == 0; i++)
        rc = read_field(s, &names, &fields->items[i], arena, err);
    map_free(&names, NULL);
    if (rc == 0)
        return s;
    schema_unref(s);
    return NULL;
}

static struct schema *read_type(const struct value *json, struct arena *arena, struct error *err)
{
    const struct value *type = json->type == VALUE_MAP ? value_map_get(json, STR("type")) : NULL;
    if (!type || type->type != VALUE_STRING)
        return refuse(err, "Schema must contain 'type' field", STR(""));
    struct str name = value_as_str(type);
    if (str_is(name, "array"))
        return read_array(json, arena, err);
    if (str_is(name, "map"))
        return read_map(json, arena, err);
    if (str_is(name, "struct"))
        return read_struct(json, arena, err);
    for (int t = SCHEMA_INT8; t <= SCHEMA_BYTES; t++)
        if (str_is(name, schema_type_name((enum schema_type)t)))
            return schema_new((enum schema_type)t);
    return refuse(err, "Unknown schema type: ", name);
}

/* The text of a string member, or STR_NULL. */
static struct str text_of(const struct value *json, const char *member)
{
    const struct value *v = value_map_get(json, str_from(member));
    return v && v->type == VALUE_STRING ? value_as_str(v) : STR_NULL;
}

static int read_params(struct schema *s, const struct value *json, struct error *err)
{
    const struct value *params = value_map_get(json, STR("parameters"));
    if (!params || params->type != VALUE_MAP)
        return 0;
    if (params->len > PARAMS_MAX)
        return error_set(err, ERROR_DATA, "a schema with more than %d parameters", PARAMS_MAX);
    for (uint32_t i = 0; i < params->len; i++) {
        const struct value *pair = &params->items[2 * (size_t)i];
        if (pair[1].type != VALUE_STRING)
            return error_set(err, ERROR_DATA, "Schema parameters must have string values.");
        schema_add_param(s, value_as_str(&pair[0]), value_as_str(&pair[1]));
    }
    return 0;
}

static int read_default(struct schema *s, const struct value *json, struct arena *arena, struct error *err)
{
    const struct value *fallback = value_map_get(json, STR("default"));
    if (!fallback)
        return 0;
    struct value v;
    int rc = json_to_connect(s, fallback, JSON_DECIMAL_BASE64, arena, &v, err);
    if (rc)
        return error_context(err, "default value");
    if (!value_is_null(&v))
        schema_set_default(s, &v);
    return 0;
}

static struct schema *read_schema(const struct value *json, struct arena *arena, struct error *err)
{
    struct schema *s = read_type(json, arena, err);
    if (!s)
        return NULL;
    const struct value *optional = value_map_get(json, STR("optional"));
    if (optional && optional->type == VALUE_BOOLEAN && optional->b)
        schema_set_optional(s);
    const struct value *version = value_map_get(json, STR("version"));
    bool versioned = version && version->type == VALUE_INT64 && version->i >= INT32_MIN && version->i <= INT32_MAX;
    if (text_of(json, "name").ptr)
        schema_set_name(s, text_of(json, "name"), SCHEMA_NO_VERSION);
    if (versioned)
        schema_set_version(s, (int32_t)version->i);
    if (text_of(json, "doc").ptr)
        schema_set_doc(s, text_of(json, "doc"));
    int rc = read_params(s, json, err);
    if (rc == 0)
        rc = read_default(s, json, arena, err);
    if (rc == 0)
        return s;
    schema_unref(s);
    return NULL;
}

int json_read_schema(const struct value *parsed, const struct schema **ret, struct error *err)
{
    if (value_is_null(parsed)) {
        *ret = NULL;
        return 0;
    }
    struct error own; /* the code is wanted even when the caller wants no text */
    struct arena arena = {0};
    const struct schema *s = read_schema(parsed, &arena, err ? err : &own);
    arena_free(&arena);
    if (!s)
        return err ? (int)err->code : (int)own.code;
    *ret = s;
    return 0;
}
