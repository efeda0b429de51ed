/*
 * An HTTP server (libmicrohttpd) that answers from tables of routes. Declared once: a row gives method, path, handler
 * and documentation; 404 and 405, OPTIONS, the listing of routes and the check that each one is tested come from it.
 *
 * Paths: a segment is a literal or a whole {name}; a literal wins over a {name}, whatever the order of the rows. A
 * slash at the end of the request's path is ignored. HEAD is answered by the GET row.
 *
 * Threads: one per connection, so a handler may block (long polling), and handlers of different connections run at
 * the same time. A handler that waits must also wait for `request->stopping`.
 *
 * What the server answers by itself: 400 (a path that cannot be decoded), 401 (options.users), 404, 405 with Allow,
 * 411/413 (a body beyond HTTP_MAX_BODY), 415 (a body of another type than options.accepts), 503 (stopping).
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/wake.h"
#include "http/text.h"
#include "http/users.h"

enum {
    HTTP_MAX_BODY = 16 * 1024 * 1024,
    HTTP_MAX_PARAMS = 8,
    HTTP_MAX_SEGMENTS = 32,     /* of a path */
    HTTP_MAX_CONNECTIONS = 256, /* open at the same time; more wait in the listen queue */
    HTTP_IDLE_SECONDS = 60,     /* a connection without traffic is closed after this */
    HTTP_STOP_GRACE_MS = 5000,  /* http_server_stop waits this long for answers under way to be taken */
};

struct http_request {
    const char *method;
    struct str path;                    /* decoded */
    struct str params[HTTP_MAX_PARAMS]; /* of {name} in the route's path, percent-decoded, in order */
    struct str body;
    void *connection;            /* for http_query and http_header */
    const struct wake *stopping; /* raised when the server stops: a long poll answers with what it has */
};

struct http_response {
    int status;               /* 0: 200, or for a returned error error_rest_status of its code */
    const char *content_type; /* NULL: the server's default; must live as long as the server (a literal) */
    struct buf body;
    struct buf headers; /* further "Name: value\n" lines */
};

/* Fills the response; for a returned error code the server writes the body (see http_server_options.error). */
typedef int http_handler(void *ctx, const struct http_request *request, struct http_response *response,
                         struct error *err);

struct http_route {
    const char *method; /* "GET" */
    const char *path;   /* "/connectors/{name}/config" */
    http_handler *handler;
    const char *doc;
};

/* A table of routes, ending with method NULL, and what its handlers get as ctx. */
struct http_mount {
    const struct http_route *routes;
    void *ctx;
};

struct str http_query(const struct http_request *r, const char *name); /* STR_NULL when absent */
/* Whether a name that may be given more than once (?expand=status&expand=info) has the value too. */
bool http_query_has(const struct http_request *r, const char *name, const char *value);
struct str http_header(const struct http_request *r, const char *name);

/* HTTPS. Files in PEM form, read at the start. */
struct http_server_tls {
    const char *cert_file;    /* ours, and those between it and the one that is trusted */
    const char *key_file;     /* its private key */
    const char *key_password; /* NULL: the key has none */
};

struct http_server_options {
    const char *address;             /* "127.0.0.1" */
    uint16_t port;                   /* 0: a free one */
    const struct http_route *routes; /* the first table, ends with method NULL; may be NULL when there are mounts */
    void *ctx;
    const struct http_mount *mounts; /* further tables, ends with routes NULL; NULL: none */
    /* Writes the body of an error answer; NULL: Kafka Connect's {"error_code":404,"message":"..."}. */
    void (*error)(int status, const struct error *err, struct http_response *response);
    const char *content_type;       /* default of answers; NULL: application/json */
    const char *const *accepts;     /* media types of bodies, ends with NULL; NULL: only application/json, as Connect.
                                       A body without a type is application/octet-stream */
    int idle_seconds;               /* 0: HTTP_IDLE_SECONDS */
    struct http_server_tls tls;     /* cert_file NULL: plain HTTP. Need not outlive the start */
    const struct http_users *users; /* who may enter (basic authentication), else 401; NULL: everybody. Must outlive the
                                       server */
    const char *realm;              /* what a browser shows when it asks for a password; NULL: "tributary" */
};

struct http_server;
/* The options are copied, the tables of routes are not. ERROR_CONFLICT: the port is taken. ERROR_CONFIG: certificate or
 * key cannot be used. */
int http_server_start(const struct http_server_options *options, struct http_server **ret, struct error *err);
uint16_t http_server_port(const struct http_server *s);
void http_server_stop(struct http_server *s); /* waits for running requests; NULL is fine */

/* How often a row was called since the start, by its method and path as the table writes them; a test walks the table
 * and fails on a row that was never called. -1: no such row. */
int64_t http_server_route_hits(const struct http_server *s, const char *method, const char *path);

#endif
