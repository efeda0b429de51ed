/* io.debezium.transforms.ByLogicalTableRouter. */
#include "transforms/requirements.h"
#include "transforms/reshape.h"
#include "transforms/row.h"
#include "transforms/smt.h"
#include "transforms/topic_rewrite.h"

#include "base/mem.h"
#include "data/cache.h"
#include "data/envelope.h"

struct by_logical_table_router_config {
    struct str topic_regex, topic_replacement, key_name, key_regex, key_replacement;
    bool enforce, add_key_field;
};

static const struct property properties[] = {
    PROPERTY_STRING("topic.regex", struct by_logical_table_router_config, topic_regex, .importance = IMPORTANCE_LOW,
                    .group = "Topic", .flags = PROPERTY_REQUIRED, .example = "(.*)customers_shard(.*)",
                    .check = smt_check_regex,
                    .doc = "A Java regular expression. It must match the whole topic; records of other topics pass "
                           "unchanged."),
    PROPERTY_STRING("topic.replacement", struct by_logical_table_router_config, topic_replacement,
                    .importance = IMPORTANCE_LOW, .group = "Topic", .flags = PROPERTY_REQUIRED,
                    .example = "$1customers_all_shards",
                    .doc = "The new topic, with `$1` or `${name}` for what the expression's groups matched."),
    PROPERTY_STRING("key.field.name", struct by_logical_table_router_config, key_name,
                    .fallback = "__dbz__physicalTableIdentifier", .importance = IMPORTANCE_LOW, .group = "Key",
                    .check = smt_check_text,
                    .doc = "The field that the key gets, so that rows of different tables have different keys. None of "
                           "the tables' keys may have a field of that name."),
    PROPERTY_STRING("key.field.regex", struct by_logical_table_router_config, key_regex, .importance = IMPORTANCE_LOW,
                    .group = "Key", .example = "(.*)customers_shard(.*)", .check = smt_check_regex,
                    .doc = "A Java regular expression for the former topic, from which the key's new field is made. "
                           "Without it, and for a topic that it does not match, the field is the former topic."),
    PROPERTY_STRING("key.field.replacement", struct by_logical_table_router_config, key_replacement,
                    .importance = IMPORTANCE_LOW, .group = "Key", .example = "$2",
                    .doc = "What `key.field.regex` makes of the former topic, with `$1` or `${name}` for its groups. "
                           "Required next to it."),
    PROPERTY_BOOLEAN("key.enforce.uniqueness", struct by_logical_table_router_config, enforce, .fallback = "true",
                     .importance = IMPORTANCE_LOW, .group = "Key", .flags = PROPERTY_ACCEPTED,
                     .doc = "Whether the key gets the field. Taken and without effect: Debezium 1.1.2, whose events "
                            "these are, adds the field although this is `false`. Use `key.field.add`."),
    PROPERTY_BOOLEAN("key.field.add", struct by_logical_table_router_config, add_key_field, .fallback = "true",
                     .importance = IMPORTANCE_LOW, .group = "Key",
                     .doc = "Whether the key gets the field. Set it to `false` where the keys of all tables are "
                            "different from each other anyway, as those of a table's partitions are: then the key "
                            "keeps its fields. (A property of tributary; Debezium 1.2 gave `key.enforce.uniqueness` "
                            "this meaning.)"),
    PROPERTY_END,
};

static const char *const classes[] = {"io.debezium.transforms.ByLogicalTableRouter", "ByLogicalTableRouter", NULL};
static const char purpose[] = "Updating schema";

struct transform {
    struct arena arena;
    struct topic_rewrite topics, identifiers; /* identifiers.regex NULL: they are the former topics */
    struct str key_name;                      /* STR_NULL: the key gets no field */
    const struct schema *text;
    struct buf name;
    struct schema_cache keys, envelopes; /* to struct renamed, by the old schema and the new topic */
};

/* A schema under the name that the new topic gives it. */
struct renamed {
    struct str topic;
    struct schema *schema;
};

static void free_renamed(void *ptr)
{
    struct renamed *renamed = ptr;
    schema_unref(renamed->schema);
    mem_free_ptr((char **)&renamed->topic.ptr);
    mem_free_ptr(&renamed);
}

