/*
 * numeric_send's form:
 *
 *   int16 number of digits, int16 weight of the first one, uint16 sign, uint16 display scale, digits
 *
 * A digit is an int16 from 0 to 9999; the value is the sum of digit[i] * 10000^(weight - i).
 */
#include "base/mem.h"
#include "db/postgres/decode.h"
#include "wire/decimal.h"

#include <math.h>

enum {
    SIGN_POSITIVE = 0x0000,
    SIGN_NEGATIVE = 0x4000,
    SIGN_NAN = 0xC000,
    SIGN_INFINITY = 0xD000,
    SIGN_NINFINITY = 0xF000,

    INT64_PLACES = 18,  /* decimal places that always fit 63 bits */
    INT128_PLACES = 38, /* and 127 bits */
    LIMBS = 42,         /* of the fixed big integer: 760 places and a sign */
    LIMB_PLACES = 760,  /* decimal places that always fit them */
};

struct numeric {
    uint16_t n; /* digits */
    int16_t weight;
    uint16_t sign, scale;
    const uint8_t *digits;
};

static inline unsigned digit(const struct numeric *num, size_t i)
{
    return pg_u16(num->digits + 2 * i);
}

static int numeric_read(const uint8_t *bytes, size_t len, struct numeric *ret, struct error *err)
{
    if (len < 8)
        return error_set(err, ERROR_DATA, "a numeric of %zu bytes is too short", len);
    struct numeric num = {.n = pg_u16(bytes),
                          .weight = (int16_t)pg_u16(bytes + 2),
                          .sign = pg_u16(bytes + 4),
                          .scale = pg_u16(bytes + 6),
                          .digits = bytes + 8};
    if (len != 8 + 2 * (size_t)num.n || num.n > PG_MAX_NUMERIC_DIGITS || num.scale > 16383)
        return error_set(err, ERROR_DATA, "a numeric of %zu bytes says that it has %d digits", len, num.n);
    if (num.sign != SIGN_POSITIVE && num.sign != SIGN_NEGATIVE && num.sign != SIGN_NAN && num.sign != SIGN_INFINITY &&
        num.sign != SIGN_NINFINITY)
        return error_set(err, ERROR_DATA, "a numeric has the unknown sign 0x%04x", num.sign);
    for (size_t i = 0; i < num.n; i++)
        if (digit(&num, i) > 9999)
            return error_set(err, ERROR_DATA, "a numeric has the digit %u, beyond 9999", digit(&num, i));
    *ret = num;
    return 0;
}

static bool is_finite(const struct numeric *num)
{
    return num->sign == SIGN_POSITIVE || num->sign == SIGN_NEGATIVE;
}

static int not_finite(const struct numeric *num, struct error *err)
{
    return error_set(err, ERROR_DATA,
                     "the numeric value %s has no counterpart; make it a double precision in `query`, or NULL with "
                     "NULLIF(column, 'NaN')",
                     num->sign == SIGN_NAN ? "NaN" : "Infinity");
}

static const uint64_t powers[] = {1,
                                  10,
                                  100,
                                  1000,
                                  10000,
                                  100000,
                                  1000000,
                                  10000000,
                                  100000000,
                                  1000000000,
                                  10000000000,
                                  100000000000,
                                  1000000000000,
                                  10000000000000,
                                  100000000000000,
                                  1000000000000000,
                                  10000000000000000,
                                  100000000000000000,
                                  1000000000000000000,
                                  10000000000000000000u};

/* The digits as one integer, and the power of ten that it is to be multiplied with. */
static inline int exponent(const struct numeric *num)
{
    return 4 * (num->weight - num->n + 1);
}

static struct str write_int64(struct arena *arena, int64_t v)
{
    unsigned size = (64u - (unsigned)__builtin_clrsbll(v) + 7) / 8;
    uint64_t big_endian = __builtin_bswap64((uint64_t)v << (64 - 8 * size));
    return str_of(memcpy(arena_alloc(arena, 8), &big_endian, 8), size);
}

static struct str write_int128(struct arena *arena, __int128 v)
{
    if (v == (int64_t)v)
        return write_int64(arena, (int64_t)v);
    uint8_t *bytes = arena_alloc(arena, 16);
    return str_of(bytes, decimal_from_int128(v, bytes));
}

