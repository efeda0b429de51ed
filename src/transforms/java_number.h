/* Numbers as Java parses them from text and narrows them: parseX, BigDecimal(String), Number.xValue. */
#ifndef TRANSFORMS_JAVA_NUMBER_H
#define TRANSFORMS_JAVA_NUMBER_H

#include "base/str.h"

#include <stdint.h>

/* Long.parseLong and the narrower ones: sign and digits, nothing around them; false also out of [min, max]. */
bool java_parse_integer(struct str text, int64_t min, int64_t max, int64_t *ret);

/* Double.parseDouble and Float.parseFloat: white space around it, "NaN", "Infinity", hexadecimal, 1.5f. */
bool java_parse_double(struct str text, double *ret);
bool java_parse_float(struct str text, float *ret);

/* The (int) and (long) casts: cut toward zero, kept within the range, NaN is 0. */
int32_t java_double_to_int(double d);
int64_t java_double_to_long(double d);

/* What new BigDecimal(text) reads: "-12.50", ".5", "1e3"; digits point into the text. */
struct java_decimal {
    bool negative;
    struct str whole, fraction; /* digits before and after the point */
    int64_t exponent;
};

bool java_decimal_parse(struct str text, struct java_decimal *ret);
int64_t java_decimal_scale(const struct java_decimal *d);    /* BigDecimal.scale */
bool java_decimal_is_integral(const struct java_decimal *d); /* nothing but zeros behind the point */
int64_t java_decimal_to_long(const struct java_decimal *d);  /* BigDecimal.longValue: the lowest 64 bits */
bool java_decimal_fits_long(const struct java_decimal *d);   /* the whole part does */
bool java_decimal_to_double(struct str text, double *ret);   /* new BigDecimal(text).doubleValue() */

#endif
