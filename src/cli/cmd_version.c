#include "cli/commands.h"

struct version_options {
    bool unused;
};

static const struct cli_option options[] = {CLI_OPTION_END};

static int run(const struct command *self, const void *given, const struct cli_arguments *arguments)
{
    (void)self;
    (void)given;
    (void)arguments;
    cli_print(STR("tributary " TRIBUTARY_VERSION "\n"));
    return CLI_OK;
}

static const struct version_options defaults = {0};

const struct command cmd_version = {
    .name = "version",
    .usage = "",
    .summary = "Prints the version",
    .options = options,
    .defaults = &defaults,
    .size = sizeof defaults,
    .run = run,
};
