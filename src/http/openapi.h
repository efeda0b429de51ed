/*
 * An OpenAPI description (https://spec.openapis.org/oas/v3.0.3) made of route tables: of what the server answers from.
 * What a row's doc says is the summary, and is read for more:
 *
 *     {connector}      in the path: a path parameter
 *     ?expand=status   in the doc: a query parameter, of the type of that value (boolean, integer, else string)
 *     {"name":...      in the doc of a POST, PUT or PATCH: the request has a JSON object as body
 */
#ifndef HTTP_OPENAPI_H
#define HTTP_OPENAPI_H

#include "http/server.h"

enum { OPENAPI_MAX_QUERY = 16 }; /* parameters of one row; more are left out */

struct openapi_info {
    const char *title, *version, *description;
};

/* Appends one JSON object. `tables` ends with NULL. */
void openapi_write(const struct openapi_info *info, const struct http_route *const *tables, struct buf *out);

#endif
