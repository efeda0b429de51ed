#include "cli/commands.h"
#include "cli/plugin_rows.h"

struct plugins_options {
    bool unused;
};

static const struct cli_option options[] = {CLI_OPTION_END};
static const struct plugins_options defaults = {0};

static void write_row(const struct plugin_row *row, struct buf *out)
{
    const struct plugin_info *info = row->info;
    buf_printf(out, "  %s", info->classes[0]);
    if (row->keyed)
        buf_add_literal(out, "$Key, $Value");
    for (const char *const *c = info->classes + 1; *c; c++)
        buf_printf(out, ", %s", *c);
    buf_printf(out, "\n      %s\n", info->title);
}

static int run(const struct command *self, const void *given, const struct cli_arguments *arguments)
{
    (void)self;
    (void)given;
    (void)arguments;
    struct arena arena = {0};
    AUTO_BUF out = {0};
    struct plugin_row *rows;
    size_t n = plugin_rows(&plugins_all, &arena, &rows);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(rows[i].kind, rows[i - 1].kind) != 0)
            buf_printf(&out, "%s%ss\n", i ? "\n" : "", rows[i].kind);
        write_row(&rows[i], &out);
    }
    buf_add_literal(&out, "\n`tributary docs NAME` prints what one of them can be told.\n");
    cli_print(buf_str(&out));
    arena_free(&arena);
    return CLI_OK;
}

const struct command cmd_plugins = {
    .name = "plugins",
    .usage = "",
    .summary = "Lists the connectors, transforms, converters and sinks",
    .doc = "Each with the Java classes and short names that a configuration may call it by.",
    .options = options,
    .defaults = &defaults,
    .size = sizeof defaults,
    .run = run,
};
