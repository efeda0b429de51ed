#include "db/postgres/postgres.h"

static const char *const schemes[] = {"jdbc:postgresql:", "postgresql:", "postgres:", NULL};

const struct db_driver postgres_driver = {
    .name = "postgresql",
    .schemes = schemes,
    .quote = '"',
    .check_url = pg_check_url,
    .open = pg_open,
    .close = pg_close,
    .tables = pg_tables,
    .table_columns = pg_table_columns,
    .write_literal = pg_write_literal,
    .query = pg_query,
    .execute = pg_execute,
    .now = pg_now,
    .cursor_columns = pg_cursor_columns,
    .cursor_bind = pg_cursor_bind,
    .cursor_next = pg_cursor_next,
    .cursor_value = pg_cursor_value,
    .cursor_peek = pg_cursor_peek,
    .cursor_close = pg_cursor_close,
};
