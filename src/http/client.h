/* HTTP requests (libcurl), one at a time per client; connections are kept and reused. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "base/buf.h"
#include "base/error.h"

struct http_client;

struct http_client *http_client_new(void);
void http_client_free(struct http_client *c); /* NULL is fine */
void http_client_set_timeout(struct http_client *c, int64_t ms);
void http_client_set_auth(struct http_client *c, const char *user, const char *password); /* basic */

/* 0 whenever an answer came, whatever its status. `body` STR_NULL: none. `content_type` may be NULL. */
int http_client_do(struct http_client *c, const char *method, const char *url, const char *content_type,
                   struct str body, int *ret_status, struct buf *ret_body, struct error *err);

#endif
