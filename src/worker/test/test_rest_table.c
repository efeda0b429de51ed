/*
 * Every route of Kafka Connect 3.9 (ConnectorsResource, ConnectorPluginsResource, LoggingResource, RootResource,
 * InternalConnectResource in apache/kafka) as a row: request, status, and the shape of the answer. The requests run in
 * order, over a socket of our own, so that status line and headers are seen as they are sent.
 *
 * A shape is JSON with the name of a type where a value stands: "string", "integer", "boolean", "any", with "?" behind
 * it when it may be null; "=text" is that text. An object has exactly the members of its shape (a name with "?" behind
 * it may be missing, "*" is any other name); every item of an array has the shape of the one that stands there.
 */
// link: jansson
#include "worker/test/fake.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <sys/socket.h>

#define CONFIG       "\"connector.class\":\"org.fake.FakeSourceConnector\""
#define ERROR_SHAPE  "{\"error_code\":\"integer\",\"message\":\"string\"}"
#define CONFIG_SHAPE "{\"*\":\"string\"}"
#define INFO_SHAPE                                                                                                     \
    "{\"name\":\"string\",\"config\":" CONFIG_SHAPE ",\"tasks\":[{\"connector\":\"string\",\"task\":\"integer\"}],"    \
    "\"type\":\"=source\"}"
#define STATE_SHAPE "\"state\":\"string\",\"worker_id\":\"string\",\"trace?\":\"string\""
#define STATUS_SHAPE                                                                                                   \
    "{\"name\":\"string\",\"connector\":{" STATE_SHAPE "},\"tasks\":[{\"id\":\"integer\"," STATE_SHAPE "}],"           \
    "\"type\":\"=source\"}"
#define LEVEL_SHAPE "{\"level\":\"string\",\"last_modified\":\"integer?\"}"
#define KEY_SHAPE                                                                                                      \
    "{\"name\":\"string\",\"type\":\"string\",\"required\":\"boolean\",\"default_value\":\"string?\","                 \
    "\"importance\":\"string\",\"documentation\":\"string\",\"group\":\"string?\",\"width\":\"string\","               \
    "\"display_name\":\"string\",\"dependents\":[\"string\"],\"order\":\"integer\"}"
#define MESSAGE_SHAPE "{\"message\":\"string\"}"

