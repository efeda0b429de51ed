#include "db/mysql/mysql.h"

static const char *const schemes[] = {"jdbc:mysql:", "jdbc:mariadb:", "mysql:", "mariadb:", NULL};

const struct db_driver mysql_driver = {
    .name = "mysql",
    .schemes = schemes,
    .quote = '`',
    .check_url = my_check_url,
    .open = my_open,
    .close = my_close,
    .tables = my_tables,
    .table_columns = my_table_columns,
    .write_literal = my_write_literal,
    .query = my_query,
    .execute = my_execute,
    .now = my_now,
    .cursor_columns = rows_columns,
    .cursor_bind = rows_bind,
    .cursor_next = rows_next,
    .cursor_value = rows_value,
    .cursor_peek = rows_peek,
    .cursor_widened = rows_widened,
    .cursor_close = my_cursor_close,
};
