/*
 * SQLite, in this process, read only. `jdbc:sqlite:/path/file.db?property=value`, as xerial's sqlite-jdbc writes it.
 *
 * Types. A column's declared type gives its JDBC type as that driver has it, with the first row's values to help where
 * the declaration says nothing. SQLite lets any value into any column; one that does not fit widens its column (see
 * db_cursor_widened): INTEGER to BIGINT, a number with a fraction to DOUBLE or to a decimal without fixed scale, text
 * among numbers to VARCHAR, bytes that are no text to BLOB.
 *
 * Times are stored as milliseconds since 1970 (or seconds: date_precision), as text, or as Julian days, and comparing
 * one form with another is meaningless in SQL. What form a table uses is read from its rows; date_class fixes it.
 */
#ifndef DB_SQLITE_SQLITE_H
#define DB_SQLITE_SQLITE_H

#include "base/vec.h"
#include "db/common/rows.h"
#include "db/db.h"

#include <sqlite3.h>

enum {
    SQLITE_URL_MAX = 8192,
    SQLITE_BUSY_MS = 10000,        /* waiting for a writer, unless the URL's busy_timeout says */
    SQLITE_PROGRESS_STEPS = 50000, /* of the virtual machine, between two looks at `stop` */
    SQLITE_SAMPLE_ROWS = 1000      /* looked at for the form of times */
};

enum sqlite_form { SQLITE_FORM_UNKNOWN, SQLITE_FORM_INTEGER, SQLITE_FORM_REAL, SQLITE_FORM_TEXT };

struct sqlite_times {
    enum sqlite_form form;
    char separator; /* TEXT: between date and time */
    int digits;     /* TEXT: of the fraction, at least */
    bool in_seconds;
};

struct sqlite_url {
    struct str file; /* NUL-terminated; a file: URI or a path */
    bool is_uri;
    struct sqlite_times times; /* form UNKNOWN: not said */
    int64_t busy_ms;
};

/* Ordered: a column only ever becomes wider. */
enum sqlite_width {
    SQLITE_FITS,
    SQLITE_AS_BIGINT,
    SQLITE_AS_DOUBLE,
    SQLITE_AS_DECIMAL,
    SQLITE_AS_TEXT,
    SQLITE_AS_BLOB
};

struct sqlite_wide {
    struct str column; /* "table.column" */
    enum sqlite_width width;
};

/* A column of times whose form is still to be found. */
struct sqlite_unsampled {
    struct str table, column;
};

struct sqlite_db {
    struct db base;
    sqlite3 *handle;
    struct wake never; /* stands in for a missing stop */
    const struct wake *stop;
    struct arena arena; /* lives as long as the connection */
    struct str place;   /* `SQLite file /path/file.db` */
    struct zone *zone;
    bool legacy_calendar, busy, times_fixed;
    int64_t busy_ms, busy_since;
    struct sqlite_times times;
    VEC(struct sqlite_wide) wide;
    VEC(struct sqlite_unsampled) unsampled;
};

extern const struct db_driver sqlite_driver;

/* url.c: findings NULL: not wanted. ERROR_CONFIG */
int sqlite_url_parse(struct str url, struct arena *arena, struct sqlite_url *ret, struct str name,
                     struct findings *findings, struct error *err);

/* types.c */
/* What a declaration says ("VARCHAR(20)"; NULL: an expression); `cls` is SQLite's class of a value (SQLITE_INTEGER...
 * SQLITE_NULL) for declarations that say nothing. Fills type, type_name, precision, scale. */
void sqlite_declared_type(struct str declared, int cls, struct arena *arena, struct db_column *ret);
enum sqlite_width sqlite_width_for(const struct db_column *column, const struct db_cell *cell);
void sqlite_widen(struct db_column *column, enum sqlite_width width);
/* A value of a column of this type. Text and bytes are SQLite's, good until the next step. */
struct db_cell sqlite_cell(sqlite3_value *value, enum db_type type, const struct sqlite_times *times);
/* True when the value tells the form of times. */
bool sqlite_times_of(sqlite3_value *value, struct sqlite_times *ret);

/* conn.c */
int sqlite_open(const struct db_options *options, struct db **ret, struct error *err);
void sqlite_close(struct db *db);
void sqlite_check_url(struct str url, struct str name, struct findings *findings);
int sqlite_error(const struct sqlite_db *db, int result, struct error *err);
int sqlite_run(struct sqlite_db *db, const char *sql, struct error *err);
int sqlite_execute(struct db *db, struct str sql, struct error *err);

/* catalog.c */
int sqlite_tables(struct db *db, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err);
int sqlite_table_columns(struct db *db, const struct db_table *t, struct arena *arena, struct db_column **ret,
                         size_t *ret_n, struct error *err);
/* Looks for the form of times in the columns noted in db->unsampled. */
void sqlite_sample_times(struct sqlite_db *db);

/* literal.c */
int sqlite_write_literal(struct db *db, const struct db_literal *literal, struct buf *out, struct error *err);
int sqlite_now(struct db *db, int64_t *ret_ns, struct error *err);

/* cursor.c */
int sqlite_query(struct db *db, struct str sql, struct db_cursor **ret, struct error *err);
void sqlite_cursor_close(struct db_cursor *c);

#endif
