/*
 * Where the two servers listen: what the command line says, else what the worker properties say as Kafka Connect reads
 * them (`listeners`, else `rest.host.name` and `rest.port`), else 127.0.0.1 with 8083 and 8081. The properties are
 * about the REST server only.
 */
#ifndef CLI_LISTEN_AT_H
#define CLI_LISTEN_AT_H

#include "base/error.h"
#include "conf/conf.h"

enum { LISTEN_NOT_GIVEN = -1, LISTEN_REST_PORT = 8083, LISTEN_REGISTRY_PORT = 8081 };

/* In: what was given (address NULL and port LISTEN_NOT_GIVEN: nothing). Out: an address and a port. Texts live in the
 * properties. `properties` may be NULL. *ret_https: the properties say `https://`. */
int listen_at_rest(struct config *properties, const char **address, int64_t *port, bool *ret_https, struct error *err);

/* "http://HOST:PORT", "https://:8083" (all addresses), "HTTP://[::1]:8083"; the first of several, comma separated.
 * *ret_port is LISTEN_NOT_GIVEN when there is none. */
int listen_at_parse(struct str listeners, struct arena *arena, struct str *ret_host, int64_t *ret_port, bool *ret_https,
                    struct error *err);

#endif
