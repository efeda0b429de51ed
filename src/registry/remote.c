#include "registry/remote.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "registry/calls.h"
#include "registry/canonical.h"
#include "registry/record.h"
#include "wire/json.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define CONTENT_TYPE "application/vnd.schemaregistry.v1+json"

enum { MAX_REFERENCE_DEPTH = 64 };

struct remote {
    struct registry base;
    VEC(char *) urls; /* without a slash at the end */
    size_t current;   /* the one that answered last */
    int max_retries;
    int64_t wait_ms, max_wait_ms;
    pthread_mutex_t lock; /* of all below; requests go one after the other */
    struct http_client *client;
    struct arena memory; /* of what is cached */
    struct map cache;    /* question -> struct registry_schema */
};

/* ---- requests ---- */

static void sleep_ms(int64_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0)
        ;
}

static bool may_pass(int status)
{
    static const int passing[] = {408, 429, 502, 503, 504};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (status == passing[i])
            return true;
    return false;
}

/* A round through the URLs: the first answer that is one. */
static int ask_each(struct remote *r, const char *method, const char *path, struct str body, int *ret_status,
                    struct buf *answer, struct error *err)
{
    int rc = 0;
    for (size_t i = 0; i < r->urls.len; i++) {
        size_t at = (r->current + i) % r->urls.len;
        AUTO_FREE char *url = mem_printf("%s%s", r->urls.items[at], path);
        buf_clear(answer);
        rc = http_client_do(r->client, method, url, body.ptr ? CONTENT_TYPE : NULL, body, ret_status, answer, err);
        bool answered = rc == 0 && !may_pass(*ret_status);
        if (answered || (rc != 0 && !error_is_retriable((enum error_code)rc))) {
            r->current = at;
            return rc;
        }
    }
    return rc;
}

static int ask(struct remote *r, const char *method, const char *path, struct str body, int *ret_status,
               struct buf *answer, struct error *err)
{
    int64_t wait = r->wait_ms;
    for (int round = 0;; round++) {
        int rc = ask_each(r, method, path, body, ret_status, answer, err);
        bool again = rc ? error_is_retriable((enum error_code)rc) : may_pass(*ret_status);
        if (!again || round >= r->max_retries)
            return rc ? error_context(err, "schema registry") : 0;
        sleep_ms(wait);
        wait = wait * 2 < r->max_wait_ms ? wait * 2 : r->max_wait_ms;
    }
}

/* ---- answers ---- */

static enum error_code code_of(int status, int64_t number)
{
    switch (status) {
    case 401:
    case 403:
        return ERROR_AUTH;
    case 404:
        return ERROR_NOT_FOUND;
    case 409:
        return ERROR_CONFLICT;
    case 422:
        return number == 42201 ? ERROR_INVALID_SCHEMA : ERROR_REQUEST;
    default:
        return status >= 500 ? ERROR_IO : ERROR_REQUEST;
    }
}

static int fail(const struct remote *r, int status, const struct buf *answer, struct error *err)
{
    struct arena arena = {.chunk_size = 4096};
    struct value body;
    struct http_url where = {0};
    bool is_object = json_read(buf_str(answer), &arena, &body, NULL) == 0 && body.type == VALUE_MAP;
    const struct value *number = is_object ? value_map_get(&body, STR("error_code")) : NULL;
    const struct value *message = is_object ? value_map_get(&body, STR("message")) : NULL;
    bool is_ours = number && number->type == VALUE_INT64 && message && message->type == VALUE_STRING;
    int rc;
    http_url_split(str_from(r->urls.items[r->current]), &where);
    if (is_ours)
        rc = error_set(err, code_of(status, number->i), STR_FMT " (error code %lld)", STR_ARG(value_as_str(message)),
                       (long long)number->i);
    else if (status == 401 || status == 403)
        rc = error_set(err, ERROR_AUTH, "status %d: check basic.auth.credentials.source and basic.auth.user.info",
                       status);
    else
        rc = error_set(err, status >= 500 ? ERROR_IO : ERROR_DATA,
                       "status %d without an error of a schema registry; check schema.registry.url", status);
    error_context(err, "schema registry at " STR_FMT ":%u", STR_ARG(where.host), where.port);
    arena_free(&arena);
    return rc;
}

