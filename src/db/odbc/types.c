#include "db/odbc/odbc.h"

enum { SQL_SS_TIMESTAMPOFFSET_ = -155, SQL_SS_TIME2_ = -154, SQL_SS_XML_ = -152 };

static const struct {
    SQLSMALLINT sql;
    enum db_type type;
    enum odbc_op op;
} known[] = {
    {SQL_BIT, DB_BOOLEAN, ODBC_OP_BIT},
    {SQL_TINYINT, DB_TINYINT, ODBC_OP_INT},
    {SQL_SMALLINT, DB_SMALLINT, ODBC_OP_INT},
    {SQL_INTEGER, DB_INTEGER, ODBC_OP_INT},
    {SQL_BIGINT, DB_BIGINT, ODBC_OP_INT},
    {SQL_REAL, DB_REAL, ODBC_OP_FLOAT},
    {SQL_FLOAT, DB_FLOAT, ODBC_OP_DOUBLE},
    {SQL_DOUBLE, DB_DOUBLE, ODBC_OP_DOUBLE},
    {SQL_NUMERIC, DB_NUMERIC, ODBC_OP_TEXT},
    {SQL_DECIMAL, DB_DECIMAL, ODBC_OP_TEXT},
    {SQL_CHAR, DB_CHAR, ODBC_OP_TEXT},
    {SQL_VARCHAR, DB_VARCHAR, ODBC_OP_TEXT},
    {SQL_LONGVARCHAR, DB_LONGVARCHAR, ODBC_OP_TEXT},
    {SQL_WCHAR, DB_NCHAR, ODBC_OP_WIDE},
    {SQL_WVARCHAR, DB_NVARCHAR, ODBC_OP_WIDE},
    {SQL_WLONGVARCHAR, DB_LONGNVARCHAR, ODBC_OP_WIDE},
    {SQL_BINARY, DB_BINARY, ODBC_OP_BYTES},
    {SQL_VARBINARY, DB_VARBINARY, ODBC_OP_BYTES},
    {SQL_LONGVARBINARY, DB_LONGVARBINARY, ODBC_OP_BYTES},
    {SQL_TYPE_DATE, DB_DATE, ODBC_OP_DATE},
    {SQL_TYPE_TIME, DB_TIME, ODBC_OP_TIME},
    {SQL_TYPE_TIMESTAMP, DB_TIMESTAMP, ODBC_OP_TIMESTAMP},
    {SQL_DATE, DB_DATE, ODBC_OP_DATE},
    {SQL_TIME, DB_TIME, ODBC_OP_TIME},
    {SQL_TIMESTAMP, DB_TIMESTAMP, ODBC_OP_TIMESTAMP},
    {SQL_GUID, DB_VARCHAR, ODBC_OP_TEXT},
    {SQL_SS_TIMESTAMPOFFSET_, DB_TIMESTAMP, ODBC_OP_TEXT},
    {SQL_SS_TIME2_, DB_TIME, ODBC_OP_TEXT},
    {SQL_SS_XML_, DB_SQLXML, ODBC_OP_WIDE},
};

static size_t text_width(SQLULEN size, SQLULEN spare, size_t unit)
{
    return size && size <= ODBC_BOUND_MAX ? (size_t)(size + spare + 1) * unit : 0;
}

static void choose_fetch(enum odbc_op op, const struct db_column *c, SQLULEN size, struct odbc_fetch *f)
{
    enum { SIGN_POINT_ZERO = 3, TEXT_OF_NUMBER = 64, BYTES_A_CHARACTER = 4 };
    bool is_long = c->type == DB_LONGVARCHAR || c->type == DB_LONGNVARCHAR || c->type == DB_LONGVARBINARY;
    bool is_number = c->type == DB_NUMERIC || c->type == DB_DECIMAL;
    size = is_long ? 0 : size;
    *f = (struct odbc_fetch){.op = op};
    switch (op) {
    case ODBC_OP_INT:
    case ODBC_OP_UINT:
        f->c_type = op == ODBC_OP_UINT ? SQL_C_UBIGINT : SQL_C_SBIGINT;
        f->width = sizeof(int64_t);
        break;
    case ODBC_OP_DOUBLE:
        f->c_type = SQL_C_DOUBLE;
        f->width = sizeof(double);
        break;
    case ODBC_OP_FLOAT:
        f->c_type = SQL_C_FLOAT;
        f->width = sizeof(float);
        break;
    case ODBC_OP_BIT:
        f->c_type = SQL_C_BIT;
        f->width = 1;
        break;
    case ODBC_OP_DATE:
        f->c_type = SQL_C_TYPE_DATE;
        f->width = sizeof(SQL_DATE_STRUCT);
        break;
    case ODBC_OP_TIME:
        f->c_type = SQL_C_TYPE_TIME;
        f->width = sizeof(SQL_TIME_STRUCT);
        break;
    case ODBC_OP_TIMESTAMP:
        f->c_type = SQL_C_TYPE_TIMESTAMP;
        f->width = sizeof(SQL_TIMESTAMP_STRUCT);
        break;
    case ODBC_OP_TEXT:
        f->c_type = SQL_C_CHAR;
        f->width = is_number ? text_width(size, SIGN_POINT_ZERO, 1) : text_width(size * BYTES_A_CHARACTER, 0, 1);
        if (c->type == DB_TIMESTAMP || c->type == DB_TIME)
            f->width = TEXT_OF_NUMBER;
        break;
    case ODBC_OP_WIDE:
        f->c_type = SQL_C_WCHAR;
        f->width = text_width(size * 2, 0, sizeof(SQLWCHAR)); /* a size may count code points */
        break;
    case ODBC_OP_BYTES:
        f->c_type = SQL_C_BINARY;
        f->width = text_width(size, 0, 1);
        break;
    }
}

