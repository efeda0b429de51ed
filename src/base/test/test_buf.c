#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

#include <stdio.h>

#include <stdlib.h>

static void starts_empty(void **state)
{
    (void)state;
    AUTO_BUF
    b = {0};
    assert_int_equal(buf_str(&b).len, 0);
    assert_non_null(buf_str(&b).ptr);
    buf_add(&b, NULL, 0);
    assert_null(b.data);
    assert_string_equal(buf_cstr(&b), "");
}

static void grows(void **state)
{
    (void)state;
    AUTO_BUF
    b = {0};
    for (int i = 0; i < 100000; i++)
        buf_add_char(&b, (char)('a' + i % 26));
    assert_int_equal(b.len, 100000);
    assert_int_equal(b.data[99999], 'a' + 99999 % 26);
    buf_clear(&b);
    size_t cap = b.cap;
    buf_add_literal(&b, "abc");
    buf_add_str(&b, STR("déf"));
    buf_add_cstr(&b, "!");
    assert_string_equal(buf_cstr(&b), "abcdéf!");
    assert_int_equal(b.len, 8);
    assert_int_equal(b.cap, cap);
}

static void prints(void **state)
{
    (void)state;
    AUTO_BUF
    b = {0};
    buf_printf(&b, "%d", 1);
    buf_printf(&b, "%0200d", 2);
    assert_int_equal(b.len, 201);
    buf_printf(&b, "%s", "");
    assert_int_equal(b.len, 201);
    char *text = buf_take(&b);
    assert_int_equal(strlen(text), 201);
    assert_null(b.data);
    free(text);
}

static void same_digits(int64_t v)
{
    char expected[32];
    snprintf(expected, sizeof expected, "%lld", (long long)v);
    AUTO_BUF
    b = {0};
    buf_add_int64(&b, v);
    assert_string_equal(buf_cstr(&b), expected);
}

static void integers(void **state)
{
    (void)state;
    same_digits(INT64_MIN);
    same_digits(INT64_MAX);
    for (int64_t v = 1; v < INT64_MAX / 10; v *= 10) {
        same_digits(v);
        same_digits(v - 1);
        same_digits(-v);
        same_digits(v * 9 + 9);
    }
    AUTO_BUF
    b = {0};
    buf_add_uint64(&b, UINT64_MAX);
    assert_string_equal(buf_cstr(&b), "18446744073709551615");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_empty),
        cmocka_unit_test(grows),
        cmocka_unit_test(prints),
        cmocka_unit_test(integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
