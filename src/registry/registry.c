/* The registry as converters see it, and its calls on top of the store. */
#include "registry/registry.h"

#include "http/client.h"
#include "registry/store.h"

#include <unistd.h>

/* ---- any registry ---- */

void registry_close(struct registry *r)
{
    if (r)
        r->calls->close(r);
}

int registry_put(struct registry *r, const struct registry_ask *ask, int32_t *ret_id, struct error *err)
{
    return r->calls->put(r, ask, ret_id, err);
}

int registry_register(struct registry *r, struct str subject, struct str type, struct str schema, int32_t *ret_id,
                      struct error *err)
{
    return registry_put(r, &(struct registry_ask){.subject = subject, .type = type, .schema = schema}, ret_id, err);
}

int registry_look_up(struct registry *r, const struct registry_ask *ask, struct arena *arena,
                     struct registry_schema *ret, struct error *err)
{
    return r->calls->look_up(r, ask, arena, ret, err);
}

int registry_latest(struct registry *r, struct str subject, struct arena *arena, struct registry_schema *ret,
                    struct error *err)
{
    return r->calls->latest(r, subject, arena, ret, err);
}

int registry_by_id(struct registry *r, int32_t id, struct arena *arena, struct registry_schema *ret, struct error *err)
{
    return r->calls->by_id(r, id, arena, ret, err);
}

int registry_expand(struct registry *r, const struct registry_schema *schema, struct arena *arena, struct str *ret,
                    struct error *err)
{
    return r->calls->expand(r, schema, arena, ret, err);
}

/* ---- the store's ---- */

static int as_error(enum registry_code code, struct error *err)
{
    if (code == REGISTRY_OK)
        return 0;
    return code == REGISTRY_STORE_FAILED && err && err->code ? (int)err->code : (int)registry_code_error(code);
}

/* Confluent's text tells every detail; who runs a connector needs the field, the level and the way out. */
static void explain(struct str subject, const struct registry_verdict *verdict, struct error *err)
{
    error_set(err, ERROR_CONFLICT,
              "subject \"" STR_FMT "\": " STR_FMT "; to accept the change set another level at the registry: PUT "
              "/config/" STR_FMT " {\"compatibility\": \"NONE\"}",
              STR_ARG(subject), STR_ARG(verdict->reason), STR_ARG(subject));
}

static struct registry_request request_for(const struct registry_ask *ask)
{
    return (struct registry_request){
        .schema = {.subject = ask->subject, .type = ask->type, .schema = ask->schema, .id = -1},
        .normalize = ask->normalize};
}

static int store_put(struct registry *r, const struct registry_ask *ask, int32_t *ret_id, struct error *err)
{
    struct arena arena = {0};
    struct registry_verdict verdict = {0};
    struct registry_request request = request_for(ask);
    struct registry_schema registered;
    struct error own;
    request.verdict = &verdict;
    enum registry_code code =
        registry_store_register(registry_store_of(r), &request, &arena, &registered, err ? err : &own);
    if (code == REGISTRY_OK)
        *ret_id = registered.id;
    else if (code == REGISTRY_INCOMPATIBLE)
        explain(ask->subject, &verdict, err ? err : &own);
    arena_free(&arena);
    return as_error(code, err ? err : &own);
}

static int store_look_up(struct registry *r, const struct registry_ask *ask, struct arena *arena,
                         struct registry_schema *ret, struct error *err)
{
    struct registry_request request = request_for(ask);
    return as_error(registry_store_look_up(registry_store_of(r), &request, false, arena, ret, err), err);
}

static int store_latest(struct registry *r, struct str subject, struct arena *arena, struct registry_schema *ret,
                        struct error *err)
{
    return as_error(registry_store_version(registry_store_of(r), subject, -1, false, arena, ret, err), err);
}

static int store_by_id(struct registry *r, int32_t id, struct arena *arena, struct registry_schema *ret,
                       struct error *err)
{
    return as_error(registry_store_by_id(registry_store_of(r), id, STR(""), arena, ret, err), err);
}

static int store_expand(struct registry *r, const struct registry_schema *schema, struct arena *arena, struct str *ret,
                        struct error *err)
{
    return as_error(registry_store_expand(registry_store_of(r), schema, arena, ret, err), err);
}

const struct registry_calls registry_store_calls = {
    .put = store_put,
    .look_up = store_look_up,
    .latest = store_latest,
    .by_id = store_by_id,
    .expand = store_expand,
    .close = registry_store_close,
};

/* ---- where it is served ---- */

uint16_t registry_port(const struct registry *r)
{
    return ((const struct registry_store *)r)->port;
}

static bool is_this_machine(struct str host)
{
    enum { HOST_MAX = 256 };
    char name[HOST_MAX] = "";
    gethostname(name, sizeof name - 1);
    return str_is_nocase(host, "localhost") || str_starts(host, "127.") || str_is(host, "::1") ||
           str_is(host, "0.0.0.0") || (*name && str_is_nocase(host, name));
}

bool registry_is_at(const struct registry *r, struct str url)
{
    struct http_url parts;
    uint16_t port = registry_port(r);
    return http_url_split(url, &parts) && is_this_machine(parts.host) && (port == 0 || parts.port == port);
}
