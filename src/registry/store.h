/*
 * Inside registry: everything that the REST API needs, on the embedded store. Each call is atomic; changes are in the
 * topic when it returns. Subjects are as they came in; results are in the caller's arena, strings NUL-terminated.
 */
#ifndef REGISTRY_STORE_H
#define REGISTRY_STORE_H

#include "registry/calls.h"
#include "registry/codes.h"
#include "registry/index.h"

#include <pthread.h>

/* The registry whose schemas are kept here; one elsewhere is another kind of `struct registry`, see remote.c. */
struct registry_store {
    struct registry base;
    struct topics *topics;
    pthread_mutex_t writer; /* one change at a time, from the decision to the commit */
    pthread_rwlock_t lock;  /* of the index; held for memory work only */
    struct index index;
    enum registry_level default_level; /* where nothing is set */
    VEC(char *) findings;              /* ends with NULL */
    uint16_t port;                     /* at which it is served; 0: it is not */
};

/* NULL when the registry is elsewhere. */
struct registry_store *registry_store_of(struct registry *r);

/* What a client asks to register or to look up. */
struct registry_request {
    struct registry_schema schema; /* type empty: AVRO; id -1: none given; version 0 or -1: none given */
    bool normalize;
    struct registry_verdict *verdict; /* filled when the answer is REGISTRY_INCOMPATIBLE; may be NULL */
};

/* Why a schema is not compatible: Confluent's messages, and the reason in one line for people. */
struct registry_verdict {
    struct str *messages; /* n 0: it is compatible */
    size_t n;
    struct str reason;
};

enum registry_filter { FILTER_ACTIVE, FILTER_WITH_DELETED, FILTER_DELETED_ONLY };

/* Which versions: all that meet every condition. */
struct registry_select {
    struct str subject;              /* exactly; STR_NULL: any */
    struct str prefix;               /* of the subject; ":*:p": prefix p in every context; STR_NULL: any */
    const struct index_schema *with; /* that have this schema; NULL: any */
    enum registry_filter filter;
    bool latest_only;
};

enum registry_code registry_store_register(struct registry_store *r, const struct registry_request *request,
                                           struct arena *arena, struct registry_schema *ret, struct error *err);
enum registry_code registry_store_look_up(struct registry_store *r, const struct registry_request *request,
                                          bool with_deleted, struct arena *arena, struct registry_schema *ret,
                                          struct error *err);

/* `version` -1: the latest. */
enum registry_code registry_store_version(struct registry_store *r, struct str subject, int32_t version,
                                          bool with_deleted, struct arena *arena, struct registry_schema *ret,
                                          struct error *err);
/* `subject` tells the context, or STR_NULL; subject and version of the answer are those of some version that has it. */
enum registry_code registry_store_by_id(struct registry_store *r, int32_t id, struct str subject, struct arena *arena,
                                        struct registry_schema *ret, struct error *err);

/* By subject, then version. */
void registry_store_select(struct registry_store *r, const struct registry_select *select, struct arena *arena,
                           struct registry_schema **ret, size_t *ret_n);
/* The versions that have the schema of this id. */
enum registry_code registry_store_select_by_id(struct registry_store *r, int32_t id, struct str subject,
                                               enum registry_filter filter, struct arena *arena,
                                               struct registry_schema **ret, size_t *ret_n, struct error *err);
bool registry_store_has_subject(struct registry_store *r, struct str subject, bool with_deleted);
/* Names of the contexts, the default one first. */
void registry_store_contexts(struct registry_store *r, struct arena *arena, struct str **ret, size_t *ret_n);
/* Ids of the schemas that refer to this version, ascending. */
void registry_store_referrers(struct registry_store *r, struct str subject, int32_t version, bool with_deleted,
                              struct arena *arena, int32_t **ret, size_t *ret_n);

enum registry_code registry_store_delete_version(struct registry_store *r, struct str subject, int32_t version,
                                                 bool permanent, int32_t *ret_version, struct error *err);
enum registry_code registry_store_delete_subject(struct registry_store *r, struct str subject, bool permanent,
                                                 struct arena *arena, int32_t **ret_versions, size_t *ret_n,
                                                 struct error *err);

/* Mode and level of a subject, or with STR_NULL of everything. `in_scope`: what holds for it, else what is set for it
 * itself (REGISTRY_NO_SUBJECT_MODE when nothing is). */
enum registry_code registry_store_mode(struct registry_store *r, struct str subject, bool in_scope,
                                       enum registry_mode *ret, struct error *err);
enum registry_code registry_store_set_mode(struct registry_store *r, struct str subject, enum registry_mode mode,
                                           bool force, struct error *err);
enum registry_code registry_store_unset_mode(struct registry_store *r, struct str subject, struct error *err);
enum registry_code registry_store_config(struct registry_store *r, struct str subject, bool in_scope,
                                         struct arena *arena, struct registry_config *ret, struct error *err);
bool registry_store_normalizes(struct registry_store *r, struct str subject, struct arena *arena);

struct registry_config_change {
    bool sets_level, sets_normalize, sets_group; /* the others stay as they are */
    struct registry_config to;
};
/* *ret: what is set now. */
enum registry_code registry_store_set_config(struct registry_store *r, struct str subject,
                                             const struct registry_config_change *change, struct arena *arena,
                                             struct registry_config *ret, struct error *err);
enum registry_code registry_store_unset_config(struct registry_store *r, struct str subject, struct error *err);

/* ---- shared by the files of the store ---- */

/* Commits the records in one transaction and takes them into the index. The writer's lock is held. */
enum registry_code registry_store_commit(struct registry_store *r, const struct topics_record *records, size_t n,
                                         struct error *err);
enum registry_code registry_store_check_subject(struct str subject, struct error *err);
enum registry_mode registry_store_mode_in_scope(const struct index *x, struct str subject);
enum registry_code registry_store_not_permitted(struct str subject, const char *reason, struct error *err);
enum registry_code registry_store_check_writable(const struct registry_store *r, struct str subject, struct error *err);
void registry_store_copy_version(const struct index_subject *subject, const struct index_version *v,
                                 struct arena *arena, struct registry_schema *ret);
struct str registry_store_key(const struct record_key *key, struct arena *arena);

/* The schema of a request in the form it is kept in: checked, its text canonical, its references resolved. A new one
 * may not refer to deleted versions. */
enum registry_code registry_store_parse(struct registry_store *r, const struct registry_request *request, bool is_new,
                                        struct arena *arena, struct registry_schema *ret, struct error *err);
/* The text of an Avro schema with the definitions of its references written out. */
enum registry_code registry_store_expand(struct registry_store *r, const struct registry_schema *schema,
                                         struct arena *arena, struct str *ret, struct error *err);

#endif
