/*
 * What the worker and every connector can be told: the structs behind worker_properties and connector_properties
 * (worker.h). Texts point into the config that was parsed.
 */
#ifndef WORKER_SETTINGS_H
#define WORKER_SETTINGS_H

#include "conf/conf.h"

enum {
    BATCHES_PER_TASK = 4,               /* in flight between reader and pipeline, at most */
    BATCH_BYTES = 256 * 1024,           /* a source ends a batch beyond this: stays in the second-level cache */
    COMMIT_BYTES = 8 * 1024 * 1024,     /* encoded bytes after which a transaction is committed under load */
    COMMIT_INTERVAL_MS = 100,           /* or this long after its first record, whichever is first */
    RESTART_BACKOFF_MS = 500,           /* defaults of task.restart.backoff.ms ... */
    RESTART_BACKOFF_MAX_MS = 60 * 1000, /* ... and task.restart.backoff.max.ms */
    RESTART_QUIET_ATTEMPTS = 1,         /* retriable errors in a row that do not yet count as a failure */
    ERROR_LOG_INTERVAL_MS = 30 * 1000,  /* skipped records are summed up in the log this often */
};

struct worker_settings {
    struct str key_converter, value_converter, header_converter;
    struct str config_topic, offset_topic, status_topic;
    struct str listeners, rest_host;
    struct str keystore, keystore_type, key_password, client_auth; /* of https:// listeners */
    struct str users_file;
    int32_t rest_port;
    int64_t graceful_timeout_ms;
    bool topic_creation, topic_tracking, topic_reset;
    struct str cluster_id;
    struct str ignored; /* accepted and without effect */
};

enum errors_tolerance { TOLERANCE_NONE, TOLERANCE_ALL };

struct connector_settings {
    struct str name, connector_class;
    int32_t tasks_max;
    struct str key_converter, value_converter, header_converter; /* STR_NULL: the worker's */
    struct str_list transforms, predicates, topic_groups;
    int64_t retry_timeout_ms, retry_delay_max_ms;
    int tolerance; /* enum errors_tolerance */
    bool log_errors, log_messages;
    struct str dead_letter_topic; /* empty: none */
    bool dead_letter_headers;
    int64_t queue_records, queue_bytes;
    bool restart;
    int64_t restart_backoff_ms, restart_backoff_max_ms;
    struct str offsets_topic; /* STR_NULL: the worker's */
    struct str ignored;
};

#define SIMPLE_HEADER_CONVERTER "org.apache.kafka.connect.storage.SimpleHeaderConverter"
#define DEFAULT_CONVERTER       "io.confluent.connect.avro.AvroConverter"

/* Name of a connector: not empty, no control characters (Kafka's NonEmptyStringWithoutControlChars). */
int settings_check_name(const struct property *p, struct str value, struct error *err);

#endif
