/* The description of route tables: valid JSON, every row once, parameters from path and doc. */
// link: jansson
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/openapi.h"

#include <jansson.h>

static const struct http_route first[] = {
    {"GET", "/things", NULL, "The things; ?expand=status and ?expand=info give more, ?deep=true&limit=5 too"},
    {"POST", "/things", NULL, "Makes one: {\"name\":\"a \\\"thing\\\"\"}"},
    {"PUT", "/things/{thing}/parts/{part_1}", NULL, "Why? A ? and an & alone are no parameters"},
    {.method = NULL},
};
static const struct http_route second[] = {
    {"DELETE", "/things", NULL, "Drops all {\"of them\"}"},
    {"GET", "/", NULL, "The root"},
    {.method = NULL},
};

static json_t *describe(const struct http_route *const *tables)
{
    const struct openapi_info info = {"T", "1.0", "A \"test\""};
    AUTO_BUF text = {0};
    json_error_t why;
    openapi_write(&info, tables, &text);
    json_t *parsed = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &why);
    if (!parsed)
        fail_msg("%s: %s", why.text, buf_cstr(&text));
    return parsed;
}

static json_t *operation(json_t *api, const char *path, const char *method)
{
    json_t *found = json_object_get(json_object_get(json_object_get(api, "paths"), path), method);
    assert_non_null(found);
    return found;
}

static void expect_parameter(json_t *op, size_t i, const char *name, const char *in, const char *type)
{
    json_t *p = json_array_get(json_object_get(op, "parameters"), i);
    assert_string_equal(json_string_value(json_object_get(p, "name")), name);
    assert_string_equal(json_string_value(json_object_get(p, "in")), in);
    assert_int_equal(json_is_true(json_object_get(p, "required")), in[0] == 'p');
    assert_string_equal(json_string_value(json_object_get(json_object_get(p, "schema"), "type")), type);
}

static void rows_of_a_path_stand_together(void **state)
{
    (void)state;
    const struct http_route *const tables[] = {first, second, NULL};
    json_t *api = describe(tables);
    assert_string_equal(json_string_value(json_object_get(api, "openapi")), "3.0.3");
    assert_int_equal(json_object_size(json_object_get(api, "paths")), 3);
    assert_int_equal(json_object_size(json_object_get(json_object_get(api, "paths"), "/things")), 3);
    assert_string_equal(json_string_value(json_object_get(operation(api, "/things", "delete"), "operationId")),
                        "deleteThings");
    assert_string_equal(json_string_value(json_object_get(operation(api, "/", "get"), "operationId")), "get");
    json_decref(api);
}

static void parameters_come_from_path_and_doc(void **state)
{
    (void)state;
    const struct http_route *const tables[] = {first, NULL};
    json_t *api = describe(tables);
    json_t *list = operation(api, "/things", "get"), *put = operation(api, "/things/{thing}/parts/{part_1}", "put");
    assert_int_equal(json_array_size(json_object_get(list, "parameters")), 3);
    expect_parameter(list, 0, "expand", "query", "string");
    expect_parameter(list, 1, "deep", "query", "boolean");
    expect_parameter(list, 2, "limit", "query", "integer");
    assert_int_equal(json_array_size(json_object_get(put, "parameters")), 2);
    expect_parameter(put, 0, "thing", "path", "string");
    expect_parameter(put, 1, "part_1", "path", "string");
    assert_string_equal(json_string_value(json_object_get(put, "operationId")), "putThingsThingPartsPart1");
    json_decref(api);
}

static void bodies_are_told_by_the_doc(void **state)
{
    (void)state;
    const struct http_route *const tables[] = {first, second, NULL};
    json_t *api = describe(tables);
    assert_non_null(json_object_get(operation(api, "/things", "post"), "requestBody"));
    assert_null(json_object_get(operation(api, "/things", "get"), "requestBody"));
    assert_null(json_object_get(operation(api, "/things", "delete"), "requestBody"));
    assert_non_null(json_object_get(operation(api, "/things", "get"), "responses"));
    json_decref(api);
}

static void no_rows_are_no_paths(void **state)
{
    (void)state;
    const struct http_route *const tables[] = {NULL};
    json_t *api = describe(tables);
    assert_int_equal(json_object_size(json_object_get(api, "paths")), 0);
    json_decref(api);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_path_stand_together),
        cmocka_unit_test(parameters_come_from_path_and_doc),
        cmocka_unit_test(bodies_are_told_by_the_doc),
        cmocka_unit_test(no_rows_are_no_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
