#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/value.h"

#include <math.h>

static void equality(void **state)
{
    (void)state;
    struct value a = value_int32(5), b = value_int64(5), n = value_null();
    assert_false(value_equal(&a, &b));
    assert_true(value_equal(&n, &n));
    struct value nan1 = value_float64(NAN), nan2 = value_float64(-NAN), zero = value_float64(0.0),
                 minus = value_float64(-0.0);
    assert_true(value_equal(&nan1, &nan2));
    assert_false(value_equal(&zero, &minus));
    struct value f1 = value_float32(1.5f), f2 = value_float32(1.5f);
    assert_true(value_equal(&f1, &f2));
    struct value t = value_bool(true), f = value_bool(false);
    assert_false(value_equal(&t, &f));
    struct value s1 = value_str(STR("ä")), s2 = value_bytes("ä", 2), e1 = value_str(STR_NULL), e2 = value_str(STR(""));
    assert_false(value_equal(&s1, &s2));
    assert_true(value_equal(&e1, &e2));
}

static void nested(void **state)
{
    (void)state;
    struct value inner[] = {value_str(STR("k")), value_int64(1), value_str(STR("m")), value_null()};
    struct value map = value_items(VALUE_MAP, inner, 2);
    struct value outer[] = {map, value_bytes("\0\1", 2)};
    struct value whole = value_items(VALUE_STRUCT, outer, 2);
    struct arena arena = {0};
    struct value copy = value_copy(&arena, &whole);
    assert_true(value_equal(&whole, &copy));
    assert_ptr_not_equal(copy.items, outer);
    assert_ptr_not_equal(copy.items[1].bytes, outer[1].bytes);
    assert_int_equal(value_map_get(&copy.items[0], STR("k"))->i, 1);
    assert_int_equal(value_map_get(&copy.items[0], STR("m"))->type, VALUE_NULL);
    assert_null(value_map_get(&copy.items[0], STR("x")));
    assert_null(value_map_get(&copy, STR("k")));
    copy.items[0].items[3] = value_int64(0);
    assert_false(value_equal(&whole, &copy));
    struct value none = value_items(VALUE_ARRAY, NULL, 0);
    copy = value_copy(&arena, &none);
    assert_true(value_equal(&none, &copy));
    arena_free(&arena);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(value_type_name(VALUE_INT8), "INT8");
    assert_string_equal(value_type_name(VALUE_STRUCT), "STRUCT");
    assert_string_equal(value_type_name((enum value_type)99), "UNKNOWN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality),
        cmocka_unit_test(nested),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
