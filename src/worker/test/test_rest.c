/* Every route, with Kafka Connect's status codes and bodies; the last test fails on a route that none has called. */
#include "worker/test/fake.h"

#include "http/client.h"
#include "wire/json.h"
#include "worker/topics_routes.h"

static struct http_server *server;
static struct http_client *client;
static struct buf answer;
static char called[64][128]; /* "METHOD path" of the rows that were called, over all tests */
static size_t n_called;

static int setup(void **state)
{
    struct error err = {0};
    if (fixture_setup(state))
        return -1;
    struct fixture *f = *state;
    if (worker_rest_start(f->worker, "127.0.0.1", 0, &server, &err))
        fail_msg("%s", err.text);
    client = http_client_new();
    return 0;
}

static void note_calls(void)
{
    for (const struct http_route *r = worker_routes; r->method; r++) {
        char row[128];
        bool known = false;
        snprintf(row, sizeof row, "%s %s", r->method, r->path);
        for (size_t i = 0; i < n_called && !known; i++)
            known = strcmp(called[i], row) == 0;
        if (!known && http_server_route_hits(server, r->method, r->path) > 0)
            snprintf(called[n_called++], sizeof called[0], "%s", row);
    }
}

static int teardown(void **state)
{
    note_calls();
    http_server_stop(server);
    http_client_free(client);
    buf_free(&answer);
    return fixture_teardown(state);
}

static int call(const char *method, const char *path, const char *body)
{
    AUTO_BUF url = {0};
    struct error err = {0};
    int status = 0;
    buf_printf(&url, "http://127.0.0.1:%d%s", http_server_port(server), path);
    buf_clear(&answer);
    if (http_client_do(client, method, buf_cstr(&url), body ? "application/json" : NULL, str_from(body), &status,
                       &answer, &err))
        fail_msg("%s", err.text);
    buf_cstr(&answer);
    return status;
}

static void expect(const char *method, const char *path, const char *body, int status, const char *text)
{
    int got = call(method, path, body);
    if (got != status)
        fail_msg("%s %s: %d where %d is expected: %s", method, path, got, status, answer.data);
    if (text)
        assert_string_equal(answer.data, text);
}

static void has(const char *part)
{
    if (!strstr(answer.data, part))
        fail_msg("\"%s\" is missing in: %s", part, answer.data);
}

static void has_not(const char *part)
{
    if (strstr(answer.data, part))
        fail_msg("\"%s\" must not stand in: %s", part, answer.data);
}

#define CONFIG "\"connector.class\":\"org.fake.FakeSourceConnector\""

static void create(struct fixture *f, const char *name)
{
    AUTO_BUF body = {0};
    buf_add_literal(&body, "{\"name\":");
    json_write_string(&body, str_from(name));
    buf_add_literal(&body, ",\"config\":{" CONFIG ",\"tasks.max\":1}}");
    expect("POST", "/connectors", buf_cstr(&body), 201, NULL);
    await(f, name, WORKER_RUNNING);
}

static void the_worker(void **state)
{
    (void)state;
    expect("GET", "/", NULL, 200,
           "{\"version\":\"" TRIBUTARY_VERSION "\",\"commit\":\"tributary\","
           "\"kafka_cluster_id\":\"tributary\"}");
    expect("GET", "/health", NULL, 200, NULL);
    has("\"status\":\"healthy\"");
}

static void the_description(void **state)
{
    (void)state;
    expect("GET", "/openapi.json", NULL, 200, NULL);
    has("{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"tributary\"");
    for (const struct http_route *r = worker_routes; r->method; r++) {
        AUTO_BUF path = {0};
        buf_printf(&path, "\"%s\":{", r->path);
        has(buf_cstr(&path));
    }
    has("\"/topics/{topic}\":{\"get\":{");
}

