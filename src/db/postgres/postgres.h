/*
 * The driver's own: a connection through libpq that never blocks. Every wait is pg_wait, which the wake of
 * db_options.stop ends.
 */
#ifndef DB_POSTGRES_POSTGRES_H
#define DB_POSTGRES_POSTGRES_H

#include "base/vec.h"
#include "db/db.h"
#include "db/postgres/decode.h"

#include <libpq-fe.h>

/* What pg_type says of a type that decode.h does not name. */
struct pg_type {
    uint32_t oid;
    char kind; /* pg_type.typtype: b base, c composite, d domain, e enum, r range, ... */
    bool is_array;
    struct str name; /* in pg_db.arena */
};

struct pg_db {
    struct db base;
    PGconn *conn;
    struct wake never; /* stands in for a missing stop */
    const struct wake *stop;
    struct arena arena; /* lives as long as the connection */
    struct str place;   /* `PostgreSQL at host:port, database "d", user "u"` */
    enum db_isolation isolation;
    int64_t socket_timeout_ms; /* -1: none */
    int64_t time_adjust_us;    /* local midnight of 1970-01-01 in UTC */
    int64_t standard_us;       /* what local standard time lacks to UTC, nowadays */
    bool zone_is_utc;
    bool legacy_calendar;
    bool check_utf8;  /* the server's encoding is SQL_ASCII */
    bool interrupted; /* a query was left running: this session is of no more use */
    bool busy;        /* a cursor is open */
    VEC(struct pg_type) types;
};

extern const struct db_driver postgres_driver;

/* conn.c */
int pg_open(const struct db_options *options, struct db **ret, struct error *err);
void pg_close(struct db *db);
void pg_check_url(struct str url, struct str name, struct findings *findings);
/* ERROR_STOPPED, _TIMEOUT. */
int pg_wait(struct pg_db *db, short events, struct error *err);

/* Runs SQL (several statements allowed) and gives the last result, the caller's to clear. */
int pg_exec(struct pg_db *db, const char *sql, PGresult **ret, struct error *err);
int pg_command(struct pg_db *db, const char *sql, struct error *err); /* the same, result not wanted */
/* Waits for and collects what was sent; the first error wins. */
int pg_collect(struct pg_db *db, PGresult **ret, struct error *err);
/* One result of what was sent: *ret NULL when there are no more. Failures are results, except of the connection. */
int pg_next_result(struct pg_db *db, PGresult **ret, struct error *err);

/* error.c: texts and codes by SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html) */
int pg_result_error(const struct pg_db *db, const PGresult *result, struct error *err);
int pg_connection_error(const struct pg_db *db, struct error *err); /* an established connection failed */
int pg_open_error(struct str place, PGconn *conn, struct error *err);

/* catalog.c */
int pg_tables(struct db *db, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err);
int pg_table_columns(struct db *db, const struct db_table *t, struct arena *arena, struct db_column **ret,
                     size_t *ret_n, struct error *err);
/* The columns of a described statement. */
int pg_describe(struct pg_db *db, const PGresult *described, struct arena *arena, struct db_column **ret, size_t *ret_n,
                struct error *err);
/* Type, precision and scale as pgjdbc's ResultSetMetaData has them. `type` NULL: one that decode.h names. */
void pg_jdbc_type(uint32_t oid, int32_t typmod, const struct pg_type *type, struct db_column *column);

/* sql.c */
int pg_write_literal(struct db *db, const struct db_literal *literal, struct buf *out, struct error *err);
int pg_now(struct db *db, int64_t *ret_ns, struct error *err);
int pg_execute(struct db *db, struct str sql, struct error *err);
void pg_add_text_literal(struct buf *out, struct str text); /* quoted; standard_conforming_strings is on */
/* ISO, so many seconds east of Greenwich, without quotes. */
void pg_add_timestamp(struct buf *out, int64_t seconds, int32_t nanos, bool legacy, int64_t east);
/* Java's and IANA's names of zones to what SET TimeZone takes: "+09:00" is "<+09:00>-09:00". */
void pg_add_zone(struct buf *out, struct str zone);
bool pg_zone_is_utc(struct str zone);

/* cursor.c */
int pg_query(struct db *db, struct str sql, struct db_cursor **ret, struct error *err);
size_t pg_cursor_columns(const struct db_cursor *c, const struct db_column **ret);
int pg_cursor_bind(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct error *err);
int pg_cursor_next(struct db_cursor *c, struct arena *arena, struct value *values, bool *ret_row, struct error *err);
int pg_cursor_value(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct arena *arena,
                    struct value *ret, struct error *err);
int pg_cursor_peek(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct arena *arena,
                   struct value *ret, bool *ret_row, struct error *err);
void pg_cursor_close(struct db_cursor *c);

#endif
