#include "registry/store.h"

#include "base/mem.h"

#include <stdlib.h>

#define TOPIC STR("_schemas")

/* ---- opening ---- */

static void add_finding(struct registry_store *r, const struct topics_record *record, const struct error *err)
{
    size_t n = r->findings.len - 1; /* without the NULL at the end */
    if (n > REGISTRY_MAX_FINDINGS)
        return;
    char *text;
    if (n == REGISTRY_MAX_FINDINGS)
        text = mem_strdup("topic _schemas: further damaged records are not told of");
    else if (record->key.ptr)
        text =
            mem_printf("topic _schemas, offset %lld, key %.*s: %s (the record is not used)", (long long)record->offset,
                       (int)(record->key.len < 200 ? record->key.len : 200), record->key.ptr, err->text);
    else
        text = mem_printf("topic _schemas, offset %lld: no key (the record is not used)", (long long)record->offset);
    r->findings.items[n] = text;
    *vec_push(&r->findings) = NULL;
}

static int read_all(struct registry_store *r, struct error *err)
{
    struct topics_reader *reader;
    struct topics_record record;
    bool found = true;
    int rc = topics_reader_open(r->topics, TOPIC, 0, TOPICS_BEGIN, &reader, err);
    if (rc != 0)
        return rc;
    while (rc == 0 && found) {
        rc = topics_read(reader, 0, NULL, &record, &found, err);
        struct error cause = {0};
        if (rc == 0 && found && (!record.key.ptr || index_apply(&r->index, record.key, record.value, &cause) != 0))
            add_finding(r, &record, &cause);
    }
    topics_reader_close(reader);
    return rc;
}

int registry_open(struct topics *topics, struct registry **ret, struct error *err)
{
    struct registry_store *r = mem_new(struct registry_store);
    r->base.calls = &registry_store_calls;
    r->topics = topics;
    r->default_level = LEVEL_BACKWARD;
    pthread_mutex_init(&r->writer, NULL);
    pthread_rwlock_init(&r->lock, NULL);
    index_init(&r->index);
    *vec_push(&r->findings) = NULL;
    int rc = topics_ensure(topics, TOPIC, &TOPIC_CONFIG_COMPACT, err);
    if (rc == 0)
        rc = read_all(r, err);
    if (rc != 0) {
        registry_store_close(&r->base);
        return error_context(err, "the schema registry cannot read its topic _schemas");
    }
    *ret = &r->base;
    return 0;
}

struct registry_store *registry_store_of(struct registry *r)
{
    return r->calls == &registry_store_calls ? (struct registry_store *)r : NULL;
}

void registry_store_close(struct registry *base)
{
    struct registry_store *r = registry_store_of(base);
    index_release(&r->index);
    vec_each (&r->findings, text)
        free(*text);
    vec_free(&r->findings);
    pthread_rwlock_destroy(&r->lock);
    pthread_mutex_destroy(&r->writer);
    free(r);
}

const char *const *registry_findings(const struct registry *r)
{
    return (const char *const *)((const struct registry_store *)r)->findings.items;
}

/* ---- writing ---- */

static int append_all(struct registry_store *r, struct topics_txn *txn, const struct topics_record *records, size_t n,
                      struct error *err)
{
    struct topics_target *target;
    int rc = topics_target(r->topics, TOPIC, &target, err);
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = topics_append(txn, target, 0, &records[i], err);
    return rc == 0 ? topics_commit(txn, err) : rc;
}

enum registry_code registry_store_commit(struct registry_store *r, const struct topics_record *records, size_t n,
                                         struct error *err)
{
    struct topics_txn *txn = NULL;
    int rc = topics_txn_open(r->topics, STR("schema-registry"), &txn, err);
    if (rc == 0)
        rc = append_all(r, txn, records, n, err);
    topics_txn_close(txn);
    if (rc != 0) {
        error_context(err, "writing the topic _schemas");
        return REGISTRY_STORE_FAILED;
    }
    pthread_rwlock_wrlock(&r->lock);
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = index_apply(&r->index, records[i].key, records[i].value, err);
    pthread_rwlock_unlock(&r->lock);
    return rc == 0 ? REGISTRY_OK : REGISTRY_STORE_FAILED;
}

struct str registry_store_key(const struct record_key *key, struct arena *arena)
{
    AUTO_BUF out = {0};
    record_key_write(key, &out);
    return arena_str(arena, buf_str(&out));
}

/* ---- reading ---- */

enum registry_code registry_store_check_subject(struct str subject, struct error *err)
{
    bool good = subject.len > 0 && subject.len <= REGISTRY_MAX_SUBJECT && str_is_utf8(subject) &&
                !str_is(subject, "__GLOBAL") && !str_is(subject, "__EMPTY");
    for (size_t i = 0; i < subject.len; i++)
        good = good && (unsigned char)subject.ptr[i] >= 0x20 && subject.ptr[i] != 0x7f;
    return good ? REGISTRY_OK : registry_fail(err, REGISTRY_BAD_SUBJECT, subject.ptr);
}

