/*
 * Text in a Java character set (StandardCharsets' names, and whatever iconv knows), from and to UTF-8.
 * As in Java nothing fails: what a set cannot hold becomes '?', what is malformed becomes U+FFFD.
 */
#ifndef CONVERTERS_CHARSET_H
#define CONVERTERS_CHARSET_H

#include "base/buf.h"
#include "base/error.h"

struct charset;

int charset_new(struct str name, struct charset **ret, struct error *err); /* ERROR_CONFIG names an unknown set */
void charset_free(struct charset *c);                                      /* NULL is fine */
void charset_encode(struct charset *c, struct str utf8, struct buf *out);
void charset_decode(struct charset *c, struct str bytes, struct buf *out); /* gives well-formed UTF-8 */

#endif
