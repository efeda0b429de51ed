/* io.debezium.transforms.ExtractNewRecordState. */
#include "transforms/event_field.h"
#include "transforms/headers.h"
#include "transforms/requirements.h"
#include "transforms/reshape.h"
#include "transforms/row.h"
#include "transforms/smt.h"
#include "transforms/topic_names.h"

#include "base/mem.h"
#include "data/cache.h"
#include "data/envelope.h"

#define DELETED_FIELD    "__deleted"
#define OPERATION_HEADER "__debezium-operation"

enum delete_handling { DELETE_DROP, DELETE_REWRITE, DELETE_NONE };

struct extract_new_record_state_config {
    bool drop_tombstones, operation_header;
    int deletes; /* enum delete_handling */
    struct str_list add_fields, add_headers, add_source_fields;
    struct str route_by_field;
};

static const char *const delete_modes[] = {
    [DELETE_DROP] = "drop",
    [DELETE_REWRITE] = "rewrite",
    [DELETE_NONE] = "none",
    NULL,
};

#define FIELD_NAMES                                                                                                    \
    "`op` and `ts_ms` are the event's own, `id`, `total_order` and `data_collection_order` its transaction's, other "  \
    "names are fields of `source`; `source.NAME` and `transaction.NAME` say where the field is. The new name is the "  \
    "old one behind `__`, with the struct where it was given: `__op`, `__table`, `__source_ts_ms`. "

static const struct property properties[] = {
    PROPERTY_BOOLEAN("drop.tombstones", struct extract_new_record_state_config, drop_tombstones, .fallback = "true",
                     .importance = IMPORTANCE_LOW, .group = "Deletes",
                     .doc = "Whether records without a value are dropped. With `false` they pass, so that the topic "
                            "can be compacted."),
    PROPERTY_ENUM("delete.handling.mode", struct extract_new_record_state_config, deletes, .fallback = "drop",
                  .choices = delete_modes, .importance = IMPORTANCE_MEDIUM, .group = "Deletes",
                  .doc = "What becomes of the event of a deleted row. `drop`: nothing. `none`: a record whose value is "
                         "null. `rewrite`: the row as it was before, with a field `" DELETED_FIELD "` that is "
                         "`\"true\"`; the rows of other events get that field, too, there it is `\"false\"`."),
    PROPERTY_LIST("add.fields", struct extract_new_record_state_config, add_fields, .fallback = "",
                  .importance = IMPORTANCE_LOW, .group = "Metadata", .example = "op,table,lsn,source.ts_ms",
                  .doc = "Metadata of the event that become fields of the row. " FIELD_NAMES
                         "A field that the event does not have is null."),
    PROPERTY_LIST("add.headers", struct extract_new_record_state_config, add_headers, .fallback = "",
                  .importance = IMPORTANCE_LOW, .group = "Metadata", .example = "db,op",
                  .doc = "Metadata of the event that become headers of the record. " FIELD_NAMES
                         "A field that the event does not have makes no header. Of these, a tombstone gets `__op`, "
                         "which is `d`."),
    PROPERTY_STRING("route.by.field", struct extract_new_record_state_config, route_by_field, .fallback = "",
                    .importance = IMPORTANCE_LOW, .group = "Topic", .example = "destination",
                    .doc = "The column, a text, whose value becomes the record's topic; where it is null the topic "
                           "stays. With `delete.handling.mode=none` a deleted row goes where its former value says; "
                           "with `rewrite` it stays in its topic, as with Debezium."),
    PROPERTY_BOOLEAN("operation.header", struct extract_new_record_state_config, operation_header, .fallback = "false",
                     .importance = IMPORTANCE_LOW, .group = "Metadata", .flags = PROPERTY_DEPRECATED,
                     .doc = "Whether the record gets a header `" OPERATION_HEADER "` with the event's operation; "
                            "`add.headers=op` takes its place. Without effect next to `add.headers`."),
    PROPERTY_LIST("add.source.fields", struct extract_new_record_state_config, add_source_fields, .fallback = "",
                  .importance = IMPORTANCE_LOW, .group = "Metadata", .flags = PROPERTY_DEPRECATED,
                  .doc = "Fields of the event's `source` that become fields of the row, behind `__`; `add.fields` "
                         "takes its place. Without effect next to `add.fields`. A field that `source` does not have "
                         "is an error."),
    PROPERTY_END,
};