static const struct row {
    const char *route, *path; /* "METHOD /pattern" as worker_routes has it, and what is asked */
    const char *body;         /* NULL: none */
    int status;
    const char *shape; /* NULL: no body at all */
    const char *then;  /* a connector that must reach `state` before the next row */
    enum worker_state state;
} rows[] = {
    /* RootResource */
    {"GET /", "/", NULL, 200, "{\"version\":\"string\",\"commit\":\"string\",\"kafka_cluster_id\":\"string\"}", NULL,
     0},
    {"GET /health", "/health", NULL, 200, "{\"status\":\"=healthy\",\"message\":\"string\"}", NULL, 0},

    /* LoggingResource */
    {"GET /admin/loggers", "/admin/loggers", NULL, 200, "{\"*\":" LEVEL_SHAPE "}", NULL, 0},
    {"GET /admin/loggers/{logger}", "/admin/loggers/root", NULL, 200, LEVEL_SHAPE, NULL, 0},
    {"GET /admin/loggers/{logger}", "/admin/loggers/none", NULL, 404, ERROR_SHAPE, NULL, 0},
    {"PUT /admin/loggers/{logger}", "/admin/loggers/a", "{\"level\":\"ERROR\"}", 200, "[\"string\"]", NULL, 0},
    {"PUT /admin/loggers/{logger}", "/admin/loggers/a?scope=cluster", "{\"level\":\"ERROR\"}", 204, NULL, NULL, 0},
    {"PUT /admin/loggers/{logger}", "/admin/loggers/a", "{\"level\":\"LOUD\"}", 404, ERROR_SHAPE, NULL, 0},
    {"PUT /admin/loggers/{logger}", "/admin/loggers/a", "{}", 400, ERROR_SHAPE, NULL, 0},

    /* ConnectorPluginsResource */
    {"GET /connector-plugins", "/connector-plugins", NULL, 200,
     "[{\"class\":\"string\",\"type\":\"=source\",\"version\":\"string\"}]", NULL, 0},
    {"GET /connector-plugins", "/connector-plugins?connectorsOnly=false", NULL, 200,
     "[{\"class\":\"string\",\"type\":\"string\",\"version?\":\"string\"}]", NULL, 0},
    {"GET /connector-plugins/{plugin}/config", "/connector-plugins/FakeSourceConnector/config", NULL, 200,
     "[" KEY_SHAPE "]", NULL, 0},
    {"GET /connector-plugins/{plugin}/config", "/connector-plugins/none/config", NULL, 404, ERROR_SHAPE, NULL, 0},
    {"PUT /connector-plugins/{plugin}/config/validate", "/connector-plugins/FakeSourceConnector/config/validate",
     "{" CONFIG ",\"name\":\"c\"}", 200,
     "{\"name\":\"=FakeSourceConnector\",\"error_count\":\"integer\",\"groups\":[\"string\"],\"configs\":[{"
     "\"definition\":" KEY_SHAPE
     ",\"value\":{\"name\":\"string\",\"value\":\"string?\",\"recommended_values\":[\"string\"],"
     "\"errors\":[\"string\"],\"visible\":\"boolean\"}}]}",
     NULL, 0},
    {"PUT /connector-plugins/{plugin}/config/validate", "/connector-plugins/Other/config/validate", "{" CONFIG "}", 400,
     ERROR_SHAPE, NULL, 0},

    /* ConnectorsResource */
    {"GET /connectors", "/connectors", NULL, 200, "[\"string\"]", NULL, 0},
    {"POST /connectors", "/connectors", "{\"name\":\"c\",\"config\":{" CONFIG "}}", 201, INFO_SHAPE, "c",
     WORKER_RUNNING},
    {"POST /connectors", "/connectors", "{\"name\":\"c\",\"config\":{" CONFIG "}}", 409, ERROR_SHAPE, NULL, 0},
    {"POST /connectors", "/connectors", "{\"name\":\"x\",\"config\":{" CONFIG ",\"fake.number\":\"x\"}}", 400,
     ERROR_SHAPE, NULL, 0},
    {"POST /connectors", "/connectors", "{\"name\":\"s\",\"config\":{" CONFIG "},\"initial_state\":\"STOPPED\"}", 201,
     INFO_SHAPE, "s", WORKER_STOPPED},
    {"POST /connectors", "/connectors", "{\"name\":\"p\",\"config\":{" CONFIG "},\"initial_state\":\"paused\"}", 201,
     INFO_SHAPE, "p", WORKER_PAUSED},
    {"GET /connectors", "/connectors?expand=info&expand=status", NULL, 200,
     "{\"*\":{\"info\":" INFO_SHAPE ",\"status\":" STATUS_SHAPE "}}", NULL, 0},
    {"GET /connectors", "/connectors?expand=info", NULL, 200, "{\"*\":{\"info\":" INFO_SHAPE "}}", NULL, 0},
    {"GET /connectors", "/connectors?expand=other", NULL, 200, "{\"*\":{}}", NULL, 0},
    {"GET /connectors/{connector}", "/connectors/c", NULL, 200, INFO_SHAPE, NULL, 0},
    {"GET /connectors/{connector}", "/connectors/none", NULL, 404, ERROR_SHAPE, NULL, 0},
    {"GET /connectors/{connector}/config", "/connectors/c/config", NULL, 200, CONFIG_SHAPE, NULL, 0},
    {"GET /connectors/{connector}/config", "/connectors/none/config", NULL, 404, ERROR_SHAPE, NULL, 0},
    {"PUT /connectors/{connector}/config", "/connectors/d/config", "{" CONFIG "}", 201, INFO_SHAPE, "d",
     WORKER_RUNNING},
    {"PUT /connectors/{connector}/config", "/connectors/d/config", "{" CONFIG ",\"fake.number\":2}", 200, INFO_SHAPE,
     "d", WORKER_RUNNING},
    {"PUT /connectors/{connector}/config", "/connectors/d/config", "{" CONFIG ",\"name\":\"e\"}", 400, ERROR_SHAPE,
     NULL, 0},
    {"PATCH /connectors/{connector}/config", "/connectors/d/config", "{\"fake.number\":null}", 200, INFO_SHAPE, "d",
     WORKER_RUNNING},
    {"PATCH /connectors/{connector}/config", "/connectors/none/config", "{\"a\":\"b\"}", 404, ERROR_SHAPE, NULL, 0},
    {"GET /connectors/{connector}/status", "/connectors/c/status", NULL, 200, STATUS_SHAPE, NULL, 0},
    {"GET /connectors/{connector}/status", "/connectors/none/status", NULL, 404, ERROR_SHAPE, NULL, 0},
    {"GET /connectors/{connector}/tasks", "/connectors/c/tasks", NULL, 200,
     "[{\"id\":{\"connector\":\"=c\",\"task\":\"integer\"},\"config\":" CONFIG_SHAPE "}]", NULL, 0},
    {"GET /connectors/{connector}/tasks", "/connectors/none/tasks", NULL, 404, ERROR_SHAPE, NULL, 0},
    {"GET /connectors/{connector}/tasks-config", "/connectors/c/tasks-config", NULL, 200, "{\"c-0\":" CONFIG_SHAPE "}",
     NULL, 0},
    {"GET /connectors/{connector}/tasks-config", "/connectors/none/tasks-config", NULL, 404, ERROR_SHAPE, NULL, 0},
    {"GET /connectors/{connector}/tasks/{task}/status", "/connectors/c/tasks/0/status", NULL, 200,
     "{\"id\":\"integer\"," STATE_SHAPE "}", NULL, 0},
    {"GET /connectors/{connector}/tasks/{task}/status", "/connectors/c/tasks/7/status", NULL, 404, ERROR_SHAPE, NULL,
     0},
    {"POST /connectors/{connector}/tasks/{task}/restart", "/connectors/c/tasks/0/restart", NULL, 204, NULL, "c",
     WORKER_RUNNING},
    {"POST /connectors/{connector}/tasks/{task}/restart", "/connectors/c/tasks/7/restart", NULL, 404, ERROR_SHAPE, NULL,
     0},
    {"POST /connectors/{connector}/restart", "/connectors/c/restart", NULL, 204, NULL, "c", WORKER_RUNNING},
    {"POST /connectors/{connector}/restart", "/connectors/c/restart?includeTasks=true&onlyFailed=true", NULL, 202,
     STATUS_SHAPE, "c", WORKER_RUNNING},
    {"POST /connectors/{connector}/restart", "/connectors/none/restart", NULL, 404, ERROR_SHAPE, NULL, 0},
    {"GET /connectors/{connector}/topics", "/connectors/c/topics", NULL, 200, "{\"c\":{\"topics\":[\"string\"]}}", NULL,
     0},
    {"PUT /connectors/{connector}/topics/reset", "/connectors/c/topics/reset", NULL, 202, NULL, NULL, 0},
    {"PUT /connectors/{connector}/pause", "/connectors/c/pause", NULL, 202, NULL, "c", WORKER_PAUSED},
    {"PUT /connectors/{connector}/pause", "/connectors/none/pause", NULL, 404, ERROR_SHAPE, NULL, 0},
    {"PUT /connectors/{connector}/resume", "/connectors/c/resume", NULL, 202, NULL, "c", WORKER_RUNNING},
    {"PUT /connectors/{connector}/resume", "/connectors/none/resume", NULL, 404, ERROR_SHAPE, NULL, 0},
    {"GET /connectors/{connector}/offsets", "/connectors/c/offsets", NULL, 200,
     "{\"offsets\":[{\"partition\":{\"*\":\"any\"},\"offset\":{\"*\":\"any\"}}]}", NULL, 0},
    {"GET /connectors/{connector}/offsets", "/connectors/none/offsets", NULL, 404, ERROR_SHAPE, NULL, 0},
    {"DELETE /connectors/{connector}/offsets", "/connectors/c/offsets", NULL, 400, ERROR_SHAPE, NULL, 0},
    {"PUT /connectors/{connector}/stop", "/connectors/c/stop", NULL, 204, NULL, "c", WORKER_STOPPED},
    {"PUT /connectors/{connector}/stop", "/connectors/none/stop", NULL, 404, ERROR_SHAPE, NULL, 0},
    {"PATCH /connectors/{connector}/offsets", "/connectors/c/offsets",
     "{\"offsets\":[{\"partition\":{\"p\":0},\"offset\":{\"n\":3}}]}", 200, MESSAGE_SHAPE, NULL, 0},
    {"PATCH /connectors/{connector}/offsets", "/connectors/c/offsets", "{\"offsets\":[]}", 400, ERROR_SHAPE, NULL, 0},
    {"DELETE /connectors/{connector}/offsets", "/connectors/c/offsets", NULL, 200, MESSAGE_SHAPE, NULL, 0},
    {"DELETE /connectors/{connector}", "/connectors/d", NULL, 204, NULL, NULL, 0},
    {"DELETE /connectors/{connector}", "/connectors/d", NULL, 404, ERROR_SHAPE, NULL, 0},

    /* InternalConnectResource, as a standalone worker answers it */
    {"POST /connectors/{connector}/tasks", "/connectors/c/tasks", "[]", 500, ERROR_SHAPE, NULL, 0},
    {"PUT /connectors/{connector}/fence", "/connectors/c/fence", NULL, 500, ERROR_SHAPE, NULL, 0},

    /* what the server answers by itself, as Jersey does */
    {NULL, "GET /nowhere", NULL, 404, ERROR_SHAPE, NULL, 0},
    {NULL, "DELETE /connectors", NULL, 405, ERROR_SHAPE, NULL, 0},
};

