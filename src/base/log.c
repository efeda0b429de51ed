#include "base/log.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOG_LINE_MAX = 8 * 1024 };

static const char *const level_names[] = {"ERROR", "WARN ", "INFO ", "DEBUG"};

/* What is written without a look at the names: nothing has a level of its own, or none has one above this. */
static atomic_int root_level = LOG_INFO, loudest = LOG_INFO;
static atomic_size_t n_names;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* for what follows, and changes of what is above */
static struct log_logger names[LOG_NAMES_MAX];           /* by name */
static int64_t root_modified_ms;

static enum log_level load(atomic_int *level)
{
    return (enum log_level)atomic_load_explicit(level, memory_order_relaxed);
}

/* ---- levels ---- */

static void find_loudest_locked(void)
{
    int most = load(&root_level);
    size_t n = atomic_load_explicit(&n_names, memory_order_relaxed);
    for (size_t i = 0; i < n; i++)
        most = (int)names[i].level > most ? (int)names[i].level : most;
    atomic_store_explicit(&loudest, most, memory_order_relaxed);
}

void log_set_level(enum log_level level)
{
    pthread_mutex_lock(&lock);
    atomic_store_explicit(&root_level, (int)level, memory_order_relaxed);
    find_loudest_locked();
    pthread_mutex_unlock(&lock);
}

enum log_level log_get_level(void)
{
    return load(&root_level);
}

bool log_is_below(const char *context, const char *name)
{
    size_t len = strlen(name);
    return strncmp(context, name, len) == 0 && (!context[len] || strchr("|./", context[len]));
}

static void set_locked(struct log_logger *l, enum log_level level, int64_t now)
{
    if (l->level == level && l->modified_ms)
        return;
    l->level = level;
    l->modified_ms = now;
}

static bool add_locked(const char *name, enum log_level level, int64_t now)
{
    size_t n = atomic_load_explicit(&n_names, memory_order_relaxed), at = 0;
    while (at < n && strcmp(names[at].name, name) < 0)
        at++;
    if (at < n && strcmp(names[at].name, name) == 0)
        return true;
    if (n == LOG_NAMES_MAX || strlen(name) >= LOG_NAME_SIZE)
        return false;
    memmove(&names[at + 1], &names[at], (n - at) * sizeof *names);
    names[at] = (struct log_logger){.level = level, .modified_ms = now};
    memcpy(names[at].name, name, strlen(name) + 1);
    atomic_store_explicit(&n_names, n + 1, memory_order_relaxed);
    return true;
}

bool log_set_level_of(const char *name, enum log_level level)
{
    int64_t now = clock_wall_ms();
    bool root = strcmp(name, LOG_ROOT) == 0;
    pthread_mutex_lock(&lock);
    bool done = root || add_locked(name, level, now);
    size_t n = atomic_load_explicit(&n_names, memory_order_relaxed);
    for (size_t i = 0; i < n && done; i++)
        if (root || log_is_below(names[i].name, name))
            set_locked(&names[i], level, now);
    if (root && (load(&root_level) != level || !root_modified_ms)) {
        atomic_store_explicit(&root_level, (int)level, memory_order_relaxed);
        root_modified_ms = now;
    }
    find_loudest_locked();
    pthread_mutex_unlock(&lock);
    return done;
}

enum log_level log_level_of(const char *context, int64_t *ret_modified_ms)
{
    const struct log_logger *best = NULL;
    pthread_mutex_lock(&lock);
    size_t n = atomic_load_explicit(&n_names, memory_order_relaxed);
    for (size_t i = 0; i < n && context; i++) /* by name, so a longer one comes later */
        if (log_is_below(context, names[i].name))
            best = &names[i];
    enum log_level level = best ? best->level : load(&root_level);
    if (ret_modified_ms)
        *ret_modified_ms = best ? best->modified_ms : root_modified_ms;
    pthread_mutex_unlock(&lock);
    return level;
}

size_t log_loggers(struct log_logger *ret)
{
    pthread_mutex_lock(&lock);
    size_t n = atomic_load_explicit(&n_names, memory_order_relaxed), at = 0;
    while (at < n && strcmp(names[at].name, LOG_ROOT) < 0)
        at++;
    memcpy(ret, names, at * sizeof *names);
    ret[at] = (struct log_logger){.name = LOG_ROOT, .level = load(&root_level), .modified_ms = root_modified_ms};
    memcpy(&ret[at + 1], &names[at], (n - at) * sizeof *names);
    pthread_mutex_unlock(&lock);
    return n + 1;
}

void log_forget_levels(void)
{
    pthread_mutex_lock(&lock);
    atomic_store_explicit(&n_names, 0, memory_order_relaxed);
    find_loudest_locked();
    pthread_mutex_unlock(&lock);
}

static bool is_wanted(enum log_level level, const char *context)
{
    if (level > load(&loudest))
        return false;
    if (!context || atomic_load_explicit(&n_names, memory_order_relaxed) == 0)
        return level <= load(&root_level);
    return level <= log_level_of(context, NULL);
}

/* ---- lines ---- */

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
    if (!is_wanted(level, context))
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
