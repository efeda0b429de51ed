/*
 * A task of the query source as the runtime would have it: settings, stored positions, and reads through the vtable.
 * To be included after cmocka.h.
 */
#ifndef SOURCES_QUERY_TEST_TASK_H
#define SOURCES_QUERY_TEST_TASK_H

#include "api/source.h"

#include <stdio.h>

extern const struct source_plugin query_source;

enum { MAX_OFFSETS = 16 };

struct task {
    struct config raw;
    struct query_config_storage {
        _Alignas(16) char bytes[2048];
    } parsed;
    struct plugin_config config;
    struct source_env env;
    struct wake stop;
    struct source *source;
    struct batch batch;
    struct arena arena; /* of the stored offsets */
    struct position stored[MAX_OFFSETS];
    size_t n_stored;
    char log[8192];
};

static inline bool stored_offset(void *ctx, const struct position_map *partition, struct arena *arena,
                                 struct position_map *ret)
{
    struct task *t = ctx;
    for (size_t i = 0; i < t->n_stored; i++)
        if (position_map_equal(&t->stored[i].partition, partition)) {
            *ret = position_map_copy(arena, &t->stored[i].offset);
            return true;
        }
    return false;
}

static inline void keep_log(void *ctx, int level, const char *text)
{
    struct task *t = ctx;
    (void)level;
    size_t len = strlen(t->log);
    snprintf(t->log + len, sizeof t->log - len, "%s\n", text);
}

static inline void store(struct task *t, const struct position *p)
{
    struct position copy = position_copy(&t->arena, p);
    for (size_t i = 0; i < t->n_stored; i++)
        if (position_map_equal(&t->stored[i].partition, &copy.partition)) {
            t->stored[i] = copy;
            return;
        }
    assert_true(t->n_stored < MAX_OFFSETS);
    t->stored[t->n_stored++] = copy;
}

/* Settings end with NULL: name, value, name, value, ..., NULL. */
static inline void task_init(struct task *t, const char *url, const char *const *settings)
{
    *t = (struct task){0};
    assert_true(query_source.info.config_size <= sizeof t->parsed);
    config_init(&t->raw);
    config_set(&t->raw, STR("connection.url"), str_from(url));
    config_set(&t->raw, STR("topic.prefix"), STR("p."));
    config_set(&t->raw, STR("poll.interval.ms"), STR("30"));
    for (; *settings; settings += 2)
        config_set(&t->raw, str_from(settings[0]), str_from(settings[1]));
    assert_int_equal(wake_init(&t->stop), 0);
    batch_init(&t->batch);
    t->env = (struct source_env){.connector = "test",
                                 .stop = &t->stop,
                                 .max_batch_bytes = 16 * 1024,
                                 .offset = stored_offset,
                                 .log = keep_log,
                                 .ctx = t};
    t->config = (struct plugin_config){&t->parsed, &t->raw};
}

static inline void parse(struct task *t)
{
    struct findings findings;
    findings_init(&findings);
    memset(&t->parsed, 0, sizeof t->parsed);
    config_parse(query_source.info.properties, &t->raw, &t->parsed, &findings);
    struct error err;
    if (findings_error(&findings, &err))
        fail_msg("%s", err.text);
    findings_release(&findings);
}

/* Plans one task, and takes its settings. */
static inline void plan(struct task *t)
{
    struct source_tasks tasks = {0};
    struct error err;
    parse(t);
    if (query_source.plan(&t->config, 1, &tasks, &err))
        fail_msg("%s", err.text);
    assert_int_equal(tasks.items.len, 1);
    vec_each (&tasks.items.items[0].entries, e)
        config_set(&t->raw, e->name, e->value);
    config_release(&tasks.items.items[0]);
    vec_free(&tasks.items);
    parse(t);
}

static inline int open_task(struct task *t, struct error *err)
{
    plan(t);
    return query_source.open(&t->env, &t->config, &t->source, err);
}

static inline void close_task(struct task *t)
{
    if (t->source)
        query_source.close(t->source);
    t->source = NULL;
}

static inline void task_release(struct task *t)
{
    close_task(t);
    batch_release(&t->batch);
    arena_free(&t->arena);
    config_release(&t->raw);
    wake_release(&t->stop);
}

static inline void read_batch(struct task *t)
{
    struct error err;
    batch_reset(&t->batch);
    if (query_source.read(t->source, &t->batch, &err))
        fail_msg("%s", err.text);
}

static inline const struct value *field(const struct record *r, const char *name)
{
    int at = schema_field_index(r->value_schema, str_from(name));
    assert_true(at >= 0);
    return &r->value.items[at];
}

/* Ids of the records that come until nothing came twice in a row. */
struct ids {
    int64_t items[60000];
    size_t n;
};

static inline void add_ids(const struct batch *b, struct ids *ids)
{
    for (size_t i = 0; i < b->len; i++) {
        assert_true(ids->n < sizeof ids->items / sizeof *ids->items);
        ids->items[ids->n++] = field(&b->records[i], "id")->i;
    }
}

static inline void read_all(struct task *t, struct ids *ids)
{
    for (int quiet = 0; quiet < 3;) {
        read_batch(t);
        add_ids(&t->batch, ids);
        quiet = t->batch.len ? 0 : quiet + 1;
        if (t->batch.has_position && t->batch.position.partition.n)
            store(t, &t->batch.position);
    }
}

#endif
