/* What the drivers' readers of connection URLs share. */
#ifndef DB_COMMON_URL_H
#define DB_COMMON_URL_H

#include "base/arena.h"
#include "base/error.h"

/* Undoes percent-encoding, into the arena and NUL-terminated; with `plus_is_space` also as java.net.URLDecoder does it.
 * ERROR_CONFIG: a lone %, or %00. */
int url_decode(struct str s, bool plus_is_space, struct arena *arena, struct str *ret, struct error *err);

#endif
