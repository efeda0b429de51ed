/* struct config: raw settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/conf.h"

#include <stdlib.h>

static void test_set_get_remove(void **state)
{
    (void)state;
    struct config c;
    config_init(&c);
    config_set(&c, STR("a"), STR("1"));
    config_set(&c, STR("b"), STR("2"));
    config_set(&c, STR("a"), STR("3"));
    config_set(&c, STR("n"), STR_NULL);
    assert_int_equal(c.entries.len, 3);
    assert_string_equal(c.entries.items[0].name.ptr, "a");
    assert_string_equal(config_get(&c, "a").ptr, "3");
    assert_null(config_get(&c, "n").ptr);
    assert_true(config_has(&c, STR("n")));
    assert_null(config_get(&c, "zzz").ptr);
    assert_false(config_has(&c, STR("zzz")));
    config_remove(&c, STR("a"));
    config_remove(&c, STR("zzz"));
    assert_int_equal(c.entries.len, 2);
    assert_string_equal(c.entries.items[0].name.ptr, "b");
    config_remove(&c, STR("n"));
    config_remove(&c, STR("b"));
    assert_int_equal(c.entries.len, 0);
    config_release(&c);
    config_release(&c);
}

static void test_equal_and_copy(void **state)
{
    (void)state;
    struct config a, b;
    config_init(&a);
    config_init(&b);
    assert_true(config_equal(&a, &b));
    config_set(&a, STR("x"), STR("1"));
    config_set(&a, STR("y"), STR(""));
    assert_false(config_equal(&a, &b));
    config_set(&b, STR("y"), STR_NULL);
    config_set(&b, STR("x"), STR("1"));
    assert_false(config_equal(&a, &b)); /* null is not the empty text */
    config_set(&b, STR("y"), STR(""));
    assert_true(config_equal(&a, &b));
    config_set(&b, STR("x"), STR("2"));
    assert_false(config_equal(&a, &b));
    config_copy(&b, &a);
    assert_true(config_equal(&a, &b));
    config_release(&a);
    assert_string_equal(config_get(&b, "x").ptr, "1");
    config_release(&b);
}

static void test_sub(void **state)
{
    (void)state;
    struct config c, sub;
    config_init(&c);
    config_init(&sub);
    config_set(&c, STR("transforms"), STR("a"));
    config_set(&c, STR("transforms.a.type"), STR("T"));
    config_set(&c, STR("transforms.a."), STR("no name left"));
    config_set(&c, STR("transforms.ab.type"), STR("U"));
    config_sub(&c, "transforms.a.", &sub);
    assert_int_equal(sub.entries.len, 1);
    assert_string_equal(config_get(&sub, "type").ptr, "T");
    config_release(&c);
    config_release(&sub);
}

static void test_resolve_leaves_text_alone(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct error err;
    struct str ret;
    const char *const texts[] = {"", "plain", "$", "${", "${}", "${x}", "${env}", "$1-${name}", "a}b{", "${env:X"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(config_resolve(str_from(texts[i]), &arena, &ret, &err), 0);
        assert_string_equal(ret.ptr, texts[i]);
    }
    assert_int_equal(config_resolve(STR_NULL, &arena, &ret, &err), 0);
    assert_null(ret.ptr);
    setenv("CONF_TEST_A", "${env:CONF_TEST_A}", 1);
    assert_int_equal(config_resolve(STR("<${env:CONF_TEST_A}${env:CONF_TEST_A}>"), &arena, &ret, &err), 0);
    assert_string_equal(ret.ptr, "<${env:CONF_TEST_A}${env:CONF_TEST_A}>"); /* looked up once, not again */
    assert_int_equal(config_resolve(STR("${env:}"), &arena, &ret, NULL), ERROR_CONFIG);
    assert_int_equal(config_resolve(STR("${file::k}"), &arena, &ret, NULL), ERROR_CONFIG);
    assert_int_equal(config_resolve(STR("${file:/nonexistent:k}"), &arena, &ret, NULL), ERROR_CONFIG);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_get_remove),
        cmocka_unit_test(test_equal_and_copy),
        cmocka_unit_test(test_sub),
        cmocka_unit_test(test_resolve_leaves_text_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
