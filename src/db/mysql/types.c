#include "db/mysql/mysql.h"

#include <stdio.h>

static bool is_binary(const MYSQL_FIELD *f)
{
    return f->charsetnr == MY_BINARY_CHARSET;
}

/* The smallest integer whose positive half holds n bits. */
static void bit_column(unsigned long n, struct db_column *c)
{
    c->type = n < 8 ? DB_TINYINT : n < 16 ? DB_SMALLINT : n < 32 ? DB_INTEGER : n < 64 ? DB_BIGINT : DB_DECIMAL;
    c->type_name = STR("BIT");
    c->precision = n < 64 ? (int32_t)n : 20;
}

static void decimal_column(const MYSQL_FIELD *f, struct db_column *c)
{
    /* length counts the point and the sign */
    long precision = (long)f->length - (f->decimals > 0) - !(f->flags & UNSIGNED_FLAG);
    c->type = DB_DECIMAL;
    c->type_name = STR("DECIMAL");
    c->precision = precision > 0 && precision < 1000 ? (int32_t)precision : 65;
    c->scale = (int32_t)f->decimals;
}

static void set(struct db_column *c, enum db_type type, const char *name)
{
    c->type = type;
    c->type_name = str_from(name);
}

static void string_column(const MYSQL_FIELD *f, struct db_column *c)
{
    bool binary = is_binary(f);
    switch ((int)f->type) {
    case MYSQL_TYPE_JSON:
        set(c, DB_LONGVARCHAR, "JSON");
        return;
    case MYSQL_TYPE_GEOMETRY:
        set(c, DB_BINARY, "GEOMETRY");
        return;
    case MY_TYPE_VECTOR:
        set(c, DB_LONGVARBINARY, "VECTOR");
        return;
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
        set(c, binary ? DB_LONGVARBINARY : DB_LONGVARCHAR, binary ? "BLOB" : "TEXT");
        return;
    case MYSQL_TYPE_STRING:
        if (f->flags & (ENUM_FLAG | SET_FLAG))
            set(c, DB_CHAR, f->flags & ENUM_FLAG ? "ENUM" : "SET");
        else
            set(c, binary ? DB_BINARY : DB_CHAR, binary ? "BINARY" : "CHAR");
        return;
    case MYSQL_TYPE_ENUM:
    case MYSQL_TYPE_SET:
        set(c, DB_CHAR, f->type == MYSQL_TYPE_ENUM ? "ENUM" : "SET");
        return;
    default:
        set(c, binary ? DB_VARBINARY : DB_VARCHAR, binary ? "VARBINARY" : "VARCHAR");
        return;
    }
}

void my_column(const MYSQL_FIELD *f, const struct my_url *url, struct arena *arena, struct db_column *ret)
{
    bool is_unsigned = f->flags & UNSIGNED_FLAG;
    struct db_column c = {
        .name = arena_str(arena, str_of(f->name, f->name_length)),
        .nullable = !(f->flags & NOT_NULL_FLAG),
        .auto_increment = f->flags & AUTO_INCREMENT_FLAG,
        .native = (uint64_t)f->type << 32 | is_binary(f) << 1 | is_unsigned,
    };
    switch (f->type) {
    case MYSQL_TYPE_TINY:
        set(&c, url->tiny_is_boolean && f->length == 1 && !is_unsigned ? DB_BOOLEAN : DB_TINYINT, "TINYINT");
        break;
    case MYSQL_TYPE_SHORT:
        set(&c, DB_SMALLINT, "SMALLINT");
        break;
    case MYSQL_TYPE_INT24:
        set(&c, DB_INTEGER, "MEDIUMINT");
        break;
    case MYSQL_TYPE_LONG:
        set(&c, DB_INTEGER, "INT");
        break;
    case MYSQL_TYPE_LONGLONG:
        set(&c, DB_BIGINT, "BIGINT");
        break;
    case MYSQL_TYPE_FLOAT:
        set(&c, DB_REAL, "FLOAT");
        break;
    case MYSQL_TYPE_DOUBLE:
        set(&c, DB_DOUBLE, "DOUBLE");
        break;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
        decimal_column(f, &c);
        break;
    case MYSQL_TYPE_BIT:
        bit_column(f->length, &c);
        break;
    case MYSQL_TYPE_YEAR:
        set(&c, url->year_is_number ? DB_SMALLINT : DB_DATE, "YEAR");
        break;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
        set(&c, DB_DATE, "DATE");
        break;
    case MYSQL_TYPE_TIME:
        set(&c, DB_TIME, "TIME");
        break;
    case MYSQL_TYPE_TIMESTAMP:
    case MYSQL_TYPE_DATETIME:
        set(&c, DB_TIMESTAMP, f->type == MYSQL_TYPE_TIMESTAMP ? "TIMESTAMP" : "DATETIME");
        break;
    case MYSQL_TYPE_NULL:
        set(&c, DB_NULL, "NULL");
        break;
    default:
        string_column(f, &c);
        break;
    }
    bool is_integer = c.type == DB_TINYINT || c.type == DB_SMALLINT || c.type == DB_INTEGER || c.type == DB_BIGINT;
    c.is_unsigned = is_unsigned && is_integer && f->type != MYSQL_TYPE_BIT && f->type != MYSQL_TYPE_YEAR;
    *ret = c;
}

