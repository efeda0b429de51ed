/*
 * One version of a captured table: its topic, its schemas, and how a row becomes a key and a value. Made once from the
 * catalog (for the snapshot) or from a Relation message (for the stream), then used per row without a look-up.
 */
#ifndef SOURCES_POSTGRES_TABLE_H
#define SOURCES_POSTGRES_TABLE_H

#include "data/record.h"
#include "sources/postgres/pgoutput.h"
#include "sources/postgres/types.h"

enum { PGC_NO_FIELD = -1 };

/* What the catalog or a Relation message says of a column. */
struct pgc_column_info {
    struct str name;
    uint32_t type;
    int32_t typmod;
    bool optional;
    bool unsent;       /* the stream has no values of it: Debezium leaves columns of type name empty there */
    int key;           /* place in the key, from 1; 0: not in it */
    struct str serial; /* "serial" and its like, where the catalog is asked; else STR_NULL */
};

struct pgc_table_info {
    uint32_t oid;
    struct str schema, name;
    struct pgc_column_info *columns;
    size_t n;
    bool key_in_order; /* fields of the key in the key's order, not in that of the columns */
};

struct pgc_column {
    struct pgc_conv conv;
    int field, key_field; /* PGC_NO_FIELD: not in it */
    bool optional;
    bool unsent; /* see pgc_column_info */
    bool masked;
    int32_t truncate; /* characters; DEBEZIUM_NO_LIMIT */
    struct value fallback, placeholder, mask;
    struct str name;
};

struct pgc_table {
    struct arena arena;
    uint32_t oid;
    struct str schema, name, full_name, topic; /* full_name: schema.name */
    struct pgc_column *columns;
    size_t n, n_fields, n_key;
    const struct schema *row, *key, *envelope; /* key NULL: the table has none */
    struct value *source;                      /* the source block's constant fields, by field index */
    /* transaction metadata */
    uint64_t transaction; /* the one that `count` is of */
    int64_t count;
    struct pgc_table *next_in_transaction;
    uint64_t signature;     /* of what it was made from */
    struct str select_list; /* its columns as SQL; of a table of the snapshot */
};

/* What is the same for all tables of a connector. */
struct pgc_tables_env {
    const struct pgc_config *config;
    const struct debezium_filter *filter;
    const struct pgc_types *types;
    const struct schema *source; /* the source block */
    struct value placeholder_text, placeholder_bytes;
};

enum pgc_source_field { /* of version 2 */
                        SOURCE_VERSION,
                        SOURCE_CONNECTOR,
                        SOURCE_NAME,
                        SOURCE_TS_MS,
                        SOURCE_SNAPSHOT,
                        SOURCE_DB,
                        SOURCE_SCHEMA,
                        SOURCE_TABLE,
                        SOURCE_TXID,
                        SOURCE_LSN,
                        SOURCE_XMIN,
                        SOURCE_FIELDS,
};
enum pgc_source_field_v1 {
    SOURCE1_VERSION,
    SOURCE1_CONNECTOR,
    SOURCE1_NAME,
    SOURCE1_DB,
    SOURCE1_TS_USEC,
    SOURCE1_TXID,
    SOURCE1_LSN,
    SOURCE1_SCHEMA,
    SOURCE1_TABLE,
    SOURCE1_SNAPSHOT,
    SOURCE1_LAST,
    SOURCE1_XMIN,
    SOURCE1_FIELDS,
};

struct schema *pgc_source_schema(bool v1);

struct pgc_table *pgc_table_new(const struct pgc_tables_env *env, const struct pgc_table_info *info);
void pgc_table_free(struct pgc_table *t);
uint64_t pgc_table_signature(const struct pgc_table_info *info);

/* A row's cells (n columns, in order) to its value (n_fields items) and its key (n_key items), both in the arena. Cells
 * are unescaped in place. `old`: where an unchanged toasted value may be found (the old row's values, or NULL). */
int pgc_table_row(const struct pgc_table *t, const struct pgoutput_cell *cells, size_t n, const struct value *old,
                  struct arena *arena, struct value *ret_value, struct value *ret_key, struct error *err);

#endif