/* The answer as a JSON value, in the arena. */
static int ask_json(struct remote *r, const char *method, const char *path, struct str body, struct arena *arena,
                    struct value *ret, struct error *err)
{
    AUTO_BUF answer = {0};
    int status = 0;
    int rc = ask(r, method, path, body, &status, &answer, err);
    if (rc == 0 && status != 200)
        rc = fail(r, status, &answer, err);
    if (rc == 0 && json_read(arena_str(arena, buf_str(&answer)), arena, ret, err) != 0)
        rc = error_set(err, ERROR_DATA, "the answer to %s %s is not JSON; check schema.registry.url", method, path);
    return rc;
}

static int not_understood(const char *path, struct error *err)
{
    return error_set(err, ERROR_DATA, "schema registry: the answer to %s is not what it should be", path);
}

static bool read_number(const struct value *object, const char *name, int32_t *ret)
{
    const struct value *v = object->type == VALUE_MAP ? value_map_get(object, str_from(name)) : NULL;
    if (!v || v->type != VALUE_INT64 || v->i < 0 || v->i > INT32_MAX)
        return false;
    *ret = (int32_t)v->i;
    return true;
}

static struct str read_text(const struct value *object, const char *name)
{
    const struct value *v = value_map_get(object, str_from(name));
    return v && v->type == VALUE_STRING ? value_as_str(v) : STR_NULL;
}

static int read_schema(const struct value *object, const char *path, struct arena *arena, struct registry_schema *ret,
                       struct error *err)
{
    struct registry_schema schema = {0};
    if (object->type != VALUE_MAP)
        return not_understood(path, err);
    schema.subject = read_text(object, "subject");
    schema.schema = read_text(object, "schema");
    schema.type = read_text(object, "schemaType");
    read_number(object, "id", &schema.id);
    read_number(object, "version", &schema.version);
    if (!schema.type.ptr)
        schema.type = STR("AVRO");
    if (!schema.schema.ptr || record_read_references(value_map_get(object, STR("references")), arena, &schema, NULL) ||
        record_read_attributes(object, arena, &schema.attributes, NULL))
        return not_understood(path, err);
    *ret = schema;
    return 0;
}

/* ---- the cache ---- */

static void copy_schema(const struct registry_schema *from, struct arena *arena, struct registry_schema *ret)
{
    struct registry_reference *references = arena_array(arena, struct registry_reference, from->n_references + 1);
    for (size_t i = 0; i < from->n_references; i++)
        references[i] = (struct registry_reference){.name = arena_str(arena, from->references[i].name),
                                                    .subject = arena_str(arena, from->references[i].subject),
                                                    .version = from->references[i].version};
    *ret = (struct registry_schema){.subject = arena_str(arena, from->subject),
                                    .version = from->version,
                                    .id = from->id,
                                    .type = arena_str(arena, from->type),
                                    .schema = arena_str(arena, from->schema),
                                    .references = references,
                                    .n_references = from->n_references,
                                    .attributes = arena_str(arena, from->attributes)};
}

static bool recall(const struct remote *r, struct str question, struct arena *arena, struct registry_schema *ret)
{
    const struct registry_schema *known = map_get(&r->cache, question);
    if (known)
        copy_schema(known, arena, ret);
    return known;
}

static void remember(struct remote *r, struct str question, const struct registry_schema *schema)
{
    if (r->cache.len >= REMOTE_MAX_CACHED) {
        map_free(&r->cache, NULL);
        arena_reset(&r->memory);
    }
    struct registry_schema *own = arena_new(&r->memory, struct registry_schema);
    copy_schema(schema, &r->memory, own);
    map_put(&r->cache, question, own);
}

/* ---- the calls ---- */

static void write_path(struct buf *out, const char *begin, struct str name, const char *end)
{
    buf_add_cstr(out, begin);
    http_encode(out, name);
    buf_add_cstr(out, end);
}

static void write_ask(const struct registry_ask *question, struct buf *out)
{
    buf_add_literal(out, "{\"schema\":");
    json_write_string(out, question->schema);
    if (question->type.len && !str_is(question->type, "AVRO")) {
        buf_add_literal(out, ",\"schemaType\":");
        json_write_string(out, question->type);
    }
    buf_add_char(out, '}');
}

static int post(struct remote *r, const struct registry_ask *question, const char *path, struct arena *arena,
                struct value *ret, struct error *err)
{
    AUTO_BUF body = {0};
    write_ask(question, &body);
    return ask_json(r, "POST", path, buf_str(&body), arena, ret, err);
}

