/* /subjects: registering, looking up, listing and deleting. */
#include "registry/compat.h"
#include "registry/rest.h"

/* ---- registering and looking up ---- */

static enum registry_code post_version_body(struct registry_rest *x)
{
    struct registry_request request;
    struct registry_verdict verdict;
    struct registry_schema schema;
    enum registry_code code = registry_rest_request(x, &request);
    request.verdict = &verdict;
    if (code == REGISTRY_OK)
        code = registry_store_register(x->registry, &request, &x->arena, &schema, &x->err);
    if (code == REGISTRY_INCOMPATIBLE)
        x->message = registry_compat_message(request.schema.subject, &verdict, &x->arena);
    if (code == REGISTRY_OK)
        buf_printf(x->out, "{\"id\":%d}", schema.id);
    return code;
}
REST_HANDLER(post_version)

static enum registry_code post_subject_body(struct registry_rest *x)
{
    struct registry_request request;
    struct registry_schema schema;
    enum registry_code code = registry_rest_request(x, &request);
    if (code == REGISTRY_OK)
        code = registry_store_look_up(x->registry, &request, registry_rest_flag(x, "deleted"), &x->arena, &schema,
                                      &x->err);
    if (code == REGISTRY_OK)
        registry_rest_write_schema(x, &schema);
    return code;
}
REST_HANDLER(post_subject)

/* ---- listing ---- */

static bool any_active(const struct registry_schema *all, size_t n, size_t at)
{
    for (size_t i = at; i < n && str_equal(all[i].subject, all[at].subject); i++)
        if (!all[i].deleted)
            return true;
    return false;
}

static enum registry_code get_subjects_body(struct registry_rest *x)
{
    struct registry_schema *all;
    size_t n, begin, end, kept = 0;
    enum registry_filter filter = registry_rest_filter(x);
    struct str prefix = http_query(x->request, "subjectPrefix");
    registry_store_select(x->registry, &(struct registry_select){.prefix = prefix, .filter = FILTER_WITH_DELETED},
                          &x->arena, &all, &n);
    struct str *subjects = arena_array(&x->arena, struct str, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && str_equal(all[i].subject, all[i - 1].subject))
            continue;
        bool active = any_active(all, n, i);
        if (filter == FILTER_WITH_DELETED || active == (filter == FILTER_ACTIVE))
            subjects[kept++] = all[i].subject;
    }
    registry_rest_page(x, kept, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        buf_add_char(x->out, i == begin ? '[' : ',');
        http_json_string(x->out, subjects[i]);
    }
    buf_add_cstr(x->out, begin == end ? "[]" : "]");
    return REGISTRY_OK;
}
REST_HANDLER(get_subjects)

static void write_numbers(struct registry_rest *x, const int32_t *numbers, size_t n)
{
    size_t begin, end;
    registry_rest_page(x, n, &begin, &end);
    buf_add_char(x->out, '[');
    for (size_t i = begin; i < end; i++)
        buf_printf(x->out, i == begin ? "%d" : ",%d", numbers[i]);
    buf_add_char(x->out, ']');
}

static enum registry_code get_versions_body(struct registry_rest *x)
{
    struct registry_schema *all;
    size_t n;
    struct str subject = registry_rest_param(x, 0);
    bool negative = registry_rest_flag(x, "deletedAsNegative");
    enum registry_filter filter = registry_rest_filter(x);
    if (!registry_store_has_subject(x->registry, subject, filter != FILTER_ACTIVE))
        return registry_fail(&x->err, REGISTRY_SUBJECT_NOT_FOUND, subject.ptr);
    if (negative)
        filter = FILTER_WITH_DELETED;
    registry_store_select(x->registry, &(struct registry_select){.subject = subject, .filter = filter}, &x->arena, &all,
                          &n);
    int32_t *versions = arena_array(&x->arena, int32_t, n + 1);
    for (size_t i = 0; i < n; i++)
        versions[i] = negative && all[i].deleted ? -all[i].version : all[i].version;
    write_numbers(x, versions, n);
    return REGISTRY_OK;
}
REST_HANDLER(get_versions)

