#include "db/postgres/postgres.h"

#include <stdlib.h>

void pg_add_text_literal(struct buf *out, struct str text)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            buf_add_char(out, '\'');
        buf_add_char(out, text.ptr[i]);
    }
    buf_add_char(out, '\'');
}

/* The proleptic Gregorian days that pg_legacy_days made `legacy` of. */
static int64_t modern_days(int64_t legacy)
{
    int64_t days = legacy;
    for (int i = 0; i < 4; i++)
        days += legacy - pg_legacy_days(days);
    return days;
}

void pg_add_timestamp(struct buf *out, int64_t seconds, int32_t nanos, bool legacy, int64_t east)
{
    seconds += east;
    int64_t days = seconds / 86400 - (seconds % 86400 < 0);
    int64_t of_day = seconds - days * 86400;
    if (legacy)
        days = modern_days(days);
    struct pg_date date = pg_civil(days);
    int minutes = (int)(llabs(east) / 60);
    buf_printf(out, "%04lld-%02d-%02d %02d:%02d:%02d.%06d%c%02d:%02d%s",
               (long long)(date.year > 0 ? date.year : 1 - date.year), date.month, date.day, (int)(of_day / 3600),
               (int)(of_day / 60 % 60), (int)(of_day % 60), (int)(nanos / 1000), east < 0 ? '-' : '+', minutes / 60,
               minutes % 60, date.year > 0 ? "" : " BC");
}

static int write_timestamp(struct pg_db *db, const struct db_literal *l, struct buf *out, struct error *err)
{
    enum { YEAR_1900 = -25567 }; /* before it the zone is its standard time: write_local in cursor.c */
    int64_t east = db->zone_is_utc ? 0 : -db->standard_us / 1000000;
    buf_add_char(out, '\'');
    if (db->zone_is_utc || (db->legacy_calendar && l->i + east < YEAR_1900 * INT64_C(86400))) {
        /* a column without zone ignores the +00, one with zone needs it */
        pg_add_timestamp(out, l->i, l->nanos, db->legacy_calendar, east);
        buf_add_char(out, '\'');
        return 0;
    }
    AUTO_BUF sql = {0};
    buf_add_literal(&sql, "SELECT '");
    pg_add_timestamp(&sql, l->i, l->nanos, db->legacy_calendar, 0);
    buf_add_literal(&sql, "'::pg_catalog.timestamptz");
    PGresult *result = NULL;
    int code = pg_exec(db, buf_cstr(&sql), &result, err);
    if (!code)
        buf_add_cstr(out, PQgetvalue(result, 0, 0));
    PQclear(result);
    buf_add_char(out, '\'');
    return code;
}

int pg_write_literal(struct db *base, const struct db_literal *literal, struct buf *out, struct error *err)
{
    switch (literal->type) {
    case DB_LITERAL_INT:
        buf_add_int64(out, literal->i);
        return 0;
    case DB_LITERAL_TEXT:
        pg_add_text_literal(out, literal->text);
        return 0;
    case DB_LITERAL_TIMESTAMP:
        return write_timestamp((struct pg_db *)base, literal, out, err);
    }
    return error_set(err, ERROR_INTERNAL, "a literal of the unknown type %d", literal->type);
}

int pg_now(struct db *base, int64_t *ret_ns, struct error *err)
{
    struct pg_db *db = (struct pg_db *)base;
    PGresult *result = NULL;
    int64_t us;
    int code = pg_exec(db, "SELECT (extract(epoch from pg_catalog.clock_timestamp()) * 1000000)::pg_catalog.int8",
                       &result, err);
    if (!code && !str_to_int64(str_from(PQgetvalue(result, 0, 0)), &us))
        code = error_set(err, ERROR_DATA, STR_FMT ": the server's clock cannot be read", STR_ARG(db->place));
    PQclear(result);
    if (!code)
        *ret_ns = us * 1000;
    return code;
}

int pg_execute(struct db *base, struct str sql, struct error *err)
{
    AUTO_BUF text = {0};
    buf_add_str(&text, sql);
    return pg_command((struct pg_db *)base, buf_cstr(&text), err);
}

bool pg_zone_is_utc(struct str zone)
{
    static const char *const names[] = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z", "UCT", "Zulu", "+00:00", NULL};
    if (zone.len == 0)
        return true;
    for (const char *const *name = names; *name; name++)
        if (str_is(zone, *name))
            return true;
    return false;
}

void pg_add_zone(struct buf *out, struct str zone)
{
    if (pg_zone_is_utc(zone)) {
        buf_add_literal(out, "UTC");
        return;
    }
    if (zone.ptr[0] == '+' || zone.ptr[0] == '-') { /* POSIX counts west of Greenwich */
        buf_printf(out, "<" STR_FMT ">%c" STR_FMT, STR_ARG(zone), zone.ptr[0] == '+' ? '-' : '+', (int)zone.len - 1,
                   zone.ptr + 1);
        return;
    }
    buf_add_str(out, zone);
}
