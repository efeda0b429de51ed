/* The integers behind decimals: bytes to 128-bit and GMP numbers and back, and their digits. */
#include "wire/decimal.h"
#include "wire/decimal_impl.h"

#include "base/mem.h"

#include <stdlib.h>

enum { INT128_BYTES = 16, CHUNK_DIGITS = 19 };
#define CHUNK 10000000000000000000ull /* 10^CHUNK_DIGITS, the most that 64 bits hold */

size_t decimal_from_int128(__int128 v, uint8_t out[16])
{
    unsigned __int128 magnitude = (unsigned __int128)(v ^ (v >> 127));
    uint64_t high = (uint64_t)(magnitude >> 64), low = (uint64_t)magnitude;
    int bits = high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0;
    size_t len = (size_t)bits / 8 + 1; /* one bit more, for the sign */
    uint64_t words[2] = {__builtin_bswap64((uint64_t)((unsigned __int128)v >> 64)), __builtin_bswap64((uint64_t)v)};
    memcpy(out, (const uint8_t *)words + INT128_BYTES - len, len);
    return len;
}

bool decimal_to_int128(const uint8_t *bytes, size_t len, __int128 *ret)
{
    if (len == 0) {
        *ret = 0;
        return true;
    }
    uint8_t sign = bytes[0] & 0x80 ? 0xff : 0;
    while (len > INT128_BYTES && bytes[0] == sign && (bytes[1] & 0x80) == (sign & 0x80)) {
        bytes++;
        len--;
    }
    if (len > INT128_BYTES)
        return false;
    unsigned __int128 v = sign ? ~(unsigned __int128)0 : 0;
    for (size_t i = 0; i < len; i++)
        v = v << 8 | bytes[i];
    *ret = (__int128)v;
    return true;
}

void decimal_to_mpz(const uint8_t *bytes, size_t len, mpz_t ret)
{
    if (len == 0 || !(bytes[0] & 0x80)) {
        mpz_import(ret, len, 1, 1, 1, 0, bytes);
        return;
    }
    uint8_t *inverse = mem_alloc(len); /* of a negative number: v = ~(~v) */
    for (size_t i = 0; i < len; i++)
        inverse[i] = (uint8_t)~bytes[i];
    mpz_import(ret, len, 1, 1, 1, 0, inverse);
    mpz_com(ret, ret);
    free(inverse);
}

struct str decimal_from_mpz(const mpz_t v, struct arena *arena)
{
    mpz_t magnitude;
    mpz_init_set(magnitude, v);
    bool negative = mpz_sgn(v) < 0;
    if (negative)
        mpz_com(magnitude, magnitude);
    size_t bits = mpz_sgn(magnitude) ? mpz_sizeinbase(magnitude, 2) : 0;
    size_t len = bits / 8 + 1, exported = (bits + 7) / 8;
    uint8_t *bytes = arena_zalloc(arena, len);
    if (exported)
        mpz_export(bytes + len - exported, NULL, 1, 1, 1, 0, magnitude);
    for (size_t i = 0; negative && i < len; i++)
        bytes[i] = (uint8_t)~bytes[i];
    mpz_clear(magnitude);
    return str_of(bytes, len);
}

/* The digits of v, right-aligned before `end`; returns where they start. */
static char *put_digits_before(char *end, uint64_t v)
{
    do {
        *--end = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    return end;
}

static char *put_int128_before(char *end, unsigned __int128 v)
{
    while (v > UINT64_MAX) {
        char *chunk = end - CHUNK_DIGITS;
        char *from = put_digits_before(end, (uint64_t)(v % CHUNK));
        while (from > chunk)
            *--from = '0';
        end = chunk;
        v /= CHUNK;
    }
    return put_digits_before(end, (uint64_t)v);
}

void decimal_digits_init(struct decimal_digits *d, const uint8_t *bytes, size_t len)
{
    __int128 v;
    *d = (struct decimal_digits){.heap = NULL};
    if (decimal_to_int128(bytes, len, &v)) {
        d->negative = v < 0;
        unsigned __int128 magnitude = d->negative ? -(unsigned __int128)v : (unsigned __int128)v;
        char *end = d->small + sizeof d->small;
        d->ptr = put_int128_before(end, magnitude);
        d->len = (size_t)(end - d->ptr);
        d->zero = magnitude == 0;
        return;
    }
    mpz_t big;
    mpz_init(big);
    decimal_to_mpz(bytes, len, big);
    d->negative = mpz_sgn(big) < 0;
    mpz_abs(big, big);
    d->heap = mem_alloc(mpz_sizeinbase(big, 10) + 2);
    mpz_get_str(d->heap, 10, big);
    d->ptr = d->heap;
    d->len = strlen(d->heap);
    mpz_clear(big);
}

void decimal_digits_release(struct decimal_digits *d)
{
    free(d->heap);
}
