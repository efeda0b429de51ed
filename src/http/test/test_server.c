/* A live server on a free port and the client against it. */
#include "base/clock.h"
#include "base/mem.h"
#include "http/client.h"
#include "http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct http_server *server;
    struct http_client *client;
    struct buf body;
    _Atomic int inside; /* handlers of /wait */
};

static int get_echo(void *ctx, const struct http_request *r, struct http_response *response, struct error *err)
{
    (void)ctx, (void)err;
    struct str q = http_query(r, "q"), header = http_header(r, "User-Agent");
    buf_printf(&response->body, "[\"%s\",", r->method);
    http_json_string(&response->body, r->path);
    buf_add_char(&response->body, ',');
    http_json_string(&response->body, r->params[0]);
    buf_printf(&response->body, ",%s,", q.ptr ? "true" : "false");
    http_json_string(&response->body, q);
    buf_add_char(&response->body, ',');
    http_json_string(&response->body, str_starts(header, "tributary/") ? STR("tributary") : header);
    buf_add_char(&response->body, ']');
    return 0;
}

static int get_expand(void *ctx, const struct http_request *r, struct http_response *response, struct error *err)
{
    (void)ctx, (void)err;
    buf_printf(&response->body, "%d%d%d", http_query_has(r, "expand", "status"), http_query_has(r, "expand", "info"),
               http_query_has(r, "expand", "x"));
    return 0;
}

static int post_echo(void *ctx, const struct http_request *r, struct http_response *response, struct error *err)
{
    (void)ctx, (void)err;
    response->status = 201;
    response->content_type = "text/plain";
    buf_add_literal(&response->headers, "Location: /echo/x\nX-Further: 1\n");
    buf_add_str(&response->body, r->body);
    return 0;
}

static int delete_echo(void *ctx, const struct http_request *r, struct http_response *response, struct error *err)
{
    (void)ctx, (void)r, (void)err;
    response->status = 204;
    return 0;
}

static int get_error(void *ctx, const struct http_request *r, struct http_response *response, struct error *err)
{
    (void)ctx;
    buf_add_literal(&response->body, "thrown away");
    if (str_is(r->params[0], "422"))
        response->status = 422;
    return error_set(err, ERROR_CONFLICT, "Connector %s \"already\" exists", "x");
}

static int get_wait(void *ctx, const struct http_request *r, struct http_response *response, struct error *err)
{
    (void)err;
    struct fixture *f = ctx;
    int64_t ms = 0;
    str_to_int64(http_query(r, "ms"), &ms);
    f->inside++;
    enum wake_reason why = wake_wait(r->stopping, -1, 0, ms);
    f->inside--;
    buf_add_cstr(&response->body, why == WAKE_RAISED ? "\"stopped\"" : "\"waited\"");
    return 0;
}

static int get_second(void *ctx, const struct http_request *r, struct http_response *response, struct error *err)
{
    (void)r, (void)err;
    buf_printf(&response->body, "%d", *(int *)ctx);
    return 0;
}

static const struct http_route routes[] = {
    {"GET", "/echo/{name}", get_echo, "what was asked"},
    {"POST", "/echo/{name}", post_echo, "what was sent"},
    {"GET", "/expand", get_expand, "a name given more than once"},
    {"DELETE", "/echo/{name}", delete_echo, "nothing"},
    {"GET", "/error/{status}", get_error, "an error"},
    {"GET", "/wait", get_wait, "a long poll"},
    {NULL, NULL, NULL, NULL},
};
static const struct http_route second_routes[] = {
    {"GET", "/second", get_second, "of another table"},
    {NULL, NULL, NULL, NULL},
};

static int second_ctx = 42;

static int set_up(void **state)
{
    struct fixture *f = mem_new(struct fixture);
    const struct http_mount mounts[] = {{second_routes, &second_ctx}, {NULL, NULL}};
    struct http_server_options options = {.routes = routes, .ctx = f, .mounts = mounts, .idle_seconds = 1};
    struct error err;
    if (http_server_start(&options, &f->server, &err) != 0) {
        print_error("%s\n", err.text);
        return 1;
    }
    f->client = http_client_new();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    http_client_free(f->client);
    http_server_stop(f->server);
    buf_free(&f->body);
    free(f);
    return 0;
}

