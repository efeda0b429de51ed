#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

#include <errno.h>
#include <string.h>

static void text_and_context(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(error_set(&err, ERROR_CONFIG, "column \"%s\" does not exist", "seq"), ERROR_CONFIG);
    assert_int_equal(error_context(&err, "table \"%s\"", "t"), ERROR_CONFIG);
    assert_string_equal(err.text, "table \"t\": column \"seq\" does not exist");
    error_context(&err, "%s, again", err.text);
    assert_string_equal(
        err.text, "table \"t\": column \"seq\" does not exist, again: table \"t\": column \"seq\" does not exist");
}

static void its_own_text_may_be_an_argument(void **state)
{
    (void)state;
    struct error err = {0};
    error_set(&err, ERROR_IO, "first");
    error_set(&err, ERROR_DATA, "<%s>", err.text);
    assert_string_equal(err.text, "<first>");
}

static void null_is_fine(void **state)
{
    (void)state;
    assert_int_equal(error_set(NULL, ERROR_IO, "x"), ERROR_IO);
    assert_int_not_equal(error_context(NULL, "x"), 0);
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    struct error err = {0};
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    error_set(&err, ERROR_IO, "%s", text);
    assert_int_equal(strlen(err.text), ERROR_TEXT_SIZE - 1);
    error_context(&err, "%s", "where");
    assert_int_equal(strlen(err.text), ERROR_TEXT_SIZE - 1);
    assert_int_equal(strncmp(err.text, "where: xxx", 10), 0);
    error_context(&err, "%s", text);
    assert_int_equal(strlen(err.text), ERROR_TEXT_SIZE - 1);
}

static void codes(void **state)
{
    (void)state;
    assert_true(error_is_retriable(ERROR_CONNECTION));
    assert_false(error_is_retriable(ERROR_CONFIG));
    assert_false(error_is_retriable((enum error_code)999));
    assert_int_equal(error_rest_status(ERROR_CONFLICT), 409);
    assert_int_equal(error_rest_status((enum error_code) - 1), 500);
    assert_string_equal(error_name(ERROR_NO_SPACE), "NO_SPACE");
    assert_string_equal(error_meaning(ERROR_NO_SPACE), "the disk is full");
    assert_int_equal(error_from_errno(ENOSPC), ERROR_NO_SPACE);
    assert_int_equal(error_from_errno(EDQUOT), ERROR_NO_SPACE);
    assert_int_equal(error_from_errno(EWOULDBLOCK), ERROR_LOCKED);
    assert_int_equal(error_from_errno(EIO), ERROR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_context),
        cmocka_unit_test(its_own_text_may_be_an_argument),
        cmocka_unit_test(null_is_fine),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
