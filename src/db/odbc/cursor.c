/*
 * A query as a stream of rows: in blocks of bound buffers where that can be, else value by value. A block is as many
 * rows as fit ODBC_BLOCK_BYTES.
 */
#include "db/odbc/odbc.h"

#include "base/mem.h"

#include <stdlib.h>

struct bound {
    char *data;   /* of all rows of a block */
    SQLLEN *lens; /* likewise */
};

struct odbc_cursor {
    struct db_rows rows;
    struct odbc_db *db;
    SQLHSTMT statement;
    struct odbc_fetch *fetches;
    struct str *keys; /* per column, for db->wide */
    bool laid_out, by_block;
    struct bound *bounds;
    SQLULEN block, fetched, at; /* rows in a block; of the present one: there, given */
    SQLUSMALLINT *status;
    struct buf value; /* of SQLGetData */
};

static bool is_text(enum odbc_op op)
{
    return op == ODBC_OP_TEXT || op == ODBC_OP_WIDE || op == ODBC_OP_BYTES;
}

static int broken(struct odbc_cursor *c, struct error *err)
{
    int code = odbc_error(c->db, SQL_HANDLE_STMT, c->statement, err);
    if (code == ERROR_CONFIG && err) /* the query was fine; what fails now is the reading */
        code = (int)(err->code = ERROR_IO);
    return code;
}

static size_t row_bytes(const struct odbc_cursor *c)
{
    size_t bytes = 0;
    for (size_t i = 0; i < c->rows.n_columns; i++) {
        if (c->rows.bindings[i].rep == DB_AS_SKIP)
            continue;
        if (!c->fetches[i].width)
            return 0;
        bytes += c->fetches[i].width + sizeof(SQLLEN);
    }
    return bytes;
}

static int bind_block(struct odbc_cursor *c, struct error *err)
{
    struct arena *arena = &c->rows.arena;
    c->bounds = arena_zalloc(arena, sizeof *c->bounds * (c->rows.n_columns + 1));
    c->status = arena_zalloc(arena, sizeof *c->status * c->block);
    SQLSetStmtAttr(c->statement, SQL_ATTR_ROW_BIND_TYPE, (SQLPOINTER)SQL_BIND_BY_COLUMN, 0);
    SQLSetStmtAttr(c->statement, SQL_ATTR_ROW_STATUS_PTR, c->status, 0);
    SQLSetStmtAttr(c->statement, SQL_ATTR_ROWS_FETCHED_PTR, &c->fetched, 0);
    for (size_t i = 0; i < c->rows.n_columns; i++) {
        if (c->rows.bindings[i].rep == DB_AS_SKIP)
            continue;
        const struct odbc_fetch *f = &c->fetches[i];
        c->bounds[i].data = arena_zalloc(arena, f->width * c->block);
        c->bounds[i].lens = arena_zalloc(arena, sizeof(SQLLEN) * c->block);
        if (!SQL_SUCCEEDED(SQLBindCol(c->statement, (SQLUSMALLINT)(i + 1), f->c_type, c->bounds[i].data,
                                      (SQLLEN)f->width, c->bounds[i].lens)))
            return broken(c, err);
    }
    return 0;
}

/* Now that the bindings are known. */
static int lay_out(struct odbc_cursor *c, struct error *err)
{
    size_t bytes = row_bytes(c);
    c->laid_out = true;
    if (!bytes || c->db->by_value)
        return 0;
    SQLULEN rows = ODBC_BLOCK_BYTES / bytes, got = 1;
    rows = rows < 1 ? 1 : rows > ODBC_BLOCK_ROWS ? ODBC_BLOCK_ROWS : rows;
    if (!SQL_SUCCEEDED(SQLSetStmtAttr(c->statement, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)rows, 0)) ||
        !SQL_SUCCEEDED(SQLGetStmtAttr(c->statement, SQL_ATTR_ROW_ARRAY_SIZE, &got, sizeof got, NULL)) || got < 1)
        got = 1;
    c->by_block = true;
    c->block = got;
    return bind_block(c, err);
}

