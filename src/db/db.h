/*
 * One typed row cursor over many databases. A driver (db/postgres, later mysql, sqlite, odbc) is a `const struct
 * db_driver`, found by the scheme of a URL; nothing above knows which one it has. A new driver is a folder of its own
 * and one line in db/drivers.c.
 *
 * Results stream: a cursor never holds more than a window of rows, whatever the table's size. The order of calls is
 *
 *     db_query            the columns are known now
 *     db_cursor_bind      once per column: what its values become
 *     db_cursor_next      row after row, until *ret_row is false
 *     db_cursor_close
 *
 * Binding compiles a decoder per column; decoding a row then compares no type name, copies no text and allocates
 * nothing but arena memory: strings and bytes point into the row as the database sent it.
 *
 * Waiting for the database ends at once with ERROR_STOPPED when db_options.stop is raised.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/wake.h"
#include "conf/conf.h"
#include "data/value.h"

#include <stdbool.h>
#include <stdint.h>

/* JDBC's type codes (java.sql.Types): what a driver says a column is. */
enum db_type {
    DB_BIT,
    DB_BOOLEAN,
    DB_TINYINT,
    DB_SMALLINT,
    DB_INTEGER,
    DB_BIGINT,
    DB_REAL,
    DB_FLOAT,
    DB_DOUBLE,
    DB_NUMERIC,
    DB_DECIMAL,
    DB_CHAR,
    DB_VARCHAR,
    DB_LONGVARCHAR,
    DB_NCHAR,
    DB_NVARCHAR,
    DB_LONGNVARCHAR,
    DB_BINARY,
    DB_VARBINARY,
    DB_LONGVARBINARY,
    DB_BLOB,
    DB_CLOB,
    DB_NCLOB,
    DB_DATE,
    DB_TIME,
    DB_TIMESTAMP,
    DB_TIMESTAMP_TZ,
    DB_SQLXML,
    DB_ARRAY,
    DB_OTHER,
    DB_NULL,
    DB_ROWID,
    DB_DATALINK,
};

struct db_column {
    struct str name;
    enum db_type type;
    struct str type_name; /* the database's own: "timestamptz", "int8" */
    int32_t precision;    /* as JDBC's ResultSetMetaData reports it; 0: none */
    int32_t scale;
    bool nullable; /* unknown counts as nullable */
    bool is_unsigned;
    bool auto_increment;
    bool is_text;    /* of type DB_OTHER, but JDBC hands it out as text (PostgreSQL's json, jsonb, uuid) */
    uint64_t native; /* the driver's own type id, e.g. a PostgreSQL oid */
};

/* What a column's values become. */
enum db_rep {
    DB_AS_SKIP, /* left out: not read, and without a place among the values */
    DB_AS_INT8,
    DB_AS_INT16,
    DB_AS_INT32,
    DB_AS_INT64, /* a fraction is cut, as Java's getLong does; beyond the range is ERROR_DATA */
    DB_AS_FLOAT32,
    DB_AS_FLOAT64,
    DB_AS_BOOLEAN,
    DB_AS_STRING, /* UTF-8 text as the database prints it */
    DB_AS_BYTES,
    DB_AS_DECIMAL, /* unscaled bytes with the scale given to bind; what does not fit that scale is ERROR_DATA */
    DB_AS_DATE,    /* INT32 days */
    DB_AS_TIME,    /* INT32 ms of the day */
    DB_AS_TIMESTAMP_MS,
    DB_AS_TIMESTAMP_US,
    DB_AS_TIMESTAMP_NS,      /* INT64 since 1970-01-01 UTC, at most DB_INFINITY; zone-less: in db_options.time_zone */
    DB_AS_TIMESTAMP_US_TEXT, /* the same numbers as text; nanoseconds of any size then */
    DB_AS_TIMESTAMP_NS_TEXT,
    DB_AS_TIMESTAMP_US_ISO, /* "2020-01-31T10:00:00.123456" in db_options.time_zone; years beyond 9999 have a + */
    DB_AS_TIMESTAMP_NS_ISO,
};

