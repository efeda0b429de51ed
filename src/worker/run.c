#include "worker/run.h"

#include "base/log.h"

#include <stdlib.h>

/* ---- what the source may ask of us ---- */

static bool env_offset(void *ctx, const struct position_map *partition, struct arena *arena, struct position_map *ret)
{
    struct run *run = ctx;
    return offsets_find(run->offsets, str_from(run->task->connector), partition, arena, ret);
}

static void env_log(void *ctx, int level, const char *text)
{
    struct run *run = ctx;
    log_write((enum log_level)level, run->task->label, "%s", text);
}

/* ---- the pipeline beside us ---- */

/* Waits until the pipeline has opened its sink: then the positions of whoever wrote before are final. */
static int start_pipeline(struct run *run, struct error *err)
{
    if (pthread_create(&run->pipeline, NULL, pipeline_main, run))
        return error_set(err, ERROR_IO, "no thread could be started for the pipeline");
    pthread_mutex_lock(&run->lock);
    while (run->state == PIPELINE_OPENING)
        pthread_cond_wait(&run->changed, &run->lock);
    pthread_mutex_unlock(&run->lock);
    return 0;
}

static bool pipeline_failed(struct run *run)
{
    pthread_mutex_lock(&run->lock);
    bool failed = run->state == PIPELINE_FAILED;
    pthread_mutex_unlock(&run->lock);
    return failed;
}

/* Lets the pipeline drain, and waits for it. Its own error is the one that counts: it is why the reader ended. */
static int end_pipeline(struct run *run, const char **ret_stage, struct error *err)
{
    queue_close(&run->full);
    pthread_join(run->pipeline, NULL);
    if (run->state != PIPELINE_FAILED)
        return 0;
    if (err)
        *err = run->error;
    *ret_stage = run->stage;
    return (int)run->error.code;
}

/* ---- reading ---- */

static int confirm(struct run *run, const struct source_plugin *plugin, struct source *source, struct arena *arena,
                   struct error *err)
{
    struct position position;
    arena_reset(arena);
    if (!plugin->commit || !acks_take(&run->acks, arena, &position))
        return 0;
    return plugin->commit(source, &position, err);
}

static int read_batches(struct run *run, const struct source_plugin *plugin, struct source *source,
                        const char **ret_stage, struct arena *arena, struct error *err)
{
    struct task *t = run->task;
    struct counters *c = &t->counters;
    while (!task_is_stopping(t) && !pipeline_failed(run)) {
        struct batch *batch = queue_pop(&run->idle, -1);
        if (!batch)
            return 0;
        *ret_stage = "confirming a position to the source";
        int code = confirm(run, plugin, source, arena, err);
        if (code)
            return code;
        *ret_stage = "reading from the source";
        code = plugin->read(source, batch, err);
        if (code)
            return code == ERROR_STOPPED && (task_is_stopping(t) || pipeline_failed(run)) ? 0 : code;
        if (batch->len == 0 && !batch->has_position) {
            batch_reset(batch);
            queue_push(&run->idle, batch, 1, 1);
            continue;
        }
        atomic_fetch_add_explicit(&c->read, batch->len, memory_order_relaxed);
        if (!queue_push(&run->full, batch, batch->len, batch_bytes(batch)))
            return 0;
        atomic_store_explicit(&c->queue_records, (long long)queue_records(&run->full), memory_order_relaxed);
        atomic_store_explicit(&c->queue_bytes, (long long)queue_bytes(&run->full), memory_order_relaxed);
    }
    return 0;
}

