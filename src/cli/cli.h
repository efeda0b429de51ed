/*
 * The program's commands. A command is one row: what it is called, what it takes, what it does. `tributary --help`,
 * `tributary COMMAND --help` and the reference page of the commands come from the rows.
 *
 * Exit codes: 0 done, 1 it went wrong (one line on stderr says what), 2 the command line is wrong (one line says what
 * to type instead).
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/options.h"

enum { CLI_OK, CLI_FAILED, CLI_USAGE };

#define CLI_DATA_DIR "./tributary-data"

struct command {
    const char *name;
    const char *usage;   /* of the arguments: "[FILE...]" */
    const char *summary; /* one line */
    const char *doc;     /* paragraphs for `--help`; may be NULL */
    const struct cli_option *options;
    const void *defaults; /* the struct that the options fill, as it is without any */
    size_t size;          /* of it */
    int min_arguments, max_arguments;
    int (*run)(const struct command *self, const void *options, const struct cli_arguments *arguments);
};

extern const struct command *const cli_commands[]; /* NULL-terminated, in the order of the help */

int cli_main(int argc, char **argv);

/* One line on stderr, "tributary consume: ...", and CLI_FAILED. */
int cli_fail(const struct command *self, const struct error *err);
int cli_failf(const struct command *self, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same with "... (tributary consume --help)", and CLI_USAGE. */
int cli_usage(const struct command *self, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes to stdout, all of it, and flushes; a closed pipe ends the program. */
void cli_print(struct str text);

/* The help of one command, or (NULL) of the program. */
void cli_help(const struct command *command, struct buf *out);

/* All of it as a page of the reference (Markdown). */
void cli_write_reference(struct buf *out);

#endif
