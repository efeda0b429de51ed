/* The registry as converters see it: their few calls on top of the store. */
#include "registry/registry.h"

#include "registry/store.h"

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

int registry_register(struct registry *r, struct str subject, struct str type, struct str schema, int32_t *ret_id,
                      struct error *err)
{
    struct arena arena = {0};
    struct registry_verdict verdict = {0};
    struct registry_request request = {.schema = {.subject = subject, .type = type, .schema = schema, .id = -1},
                                       .verdict = &verdict};
    struct registry_schema registered;
    struct error own;
    enum registry_code code = registry_store_register(r, &request, &arena, &registered, err ? err : &own);
    if (code == REGISTRY_OK)
        *ret_id = registered.id;
    else if (code == REGISTRY_INCOMPATIBLE)
        explain(subject, &verdict, err ? err : &own);
    arena_free(&arena);
    return as_error(code, err ? err : &own);
}

int registry_by_id(struct registry *r, int32_t id, struct arena *arena, struct registry_schema *ret, struct error *err)
{
    return as_error(registry_store_by_id(r, id, STR(""), arena, ret, err), err);
}

int registry_expand(struct registry *r, const struct registry_schema *schema, struct arena *arena, struct str *ret,
                    struct error *err)
{
    return as_error(registry_store_expand(r, schema, arena, ret, err), err);
}
