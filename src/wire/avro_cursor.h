/*
 * Inside the Avro decoders: bytes read from the front, every read checked. A read that fails sets the error and
 * returns false; `what` names what was read.
 */
#ifndef WIRE_AVRO_CURSOR_H
#define WIRE_AVRO_CURSOR_H

#include "base/error.h"
#include "base/str.h"

struct avro_cursor {
    const uint8_t *p, *end, *start;
    struct error *err;
    uint64_t budget; /* values that may still be read */
    int depth;
};

/* `size` bytes; the budget of values follows from it. */
void avro_cursor_init(struct avro_cursor *c, struct str bytes, struct error *err);

__attribute__((format(printf, 2, 3), cold)) bool avro_cursor_fail(struct avro_cursor *c, const char *format, ...);

bool avro_cursor_long_slow(struct avro_cursor *c, int64_t *ret);

static inline bool avro_cursor_long(struct avro_cursor *c, int64_t *ret)
{
    if (__builtin_expect(c->p < c->end && *c->p < 0x80, 1)) {
        uint64_t u = *c->p++;
        *ret = (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
        return true;
    }
    return avro_cursor_long_slow(c, ret);
}

bool avro_cursor_int(struct avro_cursor *c, int32_t *ret);
bool avro_cursor_bytes(struct avro_cursor *c, size_t n, struct str *ret);
bool avro_cursor_boolean(struct avro_cursor *c, bool *ret);
bool avro_cursor_float(struct avro_cursor *c, float *ret);
bool avro_cursor_double(struct avro_cursor *c, double *ret);
bool avro_cursor_string(struct avro_cursor *c, bool is_text,
                        struct str *ret); /* length and bytes; text must be UTF-8 */
bool avro_cursor_index(struct avro_cursor *c, uint32_t n, const char *what, uint32_t *ret); /* of a branch or symbol */

/* The next block of an array or map: how many items it has, 0 at the end. Its size in bytes, if it has one, is read and
 * checked. */
bool avro_cursor_block(struct avro_cursor *c, uint64_t *ret);

/* n values more; false beyond the limit. */
bool avro_cursor_spend(struct avro_cursor *c, uint64_t n);

/* One more value, one level deeper; false beyond the limits. */
bool avro_cursor_enter(struct avro_cursor *c);
static inline void avro_cursor_leave(struct avro_cursor *c)
{
    c->depth--;
}

#endif
