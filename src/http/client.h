/*
 * HTTP and HTTPS requests (libcurl), one at a time per client; connections are kept and reused. Redirects are not
 * followed; a proxy is taken from the environment, but never for this machine.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "base/buf.h"
#include "base/error.h"
#include "http/text.h"

enum { HTTP_CLIENT_MAX_BODY = 64 * 1024 * 1024, HTTP_CLIENT_TIMEOUT_MS = 30000 };

struct http_client;

struct http_client *http_client_new(void);
void http_client_free(struct http_client *c);                    /* NULL is fine */
void http_client_set_timeout(struct http_client *c, int64_t ms); /* of a whole request; 0: none */
void http_client_set_auth(struct http_client *c, const char *user, const char *password); /* basic */

/* 0 whenever an answer came, whatever its status; its body is appended to *ret_body. `body` STR_NULL: none.
 * `content_type` may be NULL. Errors name method, URL (without a password in it) and cause: ERROR_CONNECTION and
 * ERROR_TIMEOUT (retriable), ERROR_AUTH (a certificate), ERROR_CONFIG (the URL), ERROR_DATA (an answer too large). */
int http_client_do(struct http_client *c, const char *method, const char *url, const char *content_type,
                   struct str body, int *ret_status, struct buf *ret_body, struct error *err);

#endif
