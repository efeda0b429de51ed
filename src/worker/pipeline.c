#include "worker/run.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>

enum { LAST_ACKS_MS = 10000 }; /* how long a stopping pipeline waits for its sink's last acknowledgement */

/* What is written and not committed yet. */
struct pending {
    bool open;    /* records or a position */
    bool covered; /* it ends in a position, so it may be committed */
    struct arena arenas[2];
    int current; /* the arena that `position` is in */
    struct position position;
    uint64_t records, bytes;
    int64_t since_ms;
};

struct pipeline {
    struct run *run;
    struct chain *chain;
    struct encoder *encoder;
    struct topic_rules *rules;
    struct plug sink_plug;
    struct sink *sink;
    struct tolerance tolerance;
    struct dead_letters dead;
    struct pending pending;
    struct buf offset_key, offset_value;
    struct position_map keyed; /* the partition that offset_key is for, in key_arena */
    struct arena key_arena;
    uint64_t sequence;
    const char *stage;
};

/* ---- opening ---- */

static void on_new_topic(void *ctx, struct str topic)
{
    struct pipeline *p = ctx;
    struct task *t = p->run->task;
    struct topic_config config;
    struct error err = {0};
    if (topic_rules_group(p->rules, topic, &config) && topics_ensure(t->env->topics, topic, &config, &err))
        log_warn(t->label, "topic " STR_FMT " could not be created as its group says: %s", STR_ARG(topic), err.text);
    if (t->env->settings->topic_tracking &&
        statuses_put_topic(t->env->statuses, str_from(t->connector), t->index, topic, &err))
        log_warn(t->label, "%s", err.text);
}

static void on_acknowledged(void *ctx, uint64_t sequence)
{
    struct run *run = ctx;
    struct counters *c = &run->task->counters;
    uint64_t commits, records, bytes;
    acks_done(&run->acks, sequence, &commits, &records, &bytes);
    atomic_fetch_add_explicit(&c->commits, commits, memory_order_relaxed);
    atomic_fetch_add_explicit(&c->records, records, memory_order_relaxed);
    atomic_fetch_add_explicit(&c->bytes, bytes, memory_order_relaxed);
    atomic_store_explicit(&c->last_commit_ms, clock_wall_ms(), memory_order_relaxed);
}

static int open_sink(struct pipeline *p, struct error *err)
{
    struct run *run = p->run;
    const struct task_env *env = run->task->env;
    struct sink_env sink_env = {
        .owner = run->task->owner,
        .topics = env->topics,
        .offsets_topic = offsets_topic(run->offsets),
        .topic_defaults = topic_rules_default(p->rules),
        .acknowledged = on_acknowledged,
        .ctx = run,
    };
    p->stage = "opening the sink";
    int code = plug_init(&p->sink_plug, &run->sink_plugin->info, env->sink_config, NULL, err);
    return code ? code : run->sink_plugin->open(&sink_env, &p->sink_plug.config, &p->sink, err);
}

/* The topic is there before the first record fails: a name that is not possible is told at the start. */
static int open_dead_letters(struct pipeline *p, struct error *err)
{
    const struct task *t = p->run->task;
    struct str topic = p->run->settings->dead_letter_topic;
    struct topic_config config = TOPIC_CONFIG_DEFAULT;
    if (!topic.len || p->run->settings->tolerance != TOLERANCE_ALL)
        return 0;
    p->dead = (struct dead_letters){.settings = p->run->settings, .connector = t->connector, .task = t->index};
    p->tolerance.dead = &p->dead;
    p->stage = "creating its dead-letter topic";
    topic_rules_group(p->rules, topic, &config);
    return t->env->topics ? topics_ensure(t->env->topics, topic, &config, err) : 0;
}

