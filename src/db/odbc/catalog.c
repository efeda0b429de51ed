#include "db/odbc/odbc.h"

#include <stdlib.h>

/* A short text as the driver gave it: UTF-16 of `len` bytes, or UTF-8. */
static struct str text_of(const struct odbc_db *db, const void *data, SQLLEN len, size_t room, struct arena *arena)
{
    AUTO_BUF text = {0};
    size_t unit = db->narrow ? 1 : sizeof(SQLWCHAR);
    size_t n = len < 0 || (size_t)len > room - unit ? room - unit : (size_t)len;
    if (db->narrow)
        buf_add(&text, data, n);
    else
        odbc_add_wide(&text, data, n / unit);
    return arena_str(arena, buf_str(&text));
}

struct str odbc_get_text(const struct odbc_db *db, SQLHSTMT statement, size_t i, struct arena *arena)
{
    SQLWCHAR room[1024];
    SQLLEN len = 0;
    SQLRETURN result =
        SQLGetData(statement, (SQLUSMALLINT)(i + 1), db->narrow ? SQL_C_CHAR : SQL_C_WCHAR, room, sizeof room, &len);
    return SQL_SUCCEEDED(result) && len != SQL_NULL_DATA ? text_of(db, room, len, sizeof room, arena) : STR_NULL;
}

static int by_type_and_name(const void *a, const void *b)
{
    const struct db_table *x = a, *y = b;
    int order = str_compare(x->type, y->type);
    order = order ? order : str_compare(x->schema, y->schema);
    return order ? order : str_compare(x->name, y->name);
}

static struct str not_empty(struct str s)
{
    return s.len ? s : STR_NULL;
}

int odbc_tables(struct db *base, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err)
{
    struct odbc_db *db = (struct odbc_db *)base;
    SQLHSTMT statement;
    VEC(struct db_table) tables = {0};
    int code = odbc_statement(db, &statement, err);
    if (code)
        return code;
    SQLRETURN result = db->narrow ? SQLTables(statement, NULL, 0, NULL, 0, NULL, 0, NULL, 0)
                                  : SQLTablesW(statement, NULL, 0, NULL, 0, NULL, 0, NULL, 0);
    while (SQL_SUCCEEDED(result) && SQL_SUCCEEDED(result = SQLFetch(statement))) {
        struct db_table t = {.catalog = not_empty(odbc_get_text(db, statement, 0, arena)),
                             .schema = not_empty(odbc_get_text(db, statement, 1, arena)),
                             .name = odbc_get_text(db, statement, 2, arena),
                             .type = odbc_get_text(db, statement, 3, arena)};
        if (t.name.len)
            *vec_push(&tables) = t;
    }
    code = result == SQL_NO_DATA ? 0 : odbc_error(db, SQL_HANDLE_STMT, statement, err);
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    if (!code) {
        if (tables.len)
            qsort(tables.items, tables.len, sizeof *tables.items, by_type_and_name);
        *ret = arena_dup(arena, tables.items, sizeof *tables.items * tables.len);
        *ret_n = tables.len;
    }
    vec_free(&tables);
    return code;
}

static struct str text_attribute(const struct odbc_db *db, SQLHSTMT statement, size_t i, SQLUSMALLINT what,
                                 struct arena *arena)
{
    SQLWCHAR room[ODBC_NAME_MAX] = {0};
    SQLSMALLINT len = 0;
    SQLUSMALLINT at = (SQLUSMALLINT)(i + 1);
    SQLRETURN result = db->narrow ? SQLColAttribute(statement, at, what, room, sizeof room, &len, NULL)
                                  : SQLColAttributeW(statement, at, what, room, sizeof room, &len, NULL);
    return SQL_SUCCEEDED(result) ? text_of(db, room, len, sizeof room, arena) : STR("");
}

static bool flag_attribute(SQLHSTMT statement, size_t i, SQLUSMALLINT what)
{
    SQLLEN value = 0;
    return SQL_SUCCEEDED(SQLColAttributeW(statement, (SQLUSMALLINT)(i + 1), what, NULL, 0, NULL, &value)) &&
           value == SQL_TRUE;
}

