#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/schema.h"

#include <stdio.h>

static struct schema *make_row(void)
{
    struct schema *row = schema_new(SCHEMA_STRUCT);
    schema_set_name(row, STR("db.orders.Value"), 3);
    schema_set_doc(row, STR("orders"));
    for (int i = 0; i < 40; i++) {
        char name[16];
        int n = snprintf(name, sizeof name, "c%d", i);
        struct schema *field = schema_new(i % 2 ? SCHEMA_STRING : SCHEMA_INT32);
        if (i % 3)
            schema_set_optional(field);
        schema_add_field(row, str_of(name, (size_t)n), field);
        schema_unref(field);
    }
    struct schema *price = schema_new_decimal(2, 10);
    struct value zero = value_bytes("\0", 1);
    schema_set_default(price, &zero);
    schema_add_field(row, STR("price"), price);
    schema_unref(price);
    return row;
}

static void building(void **state)
{
    (void)state;
    struct schema *row = make_row();
    assert_int_equal(row->n_fields, 41);
    assert_int_equal(schema_field_index(row, STR("c39")), 39);
    assert_int_equal(schema_field_index(row, STR("c40")), -1);
    const struct schema *price = row->fields[40].schema;
    assert_int_equal(price->logical, LOGICAL_DECIMAL);
    assert_int_equal(price->scale, 2);
    assert_true(str_is(schema_param(price, STR(DECIMAL_PRECISION_PARAM)), "10"));
    assert_null(schema_param(price, STR("x")).ptr);
    assert_int_equal(row->version, 3);
    assert_string_equal(row->name.ptr, "db.orders.Value");
    schema_unref(row);
    schema_unref(NULL);
    assert_null(schema_ref(NULL));
}

static void logical_types(void **state)
{
    (void)state;
    struct schema *s = schema_new_decimal(-3, 0);
    assert_int_equal(s->scale, -3);
    assert_int_equal(s->n_params, 1);
    assert_int_equal(s->version, 1);
    schema_add_param(s, STR("scale"), STR("7"));
    assert_int_equal(s->n_params, 1);
    assert_int_equal(s->scale, 7);
    schema_unref(s);
    s = schema_new_date();
    assert_int_equal(s->logical, LOGICAL_DATE);
    assert_int_equal(s->type, SCHEMA_INT32);
    schema_unref(s);
    s = schema_new_time();
    assert_int_equal(s->logical, LOGICAL_TIME);
    schema_unref(s);
    s = schema_new_timestamp();
    assert_int_equal(s->logical, LOGICAL_TIMESTAMP);
    schema_unref(s);
    s = schema_new(SCHEMA_STRING);
    schema_set_name(s, STR(DECIMAL_NAME), 1);
    assert_int_equal(s->logical, LOGICAL_NONE);
    schema_unref(s);
    s = schema_new(SCHEMA_BYTES);
    schema_add_param(s, STR("scale"), STR("4"));
    schema_set_name(s, STR(DECIMAL_NAME), 1);
    assert_int_equal(s->scale, 4);
    schema_unref(s);
}

/* Each of these makes one thing different from a copy. */
static void change(struct schema *s, int what)
{
    struct value v = value_int32(7);
    struct schema *field = schema_new(SCHEMA_INT8);
    switch (what) {
    case 0:
        schema_set_optional(s);
        break;
    case 1:
        schema_set_version(s, 4);
        break;
    case 2:
        schema_set_name(s, STR("other"), 3);
        break;
    case 3:
        schema_set_doc(s, STR("other"));
        break;
    case 4:
        schema_add_param(s, STR("k"), STR("v"));
        break;
    case 5:
        schema_set_default(s, &v);
        break;
    case 6:
        schema_add_field(s, STR("more"), field);
        break;
    }
    schema_unref(field);
}

static void copies_and_equality(void **state)
{
    (void)state;
    struct schema *row = make_row();
    struct schema *copy = schema_copy(row);
    assert_true(schema_equal(row, copy));
    assert_true(schema_equal(NULL, NULL));
    assert_false(schema_equal(row, NULL));
    for (int what = 0; what <= 6; what++) {
        struct schema *other = schema_copy(row);
        change(other, what);
        assert_false(schema_equal(row, other));
        assert_false(schema_equal(other, row));
        schema_unref(other);
    }
    struct schema *a = schema_new(SCHEMA_INT32), *b = schema_new(SCHEMA_INT32);
    schema_add_param(a, STR("x"), STR("1"));
    schema_add_param(a, STR("y"), STR("2"));
    schema_add_param(b, STR("y"), STR("2"));
    schema_add_param(b, STR("x"), STR("1"));
    assert_true(schema_equal(a, b));
    schema_set_doc(a, STR(""));
    assert_false(schema_equal(a, b));
    schema_unref(a);
    schema_unref(b);
    schema_unref(row);
    assert_int_equal(copy->n_fields, 41);
    schema_unref(copy);
}

