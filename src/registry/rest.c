#include "registry/rest.h"

#include "wire/json.h"

static void write_error(struct registry_rest *x, enum registry_code code)
{
    int number = registry_code_number(code);
    buf_clear(x->out);
    buf_printf(x->out, "{\"error_code\":%d,\"message\":", number);
    http_json_string(x->out, x->message.ptr ? x->message : str_from(x->err.text));
    buf_add_char(x->out, '}');
    x->response->status = number < 1000 ? number : number / 100;
}

int registry_rest_run(void *registry, const struct http_request *request, struct http_response *response,
                      registry_rest_handler *handler)
{
    struct registry_rest x = {.registry = registry, .request = request, .response = response, .out = &response->body};
    enum registry_code code = handler(&x);
    if (code != REGISTRY_OK)
        write_error(&x, code);
    arena_free(&x.arena);
    return 0;
}

struct str registry_rest_param(struct registry_rest *x, size_t i)
{
    return arena_str(&x->arena, x->request->params[i]);
}

bool registry_rest_flag(const struct registry_rest *x, const char *name)
{
    return str_is_nocase(http_query(x->request, name), "true");
}

enum registry_filter registry_rest_filter(const struct registry_rest *x)
{
    if (registry_rest_flag(x, "deletedOnly"))
        return FILTER_DELETED_ONLY;
    return registry_rest_flag(x, "deleted") ? FILTER_WITH_DELETED : FILTER_ACTIVE;
}

void registry_rest_page(const struct registry_rest *x, size_t n, size_t *ret_begin, size_t *ret_end)
{
    int64_t offset = 0, limit = -1;
    str_to_int64(http_query(x->request, "offset"), &offset);
    str_to_int64(http_query(x->request, "limit"), &limit);
    size_t begin = offset < 0 ? 0 : (size_t)offset < n ? (size_t)offset : n;
    *ret_begin = begin;
    *ret_end = limit < 0 || (size_t)limit > n - begin ? n : begin + (size_t)limit;
}

enum registry_code registry_rest_version(struct registry_rest *x, struct str text, int32_t *ret)
{
    int64_t number = 0;
    struct str trimmed = str_trim(text);
    if (str_is_nocase(trimmed, "latest"))
        number = -1;
    else if (!str_to_int64(trimmed, &number) || number > INT32_MAX || (number <= 0 && number != -1))
        return registry_fail(&x->err, REGISTRY_BAD_VERSION, arena_str(&x->arena, text).ptr);
    *ret = (int32_t)number;
    return REGISTRY_OK;
}

enum registry_code registry_rest_id(struct registry_rest *x, struct str text, int32_t *ret)
{
    int64_t number;
    if (!str_to_int64(text, &number) || number < 0 || number > INT32_MAX)
        return registry_fail(&x->err, REGISTRY_PATH_NOT_FOUND);
    *ret = (int32_t)number;
    return REGISTRY_OK;
}

enum registry_code registry_rest_body(struct registry_rest *x, struct value *ret)
{
    struct error cause = {0};
    if (json_read(x->request->body, &x->arena, ret, &cause) != 0)
        return registry_fail(&x->err, REGISTRY_BAD_JSON, cause.text);
    if (ret->type != VALUE_MAP)
        return registry_fail(&x->err, REGISTRY_BAD_REQUEST, "the body is not a JSON object");
    return REGISTRY_OK;
}

enum registry_code registry_rest_text(struct registry_rest *x, const struct value *object, const char *name,
                                      struct str *ret)
{
    const struct value *v = value_map_get(object, str_from(name));
    *ret = STR_NULL;
    if (!v || value_is_null(v))
        return REGISTRY_OK;
    if (v->type != VALUE_STRING)
        return registry_fail(&x->err, REGISTRY_BAD_REQUEST,
                             arena_printf(&x->arena, "\"%s\" is not a string", name).ptr);
    *ret = arena_str(&x->arena, value_as_str(v));
    return REGISTRY_OK;
}

void registry_rest_write_content(struct registry_rest *x, const struct registry_schema *schema)
{
    if (!str_is(schema->type, "AVRO")) {
        buf_add_literal(x->out, ",\"schemaType\":");
        http_json_string(x->out, schema->type);
    }
    record_write_references(schema->references, schema->n_references, x->out);
    buf_add_str(x->out, schema->attributes);
    buf_add_literal(x->out, ",\"schema\":");
    http_json_string(x->out, schema->schema);
}

void registry_rest_write_schema(struct registry_rest *x, const struct registry_schema *schema)
{
    buf_add_literal(x->out, "{\"subject\":");
    http_json_string(x->out, schema->subject);
    buf_printf(x->out, ",\"version\":%d,\"id\":%d", schema->version, schema->id);
    registry_rest_write_content(x, schema);
    if (schema->deleted)
        buf_add_literal(x->out, ",\"deleted\":true");
    buf_add_char(x->out, '}');
}

/* ---- requests ---- */

static enum registry_code read_number(struct registry_rest *x, const struct value *body, const char *name,
                                      int32_t absent, int32_t *ret)
{
    const struct value *v = value_map_get(body, str_from(name));
    *ret = absent;
    if (!v || value_is_null(v))
        return REGISTRY_OK;
    if (v->type != VALUE_INT64 || v->i < -1 || v->i > INT32_MAX)
        return registry_fail(&x->err, REGISTRY_BAD_REQUEST,
                             arena_printf(&x->arena, "\"%s\" is not a number from -1 to %d", name, INT32_MAX).ptr);
    *ret = (int32_t)v->i;
    return REGISTRY_OK;
}

static enum registry_code read_parts(struct registry_rest *x, const struct value *body, struct registry_schema *schema)
{
    struct error cause = {0};
    if (record_read_references(value_map_get(body, STR("references")), &x->arena, schema, &cause) != 0 ||
        record_read_attributes(body, &x->arena, &schema->attributes, &cause) != 0)
        return registry_fail(&x->err, REGISTRY_BAD_REQUEST, cause.text);
    return REGISTRY_OK;
}

/* Members that would change what is registered, and that nothing here acts on: told, rather than left out silently. */
static enum registry_code refuse_unknown(struct registry_rest *x, const struct value *body)
{
    static const char *const unknown[] = {"schemaTagsToAdd", "schemaTagsToRemove", NULL};
    for (const char *const *name = unknown; *name; name++) {
        const struct value *v = value_map_get(body, str_from(*name));
        if (v && !value_is_null(v))
            return registry_fail(&x->err, REGISTRY_NOT_HERE,
                                 arena_printf(&x->arena, "\"%s\" is not available in this registry", *name).ptr);
    }
    return REGISTRY_OK;
}

enum registry_code registry_rest_request(struct registry_rest *x, struct registry_request *ret)
{
    struct value body;
    struct registry_schema *schema = &ret->schema;
    *ret = (struct registry_request){.schema.subject = registry_rest_param(x, 0),
                                     .normalize = registry_rest_flag(x, "normalize")};
    enum registry_code code = registry_rest_body(x, &body);
    if (code == REGISTRY_OK)
        code = registry_rest_text(x, &body, "schema", &schema->schema);
    if (code == REGISTRY_OK)
        code = registry_rest_text(x, &body, "schemaType", &schema->type);
    if (code == REGISTRY_OK)
        code = read_number(x, &body, "version", 0, &schema->version);
    if (code == REGISTRY_OK)
        code = read_number(x, &body, "id", -1, &schema->id);
    if (code == REGISTRY_OK)
        code = read_parts(x, &body, schema);
    return code == REGISTRY_OK ? refuse_unknown(x, &body) : code;
}
