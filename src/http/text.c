#include "http/text.h"

static const char hex[] = "0123456789ABCDEF";

static size_t utf8_length(struct str s, size_t at)
{
    for (size_t n = 1; n <= 4 && at + n <= s.len; n++)
        if (str_is_utf8(str_of(s.ptr + at, n)))
            return n;
    return 0;
}

void http_json_string(struct buf *out, struct str s)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '"' || c == '\\') {
            buf_add_char(out, '\\');
            buf_add_char(out, (char)c);
        } else if (c == '\n') {
            buf_add_literal(out, "\\n");
        } else if (c == '\t') {
            buf_add_literal(out, "\\t");
        } else if (c == '\r') {
            buf_add_literal(out, "\\r");
        } else if (c < 0x20) {
            buf_printf(out, "\\u%04X", c);
        } else if (c < 0x80) {
            buf_add_char(out, (char)c);
        } else {
            size_t n = utf8_length(s, i);
            if (n == 0) {
                buf_add_literal(out, "\xEF\xBF\xBD");
                continue;
            }
            buf_add(out, s.ptr + i, n);
            i += n - 1;
        }
    }
    buf_add_char(out, '"');
}

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

void http_encode(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (is_unreserved(c)) {
            buf_add_char(out, (char)c);
        } else {
            buf_add_char(out, '%');
            buf_add_char(out, hex[c >> 4]);
            buf_add_char(out, hex[c & 15]);
        }
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool http_decode(struct buf *out, struct str s)
{
    size_t before = out->len;
    bool good = true;
    for (size_t i = 0; i < s.len && good; i++) {
        char c = s.ptr[i];
        if (c == '%') {
            bool whole = s.len - i > 2;
            int high = whole ? hex_digit(s.ptr[i + 1]) : -1;
            int low = whole ? hex_digit(s.ptr[i + 2]) : -1;
            good = high >= 0 && low >= 0;
            c = (char)(high * 16 + low);
            i += 2;
        }
        good = good && c != '\0';
        if (good)
            buf_add_char(out, c);
    }
    if (good && out->len > before)
        good = str_is_utf8(str_of(out->data + before, out->len - before));
    if (!good)
        out->len = before;
    return good;
}
