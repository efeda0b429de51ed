#include "worker/herder.h"

#include "base/clock.h"
#include "base/log.h"
#include "worker/plug.h"

#include <errno.h>
#include <stdlib.h>

struct connector *connector_new(struct worker *w, struct str name, const struct config *c, enum target_state target)
{
    struct connector *connector = mem_new(struct connector);
    connector->worker = w;
    connector->name = mem_strndup(name.ptr, name.len);
    connector->target = target;
    connector->state = WORKER_UNASSIGNED;
    config_init(&connector->config);
    config_copy(&connector->config, c);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&connector->wished, &attr);
    pthread_condattr_destroy(&attr);
    return connector;
}

static void connector_free(struct connector *c)
{
    pthread_cond_destroy(&c->wished);
    config_release(&c->config);
    free(c->tasks);
    free(c->trace);
    free(c->name);
    free(c);
}

uint64_t connector_wish_locked(struct connector *c, unsigned wishes)
{
    c->wishes |= wishes;
    c->wish_number++;
    pthread_cond_signal(&c->wished);
    return c->wish_number;
}

/* ---- what others see ---- */

static void set_state(struct connector *c, enum worker_state state, const char *trace)
{
    struct worker *w = c->worker;
    struct error err = {0};
    pthread_mutex_lock(&w->lock);
    c->state = state;
    free(c->trace);
    c->trace = mem_strdup(trace);
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    if (statuses_put(w->statuses, str_from(c->name), -1, state, trace, &err))
        log_warn(c->name, "the status %s could not be stored: %s", worker_state_names[state], err.text);
}

/* The array is replaced under the lock; the tasks that are no longer in it are the caller's. */
static void set_tasks(struct connector *c, struct task **tasks, size_t n)
{
    struct worker *w = c->worker;
    pthread_mutex_lock(&w->lock);
    struct task **before = c->tasks;
    c->tasks = tasks;
    c->n_tasks = n;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    free(before);
}

/* ---- tasks ---- */

/* All are asked before the first is waited for. */
static void stop_tasks(struct connector *c)
{
    for (size_t i = 0; i < c->n_tasks; i++)
        task_stop(c->tasks[i]);
    for (size_t i = 0; i < c->n_tasks; i++)
        task_join(c->tasks[i]);
}

static void drop_tasks(struct connector *c)
{
    struct task **tasks = c->tasks;
    size_t n = c->n_tasks;
    stop_tasks(c);
    struct task **copy = mem_dup(tasks, n * sizeof(struct task *));
    set_tasks(c, NULL, 0);
    for (size_t i = 0; i < n; i++)
        task_free(copy[i]);
    free(copy);
}

static void start_tasks(struct connector *c)
{
    for (size_t i = 0; i < c->n_tasks; i++)
        if (!c->tasks[i]->started)
            task_start(c->tasks[i]);
}

static void pause_tasks(struct connector *c)
{
    stop_tasks(c);
    for (size_t i = 0; i < c->n_tasks; i++)
        task_set_status(c->tasks[i], WORKER_PAUSED, NULL);
}

static void make_tasks(struct connector *c, const struct config *configs, size_t n)
{
    struct task **tasks = mem_new_array(struct task *, n);
    for (size_t i = 0; i < n; i++)
        tasks[i] = task_new(&c->worker->task_env, c->name, (int)i, &configs[i]);
    set_tasks(c, tasks, n);
}

/* ---- planning ---- */

static void release_configs(struct source_tasks *tasks)
{
    for (size_t i = 0; i < tasks->items.len; i++)
        config_release(&tasks->items.items[i]);
    vec_free(&tasks->items);
}

/* The plug-in's own division, or one task. */
static int call_plan(const struct source_plugin *plugin, const struct config *config, int max_tasks,
                     struct source_tasks *ret, struct error *err)
{
    struct plug plug = {0};
    int code = plug_init(&plug, &plugin->info, config, NULL, err);
    if (!code && plugin->plan)
        code = plugin->plan(&plug.config, max_tasks, ret, err);
    else if (!code)
        config_init(vec_push(&ret->items));
    plug_release(&plug);
    if (!code && (ret->items.len == 0 || ret->items.len > (size_t)max_tasks))
        code = error_set(err, ERROR_INTERNAL, "%zu tasks were planned where 1 to %d are allowed", ret->items.len,
                         max_tasks);
    return code;
}

