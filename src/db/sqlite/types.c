#include "db/sqlite/sqlite.h"

#include "wire/decimal.h"

#include <math.h>
#include <stdlib.h>

enum { NAME_MAX_LEN = 128 };

/* As sqlite-jdbc's ResultSetMetaData.getColumnType has them, but: DATETIME is a point in time, not a date. */
static const struct {
    const char *name;
    enum db_type type;
} known[] = {
    {"BOOLEAN", DB_BOOLEAN},
    {"TINYINT", DB_TINYINT},
    {"SMALLINT", DB_SMALLINT},
    {"INT2", DB_SMALLINT},
    {"INT", DB_INTEGER},
    {"INTEGER", DB_INTEGER},
    {"MEDIUMINT", DB_INTEGER},
    {"BIGINT", DB_BIGINT},
    {"INT8", DB_BIGINT},
    {"UNSIGNED BIG INT", DB_BIGINT},
    {"DATE", DB_DATE},
    {"DATETIME", DB_TIMESTAMP},
    {"TIMESTAMP", DB_TIMESTAMP},
    {"DECIMAL", DB_DECIMAL},
    {"NUMERIC", DB_NUMERIC},
    {"DOUBLE", DB_DOUBLE},
    {"DOUBLE PRECISION", DB_DOUBLE},
    {"REAL", DB_REAL},
    {"FLOAT", DB_FLOAT},
    {"CHARACTER", DB_CHAR},
    {"NCHAR", DB_CHAR},
    {"NATIVE CHARACTER", DB_CHAR},
    {"CHAR", DB_CHAR},
    {"CLOB", DB_CLOB},
    {"VARCHAR", DB_VARCHAR},
    {"VARYING CHARACTER", DB_VARCHAR},
    {"NATIVE VARYING CHARACTER", DB_VARCHAR},
    {"NVARCHAR", DB_VARCHAR},
    {"TEXT", DB_VARCHAR},
    {"BINARY", DB_BINARY},
    {"BLOB", DB_BLOB},
};

static enum db_type type_by_class(int cls)
{
    switch (cls) {
    case SQLITE_INTEGER:
        return DB_INTEGER;
    case SQLITE_FLOAT:
        return DB_FLOAT;
    case SQLITE_BLOB:
        return DB_BLOB;
    default:
        return DB_VARCHAR;
    }
}

/* "(10, 2)" */
static void read_size(struct str text, struct db_column *ret)
{
    int64_t precision, scale = 0;
    struct str rest, inner = str_split(text, ')', &rest);
    struct str second, first = str_split(inner, ',', &second);
    if (!rest.ptr || !str_to_int64(str_trim(first), &precision) || precision < 0 || precision > 100000)
        return;
    if (second.ptr && (!str_to_int64(str_trim(second), &scale) || scale < 0 || scale > 1000))
        return;
    ret->precision = (int32_t)precision;
    ret->scale = (int32_t)scale;
}

void sqlite_declared_type(struct str declared, int cls, struct arena *arena, struct db_column *ret)
{
    char name[NAME_MAX_LEN];
    struct str size, base = str_trim(str_split(declared, '(', &size));
    size_t n = base.len < NAME_MAX_LEN ? base.len : NAME_MAX_LEN;
    for (size_t i = 0; i < n; i++)
        name[i] = base.ptr[i] >= 'a' && base.ptr[i] <= 'z' ? (char)(base.ptr[i] - 32) : base.ptr[i];
    struct str upper = str_of(name, n);
    ret->precision = ret->scale = 0;
    ret->type = type_by_class(cls);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_is(upper, known[i].name))
            ret->type = known[i].type;
    if (size.ptr)
        read_size(size, ret);
    ret->type_name = arena_str(arena, upper);
    ret->native = (uint64_t)ret->type;
}

static bool is_decimal_of(const struct db_cell *cell, int32_t scale)
{
    struct db_binding b = {.rep = DB_AS_DECIMAL, .scale = scale};
    struct arena arena = {.chunk_size = 512};
    struct value v;
    int code = cell_value(&b, cell, &arena, &v, NULL);
    arena_free(&arena);
    return code == 0;
}

static bool becomes(const struct db_cell *cell, enum db_rep rep)
{
    struct db_binding b = {.rep = rep, .exact = true};
    struct arena arena = {.chunk_size = 512};
    struct value v;
    int code = cell_value(&b, cell, &arena, &v, NULL);
    arena_free(&arena);
    return code == 0;
}

static enum sqlite_width width_of_integer(const struct db_cell *cell, enum db_rep rep)
{
    if (cell->kind == CELL_INT && !becomes(cell, rep))
        return SQLITE_AS_BIGINT;
    return cell->kind == CELL_INT ? SQLITE_FITS : cell->kind == CELL_DOUBLE ? SQLITE_AS_DOUBLE : SQLITE_AS_TEXT;
}

static enum sqlite_width width_of_decimal(const struct db_column *column, const struct db_cell *cell)
{
    enum { FREE_SCALE = 127 }; /* which the query source gives a numeric without precision and scale */
    int32_t scale = column->precision || column->scale ? column->scale : FREE_SCALE;
    if (is_decimal_of(cell, scale))
        return SQLITE_FITS;
    return is_decimal_of(cell, FREE_SCALE) ? SQLITE_AS_DECIMAL : SQLITE_AS_TEXT;
}

