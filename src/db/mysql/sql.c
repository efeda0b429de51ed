#include "db/mysql/mysql.h"

void my_add_text_literal(const struct my_db *db, struct buf *out, struct str text)
{
    bool backslash = !(db->mysql->server_status & SERVER_STATUS_NO_BACKSLASH_ESCAPES);
    buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'' || (backslash && text.ptr[i] == '\\'))
            buf_add_char(out, text.ptr[i]);
        buf_add_char(out, text.ptr[i]);
    }
    buf_add_char(out, '\'');
}

static void write_timestamp(const struct my_db *db, const struct db_literal *l, struct buf *out)
{
    int64_t seconds = l->i;
    if (db->legacy_calendar) {
        int64_t days = calendar_floor_div(seconds, CALENDAR_SECONDS_A_DAY);
        seconds += (calendar_modern_days(days) - days) * CALENDAR_SECONDS_A_DAY;
    }
    int64_t first = calendar_days(1, 1, 1) * CALENDAR_SECONDS_A_DAY;
    int64_t last = calendar_days(10000, 1, 1) * CALENDAR_SECONDS_A_DAY - 1;
    seconds += zone_offset_at(db->zone, seconds);
    seconds = seconds < first ? first : seconds > last ? last : seconds; /* all that a DATETIME can hold */
    buf_add_char(out, '\'');
    calendar_write(out, seconds, l->nanos, ' ', 6);
    buf_add_char(out, '\'');
}

int my_write_literal(struct db *base, const struct db_literal *literal, struct buf *out, struct error *err)
{
    switch (literal->type) {
    case DB_LITERAL_INT:
        buf_add_int64(out, literal->i);
        return 0;
    case DB_LITERAL_TEXT:
        my_add_text_literal((const struct my_db *)base, out, literal->text);
        return 0;
    case DB_LITERAL_TIMESTAMP:
        write_timestamp((const struct my_db *)base, literal, out);
        return 0;
    }
    return error_set(err, ERROR_INTERNAL, "a literal of the unknown type %d", literal->type);
}

int my_now(struct db *base, int64_t *ret_ns, struct error *err)
{
    struct my_db *db = (struct my_db *)base;
    struct calendar_moment m;
    MYSQL_RES *result = NULL;
    int code = my_run(db, STR("SELECT UTC_TIMESTAMP(6)"), &result, err);
    if (code)
        return code;
    MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
    if (!row || !row[0] || !calendar_parse(str_from(row[0]), &m) || m.zero)
        code = error_set(err, ERROR_DATA, STR_FMT ": the server's clock cannot be read", STR_ARG(db->place));
    else
        *ret_ns = m.seconds * 1000000000 + m.nanos;
    mysql_free_result(result);
    return code;
}
