#include "converters/java_date.h"

enum { DAY_MS = 86400000, FIRST_GREGORIAN_DAY = -141427, EPOCH_WEEKDAY = 4 };

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Both calendars in years that begin in March, so that a leap day is a year's last. Year 0 is 1 BC. */
static void split_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
    int64_t shift; /* of the year */
    int64_t day_of_year;
    if (days >= FIRST_GREGORIAN_DAY) {
        int64_t since = days + 719468; /* 0000-03-01 */
        int64_t era = floor_div(since, 146097), day = since - era * 146097;
        int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
        day_of_year = day - (365 * year + year / 4 - year / 100);
        shift = era * 400 + year;
    } else {
        int64_t since = days + 719470; /* 0000-03-01 in the Julian calendar */
        int64_t cycle = floor_div(since, 1461), day = since - cycle * 1461;
        int64_t year = (day - day / 1460) / 365;
        day_of_year = day - 365 * year;
        shift = cycle * 4 + year;
    }
    int month = (int)((5 * day_of_year + 2) / 153); /* from March on */
    *ret_day = (int)(day_of_year - (153 * month + 2) / 5) + 1;
    *ret_month = month < 10 ? month + 3 : month - 9;
    *ret_year = shift + (*ret_month <= 2);
}

void java_date_of(int64_t ms, struct java_date *ret)
{
    int64_t days = floor_div(ms, DAY_MS), year;
    int rest = (int)(ms - days * DAY_MS);
    *ret = (struct java_date){.weekday = (int)(((days + EPOCH_WEEKDAY) % 7 + 7) % 7)};
    split_days(days, &year, &ret->month, &ret->day);
    ret->bc = year <= 0;
    ret->year = ret->bc ? 1 - year : year;
    ret->millisecond = rest % 1000;
    ret->second = rest / 1000 % 60;
    ret->minute = rest / 60000 % 60;
    ret->hour = rest / 3600000;
}

void java_date_write(const struct java_date *d, struct buf *out)
{
    static const char weekdays[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    buf_printf(out, "%s %s %02d %02d:%02d:%02d UTC %lld", weekdays[d->weekday], months[d->month - 1], d->day, d->hour,
               d->minute, d->second, (long long)d->year);
}

int64_t java_date_ms(enum schema_logical logical, const struct value *v)
{
    return logical == LOGICAL_DATE ? v->i * DAY_MS : v->i;
}
