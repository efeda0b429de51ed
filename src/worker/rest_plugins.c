#include "worker/rest.h"

#include "conf/present.h"
#include "wire/json.h"
#include "worker/secrets.h"
#include "worker/validate.h"

/* ---- listing ---- */

static void write_plugin(const char *class_name, const char *suffix, const char *type, const char *version,
                         struct buf *out)
{
    AUTO_BUF name = {0};
    buf_printf(&name, "%s%s", class_name, suffix);
    if (out->len > 1)
        buf_add_char(out, ',');
    buf_add_literal(out, "{\"class\":");
    json_write_string(out, buf_str(&name));
    buf_printf(out, ",\"type\":\"%s\"", type);
    if (version) {
        buf_add_literal(out, ",\"version\":");
        json_write_string(out, str_from(version));
    }
    buf_add_char(out, '}');
}

static void write_others(const struct plugins *p, struct buf *out)
{
    for (const struct transform_plugin *const *t = p->transforms; t && *t; t++) {
        const struct plugin_info *i = &(*t)->info;
        write_plugin(i->classes[0], (*t)->keyed ? "$Key" : "", "transformation", i->version, out);
        if ((*t)->keyed)
            write_plugin(i->classes[0], "$Value", "transformation", i->version, out);
    }
    for (const struct predicate_plugin *const *t = p->predicates; t && *t; t++)
        write_plugin((*t)->info.classes[0], "", "predicate", (*t)->info.version, out);
    for (const struct converter_plugin *const *c = p->converters; c && *c; c++)
        write_plugin((*c)->info.classes[0], "",
                     str_is(str_from((*c)->info.classes[0]), SIMPLE_HEADER_CONVERTER) ? "header_converter"
                                                                                      : "converter",
                     (*c)->info.version, out);
}

int rest_plugins(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    (void)err;
    const struct worker *w = ctx;
    const struct plugins *p = w->options.plugins;
    buf_add_char(&response->body, '[');
    for (const struct source_plugin *const *s = p->sources; s && *s; s++)
        write_plugin((*s)->info.classes[0], "", "source", (*s)->info.version, &response->body);
    if (http_query(request, "connectorsOnly").ptr && !rest_flag(request, "connectorsOnly"))
        write_others(p, &response->body);
    buf_add_char(&response->body, ']');
    return 0;
}

/* ---- validation ---- */

/* Kafka Connect takes "JdbcSourceConnector" and "JdbcSource" for the class's full name. */
static const struct source_plugin *find_source(const struct plugins *p, struct str name)
{
    const struct source_plugin *exact = plugins_source(p, name);
    if (exact)
        return exact;
    struct arena arena = {.chunk_size = 512};
    struct str longer = arena_printf(&arena, "." STR_FMT "Connector", STR_ARG(name));
    struct str dotted = arena_printf(&arena, "." STR_FMT, STR_ARG(name));
    const struct source_plugin *found = NULL;
    for (const struct source_plugin *const *s = p->sources; s && *s && !found; s++) {
        struct str class_name = str_from((*s)->info.classes[0]);
        if (str_ends(class_name, dotted.ptr) || str_ends(class_name, longer.ptr))
            found = *s;
    }
    arena_free(&arena);
    return found;
}

static int check_request(struct worker *w, struct str plugin, const struct config *c, struct http_response *response,
                         struct error *err)
{
    struct str class_name = config_get(c, "connector.class");
    if (!class_name.ptr)
        return error_set(err, ERROR_REQUEST,
                         "Connector config contains no connector type: set connector.class to " STR_FMT,
                         STR_ARG(plugin));
    const struct source_plugin *asked = find_source(w->options.plugins, plugin);
    const struct source_plugin *given = find_source(w->options.plugins, class_name);
    if (given && asked != given)
        return error_set(err, ERROR_REQUEST, "Included connector type " STR_FMT " does not match request type " STR_FMT,
                         STR_ARG(class_name), STR_ARG(plugin));
    if (given)
        return 0;
    struct error why = {0};
    plugins_unknown(w->options.plugins, "source", class_name, &why);
    response->status = 500;
    return error_set(err, ERROR_CONFIG,
                     "Failed to find any class that implements Connector and which name matches " STR_FMT ": %s",
                     STR_ARG(class_name), why.text);
}

static void write_validation(struct worker *w, struct str plugin, struct config *c, struct buf *out)
{
    const struct source_plugin *source = find_source(w->options.plugins, config_get(c, "connector.class"));
    const struct property *const tables[] = {connector_properties, source->info.properties, NULL};
    struct str name = config_get(c, "name");
    struct config stored;
    struct findings findings;
    config_init(&stored);
    findings_init(&findings);
    if (name.ptr && worker_get_config(w, name, &stored, NULL, NULL) == 0)
        secrets_restore(w->options.plugins, &stored, c);
    worker_validate(w->options.plugins, &w->properties, STR_NULL, c, true, &findings);
    config_write_validation(plugin, tables, c, &findings, out);
    findings_release(&findings);
    config_release(&stored);
}

int rest_validate(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    struct worker *w = ctx;
    struct arena arena = {0};
    struct config c;
    struct value body;
    config_init(&c);
    int code = rest_read_object(request, &arena, &body, err);
    if (!code)
        code = rest_read_config(&body, &c, err);
    if (!code)
        code = check_request(w, request->params[0], &c, response, err);
    if (!code)
        write_validation(w, request->params[0], &c, &response->body);
    config_release(&c);
    arena_free(&arena);
    return code;
}

/* ---- definitions ---- */

static const struct plugin_info *find_any(const struct plugins *p, struct str name, bool *ret_connector)
{
    enum transform_target target;
    const struct source_plugin *source = find_source(p, name);
    const struct transform_plugin *transform = plugins_transform(p, name, &target);
    const struct converter_plugin *converter = plugins_converter(p, name);
    const struct predicate_plugin *predicate = plugins_predicate(p, name);
    *ret_connector = source != NULL;
    if (source)
        return &source->info;
    if (transform)
        return &transform->info;
    if (converter)
        return &converter->info;
    return predicate ? &predicate->info : NULL;
}

/* The definitions that a validation of nothing has in its answer. */
int rest_plugin_config(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    const struct worker *w = ctx;
    bool connector;
    const struct plugin_info *info = find_any(w->options.plugins, request->params[0], &connector);
    if (!info)
        return error_set(err, ERROR_NOT_FOUND, "Unknown plugin " STR_FMT ".", STR_ARG(request->params[0]));
    const struct property *tables[3] = {NULL};
    size_t n = 0;
    if (info->properties)
        tables[n++] = info->properties;
    if (connector)
        tables[n++] = connector_properties;
    AUTO_BUF text = {0};
    struct arena arena = {0};
    struct config nothing;
    struct findings findings;
    struct value parsed;
    config_init(&nothing);
    findings_init(&findings);
    config_write_validation(request->params[0], tables, &nothing, &findings, &text);
    int code = json_read(buf_str(&text), &arena, &parsed, err);
    const struct value *configs = code ? NULL : value_map_get(&parsed, STR("configs"));
    buf_add_char(&response->body, '[');
    for (uint32_t i = 0; configs && i < configs->len; i++) {
        const struct value *definition = value_map_get(&configs->items[i], STR("definition"));
        if (!definition || definition->type != VALUE_MAP)
            continue;
        if (response->body.len > 1)
            buf_add_char(&response->body, ',');
        json_write_value(definition, &response->body, NULL);
    }
    buf_add_char(&response->body, ']');
    findings_release(&findings);
    config_release(&nothing);
    arena_free(&arena);
    return code;
}