static const char *const classes[] = {
    "io.debezium.transforms.ExtractNewRecordState",
    "ExtractNewRecordState",
    "io.debezium.transforms.UnwrapFromEnvelope",
    NULL,
};
static const char insertion[] = "source field insertion", routing[] = "Read record to set topic routing";

struct transform {
    struct arena arena;
    bool drop_tombstones, operation_header, strict_fields;
    enum delete_handling deletes;
    struct event_fields fields, headers;
    struct str route_by_field; /* STR_NULL: none */
    struct topic_names names;
    const struct schema *text, *optional_text;
    struct schema_cache plans;
};

enum row { ROW_BEFORE, ROW_AFTER, N_ROWS };

/* What an envelope's schema gives. */
struct plan {
    int rows[N_ROWS]; /* their places in the envelope */
    int op;
    struct reshape *shapes[N_ROWS]; /* made when first needed; NULL when a row stays as it is */
    struct event_place *fields, *headers;
    struct schema *inner; /* keeps all schemas that records get from here */
    struct arena arena;
};

static void free_plan(void *ptr)
{
    struct plan *plan = ptr;
    for (int i = 0; i < N_ROWS; i++)
        reshape_free(plan->shapes[i]);
    schema_unref(plan->inner);
    arena_free(&plan->arena);
    mem_free_ptr(&plan);
}

static void transform_close(struct transform *t)
{
    schema_cache_release(&t->plans);
    topic_names_release(&t->names);
    schema_unref(t->text);
    schema_unref(t->optional_text);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)target;
    const struct extract_new_record_state_config *c = config->parsed;
    struct transform *t = mem_new(struct transform);
    schema_cache_init(&t->plans, free_plan);
    t->drop_tombstones = c->drop_tombstones;
    t->operation_header = c->operation_header;
    t->deletes = (enum delete_handling)c->deletes;
    t->strict_fields = c->add_fields.len == 0;
    t->route_by_field = c->route_by_field.len ? arena_str(&t->arena, c->route_by_field) : STR_NULL;
    t->text = schema_new(SCHEMA_STRING);
    struct schema *optional_text = schema_new(SCHEMA_STRING);
    schema_set_optional(optional_text);
    t->optional_text = optional_text;
    int rc = c->add_fields.len ? event_fields_parse(&c->add_fields, &t->arena, &t->fields, err)
                               : event_fields_of_source(&c->add_source_fields, &t->arena, &t->fields, err);
    if (rc)
        error_context(err, c->add_fields.len ? "add.fields" : "add.source.fields");
    else if ((rc = event_fields_parse(&c->add_headers, &t->arena, &t->headers, err)))
        error_context(err, "add.headers");
    if (rc)
        transform_close(t);
    else
        *ret = t;
    return rc;
}

/* --- plans -------------------------------------------------------------------------------------------- */

static struct event_place *find_places(struct plan *plan, const struct event_fields *fields,
                                       const struct schema *envelope)
{
    struct event_place *places = arena_array(&plan->arena, struct event_place, fields->len);
    for (size_t i = 0; i < fields->len; i++)
        places[i] = event_field_place(&fields->items[i], envelope);
    return places;
}

static int make_plan(struct transform *t, const struct schema *envelope, struct plan **ret, struct error *err)
{
    int after = schema_field_index(envelope, STR("after"));
    if (after < 0)
        return error_set(err, ERROR_DATA, "Unknown field: after");
    struct plan *plan = mem_new(struct plan);
    plan->rows[ROW_AFTER] = after;
    plan->rows[ROW_BEFORE] = schema_field_index(envelope, STR("before"));
    plan->op = schema_field_index(envelope, STR("op"));
    plan->fields = find_places(plan, &t->fields, envelope);
    plan->headers = find_places(plan, &t->headers, envelope);
    plan->inner = schema_new(SCHEMA_STRUCT);
    schema_add_field(plan->inner, STR("text"), t->text);
    for (size_t i = 0; i < t->headers.len; i++) {
        const struct schema *s = event_field_schema(&plan->headers[i]);
        schema_add_field(plan->inner, t->headers.items[i].name, s);
        plan->headers[i].old = s;
        schema_unref(s);
    }
    schema_cache_put(&t->plans, envelope, NULL, plan);
    *ret = plan;
    return 0;
}

