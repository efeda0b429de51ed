#include "base/log.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOG_LINE_MAX = 8 * 1024 };

static atomic_int current_level = LOG_INFO;
static const char *const level_names[] = {"ERROR", "WARN ", "INFO ", "DEBUG"};

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&current_level, (int)level, memory_order_relaxed);
}

enum log_level log_get_level(void)
{
    return (enum log_level)atomic_load_explicit(&current_level, memory_order_relaxed);
}

static size_t put_prefix(char *line, size_t room, enum log_level level, const char *context)
{
    int64_t now = clock_wall_ms();
    time_t seconds = (time_t)(now / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t n = strftime(line, room, "%Y-%m-%dT%H:%M:%S", &tm);
    int more = snprintf(line + n, room - n, ".%03dZ %s ", (int)(now % 1000), level_names[level]);
    n += (size_t)more;
    if (context) {
        more = snprintf(line + n, room - n, "[%.200s] ", context);
        n += (size_t)more;
    }
    return n;
}

void log_write(enum log_level level, const char *context, const char *format, ...)
{
    if (level > log_get_level())
        return;
    char line[LOG_LINE_MAX];
    size_t n = put_prefix(line, sizeof line - 1, level, context);
    size_t start = n;
    va_list args;
    va_start(args, format);
    int more = vsnprintf(line + n, sizeof line - 1 - n, format, args);
    va_end(args);
    if (more > 0)
        n += (size_t)more < sizeof line - 1 - n ? (size_t)more : sizeof line - 2 - n;
    for (size_t i = start; i < n; i++)
        if (line[i] == '\n' || line[i] == '\r')
            line[i] = ' ';
    line[n++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, n);
    (void)ignored;
}
