#include "worker/rest.h"

#include "wire/json.h"

#include <stdlib.h>

/* ---- topics ---- */

struct listing {
    struct buf *out;
    bool more;
};

static void write_topic(void *ctx, struct str topic)
{
    struct listing *l = ctx;
    if (l->more)
        buf_add_char(l->out, ',');
    l->more = true;
    json_write_string(l->out, topic);
}

static int check_tracking(const struct worker *w, bool reset, struct http_response *response, struct error *err)
{
    if (w->settings.topic_tracking && (!reset || w->settings.topic_reset))
        return 0;
    response->status = 403;
    return error_set(err, ERROR_REQUEST, "Topic tracking %sis disabled.", w->settings.topic_tracking ? "reset " : "");
}

int rest_topics(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct worker *w = ctx;
    struct listing listing = {.out = &response->body};
    int code = check_tracking(w, false, response, err);
    if (code)
        return code;
    buf_add_char(&response->body, '{');
    json_write_string(&response->body, request->params[0]);
    buf_add_literal(&response->body, ":{\"topics\":[");
    statuses_each_topic(w->statuses, request->params[0], write_topic, &listing);
    buf_add_literal(&response->body, "]}}");
    return 0;
}

int rest_topics_reset(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct worker *w = ctx;
    int code = check_tracking(w, true, response, err);
    if (!code)
        code = statuses_remove_topics(w->statuses, request->params[0], err);
    if (!code)
        response->status = 202;
    return code;
}

/* ---- offsets ---- */

static int write_offset(void *ctx, const struct position_map *partition, const struct position_map *offset)
{
    struct listing *l = ctx;
    buf_printf(l->out, "%s{\"partition\":", l->more ? "," : "");
    offsets_write_map(partition, l->out);
    buf_add_literal(l->out, ",\"offset\":");
    offsets_write_map(offset, l->out);
    buf_add_char(l->out, '}');
    l->more = true;
    return 0;
}

/* The store of the connector, with what its tasks have committed so far. */
static int open_store(struct worker *w, struct str name, enum target_state *ret_target, struct offsets_store **ret,
                      bool *ret_owned, struct error *err)
{
    struct config c;
    config_init(&c);
    int code = worker_get_config(w, name, &c, ret_target, err);
    if (!code)
        code = worker_offsets_of(w, &c, ret, ret_owned, err);
    config_release(&c);
    return code;
}

int rest_offsets(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct listing listing = {.out = &response->body};
    struct offsets_store *store = NULL;
    bool owned = false;
    enum target_state target;
    int code = open_store(ctx, request->params[0], &target, &store, &owned, err);
    if (code)
        return code;
    buf_add_literal(&response->body, "{\"offsets\":[");
    offsets_each(store, request->params[0], write_offset, &listing);
    buf_add_literal(&response->body, "]}");
    if (owned)
        offsets_close(store);
    return 0;
}

/* Only a connector that is stopped, and has come to rest, may have its positions changed. */
static int check_stopped(struct worker *w, struct str name, struct error *err)
{
    pthread_mutex_lock(&w->lock);
    const struct connector *c = worker_find_locked(w, name);
    bool found = c != NULL;
    bool stopped = c && c->target == TARGET_STOPPED && c->state == WORKER_STOPPED && c->n_tasks == 0;
    pthread_mutex_unlock(&w->lock);
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "Connector " STR_FMT " not found", STR_ARG(name));
    if (stopped)
        return 0;
    return error_set(err, ERROR_REQUEST,
                     "Connectors must be in the STOPPED state before their offsets can be modified. This can be done "
                     "for the specified connector by issuing a 'PUT' request to the '/connectors/" STR_FMT
                     "/stop' endpoint",
                     STR_ARG(name));
}

struct changes {
    struct arena arena;
    VEC(struct position) positions;
};

static int modify(struct worker *w, struct str name, struct changes *changes, const char *what,
                  struct http_response *response, struct error *err)
{
    struct offsets_store *store = NULL;
    bool owned = false;
    enum target_state target;
    int code = open_store(w, name, &target, &store, &owned, err);
    if (code)
        return code;
    if (changes->positions.len)
        code = offsets_put(store, name, changes->positions.items, changes->positions.len, err);
    if (!code)
        buf_printf(&response->body, "{\"message\":\"The offsets for this connector have been %s successfully\"}", what);
    if (owned)
        offsets_close(store);
    return code;
}

static int read_change(const struct value *item, struct changes *changes, struct error *err)
{
    const struct value *partition = item->type == VALUE_MAP ? value_map_get(item, STR("partition")) : NULL;
    const struct value *offset = item->type == VALUE_MAP ? value_map_get(item, STR("offset")) : NULL;
    struct position p = {0};
    if (!partition)
        return error_set(err, ERROR_REQUEST, "each of \"offsets\" has a \"partition\" and an \"offset\"");
    int code = offsets_read_map(partition, &changes->arena, &p.partition, err);
    if (!code && offset && offset->type != VALUE_NULL)
        code = offsets_read_map(offset, &changes->arena, &p.offset, err);
    if (!code)
        *vec_push(&changes->positions) = p;
    return code;
}

int rest_alter_offsets(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct changes changes = {0};
    struct value body;
    int code = rest_read_object(request, &changes.arena, &body, err);
    const struct value *offsets = code ? NULL : value_map_get(&body, STR("offsets"));
    if (!code && (!offsets || offsets->type != VALUE_ARRAY || offsets->len == 0))
        code = error_set(err, ERROR_REQUEST, "Partitions / offsets need to be provided for an alter offsets request");
    for (uint32_t i = 0; !code && i < offsets->len; i++)
        code = read_change(&offsets->items[i], &changes, err);
    if (!code)
        code = check_stopped(ctx, request->params[0], err);
    if (!code)
        code = modify(ctx, request->params[0], &changes, "altered", response, err);
    vec_free(&changes.positions);
    arena_free(&changes.arena);
    return code;
}

static int collect(void *ctx, const struct position_map *partition, const struct position_map *offset)
{
    (void)offset;
    struct changes *changes = ctx;
    *vec_push(&changes->positions) = (struct position){position_map_copy(&changes->arena, partition), {NULL, 0}};
    return 0;
}

int rest_reset_offsets(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct changes changes = {0};
    struct offsets_store *store = NULL;
    bool owned = false;
    enum target_state target;
    int code = check_stopped(ctx, request->params[0], err);
    if (!code)
        code = open_store(ctx, request->params[0], &target, &store, &owned, err);
    if (!code) {
        offsets_each(store, request->params[0], collect, &changes);
        if (owned)
            offsets_close(store);
        code = modify(ctx, request->params[0], &changes, "reset", response, err);
    }
    vec_free(&changes.positions);
    arena_free(&changes.arena);
    return code;
}
