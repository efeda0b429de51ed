#include "worker/stores.h"

#include "base/clock.h"
#include "wire/json.h"

#include <stdlib.h>

struct statuses_store {
    struct topics_view *view;
    char *worker_id;
};

const char *const worker_state_names[] = {
    [WORKER_UNASSIGNED] = "UNASSIGNED", [WORKER_RUNNING] = "RUNNING",     [WORKER_PAUSED] = "PAUSED",
    [WORKER_FAILED] = "FAILED",         [WORKER_DESTROYED] = "DESTROYED", [WORKER_RESTARTING] = "RESTARTING",
    [WORKER_STOPPED] = "STOPPED",       [WORKER_STOPPED + 1] = NULL,
};

int statuses_open(struct topics *topics, struct str topic, const char *worker_id, struct statuses_store **ret,
                  struct error *err)
{
    struct topics_view *view;
    int code = topics_view_open(topics, topic, &TOPIC_CONFIG_COMPACT, &view, err);
    if (code)
        return code;
    *ret = mem_new(struct statuses_store);
    (*ret)->view = view;
    (*ret)->worker_id = mem_strdup(worker_id);
    return 0;
}

void statuses_close(struct statuses_store *s)
{
    if (!s)
        return;
    topics_view_close(s->view);
    free(s->worker_id);
    free(s);
}

static void write_key(struct str connector, int task, struct buf *out)
{
    if (task < 0)
        buf_printf(out, "status-connector-" STR_FMT, STR_ARG(connector));
    else
        buf_printf(out, "status-task-" STR_FMT "-%d", STR_ARG(connector), task);
}

int statuses_put(struct statuses_store *s, struct str connector, int task, enum worker_state state, const char *trace,
                 struct error *err)
{
    AUTO_BUF key = {0}, value = {0}, stored = {0};
    write_key(connector, task, &key);
    buf_printf(&value, "{\"state\":\"%s\",\"trace\":", worker_state_names[state]);
    if (trace)
        json_write_string(&value, str_from(trace));
    else
        buf_add_literal(&value, "null");
    buf_add_literal(&value, ",\"worker_id\":");
    json_write_string(&value, str_from(s->worker_id));
    buf_add_literal(&value, ",\"generation\":0}");
    if (topics_view_get(s->view, buf_str(&key), &stored) && str_equal(buf_str(&stored), buf_str(&value)))
        return 0;
    return topics_view_put(s->view, buf_str(&key), buf_str(&value), err);
}

bool statuses_get(struct statuses_store *s, struct str connector, int task, enum worker_state *ret, struct buf *trace)
{
    AUTO_BUF key = {0}, text = {0};
    struct arena arena = {0};
    struct value parsed;
    bool found = false;
    write_key(connector, task, &key);
    if (topics_view_get(s->view, buf_str(&key), &text) && json_read(buf_str(&text), &arena, &parsed, NULL) == 0) {
        const struct value *state = value_map_get(&parsed, STR("state"));
        const struct value *why = value_map_get(&parsed, STR("trace"));
        for (int i = 0; state && state->type == VALUE_STRING && worker_state_names[i]; i++) {
            if (str_is(value_as_str(state), worker_state_names[i])) {
                *ret = (enum worker_state)i;
                found = true;
            }
        }
        if (found && why && why->type == VALUE_STRING)
            buf_add_str(trace, value_as_str(why));
    }
    arena_free(&arena);
    return found;
}

/* ---- forgetting: keys are collected first, as a view's walk allows no other call on the view ---- */

struct keys {
    struct arena arena;
    VEC(struct topics_record) tombstones;
    struct str connector;
    size_t first_task;
    bool tasks, topics;
};

static bool is_task_key(const struct keys *k, struct str key)
{
    struct arena scratch = {.chunk_size = 256};
    struct str prefix = arena_printf(&scratch, "status-task-" STR_FMT "-", STR_ARG(k->connector));
    int64_t task;
    bool is = str_starts(key, prefix.ptr) && str_to_int64(str_of(key.ptr + prefix.len, key.len - prefix.len), &task) &&
              task >= (int64_t)k->first_task;
    arena_free(&scratch);
    return is;
}

