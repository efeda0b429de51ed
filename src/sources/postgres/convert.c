#include "sources/postgres/convert.h"

#include "db/common/calendar.h"
#include "sources/postgres/convert_impl.h"
#include "wire/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int pgc_bad(struct str text, const char *type, struct error *err)
{
    enum { SHOWN = 100 };
    return error_set(err, ERROR_DATA, "\"%.*s\" is no %s", (int)(text.len < SHOWN ? text.len : SHOWN), text.ptr, type);
}

static int integer(struct str s, enum value_type type, struct value *ret, struct error *err)
{
    int64_t limit = type == VALUE_INT16 ? INT16_MAX : type == VALUE_INT32 ? INT32_MAX : INT64_MAX, v;
    if (!str_to_int64(s, &v) || v > limit || v < -limit - 1)
        return pgc_bad(s, "integer of the column's width", err);
    *ret = value_int(type, v);
    return 0;
}

static int floating(struct str s, double *ret, struct error *err)
{
    if (str_is(s, "NaN"))
        *ret = NAN;
    else if (str_is(s, "Infinity"))
        *ret = INFINITY;
    else if (str_is(s, "-Infinity"))
        *ret = -INFINITY;
    else if (!str_to_double(s, ret))
        return pgc_bad(s, "floating point number", err);
    return 0;
}

static int float32(struct str s, struct value *ret, struct error *err)
{
    char text[64], *end;
    double d;
    if (s.len && s.len < sizeof text && (s.ptr[0] == '-' || (s.ptr[0] >= '0' && s.ptr[0] <= '9'))) {
        memcpy(text, s.ptr, s.len);
        text[s.len] = 0;
        float f = strtof(text, &end); /* not by way of a double: that rounds twice */
        if (end == text + s.len) {
            *ret = value_float32(f);
            return 0;
        }
    }
    int code = floating(s, &d, err);
    if (!code)
        *ret = value_float32((float)d);
    return code;
}

/* ---- bytes and bits ---- */

static int nibble(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* In place: the bytes are half as long as their digits. */
static bool unhex(char *text, size_t len, struct value *ret)
{
    if (len % 2)
        return false;
    for (size_t i = 0; i < len / 2; i++) {
        int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        text[i] = (char)(high << 4 | low);
    }
    *ret = value_bytes(text, len / 2);
    return true;
}

/* Little-endian, in as many bytes as the Java integer that holds the value: 2, 4 or 8; more where that is not enough.
 */
static int bits(struct str s, struct arena *arena, struct value *ret, struct error *err)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '0' && s.ptr[i] != '1')
            return pgc_bad(s, "bit string", err);
    if (!s.len) {
        *ret = value_null();
        return 0;
    }
    size_t first = str_find(s, '1'), used = s.len - first; /* without leading zeros */
    size_t n = used <= 15 ? 2 : used <= 31 ? 4 : s.len <= 64 ? 8 : (s.len + 7) / 8;
    uint8_t *out = arena_zalloc(arena, n);
    for (size_t i = 0; i < used; i++)
        if (s.ptr[s.len - 1 - i] == '1')
            out[i / 8] |= (uint8_t)(1u << i % 8);
    *ret = value_bytes(out, n);
    return 0;
}

/* ---- numbers with a point ---- */

static const char *special_decimal(struct str s)
{
    return str_is(s, "NaN")         ? "NAN"
           : str_is(s, "Infinity")  ? "POSITIVE_INFINITY"
           : str_is(s, "-Infinity") ? "NEGATIVE_INFINITY"
                                    : NULL;
}

static int decimal(struct str s, int32_t scale, struct arena *arena, struct value *ret, struct error *err)
{
    struct str unscaled;
    if (special_decimal(s)) {
        *ret = value_null(); /* has no place in a precise decimal */
        return 0;
    }
    int code = decimal_from_text(s, scale, true, arena, &unscaled, err);
    if (!code)
        *ret = value_bytes(unscaled.ptr, unscaled.len);
    return code;
}

static int variable_decimal(struct str s, struct arena *arena, struct value *ret, struct error *err)
{
    size_t point = str_find(s, '.');
    if (point < s.len) {
        while (s.ptr[s.len - 1] == '0')
            s.len--;
        if (s.len == point + 1)
            s.len--;
    }
    int32_t scale = s.len > point ? (int32_t)(s.len - point - 1) : 0;
    struct value *items = arena_array(arena, struct value, 2);
    int code = decimal(s, scale, arena, &items[1], err);
    if (code)
        return code;
    items[0] = value_int32(scale);
    *ret = value_is_null(&items[1]) ? value_null() : value_items(VALUE_STRUCT, items, 2);
    return 0;
}

