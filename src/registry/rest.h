/* Inside registry: what the handlers of the REST API share. */
#ifndef REGISTRY_REST_H
#define REGISTRY_REST_H

#include "registry/server.h"
#include "registry/store.h"

/* One request under way. */
struct registry_rest {
    struct registry_store *registry;
    const struct http_request *request;
    struct http_response *response;
    struct buf *out; /* the response's body */
    struct arena arena;
    struct error err;
    struct str message; /* in place of err.text where that is too short for it */
};

/* What answers a route: fills x->out, or returns a code for which x->err has the text. */
typedef enum registry_code registry_rest_handler(struct registry_rest *x);
/* Runs `handler` as an http_handler: memory, and the error's body and status. */
int registry_rest_run(void *registry, const struct http_request *request, struct http_response *response,
                      registry_rest_handler *handler);

/* An http_handler named `name` that runs the registry_rest_handler name_body. */
#define REST_HANDLER(name)                                                                                             \
    static int name(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)  \
    {                                                                                                                  \
        (void)err;                                                                                                     \
        return registry_rest_run(ctx, request, response, name##_body);                                                 \
    }

struct str registry_rest_param(struct registry_rest *x, size_t i);        /* NUL-terminated copy of a path parameter */
bool registry_rest_flag(const struct registry_rest *x, const char *name); /* ?name=true */
enum registry_filter registry_rest_filter(const struct registry_rest *x); /* ?deleted=true, ?deletedOnly=true */
/* ?offset= and ?limit= applied to a list of n: the part from *ret_begin to before *ret_end. */
void registry_rest_page(const struct registry_rest *x, size_t n, size_t *ret_begin, size_t *ret_end);

/* "latest" and "-1" are -1. */
enum registry_code registry_rest_version(struct registry_rest *x, struct str text, int32_t *ret);
enum registry_code registry_rest_id(struct registry_rest *x, struct str text, int32_t *ret);

/* The body as a JSON object. */
enum registry_code registry_rest_body(struct registry_rest *x, struct value *ret);
/* A member's text; STR_NULL when absent or null. */
enum registry_code registry_rest_text(struct registry_rest *x, const struct value *object, const char *name,
                                      struct str *ret);

/* The request to register, look up or check a schema under the path's first parameter. */
enum registry_code registry_rest_request(struct registry_rest *x, struct registry_request *ret);

/* `{"subject":...,"version":...,"id":...,"schema":...}` with what else the schema has. */
void registry_rest_write_schema(struct registry_rest *x, const struct registry_schema *schema);
/* The members from schemaType on, each with a comma before it. */
void registry_rest_write_content(struct registry_rest *x, const struct registry_schema *schema);

/* The tables of the API, one a file. */
extern const struct http_route registry_rest_subject_routes[];
extern const struct http_route registry_rest_schema_routes[];
extern const struct http_route registry_rest_setting_routes[];
extern const struct http_route registry_rest_compat_routes[];

#endif
