/*
 * `struct buf`: bytes that grow. Zero-initialised is empty and ready ({0}); buf_free releases.
 * Kept NUL-terminated by buf_cstr only.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>

struct buf {
    char *data;
    size_t len, cap;
};

void buf_free(struct buf *b);              /* {0} again */
void buf_grow(struct buf *b, size_t more); /* makes room for `more` bytes beyond len */

static inline void buf_clear(struct buf *b)
{
    b->len = 0;
}

/* Room for n bytes at the end; the caller writes there and adds to len itself. */
static inline char *buf_reserve(struct buf *b, size_t n)
{
    if (__builtin_expect(b->cap - b->len < n, 0))
        buf_grow(b, n);
    return b->data + b->len;
}

static inline void buf_add(struct buf *b, const void *ptr, size_t n)
{
    if (n) {
        memcpy(buf_reserve(b, n), ptr, n);
        b->len += n;
    }
}

static inline void buf_add_char(struct buf *b, char c)
{
    *buf_reserve(b, 1) = c;
    b->len++;
}

static inline void buf_add_str(struct buf *b, struct str s)
{
    buf_add(b, s.ptr, s.len);
}

#define buf_add_literal(b, literal) buf_add((b), "" literal, sizeof(literal) - 1)

void buf_add_cstr(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
void buf_add_int64(struct buf *b, int64_t v); /* decimal digits, no allocation, fast */
void buf_add_uint64(struct buf *b, uint64_t v);

char *buf_cstr(struct buf *b); /* NUL-terminated view; the NUL is not counted in len */
char *buf_take(struct buf *b); /* malloc'ed NUL-terminated string; the buffer is {0} after */

static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->data ? b->data : "", b->len};
}

void buf_cleanup(struct buf *b);
#define AUTO_BUF __attribute__((cleanup(buf_cleanup))) struct buf

#endif