static void loggers(void **state)
{
    struct fixture *f = *state;
    expect("GET", "/admin/loggers", NULL, 200, NULL);
    has("{\"root\":{\"level\":\"");
    expect("PUT", "/admin/loggers/Root", "{\"level\":\"warn\"}", 200, "[\"root\"]");
    expect("GET", "/admin/loggers/root", NULL, 200, NULL);
    has("{\"level\":\"WARN\",\"last_modified\":1");
    expect("PUT", "/admin/loggers/root", "{\"level\":\"error\"}", 200, NULL);
    expect("PUT", "/admin/loggers/root", "{}", 400,
           "{\"error_code\":400,\"message\":\"Desired 'level' parameter was not specified in request.\"}");
    expect("PUT", "/admin/loggers/root", "{\"level\":\"LOUD\"}", 404,
           "{\"error_code\":404,\"message\":\"invalid log level 'LOUD'.\"}");
    expect("GET", "/admin/loggers/org.apache", NULL, 404,
           "{\"error_code\":404,\"message\":\"Logger org.apache not found.\"}");
    expect("GET", "/admin/loggers/http", NULL, 200, NULL);
    has("{\"level\":\"ERROR\"");
    expect("GET", "/admin/loggers/c", NULL, 404, NULL);
    create(f, "c");
    expect("GET", "/admin/loggers/c", NULL, 200, NULL);
    expect("GET", "/admin/loggers/c%7Ctask-0", NULL, 200, NULL);
    expect("GET", "/admin/loggers/c%7Ctask-1", NULL, 404, NULL);
    expect("PUT", "/admin/loggers/c%7Ctask-0", "{\"level\":\"FATAL\"}", 200, "[\"c|task-0\"]");
    expect("PUT", "/admin/loggers/c?scope=worker", "{\"level\":\"OFF\"}", 404, NULL);
    expect("PUT", "/admin/loggers/c?scope=worker", "{\"level\":\"Warn\"}", 200, "[\"c\",\"c|task-0\"]");
    expect("PUT", "/admin/loggers/org.apache?scope=cluster", "{\"level\":\"ERROR\"}", 204, "");
    expect("GET", "/admin/loggers", NULL, 200, NULL);
    has("{\"c\":{\"level\":\"WARN\",\"last_modified\":1");
    has(",\"c|task-0\":{\"level\":\"WARN\",");
    has(",\"org.apache\":{\"level\":\"ERROR\",");
    has(",\"root\":{\"level\":\"ERROR\",");
    assert_int_equal(log_level_of("c|task-0", NULL), LOG_WARN);
    expect("PUT", "/admin/loggers/root?scope=elsewhere", "{\"level\":\"error\"}", 200,
           "[\"c\",\"c|task-0\",\"org.apache\",\"root\"]");
    assert_int_equal(log_level_of("c|task-0", NULL), LOG_ERROR);
    AUTO_FREE char *longest = mem_alloc(600);
    memset(longest, 'n', 599);
    memcpy(longest, "/admin/loggers/", 15);
    longest[599] = '\0';
    expect("PUT", longest, "{\"level\":\"ERROR\"}", 400, NULL);
}

