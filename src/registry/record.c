#include "registry/record.h"

#include "base/error.h"
#include "wire/json.h"

static const struct {
    const char *name;
    int magic;
} types[] = {
    [RECORD_SCHEMA] = {"SCHEMA", 1},
    [RECORD_CONFIG] = {"CONFIG", 0},
    [RECORD_MODE] = {"MODE", 0},
    [RECORD_DELETE_SUBJECT] = {"DELETE_SUBJECT", 0},
    [RECORD_CLEAR_SUBJECT] = {"CLEAR_SUBJECT", 0},
    [RECORD_CONTEXT] = {"CONTEXT", 0},
    [RECORD_NOOP] = {"NOOP", 0},
    [RECORD_OTHER] = {"", 0},
};

const char *const registry_mode_names[] = {"", "READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT", "FORWARD"};

enum registry_mode registry_mode_of(struct str name)
{
    for (enum registry_mode mode = MODE_READWRITE; mode <= MODE_FORWARD; mode++)
        if (str_is_nocase(name, registry_mode_names[mode]))
            return mode;
    return MODE_NONE;
}

const char *const registry_level_names[] = {
    "", "NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"};

enum registry_level registry_level_of(struct str name)
{
    for (enum registry_level level = LEVEL_NONE; level <= LEVEL_FULL_TRANSITIVE; level++)
        if (str_is_nocase(name, registry_level_names[level]))
            return level;
    return LEVEL_UNSET;
}

/* ---- reading ---- */

static int read_object(struct str text, struct arena *arena, struct value *ret, struct error *err)
{
    struct error cause = {0};
    if (json_read(text, arena, ret, &cause) != 0)
        return error_set(err, ERROR_CORRUPT, "not JSON: %s", cause.text);
    if (ret->type != VALUE_MAP)
        return error_set(err, ERROR_CORRUPT, "not a JSON object");
    return 0;
}

/* *ret is STR_NULL when the member is absent or null. */
static int read_text(const struct value *object, const char *name, struct str *ret, struct error *err)
{
    const struct value *v = value_map_get(object, str_from(name));
    if (!v || value_is_null(v)) {
        *ret = STR_NULL;
        return 0;
    }
    if (v->type != VALUE_STRING)
        return error_set(err, ERROR_CORRUPT, "\"%s\" is not a string", name);
    *ret = value_as_str(v);
    return 0;
}

static int read_number(const struct value *object, const char *name, int32_t min, int32_t *ret, struct error *err)
{
    const struct value *v = value_map_get(object, str_from(name));
    if (!v || v->type != VALUE_INT64 || v->i < min || v->i > INT32_MAX)
        return error_set(err, ERROR_CORRUPT, "\"%s\" is not a number from %d to %d", name, min, INT32_MAX);
    *ret = (int32_t)v->i;
    return 0;
}

static int check_subject(struct str subject, struct error *err)
{
    if (!subject.ptr)
        return error_set(err, ERROR_CORRUPT, "no \"subject\"");
    if (subject.len > REGISTRY_MAX_SUBJECT)
        return error_set(err, ERROR_CORRUPT, "\"subject\" has more than %d bytes", REGISTRY_MAX_SUBJECT);
    return 0;
}

static enum record_type type_of(struct str name)
{
    for (enum record_type type = RECORD_SCHEMA; type < RECORD_OTHER; type++)
        if (str_is(name, types[type].name))
            return type;
    return RECORD_OTHER;
}

int record_key_read(struct str text, struct arena *arena, struct record_key *ret, struct error *err)
{
    struct value object;
    struct record_key key = {0};
    struct str name;
    int rc = read_object(text, arena, &object, err);
    if (rc == 0)
        rc = read_text(&object, "keytype", &name, err);
    if (rc != 0)
        return rc;
    if (!name.ptr)
        return error_set(err, ERROR_CORRUPT, "no \"keytype\"");
    key.type = type_of(name);
    if (key.type != RECORD_OTHER)
        rc = read_text(&object, "subject", &key.subject, err);
    if (rc == 0 && (key.type == RECORD_SCHEMA || key.type == RECORD_DELETE_SUBJECT))
        rc = check_subject(key.subject, err);
    if (rc == 0 && key.type == RECORD_SCHEMA) {
        int32_t magic = 0;
        rc = read_number(&object, "magic", 0, &magic, err);
        if (rc == 0 && magic > types[RECORD_SCHEMA].magic)
            rc = error_set(err, ERROR_CORRUPT, "a key of a later form (magic %d)", magic);
        if (rc == 0)
            rc = read_number(&object, "version", 1, &key.version, err);
    }
    if (rc == 0)
        *ret = key;
    return rc;
}

