#include "worker/topic_rules.h"

#include "base/regex.h"
#include "worker/plug.h"

#include <stdlib.h>

struct rule {
    VEC(struct regex *) include, exclude;
    struct topic_config config;
};

struct topic_rules {
    struct topic_config fallback;
    VEC(struct rule) rules;
};

/* One group's settings, as they stand below "topic.creation.GROUP.". */
struct group_settings {
    struct str_list include, exclude;
    int32_t partitions, replication;
    struct str cleanup;
    int64_t retention_ms, retention_bytes, delete_retention_ms;
};

#define GS struct group_settings

static int check_cleanup(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    struct str rest = value;
    while (rest.ptr) {
        struct str one = str_trim(str_split(rest, ',', &rest));
        if (!str_is(one, "delete") && !str_is(one, "compact"))
            return error_set(err, ERROR_CONFIG, "String must be one of: delete, compact, or both");
    }
    return 0;
}

static int check_count(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    return str_is(value, "0") ? error_set(err, ERROR_CONFIG, "It must be positive, or -1 for the log's default") : 0;
}

static const struct property group_properties[] = {
    PROPERTY_LIST("include", GS, include, .fallback = "", .group = "Topic Creation",
                  .doc = "Regular expressions of topic names that the group takes."),
    PROPERTY_LIST("exclude", GS, exclude, .fallback = "", .group = "Topic Creation",
                  .doc = "Regular expressions of topic names that the group does not take."),
    PROPERTY_INT("partitions", GS, partitions, .fallback = "-1", .min = -1, .max = 10000, .check = check_count,
                 .group = "Topic Creation", .doc = "Number of partitions; -1 is the log's default, one."),
    PROPERTY_INT("replication.factor", GS, replication, .fallback = "-1", .min = -1, .max = 32767, .check = check_count,
                 .group = "Topic Creation", .doc = "Number of replicas; the embedded log keeps one."),
    PROPERTY_STRING("cleanup.policy", GS, cleanup, .check = check_cleanup, .group = "Topic Creation",
                    .doc = "`delete`, `compact` or `compact,delete`."),
    PROPERTY_LONG("retention.ms", GS, retention_ms, .fallback = "604800000", .min = -1, .max = INT64_MAX,
                  .group = "Topic Creation", .doc = "How long records are kept; -1: for ever."),
    PROPERTY_LONG("retention.bytes", GS, retention_bytes, .fallback = "-1", .min = -1, .max = INT64_MAX,
                  .group = "Topic Creation", .doc = "How many bytes of a partition are kept; -1: all."),
    PROPERTY_LONG("delete.retention.ms", GS, delete_retention_ms, .fallback = "86400000", .min = 0, .max = INT64_MAX,
                  .group = "Topic Creation", .doc = "How long tombstones of a compacted topic are kept."),
    PROPERTY_END,
};

static void parse_group(const struct config *c, struct str group, struct config *merged, struct group_settings *ret,
                        struct findings *findings)
{
    struct findings own;
    AUTO_BUF prefix = {0};
    buf_printf(&prefix, "topic.creation." STR_FMT ".", STR_ARG(group));
    findings_init(&own);
    config_sub(c, buf_cstr(&prefix), merged);
    config_parse(group_properties, merged, ret, &own);
    plug_append_findings(findings, buf_cstr(&prefix), &own);
    findings_release(&own);
}

static struct topic_config to_config(const struct group_settings *g)
{
    struct topic_config config = TOPIC_CONFIG_DEFAULT;
    if (g->partitions > 0)
        config.partitions = g->partitions;
    if (g->cleanup.ptr)
        config.cleanup_delete = false;
    for (struct str rest = g->cleanup; rest.ptr;) {
        struct str one = str_trim(str_split(rest, ',', &rest));
        config.compact |= str_is(one, "compact");
        config.cleanup_delete |= str_is(one, "delete");
    }
    config.retention_ms = g->retention_ms;
    config.retention_bytes = g->retention_bytes;
    config.delete_retention_ms = g->delete_retention_ms;
    return config;
}