static void creating(void **state)
{
    struct fixture *f = *state;
    fake.total = 10;
    expect("GET", "/connectors", NULL, 200, "[]");
    expect("POST", "/connectors", "{\"name\":\" c 1 \",\"config\":{" CONFIG ",\"tasks.max\":1}}", 201, NULL);
    has("{\"name\":\"c 1\",\"config\":{" CONFIG ",\"tasks.max\":\"1\",\"name\":\"c 1\"},\"tasks\":[");
    has("],\"type\":\"source\"}");
    await(f, "c 1", WORKER_RUNNING);
    expect("GET", "/connectors", NULL, 200, "[\"c 1\"]");
    expect("GET", "/connectors/c%201", NULL, 200, NULL);
    has("\"tasks\":[{\"connector\":\"c 1\",\"task\":0}],\"type\":\"source\"}");
    expect("GET", "/connectors/c%201/config", NULL, 200, "{" CONFIG ",\"tasks.max\":\"1\",\"name\":\"c 1\"}");
    expect("POST", "/connectors", "{\"name\":\"c 1\",\"config\":{" CONFIG "}}", 409,
           "{\"error_code\":409,\"message\":\"Connector c 1 already exists\"}");
    expect("GET", "/connectors?expand=status&expand=info", NULL, 200, NULL);
    has("{\"c 1\":{\"status\":{\"name\":\"c 1\",\"connector\":{\"state\":\"RUNNING\",\"worker_id\":\"127.0.0.1:8083\"},"
        "\"tasks\":[{\"id\":0,\"state\":\"RUNNING\",\"worker_id\":\"127.0.0.1:8083\"}],\"type\":\"source\"},"
        "\"info\":{\"name\":\"c 1\"");
    expect("GET", "/connectors?expand=info", NULL, 200, NULL);
    has_not("status");
    expect("POST", "/connectors", "{\"name\":\"s\",\"config\":{" CONFIG "},\"initial_state\":\"STOPPED\"}", 201, NULL);
    await(f, "s", WORKER_STOPPED);
    expect("POST", "/connectors", "{\"name\":\"p\",\"config\":{" CONFIG "},\"initial_state\":\"paused\"}", 201, NULL);
    await(f, "p", WORKER_PAUSED);
    expect("POST", "/connectors", "{\"name\":\"x\",\"config\":{" CONFIG "},\"initial_state\":\"flying\"}", 400, NULL);
}

static void refusing(void **state)
{
    (void)state;
    expect("POST", "/connectors", "{\"name\":", 400, NULL);
    has("not JSON");
    expect("POST", "/connectors", "[1]", 400, NULL);
    expect("POST", "/connectors", "{\"name\":\"c\"}", 400, NULL);
    has("\\\"config\\\"");
    expect("POST", "/connectors", "{\"name\":\"c\",\"config\":{\"a\":{\"b\":1}}}", 400, NULL);
    expect("POST", "/connectors", "{\"name\":\"c\",\"config\":{}}", 400, NULL);
    has("contains no connector type");
    expect("POST", "/connectors", "{\"name\":\"c\",\"config\":{\"connector.class\":\"org.fake.FakeSourceConector\"}}",
           500, NULL);
    has("Failed to find any class that implements Connector and which name matches org.fake.FakeSourceConector");
    has("the nearest is org.fake.FakeSourceConnector");
    expect("POST", "/connectors", "{\"name\":\"c\",\"config\":{" CONFIG ",\"name\":\"d\"}}", 400,
           "{\"error_code\":400,\"message\":\"Connector name configuration (d) doesn't match connector name in the URL "
           "(c)\"}");
    expect("POST", "/connectors", "{\"name\":\"\",\"config\":{" CONFIG "}}", 400, NULL);
    AUTO_BUF body = {0};
    buf_add_literal(&body,
                    "{\"name\":\"c\",\"config\":{" CONFIG ",\"fake.number\":\"x\",\"tasks.max\":\"0\",\"null\":null");
    for (int i = 0; i < 40; i++)
        buf_printf(&body, ",\"topic.creation.g%d.partitions\":\"x\"", i);
    buf_add_literal(&body, ",\"topic.creation.groups\":\"g0");
    for (int i = 1; i < 40; i++)
        buf_printf(&body, ",g%d", i);
    buf_add_literal(&body, "\"}}");
    expect("POST", "/connectors", buf_cstr(&body), 400, NULL);
    has("{\"error_code\":400,\"message\":\"Connector configuration is invalid and contains the following 43 "
        "error(s):\\n");
    has("Invalid value x for configuration fake.number");
    has("Invalid value 0 for configuration tasks.max");
    has("Null value can not be supplied as the configuration value");
    has("Invalid value x for configuration topic.creation.g39.partitions");
    has("\\nYou can also find the above list of errors at the endpoint "
        "`/connector-plugins/{connectorType}/config/validate`");
    fake.check_finding = 1;
    expect("POST", "/connectors", "{\"name\":\"c\",\"config\":{" CONFIG "}}", 400, NULL);
    has("contains the following 1 error(s):\\nthe database has no such flavour");
    expect("GET", "/connectors", NULL, 200, "[]");
}

