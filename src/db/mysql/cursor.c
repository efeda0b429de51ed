/*
 * A query as a stream of rows: the server sends as fast as we read. A result that is left before its end costs the
 * connection, since MySQL has no way to call one off; the next query connects anew.
 */
#include "db/mysql/mysql.h"

#include "base/mem.h"

#include <stdlib.h>

struct my_cursor {
    struct db_rows rows;
    struct my_db *db;
    MYSQL_RES *result; /* NULL after its end */
    enum my_op *ops;
    struct my_rules *rules;
    struct str *keys; /* per column, for db->wide */
};

static int next_row(struct my_cursor *c, MYSQL_ROW *ret, struct error *err)
{
    MYSQL_ROW row = NULL;
    int status = mysql_fetch_row_start(&row, c->result);
    while (__builtin_expect(status != 0, 0)) {
        int code = my_wait(c->db, status, &status, err);
        if (code)
            return code;
        status = mysql_fetch_row_cont(&row, c->result, status);
    }
    if (__builtin_expect(!row && mysql_errno(c->db->mysql), 0)) {
        c->db->broken = true;
        return my_error(c->db, err);
    }
    *ret = row;
    return 0;
}

/* The packet's bytes from the first field to the end of the last, in one piece. */
static ptrdiff_t copy_row(const struct my_cursor *c, MYSQL_ROW row, const unsigned long *lengths, struct arena *arena)
{
    const char *start = NULL, *end = NULL;
    for (size_t i = 0; i < c->rows.n_columns; i++) {
        if (!row[i])
            continue;
        start = start ? start : row[i];
        end = row[i] + lengths[i];
    }
    return start ? (char *)arena_dup(arena, start, (size_t)(end - start)) - start : 0;
}

static int fetch(struct db_rows *rows, struct arena *arena, bool *ret_row, struct error *err)
{
    struct my_cursor *c = (struct my_cursor *)rows;
    MYSQL_ROW row = NULL;
    int code = next_row(c, &row, err);
    if (code)
        return code;
    if (!row) {
        mysql_free_result(c->result);
        c->result = NULL;
        *ret_row = false;
        return 0;
    }
    const unsigned long *lengths = mysql_fetch_lengths(c->result);
    ptrdiff_t moved = copy_row(c, row, lengths, arena);
    for (size_t i = 0; i < rows->n_columns; i++) {
        if (!row[i]) {
            rows->cells[i] = (struct db_cell){.kind = CELL_NULL};
            continue;
        }
        code = my_cell(c->ops[i], &c->rules[i], row[i] + moved, lengths[i], &rows->cells[i], err);
        if (__builtin_expect(code, 0)) {
            error_context(err, "column \"" STR_FMT "\"", STR_ARG(rows->columns[i].name));
            return code;
        }
    }
    *ret_row = true;
    return 0;
}

static bool misfit(struct db_rows *rows, size_t column, const struct db_cell *cell)
{
    struct my_cursor *c = (struct my_cursor *)rows;
    struct db_column *d = &rows->columns[column];
    bool too_big = d->type == DB_BIGINT && cell->kind == CELL_UINT && cell->u > INT64_MAX;
    if ((!too_big && d->type != DB_TIME) || my_is_wide(c->db, c->keys[column]))
        return false;
    *vec_push(&c->db->wide) = (struct my_wide){arena_str(&c->db->arena, c->keys[column])};
    return true;
}

static const struct rows_ops ops = {.fetch = fetch, .misfit = misfit};

static int describe(struct my_cursor *c, struct error *err)
{
    struct db_binding defaults = {.legacy = c->db->legacy_calendar, .zone = c->db->zone};
    size_t n = mysql_num_fields(c->result);
    const MYSQL_FIELD *fields = mysql_fetch_fields(c->result);
    int code = rows_set_columns(&c->rows, n, &defaults, err);
    if (code)
        return code;
    c->ops = arena_zalloc(&c->rows.arena, sizeof *c->ops * n);
    c->rules = arena_zalloc(&c->rows.arena, sizeof *c->rules * n);
    c->keys = arena_zalloc(&c->rows.arena, sizeof *c->keys * n);
    for (size_t i = 0; i < n; i++) {
        struct db_column *column = &c->rows.columns[i];
        my_column(&fields[i], c->db->url, &c->rows.arena, column);
        c->keys[i] = my_column_key(&fields[i], &c->rows.arena);
        if (my_is_wide(c->db, c->keys[i]))
            my_widen(column);
        c->ops[i] = my_op_for(&fields[i]);
        if (c->ops[i] == MY_OP_YEAR && column->type != DB_DATE)
            c->ops[i] = MY_OP_TEXT;
        c->rules[i] = (struct my_rules){c->db->url->zero_date, column->nullable};
    }
    return 0;
}

int my_query(struct db *base, struct str sql, struct db_cursor **ret, struct error *err)
{
    struct my_db *db = (struct my_db *)base;
    if (db->busy)
        return error_set(err, ERROR_INTERNAL, STR_FMT ": a cursor is open already", STR_ARG(db->place));
    int code = my_ready(db, err);
    if (!code)
        code = my_send(db, sql, err);
    if (code)
        return code;
    if (!mysql_field_count(db->mysql))
        return error_set(err, ERROR_CONFIG, STR_FMT ": the statement is no query", STR_ARG(db->place));
    struct my_cursor *c = mem_new(struct my_cursor);
    rows_init(&c->rows, &mysql_driver, &ops);
    c->db = db;
    db->busy = true;
    c->result = mysql_use_result(db->mysql);
    code = c->result ? describe(c, err) : my_error(db, err);
    if (code)
        my_cursor_close(&c->rows.base);
    else
        *ret = &c->rows.base;
    return code;
}

void my_cursor_close(struct db_cursor *base)
{
    struct my_cursor *c = (struct my_cursor *)base;
    struct my_db *db = c->db;
    if (c->result) { /* not read to its end */
        db->broken = true;
        db->mysql->status = MYSQL_STATUS_READY; /* or else the rest would be read now */
        mysql_free_result(c->result);
    } else if (mysql_more_results(db->mysql)) {
        db->broken = true;
    }
    db->busy = false;
    rows_release(&c->rows);
    free(c);
}
