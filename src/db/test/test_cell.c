/* Calendar, zones and cells: no database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "db/common/cell.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena arena;
static struct error err;

static void calendar_round_trips(void **state)
{
    (void)state;
    for (int64_t days = -3000000; days < 3000000; days += 97) {
        struct calendar_date d = calendar_date(days);
        assert_true(calendar_is_date(d.year, d.month, d.day));
        assert_int_equal(calendar_days(d.year, d.month, d.day), days);
        int64_t legacy = calendar_legacy_days(days);
        if (days >= CALENDAR_GREGORIAN_START)
            assert_int_equal(legacy, days);
    }
    assert_int_equal(calendar_days(2000, 2, 29), 11016);
    assert_false(calendar_is_date(1900, 2, 29));
    assert_int_equal(calendar_modern_days(calendar_legacy_days(calendar_days(1000, 1, 1))), calendar_days(1000, 1, 1));
}

static const char *moment(const char *text)
{
    struct calendar_moment m;
    if (!calendar_parse(str_from(text), &m))
        return "no";
    return m.zero ? "zero" : arena_printf(&arena, "%" PRId64 ".%d%s", m.seconds, m.nanos, m.utc ? "Z" : "").ptr;
}

static void moments_are_read(void **state)
{
    (void)state;
    assert_string_equal(moment("1970-01-02"), "86400.0");
    assert_string_equal(moment("2020-01-01 00:00:00.5"), "1577836800.500000000");
    assert_string_equal(moment("2020-01-01T00:00:00.123456789Z"), "1577836800.123456789Z");
    assert_string_equal(moment("2020-01-01 02:00:00+02"), "1577836800.0Z");
    assert_string_equal(moment("2020-01-01 02:30:00 +02:30"), "1577836800.0Z");
    assert_string_equal(moment("2020-01-01 00:00"), "1577836800.0");
    assert_string_equal(moment("-0001-01-01"), "-62198755200.0");
    assert_string_equal(moment("0000-00-00 00:00:00"), "zero");
    assert_string_equal(moment("2020-00-12"), "zero");
    static const char *const garbage[] = {"",
                                          "-",
                                          "2020",
                                          "2020-13-01",
                                          "2020-02-30",
                                          "2020-01-01x",
                                          "2020-01-01 25:00",
                                          "2020-01-01 10",
                                          "2020-01-01 10:00:00.",
                                          "2020-01-01 10:00:00+",
                                          "99999999-01-01",
                                          "2020-01-01 10:61",
                                          "20-01-01",
                                          "2020-01-01 10:00:00+25",
                                          "0000-00-00 x"};
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++)
        assert_string_equal(moment(garbage[i]), "no");
}

static struct zone *zone(const char *name)
{
    struct zone *z = NULL;
    if (zone_open(str_from(name), &arena, &z, &err))
        fail_msg("%s", err.text);
    return z;
}

static void zones_convert(void **state)
{
    (void)state;
    assert_null(zone("UTC"));
    assert_int_equal(zone_offset_at(zone("+05:30"), 0), 19800);
    assert_int_equal(zone_offset_at(zone("-0330"), 0), -12600);
    assert_int_equal(zone_offset_at(zone("GMT+2"), 0), 7200);
    struct zone *z = NULL;
    assert_int_equal(zone_open(STR("Mars/Olympus"), &arena, &z, &err), ERROR_CONFIG);
    assert_int_equal(zone_open(STR("../../etc/passwd"), &arena, &z, &err), ERROR_CONFIG);
    assert_int_equal(zone_open(STR("/etc/passwd"), &arena, &z, &err), ERROR_CONFIG);
    if (zone_open(STR("Europe/Berlin"), &arena, &z, &err)) {
        printf("skipped: tzdata is not installed\n");
        skip();
    }
    assert_int_equal(zone_offset_at(z, 1577836800), 3600);
    assert_int_equal(zone_offset_at(z, 1593561600), 7200);
    assert_int_equal(zone_offset_at(z, INT64_C(4102444800 + 15552000)), 7200); /* summer 2100: by the rule */
    assert_int_equal(zone_offset_at(z, INT64_C(-3000000000)), 3208);           /* local mean time */
    /* 2020-10-25 02:30 happened twice: the later one; 2020-03-29 02:30 never: 03:30 summer time */
    assert_int_equal(zone_to_utc(z, 1603593000), 1603593000 - 3600);
    assert_int_equal(zone_to_utc(z, 1585449000), 1585449000 - 3600);
    for (int64_t t = 0; t < INT64_C(3000000000); t += 86399 * 7)
        assert_int_equal(zone_to_utc(z, t + zone_offset_at(z, t)), t);
}

