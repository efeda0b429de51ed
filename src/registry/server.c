#include "registry/server.h"

#include "registry/rest.h"

static enum registry_code get_root_body(struct registry_rest *x)
{
    buf_add_literal(x->out, "{}");
    return REGISTRY_OK;
}
REST_HANDLER(get_root)

static const struct http_route root_routes[] = {
    {"GET", "/", get_root, "{}: the registry is there"},
    {NULL, NULL, NULL, NULL},
};

const struct http_route *const registry_routes[] = {root_routes,
                                                    registry_rest_subject_routes,
                                                    registry_rest_schema_routes,
                                                    registry_rest_setting_routes,
                                                    registry_rest_compat_routes,
                                                    NULL};

int registry_server_start(struct registry *r, const char *address, uint16_t port, struct http_server **ret,
                          struct error *err)
{
    return registry_server_start_with(r, &(struct http_server_options){.address = address, .port = port}, ret, err);
}

int registry_server_start_with(struct registry *base, const struct http_server_options *options,
                               struct http_server **ret, struct error *err)
{
    static const char *const accepts[] = {"application/vnd.schemaregistry.v1+json",
                                          "application/vnd.schemaregistry+json", "application/json",
                                          "application/octet-stream", NULL};
    struct registry_store *r = registry_store_of(base);
    const struct http_mount mounts[] = {{root_routes, r},
                                        {registry_rest_subject_routes, r},
                                        {registry_rest_schema_routes, r},
                                        {registry_rest_setting_routes, r},
                                        {registry_rest_compat_routes, r},
                                        {NULL, NULL}};
    struct http_server_options own = *options;
    own.routes = NULL;
    own.mounts = mounts;
    own.content_type = "application/vnd.schemaregistry.v1+json";
    own.accepts = accepts;
    int rc = http_server_start(&own, ret, err);
    if (rc == 0)
        r->port = http_server_port(*ret);
    return rc;
}
