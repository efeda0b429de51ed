#include "worker/herder.h"

#include "base/clock.h"
#include "worker/run.h"

#include <errno.h>
#include <time.h>

static uint64_t load(atomic_ullong *counter)
{
    return (uint64_t)atomic_load_explicit(counter, memory_order_relaxed);
}

static void copy_task(struct task *t, struct arena *arena, struct worker_task_status *ret)
{
    AUTO_BUF trace = {0};
    ret->state = task_get_status(t, &trace);
    ret->trace = trace.len ? arena_str(arena, buf_str(&trace)) : STR_NULL;
    ret->records = load(&t->counters.records);
    ret->bytes = load(&t->counters.bytes);
    ret->commits = load(&t->counters.commits);
}

static void copy_status(const struct connector *c, struct arena *arena, struct worker_connector_status *ret)
{
    *ret = (struct worker_connector_status){
        .name = arena_cstr(arena, c->name),
        .class_name = arena_str(arena, config_get(&c->config, "connector.class")),
        .state = c->state,
        .trace = arena_cstr(arena, c->trace),
        .tasks = arena_array(arena, struct worker_task_status, c->n_tasks),
        .n_tasks = c->n_tasks,
    };
    for (size_t i = 0; i < c->n_tasks; i++)
        copy_task(c->tasks[i], arena, &ret->tasks[i]);
}

size_t worker_list(struct worker *w, struct arena *arena, struct worker_connector_status **ret)
{
    pthread_mutex_lock(&w->lock);
    size_t n = 0;
    *ret = arena_array(arena, struct worker_connector_status, w->connectors.len);
    for (size_t i = 0; i < w->connectors.len; i++) {
        const struct connector *c = w->connectors.entries[i].value;
        if (!c->deleting)
            copy_status(c, arena, &(*ret)[n++]);
    }
    pthread_mutex_unlock(&w->lock);
    return n;
}

int worker_status(struct worker *w, struct str name, struct arena *arena, struct worker_connector_status *ret,
                  struct error *err)
{
    pthread_mutex_lock(&w->lock);
    const struct connector *c = worker_find_locked(w, name);
    if (c)
        copy_status(c, arena, ret);
    pthread_mutex_unlock(&w->lock);
    return c ? 0 : error_set(err, ERROR_NOT_FOUND, "No status found for connector " STR_FMT, STR_ARG(name));
}

static bool connector_keeps_topic(const struct connector *c, struct str topic)
{
    AUTO_FREE char *store = task_store_topic(c->name);
    return str_is(topic, store) || str_equal(topic, config_get(&c->config, "offsets.storage.topic"));
}

bool worker_keeps_topic(struct worker *w, struct str topic)
{
    const struct worker_settings *s = &w->settings;
    bool keeps =
        str_equal(topic, s->config_topic) || str_equal(topic, s->offset_topic) || str_equal(topic, s->status_topic);
    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < w->connectors.len && !keeps; i++)
        keeps = connector_keeps_topic(w->connectors.entries[i].value, topic);
    pthread_mutex_unlock(&w->lock);
    return keeps;
}

enum progress { WAITING, REACHED, BROKEN };

static enum progress look(const struct connector *c, enum worker_state state, struct error *err)
{
    bool settled = c->done_number == c->wish_number;
    bool all = settled && c->state == state;
    if (c->state == WORKER_FAILED && state != WORKER_FAILED && settled) {
        error_set(err, ERROR_DATA, "%s", c->trace ? c->trace : "the connector failed");
        return BROKEN;
    }
    for (size_t i = 0; i < c->n_tasks; i++) {
        AUTO_BUF trace = {0};
        enum worker_state now = task_get_status(c->tasks[i], &trace);
        if (now == WORKER_FAILED && state != WORKER_FAILED && settled) {
            error_set(err, ERROR_DATA, "%s", buf_cstr(&trace));
            return BROKEN;
        }
        all = all && now == state;
    }
    return all ? REACHED : WAITING;
}

int worker_await(struct worker *w, struct str name, enum worker_state state, int64_t timeout_ms, struct error *err)
{
    int64_t at = clock_mono_ms() + timeout_ms;
    struct timespec until = {.tv_sec = (time_t)(at / 1000), .tv_nsec = (long)(at % 1000) * 1000000};
    enum progress progress = WAITING;
    int code = 0;
    bool late = false;
    pthread_mutex_lock(&w->lock);
    while (progress == WAITING && !code) {
        const struct connector *c = worker_find_locked(w, name);
        if (!c)
            code = error_set(err, ERROR_NOT_FOUND, "Connector " STR_FMT " not found", STR_ARG(name));
        else
            progress = look(c, state, err);
        if (progress != WAITING || code)
            break;
        if (late)
            code = error_set(err, ERROR_TIMEOUT, "connector " STR_FMT " was not %s within %lld ms", STR_ARG(name),
                             worker_state_names[state], (long long)timeout_ms);
        else
            late = pthread_cond_timedwait(&w->changed, &w->lock, &until) == ETIMEDOUT;
    }
    pthread_mutex_unlock(&w->lock);
    return progress == BROKEN ? ERROR_DATA : code;
}
