/* io.debezium.transforms.outbox.EventRouter. */
#include "transforms/headers.h"
#include "transforms/outbox_fields.h"
#include "transforms/requirements.h"
#include "transforms/reshape.h"
#include "transforms/row.h"
#include "transforms/smt.h"
#include "transforms/topic_rewrite.h"

#include "base/mem.h"
#include "data/cache.h"
#include "data/envelope.h"

enum on_update { UPDATE_WARN, UPDATE_ERROR, UPDATE_FATAL };

struct event_router_config {
    struct str id, key, type, timestamp, payload, payload_id, schema_version;
    struct str_list placement;
    struct str route_field, route_regex, route_replacement;
    bool tombstone_on_empty;
    int on_update; /* enum on_update */
};

static const char *const update_behaviors[] = {
    [UPDATE_WARN] = "warn",
    [UPDATE_ERROR] = "error",
    [UPDATE_FATAL] = "fatal",
    NULL,
};

#define COLUMN(name, member, ...)                                                                                      \
    PROPERTY_STRING(name, struct event_router_config, member, .group = "Table", __VA_ARGS__)

static const struct property properties[] = {
    COLUMN("table.field.event.id", id, .fallback = "id", .importance = IMPORTANCE_LOW,
           .doc = "The column with the event's id. It becomes the header `id`, by which a reader knows an event that "
                  "comes twice."),
    COLUMN("table.field.event.key", key, .importance = IMPORTANCE_LOW,
           .doc = "The column whose value becomes the record's key. Without it, and where it is null, the key is the "
                  "column `table.field.event.payload.id`."),
    COLUMN("table.field.event.type", type, .fallback = "type", .importance = IMPORTANCE_LOW,
           .doc = "The column with the event's type. It becomes the field `eventType` of the value, unless "
                  "`table.fields.additional.placement` has something of that name."),
    COLUMN("table.field.event.timestamp", timestamp, .importance = IMPORTANCE_MEDIUM,
           .doc = "The column whose value becomes the record's timestamp: `io.debezium.time.Timestamp`, "
                  "`MicroTimestamp` or `NanoTimestamp`. Without it, and where it is null, it is the time of the "
                  "change event, `ts_ms`."),
    COLUMN("table.field.event.payload", payload, .fallback = "payload", .importance = IMPORTANCE_LOW,
           .doc = "The column with what the event tells. It becomes the field `payload` of the value, or the value "
                  "itself where no other column is placed in the `envelope`."),
    COLUMN("table.field.event.payload.id", payload_id, .fallback = "aggregateid", .importance = IMPORTANCE_LOW,
           .doc = "The column whose value becomes the record's key where there is no `table.field.event.key`."),
    PROPERTY_LIST("table.fields.additional.placement", struct event_router_config, placement,
                  .importance = IMPORTANCE_HIGH, .group = "Table",
                  .example = "tenant:header,version:envelope:eventVersion",
                  .doc = "Further columns and where they go, `COLUMN:PLACEMENT` or `COLUMN:PLACEMENT:ALIAS` each: "
                         "`header` makes a header of the column, `envelope` a field of the value. With "
                         "`type:header:eventType` and nothing in the envelope, the value is the bare payload."),
    COLUMN("table.field.event.schema.version", schema_version, .importance = IMPORTANCE_LOW,
           .doc = "The column, an `int32`, whose value becomes the version of the value's schema."),
    PROPERTY_STRING("route.by.field", struct event_router_config, route_field, .fallback = "aggregatetype",
                    .importance = IMPORTANCE_HIGH, .group = "Router",
                    .doc = "The column, a text, from which the topic is made."),
    PROPERTY_STRING("route.topic.regex", struct event_router_config, route_regex, .fallback = "(?<routedByValue>.*)",
                    .importance = IMPORTANCE_LOW, .group = "Router", .check = smt_check_regex,
                    .doc = "A Java regular expression for the value of `route.by.field`. Where it does not match as a "
                           "whole, that value is the topic."),
    PROPERTY_STRING("route.topic.replacement", struct event_router_config, route_replacement,
                    .fallback = "outbox.event.${routedByValue}", .importance = IMPORTANCE_HIGH, .group = "Router",
                    .doc = "The topic, with `$1` or `${name}` for what the expression's groups matched."),
    PROPERTY_BOOLEAN("route.tombstone.on.empty.payload", struct event_router_config, tombstone_on_empty,
                     .fallback = "false", .importance = IMPORTANCE_HIGH, .group = "Router",
                     .doc = "Whether an event whose payload is null, or a text of white space, becomes a tombstone: "
                            "neither value nor schema."),
    PROPERTY_ENUM("debezium.op.invalid.behavior", struct event_router_config, on_update, .fallback = "warn",
                  .choices = update_behaviors, .importance = IMPORTANCE_MEDIUM, .group = "Debezium",
                  .doc = "What an update of a row in the table means; rows there are to be inserted, and deleted, "
                         "only. `warn` and `error`: the update is dropped. `fatal`: it is an error."),
    PROPERTY_END,
};

