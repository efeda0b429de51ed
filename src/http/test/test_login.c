/* Basic authentication and HTTPS: who may enter, and the certificate. */
#include "base/mem.h"
#include "http/client.h"
#include "http/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct error err;

/* ---- users ---- */

static struct http_users *users_of(const char *text)
{
    struct http_users *users;
    if (http_users_read(str_from(text), &users, &err) != 0)
        fail_msg("%s", err.text);
    return users;
}

static void test_users(void **state)
{
    (void)state;
    struct http_users *users = users_of("# who\n\n alice = pw=1 \r\nbob: secret,admin,user\n");
    assert_true(http_users_admit(users, STR("Basic YWxpY2U6cHc9MQ==")));
    assert_true(http_users_admit(users, STR("basic YWxpY2U6cHc9MQ==")));
    assert_true(http_users_admit(users, STR("Basic Ym9iOnNlY3JldA==")));
    static const char *const refused[] = {
        "Basic YWxpY2U6cHc9Mg==", /* alice:pw=2 */
        "Basic YWxpY2U6cHc9",     /* alice:pw= */
        "Basic YWxpY2U6",         /* alice: */
        "Basic YWxpY2U=",         /* alice */
        "Basic Ym9iOnB3PTE=",     /* bob:pw=1 */
        "Basic OnB3PTE=",         /* :pw=1 */
        "Basic ????",
        "Basic",
        "Basic ",
        "Bearer YWxpY2U6cHc9MQ==",
        "",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (http_users_admit(users, str_from(refused[i])))
            fail_msg("%s is admitted", refused[i]);
    assert_false(http_users_admit(users, STR_NULL));
    http_users_free(users);
}

static void test_user_files(void **state)
{
    (void)state;
    struct http_users *users = NULL;
    assert_int_equal(http_users_read(STR("# nobody\n"), &users, &err), ERROR_CONFIG);
    assert_int_equal(http_users_read(STR("a=b\nsecret\n"), &users, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "line 2"));
    assert_null(strstr(err.text, "secret"));
    assert_int_equal(http_users_read(STR("=b"), &users, &err), ERROR_CONFIG);
    assert_int_equal(http_users_read(STR("a:"), &users, &err), ERROR_CONFIG);
    assert_int_equal(http_users_read_file("/nowhere/users", &users, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "/nowhere/users"));
    assert_null(users);
}

/* ---- a server ---- */

static int post(void *ctx, const struct http_request *r, struct http_response *response, struct error *e)
{
    (void)e;
    ++*(int *)ctx;
    buf_add_str(&response->body, r->body);
    return 0;
}

static int calls;
static const struct http_route routes[] = {{"POST", "/x", post, "Echo"}, {NULL, NULL, NULL, NULL}};

static int ask(struct http_client *c, const char *scheme, const struct http_server *server, int *ret_status,
               struct buf *body)
{
    AUTO_FREE char *url = mem_printf("%s://127.0.0.1:%u/x", scheme, http_server_port(server));
    buf_clear(body);
    return http_client_do(c, "POST", url, "application/json", STR("{}"), ret_status, body, &err);
}

static void test_login(void **state)
{
    (void)state;
    struct http_users *users = users_of("alice=pw");
    struct http_server *server;
    struct http_server_options options = {.routes = routes, .ctx = &calls, .users = users, .realm = "here"};
    assert_int_equal(http_server_start(&options, &server, &err), 0);
    struct http_client *c = http_client_new();
    struct buf body = {0};
    int status = 0;
    assert_int_equal(ask(c, "http", server, &status, &body), 0);
    assert_int_equal(status, 401);
    assert_string_equal(buf_cstr(&body), "{\"error_code\":401,\"message\":\"HTTP 401 Unauthorized\"}");
    http_client_set_auth(c, "alice", "wrong");
    assert_int_equal(ask(c, "http", server, &status, &body), 0);
    assert_int_equal(status, 401);
    assert_int_equal(calls, 0);
    http_client_set_auth(c, "alice", "pw");
    assert_int_equal(ask(c, "http", server, &status, &body), 0);
    assert_int_equal(status, 200);
    assert_string_equal(buf_cstr(&body), "{}");
    assert_int_equal(calls, 1);
    http_client_free(c);
    c = http_client_new();
    AUTO_FREE char *url = mem_printf("http://alice:pw@127.0.0.1:%u/x", http_server_port(server));
    assert_int_equal(http_client_do(c, "POST", url, "application/json", STR("{}"), &status, &body, &err), 0);
    assert_int_equal(status, 200);
    http_client_free(c);
    http_server_stop(server);
    http_users_free(users);
    buf_free(&body);
}

/* ---- HTTPS ---- */

static char dir[64];

static char *file_in(const char *name)
{
    return mem_printf("%s/%s", dir, name);
}

static bool make_certificate(const char *name)
{
    AUTO_FREE char *command = mem_printf(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=IP:127.0.0.1 -keyout %s/%s.key -out %s/%s.pem >/dev/null 2>&1",
        dir, name, dir, name);
    return system(command) == 0; /* the openssl program is part of the system's TLS */
}

static void remove_files(void)
{
    static const char *const names[] = {"one.key", "one.pem", "two.key", "two.pem", NULL};
    for (const char *const *name = names; *name; name++) {
        AUTO_FREE char *path = file_in(*name);
        unlink(path);
    }
    rmdir(dir);
}

static void expect_https(const struct http_server *server, const char *ca, int rc)
{
    struct http_client *c = http_client_new();
    struct buf body = {0};
    int status = 0;
    http_client_set_tls(c, &(struct http_client_tls){.ca_file = ca});
    assert_int_equal(ask(c, "https", server, &status, &body), rc);
    assert_int_equal(status, rc ? 0 : 200);
    http_client_free(c);
    buf_free(&body);
}

static void test_https(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/https-XXXXXX", tmp && strlen(tmp) < 32 ? tmp : "/tmp");
    assert_non_null(mkdtemp(dir));
    if (!make_certificate("one") || !make_certificate("two")) {
        remove_files();
        skip();
    }
    AUTO_FREE char *cert = file_in("one.pem");
    AUTO_FREE char *key = file_in("one.key");
    AUTO_FREE char *other_cert = file_in("two.pem");
    AUTO_FREE char *other_key = file_in("two.key");
    struct http_server *server = NULL;
    struct http_server_options options = {.routes = routes, .ctx = &calls, .tls = {.cert_file = cert, .key_file = key}};
    if (http_server_start(&options, &server, &err) != 0)
        fail_msg("%s", err.text);
    expect_https(server, cert, 0);
    expect_https(server, other_cert, ERROR_AUTH);
    expect_https(server, NULL, ERROR_AUTH);
    struct http_client *plain = http_client_new();
    struct buf body = {0};
    int status = 0;
    assert_int_not_equal(ask(plain, "http", server, &status, &body), 0);
    http_client_free(plain);
    buf_free(&body);
    http_server_stop(server);
    server = NULL;
    options.tls.key_file = other_key;
    assert_int_equal(http_server_start(&options, &server, &err), ERROR_CONFIG);
    options.tls.key_file = "/nowhere.key";
    assert_int_equal(http_server_start(&options, &server, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "/nowhere.key"));
    options.tls.key_file = NULL;
    assert_int_equal(http_server_start(&options, &server, &err), ERROR_CONFIG);
    options.tls = (struct http_server_tls){.cert_file = key, .key_file = key};
    assert_int_equal(http_server_start(&options, &server, &err), ERROR_CONFIG);
    assert_null(server);
    remove_files();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_user_files),
        cmocka_unit_test(test_login),
        cmocka_unit_test(test_https),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
