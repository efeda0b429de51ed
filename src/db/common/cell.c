#include "db/common/cell.h"

#include "wire/decimal.h"
#include "wire/json.h"

#include <math.h>
#include <stdio.h>

enum { SHOWN = 80 }; /* bytes of a value in an error text */
#define NANOS_A_DAY (CALENDAR_SECONDS_A_DAY * INT64_C(1000000000))

static struct buf *scratch_of(const struct db_binding *b, struct buf *own)
{
    if (!b->scratch)
        return own;
    buf_clear(b->scratch);
    return b->scratch;
}

/* The cell as text; into `out` unless it is text already. */
static struct str text_of(const struct db_cell *cell, struct buf *out)
{
    switch (cell->kind) {
    case CELL_TEXT:
    case CELL_BYTES:
        return str_of(cell->ptr, cell->len);
    case CELL_INT:
        buf_add_int64(out, cell->i);
        break;
    case CELL_UINT:
        buf_add_uint64(out, cell->u);
        break;
    case CELL_DOUBLE:
    case CELL_FLOAT:
        if (!isfinite(cell->f))
            buf_add_cstr(out, isnan(cell->f) ? "NaN" : cell->f < 0 ? "-Infinity" : "Infinity");
        else if (cell->kind == CELL_FLOAT)
            json_write_float(out, (float)cell->f);
        else
            json_write_double(out, cell->f);
        break;
    case CELL_MOMENT: {
        int digits = cell->len == 0 ? 0 : cell->len % 1000000 == 0 ? 3 : cell->len % 1000 == 0 ? 6 : 9;
        calendar_write(out, cell->i, (int32_t)cell->len, ' ', digits);
        break;
    }
    case CELL_TIME: {
        int64_t seconds = (cell->i < 0 ? -cell->i : cell->i) / 1000000000;
        int32_t nanos = (int32_t)((cell->i < 0 ? -cell->i : cell->i) % 1000000000);
        buf_printf(out, "%s%02lld:%02d:%02d", cell->i < 0 ? "-" : "", (long long)(seconds / 3600),
                   (int)(seconds / 60 % 60), (int)(seconds % 60));
        if (nanos)
            buf_printf(out, ".%06d", (int)(nanos / 1000));
        break;
    }
    default:
        buf_add_literal(out, "0000-00-00");
        break;
    }
    return buf_str(out);
}

static int misfit(const struct db_binding *b, const struct db_cell *cell, const char *what, struct error *err)
{
    AUTO_BUF text = {0};
    struct str shown = cell->kind == CELL_BYTES ? STR("(binary)") : text_of(cell, &text);
    bool cut = shown.len > SHOWN;
    shown.len = cut ? SHOWN : shown.len;
    return error_set(err, ERROR_DATA, "column \"" STR_FMT "\": the value " STR_FMT "%s %s", STR_ARG(b->name),
                     STR_ARG(shown), cut ? "..." : "", what);
}

static bool double_to_int(double f, bool exact, int64_t *ret)
{
    if (!(f >= -9223372036854775808.0 && f < 9223372036854775808.0) || (exact && f != trunc(f)))
        return false;
    *ret = (int64_t)f;
    return true;
}

/* "12", "-12.9", "1.2e3" */
static bool text_to_int(struct str text, bool exact, int64_t *ret)
{
    if (str_to_int64(text, ret))
        return true;
    struct str fraction, whole = str_split(text, '.', &fraction);
    bool plain = fraction.ptr != NULL;
    for (size_t i = 0; i < fraction.len; i++)
        plain = plain && fraction.ptr[i] >= '0' && fraction.ptr[i] <= '9' && !(exact && fraction.ptr[i] != '0');
    if (plain && str_to_int64(whole, ret))
        return true;
    double f;
    return str_to_double(text, &f) && (fabs(f) < 9007199254740992.0) && double_to_int(f, exact, ret);
}

