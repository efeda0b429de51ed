#include "worker/rest.h"

#include "wire/json.h"
#include "worker/secrets.h"

/* ---- reading ---- */

static void write_expanded(struct worker *w, const struct http_request *request,
                           const struct worker_connector_status *s, struct buf *out)
{
    AUTO_BUF info = {0};
    bool first = true;
    buf_add_char(out, '{');
    if (http_query_has(request, "expand", "status")) {
        buf_add_literal(out, "\"status\":");
        rest_write_status(w, s, out);
        first = false;
    }
    if (http_query_has(request, "expand", "info") && rest_write_info(w, s->name, &info, NULL) == 0)
        buf_printf(out, "%s\"info\":" STR_FMT, first ? "" : ",", STR_ARG(buf_str(&info)));
    buf_add_char(out, '}');
}

int rest_list(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    (void)err;
    struct worker *w = ctx;
    struct arena arena = {0};
    struct worker_connector_status *list;
    bool expand = http_query(request, "expand").ptr != NULL;
    size_t n = worker_list(w, &arena, &list);
    buf_add_char(&response->body, expand ? '{' : '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(&response->body, ',');
        json_write_string(&response->body, list[i].name);
        if (expand) {
            buf_add_char(&response->body, ':');
            write_expanded(w, request, &list[i], &response->body);
        }
    }
    buf_add_char(&response->body, expand ? '}' : ']');
    arena_free(&arena);
    return 0;
}

int rest_get(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    return rest_write_info(ctx, request->params[0], &response->body, err);
}

int rest_get_config(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct config c;
    config_init(&c);
    int code = worker_get_config(ctx, request->params[0], &c, NULL, err);
    if (!code)
        rest_write_config(ctx, &c, &response->body);
    config_release(&c);
    return code;
}

int rest_status(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct arena arena = {0};
    struct worker_connector_status status;
    int code = worker_status(ctx, request->params[0], &arena, &status, err);
    if (!code)
        rest_write_status(ctx, &status, &response->body);
    arena_free(&arena);
    return code;
}

/* ---- creating and changing ---- */

static void set_location(struct str name, struct http_response *response)
{
    buf_add_literal(&response->headers, "Location: /connectors/");
    http_encode(&response->headers, name);
    buf_add_char(&response->headers, '\n');
}

/* What Kafka Connect answers with 400 or 500 before it looks at any property. */
static int check_class(struct worker *w, const struct config *c, struct http_response *response, struct error *err)
{
    struct str class_name = config_get(c, "connector.class");
    if (!class_name.ptr)
        return error_set(err, ERROR_REQUEST,
                         "Connector config contains no connector type: set connector.class; GET /connector-plugins "
                         "lists the classes");
    if (plugins_source(w->options.plugins, class_name))
        return 0;
    struct error why = {0};
    plugins_unknown(w->options.plugins, "source", class_name, &why);
    response->status = 500;
    return error_set(err, ERROR_CONFIG,
                     "Failed to find any class that implements Connector and which name matches " STR_FMT ": %s",
                     STR_ARG(class_name), why.text);
}

static int check_names(struct str name, struct config *c, struct error *err)
{
    struct str own = config_get(c, "name");
    if (own.ptr && !str_equal(own, name))
        return error_set(err, ERROR_REQUEST,
                         "Connector name configuration (" STR_FMT ") doesn't match connector name in the URL (" STR_FMT
                         ")",
                         STR_ARG(own), STR_ARG(name));
    config_set(c, STR("name"), name);
    return 0;
}

/* A secret that was shown as a mask and comes back as one is the stored one; without a stored one it is a mistake. */
static int restore_secrets(struct worker *w, struct str name, struct config *c, struct error *err)
{
    struct config stored;
    struct str masked;
    config_init(&stored);
    if (worker_get_config(w, name, &stored, NULL, NULL) == 0)
        secrets_restore(w->options.plugins, &stored, c);
    config_release(&stored);
    if (secrets_unknown(c, &masked))
        return error_set(err, ERROR_REQUEST,
                         "the value of " STR_FMT " is the mask that stands for a secret in answers; write the secret "
                         "itself, or a variable like ${file:PATH:KEY}",
                         STR_ARG(masked));
    return 0;
}

