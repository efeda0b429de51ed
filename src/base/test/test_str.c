#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

#include <math.h>

static void comparing(void **state)
{
    (void)state;
    assert_true(str_equal(STR_NULL, STR("")));
    assert_true(str_is(STR_NULL, ""));
    assert_false(str_is(STR_NULL, "a"));
    assert_true(str_is_nocase(STR("TrUe"), "true"));
    assert_false(str_is_nocase(STR("tru"), "true"));
    assert_false(str_is_nocase(STR("\xc3\x84"), "\xc3\xa4"));
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_compare(STR("b"), STR("ab")) > 0);
    assert_int_equal(str_compare(STR_NULL, STR("")), 0);
    assert_true(str_compare(STR("\xff"), STR("a")) > 0);
    assert_true(str_starts(STR("abc"), "ab") && str_starts(STR_NULL, "") && !str_starts(STR("a"), "ab"));
    assert_true(str_ends(STR("abc"), "bc") && str_ends(STR_NULL, "") && !str_ends(STR("c"), "bc"));
}

static void cutting(void **state)
{
    (void)state;
    assert_true(str_is(str_trim(STR(" \t\r\n a b \v\f")), "a b"));
    assert_int_equal(str_trim(STR("  ")).len, 0);
    struct str rest = STR("a,,b");
    assert_true(str_is(str_split(rest, ',', &rest), "a"));
    assert_true(str_is(str_split(rest, ',', &rest), ""));
    assert_true(str_is(str_split(rest, ',', &rest), "b"));
    assert_null(rest.ptr);
    rest = STR("a,");
    str_split(rest, ',', &rest);
    assert_non_null(rest.ptr);
    assert_int_equal(rest.len, 0);
    assert_int_equal(str_find(STR_NULL, 'x'), 0);
    assert_int_equal(str_find(STR("abc"), 'x'), 3);
}

static bool int64_is(struct str s, int64_t expected)
{
    int64_t v = 0;
    return str_to_int64(s, &v) && v == expected;
}

static void integers(void **state)
{
    (void)state;
    assert_true(int64_is(STR("0"), 0));
    assert_true(int64_is(STR("+7"), 7));
    assert_true(int64_is(STR("-9223372036854775808"), INT64_MIN));
    assert_true(int64_is(STR("9223372036854775807"), INT64_MAX));
    const char *bad[] = {"",
                         "-",
                         "+",
                         "--1",
                         "-+1",
                         "1 ",
                         " 1",
                         "0x10",
                         "1e3",
                         "9223372036854775808",
                         "-9223372036854775809",
                         "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t v = 42;
        assert_false(str_to_int64(str_from(bad[i]), &v));
        assert_int_equal(v, 42);
    }
    uint64_t u = 0;
    assert_true(str_to_uint64(STR("18446744073709551615"), &u) && u == UINT64_MAX);
    assert_false(str_to_uint64(STR("18446744073709551616"), &u));
    assert_false(str_to_uint64(STR("-1"), &u));
    assert_false(str_to_uint64(STR_NULL, &u));
}

static void doubles(void **state)
{
    (void)state;
    double d = 0;
    assert_true(str_to_double(STR("-1.5e3"), &d) && d == -1500.0);
    assert_true(str_to_double(STR("1e-400"), &d) && d < 1e-300);
    assert_true(str_to_double(STR("NaN"), &d) && isnan(d));
    const char *bad[] = {"", " 1", "1 ", "1,5", "1e999", "abc"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(str_to_double(str_from(bad[i]), &d));
    assert_false(str_to_double(STR("1\0002"), &d));
}

static void utf8(void **state)
{
    (void)state;
    const char *good[] = {"",
                          "plain ascii, more than eight",
                          "\xc2\x80",
                          "\xdf\xbf",
                          "\xe0\xa0\x80",
                          "\xed\x9f\xbf",
                          "\xef\xbf\xbf",
                          "\xf0\x90\x80\x80",
                          "\xf4\x8f\xbf\xbf",
                          "12345678\303\24412345678"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(str_is_utf8(str_from(good[i])));
    const char *bad[] = {"\x80",
                         "\xc0\x80",
                         "\xc1\xbf",
                         "\xc3",
                         "\xe0\x9f\xbf",
                         "\xed\xa0\x80",
                         "\xe2\x82",
                         "\xf0\x8f\xbf\xbf",
                         "\xf4\x90\x80\x80",
                         "\xf5\x80\x80\x80",
                         "1234567\xff",
                         "\xf0\x9f\x98"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(str_is_utf8(str_from(bad[i])));
    assert_true(str_is_utf8(STR("a\0b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparing), cmocka_unit_test(cutting), cmocka_unit_test(integers),
        cmocka_unit_test(doubles),   cmocka_unit_test(utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