enum odbc_width odbc_width_of(const struct odbc_db *db, struct str key)
{
    vec_each (&db->wide, w)
        if (str_equal(w->column, key))
            return w->width;
    return ODBC_FITS;
}

int odbc_describe(struct odbc_db *db, SQLHSTMT statement, size_t i, struct arena *arena, struct db_column *ret,
                  struct odbc_fetch *ret_fetch, struct str *ret_key, struct error *err)
{
    SQLWCHAR name[ODBC_NAME_MAX];
    SQLSMALLINT len = 0, type = 0, digits = 0, nullable = 0;
    SQLUSMALLINT at = (SQLUSMALLINT)(i + 1);
    SQLULEN size = 0;
    struct db_column c = {0};
    SQLRETURN result =
        db->narrow ? SQLDescribeCol(statement, at, (SQLCHAR *)name, sizeof name, &len, &type, &size, &digits, &nullable)
                   : SQLDescribeColW(statement, at, name, ODBC_NAME_MAX, &len, &type, &size, &digits, &nullable);
    if (!SQL_SUCCEEDED(result))
        return odbc_error(db, SQL_HANDLE_STMT, statement, err);
    c.name = text_of(db, name, db->narrow ? len : len * (SQLLEN)sizeof *name, sizeof name, arena);
    c.type_name = text_attribute(db, statement, i, SQL_DESC_TYPE_NAME, arena);
    c.nullable = nullable != SQL_NO_NULLS;
    c.auto_increment = flag_attribute(statement, i, SQL_DESC_AUTO_UNIQUE_VALUE);
    odbc_type(type, size, digits, flag_attribute(statement, i, SQL_DESC_UNSIGNED), &c, ret_fetch);
    struct str table = text_attribute(db, statement, i, SQL_DESC_BASE_TABLE_NAME, arena);
    *ret_key = arena_printf(arena, STR_FMT "." STR_FMT, STR_ARG(table), STR_ARG(c.name));
    odbc_widen(&c, ret_fetch, odbc_width_of(db, *ret_key));
    if (db->narrow)
        odbc_make_narrow(ret_fetch);
    *ret = c;
    return 0;
}

static int describe_all(struct odbc_db *db, SQLHSTMT statement, struct arena *arena, struct db_column **ret,
                        size_t *ret_n, struct error *err)
{
    SQLSMALLINT n = 0;
    struct odbc_fetch fetch;
    struct str key;
    if (!SQL_SUCCEEDED(SQLNumResultCols(statement, &n)))
        return odbc_error(db, SQL_HANDLE_STMT, statement, err);
    struct db_column *columns = arena_zalloc(arena, sizeof *columns * (size_t)(n + 1));
    for (size_t i = 0; i < (size_t)n; i++) {
        int code = odbc_describe(db, statement, i, arena, &columns[i], &fetch, &key, err);
        if (code)
            return code;
    }
    *ret = columns;
    *ret_n = (size_t)n;
    return 0;
}

int odbc_table_columns(struct db *base, const struct db_table *t, struct arena *arena, struct db_column **ret,
                       size_t *ret_n, struct error *err)
{
    struct odbc_db *db = (struct odbc_db *)base;
    AUTO_BUF sql = {0};
    SQLHSTMT statement;
    int code = odbc_statement(db, &statement, err);
    if (code)
        return code;
    buf_add_literal(&sql, "SELECT * FROM ");
    if (t->schema.len) {
        db_write_identifier(base, t->schema, &sql);
        buf_add_char(&sql, '.');
    }
    db_write_identifier(base, t->name, &sql);
    buf_add_literal(&sql, " WHERE 1 = 0");
    code = odbc_run(db, statement, buf_str(&sql), err);
    if (!code)
        code = describe_all(db, statement, arena, ret, ret_n, err);
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    return code;
}