static int put(struct worker *w, struct str name, struct config *c, enum target_state target, unsigned flags,
               struct http_response *response, struct error *err)
{
    AUTO_BUF findings = {0};
    bool created;
    int code = check_names(name, c, err);
    if (!code)
        code = check_class(w, c, response, err);
    if (!code)
        code = restore_secrets(w, name, c, err);
    if (code)
        return code;
    code = worker_put(w, name, c, target, flags, &created, &findings, err);
    if (code && findings.len) {
        rest_write_error(400, buf_str(&findings), response);
        return 0;
    }
    if (!code)
        code = rest_write_info(w, name, &response->body, err);
    if (!code && created) {
        response->status = 201;
        set_location(name, response);
    }
    return code;
}

static int read_initial_state(const struct value *body, enum target_state *ret, struct error *err)
{
    static const char *const states[] = {"RUNNING", "PAUSED", "STOPPED"};
    const struct value *state = value_map_get(body, STR("initial_state"));
    *ret = TARGET_STARTED;
    if (!state || state->type == VALUE_NULL)
        return 0;
    for (int i = 0; state->type == VALUE_STRING && i <= TARGET_STOPPED; i++) {
        if (str_is_nocase(value_as_str(state), states[i])) {
            *ret = (enum target_state)i;
            return 0;
        }
    }
    return error_set(err, ERROR_REQUEST, "initial_state is one of RUNNING, PAUSED, STOPPED");
}

int rest_create(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct arena arena = {0};
    struct config c;
    struct value body;
    enum target_state target = TARGET_STARTED;
    struct str name = STR("");
    config_init(&c);
    int code = rest_read_object(request, &arena, &body, err);
    if (!code) {
        const struct value *given = value_map_get(&body, STR("name")), *config = value_map_get(&body, STR("config"));
        if (given && given->type == VALUE_STRING)
            name = str_trim(value_as_str(given));
        code = config
                   ? rest_read_config(config, &c, err)
                   : error_set(err, ERROR_REQUEST, "the body has no \"config\"; send {\"name\":...,\"config\":{...}}");
    }
    if (!code)
        code = read_initial_state(&body, &target, err);
    if (!code)
        code = put(ctx, name, &c, target, PUT_NEW_ONLY, response, err);
    config_release(&c);
    arena_free(&arena);
    return code;
}

int rest_put_config(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct arena arena = {0};
    struct config c;
    struct value body;
    config_init(&c);
    int code = rest_read_object(request, &arena, &body, err);
    if (!code)
        code = rest_read_config(&body, &c, err);
    if (!code)
        code = put(ctx, request->params[0], &c, TARGET_STARTED, 0, response, err);
    config_release(&c);
    arena_free(&arena);
    return code;
}

int rest_patch_config(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct arena arena = {0};
    struct config c, patch;
    struct value body;
    config_init(&c);
    config_init(&patch);
    int code = rest_read_object(request, &arena, &body, err);
    if (!code)
        code = rest_read_config(&body, &patch, err);
    if (!code)
        code = worker_get_config(ctx, request->params[0], &c, NULL, err);
    for (size_t i = 0; i < patch.entries.len && !code; i++) {
        const struct config_entry *e = &patch.entries.items[i];
        if (e->value.ptr)
            config_set(&c, e->name, e->value);
        else
            config_remove(&c, e->name);
    }
    if (!code)
        code = put(ctx, request->params[0], &c, TARGET_STARTED, 0, response, err);
    config_release(&patch);
    config_release(&c);
    arena_free(&arena);
    return code;
}

int rest_delete(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    response->status = 204;
    int code = worker_delete_connector(ctx, request->params[0], err);
    if (code)
        response->status = 0;
    return code;
}

/* ---- states ---- */

