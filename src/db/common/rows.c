#include "db/common/rows.h"

void rows_init(struct db_rows *r, const struct db_driver *driver, const struct rows_ops *ops)
{
    *r = (struct db_rows){.base.driver = driver, .ops = ops, .arena = {.chunk_size = 4096}};
}

int rows_set_columns(struct db_rows *r, size_t n, const struct db_binding *defaults, struct error *err)
{
    if (n > ROWS_MAX_COLUMNS)
        return error_set(err, ERROR_UNSUPPORTED, "the query has %zu columns, and %d is the limit", n, ROWS_MAX_COLUMNS);
    r->n_columns = n;
    r->columns = arena_zalloc(&r->arena, sizeof *r->columns * (n + 1));
    r->bindings = arena_zalloc(&r->arena, sizeof *r->bindings * (n + 1));
    r->cells = arena_zalloc(&r->arena, sizeof *r->cells * (n + 1));
    r->kept = arena_zalloc(&r->arena, sizeof *r->kept * (n + 1));
    for (size_t i = 0; i < n; i++) {
        r->bindings[i] = *defaults;
        r->bindings[i].rep = DB_AS_SKIP;
        r->bindings[i].scratch = &r->scratch;
    }
    return 0;
}

void rows_release(struct db_rows *r)
{
    arena_free(&r->peek_arena);
    buf_free(&r->scratch);
    arena_free(&r->arena);
}

size_t rows_columns(const struct db_cursor *c, const struct db_column **ret)
{
    const struct db_rows *r = (const struct db_rows *)c;
    *ret = r->columns;
    return r->n_columns;
}

int rows_bind(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct error *err)
{
    struct db_rows *r = (struct db_rows *)c;
    if (r->started || column >= r->n_columns)
        return error_set(err, ERROR_INTERNAL, "a column can be bound before the first row only");
    struct db_binding *b = &r->bindings[column];
    b->rep = rep;
    b->scale = scale;
    b->name = r->columns[column].name;
    return 0;
}

static int fetch(struct db_rows *r, struct arena *arena, bool *ret_row, struct error *err)
{
    bool row = false;
    r->started = true;
    if (!r->ended) {
        int code = r->ops->fetch(r, arena, &row, err);
        if (code)
            return code;
    }
    r->ended = !row;
    *ret_row = row;
    return 0;
}

static int misfit(struct db_rows *r, size_t column, int code)
{
    r->widened = code == ERROR_DATA && r->ops->misfit && r->ops->misfit(r, column, &r->cells[column]);
    return code;
}

static bool has_bytes(const struct db_cell *cell)
{
    return cell->kind == CELL_TEXT || cell->kind == CELL_BYTES;
}

/* A row that was peeked at moves to the batch that it becomes part of. */
static void move_cells(struct db_rows *r, struct arena *arena)
{
    for (size_t i = 0; i < r->n_columns; i++)
        if (has_bytes(&r->cells[i]))
            r->cells[i].ptr = arena_dup(arena, r->cells[i].ptr, r->cells[i].len);
    r->peeked = false;
}

int rows_next(struct db_cursor *c, struct arena *arena, struct value *values, bool *ret_row, struct error *err)
{
    struct db_rows *r = (struct db_rows *)c;
    bool row = true;
    if (__builtin_expect(r->peeked, 0)) {
        move_cells(r, arena);
    } else {
        int code = fetch(r, arena, &row, err);
        if (__builtin_expect(code, 0))
            return code;
    }
    if (row) {
        r->has_row = true;
        struct value *v = values;
        for (size_t i = 0; i < r->n_columns; i++) {
            if (r->bindings[i].rep == DB_AS_SKIP)
                continue;
            int code = cell_value(&r->bindings[i], &r->cells[i], arena, v++, err);
            if (__builtin_expect(code, 0))
                return misfit(r, i, code);
        }
    }
    *ret_row = row;
    return 0;
}

static int value_as(const struct db_rows *r, const struct db_cell *cells, size_t column, enum db_rep rep, int32_t scale,
                    struct arena *arena, struct value *ret, struct error *err)
{
    if (column >= r->n_columns || r->bindings[column].rep == DB_AS_SKIP)
        return error_set(err, ERROR_INTERNAL, "a column that is left out has no value");
    struct db_binding b = r->bindings[column];
    struct db_cell cell = cells[column];
    b.rep = rep;
    b.scale = scale;
    if (has_bytes(&cell))
        cell.ptr = arena_dup(arena, cell.ptr, cell.len);
    return cell_value(&b, &cell, arena, ret, err);
}

int rows_value(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct arena *arena,
               struct value *ret, struct error *err)
{
    const struct db_rows *r = (const struct db_rows *)c;
    if (!r->has_row)
        return error_set(err, ERROR_INTERNAL, "there is no row yet");
    return value_as(r, r->peeked ? r->kept : r->cells, column, rep, scale, arena, ret, err);
}

int rows_peek(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct arena *arena,
              struct value *ret, bool *ret_row, struct error *err)
{
    struct db_rows *r = (struct db_rows *)c;
    if (!r->peeked) {
        memcpy(r->kept, r->cells, sizeof *r->cells * r->n_columns);
        arena_reset(&r->peek_arena);
        int code = fetch(r, &r->peek_arena, &r->peeked, err);
        if (code)
            return code;
    }
    if (!r->peeked) {
        *ret_row = false;
        return 0;
    }
    int code = value_as(r, r->cells, column, rep, scale, arena, ret, err);
    if (!code)
        *ret_row = true;
    return code;
}

bool rows_widened(const struct db_cursor *c)
{
    return ((const struct db_rows *)c)->widened;
}
