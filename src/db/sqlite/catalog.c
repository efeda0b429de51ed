#include "db/sqlite/sqlite.h"

#include "base/mem.h"

#include <stdlib.h>

static struct str column_str(sqlite3_stmt *s, int i, struct arena *arena)
{
    const char *text = (const char *)sqlite3_column_text(s, i);
    return text ? arena_str(arena, str_of(text, (size_t)sqlite3_column_bytes(s, i))) : STR_NULL;
}

static struct str jdbc_type(struct str type, struct str name)
{
    if (str_starts(name, "sqlite_"))
        return STR("SYSTEM TABLE");
    return str_is(type, "view") ? STR("VIEW") : STR("TABLE");
}

int sqlite_tables(struct db *base, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    static const char sql[] = "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') "
                              "ORDER BY name LIKE 'sqlite\\_%' ESCAPE '\\', type, name";
    sqlite3_stmt *s = NULL;
    int result = sqlite3_prepare_v2(db->handle, sql, -1, &s, NULL);
    VEC(struct db_table) tables = {0};
    while (!result && (result = sqlite3_step(s)) == SQLITE_ROW) {
        struct db_table t = {.name = column_str(s, 0, arena)};
        t.type = jdbc_type(column_str(s, 1, arena), t.name);
        *vec_push(&tables) = t;
        result = SQLITE_OK;
    }
    int code = result == SQLITE_DONE ? 0 : sqlite_error(db, result, err);
    sqlite3_finalize(s);
    if (!code) {
        *ret = arena_dup(arena, tables.items, sizeof *tables.items * tables.len);
        *ret_n = tables.len;
    }
    vec_free(&tables);
    return code;
}

static void note_unsampled(struct sqlite_db *db, struct str table, struct str column)
{
    vec_each (&db->unsampled, u)
        if (str_equal(u->table, table) && str_equal(u->column, column))
            return;
    *vec_push(&db->unsampled) = (struct sqlite_unsampled){arena_str(&db->arena, table), arena_str(&db->arena, column)};
}

void sqlite_sample_times(struct sqlite_db *db)
{
    bool found = false;
    vec_each (&db->unsampled, u) {
        AUTO_BUF sql = {0};
        AUTO_BUF column = {0};
        sqlite3_stmt *s = NULL;
        db_write_identifier(&db->base, u->column, &column);
        buf_printf(&sql,
                   "SELECT " STR_FMT " FROM (SELECT " STR_FMT " FROM " STR_FMT " LIMIT %d) WHERE " STR_FMT
                   " IS NOT NULL LIMIT 1",
                   STR_ARG(buf_str(&column)), STR_ARG(buf_str(&column)), STR_ARG(u->table), SQLITE_SAMPLE_ROWS,
                   STR_ARG(buf_str(&column)));
        if (!found && !sqlite3_prepare_v2(db->handle, buf_cstr(&sql), -1, &s, NULL) && sqlite3_step(s) == SQLITE_ROW)
            found = sqlite_times_of(sqlite3_column_value(s, 0), &db->times);
        sqlite3_finalize(s);
    }
    if (found)
        db->unsampled.len = 0;
}

int sqlite_table_columns(struct db *base, const struct db_table *t, struct arena *arena, struct db_column **ret,
                         size_t *ret_n, struct error *err)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    AUTO_BUF table = {0};
    AUTO_BUF sql = {0};
    if (t->schema.len) {
        db_write_identifier(base, t->schema, &table);
        buf_add_char(&table, '.');
    }
    db_write_identifier(base, t->name, &table);
    buf_printf(&sql, "SELECT * FROM " STR_FMT " LIMIT 1", STR_ARG(buf_str(&table)));
    struct db_cursor *c = NULL;
    int code = sqlite_query(base, buf_str(&sql), &c, err);
    if (code)
        return code;
    const struct db_column *columns;
    size_t n = rows_columns(c, &columns);
    struct db_column *copy = arena_dup(arena, columns, sizeof *columns * n);
    for (size_t i = 0; i < n; i++) {
        copy[i].name = arena_str(arena, columns[i].name);
        copy[i].type_name = arena_str(arena, columns[i].type_name);
        if (!db->times_fixed && (copy[i].type == DB_TIMESTAMP || copy[i].type == DB_DATE))
            note_unsampled(db, buf_str(&table), copy[i].name);
    }
    sqlite_cursor_close(c);
    sqlite_sample_times(db);
    *ret = copy;
    *ret_n = n;
    return 0;
}
