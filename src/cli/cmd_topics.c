#include "cli/commands.h"
#include "cli/log_access.h"

#include <stdlib.h>

struct topics_options {
    const char *dir;
    bool compact;
    int64_t partitions, retention_ms, retention_bytes;
};

typedef struct topics_options TO;
enum { NOT_GIVEN = -2 };

static const struct cli_option options[] = {
    CLI_OPTION_NUMBER("partitions", TO, partitions, .letter = 'p', .argument = "N", .min = 1, .max = 10000,
                      .doc = "create: number of partitions (1)"),
    CLI_OPTION_FLAG("compact", TO, compact, .doc = "create: keep the last value of each key instead of the last days"),
    CLI_OPTION_NUMBER("retention-ms", TO, retention_ms, .argument = "MS", .min = -1, .max = INT64_MAX,
                      .doc = "create: how long records are kept; -1: for ever (7 days, compacted topics for ever)"),
    CLI_OPTION_NUMBER("retention-bytes", TO, retention_bytes, .argument = "N", .min = -1, .max = INT64_MAX,
                      .doc = "create: how much of a partition is kept; -1: everything (-1)"),
    CLI_OPTION_TEXT("data", TO, dir, .letter = 'd', .argument = "DIR", .doc = "data directory (" CLI_DATA_DIR ")"),
    CLI_OPTION_END,
};

static const struct topics_options defaults = {
    .dir = CLI_DATA_DIR, .partitions = 1, .retention_ms = NOT_GIVEN, .retention_bytes = NOT_GIVEN};

struct action {
    const struct topics_options *options;
    struct log_access *log;
    struct str topic;
    struct arena arena;
    struct buf out;
};

static const char *policy_of(const struct topic_config *c)
{
    if (c->compact)
        return c->cleanup_delete ? "compact,delete" : "compact";
    return "delete";
}

/* "7d", "36h", "unlimited": the largest unit that loses nothing. */
static void write_duration(int64_t ms, struct buf *out)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}, {1, "ms"}};
    if (ms < 0) {
        buf_add_literal(out, "unlimited");
        return;
    }
    size_t u = 0;
    while (u < 4 && (ms % units[u].ms || ms == 0))
        u++;
    buf_printf(out, "%lld %s", (long long)(ms / units[u].ms), units[u].unit);
}

static int run_list(struct action *a, struct error *err)
{
    struct topic_info *infos;
    size_t n, widest = sizeof "TOPIC" - 1;
    int code = log_access_list(a->log, &a->arena, &infos, &n, err);
    if (code)
        return code;
    for (size_t i = 0; i < n; i++)
        widest = infos[i].name.len > widest ? infos[i].name.len : widest;
    buf_printf(&a->out, "%-*s  %10s  %14s  %14s  %s\n", (int)widest, "TOPIC", "PARTITIONS", "RECORDS", "BYTES",
               "CLEANUP");
    for (size_t i = 0; i < n; i++)
        buf_printf(&a->out, "%-*s  %10d  %14lld  %14lld  %s\n", (int)widest, infos[i].name.ptr,
                   infos[i].config.partitions, (long long)infos[i].records, (long long)infos[i].bytes,
                   policy_of(&infos[i].config));
    return 0;
}

static int run_describe(struct action *a, struct error *err)
{
    struct topic_info info;
    struct log_offsets *offsets;
    int code = log_access_describe(a->log, a->topic, &a->arena, &info, &offsets, err);
    if (code)
        return code;
    buf_printf(&a->out, "topic       %s\ncleanup     %s\nretention   ", info.name.ptr, policy_of(&info.config));
    write_duration(info.config.retention_ms, &a->out);
    if (info.config.retention_bytes >= 0)
        buf_printf(&a->out, ", %lld bytes a partition", (long long)info.config.retention_bytes);
    buf_printf(&a->out, "\nrecords     %lld\nbytes       %lld\n", (long long)info.records, (long long)info.bytes);
    for (int32_t p = 0; p < info.config.partitions; p++)
        buf_printf(&a->out, "partition %-3d offsets %lld to %lld\n", p, (long long)offsets[p].begin,
                   (long long)offsets[p].end);
    return 0;
}

static int run_create(struct action *a, struct error *err)
{
    const struct topics_options *o = a->options;
    struct topic_config config = o->compact ? TOPIC_CONFIG_COMPACT : TOPIC_CONFIG_DEFAULT;
    config.partitions = (int32_t)o->partitions;
    if (o->retention_ms != NOT_GIVEN)
        config.retention_ms = o->retention_ms;
    if (o->retention_bytes != NOT_GIVEN)
        config.retention_bytes = o->retention_bytes;
    return log_access_create(a->log, a->topic, &config, err);
}

static int run_delete(struct action *a, struct error *err)
{
    return log_access_delete(a->log, a->topic, err);
}

static int run_compact(struct action *a, struct error *err)
{
    return log_access_compact(a->log, a->topic, err);
}

static int run_verify(struct action *a, struct error *err)
{
    int64_t batches, records;
    int code = log_access_verify(a->log, &batches, &records, err);
    if (!code)
        buf_printf(&a->out, "%lld batches with %lld records: all sound\n", (long long)batches, (long long)records);
    return code;
}

static const struct verb {
    const char *name;
    bool topic; /* takes one */
    int (*run)(struct action *a, struct error *err);
} verbs[] = {
    {"list", false, run_list},    {"describe", true, run_describe}, {"create", true, run_create},
    {"delete", true, run_delete}, {"compact", true, run_compact},   {"verify", false, run_verify},
};

static int run(const struct command *self, const void *given, const struct cli_arguments *arguments)
{
    const struct verb *verb = NULL;
    const char *name = arguments->len ? arguments->items[0] : "list";
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, name) == 0)
            verb = &verbs[i];
    if (!verb)
        return cli_usage(self, "\"%s\" is not one of list, describe, create, delete, compact, verify", name);
    if (verb->topic && arguments->len < 2)
        return cli_usage(self, "write tributary topics %s TOPIC", name);
    if (!verb->topic && arguments->len > 1)
        return cli_usage(self, "tributary topics %s takes no topic", name);

    struct action a = {.options = given, .topic = str_from(verb->topic ? arguments->items[1] : NULL)};
    struct error err = {0};
    int code = log_access_open(a.options->dir, &a.log, &err);
    if (!code) {
        code = verb->run(&a, &err);
        log_access_close(a.log);
    }
    if (!code)
        cli_print(buf_str(&a.out));
    buf_free(&a.out);
    arena_free(&a.arena);
    return code ? cli_fail(self, &err) : CLI_OK;
}

const struct command cmd_topics = {
    .name = "topics",
    .usage = "[list | describe TOPIC | create TOPIC | delete TOPIC | compact TOPIC | verify]",
    .summary = "Lists, shows, makes, deletes and checks topics",
    .doc =
        "verify reads everything that is stored and checks each batch. While `tributary up` runs on the directory the\n"
        "running process does it; where none runs, the log is opened.",
    .options = options,
    .defaults = &defaults,
    .size = sizeof defaults,
    .max_arguments = 2,
    .run = run,
};
