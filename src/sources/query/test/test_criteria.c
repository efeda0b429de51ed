#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources/query/criteria.h"
#include "sources/query/offset.h"

static struct str columns[] = {STR_INIT("\"a\""), STR_INIT("\"b\"")};
static const struct criteria_values values = {STR_INIT("'B'"), STR_INIT("'E'"), STR_INIT("7")};

static void assert_sql(struct criteria c, const char *expected)
{
    AUTO_BUF sql = {0};
    criteria_write(&c, &values, &sql);
    assert_string_equal(buf_cstr(&sql), expected);
}

static void test_tables(void **state)
{
    (void)state;
    struct criteria c = {.table = STR("\"s\".\"t\"")};
    assert_sql(c, "SELECT * FROM \"s\".\"t\"");
    c.incrementing = STR("\"id\"");
    assert_sql(c, "SELECT * FROM \"s\".\"t\" WHERE \"id\" > 7 ORDER BY \"id\" ASC");
    c.suffix = STR("LIMIT 10");
    assert_sql(c, "SELECT * FROM \"s\".\"t\" WHERE \"id\" > 7 ORDER BY \"id\" ASC LIMIT 10");
}

static void test_timestamps(void **state)
{
    (void)state;
    struct criteria c = {.table = STR("\"t\""), .timestamps = columns, .n_timestamps = 1};
    assert_sql(c, "SELECT * FROM \"t\" WHERE \"a\" > 'B' AND \"a\" < 'E' ORDER BY \"a\" ASC");
    c.n_timestamps = 2;
    assert_sql(c, "SELECT * FROM \"t\" WHERE COALESCE(\"a\",\"b\") > 'B' AND COALESCE(\"a\",\"b\") < 'E' ORDER BY "
                  "COALESCE(\"a\",\"b\") ASC");
    c.incrementing = STR("\"id\"");
    c.n_timestamps = 1;
    assert_sql(c, "SELECT * FROM \"t\" WHERE \"a\" < 'E' AND \"a\" >= 'B' AND (\"a\" > 'B' OR \"id\" > 7) ORDER BY "
                  "\"a\",\"id\" ASC");
}

static void test_queries(void **state)
{
    (void)state;
    struct criteria c = {.statement = STR("select 1 -- one")};
    assert_sql(c, "select 1 -- one\n");
    c.suffix = STR("LIMIT 1");
    assert_sql(c, "select 1 -- one\n LIMIT 1");
    c.suffix = STR("");
    c.incrementing = STR("\"id\"");
    assert_sql(c, "SELECT * FROM (select 1 -- one\n) q WHERE \"id\" > 7 ORDER BY \"id\" ASC");
}

/* ---- positions ---- */

static int64_t get(const struct position_map *m, const char *name)
{
    int64_t v = -99;
    position_get_int(m, name, &v);
    return v;
}

static void test_offset_round_trip(void **state)
{
    (void)state;
    struct query_offset o = {.has_incrementing = true, .incrementing = 7}, back;
    struct position_entry entries[OFFSET_ENTRIES];
    offset_set_us(&o, INT64_C(1577872800123456));
    struct position_map m = offset_write(&o, entries);
    assert_int_equal(m.n, 3);
    assert_string_equal(m.entries[0].name.ptr, "timestamp_nanos"); /* as Java's HashMap has them */
    assert_string_equal(m.entries[1].name.ptr, "incrementing");
    assert_int_equal(get(&m, "timestamp"), INT64_C(1577872800123));
    assert_int_equal(get(&m, "timestamp_nanos"), 123456000);
    offset_read(&m, &back);
    assert_true(offset_equal(&o, &back));

    offset_set_us(&o, -1); /* before 1970: floor, and nanos count up */
    m = offset_write(&o, entries);
    assert_int_equal(get(&m, "timestamp"), -1);
    assert_int_equal(get(&m, "timestamp_nanos"), 999999000);
    offset_read(&m, &back);
    assert_true(offset_equal(&o, &back));
}

static void test_old_offsets(void **state)
{
    (void)state;
    struct query_offset o;
    struct position_entry old[] = {{STR("timestamp"), value_int64(1577872800123)}};
    struct position_map m = {old, 1};
    offset_read(&m, &o);
    assert_true(o.has_timestamp);
    assert_false(o.has_incrementing);
    assert_int_equal(o.seconds, 1577872800);
    assert_int_equal(o.nanos, 123000000);

    struct position_entry odd[] = {{STR("timestamp"), value_str(STR("x"))}, {STR("incrementing"), value_null()}};
    m = (struct position_map){odd, 2};
    offset_read(&m, &o);
    assert_false(o.has_timestamp || o.has_incrementing);

    struct position_entry wild[] = {{STR("timestamp"), value_int64(5)}, {STR("timestamp_nanos"), value_int64(-1)}};
    m = (struct position_map){wild, 2};
    offset_read(&m, &o);
    assert_int_equal(o.nanos, 5000000);
    m = (struct position_map){NULL, 0};
    offset_read(&m, &o);
    assert_false(o.has_timestamp || o.has_incrementing);
}

static void test_comparison(void **state)
{
    (void)state;
    struct query_offset a = {0}, b = {0};
    offset_set_us(&a, 1000000);
    offset_set_us(&b, 1000001);
    assert_true(offset_compare_timestamps(&a, &b) < 0);
    assert_true(offset_compare_timestamps(&b, &a) > 0);
    assert_false(offset_equal(&a, &b)); /* a microsecond is a difference, whatever the granularity */
    offset_set_us(&b, 1000000);
    assert_true(offset_equal(&a, &b));
    b.has_incrementing = true;
    assert_false(offset_equal(&a, &b));
}

static void test_partitions(void **state)
{
    (void)state;
    struct position_entry e[PARTITION_ENTRIES];
    struct position_map m = partition_of_table(STR("public.t"), e);
    assert_int_equal(m.n, 2);
    assert_string_equal(position_get_str(&m, "protocol").ptr, "1");
    assert_string_equal(position_get_str(&m, "table").ptr, "public.t");
    m = partition_of_table_v0(STR("t"), e);
    assert_int_equal(m.n, 1);
    m = partition_of_query(e);
    assert_string_equal(position_get_str(&m, "query").ptr, "query");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),      cmocka_unit_test(test_timestamps),        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_old_offsets), cmocka_unit_test(test_offset_round_trip), cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_partitions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
