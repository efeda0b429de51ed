/* What changes the schemas of the store: registering and deleting. The writer's lock keeps a decision true until its
 * records are committed; the index is read without its own lock here, since only the writer changes it. */
#include "registry/compat.h"
#include "registry/store.h"

/* ---- a batch of records under construction ---- */

struct changes {
    VEC(struct topics_record) records;
    struct arena *arena;
};

static void put(struct changes *c, struct str key, struct str value)
{
    *vec_push(&c->records) = (struct topics_record){.key = arena_str(c->arena, key),
                                                    .value = value.ptr ? arena_str(c->arena, value) : STR_NULL,
                                                    .timestamp = INT64_MIN};
}

static void put_schema(struct changes *c, const struct registry_schema *schema, struct str old_key)
{
    AUTO_BUF value = {0};
    struct record_key key = {.type = RECORD_SCHEMA, .subject = schema->subject, .version = schema->version};
    record_schema_write(schema, &value);
    put(c, old_key.ptr ? old_key : registry_store_key(&key, c->arena), buf_str(&value));
}

static enum registry_code commit(struct registry_store *r, struct changes *c, enum registry_code code,
                                 struct error *err)
{
    if (code == REGISTRY_OK && c->records.len > 0)
        code = registry_store_commit(r, c->records.items, c->records.len, err);
    vec_free(&c->records);
    return code;
}

/* ---- registering ---- */

static enum registry_code check_mode(const struct registry_store *r, struct str subject, bool with_id,
                                     struct error *err)
{
    enum registry_mode mode = registry_store_mode_in_scope(&r->index, subject);
    enum registry_code code = registry_store_check_writable(r, subject, err);
    if (code == REGISTRY_OK && with_id && mode != MODE_IMPORT)
        code = registry_store_not_permitted(subject, "is not in import mode", err);
    if (code == REGISTRY_OK && !with_id && mode != MODE_READWRITE)
        code = registry_store_not_permitted(subject, "is not in read-write mode", err);
    return code;
}

/* An empty text stands for the latest version's. */
static enum registry_code fill_from_previous(const struct registry_store *r, struct registry_request *request,
                                             struct error *err)
{
    struct registry_schema *schema = &request->schema;
    if (str_trim(schema->schema).len > 0)
        return REGISTRY_OK;
    const struct index_version *latest = index_version(&r->index, schema->subject, -1);
    if (!latest)
        return registry_fail(err, REGISTRY_BAD_SCHEMA, "Empty schema");
    schema->schema = latest->schema->content.schema;
    schema->type = latest->schema->content.type;
    schema->references = latest->schema->content.references;
    schema->n_references = latest->schema->content.n_references;
    return REGISTRY_OK;
}

static enum registry_code choose_version(const struct registry_store *r, struct registry_schema *schema,
                                         struct error *err)
{
    const struct index_subject *subject = index_subject(&r->index, schema->subject);
    int32_t next = subject ? subject->versions.items[subject->versions.len - 1].version + 1 : 1;
    if (schema->version <= 0)
        schema->version = next;
    else if (schema->version != next && registry_store_mode_in_scope(&r->index, schema->subject) != MODE_IMPORT)
        return registry_fail(err, REGISTRY_BAD_SCHEMA, "Version is not one more than previous version");
    return REGISTRY_OK;
}

static enum registry_code choose_id(const struct registry_store *r, const struct index_schema *known,
                                    struct registry_schema *schema, struct error *err)
{
    struct str context = index_context_of(schema->subject);
    if (schema->id < 0) {
        schema->id = known ? known->content.id : index_next_id(&r->index, context);
        return REGISTRY_OK;
    }
    const struct index_schema *holder = index_schema_by_id(&r->index, context, schema->id);
    if (!holder || holder == known)
        return REGISTRY_OK;
    struct error text;
    error_set(&text, ERROR_REQUEST, "Overwrite new schema with id %d in context " STR_FMT " is not permitted.",
              schema->id, STR_ARG(context));
    return registry_fail(err, REGISTRY_NOT_PERMITTED, text.text);
}

