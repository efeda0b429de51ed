#include "db/postgres/decode.h"

#include <stdio.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "pg_u32 and pg_u64 are written for little-endian machines"
#endif

enum {
    PG_EPOCH_DAYS = 10957,    /* 2000-01-01 since 1970-01-01 */
    GREGORIAN_START = -141427 /* 1582-10-15 */
};
#define US_PER_DAY  INT64_C(86400000000)
#define PG_EPOCH_US (PG_EPOCH_DAYS * US_PER_DAY)
/* A little less than what fits, so that sums cannot overflow: to the year 293,504. */
#define TIMESTAMP_LIMIT_US INT64_C(9200000000000000000)

bool pg_decoder_for(uint32_t oid, enum db_rep rep, int32_t scale, bool check_utf8, struct pg_decoder *ret)
{
    struct pg_decoder d = {.scale = scale};
    bool is_int = rep >= DB_AS_INT8 && rep <= DB_AS_INT64;
    if (is_int)
        d.type = (uint8_t)(VALUE_INT8 + (rep - DB_AS_INT8));
    uint8_t text_op = check_utf8 ? PG_OP_TEXT_CHECKED : PG_OP_TEXT;
    bool is_timestamp = rep >= DB_AS_TIMESTAMP_MS && rep <= DB_AS_TIMESTAMP_NS_ISO;

    switch (rep == DB_AS_SKIP ? 0 : oid) {
    case 0:
        d.op = PG_OP_SKIP;
        break;
    case PG_INT2:
        d.op = is_int ? PG_OP_INT2 : 0;
        break;
    case PG_INT4:
        d.op = is_int ? PG_OP_INT4 : 0;
        break;
    case PG_INT8:
        d.op = is_int ? PG_OP_INT8 : 0;
        break;
    case PG_OID:
        d.op = is_int ? PG_OP_OID : 0;
        break;
    case PG_FLOAT4:
        d.op = rep == DB_AS_FLOAT32 ? PG_OP_FLOAT4 : 0;
        break;
    case PG_FLOAT8:
        d.op = rep == DB_AS_FLOAT64 ? PG_OP_FLOAT8 : 0;
        break;
    case PG_BOOL:
        d.op = rep == DB_AS_BOOLEAN ? PG_OP_BOOL : 0;
        break;
    case PG_TEXT:
    case PG_VARCHAR:
    case PG_BPCHAR:
    case PG_NAME:
    case PG_JSON:
    case PG_XML:
    case PG_UNKNOWN:
        d.op = rep == DB_AS_STRING ? text_op : rep == DB_AS_BYTES ? PG_OP_BYTES : 0;
        break;
    case PG_CHAR:
        d.op = rep == DB_AS_STRING ? PG_OP_CHAR : 0;
        break;
    case PG_JSONB:
        d.op = rep == DB_AS_STRING ? PG_OP_JSONB : 0;
        break;
    case PG_UUID:
        d.op = rep == DB_AS_STRING ? PG_OP_UUID : 0;
        break;
    case PG_BYTEA:
        d.op = rep == DB_AS_BYTES ? PG_OP_BYTES : 0;
        break;
    case PG_BIT:
    case PG_VARBIT:
        d.op = rep == DB_AS_BOOLEAN ? PG_OP_BIT_BOOL : is_int ? PG_OP_BIT_INT : 0;
        break;
    case PG_NUMERIC:
        d.op = is_int                 ? PG_OP_NUMERIC_INT
               : rep == DB_AS_FLOAT64 ? PG_OP_NUMERIC_DOUBLE
               : rep == DB_AS_DECIMAL ? PG_OP_NUMERIC_DECIMAL
                                      : 0;
        break;
    case PG_DATE:
        d.op = rep == DB_AS_DATE ? PG_OP_DATE : 0;
        break;
    case PG_TIME:
        d.op = rep == DB_AS_TIME ? PG_OP_TIME : 0;
        break;
    case PG_TIMETZ:
        d.op = rep == DB_AS_TIME ? PG_OP_TIMETZ : 0;
        break;
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ:
        d.op = is_timestamp ? (uint8_t)(PG_OP_TIMESTAMP_MS + (rep - DB_AS_TIMESTAMP_MS)) : 0;
        break;
    default:
        break;
    }
    if (d.op == PG_OP_SKIP && rep != DB_AS_SKIP)
        return false;
    *ret = d;
    return true;
}

