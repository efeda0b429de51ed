#include "transforms/calendar.h"

enum { CUTOVER = -141427 /* 1582-10-15 */, CUTOVER_YEAR = 1582, EPOCH_WEEKDAY = 4 /* 1970-01-01 was a Thursday */ };

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days since 1970 of the first of a month. The year is taken to begin in March, so that the leap day ends it. */
static int64_t first_of_month(int64_t year, int month, bool gregorian)
{
    enum { GREGORIAN_EPOCH = 719468, JULIAN_EPOCH = 719470 }; /* from 0000-03-01 to 1970-01-01 */
    int64_t y = month < 2 ? year - 1 : year;
    int64_t day_in_year = (153 * ((month + 10) % 12) + 2) / 5;
    int64_t leap_days = floor_div(y, 4);
    if (gregorian)
        leap_days += floor_div(y, 400) - floor_div(y, 100);
    return y * 365 + leap_days + day_in_year - (gregorian ? GREGORIAN_EPOCH : JULIAN_EPOCH);
}

int64_t calendar_days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t years = floor_div(month, 12);
    int m = (int)(month - years * 12);
    int64_t days = first_of_month(year + years, m, true) + day - 1;
    return year >= CUTOVER_YEAR && days >= CUTOVER ? days : first_of_month(year + years, m, false) + day - 1;
}

int64_t calendar_weekday_at_or_before(int64_t days, int weekday)
{
    int64_t since = (days + EPOCH_WEEKDAY - weekday) % 7;
    return days - (since < 0 ? since + 7 : since);
}

int64_t calendar_first_week(int64_t year)
{
    return calendar_weekday_at_or_before(calendar_days_of(year, 0, 1), 0);
}

/* The year and month that hold the day: estimated, then mended. */
static void find_month(int64_t days, struct calendar_day *c)
{
    c->year = floor_div(days * 400, 146097) + 1970;
    while (calendar_days_of(c->year, 0, 1) > days)
        c->year--;
    while (calendar_days_of(c->year + 1, 0, 1) <= days)
        c->year++;
    c->month = 11;
    while (c->month > 0 && calendar_days_of(c->year, c->month, 1) > days)
        c->month--;
}

void calendar_of_days(int64_t days, struct calendar_day *c)
{
    find_month(days, c);
    bool gregorian = days >= CUTOVER;
    c->day = (int)(days - first_of_month(c->year, c->month, gregorian)) + 1;
    c->weekday = (int)(days - calendar_weekday_at_or_before(days, 0));
    c->day_of_year = (int)(days - calendar_days_of(c->year, 0, 1)) + 1;
    c->week_year = days >= calendar_first_week(c->year + 1) ? c->year + 1 : c->year;
    c->week_of_year = (int)((days - calendar_first_week(c->week_year)) / 7) + 1;
    int64_t first = calendar_days_of(c->year, c->month, 1);
    c->week_of_month = (int)((days - calendar_weekday_at_or_before(first, 0)) / 7) + 1;
    c->weekday_in_month = (int)((days - first) / 7) + 1;
}