static int decimal_text(struct str s, struct value *ret)
{
    const char *special = special_decimal(s);
    *ret = value_str(special ? str_from(special) : s);
    return 0;
}

/* "-$1,234.50". By way of a double with its shortest digits, as pgjdbc has it: from 2^53 on, cents are rounded. */
static int money(char *text, size_t len, struct arena *arena, struct value *ret, struct error *err)
{
    enum { SURE_DIGITS = 15, ALL_DIGITS = 17 };
    char digits[40];
    size_t n = 0;
    double d, back = 0;
    for (size_t i = 0; i < len; i++)
        if (text[i] != '$' && text[i] != ',')
            text[n++] = text[i];
    int code = floating(str_of(text, n), &d, err);
    for (int precision = SURE_DIGITS; !code && precision <= ALL_DIGITS; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, d);
        back = strtod(digits, NULL);
        if (back == d)
            break;
    }
    return code ? code : decimal(str_from(digits), 2, arena, ret, err);
}

/* ---- points and PostGIS ---- */

enum { POINT_WKB = 21 };

static void point_value(double x, double y, struct arena *arena, struct value *ret)
{
    uint8_t *wkb = arena_alloc(arena, POINT_WKB);
    struct value *items = arena_array(arena, struct value, 4);
    memcpy(wkb, (const uint8_t[]){1, 1, 0, 0, 0}, 5);
    memcpy(wkb + 5, &x, sizeof x); /* little-endian, as all machines that this is built for */
    memcpy(wkb + 13, &y, sizeof y);
    items[0] = value_float64(x);
    items[1] = value_float64(y);
    items[2] = value_bytes(wkb, POINT_WKB);
    items[3] = value_null();
    *ret = value_items(VALUE_STRUCT, items, 4);
}

static int point(struct str s, struct arena *arena, struct value *ret, struct error *err)
{
    double x, y;
    size_t comma = str_find(s, ',');
    if (s.len < 5 || s.ptr[0] != '(' || s.ptr[s.len - 1] != ')' || comma == s.len ||
        floating(str_of(s.ptr + 1, comma - 1), &x, NULL) ||
        floating(str_of(s.ptr + comma + 1, s.len - comma - 2), &y, NULL))
        return pgc_bad(s, "point", err);
    point_value(x, y, arena, ret);
    return 0;
}

/* EWKB in hex: byte order, type with flags, SRID if the flag is set. */
static int geometry(char *text, size_t len, struct arena *arena, struct value *ret, struct error *err)
{
    enum { HEADER = 9, TYPE_END = 5 };
    const uint32_t has_srid = 0x20000000;
    struct value *items = arena_array(arena, struct value, 2);
    char head[2 * HEADER] = {0};
    memcpy(head, text, len < sizeof head ? len : sizeof head);
    if (!unhex(text, len, &items[0]) || items[0].len < TYPE_END)
        return pgc_bad(str_of(head, len < sizeof head ? len : sizeof head), "geometry", err);
    const uint8_t *b = items[0].bytes;
    uint32_t type, srid = 0;
    memcpy(&type, b + 1, sizeof type);
    type = b[0] ? type : __builtin_bswap32(type);
    items[1] = value_null();
    if (type & has_srid && items[0].len >= HEADER) {
        memcpy(&srid, b + TYPE_END, sizeof srid);
        items[1] = value_int32((int32_t)(b[0] ? srid : __builtin_bswap32(srid)));
    }
    *ret = value_items(VALUE_STRUCT, items, 2);
    return 0;
}

