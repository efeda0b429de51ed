#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources/query/tables.h"

#include <stdlib.h>

static struct arena arena;
static struct error err;

static struct str_list list_of(const char *text)
{
    struct str_list list = {arena_alloc(&arena, sizeof(struct str) * 16), 0};
    for (struct str rest = str_from(text); rest.ptr && rest.len;)
        list.items[list.len++] = str_trim(str_split(rest, ';', &rest));
    return list;
}

static struct query_config config(void)
{
    return (struct query_config){.table_types = list_of("table;View")};
}

static bool passes(const struct query_config *c, const char *schema, const char *name, const char *type)
{
    struct table_filter f;
    struct db_table t = {
        .catalog = STR("db"), .schema = str_from(schema), .name = str_from(name), .type = str_from(type)};
    assert_int_equal(table_filter_init(&f, c, &err), 0);
    bool result = table_filter_passes(&f, &t);
    table_filter_release(&f);
    return result;
}

static void test_names(void **state)
{
    (void)state;
    struct query_config c = config();
    assert_true(passes(&c, "public", "anything", "TABLE"));
    assert_true(passes(&c, "public", "anything", "VIEW"));
    assert_false(passes(&c, "public", "anything", "SYSTEM TABLE"));
    c.whitelist = list_of("orders;sales.items;\"x\".\"Y\"");
    assert_true(passes(&c, "public", "orders", "TABLE"));
    assert_true(passes(&c, "other", "orders", "TABLE"));
    assert_false(passes(&c, "public", "Orders", "TABLE"));
    assert_true(passes(&c, "sales", "items", "TABLE"));
    assert_false(passes(&c, "public", "items", "TABLE"));
    assert_true(passes(&c, "x", "Y", "TABLE"));
    c.whitelist.len = 0;
    c.blacklist = list_of("orders;sales.items");
    assert_false(passes(&c, "public", "orders", "TABLE"));
    assert_true(passes(&c, "public", "items", "TABLE"));
}

static void test_expressions(void **state)
{
    (void)state;
    struct query_config c = config();
    c.include_list = list_of("sales\\..*;public\\.t\\d+");
    assert_true(passes(&c, "sales", "x", "TABLE"));
    assert_true(passes(&c, "public", "t12", "TABLE"));
    assert_false(passes(&c, "public", "t12x", "TABLE")); /* the whole name */
    c.exclude_list = list_of(".*tmp.*");
    assert_false(passes(&c, "sales", "a_tmp_b", "TABLE"));
    c.include_list = list_of("(");
    struct table_filter f;
    assert_int_equal(table_filter_init(&f, &c, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "table.include.list"));
}

static void test_patterns(void **state)
{
    (void)state;
    assert_true(table_like(STR("sales"), STR("sales")));
    assert_true(table_like(STR("sales"), STR("s%s")));
    assert_true(table_like(STR("sales"), STR("%")));
    assert_true(table_like(STR(""), STR("%")));
    assert_true(table_like(STR("sales"), STR("s_les")));
    assert_false(table_like(STR("sales"), STR("s_es")));
    assert_false(table_like(STR("sales"), STR("sale")));
    assert_true(table_like(STR("a_b"), STR("a\\_b")));
    assert_false(table_like(STR("axb"), STR("a\\_b")));
    assert_true(table_like(STR("aXbXc"), STR("%X%c")));
    assert_false(table_like(STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), STR("%a%a%a%a%a%a%a%b")));
    struct query_config c = config();
    c.schema_pattern = STR("pub%");
    assert_true(passes(&c, "public", "t", "TABLE"));
    assert_false(passes(&c, "sales", "t", "TABLE"));
    c.catalog_pattern = STR("other");
    assert_false(passes(&c, "public", "t", "TABLE"));
}

static void test_lists(void **state)
{
    (void)state;
    struct db_table *t;
    size_t n;
    assert_int_equal(table_list_parse(STR("\"public\".\"a,b\", \"x\"\"y\".\"z.w\",plain , s.t,"), &arena, &t, &n, &err),
                     0);
    assert_int_equal(n, 4);
    assert_string_equal(t[0].schema.ptr, "public");
    assert_string_equal(t[0].name.ptr, "a,b");
    assert_string_equal(t[1].schema.ptr, "x\"y");
    assert_string_equal(t[1].name.ptr, "z.w");
    assert_null(t[2].schema.ptr);
    assert_string_equal(t[2].name.ptr, "plain");
    assert_string_equal(t[3].schema.ptr, "s");
    for (size_t i = 0; i < n; i++) { /* what is written can be read */
        AUTO_BUF text = {0};
        struct db_table *back;
        size_t one;
        table_write_quoted(&t[i], &text);
        assert_int_equal(table_list_parse(buf_str(&text), &arena, &back, &one, &err), 0);
        assert_int_equal(one, 1);
        assert_true(str_equal(back->name, t[i].name));
    }
    assert_int_equal(table_list_parse(STR("\"public\".\"a"), &arena, &t, &n, &err), ERROR_CONFIG);
    assert_int_equal(table_list_parse(STR("\"a\"b"), &arena, &t, &n, &err), ERROR_CONFIG);
    assert_int_equal(table_list_parse(STR("a.b.c.d"), &arena, &t, &n, &err), ERROR_CONFIG);
    assert_int_equal(table_list_parse(STR(""), &arena, &t, &n, &err), 0);
    assert_int_equal(n, 0);
}

