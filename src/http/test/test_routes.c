/* Paths taken apart and rows picked, without a server. */
#include "base/mem.h"
#include "http/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static int nothing(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    (void)ctx, (void)request, (void)response, (void)err;
    return 0;
}

static const struct http_route first[] = {
    {"GET", "/", nothing, "root"},
    {"GET", "/subjects", nothing, "list"},
    {"GET", "/subjects/{subject}/versions/{version}", nothing, "one"},
    {"POST", "/subjects/{subject}/versions", nothing, "register"},
    {"PUT", "/things/{name}", nothing, "by name"},
    {"GET", "/things/special", nothing, "a literal"},
    {"GET", "/things/{name}/more", nothing, "more"},
    {NULL, NULL, NULL, NULL},
};
static const struct http_route second[] = {
    {"DELETE", "/subjects", nothing, "in another table"},
    {"HEAD", "/head", nothing, "own head"},
    {"GET", "/head", nothing, "get"},
    {NULL, NULL, NULL, NULL},
};
static int second_ctx;
static const struct http_mount mounts[] = {{first, NULL}, {second, &second_ctx}, {NULL, NULL}};

static struct http_match match(const char *method, const char *raw, struct http_path *path)
{
    struct http_match found;
    assert_int_equal(http_path_init(path, str_from(raw), NULL), 0);
    http_routes_match(mounts, path, method, &found);
    return found;
}

static void expect_doc(const char *method, const char *raw, const char *doc)
{
    struct http_path path;
    struct http_match found = match(method, raw, &path);
    assert_true(found.path_known);
    assert_non_null(found.route);
    assert_string_equal(found.route->doc, doc);
    http_path_release(&path);
}

static void expect_none(const char *method, const char *raw, bool path_known)
{
    struct http_path path;
    struct http_match found = match(method, raw, &path);
    assert_null(found.route);
    assert_int_equal(found.path_known, path_known);
    http_path_release(&path);
}

static void test_picks_rows(void **state)
{
    (void)state;
    expect_doc("GET", "/", "root");
    expect_doc("GET", "/subjects", "list");
    expect_doc("GET", "/subjects/", "list");
    expect_doc("HEAD", "/subjects", "list");
    expect_doc("HEAD", "/head", "own head");
    expect_doc("GET", "/head", "get");
    expect_doc("DELETE", "/subjects", "in another table");
    expect_doc("GET", "/subjects/a/versions/1", "one");
    expect_doc("PUT", "/things/x", "by name");
    expect_doc("GET", "/things/special", "a literal");
    expect_doc("GET", "/things/special/more", "more");
    expect_none("PUT", "/things/special", true);
    expect_none("GET", "/subjects/a", false);
    expect_none("GET", "/subjects//versions/1", false);
    expect_none("GET", "//", false);
    expect_none("GET", "/Subjects", false);
    expect_none("PATCH", "/subjects", true);
}

static void test_parameters_are_decoded_after_splitting(void **state)
{
    (void)state;
    struct http_path path;
    struct http_match found = match("GET", "/subjects/a%2Fb%20%C3%A4+/versions/latest", &path);
    assert_non_null(found.route);
    assert_true(str_is(found.params[0], "a/b ä+"));
    assert_true(str_is(found.params[1], "latest"));
    assert_true(str_is(buf_str(&path.text), "/subjects/a/b ä+/versions/latest"));
    assert_null(found.ctx);
    http_path_release(&path);
    found = match("DELETE", "/subjects", &path);
    assert_ptr_equal(found.ctx, &second_ctx);
    assert_int_equal(found.row, 7);
    http_path_release(&path);
}

static void expect_refused(const char *raw)
{
    struct http_path path;
    struct error err = {0};
    assert_int_equal(http_path_init(&path, str_from(raw), &err), ERROR_REQUEST);
    assert_true(err.text[0] != '\0');
    http_path_release(&path);
}

static void test_garbage_paths(void **state)
{
    (void)state;
    expect_refused("");
    expect_refused("*");
    expect_refused("http://host/subjects");
    expect_refused("/a%");
    expect_refused("/a%2");
    expect_refused("/a%zz");
    expect_refused("/a%00b");
    expect_refused("/%ff");
    expect_refused("/%C3/%A4");
    struct buf deep = {0};
    for (int i = 0; i < HTTP_MAX_SEGMENTS; i++)
        buf_add_literal(&deep, "/a");
    expect_none("GET", buf_cstr(&deep), false);
    buf_add_literal(&deep, "/a");
    expect_refused(buf_cstr(&deep));
    buf_free(&deep);
}

static void expect_allow(const char *raw, const char *methods)
{
    struct http_path path;
    struct buf out = {0};
    assert_int_equal(http_path_init(&path, str_from(raw), NULL), 0);
    http_routes_allow(mounts, &path, &out);
    assert_string_equal(buf_cstr(&out), methods);
    buf_free(&out);
    http_path_release(&path);
}

static void test_allow(void **state)
{
    (void)state;
    expect_allow("/subjects", "GET, HEAD, DELETE, OPTIONS");
    expect_allow("/subjects/a/versions", "POST, OPTIONS");
    expect_allow("/head", "HEAD, GET, OPTIONS");
}

static void test_text(void **state)
{
    (void)state;
    struct buf out = {0};
    http_json_string(&out, STR("a\"\\\n\t\r\x01ä\xff"));
    assert_string_equal(buf_cstr(&out), "\"a\\\"\\\\\\n\\t\\r\\u0001ä\xEF\xBF\xBD\"");
    buf_clear(&out);
    http_encode(&out, STR("db_test/ä~ %"));
    assert_string_equal(buf_cstr(&out), "db_test%2F%C3%A4~%20%25");
    struct buf back = {0};
    assert_true(http_decode(&back, buf_str(&out)));
    assert_string_equal(buf_cstr(&back), "db_test/ä~ %");
    assert_false(http_decode(&back, STR("x%4")));
    assert_string_equal(buf_cstr(&back), "db_test/ä~ %");
    buf_free(&back);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_picks_rows),    cmocka_unit_test(test_parameters_are_decoded_after_splitting),
        cmocka_unit_test(test_garbage_paths), cmocka_unit_test(test_allow),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
