/* The log over HTTP: every row of topics_routes, over a real server and an embedded log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/topics_routes.h"

#include "base/clock.h"
#include "base/mem.h"
#include "http/client.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct fixture {
    char dir[64];
    struct topics *topics;
    struct topics_served served;
    struct topics_txn *txn;
    struct http_server *server;
    struct http_client *client;
    int status;
    struct buf body;
};

static int setup(void **state)
{
    struct fixture *f = mem_new(struct fixture);
    struct error err = {0};
    snprintf(f->dir, sizeof f->dir, "%s/routes-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    struct topics_embedded_options options = {.dir = f->dir, .relaxed_durability = true};
    if (topics_open_embedded(&options, &f->topics, &err) || topics_txn_open(f->topics, STR("test"), &f->txn, &err))
        fail_msg("%s", err.text);
    f->served = (struct topics_served){.topics = f->topics, .schemas_topic = STR("_schemas")};
    struct http_server_options server = {.address = "127.0.0.1", .routes = topics_routes, .ctx = &f->served};
    if (http_server_start(&server, &f->server, &err))
        fail_msg("%s", err.text);
    f->client = http_client_new();
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    http_client_free(f->client);
    http_server_stop(f->server);
    topics_txn_close(f->txn);
    topics_close(f->topics);
    AUTO_FREE char *command = mem_printf("rm -rf '%s'", f->dir);
    assert_int_equal(system(command), 0);
    buf_free(&f->body);
    free(f);
    return 0;
}

static json_t *call(struct fixture *f, const char *method, const char *path, const char *body, int status)
{
    struct error err = {0};
    AUTO_FREE char *url = mem_printf("http://127.0.0.1:%u%s", http_server_port(f->server), path);
    buf_clear(&f->body);
    if (http_client_do(f->client, method, url, body ? "application/json" : NULL, str_from(body), &f->status, &f->body,
                       &err))
        fail_msg("%s", err.text);
    if (f->status != status)
        fail_msg("%s %s: %d instead of %d: %s", method, path, f->status, status, buf_cstr(&f->body));
    return f->body.len ? json_loadb(f->body.data, f->body.len, 0, NULL) : NULL;
}

static void refuses(struct fixture *f, const char *method, const char *path, const char *body, int status,
                    const char *message)
{
    json_t *answer = call(f, method, path, body, status);
    assert_string_equal(json_string_value(json_object_get(answer, "message")), message);
    assert_int_equal(json_integer_value(json_object_get(answer, "error_code")), status);
    json_decref(answer);
}

static void append(struct fixture *f, const char *topic, const char *key, const char *value)
{
    struct topics_target *target;
    const struct topics_header header = {STR("h"), STR("v")};
    struct topics_record record = {.key = str_from(key),
                                   .value = str_from(value),
                                   .timestamp = 1580650272065,
                                   .headers = &header,
                                   .n_headers = key ? 1 : 0};
    assert_int_equal(topics_target(f->topics, str_from(topic), &target, NULL), 0);
    assert_int_equal(topics_append(f->txn, target, 0, &record, NULL), 0);
    assert_int_equal(topics_commit(f->txn, NULL), 0);
}

static int64_t number(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static void test_create_list_describe_delete(void **state)
{
    struct fixture *f = *state;
    json_decref(call(f, "POST", "/topics", "{\"name\":\"b\",\"partitions\":2,\"retention.ms\":-1}", 201));
    json_decref(call(f, "POST", "/topics", "{\"name\":\"a\",\"cleanup.policy\":\"compact\"}", 201));
    json_t *list = call(f, "GET", "/topics", NULL, 200);
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "name")), "a");
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "cleanup.policy")), "compact");
    json_decref(list);
    append(f, "b", "k", "v");
    json_t *one = call(f, "GET", "/topics/b", NULL, 200);
    assert_int_equal(number(one, "partitions"), 2);
    assert_int_equal(number(one, "retention.ms"), -1);
    assert_int_equal(number(one, "records"), 1);
    assert_int_equal(number(json_array_get(json_object_get(one, "offsets"), 0), "end"), 1);
    assert_int_equal(number(json_array_get(json_object_get(one, "offsets"), 1), "end"), 0);
    json_decref(one);
    json_decref(call(f, "POST", "/topics/a/compact", NULL, 204));
    json_t *verified = call(f, "POST", "/log/verify", NULL, 200);
    assert_int_equal(number(verified, "records"), 1);
    json_decref(verified);
    json_decref(call(f, "DELETE", "/topics/b", NULL, 204));
    json_decref(call(f, "GET", "/topics/b", NULL, 404));
    json_decref(call(f, "DELETE", "/topics/b", NULL, 404));
}

static void test_create_errors(void **state)
{
    struct fixture *f = *state;
    refuses(f, "POST", "/topics", "{}", 400, "a topic needs a name: {\"name\": \"...\"}");
    refuses(f, "POST", "/topics", "{\"name\":\"a\",\"partitions\":0}", 400,
            "partitions must be a whole number from 1 on, not \"0\"");
    refuses(f, "POST", "/topics", "{\"name\":\"a\",\"cleanup.policy\":\"never\"}", 400,
            "cleanup.policy is delete, compact or both, not \"never\"");
    refuses(f, "POST", "/topics", "{\"name\":\"a\",\"retention.ms\":\"long\"}", 400,
            "retention.ms must be a whole number, -1 for no limit, not \"long\"");
    refuses(f, "POST", "/topics", "{\"name\":\"a\",\"replicas\":3}", 400,
            "a topic has no \"replicas\"; there are name, partitions, cleanup.policy, retention.ms, retention.bytes, "
            "delete.retention.ms");
    json_decref(call(f, "POST", "/topics", "[", 400));
    json_decref(call(f, "POST", "/topics", "{\"name\":\"a b\"}", 400));
    json_decref(call(f, "POST", "/topics", "{\"name\":\"a\",\"cleanup.policy\":\"compact, delete\"}", 201));
    json_decref(call(f, "POST", "/topics", "{\"name\":\"a\"}", 409));
    json_decref(call(f, "DELETE", "/topics/_schemas", NULL, 409));
    json_decref(call(f, "DELETE", "/topics/connect-configs", NULL, 404)); /* no worker, so nobody's memory */
    json_decref(call(f, "POST", "/topics/none/compact", NULL, 404));
}

