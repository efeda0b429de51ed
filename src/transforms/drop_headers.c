/* org.apache.kafka.connect.transforms.DropHeaders. */
#include "transforms/smt.h"

#include "base/mem.h"

struct drop_headers_config {
    struct str_list headers;
};

static const struct property properties[] = {
    PROPERTY_LIST("headers", struct drop_headers_config, headers, .importance = IMPORTANCE_HIGH, .group = "Headers",
                  .flags = PROPERTY_REQUIRED, .example = "trace-id",
                  .doc = "The names of the headers to remove; all of a name go."),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.DropHeaders", NULL};

struct transform {
    struct arena arena;
    struct str_list headers;
};

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)target, (void)err;
    const struct drop_headers_config *parsed = config->parsed;
    struct transform *t = mem_new(struct transform);
    t->headers = smt_keep_list(&t->arena, &parsed->headers);
    *ret = t;
    return 0;
}

static void transform_close(struct transform *t)
{
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static uint32_t count_dropped(const struct transform *t, const struct record *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n_headers; i++)
        n += smt_list_has(&t->headers, r->headers[i].key);
    return n;
}

/* Records may share their headers: what is left goes into an array of its own. */
static void drop_from(const struct transform *t, struct record *r, uint32_t n_dropped, struct arena *arena)
{
    struct header *left = arena_array(arena, struct header, r->n_headers - n_dropped);
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n_headers; i++)
        if (!smt_list_has(&t->headers, r->headers[i].key))
            left[n++] = r->headers[i];
    r->headers = left;
    r->n_headers = n;
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop, (void)err_index, (void)err;
    for (size_t i = from; i < to; i++) {
        struct record *r = &batch->records[i];
        uint32_t n = r->n_headers ? count_dropped(t, r) : 0;
        if (n)
            drop_from(t, r, n, &batch->arena);
    }
    return 0;
}

const struct transform_plugin drop_headers = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Removes headers",
            .doc = "Removes the headers of the given names from every record.",
            .properties = properties,
            .config_size = sizeof(struct drop_headers_config),
        },
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
