/* YAML by libyaml. Nothing is expanded beyond the two levels that a connector has, so aliases cannot make a document
 * grow; merge keys, which can, have a limit of their own. */
#include "conf/reader.h"

#include <yaml.h>

enum { MERGES_MAX = 256, MERGE_DEPTH_MAX = 8, DOCUMENTS_MAX = 1024 };

struct yaml_reader {
    yaml_document_t *document;
    const char *what;
    size_t merges; /* mappings merged in the document so far */
};

typedef const yaml_node_t *node;

static struct str text_of(node n)
{
    return str_of(n->data.scalar.value, n->data.scalar.length);
}

static bool is_null(node n)
{
    struct str s = text_of(n);
    bool plain = n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return plain && (!s.len || str_is(s, "~") || str_is_nocase(s, "null"));
}

static size_t line_of(node n)
{
    return n->start_mark.line + 1;
}

static int fail(const struct yaml_reader *r, node n, struct error *err, const char *text, struct str name)
{
    return error_set(err, ERROR_CONFIG, "%s: line %zu: \"" STR_FMT "\" %s", r->what, line_of(n), STR_ARG(name), text);
}

static node child(const struct yaml_reader *r, node mapping, const char *name)
{
    if (!mapping || mapping->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < mapping->data.mapping.pairs.top; p++) {
        node key = yaml_document_get_node(r->document, p->key);
        if (key && key->type == YAML_SCALAR_NODE && str_is(text_of(key), name))
            return yaml_document_get_node(r->document, p->value);
    }
    return NULL;
}

/* A scalar child's text; STR_NULL when there is none or it is null. */
static struct str child_text(const struct yaml_reader *r, node mapping, const char *name)
{
    node n = child(r, mapping, name);
    return n && n->type == YAML_SCALAR_NODE && !is_null(n) ? text_of(n) : STR_NULL;
}

static int set_pair(struct yaml_reader *r, node key, node value, bool merged, struct config *c, struct error *err)
{
    if (!key || !value || key->type != YAML_SCALAR_NODE)
        return error_set(err, ERROR_CONFIG, "%s: a name that is no text in a mapping of settings", r->what);
    struct str name = text_of(key);
    if (merged && config_has(c, name))
        return 0;
    if (value->type == YAML_SEQUENCE_NODE)
        return fail(r, value, err, "is a sequence; write a list as one text, \"a,b\"", name);
    if (value->type != YAML_SCALAR_NODE)
        return fail(r, value, err, "is a mapping; write its settings as NAME.NAME: VALUE", name);
    struct str text = is_null(value) ? STR_NULL : text_of(value);
    if (str_find(text, '\0') < text.len || str_find(name, '\0') < name.len)
        return fail(r, value, err, "has a zero byte in it", name);
    return reader_set(c, name, text, r->what, line_of(key), err);
}

static bool is_merge(node key)
{
    return key && key->type == YAML_SCALAR_NODE && key->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           str_is(text_of(key), "<<");
}

static int set_mapping(struct yaml_reader *r, node mapping, int depth, struct config *c, struct error *err);

/* `<<: *base` or `<<: [*a, *b]`: what is there already stays. */
static int merge(struct yaml_reader *r, node from, int depth, struct config *c, struct error *err)
{
    if (++r->merges > MERGES_MAX || depth > MERGE_DEPTH_MAX)
        return error_set(err, ERROR_CONFIG, "%s: merge keys (<<) nested too deep or too often", r->what);
    if (from && from->type == YAML_MAPPING_NODE)
        return set_mapping(r, from, depth + 1, c, err);
    if (!from || from->type != YAML_SEQUENCE_NODE)
        return error_set(err, ERROR_CONFIG, "%s: a merge key (<<) needs a mapping, such as <<: *base", r->what);
    int code = 0;
    for (yaml_node_item_t *i = from->data.sequence.items.start; !code && i < from->data.sequence.items.top; i++)
        code = merge(r, yaml_document_get_node(r->document, *i), depth + 1, c, err);
    return code;
}

/* The mapping's own settings first, then what it merges. */
static int set_mapping(struct yaml_reader *r, node mapping, int depth, struct config *c, struct error *err)
{
    int code = 0;
    yaml_node_pair_t *begin = mapping->data.mapping.pairs.start, *end = mapping->data.mapping.pairs.top;
    for (yaml_node_pair_t *p = begin; !code && p < end; p++) {
        node key = yaml_document_get_node(r->document, p->key);
        if (!is_merge(key))
            code = set_pair(r, key, yaml_document_get_node(r->document, p->value), depth > 0, c, err);
    }
    for (yaml_node_pair_t *p = begin; !code && p < end; p++)
        if (is_merge(yaml_document_get_node(r->document, p->key)))
            code = merge(r, yaml_document_get_node(r->document, p->value), depth, c, err);
    return code;
}

