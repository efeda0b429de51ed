#include "cli/up.h"

#include "base/log.h"
#include "base/mem.h"
#include "cli/run_file.h"
#include "http/listen.h"
#include "registry/server.h"
#include "worker/herder.h"
#include "worker/topics_routes.h"
#include "worker/worker.h"

#include <stdlib.h>
#include <unistd.h>

enum { CLEAN_INTERVAL_MS = 60 * 1000 };

struct up {
    char *dir, *rest_url, *registry_url, *worker_id;
    struct topics *topics;
    struct registry *registry;
    struct worker *worker;
    struct topics_served served;
    struct http_server *rest, *registry_server;
    struct http_server *local_rest, *local_registry; /* second doors, where `secure` is on */
    struct secure secure;                            /* borrowed */
    struct run_file *run_file;
};

/* ---- addresses ---- */

static char *host_port(const char *address, uint16_t port)
{
    bool everywhere = strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
    const char *host = everywhere ? "127.0.0.1" : address;
    return strchr(host, ':') ? mem_printf("[%s]:%u", host, port) : mem_printf("%s:%u", host, port);
}

static bool is_loopback(const char *address)
{
    return str_starts(str_from(address), "127.") || strcmp(address, "::1") == 0 || strcmp(address, "localhost") == 0;
}

static void warn_unless_loopback(const struct up *u, const char *who, const char *address)
{
    if (is_loopback(address))
        return;
    if (!u->secure.users)
        log_warn(NULL, "%s answers to whoever reaches %s: there is no authentication (set rest.basic.auth.file)", who,
                 address);
    else if (!u->secure.tls.cert_file)
        log_warn(NULL, "%s takes passwords at %s without HTTPS: whoever listens on the way can read them", who,
                 address);
}

static const char *scheme(const struct up *u)
{
    return u->secure.tls.cert_file ? "https" : "http";
}

/* The worker's id has its port, so a free one must be known before the server that needs the worker. */
static int choose_port(const char *address, uint16_t *port, struct error *err)
{
    int fd;
    if (*port)
        return 0;
    int code = http_listen(address, 0, &fd, port, err);
    if (!code)
        close(fd);
    return code;
}

/* ---- starting ---- */

static int open_log(struct up *u, const struct up_settings *s, struct error *err)
{
    struct topics_embedded_options options = {
        .dir = s->dir, .compression = COMPRESSION_LZ4, .relaxed_durability = s->relaxed};
    return topics_open_embedded(&options, &u->topics, err);
}

static int open_registry(struct up *u, struct error *err)
{
    int code = registry_open(u->topics, &u->registry, err);
    if (code)
        return code;
    for (const char *const *f = registry_findings(u->registry); f && *f; f++)
        log_warn("registry", "%s", *f);
    return 0;
}

static int start_registry_server(struct up *u, const struct up_settings *s, struct error *err)
{
    struct http_server_options options = {
        .address = s->registry_address, .port = s->registry_port, .tls = u->secure.tls, .users = u->secure.users};
    struct http_server_options local = {.address = "127.0.0.1", .users = u->secure.local};
    int code = registry_server_start_with(u->registry, &options, &u->registry_server, err);
    if (!code && secure_is_on(&u->secure))
        code = registry_server_start_with(u->registry, &local, &u->local_registry, err);
    if (code)
        return error_context(err, "schema registry (--registry-port %u)", s->registry_port);
    AUTO_FREE char *where = host_port(s->registry_address, http_server_port(u->registry_server));
    u->registry_url = mem_printf("%s://%s", scheme(u), where);
    return 0;
}

static int start_worker(struct up *u, const struct up_settings *s, struct error *err)
{
    struct worker_options options = {.topics = u->topics,
                                     .registry = u->registry,
                                     .plugins = &plugins_all,
                                     .worker_id = u->worker_id,
                                     .properties = s->properties,
                                     .sink = s->sink};
    return worker_start(&options, &u->worker, err);
}

