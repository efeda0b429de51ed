#include "registry/compat.h"

#include "wire/avro_compat.h"
#include "wire/json.h"

enum { MAX_SCHEMA_SHOWN = 10 * 1024 }; /* bytes of an old schema that a message shows */

struct compat {
    struct registry_store *registry;
    const struct registry_schema *schema;
    const struct avro_schema *parsed;
    const struct registry_config *config;
    struct arena *arena;
    VEC(struct str) messages;
    struct str reason;
};

static void add_message(struct compat *c, const struct buf *text)
{
    *vec_push(&c->messages) = arena_str(c->arena, buf_str(text));
}

static bool is_backward(enum registry_level level)
{
    return level == LEVEL_BACKWARD || level == LEVEL_BACKWARD_TRANSITIVE;
}

static bool is_forward(enum registry_level level)
{
    return level == LEVEL_FORWARD || level == LEVEL_FORWARD_TRANSITIVE;
}

static bool is_transitive(enum registry_level level)
{
    return level == LEVEL_BACKWARD_TRANSITIVE || level == LEVEL_FORWARD_TRANSITIVE || level == LEVEL_FULL_TRANSITIVE;
}

/* ---- messages ---- */

/* Confluent's words for one incompatibility; `reader` and `writer` are "new" and "old", or "old" and "new". */
static void describe(const struct avro_incompatibility *found, const char *reader, const char *writer, struct buf *out)
{
    struct str path = found->path, message = found->message;
    buf_printf(out, "{errorType:'%s', description:'", avro_mismatch_names[found->type]);
    switch (found->type) {
    case AVRO_FIXED_SIZE_MISMATCH:
        buf_printf(out,
                   "The size of FIXED type field at path '" STR_FMT
                   "' in the %s schema does not match with the %s schema",
                   STR_ARG(path), reader, writer);
        break;
    case AVRO_TYPE_MISMATCH:
        buf_printf(out, "The type (path '" STR_FMT "') of a field in the %s schema does not match with the %s schema",
                   STR_ARG(path), reader, writer);
        break;
    case AVRO_NAME_MISMATCH:
        buf_printf(out, "The name of the schema has changed (path '" STR_FMT "')", STR_ARG(path));
        break;
    case AVRO_MISSING_ENUM_SYMBOLS:
        buf_printf(out, "The %s schema is missing enum symbols '" STR_FMT "' at path '" STR_FMT "' in the %s schema",
                   reader, STR_ARG(message), STR_ARG(path), writer);
        break;
    case AVRO_MISSING_UNION_BRANCH:
        buf_printf(out, "The %s schema is missing a type inside a union field at path '" STR_FMT "' in the %s schema",
                   reader, STR_ARG(path), writer);
        break;
    case AVRO_READER_FIELD_MISSING_DEFAULT_VALUE:
        buf_printf(out,
                   "The field '" STR_FMT "' at path '" STR_FMT
                   "' in the %s schema has no default value and is missing in the %s schema",
                   STR_ARG(message), STR_ARG(path), reader, writer);
        break;
    }
    buf_printf(out, "', additionalInfo:'" STR_FMT "'}", STR_ARG(message));
}

static void add_old_schema(struct compat *c, const struct registry_schema *old)
{
    AUTO_BUF text = {0};
    buf_printf(&text, "{oldSchemaVersion: %d}", old->version);
    add_message(c, &text);
    buf_clear(&text);
    size_t shown = old->schema.len;
    if (shown <= MAX_SCHEMA_SHOWN) {
        buf_printf(&text, "{oldSchema: '" STR_FMT "'}", STR_ARG(old->schema));
    } else {
        shown = MAX_SCHEMA_SHOWN;
        while ((old->schema.ptr[shown] & 0xc0) == 0x80)
            shown--;
        buf_printf(&text, "{oldSchema: <truncated> '%.*s...'}", (int)shown, old->schema.ptr);
    }
    add_message(c, &text);
}

