/*
 * Metadata of a change event that its row or its headers get: op, ts_ms, and the fields of the envelope's structs
 * `source` and `transaction`.
 */
#ifndef TRANSFORMS_EVENT_FIELD_H
#define TRANSFORMS_EVENT_FIELD_H

#include "conf/conf.h"
#include "data/schema.h"

/* What a configuration names: `op`, `table`, `source.ts_ms`. */
struct event_field {
    struct str outer; /* the struct in the envelope; STR_NULL: the envelope itself */
    struct str field;
    struct str name; /* that it gets: __op, __table, __source_ts_ms */
};

struct event_fields {
    struct event_field *items;
    size_t len;
};

enum { EVENT_FIELDS_MAX = 1000 };

/* In the arena. ERROR_CONFIG: a name of another form, or too many. */
int event_fields_parse(const struct str_list *names, struct arena *arena, struct event_fields *ret, struct error *err);
/* Fields of `source`, each by its own name. */
int event_fields_of_source(const struct str_list *names, struct arena *arena, struct event_fields *ret,
                           struct error *err);

/* Where one stands in the events of an envelope's schema. */
struct event_place {
    int outer, field;               /* outer -1: the envelope; field -1: these events do not have it */
    const struct schema *old, *row; /* the field's schema, and that of the struct it is in; borrowed */
};

struct event_place event_field_place(const struct event_field *f, const struct schema *envelope);
/* Null where the struct is null (there is no transaction, say), or the field is not there. */
struct value event_field_value(const struct event_place *p, const struct value *envelope);
/* The field's schema, made optional; an optional string where the field is not there. A new reference. */
const struct schema *event_field_schema(const struct event_place *p);

#endif
