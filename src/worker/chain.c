#include "worker/chain.h"

#include "worker/plug.h"

#include <stdlib.h>

struct link {
    char *alias, *class_name, *text;
    struct stage stage; /* made of the texts above */
    const struct transform_plugin *plugin;
    struct transform *transform;
    struct plug plug;
    const struct predicate_plugin *predicate_plugin; /* NULL: for every record */
    struct predicate *predicate;
    struct plug predicate_plug;
    bool negate;
};

struct chain {
    struct link *links; /* allocated once: plugs must not move */
    size_t len;
    bool *drop, *chosen; /* one a record; reused */
    size_t cap_drop, cap_chosen;
};

/* What the configuration says about one transform. */
struct described {
    const struct transform_plugin *plugin;
    enum transform_target target;
    const struct predicate_plugin *predicate_plugin;
    bool negate;
    struct arena arena;
    struct str prefix, predicate_prefix;
};

static void describe_predicate(const struct plugins *plugins, const struct connector_settings *settings,
                               const struct config *c, struct described *d, struct findings *findings)
{
    struct str name = arena_printf(&d->arena, "%spredicate", d->prefix.ptr);
    struct str alias = config_get(c, name.ptr);
    struct str negate = config_get(c, arena_printf(&d->arena, "%snegate", d->prefix.ptr).ptr);
    if (negate.ptr && !str_is_nocase(negate, "true") && !str_is_nocase(negate, "false"))
        findings_add(findings, FINDING_ERROR, arena_printf(&d->arena, "%snegate", d->prefix.ptr),
                     "Invalid value " STR_FMT " for configuration %snegate: set it to true or false", STR_ARG(negate),
                     d->prefix.ptr);
    d->negate = str_is_nocase(negate, "true");
    if (!alias.ptr)
        return;
    bool listed = false;
    for (size_t i = 0; i < settings->predicates.len; i++)
        listed |= str_equal(settings->predicates.items[i], alias);
    if (!listed) {
        findings_add(findings, FINDING_ERROR, name,
                     "Invalid value " STR_FMT " for configuration %s: no such predicate; add it to `predicates`",
                     STR_ARG(alias), name.ptr);
        return;
    }
    d->predicate_prefix = arena_printf(&d->arena, "predicates." STR_FMT ".", STR_ARG(alias));
    struct str type_name = arena_printf(&d->arena, "%stype", d->predicate_prefix.ptr);
    struct str type = config_get(c, type_name.ptr);
    struct error err = {0};
    if (!type.ptr) {
        findings_add(findings, FINDING_ERROR, type_name,
                     "Missing required configuration \"%s\" which has no default value", type_name.ptr);
    } else if (!(d->predicate_plugin = plugins_predicate(plugins, type))) {
        plugins_unknown(plugins, "predicate", type, &err);
        findings_add(findings, FINDING_ERROR, type_name, "Invalid value " STR_FMT " for configuration %s: %s",
                     STR_ARG(type), type_name.ptr, err.text);
    }
}

static void describe(const struct plugins *plugins, const struct connector_settings *settings, const struct config *c,
                     struct str alias, struct described *d, struct findings *findings)
{
    d->prefix = arena_printf(&d->arena, "transforms." STR_FMT ".", STR_ARG(alias));
    struct str type_name = arena_printf(&d->arena, "%stype", d->prefix.ptr);
    struct str type = config_get(c, type_name.ptr);
    struct error err = {0};
    if (!type.ptr) {
        findings_add(findings, FINDING_ERROR, type_name,
                     "Missing required configuration \"%s\" which has no default value", type_name.ptr);
    } else if (!(d->plugin = plugins_transform(plugins, str_trim(type), &d->target))) {
        plugins_unknown(plugins, "transform", type, &err);
        findings_add(findings, FINDING_ERROR, type_name, "Invalid value " STR_FMT " for configuration %s: %s",
                     STR_ARG(type), type_name.ptr, err.text);
    }
    describe_predicate(plugins, settings, c, d, findings);
}

/* The runtime's own names among a transform's properties. */
static const char *const runtime_names[] = {"type", "predicate", "negate", NULL};

static void check_names(const struct plugin_info *info, const struct config *c, const char *prefix,
                        struct findings *findings)
{
    struct config own;
    struct findings found;
    config_init(&own);
    findings_init(&found);
    config_sub(c, prefix, &own);
    for (const char *const *name = runtime_names; *name; name++)
        config_remove(&own, str_from(*name));
    const struct property *const tables[] = {info->properties, NULL};
    const char *const no_prefixes[] = {NULL};
    config_check_unknown(tables, no_prefixes, &own, &found);
    plug_append_findings(findings, prefix, &found);
    findings_release(&found);
    config_release(&own);
}

void chain_check(const struct plugins *plugins, const struct connector_settings *settings, const struct config *c,
                 struct findings *findings)
{
    for (size_t i = 0; i < settings->transforms.len; i++) {
        struct described d = {0};
        describe(plugins, settings, c, settings->transforms.items[i], &d, findings);
        if (d.plugin) {
            plug_check(&d.plugin->info, c, d.prefix.ptr, findings);
            check_names(&d.plugin->info, c, d.prefix.ptr, findings);
        }
        if (d.predicate_plugin)
            plug_check(&d.predicate_plugin->info, c, d.predicate_prefix.ptr, findings);
        arena_free(&d.arena);
    }
}

static const char *const target_suffixes[] = {
    [TRANSFORM_WHOLE] = "",
    [TRANSFORM_KEY] = "$Key",
    [TRANSFORM_VALUE] = "$Value",
};