/* In one line, for the log of a connector. */
static void set_reason(struct compat *c, const struct registry_schema *old, bool new_reads,
                       const struct avro_incompatibility *found)
{
    if (c->reason.ptr)
        return;
    AUTO_BUF where = {0};
    if (found->field.len)
        buf_printf(&where, "field \"" STR_FMT "\"", STR_ARG(found->field));
    else
        buf_printf(&where, "\"" STR_FMT "\"", STR_ARG(found->path));
    struct str message = found->message;
    if (found->type == AVRO_READER_FIELD_MISSING_DEFAULT_VALUE)
        message = arena_printf(c->arena, "it has no default value, and %s has no such field",
                               new_reads ? "the earlier schema" : "the new schema");
    c->reason =
        arena_printf(c->arena, "%s version %d under compatibility level %s: " STR_FMT ": %s, " STR_FMT,
                     new_reads ? "the new schema cannot read the data of" : "the new schema's data cannot be read with",
                     old->version, registry_level_names[c->config->level], STR_ARG(buf_str(&where)),
                     avro_mismatch_names[found->type], STR_ARG(message));
}

/* ---- one earlier version ---- */

static void add_failure(struct compat *c, const struct registry_schema *old, const char *why)
{
    AUTO_BUF text = {0};
    buf_printf(&text, "Unexpected exception during compatibility check: %s", why);
    add_message(c, &text);
    if (!c->reason.ptr)
        c->reason = arena_printf(c->arena, "it cannot be compared with version %d: %s", old->version, why);
}

static void check_direction(struct compat *c, const struct registry_schema *old, const struct avro_schema *old_parsed,
                            bool new_reads)
{
    const struct avro_schema *reader = new_reads ? c->parsed : old_parsed;
    const struct avro_schema *writer = new_reads ? old_parsed : c->parsed;
    struct avro_incompatibility *found;
    struct error cause = {0};
    size_t n = 0;
    if (avro_compat_check(reader, writer, c->arena, &found, &n, &cause) != 0)
        add_failure(c, old, cause.text);
    for (size_t i = 0; i < n; i++) {
        AUTO_BUF text = {0};
        describe(&found[i], new_reads ? "new" : "old", new_reads ? "old" : "new", &text);
        add_message(c, &text);
        set_reason(c, old, new_reads, &found[i]);
    }
}

static int parse(struct compat *c, const struct registry_schema *schema, struct avro_schema **ret, struct error *err)
{
    struct str text;
    if (registry_store_expand(c->registry, schema, c->arena, &text, err) != REGISTRY_OK)
        return ERROR_INVALID_SCHEMA;
    return avro_schema_parse(text, ret, err);
}

/* Both directions: the old schema's look comes first, and what only it sees goes without the old schema's text. */
static void check_avro(struct compat *c, const struct registry_schema *old)
{
    enum registry_level level = c->config->level;
    struct avro_schema *old_parsed = NULL;
    struct error cause = {0};
    if (parse(c, old, &old_parsed, &cause) != 0) {
        add_failure(c, old, cause.text);
        return;
    }
    if (!is_backward(level))
        check_direction(c, old, old_parsed, false);
    size_t before = is_forward(level) ? 0 : c->messages.len;
    if (!is_forward(level))
        check_direction(c, old, old_parsed, true);
    if (c->messages.len > before)
        add_old_schema(c, old);
    avro_schema_free(old_parsed);
}

static enum registry_code check_one(struct compat *c, const struct registry_schema *old, struct error *err)
{
    AUTO_BUF text = {0};
    if (!str_equal(c->schema->type, old->type)) {
        buf_add_literal(&text, "Incompatible because of different schema type");
        add_message(c, &text);
        c->reason = arena_printf(c->arena, "version %d is of type " STR_FMT ", the new schema of type " STR_FMT,
                                 old->version, STR_ARG(old->type), STR_ARG(c->schema->type));
    } else if (str_is(old->type, "AVRO")) {
        check_avro(c, old);
    } else {
        buf_printf(&text,
                   "the compatibility of schemas of type " STR_FMT
                   " is not checked in this registry; set level NONE: PUT /config/" STR_FMT
                   " {\"compatibility\": \"NONE\"}",
                   STR_ARG(old->type), STR_ARG(c->schema->subject));
        return registry_fail(err, REGISTRY_NOT_HERE, buf_cstr(&text));
    }
    return REGISTRY_OK;
}

