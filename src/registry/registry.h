/*
 * The schema registry as converters see it: schemas by subject and by id, in Confluent's terms. Embedded (kept in the
 * compacted topic `_schemas`, Confluent's own format) or elsewhere (registry/remote.h), behind the same calls.
 * Thread-safe.
 */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "topics/topics.h"

struct registry;

struct registry_reference {
    struct str name, subject;
    int32_t version;
};

struct registry_schema {
    struct str subject;
    int32_t version, id;
    struct str type;   /* "AVRO", "JSON", "PROTOBUF" */
    struct str schema; /* its text */
    const struct registry_reference *references;
    size_t n_references;
    struct str attributes; /* further members that belong to the schema, as JSON: `,"metadata":{...},"ruleSet":{...}` */
    struct str extra;      /* members of the record that this program does not know: kept when it is written anew */
    bool deleted;
};

/* The most of everything, so that a damaged or hostile record cannot take all memory. */
enum {
    REGISTRY_MAX_SUBJECT = 4096,    /* bytes of a subject */
    REGISTRY_MAX_REFERENCES = 1000, /* of one schema, those of the referenced ones counted */
    REGISTRY_MAX_FINDINGS = 100,    /* damaged records that registry_open tells of one by one */
};

/* Reads the topic `_schemas` (created when absent). A damaged record does not keep the others from being served: it is
 * left where it is and told of in registry_findings. */
int registry_open(struct topics *topics, struct registry **ret, struct error *err);
void registry_close(struct registry *r); /* NULL is fine */

/* What was wrong in the topic at registry_open, for the caller to log: NULL-terminated texts that name offset and key,
 * valid until close. For a registry that registry_open opened. */
const char *const *registry_findings(const struct registry *r);

/* The level of compatibility where none is set: "BACKWARD" unless this says otherwise (Confluent's
 * schema.compatibility.level). ERROR_CONFIG: unknown. */
int registry_set_default_level(struct registry *r, struct str level, struct error *err);

/* The id of `schema` under `subject`: the known one, or a new version. The text is compared in its parsed form.
 * ERROR_CONFLICT: the subject's level of compatibility forbids it; the text says which field, which level, and what to
 * do. */
int registry_register(struct registry *r, struct str subject, struct str type, struct str schema, int32_t *ret_id,
                      struct error *err);
/* A schema without references that is to be registered, or to be found. */
struct registry_ask {
    struct str subject, type, schema;
    bool normalize; /* in the registry's normal form */
};
/* As registry_register. */
int registry_put(struct registry *r, const struct registry_ask *ask, int32_t *ret_id, struct error *err);
/* The version of the subject that has this schema. ERROR_NOT_FOUND: none has, or there is no such subject. */
int registry_look_up(struct registry *r, const struct registry_ask *ask, struct arena *arena,
                     struct registry_schema *ret, struct error *err);
/* The subject's last version. ERROR_NOT_FOUND. */
int registry_latest(struct registry *r, struct str subject, struct arena *arena, struct registry_schema *ret,
                    struct error *err);
/* ERROR_NOT_FOUND with Confluent's code in mind (40403). The text is in the arena. */
int registry_by_id(struct registry *r, int32_t id, struct arena *arena, struct registry_schema *ret, struct error *err);
/* The text of an Avro schema that stands alone: what it refers to (n_references > 0) is written out. In the arena. */
int registry_expand(struct registry *r, const struct registry_schema *schema, struct arena *arena, struct str *ret,
                    struct error *err);

/* Whether the URL is one at which this registry is served (before it is served: any of this machine). Only for a
 * registry that registry_open opened. */
bool registry_is_at(const struct registry *r, struct str url);
/* The port at which it is served; 0: it is not. */
uint16_t registry_port(const struct registry *r);

#endif