const char *pg_cast_for(uint32_t oid, enum db_rep rep, uint32_t *ret_oid)
{
    switch (rep) {
    case DB_AS_INT8:
    case DB_AS_INT16:
    case DB_AS_INT32:
    case DB_AS_INT64:
        *ret_oid = PG_NUMERIC;
        return oid == PG_BOOL ? "pg_catalog.int4::pg_catalog.numeric" : "pg_catalog.numeric";
    case DB_AS_FLOAT32:
        *ret_oid = PG_FLOAT4;
        return "pg_catalog.float4";
    case DB_AS_FLOAT64:
        *ret_oid = PG_FLOAT8;
        return oid == PG_MONEY ? "pg_catalog.numeric::pg_catalog.float8" : "pg_catalog.float8";
    case DB_AS_BOOLEAN:
        *ret_oid = PG_BOOL;
        return "pg_catalog.bool";
    case DB_AS_BYTES: /* JDBC's getBytes: the text's bytes */
        *ret_oid = PG_TEXT;
        return "pg_catalog.text";
    case DB_AS_DECIMAL:
        *ret_oid = PG_NUMERIC;
        return "pg_catalog.numeric";
    case DB_AS_DATE:
        *ret_oid = PG_DATE;
        return "pg_catalog.date";
    case DB_AS_TIME:
        *ret_oid = PG_TIME;
        return "pg_catalog.time";
    case DB_AS_TIMESTAMP_MS:
    case DB_AS_TIMESTAMP_US:
    case DB_AS_TIMESTAMP_NS:
    case DB_AS_TIMESTAMP_US_TEXT:
    case DB_AS_TIMESTAMP_NS_TEXT:
    case DB_AS_TIMESTAMP_US_ISO:
    case DB_AS_TIMESTAMP_NS_ISO:
        *ret_oid = PG_TIMESTAMPTZ;
        return "pg_catalog.timestamptz";
    default:
        *ret_oid = PG_TEXT;
        return "pg_catalog.text";
    }
}

static int wrong_length(const struct pg_decoder *d, size_t len, struct error *err)
{
    return error_set(err, ERROR_DATA, "column \"" STR_FMT "\": a value of %zu bytes does not have its type's length",
                     STR_ARG(d->name), len);
}

static int named(const struct pg_decoder *d, int code, struct error *err)
{
    error_context(err, "column \"" STR_FMT "\"", STR_ARG(d->name));
    return code;
}

static int out_of_range(const struct pg_decoder *d, int64_t v, struct error *err)
{
    return error_set(err, ERROR_DATA, "column \"" STR_FMT "\": the value %lld is out of the range of %s%s",
                     STR_ARG(d->name), (long long)v, value_type_name(d->type),
                     d->op == PG_OP_NUMERIC_INT ? "; set numeric.mapping=none, or declare the column numeric(p,s)"
                                                : "");
}

static inline bool fits(uint8_t type, int64_t v)
{
    switch (type) {
    case VALUE_INT8:
        return v == (int8_t)v;
    case VALUE_INT16:
        return v == (int16_t)v;
    case VALUE_INT32:
        return v == (int32_t)v;
    default:
        return true;
    }
}

static inline int integer(const struct pg_decoder *d, int64_t v, struct value *ret, struct error *err)
{
    if (!fits(d->type, v))
        return out_of_range(d, v, err);
    *ret = value_int(d->type, v);
    return 0;
}

