#include "worker/topics_routes.h"

#include "wire/json.h"
#include "worker/worker.h"

/* ---- answers ---- */

static void write_base64(struct buf *out, struct str s)
{
    if (s.ptr)
        json_write_base64(out, (const uint8_t *)s.ptr, s.len);
    else
        buf_add_literal(out, "null");
}

static void write_number(struct buf *out, const char *name, int64_t n)
{
    buf_printf(out, ",\"%s\":", name);
    buf_add_int64(out, n);
}

static const char *policy_of(const struct topic_config *c)
{
    if (c->compact)
        return c->cleanup_delete ? "compact,delete" : "compact";
    return "delete";
}

static void write_info_open(const struct topic_info *info, struct buf *out)
{
    buf_add_literal(out, "{\"name\":");
    http_json_string(out, info->name);
    write_number(out, "partitions", info->config.partitions);
    buf_printf(out, ",\"cleanup.policy\":\"%s\"", policy_of(&info->config));
    write_number(out, "retention.ms", info->config.retention_ms);
    write_number(out, "retention.bytes", info->config.retention_bytes);
    write_number(out, "delete.retention.ms", info->config.delete_retention_ms);
    write_number(out, "records", info->records);
    write_number(out, "bytes", info->bytes);
}

void topics_routes_write_info(const struct topic_info *info, struct buf *out)
{
    write_info_open(info, out);
    buf_add_char(out, '}');
}

static void write_record(const struct topics_record *r, struct buf *out)
{
    buf_add_literal(out, "{\"offset\":");
    buf_add_int64(out, r->offset);
    write_number(out, "timestamp", r->timestamp);
    buf_add_literal(out, ",\"key\":");
    write_base64(out, r->key);
    buf_add_literal(out, ",\"value\":");
    write_base64(out, r->value);
    buf_add_literal(out, ",\"headers\":[");
    for (uint32_t i = 0; i < r->n_headers; i++) {
        buf_add_cstr(out, i ? ",{\"key\":" : "{\"key\":");
        http_json_string(out, r->headers[i].key);
        buf_add_literal(out, ",\"value\":");
        write_base64(out, r->headers[i].value);
        buf_add_char(out, '}');
    }
    buf_add_literal(out, "]}");
}

/* ---- parameters ---- */

static int read_number(const struct http_request *request, const char *name, int64_t min, int64_t max, int64_t *value,
                       struct error *err)
{
    struct str text = http_query(request, name);
    if (!text.ptr)
        return 0;
    if (!str_to_int64(text, value) || *value < min)
        return error_set(err, ERROR_REQUEST, "%s must be a whole number from %lld on, not \"" STR_FMT "\"", name,
                         (long long)min, STR_ARG(text));
    if (*value > max)
        *value = max;
    return 0;
}

static int read_offset(const struct http_request *request, int64_t *offset, struct error *err)
{
    struct str text = http_query(request, "offset");
    if (str_is_nocase(text, "beginning") || str_is_nocase(text, "earliest") || !text.ptr)
        *offset = TOPICS_BEGIN;
    else if (str_is_nocase(text, "end") || str_is_nocase(text, "latest"))
        *offset = TOPICS_END;
    else if (!str_to_int64(text, offset) || *offset < 0)
        return error_set(err, ERROR_REQUEST, "offset must be a number, \"beginning\" or \"end\", not \"" STR_FMT "\"",
                         STR_ARG(text));
    return 0;
}

static int read_partition(struct str text, int32_t *ret, struct error *err)
{
    int64_t n;
    if (!str_to_int64(text, &n) || n < 0 || n > INT32_MAX)
        return error_set(err, ERROR_REQUEST, "\"" STR_FMT "\" is not the number of a partition", STR_ARG(text));
    *ret = (int32_t)n;
    return 0;
}

/* ---- handlers ---- */

static struct topics *topics_of(void *ctx)
{
    const struct topics_served *served = ctx;
    return served->topics;
}

static int list(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct arena arena = {0};
    struct topic_info *infos;
    size_t n;
    (void)request;
    int code = topics_list(topics_of(ctx), &arena, &infos, &n, err);
    buf_add_literal(&response->body, "[");
    for (size_t i = 0; !code && i < n; i++) {
        buf_add_cstr(&response->body, i ? "," : "");
        topics_routes_write_info(&infos[i], &response->body);
    }
    buf_add_literal(&response->body, "]");
    arena_free(&arena);
    return code;
}

