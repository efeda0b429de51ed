/* Inside http: a request's path, taken apart, and the row of the tables that answers it. No I/O. */
#ifndef HTTP_ROUTES_H
#define HTTP_ROUTES_H

#include "http/server.h"

struct http_path {
    struct str segments[HTTP_MAX_SEGMENTS]; /* decoded, into `text` */
    size_t n_segments;
    struct buf text; /* the whole path, decoded */
};

/* `raw` is the path as it came, up to the '?'. ERROR_REQUEST when it cannot be taken apart; release also then. */
int http_path_init(struct http_path *path, struct str raw, struct error *err);
void http_path_release(struct http_path *path);

struct http_match {
    const struct http_route *route; /* NULL: none for this method */
    void *ctx;
    size_t row; /* number of the row, counted through all tables */
    struct str params[HTTP_MAX_PARAMS];
    bool path_known; /* some row has this path */
};

/* Picks the row for `method`; a HEAD without a row of its own goes to GET's. */
void http_routes_match(const struct http_mount *mounts, const struct http_path *path, const char *method,
                       struct http_match *ret);

/* Appends the methods that the path has rows for, "GET, HEAD, OPTIONS, PUT". */
void http_routes_allow(const struct http_mount *mounts, const struct http_path *path, struct buf *out);

#endif
