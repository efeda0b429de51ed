#include "registry/canonical.h"

#include "base/map.h"
#include "base/mem.h"
#include "wire/avro.h"
#include "wire/json.h"

#include <stdlib.h>

/* A named type. A reference's is known beforehand, and written where it is first used when the form is expanded. */
struct named {
    const struct value *definition;
    struct str space; /* of the place that defines it */
    bool external;
};

struct writer {
    enum canonical_form form;
    struct arena arena;
    struct map names; /* full name -> struct named in the arena */
    struct buf *out;
    struct error *err;
    int depth;
};

struct name {
    struct str full, simple, space; /* space: "" is none */
};

static int write_schema(struct writer *w, const struct value *schema, struct str space, struct str place);

static const char *const primitives[] = {"null", "boolean", "int", "long", "float", "double", "bytes", "string", NULL};

static bool is_one_of(struct str s, const char *const *list)
{
    for (; *list; list++)
        if (str_is(s, *list))
            return true;
    return false;
}

static int invalid(struct writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int invalid(struct writer *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int rc = error_setv(w->err, ERROR_INVALID_SCHEMA, format, args);
    va_end(args);
    return rc;
}

static const struct value *member(const struct value *object, const char *name)
{
    return value_map_get(object, str_from(name));
}

/* A member's text; STR_NULL when there is none, or it is something else. */
static struct str text_member(const struct value *object, const char *name)
{
    const struct value *v = member(object, name);
    if (!v || v->type != VALUE_STRING)
        return STR_NULL;
    return v->len ? value_as_str(v) : STR("");
}

/* ---- names ---- */

static struct name name_of(struct writer *w, struct str text, struct str space)
{
    struct name name = {.full = text, .simple = text, .space = space};
    size_t dot = text.len;
    while (dot > 0 && text.ptr[dot - 1] != '.')
        dot--;
    if (dot > 0) {
        name.simple = str_of(text.ptr + dot, text.len - dot);
        name.space = str_of(text.ptr, dot - 1);
        if (dot == 1)
            name.full = name.simple;
    } else if (space.len > 0) {
        name.full = arena_printf(&w->arena, STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(text));
    }
    return name;
}

static bool is_identifier(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return s.len > 0;
}

static int defined_name(struct writer *w, const struct value *object, struct str space, struct name *ret)
{
    struct str text = text_member(object, "name"), own_space = text_member(object, "namespace");
    if (!text.ptr)
        return invalid(w, "a named type has no \"name\"");
    struct name name = name_of(w, text, own_space.ptr ? own_space : space);
    for (struct str rest = name.full; rest.len > 0;)
        if (!is_identifier(str_split(rest, '.', &rest)))
            return invalid(w,
                           "illegal name \"" STR_FMT "\": a name begins with a letter or _ and goes on with letters, "
                           "digits and _",
                           STR_ARG(name.full));
    if (!is_identifier(name.simple))
        return invalid(w, "illegal name \"" STR_FMT "\"", STR_ARG(text));
    *ret = name;
    return 0;
}

static int define(struct writer *w, const struct value *object, struct str space, const struct name *name,
                  bool external)
{
    struct named *known = map_get(&w->names, name->full);
    if (known && known->definition == object) {
        known->external = external;
        return 0;
    }
    if (known)
        return invalid(w, "the name \"" STR_FMT "\" is defined twice", STR_ARG(name->full));
    struct named *named = arena_new(&w->arena, struct named);
    *named = (struct named){.definition = object, .space = space, .external = external};
    map_put(&w->names, name->full, named);
    return 0;
}

/* As short as the place allows. */
static void write_name_used(struct writer *w, const struct name *name, struct str place)
{
    bool is_short = w->form != CANONICAL_NORMALIZED && str_equal(name->space, place);
    json_write_string(w->out, is_short ? name->simple : name->full);
}

static int write_reference(struct writer *w, struct str text, struct str space, struct str place)
{
    struct name name = name_of(w, text, space);
    struct named *named = map_get(&w->names, name.full);
    if (!named && space.len > 0 && name.full.ptr != text.ptr) {
        name = name_of(w, text, STR(""));
        named = map_get(&w->names, name.full);
    }
    if (!named)
        return invalid(w, "undefined name \"" STR_FMT "\"", STR_ARG(text));
    if (named->external && w->form == CANONICAL_EXPANDED)
        return write_schema(w, named->definition, named->space, place);
    write_name_used(w, &name, place);
    return 0;
}

/* ---- properties ---- */

static const char *const schema_reserved[] = {"doc",     "fields", "items", "name",    "namespace", "size",
                                              "symbols", "values", "type",  "aliases", NULL};
static const char *const enum_reserved[] = {"doc",     "fields", "items", "name",    "namespace", "size",
                                            "symbols", "values", "type",  "aliases", "default",   NULL};
static const char *const field_reserved[] = {"default", "doc", "name", "order", "type", "aliases", NULL};

static int write_value(struct writer *w, const char *name, const struct value *v)
{
    buf_printf(w->out, ",\"%s\":", name);
    return json_write_value(v, w->out, w->err);
}

static int write_text(struct writer *w, const char *name, struct str text)
{
    if (text.ptr) {
        buf_printf(w->out, ",\"%s\":", name);
        json_write_string(w->out, text);
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return str_compare(value_as_str(*(const struct value *const *)a), value_as_str(*(const struct value *const *)b));
}

static bool has_properties(const struct value *object, const char *const *reserved)
{
    for (uint32_t i = 0; i < object->len; i++)
        if (!is_one_of(value_as_str(&object->items[2 * i]), reserved))
            return true;
    return false;
}

static int write_properties(struct writer *w, const struct value *object, const char *const *reserved)
{
    const struct value **names = arena_array(&w->arena, const struct value *, object->len + 1);
    size_t n = 0;
    for (uint32_t i = 0; i < object->len; i++)
        if (!is_one_of(value_as_str(&object->items[2 * i]), reserved))
            names[n++] = &object->items[2 * i];
    if (w->form == CANONICAL_NORMALIZED)
        qsort(names, n, sizeof *names, by_name);
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        buf_add_char(w->out, ',');
        json_write_string(w->out, value_as_str(names[i]));
        buf_add_char(w->out, ':');
        rc = json_write_value(names[i] + 1, w->out, w->err);
    }
    return rc;
}

static int write_aliases(struct writer *w, const struct value *object, const struct name *owner)
{
    const struct value *aliases = member(object, "aliases");
    if (!aliases || value_is_null(aliases))
        return 0;
    if (aliases->type != VALUE_ARRAY)
        return invalid(w, "\"aliases\" is not an array");
    const struct value **sorted = arena_array(&w->arena, const struct value *, aliases->len + 1);
    for (uint32_t i = 0; i < aliases->len; i++) {
        if (aliases->items[i].type != VALUE_STRING)
            return invalid(w, "an alias is not a string");
        sorted[i] = &aliases->items[i];
    }
    if (w->form == CANONICAL_NORMALIZED)
        qsort(sorted, aliases->len, sizeof *sorted, by_name);
    for (uint32_t i = 0; i < aliases->len; i++) {
        buf_add_cstr(w->out, i ? "," : ",\"aliases\":[");
        if (owner) {
            struct name alias = name_of(w, value_as_str(sorted[i]), owner->space);
            write_name_used(w, &alias, owner->space);
        } else {
            json_write_string(w->out, value_as_str(sorted[i]));
        }
    }
    if (aliases->len > 0)
        buf_add_char(w->out, ']');
    return 0;
}

/* ---- types ---- */

static int write_field_tail(struct writer *w, const struct value *field)
{
    struct str doc = text_member(field, "doc"), order = text_member(field, "order");
    const struct value *fallback = member(field, "default");
    int rc = 0;
    if (w->form == CANONICAL_NORMALIZED) {
        static const char *const orders[] = {"DESCENDING", "IGNORE", NULL};
        const char *const *known = orders;
        while (*known && !str_is_nocase(order, *known))
            known++;
        buf_printf(w->out, ",\"order\":\"%s\"", *known ? *known : "ASCENDING");
        write_text(w, "doc", doc);
        rc = write_aliases(w, field, NULL);
        if (rc == 0 && fallback)
            rc = write_value(w, "default", fallback);
    } else {
        write_text(w, "doc", doc);
        if (fallback)
            rc = write_value(w, "default", fallback);
        if (order.ptr && !str_is_nocase(order, "ascending"))
            write_text(w, "order", order);
        if (rc == 0)
            rc = write_aliases(w, field, NULL);
    }
    return rc == 0 ? write_properties(w, field, field_reserved) : rc;
}

static int write_field(struct writer *w, const struct value *field, const struct name *record)
{
    if (field->type != VALUE_MAP)
        return invalid(w, "a field of \"" STR_FMT "\" is not an object", STR_ARG(record->full));
    struct str name = text_member(field, "name");
    if (!is_identifier(name))
        return invalid(w, "illegal name \"" STR_FMT "\" of a field of \"" STR_FMT "\"", STR_ARG(name),
                       STR_ARG(record->full));
    const struct value *type = member(field, "type");
    if (!type)
        return invalid(w, "the field \"" STR_FMT "\" of \"" STR_FMT "\" has no \"type\"", STR_ARG(name),
                       STR_ARG(record->full));
    buf_add_literal(w->out, "{\"name\":");
    json_write_string(w->out, name);
    buf_add_literal(w->out, ",\"type\":");
    int rc = write_schema(w, type, record->space, record->space);
    if (rc == 0)
        rc = write_field_tail(w, field);
    buf_add_char(w->out, '}');
    return rc;
}

static int write_fields(struct writer *w, const struct value *object, const struct name *name)
{
    const struct value *fields = member(object, "fields");
    if (!fields || fields->type != VALUE_ARRAY)
        return invalid(w, "the record \"" STR_FMT "\" has no array \"fields\"", STR_ARG(name->full));
    buf_add_literal(w->out, ",\"fields\":[");
    int rc = 0;
    for (uint32_t i = 0; i < fields->len && rc == 0; i++) {
        if (i > 0)
            buf_add_char(w->out, ',');
        rc = write_field(w, &fields->items[i], name);
    }
    buf_add_char(w->out, ']');
    return rc;
}

static int write_content(struct writer *w, struct str type, const struct value *object, const struct name *name)
{
    if (str_is(type, "record") || str_is(type, "error"))
        return write_fields(w, object, name);
    bool is_enum = str_is(type, "enum");
    const struct value *content = member(object, is_enum ? "symbols" : "size");
    if (!content || content->type != (is_enum ? VALUE_ARRAY : VALUE_INT64))
        return invalid(w, "the %s \"" STR_FMT "\" has no %s", is_enum ? "enum" : "fixed", STR_ARG(name->full),
                       is_enum ? "array \"symbols\"" : "number \"size\"");
    return write_value(w, is_enum ? "symbols" : "size", content);
}

static int write_normalized_named(struct writer *w, struct str type, const struct value *object,
                                  const struct name *name)
{
    bool is_enum = str_is(type, "enum");
    buf_add_literal(w->out, "{\"name\":");
    json_write_string(w->out, name->full);
    write_text(w, "type", str_is(type, "error") ? STR("record") : type);
    int rc = write_content(w, type, object, name);
    struct str doc = text_member(object, "doc");
    if (rc == 0 && doc.len > 0)
        write_text(w, "doc", doc);
    if (rc == 0)
        rc = write_aliases(w, object, name);
    if (rc == 0 && is_enum)
        write_text(w, "default", text_member(object, "default"));
    if (rc == 0)
        rc = write_properties(w, object, is_enum ? enum_reserved : schema_reserved);
    buf_add_char(w->out, '}');
    return rc;
}

static int write_named(struct writer *w, struct str type, const struct value *object, struct str space,
                       struct str place)
{
    struct name name;
    int rc = defined_name(w, object, space, &name);
    if (rc == 0)
        rc = define(w, object, space, &name, false);
    if (rc != 0)
        return rc;
    if (w->form == CANONICAL_NORMALIZED)
        return write_normalized_named(w, type, object, &name);
    bool is_enum = str_is(type, "enum");
    buf_printf(w->out, "{\"type\":\"" STR_FMT "\",\"name\":", STR_ARG(type));
    json_write_string(w->out, name.simple);
    if (!str_equal(name.space, place))
        write_text(w, "namespace", name.space.len ? name.space : STR(""));
    write_text(w, "doc", text_member(object, "doc"));
    rc = write_content(w, type, object, &name);
    if (rc == 0 && is_enum)
        write_text(w, "default", text_member(object, "default"));
    if (rc == 0)
        rc = write_properties(w, object, is_enum ? enum_reserved : schema_reserved);
    if (rc == 0)
        rc = write_aliases(w, object, &name);
    buf_add_char(w->out, '}');
    return rc;
}

static int write_collection(struct writer *w, struct str type, const struct value *object, struct str space,
                            struct str place)
{
    const char *name = str_is(type, "array") ? "items" : "values";
    const struct value *content = member(object, name);
    if (!content)
        return invalid(w, "a type \"" STR_FMT "\" has no \"%s\"", STR_ARG(type), name);
    buf_printf(w->out, "{\"type\":\"" STR_FMT "\",\"%s\":", STR_ARG(type), name);
    int rc = write_schema(w, content, space, place);
    if (rc == 0)
        rc = write_properties(w, object, schema_reserved);
    buf_add_char(w->out, '}');
    return rc;
}

static int write_primitive(struct writer *w, struct str type, const struct value *object)
{
    if (!object || !has_properties(object, schema_reserved)) {
        json_write_string(w->out, type);
        return 0;
    }
    buf_printf(w->out, "{\"type\":\"" STR_FMT "\"", STR_ARG(type));
    int rc = write_properties(w, object, schema_reserved);
    buf_add_char(w->out, '}');
    return rc;
}

static int write_object(struct writer *w, const struct value *object, struct str space, struct str place)
{
    static const char *const named[] = {"record", "error", "enum", "fixed", NULL};
    const struct value *type = member(object, "type");
    if (!type)
        return invalid(w, "a schema has no \"type\"");
    if (type->type != VALUE_STRING)
        return write_schema(w, type, space, place);
    struct str text = value_as_str(type);
    if (is_one_of(text, primitives))
        return write_primitive(w, text, object);
    if (is_one_of(text, named))
        return write_named(w, text, object, space, place);
    if (str_is(text, "array") || str_is(text, "map"))
        return write_collection(w, text, object, space, place);
    return write_reference(w, text, space, place);
}

static int write_union(struct writer *w, const struct value *branches, struct str space, struct str place)
{
    int rc = 0;
    buf_add_char(w->out, '[');
    for (uint32_t i = 0; i < branches->len && rc == 0; i++) {
        if (i > 0)
            buf_add_char(w->out, ',');
        rc = write_schema(w, &branches->items[i], space, place);
    }
    buf_add_char(w->out, ']');
    return rc;
}

/* `space`: the namespace in which the source's names are read; `place`: the one in which names are written. */
static int write_schema(struct writer *w, const struct value *schema, struct str space, struct str place)
{
    if (w->depth == AVRO_MAX_DEPTH)
        return invalid(w, "the schema is nested deeper than %d", AVRO_MAX_DEPTH);
    w->depth++;
    int rc;
    if (schema->type == VALUE_MAP)
        rc = write_object(w, schema, space, place);
    else if (schema->type == VALUE_ARRAY)
        rc = write_union(w, schema, space, place);
    else if (schema->type != VALUE_STRING)
        rc = invalid(w, "a schema is neither a name, an object nor an array");
    else if (is_one_of(value_as_str(schema), primitives))
        rc = write_primitive(w, value_as_str(schema), NULL);
    else
        rc = write_reference(w, value_as_str(schema), space, place);
    w->depth--;
    return rc;
}

/* ---- references ---- */

/* Makes the named types of a referenced schema known: written once for that, and the text thrown away. */
static int learn(struct writer *w, struct str text)
{
    struct value *schema = arena_new(&w->arena, struct value);
    struct buf nowhere = {0};
    struct buf *out = w->out;
    enum canonical_form form = w->form;
    w->out = &nowhere;
    w->form = CANONICAL_STORED;
    int rc = json_read(text, &w->arena, schema, w->err);
    if (rc == 0)
        rc = write_schema(w, schema, STR(""), STR(""));
    w->out = out;
    w->form = form;
    buf_free(&nowhere);
    map_each (&w->names, e)
        ((struct named *)e->value)->external = true;
    return rc;
}

int canonical_avro(struct str schema, enum canonical_form form, const struct str *references, size_t n_references,
                   struct buf *out, struct error *err)
{
    struct writer w = {.form = form, .out = out, .err = err};
    struct value parsed;
    size_t before = out->len;
    int rc = 0;
    for (size_t i = 0; i < n_references && rc == 0; i++)
        if ((rc = learn(&w, references[i])) != 0)
            error_context(err, "a referenced schema");
    if (rc == 0 && json_read(schema, &w.arena, &parsed, err) != 0)
        rc = error_context(err, "not JSON");
    if (rc == 0)
        rc = write_schema(&w, &parsed, STR(""), STR(""));
    map_free(&w.names, NULL);
    arena_free(&w.arena);
    if (rc == 0)
        return 0;
    out->len = before;
    if (err)
        err->code = ERROR_INVALID_SCHEMA;
    return ERROR_INVALID_SCHEMA;
}