static int put_locked(struct remote *r, const struct registry_ask *question, struct arena *arena,
                      struct registry_schema *ret, struct error *err)
{
    AUTO_BUF path = {0}, key = {0};
    struct value answer;
    write_path(&path, "/subjects/", question->subject, question->normalize ? "/versions?normalize=true" : "/versions");
    buf_printf(&key, "put %s ", buf_cstr(&path));
    write_ask(question, &key);
    if (recall(r, buf_str(&key), arena, ret))
        return 0;
    int rc = post(r, question, buf_cstr(&path), arena, &answer, err);
    if (rc)
        return rc;
    *ret = (struct registry_schema){0};
    if (!read_number(&answer, "id", &ret->id))
        return not_understood(buf_cstr(&path), err);
    remember(r, buf_str(&key), ret);
    return 0;
}

static int remote_put(struct registry *base, const struct registry_ask *question, int32_t *ret_id, struct error *err)
{
    struct remote *r = (struct remote *)base;
    struct arena arena = {.chunk_size = 4096};
    struct registry_schema schema = {0};
    pthread_mutex_lock(&r->lock);
    int rc = put_locked(r, question, &arena, &schema, err);
    pthread_mutex_unlock(&r->lock);
    if (rc == 0)
        *ret_id = schema.id;
    arena_free(&arena);
    return rc;
}

static int remote_look_up(struct registry *base, const struct registry_ask *question, struct arena *arena,
                          struct registry_schema *ret, struct error *err)
{
    struct remote *r = (struct remote *)base;
    AUTO_BUF path = {0};
    struct value answer;
    write_path(&path, "/subjects/", question->subject, question->normalize ? "?normalize=true" : "");
    pthread_mutex_lock(&r->lock);
    int rc = post(r, question, buf_cstr(&path), arena, &answer, err);
    pthread_mutex_unlock(&r->lock);
    return rc ? rc : read_schema(&answer, buf_cstr(&path), arena, ret, err);
}

static int get_version(struct remote *r, struct str subject, const char *version, struct arena *arena,
                       struct registry_schema *ret, struct error *err)
{
    AUTO_BUF path = {0};
    struct value answer;
    write_path(&path, "/subjects/", subject, "/versions/");
    buf_add_cstr(&path, version);
    int rc = ask_json(r, "GET", buf_cstr(&path), STR_NULL, arena, &answer, err);
    return rc ? rc : read_schema(&answer, buf_cstr(&path), arena, ret, err);
}

static int remote_latest(struct registry *base, struct str subject, struct arena *arena, struct registry_schema *ret,
                         struct error *err)
{
    struct remote *r = (struct remote *)base;
    pthread_mutex_lock(&r->lock);
    int rc = get_version(r, subject, "latest", arena, ret, err);
    pthread_mutex_unlock(&r->lock);
    return rc;
}

/* A registry of before 5.5 cannot tell the versions of an id, and then there are none. */
static void find_version(struct remote *r, int32_t id, struct arena *arena, struct registry_schema *schema)
{
    AUTO_BUF path = {0};
    struct value answer;
    buf_printf(&path, "/schemas/ids/%d/versions", id);
    if (ask_json(r, "GET", buf_cstr(&path), STR_NULL, arena, &answer, NULL) != 0 || answer.type != VALUE_ARRAY ||
        answer.len == 0 || answer.items[0].type != VALUE_MAP)
        return;
    schema->subject = read_text(&answer.items[0], "subject");
    read_number(&answer.items[0], "version", &schema->version);
}

static int by_id_locked(struct remote *r, int32_t id, struct arena *arena, struct registry_schema *ret,
                        struct error *err)
{
    AUTO_BUF path = {0};
    struct value answer;
    struct registry_schema schema;
    buf_printf(&path, "/schemas/ids/%d", id);
    if (recall(r, buf_str(&path), arena, ret))
        return 0;
    int rc = ask_json(r, "GET", buf_cstr(&path), STR_NULL, arena, &answer, err);
    if (rc == 0)
        rc = read_schema(&answer, buf_cstr(&path), arena, &schema, err);
    if (rc)
        return rc;
    schema.id = id;
    find_version(r, id, arena, &schema);
    remember(r, buf_str(&path), &schema);
    *ret = schema;
    return 0;
}

static int remote_by_id(struct registry *base, int32_t id, struct arena *arena, struct registry_schema *ret,
                        struct error *err)
{
    struct remote *r = (struct remote *)base;
    pthread_mutex_lock(&r->lock);
    int rc = by_id_locked(r, id, arena, ret, err);
    pthread_mutex_unlock(&r->lock);
    return rc;
}

