/* Lists of expressions, names, and the order of Java's hash map. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include "debezium/filter.h"
#include "debezium/names.h"
#include "debezium/schemas.h"

static void tables(void **state)
{
    (void)state;
    struct config raw;
    config_init(&raw);
    struct debezium_filter f = {0};
    struct debezium_filter_lists lists = {.table_in = STR("public\\.cust.*,s2.t"), .schema_out = STR("hidden")};
    assert_int_equal(debezium_filter_init(&f, &lists, &raw, NULL), 0);
    assert_true(debezium_filter_table(&f, STR("public"), STR("customers")));
    assert_true(debezium_filter_table(&f, STR("PUBLIC"), STR("Customers")));
    assert_true(debezium_filter_table(&f, STR("s2"), STR("t")));
    assert_false(debezium_filter_table(&f, STR("s2"), STR("tt")));
    assert_false(debezium_filter_table(&f, STR("public"), STR("orders")));
    assert_false(debezium_filter_table(&f, STR("hidden"), STR("t")));
    debezium_filter_release(&f);
    config_release(&raw);
}

static void columns(void **state)
{
    (void)state;
    struct config raw;
    config_init(&raw);
    config_set(&raw, STR("column.mask.with.5.chars"), STR("public.c.email"));
    config_set(&raw, STR("column.truncate.to.3.chars"), STR("public.c.name"));
    config_set(&raw, STR("column.truncate.to.x.chars"), STR(".*"));
    struct debezium_filter f = {0};
    struct debezium_filter_lists lists = {.column_out = STR("public.c.secret"), .keys = STR("public.c:a,b;s.*:id")};
    assert_int_equal(debezium_filter_init(&f, &lists, &raw, NULL), 0);
    assert_false(debezium_filter_column(&f, STR("public.c.secret")));
    assert_true(debezium_filter_column(&f, STR("public.c.secrets")));
    const struct debezium_column_rule *rule = debezium_filter_rule(&f, STR("public.c.email"));
    assert_true(rule && rule->mask && rule->chars == 5);
    rule = debezium_filter_rule(&f, STR("public.c.name"));
    assert_true(rule && !rule->mask && rule->chars == 3);
    assert_null(debezium_filter_rule(&f, STR("public.c.other")));
    assert_true(str_is(debezium_filter_key(&f, STR("public.c")), "a,b"));
    assert_true(str_is(debezium_filter_key(&f, STR("shop.t")), "id"));
    assert_null(debezium_filter_key(&f, STR("public.d")).ptr);
    debezium_filter_release(&f);
    config_release(&raw);
}

static void mistakes(void **state)
{
    (void)state;
    struct config raw;
    struct error err;
    config_init(&raw);
    struct debezium_filter f = {0}, g = {0};
    assert_int_equal(debezium_filter_init(&f, &(struct debezium_filter_lists){.table_in = STR("a,(b")}, &raw, &err),
                     ERROR_CONFIG);
    assert_non_null(strstr(err.text, "table.whitelist"));
    assert_int_equal(debezium_filter_init(&g, &(struct debezium_filter_lists){.keys = STR("nocolumns")}, &raw, &err),
                     ERROR_CONFIG);
    debezium_filter_release(&f);
    debezium_filter_release(&g);
    config_release(&raw);
}

static void names(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_string_equal(debezium_topic_name(STR("s.S p.T-1 x"), &arena).ptr, "s.S_p.T-1_x");
    assert_string_equal(debezium_topic_name(STR("é😀"), &arena).ptr, "___");
    assert_string_equal(debezium_schema_name(STR("1s.T-1"), &arena).ptr, "_s.T_1");
    assert_string_equal(debezium_field_name(STR("1st.b"), &arena).ptr, "_1st_b");
    arena_free(&arena);
}

static void hash_order(void **state)
{
    (void)state;
    struct arena arena = {0};
    const struct str few[] = {STR_INIT("k"), STR_INIT("k2"), STR_INIT("z")};
    uint32_t order[16];
    debezium_hash_order(few, 3, order, &arena); /* as a golden case has it: k2, z, k */
    assert_int_equal(order[0], 1);
    assert_int_equal(order[1], 2);
    assert_int_equal(order[2], 0);
    debezium_hash_order(few, 0, order, &arena);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables), cmocka_unit_test(columns),    cmocka_unit_test(mistakes),
        cmocka_unit_test(names),  cmocka_unit_test(hash_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
