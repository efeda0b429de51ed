#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

#include <malloc.h>

static void empty_arena_gives_pointers(void **state)
{
    (void)state;
    struct arena a = {0};
    assert_non_null(arena_alloc(&a, 0));
    char *p = arena_alloc(&a, 1), *q = arena_alloc(&a, 1);
    assert_int_equal((uintptr_t)p % ARENA_ALIGN, 0);
    assert_int_equal(q - p, ARENA_ALIGN);
    arena_free(&a);
    assert_null(a.first);
    arena_free(&a);
}

static void large_allocations_have_their_own_chunk(void **state)
{
    (void)state;
    struct arena a = {0};
    char *small = arena_alloc(&a, 10);
    char *large = arena_alloc(&a, 1024 * 1024);
    memset(large, 'x', 1024 * 1024);
    memset(small, 'y', 10);
    assert_int_equal(a.used, 16 + 1024 * 1024);
    assert_int_equal(large[0], 'x');
    arena_free(&a);
}

static void fill(struct arena *a)
{
    for (int i = 0; i < 5000; i++)
        memset(arena_alloc(a, (size_t)(i % 97) + 1), i & 0xff, (size_t)(i % 97) + 1);
    memset(arena_alloc(a, 200000), 1, 200000);
    for (int i = 0; i < 3000; i++)
        memset(arena_zalloc(a, 64), 2, 64);
}

static void warm_arena_allocates_nothing(void **state)
{
    (void)state;
    struct arena a = {0};
    for (int i = 0; i < 3; i++) {
        fill(&a);
        arena_reset(&a);
    }
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (int i = 0; i < 50; i++) {
        fill(&a);
        arena_reset(&a);
        assert_int_equal(a.used, 0);
    }
    size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    assert_int_equal(before, after);
    arena_free(&a);
}

static void reset_gives_back_what_is_beyond_the_limit(void **state)
{
    (void)state;
    struct arena a = {0};
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (int i = 0; i < 10; i++)
        arena_alloc(&a, 4 * 1024 * 1024);
    arena_reset(&a);
    size_t kept = mallinfo2().uordblks + mallinfo2().hblkhd - before;
    assert_true(kept <= ARENA_KEEP + 4096);
    arena_free(&a);
}

static void text(void **state)
{
    (void)state;
    struct arena a = {.chunk_size = 32};
    struct str s = arena_str(&a, STR("héllo"));
    assert_string_equal(s.ptr, "héllo");
    assert_null(arena_str(&a, STR_NULL).ptr);
    assert_non_null(arena_str(&a, STR("")).ptr);
    assert_null(arena_cstr(&a, NULL).ptr);
    s = arena_printf(&a, "%s-%d", "a long enough text for two chunks", 7);
    assert_string_equal(s.ptr, "a long enough text for two chunks-7");
    assert_int_equal(s.len, strlen(s.ptr));
    assert_memory_equal(arena_dup(&a, "abc", 3), "abc", 3);
    arena_free(&a);
}

static void open_and_close(void **state)
{
    (void)state;
    struct arena a = {0};
    size_t room;
    char *p = arena_open(&a, 100, &room);
    assert_true(room >= 100);
    memset(p, 'x', 100);
    arena_close(&a, 5);
    char *q = arena_alloc(&a, 8);
    assert_ptr_equal(q, p + 8);
    p = arena_open(&a, 1024 * 1024, &room);
    assert_true(room >= 1024 * 1024);
    arena_close(&a, room);
    assert_int_equal(a.limit - a.cursor, 0);
    assert_non_null(arena_alloc(&a, 1));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_arena_gives_pointers),
        cmocka_unit_test(large_allocations_have_their_own_chunk),
        cmocka_unit_test(warm_arena_allocates_nothing),
        cmocka_unit_test(reset_gives_back_what_is_beyond_the_limit),
        cmocka_unit_test(text),
        cmocka_unit_test(open_and_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