/* Not in Kafka Connect. */
static const char *const ours[] = {"GET /openapi.json", "GET /metrics", NULL};

/* ---- requests ---- */

static struct http_server *server;

struct answer {
    int status;
    char *text, *body; /* text: all of it, with headers */
};

static void ask(const char *method, const char *path, const char *body, const char *type, struct answer *ret)
{
    AUTO_BUF text = {0};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(http_server_port(server))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    buf_printf(&text, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", method, path);
    if (body)
        buf_printf(&text, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, strlen(body));
    buf_printf(&text, "\r\n%s", body ? body : "");
    assert_int_equal(send(fd, text.data, text.len, MSG_NOSIGNAL), text.len);
    buf_clear(&text);
    for (ssize_t n = 1; n > 0;) {
        n = recv(fd, buf_reserve(&text, 4096), 4096, 0);
        text.len += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    ret->text = buf_take(&text);
    assert_int_equal(strncmp(ret->text, "HTTP/1.1 ", 9), 0);
    int64_t status = 0;
    assert_true(str_to_int64(str_of(ret->text + 9, 3), &status));
    ret->status = (int)status;
    ret->body = strstr(ret->text, "\r\n\r\n");
    assert_non_null(ret->body);
    ret->body += 4;
}

/* ---- shapes ---- */

static bool is_type(const json_t *value, const char *type)
{
    size_t len = strlen(type);
    bool nullable = len && type[len - 1] == '?';
    if (type[0] == '=')
        return json_is_string(value) && strcmp(json_string_value(value), type + 1) == 0;
    if (json_is_null(value) && nullable)
        return true;
    len -= nullable;
    return strncmp(type, "any", len) == 0 || (strncmp(type, "string", len) == 0 && json_is_string(value)) ||
           (strncmp(type, "integer", len) == 0 && json_is_integer(value)) ||
           (strncmp(type, "boolean", len) == 0 && json_is_boolean(value));
}

/* The shape of a member's value; NULL: there may be no such member. */
static json_t *shape_of(json_t *shape, const char *name)
{
    AUTO_FREE char *optional = mem_printf("%s?", name);
    json_t *found = json_object_get(shape, name);
    if (!found)
        found = json_object_get(shape, optional);
    return found ? found : json_object_get(shape, "*");
}

static bool has_shape(const json_t *value, json_t *shape)
{
    size_t i;
    json_t *item, *wanted;
    const char *name;
    if (json_is_string(shape))
        return is_type(value, json_string_value(shape));
    if (json_typeof(value) != json_typeof(shape))
        return false;
    json_array_foreach(value, i, item) if (!has_shape(item, json_array_get(shape, 0))) return false;
    json_object_foreach((json_t *)(uintptr_t)value, name,
                        item) if (!(wanted = shape_of(shape, name)) || !has_shape(item, wanted)) return false;
    json_object_foreach(shape, name, wanted) if (!strchr(name, '?') && strcmp(name, "*") != 0 &&
                                                 !json_object_get(value, name)) return false;
    return true;
}

static void check_body(const struct row *row, const struct answer *a)
{
    json_error_t why;
    if (!row->shape) {
        if (a->body[0] || strstr(a->text, "Content-Type"))
            fail_msg("%s: a body where none is expected: %s", row->path, a->text);
        return;
    }
    if (!strstr(a->text, "\r\nContent-Type: application/json\r\n"))
        fail_msg("%s: the content type is not application/json: %s", row->path, a->text);
    json_t *shape = json_loads(row->shape, JSON_REJECT_DUPLICATES, &why);
    if (!shape)
        fail_msg("%s: the shape is not JSON: %s", row->path, why.text);
    json_t *value = json_loads(a->body, JSON_REJECT_DUPLICATES, &why);
    if (!value || !has_shape(value, shape))
        fail_msg("%s: %s\nhas not the shape %s", row->path, a->body, row->shape);
    if (row->status >= 400)
        assert_int_equal(json_integer_value(json_object_get(value, "error_code")), row->status);
    json_decref(value);
    json_decref(shape);
}

static void check_row(struct fixture *f, const struct row *row)
{
    struct answer a;
    const char *line = row->route ? row->route : row->path;
    char method[8] = {0};
    memcpy(method, line, strcspn(line, " "));
    ask(method, row->route ? row->path : strchr(row->path, ' ') + 1, row->body, "application/json", &a);
    if (a.status != row->status)
        fail_msg("%s %s: %d is expected: %s", method, row->path, row->status, a.text);
    check_body(row, &a);
    if (row->status == 201) {
        AUTO_FREE char *location = mem_printf("\r\nLocation: /connectors/%s\r\n", row->then);
        assert_non_null(strstr(a.text, location));
    }
    free(a.text);
    if (row->then)
        await(f, row->then, row->state);
}

/* ---- tests ---- */

static int setup(void **state)
{
    struct error err = {0};
    if (fixture_setup(state))
        return -1;
    fake.total = 10;
    struct fixture *f = *state;
    return worker_rest_start(f->worker, "127.0.0.1", 0, &server, &err);
}

static int teardown(void **state)
{
    http_server_stop(server);
    return fixture_teardown(state);
}

static void every_row_is_answered_as_it_says(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(*state, &rows[i]);
}

static bool is_listed(const char *route)
{
    for (const char *const *own = ours; *own; own++)
        if (strcmp(*own, route) == 0)
            return true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].route && strcmp(rows[i].route, route) == 0)
            return true;
    return false;
}

