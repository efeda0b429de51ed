/* Decimals to text and back, as java.math.BigDecimal does it. */
#include "wire/decimal.h"
#include "wire/decimal_impl.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

enum {
    INT128_SAFE_DIGITS = 38, /* any number of so many digits fits 127 bits */
    INT64_SAFE_DIGITS = 18,  /* ... 63 bits */
    EXACT_POWER_OF_TEN = 22, /* 10^22 is the largest power that a double holds exactly */
};
#define EXPONENT_LIMIT (1ll << 40) /* of a text's own exponent: more than any scale undoes */
#define EXACT_INTEGER  (1ll << 53) /* doubles hold every integer up to here */

/* A decimal's text, taken apart: digits without the point, worth 10^exponent each time. */
struct parts {
    const char *digits; /* may hold one '.' */
    size_t len;         /* with the '.' */
    size_t n_digits;    /* without it, and without leading zeros */
    int64_t exponent;
    bool negative;
};

static bool read_exponent(struct str s, int64_t *ret)
{
    bool negative = false;
    if (s.len && (*s.ptr == '+' || *s.ptr == '-')) {
        negative = *s.ptr == '-';
        s.ptr++;
        s.len--;
    }
    if (s.len == 0)
        return false;
    int64_t v = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        if (v < EXPONENT_LIMIT)
            v = v * 10 + (s.ptr[i] - '0');
    }
    *ret = negative ? -v : v;
    return true;
}

static bool read_parts(struct str text, struct parts *ret)
{
    if (text.len == 0)
        return false;
    const char *p = text.ptr, *end = text.ptr + text.len;
    *ret = (struct parts){0};
    if (p < end && (*p == '+' || *p == '-'))
        ret->negative = *p++ == '-';
    ret->digits = p;
    int64_t fraction = -1;
    size_t seen = 0;
    for (; p < end; p++) {
        if (*p >= '0' && *p <= '9') {
            seen++;
            ret->n_digits += ret->n_digits || *p != '0';
            fraction += fraction >= 0;
        } else if (*p == '.' && fraction < 0) {
            fraction = 0;
        } else {
            break;
        }
    }
    ret->len = (size_t)(p - ret->digits);
    if (seen == 0)
        return false;
    if (p < end && ((*p != 'e' && *p != 'E') || !read_exponent(str_of(p + 1, (size_t)(end - p) - 1), &ret->exponent)))
        return false;
    ret->exponent -= fraction > 0 ? fraction : 0;
    return true;
}

static unsigned __int128 power_of_ten(int64_t n)
{
    unsigned __int128 v = 1;
    while (n-- > 0)
        v *= 10;
    return v;
}

/* Up to 38 digits before and after the shift. False: digits that are not zero would be cut off. */
static bool shift_small(const struct parts *parts, int64_t shift, bool round, __int128 *ret)
{
    unsigned __int128 v = 0;
    uint64_t low = 0;
    if (parts->n_digits <= INT64_SAFE_DIGITS) {
        for (size_t i = 0; i < parts->len; i++)
            low = parts->digits[i] == '.' ? low : low * 10 + (uint64_t)(parts->digits[i] - '0');
        v = low;
    } else {
        for (size_t i = 0; i < parts->len; i++)
            v = parts->digits[i] == '.' ? v : v * 10 + (uint64_t)(parts->digits[i] - '0');
    }
    if (shift > 0) {
        v *= power_of_ten(shift);
    } else if (shift < 0) {
        /* More digits are cut than there are: nothing is left, and nothing to round up to. */
        unsigned __int128 unit = power_of_ten(shift < -INT128_SAFE_DIGITS ? INT128_SAFE_DIGITS : -shift);
        unsigned __int128 rest = shift < -INT128_SAFE_DIGITS ? v : v % unit;
        v = shift < -INT128_SAFE_DIGITS ? 0 : v / unit;
        if (rest && !round)
            return false;
        v += shift >= -INT128_SAFE_DIGITS && rest >= unit - rest;
    }
    *ret = parts->negative ? -(__int128)v : (__int128)v;
    return true;
}

/* The digits that stay after the shift, without the point, with zeros behind; half up as asked. */
static bool shift_digits(const struct parts *parts, int64_t shift, bool round, mpz_t ret)
{
    char *digits = mem_alloc(parts->len + (shift > 0 ? (size_t)shift : 0) + 2);
    size_t n = 0;
    for (size_t i = 0; i < parts->len; i++)
        if (parts->digits[i] != '.' && (n || parts->digits[i] != '0'))
            digits[n++] = parts->digits[i];
    bool up = false, ok = true;
    if (shift > 0) {
        memset(digits + n, '0', (size_t)shift);
        n += (size_t)shift;
    } else if (shift < 0) {
        size_t cut = (uint64_t)-shift > n ? n + 1 : (size_t)-shift;
        size_t keep = cut > n ? 0 : n - cut;
        for (size_t i = keep; i < n && ok && !round; i++)
            ok = digits[i] == '0';
        up = cut <= n && digits[keep] >= '5';
        n = keep;
    }
    if (n == 0)
        digits[n++] = '0';
    digits[n] = 0;
    mpz_set_str(ret, digits, 10);
    if (up && round)
        mpz_add_ui(ret, ret, 1);
    if (parts->negative)
        mpz_neg(ret, ret);
    free(digits);
    return ok;
}

