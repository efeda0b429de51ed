#include "registry/index.h"

#include "base/mem.h"
#include "wire/json.h"

#include <stdlib.h>

/* ---- names ---- */

struct str index_context_of(struct str subject)
{
    if (!str_starts(subject, ":."))
        return STR(".");
    struct str rest;
    return str_split(str_of(subject.ptr + 1, subject.len - 1), ':', &rest);
}

struct str index_normal_subject(struct str subject, struct arena *arena)
{
    if (str_starts(subject, ":.:"))
        subject = str_of(subject.ptr + 3, subject.len - 3);
    return arena_str(arena, subject);
}

static struct str own(struct str s)
{
    return str_of(mem_strndup(s.len ? s.ptr : "", s.len), s.len);
}

static void disown(struct str s)
{
    free((char *)s.ptr);
}

/* ---- schemas ---- */

static struct str id_key(const int32_t *id)
{
    return str_of((const char *)id, sizeof *id);
}

/* Type, attributes, references and text; the parts are kept apart by NULs, which none of them has. */
static void write_fingerprint(const struct registry_schema *content, struct buf *out)
{
    buf_add_str(out, content->type);
    buf_add_char(out, '\0');
    buf_add_str(out, content->attributes);
    buf_add_char(out, '\0');
    record_write_references(content->references, content->n_references, out);
    buf_add_char(out, '\0');
    buf_add_str(out, content->schema);
}

static struct index_schema *new_schema(struct index_context *context, const struct registry_schema *content,
                                       struct str fingerprint)
{
    struct index_schema *s = mem_new(struct index_schema);
    s->memory.chunk_size = 1024;
    s->context = context;
    s->fingerprint = arena_str(&s->memory, fingerprint);
    s->content = (struct registry_schema){
        .id = content->id,
        .type = arena_str(&s->memory, content->type),
        .schema = str_of(s->fingerprint.ptr + fingerprint.len - content->schema.len, content->schema.len),
        .attributes = arena_str(&s->memory, content->attributes),
        .n_references = content->n_references,
    };
    struct registry_reference *references =
        arena_array(&s->memory, struct registry_reference, content->n_references + 1);
    for (size_t i = 0; i < content->n_references; i++)
        references[i] = (struct registry_reference){.name = arena_str(&s->memory, content->references[i].name),
                                                    .subject = arena_str(&s->memory, content->references[i].subject),
                                                    .version = content->references[i].version};
    s->content.references = references;
    map_put(&context->ids, id_key(&content->id), s);
    map_put(&context->texts, s->fingerprint, s);
    return s;
}

static void free_schema(struct index_schema *s)
{
    arena_free(&s->memory);
    free(s);
}

static void drop_use(struct index_schema *s)
{
    if (--s->uses > 0)
        return;
    map_remove(&s->context->ids, id_key(&s->content.id));
    if (map_get(&s->context->texts, s->fingerprint) == s)
        map_remove(&s->context->texts, s->fingerprint);
    free_schema(s);
}

static struct index_context *need_context(struct index *x, struct str name)
{
    struct index_context *context = map_get(&x->contexts, name);
    if (!context) {
        context = mem_new(struct index_context);
        map_put(&x->contexts, name, context);
        context->name = map_find(&x->contexts, name)->key;
    }
    return context;
}

/* ---- whole ---- */

void index_init(struct index *x)
{
    *x = (struct index){0};
    need_context(x, STR("."));
}

static void free_subject(void *value)
{
    struct index_subject *subject = value;
    vec_each (&subject->versions, v) {
        drop_use(v->schema);
        disown(v->key);
        disown(v->extra);
    }
    vec_free(&subject->versions);
    disown(subject->name);
    free(subject);
}

static void free_context(void *value)
{
    struct index_context *context = value;
    map_free(&context->ids, NULL);
    map_free(&context->texts, NULL);
    free(context);
}

static void free_setting(void *value)
{
    struct index_setting *setting = value;
    disown(setting->key);
    disown(setting->config.group);
    disown(setting->config.extra);
    free(setting);
}

void index_release(struct index *x)
{
    map_free(&x->subjects, free_subject);
    map_free(&x->contexts, free_context);
    map_free(&x->modes, free_setting);
    map_free(&x->configs, free_setting);
}

/* ---- looking up ---- */

struct index_subject *index_subject(const struct index *x, struct str subject)
{
    return map_get(&x->subjects, subject);
}

bool index_has_subject(const struct index *x, struct str name, bool with_deleted)
{
    const struct index_subject *subject = index_subject(x, name);
    if (!subject)
        return false;
    vec_each (&subject->versions, v)
        if (with_deleted || !v->deleted)
            return true;
    return false;
}

