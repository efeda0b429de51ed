/*
 * Numbers as Java prints them. The shortest decimal that reads back as the same double is found with
 * Raffaello Giulietti's Schubfach ("The Schubfach way to render doubles", 2020), which the JDK uses
 * since version 19: one 128-bit power of ten and three multiplications. The table of powers is
 * computed once, when the first number asks for it.
 */
#include "wire/json.h"
#include "wire/json_impl.h"

#include <gmp.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
    POWER_MIN = -292, /* 10^-k for the largest double */
    POWER_MAX = 324,  /* ... for the smallest */
    DOUBLE_FRACTION_BITS = 52,
    DOUBLE_MIN_EXPONENT = -1074,
    FLOAT_FRACTION_BITS = 23,
    FLOAT_MIN_EXPONENT = -149,
};

static const char digit_pairs[200] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404"
    "14243444546474849505152535455565758596061626364656667686970717273747576777879808182"
    "8384858687888990919293949596979899";

static inline char *put_pair(char *p, uint32_t v)
{
    memcpy(p, digit_pairs + 2 * v, 2);
    return p + 2;
}

static inline char *put_four(char *p, uint32_t v)
{
    return put_pair(put_pair(p, v / 100), v % 100);
}

static inline char *put_eight(char *p, uint32_t v)
{
    return put_four(put_four(p, v / 10000), v % 10000);
}

/* Below 10^4, without leading zeros. */
static inline char *put_up_to_four(char *p, uint32_t v)
{
    if (v >= 1000)
        return put_four(p, v);
    if (v >= 100) {
        *p++ = (char)('0' + v / 100);
        return put_pair(p, v % 100);
    }
    if (v >= 10)
        return put_pair(p, v);
    *p++ = (char)('0' + v);
    return p;
}

/* Below 10^8, without leading zeros. */
static inline char *put_up_to_eight(char *p, uint32_t v)
{
    return v < 10000 ? put_up_to_four(p, v) : put_four(put_up_to_four(p, v / 10000), v % 10000);
}

char *json_put_uint64(char *p, uint64_t v)
{
    if (v < 100000000u)
        return put_up_to_eight(p, (uint32_t)v);
    uint64_t high = v / 100000000u;
    uint32_t low = (uint32_t)(v % 100000000u);
    if (high < 100000000u)
        return put_eight(put_up_to_eight(p, (uint32_t)high), low);
    p = put_up_to_four(p, (uint32_t)(high / 100000000u));
    return put_eight(put_eight(p, (uint32_t)(high % 100000000u)), low);
}

/* floor(log10(2^e)), floor(log10(2^e * 3/4)) and floor(log2(10^e)) for all exponents that doubles have. */
static inline int floor_log10_pow2(int e)
{
    return (e * 1262611) >> 22;
}

static inline int floor_log10_three_quarters_pow2(int e)
{
    return (e * 1262611 - 524031) >> 22;
}

static inline int floor_log2_pow10(int e)
{
    return (e * 1741647) >> 19;
}

/* 10^e as mantissa * 2^x with a mantissa of exactly 128 bits, rounded up. */
static unsigned __int128 powers[POWER_MAX - POWER_MIN + 1];
static pthread_once_t powers_once = PTHREAD_ONCE_INIT;

static void fill_powers(void)
{
    mpz_t power, scaled;
    mpz_inits(power, scaled, NULL);
    for (int e = POWER_MIN; e <= POWER_MAX; e++) {
        mpz_ui_pow_ui(power, 10, (unsigned long)(e < 0 ? -e : e));
        int shift = 127 - floor_log2_pow10(e);
        if (e < 0) {
            mpz_set_ui(scaled, 1);
            mpz_mul_2exp(scaled, scaled, (mp_bitcnt_t)shift);
            mpz_cdiv_q(scaled, scaled, power);
        } else if (shift >= 0) {
            mpz_mul_2exp(scaled, power, (mp_bitcnt_t)shift);
        } else {
            mpz_cdiv_q_2exp(scaled, power, (mp_bitcnt_t)-shift);
        }
        uint64_t words[2] = {0, 0};
        mpz_export(words, NULL, -1, sizeof *words, 0, 0, scaled);
        powers[e - POWER_MIN] = (unsigned __int128)words[1] << 64 | words[0];
    }
    mpz_clears(power, scaled, NULL);
}

