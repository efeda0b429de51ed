/* The log of a running `tributary up`, by the routes of worker/topics_routes.h and the schema registry's. */
#include "base/mem.h"
#include "cli/log_access.h"
#include "http/client.h"
#include "http/text.h"
#include "wire/json.h"

#include <jansson.h>
#include <stdlib.h>

enum { WAIT_MARGIN_MS = 20 * 1000 }; /* beyond the wait that was asked for, before the answer counts as lost */

struct log_http {
    struct log_access base;
    struct http_client *client;
    char *rest, *registry;
};

static void http_close(struct log_access *l)
{
    struct log_http *h = (struct log_http *)l;
    http_client_free(h->client);
    free(h->rest);
    free(h->registry);
    free(h);
}

/* ---- requests ---- */

static enum error_code code_of_status(int status)
{
    switch (status) {
    case 404:
        return ERROR_NOT_FOUND;
    case 409:
        return ERROR_CONFLICT;
    case 503:
        return ERROR_CONNECTION; /* it is stopping */
    default:
        return status < 500 ? ERROR_REQUEST : ERROR_IO;
    }
}

/* The answer's JSON (*ret NULL when it has no body), or the error that it tells. */
static int request(struct log_http *h, const char *method, const char *url, struct str body, json_t **ret,
                   struct error *err)
{
    AUTO_BUF answer = {0};
    int status, code = http_client_do(h->client, method, url, body.ptr ? "application/json" : NULL, body, &status,
                                      &answer, err);
    if (code)
        return code;
    json_t *root = answer.len ? json_loadb(answer.data, answer.len, 0, NULL) : NULL;
    if (status >= 300) {
        const char *message = json_string_value(json_object_get(root, "message"));
        code = error_set(err, code_of_status(status), "%s", message ? message : "the running tributary refused");
    } else if (answer.len && !root) {
        code = error_set(err, ERROR_DATA, "%s %s: the answer is no JSON", method, url);
    }
    if (code)
        json_decref(root);
    else
        *ret = root;
    return code;
}

static char *topic_url(struct log_http *h, struct str topic, const char *below)
{
    AUTO_BUF url = {0};
    buf_printf(&url, "%s/topics/", h->rest);
    http_encode(&url, topic);
    buf_add_cstr(&url, below);
    return buf_take(&url);
}

/* ---- topics ---- */

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void read_info(const json_t *o, struct arena *arena, struct topic_info *ret)
{
    const char *policy = json_string_value(json_object_get(o, "cleanup.policy"));
    const char *name = json_string_value(json_object_get(o, "name"));
    *ret = (struct topic_info){
        .name = arena_cstr(arena, name ? name : ""),
        .config = {.partitions = (int32_t)number(o, "partitions"),
                   .compact = policy && strstr(policy, "compact"),
                   .cleanup_delete = policy && strstr(policy, "delete"),
                   .retention_ms = number(o, "retention.ms"),
                   .retention_bytes = number(o, "retention.bytes"),
                   .delete_retention_ms = number(o, "delete.retention.ms")},
        .records = number(o, "records"),
        .bytes = number(o, "bytes"),
    };
}

static int http_list(struct log_access *l, struct arena *arena, struct topic_info **ret, size_t *ret_n,
                     struct error *err)
{
    struct log_http *h = (struct log_http *)l;
    AUTO_FREE char *url = mem_printf("%s/topics", h->rest);
    json_t *root = NULL;
    int code = request(h, "GET", url, STR_NULL, &root, err);
    if (code)
        return code;
    size_t n = json_array_size(root);
    struct topic_info *infos = arena_array(arena, struct topic_info, n + 1);
    for (size_t i = 0; i < n; i++)
        read_info(json_array_get(root, i), arena, &infos[i]);
    json_decref(root);
    *ret = infos;
    *ret_n = n;
    return 0;
}

static int http_describe(struct log_access *l, struct str topic, struct arena *arena, struct topic_info *ret,
                         struct log_offsets **ret_offsets, struct error *err)
{
    struct log_http *h = (struct log_http *)l;
    AUTO_FREE char *url = topic_url(h, topic, "");
    json_t *root = NULL;
    int code = request(h, "GET", url, STR_NULL, &root, err);
    if (code)
        return code;
    json_t *rows = json_object_get(root, "offsets");
    size_t n = json_array_size(rows);
    read_info(root, arena, ret);
    *ret_offsets = arena_array(arena, struct log_offsets, n + 1);
    for (size_t i = 0; i < n; i++)
        (*ret_offsets)[i] = (struct log_offsets){.begin = number(json_array_get(rows, i), "begin"),
                                                 .end = number(json_array_get(rows, i), "end")};
    if (n != (size_t)ret->config.partitions)
        code = error_set(err, ERROR_DATA, "GET %s: %zu offsets for %d partitions", url, n, ret->config.partitions);
    json_decref(root);
    return code;
}

static int http_create(struct log_access *l, struct str topic, const struct topic_config *c, struct error *err)
{
    struct log_http *h = (struct log_http *)l;
    AUTO_FREE char *url = mem_printf("%s/topics", h->rest);
    AUTO_BUF body = {0};
    json_t *root = NULL;
    buf_add_literal(&body, "{\"name\":");
    http_json_string(&body, topic);
    buf_printf(&body,
               ",\"partitions\":%d,\"cleanup.policy\":\"%s\",\"retention.ms\":%lld,\"retention.bytes\":%lld,"
               "\"delete.retention.ms\":%lld}",
               c->partitions, c->compact ? (c->cleanup_delete ? "compact,delete" : "compact") : "delete",
               (long long)c->retention_ms, (long long)c->retention_bytes, (long long)c->delete_retention_ms);
    int code = request(h, "POST", url, buf_str(&body), &root, err);
    if (!code)
        json_decref(root);
    return code;
}