static int decode_uuid(const uint8_t *p, struct arena *arena, struct value *ret)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc(arena, 36);
    char *q = text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *q++ = '-';
        *q++ = digits[p[i] >> 4];
        *q++ = digits[p[i] & 15];
    }
    *ret = value_str(str_of(text, 36));
    return 0;
}

static int decode_checked_text(const struct pg_decoder *d, const uint8_t *p, size_t len, struct value *ret,
                               struct error *err)
{
    struct str text = str_of(p, len);
    if (str_is_utf8(text)) {
        *ret = value_str(text);
        return 0;
    }
    return error_set(err, ERROR_DATA,
                     "column \"" STR_FMT
                     "\": the text is not UTF-8, and the database's encoding SQL_ASCII does not say "
                     "what it is; select convert_from(\"" STR_FMT "\"::bytea, 'LATIN1') (or what it is) in `query`",
                     STR_ARG(d->name), STR_ARG(d->name));
}

/* bit(n): int32 number of bits, then the bits, first one highest. */
static int decode_bits(const struct pg_decoder *d, const uint8_t *p, size_t len, struct value *ret, struct error *err)
{
    if (len < 4 || pg_u32(p) > (len - 4) * 8)
        return wrong_length(d, len, err);
    uint32_t n = pg_u32(p);
    uint64_t v = 0;
    if (n > 64)
        return error_set(err, ERROR_DATA, "column \"" STR_FMT "\": %u bits do not fit an integer", STR_ARG(d->name), n);
    /* JDBC reads the text as a decimal number: kept for types all of whose values it can read so, up to bit(3) */
    uint64_t base = d->op == PG_OP_BIT_INT && n <= 3 ? 10 : 2;
    for (uint32_t i = 0; i < n; i++)
        v = v * base + (uint64_t)(p[4 + i / 8] >> (7 - i % 8) & 1);
    if (d->op == PG_OP_BIT_BOOL) {
        *ret = value_bool(v != 0);
        return 0;
    }
    /* as many bits as the type has: the pattern is kept, the highest one is the sign */
    switch (d->type) {
    case VALUE_INT8:
        *ret = value_int(VALUE_INT8, (int8_t)v);
        return n <= 8 ? 0 : out_of_range(d, (int64_t)v, err);
    case VALUE_INT16:
        *ret = value_int(VALUE_INT16, (int16_t)v);
        return n <= 16 ? 0 : out_of_range(d, (int64_t)v, err);
    case VALUE_INT32:
        *ret = value_int(VALUE_INT32, (int32_t)v);
        return n <= 32 ? 0 : out_of_range(d, (int64_t)v, err);
    default:
        *ret = value_int64((int64_t)v);
        return 0;
    }
}

static inline int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The parts of a year that starts in March, as the algorithms of Howard Hinnant have them ("chrono-Compatible
 * Low-Level Date Algorithms"): leap days come last, so they disturb nothing. */
struct march_date {
    int64_t year, day_of_year;
};

static struct march_date march_of(int64_t days)
{
    int64_t z = days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    return (struct march_date){
        .year = year_of_era + era * 400,
        .day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100),
    };
}

struct pg_date pg_civil(int64_t days)
{
    struct march_date m = march_of(days);
    int month = (int)((5 * m.day_of_year + 2) / 153);
    int day = (int)(m.day_of_year - (153 * month + 2) / 5 + 1);
    month = month < 10 ? month + 3 : month - 9;
    return (struct pg_date){.year = m.year + (month <= 2), .month = month, .day = day};
}

int64_t pg_legacy_days(int64_t days)
{
    if (days >= GREGORIAN_START)
        return days;
    /* the same date, read as one of the Julian calendar, which has a leap day every four years */
    struct march_date m = march_of(days);
    return m.year * 365 + floor_div(m.year, 4) + m.day_of_year - 719470;
}

