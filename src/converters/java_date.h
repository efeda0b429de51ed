/*
 * Dates as Java's calendars see them, in UTC: Gregorian from 1582-10-15 on, Julian before
 * (java.util.GregorianCalendar's default cutover).
 */
#ifndef CONVERTERS_JAVA_DATE_H
#define CONVERTERS_JAVA_DATE_H

#include "base/buf.h"
#include "data/schema.h"

struct java_date {
    int64_t year; /* of the era: 1 BC is 1, too */
    bool bc;
    int month, day; /* 1 to 12, 1 to 31 */
    int weekday;    /* 0: Sunday */
    int hour, minute;
    int second, millisecond;
};

void java_date_of(int64_t ms, struct java_date *ret); /* since 1970-01-01 UTC */

/* java.util.Date.toString: "Thu Jan 01 00:00:00 UTC 1970". */
void java_date_write(const struct java_date *d, struct buf *out);

/* Of a Date, Time or Timestamp: the milliseconds that its java.util.Date has. */
int64_t java_date_ms(enum schema_logical logical, const struct value *v);

#endif
