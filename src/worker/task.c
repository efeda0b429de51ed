#include "worker/task.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <time.h>

struct task *task_new(const struct task_env *env, const char *connector, int index, const struct config *config)
{
    struct task *t = mem_new(struct task);
    t->env = env;
    t->connector = mem_strdup(connector);
    t->label = mem_printf("%s|task-%d", connector, index);
    t->owner = mem_printf("%s-%d", connector, index);
    t->index = index;
    t->state = WORKER_UNASSIGNED;
    pthread_mutex_init(&t->lock, NULL);
    config_init(&t->config);
    config_copy(&t->config, config);
    wake_init(&t->interrupt);
    return t;
}

void task_free(struct task *t)
{
    if (!t)
        return;
    wake_release(&t->interrupt);
    config_release(&t->config);
    pthread_mutex_destroy(&t->lock);
    free(t->trace);
    free(t->label);
    free(t->owner);
    free(t->connector);
    free(t);
}

void task_set_status(struct task *t, enum worker_state state, const char *trace)
{
    struct error err = {0};
    pthread_mutex_lock(&t->lock);
    t->state = state;
    free(t->trace);
    t->trace = mem_strdup(trace);
    pthread_mutex_unlock(&t->lock);
    if (statuses_put(t->env->statuses, str_from(t->connector), t->index, state, trace, &err))
        log_warn(t->label, "the status %s could not be stored: %s", worker_state_names[state], err.text);
    t->env->changed(t->env->ctx);
}

enum worker_state task_get_status(struct task *t, struct buf *trace)
{
    pthread_mutex_lock(&t->lock);
    enum worker_state state = t->state;
    if (trace && t->trace)
        buf_add_cstr(trace, t->trace);
    pthread_mutex_unlock(&t->lock);
    return state;
}

bool task_is_stopping(struct task *t)
{
    pthread_mutex_lock(&t->lock);
    bool stopping = t->stopping;
    pthread_mutex_unlock(&t->lock);
    return stopping;
}

bool task_finished(struct task *t)
{
    pthread_mutex_lock(&t->lock);
    bool finished = t->finished;
    pthread_mutex_unlock(&t->lock);
    return finished;
}

/* ---- failing, waiting, beginning anew ---- */

struct failures {
    int attempt;        /* in a row */
    int64_t backoff_ms; /* of the next wait */
};

void task_write_time(int64_t wall_ms, struct buf *out)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    char text[32];
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    buf_add_cstr(out, text);
}

/* What happened, where, and what comes next: for GET .../status and the log. */
static void write_trace(const struct task *t, const struct error *err, const char *stage, const struct failures *f,
                        int64_t wait_ms, struct buf *out)
{
    buf_printf(out, "%s: %s\n\tin connector %s, task %d, while %s (%s)\n\t", error_name(err->code), err->text,
               t->connector, t->index, stage, error_meaning(err->code));
    if (wait_ms < 0) {
        buf_printf(out, "it stays like this until POST /connectors/%s/tasks/%d/restart, or a new configuration",
                   t->connector, t->index);
        return;
    }
    buf_printf(out, "attempt %d follows at ", f->attempt + 1);
    task_write_time(clock_wall_ms() + wait_ms, out);
    buf_printf(out, " from the last committed position; POST /connectors/%s/tasks/%d/restart tries at once",
               t->connector, t->index);
}

/* Shows the failure; false when the task is to end. */
static bool fail_and_wait(struct task *t, const struct connector_settings *s, const struct error *err,
                          const char *stage, struct failures *f)
{
    AUTO_BUF trace = {0};
    f->attempt++;
    atomic_fetch_add_explicit(&t->counters.failures, 1, memory_order_relaxed);
    bool given_up = err->code == ERROR_STOPPED; /* standard output was closed by its reader, for instance */
    bool again = error_is_retriable(err->code) || (s->restart && !given_up);
    if (f->backoff_ms == 0)
        f->backoff_ms = s->restart_backoff_ms;
    int64_t wait_ms = again ? f->backoff_ms : -1;
    write_trace(t, err, stage, f, wait_ms, &trace);
    bool quiet = error_is_retriable(err->code) && f->attempt <= RESTART_QUIET_ATTEMPTS;
    log_write(quiet ? LOG_WARN : LOG_ERROR, t->label, "%s", buf_cstr(&trace));
    task_set_status(t, quiet ? WORKER_RESTARTING : WORKER_FAILED, buf_cstr(&trace));
    if (!again)
        return false;
    f->backoff_ms = f->backoff_ms * 2 < s->restart_backoff_max_ms ? f->backoff_ms * 2 : s->restart_backoff_max_ms;
    wake_wait(&t->interrupt, -1, 0, wait_ms);
    return !task_is_stopping(t);
}

/* The interrupt is also raised by a pipeline that failed: it must not end the next wait. */
static void calm(struct task *t)
{
    pthread_mutex_lock(&t->lock);
    if (!t->stopping)
        wake_clear(&t->interrupt);
    pthread_mutex_unlock(&t->lock);
}

/* Variables like ${file:...} are read anew at each attempt. */
static int attempt(struct task *t, struct connector_settings *settings, const char **ret_stage, bool *ret_progress,
                   struct config *config, struct error *err)
{
    struct findings findings;
    findings_init(&findings);
    config_copy(config, &t->config);
    config_parse(connector_properties, config, settings, &findings);
    int code = findings_error(&findings, err);
    findings_release(&findings);
    if (code)
        return code;
    const struct source_plugin *plugin = plugins_source(t->env->plugins, settings->connector_class);
    if (!plugin)
        return plugins_unknown(t->env->plugins, "source", settings->connector_class, err);
    return task_run(t, settings, config, plugin, ret_stage, ret_progress, err);
}

static void *task_main(void *arg)
{
    struct task *t = arg;
    struct failures failures = {0};
    bool again = true;
    while (again && !task_is_stopping(t)) {
        struct connector_settings settings = {
            .restart_backoff_ms = RESTART_BACKOFF_MS,
            .restart_backoff_max_ms = RESTART_BACKOFF_MAX_MS,
        };
        struct config config;
        struct error err = {0};
        const char *stage = "reading its configuration";
        bool progress = false;
        config_init(&config);
        int code = attempt(t, &settings, &stage, &progress, &config, &err);
        calm(t);
        if (progress)
            failures = (struct failures){0};
        if (code && !task_is_stopping(t)) {
            err.code = (enum error_code)code;
            again = fail_and_wait(t, &settings, &err, stage, &failures);
        } else if (code) {
            log_warn(t->label, "stopped with an error, while %s: %s", stage, err.text);
        }
        config_release(&config);
    }
    pthread_mutex_lock(&t->lock);
    t->finished = true;
    pthread_mutex_unlock(&t->lock);
    t->env->changed(t->env->ctx);
    return NULL;
}

/* ---- starting and stopping ---- */

void task_start(struct task *t)
{
    pthread_mutex_lock(&t->lock);
    t->stopping = t->finished = false;
    pthread_mutex_unlock(&t->lock);
    wake_clear(&t->interrupt);
    t->started = pthread_create(&t->thread, NULL, task_main, t) == 0;
    if (!t->started)
        task_set_status(t, WORKER_FAILED, "IO: no thread could be started for the task");
}

void task_stop(struct task *t)
{
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    wake_raise(&t->interrupt);
    pthread_mutex_unlock(&t->lock);
}

void task_join(struct task *t)
{
    if (t->started)
        pthread_join(t->thread, NULL);
    t->started = false;
}
