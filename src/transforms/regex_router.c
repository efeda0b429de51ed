/* org.apache.kafka.connect.transforms.RegexRouter. */
#include "transforms/smt.h"
#include "transforms/topic_rewrite.h"

#include "base/mem.h"

struct regex_router_config {
    struct str regex, replacement;
};

static const struct property properties[] = {
    PROPERTY_STRING("regex", struct regex_router_config, regex, .importance = IMPORTANCE_HIGH, .group = "Topic",
                    .flags = PROPERTY_REQUIRED, .example = "db\\.public\\.(.*)", .check = smt_check_regex,
                    .doc = "A Java regular expression. It must match the whole topic; other topics stay."),
    PROPERTY_STRING("replacement", struct regex_router_config, replacement, .importance = IMPORTANCE_HIGH,
                    .group = "Topic", .flags = PROPERTY_REQUIRED, .example = "$1",
                    .doc = "The new topic, with `$1` or `${name}` for what the expression's groups matched."),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.RegexRouter", NULL};

struct transform {
    struct topic_rewrite topics;
};

static void transform_close(struct transform *t)
{
    topic_rewrite_release(&t->topics);
    mem_free_ptr(&t);
}

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)target;
    const struct regex_router_config *parsed = config->parsed;
    struct transform *t = mem_new(struct transform);
    int rc = topic_rewrite_init(&t->topics, parsed->regex, parsed->replacement, err);
    if (rc) {
        mem_free_ptr(&t);
        return error_context(err, "regex");
    }
    *ret = t;
    return 0;
}

static int apply_record(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    (void)err;
    struct str topic = topic_rewrite_apply(&t->topics, r->topic, &batch->arena);
    if (topic.ptr)
        r->topic = topic;
    return 0;
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop;
    return smt_each(t, apply_record, batch, from, to, err_index, err);
}

const struct transform_plugin regex_router = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Changes the topic by a regular expression",
            .doc = "Gives the record another topic when its topic matches a regular expression as a whole.",
            .properties = properties,
            .config_size = sizeof(struct regex_router_config),
        },
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
