/* The reading half of date_format.h: SimpleDateFormat.parse, then GregorianCalendar's choice among the fields. */
#include "transforms/calendar.h"
#include "transforms/date_format.h"
#include "transforms/date_names.h"

enum field {
    ERA,
    YEAR,
    MONTH,
    WEEK_OF_YEAR,
    WEEK_OF_MONTH,
    DAY,
    DAY_OF_YEAR,
    WEEKDAY, /* 1: Sunday, as Java has it */
    WEEKDAY_IN_MONTH,
    HALF, /* AM, PM */
    HOUR, /* of the half */
    HOUR_OF_DAY,
    MINUTE,
    SECOND,
    MILLISECOND,
    ZONE, /* ms east of UTC */
    WEEK_YEAR,
    N_FIELDS,
};

/* What the text told, and in which order: of several ways to name a day the one told last counts. */
struct parsed {
    int64_t values[N_FIELDS];
    int stamps[N_FIELDS]; /* 0: not told */
    int last;
    bool ambiguous; /* a two-digit year that may be this century's start or its end */
};

static void put(struct parsed *p, enum field field, int64_t value)
{
    p->values[field] = value;
    p->stamps[field] = ++p->last;
}

struct reader {
    const struct date_format *format;
    struct str text;
    struct parsed parsed;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int digit_at(struct str s, size_t i)
{
    return i < s.len && is_digit(s.ptr[i]) ? s.ptr[i] - '0' : -1;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool matches(struct str text, size_t at, const char *name)
{
    size_t n = strlen(name);
    if (text.len < at + n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower(text.ptr[at + i]) != lower(name[i]))
            return false;
    return true;
}

/* The readers of one field return the position behind it, or 0. */

static size_t read_number(struct str text, size_t at, int64_t *ret)
{
    enum { DIGITS_MAX = 18 };
    bool negative = at < text.len && text.ptr[at] == '-';
    size_t start = at + negative, i = start;
    int64_t v = 0;
    for (int d; (d = digit_at(text, i)) >= 0; i++)
        v = i - start < DIGITS_MAX ? v * 10 + d : INT32_MAX;
    if (i == start)
        return 0;
    *ret = (int32_t)(negative ? -v : v);
    return i;
}

static size_t read_names(struct reader *r, size_t at, enum field field, const struct date_name *names, int n, int base)
{
    for (int form = 0; form < 2; form++) {
        for (int i = 0; i < n; i++) {
            const char *name = form == 0 ? names[i].full : names[i].abbreviated;
            if (matches(r->text, at, name)) {
                put(&r->parsed, field, i + base);
                return at + strlen(name);
            }
        }
    }
    return 0;
}

static size_t read_pair(struct reader *r, size_t at, enum field field, const char *const names[2])
{
    for (int i = 0; i < 2; i++) {
        if (matches(r->text, at, names[i])) {
            put(&r->parsed, field, i);
            return at + strlen(names[i]);
        }
    }
    return 0;
}

/* "hh", "hhmm" or "hh:mm" behind the sign. A single digit is an hour only where nothing but the colon tells. */
static size_t read_offset(struct reader *r, size_t at, int sign, bool minutes, bool colon, bool short_hour)
{
    struct str s = r->text;
    int hour = digit_at(s, at++), more;
    if (hour < 0)
        return 0;
    if ((more = digit_at(s, at)) >= 0) {
        hour = hour * 10 + more;
        at++;
    } else if (!short_hour) {
        return 0;
    }
    int minute = 0;
    if (minutes) {
        if (colon && (at >= s.len || s.ptr[at++] != ':'))
            return 0;
        int tens = digit_at(s, at), ones = digit_at(s, at + 1);
        if (tens < 0 || ones < 0)
            return 0;
        minute = tens * 10 + ones;
        at += 2;
    }
    if (hour > 23 || minute > 59)
        return 0;
    put(&r->parsed, ZONE, (int64_t)sign * (hour * 60 + minute) * 60000);
    return at;
}

static int sign_at(struct str s, size_t at)
{
    return at >= s.len ? 0 : s.ptr[at] == '+' ? 1 : s.ptr[at] == '-' ? -1 : 0;
}

static size_t read_iso_zone(struct reader *r, size_t at, size_t count)
{
    int sign = sign_at(r->text, at);
    if (sign)
        return read_offset(r, at + 1, sign, count > 1, count == 3, false);
    if (r->text.ptr[at] != 'Z')
        return 0;
    put(&r->parsed, ZONE, 0);
    return at + 1;
}

static size_t read_zone(struct reader *r, size_t at)
{
    static const char *const utc[] = {"Coordinated Universal Time", "Greenwich Mean Time", "UTC", "UT"};
    int sign = sign_at(r->text, at);
    if (sign)
        return read_offset(r, at + 1, sign, true, false, false);
    if (matches(r->text, at, "GMT")) {
        sign = sign_at(r->text, at + 3);
        if (sign)
            return read_offset(r, at + 4, sign, true, true, true);
        put(&r->parsed, ZONE, 0);
        return at + 3;
    }
    for (size_t i = 0; i < sizeof utc / sizeof *utc; i++) {
        if (matches(r->text, at, utc[i])) {
            put(&r->parsed, ZONE, 0);
            return at + strlen(utc[i]);
        }
    }
    return 0;
}

static int64_t in_century(struct reader *r, int64_t two_digits)
{
    struct calendar_day c;
    calendar_of_days(calendar_days_of_ms(r->format->century_start), &c);
    int64_t start = c.year % 100;
    r->parsed.ambiguous = two_digits == start;
    return two_digits + c.year / 100 * 100 + (two_digits < start ? 100 : 0);
}

static void put_number(struct reader *r, char letter, size_t count, struct str digits, int64_t v)
{
    static const struct {
        char letter;
        enum field field;
    } plain[] = {{'d', DAY},           {'H', HOUR_OF_DAY}, {'m', MINUTE},           {'s', SECOND},
                 {'S', MILLISECOND},   {'D', DAY_OF_YEAR}, {'F', WEEKDAY_IN_MONTH}, {'w', WEEK_OF_YEAR},
                 {'W', WEEK_OF_MONTH}, {'K', HOUR}};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (plain[i].letter == letter) {
            put(&r->parsed, plain[i].field, v);
            return;
        }
    }
    bool two_digits = count <= 2 && digits.len == 2 && is_digit(digits.ptr[0]) && is_digit(digits.ptr[1]);
    if (letter == 'y' || letter == 'Y')
        put(&r->parsed, letter == 'y' ? YEAR : WEEK_YEAR, two_digits ? in_century(r, v) : v);
    else if (letter == 'M' || letter == 'L')
        put(&r->parsed, MONTH, v - 1);
    else if (letter == 'k')
        put(&r->parsed, HOUR_OF_DAY, v == 24 ? 0 : v);
    else if (letter == 'h')
        put(&r->parsed, HOUR, v == 12 ? 0 : v);
    else /* u */
        put(&r->parsed, WEEKDAY, v >= 1 && v <= 7 ? v % 7 + 1 : v);
}

/* Numbers without anything between them: each takes as many characters as its pattern has letters. */
static bool abuts(const struct date_format *f, size_t i)
{
    if (i + 1 >= f->n)
        return false;
    const struct date_token *next = &f->tokens[i + 1];
    if (next->letter == 'M' || next->letter == 'L')
        return next->count <= 2;
    return next->letter && strchr("ydkHmsSDFwWhKYu", next->letter);
}

static size_t read_field(struct reader *r, size_t i, size_t start)
{
    const struct date_token *t = &r->format->tokens[i];
    size_t at = start;
    while (at < r->text.len && (r->text.ptr[at] == ' ' || r->text.ptr[at] == '\t'))
        at++;
    if (at >= r->text.len)
        return 0;
    switch (t->letter) {
    case 'G':
        return read_pair(r, start, ERA, date_eras);
    case 'a':
        return read_pair(r, start, HALF, date_halves);
    case 'E':
        return read_names(r, start, WEEKDAY, date_weekdays, 7, 1);
    case 'z':
    case 'Z':
        return read_zone(r, at);
    case 'X':
        return read_iso_zone(r, at, t->count);
    case 'M':
    case 'L':
        if (t->count >= 3)
            return read_names(r, start, MONTH, date_months, 12, 0);
        break;
    default:
        break;
    }
    struct str text = r->text;
    if (abuts(r->format, i)) {
        if (start + t->count > text.len)
            return 0;
        text.len = start + t->count;
    }
    int64_t v;
    size_t end = at < text.len ? read_number(text, at, &v) : 0;
    if (end)
        put_number(r, t->letter, t->count, str_of(text.ptr + at, end - at), v);
    return end;
}

static bool read_all(struct reader *r)
{
    size_t at = 0;
    for (size_t i = 0; i < r->format->n; i++) {
        const struct date_token *t = &r->format->tokens[i];
        if (t->letter) {
            at = read_field(r, i, at);
            if (!at)
                return false;
        } else {
            if (r->text.len < at + t->literal.len || memcmp(r->text.ptr + at, t->literal.ptr, t->literal.len) != 0)
                return false;
            at += t->literal.len;
        }
    }
    return true;
}

static int max(int a, int b)
{
    return a > b ? a : b;
}

/* When both were told: the later of the two. */
static int both(int a, int b)
{
    return a && b ? max(a, b) : 0;
}

enum choice { BY_DAY, BY_WEEK_OF_MONTH, BY_WEEKDAY_IN_MONTH, BY_DAY_OF_YEAR, BY_WEEK_OF_YEAR };

/* Calendar.selectFields: which fields tell the day within the year. */
static enum choice choose(const struct parsed *p)
{
    const int *s = p->stamps;
    int day = s[DAY], weekday = s[WEEKDAY];
    int week_of_month = both(s[WEEK_OF_MONTH], weekday), in_month = both(s[WEEKDAY_IN_MONTH], weekday);
    int week_of_year = both(s[WEEK_OF_YEAR], weekday);
    int best = max(max(max(day, week_of_month), max(in_month, s[DAY_OF_YEAR])), week_of_year);
    if (best == 0) {
        week_of_month = s[WEEK_OF_MONTH];
        in_month = max(s[WEEKDAY_IN_MONTH], weekday);
        week_of_year = s[WEEK_OF_YEAR];
        best = max(max(week_of_month, in_month), week_of_year);
        if (best == 0)
            return BY_DAY;
    }
    if (best == day)
        return BY_DAY;
    bool by_week = best == week_of_month && s[WEEK_OF_MONTH] >= s[WEEK_OF_YEAR];
    bool by_weekday = best == in_month && s[WEEKDAY_IN_MONTH] >= s[WEEK_OF_YEAR];
    if (!by_week && !by_weekday)
        return best == s[DAY_OF_YEAR] ? BY_DAY_OF_YEAR : BY_WEEK_OF_YEAR;
    if (week_of_month == in_month)
        return s[WEEK_OF_MONTH] >= s[WEEKDAY_IN_MONTH] ? BY_WEEK_OF_MONTH : BY_WEEKDAY_IN_MONTH;
    return best == week_of_month ? BY_WEEK_OF_MONTH : BY_WEEKDAY_IN_MONTH;
}

static int64_t value_or(const struct parsed *p, enum field field, int64_t otherwise)
{
    return p->stamps[field] ? p->values[field] : otherwise;
}

/* The day of a week, when one was told: `sunday` begins the week. */
static int64_t weekday_from(const struct parsed *p, int64_t sunday)
{
    if (!p->stamps[WEEKDAY])
        return sunday;
    return calendar_weekday_at_or_before(sunday + 6, (int)((p->values[WEEKDAY] - 1) % 7));
}

static int64_t day_by_weekday_in_month(const struct parsed *p, int64_t year, int64_t month)
{
    int weekday = (int)((value_or(p, WEEKDAY, 1) - 1) % 7);
    int64_t n = value_or(p, WEEKDAY_IN_MONTH, 1);
    int64_t first = calendar_days_of(year, month, 1);
    if (n >= 0)
        return calendar_weekday_at_or_before(first + 7 * n - 1, weekday);
    int64_t next = calendar_days_of(year, month + 1, 1); /* -1: the month's last */
    return calendar_weekday_at_or_before(next + 7 * (n + 1) - 1, weekday);
}

static int64_t find_day(const struct parsed *p)
{
    int64_t year = value_or(p, YEAR, 1970), month = value_or(p, MONTH, 0);
    if (p->stamps[ERA] && p->values[ERA] == 0)
        year = 1 - year;
    if (p->stamps[WEEK_YEAR] > p->stamps[YEAR]) {
        int64_t weekday = value_or(p, WEEKDAY, 1) - 1;
        return calendar_first_week(p->values[WEEK_YEAR]) + (value_or(p, WEEK_OF_YEAR, 1) - 1) * 7 + weekday;
    }
    switch (choose(p)) {
    case BY_WEEK_OF_MONTH:
        return weekday_from(p, calendar_weekday_at_or_before(calendar_days_of(year, month, 1), 0)) +
               7 * (p->values[WEEK_OF_MONTH] - 1);
    case BY_WEEKDAY_IN_MONTH:
        return day_by_weekday_in_month(p, year, month);
    case BY_DAY_OF_YEAR:
        return calendar_days_of(year, 0, 1) + p->values[DAY_OF_YEAR] - 1;
    case BY_WEEK_OF_YEAR:
        return weekday_from(p, calendar_first_week(year)) + 7 * (p->values[WEEK_OF_YEAR] - 1);
    default:
        return calendar_days_of(year, month, value_or(p, DAY, 1));
    }
}

static int64_t time_of_day(const struct parsed *p)
{
    const int *s = p->stamps;
    int half_day = both(s[HOUR], s[HALF]);
    bool by_half = half_day > s[HOUR_OF_DAY] || !s[HOUR_OF_DAY];
    int64_t hours = by_half ? value_or(p, HOUR, 0) + 12 * value_or(p, HALF, 0) : p->values[HOUR_OF_DAY];
    return ((hours * 60 + value_or(p, MINUTE, 0)) * 60 + value_or(p, SECOND, 0)) * 1000 + value_or(p, MILLISECOND, 0) -
           value_or(p, ZONE, 0);
}

static bool to_ms(const struct parsed *p, int64_t *ret)
{
    int64_t ms;
    if (__builtin_mul_overflow(find_day(p), MS_PER_DAY, &ms))
        return false;
    return !__builtin_add_overflow(ms, time_of_day(p), ret);
}

int date_format_parse(const struct date_format *f, struct str text, int64_t *ret, struct error *err)
{
    struct reader r = {.format = f, .text = text};
    if (!text.len || !read_all(&r))
        return error_set(err, ERROR_DATA, "value (" STR_FMT ") does not match pattern (" STR_FMT ")", STR_ARG(text),
                         STR_ARG(f->pattern));
    int64_t ms;
    bool fits = to_ms(&r.parsed, &ms);
    if (fits && r.parsed.ambiguous && ms < f->century_start) {
        r.parsed.values[YEAR] += 100;
        r.parsed.values[WEEK_YEAR] += 100;
        fits = to_ms(&r.parsed, &ms);
    }
    if (!fits)
        return error_set(err, ERROR_DATA, "value (" STR_FMT ") is beyond what milliseconds since 1970 can count",
                         STR_ARG(text));
    *ret = ms;
    return 0;
}