static void copy_schema(const struct registry_schema *from, struct arena *arena, struct registry_schema *ret)
{
    struct registry_reference *references = arena_array(arena, struct registry_reference, from->n_references + 1);
    for (size_t i = 0; i < from->n_references; i++)
        references[i] = (struct registry_reference){.name = arena_str(arena, from->references[i].name),
                                                    .subject = arena_str(arena, from->references[i].subject),
                                                    .version = from->references[i].version};
    *ret = (struct registry_schema){.id = from->id,
                                    .type = arena_str(arena, from->type),
                                    .schema = arena_str(arena, from->schema),
                                    .references = references,
                                    .n_references = from->n_references,
                                    .attributes = arena_str(arena, from->attributes)};
}

void registry_store_copy_version(const struct index_subject *subject, const struct index_version *v,
                                 struct arena *arena, struct registry_schema *ret)
{
    copy_schema(&v->schema->content, arena, ret);
    ret->subject = arena_str(arena, subject->name);
    ret->version = v->version;
    ret->deleted = v->deleted;
    ret->extra = arena_str(arena, v->extra);
}

enum registry_code registry_store_version(struct registry_store *r, struct str subject, int32_t version,
                                          bool with_deleted, struct arena *arena, struct registry_schema *ret,
                                          struct error *err)
{
    enum registry_code code = REGISTRY_OK;
    subject = index_normal_subject(subject, arena);
    pthread_rwlock_rdlock(&r->lock);
    const struct index_version *v = index_version(&r->index, subject, version);
    if (v && (with_deleted || !v->deleted))
        registry_store_copy_version(index_subject(&r->index, subject), v, arena, ret);
    else if (!index_has_subject(&r->index, subject, with_deleted))
        code = registry_fail(err, REGISTRY_SUBJECT_NOT_FOUND, subject.ptr);
    else
        code = registry_fail(err, REGISTRY_VERSION_NOT_FOUND, version);
    pthread_rwlock_unlock(&r->lock);
    return code;
}

/* The context that the subject names; without one, the default, then any other that has the id. */
static struct index_schema *find_id(const struct index *x, int32_t id, struct str subject)
{
    struct index_schema *schema = index_schema_by_id(x, index_context_of(subject), id);
    if (schema || str_starts(subject, ":."))
        return schema;
    map_each (&x->contexts, e)
        if ((schema = index_schema_by_id(x, e->key, id)) != NULL)
            return schema;
    return NULL;
}

static bool find_version_of(const struct index *x, const struct index_schema *schema, struct str subject,
                            const struct index_subject **ret_subject, const struct index_version **ret_version)
{
    bool found = false;
    map_each (&x->subjects, e) {
        const struct index_subject *candidate = e->value;
        const struct index_version *v = index_version_of(x, candidate->name, schema, true);
        if (v && (!found || str_equal(candidate->name, subject))) {
            *ret_subject = candidate;
            *ret_version = v;
            found = true;
        }
    }
    return found;
}

enum registry_code registry_store_by_id(struct registry_store *r, int32_t id, struct str subject, struct arena *arena,
                                        struct registry_schema *ret, struct error *err)
{
    enum registry_code code = REGISTRY_OK;
    const struct index_subject *owner = NULL;
    const struct index_version *v = NULL;
    subject = index_normal_subject(subject, arena);
    pthread_rwlock_rdlock(&r->lock);
    const struct index_schema *schema = find_id(&r->index, id, subject);
    if (schema && find_version_of(&r->index, schema, subject, &owner, &v))
        registry_store_copy_version(owner, v, arena, ret);
    else
        code = registry_fail(err, REGISTRY_ID_NOT_FOUND, id);
    pthread_rwlock_unlock(&r->lock);
    return code;
}

bool registry_store_has_subject(struct registry_store *r, struct str subject, bool with_deleted)
{
    struct arena arena = {.chunk_size = 1024};
    pthread_rwlock_rdlock(&r->lock);
    bool has = index_has_subject(&r->index, index_normal_subject(subject, &arena), with_deleted);
    pthread_rwlock_unlock(&r->lock);
    arena_free(&arena);
    return has;
}

/* ---- selecting ---- */

static bool has_prefix(struct str s, struct str prefix)
{
    return s.len >= prefix.len && memcmp(s.ptr, prefix.ptr, prefix.len) == 0;
}

static struct str without_context(const struct index_subject *subject)
{
    struct str name = subject->name;
    size_t prefix = str_is(subject->context->name, ".") ? 0 : subject->context->name.len + 2;
    return prefix <= name.len ? str_of(name.ptr + prefix, name.len - prefix) : STR("");
}

