#include "db/common/zone.h"

#include "db/common/calendar.h"

#include <ctype.h>
#include <stdio.h>

static const char *const folders[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo"};

struct zone {
    int64_t *times; /* of the changes, UTC, ascending */
    int32_t *after; /* the offset after each */
    size_t n;
    int32_t first; /* before the first change */
    size_t last;   /* where the last look-up ended: offset index, 0 is `first` */
};

static struct zone *fixed_zone(int32_t offset, struct arena *arena)
{
    struct zone *z = arena_new(arena, struct zone);
    z->first = offset;
    return z;
}

int32_t zone_offset_at(struct zone *z, int64_t utc)
{
    if (!z)
        return 0;
    size_t i = z->last;
    if ((i > 0 && utc < z->times[i - 1]) || (i < z->n && utc >= z->times[i])) {
        size_t low = 0, high = z->n;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (z->times[middle] <= utc)
                low = middle + 1;
            else
                high = middle;
        }
        z->last = i = low;
    }
    return i ? z->after[i - 1] : z->first;
}

int64_t zone_to_utc(struct zone *z, int64_t wall)
{
    if (!z)
        return wall;
    if (z->n == 0)
        return wall - z->first;
    int32_t before = zone_offset_at(z, wall - CALENDAR_SECONDS_A_DAY);
    int32_t after = zone_offset_at(z, wall + CALENDAR_SECONDS_A_DAY);
    if (before == after && zone_offset_at(z, wall - before) == before)
        return wall - before;
    return zone_offset_at(z, wall - after) == after ? wall - after : wall - before;
}

bool zone_is_fixed(const struct zone *z, int32_t *ret_offset)
{
    if (z && z->n)
        return false;
    *ret_offset = z ? z->first : 0;
    return true;
}

/* --- the rule that goes on after the last change, in POSIX's form: "CET-1CEST,M3.5.0,M10.5.0/3" --- */

struct rule_date {
    char form; /* 'M', 'J' or '0' */
    int month, week, day;
    int32_t time;
};

struct rule {
    int32_t standard, daylight;
    bool has_daylight;
    struct rule_date start, end;
};

static bool rule_number(const char **p, int *ret)
{
    if (!isdigit((unsigned char)**p))
        return false;
    int v = 0;
    while (isdigit((unsigned char)**p) && v < 100000)
        v = v * 10 + (*(*p)++ - '0');
    *ret = v;
    return true;
}

static bool rule_name(const char **p)
{
    const char *start = *p;
    if (**p == '<') {
        while (**p && **p != '>')
            (*p)++;
        return *(*p) ? ((*p)++, true) : false;
    }
    while (isalpha((unsigned char)**p))
        (*p)++;
    return *p - start >= 3;
}

static bool rule_time(const char **p, int32_t *ret)
{
    int sign = **p == '-' ? -1 : 1, hours, minutes = 0, seconds = 0;
    if (**p == '-' || **p == '+')
        (*p)++;
    if (!rule_number(p, &hours) || hours > 167)
        return false;
    if (**p == ':' && ((*p)++, !rule_number(p, &minutes)))
        return false;
    if (**p == ':' && ((*p)++, !rule_number(p, &seconds)))
        return false;
    *ret = sign * (hours * 3600 + minutes * 60 + seconds);
    return minutes < 60 && seconds < 60;
}

static bool rule_date(const char **p, struct rule_date *ret)
{
    struct rule_date d = {.form = '0', .time = 7200};
    if (*(*p)++ != ',')
        return false;
    if (**p == 'M') {
        d.form = *(*p)++;
        if (!rule_number(p, &d.month) || *(*p)++ != '.' || !rule_number(p, &d.week) || *(*p)++ != '.')
            return false;
    } else if (**p == 'J') {
        d.form = *(*p)++;
    }
    if (!rule_number(p, &d.day) || d.day > 366)
        return false;
    if (d.form == 'M' && (d.month < 1 || d.month > 12 || d.week < 1 || d.week > 5 || d.day > 6))
        return false;
    if (**p == '/' && ((*p)++, !rule_time(p, &d.time)))
        return false;
    *ret = d;
    return true;
}

