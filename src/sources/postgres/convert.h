/*
 * Column values: the server's text form to what Debezium makes of it. No I/O. How a column is converted is chosen once
 * per version of a table (types.h) and kept in a struct pgc_conv.
 *
 * Text is expected as a session with the settings of conn.c writes it: ISO dates in UTC, intervals in style postgres,
 * bytea in hex, money in locale C.
 */
#ifndef SOURCES_POSTGRES_CONVERT_H
#define SOURCES_POSTGRES_CONVERT_H

#include "data/schema.h"

enum pgc_op {
    PGC_OMITTED, /* the column is not part of events */
    PGC_INT16,
    PGC_INT32,
    PGC_INT64,
    PGC_FLOAT32,
    PGC_FLOAT64,
    PGC_BOOLEAN,
    PGC_TEXT,
    PGC_BYTEA,
    PGC_TEXT_BYTES, /* a type that is not known: its text as bytes */
    PGC_BIT,        /* one bit: boolean */
    PGC_BITS,
    PGC_DECIMAL, /* .scale */
    PGC_DECIMAL_VARIABLE,
    PGC_DECIMAL_TEXT,
    PGC_DECIMAL_DOUBLE,
    PGC_MONEY,
    PGC_DATE,
    PGC_TIME_MS,
    PGC_TIME_US,
    PGC_TIMETZ,
    PGC_TIMESTAMP_MS,
    PGC_TIMESTAMP_US,
    PGC_TIMESTAMPTZ,
    PGC_INTERVAL_US,
    PGC_INTERVAL_TEXT,
    PGC_HSTORE_JSON,
    PGC_HSTORE_MAP,
    PGC_POINT,
    PGC_GEOMETRY,
    PGC_ARRAY, /* .element */
};

struct pgc_conv {
    uint8_t op; /* enum pgc_op */
    int32_t scale;
    const struct pgc_conv *element;
};

enum { PGC_MAX_ELEMENTS = 16 * 1024 * 1024, PGC_MAX_ARRAY_DEPTH = 6 /* MAXDIM */ };

/* `text` may be written to (it is unescaped in place) and stays referred to. *ret may be null where Debezium gives up
 * on a value (NaN in a precise decimal, an empty bit string). ERROR_DATA quotes what was not understood. */
int pgc_convert(const struct pgc_conv *c, char *text, size_t len, struct arena *arena, struct value *ret,
                struct error *err);

/* What stands in for a null of a column that must not be null: it was not sent, as with a replica identity that has
 * only the key. */
struct value pgc_fallback(const struct pgc_conv *c, struct arena *arena);

#endif