/* ---- references ---- */

struct closure {
    struct map seen; /* "subject version" */
    VEC(struct str) texts;
    struct arena *arena;
    int depth;
};

static int close_over(struct remote *r, const struct registry_schema *schema, struct closure *c, struct error *err)
{
    if (++c->depth > MAX_REFERENCE_DEPTH)
        return error_set(err, ERROR_INVALID_SCHEMA, "references lead deeper than %d schemas", MAX_REFERENCE_DEPTH);
    for (size_t i = 0; i < schema->n_references; i++) {
        const struct registry_reference *reference = &schema->references[i];
        AUTO_FREE char *version = mem_printf("%d?deleted=true", reference->version);
        AUTO_FREE char *name = mem_printf(STR_FMT " %s", STR_ARG(reference->subject), version);
        struct registry_schema referenced;
        if (map_put(&c->seen, str_from(name), c))
            continue;
        if (c->seen.len > REGISTRY_MAX_REFERENCES)
            return error_set(err, ERROR_INVALID_SCHEMA, "references lead to more than %d schemas",
                             REGISTRY_MAX_REFERENCES);
        int rc = get_version(r, reference->subject, version, c->arena, &referenced, err);
        if (rc == 0)
            rc = close_over(r, &referenced, c, err);
        if (rc)
            return rc;
        *vec_push(&c->texts) = referenced.schema;
    }
    c->depth--;
    return 0;
}

static int remote_expand(struct registry *base, const struct registry_schema *schema, struct arena *arena,
                         struct str *ret, struct error *err)
{
    struct remote *r = (struct remote *)base;
    struct closure c = {.arena = arena};
    AUTO_BUF text = {0};
    pthread_mutex_lock(&r->lock);
    int rc = close_over(r, schema, &c, err);
    pthread_mutex_unlock(&r->lock);
    if (rc == 0)
        rc = canonical_avro(schema->schema, CANONICAL_EXPANDED, c.texts.items, c.texts.len, &text, err);
    if (rc == 0)
        *ret = arena_str(arena, buf_str(&text));
    map_free(&c.seen, NULL);
    vec_free(&c.texts);
    return rc;
}

/* ---- opening ---- */

static void remote_close(struct registry *base)
{
    struct remote *r = (struct remote *)base;
    vec_each (&r->urls, url)
        free(*url);
    vec_free(&r->urls);
    map_free(&r->cache, NULL);
    arena_free(&r->memory);
    http_client_free(r->client);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static const struct registry_calls remote_calls = {
    .put = remote_put,
    .look_up = remote_look_up,
    .latest = remote_latest,
    .by_id = remote_by_id,
    .expand = remote_expand,
    .close = remote_close,
};

static int add_url(struct remote *r, struct str url, struct error *err)
{
    struct http_url parts;
    url = str_trim(url);
    while (url.len && url.ptr[url.len - 1] == '/')
        url.len--;
    if (r->urls.len == REMOTE_MAX_URLS)
        return error_set(err, ERROR_CONFIG, "more than %d URLs of a schema registry", REMOTE_MAX_URLS);
    if (!http_url_split(url, &parts))
        return error_set(err, ERROR_CONFIG,
                         "\"" STR_FMT "\" is no URL of a schema registry, http://host:8081 or https://host:8081",
                         STR_ARG(str_find(url, '@') < url.len ? STR("(with a password)") : url));
    *vec_push(&r->urls) = mem_strndup(url.ptr, url.len);
    return 0;
}

int registry_open_remote(const struct registry_remote_options *options, struct registry **ret, struct error *err)
{
    struct remote *r = mem_new(struct remote);
    r->base.calls = &remote_calls;
    r->max_retries = options->max_retries;
    r->wait_ms = options->retry_wait_ms;
    r->max_wait_ms = options->retry_max_wait_ms;
    pthread_mutex_init(&r->lock, NULL);
    r->client = http_client_new();
    if (options->timeout_ms > 0)
        http_client_set_timeout(r->client, options->timeout_ms);
    if (options->user)
        http_client_set_auth(r->client, options->user, options->password);
    http_client_set_tls(r->client, &options->tls);
    int rc = options->n_urls ? 0 : error_set(err, ERROR_CONFIG, "no URL of a schema registry");
    for (size_t i = 0; i < options->n_urls && rc == 0; i++)
        rc = add_url(r, options->urls[i], err);
    if (rc) {
        remote_close(&r->base);
        return rc;
    }
    *ret = &r->base;
    return 0;
}
