/*
 * The half of a cursor that does not depend on the database: columns, bindings, the row at hand, the row that was
 * peeked at. A driver embeds `struct db_rows` first in its cursor, puts the functions below into its table, and gives
 * two of its own: fetch and close.
 *
 * Widening. Where a column's type is a guess (SQLite decides by value) or too small for some values (MySQL's unsigned
 * bigint), `misfit` may note, for the connection, that the column needs a wider type, and return true: the row then
 * fails with ERROR_DATA and db_cursor_widened() is true. The next db_query describes the column so that the row fits.
 */
#ifndef DB_COMMON_ROWS_H
#define DB_COMMON_ROWS_H

#include "db/common/cell.h"

enum { ROWS_MAX_COLUMNS = 32768 };

struct db_rows;

struct rows_ops {
    /* The next row into rows->cells, text and bytes of them into the arena; columns that are not bound may be left
     * null. *ret_row false at the end: the cells then stay as they were. */
    int (*fetch)(struct db_rows *rows, struct arena *arena, bool *ret_row, struct error *err);
    /* NULL: nothing is ever widened */
    bool (*misfit)(struct db_rows *rows, size_t column, const struct db_cell *cell);
};

struct db_rows {
    struct db_cursor base;
    const struct rows_ops *ops;
    struct arena arena; /* lives as long as the cursor */
    struct db_column *columns;
    size_t n_columns;
    struct db_binding *bindings; /* per column; rep DB_AS_SKIP until bound */
    struct db_cell *cells;       /* of the row fetched last */
    struct db_cell *kept;        /* of the row given last, while a peeked one is in `cells` */
    struct buf scratch;
    struct arena peek_arena; /* what a peeked row's cells point to */
    bool started, has_row, peeked, ended, widened;
};

/* Room for n columns; columns are the caller's to fill, `defaults` is what every binding starts as. */
void rows_init(struct db_rows *r, const struct db_driver *driver, const struct rows_ops *ops);
int rows_set_columns(struct db_rows *r, size_t n, const struct db_binding *defaults, struct error *err);
void rows_release(struct db_rows *r);

/* db_driver's cursor_* functions */
size_t rows_columns(const struct db_cursor *c, const struct db_column **ret);
int rows_bind(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct error *err);
int rows_next(struct db_cursor *c, struct arena *arena, struct value *values, bool *ret_row, struct error *err);
int rows_value(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct arena *arena,
               struct value *ret, struct error *err);
int rows_peek(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct arena *arena,
              struct value *ret, bool *ret_row, struct error *err);
bool rows_widened(const struct db_cursor *c);

#endif
