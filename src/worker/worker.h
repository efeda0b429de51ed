/*
 * The worker: Kafka Connect's runtime, standalone. It keeps connectors, runs their tasks, remembers positions and
 * statuses in the log's own compacted topics, and answers Kafka Connect's REST API.
 *
 *     worker_start            opens the stores and starts every connector that they hold
 *     worker_put_connector    creates or changes one
 *     worker_rest_start       serves worker_routes
 *     worker_stop             readers stop, queues drain, last commit, statuses written
 *
 * Threads: every function may be called from any thread. A task runs two threads of its own (reader and pipeline);
 * one supervisor thread starts, restarts and writes what they report.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "api/plugins.h"
#include "base/wake.h"
#include "conf/conf.h"
#include "conf/read.h"
#include "http/server.h"
#include "registry/registry.h"
#include "topics/topics.h"

struct worker;

enum {
    WORKER_STOP_LIMIT_MS = 20000, /* worker_stop gives up on tasks that have not drained by then */
    WORKER_MAX_CONNECTORS = 1024,
    WORKER_MAX_TASKS = 256, /* of one connector */
};

/* Everything is the caller's and outlives the worker. */
struct worker_options {
    struct topics *topics;
    struct registry *registry; /* NULL: converters that need one say so */
    const struct plugins *plugins;
    const char *worker_id;                /* "127.0.0.1:8083"; NULL: that */
    const struct config *properties;      /* worker properties as the user wrote them; NULL: defaults */
    const char *sink;                     /* class or short name; NULL: "topics" */
    const struct config *sink_properties; /* what the sink's own table reads; NULL: none */
};

/* Properties of the worker and of every connector, for `check`, `docs` and the reference pages. */
extern const struct property worker_properties[];
extern const struct property connector_properties[];
extern const char *const connector_property_prefixes[]; /* names below them belong to plug-ins: "transforms." ... */

/* ERROR_CONFIG with all findings about the worker properties. Connectors that cannot start fail by themselves. */
int worker_start(const struct worker_options *options, struct worker **ret, struct error *err);
void worker_stop(struct worker *w); /* frees it; NULL is fine */

/* Creates the connector, or changes its configuration; the same configuration again is a no-op. ERROR_CONFIG holds
 * all findings in Kafka Connect's wording. The call returns when the configuration is stored; the tasks start after
 * it. `c` is copied. */
int worker_put_connector(struct worker *w, struct str name, const struct config *c, struct error *err);
/* The same; a connector that is created begins in the state. */
int worker_put_connector_in(struct worker *w, struct str name, const struct config *c, enum config_state state,
                            struct error *err);
int worker_delete_connector(struct worker *w, struct str name, struct error *err);

/* org.apache.kafka.connect.runtime.AbstractStatus.State */
enum worker_state {
    WORKER_UNASSIGNED,
    WORKER_RUNNING,
    WORKER_PAUSED,
    WORKER_FAILED,
    WORKER_DESTROYED,
    WORKER_RESTARTING,
    WORKER_STOPPED,
};
extern const char *const worker_state_names[]; /* by the enum, NULL-terminated */

struct worker_task_status {
    enum worker_state state;
    struct str trace; /* STR_NULL when there is none */
    uint64_t records, bytes, commits;
};

struct worker_connector_status {
    struct str name, class_name;
    enum worker_state state;
    struct str trace;
    struct worker_task_status *tasks;
    size_t n_tasks;
};

/* Everything in the arena; in order of creation. */
size_t worker_list(struct worker *w, struct arena *arena, struct worker_connector_status **ret);
int worker_status(struct worker *w, struct str name, struct arena *arena, struct worker_connector_status *ret,
                  struct error *err);

/* True for the topics in which the worker and its connectors keep what they know: configurations, positions, statuses,
 * the memory of sources. */
bool worker_keeps_topic(struct worker *w, struct str topic);

/* Waits until the connector and all of its tasks are in `state`, or any of them has failed. ERROR_TIMEOUT, or
 * ERROR_DATA with the trace of what failed. */
int worker_await(struct worker *w, struct str name, enum worker_state state, int64_t timeout_ms, struct error *err);

/* Appends the OpenAPI description of worker_routes and topics_routes, as GET /openapi.json answers it. */
void worker_write_openapi(struct buf *out);

/* Kafka Connect's REST API over the worker, one row a route. worker_rest_start asks nobody who they are: who reaches
 * the address may do everything (cli/secure.h has servers that do ask). */
extern const struct http_route worker_routes[]; /* their ctx is the struct worker */
int worker_rest_start(struct worker *w, const char *address, uint16_t port, struct http_server **ret,
                      struct error *err);

/* All findings about one connector's configuration, without a worker: common properties, the plug-in's own, its
 * converters, transforms and predicates, unknown names; with `live` also the plug-in's check against the database.
 * `properties` are the worker's (for converter defaults); may be NULL. */
void worker_validate(const struct plugins *plugins, const struct config *properties, struct str name,
                     const struct config *c, bool live, struct findings *findings);

#endif