static const char *const classes[] = {"io.debezium.transforms.outbox.EventRouter", "EventRouter", NULL};

struct transform {
    struct arena arena;
    struct str id, key, timestamp, payload, payload_id, schema_version, route_field; /* STR_NULL: not set */
    struct outbox_fields fields;
    bool tombstone_on_empty;
    enum on_update on_update;
    struct topic_rewrite topics;
    const struct schema *text; /* of the key */
    struct schema_cache plans;
    struct schema_cache versions; /* to struct schema, by the value's schema and the version */
};

/* What an envelope's schema gives. The columns are looked for at the first insert: a table that only others use may be
 * without them. The places are those of the columns that are set. */
struct plan {
    const struct schema *row; /* borrowed, as those of the fields */
    uint32_t after, op;
    int ts_ms;
    uint32_t id, key, timestamp, payload, payload_id, schema_version, route;
    int64_t per_ms;        /* of the timestamp column's unit */
    uint32_t *fields;      /* places of transform.fields */
    struct schema *schema; /* of the value, without a version; NULL: no insert yet */
    struct arena arena;
};

static void free_plan(void *ptr)
{
    struct plan *plan = ptr;
    schema_unref(plan->schema);
    arena_free(&plan->arena);
    mem_free_ptr(&plan);
}

static void free_version(void *ptr)
{
    schema_unref(ptr);
}

static void transform_close(struct transform *t)
{
    schema_cache_release(&t->plans);
    schema_cache_release(&t->versions);
    topic_rewrite_release(&t->topics);
    schema_unref(t->text);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)target;
    const struct event_router_config *c = config->parsed;
    struct transform *t = mem_new(struct transform);
    schema_cache_init(&t->plans, free_plan);
    schema_cache_init(&t->versions, free_version);
    const struct str given[] = {c->id,         c->key, c->timestamp, c->payload, c->payload_id, c->schema_version,
                                c->route_field};
    struct str *const kept[] = {&t->id,         &t->key, &t->timestamp, &t->payload, &t->payload_id, &t->schema_version,
                                &t->route_field};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        *kept[i] = given[i].len ? arena_str(&t->arena, given[i]) : STR_NULL;
    t->tombstone_on_empty = c->tombstone_on_empty;
    t->on_update = (enum on_update)c->on_update;
    t->text = schema_new(SCHEMA_STRING);
    int rc = outbox_fields_parse(&c->placement, c->type, &t->arena, &t->fields, err);
    if (rc)
        error_context(err, "table.fields.additional.placement");
    else if ((rc = topic_rewrite_init(&t->topics, c->route_regex, c->route_replacement, err)))
        error_context(err, "route.topic.regex");
    if (rc)
        transform_close(t);
    else
        *ret = t;
    return rc;
}

/* --- plans -------------------------------------------------------------------------------------------- */

static int find_timestamp(const struct transform *t, struct plan *plan, struct error *err)
{
    static const struct {
        const char *name;
        int64_t per_ms;
    } units[] = {
        {"io.debezium.time.Timestamp", 1},
        {"io.debezium.time.MicroTimestamp", 1000},
        {"io.debezium.time.NanoTimestamp", 1000000},
    };
    int rc = row_find_typed(plan->row, t->timestamp, SCHEMA_INT64, &plan->timestamp, err);
    if (rc)
        return error_context(err, "table.field.event.timestamp");
    struct str name = plan->row->fields[plan->timestamp].schema->name;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (str_is(name, units[i].name))
            plan->per_ms = units[i].per_ms;
    if (plan->per_ms)
        return 0;
    return error_set(err, ERROR_DATA, "Unsupported field type \"" STR_FMT "\" for event timestamp \"" STR_FMT "\"",
                     STR_ARG(name), STR_ARG(t->timestamp));
}

static int find_columns(const struct transform *t, struct plan *plan, struct error *err)
{
    const struct {
        struct str name;
        uint32_t *place;
    } columns[] = {
        {t->payload, &plan->payload},
        {t->id, &plan->id},
        {t->payload_id, &plan->payload_id},
        {t->key, &plan->key},
    };
    int rc = t->timestamp.ptr ? find_timestamp(t, plan, err) : 0;
    for (size_t i = 0; i < sizeof columns / sizeof *columns && !rc; i++)
        rc = columns[i].name.ptr || i < 3 ? row_find(plan->row, columns[i].name, columns[i].place, err) : 0;
    if (!rc && t->schema_version.ptr)
        rc = row_find_typed(plan->row, t->schema_version, SCHEMA_INT32, &plan->schema_version, err);
    if (!rc)
        rc = row_find_typed(plan->row, t->route_field, SCHEMA_STRING, &plan->route, err);
    plan->fields = arena_array(&plan->arena, uint32_t, t->fields.len);
    for (size_t i = 0; i < t->fields.len && !rc; i++)
        rc = row_find(plan->row, t->fields.items[i].column, &plan->fields[i], err);
    return rc;
}