static bool rule_parse(const char *p, struct rule *ret)
{
    struct rule r = {0};
    if (!rule_name(&p) || !rule_time(&p, &r.standard))
        return false;
    r.standard = -r.standard; /* POSIX counts west of Greenwich */
    if (*p) {
        r.has_daylight = true;
        r.daylight = r.standard + 3600;
        if (!rule_name(&p))
            return false;
        if (*p != ',') {
            if (!rule_time(&p, &r.daylight))
                return false;
            r.daylight = -r.daylight;
        }
        if (!rule_date(&p, &r.start) || !rule_date(&p, &r.end) || *p)
            return false;
    }
    *ret = r;
    return true;
}

/* The wall clock second of a rule's date in a year. */
static int64_t rule_second(const struct rule_date *d, int64_t year)
{
    int64_t days;
    if (d->form == 'M') {
        days = calendar_days(year, d->month, 1);
        int64_t weekday = (((days + 4) % 7) + 7) % 7; /* 1970-01-01 was a Thursday */
        days += (d->day - weekday + 7) % 7 + (d->week - 1) * 7;
        while (!calendar_is_date(year, d->month, (int)(days - calendar_days(year, d->month, 1)) + 1))
            days -= 7; /* week 5 is the last one */
    } else {
        bool leap = calendar_is_date(year, 2, 29);
        days = calendar_days(year, 1, 1) + d->day - (d->form == 'J' && !(leap && d->day >= 60) ? 1 : 0);
    }
    return days * CALENDAR_SECONDS_A_DAY + d->time;
}

static void add_change(struct zone *z, int64_t at, int32_t offset)
{
    if (z->n && z->times[z->n - 1] >= at)
        return;
    z->times[z->n] = at;
    z->after[z->n++] = offset;
}

static void lay_out_rule(struct zone *z, const struct rule *r, int64_t first_year)
{
    for (int64_t year = first_year; r->has_daylight && year <= ZONE_LAST_YEAR; year++) {
        int64_t start = rule_second(&r->start, year) - r->standard, end = rule_second(&r->end, year) - r->daylight;
        if (start < end) {
            add_change(z, start, r->daylight);
            add_change(z, end, r->standard);
        } else {
            add_change(z, end, r->standard);
            add_change(z, start, r->daylight);
        }
    }
}

/* --- the file --- */

static int64_t big_endian(const uint8_t *p, int n)
{
    uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < n; i++)
        v = v << 8 | p[i];
    return (int64_t)v;
}

enum { HEADER = 44 };

struct counts {
    size_t utc, standard, leap, time, type, chars;
};

static bool read_header(const uint8_t *p, size_t len, struct counts *ret)
{
    if (len < HEADER || memcmp(p, "TZif", 4) != 0)
        return false;
    size_t *fields[] = {&ret->utc, &ret->standard, &ret->leap, &ret->time, &ret->type, &ret->chars};
    for (size_t i = 0; i < 6; i++) {
        *fields[i] = (uint32_t)big_endian(p + 20 + i * 4, 4);
        if (*fields[i] > ZONE_MAX_FILE)
            return false;
    }
    return ret->type > 0;
}

static size_t body_length(const struct counts *c, size_t time_size)
{
    return c->time * (time_size + 1) + c->type * 6 + c->chars + c->leap * (time_size + 4) + c->standard + c->utc;
}

static bool read_changes(const uint8_t *p, const struct counts *c, size_t time_size, struct zone *z)
{
    const uint8_t *types = p + c->time * (time_size + 1);
    for (size_t i = 0; i < c->time; i++) {
        uint8_t type = p[c->time * time_size + i];
        int64_t at = big_endian(p + i * time_size, (int)time_size);
        if (type >= c->type || (i && at < z->times[z->n - 1]))
            return false;
        add_change(z, at, (int32_t)big_endian(types + type * 6, 4));
    }
    z->first = (int32_t)big_endian(types, 4);
    return true;
}

/* The text between two line feeds at the end of a file of version 2 or later. */
static void read_footer(const uint8_t *p, size_t len, struct zone *z)
{
    struct rule r;
    char text[64];
    if (len < 3 || len > sizeof text || p[0] != '\n')
        return;
    const uint8_t *end = memchr(p + 1, '\n', len - 1);
    if (!end)
        return;
    size_t n = (size_t)(end - p) - 1;
    memcpy(text, p + 1, n);
    text[n] = '\0';
    if (!rule_parse(text, &r))
        return;
    if (!z->n)
        z->first = r.standard;
    int64_t last = z->n ? z->times[z->n - 1] : 0;
    lay_out_rule(z, &r, calendar_date(calendar_floor_div(last, CALENDAR_SECONDS_A_DAY)).year);
}

