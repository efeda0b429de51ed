/*
 * The schemas that Debezium's connectors share (version 1.1): semantic types of columns, the envelope of a change, the
 * records of transactions and heartbeats. All are new references that the caller gives up.
 *
 *   envelope   {before, after, source, op, ts_ms, transaction}
 *   op         "r" snapshot read, "c" insert, "u" update, "d" delete
 */
#ifndef DEBEZIUM_SCHEMAS_H
#define DEBEZIUM_SCHEMAS_H

#include "data/schema.h"

#define DEBEZIUM_VERSION "1.1.2.Final"

enum debezium_type {
    DEBEZIUM_DATE,       /* INT32: days since 1970 */
    DEBEZIUM_TIME,       /* INT32: milliseconds of the day */
    DEBEZIUM_MICRO_TIME, /* INT64 */
    DEBEZIUM_TIMESTAMP,  /* INT64: milliseconds since 1970 */
    DEBEZIUM_MICRO_TIMESTAMP,
    DEBEZIUM_ZONED_TIME,      /* STRING: "10:15:30.5Z" */
    DEBEZIUM_ZONED_TIMESTAMP, /* STRING: "2011-12-03T10:15:30.5Z" */
    DEBEZIUM_MICRO_DURATION,  /* INT64 */
    DEBEZIUM_INTERVAL,        /* STRING: "P1Y2M3DT4H5M6.78S" */
    DEBEZIUM_JSON,
    DEBEZIUM_XML,
    DEBEZIUM_UUID,
    DEBEZIUM_LTREE,
};

struct schema *debezium_schema(enum debezium_type type);
struct schema *debezium_schema_enum(struct str allowed); /* labels, comma separated */
struct schema *debezium_schema_bits(int32_t length);     /* BYTES, little-endian */
struct schema *debezium_schema_variable_decimal(void);   /* {scale, value} */
struct schema *debezium_schema_geometry(bool geography); /* {wkb, srid} */
struct schema *debezium_schema_point(void);              /* {x, y, wkb, srid} */

/* Fields of the source block: added to `s` in the order given. */
void debezium_add_field(struct schema *s, const char *name, enum schema_type type, bool optional);
void debezium_add_snapshot_field(struct schema *s); /* version 2's: "true", "last" or "false" */

enum debezium_envelope_field {
    ENVELOPE_BEFORE,
    ENVELOPE_AFTER,
    ENVELOPE_SOURCE,
    ENVELOPE_OP,
    ENVELOPE_TS_MS,
    ENVELOPE_TRANSACTION,
    ENVELOPE_FIELDS,
};
/* `row` is optional already. */
struct schema *debezium_schema_envelope(struct str name, const struct schema *row, const struct schema *source);

struct schema *debezium_schema_transaction_key(void);   /* {id} */
struct schema *debezium_schema_transaction_value(void); /* {status, id, event_count, data_collections} */
struct schema *debezium_schema_heartbeat_key(void);     /* {serverName} */
struct schema *debezium_schema_heartbeat_value(void);   /* {ts_ms} */

/* Iteration order of a java.util.HashMap<String, ?> that was filled with `keys` in this order: order[i] is the index
 * of the i-th key. Keys are distinct UTF-8 texts. */
void debezium_hash_order(const struct str *keys, size_t n, uint32_t *order, struct arena *scratch);

#endif
