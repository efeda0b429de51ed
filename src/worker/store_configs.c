#include "worker/stores.h"

#include "wire/json.h"

#include <stdlib.h>

struct configs_store {
    struct topics_view *view;
};

static const char *const target_names[] = {"STARTED", "PAUSED", "STOPPED"};

int configs_open(struct topics *topics, struct str topic, struct configs_store **ret, struct error *err)
{
    struct topics_view *view;
    int code = topics_view_open(topics, topic, &TOPIC_CONFIG_COMPACT, &view, err);
    if (code)
        return code;
    *ret = mem_new(struct configs_store);
    (*ret)->view = view;
    return 0;
}

void configs_close(struct configs_store *s)
{
    if (!s)
        return;
    topics_view_close(s->view);
    free(s);
}

static void write_properties(const struct config *c, struct buf *out)
{
    buf_add_literal(out, "{\"properties\":{");
    for (size_t i = 0; i < c->entries.len; i++) {
        const struct config_entry *e = &c->entries.items[i];
        if (i)
            buf_add_char(out, ',');
        json_write_string(out, e->name);
        buf_add_char(out, ':');
        if (e->value.ptr)
            json_write_string(out, e->value);
        else
            buf_add_literal(out, "null");
    }
    buf_add_literal(out, "}}");
}

/* False when the text is not what Kafka Connect or we would write there. */
static bool read_properties(struct str text, struct config *ret)
{
    struct arena arena = {0};
    struct value parsed;
    const struct value *properties = NULL;
    if (json_read(text, &arena, &parsed, NULL) == 0)
        properties = value_map_get(&parsed, STR("properties"));
    bool fine = properties && properties->type == VALUE_MAP;
    for (uint32_t i = 0; fine && i < properties->len; i++) {
        const struct value *pair = &properties->items[2 * i];
        struct str value = pair[1].type == VALUE_STRING ? value_as_str(&pair[1]) : STR_NULL;
        config_set(ret, value_as_str(&pair[0]), value);
    }
    arena_free(&arena);
    return fine;
}

static bool read_target(struct str text, enum target_state *ret)
{
    struct arena arena = {0};
    struct value parsed;
    bool found = false;
    if (json_read(text, &arena, &parsed, NULL) == 0) {
        const struct value *state = value_map_get(&parsed, STR("state.v2"));
        if (!state || state->type != VALUE_STRING)
            state = value_map_get(&parsed, STR("state"));
        for (int i = 0; state && state->type == VALUE_STRING && i <= TARGET_STOPPED; i++) {
            if (str_is(value_as_str(state), target_names[i])) {
                *ret = (enum target_state)i;
                found = true;
            }
        }
    }
    arena_free(&arena);
    return found;
}

/* Before Kafka 3.5 there was no STOPPED: such a worker shall see PAUSED. */
static void write_target(enum target_state target, struct buf *out)
{
    const char *older = target == TARGET_STOPPED ? "PAUSED" : target_names[target];
    buf_printf(out, "{\"state\":\"%s\",\"state.v2\":\"%s\"}", older, target_names[target]);
}

static bool get(struct configs_store *s, struct str key, struct buf *out)
{
    buf_clear(out);
    return topics_view_get(s->view, key, out);
}

/* The names first, the contents after: a view's walk allows no other call on the view. */
struct names {
    struct arena arena;
    VEC(struct str) items;
};

static int collect(void *ctx, struct str key, struct str value)
{
    struct names *names = ctx;
    if (value.ptr && str_starts(key, "connector-"))
        *vec_push(&names->items) = arena_str(&names->arena, str_of(key.ptr + 10, key.len - 10));
    return 0;
}

int configs_each(struct configs_store *s,
                 int (*each)(void *ctx, struct str name, const struct config *c, enum target_state target), void *ctx)
{
    struct names names = {0};
    AUTO_BUF text = {0};
    topics_view_each(s->view, collect, &names);
    int code = 0;
    for (size_t i = 0; i < names.items.len && !code; i++) {
        struct str name = names.items.items[i];
        struct config c;
        config_init(&c);
        bool found = get(s, arena_printf(&names.arena, "connector-" STR_FMT, STR_ARG(name)), &text) &&
                     read_properties(buf_str(&text), &c);
        enum target_state target = TARGET_STARTED;
        if (get(s, arena_printf(&names.arena, "target-state-" STR_FMT, STR_ARG(name)), &text))
            read_target(buf_str(&text), &target);
        if (found)
            code = each(ctx, name, &c, target);
        config_release(&c);
    }
    vec_free(&names.items);
    arena_free(&names.arena);
    return code;
}

