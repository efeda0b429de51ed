#include "db/sqlite/sqlite.h"

static const char *const schemes[] = {"jdbc:sqlite:", "sqlite:", NULL};

const struct db_driver sqlite_driver = {
    .name = "sqlite",
    .schemes = schemes,
    .quote = '"',
    .check_url = sqlite_check_url,
    .open = sqlite_open,
    .close = sqlite_close,
    .tables = sqlite_tables,
    .table_columns = sqlite_table_columns,
    .write_literal = sqlite_write_literal,
    .query = sqlite_query,
    .execute = sqlite_execute,
    .now = sqlite_now,
    .cursor_columns = rows_columns,
    .cursor_bind = rows_bind,
    .cursor_next = rows_next,
    .cursor_value = rows_value,
    .cursor_peek = rows_peek,
    .cursor_widened = rows_widened,
    .cursor_close = sqlite_cursor_close,
};
