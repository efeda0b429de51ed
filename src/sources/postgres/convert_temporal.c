/* Dates, times and intervals: https://www.postgresql.org/docs/15/datatype-datetime.html#DATATYPE-DATETIME-OUTPUT */
#include "base/buf.h"
#include "db/common/calendar.h"
#include "sources/postgres/convert_impl.h"

#include <inttypes.h>
#include <stdio.h>

/* What pgjdbc, and so Debezium, takes for infinity: microseconds of a timestamp, milliseconds of a timestamptz. */
#define INFINITE_FUTURE INT64_C(9223372036825200000)
#define INFINITE_PAST   INT64_C(-9223372036832400000)

#define US_A_SECOND INT64_C(1000000)
#define US_A_DAY    (CALENDAR_SECONDS_A_DAY * US_A_SECOND)

static bool digits(struct str *s, size_t min, size_t max, int64_t *ret)
{
    size_t n = 0;
    int64_t v = 0;
    while (n < s->len && n < max && s->ptr[n] >= '0' && s->ptr[n] <= '9')
        v = v * 10 + (s->ptr[n++] - '0');
    if (n < min)
        return false;
    *s = str_of(s->ptr + n, s->len - n);
    *ret = v;
    return true;
}

static bool skip(struct str *s, char c)
{
    if (!s->len || s->ptr[0] != c)
        return false;
    *s = str_of(s->ptr + 1, s->len - 1);
    return true;
}

/* "2016-11-04", years of four digits or more */
static bool date_part(struct str *s, int64_t *year, int64_t *month, int64_t *day)
{
    return digits(s, 4, 7, year) && skip(s, '-') && digits(s, 2, 2, month) && skip(s, '-') && digits(s, 2, 2, day);
}

/* "13:51:30.123456": microseconds */
static bool time_part(struct str *s, int64_t *ret_us)
{
    int64_t h, m, sec, us = 0;
    if (!digits(s, 2, 9, &h) || !skip(s, ':') || !digits(s, 2, 2, &m) || !skip(s, ':') || !digits(s, 2, 2, &sec))
        return false;
    if (skip(s, '.')) {
        size_t before = s->len;
        if (!digits(s, 1, 6, &us))
            return false;
        for (size_t n = before - s->len; n < 6; n++)
            us *= 10;
    }
    *ret_us = ((h * 60 + m) * 60 + sec) * US_A_SECOND + us;
    return true;
}

/* "+02", "-03:30", "+01:02:03": seconds east */
static bool zone_part(struct str *s, int64_t *ret)
{
    bool west = s->len && s->ptr[0] == '-';
    int64_t h, m = 0, sec = 0;
    if ((!skip(s, '+') && !skip(s, '-')) || !digits(s, 2, 2, &h))
        return false;
    if (skip(s, ':') && !digits(s, 2, 2, &m))
        return false;
    if (skip(s, ':') && !digits(s, 2, 2, &sec))
        return false;
    *ret = ((h * 60 + m) * 60 + sec) * (west ? -1 : 1);
    return true;
}

static bool days_of(int64_t year, int64_t month, int64_t day, bool bc, int64_t *ret)
{
    if (bc)
        year = 1 - year;
    if (!calendar_is_date(year, (int)month, (int)day))
        return false;
    *ret = calendar_days(year, (int)month, (int)day);
    return true;
}

static bool takes_bc(struct str *s)
{
    if (!str_is(*s, " BC"))
        return false;
    s->len = 0;
    return true;
}

static int date(struct str text, struct value *ret, struct error *err)
{
    struct str s = text;
    int64_t y, m, d, days;
    if (str_is(s, "infinity") || str_is(s, "-infinity")) {
        *ret = value_int32(s.ptr[0] == '-' ? INT32_MIN : INT32_MAX);
        return 0;
    }
    if (!date_part(&s, &y, &m, &d) || !days_of(y, m, d, takes_bc(&s), &days) || s.len)
        return pgc_bad(text, "date", err);
    *ret = value_int32((int32_t)days);
    return 0;
}

