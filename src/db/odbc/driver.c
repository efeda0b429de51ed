#include "db/odbc/odbc.h"

static const char *const schemes[] = {"jdbc:odbc:", "odbc:", NULL};

const struct db_driver odbc_driver = {
    .name = "odbc",
    .schemes = schemes,
    .quote = '"',
    .check_url = odbc_check_url,
    .open = odbc_open,
    .close = odbc_close,
    .tables = odbc_tables,
    .table_columns = odbc_table_columns,
    .write_literal = odbc_write_literal,
    .query = odbc_query,
    .execute = odbc_execute,
    .now = odbc_now,
    .cursor_columns = rows_columns,
    .cursor_bind = rows_bind,
    .cursor_next = rows_next,
    .cursor_value = rows_value,
    .cursor_peek = rows_peek,
    .cursor_widened = rows_widened,
    .cursor_close = odbc_cursor_close,
};