static void unknown_connectors(void **state)
{
    (void)state;
    expect("GET", "/connectors/no", NULL, 404, "{\"error_code\":404,\"message\":\"Connector no not found\"}");
    expect("GET", "/connectors/no/config", NULL, 404, "{\"error_code\":404,\"message\":\"Connector no not found\"}");
    expect("GET", "/connectors/no/status", NULL, 404,
           "{\"error_code\":404,\"message\":\"No status found for connector no\"}");
    expect("GET", "/connectors/no/tasks", NULL, 404, "{\"error_code\":404,\"message\":\"Connector no not found\"}");
    expect("GET", "/connectors/no/tasks-config", NULL, 404, NULL);
    expect("GET", "/connectors/no/tasks/0/status", NULL, 404,
           "{\"error_code\":404,\"message\":\"No status found for task no-0\"}");
    expect("POST", "/connectors/no/tasks/0/restart", NULL, 404, NULL);
    expect("POST", "/connectors/no/tasks/x/restart", NULL, 404, NULL);
    expect("POST", "/connectors/no/restart", NULL, 404, "{\"error_code\":404,\"message\":\"Connector no not found\"}");
    expect("POST", "/connectors/no/restart?includeTasks=true", NULL, 404,
           "{\"error_code\":404,\"message\":\"Unknown connector: no\"}");
    expect("PUT", "/connectors/no/pause", NULL, 404, "{\"error_code\":404,\"message\":\"Unknown connector no\"}");
    expect("PUT", "/connectors/no/resume", NULL, 404, NULL);
    expect("PUT", "/connectors/no/stop", NULL, 404, NULL);
    expect("DELETE", "/connectors/no", NULL, 404, "{\"error_code\":404,\"message\":\"Connector no not found\"}");
    expect("GET", "/connectors/no/offsets", NULL, 404, NULL);
    expect("DELETE", "/connectors/no/offsets", NULL, 404, NULL);
    expect("PATCH", "/connectors/no/offsets", "{\"offsets\":[{\"partition\":{},\"offset\":{}}]}", 404, NULL);
    expect("PATCH", "/connectors/no/config", "{\"a\":\"b\"}", 404, NULL);
    expect("GET", "/connectors/no/topics", NULL, 200, "{\"no\":{\"topics\":[]}}");
    expect("GET", "/nowhere", NULL, 404, NULL);
    expect("PUT", "/connectors", "{}", 405, NULL);
}

static void changing(void **state)
{
    struct fixture *f = *state;
    expect("PUT", "/connectors/c/config", "{" CONFIG ",\"fake.number\":3}", 201, NULL);
    await(f, "c", WORKER_RUNNING);
    expect("PUT", "/connectors/c/config", "{" CONFIG ",\"fake.number\":4}", 200, NULL);
    has("\"fake.number\":\"4\"");
    expect("PATCH", "/connectors/c/config", "{\"fake.number\":null,\"fake.flavour\":\"sweet\"}", 200, NULL);
    expect("GET", "/connectors/c/config", NULL, 200, "{" CONFIG ",\"name\":\"c\",\"fake.flavour\":\"sweet\"}");
    expect("PATCH", "/connectors/c/config", "{\"fake.number\":11}", 400, NULL);
    expect("PUT", "/connectors/c/config", "{\"name\":\"d\"," CONFIG "}", 400, NULL);
    expect("DELETE", "/connectors/c", NULL, 204, "");
    expect("GET", "/connectors/c", NULL, 404, NULL);
}

