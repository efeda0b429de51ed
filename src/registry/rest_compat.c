/* /compatibility: what registering would say. */
#include "registry/compat.h"
#include "registry/rest.h"

static void write_verdict(struct registry_rest *x, const struct str *messages, size_t n)
{
    buf_printf(x->out, "{\"is_compatible\":%s", n == 0 ? "true" : "false");
    if (registry_rest_flag(x, "verbose")) {
        buf_add_literal(x->out, ",\"messages\":[");
        for (size_t i = 0; i < n; i++) {
            if (i > 0)
                buf_add_char(x->out, ',');
            http_json_string(x->out, messages[i]);
        }
        buf_add_char(x->out, ']');
    }
    buf_add_char(x->out, '}');
}

static enum registry_code judge(struct registry_rest *x, struct registry_request *request,
                                const struct registry_schema *earlier, size_t n)
{
    struct registry_config config;
    struct registry_schema schema;
    struct registry_verdict verdict = {0};
    struct str subject = index_normal_subject(request->schema.subject, &x->arena);
    registry_store_config(x->registry, subject, true, &x->arena, &config, &x->err);
    request->schema.subject = subject;
    request->normalize = request->normalize || config.normalize == SWITCH_ON;
    enum registry_code code = REGISTRY_OK;
    if (str_trim(request->schema.schema).len == 0)
        code = registry_fail(&x->err, REGISTRY_BAD_SCHEMA, "Empty schema");
    else
        code = registry_store_parse(x->registry, request, true, &x->arena, &schema, &x->err);
    if (code == REGISTRY_OK)
        code = registry_compat_check(x->registry, &schema, earlier, n, &config, &x->arena, &verdict, &x->err);
    struct str text = str_from(x->err.text);
    if (code == REGISTRY_BAD_SCHEMA && registry_rest_flag(x, "verbose"))
        write_verdict(x, &text, 1);
    else if (code == REGISTRY_OK)
        write_verdict(x, verdict.messages, verdict.n);
    return code == REGISTRY_BAD_SCHEMA && registry_rest_flag(x, "verbose") ? REGISTRY_OK : code;
}

static enum registry_code post_compatibility_body(struct registry_rest *x)
{
    struct registry_request request;
    struct registry_schema *earlier;
    size_t n;
    enum registry_code code = registry_rest_request(x, &request);
    if (code != REGISTRY_OK)
        return code;
    registry_store_select(x->registry, &(struct registry_select){.subject = request.schema.subject}, &x->arena,
                          &earlier, &n);
    return judge(x, &request, earlier, n);
}
REST_HANDLER(post_compatibility)

/* With `latest` of a subject that has no versions there is nothing to compare with. */
static enum registry_code post_compatibility_with_body(struct registry_rest *x)
{
    struct registry_request request;
    struct registry_schema earlier;
    int32_t version;
    enum registry_code code = registry_rest_version(x, x->request->params[1], &version);
    if (code == REGISTRY_OK)
        code = registry_rest_request(x, &request);
    if (code != REGISTRY_OK)
        return code;
    code = registry_store_version(x->registry, request.schema.subject, version, false, &x->arena, &earlier, &x->err);
    if (code != REGISTRY_OK && version != -1)
        return registry_fail(&x->err, REGISTRY_VERSION_NOT_FOUND, version);
    return judge(x, &request, &earlier, code == REGISTRY_OK);
}
REST_HANDLER(post_compatibility_with)

const struct http_route registry_rest_compat_routes[] = {
    {"POST", "/compatibility/subjects/{subject}/versions", post_compatibility,
     "Whether a schema could be registered: {\"is_compatible\":true}. ?verbose=true says why not; ?normalize=true"},
    {"POST", "/compatibility/subjects/{subject}/versions/{version}", post_compatibility_with,
     "The same against one version alone, by number or `latest`"},
    {NULL, NULL, NULL, NULL},
};
