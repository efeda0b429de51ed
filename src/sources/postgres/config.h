/* The settings of the PostgreSQL connector: what pgc_properties fills. */
#ifndef SOURCES_POSTGRES_CONFIG_H
#define SOURCES_POSTGRES_CONFIG_H

#include "api/plugin.h"
#include "debezium/filter.h"

enum pgc_snapshot_mode {
    PGC_SNAPSHOT_INITIAL,
    PGC_SNAPSHOT_ALWAYS,
    PGC_SNAPSHOT_NEVER,
    PGC_SNAPSHOT_INITIAL_ONLY,
    PGC_SNAPSHOT_EXPORTED,
    PGC_SNAPSHOT_CUSTOM,
};
enum pgc_time_mode { PGC_TIME_ADAPTIVE, PGC_TIME_ADAPTIVE_MICROS, PGC_TIME_CONNECT };
enum pgc_decimal_mode { PGC_DECIMAL_MODE_PRECISE, PGC_DECIMAL_MODE_DOUBLE, PGC_DECIMAL_MODE_STRING };
enum pgc_failure_mode { PGC_FAILURE_FAIL, PGC_FAILURE_WARN, PGC_FAILURE_SKIP, PGC_FAILURE_IGNORE };
enum pgc_autocreate { PGC_AUTOCREATE_ALL, PGC_AUTOCREATE_DISABLED, PGC_AUTOCREATE_FILTERED };

struct pgc_config {
    struct str hostname, user, password, dbname, server_name, initial_statements;
    int32_t port;
    struct str sslcert, sslkey, sslpassword, sslrootcert, sslfactory;
    int sslmode;
    bool tcp_keepalive;

    struct str plugin_name;
    struct str slot_name, publication_name, stream_params;
    bool drop_slot;
    int autocreate;
    int32_t slot_retries;
    int64_t slot_retry_ms;
    int32_t status_interval_ms;
    int64_t xmin_interval_ms;

    struct str schema_in, schema_out, table_in, table_out, column_out, propagate, propagate_types, key_columns;
    int time_mode, decimal_mode, hstore_mode, interval_mode, binary_mode;
    bool include_unknown, tombstones, transactions, sanitize;
    int source_version; /* 0: v2, 1: v1 */
    struct str placeholder;
    struct str_list skipped_operations;
    int failure_mode, refresh_mode;

    int snapshot_mode;
    struct str snapshot_class, snapshot_overrides;
    int64_t snapshot_lock_ms, snapshot_delay_ms;
    int32_t snapshot_fetch_size;

    int32_t max_batch, max_queue, poll_interval_ms;
    int64_t heartbeat_ms;
    struct str heartbeat_prefix, heartbeat_query, converters;
};

extern const struct property pgc_properties[];

static inline struct debezium_filter_lists pgc_lists(const struct pgc_config *c)
{
    return (struct debezium_filter_lists){
        .schema_in = c->schema_in,
        .schema_out = c->schema_out,
        .table_in = c->table_in,
        .table_out = c->table_out,
        .column_out = c->column_out,
        .propagate = c->propagate,
        .propagate_types = c->propagate_types,
        .keys = c->key_columns,
    };
}

#endif