static void states(void **state)
{
    struct fixture *f = *state;
    fake.total = 10;
    create(f, "c");
    expect("PUT", "/connectors/c/pause", NULL, 202, "");
    await(f, "c", WORKER_PAUSED);
    expect("GET", "/connectors/c/status", NULL, 200, NULL);
    has("\"connector\":{\"state\":\"PAUSED\"");
    expect("PUT", "/connectors/c/resume", NULL, 202, "");
    await(f, "c", WORKER_RUNNING);
    expect("POST", "/connectors/c/restart", NULL, 204, "");
    await(f, "c", WORKER_RUNNING);
    expect(
        "POST", "/connectors/c/restart?includeTasks=true&onlyFailed=false", NULL, 202,
        "{\"name\":\"c\",\"connector\":{\"state\":\"RESTARTING\",\"worker_id\":\"127.0.0.1:8083\"},\"tasks\":[{\"id\":"
        "0,\"state\":\"RESTARTING\",\"worker_id\":\"127.0.0.1:8083\"}],\"type\":\"source\"}");
    await(f, "c", WORKER_RUNNING);
    expect("POST", "/connectors/c/restart?includeTasks=true&onlyFailed=true", NULL, 202, NULL);
    has("\"connector\":{\"state\":\"RUNNING\"");
    has("{\"id\":0,\"state\":\"RUNNING\"");
    await(f, "c", WORKER_RUNNING);
    expect("POST", "/connectors/c/tasks/0/restart", NULL, 204, "");
    expect("POST", "/connectors/c/tasks/1/restart", NULL, 404,
           "{\"error_code\":404,\"message\":\"Task c-1 not found\"}");
    await(f, "c", WORKER_RUNNING);
    expect("GET", "/connectors/c/tasks/0/status", NULL, 200,
           "{\"id\":0,\"state\":\"RUNNING\",\"worker_id\":\"127.0.0.1:8083\"}");
    expect("GET", "/connectors/c/tasks/7/status", NULL, 404, NULL);
    expect("POST", "/connectors/c/tasks", "[]", 500,
           "{\"error_code\":500,\"message\":\"Kafka Connect in standalone mode does not support externally supplied "
           "task configurations\"}");
    expect("PUT", "/connectors/c/fence", "[]", 500, NULL);
    expect("GET", "/connectors/c/tasks", NULL, 200,
           "[{\"id\":{\"connector\":\"c\",\"task\":0},\"config\":{" CONFIG
           ",\"tasks.max\":\"1\",\"name\":\"c\",\"task.part\":\"0\"}}]");
    expect("GET", "/connectors/c/tasks-config", NULL, 200,
           "{\"c-0\":{" CONFIG ",\"tasks.max\":\"1\",\"name\":\"c\",\"task.part\":\"0\"}}");
    expect("PUT", "/connectors/c/stop", NULL, 204, "");
    expect("GET", "/connectors/c/status", NULL, 200,
           "{\"name\":\"c\",\"connector\":{\"state\":\"STOPPED\",\"worker_id\":\"127.0.0.1:8083\"},\"tasks\":[],"
           "\"type\":\"source\"}");
}

static void traces(void **state)
{
    struct fixture *f = *state;
    fake.open_error = ERROR_AUTH;
    expect("PUT", "/connectors/c/config", "{" CONFIG "}", 201, NULL);
    wait_until(task_state(f, "c", 0, NULL) == WORKER_FAILED);
    expect("GET", "/connectors/c/status", NULL, 200, NULL);
    has("\"state\":\"FAILED\",\"worker_id\":\"127.0.0.1:8083\",\"trace\":\"AUTH: the database is not there\\n\\tin "
        "connector c, "
        "task 0, while opening the source");
    expect("GET", "/connectors/c/tasks/0/status", NULL, 200, NULL);
    has("\"trace\":\"AUTH");
}