static void test_keys(void **state)
{
    (void)state;
    struct query_config c = config();
    struct table_keys k;
    c.mode = MODE_TIMESTAMP_INCREMENTING;
    c.incrementing_column = STR("id");
    c.timestamp_columns = list_of("a;b");
    assert_int_equal(table_keys_for(&c, STR("public.t"), &arena, &k, &err), 0);
    assert_string_equal(k.incrementing.ptr, "id");
    assert_int_equal(k.n_timestamps, 2);
    c.mode = MODE_BULK;
    assert_int_equal(table_keys_for(&c, STR("public.t"), &arena, &k, &err), 0);
    assert_int_equal(k.incrementing.len + k.n_timestamps, 0);
    c.mode = MODE_TIMESTAMP;
    c.timestamp_columns.len = 0;
    assert_int_equal(table_keys_for(&c, STR("public.t"), &arena, &k, &err), ERROR_CONFIG);
}

static void test_mappings(void **state)
{
    (void)state;
    struct query_config c = config();
    struct table_keys k;
    c.mode = MODE_TIMESTAMP_INCREMENTING;
    c.timestamp_mapping = list_of("public\\.t.*:[u|c];sales\\..*:[at]");
    c.incrementing_mapping = list_of("public\\..*:id;public\\.two:nr");
    assert_int_equal(table_keys_for(&c, STR("public.t1"), &arena, &k, &err), 0);
    assert_string_equal(k.incrementing.ptr, "id");
    assert_int_equal(k.n_timestamps, 2);
    assert_string_equal(k.timestamps[0].ptr, "u");
    assert_string_equal(k.timestamps[1].ptr, "c");
    assert_int_equal(table_keys_for(&c, STR("public.two"), &arena, &k, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "more than one"));
    assert_int_equal(table_keys_for(&c, STR("other.x"), &arena, &k, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "no entry matches"));
    static const char *const bad[] = {".*:u", ".*:[]", ".*:[a||b]", ".*", ".*:", "(:[a]"};
    c.incrementing_mapping.len = 0;
    c.incrementing_column = STR("id");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        c.timestamp_mapping = list_of(bad[i]);
        assert_int_equal(table_keys_for(&c, STR("public.t"), &arena, &k, &err), ERROR_CONFIG);
        assert_non_null(strstr(err.text, "timestamp.columns.mapping"));
    }
}

static void test_late_tables(void **state)
{
    (void)state;
    int seen[3] = {0};
    for (int i = 0; i < 60; i++) {
        struct db_table t = {.schema = STR("public"), .name = arena_printf(&arena, "table%d", i)};
        int task = table_late_task(&t, 3);
        assert_true(task >= 0 && task < 3);
        assert_int_equal(task, table_late_task(&t, 3));
        seen[task]++;
    }
    assert_true(seen[0] > 5 && seen[1] > 5 && seen[2] > 5);
}

static void assert_zone(const char *text, const char *expected)
{
    struct str zone = STR("");
    int code = query_time_zone(str_from(text), &arena, &zone, &err);
    assert_int_equal(code, expected ? 0 : ERROR_CONFIG);
    if (expected)
        assert_string_equal(arena_str(&arena, zone).ptr, expected);
}

static void test_time_zones(void **state)
{
    (void)state;
    assert_zone("UTC", "UTC");
    assert_zone("Z", "UTC");
    assert_zone("Asia/Tokyo", "Asia/Tokyo");
    assert_zone("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires");
    assert_zone("PST", "America/Los_Angeles");
    assert_zone("EST", "-05:00");
    assert_zone("+9", "+09:00");
    assert_zone("-0330", "-03:30");
    assert_zone("GMT+9", "+09:00"); /* not POSIX's GMT+9, which is west */
    assert_zone("UTC-08:00", "-08:00");
    assert_zone("Etc/GMT+9", "Etc/GMT+9");
    assert_zone("+19", NULL);
    assert_zone("'; drop table x", NULL);
    assert_zone("+09:00:01", NULL);
}

static void test_statements(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"select 1", "select 1"},
        {"  select 1 ; ; ", "select 1"},
        {"select a ?\? 'k' from t", "select a ? 'k' from t"},
        {"select '?\?', \"?\?\" -- ?\?\n ?\?| x", "select '?\?', \"?\?\" -- ?\?\n ?| x"}, /* \?: no trigraphs */
        {"select /* ?\? */ ?\? 1", "select /* ?\? */ ? 1"},
        {"select 'it''s ?\?' ?\? 1", "select 'it''s ?\?' ? 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct query_config c = {.query = str_from(cases[i][0])};
        assert_string_equal(query_statement(&c, &arena).ptr, cases[i][1]);
    }
    struct query_config none = {.query = STR(" ; ")};
    assert_null(query_statement(&none, &arena).ptr);
    struct query_config masked = {.query_masked = STR("select 2")};
    assert_string_equal(query_statement(&masked, &arena).ptr, "select 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),       cmocka_unit_test(test_expressions), cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_lists),       cmocka_unit_test(test_keys),        cmocka_unit_test(test_mappings),
        cmocka_unit_test(test_late_tables), cmocka_unit_test(test_time_zones),  cmocka_unit_test(test_statements),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
