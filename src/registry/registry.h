/*
 * The schema registry as converters see it: schemas by subject and by id, in Confluent's terms. Embedded (kept in the
 * compacted topic `_schemas`, Confluent's own format) or, later, remote behind the same calls. Thread-safe.
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
    bool deleted;
};

int registry_open(struct topics *topics, struct registry **ret, struct error *err);
void registry_close(struct registry *r);

/* The id of `schema` under `subject`: the known one, or a new version. The text is compared in its parsed form. */
int registry_register(struct registry *r, struct str subject, struct str type, struct str schema, int32_t *ret_id,
                      struct error *err);
/* ERROR_NOT_FOUND with Confluent's code in mind (40403). The text is in the arena. */
int registry_by_id(struct registry *r, int32_t id, struct arena *arena, struct registry_schema *ret, struct error *err);

#endif
