/*
 * The worker's connectors. Each has a thread of its own (its actor), which plans its tasks, starts and stops them, and
 * writes what others see. Everybody else only states wishes: a new configuration, another target state, a restart, the
 * end. So a connector whose database does not answer holds up nobody else.
 */
#ifndef WORKER_HERDER_H
#define WORKER_HERDER_H

#include "base/map.h"
#include "worker/stores.h"
#include "worker/task.h"
#include "worker/worker.h"

enum wish {
    WISH_CONFIG = 1,        /* the configuration is new, or is to be planned anew */
    WISH_TARGET = 2,        /* another target state */
    WISH_RESTART = 4,       /* of the connector */
    WISH_RESTART_TASKS = 8, /* of those in `restart_tasks` */
    WISH_DELETE = 16,
    WISH_END = 32, /* the worker stops */
};

struct connector {
    struct worker *worker;
    char *name;
    pthread_cond_t wished;

    /* Under the worker's lock: */
    struct config config; /* as the user wrote it */
    enum target_state target;
    unsigned wishes; /* enum wish */
    bool deleting;
    bool restart_tasks[WORKER_MAX_TASKS];
    uint64_t wish_number, done_number; /* of the last wish, and of the last that was seen to */
    enum worker_state state;
    char *trace;
    struct task **tasks; /* changed by the actor */
    size_t n_tasks;

    /* The actor's own: */
    bool planned;                            /* the tasks come from a plan, not from the store */
    int64_t replan_at_ms, replan_backoff_ms; /* monotonic; 0: no plan has failed */
};

struct worker {
    struct worker_options options;
    struct config properties; /* a copy; owns the texts of settings */
    struct worker_settings settings;
    struct config sink_config;
    struct task_env task_env;
    struct configs_store *configs;
    struct offsets_store *offsets;
    struct statuses_store *statuses;
    const char *worker_id;

    pthread_mutex_t lock;   /* for what follows, and what struct connector says */
    pthread_cond_t changed; /* something that somebody may wait for */
    struct map connectors;  /* name -> struct connector */
    VEC(pthread_t) ended;   /* actors to be joined */
    bool stopping;
};

/* ---- connector.c; the worker's lock is held where a name says so ---- */

struct connector *connector_new(struct worker *w, struct str name, const struct config *c, enum target_state target);
/* Starts its actor and makes it known; on failure it is freed. */
int connector_start_locked(struct connector *c, struct error *err);
/* States wishes; the number to wait for. */
uint64_t connector_wish_locked(struct connector *c, unsigned wishes);
/* Waits, without the lock, until the wish was seen to or the connector is gone; false after the time. */
bool worker_wait_wish(struct worker *w, struct str name, uint64_t number, int64_t timeout_ms);

/* ---- herder.c ---- */

/* NULL when there is none, or it is being deleted. */
struct connector *worker_find_locked(struct worker *w, struct str name);

enum put_flags {
    PUT_NEW_ONLY = 1, /* ERROR_CONFLICT when it exists */
    PUT_LENIENT = 2,  /* what the live check finds is only logged */
};
/* *ret_created may be NULL. ERROR_CONFIG: all findings, as Kafka Connect words them, are appended to *ret_text (may be
 * NULL). `target` applies to a new one. */
int worker_put(struct worker *w, struct str name, const struct config *c, enum target_state target, unsigned flags,
               bool *ret_created, struct buf *ret_text, struct error *err);
int worker_set_target(struct worker *w, struct str name, enum target_state target, bool wait, struct error *err);
int worker_restart(struct worker *w, struct str name, bool include_tasks, bool only_failed, struct error *err);
int worker_restart_task(struct worker *w, struct str name, int64_t task, struct error *err);
/* A copy of the configuration, secrets and all. ret: initialised. */
int worker_get_config(struct worker *w, struct str name, struct config *ret, enum target_state *ret_target,
                      struct error *err);
/* The offsets store that a configuration names; owned by the caller when *ret_owned. */
int worker_offsets_of(struct worker *w, const struct config *c, struct offsets_store **ret, bool *ret_owned,
                      struct error *err);

/* Kafka Connect's text for findings: "Connector configuration is invalid and contains the following N error(s):..." */
void worker_write_findings(const struct findings *findings, struct buf *out);

#endif