void odbc_type(SQLSMALLINT sql_type, SQLULEN size, SQLSMALLINT digits, bool is_unsigned, struct db_column *c,
               struct odbc_fetch *fetch)
{
    enum odbc_op op = ODBC_OP_WIDE;
    c->type = DB_VARCHAR;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].sql == sql_type) {
            c->type = known[i].type;
            op = known[i].op;
        }
    bool is_int = c->type >= DB_TINYINT && c->type <= DB_BIGINT;
    c->is_unsigned = is_int && is_unsigned;
    if (c->is_unsigned && c->type == DB_BIGINT)
        op = ODBC_OP_UINT;
    if (c->type == DB_NUMERIC || c->type == DB_DECIMAL) {
        c->precision = size <= INT32_MAX ? (int32_t)size : 0;
        c->scale = digits;
    }
    c->native = (uint64_t)(uint16_t)sql_type;
    choose_fetch(op, c, size, fetch);
}

void odbc_widen(struct db_column *c, struct odbc_fetch *f, enum odbc_width width)
{
    if (width == ODBC_FITS)
        return;
    c->precision = c->scale = 0;
    c->is_unsigned = false;
    if (width == ODBC_AS_TEXT)
        c->type = DB_VARCHAR;
    *f = (struct odbc_fetch){.op = ODBC_OP_WIDE, .c_type = SQL_C_WCHAR};
}

void odbc_make_narrow(struct odbc_fetch *f)
{
    if (f->op != ODBC_OP_WIDE)
        return;
    *f = (struct odbc_fetch){
        .op = ODBC_OP_TEXT, .c_type = SQL_C_CHAR, .width = f->width / sizeof(SQLWCHAR) * 2 /* 4 bytes a character */};
}

static struct db_cell date_cell(int64_t year, int month, int day, int64_t seconds, uint32_t nanos)
{
    if (!calendar_is_date(year, month, day))
        return (struct db_cell){.kind = CELL_ZERO};
    return cell_moment(calendar_days(year, month, day) * CALENDAR_SECONDS_A_DAY + seconds,
                       (int32_t)(nanos % 1000000000), false);
}

struct db_cell odbc_cell(enum odbc_op op, const void *data, size_t len, struct arena *arena)
{
    int64_t i;
    double d;
    float f;
    SQL_DATE_STRUCT date;
    SQL_TIME_STRUCT time;
    SQL_TIMESTAMP_STRUCT ts;
    switch (op) {
    case ODBC_OP_INT:
        memcpy(&i, data, sizeof i);
        return cell_int(i);
    case ODBC_OP_UINT:
        memcpy(&i, data, sizeof i);
        return (struct db_cell){.kind = CELL_UINT, .u = (uint64_t)i};
    case ODBC_OP_DOUBLE:
        memcpy(&d, data, sizeof d);
        return (struct db_cell){.kind = CELL_DOUBLE, .f = d};
    case ODBC_OP_FLOAT:
        memcpy(&f, data, sizeof f);
        return (struct db_cell){.kind = CELL_FLOAT, .f = (double)f};
    case ODBC_OP_BIT:
        return cell_int(*(const unsigned char *)data != 0);
    case ODBC_OP_DATE:
        memcpy(&date, data, sizeof date);
        return date_cell(date.year, date.month, date.day, 0, 0);
    case ODBC_OP_TIME:
        memcpy(&time, data, sizeof time);
        return (struct db_cell){.kind = CELL_TIME,
                                .i = (time.hour * 3600 + time.minute * 60 + time.second) * INT64_C(1000000000)};
    case ODBC_OP_TIMESTAMP:
        memcpy(&ts, data, sizeof ts);
        return date_cell(ts.year, ts.month, ts.day, ts.hour * 3600 + ts.minute * 60 + ts.second, ts.fraction);
    case ODBC_OP_WIDE: {
        size_t units = len / sizeof(SQLWCHAR), room;
        char *text = arena_open(arena, units * ODBC_UTF8_A_UNIT + 1, &room);
        size_t n = odbc_from_wide(data, units, text);
        arena_close(arena, n);
        return cell_text(text, n);
    }
    case ODBC_OP_TEXT:
        return cell_text(arena_dup(arena, data, len), len);
    default:
        return cell_bytes(arena_dup(arena, data, len), len);
    }
}