static int to_int(const struct db_binding *b, const struct db_cell *cell, struct value *ret, struct error *err)
{
    int64_t v = 0;
    bool ok = false;
    switch (cell->kind) {
    case CELL_INT:
        v = cell->i;
        ok = true;
        break;
    case CELL_UINT:
        v = (int64_t)cell->u;
        ok = cell->u <= INT64_MAX;
        break;
    case CELL_DOUBLE:
    case CELL_FLOAT:
        ok = double_to_int(cell->f, b->exact, &v);
        break;
    case CELL_TEXT:
        ok = text_to_int(str_of(cell->ptr, cell->len), b->exact, &v);
        break;
    default:
        break;
    }
    enum value_type type = (enum value_type)(VALUE_INT8 + (b->rep - DB_AS_INT8));
    if (type == VALUE_INT8)
        ok = ok && v == (int8_t)v;
    else if (type == VALUE_INT16)
        ok = ok && v == (int16_t)v;
    else if (type == VALUE_INT32)
        ok = ok && v == (int32_t)v;
    if (!ok) {
        char what[48];
        snprintf(what, sizeof what, "is no %s", value_type_name(type));
        return misfit(b, cell, what, err);
    }
    *ret = value_int(type, v);
    return 0;
}

static bool special_double(struct str text, double *ret)
{
    if (str_is_nocase(text, "nan"))
        *ret = NAN;
    else if (str_is_nocase(text, "infinity") || str_is_nocase(text, "inf"))
        *ret = INFINITY;
    else if (str_is_nocase(text, "-infinity") || str_is_nocase(text, "-inf"))
        *ret = -INFINITY;
    else
        return false;
    return true;
}

static int to_double(const struct db_binding *b, const struct db_cell *cell, struct value *ret, struct error *err)
{
    double v = 0;
    struct str text = cell->kind == CELL_TEXT ? str_of(cell->ptr, cell->len) : STR_NULL;
    switch (cell->kind) {
    case CELL_INT:
        v = (double)cell->i;
        break;
    case CELL_UINT:
        v = (double)cell->u;
        break;
    case CELL_DOUBLE:
    case CELL_FLOAT:
        v = cell->f;
        break;
    case CELL_TEXT:
        if (str_to_double(text, &v) || special_double(text, &v))
            break;
        __attribute__((fallthrough));
    default:
        return misfit(b, cell, "is no number", err);
    }
    *ret = b->rep == DB_AS_FLOAT32 ? value_float32((float)v) : value_float64(v);
    return 0;
}

static int to_boolean(const struct db_binding *b, const struct db_cell *cell, struct value *ret, struct error *err)
{
    static const char *const yes[] = {"true", "t", "yes", "y", "on", NULL};
    static const char *const no[] = {"false", "f", "no", "n", "off", NULL};
    double v;
    switch (cell->kind) {
    case CELL_INT:
    case CELL_UINT:
        *ret = value_bool(cell->u != 0);
        return 0;
    case CELL_DOUBLE:
    case CELL_FLOAT:
        *ret = value_bool(cell->f != 0);
        return 0;
    case CELL_TEXT: {
        struct str text = str_of(cell->ptr, cell->len);
        if (str_to_double(text, &v)) {
            *ret = value_bool(v != 0);
            return 0;
        }
        for (const char *const *word = yes; *word; word++)
            if (str_is_nocase(text, *word)) {
                *ret = value_bool(true);
                return 0;
            }
        for (const char *const *word = no; *word; word++)
            if (str_is_nocase(text, *word)) {
                *ret = value_bool(false);
                return 0;
            }
        break;
    }
    default:
        break;
    }
    return misfit(b, cell, "is neither true nor false", err);
}

static int to_string(const struct db_binding *b, const struct db_cell *cell, struct arena *arena, struct value *ret,
                     struct error *err)
{
    AUTO_BUF own = {0};
    struct str text = text_of(cell, scratch_of(b, &own));
    if ((b->check_utf8 || cell->kind == CELL_BYTES) && !str_is_utf8(text))
        return misfit(b, cell, "is not UTF-8 text", err);
    if (text.ptr != cell->ptr)
        text.ptr = arena_dup(arena, text.ptr, text.len);
    *ret = value_str(text);
    return 0;
}

static int to_bytes(const struct db_binding *b, const struct db_cell *cell, struct arena *arena, struct value *ret)
{
    AUTO_BUF own = {0};
    struct str text = text_of(cell, scratch_of(b, &own));
    if (text.ptr != cell->ptr)
        text.ptr = arena_dup(arena, text.ptr, text.len);
    *ret = value_bytes(text.ptr, text.len);
    return 0;
}