int record_read_references(const struct value *list, struct arena *arena, struct registry_schema *ret,
                           struct error *err)
{
    if (!list || value_is_null(list))
        return 0;
    if (list->type != VALUE_ARRAY)
        return error_set(err, ERROR_CORRUPT, "\"references\" is not an array");
    if (list->len > REGISTRY_MAX_REFERENCES)
        return error_set(err, ERROR_CORRUPT, "more than %d references", REGISTRY_MAX_REFERENCES);
    struct registry_reference *references = arena_array(arena, struct registry_reference, list->len + 1);
    for (uint32_t i = 0; i < list->len; i++) {
        struct registry_reference *reference = &references[i];
        if (list->items[i].type != VALUE_MAP)
            return error_set(err, ERROR_CORRUPT, "reference %u is not an object", i);
        int rc = read_text(&list->items[i], "name", &reference->name, err);
        if (rc == 0)
            rc = read_text(&list->items[i], "subject", &reference->subject, err);
        if (rc == 0)
            rc = check_subject(reference->subject, err);
        if (rc == 0)
            rc = read_number(&list->items[i], "version", -1, &reference->version, err);
        if (rc != 0)
            return error_context(err, "reference %u", i);
    }
    ret->references = references;
    ret->n_references = list->len;
    return 0;
}

/* Appends the members that `wanted` picks, each as `,"name":value`. */
static int copy_members(const struct value *object, bool (*wanted)(struct str name), struct arena *arena,
                        struct str *ret, struct error *err)
{
    struct buf out = {0};
    int rc = 0;
    for (uint32_t i = 0; i < object->len && rc == 0; i++) {
        struct str name = value_as_str(&object->items[2 * i]);
        if (!wanted(name) || value_is_null(&object->items[2 * i + 1]))
            continue;
        buf_add_char(&out, ',');
        json_write_string(&out, name);
        buf_add_char(&out, ':');
        rc = json_write_value(&object->items[2 * i + 1], &out, err);
    }
    if (rc == 0)
        *ret = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return rc;
}

static bool is_attribute(struct str name)
{
    return str_is(name, "metadata") || str_is(name, "ruleSet");
}

static bool is_extra(struct str name)
{
    static const char *const known[] = {"subject", "version", "id",       "schemaType", "references",
                                        "schema",  "deleted", "metadata", "ruleSet",    NULL};
    for (const char *const *k = known; *k; k++)
        if (str_is(name, *k))
            return false;
    return true;
}

int record_read_attributes(const struct value *object, struct arena *arena, struct str *ret, struct error *err)
{
    return copy_members(object, is_attribute, arena, ret, err);
}

int record_schema_read(struct str text, struct arena *arena, struct registry_schema *ret, struct error *err)
{
    struct value object;
    struct registry_schema schema = {0};
    int rc = read_object(text, arena, &object, err);
    if (rc == 0)
        rc = read_text(&object, "subject", &schema.subject, err);
    if (rc == 0)
        rc = check_subject(schema.subject, err);
    if (rc == 0)
        rc = read_number(&object, "version", 1, &schema.version, err);
    if (rc == 0)
        rc = read_number(&object, "id", 0, &schema.id, err);
    if (rc == 0)
        rc = read_text(&object, "schema", &schema.schema, err);
    if (rc == 0 && !schema.schema.ptr)
        rc = error_set(err, ERROR_CORRUPT, "no \"schema\"");
    if (rc == 0)
        rc = read_text(&object, "schemaType", &schema.type, err);
    if (rc == 0)
        rc = record_read_references(value_map_get(&object, STR("references")), arena, &schema, err);
    if (rc == 0)
        rc = record_read_attributes(&object, arena, &schema.attributes, err);
    if (rc == 0)
        rc = copy_members(&object, is_extra, arena, &schema.extra, err);
    if (rc != 0)
        return rc;
    const struct value *deleted = value_map_get(&object, STR("deleted"));
    schema.deleted = deleted && deleted->type == VALUE_BOOLEAN && deleted->b;
    if (!schema.type.ptr)
        schema.type = STR("AVRO");
    *ret = schema;
    return 0;
}

int record_delete_read(struct str text, struct arena *arena, int32_t *ret_version, struct error *err)
{
    struct value object;
    int rc = read_object(text, arena, &object, err);
    return rc != 0 ? rc : read_number(&object, "version", 0, ret_version, err);
}

int record_mode_read(struct str text, struct arena *arena, enum registry_mode *ret, struct error *err)
{
    struct value object;
    struct str name;
    int rc = read_object(text, arena, &object, err);
    if (rc == 0)
        rc = read_text(&object, "mode", &name, err);
    if (rc != 0)
        return rc;
    enum registry_mode mode = registry_mode_of(name);
    if (mode == MODE_NONE)
        return error_set(err, ERROR_CORRUPT, "unknown \"mode\" " STR_FMT, STR_ARG(name));
    *ret = mode;
    return 0;
}

static bool is_config_extra(struct str name)
{
    return !str_is(name, "subject") && !str_is(name, "compatibilityLevel") && !str_is(name, "normalize") &&
           !str_is(name, "compatibilityGroup");
}