int pgc_convert(const struct pgc_conv *c, char *text, size_t len, struct arena *arena, struct value *ret,
                struct error *err)
{
    struct str s = str_of(text, len);
    double d;
    int code;
    switch ((enum pgc_op)c->op) {
    case PGC_OMITTED:
        *ret = value_null();
        return 0;
    case PGC_INT16:
        return integer(s, VALUE_INT16, ret, err);
    case PGC_INT32:
        return integer(s, VALUE_INT32, ret, err);
    case PGC_INT64:
        return integer(s, VALUE_INT64, ret, err);
    case PGC_FLOAT32:
        return float32(s, ret, err);
    case PGC_FLOAT64:
    case PGC_DECIMAL_DOUBLE:
        code = floating(s, &d, err);
        if (!code)
            *ret = value_float64(d);
        return code;
    case PGC_BOOLEAN:
        if (len != 1 || (*text != 't' && *text != 'f'))
            return pgc_bad(s, "boolean", err);
        *ret = value_bool(*text == 't');
        return 0;
    case PGC_TEXT:
        *ret = value_str(s);
        return 0;
    case PGC_BYTEA:
        if (len < 2 || text[0] != '\\' || text[1] != 'x' || !unhex(text + 2, len - 2, ret))
            return pgc_bad(s, "bytea in hex", err);
        return 0;
    case PGC_TEXT_BYTES:
        *ret = value_bytes(text, len);
        return 0;
    case PGC_BIT:
        *ret = len ? value_bool(text[len - 1] == '1') : value_null();
        return 0;
    case PGC_BITS:
        return bits(s, arena, ret, err);
    case PGC_DECIMAL:
        return decimal(s, c->scale, arena, ret, err);
    case PGC_DECIMAL_VARIABLE:
        return variable_decimal(s, arena, ret, err);
    case PGC_DECIMAL_TEXT:
        return decimal_text(s, ret);
    case PGC_MONEY:
        return money(text, len, arena, ret, err);
    case PGC_HSTORE_JSON:
    case PGC_HSTORE_MAP:
        return pgc_hstore(c, text, len, arena, ret, err);
    case PGC_POINT:
        return point(s, arena, ret, err);
    case PGC_GEOMETRY:
        return geometry(text, len, arena, ret, err);
    case PGC_ARRAY:
        return pgc_array(c, text, len, arena, ret, err);
    default:
        return pgc_temporal(c, s, arena, ret, err);
    }
}

struct value pgc_fallback(const struct pgc_conv *c, struct arena *arena)
{
    static const uint8_t zero[1] = {0};
    static char empty_geometry[] = "010700000000000000";
    struct value v = value_null();
    switch ((enum pgc_op)c->op) {
    case PGC_INT16:
        return value_int(VALUE_INT16, 0);
    case PGC_INT32:
    case PGC_DATE:
    case PGC_TIME_MS:
        return value_int32(0);
    case PGC_INT64:
    case PGC_TIME_US:
    case PGC_TIMESTAMP_MS:
    case PGC_TIMESTAMP_US:
    case PGC_INTERVAL_US:
        return value_int64(0);
    case PGC_FLOAT32:
        return value_float32(0);
    case PGC_FLOAT64:
    case PGC_DECIMAL_DOUBLE:
        return value_float64(0);
    case PGC_BOOLEAN:
    case PGC_BIT:
        return value_bool(false);
    case PGC_TEXT:
        return value_str(STR(""));
    case PGC_BYTEA:
    case PGC_TEXT_BYTES:
    case PGC_BITS:
        return value_bytes(zero, 0);
    case PGC_DECIMAL:
    case PGC_MONEY:
        return value_bytes(zero, 1);
    case PGC_DECIMAL_VARIABLE:
        variable_decimal(STR("0"), arena, &v, NULL);
        return v;
    case PGC_DECIMAL_TEXT:
        return value_str(STR("0"));
    case PGC_TIMETZ:
        return value_str(STR("00:00:00Z"));
    case PGC_TIMESTAMPTZ:
        return value_str(STR("1970-01-01T00:00:00Z"));
    case PGC_INTERVAL_TEXT:
        return value_str(STR("P0Y0M0DT0H0M0S"));
    case PGC_HSTORE_JSON:
        return value_str(STR("{}"));
    case PGC_HSTORE_MAP:
        return value_items(VALUE_MAP, arena_array(arena, struct value, 1), 0);
    case PGC_POINT:
        point_value(0, 0, arena, &v);
        return v;
    case PGC_GEOMETRY:
        geometry(arena_dup(arena, empty_geometry, sizeof empty_geometry - 1), sizeof empty_geometry - 1, arena, &v,
                 NULL);
        return v;
    case PGC_ARRAY:
        return value_items(VALUE_ARRAY, arena_array(arena, struct value, 1), 0);
    case PGC_OMITTED:
        break;
    }
    return v;
}