/* Deleted versions of the same schema give way to the new one, unless something refers to them. */
static void put_away_deleted(const struct registry_store *r, const struct registry_schema *schema, struct changes *c)
{
    const struct index_subject *subject = index_subject(&r->index, schema->subject);
    for (size_t i = 0; subject && i < subject->versions.len; i++) {
        const struct index_version *v = &subject->versions.items[i];
        if (v->deleted && v->schema->content.id == schema->id && v->version < schema->version &&
            !index_referrer(&r->index, schema->subject, v->version, true, STR_NULL))
            put(c, v->key, STR_NULL);
    }
}

static void put_context(const struct registry_store *r, struct str subject, struct changes *c)
{
    struct str context = index_context_of(subject);
    if (str_is(context, ".") || map_get(&r->index.contexts, context))
        return;
    struct str key = arena_printf(
        c->arena, "{\"keytype\":\"CONTEXT\",\"tenant\":\"default\",\"context\":\"" STR_FMT "\",\"magic\":0}",
        STR_ARG(context));
    put(c, key, arena_printf(c->arena, "{\"tenant\":\"default\",\"context\":\"" STR_FMT "\"}", STR_ARG(context)));
}

/* What is imported has been judged where it comes from. */
static enum registry_code check_compatibility(struct registry_store *r, const struct registry_schema *schema,
                                              struct registry_verdict *ret_verdict, struct arena *arena,
                                              struct error *err)
{
    struct registry_verdict verdict = {0};
    struct registry_schema *earlier;
    struct registry_config config;
    size_t n;
    if (registry_store_mode_in_scope(&r->index, schema->subject) == MODE_IMPORT)
        return REGISTRY_OK;
    registry_store_config(r, schema->subject, true, arena, &config, err);
    if (config.level == LEVEL_NONE)
        return REGISTRY_OK;
    registry_store_select(r, &(struct registry_select){.subject = schema->subject}, arena, &earlier, &n);
    enum registry_code code = registry_compat_check(r, schema, earlier, n, &config, arena, &verdict, err);
    if (code != REGISTRY_OK || verdict.n == 0)
        return code;
    if (ret_verdict)
        *ret_verdict = verdict;
    return registry_fail(err, REGISTRY_INCOMPATIBLE, registry_compat_message(schema->subject, &verdict, arena).ptr);
}

static enum registry_code register_locked(struct registry_store *r, struct registry_request *request,
                                          struct arena *arena, struct registry_schema *ret, struct error *err)
{
    struct registry_schema schema;
    enum registry_code code = check_mode(r, request->schema.subject, request->schema.id >= 0, err);
    if (code == REGISTRY_OK)
        code = fill_from_previous(r, request, err);
    if (code == REGISTRY_OK)
        code = registry_store_parse(r, request, true, arena, &schema, err);
    if (code != REGISTRY_OK)
        return code;
    const struct index_schema *known = index_schema_by_content(&r->index, index_context_of(schema.subject), &schema);
    if (known && schema.id >= 0 && schema.id != known->content.id)
        known = NULL;
    const struct index_version *v =
        known && schema.version <= 0 ? index_version_of(&r->index, schema.subject, known, false) : NULL;
    if (v) {
        registry_store_copy_version(index_subject(&r->index, schema.subject), v, arena, ret);
        return REGISTRY_OK;
    }
    code = check_compatibility(r, &schema, request->verdict, arena, err);
    if (code == REGISTRY_OK)
        code = choose_version(r, &schema, err);
    if (code == REGISTRY_OK)
        code = choose_id(r, known, &schema, err);
    if (code != REGISTRY_OK)
        return code;
    struct changes c = {.arena = arena};
    put_context(r, schema.subject, &c);
    put_away_deleted(r, &schema, &c);
    put_schema(&c, &schema, STR_NULL);
    code = commit(r, &c, REGISTRY_OK, err);
    if (code == REGISTRY_OK)
        *ret = schema;
    return code;
}

