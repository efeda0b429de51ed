/*
 * Confluent's Schema Registry API over the embedded registry: paths, bodies, statuses and error codes are Confluent's
 * (https://docs.confluent.io/platform/current/schema-registry/develop/api.html).
 * What is not here is refused with status 501 and error code 50101, never passed over in silence: members of a config
 * other than compatibility, normalize and compatibilityGroup; comparing schemas of other types than AVRO.
 */
#ifndef REGISTRY_SERVER_H
#define REGISTRY_SERVER_H

#include "http/server.h"
#include "registry/registry.h"

int registry_server_start(struct registry *r, const char *address, uint16_t port, struct http_server **ret,
                          struct error *err);

/* With address, port, TLS and users of `options`; what the API itself is made of is filled in. */
int registry_server_start_with(struct registry *r, const struct http_server_options *options, struct http_server **ret,
                               struct error *err);

/* Every table of routes, for a listing and for the test that calls each: ends with NULL. */
extern const struct http_route *const registry_routes[];

#endif
