#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/record.h"

#include <malloc.h>

static void new_records_are_empty(void **state)
{
    (void)state;
    struct batch b;
    batch_init(&b);
    struct record *r = batch_add(&b);
    assert_int_equal(r->partition, RECORD_NO_PARTITION);
    assert_true(r->timestamp == RECORD_NO_TIMESTAMP);
    assert_int_equal(r->value.type, VALUE_NULL);
    assert_int_equal(r->n_headers, 0);
    r->n_headers = 5;
    batch_reset(&b);
    assert_int_equal(batch_add(&b)->n_headers, 0);
    batch_release(&b);
}

static void holds_schemas_until_reset(void **state)
{
    (void)state;
    struct batch b;
    batch_init(&b);
    struct schema *key = schema_new(SCHEMA_INT32), *value = schema_new(SCHEMA_STRUCT);
    batch_hold(&b, NULL);
    for (int i = 0; i < 100; i++) {
        batch_hold(&b, key);
        batch_hold(&b, value);
    }
    assert_int_equal(b.n_schemas, 2);
    assert_int_equal(atomic_load(&key->refs), 2);
    batch_reset(&b);
    assert_int_equal(atomic_load(&key->refs), 1);
    batch_hold(&b, key);
    batch_release(&b);
    assert_int_equal(atomic_load(&key->refs), 1);
    schema_unref(key);
    schema_unref(value);
}

static void position_is_copied(void **state)
{
    (void)state;
    struct batch b;
    batch_init(&b);
    assert_false(b.has_position);
    char table[] = "t", column[] = "id";
    struct position_entry partition = {str_of(table, 1), value_str(str_of(table, 1))};
    struct position_entry offset = {str_of(column, 2), value_int32(7)};
    struct position p = {{&partition, 1}, {&offset, 1}};
    batch_set_position(&b, &p);
    table[0] = 'x';
    column[0] = 'x';
    assert_true(b.has_position);
    assert_true(str_is(position_get_str(&b.position.partition, "t"), "t"));
    int64_t id = 0;
    assert_true(position_get_int(&b.position.offset, "id", &id));
    assert_int_equal(id, 7);
    batch_reset(&b);
    assert_false(b.has_position);
    batch_release(&b);
}

static void warm_batch_allocates_nothing(void **state)
{
    (void)state;
    struct batch b;
    batch_init(&b);
    size_t before = 0;
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 3000; i++) {
            struct record *r = batch_add(&b);
            r->value = value_items(VALUE_STRUCT, arena_array(&b.arena, struct value, 5), 5);
        }
        assert_true(batch_bytes(&b) >= 3000 * (80 + sizeof(struct record)));
        batch_reset(&b);
        size_t now = mallinfo2().uordblks + mallinfo2().hblkhd;
        if (round > 1)
            assert_int_equal(now, before);
        before = now;
    }
    batch_release(&b);
}

static void position_look_ups(void **state)
{
    (void)state;
    struct position_entry a[] = {{STR("s"), value_str(STR("x"))}, {STR("i"), value_int32(1)}, {STR("n"), value_null()}};
    struct position_entry b[] = {{STR("n"), value_null()}, {STR("i"), value_int64(1)}, {STR("s"), value_str(STR("x"))}};
    struct position_map m = {a, 3}, other = {b, 3}, shorter = {b, 2}, empty = {NULL, 0};
    assert_true(position_map_equal(&m, &other));
    assert_true(position_map_equal(&empty, &empty));
    assert_false(position_map_equal(&m, &shorter));
    b[1].value.i = 2;
    assert_false(position_map_equal(&m, &other));
    b[1] = (struct position_entry){STR("j"), value_int64(1)};
    assert_false(position_map_equal(&m, &other));
    int64_t i = 42;
    assert_false(position_get_int(&m, "s", &i));
    assert_false(position_get_int(&m, "absent", &i));
    assert_int_equal(i, 42);
    assert_null(position_get_str(&m, "i").ptr);
    assert_null(position_get(&empty, "i"));
    struct arena arena = {0};
    struct position_map copy = position_map_copy(&arena, &m);
    assert_true(position_map_equal(&m, &copy));
    copy = position_map_copy(&arena, &empty);
    assert_int_equal(copy.n, 0);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_records_are_empty), cmocka_unit_test(holds_schemas_until_reset),
        cmocka_unit_test(position_is_copied),    cmocka_unit_test(warm_batch_allocates_nothing),
        cmocka_unit_test(position_look_ups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
