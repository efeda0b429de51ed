/*
 * One typed row cursor over many databases. A driver (db/postgres, later mysql, sqlite, odbc) is a `const struct
 * db_driver`, found by the scheme of a URL; nothing above knows which one it has.
 *
 * Results stream: a cursor never holds more than a window of rows, whatever the table's size. Each column is fetched in
 * the representation that the caller asks for (db_cursor_bind); the driver compiles a decoder per column once, and
 * decoding a row compares no type name and allocates nothing outside the batch's arena.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/arena.h"
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
    uint64_t native; /* the driver's own type id, e.g. a PostgreSQL oid */
};

/* What a column's values become. */
enum db_rep {
    DB_AS_SKIP, /* VALUE_NULL, not decoded */
    DB_AS_INT8,
    DB_AS_INT16,
    DB_AS_INT32,
    DB_AS_INT64,
    DB_AS_FLOAT32,
    DB_AS_FLOAT64,
    DB_AS_BOOLEAN,
    DB_AS_STRING, /* UTF-8 text as the database prints it */
    DB_AS_BYTES,
    DB_AS_DECIMAL, /* unscaled bytes with the scale given to bind */
    DB_AS_DATE,    /* INT32 days */
    DB_AS_TIME,    /* INT32 ms of the day */
    DB_AS_TIMESTAMP_MS,
    DB_AS_TIMESTAMP_US,
    DB_AS_TIMESTAMP_NS, /* INT64 since 1970-01-01 UTC; zone-less columns in db_options.time_zone */
};

struct db_options {
    struct str url;            /* "jdbc:postgresql://host:port/db?user=u", also without "jdbc:" */
    struct str user, password; /* on top of the URL; STR_NULL: none */
    struct str time_zone;      /* of zone-less dates and times: an IANA name; STR_NULL: UTC */
    struct str application;    /* shown in the database's list of sessions */
    int64_t connect_timeout_ms;
    const struct wake *stop; /* ends waiting for the database; may be NULL */
};

struct db;        /* a connection */
struct db_cursor; /* a running query */

int db_open(const struct db_options *options, struct db **ret,
            struct error *err);    /* ERROR_CONNECTION, _AUTH, _CONFIG */
void db_close(struct db *db);      /* NULL is fine */
bool db_url_known(struct str url); /* some driver takes it */

/* A table, by its parts. */
struct db_table {
    struct str catalog, schema, name; /* catalog and schema may be STR_NULL */
    struct str type;                  /* "TABLE", "VIEW", ... */
};
int db_tables(struct db *db, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err);
int db_table_columns(struct db *db, const struct db_table *t, struct arena *arena, struct db_column **ret,
                     size_t *ret_n, struct error *err);

/* Parameters of a query: typed, put in safely by the driver. */
enum db_param_type { DB_PARAM_NULL, DB_PARAM_INT, DB_PARAM_TEXT, DB_PARAM_DECIMAL, DB_PARAM_TIMESTAMP_NS };
struct db_param {
    enum db_param_type type;
    int64_t i;       /* INT; TIMESTAMP_NS: since 1970 UTC, in the connection's time_zone */
    struct str text; /* TEXT; DECIMAL: digits */
};

/* Runs `sql` with `?` placeholders (never inside quotes or comments) and opens a streaming cursor. One cursor at a
 * time per connection. Columns are known afterwards, before the first row. */
int db_query(struct db *db, struct str sql, const struct db_param *params, size_t n, struct db_cursor **ret,
             struct error *err);
size_t db_cursor_columns(const struct db_cursor *c, const struct db_column **ret); /* valid until close */
int db_cursor_bind(struct db_cursor *c, size_t column, enum db_rep rep, int32_t scale,
                   struct error *err); /* before the first row */

/* The next row into values[0..columns): strings and bytes in `arena`. *ret_row false at the end. ERROR_STOPPED when
 * db_options.stop was raised while waiting for the server. An error names column and value. */
int db_cursor_next(struct db_cursor *c, struct arena *arena, struct value *values, bool *ret_row, struct error *err);
void db_cursor_close(struct db_cursor *c); /* cancels what is still running; NULL is fine */

/* Statements without result. */
int db_execute(struct db *db, struct str sql, struct error *err);

/* The database's clock, ns since 1970 UTC. */
int db_now(struct db *db, int64_t *ret_ns, struct error *err);

/* Appends the identifier in the database's quotes. */
void db_quote_identifier(const struct db *db, struct str name, struct buf *out);

/* What a driver implements. Shape of a driver's own structs is its business. */
struct db_driver {
    const char *name;           /* "postgresql" */
    const char *const *schemes; /* NULL-terminated: "jdbc:postgresql:", "postgresql:" */
    int (*open)(const struct db_options *, struct db **, struct error *);
    void (*close)(struct db *);
    int (*tables)(struct db *, struct arena *, struct db_table **, size_t *, struct error *);
    int (*table_columns)(struct db *, const struct db_table *, struct arena *, struct db_column **, size_t *,
                         struct error *);
    int (*query)(struct db *, struct str, const struct db_param *, size_t, struct db_cursor **, struct error *);
    int (*execute)(struct db *, struct str, struct error *);
    int (*now)(struct db *, int64_t *, struct error *);
    size_t (*cursor_columns)(const struct db_cursor *, const struct db_column **);
    int (*cursor_bind)(struct db_cursor *, size_t, enum db_rep, int32_t, struct error *);
    int (*cursor_next)(struct db_cursor *, struct arena *, struct value *, bool *, struct error *);
    void (*cursor_close)(struct db_cursor *);
    char quote; /* '"' or '`' */
    const char *default_schema;
};

struct db {
    const struct db_driver *driver;
}; /* first member of a driver's own connection */
struct db_cursor {
    const struct db_driver *driver;
    struct db *db;
};

#endif
