/*
 * Dates, times and their text forms, without zones. Days count from 1970-01-01 in the proleptic Gregorian calendar;
 * the algorithms are Howard Hinnant's ("chrono-Compatible Low-Level Date Algorithms").
 */
#ifndef DB_COMMON_CALENDAR_H
#define DB_COMMON_CALENDAR_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { CALENDAR_SECONDS_A_DAY = 86400, CALENDAR_GREGORIAN_START = -141427 /* 1582-10-15 */ };
#define CALENDAR_MAX_YEAR 999999 /* that the text forms go to, either side of 1 BC */

struct calendar_date {
    int64_t year; /* year 0 is 1 BC */
    int month, day;
};

int64_t calendar_days(int64_t year, int month, int day); /* of a valid date */
struct calendar_date calendar_date(int64_t days);
bool calendar_is_date(int64_t year, int month, int day);
/* The day that java.util.GregorianCalendar, which is Julian before 1582-10-15, counts for the same date; and back. */
int64_t calendar_legacy_days(int64_t days);
int64_t calendar_modern_days(int64_t legacy);

/* A point in time: by the wall clock of some zone, or UTC. */
struct calendar_moment {
    int64_t seconds; /* since 1970-01-01 00:00:00 of that clock */
    int32_t nanos;   /* 0 to 999,999,999 */
    bool utc;
    bool zero; /* the text is a zero date ("0000-00-00", "2020-00-00"): neither of the above is set */
};

/* "2020-01-31", "2020-01-31 10:00", "2020-01-31T10:00:00.123456789", each with "Z", "+02" or "+02:00" behind it if
 * there is a time: that makes it UTC. False when it is none of these, or no date that exists. */
bool calendar_parse(struct str text, struct calendar_moment *ret);
/* "10:00", "10:00:00", "-838:59:59.000001": nanoseconds, of either sign. */
bool calendar_parse_time(struct str text, int64_t *ret_nanos);

/* "2020-01-31 10:00:00", then a point and as many digits as asked for (0: none, at most 9); `separator` is ' ' or 'T'.
 */
void calendar_write(struct buf *out, int64_t seconds, int32_t nanos, char separator, int digits);

static inline int64_t calendar_floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

#endif