/* The top 64 bits of the 192-bit product, the last bit set when anything is lost: it stays on its side of a half. */
static inline uint64_t multiply_to_odd(unsigned __int128 power, uint64_t v)
{
    unsigned __int128 low = (unsigned __int128)(uint64_t)power * v;
    unsigned __int128 high = (unsigned __int128)(uint64_t)(power >> 64) * v + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

struct decimal_float {
    uint64_t digits;
    int exponent; /* worth digits * 10^exponent */
};

/*
 * The shortest decimal within the interval that rounds to c * 2^q, the nearest to it among those, of
 * at least two digits. `irregular`: the neighbour below is at half the distance (c is a power of two).
 */
static struct decimal_float shortest(uint64_t c, int q, bool irregular)
{
    pthread_once(&powers_once, fill_powers);
    uint64_t odd = c & 1; /* then the ends of the interval round to the neighbours */
    int k = irregular ? floor_log10_three_quarters_pow2(q) : floor_log10_pow2(q);
    int h = q + floor_log2_pow10(-k) + 1;
    unsigned __int128 power = powers[-k - POWER_MIN];
    uint64_t middle = multiply_to_odd(power, (4 * c) << h); /* everything four times as large */
    uint64_t low = multiply_to_odd(power, (4 * c - (irregular ? 1 : 2)) << h) + odd;
    uint64_t high = multiply_to_odd(power, (4 * c + 2) << h) - odd;
    uint64_t s = middle / 4;
    if (s >= 100) { /* one digit less, where that still leaves two */
        uint64_t below = s / 10 * 10, above = below + 10;
        bool below_in = low <= 4 * below, above_in = 4 * above <= high;
        if (below_in != above_in)
            return (struct decimal_float){below_in ? below : above, k};
    }
    bool below_in = low <= 4 * s, above_in = 4 * (s + 1) <= high;
    if (below_in != above_in)
        return (struct decimal_float){below_in ? s : s + 1, k};
    uint64_t half = 4 * s + 2;
    bool down = middle < half || (middle == half && (s & 1) == 0);
    return (struct decimal_float){down ? s : s + 1, k};
}

static struct decimal_float shortest_of(uint64_t fraction, int exponent, int fraction_bits, int min_exponent,
                                        uint64_t tiny)
{
    if (exponent) {
        uint64_t c = fraction | 1ull << fraction_bits;
        return shortest(c, min_exponent - 1 + exponent, fraction == 0 && exponent > 1);
    }
    if (fraction >= tiny)
        return shortest(fraction, min_exponent, false);
    struct decimal_float f = shortest(10 * fraction, min_exponent, false); /* else it would have one digit */
    f.exponent--;
    return f;
}

static int count_digits(uint64_t v)
{
    int n = 1;
    for (; v >= 10000; v /= 10000)
        n += 4;
    return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

/* With a constant divisor at each call, so that the compiler multiplies instead of dividing. */
static inline __attribute__((always_inline)) void strip_zeros(struct decimal_float *f, uint64_t power, int n)
{
    while (f->digits % power == 0) {
        f->digits /= power;
        f->exponent += n;
    }
}

/* Java's form: plain from 10^-3 to below 10^7, else with an exponent; a digit on both sides of the point. */
static char *put_java(char *p, struct decimal_float f)
{
    strip_zeros(&f, 100000000, 8);
    strip_zeros(&f, 10000, 4);
    strip_zeros(&f, 100, 2);
    strip_zeros(&f, 10, 1);
    char digits[JSON_INT_ROOM];
    int n = count_digits(f.digits);
    json_put_uint64(digits, f.digits);
    int point = n + f.exponent; /* digits before the point */
    if (point > -3 && point <= 0) {
        memcpy(p, "0.00", 4);
        p += 2 - point;
        memcpy(p, digits, (size_t)n);
        return p + n;
    }
    int whole = point > 7 || point <= -3 ? 1 : point;
    for (int i = 0; i < whole; i++)
        *p++ = i < n ? digits[i] : '0';
    *p++ = '.';
    if (n > whole) {
        memcpy(p, digits + whole, (size_t)(n - whole));
        p += n - whole;
    } else {
        *p++ = '0';
    }
    if (whole == point)
        return p;
    *p++ = 'E';
    return json_put_int64(p, point - 1);
}

static char *put_special(char *p, bool nan, bool negative)
{
    const char *text = nan ? "NaN" : negative ? "-Infinity" : "Infinity";
    size_t len = strlen(text);
    memcpy(p, text, len);
    return p + len;
}

char *json_put_double(char *p, double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    uint64_t fraction = bits & ((1ull << DOUBLE_FRACTION_BITS) - 1);
    int exponent = (int)(bits >> DOUBLE_FRACTION_BITS & 0x7ff);
    if (exponent == 0x7ff)
        return put_special(p, fraction != 0, bits >> 63);
    if (bits >> 63)
        *p++ = '-';
    if ((bits << 1) == 0) {
        memcpy(p, "0.0", 3);
        return p + 3;
    }
    return put_java(p, shortest_of(fraction, exponent, DOUBLE_FRACTION_BITS, DOUBLE_MIN_EXPONENT, 3));
}

char *json_put_float(char *p, float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    uint32_t fraction = bits & ((1u << FLOAT_FRACTION_BITS) - 1);
    int exponent = (int)(bits >> FLOAT_FRACTION_BITS & 0xff);
    if (exponent == 0xff)
        return put_special(p, fraction != 0, bits >> 31);
    if (bits >> 31)
        *p++ = '-';
    if (bits << 1 == 0) {
        memcpy(p, "0.0", 3);
        return p + 3;
    }
    return put_java(p, shortest_of(fraction, exponent, FLOAT_FRACTION_BITS, FLOAT_MIN_EXPONENT, 8));
}

void json_write_double(struct buf *out, double d)
{
    char *start = buf_reserve(out, JSON_DOUBLE_ROOM), *p = start;
    bool quoted = !isfinite(d);
    *p = '"';
    p = json_put_double(p + quoted, d);
    *p = '"';
    out->len += (size_t)(p - start) + quoted;
}

void json_write_float(struct buf *out, float f)
{
    char *start = buf_reserve(out, JSON_DOUBLE_ROOM), *p = start;
    bool quoted = !isfinite(f);
    *p = '"';
    p = json_put_float(p + quoted, f);
    *p = '"';
    out->len += (size_t)(p - start) + quoted;
}
