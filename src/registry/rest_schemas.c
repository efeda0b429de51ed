/* /schemas and /contexts: schemas by id, and lists over all subjects. */
#include "registry/rest.h"

static enum registry_code find_id(struct registry_rest *x, struct registry_schema *ret)
{
    int32_t id;
    enum registry_code code = registry_rest_id(x, x->request->params[0], &id);
    if (code == REGISTRY_OK)
        code = registry_store_by_id(x->registry, id, http_query(x->request, "subject"), &x->arena, ret, &x->err);
    return code;
}

static enum registry_code get_id_body(struct registry_rest *x)
{
    struct registry_schema schema;
    size_t begin = x->out->len;
    enum registry_code code = find_id(x, &schema);
    if (code != REGISTRY_OK)
        return code;
    if (http_query(x->request, "subject").ptr) {
        buf_add_literal(x->out, ",\"subject\":");
        http_json_string(x->out, schema.subject);
        buf_printf(x->out, ",\"version\":%d", schema.version);
    }
    registry_rest_write_content(x, &schema);
    x->out->data[begin] = '{';
    buf_add_char(x->out, '}');
    return code;
}
REST_HANDLER(get_id)

static enum registry_code get_id_schema_body(struct registry_rest *x)
{
    struct registry_schema schema;
    enum registry_code code = find_id(x, &schema);
    if (code == REGISTRY_OK)
        buf_add_str(x->out, schema.schema);
    return code;
}
REST_HANDLER(get_id_schema)

static enum registry_code find_versions(struct registry_rest *x, struct registry_schema **ret, size_t *ret_n)
{
    int32_t id;
    enum registry_code code = registry_rest_id(x, x->request->params[0], &id);
    if (code == REGISTRY_OK)
        code = registry_store_select_by_id(x->registry, id, http_query(x->request, "subject"), registry_rest_filter(x),
                                           &x->arena, ret, ret_n, &x->err);
    return code;
}

static enum registry_code get_id_subjects_body(struct registry_rest *x)
{
    struct registry_schema *all;
    size_t n, begin, end, kept = 0;
    enum registry_code code = find_versions(x, &all, &n);
    if (code != REGISTRY_OK)
        return code;
    struct str *subjects = arena_array(&x->arena, struct str, n + 1);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !str_equal(subjects[kept - 1], all[i].subject))
            subjects[kept++] = all[i].subject;
    registry_rest_page(x, kept, &begin, &end);
    buf_add_char(x->out, '[');
    for (size_t i = begin; i < end; i++) {
        if (i > begin)
            buf_add_char(x->out, ',');
        http_json_string(x->out, subjects[i]);
    }
    buf_add_char(x->out, ']');
    return code;
}
REST_HANDLER(get_id_subjects)

static enum registry_code get_id_versions_body(struct registry_rest *x)
{
    struct registry_schema *all;
    size_t n, begin, end;
    enum registry_code code = find_versions(x, &all, &n);
    if (code != REGISTRY_OK)
        return code;
    registry_rest_page(x, n, &begin, &end);
    buf_add_char(x->out, '[');
    for (size_t i = begin; i < end; i++) {
        buf_add_cstr(x->out, i > begin ? ",{\"subject\":" : "{\"subject\":");
        http_json_string(x->out, all[i].subject);
        buf_printf(x->out, ",\"version\":%d}", all[i].version);
    }
    buf_add_char(x->out, ']');
    return code;
}
REST_HANDLER(get_id_versions)

static enum registry_code get_schemas_body(struct registry_rest *x)
{
    struct registry_schema *all;
    size_t n, begin, end;
    struct str prefix = http_query(x->request, "subjectPrefix");
    struct registry_select select = {.prefix = prefix.ptr ? prefix : STR(""),
                                     .filter = registry_rest_filter(x),
                                     .latest_only = registry_rest_flag(x, "latestOnly")};
    registry_store_select(x->registry, &select, &x->arena, &all, &n);
    registry_rest_page(x, n, &begin, &end);
    buf_add_char(x->out, '[');
    for (size_t i = begin; i < end; i++) {
        if (i > begin)
            buf_add_char(x->out, ',');
        registry_rest_write_schema(x, &all[i]);
    }
    buf_add_char(x->out, ']');
    return REGISTRY_OK;
}
REST_HANDLER(get_schemas)

static enum registry_code get_types_body(struct registry_rest *x)
{
    buf_add_literal(x->out, "[\"JSON\",\"PROTOBUF\",\"AVRO\"]");
    return REGISTRY_OK;
}
REST_HANDLER(get_types)

static enum registry_code get_contexts_body(struct registry_rest *x)
{
    struct str *contexts;
    size_t n;
    registry_store_contexts(x->registry, &x->arena, &contexts, &n);
    for (size_t i = 0; i < n; i++) {
        buf_add_char(x->out, i ? ',' : '[');
        http_json_string(x->out, contexts[i]);
    }
    buf_add_char(x->out, ']');
    return REGISTRY_OK;
}
REST_HANDLER(get_contexts)

const struct http_route registry_rest_schema_routes[] = {
    {"GET", "/schemas", get_schemas,
     "All versions of all subjects. ?subjectPrefix=, ?latestOnly=true, ?deleted=true, ?offset=, ?limit="},
    {"GET", "/schemas/types", get_types, "The types of schemas that can be registered"},
    {"GET", "/schemas/ids/{id}", get_id, "The schema with this id. ?subject= names a context"},
    {"GET", "/schemas/ids/{id}/schema", get_id_schema, "Its text alone"},
    {"GET", "/schemas/ids/{id}/subjects", get_id_subjects, "The subjects that have it. ?deleted=true"},
    {"GET", "/schemas/ids/{id}/versions", get_id_versions, "The versions that have it. ?deleted=true"},
    {"GET", "/contexts", get_contexts, "The contexts, \".\" being the default one"},
    {NULL, NULL, NULL, NULL},
};
