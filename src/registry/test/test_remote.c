/* The client for a registry elsewhere, against one of ours over HTTP; and against servers that fail. */
#include "registry/remote.h"
#include "registry/test/registry_fixture.h"

/* ---- set-up ---- */

static char *url_of(const struct fixture *f)
{
    return mem_printf("http://127.0.0.1:%u", http_server_port(f->server));
}

static struct registry *connect_to(const char *const *urls, size_t n)
{
    struct str list[4];
    struct registry *r = NULL;
    struct error err;
    for (size_t i = 0; i < n; i++)
        list[i] = str_from(urls[i]);
    struct registry_remote_options options = {
        .urls = list, .n_urls = n, .max_retries = 1, .retry_wait_ms = 1, .retry_max_wait_ms = 1, .timeout_ms = 5000};
    if (registry_open_remote(&options, &r, &err) != 0)
        fail_msg("%s", err.text);
    return r;
}

static struct registry *connect_to_fixture(const struct fixture *f)
{
    AUTO_FREE char *url = mem_printf("http://127.0.0.1:%u/", http_server_port(f->server));
    return connect_to((const char *const[]){url}, 1);
}

/* ---- against our own ---- */

static void test_calls(void **state)
{
    struct fixture *f = *state;
    struct registry *r = connect_to_fixture(f);
    struct arena arena = {0};
    struct error err = {0};
    struct registry_schema schema;
    int32_t id = 0, again = 0;
    assert_int_equal(registry_register(r, STR("a/b ä"), STR("AVRO"), STR("{\"type\": \"int\"}"), &id, &err), 0);
    assert_int_equal(id, 1);
    assert_int_equal(registry_register(r, STR("a/b ä"), STR("AVRO"), STR("{\"type\": \"int\"}"), &again, &err), 0);
    assert_int_equal(again, 1);
    get(f, "/subjects", "[\"a/b ä\"]");
    assert_int_equal(registry_by_id(r, 1, &arena, &schema, &err), 0);
    assert_true(str_is(schema.schema, "\"int\"") && str_is(schema.type, "AVRO") && str_is(schema.subject, "a/b ä"));
    assert_int_equal(schema.version, 1);
    assert_int_equal(registry_by_id(r, 1, &arena, &schema, &err), 0);
    assert_int_equal(schema.version, 1);
    assert_int_equal(http_server_route_hits(f->server, "GET", "/schemas/ids/{id}"), 1);
    assert_int_equal(http_server_route_hits(f->server, "POST", "/subjects/{subject}/versions"), 1);
    const struct registry_ask ask = {.subject = STR("a/b ä"), .type = STR("AVRO"), .schema = STR(" \"int\"")};
    assert_int_equal(registry_look_up(r, &ask, &arena, &schema, &err), 0);
    assert_int_equal(schema.id, 1);
    assert_int_equal(registry_register(f->registry, STR("a/b ä"), STR("AVRO"), STR("\"long\""), &id, &err), 0);
    assert_int_equal(registry_latest(r, STR("a/b ä"), &arena, &schema, &err), 0);
    assert_int_equal(schema.id, 2);
    assert_int_equal(schema.version, 2);
    arena_free(&arena);
    registry_close(r);
}

static void test_errors(void **state)
{
    struct fixture *f = *state;
    struct registry *r = connect_to_fixture(f);
    struct arena arena = {0};
    struct error err = {0};
    struct registry_schema schema;
    int32_t id = 7;
    assert_int_equal(registry_by_id(r, 5, &arena, &schema, &err), ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "Schema 5 not found (error code 40403)"));
    assert_non_null(strstr(err.text, "schema registry at 127.0.0.1:"));
    assert_int_equal(registry_latest(r, STR("none"), &arena, &schema, &err), ERROR_NOT_FOUND);
    const struct registry_ask ask = {.subject = STR("none"), .type = STR("AVRO"), .schema = STR("\"int\"")};
    assert_int_equal(registry_look_up(r, &ask, &arena, &schema, NULL), ERROR_NOT_FOUND);
    assert_int_equal(registry_register(r, STR("s"), STR("AVRO"), STR("\"x\""), &id, &err), ERROR_INVALID_SCHEMA);
    assert_int_equal(registry_set_default_level(f->registry, STR("BACKWARD"), &err), 0);
    assert_int_equal(registry_register(r, STR("s"), STR("AVRO"), STR("\"int\""), &id, &err), 0);
    id = 7;
    assert_int_equal(registry_register(r, STR("s"), STR("AVRO"), STR("\"string\""), &id, &err), ERROR_CONFLICT);
    assert_non_null(strstr(err.text, "incompatible with an earlier schema for subject \"s\""));
    assert_int_equal(id, 7);
    arena_free(&arena);
    registry_close(r);
}

