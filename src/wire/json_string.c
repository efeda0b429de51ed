/* Strings as Jackson escapes them, and base64 as it writes binary nodes. */
#include "wire/json.h"
#include "wire/json_impl.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    BLOCK = 16,
    CHUNK_BYTES = 4096,    /* of a long string at a time, so that the room for the worst case stays small */
    FOUR_BYTE_LEAD = 0xf0, /* UTF-8's mark of a code point beyond the basic plane */
    FIRST_SUPPLEMENTARY = 0x10000,
    LAST_CODE_POINT = 0x10ffff,
};

/* Bytes that are not copied as they are: quote, backslash, controls, and the start of what Java holds as a pair of
 * surrogates, which Jackson's UTF-8 writer escapes. */
static inline bool is_special(uint8_t c)
{
    return c < ' ' || c == '"' || c == '\\' || c >= FOUR_BYTE_LEAD;
}

static inline uint64_t load64(const char *s)
{
    uint64_t v;
    memcpy(&v, s, sizeof v);
    return v;
}

/* Not 0 when any of eight bytes is special. */
static inline uint64_t special_in_eight(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t quote = v ^ ones * '"', backslash = v ^ ones * '\\';
    uint64_t found = (v - ones * ' ') & ~v;
    found |= (quote - ones) & ~quote;
    found |= (backslash - ones) & ~backslash;
    found |= v & v << 1 & v << 2 & v << 3;
    return found & ones * 0x80;
}

/* Copies a block and returns how many of its bytes, from the first, are clean. */
static inline size_t copy_block(char *p, const char *s)
{
#ifdef __SSE2__
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)s);
    _mm_storeu_si128((__m128i *)(void *)p, v);
    /* As signed bytes, controls (0 to 31) and 0xf0 to 0xff (-16 to -1) are one range; shifted to its upper end. */
    __m128i range = _mm_cmpgt_epi8(_mm_add_epi8(v, _mm_set1_epi8(96)), _mm_set1_epi8(79));
    __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    unsigned mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(range, _mm_or_si128(quote, backslash)));
    return mask ? (size_t)__builtin_ctz(mask) : BLOCK;
#else
    memcpy(p, s, BLOCK);
    if (!(special_in_eight(load64(s)) | special_in_eight(load64(s + 8))))
        return BLOCK;
    size_t n = 0;
    while (!is_special((uint8_t)s[n]))
        n++;
    return n;
#endif
}

static char *put_unicode(char *p, unsigned code)
{
    static const char hex[] = "0123456789ABCDEF";
    const char text[] = {'\\', 'u', hex[code >> 12 & 15], hex[code >> 8 & 15], hex[code >> 4 & 15], hex[code & 15]};
    memcpy(p, text, sizeof text);
    return p + sizeof text;
}

static bool is_continuation(char c)
{
    return ((uint8_t)c & 0xc0) == 0x80;
}

/* A code point of four bytes: its surrogates. Returns the bytes consumed; bad UTF-8 becomes U+FFFD. */
static size_t put_supplementary(char **p, const char *s, size_t len)
{
    unsigned code = 0;
    if (len >= 4 && is_continuation(s[1]) && is_continuation(s[2]) && is_continuation(s[3]))
        code = ((unsigned)s[0] & 7) << 18 | ((unsigned)s[1] & 63) << 12 | ((unsigned)s[2] & 63) << 6 |
               ((unsigned)s[3] & 63);
    if ((uint8_t)s[0] > 0xf4 || code < FIRST_SUPPLEMENTARY || code > LAST_CODE_POINT) {
        memcpy(*p, "\xef\xbf\xbd", 3);
        *p += 3;
        return 1;
    }
    *p = put_unicode(*p, 0xd800 + ((code - FIRST_SUPPLEMENTARY) >> 10));
    *p = put_unicode(*p, 0xdc00 + (code & 0x3ff));
    return 4;
}

/* One special character; returns the bytes consumed. */
static size_t put_special(char **ret_p, const char *s, size_t len)
{
    static const char names[' '] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    uint8_t c = (uint8_t)*s;
    if (c >= FOUR_BYTE_LEAD)
        return put_supplementary(ret_p, s, len);
    char name = c < ' ' ? names[c] : (char)c;
    if (name) {
        char *p = *ret_p;
        p[0] = '\\';
        p[1] = name;
        *ret_p = p + 2;
    } else {
        *ret_p = put_unicode(*ret_p, c);
    }
    return 1;
}

