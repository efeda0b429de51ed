/*
 * java.text.SimpleDateFormat in UTC and English, as Kafka Connect's transforms use it: a pattern is compiled once,
 * then formats milliseconds since 1970 and parses text into them, leniently (the 31st of June is the 1st of July,
 * what follows the date is ignored).
 *
 *   letters    G era; y year, Y week year; M, L month; d, D day of month, of year; E, u day of week; w, W, F week of
 *              year, week of month, day of week in month; a AM/PM; H, k, K, h hour; m s S; z, Z, X time zone
 *   quotes     'text', '' for one of them
 *
 * Weeks begin on Sunday and the first one may have a single day, as in Java's US locale. Before 1582-10-15 the
 * calendar is the Julian one. Time zones of z are read as "UTC", "GMT", "GMT+01:00" and +0100; other names are not
 * known here.
 */
#ifndef TRANSFORMS_DATE_FORMAT_H
#define TRANSFORMS_DATE_FORMAT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum { DATE_PATTERN_MAX = 200 }; /* letters and quotes of a pattern, in bytes */

struct date_token {
    char letter;        /* 0: literal text */
    uint8_t count;      /* how often the letter stands there */
    struct str literal; /* in the arena */
};

struct date_format {
    struct str pattern; /* in the arena */
    struct date_token *tokens;
    size_t n;
    int64_t century_start; /* two-digit years are within 100 years from here: ms; 80 years before the compilation */
};

/* ERROR_CONFIG for a pattern that SimpleDateFormat does not take either. */
int date_format_compile(struct str pattern, struct arena *arena, struct date_format *ret, struct error *err);

void date_format_write(const struct date_format *f, int64_t ms, struct buf *out);

/* ERROR_DATA when the text does not begin with such a date, or its milliseconds do not fit. */
int date_format_parse(const struct date_format *f, struct str text, int64_t *ret, struct error *err);

#endif
