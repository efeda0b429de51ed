#include "http/server.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/listen.h"
#include "http/routes.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct http_server {
    struct http_server_options options;
    struct http_mount *mounts;
    _Atomic int64_t *hits; /* one a row, counted through all tables */
    struct MHD_Daemon *daemon;
    uint16_t port;
    struct buf cert, key;   /* PEM texts, NUL-terminated; empty: plain HTTP */
    char start_detail[256]; /* what libmicrohttpd said last while it started */
    atomic_bool started;
    struct wake stopping;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    size_t active; /* requests handed to a route and not yet answered in full */
};

/* One request and its answer. */
struct exchange {
    char *uri;
    struct buf body;
    size_t received; /* of the body, kept or not */
    bool begun, active;
};

enum { MAX_DRAIN = 4 * HTTP_MAX_BODY }; /* of a chunked body that is too large, before the connection is cut */

/* ---- answers ---- */

static const char *reason(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 413:
        return "Request Entity Too Large";
    case 415:
        return "Unsupported Media Type";
    default:
        return "Service Unavailable";
    }
}

static void connect_error(int status, const struct error *err, struct http_response *response)
{
    buf_printf(&response->body, "{\"error_code\":%d,\"message\":", status);
    http_json_string(&response->body, str_from(err->text));
    buf_add_char(&response->body, '}');
}

static void write_error(const struct http_server *s, int status, const struct error *err,
                        struct http_response *response)
{
    response->status = status;
    response->content_type = NULL;
    buf_clear(&response->body);
    (s->options.error ? s->options.error : connect_error)(status, err, response);
}

/* An answer that the server gives by itself; `detail` may be NULL. */
static void refuse(const struct http_server *s, int status, const char *detail, struct http_response *response)
{
    struct error err;
    error_set(&err, ERROR_REQUEST, "HTTP %d %s%s%s", status, reason(status), detail ? ": " : "", detail ? detail : "");
    write_error(s, status, &err, response);
}

static void add_headers(struct MHD_Response *answer, struct buf *headers)
{
    struct str rest = buf_str(headers);
    while (rest.len > 0) {
        struct str value, name = str_split(str_split(rest, '\n', &rest), ':', &value);
        value = str_trim(value);
        AUTO_FREE
        char *name_text = mem_strndup(name.ptr, name.len);
        AUTO_FREE
        char *value_text = mem_strndup(value.len ? value.ptr : "", value.len);
        MHD_add_response_header(answer, name_text, value_text);
    }
}

/* Sends and releases the response. */
static enum MHD_Result send_response(const struct http_server *s, struct MHD_Connection *connection,
                                     struct http_response *response)
{
    size_t len = response->body.len;
    struct MHD_Response *answer =
        MHD_create_response_from_buffer(len, buf_take(&response->body), MHD_RESPMEM_MUST_FREE);
    if (!answer)
        mem_alloc(SIZE_MAX);
    const char *type = response->content_type ? response->content_type : s->options.content_type;
    if (len > 0)
        MHD_add_response_header(answer, "Content-Type", type);
    add_headers(answer, &response->headers);
    if (wake_is_raised(&s->stopping))
        MHD_add_response_header(answer, "Connection", "close");
    enum MHD_Result result =
        MHD_queue_response(connection, (unsigned)(response->status ? response->status : 200), answer);
    MHD_destroy_response(answer);
    buf_free(&response->headers);
    return result;
}

/* ---- one request ---- */

struct str http_query(const struct http_request *r, const char *name)
{
    const char *value = NULL;
    size_t len = 0;
    if (MHD_lookup_connection_value_n(r->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name), &value, &len) !=
        MHD_YES)
        return STR_NULL;
    return value ? str_of(value, len) : STR("");
}

struct wanted {
    const char *name, *value;
    bool found;
};

static enum MHD_Result compare_pair(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    struct wanted *w = ctx;
    w->found |= strcmp(name, w->name) == 0 && value && strcmp(value, w->value) == 0;
    return w->found ? MHD_NO : MHD_YES;
}

bool http_query_has(const struct http_request *r, const char *name, const char *value)
{
    struct wanted wanted = {name, value, false};
    MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, compare_pair, &wanted);
    return wanted.found;
}

