/*
 * The records of the topic `_schemas`, in Confluent's own form, so that Confluent's Schema Registry can read what is
 * written here and the other way round. JSON texts; no I/O.
 *
 *   key   {"keytype":"SCHEMA","subject":"db_test_table-value","version":1,"magic":1}
 *   value {"subject":"db_test_table-value","version":1,"id":1,"schema":"{...}","deleted":false}
 *         between id and schema, where it has them: "schemaType" (absent for AVRO), "references", "metadata", "ruleSet"
 *   key   {"keytype":"DELETE_SUBJECT","subject":"s","magic":0}   value {"subject":"s","version":3}: 1 to 3 are deleted
 *   key   {"keytype":"CONFIG","subject":"s","magic":0}           value {"subject":"s","compatibilityLevel":"NONE"}
 *   key   {"keytype":"MODE","subject":"s","magic":0}             value {"subject":"s","mode":"READONLY"}
 *         both without "subject" (or with null) for all subjects; a CONFIG may also have "normalize" and
 *         "compatibilityGroup", and what else Confluent's registry keeps there
 *   key   {"keytype":"NOOP","magic":0}                           value null, or ours: {"tributary.max.ids":{".":7}}
 *         Confluent's registry writes and skips this key. Its value remembers the largest id of each context across
 *         the deletion and compaction of the schema that had it, so that an id never names two schemas.
 *   key   {"keytype":"CONTEXT","tenant":"default","context":".ctx","magic":0},
 *         {"keytype":"CLEAR_SUBJECT","subject":"s","magic":0}, and whatever later releases add: kept, not used
 */
#ifndef REGISTRY_RECORD_H
#define REGISTRY_RECORD_H

#include "data/value.h"
#include "registry/registry.h"

#define RECORD_MAX_IDS "tributary.max.ids"

enum record_type {
    RECORD_SCHEMA,
    RECORD_CONFIG,
    RECORD_MODE,
    RECORD_DELETE_SUBJECT,
    RECORD_CLEAR_SUBJECT,
    RECORD_CONTEXT,
    RECORD_NOOP,
    RECORD_OTHER,
};

struct record_key {
    enum record_type type;
    struct str subject; /* STR_NULL: none */
    int32_t version;    /* of RECORD_SCHEMA, from 1 */
};

enum registry_mode { MODE_NONE, MODE_READWRITE, MODE_READONLY, MODE_READONLY_OVERRIDE, MODE_IMPORT, MODE_FORWARD };
extern const char *const registry_mode_names[];       /* by the enum; MODE_NONE is "" */
enum registry_mode registry_mode_of(struct str name); /* MODE_NONE when unknown */

enum registry_level {
    LEVEL_UNSET,
    LEVEL_NONE,
    LEVEL_BACKWARD,
    LEVEL_BACKWARD_TRANSITIVE,
    LEVEL_FORWARD,
    LEVEL_FORWARD_TRANSITIVE,
    LEVEL_FULL,
    LEVEL_FULL_TRANSITIVE,
};
extern const char *const registry_level_names[];        /* by the enum; LEVEL_UNSET is "" */
enum registry_level registry_level_of(struct str name); /* LEVEL_UNSET when unknown */

enum registry_switch { SWITCH_UNSET, SWITCH_OFF, SWITCH_ON };

/* What is set for a subject, a context or everything. */
struct registry_config {
    enum registry_level level;
    enum registry_switch normalize;
    struct str group; /* "compatibilityGroup"; STR_NULL: none */
    struct str extra; /* members that this program does not know, as `,"name":value` */
};

/* Results point into the arena. ERROR_CORRUPT says what is wrong with the text. */
int record_key_read(struct str text, struct arena *arena, struct record_key *ret, struct error *err);
int record_schema_read(struct str text, struct arena *arena, struct registry_schema *ret, struct error *err);
int record_delete_read(struct str text, struct arena *arena, int32_t *ret_version, struct error *err);
int record_mode_read(struct str text, struct arena *arena, enum registry_mode *ret, struct error *err);
int record_config_read(struct str text, struct arena *arena, struct registry_config *ret, struct error *err);

/* Calls `each` with every context and id of a NOOP record; one that is not ours has none. */
int record_ids_read(struct str text, struct arena *arena, void (*each)(void *ctx, struct str context, int32_t id),
                    void *ctx, struct error *err);

void record_key_write(const struct record_key *key, struct buf *out);
void record_schema_write(const struct registry_schema *schema, struct buf *out);
void record_delete_write(struct str subject, int32_t version, struct buf *out);
void record_mode_write(struct str subject, enum registry_mode mode, struct buf *out);
void record_config_write(struct str subject, const struct registry_config *config, struct buf *out);
/* The members of a config, each with a comma before it; the level's name is "compatibilityLevel", in the answer to a
 * change "compatibility". */
void record_write_config(const struct registry_config *config, const char *level_name, struct buf *out);

/* Shared with the REST answers: ,"references":[...] and the like, or nothing when there are none. */
void record_write_references(const struct registry_reference *references, size_t n, struct buf *out);

/* References of a request or record: an array of {"name","subject","version"}. */
int record_read_references(const struct value *list, struct arena *arena, struct registry_schema *ret,
                           struct error *err);

/* The members "metadata" and "ruleSet" of an object as they stand, `,"metadata":{...}`; empty when it has none. */
int record_read_attributes(const struct value *object, struct arena *arena, struct str *ret, struct error *err);

#endif
