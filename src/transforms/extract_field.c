/* org.apache.kafka.connect.transforms.ExtractField$Key and $Value. */
#include "api/transform.h"
#include "transforms/field_path.h"
#include "transforms/requirements.h"

#include "base/mem.h"
#include "data/cache.h"

struct extract_field_config {
    struct str field;
    int syntax; /* enum field_syntax */
    bool replace_null_with_default;
};

static const struct property properties[] = {
    PROPERTY_STRING("field", struct extract_field_config, field, .importance = IMPORTANCE_MEDIUM, .group = "Fields",
                    .flags = PROPERTY_REQUIRED, .example = "id",
                    .doc = "The field that takes the place of the struct or map it is in."),
    PROPERTY_ENUM("field.syntax.version", struct extract_field_config, syntax, .fallback = "V1",
                  .choices = field_syntax_names, .importance = IMPORTANCE_HIGH, .group = "Fields",
                  .doc = field_syntax_doc),
    PROPERTY_BOOLEAN("replace.null.with.default", struct extract_field_config, replace_null_with_default,
                     .fallback = "true", .importance = IMPORTANCE_MEDIUM, .group = "Fields",
                     .doc = "Whether a null in a field that has a default value is extracted as that default. With "
                            "`false` it stays null."),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.ExtractField", NULL};
static const char purpose[] = "field extraction", nested_purpose[] = "nested field access";

/* The path in a schema: at each step the field's place in its struct, and its schema. */
struct path_plan {
    size_t len;
    struct {
        uint32_t index;
        const struct schema *schema; /* borrowed from the schema that the plan is for */
    } steps[];
};

struct transform {
    struct arena arena;
    enum transform_target target;
    struct str field;
    struct field_path path;
    bool replace_nulls;
    struct schema_cache plans;
};

static void free_plan(void *ptr)
{
    mem_free_ptr(&ptr);
}

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    const struct extract_field_config *parsed = config->parsed;
    struct transform *t = mem_new(struct transform);
    t->target = target;
    t->field = arena_str(&t->arena, parsed->field);
    t->replace_nulls = parsed->replace_null_with_default;
    int rc = field_path_parse(t->field, (enum field_syntax)parsed->syntax, &t->arena, &t->path, err);
    if (rc) {
        arena_free(&t->arena);
        mem_free_ptr(&t);
        return error_context(err, "field");
    }
    schema_cache_init(&t->plans, free_plan);
    *ret = t;
    return 0;
}

static void transform_close(struct transform *t)
{
    schema_cache_release(&t->plans);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static int make_plan(struct transform *t, const struct schema *schema, struct path_plan **ret, struct error *err)
{
    struct path_plan *plan = mem_zalloc(sizeof *plan + t->path.len * sizeof *plan->steps);
    const struct schema *s = schema;
    for (; plan->len < t->path.len; plan->len++) {
        int index = s->type == SCHEMA_STRUCT ? schema_field_index(s, t->path.steps[plan->len]) : -1;
        if (index < 0) {
            free_plan(plan);
            return error_set(err, ERROR_DATA, "Unknown field: " STR_FMT, STR_ARG(t->field));
        }
        s = s->fields[index].schema;
        plan->steps[plan->len].index = (uint32_t)index;
        plan->steps[plan->len].schema = s;
    }
    schema_cache_put(&t->plans, schema, NULL, plan);
    *ret = plan;
    return 0;
}

static int follow_plan(const struct transform *t, const struct path_plan *plan, struct value *value, struct error *err)
{
    for (size_t i = 0; i < plan->len && !value_is_null(value); i++) {
        const struct schema *s = plan->steps[i].schema;
        bool last = i + 1 == plan->len;
        *value = value->items[plan->steps[i].index];
        if (value_is_null(value) && s->has_default && (t->replace_nulls || !last))
            *value = s->default_value;
        int rc = last || value_is_null(value) ? 0 : require_struct(s, value, nested_purpose, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int apply_with_schema(struct transform *t, struct batch *batch, const struct schema **schema,
                             struct value *value, struct error *err)
{
    int rc = value_is_null(value) ? 0 : require_struct(*schema, value, purpose, err);
    if (rc)
        return rc;
    struct path_plan *plan = schema_cache_get(&t->plans, *schema, NULL);
    if (!plan && (rc = make_plan(t, *schema, &plan, err)))
        return rc;
    rc = follow_plan(t, plan, value, err);
    if (rc)
        return rc;
    *schema = plan->steps[plan->len - 1].schema;
    batch_hold(batch, *schema);
    return 0;
}

static int apply_schemaless(const struct transform *t, struct value *value, struct error *err)
{
    for (size_t i = 0; i < t->path.len && !value_is_null(value); i++) {
        int rc = require_map(value, i == 0 ? purpose : nested_purpose, err);
        if (rc)
            return rc;
        const struct value *v = value_map_get(value, t->path.steps[i]);
        *value = v ? *v : value_null();
    }
    return 0;
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop;
    for (size_t i = from; i < to; i++) {
        struct record *r = &batch->records[i];
        bool key = t->target == TRANSFORM_KEY;
        const struct schema **schema = key ? &r->key_schema : &r->value_schema;
        struct value *value = key ? &r->key : &r->value;
        int rc = *schema ? apply_with_schema(t, batch, schema, value, err) : apply_schemaless(t, value, err);
        if (rc) {
            *err_index = i;
            return error_context(err, "topic \"" STR_FMT "\"", STR_ARG(r->topic));
        }
    }
    return 0;
}

const struct transform_plugin extract_field = {
    .info =
        {
            .classes = classes,
            .version = "3.9.1",
            .title = "Puts a field in the place of the struct it is in",
            .doc = "Replaces the key (`ExtractField$Key`) or the value (`ExtractField$Value`) by one of its fields, so "
                   "that after ValueToKey the key is the bare id, for example. A null passes unchanged; of "
                   "schemaless data a field that is missing is null, with a schema it is an error.",
            .properties = properties,
            .config_size = sizeof(struct extract_field_config),
        },
    .keyed = true,
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