static int decode_date(const struct pg_decoder *d, const uint8_t *p, struct value *ret)
{
    int32_t pg = (int32_t)pg_u32(p);
    if (pg == INT32_MAX || pg == INT32_MIN) {
        *ret = value_int32(pg == INT32_MAX ? DB_DATE_INFINITY : DB_DATE_NINFINITY);
        return 0;
    }
    int64_t days = (int64_t)pg + PG_EPOCH_DAYS;
    *ret = value_int32((int32_t)(d->legacy ? pg_legacy_days(days) : days));
    return 0;
}

static int decode_time(const struct pg_decoder *d, int64_t us, struct value *ret)
{
    us = (us + d->adjust) % US_PER_DAY;
    if (us < 0)
        us += US_PER_DAY;
    *ret = value_int32((int32_t)(us / 1000));
    return 0;
}

/* What Java's driver makes of them: times so far away that their milliseconds just fit 64 bits. */
static int infinite_timestamp(const struct pg_decoder *d, bool negative, struct value *ret)
{
    switch ((enum pg_op)d->op) {
    case PG_OP_TIMESTAMP_MS:
        *ret = value_int64(negative ? DB_NINFINITY_MS : DB_INFINITY_MS);
        break;
    case PG_OP_TIMESTAMP_US_TEXT:
        *ret = value_str(negative ? STR("-9223372036854775808") : STR("9223372036854775807"));
        break;
    case PG_OP_TIMESTAMP_NS_TEXT:
        *ret = value_str(negative ? STR("-9223372036832400000000000") : STR("9223372036825200000000000"));
        break;
    case PG_OP_TIMESTAMP_US_ISO:
        *ret = value_str(negative ? STR(DB_NINFINITY_ISO "000000") : STR(DB_INFINITY_ISO "000000"));
        break;
    case PG_OP_TIMESTAMP_NS_ISO:
        *ret = value_str(negative ? STR(DB_NINFINITY_ISO "000000000") : STR(DB_INFINITY_ISO "000000000"));
        break;
    default:
        *ret = value_int64(negative ? DB_NINFINITY : DB_INFINITY);
        break;
    }
    return 0;
}

static int timestamp_number(int64_t us, bool nanos, struct arena *arena, struct value *ret)
{
    enum { ROOM = 32 };
    char *text = arena_alloc(arena, ROOM);
    int n = snprintf(text, ROOM, "%lld%s", (long long)us, nanos && us ? "000" : "");
    *ret = value_str(str_of(text, (size_t)n));
    return 0;
}

/* Digits of v, with leading zeros, to p[0..n). */
static void put_digits(char *p, int n, int64_t v)
{
    for (int i = n - 1; i >= 0; i--, v /= 10)
        p[i] = (char)('0' + v % 10);
}

static int timestamp_iso(int64_t us, bool nanos, struct arena *arena, struct value *ret)
{
    enum { ROOM = 40 };
    int64_t days = floor_div(us, US_PER_DAY), of_day = us - days * US_PER_DAY;
    struct pg_date date = pg_civil(days);
    int64_t year = date.year > 0 ? date.year : 1 - date.year; /* Java's pattern yyyy is the year of the era */
    char *text = arena_alloc(arena, ROOM), *p = text;
    int width = year > 99999 ? 6 : year > 9999 ? 5 : 4;
    if (width > 4)
        *p++ = '+';
    put_digits(p, width, year);
    p += width;
    memcpy(p, "-00-00T00:00:00.000000000", 25);
    put_digits(p + 1, 2, date.month);
    put_digits(p + 4, 2, date.day);
    put_digits(p + 7, 2, of_day / INT64_C(3600000000));
    put_digits(p + 10, 2, of_day / 60000000 % 60);
    put_digits(p + 13, 2, of_day / 1000000 % 60);
    put_digits(p + 16, 6, of_day % 1000000);
    p += nanos ? 25 : 22;
    *ret = value_str(str_of(text, (size_t)(p - text)));
    return 0;
}

