#include "base/buf.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}

void buf_cleanup(struct buf *b)
{
    buf_free(b);
}

void buf_grow(struct buf *b, size_t more)
{
    enum { FIRST = 64 };
    size_t need;
    if (__builtin_add_overflow(b->len, more, &need))
        need = SIZE_MAX;
    if (need <= b->cap)
        return;
    size_t cap = b->cap < FIRST ? FIRST : b->cap;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    b->data = mem_realloc(b->data, cap);
    b->cap = cap;
}

void buf_add_cstr(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t room = b->cap - b->len;
    int n = vsnprintf(room ? b->data + b->len : NULL, room, format, args);
    if (n > 0) {
        if ((size_t)n >= room)
            vsnprintf(buf_reserve(b, (size_t)n + 1), (size_t)n + 1, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                  "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                  "8081828384858687888990919293949596979899";

void buf_add_uint64(struct buf *b, uint64_t v)
{
    char digits[20], *p = digits + sizeof digits;
    while (v >= 100) {
        p -= 2;
        memcpy(p, digit_pairs + 2 * (v % 100), 2);
        v /= 100;
    }
    if (v >= 10) {
        p -= 2;
        memcpy(p, digit_pairs + 2 * v, 2);
    } else {
        *--p = (char)('0' + v);
    }
    buf_add(b, p, (size_t)(digits + sizeof digits - p));
}

void buf_add_int64(struct buf *b, int64_t v)
{
    uint64_t magnitude = (uint64_t)v;
    if (v < 0) {
        buf_add_char(b, '-');
        magnitude = 0 - magnitude;
    }
    buf_add_uint64(b, magnitude);
}

char *buf_cstr(struct buf *b)
{
    *buf_reserve(b, 1) = '\0';
    return b->data;
}

char *buf_take(struct buf *b)
{
    char *text = buf_cstr(b);
    *b = (struct buf){0};
    return text;
}
