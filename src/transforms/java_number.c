#include "transforms/java_number.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool take_sign(struct str *s)
{
    if (!s->len || (s->ptr[0] != '-' && s->ptr[0] != '+'))
        return false;
    bool negative = s->ptr[0] == '-';
    s->ptr++;
    s->len--;
    return negative;
}

static struct str take_while(struct str *s, bool (*accepts)(char))
{
    size_t n = 0;
    while (n < s->len && accepts(s->ptr[n]))
        n++;
    struct str taken = {s->ptr, n};
    s->ptr += n;
    s->len -= n;
    return taken;
}

static bool take_any(struct str *s, const char *chars)
{
    if (!s->len || !strchr(chars, s->ptr[0]) || !s->ptr[0])
        return false;
    s->ptr++;
    s->len--;
    return true;
}

bool java_parse_integer(struct str text, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = take_sign(&text);
    struct str digits = take_while(&text, is_digit);
    if (!digits.len || text.len)
        return false;
    int64_t v = 0; /* negative all along, so that the least number fits */
    for (size_t i = 0; i < digits.len; i++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, digits.ptr[i] - '0', &v))
            return false;
    if (!negative && __builtin_sub_overflow((int64_t)0, v, &v))
        return false;
    if (v < min || v > max)
        return false;
    *ret = v;
    return true;
}

static bool take_exponent(struct str *s, const char *marks)
{
    if (!take_any(s, marks))
        return false;
    take_sign(s);
    return take_while(s, is_digit).len > 0;
}

/* What stands behind a sign: a decimal or hexadecimal floating point literal of Java's. */
static bool is_java_float(struct str s)
{
    bool hex = s.len > 1 && s.ptr[0] == '0' && (s.ptr[1] == 'x' || s.ptr[1] == 'X');
    if (hex)
        s = str_of(s.ptr + 2, s.len - 2);
    bool (*accepts)(char) = hex ? is_hex : is_digit;
    size_t digits = take_while(&s, accepts).len;
    if (take_any(&s, "."))
        digits += take_while(&s, accepts).len;
    if (!digits)
        return false;
    const char *marks = hex ? "pP" : "eE";
    bool has_exponent = s.len && strchr(marks, s.ptr[0]);
    if ((hex || has_exponent) && !take_exponent(&s, marks))
        return false;
    take_any(&s, "fFdD");
    return s.len == 0;
}

/* NUL-terminated text for strtod and strtof: on the stack, unless it is very long. */
struct number_text {
    char *text;
    char small[128];
};

static void number_text_release(struct number_text *n)
{
    if (n->text != n->small)
        free(n->text);
}

/* The text without white space around it, if Java would read it; false, and nothing to release, if not. */
static bool number_text_init(struct number_text *n, struct str text)
{
    while (text.len && (uint8_t)text.ptr[0] <= ' ')
        text = str_of(text.ptr + 1, text.len - 1);
    while (text.len && (uint8_t)text.ptr[text.len - 1] <= ' ')
        text.len--;
    struct str bare = text;
    take_sign(&bare);
    if (!str_is(bare, "NaN") && !str_is(bare, "Infinity") && !is_java_float(bare))
        return false;
    n->text = text.len < sizeof n->small ? n->small : mem_alloc(text.len + 1);
    memcpy(n->text, text.ptr, text.len);
    n->text[text.len] = '\0';
    return true;
}

bool java_parse_double(struct str text, double *ret)
{
    struct number_text n;
    if (!number_text_init(&n, text))
        return false;
    double d = strtod(n.text, NULL);
    number_text_release(&n);
    *ret = isnan(d) ? (double)NAN : d;
    return true;
}

bool java_parse_float(struct str text, float *ret)
{
    struct number_text n;
    if (!number_text_init(&n, text))
        return false;
    float f = strtof(n.text, NULL);
    number_text_release(&n);
    *ret = isnan(f) ? NAN : f;
    return true;
}

int32_t java_double_to_int(double d)
{
    if (isnan(d))
        return 0;
    return d >= (double)INT32_MAX ? INT32_MAX : d <= (double)INT32_MIN ? INT32_MIN : (int32_t)d;
}

int64_t java_double_to_long(double d)
{
    if (isnan(d))
        return 0;
    return d >= 0x1p63 ? INT64_MAX : d <= -0x1p63 ? INT64_MIN : (int64_t)d;
}

bool java_decimal_parse(struct str text, struct java_decimal *ret)
{
    struct java_decimal d = {.negative = take_sign(&text)};
    d.whole = take_while(&text, is_digit);
    d.fraction = str_of(text.ptr, 0);
    if (take_any(&text, "."))
        d.fraction = take_while(&text, is_digit);
    if (d.whole.len + d.fraction.len == 0)
        return false;
    bool has_exponent = take_any(&text, "eE");
    if (has_exponent ? !java_parse_integer(text, -INT32_MAX, INT32_MAX, &d.exponent) : text.len > 0)
        return false;
    int64_t scale = java_decimal_scale(&d);
    if (scale < INT32_MIN || scale > INT32_MAX)
        return false;
    *ret = d;
    return true;
}

int64_t java_decimal_scale(const struct java_decimal *d)
{
    return (int64_t)d->fraction.len - d->exponent;
}

static size_t n_digits(const struct java_decimal *d)
{
    return d->whole.len + d->fraction.len;
}

static int digit(const struct java_decimal *d, size_t i)
{
    return (i < d->whole.len ? d->whole.ptr[i] : d->fraction.ptr[i - d->whole.len]) - '0';
}

/* How many of the digits stand before the point, once the exponent has moved it. May be more than there are. */
static size_t whole_digits(const struct java_decimal *d)
{
    int64_t n = (int64_t)d->whole.len + d->exponent;
    return n > 0 ? (size_t)n : 0;
}

bool java_decimal_is_integral(const struct java_decimal *d)
{
    for (size_t i = whole_digits(d); i < n_digits(d); i++)
        if (digit(d, i))
            return false;
    return true;
}

int64_t java_decimal_to_long(const struct java_decimal *d)
{
    enum { BITS = 64 };
    uint64_t v = 0;
    size_t n = whole_digits(d), there = n < n_digits(d) ? n : n_digits(d);
    for (size_t i = 0; i < there; i++)
        v = v * 10 + (uint64_t)digit(d, i);
    for (size_t zeros = n - there, i = 0; i < zeros && i < BITS; i++)
        v *= 10; /* 10^64 has no bit left below 2^64 */
    return (int64_t)(d->negative ? 0 - v : v);
}

bool java_decimal_fits_long(const struct java_decimal *d)
{
    int64_t v = 0;
    size_t n = whole_digits(d);
    for (size_t i = 0; i < n; i++) {
        int next = i < n_digits(d) ? digit(d, i) : 0;
        if (i >= n_digits(d) && v == 0)
            return true;
        if (__builtin_mul_overflow(v, 10, &v) ||
            (d->negative ? __builtin_sub_overflow(v, next, &v) : __builtin_add_overflow(v, next, &v)))
            return false;
    }
    return true;
}

bool java_decimal_to_double(struct str text, double *ret)
{
    struct java_decimal d;
    return java_decimal_parse(text, &d) && java_parse_double(text, ret);
}
