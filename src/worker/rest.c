#include "worker/rest.h"

#include "http/openapi.h"
#include "wire/json.h"
#include "worker/secrets.h"
#include "worker/topics_routes.h"

const struct http_route worker_routes[] = {
    {"GET", "/", rest_root, "The worker's version and the id of its cluster"},
    {"GET", "/openapi.json", rest_openapi, "These routes as an OpenAPI description"},
    {"GET", "/health", rest_health, "Whether the worker is ready to answer"},
    {"GET", "/metrics", rest_metrics, "Counters of the tasks, as Prometheus reads them"},
    {"GET", "/admin/loggers", rest_loggers, "The loggers that have a level of their own, and the root"},
    {"GET", "/admin/loggers/{logger}", rest_get_logger,
     "The level of a logger: root, a connector, one of its tasks (NAME|task-0), http, registry, log"},
    {"PUT", "/admin/loggers/{logger}", rest_put_logger,
     "Changes the level of a logger and of those below it: {\"level\":\"DEBUG\"}; ?scope=worker answers their names, "
     "?scope=cluster nothing"},
    {"GET", "/connectors", rest_list, "Names of the connectors; with ?expand=status and ?expand=info more of each"},
    {"POST", "/connectors", rest_create,
     "Creates a connector: {\"name\":...,\"config\":{...},\"initial_state\":\"RUNNING\"}"},
    {"GET", "/connectors/{connector}", rest_get, "A connector's configuration and tasks"},
    {"DELETE", "/connectors/{connector}", rest_delete, "Stops and deletes a connector; its positions stay"},
    {"GET", "/connectors/{connector}/config", rest_get_config, "A connector's configuration"},
    {"PUT", "/connectors/{connector}/config", rest_put_config,
     "Creates or reconfigures a connector: {\"connector.class\":...}"},
    {"PATCH", "/connectors/{connector}/config", rest_patch_config,
     "Changes some properties of a connector: {\"tasks.max\":\"2\"}; null removes one"},
    {"GET", "/connectors/{connector}/status", rest_status, "States of a connector and its tasks, with traces"},
    {"POST", "/connectors/{connector}/restart", rest_restart,
     "Restarts a connector; with ?includeTasks=true its tasks too, with ?onlyFailed=true only what has failed"},
    {"PUT", "/connectors/{connector}/pause", rest_pause, "Pauses a connector"},
    {"PUT", "/connectors/{connector}/resume", rest_resume, "Resumes a paused or stopped connector"},
    {"PUT", "/connectors/{connector}/stop", rest_stop, "Stops a connector and gives up its tasks"},
    {"GET", "/connectors/{connector}/tasks", rest_tasks, "Configurations of a connector's tasks"},
    {"POST", "/connectors/{connector}/tasks", rest_put_tasks,
     "Between workers of Kafka Connect; refused, as its standalone worker does"},
    {"PUT", "/connectors/{connector}/fence", rest_fence,
     "Between workers of Kafka Connect; refused, as its standalone worker does"},
    {"GET", "/connectors/{connector}/tasks-config", rest_tasks_config, "The same, by the tasks' names"},
    {"GET", "/connectors/{connector}/tasks/{task}/status", rest_task_status, "State of one task"},
    {"POST", "/connectors/{connector}/tasks/{task}/restart", rest_task_restart, "Restarts one task"},
    {"GET", "/connectors/{connector}/topics", rest_topics, "Topics that a connector has written to"},
    {"PUT", "/connectors/{connector}/topics/reset", rest_topics_reset, "Forgets these topics"},
    {"GET", "/connectors/{connector}/offsets", rest_offsets, "Positions of a connector"},
    {"PATCH", "/connectors/{connector}/offsets", rest_alter_offsets,
     "Changes positions of a stopped connector: {\"offsets\":[{\"partition\":{...},\"offset\":{...}}]}"},
    {"DELETE", "/connectors/{connector}/offsets", rest_reset_offsets, "Forgets the positions of a stopped connector"},
    {"GET", "/connector-plugins", rest_plugins,
     "The connectors that can be used; with ?connectorsOnly=false all plug-ins"},
    {"GET", "/connector-plugins/{plugin}/config", rest_plugin_config, "Properties of a plug-in"},
    {"PUT", "/connector-plugins/{plugin}/config/validate", rest_validate,
     "All findings about a configuration: {\"connector.class\":...}"},
    {NULL, NULL, NULL, NULL},
};

int worker_rest_start(struct worker *w, const char *address, uint16_t port, struct http_server **ret, struct error *err)
{
    struct http_server_options options = {.address = address, .port = port, .routes = worker_routes, .ctx = w};
    return http_server_start(&options, ret, err);
}

void worker_write_openapi(struct buf *out)
{
    static const struct openapi_info info = {
        .title = "tributary",
        .version = TRIBUTARY_VERSION,
        .description = "Kafka Connect's REST API, and the topics of the embedded log",
    };
    const struct http_route *const tables[] = {worker_routes, topics_routes, NULL};
    openapi_write(&info, tables, out);
}

/* ---- what handlers share ---- */

int rest_read_object(const struct http_request *request, struct arena *arena, struct value *ret, struct error *err)
{
    struct error why = {0};
    if (request->body.len == 0)
        return error_set(err, ERROR_REQUEST, "the request has no body; send a JSON object");
    if (json_read(request->body, arena, ret, &why))
        return error_set(err, ERROR_REQUEST, "the request's body is not JSON: %s", why.text);
    if (ret->type != VALUE_MAP)
        return error_set(err, ERROR_REQUEST, "the request's body is not a JSON object");
    return 0;
}