enum sqlite_width sqlite_width_for(const struct db_column *column, const struct db_cell *cell)
{
    struct str text = cell->kind == CELL_TEXT || cell->kind == CELL_BYTES ? str_of(cell->ptr, cell->len) : STR_NULL;
    if (cell->kind == CELL_NULL || column->type == DB_BLOB || column->type == DB_BINARY)
        return SQLITE_FITS;
    if ((cell->kind == CELL_BYTES || cell->kind == CELL_TEXT) && !str_is_utf8(text))
        return SQLITE_AS_BLOB;
    switch (column->type) {
    case DB_TINYINT:
        return width_of_integer(cell, DB_AS_INT8);
    case DB_SMALLINT:
        return width_of_integer(cell, DB_AS_INT16);
    case DB_INTEGER:
        return width_of_integer(cell, DB_AS_INT32);
    case DB_BIGINT:
        return width_of_integer(cell, DB_AS_INT64);
    case DB_REAL:
    case DB_FLOAT:
    case DB_DOUBLE:
        return becomes(cell, DB_AS_FLOAT64) ? SQLITE_FITS : SQLITE_AS_TEXT;
    case DB_DECIMAL:
    case DB_NUMERIC:
        return width_of_decimal(column, cell);
    case DB_BOOLEAN:
        return becomes(cell, DB_AS_BOOLEAN) ? SQLITE_FITS : SQLITE_AS_TEXT;
    case DB_DATE:
    case DB_TIMESTAMP:
        return becomes(cell, DB_AS_TIMESTAMP_MS) ? SQLITE_FITS : SQLITE_AS_TEXT;
    default:
        return SQLITE_FITS;
    }
}

void sqlite_widen(struct db_column *column, enum sqlite_width width)
{
    switch (width) {
    case SQLITE_FITS:
        return;
    case SQLITE_AS_BIGINT:
        column->type = DB_BIGINT;
        return;
    case SQLITE_AS_DOUBLE:
        column->type = DB_DOUBLE;
        return;
    case SQLITE_AS_DECIMAL:
        column->precision = column->scale = 0;
        return;
    case SQLITE_AS_TEXT:
        column->type = DB_VARCHAR;
        break;
    case SQLITE_AS_BLOB:
        column->type = DB_BLOB;
        break;
    }
    column->precision = column->scale = 0;
}

static struct db_cell time_from_integer(int64_t v, enum db_type type, const struct sqlite_times *times)
{
    int64_t seconds = times->in_seconds ? v : calendar_floor_div(v, 1000);
    int32_t nanos = times->in_seconds ? 0 : (int32_t)(v - seconds * 1000) * 1000000;
    return cell_moment(seconds, nanos, type == DB_TIMESTAMP); /* a date is the day it is in UTC, whatever the zone */
}

static struct db_cell time_from_julian_day(double day, enum db_type type)
{
    double ms = (day - 2440587.5) * 86400000.0;
    if (!(fabs(ms) < 9e15))
        return (struct db_cell){.kind = CELL_DOUBLE, .f = day};
    return time_from_integer(llround(ms), type, &(struct sqlite_times){0});
}

struct db_cell sqlite_cell(sqlite3_value *value, enum db_type type, const struct sqlite_times *times)
{
    bool is_time = type == DB_DATE || type == DB_TIMESTAMP;
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        return is_time ? time_from_integer(sqlite3_value_int64(value), type, times)
                       : cell_int(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
        return is_time ? time_from_julian_day(sqlite3_value_double(value), type)
                       : (struct db_cell){.kind = CELL_DOUBLE, .f = sqlite3_value_double(value)};
    case SQLITE_TEXT: {
        const void *text = sqlite3_value_text(value);
        return cell_text(text ? text : "", (size_t)sqlite3_value_bytes(value));
    }
    case SQLITE_BLOB: {
        const void *bytes = sqlite3_value_blob(value);
        return cell_bytes(bytes ? bytes : "", (size_t)sqlite3_value_bytes(value));
    }
    default:
        return (struct db_cell){.kind = CELL_NULL};
    }
}

bool sqlite_times_of(sqlite3_value *value, struct sqlite_times *ret)
{
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        ret->form = SQLITE_FORM_INTEGER;
        return true;
    case SQLITE_FLOAT:
        ret->form = SQLITE_FORM_REAL;
        return true;
    case SQLITE_TEXT: {
        struct calendar_moment m;
        struct str text = str_of(sqlite3_value_text(value), (size_t)sqlite3_value_bytes(value));
        if (!calendar_parse(text, &m))
            return false;
        ret->form = SQLITE_FORM_TEXT;
        ret->separator = text.len > 10 ? text.ptr[10] : ' ';
        ret->digits = 0;
        if (text.len > 20 && text.ptr[19] == '.')
            for (size_t i = 20; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
                ret->digits++;
        return true;
    }
    default:
        return false;
    }
}