struct index_version *index_version(const struct index *x, struct str name, int32_t version)
{
    struct index_subject *subject = index_subject(x, name);
    for (size_t i = subject ? subject->versions.len : 0; i-- > 0;) {
        struct index_version *v = &subject->versions.items[i];
        if (version == -1 ? !v->deleted : v->version == version)
            return v;
    }
    return NULL;
}

struct index_schema *index_schema_by_id(const struct index *x, struct str context, int32_t id)
{
    const struct index_context *c = map_get(&x->contexts, context);
    return c ? map_get(&c->ids, id_key(&id)) : NULL;
}

struct index_schema *index_schema_by_content(const struct index *x, struct str context,
                                             const struct registry_schema *content)
{
    const struct index_context *c = map_get(&x->contexts, context);
    AUTO_BUF fingerprint = {0};
    write_fingerprint(content, &fingerprint);
    return c ? map_get(&c->texts, buf_str(&fingerprint)) : NULL;
}

struct index_version *index_version_of(const struct index *x, struct str name, const struct index_schema *schema,
                                       bool with_deleted)
{
    struct index_subject *subject = index_subject(x, name);
    for (size_t i = subject ? subject->versions.len : 0; i-- > 0;) {
        struct index_version *v = &subject->versions.items[i];
        if (v->schema == schema && (with_deleted || !v->deleted))
            return v;
    }
    return NULL;
}

void index_write_max_ids(const struct index *x, struct buf *out)
{
    bool first = true;
    buf_add_literal(out, "{\"" RECORD_MAX_IDS "\":{");
    map_each (&x->contexts, e) {
        const struct index_context *context = e->value;
        if (context->max_id == 0)
            continue;
        buf_add_cstr(out, first ? "" : ",");
        json_write_string(out, context->name);
        buf_printf(out, ":%d", context->max_id);
        first = false;
    }
    buf_add_literal(out, "}}");
}

int32_t index_next_id(const struct index *x, struct str context)
{
    const struct index_context *c = map_get(&x->contexts, context);
    return c ? c->max_id + 1 : 1;
}

/* A reference names a subject of the referring schema's own context unless it is qualified itself. */
static bool names_subject(const struct index_subject *from, struct str reference, struct str subject)
{
    if (str_starts(reference, ":.:"))
        reference = str_of(reference.ptr + 3, reference.len - 3);
    else if (!str_starts(reference, ":.") && from->name.ptr[0] == ':') {
        size_t prefix = from->context->name.len + 2;
        return subject.len == prefix + reference.len && memcmp(subject.ptr, from->name.ptr, prefix) == 0 &&
               memcmp(subject.ptr + prefix, reference.ptr, reference.len) == 0;
    }
    return str_equal(reference, subject);
}

bool index_refers(const struct index_subject *from, const struct index_schema *schema, struct str subject,
                  int32_t version)
{
    for (size_t i = 0; i < schema->content.n_references; i++) {
        const struct registry_reference *reference = &schema->content.references[i];
        if (reference->version == version && names_subject(from, reference->subject, subject))
            return true;
    }
    return false;
}

const struct index_subject *index_referrer(const struct index *x, struct str subject, int32_t version,
                                           bool with_deleted, struct str not_by)
{
    map_each (&x->subjects, e) {
        const struct index_subject *from = e->value;
        if (not_by.ptr && str_equal(from->name, not_by))
            continue;
        vec_each (&from->versions, v)
            if ((with_deleted || !v->deleted) && index_refers(from, v->schema, subject, version))
                return from;
    }
    return NULL;
}

/* ---- taking over records ---- */

static struct index_subject *need_subject(struct index *x, struct str name)
{
    struct index_subject *subject = index_subject(x, name);
    if (!subject) {
        subject = mem_new(struct index_subject);
        subject->name = own(name);
        subject->context = need_context(x, index_context_of(name));
        map_put(&x->subjects, name, subject);
    }
    return subject;
}

static struct index_version *need_version(struct index_subject *subject, int32_t version)
{
    size_t at = subject->versions.len;
    while (at > 0 && subject->versions.items[at - 1].version >= version)
        at--;
    if (at < subject->versions.len && subject->versions.items[at].version == version)
        return &subject->versions.items[at];
    (void)vec_push(&subject->versions);
    struct index_version *v = &subject->versions.items[at];
    memmove(v + 1, v, (subject->versions.len - 1 - at) * sizeof *v);
    *v = (struct index_version){.version = version};
    return v;
}

