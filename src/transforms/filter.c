/* org.apache.kafka.connect.transforms.Filter. */
#include "transforms/smt.h"

static const struct property properties[] = {PROPERTY_END};
static const char *const classes[] = {"org.apache.kafka.connect.transforms.Filter", NULL};

struct transform {
    char nothing;
};

static struct transform the_filter;

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)config, (void)target, (void)err;
    *ret = &the_filter;
    return 0;
}

static void transform_close(struct transform *t)
{
    (void)t;
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)t, (void)batch, (void)err_index, (void)err;
    memset(drop, true, (to - from) * sizeof *drop);
    return 0;
}

const struct transform_plugin filter_transform = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Drops records",
            .doc = "Drops every record it is asked about: which ones those are is told by a predicate "
                   "(`transforms.NAME.predicate`, `transforms.NAME.negate`).",
            .properties = properties,
        },
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