/* What infinite timestamps and dates become: Java's driver has them so in milliseconds, and the text forms follow. */
#define DB_INFINITY_MS    INT64_C(9223372036825200000)
#define DB_NINFINITY_MS   INT64_C(-9223372036832400000)
#define DB_INFINITY       INT64_MAX /* in micro- and nanoseconds */
#define DB_NINFINITY      INT64_MIN
#define DB_INFINITY_ISO   "+292278994-08-16T23:00:00." /* and the fraction's zeros */
#define DB_NINFINITY_ISO  "+292275056-05-16T23:00:00."
#define DB_DATE_INFINITY  INT32_MAX
#define DB_DATE_NINFINITY INT32_MIN

enum db_isolation {
    DB_ISOLATION_DEFAULT,
    DB_ISOLATION_READ_UNCOMMITTED,
    DB_ISOLATION_READ_COMMITTED,
    DB_ISOLATION_REPEATABLE_READ,
    DB_ISOLATION_SERIALIZABLE,
};

struct db_options {
    struct str url;               /* "jdbc:postgresql://host:port/db?user=u", also without "jdbc:" */
    struct str user, password;    /* for what the URL does not say; STR_NULL: none */
    struct str time_zone;         /* of zone-less dates and times: an IANA name or +hh:mm; STR_NULL: UTC */
    struct str application;       /* shown in the database's list of sessions */
    enum db_isolation isolation;  /* of the transaction that a query runs in */
    bool legacy_calendar;         /* dates before 1582-10-15 become days as java.util.GregorianCalendar counts them */
    int64_t connect_timeout_ms;   /* per host; 0: DB_CONNECT_TIMEOUT_MS */
    int64_t statement_timeout_ms; /* 0: the server's own */
    const struct wake *stop;      /* ends waiting for the database; may be NULL */
};

enum { DB_CONNECT_TIMEOUT_MS = 10000 };

struct db;        /* a connection; used by one thread at a time */
struct db_cursor; /* a running query */

/* ERROR_CONNECTION, _AUTH, _CONFIG, _STOPPED; the text names host, port, database and user. Options are copied. */
int db_open(const struct db_options *options, struct db **ret, struct error *err);
void db_close(struct db *db);      /* NULL is fine */
bool db_url_known(struct str url); /* some driver takes it */
/* Adds what is wrong or without effect in the URL as findings of the property `name`; no connection is made. */
void db_check_url(struct str url, struct str name, struct findings *findings);
void db_url_schemes(struct buf *out);     /* "jdbc:postgresql:, postgresql:" for an error text */
const char *db_name(const struct db *db); /* the driver's: "postgresql" */

/* A table, by its parts. */
struct db_table {
    struct str catalog, schema, name; /* catalog and schema may be STR_NULL */
    struct str type;                  /* as JDBC names it: "TABLE", "VIEW", ... */
};

/* Every table and view, ordered by type, schema and name. Text is in the arena. */
int db_tables(struct db *db, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err);
/* ERROR_NOT_FOUND when there is no such table. */
int db_table_columns(struct db *db, const struct db_table *t, struct arena *arena, struct db_column **ret,
                     size_t *ret_n, struct error *err);

/* Values inside SQL text: appended as literals that the database reads back exactly. */
enum db_literal_type { DB_LITERAL_INT, DB_LITERAL_TEXT, DB_LITERAL_TIMESTAMP };
struct db_literal {
    enum db_literal_type type;
    int64_t i;       /* INT; TIMESTAMP: seconds since 1970 UTC, for columns in the connection's time_zone */
    int32_t nanos;   /* TIMESTAMP: of the second, 0 to 999,999,999; cut to what the database can hold */
    struct str text; /* TEXT */
};
int db_write_literal(struct db *db, const struct db_literal *literal, struct buf *out, struct error *err);
void db_write_identifier(const struct db *db, struct str name, struct buf *out); /* in the database's quotes */