int configs_put(struct configs_store *s, struct str name, const struct config *c, enum target_state target,
                struct error *err)
{
    struct arena arena = {.chunk_size = 1024};
    AUTO_BUF text = {0}, state = {0};
    write_properties(c, &text);
    write_target(target, &state);
    struct topics_record records[] = {
        {.key = arena_printf(&arena, "target-state-" STR_FMT, STR_ARG(name)),
         .value = buf_str(&state),
         .timestamp = INT64_MIN},
        {.key = arena_printf(&arena, "connector-" STR_FMT, STR_ARG(name)),
         .value = buf_str(&text),
         .timestamp = INT64_MIN},
    };
    int code = topics_view_put_all(s->view, records, 2, err);
    arena_free(&arena);
    return code;
}

int configs_put_target(struct configs_store *s, struct str name, enum target_state target, struct error *err)
{
    AUTO_BUF key = {0}, state = {0};
    buf_printf(&key, "target-state-" STR_FMT, STR_ARG(name));
    write_target(target, &state);
    return topics_view_put(s->view, buf_str(&key), buf_str(&state), err);
}

int configs_put_tasks(struct configs_store *s, struct str name, const struct config *tasks, size_t n, size_t before,
                      struct error *err)
{
    struct arena arena = {0};
    VEC(struct topics_record) records = {0};
    for (size_t i = 0; i < n || i < before; i++) {
        AUTO_BUF text = {0};
        if (i < n)
            write_properties(&tasks[i], &text);
        *vec_push(&records) = (struct topics_record){
            .key = arena_printf(&arena, "task-" STR_FMT "-%zu", STR_ARG(name), i),
            .value = i < n ? arena_str(&arena, buf_str(&text)) : STR_NULL,
            .timestamp = INT64_MIN,
        };
    }
    *vec_push(&records) = (struct topics_record){
        .key = arena_printf(&arena, "commit-" STR_FMT, STR_ARG(name)),
        .value = arena_printf(&arena, "{\"tasks\":%zu}", n),
        .timestamp = INT64_MIN,
    };
    int code = topics_view_put_all(s->view, records.items, records.len, err);
    vec_free(&records);
    arena_free(&arena);
    return code;
}

int configs_task_count(struct configs_store *s, struct str name)
{
    AUTO_BUF key = {0}, text = {0};
    struct arena arena = {.chunk_size = 1024};
    struct value parsed;
    int count = -1;
    buf_printf(&key, "commit-" STR_FMT, STR_ARG(name));
    if (get(s, buf_str(&key), &text) && json_read(buf_str(&text), &arena, &parsed, NULL) == 0) {
        const struct value *tasks = value_map_get(&parsed, STR("tasks"));
        if (tasks && tasks->type == VALUE_INT64 && tasks->i >= 0 && tasks->i <= WORKER_MAX_TASKS)
            count = (int)tasks->i;
    }
    arena_free(&arena);
    return count;
}

bool configs_get_task(struct configs_store *s, struct str name, size_t task, struct config *ret)
{
    AUTO_BUF key = {0}, text = {0};
    buf_printf(&key, "task-" STR_FMT "-%zu", STR_ARG(name), task);
    return get(s, buf_str(&key), &text) && read_properties(buf_str(&text), ret);
}

int configs_remove(struct configs_store *s, struct str name, struct error *err)
{
    static const char *const kinds[] = {"connector-", "target-state-", "commit-"};
    struct arena arena = {.chunk_size = 1024};
    struct topics_record records[3 + WORKER_MAX_TASKS];
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        records[n++] = (struct topics_record){
            .key = arena_printf(&arena, "%s" STR_FMT, kinds[i], STR_ARG(name)),
            .timestamp = INT64_MIN,
        };
    int tasks = configs_task_count(s, name);
    for (int i = 0; i < tasks; i++)
        records[n++] = (struct topics_record){
            .key = arena_printf(&arena, "task-" STR_FMT "-%d", STR_ARG(name), i),
            .timestamp = INT64_MIN,
        };
    int code = topics_view_put_all(s->view, records, n, err);
    arena_free(&arena);
    return code;
}