static void test_records(void **state)
{
    struct fixture *f = *state;
    json_decref(call(f, "POST", "/topics", "{\"name\":\"t\"}", 201));
    append(f, "t", "k", "one");
    append(f, "t", NULL, NULL);
    append(f, "t", "", "");
    json_decref(call(f, "GET", "/topics/t/partitions/0/records?offset=0", NULL, 200));
    assert_string_equal(buf_cstr(&f->body),
                        "{\"topic\":\"t\",\"partition\":0,\"begin\":0,\"end\":3,\"next\":3,\"records\":[\n"
                        "{\"offset\":0,\"timestamp\":1580650272065,\"key\":\"aw==\",\"value\":\"b25l\",\"headers\":"
                        "[{\"key\":\"h\",\"value\":\"dg==\"}]},\n"
                        "{\"offset\":1,\"timestamp\":1580650272065,\"key\":null,\"value\":null,\"headers\":[]},\n"
                        "{\"offset\":2,\"timestamp\":1580650272065,\"key\":\"\",\"value\":\"\",\"headers\":"
                        "[{\"key\":\"h\",\"value\":\"dg==\"}]}]}");
    json_t *page = call(f, "GET", "/topics/t/partitions/0/records?offset=1&limit=1", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(page, "records")), 1);
    assert_int_equal(number(page, "next"), 2);
    json_decref(page);
    page = call(f, "GET", "/topics/t/partitions/0/records?offset=end", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(page, "records")), 0);
    assert_int_equal(number(page, "next"), 3);
    json_decref(page);
    page = call(f, "GET", "/topics/t/partitions/0/records", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(page, "records")), 3);
    json_decref(page);
}

static void test_records_errors(void **state)
{
    struct fixture *f = *state;
    json_decref(call(f, "POST", "/topics", "{\"name\":\"t\"}", 201));
    refuses(f, "GET", "/topics/t/partitions/x/records", NULL, 400, "\"x\" is not the number of a partition");
    refuses(f, "GET", "/topics/t/partitions/0/records?offset=-1", NULL, 400,
            "offset must be a number, \"beginning\" or \"end\", not \"-1\"");
    refuses(f, "GET", "/topics/t/partitions/0/records?limit=0", NULL, 400,
            "limit must be a whole number from 1 on, not \"0\"");
    refuses(f, "GET", "/topics/t/partitions/0/records?wait_ms=soon", NULL, 400,
            "wait_ms must be a whole number from 0 on, not \"soon\"");
    json_decref(call(f, "GET", "/topics/t/partitions/1/records", NULL, 404));
    json_decref(call(f, "GET", "/topics/none/partitions/0/records", NULL, 404));
}

