/*
 * Any other database, through unixODBC: `odbc:DSN=name`, `odbc:Driver={PostgreSQL Unicode};Server=h;Port=5432`,
 * `jdbc:odbc:name`. What follows the scheme is an ODBC connection string; a string without a = is the name of a DSN.
 *
 * Columns are typed by what SQLDescribeCol says. Rows come in blocks of bound buffers where every column read has a
 * size that is known and small, else value by value (SQLGetData). A value longer than its column declares makes the
 * connection read value by value from then on; a number that does not fit its declared scale widens its column to a
 * decimal without fixed scale (psqlodbc says numeric(28,6) of any numeric), what fits no number to text: see
 * db_cursor_widened.
 *
 * Text is exchanged as UTF-16 where the driver calls a column wide, else it must be UTF-8; with a driver that knows no
 * UTF-16 all of it is UTF-8. ODBC cannot wait for a
 * socket: a thread of the connection calls SQLCancel when db_options.stop is raised. psqlodbc keeps a whole result in
 * memory unless the connection string has UseDeclareFetch=1.
 */
#ifndef DB_ODBC_ODBC_H
#define DB_ODBC_ODBC_H

#include "base/vec.h"
#include "base/wake.h"
#include "db/common/rows.h"
#include "db/db.h"

#include <pthread.h>
#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

enum {
    ODBC_URL_MAX = 8192,
    ODBC_BLOCK_BYTES = 512 * 1024, /* of all bound buffers */
    ODBC_BLOCK_ROWS = 1000,        /* at most */
    ODBC_BOUND_MAX = 8000,         /* characters or bytes of a column that is bound */
    ODBC_VALUE_STEP = 16 * 1024,   /* read by one SQLGetData */
    ODBC_UTF8_A_UNIT = 3,          /* bytes of UTF-8 that one unit of UTF-16 may need */
    ODBC_NAME_MAX = 256            /* of a column or a type */
};
#define ODBC_VALUE_MAX (INT64_C(1) << 30) /* bytes of one value */

enum odbc_width { ODBC_FITS, ODBC_FREE_SCALE, ODBC_AS_TEXT };

struct odbc_wide {
    struct str column; /* "table.column" */
    enum odbc_width width;
};

struct odbc_db {
    struct db base;
    struct db_driver driver; /* a copy with this database's quote */
    SQLHENV env;
    SQLHDBC connection;
    bool connected, busy;
    struct wake never; /* stands in for a missing stop */
    const struct wake *stop;
    struct arena arena; /* lives as long as the connection */
    struct str place;   /* `ODBC DSN=name` without the password */
    struct zone *zone;
    bool legacy_calendar;
    bool narrow;       /* the driver has no functions for UTF-16 */
    bool by_value;     /* a value was longer than its column says */
    bool has_no_clock; /* {fn NOW()} was refused */
    int64_t statement_timeout_ms;
    VEC(struct odbc_wide) wide;
    struct { /* the thread that cancels */
        pthread_t thread;
        pthread_mutex_t lock;
        struct wake end;
        SQLHSTMT running;
        bool started;
    } watch;
};

extern const struct db_driver odbc_driver;

/* url.c: the connection string, NUL-terminated; `ret_shown` has no password. ERROR_CONFIG */
int odbc_connection_string(struct str url, struct str user, struct str password, struct arena *arena, struct str *ret,
                           struct str *ret_shown, struct error *err);

/* wide.c */
SQLWCHAR *odbc_to_wide(struct str text, struct arena *arena, size_t *ret_len); /* zero-terminated */
/* UTF-8 to out, which has room for ODBC_UTF8_A_UNIT bytes a unit; returns its length. Lone surrogates become U+FFFD. */
size_t odbc_from_wide(const void *text, size_t len, char *out);
void odbc_add_wide(struct buf *out, const SQLWCHAR *text, size_t len);

/* types.c */
enum odbc_op {
    ODBC_OP_INT,
    ODBC_OP_UINT,
    ODBC_OP_DOUBLE,
    ODBC_OP_FLOAT,
    ODBC_OP_BIT,
    ODBC_OP_DATE,
    ODBC_OP_TIME,
    ODBC_OP_TIMESTAMP,
    ODBC_OP_TEXT,
    ODBC_OP_WIDE,
    ODBC_OP_BYTES,
};
struct odbc_fetch {
    enum odbc_op op;
    SQLSMALLINT c_type;
    size_t width; /* bytes of a bound buffer, with its end mark; 0: unknown, or too long to bind */
};
void odbc_type(SQLSMALLINT sql_type, SQLULEN size, SQLSMALLINT digits, bool is_unsigned, struct db_column *column,
               struct odbc_fetch *fetch);
void odbc_widen(struct db_column *column, struct odbc_fetch *fetch, enum odbc_width width);
void odbc_make_narrow(struct odbc_fetch *fetch); /* UTF-8 instead of UTF-16 */
/* A bound buffer's content; text is made in the arena. `len` of text and bytes: in bytes. */
struct db_cell odbc_cell(enum odbc_op op, const void *data, size_t len, struct arena *arena);

/* conn.c */
int odbc_open(const struct db_options *options, struct db **ret, struct error *err);
void odbc_close(struct db *db);
void odbc_check_url(struct str url, struct str name, struct findings *findings);
int odbc_error(const struct odbc_db *db, SQLSMALLINT kind, SQLHANDLE handle, struct error *err);
int odbc_statement(struct odbc_db *db, SQLHSTMT *ret, struct error *err);
/* Between the two, `stop` cancels the statement. ERROR_STOPPED */
int odbc_enter(struct odbc_db *db, SQLHSTMT statement, struct error *err);
void odbc_leave(struct odbc_db *db);
/* Executes: SQL_SUCCESS_WITH_INFO and SQL_NO_DATA are fine. */
int odbc_run(struct odbc_db *db, SQLHSTMT statement, struct str sql, struct error *err);
int odbc_execute(struct db *db, struct str sql, struct error *err);

/* catalog.c */
int odbc_tables(struct db *db, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err);
int odbc_table_columns(struct db *db, const struct db_table *t, struct arena *arena, struct db_column **ret,
                       size_t *ret_n, struct error *err);
/* Column i (from 0) of an executed statement; *ret_key names it for widening. */
int odbc_describe(struct odbc_db *db, SQLHSTMT statement, size_t i, struct arena *arena, struct db_column *ret,
                  struct odbc_fetch *ret_fetch, struct str *ret_key, struct error *err);
enum odbc_width odbc_width_of(const struct odbc_db *db, struct str key);
/* Text of column i of the current row, or STR_NULL. */
struct str odbc_get_text(const struct odbc_db *db, SQLHSTMT statement, size_t i, struct arena *arena);

/* sql.c */
int odbc_write_literal(struct db *db, const struct db_literal *literal, struct buf *out, struct error *err);
int odbc_now(struct db *db, int64_t *ret_ns, struct error *err);

/* cursor.c */
int odbc_query(struct db *db, struct str sql, struct db_cursor **ret, struct error *err);
void odbc_cursor_close(struct db_cursor *c);

#endif