/* Complete task configurations: the connector's with the task's own on top. */
static int plan(struct connector *c, struct config *config, struct source_tasks *ret, struct error *err)
{
    struct connector_settings settings = {0};
    struct findings findings;
    struct config parsed;
    findings_init(&findings);
    config_init(&parsed);
    config_copy(&parsed, config);
    config_parse(connector_properties, &parsed, &settings, &findings);
    int code = findings_error(&findings, err);
    const struct source_plugin *plugin = NULL;
    if (!code) {
        plugin = plugins_source(c->worker->options.plugins, settings.connector_class);
        code = plugin ? 0 : plugins_unknown(c->worker->options.plugins, "source", settings.connector_class, err);
    }
    if (!code)
        code = call_plan(plugin, config, settings.tasks_max, ret, err);
    for (size_t i = 0; i < ret->items.len && !code; i++) {
        struct config own = ret->items.items[i];
        config_init(&ret->items.items[i]);
        config_copy(&ret->items.items[i], config);
        config_copy(&ret->items.items[i], &own);
        config_release(&own);
    }
    c->replan_backoff_ms = c->replan_backoff_ms ? c->replan_backoff_ms : settings.restart_backoff_ms;
    findings_release(&findings);
    config_release(&parsed);
    return code;
}

static void plan_failed(struct connector *c, const struct error *err)
{
    AUTO_BUF trace = {0};
    int64_t wait = c->replan_backoff_ms ? c->replan_backoff_ms : RESTART_BACKOFF_MS;
    buf_printf(&trace,
               "%s: %s\n\tin connector %s, while dividing its work into tasks (%s)\n\tthe next attempt follows at ",
               error_name(err->code), err->text, c->name, error_meaning(err->code));
    task_write_time(clock_wall_ms() + wait, &trace);
    buf_printf(&trace, "; POST /connectors/%s/restart tries at once", c->name);
    log_error(c->name, "%s", buf_cstr(&trace));
    set_state(c, WORKER_FAILED, buf_cstr(&trace));
    c->replan_at_ms = clock_mono_ms() + wait;
    c->replan_backoff_ms = wait * 2 < RESTART_BACKOFF_MAX_MS ? wait * 2 : RESTART_BACKOFF_MAX_MS;
}

static bool same_tasks(const struct connector *c, const struct source_tasks *planned)
{
    bool same = c->n_tasks == planned->items.len;
    for (size_t i = 0; i < c->n_tasks && same; i++)
        same = config_equal(&c->tasks[i]->config, &planned->items.items[i]);
    return same;
}

static void replace_tasks(struct connector *c, const struct source_tasks *planned)
{
    struct worker *w = c->worker;
    struct str name = str_from(c->name);
    struct error err = {0};
    int stored = configs_task_count(w->configs, name);
    drop_tasks(c);
    if (configs_put_tasks(w->configs, name, planned->items.items, planned->items.len, stored < 0 ? 0 : (size_t)stored,
                          &err) ||
        statuses_remove_tasks(w->statuses, name, planned->items.len, &err))
        log_warn(c->name, "its task configurations could not be stored: %s", err.text);
    make_tasks(c, planned->items.items, planned->items.len);
}

/* True when the tasks are as the configuration wants them. */
static bool replan(struct connector *c, struct config *config)
{
    struct source_tasks planned = {0};
    struct error err = {0};
    int code = plan(c, config, &planned, &err);
    if (code) {
        err.code = (enum error_code)code;
        plan_failed(c, &err);
    } else {
        c->replan_at_ms = c->replan_backoff_ms = 0;
        c->planned = true;
        if (!same_tasks(c, &planned))
            replace_tasks(c, &planned);
    }
    release_configs(&planned);
    return !code;
}

/* A paused connector need not reach its database to show its tasks. */
static bool take_stored_tasks(struct connector *c)
{
    int n = configs_task_count(c->worker->configs, str_from(c->name));
    if (n <= 0)
        return false;
    struct config *configs = mem_new_array(struct config, (size_t)n);
    bool all = true;
    for (int i = 0; i < n; i++) {
        config_init(&configs[i]);
        all &= configs_get_task(c->worker->configs, str_from(c->name), (size_t)i, &configs[i]);
    }
    if (all)
        make_tasks(c, configs, (size_t)n);
    for (int i = 0; i < n; i++)
        config_release(&configs[i]);
    free(configs);
    return all;
}

/* ---- seeing to wishes ---- */

struct order {
    unsigned wishes;
    uint64_t number;
    enum target_state target;
    struct config config;
    bool restart_tasks[WORKER_MAX_TASKS];
};

static void stop_connector(struct connector *c)
{
    struct worker *w = c->worker;
    struct error err = {0};
    struct str name = str_from(c->name);
    int stored = configs_task_count(w->configs, name);
    drop_tasks(c);
    c->planned = false;
    c->replan_at_ms = 0;
    if ((stored > 0 && configs_put_tasks(w->configs, name, NULL, 0, (size_t)stored, &err)) ||
        statuses_remove_tasks(w->statuses, name, 0, &err))
        log_warn(c->name, "%s", err.text);
    set_state(c, WORKER_STOPPED, NULL);
}

