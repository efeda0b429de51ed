/* The schema of a request: its references resolved, its text checked and brought into the form it is kept in. */
#include "registry/canonical.h"
#include "registry/other_types.h"
#include "registry/store.h"
#include "wire/avro.h"

enum { MAX_REFERENCE_DEPTH = 64 };

/* Texts of referenced schemas, each after those that it refers to itself. */
struct closure {
    VEC(struct str) texts;
    VEC(const struct index_version *) seen;
    struct arena *arena;
    int depth;
    bool with_deleted;
};

/* A reference from a subject in a context stays in that context unless it names one itself. */
static struct str referenced_subject(struct str from, struct str to, struct arena *arena)
{
    struct str context = index_context_of(from);
    if (str_is(context, ".") || str_starts(to, ":."))
        return index_normal_subject(to, arena);
    return arena_printf(arena, ":" STR_FMT ":" STR_FMT, STR_ARG(context), STR_ARG(to));
}

static bool is_seen(const struct closure *c, const struct index_version *v)
{
    vec_each (&c->seen, known)
        if (*known == v)
            return true;
    return false;
}

static int close_over(const struct index *x, struct str from, const struct registry_reference *references, size_t n,
                      struct closure *c, struct error *err)
{
    if (++c->depth > MAX_REFERENCE_DEPTH)
        return error_set(err, ERROR_INVALID_SCHEMA, "references lead deeper than %d schemas", MAX_REFERENCE_DEPTH);
    for (size_t i = 0; i < n; i++) {
        struct str subject = referenced_subject(from, references[i].subject, c->arena);
        const struct index_version *v = index_version(x, subject, references[i].version);
        if (!v || (v->deleted && !c->with_deleted))
            return error_set(err, ERROR_INVALID_SCHEMA,
                             "No schema reference found for subject \"" STR_FMT "\" and version %d", STR_ARG(subject),
                             references[i].version);
        if (is_seen(c, v))
            continue;
        if (c->seen.len == REGISTRY_MAX_REFERENCES)
            return error_set(err, ERROR_INVALID_SCHEMA, "references lead to more than %d schemas",
                             REGISTRY_MAX_REFERENCES);
        *vec_push(&c->seen) = v;
        const struct registry_schema *content = &v->schema->content;
        int rc = close_over(x, subject, content->references, content->n_references, c, err);
        if (rc != 0)
            return rc;
        *vec_push(&c->texts) = arena_str(c->arena, content->schema);
    }
    c->depth--;
    return 0;
}

static int find_references(struct registry_store *r, const struct registry_schema *schema, struct closure *c,
                           struct error *err)
{
    pthread_rwlock_rdlock(&r->lock);
    int rc = close_over(&r->index, schema->subject, schema->references, schema->n_references, c, err);
    pthread_rwlock_unlock(&r->lock);
    return rc;
}

static int rewrite(struct str text, enum canonical_form form, const struct closure *c, struct arena *arena,
                   struct str *ret, struct error *err)
{
    AUTO_BUF out = {0};
    int rc = canonical_avro(text, form, c->texts.items, c->texts.len, &out, err);
    if (rc == 0)
        *ret = arena_str(arena, buf_str(&out));
    return rc;
}

static int check_avro(struct str expanded, bool is_new, struct error *err)
{
    struct avro_schema *parsed = NULL;
    int rc = avro_schema_parse(expanded, &parsed, err);
    if (rc == 0 && is_new)
        rc = avro_schema_check_defaults(parsed, err);
    avro_schema_free(parsed);
    return rc;
}

static int parse_avro(const struct registry_request *request, bool is_new, const struct closure *c, struct arena *arena,
                      struct str *ret, struct error *err)
{
    struct str text, expanded;
    enum canonical_form form = request->normalize ? CANONICAL_NORMALIZED : CANONICAL_STORED;
    int rc = rewrite(request->schema.schema, form, c, arena, &text, err);
    if (rc == 0)
        rc = rewrite(request->schema.schema, CANONICAL_EXPANDED, c, arena, &expanded, err);
    if (rc == 0)
        rc = check_avro(expanded, is_new, err);
    if (rc == 0)
        *ret = text;
    return rc;
}

static int parse_other(const struct registry_schema *schema, struct arena *arena, struct str *ret, struct error *err)
{
    AUTO_BUF text = {0};
    int rc;
    if (str_is(schema->type, "JSON"))
        rc = registry_text_json(schema->schema, &text, err);
    else if (str_is(schema->type, "PROTOBUF"))
        rc = registry_text_protobuf(schema->schema, &text, err);
    else
        rc = error_set(err, ERROR_INVALID_SCHEMA, "the types are AVRO, JSON and PROTOBUF");
    if (rc == 0)
        *ret = arena_str(arena, buf_str(&text));
    return rc;
}

enum registry_code registry_store_parse(struct registry_store *r, const struct registry_request *request, bool is_new,
                                        struct arena *arena, struct registry_schema *ret, struct error *err)
{
    struct closure c = {.arena = arena, .with_deleted = !is_new};
    struct error cause = {0};
    struct registry_schema schema = request->schema;
    if (schema.type.len == 0)
        schema.type = STR("AVRO");
    int rc = find_references(r, &schema, &c, &cause);
    if (rc == 0 && !str_is(schema.type, "AVRO"))
        rc = parse_other(&schema, arena, &schema.schema, &cause);
    else if (rc == 0)
        rc = parse_avro(request, is_new, &c, arena, &schema.schema, &cause);
    vec_free(&c.texts);
    vec_free(&c.seen);
    if (rc != 0) {
        struct error text;
        error_set(&text, ERROR_INVALID_SCHEMA, "Invalid schema of type " STR_FMT ", details: %s", STR_ARG(schema.type),
                  cause.text);
        return registry_fail(err, REGISTRY_BAD_SCHEMA, text.text);
    }
    *ret = schema;
    return REGISTRY_OK;
}

enum registry_code registry_store_expand(struct registry_store *r, const struct registry_schema *schema,
                                         struct arena *arena, struct str *ret, struct error *err)
{
    struct closure c = {.arena = arena, .with_deleted = true};
    struct error cause = {0};
    int rc = find_references(r, schema, &c, &cause);
    if (rc == 0)
        rc = rewrite(schema->schema, CANONICAL_EXPANDED, &c, arena, ret, &cause);
    vec_free(&c.texts);
    vec_free(&c.seen);
    return rc == 0 ? REGISTRY_OK : registry_fail(err, REGISTRY_BAD_SCHEMA, cause.text);
}
