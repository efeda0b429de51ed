/* org.apache.kafka.connect.transforms.ReplaceField$Key and $Value. */
#include "transforms/requirements.h"
#include "transforms/reshape.h"
#include "transforms/smt.h"

#include "base/mem.h"
#include "data/cache.h"

struct replace_field_config {
    struct str_list exclude, blacklist, include, renames;
    bool replace_null_with_default;
};

/* "old:new"; Java's String.split(":") drops what is empty at the end. */
static bool split_rename(struct str mapping, struct str *ret_from, struct str *ret_to)
{
    struct str to, from = str_split(mapping, ':', &to);
    while (to.len && to.ptr[to.len - 1] == ':')
        to.len--;
    if (to.len == 0 || str_find(to, ':') < to.len)
        return false;
    *ret_from = from;
    *ret_to = to;
    return true;
}

static int check_renames(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    for (struct str rest = value; str_trim(rest).len;) {
        struct str from, to, mapping = str_trim(str_split(rest, ',', &rest));
        if (!split_rename(mapping, &from, &to))
            return error_set(err, ERROR_CONFIG, "\"" STR_FMT "\" is no pair of names like old:new", STR_ARG(mapping));
    }
    return 0;
}

static const char *const include_aliases[] = {"whitelist", NULL};
static const struct property properties[] = {
    PROPERTY_LIST("exclude", struct replace_field_config, exclude, .fallback = "", .importance = IMPORTANCE_MEDIUM,
                  .group = "Fields", .example = "password,internal_note",
                  .doc = "Fields to leave out, also when `include` names them."),
    PROPERTY_LIST("blacklist", struct replace_field_config, blacklist, .fallback = "", .importance = IMPORTANCE_MEDIUM,
                  .group = "Fields", .flags = PROPERTY_DEPRECATED,
                  .doc = "The former name of `exclude`, for Kafka Connect before 2.6. Where both are given, the fields "
                         "of both are left out."),
    PROPERTY_LIST("include", struct replace_field_config, include, .fallback = "", .aliases = include_aliases,
                  .importance = IMPORTANCE_MEDIUM, .group = "Fields", .example = "id,name",
                  .doc = "The only fields to keep. Without it all are kept that `exclude` does not name."),
    PROPERTY_LIST("renames", struct replace_field_config, renames, .fallback = "", .importance = IMPORTANCE_MEDIUM,
                  .group = "Fields", .example = "fname:first_name,lname:last_name", .check = check_renames,
                  .doc = "New names, as pairs `old:new`. `include` and `exclude` go by the old names."),
    SMT_REPLACE_NULL(struct replace_field_config, replace_null_with_default),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.ReplaceField", NULL};
static const char purpose[] = "field replacement";

struct rename {
    struct str from, to;
};

struct transform {
    struct arena arena;
    enum transform_target target;
    struct str_list exclude, blacklist, include;
    struct rename *renames;
    size_t n_renames;
    bool replace_nulls;
    struct schema_cache shapes;
};

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)err;
    const struct replace_field_config *parsed = config->parsed;
    struct transform *t = mem_new(struct transform);
    t->target = target;
    t->exclude = smt_keep_list(&t->arena, &parsed->exclude);
    t->blacklist = smt_keep_list(&t->arena, &parsed->blacklist);
    t->include = smt_keep_list(&t->arena, &parsed->include);
    struct str_list renames = smt_keep_list(&t->arena, &parsed->renames);
    t->renames = arena_array(&t->arena, struct rename, renames.len);
    for (size_t i = 0; i < renames.len; i++)
        if (split_rename(renames.items[i], &t->renames[t->n_renames].from, &t->renames[t->n_renames].to))
            t->n_renames++;
    t->replace_nulls = parsed->replace_null_with_default;
    schema_cache_init(&t->shapes, reshape_free);
    *ret = t;
    return 0;
}

static void transform_close(struct transform *t)
{
    schema_cache_release(&t->shapes);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static bool kept(const struct transform *t, struct str field)
{
    return !smt_list_has(&t->exclude, field) && !smt_list_has(&t->blacklist, field) &&
           (t->include.len == 0 || smt_list_has(&t->include, field));
}

static struct str renamed(const struct transform *t, struct str field)
{
    for (size_t i = t->n_renames; i-- > 0;) /* of two for the same name the last counts */
        if (str_equal(t->renames[i].from, field))
            return t->renames[i].to;
    return field;
}

static int make_shape(struct transform *t, const struct schema *old, const struct reshape **ret, struct error *err)
{
    struct schema *schema = schema_new(SCHEMA_STRUCT);
    reshape_copy_basics(old, schema);
    struct reshape *shape = reshape_new(schema, old->n_fields);
    uint32_t n = 0;
    for (uint32_t i = 0; i < old->n_fields; i++) {
        const struct schema_field *f = &old->fields[i];
        if (!kept(t, f->name))
            continue;
        int rc = reshape_add_field(schema, renamed(t, f->name), f->schema, err);
        if (rc) {
            reshape_free(shape);
            return error_context(err, "renames");
        }
        shape->steps[n++] = (struct reshape_step){.from = i, .old = f->schema};
    }
    shape->n = n;
    schema_cache_put(&t->shapes, old, NULL, shape);
    *ret = shape;
    return 0;
}

static int apply_schemaless(struct transform *t, struct batch *batch, struct value *value, struct error *err)
{
    int rc = require_map(value, purpose, err);
    if (rc)
        return rc;
    struct value *items = arena_array(&batch->arena, struct value, 2 * (size_t)value->len);
    size_t n = 0;
    for (size_t i = 0; i < value->len; i++) {
        struct value key = value->items[2 * i];
        struct str name = key.type == VALUE_STRING ? value_as_str(&key) : STR("");
        if (!kept(t, name))
            continue;
        struct str new_name = renamed(t, name);
        if (key.type == VALUE_STRING && new_name.ptr != name.ptr)
            key = value_str(arena_str(&batch->arena, new_name));
        items[2 * n] = key;
        items[2 * n + 1] = value->items[2 * i + 1];
        n++;
    }
    *value = value_items(VALUE_MAP, items, n);
    return 0;
}

static int apply_record(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    struct smt_half half = smt_half(r, t->target);
    if (value_is_null(half.value))
        return 0;
    if (!*half.schema)
        return apply_schemaless(t, batch, half.value, err);
    int rc = require_struct(*half.schema, half.value, purpose, err);
    const struct reshape *shape = rc ? NULL : schema_cache_get(&t->shapes, *half.schema, NULL);
    if (!rc && !shape)
        rc = make_shape(t, *half.schema, &shape, err);
    if (!rc)
        rc = reshape_apply(shape, half.value, t->replace_nulls, NULL, NULL, &batch->arena, half.value, err);
    if (rc)
        return rc;
    *half.schema = shape->schema;
    batch_hold(batch, shape->schema);
    return 0;
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop;
    return smt_each(t, apply_record, batch, from, to, err_index, err);
}

const struct transform_plugin replace_field = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Leaves out, keeps or renames fields",
            .doc = "Filters and renames the fields of the key (`ReplaceField$Key`) or the value "
                   "(`ReplaceField$Value`), at the top level. The order of the fields stays; a null passes unchanged. "
                   "A new name that another field has already is an error.",
            .properties = properties,
            .config_size = sizeof(struct replace_field_config),
        },
    .keyed = true,
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