static void transform_close(struct transform *t)
{
    schema_cache_release(&t->keys);
    schema_cache_release(&t->envelopes);
    topic_rewrite_release(&t->topics);
    topic_rewrite_release(&t->identifiers);
    schema_unref(t->text);
    buf_free(&t->name);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static int open_expressions(struct transform *t, const struct by_logical_table_router_config *c, struct error *err)
{
    int rc = topic_rewrite_init(&t->topics, c->topic_regex, c->topic_replacement, err);
    if (rc)
        return error_context(err, "topic.regex");
    if (!c->key_regex.len)
        return 0;
    if (!c->key_replacement.len)
        return error_set(err, ERROR_CONFIG, "key.field.replacement must be non-empty if key.field.regex is set.");
    rc = topic_rewrite_init(&t->identifiers, c->key_regex, c->key_replacement, err);
    return rc ? error_context(err, "key.field.regex") : 0;
}

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)target;
    const struct by_logical_table_router_config *c = config->parsed;
    struct transform *t = mem_new(struct transform);
    schema_cache_init(&t->keys, free_renamed);
    schema_cache_init(&t->envelopes, free_renamed);
    t->text = schema_new(SCHEMA_STRING);
    t->key_name = c->add_key_field ? arena_str(&t->arena, c->key_name) : STR_NULL;
    int rc = open_expressions(t, c, err);
    if (rc)
        transform_close(t);
    else
        *ret = t;
    return rc;
}

/* --- schemas ------------------------------------------------------------------------------------------ */

/* As `old`, but for its default: named after the topic, and without fields. */
static struct schema *rename_schema(struct transform *t, const struct schema *old, struct str topic, const char *suffix)
{
    struct schema *s = schema_new(SCHEMA_STRUCT);
    buf_clear(&t->name);
    buf_add_str(&t->name, topic);
    buf_add_cstr(&t->name, suffix);
    size_t len = t->name.len;
    buf_reserve(&t->name, 2 * len);
    envelope_schema_name(str_of(t->name.data, len), &t->name);
    reshape_copy_basics(old, s);
    schema_set_name(s, str_of(t->name.data + len, t->name.len - len), old->version);
    if (old->optional)
        schema_set_optional(s);
    return s;
}

static void copy_fields(const struct schema *from, struct schema *to)
{
    for (uint32_t i = 0; i < from->n_fields; i++)
        schema_add_field(to, from->fields[i].name, from->fields[i].schema);
}

static const struct schema *known(struct schema_cache *cache, const struct schema *old, struct str topic)
{
    const struct renamed *renamed = schema_cache_get(cache, old, topic.ptr);
    return renamed && str_equal(renamed->topic, topic) ? renamed->schema : NULL;
}

static const struct schema *remember(struct schema_cache *cache, const struct schema *old, struct str topic,
                                     struct schema *schema)
{
    struct renamed *renamed = mem_new(struct renamed);
    *renamed = (struct renamed){{mem_dup(topic.ptr, topic.len), topic.len}, schema};
    schema_cache_put(cache, old, topic.ptr, renamed);
    return schema;
}

static int key_schema(struct transform *t, const struct schema *old, struct str topic, const struct schema **ret,
                      struct error *err)
{
    *ret = known(&t->keys, old, topic);
    if (*ret)
        return 0;
    struct schema *s = rename_schema(t, old, topic, ".Key");
    copy_fields(old, s);
    int rc = t->key_name.ptr ? reshape_add_field(s, t->key_name, t->text, err) : 0;
    if (rc)
        schema_unref(s);
    else
        *ret = remember(&t->keys, old, topic, s);
    return rc;
}

/* Both rows get one schema, that of `before`. */
static const struct schema *envelope_schema(struct transform *t, const struct schema *old, int before, struct str topic)
{
    const struct schema *s = known(&t->envelopes, old, topic);
    if (s)
        return s;
    const struct schema *old_row = old->fields[before].schema;
    struct schema *row = rename_schema(t, old_row, topic, ".Value");
    copy_fields(old_row, row);
    struct schema *envelope = rename_schema(t, old, topic, ENVELOPE_SUFFIX);
    for (uint32_t i = 0; i < old->n_fields; i++) {
        struct str name = old->fields[i].name;
        bool is_row = str_is(name, "before") || str_is(name, "after");
        schema_add_field(envelope, name, is_row ? row : old->fields[i].schema);
    }
    schema_unref(row);
    return remember(&t->envelopes, old, topic, envelope);
}

