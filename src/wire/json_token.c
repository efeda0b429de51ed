/* JSON's tokens: strings and numbers. */
#include "wire/decimal.h"
#include "wire/json_parser.h"

#include <stdlib.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    MANTISSA_DIGITS = 19,    /* any number of so many digits fits 64 bits */
    EXACT_POWER_OF_TEN = 22, /* 10^22 is the largest power that a double holds exactly */
    NUMBER_TEXT_MAX = DECIMAL_MAX_DIGITS + 64,
};
#define EXACT_INTEGER (1ull << 53) /* doubles hold every integer up to here */

void json_parser_init(struct json_parser *r, struct str text, struct arena *arena, struct error *err)
{
    if (!text.ptr)
        text = STR("");
    *r = (struct json_parser){.start = text.ptr, .p = text.ptr, .end = text.ptr + text.len, .arena = arena, .err = err};
}

void json_parser_release(struct json_parser *r)
{
    vec_free(&r->stack);
    vec_free(&r->slots);
}

int json_fail(struct json_parser *r, const char *at, const char *what)
{
    return error_set(r->err, ERROR_DATA, "JSON, byte %zu: %s", (size_t)(at - r->start), what);
}

int json_fail_expected(struct json_parser *r, const char *what)
{
    return json_fail(r, r->p, r->p == r->end ? "the text ends too early" : what);
}

int json_expect_end(struct json_parser *r)
{
    json_skip_space(r);
    return r->p == r->end ? 0 : json_fail(r, r->p, "something follows where the text should end");
}

/* Strings. */

/* Where the run of characters ends that need no look: ASCII but quote, backslash and controls. */
static const char *skip_plain(const char *p, const char *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(' ')); /* signed: not ASCII is below, too */
        __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, backslash)));
        if (mask)
            return p + __builtin_ctz(mask);
    }
#endif
    while (p < end && (uint8_t)*p >= ' ' && (uint8_t)*p < 0x80 && *p != '"' && *p != '\\')
        p++;
    return p;
}

/* The length of the UTF-8 sequence at p, of two to four bytes; 0 when it is malformed (RFC 3629). */
static size_t sequence_length(const char *text, const char *end)
{
    const uint8_t *p = (const uint8_t *)text;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || (size_t)(end - text) < n)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool outside = (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf4 && p[1] > 0x8f); /* surrogates; beyond U+10FFFF */
    return overlong || outside ? 0 : n;
}

static int parse_hex4(struct json_parser *r, unsigned *ret)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++, r->p++) {
        if (r->p == r->end)
            return json_fail_expected(r, "");
        char c = *r->p, lower = (char)(c | 0x20);
        if (c >= '0' && c <= '9')
            v = v << 4 | (unsigned)(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            v = v << 4 | (unsigned)(lower - 'a' + 10);
        else
            return json_fail(r, r->p, "\\u needs four hexadecimal digits");
    }
    *ret = v;
    return 0;
}

static char *put_utf8(char *out, unsigned code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *out++ = (char)(0xe0 | code >> 12);
        } else {
            *out++ = (char)(0xf0 | code >> 18);
            *out++ = (char)(0x80 | (code >> 12 & 63));
        }
        *out++ = (char)(0x80 | (code >> 6 & 63));
    }
    *out++ = (char)(0x80 | (code & 63));
    return out;
}