static int add_fields(const struct transform *t, const struct plan *plan, struct schema *s, struct error *err)
{
    int rc = 0;
    for (size_t i = 0; i < t->fields.len && !rc; i++) {
        const struct event_place *p = &plan->fields[i];
        if (t->strict_fields && p->field < 0)
            return error_set(err, ERROR_DATA, "Source field specified in 'add.source.fields' does not exist: " STR_FMT,
                             STR_ARG(t->fields.items[i].field));
        const struct schema *field = t->strict_fields ? schema_ref(p->old) : event_field_schema(p);
        rc = reshape_add_field(s, t->fields.items[i].name, field, err);
        schema_unref(field);
    }
    if (!rc && t->deletes == DELETE_REWRITE)
        rc = reshape_add_field(s, STR(DELETED_FIELD), t->optional_text, err);
    return rc;
}

static int make_shape(const struct transform *t, const struct plan *plan, const struct schema *row,
                      struct reshape **ret, struct error *err)
{
    struct schema *s = schema_new(SCHEMA_STRUCT);
    reshape_copy_basics(row, s);
    for (uint32_t i = 0; i < row->n_fields; i++)
        schema_add_field(s, row->fields[i].name, row->fields[i].schema);
    int rc = add_fields(t, plan, s, err);
    if (rc) {
        schema_unref(s);
        return rc;
    }
    struct reshape *shape = reshape_new(s, row->n_fields);
    for (uint32_t i = 0; i < row->n_fields; i++)
        shape->steps[i] = (struct reshape_step){.from = i, .old = row->fields[i].schema};
    *ret = shape;
    return 0;
}

/* --- records ------------------------------------------------------------------------------------------ */

static void fill_fields(const struct transform *t, const struct plan *plan, const struct value *envelope, bool deleted,
                        struct value *added)
{
    for (size_t i = 0; i < t->fields.len; i++)
        added[i] = event_field_value(&plan->fields[i], envelope);
    if (t->deletes == DELETE_REWRITE)
        added[t->fields.len] = value_str(deleted ? STR("true") : STR("false"));
}

/* The row with what is added to it. A deleted row without its former value stays null, unless fields are to be added:
 * then it is an error, as in Java. */
static int build_row(struct transform *t, struct plan *plan, const struct record *r, enum row which,
                     struct arena *arena, const struct schema **ret_schema, struct value *ret, struct error *err)
{
    if (plan->rows[which] < 0)
        return error_set(err, ERROR_DATA, "Unknown field: before");
    const struct value *row = &r->value.items[plan->rows[which]];
    const struct schema *schema = r->value_schema->fields[plan->rows[which]].schema;
    bool plain = !t->fields.len && (t->deletes != DELETE_REWRITE || value_is_null(row));
    int rc = plain ? 0 : require_struct(schema, row, insertion, err);
    if (rc)
        return rc;
    struct reshape **shape = &plan->shapes[which];
    if (!plain && !*shape && (rc = make_shape(t, plan, schema, shape, err)))
        return rc;
    *ret_schema = plain ? schema : (*shape)->schema;
    *ret = *row;
    if (plain)
        return 0;
    rc = reshape_apply(*shape, row, true, NULL, NULL, arena, ret, err);
    if (!rc)
        fill_fields(t, plan, &r->value, which == ROW_BEFORE, &ret->items[schema->n_fields]);
    return rc;
}

static int find_topic(struct transform *t, const struct plan *plan, const struct record *r, enum row which,
                      struct arena *arena, struct str *ret, struct error *err)
{
    *ret = r->topic;
    if (!t->route_by_field.ptr || plan->rows[which] < 0)
        return 0;
    const struct value *row = &r->value.items[plan->rows[which]];
    const struct schema *schema = r->value_schema->fields[plan->rows[which]].schema;
    uint32_t at;
    if (value_is_null(row) && which == ROW_BEFORE)
        return 0;
    int rc = require_struct(schema, row, routing, err);
    if (!rc)
        rc = row_find_typed(schema, t->route_by_field, SCHEMA_STRING, &at, err);
    if (!rc && !value_is_null(&row->items[at]))
        *ret = topic_names_keep(&t->names, value_as_str(&row->items[at]), arena);
    return rc;
}

