/* Text that both ends of HTTP write: JSON strings and percent-encoding (RFC 3986). */
#ifndef HTTP_TEXT_H
#define HTTP_TEXT_H

#include "base/buf.h"

/* Appends `s` as a JSON string with quotes; bytes that are not UTF-8 become U+FFFD. */
void http_json_string(struct buf *out, struct str s);

/* Appends `s` percent-encoded: safe as a path segment, a query name or a query value. */
void http_encode(struct buf *out, struct str s);

/* Appends `s` with %XX decoded. False (and *out as it was) when a %XX is broken or the result is not UTF-8 or has a
 * NUL. */
bool http_decode(struct buf *out, struct str s);

#endif
