/*
 * A schema registry elsewhere (Confluent's, or another tributary's) behind the calls of registry.h. Answers that cannot
 * change are kept: the schema of an id, the id of a schema under a subject.
 *
 * Several URLs are one registry: the one that answered last is asked first, then the others. What may pass (no
 * connection, no answer in time, statuses 408, 429, 502, 503, 504) is tried again after a wait that doubles.
 *
 * Errors: those of registry.h, where the registry itself answered with one; ERROR_CONNECTION and ERROR_TIMEOUT
 * (retriable) when none can be reached; ERROR_AUTH; ERROR_IO (retriable) when it fails by itself; ERROR_DATA for an
 * answer that is not the registry's.
 */
#ifndef REGISTRY_REMOTE_H
#define REGISTRY_REMOTE_H

#include "http/client.h"
#include "registry/registry.h"

struct registry_remote_options {
    const struct str *urls; /* may have a name and password each, http://user:pw@host */
    size_t n_urls;
    const char *user, *password; /* basic auth; NULL: those of the URLs, if any */
    struct http_client_tls tls;
    int64_t timeout_ms; /* of a request; 0: HTTP_CLIENT_TIMEOUT_MS */
    int max_retries;    /* rounds through the URLs after the first */
    int64_t retry_wait_ms, retry_max_wait_ms;
};

enum {
    REMOTE_MAX_RETRIES = 3,
    REMOTE_RETRY_WAIT_MS = 1000,
    REMOTE_RETRY_MAX_WAIT_MS = 20000,
    REMOTE_MAX_CACHED = 10000, /* answers; then all are forgotten */
    REMOTE_MAX_URLS = 32,
};
#define REGISTRY_REMOTE_DEFAULTS                                                                                       \
    .max_retries = REMOTE_MAX_RETRIES, .retry_wait_ms = REMOTE_RETRY_WAIT_MS,                                          \
    .retry_max_wait_ms = REMOTE_RETRY_MAX_WAIT_MS

/* Asks nothing yet. The options are copied. ERROR_CONFIG: no URL, or one that is none. */
int registry_open_remote(const struct registry_remote_options *options, struct registry **ret, struct error *err);

#endif
