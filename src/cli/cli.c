#include "cli/cli.h"

#include "base/mem.h"
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>

const struct command *const cli_commands[] = {&cmd_up,      &cmd_consume, &cmd_topics,  &cmd_check,
                                              &cmd_plugins, &cmd_docs,    &cmd_version, NULL};

/* ---- what is said ---- */

void cli_print(struct str text)
{
    if (fwrite(text.ptr, 1, text.len, stdout) != text.len || fflush(stdout)) {
        perror("tributary: stdout");
        exit(CLI_FAILED);
    }
}

static void say(const struct command *self, const char *text, const char *hint)
{
    AUTO_BUF line = {0};
    buf_printf(&line, "tributary%s%s: %s", self ? " " : "", self ? self->name : "", text);
    if (hint)
        buf_printf(&line, " (`tributary%s%s --help` %s)", self ? " " : "", self ? self->name : "", hint);
    buf_add_char(&line, '\n');
    fwrite(line.data, 1, line.len, stderr);
}

int cli_fail(const struct command *self, const struct error *err)
{
    say(self, err->text, NULL);
    return CLI_FAILED;
}

int cli_failf(const struct command *self, const char *format, ...)
{
    AUTO_BUF text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    say(self, buf_cstr(&text), NULL);
    return CLI_FAILED;
}

int cli_usage(const struct command *self, const char *format, ...)
{
    AUTO_BUF text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    say(self, buf_cstr(&text), "tells what it takes");
    return CLI_USAGE;
}

/* ---- help ---- */

static void help_of_program(struct buf *out)
{
    buf_add_literal(out, "tributary " TRIBUTARY_VERSION ": change data capture in one program\n\n"
                         "Usage: tributary COMMAND [OPTION...] [ARGUMENT...]\n\n");
    for (const struct command *const *c = cli_commands; *c; c++)
        buf_printf(out, "  %-8s  %s\n", (*c)->name, (*c)->summary);
    buf_add_literal(out, "\n`tributary COMMAND --help` tells about one of them.\n");
}

void cli_help(const struct command *c, struct buf *out)
{
    if (!c) {
        help_of_program(out);
        return;
    }
    buf_printf(out, "Usage: tributary %s [OPTION...]%s%s\n\n%s\n", c->name, *c->usage ? " " : "", c->usage, c->summary);
    if (c->doc)
        buf_printf(out, "\n%s\n", c->doc);
    buf_add_literal(out, "\nOptions:\n");
    cli_options_help(c->options, out);
}

void cli_write_reference(struct buf *out)
{
    buf_add_literal(out, "# Commands\n\nExit codes: 0 done, 1 it went wrong, 2 the command line is wrong.\n");
    for (const struct command *const *c = cli_commands; *c; c++) {
        buf_printf(out, "\n## `tributary %s`\n\n```text\n", (*c)->name);
        cli_help(*c, out);
        buf_add_literal(out, "```\n");
    }
}

/* ---- dispatch ---- */

static const struct command *find(const char *name)
{
    for (const struct command *const *c = cli_commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

static int no_such_command(const char *name)
{
    struct str names[16];
    size_t n = 0;
    for (const struct command *const *c = cli_commands; *c; c++)
        names[n++] = str_from((*c)->name);
    struct str near = findings_nearest(str_from(name), names, n);
    AUTO_FREE char *text = mem_printf("there is no command \"%s\"%s" STR_FMT "%s", name,
                                      near.ptr ? "; did you mean \"" : "", STR_ARG(near), near.ptr ? "\"?" : "");
    say(NULL, text, "lists the commands");
    return CLI_USAGE;
}

static int print_help(const struct command *c)
{
    AUTO_BUF text = {0};
    cli_help(c, &text);
    cli_print(buf_str(&text));
    return CLI_OK;
}

static int run(const struct command *c, int argc, char **argv)
{
    struct error err = {0};
    AUTO_FREE void *options = mem_dup(c->defaults, c->size);
    AUTO_FREE const char **items = mem_new_array(const char *, (size_t)argc + 1);
    struct cli_arguments arguments = {.items = items};
    if (cli_options_parse(c->options, argc, argv, options, &arguments, &err))
        return cli_usage(c, "%s", err.text);
    if (arguments.help)
        return print_help(c);
    if (arguments.len < c->min_arguments)
        return cli_usage(c, "write tributary %s %s", c->name, c->usage);
    if (arguments.len > c->max_arguments)
        return cli_usage(c, "\"%s\" is one argument too many", arguments.items[c->max_arguments]);
    return c->run(c, options, &arguments);
}

int cli_main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        name = "version";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || (strcmp(name, "help") == 0 && argc < 3))
        return print_help(NULL);
    bool help_on = strcmp(name, "help") == 0;
    if (help_on)
        name = argv[2];
    if (!*name) {
        AUTO_BUF text = {0};
        cli_help(NULL, &text);
        fwrite(text.data, 1, text.len, stderr);
        return CLI_USAGE;
    }
    const struct command *c = find(name);
    if (!c)
        return no_such_command(name);
    return help_on ? print_help(c) : run(c, argc - 2, argv + 2);
}