static int does_not_fit(const struct numeric *num, int32_t scale, struct error *err)
{
    return error_set(
        err, ERROR_DATA,
        "a numeric value with %d decimal places does not fit the scale %d without rounding; cast the column "
        "in `query`, as in round(column, %d)",
        num->scale, scale, scale);
}

/* A big integer of fixed size, least significant limb first. */
struct big {
    uint64_t limb[LIMBS];
    unsigned n;
};

static void big_multiply_add(struct big *b, uint64_t factor, uint64_t add)
{
    unsigned __int128 carry = add;
    for (unsigned i = 0; i < b->n; i++) {
        carry += (unsigned __int128)b->limb[i] * factor;
        b->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    if (carry)
        b->limb[b->n++] = (uint64_t)carry;
}

static uint64_t big_divide(struct big *b, uint64_t divisor)
{
    unsigned __int128 rest = 0;
    for (unsigned i = b->n; i-- > 0;) {
        rest = rest << 64 | b->limb[i];
        b->limb[i] = (uint64_t)(rest / divisor);
        rest %= divisor;
    }
    return (uint64_t)rest;
}

static struct str big_write(struct big *b, bool negative, struct arena *arena)
{
    unsigned n = b->n + 1; /* room for the sign */
    b->limb[b->n] = 0;
    uint64_t carry = 1;
    for (unsigned i = 0; negative && i < n; i++) {
        b->limb[i] = ~b->limb[i] + carry;
        carry = carry && b->limb[i] == 0;
    }
    uint8_t *bytes = arena_alloc(arena, 8 * n);
    for (unsigned i = 0; i < n; i++) {
        uint64_t big_endian = __builtin_bswap64(b->limb[n - 1 - i]);
        memcpy(bytes + 8 * i, &big_endian, 8);
    }
    size_t len = 8 * n;
    while (len > 1 && bytes[0] == (negative ? 0xFF : 0) && (bytes[1] & 0x80) == (negative ? 0x80 : 0)) {
        bytes++;
        len--;
    }
    return str_of(bytes, len);
}

/* The slower way, for what is beyond 128 bits: unconstrained numerics at scale 127, and the like. */
static int big_decimal(const struct numeric *num, int power, int32_t scale, struct arena *arena, struct str *ret,
                       struct error *err)
{
    struct big b = {.n = 0};
    for (size_t i = 0; i < num->n; i++)
        big_multiply_add(&b, 10000, digit(num, i));
    for (int left = power; left > 0; left -= 19)
        big_multiply_add(&b, powers[left < 19 ? left : 19], 0);
    for (int left = -power; left > 0; left -= 19)
        if (big_divide(&b, powers[left < 19 ? left : 19]) != 0)
            return does_not_fit(num, scale, err);
    *ret = big_write(&b, num->sign == SIGN_NEGATIVE, arena);
    return 0;
}

int pg_numeric_to_decimal(const uint8_t *bytes, size_t len, int32_t scale, struct arena *arena, struct str *ret,
                          struct error *err)
{
    struct numeric num;
    int code = numeric_read(bytes, len, &num, err);
    if (code)
        return code;
    if (!is_finite(&num))
        return not_finite(&num, err);
    int power = exponent(&num) + scale;
    int places = 4 * num.n + (power > 0 ? power : 0);
    if (num.n == 0) {
        *ret = write_int64(arena, 0);
        return 0;
    }
    if (places > INT128_PLACES || power < -INT64_PLACES) {
        if (places <= LIMB_PLACES && power > -LIMB_PLACES)
            return big_decimal(&num, power, scale, arena, ret, err);
        AUTO_BUF
        text = {0};
        code = pg_numeric_to_text(bytes, len, &text, err);
        return code ? code : decimal_from_text(buf_str(&text), scale, false, arena, ret, err);
    }
    if (places <= INT64_PLACES) {
        int64_t v = 0;
        for (size_t i = 0; i < num.n; i++)
            v = v * 10000 + (int64_t)digit(&num, i);
        if (power < 0) {
            int64_t divisor = (int64_t)powers[-power];
            if (v % divisor != 0)
                return does_not_fit(&num, scale, err);
            v /= divisor;
        } else {
            v *= (int64_t)powers[power];
        }
        *ret = write_int64(arena, num.sign == SIGN_NEGATIVE ? -v : v);
        return 0;
    }
    __int128 v = 0;
    for (size_t i = 0; i < num.n; i++)
        v = v * 10000 + digit(&num, i);
    if (power < 0) {
        if (v % (int64_t)powers[-power] != 0)
            return does_not_fit(&num, scale, err);
        v /= (int64_t)powers[-power];
    }
    for (; power > 0; power -= 19)
        v *= powers[power < 19 ? power : 19];
    *ret = write_int128(arena, num.sign == SIGN_NEGATIVE ? -v : v);
    return 0;
}

int pg_numeric_to_int(const uint8_t *bytes, size_t len, int64_t *ret, struct error *err)
{
    struct numeric num;
    int code = numeric_read(bytes, len, &num, err);
    if (code)
        return code;
    if (!is_finite(&num))
        return not_finite(&num, err);
    __int128 v = 0;
    for (int i = 0; i <= num.weight && v <= INT64_MAX; i++)
        v = v * 10000 + (i < num.n ? digit(&num, (size_t)i) : 0);
    if (num.sign == SIGN_NEGATIVE)
        v = -v;
    if (v != (int64_t)v)
        return error_set(err, ERROR_DATA, "a numeric value of %d digits is out of the range of 64 bits",
                         4 * (num.weight + 1));
    *ret = (int64_t)v;
    return 0;
}

int pg_numeric_to_double(const uint8_t *bytes, size_t len, double *ret, struct error *err)
{
    struct numeric num;
    int code = numeric_read(bytes, len, &num, err);
    if (code)
        return code;
    if (!is_finite(&num)) {
        *ret = num.sign == SIGN_NAN ? NAN : num.sign == SIGN_INFINITY ? INFINITY : -INFINITY;
        return 0;
    }
    int power = num.n ? exponent(&num) : 0;
    uint64_t v = 0;
    if (num.n <= 4 && power >= -22 && power <= 22) {
        for (size_t i = 0; i < num.n; i++)
            v = v * 10000 + digit(&num, i);
        if (v < UINT64_C(1) << 53) { /* both are exact, so their quotient or product is rounded once, correctly */
            static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                           1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
            double d = power < 0 ? (double)v / exact[-power] : (double)v * exact[power];
            *ret = num.sign == SIGN_NEGATIVE ? -d : d;
            return 0;
        }
    }
    AUTO_BUF
    text = {0};
    code = pg_numeric_to_text(bytes, len, &text, err);
    if (code)
        return code;
    if (!str_to_double(buf_str(&text), ret)) /* beyond a double's range: infinite, as Double.parseDouble has it */
        *ret = num.sign == SIGN_NEGATIVE ? -INFINITY : INFINITY;
    return 0;
}

int pg_numeric_to_text(const uint8_t *bytes, size_t len, struct buf *out, struct error *err)
{
    struct numeric num;
    int code = numeric_read(bytes, len, &num, err);
    if (code)
        return code;
    if (!is_finite(&num)) {
        buf_add_cstr(out, num.sign == SIGN_NAN ? "NaN" : num.sign == SIGN_INFINITY ? "Infinity" : "-Infinity");
        return 0;
    }
    if (num.sign == SIGN_NEGATIVE && num.n)
        buf_add_char(out, '-');
    if (num.weight < 0)
        buf_add_char(out, '0');
    for (int i = 0; i <= num.weight; i++)
        buf_printf(out, i == 0 ? "%u" : "%04u", i < num.n ? digit(&num, (size_t)i) : 0);
    size_t first = num.weight < 0 ? 0 : (size_t)num.weight + 1;
    if (num.scale == 0 && first >= num.n)
        return 0;
    buf_add_char(out, '.');
    size_t point = out->len;
    for (int i = num.weight < 0 ? num.weight + 1 : 0; i < 0; i++)
        buf_add_literal(out, "0000");
    for (size_t i = first; i < num.n; i++)
        buf_printf(out, "%04u", digit(&num, i));
    while (out->len - point < num.scale)
        buf_add_char(out, '0');
    while (out->len - point > num.scale && out->len - point > 1 && out->data[out->len - 1] == '0')
        out->len--; /* the last digit's unused places */
    return 0;
}