static int without_answer(struct log_http *h, const char *method, const char *url, struct error *err)
{
    json_t *root = NULL;
    int code = request(h, method, url, STR_NULL, &root, err);
    if (!code)
        json_decref(root);
    return code;
}

static int http_delete(struct log_access *l, struct str topic, struct error *err)
{
    struct log_http *h = (struct log_http *)l;
    AUTO_FREE char *url = topic_url(h, topic, "");
    return without_answer(h, "DELETE", url, err);
}

static int http_compact(struct log_access *l, struct str topic, struct error *err)
{
    struct log_http *h = (struct log_http *)l;
    AUTO_FREE char *url = topic_url(h, topic, "/compact");
    http_client_set_timeout(h->client, 0);
    return without_answer(h, "POST", url, err);
}

static int http_verify(struct log_access *l, int64_t *ret_batches, int64_t *ret_records, struct error *err)
{
    struct log_http *h = (struct log_http *)l;
    AUTO_FREE char *url = mem_printf("%s/log/verify", h->rest);
    json_t *root = NULL;
    http_client_set_timeout(h->client, 0);
    int code = request(h, "POST", url, STR_NULL, &root, err);
    if (code)
        return code;
    *ret_batches = number(root, "batches");
    *ret_records = number(root, "records");
    json_decref(root);
    return 0;
}

/* ---- records ---- */

static bool read_bytes(const json_t *value, struct arena *arena, struct str *ret)
{
    *ret = STR_NULL;
    if (!json_is_string(value))
        return json_is_null(value);
    return json_read_base64(str_of(json_string_value(value), json_string_length(value)), arena, ret);
}

static int read_page(const json_t *root, struct arena *arena, struct log_page *ret, struct error *err)
{
    const json_t *rows = json_object_get(root, "records");
    size_t n = json_array_size(rows);
    struct log_page page = {.records = arena_array(arena, struct topics_record, n + 1), .n = n};
    page.next = number(root, "next");
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        struct topics_record *r = &page.records[i];
        *r = (struct topics_record){.offset = number(row, "offset"), .timestamp = number(row, "timestamp")};
        if (!read_bytes(json_object_get(row, "key"), arena, &r->key) ||
            !read_bytes(json_object_get(row, "value"), arena, &r->value))
            return error_set(err, ERROR_DATA, "offset %lld: the answer is not base64", (long long)r->offset);
    }
    *ret = page;
    return 0;
}

static int http_read(struct log_access *l, struct str topic, int32_t partition, int64_t offset, size_t limit,
                     int64_t wait_ms, struct arena *arena, struct log_page *ret, struct error *err)
{
    struct log_http *h = (struct log_http *)l;
    char from[32], below[160];
    snprintf(from, sizeof from, "%lld", (long long)offset);
    snprintf(below, sizeof below, "/partitions/%d/records?offset=%s&limit=%zu&wait_ms=%lld", partition,
             offset == TOPICS_BEGIN ? "beginning"
             : offset == TOPICS_END ? "end"
                                    : from,
             limit, (long long)wait_ms);
    AUTO_FREE char *url = topic_url(h, topic, below);
    json_t *root = NULL;
    http_client_set_timeout(h->client, wait_ms + WAIT_MARGIN_MS);
    int code = request(h, "GET", url, STR_NULL, &root, err);
    if (!code)
        code = read_page(root, arena, ret, err);
    json_decref(root);
    return code;
}

static int http_schema(struct log_access *l, int32_t id, struct arena *arena, struct str *ret_type,
                       struct str *ret_schema, struct error *err)
{
    struct log_http *h = (struct log_http *)l;
    AUTO_FREE char *url = mem_printf("%s/schemas/ids/%d", h->registry, id);
    json_t *root = NULL;
    int code = request(h, "GET", url, STR_NULL, &root, err);
    if (code)
        return code;
    const char *type = json_string_value(json_object_get(root, "schemaType"));
    const char *schema = json_string_value(json_object_get(root, "schema"));
    if (schema) {
        *ret_type = arena_cstr(arena, type ? type : "AVRO");
        *ret_schema = arena_cstr(arena, schema);
    } else {
        code = error_set(err, ERROR_DATA, "GET %s: the answer has no schema", url);
    }
    json_decref(root);
    return code;
}

static const struct log_access_ops http_ops = {
    .close = http_close,
    .list = http_list,
    .describe = http_describe,
    .create = http_create,
    .delete = http_delete,
    .compact = http_compact,
    .verify = http_verify,
    .read = http_read,
    .schema = http_schema,
    .live = true,
};

int log_http_open(const char *rest, const char *registry, struct log_access **ret, struct error *err)
{
    (void)err;
    struct log_http *h = mem_new(struct log_http);
    *h = (struct log_http){
        .base.ops = &http_ops, .client = http_client_new(), .rest = mem_strdup(rest), .registry = mem_strdup(registry)};
    *ret = &h->base;
    return 0;
}
