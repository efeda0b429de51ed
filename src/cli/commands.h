/* The commands' rows, each in its own file cmd_NAME.c. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct command cmd_up, cmd_consume, cmd_topics, cmd_check, cmd_plugins, cmd_docs, cmd_version;

#endif
