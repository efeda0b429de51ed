/*
 * A transform (Kafka Connect's SMT): changes records of a batch in place, in the pipeline thread.
 * One file under transforms/. What it derives from a schema it caches by the schema's address
 * (data/cache.h), so that the work per record is moving values.
 */
#ifndef API_TRANSFORM_H
#define API_TRANSFORM_H

#include "api/plugin.h"
#include "base/error.h"
#include "data/record.h"

/* Java's inner classes: org.apache.kafka.connect.transforms.ExtractField$Key and $Value. */
enum transform_target { TRANSFORM_WHOLE, TRANSFORM_KEY, TRANSFORM_VALUE };

struct transform;

struct transform_plugin {
    struct plugin_info info; /* classes without $Key and $Value when `keyed` */
    bool keyed;              /* exists as CLASS$Key and CLASS$Value */
    int (*open)(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                struct error *err);
    /* Changes batch->records[from..to). A record is dropped by setting *drop (zeroed, one per record of the range;
     * drop[i - from]). New memory comes from the batch's arena; new schemas are held by the batch (batch_hold).
     * An error names the record's topic and the field; err_index receives the record's index. */
    int (*apply)(struct transform *transform, struct batch *batch, size_t from, size_t to, bool *drop,
                 size_t *err_index, struct error *err);
    void (*close)(struct transform *transform);
};

#endif