int record_config_read(struct str text, struct arena *arena, struct registry_config *ret, struct error *err)
{
    struct value object;
    struct registry_config config = {0};
    struct str level = STR_NULL;
    int rc = read_object(text, arena, &object, err);
    if (rc == 0)
        rc = read_text(&object, "compatibilityLevel", &level, err);
    if (rc == 0)
        rc = read_text(&object, "compatibilityGroup", &config.group, err);
    if (rc == 0)
        rc = copy_members(&object, is_config_extra, arena, &config.extra, err);
    if (rc != 0)
        return rc;
    config.level = registry_level_of(level);
    if (level.ptr && config.level == LEVEL_UNSET)
        return error_set(err, ERROR_CORRUPT, "unknown \"compatibilityLevel\" " STR_FMT, STR_ARG(level));
    const struct value *normalize = value_map_get(&object, STR("normalize"));
    if (normalize && normalize->type == VALUE_BOOLEAN)
        config.normalize = normalize->b ? SWITCH_ON : SWITCH_OFF;
    *ret = config;
    return 0;
}

int record_ids_read(struct str text, struct arena *arena, void (*each)(void *ctx, struct str context, int32_t id),
                    void *ctx, struct error *err)
{
    struct value object;
    int rc = read_object(text, arena, &object, err);
    if (rc != 0)
        return rc;
    const struct value *ids = value_map_get(&object, STR(RECORD_MAX_IDS));
    if (!ids || ids->type != VALUE_MAP)
        return 0;
    for (uint32_t i = 0; i < ids->len; i++) {
        const struct value *id = &ids->items[2 * i + 1];
        if (id->type == VALUE_INT64 && id->i > 0 && id->i < INT32_MAX)
            each(ctx, value_as_str(&ids->items[2 * i]), (int32_t)id->i);
    }
    return 0;
}

/* ---- writing ---- */

void record_key_write(const struct record_key *key, struct buf *out)
{
    buf_printf(out, "{\"keytype\":\"%s\"", types[key->type].name);
    if (key->subject.ptr) {
        buf_add_literal(out, ",\"subject\":");
        json_write_string(out, key->subject);
    }
    if (key->type == RECORD_SCHEMA)
        buf_printf(out, ",\"version\":%d", key->version);
    buf_printf(out, ",\"magic\":%d}", types[key->type].magic);
}

void record_write_references(const struct registry_reference *references, size_t n, struct buf *out)
{
    if (n == 0)
        return;
    buf_add_literal(out, ",\"references\":[");
    for (size_t i = 0; i < n; i++) {
        buf_add_cstr(out, i ? ",{\"name\":" : "{\"name\":");
        json_write_string(out, references[i].name);
        buf_add_literal(out, ",\"subject\":");
        json_write_string(out, references[i].subject);
        buf_printf(out, ",\"version\":%d}", references[i].version);
    }
    buf_add_char(out, ']');
}

void record_schema_write(const struct registry_schema *schema, struct buf *out)
{
    buf_add_literal(out, "{\"subject\":");
    json_write_string(out, schema->subject);
    buf_printf(out, ",\"version\":%d,\"id\":%d", schema->version, schema->id);
    buf_add_str(out, schema->extra);
    if (!str_is(schema->type, "AVRO")) {
        buf_add_literal(out, ",\"schemaType\":");
        json_write_string(out, schema->type);
    }
    record_write_references(schema->references, schema->n_references, out);
    buf_add_str(out, schema->attributes);
    buf_add_literal(out, ",\"schema\":");
    json_write_string(out, schema->schema);
    buf_printf(out, ",\"deleted\":%s}", schema->deleted ? "true" : "false");
}

static void write_subject(struct str subject, struct buf *out)
{
    buf_add_char(out, '{');
    if (subject.ptr) {
        buf_add_literal(out, "\"subject\":");
        json_write_string(out, subject);
        buf_add_char(out, ',');
    }
}

void record_delete_write(struct str subject, int32_t version, struct buf *out)
{
    write_subject(subject, out);
    buf_printf(out, "\"version\":%d}", version);
}

void record_mode_write(struct str subject, enum registry_mode mode, struct buf *out)
{
    write_subject(subject, out);
    buf_printf(out, "\"mode\":\"%s\"}", registry_mode_names[mode]);
}

void record_write_config(const struct registry_config *config, const char *level_name, struct buf *out)
{
    if (config->normalize != SWITCH_UNSET)
        buf_printf(out, ",\"normalize\":%s", config->normalize == SWITCH_ON ? "true" : "false");
    if (config->level != LEVEL_UNSET)
        buf_printf(out, ",\"%s\":\"%s\"", level_name, registry_level_names[config->level]);
    if (config->group.ptr) {
        buf_add_literal(out, ",\"compatibilityGroup\":");
        json_write_string(out, config->group);
    }
    buf_add_str(out, config->extra);
}

void record_config_write(struct str subject, const struct registry_config *config, struct buf *out)
{
    size_t begin = out->len;
    if (subject.ptr) {
        buf_add_literal(out, ",\"subject\":");
        json_write_string(out, subject);
    }
    record_write_config(config, "compatibilityLevel", out);
    if (out->len == begin)
        buf_add_char(out, '{');
    out->data[begin] = '{';
    buf_add_char(out, '}');
}