static void zone_garbage_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[400];
    struct zone *z;
    unsigned seed = 7;
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)rand_r(&seed) % sizeof bytes;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)(rand_r(&seed) % 5 ? 0 : rand_r(&seed) % 9);
        if (len > 5) {
            memcpy(bytes, "TZif", 4);
            bytes[4] = rand_r(&seed) % 2 ? '2' : 0;
        }
        if (zone_parse(bytes, len, &arena, &z, &err) == 0)
            zone_to_utc(z, rand_r(&seed));
        arena_reset(&arena);
    }
}

static const char *as(struct db_binding b, struct db_cell cell)
{
    struct value v;
    b.name = STR("c");
    if (cell_value(&b, &cell, &arena, &v, &err))
        return "error";
    switch (v.type) {
    case VALUE_NULL:
        return "null";
    case VALUE_STRING:
        return arena_str(&arena, value_as_str(&v)).ptr;
    case VALUE_BYTES:
        return arena_printf(&arena, "%u bytes, last %02x", v.len, v.len ? v.bytes[v.len - 1] : 0).ptr;
    case VALUE_FLOAT32:
        return arena_printf(&arena, "%gf", (double)v.f32).ptr;
    case VALUE_FLOAT64:
        return arena_printf(&arena, "%.17g", v.f64).ptr;
    case VALUE_BOOLEAN:
        return v.b ? "true" : "false";
    default:
        return arena_printf(&arena, "%" PRId64, v.i).ptr;
    }
}

#define AS(rep_, cell) as((struct db_binding){.rep = DB_AS_##rep_}, cell)
#define TEXT(s)        cell_text(s, sizeof(s) - 1)

static void cells_become_numbers(void **state)
{
    (void)state;
    struct db_cell big = {.kind = CELL_UINT, .u = UINT64_MAX};
    assert_string_equal(AS(INT64, cell_int(-5)), "-5");
    assert_string_equal(AS(INT8, cell_int(128)), "error");
    assert_string_equal(AS(INT16, cell_int(128)), "128");
    assert_string_equal(AS(INT64, big), "error");
    assert_string_equal(AS(STRING, big), "18446744073709551615");
    assert_string_equal(AS(DECIMAL, big), "9 bytes, last ff");
    assert_string_equal(AS(INT32, TEXT("12.9")), "12");
    assert_string_equal(AS(INT32, TEXT("-12.9")), "-12");
    assert_string_equal(AS(INT32, TEXT("1.5e2")), "150");
    assert_string_equal(AS(INT32, TEXT("12x")), "error");
    assert_string_equal(AS(INT64, TEXT("9223372036854775808")), "error");
    assert_string_equal(as((struct db_binding){.rep = DB_AS_INT32, .exact = true}, TEXT("12.9")), "error");
    assert_string_equal(as((struct db_binding){.rep = DB_AS_INT32, .exact = true}, TEXT("12.0")), "12");
    assert_string_equal(AS(INT64, ((struct db_cell){.kind = CELL_DOUBLE, .f = 1e30})), "error");
    assert_string_equal(AS(INT64, ((struct db_cell){.kind = CELL_DOUBLE, .f = NAN})), "error");
    assert_string_equal(AS(FLOAT64, TEXT("1.25")), "1.25");
    assert_string_equal(AS(FLOAT64, TEXT("abc")), "error");
    assert_string_equal(AS(FLOAT32, TEXT("-inf")), "-inff");
    assert_string_equal(as((struct db_binding){.rep = DB_AS_DECIMAL, .scale = 2}, TEXT("1.25")), "1 bytes, last 7d");
    assert_string_equal(as((struct db_binding){.rep = DB_AS_DECIMAL, .scale = 2}, TEXT("1.255")), "error");
    assert_string_equal(as((struct db_binding){.rep = DB_AS_DECIMAL, .scale = 2}, cell_int(1)), "1 bytes, last 64");
    assert_string_equal(AS(BOOLEAN, TEXT("yes")), "true");
    assert_string_equal(AS(BOOLEAN, TEXT("0")), "false");
    assert_string_equal(AS(BOOLEAN, TEXT("perhaps")), "error");
    assert_string_equal(AS(INT64, ((struct db_cell){.kind = CELL_NULL})), "null");
}