static int parse_unicode(struct json_parser *r, char **out)
{
    const char *at = r->p - 2;
    unsigned code, low;
    int rc = parse_hex4(r, &code);
    if (rc)
        return rc;
    if (code >= 0xd800 && code < 0xe000) {
        if (code >= 0xdc00 || r->end - r->p < 2 || r->p[0] != '\\' || r->p[1] != 'u')
            return json_fail(r, at, "a surrogate without its other half");
        r->p += 2;
        rc = parse_hex4(r, &low);
        if (rc)
            return rc;
        if (low < 0xdc00 || low > 0xdfff)
            return json_fail(r, at, "a surrogate without its other half");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    *out = put_utf8(*out, code);
    return 0;
}

static int parse_escape(struct json_parser *r, char **out)
{
    const char *at = r->p++;
    if (r->p == r->end)
        return json_fail_expected(r, "");
    char c = *r->p++;
    switch (c) {
    case 'u':
        return parse_unicode(r, out);
    case 'b':
        c = '\b';
        break;
    case 'f':
        c = '\f';
        break;
    case 'n':
        c = '\n';
        break;
    case 'r':
        c = '\r';
        break;
    case 't':
        c = '\t';
        break;
    case '"':
    case '\\':
    case '/':
        break;
    default:
        return json_fail(r, at, "an unknown escape");
    }
    *(*out)++ = c;
    return 0;
}

int json_scan_string(struct json_parser *r, bool *ret_escapes)
{
    const char *opening = r->p++;
    bool escapes = false;
    for (;;) {
        r->p = skip_plain(r->p, r->end);
        if (r->p == r->end)
            return json_fail(r, opening, "a string that does not end");
        if (*r->p == '"')
            break;
        if (*r->p == '\\') {
            escapes = true;
            r->p += r->end - r->p >= 2 ? 2 : 1;
        } else if ((uint8_t)*r->p < ' ') {
            return json_fail(r, r->p, "a control character in a string, where an escape is needed");
        } else {
            size_t n = sequence_length(r->p, r->end);
            if (n == 0)
                return json_fail(r, r->p, "invalid UTF-8");
            r->p += n;
        }
    }
    r->p++;
    *ret_escapes = escapes;
    return 0;
}

int json_parse_string(struct json_parser *r, struct value *ret)
{
    if (r->p == r->end || *r->p != '"')
        return json_fail_expected(r, "a string was expected");
    const char *from = r->p + 1;
    bool escapes;
    int rc = json_scan_string(r, &escapes);
    if (rc)
        return rc;
    const char *closing = r->p - 1;
    size_t len = (size_t)(closing - from);
    if (len > VALUE_MAX_LEN)
        return json_fail(r, from, "a string that is too long");
    char *text = arena_alloc(r->arena, len), *out = text;
    if (!escapes) {
        memcpy(text, from, len);
        *ret = value_str(str_of(text, len));
        return 0;
    }
    r->p = from;
    while (r->p < closing) {
        if (*r->p != '\\') {
            *out++ = *r->p++;
            continue;
        }
        rc = parse_escape(r, &out);
        if (rc)
            return rc;
    }
    r->p = closing + 1;
    *ret = value_str(str_of(text, (size_t)(out - text)));
    return 0;
}

/* Numbers. */

struct number {
    struct str text;
    uint64_t mantissa; /* of the first MANTISSA_DIGITS digits */
    int n_digits;      /* without leading zeros; more than MANTISSA_DIGITS: mantissa is not all */
    int64_t exponent;  /* worth mantissa * 10^exponent */
    bool negative, integer;
};

static void add_digit(struct number *n, char c)
{
    if (n->n_digits == 0 && c == '0')
        return;
    if (n->n_digits < MANTISSA_DIGITS)
        n->mantissa = n->mantissa * 10 + (uint64_t)(c - '0');
    n->n_digits += n->n_digits <= MANTISSA_DIGITS;
}

static bool is_digit(const struct json_parser *r)
{
    return r->p < r->end && *r->p >= '0' && *r->p <= '9';
}

static int scan_fraction(struct json_parser *r, struct number *n)
{
    n->integer = false;
    if (!is_digit(r))
        return json_fail_expected(r, "a digit was expected behind the point");
    for (; is_digit(r); r->p++, n->exponent--)
        add_digit(n, *r->p);
    return 0;
}

static int scan_exponent(struct json_parser *r, struct number *n)
{
    n->integer = false;
    bool negative = json_take(r, '-');
    if (!negative)
        json_take(r, '+');
    if (!is_digit(r))
        return json_fail_expected(r, "a digit was expected in the exponent");
    int64_t e = 0;
    for (; is_digit(r); r->p++)
        e = e < INT32_MAX ? e * 10 + (*r->p - '0') : e;
    n->exponent += negative ? -e : e;
    return 0;
}

static int scan_number(struct json_parser *r, struct number *n)
{
    const char *from = r->p;
    *n = (struct number){.integer = true, .negative = json_take(r, '-')};
    const char *digits = r->p;
    if (!is_digit(r))
        return json_fail_expected(r, "a value was expected");
    for (; is_digit(r); r->p++)
        add_digit(n, *r->p);
    if (*digits == '0' && r->p - digits > 1 && !r->exact)
        return json_fail(r, digits, "a number with a leading zero");
    int rc = 0;
    if (json_take(r, '.'))
        rc = scan_fraction(r, n);
    if (rc == 0 && (json_take(r, 'e') || json_take(r, 'E')))
        rc = scan_exponent(r, n);
    n->text = str_of(from, (size_t)(r->p - from));
    if (rc == 0 && n->text.len > NUMBER_TEXT_MAX)
        return json_fail(r, from, "a number that is too long");
    return rc;
}

static double number_to_double(struct json_parser *r, const struct number *n)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    static_assert(sizeof powers / sizeof *powers == EXACT_POWER_OF_TEN + 1, "10^0 to 10^22");
    if (n->n_digits <= MANTISSA_DIGITS && n->mantissa <= EXACT_INTEGER && n->exponent >= -EXACT_POWER_OF_TEN &&
        n->exponent <= EXACT_POWER_OF_TEN) { /* both operands exact: one rounding, the right one */
        double d = (double)n->mantissa;
        d = n->exponent < 0 ? d / powers[-n->exponent] : d * powers[n->exponent];
        return n->negative ? -d : d;
    }
    return strtod(arena_str(r->arena, n->text).ptr, NULL);
}

int json_parse_number(struct json_parser *r, struct value *ret)
{
    struct number n;
    int rc = scan_number(r, &n);
    if (rc)
        return rc;
    bool fits = n.n_digits <= MANTISSA_DIGITS && n.mantissa <= (uint64_t)INT64_MAX + n.negative;
    if (n.integer && fits)
        *ret = value_int64((int64_t)(n.negative ? -n.mantissa : n.mantissa));
    else if (r->exact)
        *ret = value_bytes(arena_str(r->arena, n.text).ptr, n.text.len);
    else
        *ret = value_float64(number_to_double(r, &n));
    return 0;
}