/* Strimzi's `spec`: class and tasksMax are settings, state and pause are not. */
static int strimzi(struct yaml_reader *r, node root, struct config_connector *found, struct error *err)
{
    node spec = child(r, root, "spec"), config = child(r, spec, "config");
    struct str class_name = child_text(r, spec, "class"), tasks = child_text(r, spec, "tasksMax"),
               state = child_text(r, spec, "state");
    int code = 0;
    if (!spec || spec->type != YAML_MAPPING_NODE)
        return error_set(err, ERROR_CONFIG, "%s: line %zu: the KafkaConnector has no spec", r->what, line_of(root));
    if (class_name.ptr)
        code = reader_set(&found->config, STR("connector.class"), class_name, r->what, 0, err);
    if (!code && tasks.ptr)
        code = reader_set(&found->config, STR("tasks.max"), tasks, r->what, 0, err);
    if (!code && config && config->type == YAML_MAPPING_NODE)
        code = set_mapping(r, config, 0, &found->config, err);
    else if (!code && config && !(config->type == YAML_SCALAR_NODE && is_null(config)))
        code = error_set(err, ERROR_CONFIG, "%s: line %zu: spec.config is not a mapping of settings", r->what,
                         line_of(config));
    if (!code && str_is_nocase(child_text(r, spec, "pause"), "true"))
        found->state = CONFIG_STATE_PAUSED;
    if (!code && state.ptr)
        code = reader_state(state, r->what, &found->state, err);
    return code;
}

static int read_connector(struct yaml_reader *r, node root, struct config_connector *found, struct str *ret_name,
                          struct error *err)
{
    node config = child(r, root, "config");
    if (child(r, root, "kind")) {
        *ret_name = child_text(r, child(r, root, "metadata"), "name");
        return strimzi(r, root, found, err);
    }
    if (!config || config->type != YAML_MAPPING_NODE)
        return set_mapping(r, root, 0, &found->config, err);
    *ret_name = child_text(r, root, "name");
    struct str state = child_text(r, root, "initial_state");
    int code = set_mapping(r, config, 0, &found->config, err);
    return !code && state.ptr ? reader_state(state, r->what, &found->state, err) : code;
}

/* *ret_found stays false for an empty document and for another kind of resource. */
static int one_document(struct yaml_reader *r, struct reader_out *out, bool *ret_found, struct error *err)
{
    node root = yaml_document_get_root_node(r->document);
    if (!root || (root->type == YAML_SCALAR_NODE && is_null(root)))
        return 0;
    if (root->type != YAML_MAPPING_NODE)
        return error_set(err, ERROR_CONFIG, "%s: line %zu: not a mapping of settings (connector.class: ...)", r->what,
                         line_of(root));
    struct str kind = child_text(r, root, "kind"), name = STR_NULL;
    if (kind.ptr && child(r, root, "apiVersion") && !str_is(kind, "KafkaConnector"))
        return 0;
    struct config_connector found = {0};
    config_init(&found.config);
    int code = read_connector(r, root, &found, &name, err);
    if (!code && !found.config.entries.len)
        code = error_set(err, ERROR_CONFIG, "%s: line %zu: the connector has no settings; write at least its class",
                         r->what, line_of(root));
    if (!code)
        code = reader_hand_over(&found, name, r->what, out, err);
    config_release(&found.config);
    *ret_found = true;
    return code;
}

static int parser_error(const yaml_parser_t *parser, const char *what, struct error *err)
{
    return error_set(err, ERROR_CONFIG, "%s: line %zu: not valid YAML: %s%s%s", what, parser->problem_mark.line + 1,
                     parser->problem ? parser->problem : "cannot be parsed", parser->context ? " " : "",
                     parser->context ? parser->context : "");
}

int reader_yaml_file(struct str text, const char *what, struct reader_out *out, struct error *err)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return error_set(err, ERROR_INTERNAL, "%s: the YAML parser cannot be started", what);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    int code = 0;
    bool any = false, end = false;
    for (size_t n = 0; !code && !end; n++) {
        yaml_document_t document;
        if (!yaml_parser_load(&parser, &document)) {
            code = parser_error(&parser, what, err);
            break;
        }
        struct yaml_reader reader = {.document = &document, .what = what};
        end = !yaml_document_get_root_node(&document);
        if (n > DOCUMENTS_MAX)
            code = error_set(err, ERROR_CONFIG, "%s: more than %d documents", what, DOCUMENTS_MAX);
        else if (!end)
            code = one_document(&reader, out, &any, err);
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    if (!code && !any)
        code = error_set(err, ERROR_CONFIG, "%s: no connector in it; write a KafkaConnector or connector.class: ...",
                         what);
    return code;
}