static int make_schema(const struct transform *t, struct plan *plan, struct error *err)
{
    plan->schema = schema_new(SCHEMA_STRUCT);
    schema_add_field(plan->schema, STR("payload"), plan->row->fields[plan->payload].schema);
    int rc = 0;
    for (size_t i = 0; i < t->fields.len && !rc; i++)
        if (t->fields.items[i].placement == OUTBOX_ENVELOPE)
            rc = reshape_add_field(plan->schema, t->fields.items[i].alias, plan->row->fields[plan->fields[i]].schema,
                                   err);
    return rc;
}

static int make_plan(struct transform *t, const struct schema *envelope, struct plan **ret, struct error *err)
{
    struct plan *plan = mem_new(struct plan);
    plan->ts_ms = schema_field_index(envelope, STR("ts_ms"));
    int rc = row_find_typed(envelope, STR("op"), SCHEMA_STRING, &plan->op, err);
    if (!rc)
        rc = row_find_typed(envelope, STR("after"), SCHEMA_STRUCT, &plan->after, err);
    if (rc) {
        free_plan(plan);
        return rc;
    }
    plan->row = envelope->fields[plan->after].schema;
    schema_cache_put(&t->plans, envelope, NULL, plan);
    *ret = plan;
    return 0;
}

/* --- records ------------------------------------------------------------------------------------------ */

/* The bytes that Java's String.trim takes off. */
static bool is_empty(const struct value *payload)
{
    if (payload->type != VALUE_STRING)
        return value_is_null(payload);
    uint32_t i = 0;
    while (i < payload->len && (unsigned char)payload->str[i] <= ' ')
        i++;
    return i == payload->len;
}

static int64_t timestamp_of(const struct transform *t, const struct plan *plan, const struct value *envelope,
                            const struct value *row)
{
    if (t->timestamp.ptr && row->items[plan->timestamp].type == VALUE_INT64)
        return row->items[plan->timestamp].i / plan->per_ms;
    bool known = plan->ts_ms >= 0 && envelope->items[plan->ts_ms].type == VALUE_INT64;
    return known ? envelope->items[plan->ts_ms].i : RECORD_NO_TIMESTAMP;
}

/* The key's schema is a text whatever the column is, so that numbers become texts. */
static int key_of(const struct transform *t, const struct plan *plan, const struct value *row, struct arena *arena,
                  struct value *ret, struct error *err)
{
    uint32_t at = t->key.ptr ? plan->key : plan->payload_id;
    struct value v = row_get(plan->row, row, at);
    if (value_is_null(&v)) {
        at = plan->payload_id;
        v = row_get(plan->row, row, at);
    }
    if (v.type >= VALUE_INT8 && v.type <= VALUE_INT64)
        v = value_str(arena_printf(arena, "%lld", (long long)v.i));
    if (!value_is_null(&v) && v.type != VALUE_STRING)
        return error_set(err, ERROR_DATA, "the key's column \"" STR_FMT "\" is %s; it must be a string or an integer",
                         STR_ARG(plan->row->fields[at].name), value_type_name((enum value_type)v.type));
    *ret = v;
    return 0;
}

/* The value's schema with the version that the row tells. */
static const struct schema *versioned(struct transform *t, const struct plan *plan, const struct value *row)
{
    const struct value *v = t->schema_version.ptr ? &row->items[plan->schema_version] : NULL;
    if (!v || v->type != VALUE_INT32)
        return plan->schema;
    const void *version = (const void *)(uintptr_t)(uint32_t)v->i;
    struct schema *s = schema_cache_get(&t->versions, plan->schema, version);
    if (!s) {
        s = schema_copy(plan->schema);
        schema_set_version(s, (int32_t)v->i);
        schema_cache_put(&t->versions, plan->schema, version, s);
    }
    return s;
}