int rest_read_config(const struct value *object, struct config *ret, struct error *err)
{
    if (object->type != VALUE_MAP)
        return error_set(err, ERROR_REQUEST, "a configuration is a JSON object of names and values");
    for (uint32_t i = 0; i < object->len; i++) {
        struct str name = value_as_str(&object->items[2 * i]);
        const struct value *v = &object->items[2 * i + 1];
        AUTO_BUF text = {0};
        if (v->type >= VALUE_ARRAY)
            return error_set(err, ERROR_REQUEST,
                             "the value of \"" STR_FMT "\" is an object or a list; a configuration has text, numbers, "
                             "true and false",
                             STR_ARG(name));
        if (v->type == VALUE_STRING)
            buf_add_str(&text, value_as_str(v));
        else if (v->type != VALUE_NULL)
            json_write_value(v, &text, NULL);
        config_set(ret, name, v->type == VALUE_NULL ? STR_NULL : buf_str(&text));
    }
    return 0;
}

void rest_write_config(const struct worker *w, const struct config *c, struct buf *out)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < c->entries.len; i++) {
        const struct config_entry *e = &c->entries.items[i];
        AUTO_BUF shown = {0};
        if (i)
            buf_add_char(out, ',');
        json_write_string(out, e->name);
        buf_add_char(out, ':');
        secrets_write(w->options.plugins, c, e, &shown);
        if (e->value.ptr)
            json_write_string(out, buf_str(&shown));
        else
            buf_add_literal(out, "null");
    }
    buf_add_char(out, '}');
}

int rest_write_info(struct worker *w, struct str name, struct buf *out, struct error *err)
{
    struct config c;
    size_t n_tasks = 0;
    config_init(&c);
    int code = worker_get_config(w, name, &c, NULL, err);
    pthread_mutex_lock(&w->lock);
    const struct connector *connector = worker_find_locked(w, name);
    if (connector)
        n_tasks = connector->n_tasks;
    pthread_mutex_unlock(&w->lock);
    if (!code) {
        buf_add_literal(out, "{\"name\":");
        json_write_string(out, name);
        buf_add_literal(out, ",\"config\":");
        rest_write_config(w, &c, out);
        buf_add_literal(out, ",\"tasks\":[");
        for (size_t i = 0; i < n_tasks; i++) {
            buf_printf(out, "%s{\"connector\":", i ? "," : "");
            json_write_string(out, name);
            buf_printf(out, ",\"task\":%zu}", i);
        }
        buf_add_literal(out, "],\"type\":\"source\"}");
    }
    config_release(&c);
    return code;
}

static void write_state(const struct worker *w, enum worker_state state, struct str trace, struct buf *out)
{
    buf_printf(out, "\"state\":\"%s\",\"worker_id\":", worker_state_names[state]);
    json_write_string(out, str_from(w->worker_id));
    if (trace.len) {
        buf_add_literal(out, ",\"trace\":");
        json_write_string(out, trace);
    }
}

static void write_task(const struct worker *w, size_t id, const struct worker_task_status *t, struct buf *out)
{
    buf_printf(out, "{\"id\":%zu,", id);
    write_state(w, t->state, t->trace, out);
    buf_add_char(out, '}');
}

void rest_write_status(const struct worker *w, const struct worker_connector_status *s, struct buf *out)
{
    buf_add_literal(out, "{\"name\":");
    json_write_string(out, s->name);
    buf_add_literal(out, ",\"connector\":{");
    write_state(w, s->state, s->trace, out);
    buf_add_literal(out, "},\"tasks\":[");
    for (size_t i = 0; i < s->n_tasks; i++) {
        if (i)
            buf_add_char(out, ',');
        write_task(w, i, &s->tasks[i], out);
    }
    buf_add_literal(out, "],\"type\":\"source\"}");
}

void rest_write_error(int status, struct str message, struct http_response *response)
{
    response->status = status;
    buf_clear(&response->body);
    buf_printf(&response->body, "{\"error_code\":%d,\"message\":", status);
    json_write_string(&response->body, message);
    buf_add_char(&response->body, '}');
}

bool rest_flag(const struct http_request *request, const char *name)
{
    return str_is_nocase(http_query(request, name), "true");
}

int rest_task_status(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct worker *w = ctx;
    struct arena arena = {0};
    struct worker_connector_status status;
    int64_t task = -1;
    int code = worker_status(w, request->params[0], &arena, &status, NULL);
    bool found = !code && str_to_int64(request->params[1], &task) && task >= 0 && (size_t)task < status.n_tasks;
    if (found)
        write_task(w, (size_t)task, &status.tasks[task], &response->body);
    else
        code = error_set(err, ERROR_NOT_FOUND, "No status found for task " STR_FMT "-" STR_FMT,
                         STR_ARG(request->params[0]), STR_ARG(request->params[1]));
    arena_free(&arena);
    return code;
}

/* ---- the worker itself ---- */

int rest_root(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct worker *w = ctx;
    (void)request, (void)err;
    buf_add_literal(&response->body, "{\"version\":\"" TRIBUTARY_VERSION "\",\"commit\":\"tributary\","
                                     "\"kafka_cluster_id\":");
    json_write_string(&response->body, w->settings.cluster_id);
    buf_add_char(&response->body, '}');
    return 0;
}

int rest_openapi(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    (void)ctx, (void)request, (void)err;
    worker_write_openapi(&response->body);
    return 0;
}

int rest_health(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    (void)ctx, (void)request, (void)err;
    buf_add_literal(&response->body, "{\"status\":\"healthy\",\"message\":\"Worker has completed startup and is ready "
                                     "to handle requests.\"}");
    return 0;
}