static int too_many_decimals(struct str text, int32_t scale, struct error *err)
{
    return error_set(err, ERROR_DATA, "decimal \"%.*s\" has more digits than scale %d holds",
                     text.len > 80 ? 80 : (int)text.len, text.ptr, scale);
}

int decimal_from_text(struct str text, int32_t scale, bool round, struct arena *arena, struct str *ret,
                      struct error *err)
{
    struct parts parts;
    if (!read_parts(text, &parts))
        return error_set(err, ERROR_DATA, "\"%.*s\" is not a decimal number", text.len > 80 ? 80 : (int)text.len,
                         text.ptr);
    int64_t shift = (int64_t)scale + parts.exponent;
    if (parts.n_digits == 0)
        shift = 0;
    int64_t result_digits = (int64_t)parts.n_digits + (shift > 0 ? shift : 0);
    if (result_digits > DECIMAL_MAX_DIGITS)
        return error_set(err, ERROR_DATA, "decimal \"%.*s...\" has more than %d digits at scale %d",
                         text.len > 40 ? 40 : (int)text.len, text.ptr, DECIMAL_MAX_DIGITS, scale);
    if (result_digits <= INT128_SAFE_DIGITS) {
        __int128 v;
        if (!shift_small(&parts, shift, round, &v))
            return too_many_decimals(text, scale, err);
        uint8_t *bytes = arena_alloc(arena, sizeof v);
        *ret = str_of(bytes, decimal_from_int128(v, bytes));
        return 0;
    }
    mpz_t v;
    mpz_init(v);
    bool ok = shift_digits(&parts, shift, round, v);
    if (ok)
        *ret = decimal_from_mpz(v, arena);
    mpz_clear(v);
    return ok ? 0 : too_many_decimals(text, scale, err);
}

static void add_zeros(struct buf *out, size_t n)
{
    memset(buf_reserve(out, n), '0', n);
    out->len += n;
}

static void add_plain(const struct decimal_digits *d, int32_t scale, struct buf *out)
{
    if (d->negative)
        buf_add_char(out, '-');
    if (scale <= 0) {
        buf_add(out, d->ptr, d->len);
        if (!d->zero)
            add_zeros(out, (size_t) - (int64_t)scale);
        return;
    }
    size_t point = (size_t)scale; /* counted from the end */
    if (d->len > point) {
        buf_add(out, d->ptr, d->len - point);
        buf_add_char(out, '.');
        buf_add(out, d->ptr + d->len - point, point);
    } else {
        buf_add_literal(out, "0.");
        add_zeros(out, point - d->len);
        buf_add(out, d->ptr, d->len);
    }
}

static void add_scientific(const struct decimal_digits *d, int64_t adjusted, struct buf *out)
{
    if (d->negative)
        buf_add_char(out, '-');
    buf_add_char(out, d->ptr[0]);
    if (d->len > 1) {
        buf_add_char(out, '.');
        buf_add(out, d->ptr + 1, d->len - 1);
    }
    if (adjusted)
        buf_printf(out, "E%+lld", (long long)adjusted);
}

void decimal_to_text(const uint8_t *bytes, size_t len, int32_t scale, struct buf *out)
{
    struct decimal_digits d;
    decimal_digits_init(&d, bytes, len);
    if (scale > DECIMAL_MAX_DIGITS || scale < -DECIMAL_MAX_DIGITS)
        add_scientific(&d, (int64_t)d.len - 1 - scale, out);
    else
        add_plain(&d, scale, out);
    decimal_digits_release(&d);
}

void decimal_to_java_text(const uint8_t *bytes, size_t len, int32_t scale, struct buf *out)
{
    struct decimal_digits d;
    decimal_digits_init(&d, bytes, len);
    int64_t adjusted = (int64_t)d.len - 1 - scale;
    if (scale >= 0 && adjusted >= -6)
        add_plain(&d, scale, out);
    else
        add_scientific(&d, adjusted, out);
    decimal_digits_release(&d);
}

static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
static_assert(sizeof powers_of_ten / sizeof *powers_of_ten == EXACT_POWER_OF_TEN + 1, "10^0 to 10^22");

double decimal_to_double(const uint8_t *bytes, size_t len, int32_t scale)
{
    __int128 v;
    if (scale >= -EXACT_POWER_OF_TEN && scale <= EXACT_POWER_OF_TEN && decimal_to_int128(bytes, len, &v) &&
        v <= EXACT_INTEGER && v >= -EXACT_INTEGER) /* both operands exact: one rounding, the right one */
        return scale >= 0 ? (double)v / powers_of_ten[scale] : (double)v * powers_of_ten[-scale];
    struct decimal_digits d;
    decimal_digits_init(&d, bytes, len);
    AUTO_BUF
    text = {0};
    buf_printf(&text, "%s" STR_FMT "e%lld", d.negative ? "-" : "", (int)d.len, d.ptr, -(long long)scale);
    decimal_digits_release(&d);
    return strtod(buf_cstr(&text), NULL);
}