enum my_op my_op_for(const MYSQL_FIELD *f)
{
    switch ((int)f->type) {
    case MYSQL_TYPE_BIT:
        return MY_OP_BIT;
    case MYSQL_TYPE_YEAR:
        return MY_OP_YEAR;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
        return MY_OP_DATE;
    case MYSQL_TYPE_LONGLONG:
        return f->flags & UNSIGNED_FLAG ? MY_OP_UNSIGNED : MY_OP_TEXT;
    case MYSQL_TYPE_GEOMETRY:
    case MY_TYPE_VECTOR:
        return MY_OP_BYTES;
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING:
        return is_binary(f) ? MY_OP_BYTES : MY_OP_TEXT;
    default:
        return MY_OP_TEXT;
    }
}

static int zero_date(const struct my_rules *rules, struct str text, struct db_cell *ret, struct error *err)
{
    switch (rules->zero_date) {
    case MY_ZERO_EXCEPTION:
        return error_set(err, ERROR_DATA,
                         "the zero date " STR_FMT " (zeroDateTimeBehavior=EXCEPTION in connection.url)", STR_ARG(text));
    case MY_ZERO_ROUND:
        *ret = cell_moment(calendar_days(1, 1, 1) * CALENDAR_SECONDS_A_DAY, 0, false);
        return 0;
    case MY_ZERO_NULL:
        *ret = (struct db_cell){.kind = CELL_NULL};
        return 0;
    default:
        *ret = rules->nullable ? (struct db_cell){.kind = CELL_NULL} : cell_moment(0, 0, false);
        return 0;
    }
}

/* "2020-01-31..." with a month or a day of 00 */
static bool is_zero_date(const char *text, size_t len)
{
    return len >= 10 && ((text[5] == '0' && text[6] == '0') || (text[8] == '0' && text[9] == '0'));
}

static struct db_cell bits(const char *text, size_t len)
{
    uint64_t v = 0;
    if (len > 8)
        return cell_bytes(text, len);
    for (size_t i = 0; i < len; i++)
        v = v << 8 | (uint8_t)text[i];
    return (struct db_cell){.kind = CELL_UINT, .u = v};
}

int my_cell(enum my_op op, const struct my_rules *rules, const char *text, size_t len, struct db_cell *ret,
            struct error *err)
{
    uint64_t u;
    switch (op) {
    case MY_OP_BYTES:
        *ret = cell_bytes(text, len);
        return 0;
    case MY_OP_BIT:
        *ret = bits(text, len);
        return 0;
    case MY_OP_UNSIGNED:
        *ret =
            str_to_uint64(str_of(text, len), &u) ? (struct db_cell){.kind = CELL_UINT, .u = u} : cell_text(text, len);
        return 0;
    case MY_OP_YEAR:
        if (!str_to_uint64(str_of(text, len), &u) || u > 9999)
            break;
        if (u == 0)
            return zero_date(rules, str_of(text, len), ret, err);
        *ret = cell_moment(calendar_days((int64_t)u, 1, 1) * CALENDAR_SECONDS_A_DAY, 0, false);
        return 0;
    case MY_OP_DATE:
        if (is_zero_date(text, len))
            return zero_date(rules, str_of(text, len), ret, err);
        break;
    case MY_OP_TEXT:
        break;
    }
    *ret = cell_text(text, len);
    return 0;
}