static char *put_dirty(char *p, const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        if (is_special((uint8_t)s[i]))
            i += put_special(&p, s + i, len - i);
        else
            *p++ = s[i++];
    }
    return p;
}

/* Fewer bytes than a block: two overlapping halves. */
static char *put_short(char *p, const char *s, size_t len)
{
    if (len >= 8) {
        uint64_t first = load64(s), last = load64(s + len - 8);
        if (special_in_eight(first) | special_in_eight(last))
            return put_dirty(p, s, len);
        memcpy(p, &first, sizeof first);
        memcpy(p + len - 8, &last, sizeof last);
        return p + len;
    }
    if (len >= 4) {
        uint32_t first, last;
        memcpy(&first, s, sizeof first);
        memcpy(&last, s + len - 4, sizeof last);
        if (special_in_eight((uint64_t)first << 32 | last))
            return put_dirty(p, s, len);
        memcpy(p, &first, sizeof first);
        memcpy(p + len - 4, &last, sizeof last);
        return p + len;
    }
    return put_dirty(p, s, len);
}

char *json_put_escaped(char *p, const char *s, size_t len)
{
    while (len >= BLOCK) {
        size_t clean = copy_block(p, s);
        p += clean;
        s += clean;
        len -= clean;
        if (clean < BLOCK) {
            size_t consumed = put_special(&p, s, len);
            s += consumed;
            len -= consumed;
        }
    }
    return put_short(p, s, len);
}

void json_write_string(struct buf *out, struct str s)
{
    buf_add_char(out, '"');
    while (s.len) {
        size_t n = s.len;
        if (n > CHUNK_BYTES) {
            n = CHUNK_BYTES;
            for (int i = 0; i < 3 && is_continuation(s.ptr[n]); i++)
                n--; /* a code point stays whole */
        }
        char *start = buf_reserve(out, n * JSON_WORST_ESCAPE + JSON_SLACK);
        out->len += (size_t)(json_put_escaped(start, s.ptr, n) - start);
        s.ptr += n;
        s.len -= n;
    }
    buf_add_char(out, '"');
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *json_put_base64(char *p, const uint8_t *bytes, size_t len)
{
    for (; len >= 3; bytes += 3, len -= 3) {
        uint32_t v = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
        *p++ = base64_digits[v >> 18];
        *p++ = base64_digits[v >> 12 & 63];
        *p++ = base64_digits[v >> 6 & 63];
        *p++ = base64_digits[v & 63];
    }
    if (len) {
        uint32_t v = (uint32_t)bytes[0] << 16 | (len > 1 ? (uint32_t)bytes[1] << 8 : 0);
        *p++ = base64_digits[v >> 18];
        *p++ = base64_digits[v >> 12 & 63];
        *p++ = len > 1 ? base64_digits[v >> 6 & 63] : '=';
        *p++ = '=';
    }
    return p;
}

void json_write_base64(struct buf *out, const uint8_t *bytes, size_t len)
{
    char *start = buf_reserve(out, json_base64_len(len) + 2), *p = start;
    *p++ = '"';
    p = json_put_base64(p, bytes, len);
    *p++ = '"';
    out->len += (size_t)(p - start);
}

/* 0 to 63, or -1. */
static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool json_read_base64(struct str text, struct arena *arena, struct str *ret)
{
    if (text.len % 4)
        return false;
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.ptr[text.len - 1 - padding] == '=')
        padding++;
    uint8_t *out = arena_alloc(arena, text.len / 4 * 3 + 1), *p = out;
    for (size_t i = 0; i < text.len; i += 4) {
        uint32_t v = 0;
        for (size_t j = i; j < i + 4; j++) {
            int digit = j >= text.len - padding ? 0 : base64_value(text.ptr[j]);
            if (digit < 0)
                return false;
            v = v << 6 | (uint32_t)digit;
        }
        *p++ = (uint8_t)(v >> 16);
        *p++ = (uint8_t)(v >> 8);
        *p++ = (uint8_t)v;
    }
    *ret = str_of(out, text.len / 4 * 3 - padding);
    return true;
}