static int read_source(struct run *run, const struct source_plugin *plugin, const char **ret_stage, struct error *err)
{
    struct task *t = run->task;
    struct plug plug = {0};
    struct source *source = NULL;
    struct arena arena = {.chunk_size = 512};
    struct task_store *store = task_store_new(t->env->topics, t->connector);
    size_t share = (size_t)run->settings->queue_bytes / BATCHES_PER_TASK;
    struct source_env env = {
        .connector = t->connector,
        .task = t->index,
        .stop = &t->interrupt,
        .max_batch_bytes = share < BATCH_BYTES ? share : BATCH_BYTES,
        .offset = env_offset,
        .log = env_log,
        .ctx = run,
        .store = task_store_source(store),
    };
    *ret_stage = "reading stored positions";
    int code = offsets_refresh(run->offsets, err);
    if (!code) {
        *ret_stage = "opening the source";
        code = plug_init(&plug, &plugin->info, run->config, NULL, err);
    }
    if (!code)
        code = plugin->open(&env, &plug.config, &source, err);
    if (!code) {
        log_info(t->label, "running: %s is open", plugin->info.classes[0]);
        task_set_status(t, WORKER_RUNNING, NULL);
        code = read_batches(run, plugin, source, ret_stage, &arena, err);
        struct error later = {0};
        const char *stage = *ret_stage;
        int pipeline_code = end_pipeline(run, &stage, &later);
        if (pipeline_code && (!code || code == ERROR_STOPPED)) {
            *err = later;
            *ret_stage = stage;
            code = pipeline_code;
        }
        confirm(run, plugin, source, &arena, &later); /* what was committed last; the source is closed anyway */
        plugin->close(source);
    } else {
        end_pipeline(run, &(const char *){NULL}, NULL);
    }
    atomic_store_explicit(&t->counters.queue_records, 0, memory_order_relaxed);
    atomic_store_explicit(&t->counters.queue_bytes, 0, memory_order_relaxed);
    task_store_free(store);
    plug_release(&plug);
    arena_free(&arena);
    return code;
}

/* ---- one attempt ---- */

static void init_run(struct run *run)
{
    const struct connector_settings *s = run->settings;
    pthread_mutex_init(&run->lock, NULL);
    pthread_cond_init(&run->changed, NULL);
    queue_init(&run->full, (size_t)s->queue_records, (size_t)s->queue_bytes);
    queue_init(&run->idle, SIZE_MAX, SIZE_MAX);
    acks_init(&run->acks);
    for (size_t i = 0; i < BATCHES_PER_TASK; i++) {
        batch_init(&run->batches[i]);
        queue_push(&run->idle, &run->batches[i], 1, 1);
    }
}

static void release_run(struct run *run)
{
    for (size_t i = 0; i < BATCHES_PER_TASK; i++)
        batch_release(&run->batches[i]);
    acks_release(&run->acks);
    queue_release(&run->idle);
    queue_release(&run->full);
    pthread_cond_destroy(&run->changed);
    pthread_mutex_destroy(&run->lock);
}

int task_run(struct task *t, const struct connector_settings *settings, struct config *config,
             const struct source_plugin *plugin, const char **ret_stage, bool *ret_progress, struct error *err)
{
    struct run *run = mem_new(struct run);
    unsigned long long before = atomic_load_explicit(&t->counters.commits, memory_order_relaxed);
    run->task = t;
    run->settings = settings;
    run->config = config;
    run->sink_plugin = t->env->sink;
    run->offsets = t->env->offsets;
    int code = 0;
    if (settings->offsets_topic.len) {
        *ret_stage = "opening its offsets topic";
        code = offsets_open(t->env->topics, settings->offsets_topic, &run->offsets, err);
    }
    if (!code) {
        init_run(run);
        *ret_stage = "starting its pipeline";
        code = start_pipeline(run, err);
        if (!code && pipeline_failed(run))
            code = end_pipeline(run, ret_stage, err);
        else if (!code)
            code = read_source(run, plugin, ret_stage, err);
        release_run(run);
    }
    if (settings->offsets_topic.len && run->offsets != t->env->offsets)
        offsets_close(run->offsets);
    *ret_progress = atomic_load_explicit(&t->counters.commits, memory_order_relaxed) != before;
    free(run);
    return code;
}