static int to_decimal(const struct db_binding *b, const struct db_cell *cell, struct arena *arena, struct value *ret,
                      struct error *err)
{
    uint8_t bytes[16];
    if (b->scale == 0 && (cell->kind == CELL_INT || cell->kind == CELL_UINT)) {
        size_t n = decimal_from_int128(cell->kind == CELL_INT ? (__int128)cell->i : (__int128)cell->u, bytes);
        *ret = value_bytes(arena_dup(arena, bytes, n), n);
        return 0;
    }
    if (cell->kind == CELL_BYTES || cell->kind >= CELL_MOMENT)
        return misfit(b, cell, "is no number", err);
    AUTO_BUF own = {0};
    struct str unscaled;
    int code = decimal_from_text(str_trim(text_of(cell, scratch_of(b, &own))), b->scale, false, arena, &unscaled, err);
    if (code) {
        error_context(err, "column \"" STR_FMT "\"", STR_ARG(b->name));
        return code;
    }
    *ret = value_bytes(unscaled.ptr, unscaled.len);
    return 0;
}

/* The cell as a moment; ERROR_DATA when it is none. */
static int moment_of(const struct db_binding *b, const struct db_cell *cell, struct calendar_moment *ret,
                     struct error *err)
{
    if (cell->kind == CELL_MOMENT) {
        *ret = (struct calendar_moment){.seconds = cell->i, .nanos = (int32_t)cell->len, .utc = cell->utc};
        return 0;
    }
    if (cell->kind == CELL_TEXT && calendar_parse(str_trim(str_of(cell->ptr, cell->len)), ret) && !ret->zero) {
        ret->utc = ret->utc || b->text_utc;
        return 0;
    }
    return misfit(b, cell, "is no date", err);
}

static int64_t wall_of(const struct db_binding *b, const struct calendar_moment *m)
{
    return m->utc ? m->seconds + zone_offset_at(b->zone, m->seconds) : m->seconds;
}

static int to_date(const struct db_binding *b, const struct db_cell *cell, struct value *ret, struct error *err)
{
    struct calendar_moment m;
    int code = moment_of(b, cell, &m, err);
    if (code)
        return code;
    int64_t days = calendar_floor_div(wall_of(b, &m), CALENDAR_SECONDS_A_DAY);
    if (b->legacy)
        days = calendar_legacy_days(days);
    *ret = value_int32((int32_t)days);
    return 0;
}

static int to_time(const struct db_binding *b, const struct db_cell *cell, struct value *ret, struct error *err)
{
    int64_t nanos;
    struct calendar_moment m;
    if (cell->kind == CELL_TIME) {
        nanos = cell->i;
    } else if (cell->kind != CELL_TEXT || !calendar_parse_time(str_of(cell->ptr, cell->len), &nanos)) {
        int code = moment_of(b, cell, &m, err);
        if (code)
            return code;
        int64_t wall = wall_of(b, &m);
        nanos =
            (wall - calendar_floor_div(wall, CALENDAR_SECONDS_A_DAY) * CALENDAR_SECONDS_A_DAY) * 1000000000 + m.nanos;
    }
    if (nanos < 0 || nanos >= NANOS_A_DAY)
        return misfit(b, cell, "is no time of a day", err);
    int64_t ms = nanos / 1000000 - (int64_t)zone_offset_at(b->zone, 0) * 1000; /* Java: that time of 1970-01-01 */
    int64_t day = CALENDAR_SECONDS_A_DAY * INT64_C(1000);
    *ret = value_int32((int32_t)(((ms % day) + day) % day));
    return 0;
}

