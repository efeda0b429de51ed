/* Shared by decimal.c and decimal_text.c only. */
#ifndef WIRE_DECIMAL_IMPL_H
#define WIRE_DECIMAL_IMPL_H

#include "base/arena.h"

#include <gmp.h>

void decimal_to_mpz(const uint8_t *bytes, size_t len, mpz_t ret); /* ret: initialised */
struct str decimal_from_mpz(const mpz_t v, struct arena *arena);

/* The decimal digits of an unscaled number, without sign and leading zeros ("0" for zero). */
struct decimal_digits {
    char *ptr;
    size_t len;
    bool negative, zero;
    char *heap;     /* of a number beyond 128 bits */
    char small[40]; /* 2^128 has 39 digits */
};

void decimal_digits_init(struct decimal_digits *d, const uint8_t *bytes, size_t len);
void decimal_digits_release(struct decimal_digits *d);

#endif
