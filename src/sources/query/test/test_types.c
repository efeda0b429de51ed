#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources/query/types.h"

static struct error err;

static struct row_plan plan_of(const struct db_column *columns, size_t n, enum numeric_mapping numeric,
                               enum granularity granularity)
{
    struct row_plan plan = {0};
    struct type_rules rules = {numeric, granularity};
    if (row_plan_init(&plan, columns, n, STR("t"), &rules, &err))
        fail_msg("%s", err.text);
    return plan;
}

/* The Connect type of one column. */
static struct schema *type_of(struct db_column c, enum numeric_mapping numeric, enum granularity granularity)
{
    struct db_column columns[2] = {c, {.name = STR("other"), .type = DB_INTEGER}};
    columns[0].name = STR("x");
    struct row_plan plan = plan_of(columns, 2, numeric, granularity);
    int at = schema_field_index(plan.schema, STR("x"));
    struct schema *s = at < 0 ? NULL : schema_copy(plan.schema->fields[at].schema);
    row_plan_release(&plan);
    return s;
}

static void assert_type(struct db_column c, enum numeric_mapping numeric, int type)
{
    struct schema *s = type_of(c, numeric, GRANULARITY_CONNECT_LOGICAL);
    if (type < 0)
        assert_null(s);
    else
        assert_int_equal(s->type, type);
    schema_unref(s);
}

