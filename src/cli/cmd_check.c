#include "cli/commands.h"
#include "worker/worker.h"

#include <stdlib.h>

struct check_options {
    const char *properties;
    bool offline;
};

typedef struct check_options CO;

static const struct cli_option options[] = {
    CLI_OPTION_FLAG("offline", CO, offline, .letter = 'o', .doc = "look at the files only, ask no database"),
    CLI_OPTION_TEXT("properties", CO, properties, .argument = "FILE",
                    .doc = "worker properties, for the converters that connectors inherit"),
    CLI_OPTION_END,
};
static const struct check_options defaults = {0};

struct check {
    const struct check_options *options;
    const struct config *properties; /* NULL: none */
    const char *file;
    size_t errors, warnings, connectors;
    struct buf out;
};

static int check_one(void *ctx, struct config_connector *found, struct error *err)
{
    struct check *check = ctx;
    struct findings findings;
    (void)err;
    findings_init(&findings);
    worker_validate(&plugins_all, check->properties, found->name, &found->config, !check->options->offline, &findings);
    size_t warnings = findings.items.len - findings.errors;
    buf_printf(&check->out, "%s: %s: ", check->file, found->name.ptr);
    if (!findings.items.len)
        buf_add_literal(&check->out, "fine");
    else
        buf_printf(&check->out, "%zu error%s, %zu warning%s", findings.errors, findings.errors == 1 ? "" : "s",
                   warnings, warnings == 1 ? "" : "s");
    buf_add_char(&check->out, '\n');
    vec_each (&findings.items, f)
        buf_printf(&check->out, "  %s: %s\n", f->level == FINDING_ERROR ? "error" : "warning", f->text.ptr);
    check->errors += findings.errors;
    check->warnings += warnings;
    check->connectors++;
    findings_release(&findings);
    return 0;
}

static int read_properties(const char *path, struct config *ret, struct error *err)
{
    struct str text;
    int code = config_read_whole(path, &ret->arena, &text, err);
    return code ? code : config_read_properties(text, path, ret, err);
}

static int run(const struct command *self, const void *given, const struct cli_arguments *arguments)
{
    struct check check = {.options = given};
    struct config properties;
    struct error err = {0};
    config_init(&properties);
    if (check.options->properties) {
        if (read_properties(check.options->properties, &properties, &err)) {
            config_release(&properties);
            return cli_fail(self, &err);
        }
        check.properties = &properties;
    }
    for (int i = 0; i < arguments->len; i++) {
        check.file = arguments->items[i];
        if (config_read_file(check.file, check_one, &check, &err)) {
            buf_printf(&check.out, "%s\n", err.text);
            check.errors++;
        }
    }
    cli_print(buf_str(&check.out));
    buf_free(&check.out);
    config_release(&properties);
    return check.errors ? CLI_FAILED : CLI_OK;
}

const struct command cmd_check = {
    .name = "check",
    .usage = "FILE...",
    .summary = "Tells everything that is wrong with connector files, before they run",
    .doc = "FILE is the JSON of Kafka Connect's REST interface, Strimzi's KafkaConnector YAML or .properties, with one "
           "or\n"
           "more connectors in it. The databases are asked too, unless --offline. The exit code is 1 when there is an\n"
           "error; warnings alone leave it 0.",
    .options = options,
    .defaults = &defaults,
    .size = sizeof defaults,
    .min_arguments = 1,
    .max_arguments = 10000,
    .run = run,
};
