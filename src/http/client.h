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

/* The parts of "https://user:pw@host:8081/path" that tell where it leads. */
struct http_url {
    bool is_https;
    struct str host; /* without the brackets of an IPv6 number */
    uint16_t port;   /* 80 or 443 when none is given */
};
bool http_url_split(struct str url, struct http_url *ret); /* false: not http or https, or no host */

/* Files in PEM form unless said otherwise; NULL: none, or the system's. They are read at each connection. */
struct http_client_tls {
    const char *ca_file;                  /* whom to trust */
    const char *cert_file, *key_file;     /* who we are; key NULL: it is in cert_file */
    const char *cert_type, *key_password; /* "PEM", "P12" */
    bool any_host;                        /* the certificate may be for another host name */
};

struct http_client *http_client_new(void);
void http_client_free(struct http_client *c);                    /* NULL is fine */
void http_client_set_timeout(struct http_client *c, int64_t ms); /* of a whole request; 0: none */
void http_client_set_auth(struct http_client *c, const char *user, const char *password); /* basic */
void http_client_set_tls(struct http_client *c, const struct http_client_tls *tls);

/* 0 whenever an answer came, whatever its status; its body is appended to *ret_body. `body` STR_NULL: none.
 * `content_type` may be NULL. Errors name method, URL (without a password in it) and cause: ERROR_CONNECTION and
 * ERROR_TIMEOUT (retriable), ERROR_AUTH (a certificate), ERROR_CONFIG (the URL), ERROR_DATA (an answer too large). */
int http_client_do(struct http_client *c, const char *method, const char *url, const char *content_type,
                   struct str body, int *ret_status, struct buf *ret_body, struct error *err);

#endif