enum registry_code registry_store_register(struct registry_store *r, const struct registry_request *request,
                                           struct arena *arena, struct registry_schema *ret, struct error *err)
{
    struct registry_request own = *request;
    own.schema.subject = index_normal_subject(own.schema.subject, arena);
    enum registry_code code = registry_store_check_subject(own.schema.subject, err);
    if (code != REGISTRY_OK)
        return code;
    own.normalize = own.normalize || registry_store_normalizes(r, own.schema.subject, arena);
    pthread_mutex_lock(&r->writer);
    code = register_locked(r, &own, arena, ret, err);
    pthread_mutex_unlock(&r->writer);
    return code;
}

enum registry_code registry_store_look_up(struct registry_store *r, const struct registry_request *request,
                                          bool with_deleted, struct arena *arena, struct registry_schema *ret,
                                          struct error *err)
{
    struct registry_request own = *request;
    struct registry_schema schema;
    own.schema.subject = index_normal_subject(own.schema.subject, arena);
    if (!registry_store_has_subject(r, own.schema.subject, with_deleted))
        return registry_fail(err, REGISTRY_SUBJECT_NOT_FOUND, own.schema.subject.ptr);
    own.normalize = own.normalize || registry_store_normalizes(r, own.schema.subject, arena);
    enum registry_code code = registry_store_parse(r, &own, false, arena, &schema, err);
    if (code != REGISTRY_OK)
        return code;
    pthread_rwlock_rdlock(&r->lock);
    const struct index_schema *known = index_schema_by_content(&r->index, index_context_of(schema.subject), &schema);
    const struct index_version *v = known ? index_version_of(&r->index, schema.subject, known, with_deleted) : NULL;
    if (v)
        registry_store_copy_version(index_subject(&r->index, schema.subject), v, arena, ret);
    pthread_rwlock_unlock(&r->lock);
    return v ? REGISTRY_OK : registry_fail(err, REGISTRY_SCHEMA_NOT_FOUND);
}

/* ---- deleting ---- */

/* With the last version of a subject go its mode and its level. */
static void put_away_settings(const struct registry_store *r, struct str subject, struct changes *c)
{
    const struct index_setting *mode = map_get(&r->index.modes, subject);
    const struct index_setting *config = map_get(&r->index.configs, subject);
    if (mode)
        put(c, mode->key, STR_NULL);
    if (config)
        put(c, config->key, STR_NULL);
}

/* With a schema its id goes from the topic, and must not be given away again after a restart. */
static void put_max_ids(const struct registry_store *r, struct changes *c)
{
    AUTO_BUF value = {0};
    index_write_max_ids(&r->index, &value);
    put(c, registry_store_key(&(struct record_key){.type = RECORD_NOOP}, c->arena), buf_str(&value));
}

static enum registry_code delete_version(const struct registry_store *r, struct str subject, int32_t version,
                                         bool permanent, struct changes *c, int32_t *ret_version, struct error *err)
{
    const struct index_subject *s = index_subject(&r->index, subject);
    const struct index_version *v = index_version(&r->index, subject, version);
    if (!s)
        return registry_fail(err, REGISTRY_SUBJECT_NOT_FOUND, subject.ptr);
    if (!v)
        return registry_fail(err, REGISTRY_VERSION_NOT_FOUND, version);
    if (v->deleted && !permanent)
        return registry_fail(err, REGISTRY_VERSION_SOFT_DELETED, subject.ptr, version);
    enum registry_code code = registry_store_check_writable(r, subject, err);
    if (code != REGISTRY_OK)
        return code;
    if (index_referrer(&r->index, subject, v->version, permanent, STR_NULL))
        return registry_fail(err, REGISTRY_REFERENCE_EXISTS, subject.ptr, v->version);
    if (permanent && !v->deleted)
        return registry_fail(err, REGISTRY_VERSION_NOT_SOFT_DELETED, subject.ptr, v->version);
    *ret_version = v->version;
    if (permanent) {
        put(c, v->key, STR_NULL);
        put_max_ids(r, c);
        if (s->versions.len == 1)
            put_away_settings(r, subject, c);
    } else {
        struct registry_schema schema;
        registry_store_copy_version(s, v, c->arena, &schema);
        schema.deleted = true;
        put_schema(c, &schema, v->key);
    }
    return REGISTRY_OK;
}

