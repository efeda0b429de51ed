/*
 * PostgreSQL's binary formats to values: the rows of `COPY ... TO STDOUT (FORMAT binary)` and the types' own binary
 * forms (the *_send functions of the server). No I/O; whatever the bytes are, nothing outside them is read.
 *
 *   stream   signature "PGCOPY\n\377\r\n\0", int32 flags, int32 length of an extension, the extension, rows, int16 -1
 *   row      int16 number of fields, then a field after the other: int32 length (-1: null), bytes
 *   numbers  big-endian
 *
 * https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.4 describes stream and row.
 */
#ifndef DB_POSTGRES_DECODE_H
#define DB_POSTGRES_DECODE_H

#include "db/db.h"

/* pg_type's oids of the types that we read. */
enum pg_oid {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_CHAR = 18,
    PG_NAME = 19,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_OID = 26,
    PG_JSON = 114,
    PG_XML = 142,
    PG_FLOAT4 = 700,
    PG_FLOAT8 = 701,
    PG_UNKNOWN = 705,
    PG_MONEY = 790,
    PG_BPCHAR = 1042,
    PG_VARCHAR = 1043,
    PG_DATE = 1082,
    PG_TIME = 1083,
    PG_TIMESTAMP = 1114,
    PG_TIMESTAMPTZ = 1184,
    PG_INTERVAL = 1186,
    PG_TIMETZ = 1266,
    PG_BIT = 1560,
    PG_VARBIT = 1562,
    PG_NUMERIC = 1700,
    PG_UUID = 2950,
    PG_JSONB = 3802,
};

enum {
    PG_MAX_COLUMNS = 1664,             /* MaxTupleAttributeNumber */
    PG_MAX_ROW = 1024 * 1024 * 1024,   /* what the server can put into one message */
    PG_MAX_NUMERIC_DIGITS = 32768 + 4, /* base 10000: 131072 digits before the point and 16383 after */
};

/* How a field's bytes become a value; chosen once per column by pg_decoder_for. */
enum pg_op {
    PG_OP_SKIP,
    PG_OP_INT2,
    PG_OP_INT4,
    PG_OP_INT8,
    PG_OP_OID,
    PG_OP_FLOAT4,
    PG_OP_FLOAT8,
    PG_OP_BOOL,
    PG_OP_TEXT,
    PG_OP_TEXT_CHECKED, /* the server does not know the encoding: is it UTF-8? */
    PG_OP_CHAR,
    PG_OP_JSONB,
    PG_OP_UUID,
    PG_OP_BYTES,
    PG_OP_BIT_BOOL,
    PG_OP_BIT_INT,
    PG_OP_NUMERIC_INT,
    PG_OP_NUMERIC_DOUBLE,
    PG_OP_NUMERIC_DECIMAL,
    PG_OP_DATE,
    PG_OP_TIME,
    PG_OP_TIMETZ,
    PG_OP_TIMESTAMP_MS,
    PG_OP_TIMESTAMP_US,
    PG_OP_TIMESTAMP_NS,
    PG_OP_TIMESTAMP_US_TEXT,
    PG_OP_TIMESTAMP_NS_TEXT,
    PG_OP_TIMESTAMP_US_ISO,
    PG_OP_TIMESTAMP_NS_ISO,
};

struct pg_decoder {
    uint8_t op;      /* enum pg_op */
    uint8_t type;    /* enum value_type of the integers */
    int32_t scale;   /* NUMERIC_DECIMAL */
    int64_t adjust;  /* TIME: microseconds to add to get UTC; TIMESTAMP: the same, for times before 1900 */
    bool legacy;     /* DATE, TIMESTAMP: db_options.legacy_calendar */
    struct str name; /* of the column, for errors */
};

/* True and *ret filled (but for name, adjust and legacy) when the binary form of `oid` can be read as `rep`. When not,
 * the caller asks the server for another type: pg_cast_for. */
bool pg_decoder_for(uint32_t oid, enum db_rep rep, int32_t scale, bool check_utf8, struct pg_decoder *ret);
/* The type to ask for, as it stands after `::`; *ret_oid is what comes then. */
const char *pg_cast_for(uint32_t oid, enum db_rep rep, uint32_t *ret_oid);

/* One field. `bytes` stay referred to by strings and bytes in *ret. */
int pg_decode_field(const struct pg_decoder *d, const uint8_t *bytes, size_t len, struct arena *arena,
                    struct value *ret, struct error *err);

/* A row of exactly n fields into values[], one for each decoder that is not SKIP. *ret_len: the bytes it took. */
int pg_decode_row(const struct pg_decoder *decoders, size_t n, const uint8_t *row, size_t len, struct arena *arena,
                  struct value *values, size_t *ret_len, struct error *err);

/* Length of the row (or of the end mark) at `row`; 0 when `len` bytes do not hold it whole, -1 when it is none. */
int64_t pg_row_length(const uint8_t *row, size_t len);
bool pg_row_is_end(const uint8_t *row, size_t len); /* the int16 -1 that ends a stream */
/* Field number `field` of a row: false when it is null. Errors as pg_decode_row. */
int pg_row_field(const uint8_t *row, size_t len, size_t field, const uint8_t **ret, size_t *ret_len, bool *ret_null,
                 struct error *err);
/* Length of the stream's header at `bytes`; 0: not whole yet, -1: it is none. */
int64_t pg_header_length(const uint8_t *bytes, size_t len);

/* numeric_send's form (numeric.c). */
int pg_numeric_to_int(const uint8_t *bytes, size_t len, int64_t *ret, struct error *err); /* cut to an integer */
int pg_numeric_to_double(const uint8_t *bytes, size_t len, double *ret, struct error *err);
int pg_numeric_to_decimal(const uint8_t *bytes, size_t len, int32_t scale, struct arena *arena, struct str *ret,
                          struct error *err);
/* As the server prints it: "-12.50", "NaN", "Infinity". */
int pg_numeric_to_text(const uint8_t *bytes, size_t len, struct buf *out, struct error *err);

/* Days since 1970 in the proleptic Gregorian calendar to what Java's hybrid one counts for the same date. */
int64_t pg_legacy_days(int64_t days);

/* Days since 1970 to a date of the proleptic Gregorian calendar; year 0 is 1 BC. */
struct pg_date {
    int64_t year;
    int month, day;
};
struct pg_date pg_civil(int64_t days);

static inline uint16_t pg_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t pg_u32(const uint8_t *p)
{
    uint32_t v;
    __builtin_memcpy(&v, p, sizeof v);
    return __builtin_bswap32(v);
}

static inline uint64_t pg_u64(const uint8_t *p)
{
    uint64_t v;
    __builtin_memcpy(&v, p, sizeof v);
    return __builtin_bswap64(v);
}

#endif
