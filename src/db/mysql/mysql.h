/*
 * MySQL and MariaDB through MariaDB's Connector/C, with its non-blocking calls: every wait is my_wait, which the wake
 * of db_options.stop ends. Rows stream in the text protocol, as Connector/J reads them; a row is copied once, from the
 * library's packet to the batch's arena.
 *
 * Types are Connector/J's, with these differences, where that driver or the JDBC source stops or harms a value:
 *
 *   bit(n)              the smallest integer that holds n bits (n = 64: DECIMAL(20)), not BIT
 *   bigint unsigned     BIGINT; from the first value above 2^63-1 on DECIMAL(20) (db_cursor_widened)
 *   time                TIME; from the first value that is no time of a day on ("-01:00:00", "25:00:00") VARCHAR
 *   zero dates          null, or 1970-01-01 in columns that may not be null; zeroDateTimeBehavior says otherwise
 *
 * Times. The session runs in the zone of db_options.time_zone, so that a literal means the same beside a DATETIME and
 * beside a TIMESTAMP. A zone with a name must be known to the server too. A URL that names a database sees the tables
 * of that database; nullDatabaseMeansCurrent=false makes it all.
 */
#ifndef DB_MYSQL_MYSQL_H
#define DB_MYSQL_MYSQL_H

#include "base/vec.h"
#include "db/common/rows.h"
#include "db/db.h"
#include "db/mysql/url.h"

#include <mysql.h>

enum {
    MY_BINARY_CHARSET = 63,      /* of strings that are bytes */
    MY_WRITE_TIMEOUT_S = 604800, /* how long the server waits for us to read on */
    MY_TYPE_VECTOR = 242         /* MySQL 9; not in the library's list */
};

/* How a column's text becomes a cell. */
enum my_op { MY_OP_TEXT, MY_OP_BYTES, MY_OP_BIT, MY_OP_YEAR, MY_OP_DATE, MY_OP_UNSIGNED };

struct my_wide {
    struct str column; /* "database.table.column" */
};

struct my_db {
    struct db base;
    MYSQL *mysql;
    struct wake never; /* stands in for a missing stop */
    const struct wake *stop;
    struct arena arena; /* lives as long as the connection */
    struct my_url *url;
    struct str user, password, application, time_zone;
    struct str place; /* `MySQL at host:port, database "d", user "u"` */
    enum db_isolation isolation;
    int64_t connect_timeout_ms, statement_timeout_ms, socket_timeout_ms; /* socket: -1 none */
    struct zone *zone;
    bool legacy_calendar;
    bool broken; /* a query was left running: connect anew before the next */
    bool busy;   /* a cursor is open */
    bool is_mariadb;
    VEC(struct my_wide) wide;
};

extern const struct db_driver mysql_driver;

/* conn.c */
int my_open(const struct db_options *options, struct db **ret, struct error *err);
void my_close(struct db *db);
void my_check_url(struct str url, struct str name, struct findings *findings);
/* `status`: what a _start or _cont call returned; *ret_status what to give to the next _cont. ERROR_STOPPED, _TIMEOUT.
 */
int my_wait(struct my_db *db, int status, int *ret_status, struct error *err);
int my_ready(struct my_db *db, struct error *err); /* connects anew when the session is broken */
int my_send(struct my_db *db, struct str sql, struct error *err);
/* Runs SQL and stores its result: NULL when it has none. */
int my_run(struct my_db *db, struct str sql, MYSQL_RES **ret, struct error *err);
int my_execute(struct db *db, struct str sql, struct error *err);

/* error.c */
int my_error(const struct my_db *db, struct error *err); /* of the last call */

/* types.c */
void my_column(const MYSQL_FIELD *field, const struct my_url *url, struct arena *arena, struct db_column *ret);
enum my_op my_op_for(const MYSQL_FIELD *field);
struct my_rules {
    enum my_zero_date zero_date;
    bool nullable;
};
/* One field; text stays where it is. ERROR_DATA for a zero date under EXCEPTION, without the column's name. */
int my_cell(enum my_op op, const struct my_rules *rules, const char *text, size_t len, struct db_cell *ret,
            struct error *err);

/* catalog.c */
int my_tables(struct db *db, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err);
int my_table_columns(struct db *db, const struct db_table *t, struct arena *arena, struct db_column **ret,
                     size_t *ret_n, struct error *err);
struct str my_column_key(const MYSQL_FIELD *field, struct arena *arena);
bool my_is_wide(const struct my_db *db, struct str key);
/* Column as it is after widening. */
void my_widen(struct db_column *column);

/* sql.c */
int my_write_literal(struct db *db, const struct db_literal *literal, struct buf *out, struct error *err);
void my_add_text_literal(const struct my_db *db, struct buf *out, struct str text);
int my_now(struct db *db, int64_t *ret_ns, struct error *err);

/* cursor.c */
int my_query(struct db *db, struct str sql, struct db_cursor **ret, struct error *err);
void my_cursor_close(struct db_cursor *c);

#endif