static void every_route_has_a_row(void **state)
{
    (void)state;
    for (const struct http_route *r = worker_routes; r->method; r++) {
        AUTO_FREE char *route = mem_printf("%s %s", r->method, r->path);
        if (!is_listed(route))
            fail_msg("no row for %s", route);
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct http_route *r = worker_routes;
        AUTO_FREE char *route = NULL;
        for (; rows[i].route && r->method; r++) {
            free(route);
            route = mem_printf("%s %s", r->method, r->path);
            if (strcmp(route, rows[i].route) == 0)
                break;
        }
        if (rows[i].route && !r->method)
            fail_msg("no route for the row %s", rows[i].route);
    }
}

static void other_types_are_refused(void **state)
{
    (void)state;
    struct answer a;
    ask("POST", "/connectors", "name=c", "application/x-www-form-urlencoded", &a);
    assert_int_equal(a.status, 415);
    assert_string_equal(a.body, "{\"error_code\":415,\"message\":\"HTTP 415 Unsupported Media Type\"}");
    free(a.text);
    ask("POST", "/connectors", "{}", "application/json; charset=utf-8", &a);
    assert_int_equal(a.status, 400);
    free(a.text);
}

static void shapes_tell_what_differs(void **state)
{
    (void)state;
    static const struct {
        const char *value, *shape;
        bool fits;
    } cases[] = {
        {"{\"a\":1}", "{\"a\":\"integer\"}", true},
        {"{\"a\":1}", "{\"a\":\"string\"}", false},
        {"{\"a\":null}", "{\"a\":\"string?\"}", true},
        {"{\"a\":null}", "{\"a\":\"string\"}", false},
        {"{}", "{\"a\":\"any\"}", false},
        {"{}", "{\"a?\":\"any\"}", true},
        {"{\"b\":1}", "{\"a?\":\"any\"}", false},
        {"{\"b\":1,\"c\":2}", "{\"*\":\"integer\"}", true},
        {"[1,2]", "[\"integer\"]", true},
        {"[1,\"2\"]", "[\"integer\"]", false},
        {"{}", "[\"integer\"]", false},
        {"{\"a\":\"x\"}", "{\"a\":\"=y\"}", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *value = json_loads(cases[i].value, 0, NULL), *shape = json_loads(cases[i].shape, 0, NULL);
        assert_int_equal(has_shape(value, shape), cases[i].fits);
        json_decref(value);
        json_decref(shape);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_row_is_answered_as_it_says),
        TEST(other_types_are_refused),
        cmocka_unit_test(every_route_has_a_row),
        cmocka_unit_test(shapes_tell_what_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