enum registry_code registry_store_delete_version(struct registry_store *r, struct str subject, int32_t version,
                                                 bool permanent, int32_t *ret_version, struct error *err)
{
    struct arena arena = {.chunk_size = 4096};
    struct changes c = {.arena = &arena};
    int32_t deleted = 0;
    pthread_mutex_lock(&r->writer);
    enum registry_code code =
        delete_version(r, index_normal_subject(subject, &arena), version, permanent, &c, &deleted, err);
    code = commit(r, &c, code, err);
    pthread_mutex_unlock(&r->writer);
    if (code == REGISTRY_OK)
        *ret_version = deleted;
    arena_free(&arena);
    return code;
}

static enum registry_code check_delete_subject(const struct registry_store *r, struct str subject, bool permanent,
                                               struct error *err)
{
    const struct index_subject *s = index_subject(&r->index, subject);
    if (!s)
        return registry_fail(err, REGISTRY_SUBJECT_NOT_FOUND, subject.ptr);
    if (!permanent && !index_has_subject(&r->index, subject, false))
        return registry_fail(err, REGISTRY_SUBJECT_SOFT_DELETED, subject.ptr);
    enum registry_code code = registry_store_check_writable(r, subject, err);
    if (code != REGISTRY_OK)
        return code;
    vec_each (&s->versions, v) {
        if (v->deleted && !permanent)
            continue;
        if (index_referrer(&r->index, subject, v->version, permanent, subject))
            return registry_fail(err, REGISTRY_REFERENCE_EXISTS, subject.ptr, v->version);
        if (permanent && !v->deleted)
            return registry_fail(err, REGISTRY_SUBJECT_NOT_SOFT_DELETED, subject.ptr);
    }
    return REGISTRY_OK;
}

static void delete_subject(const struct registry_store *r, struct str subject, bool permanent, struct changes *c,
                           int32_t *versions, size_t *n)
{
    const struct index_subject *s = index_subject(&r->index, subject);
    *n = 0;
    vec_each (&s->versions, v)
        if (permanent || !v->deleted)
            versions[(*n)++] = v->version;
    if (permanent) {
        for (size_t i = s->versions.len; i-- > 0;)
            put(c, s->versions.items[i].key, STR_NULL);
        put_max_ids(r, c);
        put_away_settings(r, subject, c);
        return;
    }
    AUTO_BUF value = {0};
    record_delete_write(subject, versions[*n - 1], &value);
    put(c, registry_store_key(&(struct record_key){.type = RECORD_DELETE_SUBJECT, .subject = subject}, c->arena),
        buf_str(&value));
}

enum registry_code registry_store_delete_subject(struct registry_store *r, struct str subject, bool permanent,
                                                 struct arena *arena, int32_t **ret_versions, size_t *ret_n,
                                                 struct error *err)
{
    struct changes c = {.arena = arena};
    int32_t *versions = NULL;
    size_t n = 0;
    subject = index_normal_subject(subject, arena);
    pthread_mutex_lock(&r->writer);
    enum registry_code code = check_delete_subject(r, subject, permanent, err);
    if (code == REGISTRY_OK) {
        versions = arena_array(arena, int32_t, index_subject(&r->index, subject)->versions.len);
        delete_subject(r, subject, permanent, &c, versions, &n);
    }
    code = commit(r, &c, code, err);
    pthread_mutex_unlock(&r->writer);
    if (code == REGISTRY_OK) {
        *ret_versions = versions;
        *ret_n = n;
    }
    return code;
}
