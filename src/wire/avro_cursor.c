#include "wire/avro_cursor.h"

#include "wire/avro.h"

void avro_cursor_init(struct avro_cursor *c, struct str bytes, struct error *err)
{
    const uint8_t *p = (const uint8_t *)bytes.ptr;
    *c = (struct avro_cursor){.p = p,
                              .end = p + bytes.len,
                              .start = p,
                              .err = err,
                              .budget = AVRO_MAX_VALUES + (uint64_t)bytes.len * AVRO_MAX_VALUES_PER_BYTE};
}

bool avro_cursor_fail(struct avro_cursor *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_setv(c->err, ERROR_DATA, format, args);
    va_end(args);
    error_context(c->err, "Avro data, byte %zu", (size_t)(c->p - c->start));
    return false;
}

bool avro_cursor_long_slow(struct avro_cursor *c, int64_t *ret)
{
    enum { MAX_BYTES = 10 };
    uint64_t u = 0;
    const uint8_t *p = c->p;
    for (unsigned i = 0; i < MAX_BYTES; i++) {
        if (p == c->end)
            return avro_cursor_fail(c, "the data ends within a number");
        uint8_t b = *p++;
        u |= (uint64_t)(b & 0x7f) << (7 * i);
        if (!(b & 0x80)) {
            if (i == MAX_BYTES - 1 && b > 1)
                break;
            c->p = p;
            *ret = (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
            return true;
        }
    }
    return avro_cursor_fail(c, "a number has more than 64 bits");
}

bool avro_cursor_int(struct avro_cursor *c, int32_t *ret)
{
    int64_t v;
    if (!avro_cursor_long(c, &v))
        return false;
    if (v < INT32_MIN || v > INT32_MAX)
        return avro_cursor_fail(c, "an int has more than 32 bits");
    *ret = (int32_t)v;
    return true;
}

bool avro_cursor_bytes(struct avro_cursor *c, size_t n, struct str *ret)
{
    if ((size_t)(c->end - c->p) < n)
        return avro_cursor_fail(c, "%zu bytes are missing", n - (size_t)(c->end - c->p));
    *ret = str_of(c->p, n);
    c->p += n;
    return true;
}

bool avro_cursor_boolean(struct avro_cursor *c, bool *ret)
{
    if (c->p == c->end)
        return avro_cursor_fail(c, "a boolean is missing");
    if (*c->p > 1)
        return avro_cursor_fail(c, "a boolean is 0x%02x, neither 0 nor 1", *c->p);
    *ret = *c->p++;
    return true;
}

bool avro_cursor_float(struct avro_cursor *c, float *ret)
{
    if ((size_t)(c->end - c->p) < sizeof *ret)
        return avro_cursor_fail(c, "the data ends within a float");
    memcpy(ret, c->p, sizeof *ret);
    c->p += sizeof *ret;
    return true;
}

bool avro_cursor_double(struct avro_cursor *c, double *ret)
{
    if ((size_t)(c->end - c->p) < sizeof *ret)
        return avro_cursor_fail(c, "the data ends within a double");
    memcpy(ret, c->p, sizeof *ret);
    c->p += sizeof *ret;
    return true;
}

bool avro_cursor_string(struct avro_cursor *c, bool is_text, struct str *ret)
{
    int64_t len;
    struct str s;
    if (!avro_cursor_long(c, &len))
        return false;
    if (len < 0 || len > c->end - c->p)
        return avro_cursor_fail(c, "a %s is %lld bytes long, and %zu are left", is_text ? "string" : "bytes value",
                                (long long)len, (size_t)(c->end - c->p));
    if (!avro_cursor_bytes(c, (size_t)len, &s))
        return false;
    if (is_text && !str_is_utf8(s))
        return avro_cursor_fail(c, "a string of %zu bytes is not UTF-8", s.len);
    *ret = s;
    return true;
}

bool avro_cursor_index(struct avro_cursor *c, uint32_t n, const char *what, uint32_t *ret)
{
    int64_t i;
    if (!avro_cursor_long(c, &i))
        return false;
    if (i < 0 || i >= n)
        return avro_cursor_fail(c, "%s %lld of %u", what, (long long)i, n);
    *ret = (uint32_t)i;
    return true;
}

bool avro_cursor_block(struct avro_cursor *c, uint64_t *ret)
{
    int64_t n, size;
    if (!avro_cursor_long(c, &n))
        return false;
    if (n < 0) {
        if (n == INT64_MIN || !avro_cursor_long(c, &size))
            return n == INT64_MIN ? avro_cursor_fail(c, "a block of %lld items", (long long)n) : false;
        if (size < 0 || size > c->end - c->p)
            return avro_cursor_fail(c, "a block is %lld bytes long, and %zu are left", (long long)size,
                                    (size_t)(c->end - c->p));
        n = -n;
    }
    if ((uint64_t)n > c->budget)
        return avro_cursor_fail(c, "a block of %lld items is more than one datum may have", (long long)n);
    *ret = (uint64_t)n;
    return true;
}

bool avro_cursor_spend(struct avro_cursor *c, uint64_t n)
{
    if (c->budget < n)
        return avro_cursor_fail(c, "more values than one datum may have");
    c->budget -= n;
    return true;
}

bool avro_cursor_enter(struct avro_cursor *c)
{
    if (c->depth == AVRO_MAX_DEPTH)
        return avro_cursor_fail(c, "nested more than %d deep", AVRO_MAX_DEPTH);
    if (!avro_cursor_spend(c, 1))
        return false;
    c->depth++;
    return true;
}