static int timestamp_text(const struct db_binding *b, const struct calendar_moment *m, struct arena *arena,
                          struct value *ret)
{
    AUTO_BUF own = {0};
    struct buf *out = scratch_of(b, &own);
    bool nanos = b->rep == DB_AS_TIMESTAMP_NS_ISO || b->rep == DB_AS_TIMESTAMP_NS_TEXT;
    if (b->rep == DB_AS_TIMESTAMP_US_ISO || b->rep == DB_AS_TIMESTAMP_NS_ISO) {
        int64_t wall = wall_of(b, m);
        if (wall >= calendar_days(10000, 1, 1) * CALENDAR_SECONDS_A_DAY)
            buf_add_char(out, '+');
        calendar_write(out, wall, m->nanos, 'T', nanos ? 9 : 6);
    } else {
        __int128 v = (__int128)m->seconds * 1000000000 + m->nanos;
        if (!nanos)
            v = v / 1000 - (v % 1000 < 0);
        unsigned __int128 size = (unsigned __int128)(v < 0 ? -v : v);
        uint64_t high = (uint64_t)(size / 1000000000), low = (uint64_t)(size % 1000000000);
        buf_add_cstr(out, v < 0 ? "-" : "");
        if (high)
            buf_printf(out, "%llu%09llu", (unsigned long long)high, (unsigned long long)low);
        else
            buf_add_uint64(out, low);
    }
    *ret = value_str(str_of(arena_dup(arena, out->data, out->len), out->len));
    return 0;
}

static int to_timestamp(const struct db_binding *b, const struct db_cell *cell, struct arena *arena, struct value *ret,
                        struct error *err)
{
    struct calendar_moment m;
    int code = moment_of(b, cell, &m, err);
    if (code)
        return code;
    if (!m.utc) {
        m.seconds = zone_to_utc(b->zone, m.seconds);
        m.utc = true;
    }
    if (b->legacy && m.seconds < CALENDAR_GREGORIAN_START * (int64_t)CALENDAR_SECONDS_A_DAY) {
        int64_t days = calendar_floor_div(m.seconds, CALENDAR_SECONDS_A_DAY);
        m.seconds += (calendar_legacy_days(days) - days) * CALENDAR_SECONDS_A_DAY;
    }
    int64_t v;
    switch (b->rep) {
    case DB_AS_TIMESTAMP_MS:
        *ret = value_int64(m.seconds * 1000 + m.nanos / 1000000);
        return 0;
    case DB_AS_TIMESTAMP_US:
        *ret = value_int64(m.seconds * 1000000 + m.nanos / 1000);
        return 0;
    case DB_AS_TIMESTAMP_NS:
        if (__builtin_mul_overflow(m.seconds, INT64_C(1000000000), &v) || __builtin_add_overflow(v, m.nanos, &v))
            return misfit(b, cell,
                          "has no nanoseconds in 64 bits, which end in 1677 and 2262; set timestamp.granularity to "
                          "nanos_string or micros_long",
                          err);
        *ret = value_int64(v);
        return 0;
    default:
        return timestamp_text(b, &m, arena, ret);
    }
}

int cell_value(const struct db_binding *b, const struct db_cell *cell, struct arena *arena, struct value *ret,
               struct error *err)
{
    if (cell->kind == CELL_NULL) {
        *ret = value_null();
        return 0;
    }
    switch (b->rep) {
    case DB_AS_INT8:
    case DB_AS_INT16:
    case DB_AS_INT32:
    case DB_AS_INT64:
        return to_int(b, cell, ret, err);
    case DB_AS_FLOAT32:
    case DB_AS_FLOAT64:
        return to_double(b, cell, ret, err);
    case DB_AS_BOOLEAN:
        return to_boolean(b, cell, ret, err);
    case DB_AS_STRING:
        return to_string(b, cell, arena, ret, err);
    case DB_AS_BYTES:
        return to_bytes(b, cell, arena, ret);
    case DB_AS_DECIMAL:
        return to_decimal(b, cell, arena, ret, err);
    case DB_AS_DATE:
        return to_date(b, cell, ret, err);
    case DB_AS_TIME:
        return to_time(b, cell, ret, err);
    case DB_AS_TIMESTAMP_MS:
    case DB_AS_TIMESTAMP_US:
    case DB_AS_TIMESTAMP_NS:
    case DB_AS_TIMESTAMP_US_TEXT:
    case DB_AS_TIMESTAMP_NS_TEXT:
    case DB_AS_TIMESTAMP_US_ISO:
    case DB_AS_TIMESTAMP_NS_ISO:
        return to_timestamp(b, cell, arena, ret, err);
    case DB_AS_SKIP:
        break;
    }
    return error_set(err, ERROR_INTERNAL, "a column that is left out has no value");
}