static int write_described(struct topics *topics, struct str name, struct buf *out, struct error *err)
{
    struct arena arena = {0};
    struct topic_info info;
    int code = topics_describe(topics, name, &arena, &info, err);
    if (!code) {
        write_info_open(&info, out);
        buf_add_literal(out, ",\"offsets\":[");
    }
    for (int32_t p = 0; !code && p < info.config.partitions; p++) {
        int64_t begin, end;
        code = topics_offsets(topics, name, p, &begin, &end, err);
        if (!code)
            buf_printf(out, "%s{\"partition\":%d,\"begin\":%lld,\"end\":%lld}", p ? "," : "", p, (long long)begin,
                       (long long)end);
    }
    buf_add_literal(out, "]}");
    arena_free(&arena);
    return code;
}

static int describe(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    return write_described(topics_of(ctx), request->params[0], &response->body, err);
}

static int read_policy(struct str policy, struct topic_config *config, struct error *err)
{
    config->compact = config->cleanup_delete = false;
    for (struct str part; policy.ptr;) {
        part = str_trim(str_split(policy, ',', &policy));
        if (str_is(part, "compact"))
            config->compact = true;
        else if (str_is(part, "delete"))
            config->cleanup_delete = true;
        else
            return error_set(err, ERROR_REQUEST, "cleanup.policy is delete, compact or both, not \"" STR_FMT "\"",
                             STR_ARG(part));
    }
    return 0;
}

/* One member of POST /topics: Kafka's topic configurations by their names. */
static int read_setting(struct str name, struct str value, struct topic_config *config, struct error *err)
{
    const struct {
        const char *name;
        int64_t *value;
    } numbers[] = {{"retention.ms", &config->retention_ms},
                   {"retention.bytes", &config->retention_bytes},
                   {"delete.retention.ms", &config->delete_retention_ms}};
    if (str_is(name, "name") || str_is(name, "partitions"))
        return 0;
    if (str_is(name, "cleanup.policy"))
        return read_policy(value, config, err);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (!str_is(name, numbers[i].name))
            continue;
        if (str_to_int64(value, numbers[i].value) && *numbers[i].value >= -1)
            return 0;
        return error_set(err, ERROR_REQUEST, "%s must be a whole number, -1 for no limit, not \"" STR_FMT "\"",
                         numbers[i].name, STR_ARG(value));
    }
    return error_set(err, ERROR_REQUEST,
                     "a topic has no \"" STR_FMT "\"; there are name, partitions, cleanup.policy, retention.ms, "
                     "retention.bytes, delete.retention.ms",
                     STR_ARG(name));
}

static int read_new_topic(const struct config *body, struct topic_config *config, struct error *err)
{
    struct str partitions = config_get(body, "partitions"), policy = config_get(body, "cleanup.policy");
    int code = 0;
    if (policy.ptr && str_is(str_trim(policy), "compact"))
        *config = TOPIC_CONFIG_COMPACT;
    if (partitions.ptr && (read_partition(partitions, &config->partitions, NULL) || config->partitions < 1))
        return error_set(err, ERROR_REQUEST, "partitions must be a whole number from 1 on, not \"" STR_FMT "\"",
                         STR_ARG(partitions));
    for (size_t i = 0; !code && i < body->entries.len; i++)
        code = read_setting(body->entries.items[i].name, body->entries.items[i].value, config, err);
    return code;
}

static int create(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct config body;
    struct topic_config config = TOPIC_CONFIG_DEFAULT;
    config_init(&body);
    int code = config_read_json(request->body, "the topic", &body, err);
    struct str name = config_get(&body, "name");
    if (code)
        err->code = ERROR_REQUEST;
    else if (!name.len)
        code = error_set(err, ERROR_REQUEST, "a topic needs a name: {\"name\": \"...\"}");
    if (!code)
        code = read_new_topic(&body, &config, err);
    if (!code)
        code = topics_create(topics_of(ctx), name, &config, err);
    if (!code)
        code = write_described(topics_of(ctx), name, &response->body, err);
    response->status = code ? 0 : 201;
    config_release(&body);
    return code;
}

static bool is_protected(const struct topics_served *served, struct str topic)
{
    return str_equal(topic, served->schemas_topic) || (served->worker && worker_keeps_topic(served->worker, topic));
}

