#include "converters/cloud_event.h"

#include "base/mem.h"
#include "converters/java_date.h"
#include "data/envelope.h"

#define EXTENSION_PREFIX "iodebezium"
#define ROWS_NAME        "io.debezium.connector.mysql.Data" /* whatever the connector */

struct cloud_connector {
    const char *name;
    const char *rows[2];
    const char *id[2]; /* fields of the source that the event's id has, behind the server's name */
};

static const struct cloud_connector connectors[] = {
    {"mysql", {"before", "after"}, {"file", "pos"}},
    {"postgresql", {"before", "after"}, {"lsn", "txId"}},
    {"mongodb", {"after", "patch"}, {"h", NULL}},
    {"sqlserver", {"before", "after"}, {"change_lsn", "commit_lsn"}},
};

static const char *const transaction_names[] = {"id", "total_order", "data_collection_order"};

static void free_plan(void *ptr)
{
    struct cloud_plan *plan = ptr;
    schema_unref(plan->event);
    schema_unref(plan->rows);
    arena_free(&plan->arena);
    mem_free_ptr(&plan);
}

void cloud_events_init(struct cloud_events *c, enum cloud_data data, struct str content_type)
{
    *c = (struct cloud_events){.data = data, .content_type = content_type};
    schema_cache_init(&c->plans, free_plan);
}

void cloud_events_release(struct cloud_events *c)
{
    schema_cache_release(&c->plans);
}

/* --- the event's schema ------------------------------------------------------------------------------- */

static int add_field(struct schema *s, struct str name, const struct schema *field, struct error *err)
{
    if (schema_field_index(s, name) >= 0)
        return error_set(err, ERROR_DATA, "two attributes of the CloudEvent have the name \"" STR_FMT "\"",
                         STR_ARG(name));
    schema_add_field(s, name, field);
    return 0;
}

static int add_new(struct schema *s, struct str name, enum schema_type type, bool optional, struct error *err)
{
    struct schema *field = schema_new(type);
    if (optional)
        schema_set_optional(field);
    int rc = add_field(s, name, field, err);
    schema_unref(field);
    return rc;
}

/* Of the field's name what an attribute's may have; Debezium leaves capitals. */
static struct str extension_name(struct arena *arena, const char *more, struct str name)
{
    struct str full = arena_printf(arena, EXTENSION_PREFIX "%s" STR_FMT, more, STR_ARG(name));
    char *end = (char *)full.ptr;
    for (size_t i = 0; i < full.len; i++) {
        const char c = full.ptr[i];
        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            *end++ = c;
    }
    return str_of(full.ptr, (size_t)(end - full.ptr));
}

static int add_source(struct cloud_plan *plan, struct schema *event, const struct schema *source, struct error *err)
{
    int rc = 0;
    for (uint32_t i = 0; i < source->n_fields && !rc; i++) {
        const struct schema_field *f = &source->fields[i];
        enum schema_type type = (enum schema_type)f->schema->type;
        if (type == SCHEMA_INT64) /* CloudEvents has no integers beyond 32 bits */
            type = SCHEMA_STRING;
        else if (type == SCHEMA_INT8 || type == SCHEMA_INT16)
            type = SCHEMA_INT32;
        if (type != SCHEMA_STRING && type != SCHEMA_INT32 && type != SCHEMA_BOOLEAN)
            return error_set(err, ERROR_DATA,
                             "Source field of type %s cannot be converted into CloudEvents extension attribute: "
                             "\"" STR_FMT "\"",
                             value_type_name((enum value_type)type), STR_ARG(f->name));
        rc = add_new(event, extension_name(&plan->arena, "", f->name), type, f->schema->optional, err);
    }
    return rc;
}

