/* SimpleDateFormat: every letter written and read, as a JVM in UTC and English does it (compared with Java 17). */
#include "transforms/calendar.h"
#include "transforms/date_format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { YEARS = 3000 };

static void writes(const char *pattern, int64_t ms, const char *expected)
{
    struct arena arena = {0};
    struct date_format f;
    struct error err;
    AUTO_BUF out = {0};
    if (date_format_compile(str_from(pattern), &arena, &f, &err))
        fail_msg("%s", err.text);
    date_format_write(&f, ms, &out);
    assert_string_equal(buf_cstr(&out), expected);
    arena_free(&arena);
}

static void test_written(void **state)
{
    (void)state;
    const int64_t ms = 1580650272065; /* Sunday, 2020-02-02 13:31:12.065 */
    writes("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", ms, "2020-02-02T13:31:12.065Z");
    writes("y yy yyy yyyyy", ms, "2020 20 2020 02020");
    writes("M MM MMM MMMM L LL LLL LLLL", ms, "2 02 Feb February 2 02 Feb February");
    writes("d dd D DDD", ms, "2 02 33 033");
    writes("E EEE EEEE u", ms, "Sun Sun Sunday 7");
    writes("YYYY w ww W F", ms, "2020 6 06 2 1");
    writes("H HH k K h hh a", ms, "13 13 13 1 1 01 PM");
    writes("m s S SS SSSS", ms, "31 12 65 65 0065");
    writes("z zzzz Z X XX X"
           "XX",
           ms, "UTC Coordinated Universal Time +0000 Z Z Z");
    writes("G", ms, "AD");
    writes("'o''clock' '' h''''", ms, "o'clock ' 1''");
    writes("", ms, "");
    writes("k K h", 0, "24 0 12");
    writes("HH:mm:ss.SSS", -1, "23:59:59.999");
    writes("yyyy-MM-dd YYYY-ww", 1609372800000, "2020-12-31 2021-01");
    writes("yyyy-MM-dd", 253402300800000, "10000-01-01");
}

static void test_julian(void **state)
{
    (void)state;
    writes("yyyy-MM-dd D", -12219292800000, "1582-10-15 278");
    writes("yyyy-MM-dd D", -12219292800001, "1582-10-04 277");
    writes("yyyy-MM-dd G", -62135769600000, "0001-01-01 AD");
    writes("yyyy-MM-dd G", -62135769600001, "0001-12-31 BC");
    writes("yyyy-MM-dd", -14831769600000, "1499-12-23");
}

static void refused(const char *pattern, const char *expected)
{
    struct arena arena = {0};
    struct date_format f = {.n = 77};
    struct error err;
    assert_int_equal(date_format_compile(str_from(pattern), &arena, &f, &err), ERROR_CONFIG);
    assert_string_equal(err.text, expected);
    assert_int_equal(f.n, 77);
    arena_free(&arena);
}