/* Moves a time, in units of which a day has `per_day`, to where the legacy calendar counts its date. */
static int64_t legacy_time(int64_t t, int64_t per_day)
{
    int64_t days = floor_div(t, per_day);
    return t + (pg_legacy_days(days) - days) * per_day;
}

static int decode_timestamp_ms(const struct pg_decoder *d, int64_t pg, struct value *ret)
{
    int64_t ms = floor_div(pg, 1000) + PG_EPOCH_US / 1000;
    if (__builtin_expect(d->legacy && ms - d->adjust / 1000 < GREGORIAN_START * (US_PER_DAY / 1000), 0))
        ms = legacy_time(ms - d->adjust / 1000, US_PER_DAY / 1000) + d->adjust / 1000;
    *ret = value_int64(ms);
    return 0;
}

static int decode_timestamp(const struct pg_decoder *d, int64_t pg, struct arena *arena, struct value *ret,
                            struct error *err)
{
    if (__builtin_expect(pg == INT64_MAX || pg == INT64_MIN, 0))
        return infinite_timestamp(d, pg == INT64_MIN, ret);
    if (__builtin_expect(d->op == PG_OP_TIMESTAMP_MS, 1))
        return decode_timestamp_ms(d, pg, ret);
    int64_t us;
    bool far = __builtin_add_overflow(pg, PG_EPOCH_US, &us) || us < -TIMESTAMP_LIMIT_US || us > TIMESTAMP_LIMIT_US;
    if (far && d->op <= PG_OP_TIMESTAMP_NS)
        return infinite_timestamp(d, pg < 0, ret);
    if (far)
        return error_set(err, ERROR_DATA,
                         "column \"" STR_FMT "\": a timestamp whose microseconds do not fit 64 bits; set "
                         "timestamp.granularity to connect_logical",
                         STR_ARG(d->name));
    if (__builtin_expect(d->legacy && us - d->adjust < GREGORIAN_START * US_PER_DAY, 0))
        us = legacy_time(us - d->adjust, US_PER_DAY) + d->adjust;
    switch ((enum pg_op)d->op) {
    case PG_OP_TIMESTAMP_NS:
        if (__builtin_mul_overflow(us, INT64_C(1000), &us)) /* 9999-12-31 is no reason to stop */
            return infinite_timestamp(d, pg < 0, ret);
        break;
    case PG_OP_TIMESTAMP_US_TEXT:
    case PG_OP_TIMESTAMP_NS_TEXT:
        return timestamp_number(us, d->op == PG_OP_TIMESTAMP_NS_TEXT, arena, ret);
    case PG_OP_TIMESTAMP_US_ISO:
    case PG_OP_TIMESTAMP_NS_ISO:
        return timestamp_iso(us, d->op == PG_OP_TIMESTAMP_NS_ISO, arena, ret);
    default:
        break;
    }
    *ret = value_int64(us);
    return 0;
}

static int decode_numeric(const struct pg_decoder *d, const uint8_t *p, size_t len, struct arena *arena,
                          struct value *ret, struct error *err)
{
    int64_t i;
    double f;
    struct str unscaled;
    int code;
    switch (d->op) {
    case PG_OP_NUMERIC_INT:
        code = pg_numeric_to_int(p, len, &i, err);
        return code ? named(d, code, err) : integer(d, i, ret, err);
    case PG_OP_NUMERIC_DOUBLE:
        code = pg_numeric_to_double(p, len, &f, err);
        if (code)
            return named(d, code, err);
        *ret = value_float64(f);
        return 0;
    default:
        code = pg_numeric_to_decimal(p, len, d->scale, arena, &unscaled, err);
        if (code)
            return named(d, code, err);
        *ret = value_bytes(unscaled.ptr, unscaled.len);
        return 0;
    }
}