static void test_references(void **state)
{
    struct fixture *f = *state;
    struct registry *r = connect_to_fixture(f);
    struct arena arena = {0};
    struct error err = {0};
    struct registry_schema schema;
    struct str text;
    add(f, "f", "{\"schema\":\"{\\\"type\\\":\\\"fixed\\\",\\\"name\\\":\\\"n.F\\\",\\\"size\\\":4}\"}", 1);
    add(f, "g",
        "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"n.G\\\",\\\"fields\\\":[{\\\"name\\\":\\\"f\\\","
        "\\\"type\\\":\\\"n.F\\\"}]}\",\"references\":[{\"name\":\"n.F\",\"subject\":\"f\",\"version\":1}]}",
        2);
    add(f, "h",
        "{\"schema\":\"{\\\"type\\\":\\\"array\\\",\\\"items\\\":\\\"n.G\\\"}\",\"references\":[{\"name\":\"n.G\","
        "\"subject\":\"g\",\"version\":1},{\"name\":\"n.F\",\"subject\":\"f\",\"version\":1}]}",
        3);
    assert_int_equal(registry_by_id(r, 3, &arena, &schema, &err), 0);
    assert_int_equal(schema.n_references, 2);
    assert_int_equal(registry_expand(r, &schema, &arena, &text, &err), 0);
    assert_string_equal(text.ptr,
                        "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"G\",\"namespace\":\"n\","
                        "\"fields\":[{\"name\":\"f\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":4}}]}}");
    arena_free(&arena);
    registry_close(r);
}

/* ---- servers that fail ---- */

struct flaky {
    int failures; /* so many times 503, then an id */
    int calls;
    int status; /* else this */
    const char *body;
};

static int answer(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct flaky *flaky = ctx;
    (void)request;
    (void)err;
    flaky->calls++;
    response->status = flaky->failures > 0 ? 503 : flaky->status;
    flaky->failures -= flaky->failures > 0;
    buf_add_cstr(&response->body, flaky->body);
    return 0;
}

static const struct http_route flaky_routes[] = {
    {"POST", "/subjects/{subject}/versions", answer, "An id"},
    {"GET", "/subjects/{subject}/versions/{version}", answer, "A version"},
    {NULL, NULL, NULL, NULL},
};

static struct http_server *start(struct flaky *flaky)
{
    static const char *const accepts[] = {"application/vnd.schemaregistry.v1+json", NULL};
    struct http_server *server = NULL;
    struct error err;
    struct http_server_options options = {.routes = flaky_routes, .ctx = flaky, .accepts = accepts};
    if (http_server_start(&options, &server, &err) != 0)
        fail_msg("%s", err.text);
    return server;
}

static char *url_at(const struct http_server *server)
{
    return mem_printf("http://127.0.0.1:%u", http_server_port(server));
}

static void test_fail_over(void **state)
{
    struct fixture *f = *state;
    struct flaky busy = {.failures = 1000, .body = ""};
    struct http_server *server = start(&busy), *gone = start(&busy);
    AUTO_FREE char *dead = url_at(gone);
    AUTO_FREE char *first = url_at(server);
    AUTO_FREE char *good = url_of(f);
    struct error err = {0};
    int32_t id = 0;
    http_server_stop(gone);
    struct registry *r = connect_to((const char *const[]){dead, first, good}, 3);
    if (registry_register(r, STR("s"), STR("AVRO"), STR("\"int\""), &id, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(id, 1);
    assert_int_equal(busy.calls, 1);
    assert_int_equal(registry_register(r, STR("s"), STR("AVRO"), STR("\"long\""), &id, &err), 0);
    assert_int_equal(busy.calls, 1); /* the one that answered last is asked first */
    registry_close(r);
    r = connect_to((const char *const[]){dead}, 1);
    assert_int_equal(registry_register(r, STR("s"), STR("AVRO"), STR("\"int\""), &id, &err), ERROR_CONNECTION);
    registry_close(r);
    http_server_stop(server);
}

static void test_retries(void **state)
{
    (void)state;
    struct flaky flaky = {.failures = 1, .status = 200, .body = "{\"id\":41}"};
    struct http_server *server = start(&flaky);
    AUTO_FREE char *url = url_at(server);
    struct registry *r = connect_to((const char *const[]){url}, 1);
    struct error err = {0};
    int32_t id = 0;
    assert_int_equal(registry_register(r, STR("s"), STR("AVRO"), STR("\"int\""), &id, &err), 0);
    assert_int_equal(id, 41);
    assert_int_equal(flaky.calls, 2);
    flaky = (struct flaky){.failures = 2, .status = 200, .body = "busy"};
    assert_int_equal(registry_register(r, STR("s"), STR("AVRO"), STR("\"long\""), &id, &err), ERROR_IO);
    assert_int_equal(flaky.calls, 2);
    http_server_stop(server);
    registry_close(r);
}

static void test_strange_answers(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum error_code code;
        const char *part;
    } cases[] = {
        {200, "<html>", ERROR_DATA, "not JSON"},
        {200, "{}", ERROR_DATA, "not what it should be"},
        {200, "[]", ERROR_DATA, "not what it should be"},
        {200, "{\"id\":\"x\"}", ERROR_DATA, "not what it should be"},
        {200, "{\"id\":-1}", ERROR_DATA, "not what it should be"},
        {404, "nothing here", ERROR_DATA, "schema.registry.url"},
        {401, "", ERROR_AUTH, "basic.auth"},
        {403, "{\"error_code\":40301,\"message\":\"no\"}", ERROR_AUTH, "no (error code 40301)"},
        {500, "{\"error_code\":50001,\"message\":\"store\"}", ERROR_IO, "store"},
        {422, "{\"error_code\":42201,\"message\":\"bad\"}", ERROR_INVALID_SCHEMA, "bad"},
    };
    struct flaky flaky = {0};
    struct http_server *server = start(&flaky);
    AUTO_FREE char *url = url_at(server);
    struct registry *r = connect_to((const char *const[]){url}, 1);
    struct arena arena = {0};
    struct registry_schema schema;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        int32_t id = 7;
        flaky.status = cases[i].status;
        flaky.body = cases[i].body;
        assert_int_equal(registry_register(r, STR("s"), STR("AVRO"), STR("\"int\""), &id, &err), cases[i].code);
        if (!strstr(err.text, cases[i].part))
            fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].part);
        assert_int_equal(id, 7);
        assert_int_not_equal(registry_latest(r, STR("s"), &arena, &schema, &err), 0);
    }
    arena_free(&arena);
    http_server_stop(server);
    registry_close(r);
}

