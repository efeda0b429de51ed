/*
 * Decimals: an unscaled integer (two's complement, big-endian, shortest: java.math.BigInteger.toByteArray) and a scale.
 * Fast for what fits 128 bits, GMP beyond.
 */
#ifndef WIRE_DECIMAL_H
#define WIRE_DECIMAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum { DECIMAL_MAX_DIGITS = 200000 }; /* PostgreSQL's numeric goes to 131072 digits before the point and 16383 after */

/* Shortest two's complement of v into out[16]; returns the length, 1 to 16. */
size_t decimal_from_int128(__int128 v, uint8_t out[16]);

/* False when it does not fit. */
bool decimal_to_int128(const uint8_t *bytes, size_t len, __int128 *ret);

/* Text ("-12.50", "1e3", "7": what new BigDecimal(String) takes) to unscaled bytes at `scale`; digits beyond the scale
 * must be zero unless `round` (half up, away from zero) is asked for. At most DECIMAL_MAX_DIGITS digits come out.
 * ERROR_DATA names the text. */
int decimal_from_text(struct str text, int32_t scale, bool round, struct arena *arena, struct str *ret,
                      struct error *err);

/* BigDecimal.toPlainString(): "12.50"; a negative scale appends zeros. With a scale beyond DECIMAL_MAX_DIGITS, either
 * way, the scientific form instead of as many zeros. No bytes at all are zero. */
void decimal_to_text(const uint8_t *bytes, size_t len, int32_t scale, struct buf *out);

/* BigDecimal.toString(): scientific where Java goes scientific (scale < 0 or exponent < -6). */
void decimal_to_java_text(const uint8_t *bytes, size_t len, int32_t scale, struct buf *out);

/* BigDecimal.doubleValue(). */
double decimal_to_double(const uint8_t *bytes, size_t len, int32_t scale);

#endif