static void remove_version(struct index *x, struct str name, int32_t version)
{
    struct index_subject *subject = index_subject(x, name);
    struct index_version *v = version > 0 ? index_version(x, name, version) : NULL;
    if (!v)
        return;
    drop_use(v->schema);
    disown(v->key);
    disown(v->extra);
    size_t after = (size_t)(subject->versions.items + subject->versions.len - (v + 1));
    memmove(v, v + 1, after * sizeof *v);
    if (--subject->versions.len == 0)
        free_subject(map_remove(&x->subjects, name));
}

static int apply_schema(struct index *x, const struct record_key *key, struct str raw_key,
                        const struct registry_schema *record, struct error *err)
{
    if (!str_equal(record->subject, key->subject) || record->version != key->version)
        return error_set(err, ERROR_CORRUPT, "key and value differ in subject or version");
    struct index_context *context = need_context(x, index_context_of(key->subject));
    AUTO_BUF fingerprint = {0};
    write_fingerprint(record, &fingerprint);
    struct index_schema *schema = map_get(&context->ids, id_key(&record->id));
    if (schema && !str_equal(schema->content.schema, record->schema))
        return error_set(err, ERROR_CORRUPT, "its id %d belongs to another schema already", record->id);
    if (!schema)
        schema = new_schema(context, record, buf_str(&fingerprint));
    schema->uses++;
    if (record->id > context->max_id)
        context->max_id = record->id;
    struct index_version *v = need_version(need_subject(x, key->subject), key->version);
    if (v->schema)
        drop_use(v->schema);
    disown(v->key);
    disown(v->extra);
    v->schema = schema;
    v->deleted = record->deleted;
    v->key = own(raw_key);
    v->extra = own(record->extra);
    return 0;
}

static void apply_delete(struct index *x, struct str name, int32_t up_to)
{
    struct index_subject *subject = index_subject(x, name);
    for (size_t i = 0; subject && i < subject->versions.len; i++)
        if (subject->versions.items[i].version <= up_to)
            subject->versions.items[i].deleted = true;
}

static void apply_setting(struct map *settings, struct str subject, struct str raw_key, enum registry_mode mode,
                          const struct registry_config *config)
{
    struct index_setting *setting = mem_new(struct index_setting);
    *setting = (struct index_setting){.key = own(raw_key), .mode = mode, .config = *config};
    setting->config.group = config->group.ptr ? own(config->group) : STR_NULL;
    setting->config.extra = own(config->extra);
    void *old = map_put(settings, subject.ptr ? subject : STR(""), setting);
    if (old)
        free_setting(old);
}

static void apply_tombstone(struct index *x, const struct record_key *key)
{
    struct str subject = key->subject.ptr ? key->subject : STR("");
    void *setting = NULL;
    if (key->type == RECORD_SCHEMA)
        remove_version(x, subject, key->version);
    else if (key->type == RECORD_MODE)
        setting = map_remove(&x->modes, subject);
    else if (key->type == RECORD_CONFIG)
        setting = map_remove(&x->configs, subject);
    if (setting)
        free_setting(setting);
}

static void raise_max_id(void *ctx, struct str context, int32_t id)
{
    struct index_context *c = need_context(ctx, context);
    if (id > c->max_id)
        c->max_id = id;
}

static int apply_value(struct index *x, const struct record_key *key, struct str raw_key, struct str value,
                       struct arena *arena, struct error *err)
{
    struct registry_schema schema;
    enum registry_mode mode;
    struct registry_config config = {0};
    int32_t version;
    int rc = 0;
    switch (key->type) {
    case RECORD_SCHEMA:
        rc = record_schema_read(value, arena, &schema, err);
        return rc == 0 ? apply_schema(x, key, raw_key, &schema, err) : rc;
    case RECORD_DELETE_SUBJECT:
        if ((rc = record_delete_read(value, arena, &version, err)) == 0)
            apply_delete(x, key->subject, version);
        return rc;
    case RECORD_MODE:
        if ((rc = record_mode_read(value, arena, &mode, err)) == 0)
            apply_setting(&x->modes, key->subject, raw_key, mode, &config);
        return rc;
    case RECORD_CONFIG:
        if ((rc = record_config_read(value, arena, &config, err)) == 0)
            apply_setting(&x->configs, key->subject, raw_key, MODE_NONE, &config);
        return rc;
    case RECORD_NOOP:
        record_ids_read(value, arena, raise_max_id, x, NULL);
        return 0;
    default:
        return 0;
    }
}

int index_apply(struct index *x, struct str raw_key, struct str value, struct error *err)
{
    struct arena arena = {.chunk_size = 4096};
    struct record_key key;
    int rc = record_key_read(raw_key, &arena, &key, err);
    if (rc == 0 && !value.ptr)
        apply_tombstone(x, &key);
    else if (rc == 0)
        rc = apply_value(x, &key, raw_key, value, &arena, err);
    arena_free(&arena);
    return rc;
}