/* Whole seconds since 1970 and microseconds of the second; UTC if the text has a zone. */
static bool moment(struct str s, int64_t *ret_seconds, int64_t *ret_us)
{
    int64_t y, m, d, us, east = 0, days;
    if (!date_part(&s, &y, &m, &d) || !skip(&s, ' ') || !time_part(&s, &us))
        return false;
    if (s.len && s.ptr[0] != ' ' && !zone_part(&s, &east))
        return false;
    if (!days_of(y, m, d, takes_bc(&s), &days) || s.len)
        return false;
    *ret_seconds = days * CALENDAR_SECONDS_A_DAY + us / US_A_SECOND - east;
    *ret_us = us % US_A_SECOND;
    return true;
}

static int timestamp(struct str s, bool millis, struct value *ret, struct error *err)
{
    int64_t seconds, us, v;
    if (str_is(s, "infinity"))
        v = INFINITE_FUTURE;
    else if (str_is(s, "-infinity"))
        v = INFINITE_PAST;
    else if (!moment(s, &seconds, &us) || __builtin_mul_overflow(seconds, US_A_SECOND, &v) ||
             __builtin_add_overflow(v, us, &v))
        return pgc_bad(s, "timestamp", err);
    *ret = value_int64(millis ? calendar_floor_div(v, 1000) : v);
    return 0;
}

/* As java.time's ISO formatters do: no more digits of the second than there are. */
static int write_fraction(char *out, size_t size, int64_t us)
{
    if (!us)
        return 0;
    int n = snprintf(out, size, ".%06" PRId64, us);
    while (out[n - 1] == '0')
        n--;
    return n;
}

static void write_time(int64_t second_of_day, int64_t us, char *out, size_t size)
{
    int n = snprintf(out, size, "%02d:%02d:%02d", (int)(second_of_day / 3600), (int)(second_of_day / 60 % 60),
                     (int)(second_of_day % 60));
    n += write_fraction(out + n, size - (size_t)n, us);
    snprintf(out + n, size - (size_t)n, "Z");
}

static int timestamptz(struct str s, struct arena *arena, struct value *ret, struct error *err)
{
    int64_t seconds, us = 0;
    char date_text[40], time_text[32];
    if (str_is(s, "infinity"))
        seconds = INFINITE_FUTURE / 1000;
    else if (str_is(s, "-infinity"))
        seconds = INFINITE_PAST / 1000;
    else if (!moment(s, &seconds, &us))
        return pgc_bad(s, "timestamp with time zone", err);
    int64_t days = calendar_floor_div(seconds, CALENDAR_SECONDS_A_DAY);
    struct calendar_date d = calendar_date(days);
    write_time(seconds - days * CALENDAR_SECONDS_A_DAY, us, time_text, sizeof time_text);
    snprintf(date_text, sizeof date_text, "%s%04" PRId64 "-%02d-%02d",
             d.year < 0      ? "-"
             : d.year > 9999 ? "+"
                             : "",
             d.year < 0 ? -d.year : d.year, d.month, d.day);
    *ret = value_str(arena_printf(arena, "%sT%s", date_text, time_text));
    return 0;
}

static int timetz(struct str text, struct arena *arena, struct value *ret, struct error *err)
{
    struct str s = text;
    int64_t us, east = 0;
    char out[32];
    if (!time_part(&s, &us) || (s.len && !zone_part(&s, &east)) || s.len)
        return pgc_bad(text, "time with time zone", err);
    us -= east * US_A_SECOND;
    us -= calendar_floor_div(us, US_A_DAY) * US_A_DAY;
    write_time(us / US_A_SECOND, us % US_A_SECOND, out, sizeof out);
    *ret = value_str(arena_cstr(arena, out));
    return 0;
}

static int time_of_day(struct str text, bool millis, struct value *ret, struct error *err)
{
    struct str s = text;
    int64_t us;
    if (!time_part(&s, &us) || s.len || us > US_A_DAY)
        return pgc_bad(text, "time", err);
    *ret = millis ? value_int32((int32_t)(us / 1000)) : value_int64(us);
    return 0;
}

/* ---- intervals: "1 year 2 mons -3 days -04:05:06.78" ---- */

