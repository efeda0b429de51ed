/*
 * `struct run`: one attempt of a task, from opening to closing, shared by its two threads. The reader (the task's own
 * thread, run.c) fills batches from the source; the pipeline (pipeline.c) transforms, encodes and writes them, and
 * commits. Batches go round: idle -> reader -> full -> pipeline -> idle.
 */
#ifndef WORKER_RUN_H
#define WORKER_RUN_H

#include "base/queue.h"
#include "worker/acks.h"
#include "worker/chain.h"
#include "worker/encoder.h"
#include "worker/plug.h"
#include "worker/task.h"
#include "worker/topic_rules.h"

enum pipeline_state { PIPELINE_OPENING, PIPELINE_READY, PIPELINE_FAILED, PIPELINE_DONE };

struct run {
    struct task *task;
    const struct connector_settings *settings;
    struct config *config;
    struct offsets_store *offsets;
    struct batch batches[BATCHES_PER_TASK];
    struct queue idle, full;
    struct acks acks;

    pthread_mutex_t lock; /* for what follows, up to the blank line */
    pthread_cond_t changed;
    enum pipeline_state state;
    struct error error; /* of PIPELINE_FAILED */
    const char *stage;

    pthread_t pipeline;
    const struct sink_plugin *sink_plugin;
};

/* The pipeline's thread: arg is the struct run. */
void *pipeline_main(void *arg);

/* The memory that a source may have besides its position; task_store.c. */
struct task_store;
char *task_store_topic(const char *connector); /* malloc'ed */
struct task_store *task_store_new(struct topics *topics, const char *connector);
const struct source_store *task_store_source(struct task_store *s);
void task_store_free(struct task_store *s);

#endif
