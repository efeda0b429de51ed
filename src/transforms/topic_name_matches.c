/* org.apache.kafka.connect.transforms.predicates.TopicNameMatches. */
#include "api/predicate.h"
#include "transforms/smt.h"
#include "transforms/topic_names.h"

#include "base/mem.h"
#include "base/regex.h"

struct topic_name_matches_config {
    struct str pattern;
};

static const struct property properties[] = {
    PROPERTY_STRING("pattern", struct topic_name_matches_config, pattern, .importance = IMPORTANCE_MEDIUM,
                    .group = "Topic", .flags = PROPERTY_REQUIRED, .example = "db\\.public\\..*",
                    .check = smt_check_regex,
                    .doc = "A Java regular expression, which must match the whole name of the topic."),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.predicates.TopicNameMatches", NULL};

struct verdict {
    struct str topic;
    bool matches;
};

struct predicate {
    struct arena arena;
    struct regex *regex;
    struct map verdicts; /* struct verdict by topic, at most TOPIC_NAMES_MAX */
    struct verdict last; /* compared first */
};

static int predicate_open(const struct plugin_config *config, struct predicate **ret, struct error *err)
{
    const struct topic_name_matches_config *parsed = config->parsed;
    struct regex *regex;
    int rc = regex_compile(parsed->pattern, false, &regex, err);
    if (rc)
        return error_context(err, "pattern");
    struct predicate *p = mem_new(struct predicate);
    p->regex = regex;
    *ret = p;
    return 0;
}

static bool find_verdict(struct predicate *p, struct str topic)
{
    const struct verdict *known = map_get(&p->verdicts, topic);
    if (!known && p->verdicts.len >= TOPIC_NAMES_MAX)
        return regex_matches(p->regex, topic);
    if (!known) {
        struct verdict *v = arena_new(&p->arena, struct verdict);
        *v = (struct verdict){arena_str(&p->arena, topic), regex_matches(p->regex, topic)};
        map_put(&p->verdicts, topic, v);
        known = v;
    }
    p->last = *known;
    return known->matches;
}

static bool predicate_test(struct predicate *p, const struct record *r)
{
    bool again = p->last.topic.ptr && str_equal(p->last.topic, r->topic);
    return again ? p->last.matches : find_verdict(p, r->topic);
}

static void predicate_close(struct predicate *p)
{
    map_free(&p->verdicts, NULL);
    regex_free(p->regex);
    arena_free(&p->arena);
    mem_free_ptr(&p);
}

const struct predicate_plugin topic_name_matches = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "True for records of certain topics",
            .doc = "True for records whose topic matches a regular expression as a whole.",
            .properties = properties,
            .config_size = sizeof(struct topic_name_matches_config),
        },
    .open = predicate_open,
    .test = predicate_test,
    .close = predicate_close,
};
