/*
 * The program's log: one line a message on stderr, `2026-01-31T10:00:00.123Z INFO  [context] text`.
 * Only the runtime (worker, cli, http server) writes it; library rooms return errors instead.
 * A line is written with one write(2), so threads do not mix.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level); /* LOG_INFO until set */
enum log_level log_get_level(void);

/* `context` says who speaks, e.g. "load-test-table|task-0"; it may be NULL. */
void log_write(enum log_level level, const char *context, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(context, ...) log_write(LOG_ERROR, context, __VA_ARGS__)
#define log_warn(context, ...)  log_write(LOG_WARN, context, __VA_ARGS__)
#define log_info(context, ...)  log_write(LOG_INFO, context, __VA_ARGS__)
#define log_debug(context, ...) log_write(LOG_DEBUG, context, __VA_ARGS__)

#endif
