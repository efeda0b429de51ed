#include "base/clock.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/listen_at.h"
#include "cli/up.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct up_options {
    const char *dir, *address, *sink, *properties;
    int64_t rest_port, registry_port;
    int level, durability;
};

typedef struct up_options UO;

static const char *const levels[] = {"error", "warn", "info", "debug", NULL}; /* by enum log_level */
static const char *const durabilities[] = {"full", "relaxed", NULL};

static const struct cli_option options[] = {
    CLI_OPTION_TEXT("data", UO, dir, .letter = 'd', .argument = "DIR",
                    .doc = "where topics, schemas and positions are kept (" CLI_DATA_DIR ")"),
    CLI_OPTION_TEXT("listen", UO, address, .argument = "ADDRESS",
                    .doc = "address of both servers (127.0.0.1); rest.basic.auth.file says who may use them"),
    CLI_OPTION_NUMBER("rest-port", UO, rest_port, .argument = "N", .max = 65535,
                      .doc = "port of Kafka Connect's REST interface (8083); 0: a free one"),
    CLI_OPTION_NUMBER("registry-port", UO, registry_port, .argument = "N", .max = 65535,
                      .doc = "port of the schema registry (8081); 0: a free one"),
    CLI_OPTION_TEXT("sink", UO, sink, .argument = "NAME",
                    .doc = "where records go: topics, or stdout, one line a record (topics)"),
    CLI_OPTION_TEXT("properties", UO, properties, .argument = "FILE",
                    .doc = "worker properties, as Kafka Connect's; options win over them"),
    CLI_OPTION_CHOICE("log-level", UO, level, .argument = "LEVEL", .choices = levels,
                      .doc = "error, warn, info or debug (info); the log is on stderr"),
    CLI_OPTION_CHOICE("durability", UO, durability, .argument = "KIND", .choices = durabilities,
                      .doc = "full: a commit is on disk when it returns; relaxed: a power cut may take the last "
                             "seconds (full)"),
    CLI_OPTION_END,
};

static const struct up_options defaults = {.dir = CLI_DATA_DIR,
                                           .sink = "topics",
                                           .rest_port = LISTEN_NOT_GIVEN,
                                           .registry_port = LISTEN_NOT_GIVEN,
                                           .level = LOG_INFO};

/* ---- signals: the first one drains and stops, the second one ends at once ---- */

static struct wake stop;
static volatile sig_atomic_t signals_seen;

static void on_signal(int number)
{
    if (signals_seen++)
        _exit(128 + number);
    wake_raise(&stop);
}

