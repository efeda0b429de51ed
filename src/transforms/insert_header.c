/* org.apache.kafka.connect.transforms.InsertHeader. */
#include "transforms/headers.h"
#include "transforms/literal.h"
#include "transforms/smt.h"

#include "base/mem.h"

struct insert_header_config {
    struct str header, literal;
};

static const struct property properties[] = {
    PROPERTY_STRING("header", struct insert_header_config, header, .importance = IMPORTANCE_HIGH, .group = "Headers",
                    .flags = PROPERTY_REQUIRED, .example = "site", .doc = "The header's name."),
    PROPERTY_STRING("value.literal", struct insert_header_config, literal, .importance = IMPORTANCE_HIGH,
                    .group = "Headers", .flags = PROPERTY_REQUIRED, .example = "Vienna",
                    .doc = "The header's value. What looks like a number, a boolean, `null`, an ISO 8601 date, time or "
                           "timestamp, an array `[1, 2]` or a map `{\"a\": 1}` becomes one; all else is a text."),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.InsertHeader", NULL};

struct transform {
    struct arena arena;
    struct str header;
    const struct schema *schema; /* NULL: of null */
    struct value value;
};

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)target, (void)err;
    const struct insert_header_config *parsed = config->parsed;
    struct transform *t = mem_new(struct transform);
    t->header = arena_str(&t->arena, parsed->header.ptr ? parsed->header : STR(""));
    struct str text = arena_str(&t->arena, parsed->literal.ptr ? parsed->literal : STR(""));
    literal_parse(text, &t->arena, &t->schema, &t->value);
    *ret = t;
    return 0;
}

static void transform_close(struct transform *t)
{
    schema_unref(t->schema);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop, (void)err_index, (void)err;
    if (from == to)
        return 0;
    struct header header = {arena_str(&batch->arena, t->header), t->schema, value_copy(&batch->arena, &t->value)};
    batch_hold(batch, t->schema);
    for (size_t i = from; i < to; i++)
        *headers_add(&batch->records[i], 1, &batch->arena) = header;
    return 0;
}

const struct transform_plugin insert_header = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Adds a header with a fixed value",
            .doc = "Adds the same header to every record, behind those that are there.",
            .properties = properties,
            .config_size = sizeof(struct insert_header_config),
        },
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