static int start_rest(struct up *u, const struct up_settings *s, uint16_t port, struct error *err)
{
    const struct http_mount mounts[] = {{worker_routes, u->worker}, {topics_routes, &u->served}, {NULL, NULL}};
    u->served = (struct topics_served){.topics = u->topics, .worker = u->worker, .schemas_topic = STR("_schemas")};
    struct http_server_options options = {
        .address = s->rest_address, .port = port, .mounts = mounts, .tls = u->secure.tls, .users = u->secure.users};
    struct http_server_options local = {.address = "127.0.0.1", .mounts = mounts, .users = u->secure.local};
    int code = http_server_start(&options, &u->rest, err);
    if (!code && secure_is_on(&u->secure))
        code = http_server_start(&local, &u->local_rest, err);
    if (code)
        error_context(err, "REST (--rest-port %u)", s->rest_port);
    return code;
}

int up_start(const struct up_settings *s, struct up **ret, struct error *err)
{
    struct up *u = mem_new(struct up);
    uint16_t port = s->rest_port;
    u->dir = mem_strdup(s->dir);
    if (s->secure)
        u->secure = *s->secure;
    int code = open_log(u, s, err);
    if (!code)
        code = choose_port(s->rest_address, &port, err);
    if (!code) {
        u->worker_id = host_port(s->rest_address, port);
        u->rest_url = mem_printf("%s://%s", scheme(u), u->worker_id);
        code = open_registry(u, err);
    }
    if (!code)
        code = start_registry_server(u, s, err);
    if (!code)
        code = start_worker(u, s, err);
    if (!code)
        code = start_rest(u, s, port, err);
    if (code) {
        up_stop(u);
        return code;
    }
    warn_unless_loopback(u, "REST", s->rest_address);
    warn_unless_loopback(u, "the schema registry", s->registry_address);
    *ret = u;
    return 0;
}

/* ---- running ---- */

int up_put(struct up *u, const struct config_connector *connector, struct buf *ret_findings, struct error *err)
{
    static const enum target_state targets[] = {[CONFIG_STATE_RUNNING] = TARGET_STARTED,
                                                [CONFIG_STATE_PAUSED] = TARGET_PAUSED,
                                                [CONFIG_STATE_STOPPED] = TARGET_STOPPED};
    enum target_state target = targets[connector->state];
    bool created;
    int code =
        worker_put(u->worker, connector->name, &connector->config, target, PUT_LENIENT, &created, ret_findings, err);
    if (!code && !created && target != TARGET_STARTED) /* running is no wish: who paused it meant it */
        code = worker_set_target(u->worker, connector->name, target, false, err);
    return code;
}

int up_announce(struct up *u, struct error *err)
{
    if (!secure_is_on(&u->secure))
        return run_file_write(u->dir, u->rest_url, u->registry_url, &u->run_file, err);
    AUTO_FREE char *rest = secure_local_url(&u->secure, http_server_port(u->local_rest));
    AUTO_FREE char *registry = secure_local_url(&u->secure, http_server_port(u->local_registry));
    return run_file_write(u->dir, rest, registry, &u->run_file, err);
}

const char *up_rest_url(const struct up *u)
{
    return u->rest_url;
}

const char *up_registry_url(const struct up *u)
{
    return u->registry_url;
}

void up_wait(struct up *u, const struct wake *stop)
{
    while (wake_wait(stop, -1, 0, CLEAN_INTERVAL_MS) == WAKE_TIMEOUT) {
        struct error err;
        if (topics_clean(u->topics, &err))
            log_error("log", "retention and compaction: %s", err.text);
    }
}

void up_stop(struct up *u)
{
    if (!u)
        return;
    http_server_stop(u->rest);
    http_server_stop(u->local_rest);
    worker_stop(u->worker);
    http_server_stop(u->registry_server);
    http_server_stop(u->local_registry);
    registry_close(u->registry);
    if (u->topics)
        topics_close(u->topics);
    run_file_remove(u->run_file); /* last: until here the directory is in use */
    free(u->dir);
    free(u->rest_url);
    free(u->registry_url);
    free(u->worker_id);
    free(u);
}