struct str http_header(const struct http_request *r, const char *name)
{
    return str_from(MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name));
}

static bool accepts(const struct http_server *s, struct str content_type)
{
    struct str rest, type = str_trim(str_split(content_type, ';', &rest));
    if (type.len == 0)
        type = STR("application/octet-stream");
    for (const char *const *known = s->options.accepts; *known; known++)
        if (str_is_nocase(type, *known))
            return true;
    return false;
}

static void answer_options(const struct http_server *s, const struct http_path *path, struct http_response *response)
{
    buf_add_literal(&response->headers, "Allow: ");
    http_routes_allow(s->mounts, path, &response->headers);
    buf_add_char(&response->headers, '\n');
}

static void begin_active(struct http_server *s, struct exchange *x)
{
    pthread_mutex_lock(&s->lock);
    s->active++;
    pthread_mutex_unlock(&s->lock);
    x->active = true;
}

/* A handler may block for longer than a connection may be idle: the clock of idleness starts anew after it. */
static int call_handler(struct http_server *s, const struct http_match *match, const struct http_request *request,
                        struct http_response *response, struct error *err)
{
    atomic_fetch_add_explicit(&s->hits[match->row], 1, memory_order_relaxed);
    MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
    int rc = match->route->handler(match->ctx, request, response, err);
    MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)s->options.idle_seconds);
    return rc;
}

static void answer(struct http_server *s, struct MHD_Connection *connection, struct exchange *x,
                   const struct http_path *path, const char *method, struct http_response *response)
{
    struct http_match match;
    http_routes_match(s->mounts, path, method, &match);
    struct http_request request = {.method = method,
                                   .path = buf_str(&path->text),
                                   .body = buf_str(&x->body),
                                   .connection = connection,
                                   .stopping = &s->stopping};
    if (wake_is_raised(&s->stopping)) {
        refuse(s, 503, "the program is stopping", response);
    } else if (!match.path_known) {
        refuse(s, 404, NULL, response);
    } else if (!match.route && strcmp(method, "OPTIONS") == 0) {
        answer_options(s, path, response);
    } else if (!match.route) {
        refuse(s, 405, NULL, response);
        answer_options(s, path, response);
    } else if (x->body.len > 0 && !accepts(s, http_header(&request, "Content-Type"))) {
        refuse(s, 415, NULL, response);
    } else {
        struct error err = {0};
        memcpy(request.params, match.params, sizeof match.params);
        int rc = call_handler(s, &match, &request, response, &err);
        if (rc != 0)
            write_error(s, response->status >= 400 ? response->status : error_rest_status((enum error_code)rc), &err,
                        response);
    }
}

static enum MHD_Result answer_exchange(struct http_server *s, struct MHD_Connection *connection, struct exchange *x,
                                       const char *method)
{
    struct http_response response = {0};
    struct http_path path;
    struct error err;
    begin_active(s, x);
    struct str rest;
    if (http_path_init(&path, str_split(str_from(x->uri), '?', &rest), &err) != 0)
        refuse(s, 400, err.text, &response);
    else
        answer(s, connection, x, &path, method, &response);
    http_path_release(&path);
    log_debug("http", "%s %s -> %d", method, x->uri, response.status ? response.status : 200);
    return send_response(s, connection, &response);
}

static enum MHD_Result refuse_body(struct http_server *s, struct MHD_Connection *connection, struct exchange *x)
{
    struct http_response response = {0};
    begin_active(s, x);
    AUTO_FREE
    char *detail = mem_printf("a body may have %d bytes", HTTP_MAX_BODY);
    refuse(s, 413, detail, &response);
    return send_response(s, connection, &response);
}

