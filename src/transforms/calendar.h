/*
 * java.util.GregorianCalendar in UTC, weeks as in the US locale: days since 1970 and the fields people use, both
 * ways. Gregorian from 1582-10-15 on, Julian before. Years are astronomical here: 0 is 1 BC.
 */
#ifndef TRANSFORMS_CALENDAR_H
#define TRANSFORMS_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define MS_PER_DAY INT64_C(86400000)

struct calendar_day {
    int64_t year;
    int month, day;  /* 0 to 11, 1 to 31 */
    int weekday;     /* 0: Sunday */
    int day_of_year; /* 1 to 366 */
    int64_t week_year;
    int week_of_year, week_of_month, weekday_in_month; /* from 1 */
};

/* Floor, so that what is before 1970 falls into the day it is in. */
static inline int64_t calendar_days_of_ms(int64_t ms)
{
    return ms / MS_PER_DAY - (ms % MS_PER_DAY < 0);
}

static inline int64_t calendar_ms_of_day(int64_t ms)
{
    int64_t rest = ms % MS_PER_DAY;
    return rest < 0 ? rest + MS_PER_DAY : rest;
}

void calendar_of_days(int64_t days, struct calendar_day *ret);

/* Any month and any day, carried over into the next year and month or back. */
int64_t calendar_days_of(int64_t year, int64_t month, int64_t day);

/* The first day of the week that holds January 1st. */
int64_t calendar_first_week(int64_t year);

/* The last such weekday (0: Sunday) at `days` or before. */
int64_t calendar_weekday_at_or_before(int64_t days, int weekday);

#endif
