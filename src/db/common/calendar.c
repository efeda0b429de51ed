#include "db/common/calendar.h"

#include <stdio.h>

enum { DAYS_AN_ERA = 146097, ERA_SHIFT = 719468 };

int64_t calendar_days(int64_t year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = calendar_floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * DAYS_AN_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - ERA_SHIFT;
}

/* The parts of a year that starts in March: leap days come last, so they disturb nothing. */
struct march_date {
    int64_t year, day_of_year;
};

static struct march_date march_of(int64_t days)
{
    int64_t z = days + ERA_SHIFT;
    int64_t era = calendar_floor_div(z, DAYS_AN_ERA);
    int64_t day_of_era = z - era * DAYS_AN_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    return (struct march_date){
        .year = year_of_era + era * 400,
        .day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100),
    };
}

struct calendar_date calendar_date(int64_t days)
{
    struct march_date m = march_of(days);
    int month = (int)((5 * m.day_of_year + 2) / 153);
    int day = (int)(m.day_of_year - (153 * month + 2) / 5 + 1);
    month = month < 10 ? month + 3 : month - 9;
    return (struct calendar_date){.year = m.year + (month <= 2), .month = month, .day = day};
}

bool calendar_is_date(int64_t year, int month, int day)
{
    static const int8_t lengths[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= lengths[month] + (month == 2 && leap);
}

int64_t calendar_legacy_days(int64_t days)
{
    if (days >= CALENDAR_GREGORIAN_START)
        return days;
    /* the same date, read as one of the Julian calendar, which has a leap day every four years */
    struct march_date m = march_of(days);
    return m.year * 365 + calendar_floor_div(m.year, 4) + m.day_of_year - 719470;
}

int64_t calendar_modern_days(int64_t legacy)
{
    int64_t days = legacy;
    for (int i = 0; i < 4; i++)
        days += legacy - calendar_legacy_days(days);
    return days;
}

/* What is left of a text that is being read; every reader leaves it as it was when it does not fit. */
struct reader {
    const char *p, *end;
};

static bool take(struct reader *r, char c)
{
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

static bool digits(struct reader *r, int min, int max, int64_t *ret)
{
    int64_t v = 0;
    int n = 0;
    while (n < max && r->p + n < r->end && r->p[n] >= '0' && r->p[n] <= '9')
        v = v * 10 + (r->p[n++] - '0');
    if (n < min)
        return false;
    r->p += n;
    *ret = v;
    return true;
}

static bool two_digits(struct reader *r, int *ret)
{
    if (r->end - r->p < 2 || r->p[0] < '0' || r->p[0] > '9' || r->p[1] < '0' || r->p[1] > '9')
        return false;
    *ret = (r->p[0] - '0') * 10 + (r->p[1] - '0');
    r->p += 2;
    return true;
}

/* A point and digits; what is finer than a nanosecond is cut. */
static bool fraction(struct reader *r, int32_t *ret_nanos)
{
    int32_t nanos = 0, unit = 100000000;
    const char *start;
    if (!take(r, '.'))
        return true;
    for (start = r->p; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++) {
        nanos += (*r->p - '0') * unit;
        unit /= 10;
    }
    *ret_nanos = nanos;
    return r->p > start;
}

static bool time_of_day(struct reader *r, int64_t *ret_seconds, int32_t *ret_nanos)
{
    int hour, minute, second = 0;
    if (!two_digits(r, &hour) || !take(r, ':') || !two_digits(r, &minute))
        return false;
    if (take(r, ':') && (!two_digits(r, &second) || !fraction(r, ret_nanos)))
        return false;
    if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute || second)))
        return false;
    *ret_seconds = hour * 3600 + minute * 60 + second;
    return true;
}

static bool zone_offset(struct reader *r, struct calendar_moment *m)
{
    if (r->p == r->end)
        return true;
    int hours = 0, minutes = 0, sign = *r->p == '-' ? -1 : 1;
    if (!take(r, 'Z')) {
        if ((!take(r, '+') && !take(r, '-')) || !two_digits(r, &hours))
            return false;
        take(r, ':');
        if (r->p < r->end && !two_digits(r, &minutes))
            return false;
    }
    m->utc = true;
    m->seconds -= sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

bool calendar_parse(struct str text, struct calendar_moment *ret)
{
    struct reader r = {text.ptr, text.ptr + text.len};
    struct calendar_moment m = {0};
    int64_t year, of_day = 0;
    int month, day;
    bool negative = take(&r, '-');
    if (!negative)
        take(&r, '+');
    if (!digits(&r, 4, 6, &year) || !take(&r, '-') || !two_digits(&r, &month) || !take(&r, '-') ||
        !two_digits(&r, &day))
        return false;
    bool has_time = take(&r, ' ') || take(&r, 'T');
    if (has_time && (!time_of_day(&r, &of_day, &m.nanos)))
        return false;
    if (month <= 12 && day <= 31 && (month == 0 || day == 0)) {
        *ret = (struct calendar_moment){.zero = true};
        return r.p == r.end;
    }
    year = negative ? -year : year;
    if (!calendar_is_date(year, month, day))
        return false;
    m.seconds = calendar_days(year, month, day) * CALENDAR_SECONDS_A_DAY + of_day;
    take(&r, ' ');
    if ((has_time && !zone_offset(&r, &m)) || r.p != r.end)
        return false;
    *ret = m;
    return true;
}

bool calendar_parse_time(struct str text, int64_t *ret_nanos)
{
    struct reader r = {text.ptr, text.ptr + text.len};
    int64_t hours;
    int minutes, seconds = 0;
    int32_t nanos = 0;
    bool negative = take(&r, '-');
    if (!digits(&r, 1, 4, &hours) || !take(&r, ':') || !two_digits(&r, &minutes) || minutes > 59)
        return false;
    if (take(&r, ':') && (!two_digits(&r, &seconds) || seconds > 60 || !fraction(&r, &nanos)))
        return false;
    if (r.p != r.end)
        return false;
    int64_t v = (hours * 3600 + minutes * 60 + seconds) * INT64_C(1000000000) + nanos;
    *ret_nanos = negative ? -v : v;
    return true;
}

void calendar_write(struct buf *out, int64_t seconds, int32_t nanos, char separator, int n_digits)
{
    int64_t days = calendar_floor_div(seconds, CALENDAR_SECONDS_A_DAY);
    int of_day = (int)(seconds - days * CALENDAR_SECONDS_A_DAY);
    struct calendar_date date = calendar_date(days);
    buf_printf(out, "%s%04lld-%02d-%02d%c%02d:%02d:%02d", date.year < 0 ? "-" : "",
               (long long)(date.year < 0 ? -date.year : date.year), date.month, date.day, separator, of_day / 3600,
               of_day / 60 % 60, of_day % 60);
    if (n_digits > 0) {
        char text[16];
        snprintf(text, sizeof text, ".%09d", (int)nanos);
        buf_add(out, text, (size_t)(1 + (n_digits > 9 ? 9 : n_digits)));
    }
}
