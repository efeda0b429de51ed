/*
 * One field of a row as a database's library hands it out, and how it becomes a value. Drivers whose libraries give
 * numbers, text and broken-down times (SQLite, libmariadb, ODBC) fill cells; what a cell becomes is decided here once
 * for all of them.
 */
#ifndef DB_COMMON_CELL_H
#define DB_COMMON_CELL_H

#include "db/common/calendar.h"
#include "db/common/zone.h"
#include "db/db.h"

enum db_cell_kind {
    CELL_NULL,
    CELL_INT,
    CELL_UINT,
    CELL_DOUBLE,
    CELL_FLOAT, /* a double of which only a float's digits mean something */
    CELL_TEXT,
    CELL_BYTES,
    CELL_MOMENT, /* seconds in i, nanoseconds in len */
    CELL_TIME,   /* nanoseconds of the day in i; beyond a day, or negative, where the database has that */
    CELL_ZERO,   /* a zero date of MySQL's */
};

struct db_cell {
    uint8_t kind;
    bool utc;     /* MOMENT: not by the wall clock of the connection's zone */
    uint32_t len; /* TEXT, BYTES: bytes; MOMENT: nanoseconds of the second */
    union {
        int64_t i;
        uint64_t u;
        double f;
        const char *ptr;
    };
};
static_assert(sizeof(struct db_cell) == 16, "a cell is as small as a value");

/* What a column's cells become. */
struct db_binding {
    enum db_rep rep;
    int32_t scale;
    bool legacy;     /* db_options.legacy_calendar */
    bool exact;      /* a fraction is not cut to make an integer: it does not fit */
    bool check_utf8; /* the database does not promise that text is UTF-8 */
    bool text_utc;   /* times without a zone of their own are UTC */
    struct zone *zone;
    struct buf *scratch; /* for texts on the way, so that none is allocated per value; may be NULL */
    struct str name;     /* of the column, for errors */
};

/* Strings and bytes made of TEXT and BYTES stay where they are; others are made in the arena. ERROR_DATA when the cell
 * does not fit the binding's rep. */
int cell_value(const struct db_binding *b, const struct db_cell *cell, struct arena *arena, struct value *ret,
               struct error *err);

static inline struct db_cell cell_text(const void *ptr, size_t len)
{
    return (struct db_cell){.kind = CELL_TEXT, .len = (uint32_t)len, .ptr = ptr};
}

static inline struct db_cell cell_bytes(const void *ptr, size_t len)
{
    return (struct db_cell){.kind = CELL_BYTES, .len = (uint32_t)len, .ptr = ptr};
}

static inline struct db_cell cell_int(int64_t i)
{
    return (struct db_cell){.kind = CELL_INT, .i = i};
}

static inline struct db_cell cell_moment(int64_t seconds, int32_t nanos, bool utc)
{
    return (struct db_cell){.kind = CELL_MOMENT, .utc = utc, .len = (uint32_t)nanos, .i = seconds};
}

#endif