/* Opens a streaming cursor over a SELECT. One cursor at a time per connection. It runs in a transaction of its own, so
 * the columns cannot change under it. ERROR_CONFIG for SQL that the database refuses, with its message. */
int db_query(struct db *db, struct str sql, struct db_cursor **ret, struct error *err);
size_t db_cursor_columns(const struct db_cursor *c, const struct db_column **ret); /* valid until close */
int db_cursor_bind(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale,
                   struct error *err); /* before the first row; a column never bound is DB_AS_SKIP */

/* The next row into values[0..bound columns), in order of columns: strings and bytes in `arena`. *ret_row false at the
 * end. An error names column and value. */
int db_cursor_next(struct db_cursor *c, struct arena *arena, struct value *values, bool *ret_row, struct error *err);

/* One column of the row that db_cursor_next gave last, in another representation; its arena must not have been reset.
 */
int db_cursor_value(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct arena *arena,
                    struct value *ret, struct error *err);
/* The same of the row that db_cursor_next will give; *ret_row false when there is none. The row is kept for next. */
int db_cursor_peek(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale, struct arena *arena,
                   struct value *ret, bool *ret_row, struct error *err);
/* True when db_cursor_next failed with ERROR_DATA because the column's type is too narrow for a value that the database
 * allows in it (SQLite's any value, MySQL's bigint unsigned above 2^63), and the connection has taken note: the same
 * query, run again on it from the last row on, describes the column so that the value fits. */
bool db_cursor_widened(const struct db_cursor *c);
void db_cursor_close(struct db_cursor *c); /* cancels what is still running; NULL is fine */

/* Statements without result. */
int db_execute(struct db *db, struct str sql, struct error *err);

/* The database's clock, ns since 1970 UTC. */
int db_now(struct db *db, int64_t *ret_ns, struct error *err);

/* What a driver implements. Shape of a driver's own structs is its business; the functions are those above. */
struct db_driver {
    const char *name;           /* "postgresql" */
    const char *const *schemes; /* NULL-terminated: "jdbc:postgresql:", "postgresql:" */
    char quote;                 /* of identifiers: '"' or '`' */
    void (*check_url)(struct str, struct str, struct findings *);
    int (*open)(const struct db_options *, struct db **, struct error *);
    void (*close)(struct db *);
    int (*tables)(struct db *, struct arena *, struct db_table **, size_t *, struct error *);
    int (*table_columns)(struct db *, const struct db_table *, struct arena *, struct db_column **, size_t *,
                         struct error *);
    int (*write_literal)(struct db *, const struct db_literal *, struct buf *, struct error *);
    int (*query)(struct db *, struct str, struct db_cursor **, struct error *);
    int (*execute)(struct db *, struct str, struct error *);
    int (*now)(struct db *, int64_t *, struct error *);
    size_t (*cursor_columns)(const struct db_cursor *, const struct db_column **);
    int (*cursor_bind)(struct db_cursor *, size_t, enum db_rep, int32_t, struct error *);
    int (*cursor_next)(struct db_cursor *, struct arena *, struct value *, bool *, struct error *);
    int (*cursor_value)(struct db_cursor *, size_t, enum db_rep, int32_t, struct arena *, struct value *,
                        struct error *);
    int (*cursor_peek)(struct db_cursor *, size_t, enum db_rep, int32_t, struct arena *, struct value *, bool *,
                       struct error *);
    bool (*cursor_widened)(const struct db_cursor *); /* NULL: never */
    void (*cursor_close)(struct db_cursor *);
};

/* First member of a driver's own connection and cursor. */
struct db {
    const struct db_driver *driver;
};
struct db_cursor {
    const struct db_driver *driver;
};

extern const struct db_driver *const db_drivers[]; /* NULL-terminated; db/drivers.c */

#endif
