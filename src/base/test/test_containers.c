#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

#include <stdio.h>

static void memory(void **state)
{
    (void)state;
    AUTO_FREE
    char *a = mem_printf("%s-%d", "x", 5);
    assert_string_equal(a, "x-5");
    AUTO_FREE
    char *b = mem_strndup("abcdef", 3);
    assert_string_equal(b, "abc");
    assert_null(mem_strdup(NULL));
    AUTO_FREE
    char *zero = mem_alloc(0);
    assert_non_null(zero);
    AUTO_FREE
    int *zeroed = mem_new_array(int, 100);
    assert_int_equal(zeroed[99], 0);
    AUTO_FREE
    char *copy = mem_dup("abc", 4);
    assert_string_equal(copy, "abc");
    size_t cap = 0;
    AUTO_FREE
    int *grown = mem_grow(NULL, &cap, 1, sizeof(int));
    assert_true(cap >= 1);
    size_t before = cap;
    grown = mem_grow(grown, &cap, before, sizeof(int));
    assert_int_equal(cap, before);
    grown = mem_grow(grown, &cap, before * 5, sizeof(int));
    assert_true(cap >= before * 5);
}

static void vectors(void **state)
{
    (void)state;
    VEC(int) v = {0};
    int sum = 0;
    vec_each (&v, i)
        sum += *i;
    assert_int_equal(sum, 0);
    for (int i = 1; i <= 1000; i++)
        *vec_push(&v) = i;
    vec_each (&v, i)
        sum += *i;
    assert_int_equal(sum, 500500);
    vec_free(&v);
    assert_null(v.items);
}

static void map_keeps_order_and_replaces(void **state)
{
    (void)state;
    struct map m = {0};
    int a = 1, b = 2;
    assert_null(map_get(&m, STR("x")));
    assert_null(map_remove(&m, STR("x")));
    assert_null(map_put(&m, STR("one"), &a));
    assert_null(map_put(&m, STR(""), &b));
    assert_ptr_equal(map_put(&m, STR("one"), &b), &a);
    assert_ptr_equal(map_get(&m, STR("one")), &b);
    assert_ptr_equal(map_get(&m, STR_NULL), &b);
    assert_string_equal(m.entries[0].key.ptr, "one");
    assert_int_equal(m.len, 2);
    map_free(&m, NULL);
    assert_int_equal(m.len, 0);
}

static int freed;

static void count_free(void *p)
{
    freed++;
    free(p);
}

static void map_of_many(void **state)
{
    (void)state;
    struct map m = {0};
    char key[32];
    for (int i = 0; i < 2000; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        int *v = mem_new(int);
        *v = i;
        map_put(&m, str_from(key), v);
    }
    for (int i = 0; i < 2000; i += 3) {
        snprintf(key, sizeof key, "key-%d", i);
        AUTO_FREE
        int *v = map_remove(&m, str_from(key));
        assert_int_equal(*v, i);
    }
    int last = -1;
    map_each (&m, e) {
        int v = *(int *)e->value;
        assert_true(v > last && v % 3 != 0);
        assert_ptr_equal(map_find(&m, e->key), e);
        last = v;
    }
    size_t left = m.len;
    freed = 0;
    map_free(&m, count_free);
    assert_int_equal(freed, left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory),
        cmocka_unit_test(vectors),
        cmocka_unit_test(map_keeps_order_and_replaces),
        cmocka_unit_test(map_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
