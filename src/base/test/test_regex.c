#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/regex.h"

static struct regex *make(const char *pattern, bool nocase)
{
    struct regex *r = NULL;
    struct error err = {0};
    assert_int_equal(regex_compile(str_from(pattern), nocase, &r, &err), 0);
    return r;
}

static void matches_whole_and_finds_part(void **state)
{
    (void)state;
    struct regex *r = make("a|ab", false);
    assert_true(regex_matches(r, STR("ab")));
    assert_false(regex_matches(r, STR("abc")));
    assert_true(regex_finds(r, STR("xxab")));
    assert_false(regex_finds(r, STR_NULL));
    regex_free(r);
    r = make("public\\.(order|item)s?", true);
    assert_true(regex_matches(r, STR("PUBLIC.Orders")));
    assert_false(regex_matches(r, STR("public.ordersx")));
    regex_free(r);
    r = make("", false);
    assert_true(regex_matches(r, STR("")));
    regex_free(r);
}

static void unicode(void **state)
{
    (void)state;
    struct regex *r = make("täble.", true);
    assert_true(regex_matches(r, STR("TÄBLEé")));
    assert_false(regex_matches(r, STR("table\xff")));
    regex_free(r);
    r = make("[\\p{L}_]+", false);
    assert_true(regex_matches(r, STR("größe_北京")));
    regex_free(r);
}

static void errors_say_where(void **state)
{
    (void)state;
    struct regex *r = NULL;
    struct error err = {0};
    assert_int_equal(regex_compile(STR("a(b"), false, &r, &err), ERROR_CONFIG);
    assert_null(r);
    assert_non_null(strstr(err.text, "a(b"));
    assert_int_equal(regex_compile(STR("\xff"), false, &r, &err), ERROR_CONFIG);
    assert_int_equal(regex_compile(STR("("), false, &r, NULL), ERROR_CONFIG);
    regex_free(NULL);
}

static void hostile_pattern_ends(void **state)
{
    (void)state;
    struct regex *r = make("(a+)+(b+)+c(?=x)", false);
    struct buf b = {0};
    for (int i = 0; i < 5000; i++)
        buf_add_char(&b, i % 2 ? 'a' : 'b');
    for (int i = 0; i < 64; i++)
        buf_add_char(&b, 'a');
    assert_false(regex_matches(r, buf_str(&b)));
    buf_free(&b);
    regex_free(r);
}

static void replaced(const char *pattern, const char *text, const char *replacement, const char *expected)
{
    struct regex *r = make(pattern, false);
    AUTO_BUF
    out = {0};
    bool found = regex_replace(r, str_from(text), str_from(replacement), &out);
    assert_int_equal(found, expected != NULL);
    assert_string_equal(buf_cstr(&out), expected ? expected : "");
    regex_free(r);
}

static void replacing(void **state)
{
    (void)state;
    replaced("(.*)\\.(.*)", "db.orders", "x_$2_$1", "x_orders_db");
    replaced("(.*)\\.(.*)", "orders", "$1", NULL);
    replaced("(?<name>.*)_v\\d", "orders_v1", "${name}!", "orders!");
    replaced("(a)(b)?", "a", "[$2]", "[]");
    replaced("a|ab", "ab", "x", "xb");
    replaced("(a)", "a", "$10", "a0");
    replaced("(a)", "a", "\\$1\\\\", "$1\\");
    replaced("(a)", "a", "$0$0", "aa");
    replaced("(a)", "a", "$", "$");
    replaced("(a)", "a", "${unknown}", "${unknown}");
    replaced("(a)", "a", "${", "${");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_whole_and_finds_part), cmocka_unit_test(unicode),   cmocka_unit_test(errors_say_where),
        cmocka_unit_test(hostile_pattern_ends),         cmocka_unit_test(replacing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