static inline int decode_field(const struct pg_decoder *d, const uint8_t *p, size_t len, struct arena *arena,
                               struct value *ret, struct error *err)
{
#define NEED(size)                                                                                                     \
    do {                                                                                                               \
        if (__builtin_expect(len != (size), 0))                                                                        \
            return wrong_length(d, len, err);                                                                          \
    } while (0)
    uint32_t bits32;
    uint64_t bits64;
    float f32;
    double f64;
    switch ((enum pg_op)d->op) {
    case PG_OP_SKIP:
        return 0;
    case PG_OP_INT2:
        NEED(2);
        return integer(d, (int16_t)pg_u16(p), ret, err);
    case PG_OP_INT4:
        NEED(4);
        return integer(d, (int32_t)pg_u32(p), ret, err);
    case PG_OP_OID:
        NEED(4);
        return integer(d, pg_u32(p), ret, err);
    case PG_OP_INT8:
        NEED(8);
        return integer(d, (int64_t)pg_u64(p), ret, err);
    case PG_OP_FLOAT4:
        NEED(4);
        bits32 = pg_u32(p);
        memcpy(&f32, &bits32, sizeof f32);
        *ret = value_float32(f32);
        return 0;
    case PG_OP_FLOAT8:
        NEED(8);
        bits64 = pg_u64(p);
        memcpy(&f64, &bits64, sizeof f64);
        *ret = value_float64(f64);
        return 0;
    case PG_OP_BOOL:
        NEED(1);
        *ret = value_bool(p[0] != 0);
        return 0;
    case PG_OP_TEXT:
        *ret = value_str(str_of(p, len));
        return 0;
    case PG_OP_TEXT_CHECKED:
        return decode_checked_text(d, p, len, ret, err);
    case PG_OP_CHAR:
        NEED(1);
        if (p[0] >= 0x80)
            return error_set(err, ERROR_DATA, "column \"" STR_FMT "\": the \"char\" 0x%02x is no ASCII character",
                             STR_ARG(d->name), p[0]);
        *ret = value_str(str_of(p, p[0] ? 1 : 0));
        return 0;
    case PG_OP_JSONB:
        if (len < 1 || p[0] != 1)
            return error_set(err, ERROR_DATA, "column \"" STR_FMT "\": jsonb of an unknown version", STR_ARG(d->name));
        *ret = value_str(str_of(p + 1, len - 1));
        return 0;
    case PG_OP_UUID:
        NEED(16);
        return decode_uuid(p, arena, ret);
    case PG_OP_BYTES:
        *ret = value_bytes(p, len);
        return 0;
    case PG_OP_BIT_BOOL:
    case PG_OP_BIT_INT:
        return decode_bits(d, p, len, ret, err);
    case PG_OP_NUMERIC_INT:
    case PG_OP_NUMERIC_DOUBLE:
    case PG_OP_NUMERIC_DECIMAL:
        return decode_numeric(d, p, len, arena, ret, err);
    case PG_OP_DATE:
        NEED(4);
        return decode_date(d, p, ret);
    case PG_OP_TIME: /* 24:00:00 is a time to PostgreSQL and none to Connect: it becomes 00:00:00 */
        NEED(8);
        return decode_time(d, (int64_t)pg_u64(p) % US_PER_DAY, ret);
    case PG_OP_TIMETZ: /* the zone is in seconds west of UTC */
        NEED(12);
        return decode_time(d, (int64_t)pg_u64(p) % US_PER_DAY + (int32_t)pg_u32(p + 8) * INT64_C(1000000), ret);
    case PG_OP_TIMESTAMP_MS:
    case PG_OP_TIMESTAMP_US:
    case PG_OP_TIMESTAMP_NS:
    case PG_OP_TIMESTAMP_US_TEXT:
    case PG_OP_TIMESTAMP_NS_TEXT:
    case PG_OP_TIMESTAMP_US_ISO:
    case PG_OP_TIMESTAMP_NS_ISO:
        NEED(8);
        return decode_timestamp(d, (int64_t)pg_u64(p), arena, ret, err);
    }
#undef NEED
    return error_set(err, ERROR_INTERNAL, "column \"" STR_FMT "\": no decoder %d", STR_ARG(d->name), d->op);
}

