#include "transforms/date_format.h"

#include "base/clock.h"
#include "transforms/calendar.h"
#include "transforms/date_names.h"

enum { CENTURY_BACK = 80 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int add_letters(struct date_format *f, char letter, size_t count, struct error *err)
{
    if (!strchr("GyMdkHmsSEDFwWahKzZYuXL", letter))
        return error_set(err, ERROR_CONFIG, "Illegal pattern character '%c' in date pattern \"" STR_FMT "\"", letter,
                         STR_ARG(f->pattern));
    if (letter == 'X' && count > 3)
        return error_set(err, ERROR_CONFIG, "invalid ISO 8601 format: length=%zu in date pattern \"" STR_FMT "\"",
                         count, STR_ARG(f->pattern));
    f->tokens[f->n++] = (struct date_token){.letter = letter, .count = (uint8_t)count};
    return 0;
}

static void add_literal(struct date_format *f, const char *ptr, size_t len)
{
    struct date_token *last = f->n ? &f->tokens[f->n - 1] : NULL;
    if (last && !last->letter && last->literal.ptr + last->literal.len == ptr)
        last->literal.len += len;
    else if (len)
        f->tokens[f->n++] = (struct date_token){.literal = str_of(ptr, len)};
}

/* From the quote at `at` to behind its other half; 0 when there is none. A doubled quote stands for one. */
static size_t add_quoted(struct date_format *f, size_t at)
{
    struct str p = f->pattern;
    for (size_t i = at + 1, start = i; i < p.len; i++) {
        if (p.ptr[i] != '\'')
            continue;
        if (i == at + 1) { /* '' */
            add_literal(f, p.ptr + i, 1);
            return i + 1;
        }
        if (i + 1 < p.len && p.ptr[i + 1] == '\'') {
            add_literal(f, p.ptr + start, i + 1 - start);
            start = ++i + 1;
            continue;
        }
        add_literal(f, p.ptr + start, i - start);
        return i + 1;
    }
    return 0;
}

static int compile(struct date_format *f, struct error *err)
{
    struct str p = f->pattern;
    for (size_t i = 0; i < p.len;) {
        if (p.ptr[i] == '\'') {
            i = add_quoted(f, i);
            if (!i)
                return error_set(err, ERROR_CONFIG, "Unterminated quote in date pattern \"" STR_FMT "\"", STR_ARG(p));
            continue;
        }
        size_t n = 1;
        if (!is_letter(p.ptr[i])) {
            add_literal(f, p.ptr + i, 1);
        } else {
            while (i + n < p.len && p.ptr[i + n] == p.ptr[i])
                n++;
            int rc = add_letters(f, p.ptr[i], n, err);
            if (rc)
                return rc;
        }
        i += n;
    }
    return 0;
}

int date_format_compile(struct str pattern, struct arena *arena, struct date_format *ret, struct error *err)
{
    if (pattern.len > DATE_PATTERN_MAX)
        return error_set(err, ERROR_CONFIG, "a date pattern of more than %d bytes", DATE_PATTERN_MAX);
    struct date_format f = {.pattern = arena_str(arena, pattern.ptr ? pattern : STR(""))};
    f.tokens = arena_array(arena, struct date_token, pattern.len);
    int64_t now = clock_wall_ms();
    struct calendar_day c;
    calendar_of_days(calendar_days_of_ms(now), &c);
    f.century_start = calendar_days_of(c.year - CENTURY_BACK, c.month, c.day) * MS_PER_DAY + calendar_ms_of_day(now);
    int rc = compile(&f, err);
    if (rc == 0)
        *ret = f;
    return rc;
}

static void write_padded(struct buf *out, int64_t v, size_t digits)
{
    char text[24];
    size_t n = 0;
    for (uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v; rest || n == 0; rest /= 10)
        text[sizeof text - ++n] = (char)('0' + rest % 10);
    if (v < 0)
        buf_add_char(out, '-');
    for (size_t i = n; i < digits; i++)
        buf_add_char(out, '0');
    buf_add(out, text + sizeof text - n, n);
}

static void write_year(struct buf *out, int64_t year, size_t count)
{
    if (count == 2)
        write_padded(out, year % 100, 2);
    else
        write_padded(out, year, count);
}

static void write_name(struct buf *out, const struct date_name *name, size_t count)
{
    buf_add_cstr(out, count >= 4 ? name->full : name->abbreviated);
}

static void write_zone(struct buf *out, char letter, size_t count)
{
    buf_add_cstr(out, letter == 'X'   ? "Z"
                      : letter == 'Z' ? "+0000"
                      : count >= 4    ? "Coordinated Universal Time"
                                      : "UTC");
}

/* A field of the day; false when the letter is none. */
static bool write_day_field(struct buf *out, const struct calendar_day *c, char letter, size_t count)
{
    bool bc = c->year <= 0;
    switch (letter) {
    case 'G':
        buf_add_cstr(out, date_eras[!bc]);
        return true;
    case 'y':
        write_year(out, bc ? 1 - c->year : c->year, count);
        return true;
    case 'Y':
        write_year(out, c->week_year, count);
        return true;
    case 'M':
    case 'L':
        if (count >= 3)
            write_name(out, &date_months[c->month], count);
        else
            write_padded(out, c->month + 1, count);
        return true;
    case 'E':
        write_name(out, &date_weekdays[c->weekday], count);
        return true;
    default:
        break;
    }
    const struct {
        char letter;
        int value;
    } numbers[] = {{'d', c->day},          {'D', c->day_of_year},   {'u', c->weekday ? c->weekday : 7},
                   {'w', c->week_of_year}, {'W', c->week_of_month}, {'F', c->weekday_in_month}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (numbers[i].letter == letter) {
            write_padded(out, numbers[i].value, count);
            return true;
        }
    }
    return false;
}

static void write_time_field(struct buf *out, int64_t ms_of_day, char letter, size_t count)
{
    int64_t hour = ms_of_day / 3600000;
    switch (letter) {
    case 'a':
        buf_add_cstr(out, date_halves[hour >= 12]);
        break;
    case 'H':
        write_padded(out, hour, count);
        break;
    case 'k':
        write_padded(out, hour ? hour : 24, count);
        break;
    case 'K':
        write_padded(out, hour % 12, count);
        break;
    case 'h':
        write_padded(out, hour % 12 ? hour % 12 : 12, count);
        break;
    case 'm':
        write_padded(out, ms_of_day / 60000 % 60, count);
        break;
    case 's':
        write_padded(out, ms_of_day / 1000 % 60, count);
        break;
    case 'S':
        write_padded(out, ms_of_day % 1000, count);
        break;
    default:
        write_zone(out, letter, count);
        break;
    }
}

void date_format_write(const struct date_format *f, int64_t ms, struct buf *out)
{
    struct calendar_day c;
    calendar_of_days(calendar_days_of_ms(ms), &c);
    for (size_t i = 0; i < f->n; i++) {
        const struct date_token *t = &f->tokens[i];
        if (!t->letter)
            buf_add_str(out, t->literal);
        else if (!write_day_field(out, &c, t->letter, t->count))
            write_time_field(out, calendar_ms_of_day(ms), t->letter, t->count);
    }
}
