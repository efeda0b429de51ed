#include "worker/secrets.h"

#include "conf/present.h"
#include "worker/worker.h"

void secrets_write(const struct plugins *plugins, const struct config *c, const struct config_entry *e, struct buf *out)
{
    const struct source_plugin *plugin = plugins_source(plugins, config_get(c, "connector.class"));
    const struct property *const tables[] = {connector_properties, plugin ? plugin->info.properties : NULL, NULL};
    AUTO_BUF shown = {0};
    config_write_shown(tables, e->name, e->value, &shown);
    if (str_is(buf_str(&shown), CONFIG_HIDDEN) && !str_is(e->value, CONFIG_HIDDEN))
        buf_add_literal(out, SECRETS_MASK);
    else
        buf_add_str(out, buf_str(&shown));
}

void secrets_restore(const struct plugins *plugins, const struct config *stored, struct config *incoming)
{
    for (size_t i = 0; i < stored->entries.len; i++) {
        const struct config_entry *e = &stored->entries.items[i];
        AUTO_BUF shown = {0};
        secrets_write(plugins, stored, e, &shown);
        struct str given = config_get(incoming, e->name.ptr);
        if (e->value.ptr && given.ptr && str_equal(given, buf_str(&shown)) && !str_equal(given, e->value))
            config_set(incoming, e->name, e->value);
    }
}

bool secrets_unknown(const struct config *c, struct str *ret_name)
{
    for (size_t i = 0; i < c->entries.len; i++) {
        if (str_is(c->entries.items[i].value, SECRETS_MASK)) {
            *ret_name = c->entries.items[i].name;
            return true;
        }
    }
    return false;
}