static int fetch_more(struct odbc_cursor *c, bool *ret_row, struct error *err)
{
    int code = odbc_enter(c->db, c->statement, err);
    if (code)
        return code;
    c->fetched = 0;
    SQLRETURN result = SQLFetch(c->statement);
    odbc_leave(c->db);
    if (!SQL_SUCCEEDED(result) && result != SQL_NO_DATA)
        return broken(c, err);
    *ret_row = result != SQL_NO_DATA;
    return 0;
}

static int cut_value(struct odbc_cursor *c, size_t i, struct error *err)
{
    c->rows.widened = !c->db->by_value;
    c->db->by_value = true;
    return error_set(err, ERROR_DATA, "column \"" STR_FMT "\": a value is longer than its type says",
                     STR_ARG(c->rows.columns[i].name));
}

static int block_row(struct odbc_cursor *c, struct arena *arena, struct error *err)
{
    size_t row = c->at++;
    if (c->block > 1 && c->status[row] == SQL_ROW_ERROR)
        return broken(c, err);
    for (size_t i = 0; i < c->rows.n_columns; i++) {
        if (!c->bounds[i].data)
            continue;
        const struct odbc_fetch *f = &c->fetches[i];
        SQLLEN len = c->bounds[i].lens[row];
        size_t mark = f->op == ODBC_OP_WIDE ? sizeof(SQLWCHAR) : f->op == ODBC_OP_TEXT ? 1 : 0;
        if (len == SQL_NULL_DATA) {
            c->rows.cells[i] = (struct db_cell){.kind = CELL_NULL};
            continue;
        }
        if (is_text(f->op) && (len < 0 || (size_t)len > f->width - mark))
            return cut_value(c, i, err);
        c->rows.cells[i] = odbc_cell(f->op, c->bounds[i].data + row * f->width, (size_t)len, arena);
    }
    return 0;
}

/* A value in as many pieces as the driver makes of it. */
static int get_long(struct odbc_cursor *c, size_t i, bool *ret_null, struct error *err)
{
    const struct odbc_fetch *f = &c->fetches[i];
    size_t mark = f->op == ODBC_OP_WIDE ? sizeof(SQLWCHAR) : f->op == ODBC_OP_TEXT ? 1 : 0;
    buf_clear(&c->value);
    for (;;) {
        SQLLEN len = 0;
        char *p = buf_reserve(&c->value, ODBC_VALUE_STEP);
        SQLRETURN result = SQLGetData(c->statement, (SQLUSMALLINT)(i + 1), f->c_type, p, ODBC_VALUE_STEP, &len);
        if (result == SQL_NO_DATA)
            return 0;
        if (!SQL_SUCCEEDED(result))
            return broken(c, err);
        if (len == SQL_NULL_DATA) {
            *ret_null = true;
            return 0;
        }
        bool more = len == SQL_NO_TOTAL || (size_t)len > ODBC_VALUE_STEP - mark;
        c->value.len += more ? ODBC_VALUE_STEP - mark : (size_t)len;
        if (!more)
            return 0;
        if (c->value.len > ODBC_VALUE_MAX)
            return error_set(err, ERROR_DATA, "column \"" STR_FMT "\": a value is longer than %lld bytes",
                             STR_ARG(c->rows.columns[i].name), (long long)ODBC_VALUE_MAX);
    }
}

static int get_value(struct odbc_cursor *c, size_t i, struct arena *arena, struct error *err)
{
    const struct odbc_fetch *f = &c->fetches[i];
    char fixed[64];
    SQLLEN len = 0;
    bool null = false;
    if (is_text(f->op)) {
        int code = get_long(c, i, &null, err);
        if (code)
            return code;
    } else {
        if (!SQL_SUCCEEDED(SQLGetData(c->statement, (SQLUSMALLINT)(i + 1), f->c_type, fixed, sizeof fixed, &len)))
            return broken(c, err);
        null = len == SQL_NULL_DATA;
    }
    c->rows.cells[i] = null             ? (struct db_cell){.kind = CELL_NULL}
                       : is_text(f->op) ? odbc_cell(f->op, c->value.data ? c->value.data : "", c->value.len, arena)
                                        : odbc_cell(f->op, fixed, 0, arena);
    return 0;
}

