/*
 * Kafka's variable-length integers: zigzag, then seven bits a byte, lowest first, as protobuf's sint32 and sint64
 * (https://kafka.apache.org/protocol#protocol_types: VARINT, VARLONG). Readers are bounds-checked; a number of too
 * many bytes is refused.
 */
#ifndef TOPICS_VARINT_H
#define TOPICS_VARINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VARINT_MAX = 5, VARLONG_MAX = 10 };

static inline uint64_t zigzag(int64_t v)
{
    return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}

static inline size_t varint_size(int64_t v)
{
    return (size_t)(70 - __builtin_clzll(zigzag(v) | 1)) / 7;
}

/* Writes at most VARLONG_MAX bytes and returns where the next byte goes. */
static inline char *varint_write(char *p, int64_t v)
{
    uint64_t u = zigzag(v);
    while (u >= 0x80) {
        *p++ = (char)(u | 0x80);
        u >>= 7;
    }
    *p++ = (char)u;
    return p;
}

static inline bool varlong_read(const char **p, const char *end, int64_t *ret)
{
    uint64_t u = 0;
    for (unsigned shift = 0; shift < 7 * VARLONG_MAX && *p < end; shift += 7) {
        uint8_t byte = (uint8_t) * (*p)++;
        if (shift == 63 && byte > 1)
            return false;
        u |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret = (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
            return true;
        }
    }
    return false;
}

static inline bool varint_read(const char **p, const char *end, int32_t *ret)
{
    int64_t v;
    if (!varlong_read(p, end, &v) || v < INT32_MIN || v > INT32_MAX)
        return false;
    *ret = (int32_t)v;
    return true;
}

#endif