/* A page ends with the record that passes the limit in bytes, and says where to go on. */
static void test_page_of_limited_size(void **state)
{
    struct fixture *f = *state;
    json_decref(call(f, "POST", "/topics", "{\"name\":\"t\"}", 201));
    AUTO_FREE char *large = mem_zalloc(1536 * 1024 + 1);
    memset(large, 'x', 1536 * 1024);
    for (int i = 0; i < 5; i++)
        append(f, "t", NULL, large);
    json_t *page = call(f, "GET", "/topics/t/partitions/0/records?offset=0&limit=10000", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(page, "records")), 2);
    assert_int_equal(number(page, "next"), 2);
    assert_int_equal(number(page, "end"), 5);
    json_decref(page);
}

struct poll {
    struct fixture *f;
    int64_t took_ms;
    size_t records;
};

static void *poll_thread(void *arg)
{
    struct poll *p = arg;
    struct fixture mine = {.server = p->f->server, .client = http_client_new()};
    int64_t began = clock_mono_ms();
    json_t *page = call(&mine, "GET", "/topics/t/partitions/0/records?offset=end&wait_ms=25000", NULL, 200);
    p->took_ms = clock_mono_ms() - began;
    p->records = json_array_size(json_object_get(page, "records"));
    json_decref(page);
    buf_free(&mine.body);
    http_client_free(mine.client);
    return NULL;
}

static void nap(int64_t ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void test_long_poll_ends_with_a_record(void **state)
{
    struct fixture *f = *state;
    struct poll poll = {.f = f};
    pthread_t thread;
    json_decref(call(f, "POST", "/topics", "{\"name\":\"t\"}", 201));
    assert_int_equal(pthread_create(&thread, NULL, poll_thread, &poll), 0);
    nap(100);
    json_decref(call(f, "GET", "/topics/t", NULL, 200)); /* others are served meanwhile */
    append(f, "t", "k", "v");
    pthread_join(thread, NULL);
    assert_int_equal(poll.records, 1);
    assert_true(poll.took_ms < 10000);
}

static void test_long_poll_ends_in_time(void **state)
{
    struct fixture *f = *state;
    json_decref(call(f, "POST", "/topics", "{\"name\":\"t\"}", 201));
    int64_t began = clock_mono_ms();
    json_t *page = call(f, "GET", "/topics/t/partitions/0/records?offset=end&wait_ms=150", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(page, "records")), 0);
    json_decref(page);
    assert_true(clock_mono_ms() - began >= 140);
}

static void test_long_poll_ends_with_the_server(void **state)
{
    struct fixture *f = *state;
    struct poll poll = {.f = f};
    pthread_t thread;
    json_decref(call(f, "POST", "/topics", "{\"name\":\"t\"}", 201));
    assert_int_equal(pthread_create(&thread, NULL, poll_thread, &poll), 0);
    nap(200);
    int64_t began = clock_mono_ms();
    http_server_stop(f->server);
    f->server = NULL;
    pthread_join(thread, NULL);
    assert_true(clock_mono_ms() - began < 4000);
    assert_int_equal(poll.records, 0);
}

static void test_every_route_is_tested(void **state)
{
    struct fixture *f = *state;
    json_decref(call(f, "POST", "/topics", "{\"name\":\"t\",\"cleanup.policy\":\"compact\"}", 201));
    json_decref(call(f, "GET", "/topics", NULL, 200));
    json_decref(call(f, "GET", "/topics/t", NULL, 200));
    json_decref(call(f, "GET", "/topics/t/partitions/0/records", NULL, 200));
    json_decref(call(f, "POST", "/topics/t/compact", NULL, 204));
    json_decref(call(f, "POST", "/log/verify", NULL, 200));
    json_decref(call(f, "DELETE", "/topics/t", NULL, 204));
    for (const struct http_route *r = topics_routes; r->method; r++)
        if (http_server_route_hits(f->server, r->method, r->path) < 1)
            fail_msg("%s %s is not tested", r->method, r->path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_create_list_describe_delete),
        TEST(test_every_route_is_tested),
        TEST(test_create_errors),
        TEST(test_records),
        TEST(test_records_errors),
        TEST(test_page_of_limited_size),
        TEST(test_long_poll_ends_with_a_record),
        TEST(test_long_poll_ends_in_time),
        TEST(test_long_poll_ends_with_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
