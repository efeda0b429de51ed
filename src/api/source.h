/*
 * A source: a database connector. Written as one folder under sources/; see docs/adding-a-source.md.
 *
 * A connector is configured once and runs as tasks, each with its own thread (the reader), its own
 * configuration (from plan) and its own position in the source. The runtime calls, in this order:
 *
 *     check   when a configuration is validated or posted (any thread, may reach the database)
 *     plan    to divide the work into tasks
 *     open    in the reader thread: connect; continue after the stored positions, or start
 *     read    again and again in the reader thread: fill one batch
 *     commit  in the reader thread, between reads: everything up to this position is safe downstream
 *     close   in the reader thread
 *
 * Errors: a retriable one (base/error.h) closes the source and opens it again with back-off, from the last
 * acknowledged position; any other fails the task with the error's text as its trace.
 */
#ifndef API_SOURCE_H
#define API_SOURCE_H

#include "api/plugin.h"
#include "base/error.h"
#include "base/wake.h"
#include "data/record.h"

/* The key-value memory that a source may have besides its position, e.g. a schema history: kept in a
 * compacted topic by the runtime. */
struct source_store {
    void *ctx;
    int (*put)(void *ctx, struct str key, struct str value, struct error *err); /* value STR_NULL removes */
    bool (*get)(void *ctx, struct str key, struct buf *out);
};

/* What the runtime gives to a task. Valid from open to close. */
struct source_env {
    const char *connector;   /* its name */
    int task;                /* 0, 1, ... */
    const struct wake *stop; /* raised: return from read soon, with what there is (wait with wake_wait) */
    size_t max_batch_bytes;  /* end a batch when batch_bytes() passes this */

    /* The stored offset of a source partition: true and *ret (in arena) when there is one. */
    bool (*offset)(void *ctx, const struct position_map *partition, struct arena *arena, struct position_map *ret);
    void (*log)(void *ctx, int level, const char *text); /* enum log_level; for progress a person wants to see */
    void *ctx;
    const struct source_store *store;
};

/* Task configurations made by plan: entries that are put on top of the connector's own configuration. */
struct source_tasks {
    VEC(struct config) items; /* initialised; the runtime releases them */
};

struct source;

struct source_plugin {
    struct plugin_info info;
    /* Findings that need more than one property, or the live database. NULL: none. May be slow. */
    void (*check)(const struct plugin_config *config, struct findings *findings);
    /* 1 to max_tasks configurations. NULL: one task with the connector's configuration. */
    int (*plan)(const struct plugin_config *config, int max_tasks, struct source_tasks *ret, struct error *err);
    /* `config` stays valid until close. */
    int (*open)(const struct source_env *env, const struct plugin_config *config, struct source **ret,
                struct error *err);
    /* Fills the empty batch and returns. Waits for data itself, with wake_wait on env->stop; may return an
     * empty batch. Several reads may pass before a commit. */
    int (*read)(struct source *source, struct batch *batch, struct error *err);
    int (*commit)(struct source *source, const struct position *position,
                  struct error *err); /* NULL: nothing to confirm */
    void (*close)(struct source *source);
};

#endif