static int open_parts(struct pipeline *p, struct error *err)
{
    struct run *run = p->run;
    const struct task_env *env = run->task->env;
    struct encoder_options options = {
        .plugins = env->plugins,
        .registry = env->registry,
        .worker = env->settings,
        .worker_config = env->worker_config,
        .connector = run->settings,
        .connector_config = run->config,
        .new_topic = on_new_topic,
        .ctx = p,
    };
    p->tolerance = (struct tolerance){
        .settings = run->settings,
        .context = run->task->label,
        .task = run->task->owner,
        .stop = &run->task->interrupt,
        .skipped = &run->task->counters.skipped,
    };
    p->stage = "opening its transforms";
    int code = chain_open(env->plugins, run->settings, run->config, &p->chain, err);
    if (code)
        return code;
    p->stage = "opening its converters";
    code = encoder_open(&options, &p->encoder, err);
    if (code)
        return code;
    p->stage = "reading topic.creation.*";
    code = topic_rules_open(run->settings, run->config, &p->rules, err);
    if (!code)
        code = open_dead_letters(p, err);
    return code ? code : open_sink(p, err);
}

static void close_parts(struct pipeline *p)
{
    if (p->sink)
        p->run->sink_plugin->close(p->sink);
    plug_release(&p->sink_plug);
    encoder_close(p->encoder);
    chain_close(p->chain);
    topic_rules_close(p->rules);
    dead_letters_release(&p->dead);
    arena_free(&p->pending.arenas[0]);
    arena_free(&p->pending.arenas[1]);
    arena_free(&p->key_arena);
    buf_free(&p->offset_key);
    buf_free(&p->offset_value);
}

/* ---- committing ---- */

/* The key is looked up once a partition, not once a commit. */
static void write_offset(struct pipeline *p)
{
    struct run *run = p->run;
    const struct position *position = &p->pending.position;
    if (!p->offset_key.len || !position_map_equal(&p->keyed, &position->partition)) {
        buf_clear(&p->offset_key);
        arena_reset(&p->key_arena);
        p->keyed = position_map_copy(&p->key_arena, &position->partition);
        offsets_key(run->offsets, str_from(run->task->connector), &position->partition, &p->offset_key);
    }
    buf_clear(&p->offset_value);
    offsets_write_map(&position->offset, &p->offset_value);
}

static int commit(struct pipeline *p, struct error *err)
{
    struct run *run = p->run;
    struct pending *pending = &p->pending;
    write_offset(p);
    struct sink_commit c = {
        .sequence = ++p->sequence,
        .offset_key = buf_str(&p->offset_key),
        /* Kafka Connect stores no offset, as of mode bulk, as null. */
        .offset_value = pending->position.offset.n ? buf_str(&p->offset_value) : STR_NULL,
    };
    p->stage = "committing";
    if (!acks_push(&run->acks, c.sequence, &pending->position, pending->records, pending->bytes))
        return error_set(err, ERROR_STOPPED, "the task was stopped while commits were under way");
    int code = run->sink_plugin->commit(p->sink, &c, err);
    if (code)
        return code;
    pending->open = pending->covered = false;
    pending->records = pending->bytes = 0;
    return 0;
}

static bool commit_is_due(const struct pending *pending)
{
    return pending->covered &&
           (pending->bytes >= COMMIT_BYTES || clock_mono_ms() - pending->since_ms >= COMMIT_INTERVAL_MS);
}

/* A transaction stores one position, so it must end before the stream of another source partition begins. */
static bool must_commit_before(const struct pending *pending, const struct batch *batch)
{
    return pending->covered &&
           !(batch->has_position && position_map_equal(&batch->position.partition, &pending->position.partition));
}

/* ---- writing ---- */

static int write_chunk(struct pipeline *p, struct error *err)
{
    size_t n, bytes = encoder_bytes(p->encoder);
    const struct sink_record *records = encoder_chunk(p->encoder, &n);
    if (n == 0) {
        encoder_clear(p->encoder);
        return 0;
    }
    p->stage = "writing to the sink";
    int code = p->run->sink_plugin->write(p->sink, records, n, err);
    encoder_clear(p->encoder);
    p->pending.records += n;
    p->pending.bytes += bytes;
    return code;
}