int pg_decode_field(const struct pg_decoder *d, const uint8_t *bytes, size_t len, struct arena *arena,
                    struct value *ret, struct error *err)
{
    return decode_field(d, bytes, len, arena, ret, err);
}

static int torn(size_t at, struct error *err)
{
    return error_set(err, ERROR_DATA, "a row from PostgreSQL ends in the middle of field %zu", at);
}

int pg_decode_row(const struct pg_decoder *decoders, size_t n, const uint8_t *row, size_t len, struct arena *arena,
                  struct value *values, size_t *ret_len, struct error *err)
{
    if (len < 2 || pg_u16(row) != n)
        return error_set(err, ERROR_DATA, "a row from PostgreSQL has %d fields in place of %zu",
                         len < 2 ? -1 : pg_u16(row), n);
    const uint8_t *p = row + 2, *end = row + len;
    for (size_t i = 0; i < n; i++) {
        if (__builtin_expect(end - p < 4, 0))
            return torn(i, err);
        int32_t field_len = (int32_t)pg_u32(p);
        p += 4;
        if (field_len < 0) {
            if (decoders[i].op != PG_OP_SKIP)
                *values++ = value_null();
            continue;
        }
        if (__builtin_expect(end - p < field_len, 0))
            return torn(i, err);
        if (decoders[i].op != PG_OP_SKIP) {
            int code = decode_field(&decoders[i], p, (size_t)field_len, arena, values++, err);
            if (__builtin_expect(code, 0))
                return code;
        }
        p += field_len;
    }
    *ret_len = (size_t)(p - row);
    return 0;
}

int64_t pg_row_length(const uint8_t *row, size_t len)
{
    if (len < 2)
        return 0;
    uint16_t n = pg_u16(row);
    if (n == UINT16_MAX)
        return 2;
    if (n > PG_MAX_COLUMNS)
        return -1;
    size_t at = 2;
    for (uint16_t i = 0; i < n; i++) {
        if (len - at < 4)
            return 0;
        int32_t field_len = (int32_t)pg_u32(row + at);
        at += 4;
        if (field_len < -1 || field_len > PG_MAX_ROW)
            return -1;
        if (field_len > 0) {
            if (len - at < (size_t)field_len)
                return 0;
            at += (size_t)field_len;
        }
    }
    return (int64_t)at;
}

bool pg_row_is_end(const uint8_t *row, size_t len)
{
    return len >= 2 && pg_u16(row) == UINT16_MAX;
}

int pg_row_field(const uint8_t *row, size_t len, size_t field, const uint8_t **ret, size_t *ret_len, bool *ret_null,
                 struct error *err)
{
    if (len < 2 || field >= pg_u16(row))
        return torn(field, err);
    const uint8_t *p = row + 2, *end = row + len;
    for (size_t i = 0;; i++) {
        if (end - p < 4)
            return torn(i, err);
        int32_t field_len = (int32_t)pg_u32(p);
        p += 4;
        if (field_len > 0 && end - p < field_len)
            return torn(i, err);
        if (i == field) {
            *ret = p;
            *ret_len = field_len > 0 ? (size_t)field_len : 0;
            *ret_null = field_len < 0;
            return 0;
        }
        p += field_len > 0 ? field_len : 0;
    }
}

int64_t pg_header_length(const uint8_t *bytes, size_t len)
{
    static const uint8_t signature[11] = "PGCOPY\n\377\r\n";
    size_t known = len < sizeof signature ? len : sizeof signature;
    if (known && memcmp(bytes, signature, known) != 0)
        return -1;
    if (len < 19)
        return 0;
    uint32_t extension = pg_u32(bytes + 15);
    if (extension > 65536)
        return -1;
    return len - 19 < extension ? 0 : 19 + (int64_t)extension;
}