static int catch_signals(struct error *err)
{
    int errnum = wake_init(&stop);
    if (errnum)
        return error_set(err, ERROR_IO, "cannot wait for signals: %s", strerror(errnum));
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

/* ---- the connectors of the files ---- */

struct connectors {
    VEC(struct config_connector) items;
};

static int keep(void *ctx, struct config_connector *found, struct error *err)
{
    struct connectors *all = ctx;
    struct config_connector *kept = vec_push(&all->items);
    (void)err;
    *kept = (struct config_connector){.state = found->state};
    config_init(&kept->config);
    config_copy(&kept->config, &found->config);
    kept->name = arena_str(&kept->config.arena, found->name);
    return 0;
}

static void release(struct connectors *all)
{
    vec_each (&all->items, c)
        config_release(&c->config);
    vec_free(&all->items);
}

/* Everything that cannot be read is told, not the first file only. */
static int read_files(const struct command *self, const struct cli_arguments *files, struct connectors *ret)
{
    int result = CLI_OK;
    for (int i = 0; i < files->len; i++) {
        struct error err = {0};
        if (config_read_file(files->items[i], keep, ret, &err))
            result = cli_fail(self, &err);
    }
    return result;
}

static int put_all(const struct command *self, struct up *u, const struct connectors *all)
{
    int result = CLI_OK;
    vec_each (&all->items, c) {
        struct error err = {0};
        AUTO_BUF findings = {0};
        if (up_put(u, c, &findings, &err))
            result = cli_failf(self, "connector %s: %s", c->name.ptr, findings.len ? buf_cstr(&findings) : err.text);
    }
    return result;
}

/* ---- the command ---- */

static int read_properties(const char *path, struct config *ret, struct error *err)
{
    struct str text;
    int code = config_read_whole(path, &ret->arena, &text, err);
    return code ? code : config_read_properties(text, path, ret, err);
}

/* On stdout, unless that is where the records go. */
static void say_ready(const struct up_options *o, const struct up *u, int64_t began_ns)
{
    AUTO_BUF line = {0};
    buf_printf(&line, "tributary " TRIBUTARY_VERSION " is up: REST %s, registry %s, data %s (%lld ms)\n",
               up_rest_url(u), up_registry_url(u), o->dir, (long long)((clock_mono_ns() - began_ns) / 1000000));
    FILE *out = strcmp(o->sink, "stdout") == 0 ? stderr : stdout;
    fwrite(line.data, 1, line.len, out);
    fflush(out);
}

static int serve(const struct command *self, const struct up_options *o, struct config *properties,
                 const struct connectors *connectors, int64_t began_ns)
{
    const char *address = o->address;
    int64_t port = o->rest_port;
    struct error err = {0};
    struct up *u = NULL;
    struct secure secure = {0};
    bool https = false;
    if (listen_at_rest(properties, &address, &port, &https, &err) || secure_read(properties, https, &secure, &err))
        return cli_fail(self, &err);
    int64_t registry_port = o->registry_port == LISTEN_NOT_GIVEN ? LISTEN_REGISTRY_PORT : o->registry_port;
    struct up_settings settings = {.dir = o->dir,
                                   .rest_address = address,
                                   .registry_address = o->address ? o->address : "127.0.0.1",
                                   .rest_port = (uint16_t)port,
                                   .registry_port = (uint16_t)registry_port,
                                   .sink = o->sink,
                                   .properties = properties,
                                   .secure = &secure,
                                   .relaxed = o->durability != 0};
    if (up_start(&settings, &u, &err)) {
        secure_release(&secure);
        return cli_fail(self, &err);
    }
    int result = put_all(self, u, connectors);
    if (!result && up_announce(u, &err))
        result = cli_fail(self, &err);
    if (!result) {
        say_ready(o, u, began_ns);
        up_wait(u, &stop);
        log_info(NULL, "stopping: what is on its way is written first; a second signal ends at once");
    }
    up_stop(u);
    secure_release(&secure);
    return result;
}

static int run(const struct command *self, const void *given, const struct cli_arguments *files)
{
    int64_t began_ns = clock_mono_ns();
    const struct up_options *o = given;
    struct connectors connectors = {0};
    struct config properties;
    struct error err = {0};
    log_set_level((enum log_level)o->level);
    config_init(&properties);
    int result = CLI_OK;
    if (o->properties && read_properties(o->properties, &properties, &err))
        result = cli_fail(self, &err);
    if (read_files(self, files, &connectors))
        result = CLI_FAILED;
    if (!result && catch_signals(&err))
        result = cli_fail(self, &err);
    if (!result)
        result = serve(self, o, o->properties ? &properties : NULL, &connectors, began_ns);
    release(&connectors);
    config_release(&properties);
    return result;
}

const struct command cmd_up = {
    .name = "up",
    .usage = "[FILE...]",
    .summary = "Runs everything in one process: log, schema registry, connectors, REST",
    .doc = "The connectors of the FILEs (JSON, Strimzi YAML or .properties) are created, or changed when they exist; "
           "others\n"
           "that the data directory knows go on where they stood. SIGTERM and SIGINT drain and stop; a second one ends "
           "at\n"
           "once, which is safe too.",
    .options = options,
    .defaults = &defaults,
    .size = sizeof defaults,
    .max_arguments = 10000,
    .run = run,
};
