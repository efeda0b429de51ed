/*
 * An HTTP server (libmicrohttpd) that answers from a table of routes. Declared once: a row gives method, path, handler
 * and documentation; 404 and 405, the listing of routes and the check that each one is tested come from it.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

enum { HTTP_MAX_BODY = 16 * 1024 * 1024, HTTP_MAX_PARAMS = 8 };

struct http_request {
    const char *method;
    struct str path;                    /* decoded */
    struct str params[HTTP_MAX_PARAMS]; /* of {name} in the route's path, percent-decoded, in order */
    struct str body;
    void *connection; /* for http_query and http_header */
};

struct http_response {
    int status;               /* 200 */
    const char *content_type; /* "application/json" */
    struct buf body;
    struct buf headers; /* further "Name: value\n" lines */
};

/* Fills the response; a returned error code becomes the server's error body (see http_server_options.error). */
typedef int http_handler(void *ctx, const struct http_request *request, struct http_response *response,
                         struct error *err);

struct http_route {
    const char *method; /* "GET" */
    const char *path;   /* "/connectors/{name}/config" */
    http_handler *handler;
    const char *doc;
};

struct str http_query(const struct http_request *r, const char *name); /* STR_NULL when absent */
struct str http_header(const struct http_request *r, const char *name);

struct http_server_options {
    const char *address;             /* "127.0.0.1" */
    uint16_t port;                   /* 0: a free one */
    const struct http_route *routes; /* ends with method NULL */
    void *ctx;
    /* Writes the body of an error answer; NULL: Kafka Connect's {"error_code":404,"message":"..."}. */
    void (*error)(int status, const struct error *err, struct http_response *response);
    const char *content_type; /* default of answers; NULL: application/json */
};

struct http_server;
int http_server_start(const struct http_server_options *options, struct http_server **ret, struct error *err);
uint16_t http_server_port(const struct http_server *s);
void http_server_stop(struct http_server *s); /* waits for running requests; NULL is fine */

/* Appends `s` as a JSON string with quotes. */
void http_json_string(struct buf *out, struct str s);

#endif