/* "status-topic-T:connector-N"; the topic, or STR_NULL when it is not one of this connector. */
static struct str topic_of_key(struct str connector, struct str key)
{
    static const char prefix[] = "status-topic-", separator[] = ":connector-";
    size_t fixed = sizeof prefix - 1 + sizeof separator - 1 + connector.len;
    if (!str_starts(key, prefix) || key.len <= fixed)
        return STR_NULL;
    struct str topic = str_of(key.ptr + sizeof prefix - 1, key.len - fixed);
    struct str rest = str_of(topic.ptr + topic.len, sizeof separator - 1 + connector.len);
    bool ours =
        str_starts(rest, separator) && str_equal(str_of(rest.ptr + sizeof separator - 1, connector.len), connector);
    return ours ? topic : STR_NULL;
}

static int collect(void *ctx, struct str key, struct str value)
{
    struct keys *k = ctx;
    if (value.ptr && ((k->tasks && is_task_key(k, key)) || (k->topics && topic_of_key(k->connector, key).ptr)))
        *vec_push(&k->tombstones) = (struct topics_record){.key = arena_str(&k->arena, key), .timestamp = INT64_MIN};
    return 0;
}

static int remove_keys(struct statuses_store *s, struct keys *k, struct error *err)
{
    topics_view_each(s->view, collect, k);
    int code = 0;
    if (k->tombstones.len)
        code = topics_view_put_all(s->view, k->tombstones.items, k->tombstones.len, err);
    vec_free(&k->tombstones);
    arena_free(&k->arena);
    return code;
}

int statuses_remove_tasks(struct statuses_store *s, struct str connector, size_t first, struct error *err)
{
    struct keys keys = {.connector = connector, .first_task = first, .tasks = true};
    return remove_keys(s, &keys, err);
}

int statuses_remove_topics(struct statuses_store *s, struct str connector, struct error *err)
{
    struct keys keys = {.connector = connector, .topics = true};
    return remove_keys(s, &keys, err);
}

int statuses_remove(struct statuses_store *s, struct str connector, struct error *err)
{
    struct keys keys = {.connector = connector, .tasks = true, .topics = true};
    *vec_push(&keys.tombstones) = (struct topics_record){
        .key = arena_printf(&keys.arena, "status-connector-" STR_FMT, STR_ARG(connector)),
        .timestamp = INT64_MIN,
    };
    return remove_keys(s, &keys, err);
}

/* ---- the topics that a connector has written ---- */

static void write_topic_key(struct str connector, struct str topic, struct buf *out)
{
    buf_printf(out, "status-topic-" STR_FMT ":connector-" STR_FMT, STR_ARG(topic), STR_ARG(connector));
}

int statuses_put_topic(struct statuses_store *s, struct str connector, int task, struct str topic, struct error *err)
{
    AUTO_BUF key = {0}, value = {0};
    write_topic_key(connector, topic, &key);
    if (topics_view_get(s->view, buf_str(&key), &value))
        return 0;
    buf_add_literal(&value, "{\"topic\":{\"name\":");
    json_write_string(&value, topic);
    buf_add_literal(&value, ",\"connector\":");
    json_write_string(&value, connector);
    buf_printf(&value, ",\"task\":%d,\"discoverTimestamp\":%lld}}", task, (long long)clock_wall_ms());
    return topics_view_put(s->view, buf_str(&key), buf_str(&value), err);
}

struct topic_walk {
    struct str connector;
    void (*each)(void *ctx, struct str topic);
    void *ctx;
};

static int visit_topic(void *ctx, struct str key, struct str value)
{
    struct topic_walk *w = ctx;
    struct str topic = topic_of_key(w->connector, key);
    if (value.ptr && topic.ptr)
        w->each(w->ctx, topic);
    return 0;
}

void statuses_each_topic(struct statuses_store *s, struct str connector, void (*each)(void *ctx, struct str topic),
                         void *ctx)
{
    struct topic_walk walk = {connector, each, ctx};
    topics_view_each(s->view, visit_topic, &walk);
}