static int ask_as(struct fixture *f, const char *method, const char *path, const char *type, struct str body)
{
    char url[256];
    int status = 0;
    struct error err = {0};
    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", http_server_port(f->server), path);
    buf_clear(&f->body);
    if (http_client_do(f->client, method, url, type, body, &status, &f->body, &err) != 0)
        fail_msg("%s", err.text);
    return status;
}

static int ask(struct fixture *f, const char *method, const char *path)
{
    return ask_as(f, method, path, NULL, STR_NULL);
}

static int connect_to(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* Everything that comes within five seconds until the peer closes. */
static char *raw(struct fixture *f, const char *request)
{
    int fd = connect_to(http_server_port(f->server));
    assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
    struct buf answer = {0};
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    ssize_t n;
    while (poll(&waiting, 1, 5000) > 0 && (n = read(fd, buf_reserve(&answer, 4096), 4096)) > 0)
        answer.len += (size_t)n;
    close(fd);
    return buf_take(&answer);
}

static void expect_in(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no '%s' in: %s", part, text);
}

static void test_routes(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, "GET", "/echo/a%2Fb%20c?q=x%20y+z"), 200);
    assert_string_equal(buf_cstr(&f->body), "[\"GET\",\"/echo/a/b c\",\"a/b c\",true,\"x y z\",\"tributary\"]");
    assert_int_equal(ask(f, "GET", "/echo/a/?q"), 200);
    assert_string_equal(buf_cstr(&f->body), "[\"GET\",\"/echo/a\",\"a\",true,\"\",\"tributary\"]");
    assert_int_equal(ask(f, "GET", "/echo/a"), 200);
    expect_in(buf_cstr(&f->body), "false");
    assert_int_equal(ask_as(f, "POST", "/echo/a", "application/json; charset=utf-8", STR("{\"a\":1}")), 201);
    assert_string_equal(buf_cstr(&f->body), "{\"a\":1}");
    assert_int_equal(ask(f, "POST", "/echo/a"), 201);
    assert_int_equal(f->body.len, 0);
    assert_int_equal(ask(f, "DELETE", "/echo/a"), 204);
    assert_int_equal(f->body.len, 0);
    assert_int_equal(ask(f, "GET", "/second"), 200);
    assert_string_equal(buf_cstr(&f->body), "42");
    assert_int_equal(ask(f, "GET", "/expand?expand=status&expand=info"), 200);
    assert_string_equal(buf_cstr(&f->body), "110");
    assert_int_equal(ask(f, "GET", "/expand?expand&y=x"), 200);
    assert_string_equal(buf_cstr(&f->body), "000");
}

static void test_refusals(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, "GET", "/nowhere"), 404);
    assert_string_equal(buf_cstr(&f->body), "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}");
    assert_int_equal(ask(f, "PUT", "/echo/a"), 405);
    assert_string_equal(buf_cstr(&f->body), "{\"error_code\":405,\"message\":\"HTTP 405 Method Not Allowed\"}");
    assert_int_equal(ask_as(f, "POST", "/echo/a", "text/plain", STR("x")), 415);
    assert_string_equal(buf_cstr(&f->body), "{\"error_code\":415,\"message\":\"HTTP 415 Unsupported Media Type\"}");
    assert_int_equal(ask_as(f, "POST", "/echo/a", NULL, STR("x")), 415);
    assert_int_equal(ask(f, "GET", "/echo/%zz"), 400);
    expect_in(buf_cstr(&f->body), "percent-encoded");
    assert_int_equal(ask(f, "GET", "/error/x"), 409);
    assert_string_equal(buf_cstr(&f->body), "{\"error_code\":409,\"message\":\"Connector x \\\"already\\\" exists\"}");
    assert_int_equal(ask(f, "GET", "/error/422"), 422);
}