static void topics(void **state)
{
    struct fixture *f = *state;
    fake.total = 10;
    create(f, "c");
    wait_until(sunk_count() == 10);
    expect("GET", "/connectors/c/topics", NULL, 200, "{\"c\":{\"topics\":[\"rows\"]}}");
    expect("PUT", "/connectors/c/topics/reset", NULL, 202, "");
    expect("GET", "/connectors/c/topics", NULL, 200, "{\"c\":{\"topics\":[]}}");
    f->worker->settings.topic_reset = false;
    expect("PUT", "/connectors/c/topics/reset", NULL, 403,
           "{\"error_code\":403,\"message\":\"Topic tracking reset is disabled.\"}");
    f->worker->settings.topic_tracking = false;
    expect("GET", "/connectors/c/topics", NULL, 403,
           "{\"error_code\":403,\"message\":\"Topic tracking is disabled.\"}");
}

static void offsets(void **state)
{
    struct fixture *f = *state;
    fake.total = 10;
    create(f, "c");
    wait_until(sunk_count() == 10);
    expect("GET", "/connectors/c/offsets", NULL, 200,
           "{\"offsets\":[{\"partition\":{\"p\":0},\"offset\":{\"n\":10}}]}");
    expect("DELETE", "/connectors/c/offsets", NULL, 400, NULL);
    has("Connectors must be in the STOPPED state before their offsets can be modified.");
    expect("PUT", "/connectors/c/stop", NULL, 204, NULL);
    expect(
        "PATCH", "/connectors/c/offsets", "{}", 400,
        "{\"error_code\":400,\"message\":\"Partitions / offsets need to be provided for an alter offsets request\"}");
    expect("PATCH", "/connectors/c/offsets", "{\"offsets\":[{\"partition\":{\"p\":[]}}]}", 400, NULL);
    expect("PATCH", "/connectors/c/offsets", "{\"offsets\":[{\"offset\":{}}]}", 400, NULL);
    expect(
        "PATCH", "/connectors/c/offsets",
        "{\"offsets\":[{\"partition\":{\"p\":0},\"offset\":{\"n\":8}},{\"partition\":{\"p\":1},\"offset\":{\"n\":1}}]}",
        200, "{\"message\":\"The offsets for this connector have been altered successfully\"}");
    expect("GET", "/connectors/c/offsets", NULL, 200, NULL);
    has("{\"partition\":{\"p\":0},\"offset\":{\"n\":8}}");
    expect("PUT", "/connectors/c/resume", NULL, 202, NULL);
    wait_until(sunk_count() == 12); /* 9 and 10 once more */
    expect("PUT", "/connectors/c/stop", NULL, 204, NULL);
    expect("DELETE", "/connectors/c/offsets", NULL, 200,
           "{\"message\":\"The offsets for this connector have been reset successfully\"}");
    expect("GET", "/connectors/c/offsets", NULL, 200, "{\"offsets\":[]}");
    expect("DELETE", "/connectors/c/offsets", NULL, 200, NULL);
    expect("PUT", "/connectors/c/resume", NULL, 202, NULL);
    wait_until(sunk_count() == 22);
}

static void offsets_in_a_topic_of_their_own(void **state)
{
    struct fixture *f = *state;
    fake.total = 10;
    expect("PUT", "/connectors/c/config", "{" CONFIG ",\"offsets.storage.topic\":\"mine\"}", 201, NULL);
    wait_until(sunk_count() == 10);
    expect("GET", "/connectors/c/offsets", NULL, 200,
           "{\"offsets\":[{\"partition\":{\"p\":0},\"offset\":{\"n\":10}}]}");
    struct arena arena = {0};
    struct topic_info info;
    struct error err = {0};
    assert_int_equal(topics_describe(f->topics, STR("mine"), &arena, &info, &err), 0);
    assert_true(info.config.compact);
    arena_free(&arena);
}

