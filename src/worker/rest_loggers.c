#include "worker/rest.h"

#include "base/log.h"
#include "wire/json.h"

#include <stdio.h>

/* log4j's names, each as the nearest level that there is. */
static const struct {
    const char *name;
    enum log_level level;
} level_names[] = {
    {"ERROR", LOG_ERROR}, {"WARN", LOG_WARN},   {"INFO", LOG_INFO}, {"DEBUG", LOG_DEBUG}, /* by the enum */
    {"FATAL", LOG_ERROR}, {"TRACE", LOG_DEBUG}, {"ALL", LOG_DEBUG},
};

static const char *const fixed_names[] = {"http", "registry", "log", NULL};

static void write_level(enum log_level level, int64_t modified_ms, struct buf *out)
{
    buf_printf(out, "{\"level\":\"%s\",\"last_modified\":", level_names[level].name);
    if (modified_ms)
        buf_add_int64(out, modified_ms);
    else
        buf_add_literal(out, "null");
    buf_add_char(out, '}');
}

int rest_loggers(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    (void)ctx, (void)request, (void)err;
    struct log_logger *loggers = mem_new_array(struct log_logger, LOG_NAMES_MAX + 1);
    size_t n = log_loggers(loggers);
    for (size_t i = 0; i < n; i++) {
        buf_add_char(&response->body, i ? ',' : '{');
        json_write_string(&response->body, str_from(loggers[i].name));
        buf_add_char(&response->body, ':');
        write_level(loggers[i].level, loggers[i].modified_ms, &response->body);
    }
    buf_add_char(&response->body, '}');
    free(loggers);
    return 0;
}

/* ---- which loggers there are ---- */

static bool is_set(const char *name)
{
    struct log_logger *loggers = mem_new_array(struct log_logger, LOG_NAMES_MAX + 1);
    size_t n = log_loggers(loggers);
    bool found = false;
    for (size_t i = 0; i < n && !found; i++)
        found = strcmp(loggers[i].name, name) == 0;
    free(loggers);
    return found;
}

/* The label of a connector or of one of its tasks. */
static bool is_connectors(struct worker *w, const char *name)
{
    bool found = false;
    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < w->connectors.len && !found; i++) {
        const struct connector *c = w->connectors.entries[i].value;
        found = strcmp(c->name, name) == 0;
        for (size_t k = 0; k < c->n_tasks && !found; k++)
            found = strcmp(c->tasks[k]->label, name) == 0;
    }
    pthread_mutex_unlock(&w->lock);
    return found;
}

static bool is_known(struct worker *w, const char *name)
{
    for (const char *const *fixed = fixed_names; *fixed; fixed++)
        if (strcmp(*fixed, name) == 0)
            return true;
    return is_connectors(w, name) || is_set(name);
}

/* The path's name as text; the root in any case, as log4j has it. */
static void read_name(const struct http_request *request, struct buf *ret)
{
    if (str_is_nocase(request->params[0], LOG_ROOT))
        buf_add_literal(ret, LOG_ROOT);
    else
        buf_add_str(ret, request->params[0]);
}

int rest_get_logger(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    AUTO_BUF name = {0};
    int64_t modified_ms;
    read_name(request, &name);
    if (!is_known(ctx, buf_cstr(&name)))
        return error_set(err, ERROR_NOT_FOUND, "Logger %s not found.", buf_cstr(&name));
    enum log_level level = log_level_of(buf_cstr(&name), &modified_ms);
    write_level(level, modified_ms, &response->body);
    return 0;
}

/* ---- changing ---- */

static int read_level(const struct http_request *request, enum log_level *ret, struct error *err)
{
    struct arena arena = {0};
    struct value body;
    int code = rest_read_object(request, &arena, &body, err);
    const struct value *level = code ? NULL : value_map_get(&body, STR("level"));
    bool found = false;
    if (!code && (!level || level->type != VALUE_STRING))
        code = error_set(err, ERROR_REQUEST, "Desired 'level' parameter was not specified in request.");
    for (size_t i = 0; !code && !found && i < sizeof level_names / sizeof *level_names; i++) {
        found = str_is_nocase(value_as_str(level), level_names[i].name);
        if (found)
            *ret = level_names[i].level;
    }
    if (!code && !found)
        code = error_set(err, ERROR_NOT_FOUND, "invalid log level '" STR_FMT "'.", STR_ARG(value_as_str(level)));
    arena_free(&arena);
    return code;
}

static void write_changed(const char *name, struct buf *out)
{
    struct log_logger *loggers = mem_new_array(struct log_logger, LOG_NAMES_MAX + 1);
    size_t n = log_loggers(loggers);
    bool all = strcmp(name, LOG_ROOT) == 0, more = false;
    buf_add_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (!all && !log_is_below(loggers[i].name, name))
            continue;
        if (more)
            buf_add_char(out, ',');
        json_write_string(out, str_from(loggers[i].name));
        more = true;
    }
    buf_add_char(out, ']');
    free(loggers);
}

/* One worker is the whole cluster, so the scope only decides what the answer is. */
int rest_put_logger(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    (void)ctx;
    AUTO_BUF name = {0};
    enum log_level level = LOG_INFO;
    read_name(request, &name);
    int code = read_level(request, &level, err);
    if (!code && !log_set_level_of(buf_cstr(&name), level))
        code = error_set(err, ERROR_REQUEST,
                         "the name is longer than %d bytes, or %d loggers have a level already, which is the limit",
                         LOG_NAME_SIZE - 1, LOG_NAMES_MAX);
    if (code)
        return code;
    if (str_is_nocase(http_query(request, "scope"), "cluster"))
        response->status = 204;
    else
        write_changed(buf_cstr(&name), &response->body);
    return 0;
}
