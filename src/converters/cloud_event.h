/*
 * A change event of Debezium as a CloudEvent, still as Connect data: the attributes, an extension attribute for each
 * field of `source` and `transaction`, and the rows as `data`.
 * https://github.com/cloudevents/spec/blob/v1.0/spec.md
 * https://debezium.io/documentation/reference/1.1/integrations/cloudevents.html
 */
#ifndef CONVERTERS_CLOUD_EVENT_H
#define CONVERTERS_CLOUD_EVENT_H

#include "base/error.h"
#include "data/cache.h"

/* What stands in the event's `data`. */
enum cloud_data {
    CLOUD_DATA_ROWS,  /* the struct of rows */
    CLOUD_DATA_EMPTY, /* an empty struct, the last field, that the caller replaces by the rows in another form */
    CLOUD_DATA_BYTES, /* bytes of the caller's, and `dataschema` with the address of their schema */
};

/* What an envelope's schema and its connector give. */
struct cloud_plan {
    const struct schema *event; /* the CloudEvent's, with the name of the server and the database in its own */
    const struct schema *rows;  /* of `data` */
    struct str server, database;
    struct str source, type; /* attributes that are the same in each event */
    const struct cloud_connector *connector;
    int source_at, op_at, transaction_at; /* in the envelope; transaction -1: there is none */
    uint32_t n_rows, rows_at[2];
    uint32_t time_at, id_at[2]; /* in the source */
    uint32_t n_transaction;
    int transaction_fields[3]; /* in the transaction; -1: it has none of that name */
    struct arena arena;
};

struct cloud_events {
    enum cloud_data data;
    struct str content_type; /* of data; static */
    struct schema_cache plans;
};

void cloud_events_init(struct cloud_events *c, enum cloud_data data, struct str content_type);
void cloud_events_release(struct cloud_events *c);

/* ERROR_DATA: not an event of a connector that this knows. *ret is valid until the next call. */
int cloud_events_plan(struct cloud_events *c, const struct schema *schema, const struct value *envelope,
                      const struct cloud_plan **ret, struct error *err);

/* The rows, for plan->rows. In the arena. */
struct value cloud_plan_rows(const struct cloud_plan *plan, const struct value *envelope, struct arena *arena);

/* The event, for plan->event. `data` and `dataschema` as the kind of data has them: unused but for CLOUD_DATA_BYTES. */
int cloud_plan_event(const struct cloud_plan *plan, const struct cloud_events *c, const struct schema *schema,
                     const struct value *envelope, struct str data, struct str dataschema, struct arena *arena,
                     struct value *ret, struct error *err);

#endif