int zone_parse(const uint8_t *bytes, size_t len, struct arena *arena, struct zone **ret, struct error *err)
{
    struct counts c;
    size_t time_size = 4;
    bool ok = read_header(bytes, len, &c);
    if (ok && bytes[4] >= '2') { /* the first body is for old programs */
        size_t skip = HEADER + body_length(&c, 4);
        ok = skip < len && read_header(bytes + skip, len - skip, &c);
        bytes += ok ? skip : 0;
        len -= ok ? skip : 0;
        time_size = 8;
    }
    if (!ok || HEADER + body_length(&c, time_size) > len)
        return error_set(err, ERROR_DATA, "the file of the time zone is damaged");
    size_t room = c.time + 2 * (ZONE_LAST_YEAR - 1900) + 16;
    struct zone *z = arena_new(arena, struct zone);
    z->times = arena_alloc(arena, sizeof *z->times * room);
    z->after = arena_alloc(arena, sizeof *z->after * room);
    if (!read_changes(bytes + HEADER, &c, time_size, z))
        return error_set(err, ERROR_DATA, "the file of the time zone is damaged");
    size_t used = HEADER + body_length(&c, time_size);
    int64_t last = z->n ? z->times[z->n - 1] : 0;
    if (time_size == 8 && last > INT64_C(-2208988800)) /* 1900: there is room for what follows */
        read_footer(bytes + used, len - used, z);
    *ret = z;
    return 0;
}

static bool parse_fixed(struct str name, int32_t *ret)
{
    if (str_starts(name, "GMT") || str_starts(name, "UTC"))
        name = str_of(name.ptr + 3, name.len - 3);
    if (name.len < 2 || (name.ptr[0] != '+' && name.ptr[0] != '-'))
        return false;
    int v = 0, n = 0;
    for (size_t i = 1; i < name.len; i++) {
        if (name.ptr[i] == ':' && i + 3 == name.len)
            continue;
        if (!isdigit((unsigned char)name.ptr[i]) || n == 4)
            return false;
        v = v * 10 + (name.ptr[i] - '0');
        n++;
    }
    int hours = n > 2 ? v / 100 : v, minutes = n > 2 ? v % 100 : 0;
    *ret = (name.ptr[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return n > 0 && hours <= 18 && minutes < 60;
}

static bool is_utc(struct str name)
{
    static const char *const names[] = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z", "UCT", "Zulu", NULL};
    if (!name.len)
        return true;
    for (const char *const *n = names; *n; n++)
        if (str_is(name, *n))
            return true;
    return false;
}

static FILE *open_file(struct str name)
{
    char path[256];
    if (name.len > ZONE_MAX_NAME || name.ptr[0] == '/' || memmem(name.ptr, name.len, "..", 2))
        return NULL;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s/" STR_FMT, folders[i], STR_ARG(name));
        FILE *f = fopen(path, "rbe");
        if (f)
            return f;
    }
    return NULL;
}

int zone_open(struct str name, struct arena *arena, struct zone **ret, struct error *err)
{
    int32_t offset;
    if (is_utc(name)) {
        *ret = NULL;
        return 0;
    }
    if (parse_fixed(name, &offset)) {
        *ret = offset ? fixed_zone(offset, arena) : NULL;
        return 0;
    }
    FILE *f = open_file(name);
    if (!f)
        return error_set(err, ERROR_CONFIG,
                         "the time zone \"" STR_FMT "\" is not known here; write an IANA name as Europe/Berlin or a "
                         "distance as +02:00, and see that the zones are installed (Debian package tzdata)",
                         STR_ARG(name));
    uint8_t *bytes = arena_alloc(arena, ZONE_MAX_FILE);
    size_t len = fread(bytes, 1, ZONE_MAX_FILE, f);
    fclose(f);
    int code = zone_parse(bytes, len, arena, ret, err);
    if (code)
        error_context(err, STR_FMT, STR_ARG(name));
    return code;
}
