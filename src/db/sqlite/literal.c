#include "db/sqlite/sqlite.h"

#include "base/clock.h"

static void write_text(struct str text, struct buf *out)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            buf_add_char(out, '\'');
        buf_add_char(out, text.ptr[i]);
    }
    buf_add_char(out, '\'');
}

/* As many digits as the rows have, so that equal times are equal texts; more only where the value needs them. */
static int digits_for(const struct sqlite_times *times, int32_t nanos)
{
    int needed = 9;
    while (needed > 0 && nanos % 10 == 0) {
        nanos /= 10;
        needed--;
    }
    return needed > times->digits ? needed : times->digits;
}

static void write_time(struct sqlite_db *db, int64_t seconds, int32_t nanos, struct buf *out)
{
    if (db->legacy_calendar) {
        int64_t days = calendar_floor_div(seconds, CALENDAR_SECONDS_A_DAY);
        seconds += (calendar_modern_days(days) - days) * CALENDAR_SECONDS_A_DAY;
    }
    if (db->times.form == SQLITE_FORM_UNKNOWN)
        sqlite_sample_times(db);
    switch (db->times.form) {
    case SQLITE_FORM_TEXT:
        buf_add_char(out, '\'');
        calendar_write(out, seconds + zone_offset_at(db->zone, seconds), nanos, db->times.separator,
                       digits_for(&db->times, nanos));
        buf_add_char(out, '\'');
        break;
    case SQLITE_FORM_REAL:
        buf_printf(out, "%.17g", (double)(seconds * 1000 + nanos / 1000000) / 86400000.0 + 2440587.5);
        break;
    default:
        buf_add_int64(out, db->times.in_seconds ? seconds : seconds * 1000 + nanos / 1000000);
        break;
    }
}

int sqlite_write_literal(struct db *base, const struct db_literal *literal, struct buf *out, struct error *err)
{
    switch (literal->type) {
    case DB_LITERAL_INT:
        buf_add_int64(out, literal->i);
        return 0;
    case DB_LITERAL_TEXT:
        write_text(literal->text, out);
        return 0;
    case DB_LITERAL_TIMESTAMP:
        write_time((struct sqlite_db *)base, literal->i, literal->nanos, out);
        return 0;
    }
    return error_set(err, ERROR_INTERNAL, "a literal of the unknown type %d", literal->type);
}

/* The database has no clock but ours. */
int sqlite_now(struct db *base, int64_t *ret_ns, struct error *err)
{
    (void)base;
    (void)err;
    *ret_ns = clock_wall_us() * 1000;
    return 0;
}