static void cells_become_text(void **state)
{
    (void)state;
    assert_string_equal(AS(STRING, ((struct db_cell){.kind = CELL_DOUBLE, .f = 0.1})), "0.1");
    assert_string_equal(AS(STRING, cell_bytes("\xff\xfe", 2)), "error");
    assert_string_equal(as((struct db_binding){.rep = DB_AS_STRING, .check_utf8 = true}, TEXT("\xff")), "error");
    assert_string_equal(AS(STRING, cell_moment(1577836800, 500000000, true)), "2020-01-01 00:00:00.500");
    assert_string_equal(AS(STRING, ((struct db_cell){.kind = CELL_TIME, .i = INT64_C(-90000000001000)})),
                        "-25:00:00.000001");
    assert_string_equal(AS(BYTES, cell_bytes("\xff\xfe", 2)), "2 bytes, last fe");
}

static void cells_become_times(void **state)
{
    (void)state;
    struct db_cell m = cell_moment(1577836800, 123456789, true), early = cell_moment(-1, 999999999, true);
    assert_string_equal(AS(TIMESTAMP_MS, m), "1577836800123");
    assert_string_equal(AS(TIMESTAMP_US, m), "1577836800123456");
    assert_string_equal(AS(TIMESTAMP_NS, m), "1577836800123456789");
    assert_string_equal(AS(TIMESTAMP_NS_TEXT, m), "1577836800123456789");
    assert_string_equal(AS(TIMESTAMP_US_TEXT, m), "1577836800123456");
    assert_string_equal(AS(TIMESTAMP_US_ISO, m), "2020-01-01T00:00:00.123456");
    assert_string_equal(AS(TIMESTAMP_NS_ISO, m), "2020-01-01T00:00:00.123456789");
    assert_string_equal(AS(TIMESTAMP_MS, early), "-1");
    assert_string_equal(AS(TIMESTAMP_NS_TEXT, early), "-1");
    assert_string_equal(AS(TIMESTAMP_US_TEXT, early), "-1");
    assert_string_equal(AS(TIMESTAMP_NS, cell_moment(INT64_C(99999999999), 0, true)), "error");
    assert_string_equal(AS(TIMESTAMP_NS_TEXT, cell_moment(INT64_C(99999999999), 5, true)), "99999999999000000005");
    assert_string_equal(AS(DATE, TEXT("2020-02-29")), "18321");
    assert_string_equal(AS(DATE, TEXT("0000-00-00")), "error");
    assert_string_equal(AS(TIME, TEXT("10:11:12.5")), "36672500");
    assert_string_equal(AS(TIME, TEXT("-01:00:00")), "error");
    assert_string_equal(AS(TIME, TEXT("24:00:01")), "error");
    struct db_binding b = {.rep = DB_AS_TIMESTAMP_MS, .zone = zone("+02:00")};
    assert_string_equal(as(b, TEXT("2020-01-01 02:00:00")), "1577836800000");
    assert_string_equal(as(b, TEXT("2020-01-01 02:00:00Z")), "1577844000000");
    b.rep = DB_AS_TIME;
    assert_string_equal(as(b, TEXT("01:00:00")), "82800000");
    struct db_binding legacy = {.rep = DB_AS_DATE, .legacy = true};
    assert_string_equal(as(legacy, TEXT("1000-01-01")),
                        arena_printf(&arena, "%d", (int)calendar_legacy_days(calendar_days(1000, 1, 1))).ptr);
}

static int clear(void **state)
{
    (void)state;
    arena_reset(&arena);
    return 0;
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, clear)
    const struct CMUnitTest tests[] = {T(calendar_round_trips),    T(moments_are_read),     T(zones_convert),
                                       T(zone_garbage_is_refused), T(cells_become_numbers), T(cells_become_text),
                                       T(cells_become_times)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
