/*
 * `struct task`: one task of a connector, with the thread that runs it. The thread opens the source, reads, and after
 * a failure waits and begins anew; it ends when it is asked to stop, or after a failure that nobody wants repeated.
 *
 *     task_new -> task_start -> task_stop -> task_join -> task_start ... -> task_free
 *
 * What others may see of it (state, trace, counters) is in `struct task_status`, under the task's own lock.
 */
#ifndef WORKER_TASK_H
#define WORKER_TASK_H

#include "api/plugins.h"
#include "base/wake.h"
#include "worker/settings.h"
#include "worker/stores.h"

#include <pthread.h>
#include <stdatomic.h>

struct counters {
    atomic_ullong records, bytes, commits; /* acknowledged by the sink */
    atomic_ullong read;                    /* records that came from the source */
    atomic_ullong skipped;                 /* errors.tolerance=all */
    atomic_ullong dead_letters;            /* of those, written to the dead-letter topic */
    atomic_ullong failures;
    atomic_llong last_commit_ms; /* wall clock; 0: never */
    atomic_llong queue_records, queue_bytes;
};

/* What a task needs from its worker. Everything outlives it. */
struct task_env {
    struct topics *topics;
    struct registry *registry;
    const struct plugins *plugins;
    const struct worker_settings *settings;
    const struct config *worker_config;
    const struct sink_plugin *sink;
    const struct config *sink_config;
    struct offsets_store *offsets;
    struct statuses_store *statuses;
    /* Called without the task's lock, after every change of its status. */
    void (*changed)(void *ctx);
    void *ctx;
};

struct task {
    const struct task_env *env;
    char *connector, *label; /* label: "connector|task-0", the context of log lines */
    char *owner;             /* "connector-0", of the sink's transactions */
    int index;
    struct config config; /* the connector's with the task's own on top, as written; replaced only while stopped */

    pthread_t thread;
    bool started;          /* the thread is to be joined */
    struct wake interrupt; /* raised: the source shall return from read */
    struct counters counters;

    pthread_mutex_t lock; /* for what follows */
    bool stopping, finished;
    enum worker_state state;
    char *trace;
};

struct task *task_new(const struct task_env *env, const char *connector, int index, const struct config *config);
void task_free(struct task *t); /* must be stopped and joined */

void task_start(struct task *t);
void task_stop(struct task *t); /* asks; returns at once */
bool task_finished(struct task *t);
void task_join(struct task *t); /* waits; fine when it is not running */

/* Changes what is shown, and stores it. `trace` NULL: none. */
void task_set_status(struct task *t, enum worker_state state, const char *trace);
/* The trace, if there is one, is appended to *trace (may be NULL). */
enum worker_state task_get_status(struct task *t, struct buf *trace);
bool task_is_stopping(struct task *t);

/* "2026-01-31T10:00:04Z", appended: when something follows, in traces. */
void task_write_time(int64_t wall_ms, struct buf *out);

/* run.c: from opening to closing, once. `stage` says where an error came from, for the trace. */
int task_run(struct task *t, const struct connector_settings *settings, struct config *config,
             const struct source_plugin *plugin, const char **ret_stage, bool *ret_progress, struct error *err);

#endif