static bool is_selected(const struct registry_select *select, const struct index_subject *subject)
{
    if (select->subject.ptr)
        return str_equal(subject->name, select->subject);
    if (!select->prefix.ptr)
        return true;
    if (str_starts(select->prefix, ":*:"))
        return has_prefix(without_context(subject), str_of(select->prefix.ptr + 3, select->prefix.len - 3));
    if (!str_starts(select->prefix, ":") && !str_is(subject->context->name, "."))
        return false;
    return has_prefix(subject->name, select->prefix);
}

static bool passes(const struct registry_select *select, const struct index_version *v)
{
    if (select->with && v->schema != select->with)
        return false;
    return select->filter == FILTER_WITH_DELETED || v->deleted == (select->filter == FILTER_DELETED_ONLY);
}

static int by_subject_and_version(const void *a, const void *b)
{
    const struct registry_schema *x = a, *y = b;
    int order = str_compare(x->subject, y->subject);
    return order ? order : (x->version > y->version) - (x->version < y->version);
}

struct found {
    VEC(struct registry_schema) list;
};

static void select_from(const struct registry_select *select, const struct index_subject *subject, struct arena *arena,
                        struct found *found)
{
    size_t first = found->list.len;
    vec_each (&subject->versions, v) {
        if (!passes(select, v))
            continue;
        if (select->latest_only)
            found->list.len = first;
        registry_store_copy_version(subject, v, arena, vec_push(&found->list));
    }
}

static void select_all(const struct index *x, const struct registry_select *select, struct arena *arena,
                       struct registry_schema **ret, size_t *ret_n)
{
    struct found found = {0};
    map_each (&x->subjects, e)
        if (is_selected(select, e->value))
            select_from(select, e->value, arena, &found);
    if (found.list.len > 0)
        qsort(found.list.items, found.list.len, sizeof *found.list.items, by_subject_and_version);
    *ret = arena_dup(arena, found.list.items, found.list.len * sizeof *found.list.items);
    *ret_n = found.list.len;
    vec_free(&found.list);
}

void registry_store_select(struct registry_store *r, const struct registry_select *select, struct arena *arena,
                           struct registry_schema **ret, size_t *ret_n)
{
    struct registry_select normal = *select;
    if (normal.subject.ptr)
        normal.subject = index_normal_subject(normal.subject, arena);
    pthread_rwlock_rdlock(&r->lock);
    select_all(&r->index, &normal, arena, ret, ret_n);
    pthread_rwlock_unlock(&r->lock);
}

enum registry_code registry_store_select_by_id(struct registry_store *r, int32_t id, struct str subject,
                                               enum registry_filter filter, struct arena *arena,
                                               struct registry_schema **ret, size_t *ret_n, struct error *err)
{
    pthread_rwlock_rdlock(&r->lock);
    const struct index_schema *schema = find_id(&r->index, id, index_normal_subject(subject, arena));
    if (schema)
        select_all(&r->index, &(struct registry_select){.with = schema, .filter = filter}, arena, ret, ret_n);
    pthread_rwlock_unlock(&r->lock);
    return schema ? REGISTRY_OK : registry_fail(err, REGISTRY_SCHEMA_NOT_FOUND);
}

void registry_store_contexts(struct registry_store *r, struct arena *arena, struct str **ret, size_t *ret_n)
{
    pthread_rwlock_rdlock(&r->lock);
    *ret = arena_array(arena, struct str, r->index.contexts.len);
    *ret_n = 0;
    map_each (&r->index.contexts, e)
        (*ret)[(*ret_n)++] = arena_str(arena, e->key);
    pthread_rwlock_unlock(&r->lock);
}

static int by_number(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

void registry_store_referrers(struct registry_store *r, struct str subject, int32_t version, bool with_deleted,
                              struct arena *arena, int32_t **ret, size_t *ret_n)
{
    VEC(int32_t) ids = {0};
    subject = index_normal_subject(subject, arena);
    pthread_rwlock_rdlock(&r->lock);
    map_each (&r->index.subjects, e) {
        const struct index_subject *from = e->value;
        vec_each (&from->versions, v)
            if ((with_deleted || !v->deleted) && index_refers(from, v->schema, subject, version))
                *vec_push(&ids) = v->schema->content.id;
    }
    pthread_rwlock_unlock(&r->lock);
    if (ids.len > 0)
        qsort(ids.items, ids.len, sizeof *ids.items, by_number);
    *ret = arena_array(arena, int32_t, ids.len + 1);
    *ret_n = 0;
    vec_each (&ids, id)
        if (*ret_n == 0 || (*ret)[*ret_n - 1] != *id)
            (*ret)[(*ret_n)++] = *id;
    vec_free(&ids);
}
