/*
 * A query as a stream of rows: a statement that is stepped, inside a read transaction, so that neither the rows nor the
 * tables change under it. The first step is made at once, because the first row's values say what columns without a
 * declared type are.
 */
#include "db/sqlite/sqlite.h"

#include "base/mem.h"

#include <stdlib.h>

struct sqlite_cursor {
    struct db_rows rows;
    struct sqlite_db *db;
    sqlite3_stmt *statement;
    struct str *keys; /* per column, for db->wide */
    int stepped;      /* result of a step whose row was not given yet; 0: none */
    bool in_transaction;
};

static struct sqlite_wide *find_wide(struct sqlite_db *db, struct str key)
{
    vec_each (&db->wide, w)
        if (str_equal(w->column, key))
            return w;
    return NULL;
}

static bool note_wide(struct sqlite_db *db, struct str key, enum sqlite_width width)
{
    struct sqlite_wide *w = find_wide(db, key);
    if (!w) {
        w = vec_push(&db->wide);
        *w = (struct sqlite_wide){.column = arena_str(&db->arena, key)};
    }
    bool grows = width > w->width;
    if (grows)
        w->width = width;
    return grows;
}

static struct db_cell cell_at(const struct sqlite_cursor *c, size_t i)
{
    return sqlite_cell(sqlite3_column_value(c->statement, (int)i), c->rows.columns[i].type, &c->db->times);
}

static int fetch(struct db_rows *rows, struct arena *arena, bool *ret_row, struct error *err)
{
    struct sqlite_cursor *c = (struct sqlite_cursor *)rows;
    int result = c->stepped ? c->stepped : sqlite3_step(c->statement);
    c->stepped = 0;
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return sqlite_error(c->db, result, err);
    for (size_t i = 0; result == SQLITE_ROW && i < rows->n_columns; i++) {
        if (rows->bindings[i].rep == DB_AS_SKIP)
            continue;
        struct db_cell cell = cell_at(c, i);
        if (cell.kind == CELL_TEXT || cell.kind == CELL_BYTES)
            cell.ptr = arena_dup(arena, cell.ptr, cell.len);
        rows->cells[i] = cell;
    }
    *ret_row = result == SQLITE_ROW;
    return 0;
}

static bool misfit(struct db_rows *rows, size_t column, const struct db_cell *cell)
{
    struct sqlite_cursor *c = (struct sqlite_cursor *)rows;
    return note_wide(c->db, c->keys[column], sqlite_width_for(&rows->columns[column], cell));
}

static const struct rows_ops ops = {.fetch = fetch, .misfit = misfit};

static void describe_column(struct sqlite_cursor *c, size_t i)
{
    struct db_column *column = &c->rows.columns[i];
    int n = (int)i, not_null = 0, key = 0, auto_increment = 0;
    const char *declared = sqlite3_column_decltype(c->statement, n);
    const char *table = sqlite3_column_table_name(c->statement, n),
               *origin = sqlite3_column_origin_name(c->statement, n);
    sqlite3_value *value = c->stepped == SQLITE_ROW ? sqlite3_column_value(c->statement, n) : NULL;
    column->name = arena_cstr(&c->rows.arena, sqlite3_column_name(c->statement, n));
    sqlite_declared_type(str_from(declared ? declared : ""), value ? sqlite3_value_type(value) : SQLITE_NULL,
                         &c->rows.arena, column);
    column->nullable = true;
    if (table && origin &&
        sqlite3_table_column_metadata(c->db->handle, sqlite3_column_database_name(c->statement, n), table, origin, NULL,
                                      NULL, &not_null, &key, &auto_increment) == SQLITE_OK) {
        column->nullable = !not_null;
        column->auto_increment = auto_increment;
    }
    c->keys[i] = table && origin ? arena_printf(&c->rows.arena, "%s.%s", table, origin)
                                 : arena_printf(&c->rows.arena, ".%s", column->name.ptr);
    if (value && column->type == DB_TIMESTAMP && !c->db->times_fixed)
        sqlite_times_of(value, &c->db->times);
    struct db_cell first = value ? cell_at(c, i) : (struct db_cell){.kind = CELL_NULL};
    note_wide(c->db, c->keys[i], sqlite_width_for(column, &first));
    const struct sqlite_wide *wide = find_wide(c->db, c->keys[i]);
    if (wide)
        sqlite_widen(column, wide->width);
}

static int prepare(struct sqlite_cursor *c, struct str sql, struct error *err)
{
    if (sql.len > INT32_MAX)
        return error_set(err, ERROR_CONFIG, "the query is too long");
    int result = sqlite3_prepare_v2(c->db->handle, sql.ptr, (int)sql.len, &c->statement, NULL);
    if (result)
        return sqlite_error(c->db, result, err);
    if (!c->statement || sqlite3_column_count(c->statement) == 0)
        return error_set(err, ERROR_CONFIG, STR_FMT ": the statement is no query", STR_ARG(c->db->place));
    c->stepped = sqlite3_step(c->statement);
    return c->stepped == SQLITE_ROW || c->stepped == SQLITE_DONE ? 0 : sqlite_error(c->db, c->stepped, err);
}

static int describe(struct sqlite_cursor *c, struct error *err)
{
    struct db_binding defaults = {
        .legacy = c->db->legacy_calendar, .exact = true, .check_utf8 = true, .zone = c->db->zone};
    size_t n = (size_t)sqlite3_column_count(c->statement);
    int code = rows_set_columns(&c->rows, n, &defaults, err);
    if (code)
        return code;
    c->keys = arena_zalloc(&c->rows.arena, sizeof *c->keys * n);
    for (size_t i = 0; i < n; i++)
        describe_column(c, i);
    return 0;
}

int sqlite_query(struct db *base, struct str sql, struct db_cursor **ret, struct error *err)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    if (db->busy)
        return error_set(err, ERROR_INTERNAL, STR_FMT ": a cursor is open already", STR_ARG(db->place));
    struct sqlite_cursor *c = mem_new(struct sqlite_cursor);
    rows_init(&c->rows, &sqlite_driver, &ops);
    c->db = db;
    db->busy = true;
    int code = sqlite_run(db, "BEGIN", err);
    c->in_transaction = !code;
    if (!code) /* takes the snapshot, before the statement is compiled against it */
        code = sqlite_run(db, "SELECT 1 FROM sqlite_master LIMIT 1", err);
    if (!code)
        code = prepare(c, sql, err);
    if (!code)
        code = describe(c, err);
    if (code)
        sqlite_cursor_close(&c->rows.base);
    else
        *ret = &c->rows.base;
    return code;
}

void sqlite_cursor_close(struct db_cursor *base)
{
    struct sqlite_cursor *c = (struct sqlite_cursor *)base;
    sqlite3_finalize(c->statement);
    if (c->in_transaction)
        sqlite_run(c->db, "COMMIT", NULL);
    c->db->busy = false;
    rows_release(&c->rows);
    free(c);
}
