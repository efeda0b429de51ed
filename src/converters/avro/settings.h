/* The settings of AvroConverter: those of Confluent's, and what is available of them. */
#ifndef CONVERTERS_AVRO_SETTINGS_H
#define CONVERTERS_AVRO_SETTINGS_H

#include "conf/conf.h"
#include "registry/registry.h"

enum strategy { STRATEGY_TOPIC, STRATEGY_RECORD, STRATEGY_TOPIC_RECORD, N_STRATEGIES };

enum auth_source { AUTH_URL, AUTH_USER_INFO };
enum key_type { KEY_PEM, KEY_PKCS12 };

struct avro_converter_config {
    struct str_list registry_url;
    bool auto_register, use_latest, normalize;
    int32_t use_schema_id, max_schemas, cache_size;
    bool connect_meta, enhanced, scrub_names, keep_nulls, optional_map_keys;
    bool generalized, flatten, discard_docs, latest_strict, id_strict;
    int key_strategy, value_strategy;
    int auth_source, trust_type, key_type; /* enum auth_source, -, enum key_type */
    struct str auth_user, trust_file, key_file, key_password, host_check;
    int32_t timeout_ms, max_retries, wait_ms, max_wait_ms;
};

/* The registry that the settings name: `own` (NULL: there is none here), or one elsewhere, then *ret_opened is true and
 * the caller closes it. */
int avro_converter_registry(const struct avro_converter_config *settings, struct registry *own, struct registry **ret,
                            bool *ret_opened, struct error *err);

extern const struct property avro_converter_properties[];

#endif
