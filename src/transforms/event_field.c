#include "transforms/event_field.h"

#include "transforms/reshape.h"
#include "transforms/row.h"

#define PREFIX "__"

static bool one_of(struct str text, const char *const *names)
{
    while (*names && !str_is(text, *names))
        names++;
    return *names;
}

/* Where a name without a struct in front is looked for. */
static struct str usual_struct(struct str field)
{
    if (one_of(field, (const char *const[]){"op", "ts_ms", NULL}))
        return STR_NULL;
    bool transaction = one_of(field, (const char *const[]){"id", "total_order", "data_collection_order", NULL});
    return transaction ? STR("transaction") : STR("source");
}

static int parse(struct str text, struct arena *arena, struct event_field *ret, struct error *err)
{
    struct str field, outer = str_split(text, '.', &field);
    if (!field.ptr) {
        *ret = (struct event_field){usual_struct(text), arena_str(arena, text),
                                    arena_printf(arena, PREFIX STR_FMT, STR_ARG(text))};
        return text.len ? 0 : error_set(err, ERROR_CONFIG, "a field's name is empty");
    }
    bool known = one_of(outer, (const char *const[]){"source", "transaction", NULL});
    if (!known || !field.len || str_find(field, '.') < field.len)
        return error_set(err, ERROR_CONFIG,
                         "Unexpected field name: \"" STR_FMT "\"; what stands in front of the dot is source or "
                         "transaction",
                         STR_ARG(text));
    *ret = (struct event_field){arena_str(arena, outer), arena_str(arena, field),
                                arena_printf(arena, PREFIX STR_FMT "_" STR_FMT, STR_ARG(outer), STR_ARG(field))};
    return 0;
}

static int make_room(const struct str_list *names, struct arena *arena, struct event_fields *ret, struct error *err)
{
    if (names->len > EVENT_FIELDS_MAX)
        return error_set(err, ERROR_CONFIG, "more than %d fields are named", EVENT_FIELDS_MAX);
    *ret = (struct event_fields){.items = arena_array(arena, struct event_field, names->len), .len = names->len};
    return 0;
}

int event_fields_parse(const struct str_list *names, struct arena *arena, struct event_fields *ret, struct error *err)
{
    struct event_fields fields;
    int rc = make_room(names, arena, &fields, err);
    for (size_t i = 0; i < names->len && !rc; i++)
        rc = parse(names->items[i], arena, &fields.items[i], err);
    if (!rc)
        *ret = fields;
    return rc;
}

int event_fields_of_source(const struct str_list *names, struct arena *arena, struct event_fields *ret,
                           struct error *err)
{
    struct event_fields fields;
    int rc = make_room(names, arena, &fields, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < names->len; i++)
        fields.items[i] = (struct event_field){STR("source"), arena_str(arena, names->items[i]),
                                               arena_printf(arena, PREFIX STR_FMT, STR_ARG(names->items[i]))};
    *ret = fields;
    return 0;
}

struct event_place event_field_place(const struct event_field *f, const struct schema *envelope)
{
    struct event_place p = {.outer = -1, .field = -1, .row = envelope};
    if (f->outer.ptr) {
        p.outer = schema_field_index(envelope, f->outer);
        p.row = p.outer < 0 ? NULL : envelope->fields[p.outer].schema;
    }
    if (p.row && p.row->type == SCHEMA_STRUCT)
        p.field = schema_field_index(p.row, f->field);
    if (p.field >= 0)
        p.old = p.row->fields[p.field].schema;
    return p;
}

struct value event_field_value(const struct event_place *p, const struct value *envelope)
{
    const struct value *v = p->outer < 0 ? envelope : &envelope->items[p->outer];
    if (p->field < 0 || value_is_null(v))
        return value_null();
    return row_get(p->row, v, (uint32_t)p->field);
}

const struct schema *event_field_schema(const struct event_place *p)
{
    if (p->old && p->old->type >= SCHEMA_ARRAY) { /* what is inside belongs to the type */
        struct schema *copy = schema_copy(p->old);
        schema_set_optional(copy);
        return copy;
    }
    struct schema *s = schema_new(p->old ? (enum schema_type)p->old->type : SCHEMA_STRING);
    if (p->old)
        reshape_copy_basics(p->old, s);
    schema_set_optional(s);
    return s;
}