/* The answer shows what was decided, not how far it is: what is restarted is RESTARTING (Kafka's RestartPlan). */
static void show_restart(struct worker_connector_status *s, bool include_tasks, bool only_failed)
{
    if (!only_failed || s->state == WORKER_FAILED)
        s->state = WORKER_RESTARTING;
    for (size_t i = 0; include_tasks && i < s->n_tasks; i++)
        if (!only_failed || s->tasks[i].state == WORKER_FAILED)
            s->tasks[i].state = WORKER_RESTARTING;
}

int rest_restart(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    bool include_tasks = rest_flag(request, "includeTasks"), only_failed = rest_flag(request, "onlyFailed");
    struct arena arena = {0};
    struct worker_connector_status before;
    bool known = worker_status(ctx, request->params[0], &arena, &before, NULL) == 0;
    int code = worker_restart(ctx, request->params[0], include_tasks, only_failed, err);
    response->status = code ? 0 : 204;
    if (!code && known && (include_tasks || only_failed)) {
        show_restart(&before, include_tasks, only_failed);
        rest_write_status(ctx, &before, &response->body);
        response->status = 202;
    }
    arena_free(&arena);
    return code;
}

static int set_target(void *ctx, const struct http_request *request, struct http_response *response,
                      enum target_state target, int status, struct error *err)
{
    int code = worker_set_target(ctx, request->params[0], target, target == TARGET_STOPPED, err);
    if (!code)
        response->status = status;
    return code;
}

int rest_pause(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    return set_target(ctx, request, response, TARGET_PAUSED, 202, err);
}

int rest_resume(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    return set_target(ctx, request, response, TARGET_STARTED, 202, err);
}

int rest_stop(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    return set_target(ctx, request, response, TARGET_STOPPED, 204, err);
}

/* ---- tasks ---- */

static int write_tasks(struct worker *w, struct str name, bool by_name, struct buf *out, struct error *err)
{
    pthread_mutex_lock(&w->lock);
    const struct connector *c = worker_find_locked(w, name);
    buf_add_char(out, by_name ? '{' : '[');
    for (size_t i = 0; c && i < c->n_tasks; i++) {
        AUTO_BUF id = {0};
        buf_printf(&id, STR_FMT "-%zu", STR_ARG(name), i);
        if (i)
            buf_add_char(out, ',');
        if (by_name) {
            json_write_string(out, buf_str(&id));
            buf_add_char(out, ':');
            rest_write_config(w, &c->tasks[i]->config, out);
            continue;
        }
        buf_add_literal(out, "{\"id\":{\"connector\":");
        json_write_string(out, name);
        buf_printf(out, ",\"task\":%zu},\"config\":", i);
        rest_write_config(w, &c->tasks[i]->config, out);
        buf_add_char(out, '}');
    }
    buf_add_char(out, by_name ? '}' : ']');
    pthread_mutex_unlock(&w->lock);
    return c ? 0 : error_set(err, ERROR_NOT_FOUND, "Connector " STR_FMT " not found", STR_ARG(name));
}

int rest_tasks(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    return write_tasks(ctx, request->params[0], false, &response->body, err);
}

int rest_tasks_config(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    return write_tasks(ctx, request->params[0], true, &response->body, err);
}

int rest_task_restart(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    int64_t task;
    if (!str_to_int64(request->params[1], &task))
        return error_set(err, ERROR_NOT_FOUND, "Task " STR_FMT "-" STR_FMT " not found", STR_ARG(request->params[0]),
                         STR_ARG(request->params[1]));
    int code = worker_restart_task(ctx, request->params[0], task, err);
    if (!code)
        response->status = 204;
    return code;
}

/* ---- what workers of Kafka Connect ask each other ---- */

int rest_put_tasks(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    (void)ctx, (void)request;
    response->status = 500;
    return error_set(err, ERROR_UNSUPPORTED,
                     "Kafka Connect in standalone mode does not support externally supplied task configurations");
}

int rest_fence(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    (void)ctx, (void)request;
    response->status = 500;
    return error_set(err, ERROR_UNSUPPORTED,
                     "there is no other worker whose tasks could be fenced; a task that is replaced here is stopped");
}