static int add_data(const struct cloud_events *c, const struct cloud_plan *plan, struct schema *event,
                    struct error *err)
{
    if (c->data == CLOUD_DATA_ROWS)
        return add_field(event, STR("data"), plan->rows, err);
    return add_new(event, STR("data"), c->data == CLOUD_DATA_BYTES ? SCHEMA_BYTES : SCHEMA_STRUCT, false, err);
}

static int fill_event(const struct cloud_events *c, struct cloud_plan *plan, struct schema *event,
                      const struct schema *source, struct error *err)
{
    static const char *const attributes[] = {"id",   "source",          "specversion", "type",
                                             "time", "datacontenttype", "dataschema"};
    size_t n = sizeof attributes / sizeof *attributes - (c->data != CLOUD_DATA_BYTES);
    int rc = 0;
    for (size_t i = 0; i < n && !rc; i++)
        rc = add_new(event, str_from(attributes[i]), SCHEMA_STRING, false, err);
    if (!rc)
        rc = add_new(event, STR(EXTENSION_PREFIX "op"), SCHEMA_STRING, false, err);
    if (!rc)
        rc = add_source(plan, event, source, err);
    for (size_t i = 0; i < sizeof transaction_names / sizeof *transaction_names && !rc; i++) {
        struct str name = extension_name(&plan->arena, "tx", str_from(transaction_names[i]));
        rc = add_new(event, name, SCHEMA_STRING, true, err);
    }
    return rc ? rc : add_data(c, plan, event, err);
}

static int make_event(const struct cloud_events *c, struct cloud_plan *plan, const struct schema *source,
                      struct error *err)
{
    struct buf name = {0};
    struct schema *event = schema_new(SCHEMA_STRUCT);
    struct str proposed = arena_printf(&plan->arena, STR_FMT "." STR_FMT ".CloudEvents" ENVELOPE_SUFFIX,
                                       STR_ARG(plan->server), STR_ARG(plan->database));
    envelope_schema_name(proposed, &name);
    schema_set_name(event, buf_str(&name), SCHEMA_NO_VERSION);
    buf_free(&name);
    plan->event = event;
    return fill_event(c, plan, event, source, err);
}

/* --- plans -------------------------------------------------------------------------------------------- */

static int find(const struct schema *s, const char *name, uint32_t *ret, struct error *err)
{
    int i = schema_field_index(s, str_from(name));
    if (i < 0)
        return error_set(err, ERROR_DATA, "%s is not a valid field name", name);
    *ret = (uint32_t)i;
    return 0;
}

static int make_rows(struct cloud_plan *plan, const struct schema *schema, struct error *err)
{
    struct schema *rows = schema_new(SCHEMA_STRUCT);
    schema_set_name(rows, STR(ROWS_NAME), SCHEMA_NO_VERSION);
    plan->rows = rows;
    for (; plan->n_rows < 2; plan->n_rows++) {
        const char *name = plan->connector->rows[plan->n_rows];
        uint32_t *at = &plan->rows_at[plan->n_rows];
        int rc = find(schema, name, at, err);
        if (rc)
            return rc;
        schema_add_field(rows, str_from(name), schema->fields[*at].schema);
    }
    return 0;
}

static void find_transaction(struct cloud_plan *plan, const struct schema *schema)
{
    int at = schema_field_index(schema, STR("transaction"));
    const struct schema *s = at < 0 ? NULL : schema->fields[at].schema;
    plan->transaction_at = s && s->type == SCHEMA_STRUCT ? at : -1;
    for (size_t i = 0; plan->transaction_at >= 0 && i < 3; i++)
        plan->transaction_fields[i] = schema_field_index(s, str_from(transaction_names[i]));
}