static int register_as(const char *url, const char *user, const char *password, struct error *err)
{
    struct str urls[] = {str_from(url)};
    struct registry_remote_options options = {.urls = urls, .n_urls = 1, .user = user, .password = password};
    struct registry *r = NULL;
    int32_t id;
    assert_int_equal(registry_open_remote(&options, &r, err), 0);
    int rc = registry_register(r, STR("s"), STR("AVRO"), STR("\"int\""), &id, err);
    registry_close(r);
    return rc;
}

static void test_login(void **state)
{
    struct fixture *f = *state;
    struct http_users *users = NULL;
    struct http_server *server = NULL;
    struct error err = {0};
    assert_int_equal(http_users_read(STR("me=secret"), &users, &err), 0);
    assert_int_equal(
        registry_server_start_with(f->registry, &(struct http_server_options){.users = users}, &server, &err), 0);
    AUTO_FREE char *url = url_at(server);
    AUTO_FREE char *with_user = mem_printf("http://me:secret@127.0.0.1:%u", http_server_port(server));
    AUTO_FREE char *with_wrong = mem_printf("http://me:wrong@127.0.0.1:%u", http_server_port(server));
    assert_int_equal(register_as(url, NULL, NULL, &err), ERROR_AUTH);
    assert_non_null(strstr(err.text, "401"));
    assert_int_equal(register_as(with_wrong, NULL, NULL, &err), ERROR_AUTH);
    assert_null(strstr(err.text, "wrong"));
    assert_int_equal(register_as(url, "me", "secret", &err), 0);
    assert_int_equal(register_as(with_user, NULL, NULL, &err), 0);
    http_server_stop(server);
    http_users_free(users);
}

static void test_options(void **state)
{
    (void)state;
    struct registry *r = NULL;
    struct error err = {0};
    assert_int_equal(registry_open_remote(&(struct registry_remote_options){0}, &r, &err), ERROR_CONFIG);
    struct str urls[] = {STR("http://good:1"), STR("user:secret@bad")};
    assert_int_equal(registry_open_remote(&(struct registry_remote_options){.urls = urls, .n_urls = 2}, &r, &err),
                     ERROR_CONFIG);
    assert_null(strstr(err.text, "secret"));
    assert_null(r);
}

/* ---- which one is ours ---- */

static void test_where_it_is_served(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *own = mem_printf("http://localhost:%u/", http_server_port(f->server));
    AUTO_FREE char *other = mem_printf("http://localhost:%u", http_server_port(f->server) - 1);
    AUTO_FREE char *elsewhere = mem_printf("http://registry.example.com:%u", http_server_port(f->server));
    assert_true(registry_is_at(f->registry, str_from(own)));
    assert_false(registry_is_at(f->registry, str_from(other)));
    assert_false(registry_is_at(f->registry, str_from(elsewhere)));
    assert_false(registry_is_at(f->registry, STR("localhost")));
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(test_calls),        WITH_SERVER(test_errors),
        WITH_SERVER(test_references),   WITH_SERVER(test_fail_over),
        cmocka_unit_test(test_retries), cmocka_unit_test(test_strange_answers),
        cmocka_unit_test(test_options), WITH_SERVER(test_where_it_is_served),
        WITH_SERVER(test_login),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
