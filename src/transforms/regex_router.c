/* org.apache.kafka.connect.transforms.RegexRouter. */
#include "transforms/smt.h"
#include "transforms/topic_names.h"

#include "base/mem.h"
#include "base/regex.h"

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

struct route {
    struct str from, to; /* to STR_NULL: it stays */
};

struct transform {
    struct arena arena;
    struct regex *regex;
    struct str replacement;
    struct buf text;
    struct topic_names names;
    struct map routes; /* struct route by the old topic */
    struct route last; /* compared first */
};

static void transform_close(struct transform *t)
{
    map_free(&t->routes, NULL);
    topic_names_release(&t->names);
    buf_free(&t->text);
    regex_free(t->regex);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)target;
    const struct regex_router_config *parsed = config->parsed;
    struct regex *regex;
    int rc = regex_compile(parsed->regex, false, &regex, err);
    if (rc)
        return error_context(err, "regex");
    struct transform *t = mem_new(struct transform);
    t->regex = regex;
    t->replacement = arena_str(&t->arena, parsed->replacement.ptr ? parsed->replacement : STR(""));
    *ret = t;
    return 0;
}

/* Made once per topic, as long as there is room for them. */
static struct route find_route(struct transform *t, struct str topic, struct arena *arena)
{
    const struct route *known = map_get(&t->routes, topic);
    if (known)
        return *known;
    struct route route = {.from = topic, .to = STR_NULL};
    buf_clear(&t->text);
    if (regex_replace(t->regex, topic, t->replacement, &t->text))
        route.to = topic_names_keep(&t->names, buf_str(&t->text), arena);
    if (t->routes.len < TOPIC_NAMES_MAX && t->names.known.len < TOPIC_NAMES_MAX) {
        struct route *kept = arena_new(&t->arena, struct route);
        *kept = (struct route){arena_str(&t->arena, topic), route.to};
        map_put(&t->routes, topic, kept);
        t->last = *kept;
    }
    return route;
}

static int apply_record(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    (void)err;
    bool again = t->last.from.ptr && str_equal(t->last.from, r->topic);
    struct route route = again ? t->last : find_route(t, r->topic, &batch->arena);
    if (route.to.ptr)
        r->topic = route.to;
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