static bool announces_too_much(struct MHD_Connection *connection)
{
    uint64_t length;
    struct str text = str_from(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length"));
    return text.ptr && str_to_uint64(text, &length) && length > HTTP_MAX_BODY;
}

static bool may_enter(const struct http_server *s, struct MHD_Connection *connection)
{
    return !s->options.users ||
           http_users_admit(s->options.users,
                            str_from(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization")));
}

/* Before any of the body is taken. */
static enum MHD_Result refuse_entry(struct http_server *s, struct MHD_Connection *connection, struct exchange *x)
{
    struct http_response response = {0};
    begin_active(s, x);
    refuse(s, 401, NULL, &response);
    buf_printf(&response.headers, "WWW-Authenticate: Basic realm=\"%s\", charset=\"UTF-8\"\n",
               s->options.realm ? s->options.realm : "tributary");
    return send_response(s, connection, &response);
}

/* ---- what libmicrohttpd calls ---- */

static void *on_uri(void *ctx, const char *uri, struct MHD_Connection *connection)
{
    (void)ctx, (void)connection;
    struct exchange *x = mem_new(struct exchange);
    x->uri = mem_strdup(uri);
    return x;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **exchange)
{
    (void)url, (void)version;
    struct http_server *s = ctx;
    struct exchange *x = *exchange;
    if (!x->begun) {
        x->begun = true;
        if (!may_enter(s, connection))
            return refuse_entry(s, connection, x);
        return announces_too_much(connection) ? refuse_body(s, connection, x) : MHD_YES;
    }
    if (*size > 0) {
        x->received += *size;
        if (x->received <= HTTP_MAX_BODY)
            buf_add(&x->body, data, *size);
        *size = 0;
        return x->received <= MAX_DRAIN ? MHD_YES : MHD_NO;
    }
    return x->received > HTTP_MAX_BODY ? refuse_body(s, connection, x) : answer_exchange(s, connection, x, method);
}

static void on_completed(void *ctx, struct MHD_Connection *connection, void **exchange,
                         enum MHD_RequestTerminationCode code)
{
    (void)connection, (void)code;
    struct http_server *s = ctx;
    struct exchange *x = *exchange;
    if (!x)
        return;
    if (x->active) {
        pthread_mutex_lock(&s->lock);
        if (--s->active == 0)
            pthread_cond_broadcast(&s->idle);
        pthread_mutex_unlock(&s->lock);
    }
    buf_free(&x->body);
    free(x->uri);
    free(x);
    *exchange = NULL;
}

static void on_log(void *ctx, const char *format, va_list args)
{
    struct http_server *s = ctx;
    char text[512];
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    if (!s->started)
        snprintf(s->start_detail, sizeof s->start_detail, "%.255s", text);
    log_debug("http", "%s", text);
}

/* ---- start and stop ---- */

static const char *const accepts_json[] = {"application/json", NULL};

static struct http_server *new_server(const struct http_server_options *options)
{
    struct http_server *s = mem_new(struct http_server);
    s->options = *options;
    s->stopping.fd = -1;
    if (!s->options.accepts)
        s->options.accepts = accepts_json;
    if (!s->options.content_type)
        s->options.content_type = "application/json";
    if (s->options.idle_seconds <= 0)
        s->options.idle_seconds = HTTP_IDLE_SECONDS;
    size_t n = 0;
    while (options->mounts && options->mounts[n].routes)
        n++;
    s->mounts = mem_new_array(struct http_mount, n + 2);
    size_t first = options->routes != NULL;
    if (first)
        s->mounts[0] = (struct http_mount){options->routes, options->ctx};
    if (n > 0)
        memcpy(s->mounts + first, options->mounts, n * sizeof *s->mounts);
    size_t rows = 0;
    for (const struct http_mount *m = s->mounts; m->routes; m++)
        for (const struct http_route *r = m->routes; r->method; r++)
            rows++;
    s->hits = mem_zalloc((rows + 1) * sizeof *s->hits);
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->idle, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return s;
}

static void free_server(struct http_server *s)
{
    if (s->key.data)
        explicit_bzero(s->key.data, s->key.len);
    buf_free(&s->cert);
    buf_free(&s->key);
    wake_release(&s->stopping);
    pthread_cond_destroy(&s->idle);
    pthread_mutex_destroy(&s->lock);
    free(s->hits);
    free(s->mounts);
    free(s);
}

static int read_pem(const char *path, const char *what, struct buf *out, struct error *err)
{
    enum { MAX_PEM = 1 << 20 };
    FILE *file = fopen(path, "re");
    if (!file)
        return error_set(err, ERROR_CONFIG, "the %s %s: %s", what, path, strerror(errno));
    size_t n;
    do {
        n = fread(buf_reserve(out, 4096), 1, 4096, file);
        out->len += n;
    } while (n > 0 && out->len <= MAX_PEM);
    fclose(file);
    buf_cstr(out);
    if (out->len == 0 || out->len > MAX_PEM)
        return error_set(err, ERROR_CONFIG, "the %s %s is empty or too long", what, path);
    return 0;
}

static int read_tls(struct http_server *s, struct error *err)
{
    const struct http_server_tls *tls = &s->options.tls;
    if (!tls->cert_file)
        return 0;
    if (!tls->key_file)
        return error_set(err, ERROR_CONFIG, "HTTPS needs the private key of the certificate %s", tls->cert_file);
    if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return error_set(err, ERROR_UNSUPPORTED, "libmicrohttpd is built without TLS here");
    int rc = read_pem(tls->cert_file, "certificate", &s->cert, err);
    return rc ? rc : read_pem(tls->key_file, "private key", &s->key, err);
}

static struct MHD_Daemon *start_daemon(struct http_server *s, int fd)
{
    struct MHD_OptionItem tls[4] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_ITC | MHD_USE_ERROR_LOG;
    if (s->cert.len) {
        flags |= MHD_USE_TLS;
        tls[0] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, s->cert.data};
        tls[1] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, s->key.data};
        tls[2] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_KEY_PASSWORD, 0, (void *)s->options.tls.key_password};
        tls[s->options.tls.key_password ? 3 : 2] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    }
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, s,
                            MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_uri, NULL,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)s->options.idle_seconds, MHD_OPTION_CONNECTION_LIMIT,
                            (unsigned)HTTP_MAX_CONNECTIONS, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
}

