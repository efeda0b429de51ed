#include "db/odbc/odbc.h"

/* The code point at p, which is well-formed UTF-8 or counts as one byte. */
static uint32_t take_utf8(const unsigned char *p, size_t left, size_t *ret_n)
{
    size_t n = p[0] < 0x80 ? 1 : (p[0] >> 5) == 6 ? 2 : (p[0] >> 4) == 14 ? 3 : (p[0] >> 3) == 30 ? 4 : 0;
    uint32_t v = n == 1 ? p[0] : n == 2 ? p[0] & 31u : n == 3 ? p[0] & 15u : p[0] & 7u;
    if (n == 0 || n > left) {
        *ret_n = 1;
        return 0xFFFD;
    }
    for (size_t i = 1; i < n; i++)
        v = v << 6 | (p[i] & 63u);
    *ret_n = n;
    return v <= 0x10FFFF ? v : 0xFFFD;
}

SQLWCHAR *odbc_to_wide(struct str text, struct arena *arena, size_t *ret_len)
{
    SQLWCHAR *out = arena_alloc(arena, sizeof *out * (text.len + 1));
    size_t n = 0, step;
    for (size_t i = 0; i < text.len; i += step) {
        uint32_t c = take_utf8((const unsigned char *)text.ptr + i, text.len - i, &step);
        if (c < 0x10000) {
            out[n++] = (SQLWCHAR)c;
        } else {
            out[n++] = (SQLWCHAR)(0xD800 + ((c - 0x10000) >> 10));
            out[n++] = (SQLWCHAR)(0xDC00 + ((c - 0x10000) & 0x3FF));
        }
    }
    out[n] = 0;
    *ret_len = n;
    return out;
}

static size_t put_code_point(char *p, uint32_t c)
{
    size_t n = 0;
    if (c < 0x80) {
        p[n++] = (char)c;
    } else if (c < 0x800) {
        p[n++] = (char)(0xC0 | c >> 6);
        p[n++] = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        p[n++] = (char)(0xE0 | c >> 12);
        p[n++] = (char)(0x80 | (c >> 6 & 63));
        p[n++] = (char)(0x80 | (c & 63));
    } else {
        p[n++] = (char)(0xF0 | c >> 18);
        p[n++] = (char)(0x80 | (c >> 12 & 63));
        p[n++] = (char)(0x80 | (c >> 6 & 63));
        p[n++] = (char)(0x80 | (c & 63));
    }
    return n;
}

size_t odbc_from_wide(const void *text, size_t len, char *out)
{
    const char *units = text; /* perhaps not aligned */
    size_t n = 0;
    SQLWCHAR u, next;
    for (size_t i = 0; i < len; i++) {
        memcpy(&u, units + i * sizeof u, sizeof u);
        next = 0;
        if (i + 1 < len)
            memcpy(&next, units + (i + 1) * sizeof u, sizeof u);
        uint32_t c = u;
        bool high = c >= 0xD800 && c < 0xDC00, low = c >= 0xDC00 && c < 0xE000;
        if (high && next >= 0xDC00 && next < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (uint32_t)(next - 0xDC00);
            i++;
        } else if (high || low) {
            c = 0xFFFD;
        }
        n += put_code_point(out + n, c);
    }
    return n;
}

void odbc_add_wide(struct buf *out, const SQLWCHAR *text, size_t len)
{
    char *room = buf_reserve(out, len * ODBC_UTF8_A_UNIT + 1);
    out->len += odbc_from_wide(text, len, room);
}