static enum registry_code find_version(struct registry_rest *x, bool with_deleted, struct registry_schema *ret)
{
    int32_t version;
    enum registry_code code = registry_rest_version(x, x->request->params[1], &version);
    if (code == REGISTRY_OK)
        code = registry_store_version(x->registry, registry_rest_param(x, 0), version, with_deleted, &x->arena, ret,
                                      &x->err);
    return code;
}

static enum registry_code get_version_body(struct registry_rest *x)
{
    struct registry_schema schema;
    enum registry_code code = find_version(x, registry_rest_flag(x, "deleted"), &schema);
    if (code == REGISTRY_OK)
        registry_rest_write_schema(x, &schema);
    return code;
}
REST_HANDLER(get_version)

static enum registry_code get_version_schema_body(struct registry_rest *x)
{
    struct registry_schema schema;
    enum registry_code code = find_version(x, registry_rest_flag(x, "deleted"), &schema);
    if (code == REGISTRY_OK)
        buf_add_str(x->out, schema.schema);
    return code;
}
REST_HANDLER(get_version_schema)

static enum registry_code get_referrers_body(struct registry_rest *x)
{
    struct registry_schema schema;
    int32_t *ids;
    size_t n;
    enum registry_code code = find_version(x, true, &schema);
    if (code != REGISTRY_OK)
        return code;
    registry_store_referrers(x->registry, schema.subject, schema.version, registry_rest_flag(x, "deleted"), &x->arena,
                             &ids, &n);
    write_numbers(x, ids, n);
    return REGISTRY_OK;
}
REST_HANDLER(get_referrers)

/* ---- deleting ---- */

static enum registry_code delete_subject_body(struct registry_rest *x)
{
    int32_t *versions;
    size_t n;
    enum registry_code code = registry_store_delete_subject(
        x->registry, registry_rest_param(x, 0), registry_rest_flag(x, "permanent"), &x->arena, &versions, &n, &x->err);
    if (code != REGISTRY_OK)
        return code;
    buf_add_char(x->out, '[');
    for (size_t i = 0; i < n; i++)
        buf_printf(x->out, i ? ",%d" : "%d", versions[i]);
    buf_add_char(x->out, ']');
    return REGISTRY_OK;
}
REST_HANDLER(delete_subject)

static enum registry_code delete_version_body(struct registry_rest *x)
{
    int32_t version;
    enum registry_code code = registry_rest_version(x, x->request->params[1], &version);
    if (code == REGISTRY_OK)
        code = registry_store_delete_version(x->registry, registry_rest_param(x, 0), version,
                                             registry_rest_flag(x, "permanent"), &version, &x->err);
    if (code == REGISTRY_OK)
        buf_printf(x->out, "%d", version);
    return code;
}
REST_HANDLER(delete_version)

const struct http_route registry_rest_subject_routes[] = {
    {"GET", "/subjects", get_subjects,
     "The subjects. ?subjectPrefix=, ?deleted=true (deleted ones too), ?deletedOnly=true, ?offset=, ?limit="},
    {"POST", "/subjects/{subject}", post_subject,
     "Looks a schema up under a subject: its id and version. ?normalize=true, ?deleted=true"},
    {"DELETE", "/subjects/{subject}", delete_subject,
     "Deletes every version. ?permanent=true, after a first delete, removes them for good"},
    {"GET", "/subjects/{subject}/versions", get_versions,
     "The versions of a subject. ?deleted=true, ?deletedOnly=true, ?deletedAsNegative=true, ?offset=, ?limit="},
    {"POST", "/subjects/{subject}/versions", post_version,
     "Registers a schema: the id it has or gets. ?normalize=true"},
    {"GET", "/subjects/{subject}/versions/{version}", get_version, "One version, by number or `latest`. ?deleted=true"},
    {"DELETE", "/subjects/{subject}/versions/{version}", delete_version,
     "Deletes one version. ?permanent=true, after a first delete, removes it for good"},
    {"GET", "/subjects/{subject}/versions/{version}/schema", get_version_schema,
     "The schema's text alone. ?deleted=true"},
    {"GET", "/subjects/{subject}/versions/{version}/referencedby", get_referrers,
     "Ids of the schemas that refer to this version. ?deleted=true, ?offset=, ?limit="},
    {NULL, NULL, NULL, NULL},
};