static void compile(const struct str_list *patterns, const char *what, struct str group, struct rule *rule,
                    bool include, struct findings *findings)
{
    for (size_t i = 0; i < patterns->len; i++) {
        struct regex *regex;
        struct error err = {0};
        if (regex_compile(patterns->items[i], false, &regex, &err)) {
            AUTO_BUF name = {0};
            buf_printf(&name, "topic.creation." STR_FMT ".%s", STR_ARG(group), what);
            findings_add(findings, FINDING_ERROR, buf_str(&name), "Invalid value " STR_FMT " for configuration %s: %s",
                         STR_ARG(patterns->items[i]), buf_cstr(&name), err.text);
        } else if (include) {
            *vec_push(&rule->include) = regex;
        } else {
            *vec_push(&rule->exclude) = regex;
        }
    }
}

static void build(struct topic_rules *r, const struct connector_settings *settings, const struct config *c,
                  struct findings *findings)
{
    struct config fallback;
    struct group_settings g = {0};
    config_init(&fallback);
    parse_group(c, STR("default"), &fallback, &g, findings);
    r->fallback = to_config(&g);
    config_remove(&fallback, STR("include"));
    config_remove(&fallback, STR("exclude"));
    for (size_t i = 0; i < settings->topic_groups.len; i++) {
        struct str group = settings->topic_groups.items[i];
        if (str_is(group, "default"))
            continue;
        struct config merged;
        config_init(&merged);
        config_copy(&merged, &fallback);
        g = (struct group_settings){0};
        parse_group(c, group, &merged, &g, findings);
        struct rule *rule = vec_push(&r->rules);
        *rule = (struct rule){.config = to_config(&g)};
        compile(&g.include, "include", group, rule, true, findings);
        compile(&g.exclude, "exclude", group, rule, false, findings);
        config_release(&merged);
    }
    config_release(&fallback);
}

int topic_rules_open(const struct connector_settings *settings, const struct config *c, struct topic_rules **ret,
                     struct error *err)
{
    struct findings findings;
    struct topic_rules *r = mem_new(struct topic_rules);
    findings_init(&findings);
    build(r, settings, c, &findings);
    int code = findings_error(&findings, err);
    findings_release(&findings);
    if (code)
        topic_rules_close(r);
    else
        *ret = r;
    return code;
}

void topic_rules_check(const struct connector_settings *settings, const struct config *c, struct findings *findings)
{
    struct topic_rules *r = mem_new(struct topic_rules);
    build(r, settings, c, findings);
    topic_rules_close(r);
}

void topic_rules_close(struct topic_rules *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->rules.len; i++) {
        struct rule *rule = &r->rules.items[i];
        for (size_t k = 0; k < rule->include.len; k++)
            regex_free(rule->include.items[k]);
        for (size_t k = 0; k < rule->exclude.len; k++)
            regex_free(rule->exclude.items[k]);
        vec_free(&rule->include);
        vec_free(&rule->exclude);
    }
    vec_free(&r->rules);
    free(r);
}

struct topic_config topic_rules_default(const struct topic_rules *r)
{
    return r->fallback;
}

bool topic_rules_group(const struct topic_rules *r, struct str topic, struct topic_config *ret)
{
    for (size_t i = 0; i < r->rules.len; i++) {
        const struct rule *rule = &r->rules.items[i];
        bool taken = false, excluded = false;
        for (size_t k = 0; k < rule->include.len && !taken; k++)
            taken = regex_matches(rule->include.items[k], topic);
        for (size_t k = 0; k < rule->exclude.len && !excluded; k++)
            excluded = regex_matches(rule->exclude.items[k], topic);
        if (taken && !excluded) {
            *ret = rule->config;
            return true;
        }
    }
    return false;
}
