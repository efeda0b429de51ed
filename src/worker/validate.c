#include "worker/validate.h"

#include "worker/chain.h"
#include "worker/encoder.h"
#include "worker/plug.h"
#include "worker/topic_rules.h"
#include "worker/worker.h"

static void check_unknown(const struct source_plugin *plugin, const struct config *c, struct findings *findings)
{
    const struct property *const tables[] = {connector_properties, plugin->info.properties, NULL};
    config_check_unknown(tables, connector_property_prefixes, c, findings);
}

static void check_names(struct str name, const struct config *c, struct findings *findings)
{
    struct str own = config_get(c, "name");
    if (own.ptr && name.ptr && !str_equal(own, name))
        findings_add(findings, FINDING_ERROR, STR("name"),
                     "Connector name configuration (" STR_FMT ") doesn't match connector name in the URL (" STR_FMT ")",
                     STR_ARG(own), STR_ARG(name));
    for (size_t i = 0; i < c->entries.len; i++)
        if (!c->entries.items[i].value.ptr)
            findings_add(findings, FINDING_ERROR, c->entries.items[i].name,
                         "Null value can not be supplied as the configuration value of " STR_FMT
                         "; leave the property out",
                         STR_ARG(c->entries.items[i].name));
}

static void check_dead_letters(const struct connector_settings *s, struct findings *findings)
{
    if (s->dead_letter_topic.len && s->tolerance != TOLERANCE_ALL)
        findings_add(findings, FINDING_WARNING, STR("errors.deadletterqueue.topic.name"),
                     "nothing goes to the dead-letter topic " STR_FMT ": records are only skipped with "
                     "errors.tolerance=all",
                     STR_ARG(s->dead_letter_topic));
}

void worker_validate(const struct plugins *plugins, const struct config *properties, struct str name,
                     const struct config *c, bool live, struct findings *findings)
{
    struct connector_settings connector = {0};
    struct worker_settings worker = {0};
    struct config copy, worker_config;
    struct findings ignored;
    findings_init(&ignored);
    config_init(&copy);
    config_init(&worker_config);
    if (properties)
        config_copy(&worker_config, properties);
    config_parse(worker_properties, &worker_config, &worker, &ignored);
    config_copy(&copy, c);
    if (name.ptr && !config_has(&copy, STR("name")))
        config_set(&copy, STR("name"), name);
    config_parse(connector_properties, &copy, &connector, findings);
    check_names(name, c, findings);

    struct encoder_options options = {
        .plugins = plugins,
        .worker = &worker,
        .worker_config = &worker_config,
        .connector = &connector,
        .connector_config = &copy,
    };
    const struct source_plugin *plugin = plugins_source(plugins, connector.connector_class);
    struct error err = {0};
    if (plugin) {
        plug_check(&plugin->info, &copy, NULL, findings);
        check_unknown(plugin, &copy, findings);
    } else if (connector.connector_class.len) {
        plugins_unknown(plugins, "source", connector.connector_class, &err);
        findings_add(findings, FINDING_ERROR, STR("connector.class"),
                     "Invalid value " STR_FMT " for configuration connector.class: %s",
                     STR_ARG(connector.connector_class), err.text);
    }
    encoder_check(&options, findings);
    chain_check(plugins, &connector, &copy, findings);
    topic_rules_check(&connector, &copy, findings);
    check_dead_letters(&connector, findings);
    if (live && findings->errors == 0)
        validate_live(plugins, &copy, findings);
    findings_release(&ignored);
    config_release(&worker_config);
    config_release(&copy);
}

void validate_live(const struct plugins *plugins, const struct config *c, struct findings *findings)
{
    const struct source_plugin *plugin = plugins_source(plugins, config_get(c, "connector.class"));
    struct plug plug = {0};
    if (!plugin || !plugin->check || plug_init(&plug, &plugin->info, c, NULL, NULL))
        return;
    plugin->check(&plug.config, findings);
    plug_release(&plug);
}
