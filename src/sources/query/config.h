/* The settings of the query source: the struct that query_properties fills, and what is derived from it. */
#ifndef SOURCES_QUERY_CONFIG_H
#define SOURCES_QUERY_CONFIG_H

#include "api/plugin.h"
#include "db/db.h"

enum query_mode { MODE_BULK, MODE_INCREMENTING, MODE_TIMESTAMP, MODE_TIMESTAMP_INCREMENTING };
enum numeric_mapping { NUMERIC_NONE, NUMERIC_PRECISION_ONLY, NUMERIC_BEST_FIT, NUMERIC_BEST_FIT_EAGER_DOUBLE };
enum granularity {
    GRANULARITY_CONNECT_LOGICAL,
    GRANULARITY_MICROS_LONG,
    GRANULARITY_MICROS_STRING,
    GRANULARITY_MICROS_ISO,
    GRANULARITY_NANOS_LONG,
    GRANULARITY_NANOS_STRING,
    GRANULARITY_NANOS_ISO,
};

struct query_config {
    /* Database */
    struct str url, user, password, credentials_provider;
    int32_t attempts;
    int64_t backoff_ms;
    struct str_list whitelist, blacklist, include_list, exclude_list;
    struct str catalog_pattern, schema_pattern;
    bool numeric_precision_mapping;
    int numeric_mapping_choice; /* see query_numeric_mapping */
    struct str dialect;
    int calendar; /* 1: proleptic Gregorian */
    /* Mode */
    int mode; /* enum query_mode */
    struct str incrementing_column;
    struct str_list timestamp_columns;
    struct str_list timestamp_mapping, incrementing_mapping;
    int64_t timestamp_initial_ms; /* see query_timestamp_initial */
    bool validate_non_null;
    struct str query, query_masked;
    int quote;
    struct str query_suffix;
    int isolation; /* enum db_isolation, then SQL_SERVER_SNAPSHOT */
    int32_t query_retries;
    /* Connector */
    struct str_list table_types;
    int32_t poll_interval_ms;
    int32_t batch_max_rows;
    int32_t max_buffer_size;
    int64_t poll_linger_ms;
    int64_t table_startup_limit_ms;
    int64_t table_poll_interval_ms;
    struct str topic_prefix;
    int64_t timestamp_delay_ms;
    struct str time_zone;
    int granularity; /* enum granularity */
    /* of a task: set by plan */
    struct str tables, known_tables;
    int32_t task_count;
    bool tables_fetched;
    int32_t engine_shutdown_timeout;
};

extern const struct property query_properties[];

enum {
    QUERY_ISOLATION_SQL_SERVER = DB_ISOLATION_SERIALIZABLE + 1,
    QUERY_MAX_TABLES = 100000, /* that one connector captures */
};

/* The statement of `query` or `query.masked`, ready to be put into another one: without final semicolons, JDBC's `??`
 * as `?`. In the arena; STR_NULL: none, the connector reads tables. */
struct str query_statement(const struct query_config *c, struct arena *arena);
enum numeric_mapping query_numeric_mapping(const struct plugin_config *config);
bool query_timestamp_initial(const struct plugin_config *config, int64_t *ret_ms); /* false: not set */
static inline bool query_uses_timestamp(const struct query_config *c)
{
    return c->mode == MODE_TIMESTAMP || c->mode == MODE_TIMESTAMP_INCREMENTING;
}
static inline bool query_uses_incrementing(const struct query_config *c)
{
    return c->mode == MODE_INCREMENTING || c->mode == MODE_TIMESTAMP_INCREMENTING;
}

/* Java's ways to write a zone (ZoneId.of, with its short ids) to an IANA name or ±hh:mm; in the arena. ERROR_CONFIG
 * for what has no meaning; an unknown IANA name is the database's to refuse. */
int query_time_zone(struct str text, struct arena *arena, struct str *ret, struct error *err);

/* Connects as the settings say; once, without connection.attempts. `stop` may be NULL. */
int query_connect(const struct plugin_config *config, const char *application, const struct wake *stop, struct db **ret,
                  struct error *err);

#endif