static int delete (void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct str name = request->params[0];
    if (is_protected(ctx, name))
        return error_set(err, ERROR_CONFLICT,
                         "the topic " STR_FMT " holds the worker's own memory and is in use; it stays", STR_ARG(name));
    response->status = 204;
    int code = topics_delete(topics_of(ctx), name, err);
    if (code)
        response->status = 0;
    return code;
}

static int compact(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    int code = topics_compact(topics_of(ctx), request->params[0], err);
    response->status = code ? 0 : 204;
    return code;
}

static int verify(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    int64_t batches, records;
    (void)request;
    int code = topics_verify(topics_of(ctx), &batches, &records, err);
    if (!code)
        buf_printf(&response->body, "{\"batches\":%lld,\"records\":%lld}", (long long)batches, (long long)records);
    return code;
}

struct page {
    struct str topic;
    int32_t partition;
    int64_t offset, limit, wait_ms;
};

static int read_page_request(const struct http_request *request, struct page *ret, struct error *err)
{
    *ret = (struct page){.topic = request->params[0], .limit = TOPICS_PAGE_RECORDS};
    int code = read_partition(request->params[1], &ret->partition, err);
    if (!code)
        code = read_offset(request, &ret->offset, err);
    if (!code)
        code = read_number(request, "limit", 1, TOPICS_PAGE_MAX_RECORDS, &ret->limit, err);
    if (!code)
        code = read_number(request, "wait_ms", 0, TOPICS_PAGE_MAX_WAIT_MS, &ret->wait_ms, err);
    return code;
}

/* Waits for the first record only: what is there is handed out at once. */
static int write_records(struct topics_reader *reader, const struct page *page, const struct wake *stopping,
                         struct buf *out, struct error *err)
{
    size_t began = out->len;
    for (int64_t n = 0; n < page->limit && out->len - began < TOPICS_PAGE_BYTES; n++) {
        struct topics_record record;
        bool found;
        int code = topics_read(reader, n ? 0 : page->wait_ms, stopping, &record, &found, err);
        if (code)
            return code;
        if (!found)
            break;
        buf_add_cstr(out, n ? ",\n" : "\n");
        write_record(&record, out);
    }
    return 0;
}

static int records(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct page page;
    struct topics_reader *reader = NULL;
    AUTO_BUF rows = {0};
    int64_t begin, end, next = 0;
    int code = read_page_request(request, &page, err);
    if (!code)
        code = topics_reader_open(topics_of(ctx), page.topic, page.partition, page.offset, &reader, err);
    if (!code)
        code = write_records(reader, &page, request->stopping, &rows, err);
    if (reader) {
        next = topics_reader_offset(reader);
        topics_reader_close(reader);
    }
    if (!code)
        code = topics_offsets(topics_of(ctx), page.topic, page.partition, &begin, &end, err);
    if (code)
        return code;
    struct buf *out = &response->body;
    buf_add_literal(out, "{\"topic\":");
    http_json_string(out, page.topic);
    buf_printf(out, ",\"partition\":%d,\"begin\":%lld,\"end\":%lld,\"next\":%lld,\"records\":[", page.partition,
               (long long)begin, (long long)end, (long long)next);
    buf_add_str(out, buf_str(&rows));
    buf_add_literal(out, "]}");
    return 0;
}

const struct http_route topics_routes[] = {
    {"GET", "/topics", list, "The topics of the log, by name, with their settings and sizes"},
    {"POST", "/topics", create,
     "Creates a topic: `{\"name\":, \"partitions\":, \"cleanup.policy\":, \"retention.ms\":, ...}`"},
    {"GET", "/topics/{topic}", describe, "One topic, with the offsets of its partitions"},
    {"DELETE", "/topics/{topic}", delete, "Deletes a topic and its records; the worker's own topics are refused"},
    {"POST", "/topics/{topic}/compact", compact, "Compacts a topic now"},
    {"GET", "/topics/{topic}/partitions/{partition}/records", records,
     "Records from ?offset=beginning on (a number, `beginning` or `end`), at most ?limit=500; with ?wait_ms=1000 it "
     "waits "
     "for the first one. Keys and values are base64"},
    {"POST", "/log/verify", verify, "Reads everything stored and checks each batch"},
    {.method = NULL},
};
