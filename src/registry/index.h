/*
 * The registry in memory: what the records of `_schemas`, applied in order, amount to. No I/O, no locks.
 *
 * A schema is one content with one id within a context (":.ctx:subject" is in context ".ctx", every other subject in
 * the default one, "."); the versions of subjects point to it. It lives as long as a version, deleted or not, does.
 */
#ifndef REGISTRY_INDEX_H
#define REGISTRY_INDEX_H

#include "base/map.h"
#include "base/vec.h"
#include "registry/record.h"

struct index_schema {
    struct registry_schema content; /* subject and version empty; its texts are in `memory` */
    struct arena memory;
    struct index_context *context;
    struct str fingerprint; /* content alone: what is compared */
    size_t uses;            /* versions that point here */
};

struct index_version {
    int32_t version;
    bool deleted;
    struct index_schema *schema;
    struct str key;   /* of its record, as it stands in the topic */
    struct str extra; /* see registry_schema.extra */
};

struct index_subject {
    struct str name;
    struct index_context *context;
    VEC(struct index_version) versions; /* ascending */
};

struct index_context {
    struct str name;  /* "." or ".ctx" */
    struct map ids;   /* the four bytes of an id -> struct index_schema */
    struct map texts; /* fingerprint -> struct index_schema */
    int32_t max_id;   /* the largest ever seen */
};

struct index_setting {
    struct str key; /* of its record */
    enum registry_mode mode;
    struct registry_config config;
};

struct index {
    struct map subjects; /* name -> struct index_subject */
    struct map contexts; /* name -> struct index_context */
    struct map modes;    /* subject, "" for all -> struct index_setting */
    struct map configs;
};

void index_init(struct index *x);
void index_release(struct index *x);

/* Takes over one record; `value` STR_NULL is a tombstone. A record that cannot be used leaves the index as it was. */
int index_apply(struct index *x, struct str key, struct str value, struct error *err);

struct str index_context_of(struct str subject); /* "." or ".ctx" */
/* The same subject under the one name it is kept by: ":.:s" is "s". NUL-terminated, in the arena. */
struct str index_normal_subject(struct str subject, struct arena *arena);

struct index_subject *index_subject(const struct index *x, struct str subject); /* NULL when absent */
bool index_has_subject(const struct index *x, struct str subject, bool with_deleted);
/* `version` -1: the last one that is not deleted. NULL when absent. */
struct index_version *index_version(const struct index *x, struct str subject, int32_t version);
struct index_schema *index_schema_by_id(const struct index *x, struct str context, int32_t id);
struct index_schema *index_schema_by_content(const struct index *x, struct str context,
                                             const struct registry_schema *content);
/* The last version of `subject` that points to the schema; NULL when none. */
struct index_version *index_version_of(const struct index *x, struct str subject, const struct index_schema *schema,
                                       bool with_deleted);
void index_write_max_ids(const struct index *x, struct buf *out); /* the value of a NOOP record, see record.h */
int32_t index_next_id(const struct index *x, struct str context);
/* A schema (with_deleted: one all of whose versions are deleted counts too) that refers to this version; NULL: none.
 * `not_by` STR_NULL: any; else those of this subject do not count. */
const struct index_subject *index_referrer(const struct index *x, struct str subject, int32_t version,
                                           bool with_deleted, struct str not_by);
bool index_refers(const struct index_subject *from, const struct index_schema *schema, struct str subject,
                  int32_t version);

#endif
