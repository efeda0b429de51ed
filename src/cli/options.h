/*
 * Options of a command by declaration: one row gives name, letter, where the value goes, limits and documentation;
 * parsing, `--help` and docs/reference/commands.md come from it. Written `--name VALUE`, `--name=VALUE` or `-n VALUE`;
 * `--` ends them, and they may stand before, between or after the arguments.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/buf.h"
#include "base/error.h"
#include "conf/property.h"

enum cli_option_type {
    CLI_FLAG,   /* bool; takes no value */
    CLI_TEXT,   /* const char * into argv */
    CLI_NUMBER, /* int64_t */
    CLI_CHOICE, /* int: index into `choices` */
};

struct cli_option {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    enum cli_option_type type;
    size_t offset;              /* into the command's struct of options */
    const char *argument;       /* "DIR"; NULL for a flag */
    const char *const *choices; /* CHOICE: NULL-terminated */
    int64_t min, max;           /* NUMBER */
    const char *doc;            /* a sentence without its full stop */
};

#define CLI_ROW(option_name, options, member, ctype, kind, ...)                                                        \
    {                                                                                                                  \
        .name = (option_name), .type = (kind), .offset = PROPERTY_MEMBER(options, member, ctype), __VA_ARGS__          \
    }
#define CLI_OPTION_FLAG(name, options, member, ...)   CLI_ROW(name, options, member, bool, CLI_FLAG, __VA_ARGS__)
#define CLI_OPTION_TEXT(name, options, member, ...)   CLI_ROW(name, options, member, const char *, CLI_TEXT, __VA_ARGS__)
#define CLI_OPTION_NUMBER(name, options, member, ...) CLI_ROW(name, options, member, int64_t, CLI_NUMBER, __VA_ARGS__)
#define CLI_OPTION_CHOICE(name, options, member, ...) CLI_ROW(name, options, member, int, CLI_CHOICE, __VA_ARGS__)
#define CLI_OPTION_END                                                                                                 \
    {                                                                                                                  \
        .name = NULL                                                                                                   \
    }

/* What is left when the options are taken out; points into argv. */
struct cli_arguments {
    const char **items; /* caller's, room for argc */
    int len;
    bool help; /* --help or -h was given: nothing else was looked at after it */
};

/* argv[0..argc) without the program's and the command's names. `out` holds the defaults. The error says what is wrong
 * with which option, and which one was probably meant. */
int cli_options_parse(const struct cli_option *table, int argc, char *const *argv, void *out, struct cli_arguments *ret,
                      struct error *err);

/* One line an option, aligned: "  -d, --data DIR   ...". */
void cli_options_help(const struct cli_option *table, struct buf *out);

#endif