/* Before the batch is committed, so in the transaction that stores a position behind them. */
static int write_dead_letters(struct pipeline *p, struct error *err)
{
    struct dead_letters *dead = &p->dead;
    if (!dead->records.len)
        return 0;
    p->stage = "writing to the dead-letter topic";
    int code = p->run->sink_plugin->write(p->sink, dead->records.items, dead->records.len, err);
    if (!code)
        atomic_fetch_add_explicit(&p->run->task->counters.dead_letters, dead->records.len, memory_order_relaxed);
    p->pending.bytes += dead->bytes;
    dead_letters_clear(dead);
    return code;
}

static int write_batch(struct pipeline *p, struct batch *batch, struct error *err)
{
    p->stage = "transforming";
    int code = chain_apply(p->chain, batch, &p->tolerance, err);
    for (size_t i = 0; i < batch->len && !code; i++) {
        p->stage = "converting";
        code = encoder_add(p->encoder, &batch->records[i], &p->tolerance, err);
        if (!code && encoder_full(p->encoder))
            code = write_chunk(p, err);
    }
    if (!code)
        code = write_chunk(p, err);
    return code ? code : write_dead_letters(p, err);
}

static void note_batch(struct pending *pending, const struct batch *batch)
{
    if (!pending->open)
        pending->since_ms = clock_mono_ms();
    pending->open = true;
    pending->covered = batch->has_position;
    if (!batch->has_position)
        return;
    pending->current = !pending->current;
    struct arena *arena = &pending->arenas[pending->current];
    arena_reset(arena);
    pending->position = position_copy(arena, &batch->position);
}

static int take_batch(struct pipeline *p, struct batch *batch, struct error *err)
{
    int code = 0;
    if (must_commit_before(&p->pending, batch))
        code = commit(p, err);
    if (!code)
        code = write_batch(p, batch, err);
    if (!code) {
        note_batch(&p->pending, batch);
        if (commit_is_due(&p->pending))
            code = commit(p, err);
    }
    return code;
}

/* Ends when the queue is closed and empty. Commits when there is nothing else to do, so that nothing waits for a
 * commit while the source is idle, and a busy source has its commits grouped. */
static int loop(struct pipeline *p, struct error *err)
{
    struct run *run = p->run;
    int code = 0;
    while (!code) {
        struct batch *batch = queue_pop(&run->full, p->pending.covered ? 0 : -1);
        if (!batch && !p->pending.covered)
            break;
        if (!batch) {
            code = commit(p, err);
            continue;
        }
        code = take_batch(p, batch, err);
        batch_reset(batch);
        queue_push(&run->idle, batch, 1, 1);
    }
    if (code || p->pending.open)
        run->sink_plugin->abort(p->sink);
    if (!code) {
        p->stage = "waiting for the sink";
        if (!acks_wait(&run->acks, LAST_ACKS_MS))
            code = error_set(err, ERROR_TIMEOUT, "the sink did not acknowledge the last commit within %d s",
                             LAST_ACKS_MS / 1000);
    }
    return code;
}

static void set_state(struct run *run, enum pipeline_state state, const struct error *err, const char *stage)
{
    pthread_mutex_lock(&run->lock);
    run->state = state;
    if (err) {
        run->error = *err;
        run->stage = stage;
    }
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
}

void *pipeline_main(void *arg)
{
    struct run *run = arg;
    struct pipeline p = {.run = run, .stage = "starting"};
    p.pending.arenas[0].chunk_size = p.pending.arenas[1].chunk_size = p.key_arena.chunk_size = 512;
    struct error err = {0};
    int code = open_parts(&p, &err);
    if (!code) {
        set_state(run, PIPELINE_READY, NULL, NULL);
        code = loop(&p, &err);
    }
    close_parts(&p);
    if (code) {
        err.code = (enum error_code)code;
        set_state(run, PIPELINE_FAILED, &err, p.stage);
        acks_close(&run->acks);
        queue_close(&run->full);
        queue_close(&run->idle);
        wake_raise(&run->task->interrupt);
    } else {
        set_state(run, PIPELINE_DONE, NULL, NULL);
    }
    return NULL;
}