static void test_plain_types(void **state)
{
    (void)state;
    static const struct {
        struct db_column column;
        int type;
    } cases[] = {
        {{.type = DB_SMALLINT}, SCHEMA_INT16},
        {{.type = DB_SMALLINT, .is_unsigned = true}, SCHEMA_INT32},
        {{.type = DB_INTEGER}, SCHEMA_INT32},
        {{.type = DB_INTEGER, .is_unsigned = true}, SCHEMA_INT64},
        {{.type = DB_TINYINT}, SCHEMA_INT8},
        {{.type = DB_TINYINT, .is_unsigned = true}, SCHEMA_INT16},
        {{.type = DB_BIGINT}, SCHEMA_INT64},
        {{.type = DB_REAL}, SCHEMA_FLOAT32},
        {{.type = DB_FLOAT}, SCHEMA_FLOAT64},
        {{.type = DB_DOUBLE}, SCHEMA_FLOAT64},
        {{.type = DB_BOOLEAN}, SCHEMA_BOOLEAN},
        {{.type = DB_BIT, .precision = 1}, SCHEMA_BOOLEAN},
        {{.type = DB_BIT, .precision = 8}, SCHEMA_INT8},
        {{.type = DB_BIT, .precision = 9}, SCHEMA_BYTES},
        {{.type = DB_VARCHAR}, SCHEMA_STRING},
        {{.type = DB_SQLXML}, SCHEMA_STRING},
        {{.type = DB_BINARY}, SCHEMA_BYTES},
        {{.type = DB_DATE}, SCHEMA_INT32},
        {{.type = DB_TIME}, SCHEMA_INT32},
        {{.type = DB_TIMESTAMP}, SCHEMA_INT64},
        {{.type = DB_OTHER, .is_text = true}, SCHEMA_STRING},
        {{.type = DB_OTHER}, -1},
        {{.type = DB_ARRAY}, -1},
        {{.type = DB_NULL}, -1},
        {{.type = DB_ROWID}, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_type(cases[i].column, NUMERIC_NONE, cases[i].type);
}

static void test_numerics(void **state)
{
    (void)state;
    static const struct {
        int32_t precision, scale;
        int types[4]; /* none, precision_only, best_fit, best_fit_eager_double */
    } cases[] = {
        {2, 0, {SCHEMA_BYTES, SCHEMA_INT8, SCHEMA_INT8, SCHEMA_INT8}},
        {3, 0, {SCHEMA_BYTES, SCHEMA_INT16, SCHEMA_INT16, SCHEMA_INT16}},
        {4, 0, {SCHEMA_BYTES, SCHEMA_INT16, SCHEMA_INT16, SCHEMA_INT16}},
        {5, 0, {SCHEMA_BYTES, SCHEMA_INT32, SCHEMA_INT32, SCHEMA_INT32}},
        {9, 0, {SCHEMA_BYTES, SCHEMA_INT32, SCHEMA_INT32, SCHEMA_INT32}},
        {10, 0, {SCHEMA_BYTES, SCHEMA_INT64, SCHEMA_INT64, SCHEMA_INT64}},
        {18, 0, {SCHEMA_BYTES, SCHEMA_INT64, SCHEMA_INT64, SCHEMA_INT64}},
        {19, 0, {SCHEMA_BYTES, SCHEMA_BYTES, SCHEMA_BYTES, SCHEMA_BYTES}},
        {10, 2, {SCHEMA_BYTES, SCHEMA_BYTES, SCHEMA_FLOAT64, SCHEMA_FLOAT64}},
        {20, 2, {SCHEMA_BYTES, SCHEMA_BYTES, SCHEMA_BYTES, SCHEMA_FLOAT64}},
        {5, -2, {SCHEMA_BYTES, SCHEMA_BYTES, SCHEMA_INT32, SCHEMA_INT32}},
        {0, 0, {SCHEMA_BYTES, SCHEMA_INT8, SCHEMA_INT8, SCHEMA_INT8}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int m = 0; m < 4; m++)
            assert_type(
                (struct db_column){.type = DB_NUMERIC, .precision = cases[i].precision, .scale = cases[i].scale},
                (enum numeric_mapping)m, cases[i].types[m]);
}

static void test_decimals(void **state)
{
    (void)state;
    struct schema *s = type_of((struct db_column){.type = DB_NUMERIC, .precision = 10, .scale = 2}, NUMERIC_NONE,
                               GRANULARITY_CONNECT_LOGICAL);
    assert_int_equal(s->logical, LOGICAL_DECIMAL);
    assert_int_equal(s->scale, 2);
    assert_string_equal(schema_param(s, STR(DECIMAL_PRECISION_PARAM)).ptr, "10");
    assert_false(s->optional);
    schema_unref(s);
    s = type_of((struct db_column){.type = DB_NUMERIC, .nullable = true}, NUMERIC_NONE, GRANULARITY_CONNECT_LOGICAL);
    assert_int_equal(s->scale, 127);
    assert_string_equal(schema_param(s, STR(DECIMAL_PRECISION_PARAM)).ptr, "0");
    assert_true(s->optional);
    schema_unref(s);
    struct db_column free_numeric = {.type = DB_NUMERIC}, fixed = {.type = DB_NUMERIC, .precision = 5};
    assert_true(column_loses_fraction(&free_numeric, NUMERIC_BEST_FIT));
    assert_false(column_loses_fraction(&free_numeric, NUMERIC_NONE));
    assert_false(column_loses_fraction(&fixed, NUMERIC_BEST_FIT));
}

static void test_granularities(void **state)
{
    (void)state;
    static const int types[] = {SCHEMA_INT64, SCHEMA_INT64,  SCHEMA_STRING, SCHEMA_STRING,
                                SCHEMA_INT64, SCHEMA_STRING, SCHEMA_STRING};
    for (int g = GRANULARITY_CONNECT_LOGICAL; g <= GRANULARITY_NANOS_ISO; g++) {
        struct schema *s = type_of((struct db_column){.type = DB_TIMESTAMP}, NUMERIC_NONE, (enum granularity)g);
        assert_int_equal(s->type, types[g]);
        assert_int_equal(s->logical, g == GRANULARITY_CONNECT_LOGICAL ? LOGICAL_TIMESTAMP : LOGICAL_NONE);
        schema_unref(s);
    }
}

static void test_plan(void **state)
{
    (void)state;
    struct db_column columns[] = {
        {.name = STR("id"), .type = DB_INTEGER, .native = 23},
        {.name = STR("tags"), .type = DB_ARRAY, .native = 1007},
        {.name = STR("t"), .type = DB_VARCHAR, .native = 25, .nullable = true},
    };
    struct row_plan plan = plan_of(columns, 3, NUMERIC_NONE, GRANULARITY_CONNECT_LOGICAL);
    assert_int_equal(plan.n_fields, 2);
    assert_int_equal(plan.schema->n_fields, 2);
    assert_string_equal(plan.schema->name.ptr, "t");
    assert_int_equal(plan.schema->version, SCHEMA_NO_VERSION);
    assert_true(plan.schema->fields[1].schema->optional);
    assert_true(row_plan_fits(&plan, columns, 3));
    columns[2].nullable = false; /* ALTER TABLE ... SET NOT NULL */
    assert_false(row_plan_fits(&plan, columns, 3));
    columns[2].nullable = true;
    columns[0].native = 20; /* ... TYPE bigint */
    assert_false(row_plan_fits(&plan, columns, 3));
    assert_false(row_plan_fits(&plan, columns, 2)); /* ... DROP COLUMN */
    row_plan_release(&plan);
}

static void test_bad_plans(void **state)
{
    (void)state;
    struct row_plan plan;
    struct type_rules rules = {0};
    struct db_column twice[] = {{.name = STR("id"), .type = DB_INTEGER}, {.name = STR("id"), .type = DB_INTEGER}};
    assert_int_equal(row_plan_init(&plan, twice, 2, STR_NULL, &rules, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "\"id\""));
    struct db_column none[] = {{.name = STR("tags"), .type = DB_ARRAY}};
    assert_int_equal(row_plan_init(&plan, none, 1, STR_NULL, &rules, &err), ERROR_CONFIG);
}

static void test_finding_columns(void **state)
{
    (void)state;
    struct db_column columns[] = {{.name = STR("Id")}, {.name = STR("ts")}, {.name = STR("TS")}, {.name = STR("nr")}};
    assert_int_equal(column_find(columns, 4, STR("Id")), 0);
    assert_int_equal(column_find(columns, 4, STR("ID")), 0);
    assert_int_equal(column_find(columns, 4, STR("TS")), 2);
    assert_int_equal(column_find(columns, 4, STR("Ts")), -1); /* two of them */
    assert_int_equal(column_find(columns, 4, STR("none")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_types),     cmocka_unit_test(test_numerics), cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_granularities),   cmocka_unit_test(test_plan),     cmocka_unit_test(test_bad_plans),
        cmocka_unit_test(test_finding_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
