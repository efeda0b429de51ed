#include "db/mysql/mysql.h"

#include "base/mem.h"

#include <stdlib.h>

static struct str field_str(MYSQL_RES *result, MYSQL_ROW row, int i, struct arena *arena)
{
    return row[i] ? arena_str(arena, str_of(row[i], mysql_fetch_lengths(result)[i])) : STR_NULL;
}

static struct str jdbc_type(struct str type)
{
    return str_is(type, "BASE TABLE") || str_is(type, "SYSTEM VERSIONED") ? STR("TABLE") : type;
}

int my_tables(struct db *base, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err)
{
    struct my_db *db = (struct my_db *)base;
    AUTO_BUF sql = {0};
    MYSQL_RES *result = NULL;
    buf_add_literal(&sql, "SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE ");
    if (db->url->database.len && !db->url->all_databases)
        buf_add_literal(&sql, "table_schema = DATABASE()");
    else
        buf_add_literal(&sql, "table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')");
    buf_add_literal(&sql, " ORDER BY table_type, table_schema, table_name");
    int code = my_run(db, buf_str(&sql), &result, err);
    if (code)
        return code;
    size_t n = 0, rows = (size_t)mysql_num_rows(result);
    struct db_table *tables = arena_zalloc(arena, sizeof *tables * (rows + 1));
    for (MYSQL_ROW row; n < rows && (row = mysql_fetch_row(result)); n++) {
        struct str database = field_str(result, row, 0, arena);
        /* JDBC has databases as catalogs; as schemas too they become part of a table's name */
        tables[n] = (struct db_table){.catalog = database,
                                      .schema = database,
                                      .name = field_str(result, row, 1, arena),
                                      .type = jdbc_type(field_str(result, row, 2, arena))};
    }
    mysql_free_result(result);
    *ret = tables;
    *ret_n = n;
    return 0;
}

struct str my_column_key(const MYSQL_FIELD *f, struct arena *arena)
{
    if (!f->org_name_length)
        return arena_printf(arena, "..%.*s", (int)f->name_length, f->name);
    return arena_printf(arena, "%.*s.%.*s.%.*s", (int)f->db_length, f->db, (int)f->org_table_length, f->org_table,
                        (int)f->org_name_length, f->org_name);
}

bool my_is_wide(const struct my_db *db, struct str key)
{
    vec_each (&db->wide, w)
        if (str_equal(w->column, key))
            return true;
    return false;
}

void my_widen(struct db_column *c)
{
    if (c->type == DB_TIME) {
        c->type = DB_VARCHAR;
        return;
    }
    c->type = DB_DECIMAL;
    c->precision = 20;
    c->scale = 0;
    c->is_unsigned = false;
}

int my_table_columns(struct db *base, const struct db_table *t, struct arena *arena, struct db_column **ret,
                     size_t *ret_n, struct error *err)
{
    struct my_db *db = (struct my_db *)base;
    AUTO_BUF sql = {0};
    MYSQL_RES *result = NULL;
    struct str database = t->schema.len ? t->schema : t->catalog;
    buf_add_literal(&sql, "SELECT * FROM ");
    if (database.len) {
        db_write_identifier(base, database, &sql);
        buf_add_char(&sql, '.');
    }
    db_write_identifier(base, t->name, &sql);
    buf_add_literal(&sql, " LIMIT 0");
    int code = my_run(db, buf_str(&sql), &result, err);
    if (code)
        return code;
    size_t n = mysql_num_fields(result);
    const MYSQL_FIELD *fields = mysql_fetch_fields(result);
    struct db_column *columns = arena_zalloc(arena, sizeof *columns * (n + 1));
    for (size_t i = 0; i < n; i++) {
        my_column(&fields[i], db->url, arena, &columns[i]);
        if (my_is_wide(db, my_column_key(&fields[i], arena)))
            my_widen(&columns[i]);
    }
    mysql_free_result(result);
    *ret = columns;
    *ret_n = n;
    return 0;
}