static void the_workers_topics_stay(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    const char *const ours[] = {"my-configs", "my-offsets", "my-status", "mine", "connect-store-c_1", NULL};
    const char *const others[] = {"connect-configs", "connect-offsets", "connect-status", "connect-store-d", NULL};
    fixture_down(f);
    config_set(&f->properties, STR("config.storage.topic"), STR("my-configs"));
    config_set(&f->properties, STR("offset.storage.topic"), STR("my-offsets"));
    config_set(&f->properties, STR("status.storage.topic"), STR("my-status"));
    fixture_up(f);
    assert_int_equal(put(f, "c 1", "offsets.storage.topic", "mine", NULL), 0);
    http_server_stop(server);
    struct topics_served served = {.topics = f->topics, .worker = f->worker};
    struct http_server_options options = {.address = "127.0.0.1", .routes = topics_routes, .ctx = &served};
    assert_int_equal(http_server_start(&options, &server, &err), 0);
    for (const char *const *topic = ours; *topic; topic++) {
        AUTO_FREE char *path = mem_printf("/topics/%s", *topic);
        expect("DELETE", path, NULL, 409, NULL);
        has("holds the worker's own memory");
    }
    for (const char *const *topic = others; *topic; topic++) {
        AUTO_FREE char *path = mem_printf("/topics/%s", *topic);
        const struct topic_config config = TOPIC_CONFIG_DEFAULT;
        assert_int_equal(topics_ensure(f->topics, str_from(*topic), &config, &err), 0);
        expect("DELETE", path, NULL, 204, NULL);
    }
}

static void secrets(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    struct config c;
    expect("PUT", "/connectors/c/config",
           "{" CONFIG ",\"fake.password\":\"s3cret\",\"connection.url\":\"jdbc:x://h/d?user=u&password=s3cret\"}", 201,
           NULL);
    has("\"fake.password\":\"********\"");
    has_not("s3cret");
    await(f, "c", WORKER_RUNNING);
    expect("GET", "/connectors/c/config", NULL, 200, NULL);
    has_not("s3cret");
    AUTO_FREE char *shown = mem_strdup(answer.data);
    expect("GET", "/connectors/c/tasks", NULL, 200, NULL);
    has_not("s3cret");
    expect("GET", "/connectors?expand=info", NULL, 200, NULL);
    has_not("s3cret");
    expect("PUT", "/connectors/c/config", shown, 200, NULL); /* as shown: the secrets are those that are stored */
    config_init(&c);
    assert_int_equal(worker_get_config(f->worker, STR("c"), &c, NULL, &err), 0);
    assert_true(str_is(config_get(&c, "fake.password"), "s3cret"));
    assert_true(str_is(config_get(&c, "connection.url"), "jdbc:x://h/d?user=u&password=s3cret"));
    config_release(&c);
    expect("PATCH", "/connectors/c/config", "{\"fake.password\":\"other\"}", 200, NULL);
    has_not("other");
    expect("PATCH", "/connectors/c/config", "{\"fake.password\":\"${env:HOME}\"}", 200, NULL);
    has("\"fake.password\":\"${env:HOME}\"");
    expect("PUT", "/connectors/d/config", "{" CONFIG ",\"fake.password\":\"********\"}", 400, NULL);
    has("fake.password");
    expect("PUT", "/connector-plugins/fake/config/validate",
           "{" CONFIG ",\"name\":\"e\",\"fake.password\":\"s3cret\",\"fake.number\":\"s3cret\"}", 200, NULL);
    has("\"error_count\":1");
}

static void plugins(void **state)
{
    (void)state;
    expect("GET", "/connector-plugins", NULL, 200,
           "[{\"class\":\"org.fake.FakeSourceConnector\",\"type\":\"source\",\"version\":\"1.0\"}]");
    expect("GET", "/connector-plugins?connectorsOnly=false", NULL, 200, NULL);
    has("{\"class\":\"org.fake.Drop\",\"type\":\"transformation\",\"version\":\"1.0\"}");
    has("{\"class\":\"org.fake.First\",\"type\":\"predicate\",\"version\":\"1.0\"}");
    has("{\"class\":\"org.fake.FakeConverter\",\"type\":\"converter\",\"version\":\"1.0\"}");
    has("\"type\":\"header_converter\"");
    expect("GET", "/connector-plugins/FakeSource/config", NULL, 200, NULL);
    has("[{\"name\":\"fake.password\",\"type\":\"PASSWORD\"");
    has("{\"name\":\"tasks.max\",\"type\":\"INT\"");
    expect("GET", "/connector-plugins/org.fake.Drop/config", NULL, 200, NULL);
    has("[{\"name\":\"text\"");
    expect("GET", "/connector-plugins/org.fake.First/config", NULL, 200, NULL);
    expect("GET", "/connector-plugins/org.fake.FakeConverter/config", NULL, 200, NULL);
    has_not("tasks.max");
    expect("GET", "/connector-plugins/no/config", NULL, 404, "{\"error_code\":404,\"message\":\"Unknown plugin no.\"}");
}