static void add_header(const struct transform *t, struct batch *batch, struct record *r, struct str key,
                       struct str value)
{
    *headers_add(r, 1, &batch->arena) = (struct header){key, t->text, value_str(value)};
    batch_hold(batch, t->text);
}

static void add_headers(const struct transform *t, const struct plan *plan, const struct value *envelope,
                        struct batch *batch, struct record *r)
{
    size_t n = 0;
    for (size_t i = 0; i < t->headers.len; i++)
        n += plan->headers[i].field >= 0;
    if (n) {
        struct header *added = headers_add(r, n, &batch->arena);
        for (size_t i = 0; i < t->headers.len; i++)
            if (plan->headers[i].field >= 0)
                *added++ = (struct header){t->headers.items[i].name, plan->headers[i].old,
                                           event_field_value(&plan->headers[i], envelope)};
    } else if (!t->headers.len && t->operation_header && plan->op >= 0) {
        const struct value *op = &envelope->items[plan->op];
        if (op->type == VALUE_STRING && op->len == 1 && strchr("rcud", *op->str))
            add_header(t, batch, r, STR(OPERATION_HEADER), value_as_str(op));
    }
}

static void apply_tombstone(const struct transform *t, struct batch *batch, struct record *r, bool *drop)
{
    *drop = t->drop_tombstones;
    if (*drop)
        return;
    for (size_t i = 0; i < t->headers.len; i++)
        if (str_is(t->headers.items[i].field, "op"))
            add_header(t, batch, r, t->headers.items[i].name, STR("d"));
    if (!t->headers.len && t->operation_header)
        add_header(t, batch, r, STR(OPERATION_HEADER), STR("DELETE"));
}

static int apply_event(struct transform *t, struct batch *batch, struct record *r, bool *drop, struct error *err)
{
    struct plan *plan = schema_cache_get(&t->plans, r->value_schema, NULL);
    int rc = require_struct(r->value_schema, &r->value, insertion, err);
    if (rc || (!plan && (rc = make_plan(t, r->value_schema, &plan, err))))
        return rc;
    bool deleted = value_is_null(&r->value.items[plan->rows[ROW_AFTER]]);
    if (deleted && t->deletes == DELETE_DROP) {
        *drop = true;
        return 0;
    }
    const struct schema *schema = r->value_schema->fields[plan->rows[ROW_AFTER]].schema;
    struct value value = value_null(), envelope = r->value;
    bool rewritten = deleted && t->deletes == DELETE_REWRITE;
    struct str topic = r->topic;
    if (!rewritten)
        rc = find_topic(t, plan, r, deleted ? ROW_BEFORE : ROW_AFTER, &batch->arena, &topic, err);
    if (!rc && (!deleted || rewritten))
        rc = build_row(t, plan, r, rewritten ? ROW_BEFORE : ROW_AFTER, &batch->arena, &schema, &value, err);
    if (rc)
        return rc;
    r->topic = topic;
    r->value_schema = schema;
    r->value = value;
    batch_hold(batch, schema);
    batch_hold(batch, plan->inner);
    add_headers(t, plan, &envelope, batch, r);
    return 0;
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    for (size_t i = from; i < to; i++) {
        struct record *r = &batch->records[i];
        int rc = 0;
        if (value_is_null(&r->value))
            apply_tombstone(t, batch, r, &drop[i - from]);
        else if (envelope_is(r->value_schema))
            rc = apply_event(t, batch, r, &drop[i - from], err);
        if (rc) {
            *err_index = i;
            return error_context(err, "topic \"" STR_FMT "\"", STR_ARG(r->topic));
        }
    }
    return 0;
}

const struct transform_plugin extract_new_record_state = {
    .info =
        {
            .classes = classes,
            .version = SMT_DEBEZIUM_VERSION,
            .title = "Puts the row in the place of the change event it is in",
            .doc = "Replaces a change event by the row as it is after the change, for readers that expect plain rows. "
                   "What the event tells beyond that can be kept as fields (`add.fields`) or headers (`add.headers`). "
                   "By default the events of deleted rows, and the tombstones behind them, are dropped. Records that "
                   "are no change events (heartbeats, schema changes, transactions) pass unchanged.",
            .properties = properties,
            .config_size = sizeof(struct extract_new_record_state_config),
        },
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
