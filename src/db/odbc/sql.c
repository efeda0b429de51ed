#include "db/odbc/odbc.h"

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

/* ODBC's own form of a timestamp, which every driver makes its database's; no more digits than the value needs. */
static void write_timestamp(const struct odbc_db *db, const struct db_literal *l, struct buf *out)
{
    int64_t seconds = l->i;
    int digits = l->nanos == 0 ? 0 : l->nanos % 1000000 == 0 ? 3 : l->nanos % 1000 == 0 ? 6 : 9;
    if (db->legacy_calendar) {
        int64_t days = calendar_floor_div(seconds, CALENDAR_SECONDS_A_DAY);
        seconds += (calendar_modern_days(days) - days) * CALENDAR_SECONDS_A_DAY;
    }
    buf_add_literal(out, "{ts '");
    calendar_write(out, seconds + zone_offset_at(db->zone, seconds), l->nanos, ' ', digits);
    buf_add_literal(out, "'}");
}

int odbc_write_literal(struct db *base, const struct db_literal *literal, struct buf *out, struct error *err)
{
    switch (literal->type) {
    case DB_LITERAL_INT:
        buf_add_int64(out, literal->i);
        return 0;
    case DB_LITERAL_TEXT:
        write_text(literal->text, out);
        return 0;
    case DB_LITERAL_TIMESTAMP:
        write_timestamp((const struct odbc_db *)base, literal, out);
        return 0;
    }
    return error_set(err, ERROR_INTERNAL, "a literal of the unknown type %d", literal->type);
}

static bool read_clock(struct odbc_db *db, SQL_TIMESTAMP_STRUCT *ret, struct error *err)
{
    SQLHSTMT statement;
    SQLLEN len = 0;
    if (odbc_statement(db, &statement, err))
        return false;
    bool ok = !odbc_run(db, statement, STR("SELECT {fn NOW()}"), err) && SQL_SUCCEEDED(SQLFetch(statement)) &&
              SQL_SUCCEEDED(SQLGetData(statement, 1, SQL_C_TYPE_TIMESTAMP, ret, sizeof *ret, &len)) &&
              len != SQL_NULL_DATA && calendar_is_date(ret->year, ret->month, ret->day);
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    return ok;
}

/* The database's wall clock, taken as its columns are: in the connection's zone. Ours, where it has none. */
int odbc_now(struct db *base, int64_t *ret_ns, struct error *err)
{
    struct odbc_db *db = (struct odbc_db *)base;
    SQL_TIMESTAMP_STRUCT ts;
    struct error refused = {0};
    if (!db->has_no_clock && !read_clock(db, &ts, &refused)) {
        if (refused.code == ERROR_STOPPED || error_is_retriable(refused.code))
            return error_set(err, refused.code, "%s", refused.text);
        db->has_no_clock = true;
    }
    if (db->has_no_clock) {
        *ret_ns = clock_wall_us() * 1000;
        return 0;
    }
    int64_t wall =
        calendar_days(ts.year, ts.month, ts.day) * CALENDAR_SECONDS_A_DAY + ts.hour * 3600 + ts.minute * 60 + ts.second;
    *ret_ns = zone_to_utc(db->zone, wall) * 1000000000 + ts.fraction;
    return 0;
}
