/* Inside http: the socket that a server listens at. */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include "base/error.h"

#include <stdint.h>

/* Listens at `address` (a name or number; NULL: 127.0.0.1) and `port` (0: a free one, told in *ret_port).
 * ERROR_CONFLICT, saying what to do, when the port is taken. */
int http_listen(const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port, struct error *err);

#endif