static void restart_chosen(struct connector *c, const bool *chosen)
{
    for (size_t i = 0; i < c->n_tasks; i++)
        if (chosen[i])
            task_stop(c->tasks[i]);
    for (size_t i = 0; i < c->n_tasks; i++) {
        if (!chosen[i])
            continue;
        task_join(c->tasks[i]);
        task_set_status(c->tasks[i], WORKER_RESTARTING, NULL);
    }
}

static void see_to(struct connector *c, struct order *o)
{
    if (o->target == TARGET_STOPPED) {
        stop_connector(c);
        return;
    }
    if (o->wishes & WISH_CONFIG)
        drop_tasks(c);
    bool stored_do = o->target == TARGET_PAUSED && !(o->wishes & (WISH_CONFIG | WISH_RESTART));
    bool ready = c->planned && !(o->wishes & (WISH_CONFIG | WISH_RESTART));
    if (!ready && stored_do)
        ready = c->n_tasks > 0 || take_stored_tasks(c);
    if (!ready && !replan(c, &o->config))
        return;
    if (o->wishes & WISH_RESTART_TASKS)
        restart_chosen(c, o->restart_tasks);
    if (o->target == TARGET_PAUSED) {
        pause_tasks(c);
        set_state(c, WORKER_PAUSED, NULL);
    } else {
        set_state(c, WORKER_RUNNING, NULL);
        start_tasks(c);
    }
}

static void wait_for_wish(struct connector *c)
{
    struct worker *w = c->worker;
    while (!c->wishes) {
        if (!c->replan_at_ms) {
            pthread_cond_wait(&c->wished, &w->lock);
            continue;
        }
        struct timespec until = {.tv_sec = (time_t)(c->replan_at_ms / 1000),
                                 .tv_nsec = (long)(c->replan_at_ms % 1000) * 1000000};
        if (pthread_cond_timedwait(&c->wished, &w->lock, &until) == ETIMEDOUT)
            c->wishes |= WISH_RESTART;
    }
}

static void take_order(struct connector *c, struct order *ret)
{
    struct worker *w = c->worker;
    pthread_mutex_lock(&w->lock);
    wait_for_wish(c);
    ret->wishes = c->wishes;
    ret->number = c->wish_number;
    ret->target = c->target;
    memcpy(ret->restart_tasks, c->restart_tasks, sizeof ret->restart_tasks);
    memset(c->restart_tasks, 0, sizeof c->restart_tasks);
    c->wishes = 0;
    config_init(&ret->config);
    config_copy(&ret->config, &c->config);
    pthread_mutex_unlock(&w->lock);
}

static void forget(struct connector *c)
{
    struct worker *w = c->worker;
    struct str name = str_from(c->name);
    struct error err = {0};
    if (configs_remove(w->configs, name, &err) || statuses_remove(w->statuses, name, &err))
        log_error(c->name, "the connector is stopped, but could not be removed from the log: %s", err.text);
    else
        log_info(c->name, "connector deleted");
}

/* What ran is nobody's now; what failed, was paused or stopped stays that. */
static void sign_off(struct connector *c)
{
    for (size_t i = 0; i < c->n_tasks; i++) {
        enum worker_state state = task_get_status(c->tasks[i], NULL);
        if (state == WORKER_RUNNING || state == WORKER_RESTARTING)
            task_set_status(c->tasks[i], WORKER_UNASSIGNED, NULL);
    }
    if (c->state == WORKER_RUNNING)
        set_state(c, WORKER_UNASSIGNED, NULL);
}

static void *connector_main(void *arg)
{
    struct connector *c = arg;
    struct worker *w = c->worker;
    struct order order = {0};
    for (;;) {
        take_order(c, &order);
        if (order.wishes & (WISH_DELETE | WISH_END))
            break;
        see_to(c, &order);
        config_release(&order.config);
        pthread_mutex_lock(&w->lock);
        c->done_number = order.number;
        pthread_cond_broadcast(&w->changed);
        pthread_mutex_unlock(&w->lock);
    }
    config_release(&order.config);
    stop_tasks(c);
    if (order.wishes & WISH_DELETE)
        forget(c);
    else
        sign_off(c);
    drop_tasks(c);
    pthread_mutex_lock(&w->lock);
    map_remove(&w->connectors, str_from(c->name));
    *vec_push(&w->ended) = pthread_self();
    pthread_cond_broadcast(&w->changed);
    connector_free(c);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

int connector_start_locked(struct connector *c, struct error *err)
{
    struct worker *w = c->worker;
    pthread_t thread;
    map_put(&w->connectors, str_from(c->name), c);
    if (pthread_create(&thread, NULL, connector_main, c) == 0)
        return 0;
    map_remove(&w->connectors, str_from(c->name));
    connector_free(c);
    return error_set(err, ERROR_IO, "no thread could be started for the connector");
}