static int start(struct http_server *s, int fd, struct error *err)
{
    int errnum = wake_init(&s->stopping);
    if (errnum == 0) {
        s->daemon = start_daemon(s, fd);
        errnum = errno;
    }
    s->started = s->daemon;
    s->options.tls = (struct http_server_tls){0};
    if (s->daemon)
        return 0;
    if (s->cert.len)
        return error_set(err, ERROR_CONFIG, "the HTTPS server cannot start; are certificate and key a pair? %s",
                         s->start_detail);
    return error_set(err, error_from_errno(errnum), "the HTTP server cannot start: %s", strerror(errnum));
}

int http_server_start(const struct http_server_options *options, struct http_server **ret, struct error *err)
{
    int fd;
    uint16_t port;
    struct http_server *s = new_server(options);
    int rc = read_tls(s, err);
    if (rc == 0)
        rc = http_listen(options->address, options->port, &fd, &port, err);
    if (rc != 0) {
        free_server(s);
        return rc;
    }
    s->port = port;
    rc = start(s, fd, err);
    if (rc != 0) {
        close(fd);
        free_server(s);
        return rc;
    }
    *ret = s;
    return 0;
}

uint16_t http_server_port(const struct http_server *s)
{
    return s->port;
}

static void wait_for_answers(struct http_server *s)
{
    int64_t end = clock_mono_ms() + HTTP_STOP_GRACE_MS;
    struct timespec limit = {.tv_sec = end / 1000, .tv_nsec = end % 1000 * 1000000};
    pthread_mutex_lock(&s->lock);
    while (s->active > 0 && pthread_cond_timedwait(&s->idle, &s->lock, &limit) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&s->lock);
}

void http_server_stop(struct http_server *s)
{
    if (!s)
        return;
    wake_raise(&s->stopping);
    MHD_socket fd = MHD_quiesce_daemon(s->daemon);
    wait_for_answers(s);
    MHD_stop_daemon(s->daemon);
    if (fd != MHD_INVALID_SOCKET)
        close(fd);
    free_server(s);
}

int64_t http_server_route_hits(const struct http_server *s, const char *method, const char *path)
{
    size_t row = 0;
    for (const struct http_mount *m = s->mounts; m->routes; m++)
        for (const struct http_route *r = m->routes; r->method; r++, row++)
            if (strcmp(r->method, method) == 0 && strcmp(r->path, path) == 0)
                return atomic_load_explicit(&s->hits[row], memory_order_relaxed);
    return -1;
}
