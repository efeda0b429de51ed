/* org.apache.kafka.connect.transforms.predicates.HasHeaderKey. */
#include "api/predicate.h"
#include "transforms/smt.h"

#include "base/mem.h"

struct has_header_key_config {
    struct str name;
};

static const struct property properties[] = {
    PROPERTY_STRING("name", struct has_header_key_config, name, .importance = IMPORTANCE_MEDIUM, .group = "Headers",
                    .flags = PROPERTY_REQUIRED, .example = "trace-id", .doc = "The header's name."),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.predicates.HasHeaderKey", NULL};

struct predicate {
    struct arena arena;
    struct str name;
};

static int predicate_open(const struct plugin_config *config, struct predicate **ret, struct error *err)
{
    (void)err;
    const struct has_header_key_config *parsed = config->parsed;
    struct predicate *p = mem_new(struct predicate);
    p->name = arena_str(&p->arena, parsed->name);
    *ret = p;
    return 0;
}

static bool predicate_test(struct predicate *p, const struct record *r)
{
    for (uint32_t i = 0; i < r->n_headers; i++)
        if (str_equal(r->headers[i].key, p->name))
            return true;
    return false;
}

static void predicate_close(struct predicate *p)
{
    arena_free(&p->arena);
    mem_free_ptr(&p);
}

const struct predicate_plugin has_header_key = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "True for records that have a header of that name",
            .doc = "True for records with at least one header of the given name.",
            .properties = properties,
            .config_size = sizeof(struct has_header_key_config),
        },
    .open = predicate_open,
    .test = predicate_test,
    .close = predicate_close,
};