static void make_value(struct transform *t, const struct plan *plan, const struct value *row, struct batch *batch,
                       const struct schema **ret_schema, struct value *ret)
{
    struct value payload = row_get(plan->row, row, plan->payload);
    *ret = value_null();
    *ret_schema = NULL;
    if (t->tombstone_on_empty && is_empty(&payload))
        return;
    *ret = payload;
    *ret_schema = plan->row->fields[plan->payload].schema;
    if (t->fields.n_envelope) {
        struct value *items = arena_array(&batch->arena, struct value, 1 + t->fields.n_envelope);
        *ret = value_items(VALUE_STRUCT, items, 1 + t->fields.n_envelope);
        *ret_schema = versioned(t, plan, row);
        *items++ = payload;
        for (size_t i = 0; i < t->fields.len; i++)
            if (t->fields.items[i].placement == OUTBOX_ENVELOPE)
                *items++ = row_get(plan->row, row, plan->fields[i]);
    }
    batch_hold(batch, *ret_schema);
}

static void add_headers(const struct transform *t, const struct plan *plan, const struct value *row,
                        struct batch *batch, struct record *r)
{
    struct header *added = headers_add(r, 1 + t->fields.len - t->fields.n_envelope, &batch->arena);
    *added++ = (struct header){STR("id"), plan->row->fields[plan->id].schema, row_get(plan->row, row, plan->id)};
    for (size_t i = 0; i < t->fields.len; i++)
        if (t->fields.items[i].placement == OUTBOX_HEADER)
            *added++ = (struct header){t->fields.items[i].alias, plan->row->fields[plan->fields[i]].schema,
                                       row_get(plan->row, row, plan->fields[i])};
    batch_hold(batch, plan->row);
}

static int apply_insert(struct transform *t, struct plan *plan, struct batch *batch, struct record *r,
                        struct error *err)
{
    const struct value envelope = r->value, *row = &envelope.items[plan->after];
    struct value key;
    int rc = require_struct(plan->row, row, "Read Outbox Event", err);
    if (!rc && !plan->schema)
        rc = find_columns(t, plan, err);
    if (!rc && !plan->schema)
        rc = make_schema(t, plan, err);
    if (rc)
        return rc;
    struct value by = row->items[plan->route];
    if (value_is_null(&by))
        return error_set(err, ERROR_DATA, "\"" STR_FMT "\" is null, so that the event has no topic",
                         STR_ARG(t->route_field));
    rc = key_of(t, plan, row, &batch->arena, &key, err);
    if (rc)
        return rc;
    struct str topic = topic_rewrite_apply(&t->topics, value_as_str(&by), &batch->arena);
    r->topic = topic.ptr ? topic : value_as_str(&by);
    r->partition = RECORD_NO_PARTITION;
    r->timestamp = timestamp_of(t, plan, &envelope, row);
    r->key_schema = t->text;
    r->key = key;
    batch_hold(batch, t->text);
    add_headers(t, plan, row, batch, r);
    make_value(t, plan, row, batch, &r->value_schema, &r->value);
    return 0;
}

static int apply_event(struct transform *t, struct batch *batch, struct record *r, bool *drop, struct error *err)
{
    int rc = require_struct(r->value_schema, &r->value, "Detect Debezium Operation", err);
    struct plan *plan = rc ? NULL : schema_cache_get(&t->plans, r->value_schema, NULL);
    if (rc || (!plan && (rc = make_plan(t, r->value_schema, &plan, err))))
        return rc;
    const struct value *op = &r->value.items[plan->op];
    struct str code = op->type == VALUE_STRING ? value_as_str(op) : STR("");
    bool update = str_is(code, "u");
    if (update && t->on_update == UPDATE_FATAL)
        return error_set(err, ERROR_DATA,
                         "Unexpected update message received: rows of an outbox table are not to be changed");
    *drop = update || str_is(code, "d");
    return *drop ? 0 : apply_insert(t, plan, batch, r, err);
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    for (size_t i = from; i < to; i++) {
        struct record *r = &batch->records[i];
        int rc = 0;
        if (value_is_null(&r->value))
            drop[i - from] = true;
        else if (envelope_is(r->value_schema))
            rc = apply_event(t, batch, r, &drop[i - from], err);
        if (rc) {
            *err_index = i;
            return error_context(err, "topic \"" STR_FMT "\"", STR_ARG(r->topic));
        }
    }
    return 0;
}

const struct transform_plugin event_router = {
    .info =
        {
            .classes = classes,
            .version = SMT_DEBEZIUM_VERSION,
            .title = "Makes the rows of an outbox table the messages that they stand for",
            .doc = "For services that write their events into a table in the same transaction as their data (the "
                   "outbox pattern). Each inserted row becomes a message: the topic is made of one column, the key is "
                   "another, the value is the payload with the event's type, the id is a header. Deletes and "
                   "tombstones are dropped, so that the service may delete a row as soon as it is inserted; updates "
                   "as `debezium.op.invalid.behavior` says. Records that are no change events pass unchanged.",
            .properties = properties,
            .config_size = sizeof(struct event_router_config),
        },
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