static int open_link(struct link *link, struct described *d, const struct config *c, struct str alias,
                     struct error *err)
{
    int code = plug_init(&link->plug, &d->plugin->info, c, d->prefix.ptr, err);
    if (!code)
        code = d->plugin->open(&link->plug.config, d->target, &link->transform, err);
    if (code)
        return error_context(err, "transform " STR_FMT, STR_ARG(alias));
    link->plugin = d->plugin;
    link->alias = mem_strndup(alias.ptr, alias.len);
    link->class_name = mem_printf("%s%s", d->plugin->info.classes[0], target_suffixes[d->target]);
    link->text = mem_printf("running transform %s (%s)", link->alias, link->class_name);
    link->stage = (struct stage){"TRANSFORMATION", link->class_name, link->text};
    if (!d->predicate_plugin)
        return 0;
    code = plug_init(&link->predicate_plug, &d->predicate_plugin->info, c, d->predicate_prefix.ptr, err);
    if (!code)
        code = d->predicate_plugin->open(&link->predicate_plug.config, &link->predicate, err);
    if (code)
        return error_context(err, "predicate of transform " STR_FMT, STR_ARG(alias));
    link->predicate_plugin = d->predicate_plugin;
    link->negate = d->negate;
    return 0;
}

int chain_open(const struct plugins *plugins, const struct connector_settings *settings, const struct config *c,
               struct chain **ret, struct error *err)
{
    struct chain *chain = mem_new(struct chain);
    chain->links = mem_new_array(struct link, settings->transforms.len);
    int code = 0;
    for (size_t i = 0; i < settings->transforms.len && !code; i++) {
        struct described d = {0};
        struct findings findings;
        findings_init(&findings);
        describe(plugins, settings, c, settings->transforms.items[i], &d, &findings);
        code = findings_error(&findings, err);
        if (!code)
            code = open_link(&chain->links[chain->len++], &d, c, settings->transforms.items[i], err);
        findings_release(&findings);
        arena_free(&d.arena);
    }
    if (code) {
        chain_close(chain);
        return code;
    }
    *ret = chain;
    return 0;
}

void chain_close(struct chain *chain)
{
    if (!chain)
        return;
    for (size_t i = 0; i < chain->len; i++) {
        struct link *l = &chain->links[i];
        if (l->plugin)
            l->plugin->close(l->transform);
        if (l->predicate_plugin)
            l->predicate_plugin->close(l->predicate);
        plug_release(&l->plug);
        plug_release(&l->predicate_plug);
        free(l->alias);
        free(l->class_name);
        free(l->text);
    }
    free(chain->links);
    free(chain->drop);
    free(chain->chosen);
    free(chain);
}

/* Runs the transform over [from, to). It goes in order, so at an error the records in front of it are done and those
 * behind it untouched. */
static int run_range(struct chain *chain, struct link *l, struct batch *batch, size_t from, size_t to,
                     struct tolerance *tolerance, struct error *err)
{
    struct attempts attempts = {0};
    size_t failed = SIZE_MAX;
    while (from < to) {
        size_t at = from;
        struct error why = {0};
        int code = l->plugin->apply(l->transform, batch, from, to, chain->drop + from, &at, &why);
        if (!code)
            return 0;
        why.code = (enum error_code)code;
        from = at < from || at >= to ? from : at;
        if (from != failed)
            attempts = (struct attempts){0};
        failed = from;
        enum tolerated decision = tolerance_decide(tolerance, &attempts, &l->stage, &batch->records[from], &why);
        if (decision == TOLERATED_FAIL) {
            error_set(err, why.code, "%s", why.text);
            return error_context(err, "transform %s", l->alias);
        }
        if (decision == TOLERATED_SKIP)
            chain->drop[from++] = true;
    }
    return 0;
}

/* The records that the predicate chooses, as ranges. */
static int run_chosen(struct chain *chain, struct link *l, struct batch *batch, struct tolerance *tolerance,
                      struct error *err)
{
    chain->chosen = mem_grow(chain->chosen, &chain->cap_chosen, batch->len, sizeof *chain->chosen);
    for (size_t i = 0; i < batch->len; i++)
        chain->chosen[i] = l->predicate_plugin->test(l->predicate, &batch->records[i]) != l->negate;
    int code = 0;
    for (size_t from = 0, to; from < batch->len && !code; from = to) {
        to = from;
        while (to < batch->len && chain->chosen[to])
            to++;
        if (to > from)
            code = run_range(chain, l, batch, from, to, tolerance, err);
        else
            to++;
    }
    return code;
}

static void remove_dropped(struct batch *batch, const bool *drop)
{
    size_t kept = 0;
    while (kept < batch->len && !drop[kept])
        kept++;
    for (size_t i = kept; i < batch->len; i++)
        if (!drop[i])
            batch->records[kept++] = batch->records[i];
    batch->len = kept;
}

int chain_apply(struct chain *chain, struct batch *batch, struct tolerance *tolerance, struct error *err)
{
    for (size_t i = 0; i < chain->len && batch->len; i++) {
        struct link *l = &chain->links[i];
        chain->drop = mem_grow(chain->drop, &chain->cap_drop, batch->len, sizeof *chain->drop);
        memset(chain->drop, 0, batch->len * sizeof *chain->drop);
        int code = l->predicate_plugin ? run_chosen(chain, l, batch, tolerance, err)
                                       : run_range(chain, l, batch, 0, batch->len, tolerance, err);
        if (code)
            return code;
        remove_dropped(batch, chain->drop);
    }
    return 0;
}