static int fill_plan(const struct cloud_events *c, struct cloud_plan *plan, const struct schema *schema,
                     struct error *err)
{
    const struct schema *source = schema->fields[plan->source_at].schema;
    int rc = find(source, "ts_ms", &plan->time_at, err);
    for (int i = 0; i < 2 && plan->connector->id[i] && !rc; i++)
        rc = find(source, plan->connector->id[i], &plan->id_at[i], err);
    if (!rc)
        rc = make_rows(plan, schema, err);
    find_transaction(plan, schema);
    plan->source = arena_printf(&plan->arena, "/debezium/%s/" STR_FMT, plan->connector->name, STR_ARG(plan->server));
    plan->type = arena_printf(&plan->arena, "io.debezium.%s.datachangeevent", plan->connector->name);
    return rc ? rc : make_event(c, plan, source, err);
}

/* What tells an event's plan, besides its schema. */
struct origin {
    int source_at, op_at;
    const struct cloud_connector *connector;
    struct str server, database;
};

static int text_of(const struct schema *source, const struct value *v, const char *name, struct str *ret,
                   struct error *err)
{
    uint32_t at = 0;
    int rc = find(source, name, &at, err);
    if (!rc)
        *ret = v->items[at].type == VALUE_STRING ? value_as_str(&v->items[at]) : STR("null");
    return rc;
}

static int find_origin(const struct schema *schema, const struct value *envelope, struct origin *ret, struct error *err)
{
    struct str name = STR_NULL;
    ret->source_at = schema_field_index(schema, STR("source"));
    ret->op_at = schema_field_index(schema, STR("op"));
    if (ret->source_at < 0 || ret->op_at < 0 || envelope->items[ret->source_at].type != VALUE_STRUCT)
        return error_set(err, ERROR_DATA, "the event has no source, or no op");
    const struct schema *source = schema->fields[ret->source_at].schema;
    const struct value *v = &envelope->items[ret->source_at];
    int rc = text_of(source, v, "connector", &name, err);
    if (!rc)
        rc = text_of(source, v, "name", &ret->server, err);
    if (!rc)
        rc = text_of(source, v, "db", &ret->database, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < sizeof connectors / sizeof *connectors; i++) {
        ret->connector = &connectors[i];
        if (str_is(name, connectors[i].name))
            return 0;
    }
    return error_set(err, ERROR_DATA, "No usable CloudEvents converters for connector type \"" STR_FMT "\"",
                     STR_ARG(name));
}

int cloud_events_plan(struct cloud_events *c, const struct schema *schema, const struct value *envelope,
                      const struct cloud_plan **ret, struct error *err)
{
    struct origin o;
    int rc = find_origin(schema, envelope, &o, err);
    if (rc)
        return rc;
    struct cloud_plan *plan = schema_cache_get(&c->plans, schema, o.connector);
    if (plan && str_equal(plan->server, o.server) && str_equal(plan->database, o.database)) {
        *ret = plan;
        return 0;
    }
    plan = mem_new(struct cloud_plan);
    plan->source_at = o.source_at;
    plan->op_at = o.op_at;
    plan->connector = o.connector;
    plan->server = arena_str(&plan->arena, o.server);
    plan->database = arena_str(&plan->arena, o.database);
    rc = fill_plan(c, plan, schema, err);
    if (rc) {
        free_plan(plan);
        return rc;
    }
    schema_cache_put(&c->plans, schema, o.connector, plan);
    *ret = plan;
    return 0;
}

/* --- events ------------------------------------------------------------------------------------------- */

struct value cloud_plan_rows(const struct cloud_plan *plan, const struct value *envelope, struct arena *arena)
{
    struct value *items = arena_array(arena, struct value, plan->n_rows);
    for (uint32_t i = 0; i < plan->n_rows; i++)
        items[i] = envelope->items[plan->rows_at[i]];
    return value_items(VALUE_STRUCT, items, plan->n_rows);
}

static struct value get(const struct schema *s, const struct value *v, uint32_t at)
{
    const struct schema *field = s->fields[at].schema;
    return value_is_null(&v->items[at]) && field->has_default ? field->default_value : v->items[at];
}

