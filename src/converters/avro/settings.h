/* The settings of AvroConverter: those of Confluent's, and what is available of them. */
#ifndef CONVERTERS_AVRO_SETTINGS_H
#define CONVERTERS_AVRO_SETTINGS_H

#include "conf/conf.h"

enum strategy { STRATEGY_TOPIC, STRATEGY_RECORD, STRATEGY_TOPIC_RECORD, N_STRATEGIES };

struct avro_converter_config {
    struct str_list registry_url;
    bool auto_register, use_latest, normalize;
    int32_t use_schema_id, max_schemas, cache_size;
    bool connect_meta, enhanced, scrub_names, keep_nulls, optional_map_keys;
    bool generalized, flatten, discard_docs, latest_strict, id_strict;
    int key_strategy, value_strategy;
    struct str auth_source, auth_user;
};

extern const struct property avro_converter_properties[];

#endif