static int value_row(struct odbc_cursor *c, struct arena *arena, struct error *err)
{
    int code = 0;
    for (size_t i = 0; i < c->rows.n_columns && !code; i++)
        if (c->rows.bindings[i].rep != DB_AS_SKIP)
            code = get_value(c, i, arena, err);
    return code;
}

static int fetch(struct db_rows *rows, struct arena *arena, bool *ret_row, struct error *err)
{
    struct odbc_cursor *c = (struct odbc_cursor *)rows;
    bool row = true;
    int code = c->laid_out ? 0 : lay_out(c, err);
    if (!code && (!c->by_block || c->at >= c->fetched)) {
        code = fetch_more(c, &row, err);
        c->at = 0;
        row = row && (!c->by_block || c->fetched > 0);
    }
    if (!code && row)
        code = c->by_block ? block_row(c, arena, err) : value_row(c, arena, err);
    if (!code)
        *ret_row = row;
    return code;
}

static bool misfit(struct db_rows *rows, size_t column, const struct db_cell *cell)
{
    struct odbc_cursor *c = (struct odbc_cursor *)rows;
    const struct db_column *d = &rows->columns[column];
    bool is_decimal = d->type == DB_NUMERIC || d->type == DB_DECIMAL;
    bool is_text_already = d->type == DB_VARCHAR;
    enum odbc_width old = odbc_width_of(c->db, c->keys[column]);
    enum odbc_width width = is_decimal && old == ODBC_FITS ? ODBC_FREE_SCALE : ODBC_AS_TEXT;
    (void)cell;
    if (is_text_already || width <= old)
        return false;
    *vec_push(&c->db->wide) = (struct odbc_wide){arena_str(&c->db->arena, c->keys[column]), width};
    vec_each (&c->db->wide, w)
        if (str_equal(w->column, c->keys[column]))
            w->width = width;
    return true;
}

static const struct rows_ops ops = {.fetch = fetch, .misfit = misfit};

static int describe(struct odbc_cursor *c, struct error *err)
{
    struct db_binding defaults = {.legacy = c->db->legacy_calendar, .check_utf8 = true, .zone = c->db->zone};
    SQLSMALLINT n = 0;
    if (!SQL_SUCCEEDED(SQLNumResultCols(c->statement, &n)))
        return odbc_error(c->db, SQL_HANDLE_STMT, c->statement, err);
    if (n < 1)
        return error_set(err, ERROR_CONFIG, STR_FMT ": the statement is no query", STR_ARG(c->db->place));
    int code = rows_set_columns(&c->rows, (size_t)n, &defaults, err);
    c->fetches = arena_zalloc(&c->rows.arena, sizeof *c->fetches * (size_t)n);
    c->keys = arena_zalloc(&c->rows.arena, sizeof *c->keys * (size_t)n);
    for (size_t i = 0; i < (size_t)n && !code; i++)
        code = odbc_describe(c->db, c->statement, i, &c->rows.arena, &c->rows.columns[i], &c->fetches[i], &c->keys[i],
                             err);
    return code;
}

int odbc_query(struct db *base, struct str sql, struct db_cursor **ret, struct error *err)
{
    struct odbc_db *db = (struct odbc_db *)base;
    SQLHSTMT statement;
    if (db->busy)
        return error_set(err, ERROR_INTERNAL, STR_FMT ": a cursor is open already", STR_ARG(db->place));
    int code = odbc_statement(db, &statement, err);
    if (code)
        return code;
    struct odbc_cursor *c = mem_new(struct odbc_cursor);
    rows_init(&c->rows, &db->driver, &ops);
    c->db = db;
    c->statement = statement;
    db->busy = true;
    code = odbc_run(db, statement, sql, err);
    if (!code)
        code = describe(c, err);
    if (code)
        odbc_cursor_close(&c->rows.base);
    else
        *ret = &c->rows.base;
    return code;
}

void odbc_cursor_close(struct db_cursor *base)
{
    struct odbc_cursor *c = (struct odbc_cursor *)base;
    SQLFreeHandle(SQL_HANDLE_STMT, c->statement);
    c->db->busy = false;
    buf_free(&c->value);
    rows_release(&c->rows);
    free(c);
}