static struct value as_attribute(struct value v, struct arena *arena)
{
    if (v.type == VALUE_INT64)
        return value_str(arena_printf(arena, "%lld", (long long)v.i));
    if (v.type == VALUE_INT8 || v.type == VALUE_INT16)
        return value_int32((int32_t)v.i);
    return v;
}

static struct str as_text(struct value v, struct arena *arena)
{
    if (v.type == VALUE_STRING)
        return value_as_str(&v);
    return v.type >= VALUE_INT8 && v.type <= VALUE_INT64 ? arena_printf(arena, "%lld", (long long)v.i) : STR("null");
}

static struct str make_id(const struct cloud_plan *plan, const struct schema *schema, const struct value *source,
                          struct arena *arena)
{
    const char *const *names = plan->connector->id;
    struct str first = as_text(get(schema, source, plan->id_at[0]), arena);
    if (!names[1])
        return arena_printf(arena, "name:" STR_FMT ";%s:" STR_FMT, STR_ARG(plan->server), names[0], STR_ARG(first));
    struct str second = as_text(get(schema, source, plan->id_at[1]), arena);
    return arena_printf(arena, "name:" STR_FMT ";%s:" STR_FMT ";%s:" STR_FMT, STR_ARG(plan->server), names[0],
                        STR_ARG(first), names[1], STR_ARG(second));
}

static struct str make_time(int64_t ms, struct arena *arena)
{
    struct java_date d;
    java_date_of(ms, &d);
    return arena_printf(arena, "%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ", (long long)d.year, d.month, d.day, d.hour,
                        d.minute, d.second, d.millisecond);
}

static struct value *add_extensions(const struct cloud_plan *plan, const struct schema *schema,
                                    const struct value *envelope, struct value *items, struct arena *arena)
{
    const struct schema *source = schema->fields[plan->source_at].schema;
    *items++ = envelope->items[plan->op_at];
    for (uint32_t i = 0; i < source->n_fields; i++)
        *items++ = as_attribute(get(source, &envelope->items[plan->source_at], i), arena);
    const struct value *transaction = plan->transaction_at < 0 ? NULL : &envelope->items[plan->transaction_at];
    for (int i = 0; i < 3; i++) {
        bool known = transaction && transaction->type == VALUE_STRUCT && plan->transaction_fields[i] >= 0;
        *items++ = known ? as_attribute(transaction->items[plan->transaction_fields[i]], arena) : value_null();
    }
    return items;
}

int cloud_plan_event(const struct cloud_plan *plan, const struct cloud_events *c, const struct schema *schema,
                     const struct value *envelope, struct str data, struct str dataschema, struct arena *arena,
                     struct value *ret, struct error *err)
{
    const struct schema *source_schema = schema->fields[plan->source_at].schema;
    const struct value *source = &envelope->items[plan->source_at];
    const struct value time = get(source_schema, source, plan->time_at);
    struct value *items = arena_array(arena, struct value, plan->event->n_fields), *next = items;
    if (time.type != VALUE_INT64)
        return error_set(err, ERROR_DATA, "the event's source has no time: ts_ms is null");
    *next++ = value_str(make_id(plan, source_schema, source, arena));
    *next++ = value_str(plan->source);
    *next++ = value_str(STR("1.0"));
    *next++ = value_str(plan->type);
    *next++ = value_str(make_time(time.i, arena));
    *next++ = value_str(c->content_type);
    if (c->data == CLOUD_DATA_BYTES)
        *next++ = value_str(dataschema);
    next = add_extensions(plan, schema, envelope, next, arena);
    if (c->data == CLOUD_DATA_BYTES)
        *next = value_bytes(data.ptr, data.len);
    else
        *next =
            c->data == CLOUD_DATA_ROWS ? cloud_plan_rows(plan, envelope, arena) : value_items(VALUE_STRUCT, next, 0);
    *ret = value_items(VALUE_STRUCT, items, plan->event->n_fields);
    return 0;
}