static void test_refused(void **state)
{
    (void)state;
    refused("yyyy-bb", "Illegal pattern character 'b' in date pattern \"yyyy-bb\"");
    refused("XX"
            "XX",
            "invalid ISO 8601 format: length=4 in date pattern \"XX"
            "XX\"");
    refused("yyyy'T", "Unterminated quote in date pattern \"yyyy'T\"");
    char longest[DATE_PATTERN_MAX + 2];
    memset(longest, 'y', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    refused(longest, "a date pattern of more than 200 bytes");
}

/* `expected` INT64_MIN: it does not match. */
static void reads(const char *pattern, const char *text, int64_t expected)
{
    struct arena arena = {0};
    struct date_format f;
    int64_t ms = 77;
    struct error err;
    assert_int_equal(date_format_compile(str_from(pattern), &arena, &f, NULL), 0);
    int rc = date_format_parse(&f, str_from(text), &ms, &err);
    if (expected == INT64_MIN) {
        assert_int_equal(rc, ERROR_DATA);
        assert_int_equal(ms, 77);
    } else if (rc) {
        fail_msg("%s", err.text);
    } else if (ms != expected) {
        fail_msg("%s by %s is %lld, not %lld", text, pattern, (long long)ms, (long long)expected);
    }
    arena_free(&arena);
}

static void test_read(void **state)
{
    (void)state;
    reads("yyyy-MM-dd HH:mm:ss", "2020-02-02 13:31:12", 1580650272000);
    reads("yyyy-MM-dd HH:mm:ss", "2020-2-2 13:31:12 and more", 1580650272000);
    reads("yyyy-MM-dd HH:mm:ss", " 2020-02-02 13:31:12", 1580650272000);
    reads("yyyy-MM-dd HH:mm:ss", "2020-02-02", INT64_MIN);
    reads("yyyy-MM-dd HH:mm:ss", "x2020-02-02 13:31:12", INT64_MIN);
    reads("yyyy-MM-dd HH:mm:ss", "", INT64_MIN);
    reads("yyyyMMddHHmmssSSS", "20200202133112065", 1580650272065);
    reads("yyyyMMddHHmmss", "2020020213311", 1580650261000);
    reads("EEE, dd MMM yyyy hh:mm:ss a z", "Sun, 02 feb 2020 01:31:12 pm UTC", 1580650272000);
    reads("EEEE d MMMM yyyy", "sunday 2 february 2020", 1580601600000);
    reads("yyyy-MM-dd", "2020-13-45", 1613260800000); /* lenient: the 45th of the 13th month */
    reads("hh a", "12 AM", 0);
    reads("hh a", "12 PM", 43200000);
    reads("kk", "24", 0);
    reads("DDD/yyyy", "366/2021", 1640995200000);
    reads("G yyyy", "BC 44", -63524304000000);
    reads("yyyy-MM-dd", "1582-10-10", -12218860800000); /* a day that there was not */
    reads("yyyy-MM-dd", "1582-10-04", -12219379200000);
    reads("yyyy", "9999999999999999999", INT64_MIN);
}

static void test_zones(void **state)
{
    (void)state;
    reads("HH:mm X", "02:00 +01", 3600000);
    reads("HH:mm XX", "02:00 -0130", 12600000);
    reads("HH:mm X"
          "XX",
          "02:00 +01:30", 1800000);
    reads("HH:mm X"
          "XX",
          "02:00 Z", 7200000);
    reads("HH:mm X"
          "XX",
          "02:00 +0130", INT64_MIN);
    reads("HH:mm X", "02:00 +24", INT64_MIN);
    reads("HH:mm Z", "02:00 +0130", 1800000);
    reads("HH:mm z", "02:00 GMT+1:30", 1800000);
    reads("HH:mm z", "02:00 gmt", 7200000);
    reads("HH:mm z", "02:00 Nowhere", INT64_MIN);
}

static void test_weeks(void **state)
{
    (void)state;
    reads("YYYY-'W'ww-u", "2020-W06-7", 1580601600000);
    reads("yyyy ww", "2020 07", 1581206400000);
    reads("yyyy MM W E", "2020 02 2 Tue", 1580774400000);
    reads("yyyy MM F E", "2020 02 -1 Tue", 1582588800000);
    reads("E u", "Sun 2", 432000000);
}

/* 80 years back and 20 ahead. */
static void test_two_digit_years(void **state)
{
    (void)state;
    struct calendar_day today;
    struct arena arena = {0};
    struct date_format f;
    assert_int_equal(date_format_compile(STR("yy"), &arena, &f, NULL), 0);
    calendar_of_days(calendar_days_of_ms(f.century_start), &today);
    for (int yy = 0; yy < 100; yy++) {
        char text[3] = {(char)('0' + yy / 10), (char)('0' + yy % 10)};
        int64_t ms;
        struct calendar_day c;
        assert_int_equal(date_format_parse(&f, str_from(text), &ms, NULL), 0);
        calendar_of_days(calendar_days_of_ms(ms), &c);
        assert_int_equal(c.year % 100, yy);
        assert_true(ms >= f.century_start && c.year <= today.year + 100);
    }
    arena_free(&arena);
}

/* Every day of three thousand years, there and back. */
static void test_every_day(void **state)
{
    (void)state;
    struct calendar_day c, before;
    int64_t days = calendar_days_of(-5, 0, 1);
    calendar_of_days(days - 1, &before);
    for (int64_t end = calendar_days_of(YEARS, 0, 1); days < end; days++) {
        calendar_of_days(days, &c);
        assert_int_equal(calendar_days_of(c.year, c.month, c.day), days);
        assert_int_equal(c.weekday, (before.weekday + 1) % 7);
        bool new_year = c.month == 0 && c.day == 1;
        assert_int_equal(c.day_of_year, new_year ? 1 : before.day_of_year + 1);
        bool new_week = c.weekday == 0;
        assert_true(c.week_of_year == before.week_of_year + new_week || (new_week && c.week_of_year == 1));
        before = c;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written),         cmocka_unit_test(test_julian),
        cmocka_unit_test(test_refused),         cmocka_unit_test(test_read),
        cmocka_unit_test(test_zones),           cmocka_unit_test(test_weeks),
        cmocka_unit_test(test_two_digit_years), cmocka_unit_test(test_every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
