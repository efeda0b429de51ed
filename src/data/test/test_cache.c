#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "data/cache.h"

#include <stdlib.h>

static size_t freed;

static void count_free(void *p)
{
    freed++;
    free(p);
}

static int *number(int i)
{
    int *n = mem_new(int);
    *n = i;
    return n;
}

static void finds_by_address_and_extra(void **state)
{
    (void)state;
    freed = 0;
    struct schema_cache c;
    schema_cache_init(&c, count_free);
    struct schema *a = schema_new(SCHEMA_INT8), *b = schema_copy(a);
    assert_null(schema_cache_get(&c, a, NULL));
    assert_null(schema_cache_get(&c, NULL, NULL));
    schema_cache_put(&c, a, NULL, number(1));
    schema_cache_put(&c, b, NULL, number(2));
    schema_cache_put(&c, a, &freed, number(3));
    schema_cache_put(&c, NULL, NULL, number(4));
    assert_int_equal(*(int *)schema_cache_get(&c, a, NULL), 1);
    assert_int_equal(*(int *)schema_cache_get(&c, a, NULL), 1);
    assert_int_equal(*(int *)schema_cache_get(&c, b, NULL), 2);
    assert_int_equal(*(int *)schema_cache_get(&c, a, &freed), 3);
    assert_int_equal(*(int *)schema_cache_get(&c, NULL, NULL), 4);
    schema_cache_put(&c, a, NULL, number(5));
    assert_int_equal(freed, 1);
    assert_int_equal(*(int *)schema_cache_get(&c, a, NULL), 5);
    assert_int_equal(atomic_load(&a->refs), 3);
    schema_cache_release(&c);
    assert_int_equal(freed, 5);
    assert_int_equal(atomic_load(&a->refs), 1);
    assert_null(schema_cache_get(&c, a, NULL));
    schema_unref(a);
    schema_unref(b);
}

static void the_oldest_go(void **state)
{
    (void)state;
    freed = 0;
    struct schema_cache c;
    schema_cache_init(&c, count_free);
    const struct schema *last = NULL;
    struct schema *first = schema_new(SCHEMA_INT8);
    schema_cache_put(&c, first, NULL, number(-1));
    for (int i = 0; i < 3 * SCHEMA_CACHE_MAX; i++) {
        struct schema *s = schema_new(SCHEMA_INT16);
        schema_cache_put(&c, s, NULL, number(i));
        assert_true(c.len <= SCHEMA_CACHE_MAX);
        schema_unref(s);
        last = s;
    }
    assert_int_equal(*(int *)schema_cache_get(&c, last, NULL), 3 * SCHEMA_CACHE_MAX - 1);
    assert_null(schema_cache_get(&c, first, NULL));
    assert_int_equal(atomic_load(&first->refs), 1);
    schema_unref(first);
    schema_cache_release(&c);
    assert_int_equal(freed, 3 * SCHEMA_CACHE_MAX + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_by_address_and_extra),
        cmocka_unit_test(the_oldest_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