/* ---- all earlier versions ---- */

/* metadata.properties[group], STR_NULL when absent; `attributes` as registry_schema has them. */
static struct str group_value(struct str attributes, struct str group, struct arena *arena)
{
    struct value object;
    AUTO_BUF text = {0};
    if (attributes.len == 0)
        return STR_NULL;
    buf_add_str(&text, attributes);
    text.data[0] = '{';
    buf_add_char(&text, '}');
    if (json_read(arena_str(arena, buf_str(&text)), arena, &object, NULL) != 0)
        return STR_NULL;
    const struct value *v = &object;
    for (const char *const *name = (const char *const[]){"metadata", "properties", NULL}; v && *name; name++)
        v = v->type == VALUE_MAP ? value_map_get(v, str_from(*name)) : NULL;
    v = v && v->type == VALUE_MAP ? value_map_get(v, group) : NULL;
    return v && v->type == VALUE_STRING ? value_as_str(v) : STR_NULL;
}

static bool is_in_group(const struct compat *c, const struct registry_schema *old)
{
    struct str group = c->config->group;
    if (!group.ptr)
        return true;
    struct str one = group_value(c->schema->attributes, group, c->arena);
    struct str other = group_value(old->attributes, group, c->arena);
    return !one.ptr == !other.ptr && str_equal(one, other);
}

static enum registry_code check_all(struct compat *c, const struct registry_schema *earlier, size_t n,
                                    struct error *err)
{
    enum registry_code code = REGISTRY_OK;
    for (size_t i = n; i-- > 0 && code == REGISTRY_OK && c->messages.len == 0;) {
        if (!is_in_group(c, &earlier[i]))
            continue;
        code = check_one(c, &earlier[i], err);
        if (!is_transitive(c->config->level))
            break;
    }
    return code;
}

static void give(struct compat *c, struct registry_verdict *ret)
{
    if (c->messages.len > 0) {
        AUTO_BUF text = {0};
        buf_printf(&text, "{validateFields: 'false', compatibility: '%s'}", registry_level_names[c->config->level]);
        add_message(c, &text);
    }
    *ret = (struct registry_verdict){.n = c->messages.len, .reason = c->reason};
    ret->messages = arena_dup(c->arena, c->messages.items, c->messages.len * sizeof *c->messages.items);
}

enum registry_code registry_compat_check(struct registry_store *r, const struct registry_schema *schema,
                                         const struct registry_schema *earlier, size_t n,
                                         const struct registry_config *config, struct arena *arena,
                                         struct registry_verdict *ret, struct error *err)
{
    struct compat c = {.registry = r, .schema = schema, .config = config, .arena = arena};
    struct avro_schema *parsed = NULL;
    struct error cause = {0};
    *ret = (struct registry_verdict){0};
    if (config->level == LEVEL_NONE || n == 0)
        return REGISTRY_OK;
    if (str_is(schema->type, "AVRO") && parse(&c, schema, &parsed, &cause) != 0)
        return registry_fail(err, REGISTRY_BAD_SCHEMA, cause.text);
    c.parsed = parsed;
    enum registry_code code = check_all(&c, earlier, n, err);
    if (code == REGISTRY_OK)
        give(&c, ret);
    vec_free(&c.messages);
    avro_schema_free(parsed);
    return code;
}

struct str registry_compat_message(struct str subject, const struct registry_verdict *verdict, struct arena *arena)
{
    AUTO_BUF text = {0};
    buf_printf(&text, REGISTRY_INCOMPATIBLE_TEXT "[", (int)subject.len, subject.ptr);
    for (size_t i = 0; i < verdict->n; i++) {
        if (i > 0)
            buf_add_literal(&text, ", ");
        buf_add_str(&text, verdict->messages[i]);
    }
    buf_add_char(&text, ']');
    return arena_str(arena, buf_str(&text));
}
