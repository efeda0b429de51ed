/*
 * What keeps strangers out of both HTTP servers: HTTPS (`listeners=https://...` with `ssl.keystore.*`) and passwords
 * (`rest.basic.auth.file`).
 *
 * Commands on the same machine (`tributary consume`) find their way in all the same: a server that is kept like this
 * has a second door on 127.0.0.1, at a port and with a password that are new at each start and stand in the run file,
 * which only the user who runs the process can read.
 */
#ifndef CLI_SECURE_H
#define CLI_SECURE_H

#include "base/error.h"
#include "conf/conf.h"
#include "http/server.h"

struct secure {
    struct http_server_tls tls; /* cert_file NULL: plain HTTP; texts live in the properties */
    struct http_users *users;   /* NULL: everybody */
    struct http_users *local;   /* who may enter at the second door */
    char local_password[33];
};

/* `https`: the listener's scheme. `properties` may be NULL. ERROR_CONFIG: a file that is missing or cannot be used. */
int secure_read(struct config *properties, bool https, struct secure *ret, struct error *err);
void secure_release(struct secure *s); /* {0} is fine */

static inline bool secure_is_on(const struct secure *s)
{
    return s->tls.cert_file || s->users;
}

/* The URL of the second door at the port; malloc'ed. */
char *secure_local_url(const struct secure *s, uint16_t port);

#endif
