/* Confluent's Schema Registry API over the embedded registry. The routes are in server.c's table. */
#ifndef REGISTRY_SERVER_H
#define REGISTRY_SERVER_H

#include "http/server.h"
#include "registry/registry.h"

int registry_server_start(struct registry *r, const char *address, uint16_t port, struct http_server **ret,
                          struct error *err);
extern const struct http_route registry_routes[];

#endif