static void validating(void **state)
{
    (void)state;
    const char *path = "/connector-plugins/FakeSourceConnector/config/validate";
    expect("PUT", path, "{" CONFIG ",\"name\":\"c\"}", 200, NULL);
    has("{\"name\":\"FakeSourceConnector\",\"error_count\":0,\"groups\":[");
    expect("PUT", path, "{" CONFIG "}", 200, NULL);
    has("\"error_count\":1");
    has("Missing required configuration \\\"name\\\" which has no default value");
    fake.check_finding = 1;
    expect("PUT", path, "{" CONFIG ",\"name\":\"c\"}", 200, NULL);
    has("\"errors\":[\"the database has no such flavour\"]");
    expect("PUT", path, "{}", 400, NULL);
    has("contains no connector type");
    expect("PUT", path, "{\"connector.class\":\"org.else.Other\"}", 500, NULL);
    expect(
        "PUT", "/connector-plugins/Other/config/validate", "{" CONFIG "}", 400,
        "{\"error_code\":400,\"message\":\"Included connector type org.fake.FakeSourceConnector does not match request "
        "type Other\"}");
    expect("PUT", path, "{\"transforms\":\"a\",\"name\":\"c\"," CONFIG "}", 200, NULL);
    has("transforms.a.type");
    expect("PUT", path,
           "{\"transforms\":\"a\",\"transforms.a.type\":\"org.fake.Drip\",\"transforms.a.predicate\":\"x\",\"key."
           "converter\":"
           "\"no\",\"name\":\"c\"," CONFIG "}",
           200, NULL);
    has("\"error_count\":3");
    has("the nearest is org.fake.Drop");
    has("no such predicate");
}

static void metrics(void **state)
{
    struct fixture *f = *state;
    fake.total = 10;
    create(f, "a\"b");
    wait_until(sunk_count() == 10);
    wait_until((call("GET", "/metrics", NULL),
                strstr(answer.data, "tributary_task_records_total{connector=\"a\\\"b\",task=\"0\"} 10\n")));
    has("tributary_connectors 1\n");
    has("# TYPE tributary_task_queue_bytes gauge\n");
    has("tributary_task_running{connector=\"a\\\"b\",task=\"0\"} 1\n");
}

static void every_route_was_called(void **state)
{
    (void)state;
    for (const struct http_route *r = worker_routes; r->method; r++) {
        char row[128];
        bool known = false;
        snprintf(row, sizeof row, "%s %s", r->method, r->path);
        for (size_t i = 0; i < n_called && !known; i++)
            known = strcmp(called[i], row) == 0;
        if (!known)
            fail_msg("no test calls %s", row);
        assert_true(strlen(r->doc) > 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_worker),
        TEST(the_description),
        TEST(loggers),
        TEST(creating),
        TEST(refusing),
        TEST(unknown_connectors),
        TEST(changing),
        TEST(states),
        TEST(traces),
        TEST(topics),
        TEST(offsets),
        TEST(offsets_in_a_topic_of_their_own),
        TEST(the_workers_topics_stay),
        TEST(secrets),
        TEST(plugins),
        TEST(validating),
        TEST(metrics),
        cmocka_unit_test(every_route_was_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