static void containers(void **state)
{
    (void)state;
    struct schema *text = schema_new(SCHEMA_STRING), *number = schema_new(SCHEMA_INT64);
    struct schema *list = schema_new_array(number), *map = schema_new_map(text, list);
    struct schema *same = schema_copy(map), *other = schema_new_map(number, list);
    assert_true(schema_equal(map, same));
    assert_false(schema_equal(map, other));
    assert_int_equal(atomic_load(&number->refs), 3);
    schema_unref(other);
    schema_unref(same);
    schema_unref(map);
    schema_unref(list);
    assert_int_equal(atomic_load(&number->refs), 1);
    schema_unref(text);
    schema_unref(number);
}

static void checking_names_the_field(void **state)
{
    (void)state;
    struct error err = {0};
    struct schema *number = schema_new(SCHEMA_INT8), *list = schema_new_array(number),
                  *text = schema_new(SCHEMA_STRING);
    struct schema *map = schema_new_map(text, number), *row = schema_new(SCHEMA_STRUCT),
                  *outer = schema_new(SCHEMA_STRUCT);
    schema_add_field(row, STR("list"), list);
    schema_add_field(row, STR("map"), map);
    schema_add_field(outer, STR("after"), row);

    struct value elements[] = {value_int(VALUE_INT8, 1), value_int(VALUE_INT8, -128)};
    struct value pairs[] = {value_str(STR("a")), value_int(VALUE_INT8, 2)};
    struct value fields[] = {value_items(VALUE_ARRAY, elements, 2), value_items(VALUE_MAP, pairs, 1)};
    struct value after = value_items(VALUE_STRUCT, fields, 2), whole = value_items(VALUE_STRUCT, &after, 1);
    assert_int_equal(schema_check_value(outer, &whole, &err), 0);
    assert_int_equal(schema_check_value(NULL, &whole, &err), 0);

    elements[1] = value_int(VALUE_INT8, 128);
    assert_int_equal(schema_check_value(outer, &whole, &err), ERROR_DATA);
    assert_string_equal(err.text, "field \"after.list[1]\": 128 is out of the range of int8");
    elements[1] = value_null();
    schema_check_value(outer, &whole, &err);
    assert_string_equal(err.text, "field \"after.list[1]\": null where a value of type int8 is required");
    elements[1] = value_int(VALUE_INT8, 1);
    pairs[1] = value_int64(3);
    schema_check_value(outer, &whole, &err);
    assert_string_equal(err.text, "field \"after.map[0]\": a value of type int64 where the schema has int8");
    pairs[1] = value_int(VALUE_INT8, 1);
    after.len = 1;
    schema_check_value(outer, &whole, &err);
    assert_string_equal(err.text, "field \"after\": a struct of 1 fields stands where the schema has 2");
    whole = value_null();
    schema_check_value(outer, &whole, &err);
    assert_string_equal(err.text, "null where a value of type struct is required");
    assert_int_equal(schema_check_value(outer, &whole, NULL), ERROR_DATA);

    schema_unref(outer);
    schema_unref(row);
    schema_unref(map);
    schema_unref(text);
    schema_unref(list);
    schema_unref(number);
}

static void optional_null_is_fine_even_where_there_is_a_default(void **state)
{
    (void)state;
    struct value null = value_null(), seven = value_int32(7);
    struct schema *s = schema_new(SCHEMA_INT32);
    schema_set_default(s, &seven);
    assert_int_equal(schema_check_value(s, &null, NULL), ERROR_DATA);
    schema_set_optional(s);
    assert_int_equal(schema_check_value(s, &null, NULL), 0);
    schema_unref(s);
}

static void type_names(void **state)
{
    (void)state;
    assert_string_equal(schema_type_name(SCHEMA_FLOAT32), "float");
    assert_string_equal(schema_type_name(SCHEMA_FLOAT64), "double");
    assert_string_equal(schema_type_name((enum schema_type)0), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(building),
        cmocka_unit_test(logical_types),
        cmocka_unit_test(copies_and_equality),
        cmocka_unit_test(containers),
        cmocka_unit_test(checking_names_the_field),
        cmocka_unit_test(optional_null_is_fine_even_where_there_is_a_default),
        cmocka_unit_test(type_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