struct interval {
    int64_t years, months, days, hours, minutes, seconds, us; /* each with its own sign */
};

static bool unit(struct str s, const char *singular)
{
    size_t n = strlen(singular);
    return str_is(s, singular) || (s.len == n + 1 && str_starts(s, singular) && s.ptr[n] == 's');
}

static bool read_interval(struct str s, struct interval *ret)
{
    struct interval iv = {0};
    while (s.len) {
        struct str word = str_split(s, ' ', &s);
        bool negative = skip(&word, '-');
        int64_t us, v, sign = negative ? -1 : 1;
        skip(&word, '+');
        if (str_find(word, ':') < word.len) {
            if (!time_part(&word, &us) || word.len || s.len)
                return false;
            iv.hours = sign * (us / US_A_SECOND / 3600);
            iv.minutes = sign * (us / US_A_SECOND / 60 % 60);
            iv.seconds = sign * (us / US_A_SECOND % 60);
            iv.us = sign * (us % US_A_SECOND);
            break;
        }
        if (!digits(&word, 1, 10, &v) || word.len || !s.len)
            return false;
        struct str name = str_split(s, ' ', &s);
        if (unit(name, "year"))
            iv.years = sign * v;
        else if (unit(name, "mon"))
            iv.months = sign * v;
        else if (unit(name, "day"))
            iv.days = sign * v;
        else
            return false;
    }
    *ret = iv;
    return true;
}

/* BigDecimal(double), cut to nine digits after the point, without zeros at its end. */
static void write_seconds(double seconds, char *out, size_t size)
{
    enum { CUT = 9, EXACT = 60 };
    int n = snprintf(out, size, "%.*f", EXACT, seconds);
    n -= EXACT - CUT;
    while (out[n - 1] == '0')
        n--;
    if (out[n - 1] == '.')
        n--;
    out[n] = 0;
    if (!strcmp(out, "-0"))
        memcpy(out, "0", 2);
}

static int interval(const struct pgc_conv *c, struct str s, struct arena *arena, struct value *ret, struct error *err)
{
    struct interval iv;
    if (!read_interval(s, &iv))
        return pgc_bad(s, "interval", err);
    double seconds = (double)iv.seconds + (double)iv.us / 1e6;
    if (c->op == PGC_INTERVAL_TEXT) {
        char text[128];
        write_seconds(seconds, text, sizeof text);
        *ret = value_str(arena_printf(arena, "P%" PRId64 "Y%" PRId64 "M%" PRId64 "DT%" PRId64 "H%" PRId64 "M%sS",
                                      iv.years, iv.months, iv.days, iv.hours, iv.minutes, text));
        return 0;
    }
    const double days_a_month = 365.25 / 12;
    double days = (double)(iv.years * 12 + iv.months) * days_a_month + (double)iv.days;
    double all = (((days * 24 + (double)iv.hours) * 60) + (double)iv.minutes) * 60 + seconds;
    double us = all * 1e6;
    *ret = value_int64(us >= 9223372036854775807.0    ? INT64_MAX
                       : us <= -9223372036854775808.0 ? INT64_MIN
                                                      : (int64_t)us);
    return 0;
}

int pgc_temporal(const struct pgc_conv *c, struct str s, struct arena *arena, struct value *ret, struct error *err)
{
    switch ((enum pgc_op)c->op) {
    case PGC_DATE:
        return date(s, ret, err);
    case PGC_TIME_MS:
    case PGC_TIME_US:
        return time_of_day(s, c->op == PGC_TIME_MS, ret, err);
    case PGC_TIMETZ:
        return timetz(s, arena, ret, err);
    case PGC_TIMESTAMP_MS:
    case PGC_TIMESTAMP_US:
        return timestamp(s, c->op == PGC_TIMESTAMP_MS, ret, err);
    case PGC_TIMESTAMPTZ:
        return timestamptz(s, arena, ret, err);
    case PGC_INTERVAL_US:
    case PGC_INTERVAL_TEXT:
        return interval(c, s, arena, ret, err);
    default:
        return error_set(err, ERROR_INTERNAL, "conversion %d is not known", c->op);
    }
}
