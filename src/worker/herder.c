#include "worker/herder.h"

#include "base/clock.h"
#include "base/log.h"
#include "conf/present.h"
#include "worker/validate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TARGET_WAIT_MS = 10000, DELETE_WAIT_MS = 60000, LABEL_SIZE = 128 };

/* The name as the context of a log line. */
static const char *label(struct str name, char *room)
{
    snprintf(room, LABEL_SIZE, STR_FMT, STR_ARG(name));
    return room;
}

/* ---- starting and stopping ---- */

static void on_changed(void *ctx)
{
    struct worker *w = ctx;
    pthread_mutex_lock(&w->lock);
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static int read_settings(struct worker *w, struct error *err)
{
    struct findings findings;
    findings_init(&findings);
    config_parse(worker_properties, &w->properties, &w->settings, &findings);
    for (size_t i = 0; i < findings.items.len; i++)
        if (findings.items.items[i].level == FINDING_WARNING)
            log_warn(NULL, STR_FMT, STR_ARG(findings.items.items[i].text));
    int code = findings_error(&findings, err);
    findings_release(&findings);
    return code;
}

static int open_stores(struct worker *w, struct error *err)
{
    struct topics *topics = w->options.topics;
    int code = configs_open(topics, w->settings.config_topic, &w->configs, err);
    if (!code)
        code = offsets_open(topics, w->settings.offset_topic, &w->offsets, err);
    return code ? code : statuses_open(topics, w->settings.status_topic, w->worker_id, &w->statuses, err);
}

/* A connector of an earlier life: its last known state is shown until it has another. */
static int restore(void *ctx, struct str name, const struct config *c, enum target_state target)
{
    struct worker *w = ctx;
    AUTO_BUF trace = {0};
    struct error err = {0};
    struct connector *connector = connector_new(w, name, c, target);
    enum worker_state state;
    if (statuses_get(w->statuses, name, -1, &state, &trace) && state != WORKER_RUNNING) {
        connector->state = state;
        connector->trace = trace.len ? mem_strdup(buf_cstr(&trace)) : NULL;
    }
    pthread_mutex_lock(&w->lock);
    connector_wish_locked(connector, WISH_TARGET);
    if (connector_start_locked(connector, &err))
        log_error(NULL, "connector " STR_FMT ": %s", STR_ARG(name), err.text);
    pthread_mutex_unlock(&w->lock);
    return 0;
}

static void free_worker(struct worker *w)
{
    statuses_close(w->statuses);
    offsets_close(w->offsets);
    configs_close(w->configs);
    config_release(&w->properties);
    config_release(&w->sink_config);
    map_free(&w->connectors, NULL);
    vec_free(&w->ended);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

static struct worker *new_worker(const struct worker_options *options)
{
    struct worker *w = mem_new(struct worker);
    w->options = *options;
    w->worker_id = options->worker_id ? options->worker_id : "127.0.0.1:8083";
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->changed, &attr);
    pthread_condattr_destroy(&attr);
    config_init(&w->properties);
    config_init(&w->sink_config);
    if (options->properties)
        config_copy(&w->properties, options->properties);
    if (options->sink_properties)
        config_copy(&w->sink_config, options->sink_properties);
    return w;
}

static int find_sink(struct worker *w, const struct sink_plugin **ret, struct error *err)
{
    struct str name = str_from(w->options.sink ? w->options.sink : "topics");
    *ret = plugins_sink(w->options.plugins, name);
    return *ret ? 0 : plugins_unknown(w->options.plugins, "sink", name, err);
}

int worker_start(const struct worker_options *options, struct worker **ret, struct error *err)
{
    struct worker *w = new_worker(options);
    const struct sink_plugin *sink = NULL;
    int code = read_settings(w, err);
    if (!code)
        code = find_sink(w, &sink, err);
    if (!code)
        code = open_stores(w, err);
    if (code) {
        free_worker(w);
        return code;
    }
    w->task_env = (struct task_env){
        .topics = options->topics,
        .registry = options->registry,
        .plugins = options->plugins,
        .settings = &w->settings,
        .worker_config = &w->properties,
        .sink = sink,
        .sink_config = &w->sink_config,
        .offsets = w->offsets,
        .statuses = w->statuses,
        .changed = on_changed,
        .ctx = w,
    };
    configs_each(w->configs, restore, w);
    *ret = w;
    return 0;
}

static struct timespec deadline_after(int64_t ms)
{
    int64_t at = clock_mono_ms() + ms;
    return (struct timespec){.tv_sec = (time_t)(at / 1000), .tv_nsec = (long)(at % 1000) * 1000000};
}

/* Joins the actors that have ended. The lock is held; they need it no more when they are in the list, but for giving
 * it back. */
static void reap_locked(struct worker *w)
{
    while (w->ended.len) {
        pthread_t thread = w->ended.items[--w->ended.len];
        pthread_mutex_unlock(&w->lock);
        pthread_join(thread, NULL);
        pthread_mutex_lock(&w->lock);
    }
}

void worker_stop(struct worker *w)
{
    if (!w)
        return;
    struct timespec deadline = deadline_after(w->settings.graceful_timeout_ms);
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    for (size_t i = 0; i < w->connectors.len; i++)
        connector_wish_locked(w->connectors.entries[i].value, WISH_END);
    bool late = false;
    while (w->connectors.len && !late)
        late = pthread_cond_timedwait(&w->changed, &w->lock, &deadline) == ETIMEDOUT;
    late = late && w->connectors.len;
    for (size_t i = 0; late && i < w->connectors.len; i++)
        log_error(w->connectors.entries[i].key.ptr,
                  "did not stop within %lld ms: what it has not committed is read again at the next start",
                  (long long)w->settings.graceful_timeout_ms);
    reap_locked(w);
    pthread_mutex_unlock(&w->lock);
    if (!late)
        free_worker(w); /* else its threads still use it, for the short rest of the process */
}

/* ---- waiting ---- */

bool worker_wait_wish(struct worker *w, struct str name, uint64_t number, int64_t timeout_ms)
{
    struct timespec deadline = deadline_after(timeout_ms);
    bool done = false, late = false;
    pthread_mutex_lock(&w->lock);
    while (!done && !late) {
        struct connector *c = map_get(&w->connectors, name);
        done = !c || c->done_number >= number;
        if (!done)
            late = pthread_cond_timedwait(&w->changed, &w->lock, &deadline) == ETIMEDOUT;
    }
    pthread_mutex_unlock(&w->lock);
    return done;
}

struct connector *worker_find_locked(struct worker *w, struct str name)
{
    struct connector *c = map_get(&w->connectors, name);
    return c && !(c->wishes & (WISH_DELETE | WISH_END)) && !c->deleting ? c : NULL;
}

static int not_found(struct str name, struct error *err)
{
    return error_set(err, ERROR_NOT_FOUND, "Connector " STR_FMT " not found", STR_ARG(name));
}

/* ---- configurations ---- */

void worker_write_findings(const struct findings *findings, struct buf *out)
{
    buf_printf(out, "Connector configuration is invalid and contains the following %zu error(s):", findings->errors);
    for (size_t i = 0; i < findings->items.len; i++) {
        const struct finding *f = &findings->items.items[i];
        if (f->level == FINDING_ERROR)
            buf_printf(out, "\n" STR_FMT, STR_ARG(f->text));
    }
    buf_add_literal(out, "\nYou can also find the above list of errors at the endpoint "
                         "`/connector-plugins/{connectorType}/config/validate`");
}

static int reject(const struct findings *findings, struct buf *ret_text, struct error *err)
{
    AUTO_BUF text = {0};
    worker_write_findings(findings, &text);
    if (ret_text)
        buf_add_str(ret_text, buf_str(&text));
    return error_set(err, ERROR_CONFIG, "%s", buf_cstr(&text));
}

static int check(struct worker *w, struct str name, const struct config *c, unsigned flags, struct buf *ret_text,
                 struct error *err)
{
    struct findings findings, live;
    findings_init(&findings);
    findings_init(&live);
    worker_validate(w->options.plugins, &w->properties, name, c, false, &findings);
    int code = findings.errors ? reject(&findings, ret_text, err) : 0;
    if (!code) {
        validate_live(w->options.plugins, c, &live);
        if (live.errors && !(flags & PUT_LENIENT))
            code = reject(&live, ret_text, err);
        findings_append(&findings, "", &live);
    }
    for (size_t i = 0; i < findings.items.len && !code; i++)
        log_warn(label(name, (char[LABEL_SIZE]){0}), STR_FMT, STR_ARG(findings.items.items[i].text));
    findings_release(&live);
    findings_release(&findings);
    return code;
}

static void log_config(const struct worker *w, struct str name, const struct config *c)
{
    const struct source_plugin *plugin = plugins_source(w->options.plugins, config_get(c, "connector.class"));
    const struct property *tables[] = {connector_properties, plugin ? plugin->info.properties : NULL, NULL};
    AUTO_BUF text = {0};
    config_write_masked(tables, c, &text);
    for (struct str rest = buf_str(&text); rest.len;) {
        struct str line = str_split(rest, '\n', &rest);
        log_info(label(name, (char[LABEL_SIZE]){0}), "    " STR_FMT, STR_ARG(line));
    }
}

/* Under the lock: what is to be done with an existing or a missing connector. */
static int put_locked(struct worker *w, struct str name, const struct config *c, enum target_state target,
                      unsigned flags, bool *ret_created, struct error *err)
{
    struct connector *connector = map_get(&w->connectors, name);
    if (w->stopping)
        return error_set(err, ERROR_STOPPED, "the worker is stopping");
    if (connector && (flags & PUT_NEW_ONLY))
        return error_set(err, ERROR_CONFLICT, "Connector " STR_FMT " already exists", STR_ARG(name));
    if (connector && connector->deleting)
        return error_set(err, ERROR_CONFLICT, "Connector " STR_FMT " is being deleted", STR_ARG(name));
    *ret_created = !connector;
    if (connector && config_equal(&connector->config, c))
        return 0;
    if (!connector && w->connectors.len >= WORKER_MAX_CONNECTORS)
        return error_set(err, ERROR_CONFLICT, "there are %d connectors already, which is the limit",
                         WORKER_MAX_CONNECTORS);
    int code = configs_put(w->configs, name, c, connector ? connector->target : target, err);
    if (code)
        return code;
    if (!connector) {
        connector = connector_new(w, name, c, target);
        connector_wish_locked(connector, WISH_CONFIG);
        return connector_start_locked(connector, err);
    }
    config_release(&connector->config);
    config_init(&connector->config);
    config_copy(&connector->config, c);
    connector_wish_locked(connector, WISH_CONFIG);
    return 0;
}

int worker_put(struct worker *w, struct str name, const struct config *c, enum target_state target, unsigned flags,
               bool *ret_created, struct buf *ret_text, struct error *err)
{
    bool created = false;
    struct config complete;
    config_init(&complete);
    config_copy(&complete, c);
    if (!config_has(&complete, STR("name")))
        config_set(&complete, STR("name"), name);
    int code = check(w, name, &complete, flags, ret_text, err);
    if (!code) {
        pthread_mutex_lock(&w->lock);
        reap_locked(w);
        code = put_locked(w, name, &complete, target, flags, &created, err);
        pthread_mutex_unlock(&w->lock);
    }
    if (!code) {
        log_info(label(name, (char[LABEL_SIZE]){0}), "connector %s", created ? "created" : "configured");
        log_config(w, name, &complete);
        if (ret_created)
            *ret_created = created;
    }
    config_release(&complete);
    return code;
}

int worker_put_connector_in(struct worker *w, struct str name, const struct config *c, enum config_state state,
                            struct error *err)
{
    static const enum target_state targets[] = {
        [CONFIG_STATE_RUNNING] = TARGET_STARTED,
        [CONFIG_STATE_PAUSED] = TARGET_PAUSED,
        [CONFIG_STATE_STOPPED] = TARGET_STOPPED,
    };
    return worker_put(w, name, c, targets[state], PUT_LENIENT, NULL, NULL, err);
}

int worker_put_connector(struct worker *w, struct str name, const struct config *c, struct error *err)
{
    return worker_put_connector_in(w, name, c, CONFIG_STATE_RUNNING, err);
}

int worker_delete_connector(struct worker *w, struct str name, struct error *err)
{
    pthread_mutex_lock(&w->lock);
    struct connector *c = worker_find_locked(w, name);
    uint64_t number = 0;
    if (c) {
        c->deleting = true;
        number = connector_wish_locked(c, WISH_DELETE);
    }
    pthread_mutex_unlock(&w->lock);
    if (!c)
        return not_found(name, err);
    if (!worker_wait_wish(w, name, number, DELETE_WAIT_MS))
        return error_set(err, ERROR_TIMEOUT,
                         "connector " STR_FMT " did not stop within %d s; it is deleted when it does", STR_ARG(name),
                         DELETE_WAIT_MS / 1000);
    pthread_mutex_lock(&w->lock);
    reap_locked(w);
    pthread_mutex_unlock(&w->lock);
    return 0;
}

int worker_get_config(struct worker *w, struct str name, struct config *ret, enum target_state *ret_target,
                      struct error *err)
{
    pthread_mutex_lock(&w->lock);
    struct connector *c = worker_find_locked(w, name);
    if (c) {
        config_copy(ret, &c->config);
        if (ret_target)
            *ret_target = c->target;
    }
    pthread_mutex_unlock(&w->lock);
    return c ? 0 : not_found(name, err);
}

int worker_offsets_of(struct worker *w, const struct config *c, struct offsets_store **ret, bool *ret_owned,
                      struct error *err)
{
    struct str topic = config_get(c, "offsets.storage.topic");
    *ret_owned = topic.len > 0;
    if (topic.len)
        return offsets_open(w->options.topics, topic, ret, err);
    *ret = w->offsets;
    return offsets_refresh(w->offsets, err);
}

/* ---- target states and restarts ---- */

int worker_set_target(struct worker *w, struct str name, enum target_state target, bool wait, struct error *err)
{
    uint64_t number = 0;
    int code = 0;
    pthread_mutex_lock(&w->lock);
    struct connector *c = worker_find_locked(w, name);
    if (!c)
        code = error_set(err, ERROR_NOT_FOUND, "Unknown connector " STR_FMT, STR_ARG(name));
    else if (c->target != target)
        code = configs_put_target(w->configs, name, target, err);
    if (!code) {
        c->target = target;
        number = connector_wish_locked(c, WISH_TARGET);
    }
    pthread_mutex_unlock(&w->lock);
    if (!code && wait && !worker_wait_wish(w, name, number, TARGET_WAIT_MS))
        log_warn(label(name, (char[LABEL_SIZE]){0}), "is still working off what it has read");
    return code;
}

int worker_restart(struct worker *w, struct str name, bool include_tasks, bool only_failed, struct error *err)
{
    int code = 0;
    pthread_mutex_lock(&w->lock);
    struct connector *c = worker_find_locked(w, name);
    if (!c) {
        code = include_tasks || only_failed
                   ? error_set(err, ERROR_NOT_FOUND, "Unknown connector: " STR_FMT, STR_ARG(name))
                   : not_found(name, err);
    } else {
        unsigned wishes = !only_failed || c->state == WORKER_FAILED ? WISH_RESTART : WISH_TARGET;
        for (size_t i = 0; include_tasks && i < c->n_tasks; i++) {
            if (only_failed && task_get_status(c->tasks[i], NULL) != WORKER_FAILED)
                continue;
            c->restart_tasks[i] = true;
            wishes |= WISH_RESTART_TASKS;
        }
        connector_wish_locked(c, wishes);
    }
    pthread_mutex_unlock(&w->lock);
    return code;
}

int worker_restart_task(struct worker *w, struct str name, int64_t task, struct error *err)
{
    uint64_t number = 0;
    int code = 0;
    pthread_mutex_lock(&w->lock);
    struct connector *c = worker_find_locked(w, name);
    if (!c) {
        code = not_found(name, err);
    } else if (task < 0 || (size_t)task >= c->n_tasks) {
        code = error_set(err, ERROR_NOT_FOUND, "Task " STR_FMT "-%lld not found", STR_ARG(name), (long long)task);
    } else {
        c->restart_tasks[task] = true;
        number = connector_wish_locked(c, WISH_RESTART_TASKS);
    }
    pthread_mutex_unlock(&w->lock);
    if (!code)
        worker_wait_wish(w, name, number, TARGET_WAIT_MS);
    return code;
}
