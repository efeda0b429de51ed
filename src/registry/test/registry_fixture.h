/* What the tests of the registry share: one on a real embedded log in a temporary directory, served and asked. */
#ifndef REGISTRY_TEST_REGISTRY_FIXTURE_H
#define REGISTRY_TEST_REGISTRY_FIXTURE_H

#include "base/mem.h"
#include "http/client.h"
#include "registry/server.h"
#include "registry/store.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    const char *level; /* where none is set */
    char dir[64];
    struct topics *topics;
    struct registry *registry;
    struct http_server *server;
    struct http_client *client;
    struct buf body;
};

static struct map called; /* "GET /path" of every route that was called */

/* ---- set-up ---- */

static inline void open_all(struct fixture *f)
{
    struct error err = {0};
    struct topics_embedded_options options = {.dir = f->dir, .max_bytes = 64 << 20};
    if (topics_open_embedded(&options, &f->topics, &err) != 0 || registry_open(f->topics, &f->registry, &err) != 0 ||
        registry_set_default_level(f->registry, str_from(f->level), &err) != 0 ||
        registry_server_start(f->registry, NULL, 0, &f->server, &err) != 0)
        fail_msg("%s", err.text);
}

static inline void close_all(struct fixture *f)
{
    for (const struct http_route *const *table = registry_routes; *table; table++)
        for (const struct http_route *route = *table; route->method; route++)
            if (http_server_route_hits(f->server, route->method, route->path) > 0) {
                AUTO_FREE char *name = mem_printf("%s %s", route->method, route->path);
                map_put(&called, str_from(name), f);
            }
    http_server_stop(f->server);
    registry_close(f->registry);
    topics_close(f->topics);
}

static inline void reopen(struct fixture *f)
{
    close_all(f);
    open_all(f);
}

static inline void remove_dir(const char *dir)
{
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));) {
        AUTO_FREE char *path = mem_printf("%s/%s", dir, e->d_name);
        if (e->d_type == DT_DIR && e->d_name[0] != '.')
            remove_dir(path);
        else
            unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(dir);
}

static inline int set_up_with(void **state, const char *level)
{
    struct fixture *f = mem_new(struct fixture);
    f->level = level;
    const char *tmp = getenv("TMPDIR");
    snprintf(f->dir, sizeof f->dir, "%s/registry-XXXXXX", tmp && strlen(tmp) < 32 ? tmp : "/tmp");
    if (!mkdtemp(f->dir))
        return 1;
    f->client = http_client_new();
    open_all(f);
    *state = f;
    return 0;
}

/* Most tests are about something else than compatibility. */
static inline int set_up(void **state)
{
    return set_up_with(state, "NONE");
}

static inline int tear_down(void **state)
{
    struct fixture *f = *state;
    close_all(f);
    http_client_free(f->client);
    buf_free(&f->body);
    remove_dir(f->dir);
    free(f);
    return 0;
}

/* ---- asking ---- */

static inline int send_request(struct fixture *f, const char *method, const char *path, const char *type,
                               const char *body)
{
    AUTO_FREE char *url = mem_printf("http://127.0.0.1:%u%s", http_server_port(f->server), path);
    struct error err = {0};
    int status = 0;
    buf_clear(&f->body);
    if (http_client_do(f->client, method, url, type, str_from(body), &status, &f->body, &err) != 0)
        fail_msg("%s", err.text);
    return status;
}

static inline void expect(struct fixture *f, const char *method, const char *path, const char *body, int status,
                          const char *answer)
{
    int got = send_request(f, method, path, body ? "application/vnd.schemaregistry.v1+json" : NULL, body);
    if (got != status || !str_is(buf_str(&f->body), answer))
        fail_msg("%s %s: %d %s, not %d %s", method, path, got, buf_cstr(&f->body), status, answer);
}

static inline void get(struct fixture *f, const char *path, const char *answer)
{
    expect(f, "GET", path, NULL, 200, answer);
}

static inline void expect_error(struct fixture *f, const char *method, const char *path, const char *body, int code,
                                const char *message)
{
    struct buf answer = {0};
    buf_printf(&answer, "{\"error_code\":%d,\"message\":", code);
    http_json_string(&answer, str_from(message));
    buf_add_char(&answer, '}');
    expect(f, method, path, body, code < 1000 ? code : code / 100, buf_cstr(&answer));
    buf_free(&answer);
}

static inline void expect_error_with(struct fixture *f, const char *method, const char *path, const char *body,
                                     int code, const char *part)
{
    int status = send_request(f, method, path, "application/json", body);
    AUTO_FREE char *head = mem_printf("{\"error_code\":%d,", code);
    if (status != (code < 1000 ? code : code / 100) || !str_starts(buf_str(&f->body), head) ||
        !strstr(buf_cstr(&f->body), part))
        fail_msg("%s %s: %d %s, not %d with '%s'", method, path, status, buf_cstr(&f->body), code, part);
}

#define INT_SCHEMA    "{\"schema\":\"\\\"int\\\"\"}"
#define LONG_SCHEMA   "{\"schema\":\"\\\"long\\\"\"}"
#define STRING_SCHEMA "{\"schema\":\"{\\\"type\\\": \\\"string\\\"}\"}"

static inline void add(struct fixture *f, const char *subject, const char *body, int id)
{
    AUTO_FREE char *path = mem_printf("/subjects/%s/versions", subject);
    AUTO_FREE char *answer = mem_printf("{\"id\":%d}", id);
    expect(f, "POST", path, body, 200, answer);
}

#endif
