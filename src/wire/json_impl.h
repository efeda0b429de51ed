/*
 * Shared by json_*.c only. The json_put_x functions write at a cursor, into room that the caller has
 * reserved (JSON_PUT_ROOM and the like say how much), and return the cursor behind what they wrote.
 */
#ifndef WIRE_JSON_IMPL_H
#define WIRE_JSON_IMPL_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdint.h>

enum {
    JSON_INT_ROOM = 20,    /* -9223372036854775808 */
    JSON_DOUBLE_ROOM = 28, /* "-2.2250738585072014E-308" with quotes, and slack */
    JSON_SLACK = 32,       /* what copies in fixed steps may write too much */
    JSON_WORST_ESCAPE = 6, /* a control character is one byte and becomes \u001F */
};

char *json_put_uint64(char *p, uint64_t v);
char *json_put_double(char *p, double d); /* Java's Double.toString */
char *json_put_float(char *p, float f);

static inline char *json_put_int64(char *p, int64_t v)
{
    *p = '-';
    p += v < 0;
    return json_put_uint64(p, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

/* Escaped, without quotes. Room: JSON_WORST_ESCAPE * len + JSON_SLACK. */
char *json_put_escaped(char *p, const char *s, size_t len);

/* Without quotes. Room: json_base64_len(len). */
char *json_put_base64(char *p, const uint8_t *bytes, size_t len);

static inline size_t json_base64_len(size_t len)
{
    return (len + 2) / 3 * 4;
}

#endif