static void test_headers(void **state)
{
    struct fixture *f = *state;
    char *answer = raw(f, "PUT /echo/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect_in(answer, "HTTP/1.1 405 ");
    expect_in(answer, "Allow: GET, HEAD, POST, DELETE, OPTIONS\r\n");
    free(answer);
    answer = raw(f, "OPTIONS /echo/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect_in(answer, "HTTP/1.1 200 ");
    expect_in(answer, "Allow: GET, HEAD, POST, DELETE, OPTIONS\r\n");
    free(answer);
    answer = raw(f, "HEAD /echo/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect_in(answer, "HTTP/1.1 200 ");
    expect_in(answer, "Content-Length: ");
    expect_in(answer, "Content-Type: application/json\r\n");
    assert_null(strstr(answer, "[\"HEAD\""));
    free(answer);
    answer = raw(f, "POST /echo/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    expect_in(answer, "HTTP/1.1 201 ");
    expect_in(answer, "Location: /echo/x\r\n");
    expect_in(answer, "X-Further: 1\r\n");
    free(answer);
}

static void test_body_limit(void **state)
{
    struct fixture *f = *state;
    char *answer = raw(f, "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                          "Expect: 100-continue\r\nContent-Length: 16777217\r\n\r\n");
    expect_in(answer, "HTTP/1.1 413 ");
    expect_in(answer, "{\"error_code\":413,\"message\":\"HTTP 413 Request Entity Too Large: a body may have 16777216");
    assert_null(strstr(answer, "100 Continue"));
    free(answer);

    struct str large = str_of(mem_zalloc(HTTP_MAX_BODY), HTTP_MAX_BODY);
    assert_int_equal(ask_as(f, "POST", "/echo/a", "application/json", large), 201);
    assert_int_equal(f->body.len, large.len);
    free((void *)large.ptr);
}

static void test_chunked_body_limit(void **state)
{
    struct fixture *f = *state;
    struct buf request = {0};
    buf_add_literal(&request,
                    "POST /echo/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n1000001\r\n");
    size_t begin = request.len;
    memset(buf_reserve(&request, HTTP_MAX_BODY + 1), 'x', HTTP_MAX_BODY + 1);
    request.len = begin + HTTP_MAX_BODY + 1;
    buf_add_literal(&request, "\r\n0\r\n\r\n");
    char *answer = raw(f, buf_cstr(&request));
    expect_in(answer, "HTTP/1.1 413 ");
    free(answer);
    buf_free(&request);
    answer = raw(f, "POST /echo/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    expect_in(answer, "\r\n\r\nabcde");
    free(answer);
}

static void test_garbage_requests(void **state)
{
    struct fixture *f = *state;
    free(raw(f, "\x01\x02\x03\r\n\r\n"));
    free(raw(f, "GET\r\n\r\n"));
    char *answer = raw(f, "GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect_in(answer, "HTTP/1.1 400 ");
    free(answer);
    assert_int_equal(ask(f, "GET", "/second"), 200);
}

static void test_route_hits(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(http_server_route_hits(f->server, "GET", "/second"), 0);
    ask(f, "GET", "/second");
    ask(f, "HEAD", "/second");
    ask(f, "PUT", "/second");
    assert_int_equal(http_server_route_hits(f->server, "GET", "/second"), 2);
    assert_int_equal(http_server_route_hits(f->server, "GET", "/echo/{name}"), 0);
    assert_int_equal(http_server_route_hits(f->server, "GET", "/nowhere"), -1);
}

/* A handler that blocks for longer than a connection may be idle (one second here) still answers. */
static void test_long_poll_outlives_idle_limit(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, "GET", "/wait?ms=2100"), 200);
    assert_string_equal(buf_cstr(&f->body), "\"waited\"");
    assert_int_equal(ask(f, "GET", "/second"), 200);
}

static void test_idle_connection_is_closed(void **state)
{
    struct fixture *f = *state;
    int fd = connect_to(http_server_port(f->server));
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    char c;
    assert_int_equal(poll(&waiting, 1, 4000), 1);
    assert_int_equal(read(fd, &c, 1), 0);
    close(fd);
}

enum { THREADS = 24, ROUNDS = 40 };

static void *hammer(void *ctx)
{
    struct fixture *f = ctx;
    struct http_client *client = http_client_new();
    struct buf body = {0};
    char url[128];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/echo/abc", http_server_port(f->server));
    intptr_t good = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int status = 0;
        buf_clear(&body);
        if (http_client_do(client, i % 2 ? "GET" : "POST", url, "application/json", i % 2 ? STR_NULL : STR("[1]"),
                           &status, &body, NULL) == 0 &&
            status == (i % 2 ? 200 : 201))
            good++;
    }
    buf_free(&body);
    http_client_free(client);
    return (void *)good;
}

static void test_concurrent_requests(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, hammer, f);
    intptr_t good = 0;
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        good += (intptr_t)result;
    }
    assert_int_equal(good, THREADS * ROUNDS);
    assert_int_equal(http_server_route_hits(f->server, "GET", "/echo/{name}"), THREADS * ROUNDS / 2);
}

/* More connections than the limit: the ones beyond it get an answer or a closed connection, never a hang, and the
 * server goes on. */
static void test_connection_limit(void **state)
{
    struct fixture *f = *state;
    enum { MORE = HTTP_MAX_CONNECTIONS + 20 };
    int fds[MORE];
    for (int i = 0; i < MORE; i++)
        fds[i] = connect_to(http_server_port(f->server));
    for (int i = 0; i < MORE; i++)
        close(fds[i]);
    int64_t end = clock_mono_ms() + 5000;
    char url[128];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/second", http_server_port(f->server));
    int status = 0;
    while (status != 200 && clock_mono_ms() < end)
        http_client_do(f->client, "GET", url, NULL, STR_NULL, &status, &f->body, NULL);
    assert_int_equal(status, 200);
}

static void *long_poll(void *ctx)
{
    struct fixture *f = ctx;
    ask(f, "GET", "/wait?ms=20000");
    return NULL;
}

static void test_stop_answers_long_polls(void **state)
{
    struct fixture *f = *state;
    pthread_t thread;
    pthread_create(&thread, NULL, long_poll, f);
    while (f->inside == 0)
        usleep(1000);
    int64_t begin = clock_mono_ms();
    http_server_stop(f->server);
    assert_true(clock_mono_ms() - begin < 3000);
    pthread_join(thread, NULL);
    assert_string_equal(buf_cstr(&f->body), "\"stopped\"");
    f->server = NULL;
}

static void test_port_in_use(void **state)
{
    struct fixture *f = *state;
    struct http_server *other = NULL;
    struct error err = {0};
    struct http_server_options options = {.routes = routes, .ctx = f, .port = http_server_port(f->server)};
    assert_int_equal(http_server_start(&options, &other, &err), ERROR_CONFLICT);
    char port[32];
    snprintf(port, sizeof port, "port %u on 127.0.0.1", options.port);
    expect_in(err.text, port);
    expect_in(err.text, "choose another port");
    assert_null(other);
    options.address = "192.0.2.1";
    assert_int_equal(http_server_start(&options, &other, &err), ERROR_CONFIG);
    options.address = "no such host";
    assert_int_equal(http_server_start(&options, &other, &err), ERROR_CONFIG);
    expect_in(err.text, "no such host");
}

static void test_start_and_stop_are_fast(void **state)
{
    struct fixture *f = *state;
    int64_t begin = clock_mono_ns();
    for (int i = 0; i < 20; i++) {
        struct http_server *server = NULL;
        struct http_server_options options = {.routes = routes, .ctx = f};
        assert_int_equal(http_server_start(&options, &server, NULL), 0);
        http_server_stop(server);
    }
    int64_t each = (clock_mono_ns() - begin) / 20;
    print_message("start and stop: %lld us\n", (long long)each / 1000);
    assert_true(each < 50000000);
}

static void expect_client_error(struct fixture *f, const char *url, enum error_code code, const char *part)
{
    struct error err = {0};
    int status = 77;
    buf_clear(&f->body);
    assert_int_equal(http_client_do(f->client, "GET", url, NULL, STR_NULL, &status, &f->body, &err), code);
    expect_in(err.text, part);
    assert_int_equal(status, 77);
    assert_int_equal(f->body.len, 0);
}

static void test_client_errors(void **state)
{
    struct fixture *f = *state;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof name;
    bind(fd, (struct sockaddr *)&name, len);
    getsockname(fd, (struct sockaddr *)&name, &len);
    char url[128];
    snprintf(url, sizeof url, "http://user:secret@127.0.0.1:%u/x", ntohs(name.sin_port));
    expect_client_error(f, url, ERROR_CONNECTION, "GET http://127.0.0.1:");
    struct error err;
    int status;
    http_client_do(f->client, "GET", url, NULL, STR_NULL, &status, &f->body, &err);
    assert_null(strstr(err.text, "secret"));
    assert_true(error_is_retriable(err.code));
    close(fd);
    expect_client_error(f, "nonsense://x/", ERROR_CONFIG, "nonsense");
    expect_client_error(f, "http://", ERROR_CONFIG, "http://");
    http_client_set_timeout(f->client, 100);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/wait?ms=3000", http_server_port(f->server));
    expect_client_error(f, url, ERROR_TIMEOUT, "within 100 ms");
}

static int get_auth(void *ctx, const struct http_request *r, struct http_response *response, struct error *err)
{
    (void)ctx, (void)err;
    http_json_string(&response->body, http_header(r, "Authorization"));
    return 0;
}

static void test_client_basic_auth(void **state)
{
    struct fixture *f = *state;
    static const struct http_route auth_routes[] = {{"GET", "/auth", get_auth, ""}, {NULL, NULL, NULL, NULL}};
    http_server_stop(f->server);
    struct http_server_options options = {.routes = auth_routes};
    assert_int_equal(http_server_start(&options, &f->server, NULL), 0);
    http_client_set_auth(f->client, "user", "pass word");
    assert_int_equal(ask(f, "GET", "/auth"), 200);
    assert_string_equal(buf_cstr(&f->body), "\"Basic dXNlcjpwYXNzIHdvcmQ=\"");
    http_client_set_auth(f->client, NULL, NULL);
    assert_int_equal(ask(f, "GET", "/auth"), 200);
    assert_string_equal(buf_cstr(&f->body), "\"\"");
}

/* The server went away and came back between two requests: the kept connection is dead, the request is not lost. */
static void test_client_survives_a_restarted_server(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask_as(f, "POST", "/echo/a", "application/json", STR("[1]")), 201);
    uint16_t port = http_server_port(f->server);
    http_server_stop(f->server);
    struct http_server_options options = {.routes = routes, .ctx = f, .port = port};
    assert_int_equal(http_server_start(&options, &f->server, NULL), 0);
    assert_int_equal(ask_as(f, "POST", "/echo/a", "application/json", STR("[2]")), 201);
    assert_string_equal(buf_cstr(&f->body), "[2]");
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(test_routes),
        WITH_SERVER(test_refusals),
        WITH_SERVER(test_headers),
        WITH_SERVER(test_body_limit),
        WITH_SERVER(test_chunked_body_limit),
        WITH_SERVER(test_garbage_requests),
        WITH_SERVER(test_route_hits),
        WITH_SERVER(test_long_poll_outlives_idle_limit),
        WITH_SERVER(test_idle_connection_is_closed),
        WITH_SERVER(test_concurrent_requests),
        WITH_SERVER(test_connection_limit),
        WITH_SERVER(test_stop_answers_long_polls),
        WITH_SERVER(test_port_in_use),
        WITH_SERVER(test_start_and_stop_are_fast),
        WITH_SERVER(test_client_errors),
        WITH_SERVER(test_client_basic_auth),
        WITH_SERVER(test_client_survives_a_restarted_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
