/*
 * The program's log: one line a message on stderr, `2026-01-31T10:00:00.123Z INFO  [context] text`.
 * Only the runtime (worker, cli, http server) writes it; library rooms return errors instead.
 * A line is written with one write(2), so threads do not mix.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level); /* of the root: LOG_INFO until set */
enum log_level log_get_level(void);

/*
 * Levels of single contexts. A context's level is that of the longest name which is the context itself or a part in
 * front of it that ends at '|', '.' or '/': "load" holds for "load|task-0" too. Without such a name it is the root's.
 */
#define LOG_ROOT "root"
enum { LOG_NAMES_MAX = 256, LOG_NAME_SIZE = 256 };

struct log_logger {
    char name[LOG_NAME_SIZE];
    enum log_level level;
    int64_t modified_ms; /* wall clock; 0: never changed */
};

/* Sets the level of the name and of all names below it that have one (LOG_ROOT: of everything). False: the name is
 * too long, or LOG_NAMES_MAX have levels already. */
bool log_set_level_of(const char *name, enum log_level level);
/* The level that holds for the context, with the time when it was set. */
enum log_level log_level_of(const char *context, int64_t *ret_modified_ms);
/* True when `context` is `name` or below it. */
bool log_is_below(const char *context, const char *name);
/* The root and every name that has a level, by name; `ret` has room for LOG_NAMES_MAX + 1. */
size_t log_loggers(struct log_logger *ret);
/* Contexts have the root's level again. */
void log_forget_levels(void);

/* `context` says who speaks, e.g. "load-test-table|task-0"; it may be NULL. */
void log_write(enum log_level level, const char *context, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(context, ...) log_write(LOG_ERROR, context, __VA_ARGS__)
#define log_warn(context, ...)  log_write(LOG_WARN, context, __VA_ARGS__)
#define log_info(context, ...)  log_write(LOG_INFO, context, __VA_ARGS__)
#define log_debug(context, ...) log_write(LOG_DEBUG, context, __VA_ARGS__)

#endif