/* --- records ------------------------------------------------------------------------------------------ */

static struct str identifier(struct transform *t, struct str topic, struct arena *arena)
{
    struct str made = t->identifiers.regex ? topic_rewrite_apply(&t->identifiers, topic, arena) : STR_NULL;
    return made.ptr ? made : topic;
}

/* A struct's values with room for `more`; a null is the field's default, where there is one. */
static struct value *copy_row(const struct schema *schema, const struct value *row, uint32_t more, struct arena *arena)
{
    struct value *items = arena_array(arena, struct value, schema->n_fields + more);
    for (uint32_t i = 0; i < schema->n_fields; i++)
        items[i] = row_get(schema, row, i);
    return items;
}

static int change_key(struct transform *t, struct batch *batch, const struct record *r, struct str topic,
                      const struct schema **ret_schema, struct value *ret, struct error *err)
{
    const struct schema *schema;
    int rc = require_struct(r->key_schema, &r->key, purpose, err);
    if (!rc)
        rc = key_schema(t, r->key_schema, topic, &schema, err);
    if (rc)
        return rc;
    struct value *items = copy_row(r->key_schema, &r->key, 1, &batch->arena);
    if (t->key_name.ptr)
        items[r->key_schema->n_fields] = value_str(identifier(t, r->topic, &batch->arena));
    *ret = value_items(VALUE_STRUCT, items, schema->n_fields);
    *ret_schema = schema;
    batch_hold(batch, schema);
    return 0;
}

static int change_value(struct transform *t, struct batch *batch, const struct record *r, struct str topic,
                        const struct schema **ret_schema, struct value *ret, struct error *err)
{
    const struct schema *old = r->value_schema;
    int before = schema_field_index(old, STR("before"));
    int rc = require_struct(old, &r->value, purpose, err);
    if (rc)
        return rc;
    struct value *items = copy_row(old, &r->value, 0, &batch->arena);
    for (uint32_t i = 0; i < old->n_fields; i++) {
        struct str name = old->fields[i].name;
        const struct schema *row = old->fields[i].schema;
        if (value_is_null(&items[i]) || !(str_is(name, "before") || str_is(name, "after")))
            continue;
        rc = require_struct(row, &items[i], purpose, err);
        if (rc)
            return rc;
        items[i] = value_items(VALUE_STRUCT, copy_row(row, &items[i], 0, &batch->arena), row->n_fields);
    }
    *ret = value_items(VALUE_STRUCT, items, old->n_fields);
    *ret_schema = envelope_schema(t, old, before, topic);
    batch_hold(batch, *ret_schema);
    return 0;
}

/* A change event of a table: not those of MongoDB, whose rows are texts. */
static bool is_event(const struct schema *s)
{
    int before = envelope_is(s) && s->type == SCHEMA_STRUCT ? schema_field_index(s, STR("before")) : -1;
    return before >= 0 && s->fields[before].schema->type == SCHEMA_STRUCT;
}

static int apply_record(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    struct str topic = topic_rewrite_apply(&t->topics, r->topic, &batch->arena);
    struct record changed = *r;
    int rc = 0;
    if (!topic.len)
        return 0;
    changed.topic = topic;
    if (value_is_null(&r->key))
        changed.key_schema = NULL;
    else
        rc = change_key(t, batch, r, topic, &changed.key_schema, &changed.key, err);
    if (!rc && !value_is_null(&r->value) && is_event(r->value_schema))
        rc = change_value(t, batch, r, topic, &changed.value_schema, &changed.value, err);
    if (!rc)
        *r = changed;
    return rc;
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop;
    return smt_each(t, apply_record, batch, from, to, err_index, err);
}

const struct transform_plugin by_logical_table_router = {
    .info =
        {
            .classes = classes,
            .version = SMT_DEBEZIUM_VERSION,
            .title = "Puts the change events of several tables into one topic",
            .doc = "Gives the records of tables of the same form, shards or partitions, one topic and one schema: the "
                   "names of the schemas of key, row and envelope are made of the new topic. A field added to the key "
                   "tells the tables apart. A null in a field that has a default becomes that default, as in "
                   "Debezium.\n\n"
                   "The values of tombstones, and of records that are no change events, stay as they are.",
            .properties = properties,
            .config_size = sizeof(struct by_logical_table_router_config),
        },
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
