#include "sources/postgres/table.h"

#include "debezium/names.h"
#include "debezium/schemas.h"

struct schema *pgc_source_schema(bool v1)
{
    struct schema *s = schema_new(SCHEMA_STRUCT);
    schema_set_name(s, STR("io.debezium.connector.postgresql.Source"), SCHEMA_NO_VERSION);
    debezium_add_field(s, "version", SCHEMA_STRING, v1);
    debezium_add_field(s, "connector", SCHEMA_STRING, v1);
    debezium_add_field(s, "name", SCHEMA_STRING, false);
    if (v1) {
        debezium_add_field(s, "db", SCHEMA_STRING, false);
        debezium_add_field(s, "ts_usec", SCHEMA_INT64, true);
        debezium_add_field(s, "txId", SCHEMA_INT64, true);
        debezium_add_field(s, "lsn", SCHEMA_INT64, true);
        debezium_add_field(s, "schema", SCHEMA_STRING, true);
        debezium_add_field(s, "table", SCHEMA_STRING, true);
        struct schema *snapshot = schema_new(SCHEMA_BOOLEAN);
        struct value no = value_bool(false);
        schema_set_optional(snapshot);
        schema_set_default(snapshot, &no);
        schema_add_field(s, STR("snapshot"), snapshot);
        schema_unref(snapshot);
        debezium_add_field(s, "last_snapshot_record", SCHEMA_BOOLEAN, true);
        debezium_add_field(s, "xmin", SCHEMA_INT64, true);
        return s;
    }
    debezium_add_field(s, "ts_ms", SCHEMA_INT64, false);
    debezium_add_snapshot_field(s);
    debezium_add_field(s, "db", SCHEMA_STRING, false);
    debezium_add_field(s, "schema", SCHEMA_STRING, false);
    debezium_add_field(s, "table", SCHEMA_STRING, false);
    debezium_add_field(s, "txId", SCHEMA_INT64, true);
    debezium_add_field(s, "lsn", SCHEMA_INT64, true);
    debezium_add_field(s, "xmin", SCHEMA_INT64, true);
    return s;
}

/* FNV-1a: only to see whether two descriptions are the same. */
static uint64_t mix(uint64_t h, const void *ptr, size_t len)
{
    const uint8_t *p = ptr;
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return (h ^ len) * 0x100000001b3u;
}

uint64_t pgc_table_signature(const struct pgc_table_info *info)
{
    uint64_t h = mix(0xcbf29ce484222325u, info->schema.ptr, info->schema.len);
    h = mix(h, info->name.ptr, info->name.len);
    for (size_t i = 0; i < info->n; i++) {
        const struct pgc_column_info *c = &info->columns[i];
        int64_t facts[] = {c->type, c->typmod, c->optional, c->key};
        h = mix(mix(h, c->name.ptr, c->name.len), facts, sizeof facts);
    }
    return h;
}

/* ---- making ---- */

static void fill_source(struct pgc_table *t, const struct pgc_config *c)
{
    bool v1 = c->source_version == 1;
    struct value *s = t->source = arena_zalloc(&t->arena, sizeof(struct value) * SOURCE1_FIELDS);
    struct value name = value_str(arena_str(&t->arena, c->server_name));
    struct value db = value_str(arena_str(&t->arena, c->dbname));
    s[SOURCE_VERSION] = value_str(STR(DEBEZIUM_VERSION));
    s[SOURCE_CONNECTOR] = value_str(STR("postgresql"));
    s[SOURCE_NAME] = name;
    s[v1 ? (int)SOURCE1_DB : (int)SOURCE_DB] = db;
    s[v1 ? (int)SOURCE1_SCHEMA : (int)SOURCE_SCHEMA] = value_str(t->schema);
    s[v1 ? (int)SOURCE1_TABLE : (int)SOURCE_TABLE] = value_str(t->name);
}

static void name_table(struct pgc_table *t, const struct pgc_tables_env *env, const struct pgc_table_info *info)
{
    t->oid = info->oid;
    t->schema = arena_str(&t->arena, info->schema);
    t->name = arena_str(&t->arena, info->name);
    t->full_name = arena_printf(&t->arena, STR_FMT "." STR_FMT, STR_ARG(t->schema), STR_ARG(t->name));
    struct str whole =
        arena_printf(&t->arena, STR_FMT "." STR_FMT, STR_ARG(env->config->server_name), STR_ARG(t->full_name));
    t->topic = debezium_topic_name(whole, &t->arena);
}

static struct str schema_part(struct pgc_table *t, const char *suffix)
{
    /* made of the topic's own parts: "server.schema.table.Value" */
    struct str raw = arena_printf(&t->arena, STR_FMT ".%s", STR_ARG(t->topic), suffix);
    return debezium_schema_name(raw, &t->arena);
}

static bool names_column(struct str list, struct str name)
{
    while (list.ptr && list.len)
        if (str_equal(str_trim(str_split(list, ',', &list)), name))
            return true;
    return false;
}

static void propagate(struct schema *s, const struct pgc_mapping *m, struct str type)
{
    AUTO_BUF upper = {0}, number = {0};
    for (size_t i = 0; i < type.len; i++)
        buf_add_char(&upper, (char)(type.ptr[i] >= 'a' && type.ptr[i] <= 'z' ? type.ptr[i] - 32 : type.ptr[i]));
    schema_add_param(s, STR("__debezium.source.column.type"), buf_str(&upper));
    buf_add_int64(&number, m->length);
    schema_add_param(s, STR("__debezium.source.column.length"), buf_str(&number));
    buf_clear(&number);
    buf_add_int64(&number, m->scale);
    schema_add_param(s, STR("__debezium.source.column.scale"), buf_str(&number));
}

static bool is_characters(const struct pgc_conv *c)
{
    return c->op == PGC_TEXT;
}

static void apply_rules(struct pgc_table *t, struct pgc_column *c, const struct pgc_tables_env *env, struct str full)
{
    enum { MASK_MAX = 1024 * 1024 };
    const struct debezium_column_rule *rule = debezium_filter_rule(env->filter, full);
    c->truncate = DEBEZIUM_NO_LIMIT;
    if (!rule || !is_characters(&c->conv))
        return;
    if (!rule->mask) {
        c->truncate = rule->chars;
        return;
    }
    size_t n = rule->chars < MASK_MAX ? (size_t)rule->chars : MASK_MAX;
    char *stars = arena_alloc(&t->arena, n + 1);
    memset(stars, '*', n);
    c->masked = true;
    c->mask = value_str(str_of(stars, n));
}

static void add_column(struct pgc_table *t, struct pgc_column *c, const struct pgc_column_info *info,
                       const struct pgc_tables_env *env, struct schema *row, const struct schema **key_field)
{
    struct pgc_mapping m;
    pgc_map_type(env->types, env->config, info->type, info->typmod, &t->arena, &m);
    struct str full = arena_printf(&t->arena, STR_FMT "." STR_FMT, STR_ARG(t->full_name), STR_ARG(info->name));
    struct str field = env->config->sanitize ? debezium_field_name(info->name, &t->arena) : info->name;
    *c = (struct pgc_column){.conv = m.conv,
                             .field = PGC_NO_FIELD,
                             .key_field = PGC_NO_FIELD,
                             .truncate = DEBEZIUM_NO_LIMIT,
                             .optional = info->optional};
    c->name = arena_str(&t->arena, field);
    c->unsent = info->unsent;
    if (!m.schema)
        return;
    if (info->optional)
        schema_set_optional(m.schema);
    c->fallback = info->optional ? value_null() : pgc_fallback(&m.conv, &t->arena);
    c->placeholder = m.toast_text ? env->placeholder_text : m.toast_bytes ? env->placeholder_bytes : c->fallback;
    *key_field = schema_copy(m.schema);
    if (debezium_filter_column(env->filter, full)) {
        struct str type = info->serial.ptr ? info->serial : m.type_name;
        struct str full_type = arena_printf(&t->arena, STR_FMT "." STR_FMT, STR_ARG(t->full_name), STR_ARG(type));
        apply_rules(t, c, env, full);
        if (c->masked)
            schema_add_param(m.schema, STR("masked"), STR("true"));
        if (c->truncate >= 0)
            schema_add_param(m.schema, STR("truncateLength"), arena_printf(&t->arena, "%d", c->truncate));
        if (debezium_filter_propagates(env->filter, full, full_type))
            propagate(m.schema, &m, type);
        c->field = (int)t->n_fields++;
        schema_add_field(row, c->name, m.schema);
    }
    schema_unref(m.schema);
}

static int key_rank(const struct pgc_table_info *info, const struct pgc_tables_env *env, const struct pgc_table *t,
                    size_t i)
{
    struct str own = debezium_filter_key(env->filter, t->full_name);
    if (own.ptr)
        return names_column(own, info->columns[i].name) ? (int)i + 1 : 0;
    if (!info->columns[i].key)
        return 0;
    return info->key_in_order ? info->columns[i].key : (int)i + 1;
}

static void make_key(struct pgc_table *t, const struct pgc_table_info *info, const struct pgc_tables_env *env,
                     const struct schema **fields)
{
    struct schema *key = schema_new(SCHEMA_STRUCT);
    schema_set_name(key, schema_part(t, "Key"), SCHEMA_NO_VERSION);
    for (int last = 0;;) { /* the columns by their rank */
        size_t best = t->n;
        int rank = INT32_MAX;
        for (size_t i = 0; i < t->n; i++) {
            int r = fields[i] ? key_rank(info, env, t, i) : 0;
            if (r > last && r < rank) {
                rank = r;
                best = i;
            }
        }
        if (best == t->n)
            break;
        t->columns[best].key_field = (int)t->n_key++;
        schema_add_field(key, t->columns[best].name, fields[best]);
        last = rank;
    }
    if (t->n_key)
        t->key = key;
    else
        schema_unref(key);
}

struct pgc_table *pgc_table_new(const struct pgc_tables_env *env, const struct pgc_table_info *info)
{
    struct pgc_table *t = mem_new(struct pgc_table);
    t->arena.chunk_size = 4096;
    name_table(t, env, info);
    fill_source(t, env->config);
    t->n = info->n;
    t->columns = arena_zalloc(&t->arena, sizeof(struct pgc_column) * (info->n + 1));
    t->signature = pgc_table_signature(info);
    struct schema *row = schema_new(SCHEMA_STRUCT);
    schema_set_name(row, schema_part(t, "Value"), SCHEMA_NO_VERSION);
    const struct schema **fields = arena_zalloc(&t->arena, sizeof(void *) * (info->n + 1));
    for (size_t i = 0; i < info->n; i++)
        add_column(t, &t->columns[i], &info->columns[i], env, row, &fields[i]);
    schema_set_optional(row);
    t->row = row;
    make_key(t, info, env, fields);
    for (size_t i = 0; i < info->n; i++)
        schema_unref(fields[i]);
    t->envelope = debezium_schema_envelope(schema_part(t, "Envelope"), row, env->source);
    return t;
}

void pgc_table_free(struct pgc_table *t)
{
    if (!t)
        return;
    schema_unref(t->row);
    schema_unref(t->key);
    schema_unref(t->envelope);
    arena_free(&t->arena);
    free(t);
}

/* ---- rows ---- */

/* The first `chars` UTF-16 units, as Java counts; a pair of them is not torn apart. */
static struct value cut(struct value v, int32_t chars)
{
    size_t i = 0;
    int64_t units = 0;
    while (i < v.len) {
        unsigned char c = (unsigned char)v.str[i];
        size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        units += n == 4 ? 2 : 1;
        if (units > chars)
            break;
        i += n;
    }
    if (i < v.len)
        v.len = (uint32_t)i;
    return v;
}

int pgc_table_row(const struct pgc_table *t, const struct pgoutput_cell *cells, size_t n, const struct value *old,
                  struct arena *arena, struct value *ret_value, struct value *ret_key, struct error *err)
{
    if (n != t->n)
        return error_set(err, ERROR_DATA, "table " STR_FMT ": a row has %zu columns, its description %zu",
                         STR_ARG(t->full_name), n, t->n);
    struct value *values = arena_array(arena, struct value, t->n_fields + 1);
    struct value *keys = arena_array(arena, struct value, t->n_key + 1);
    for (size_t i = 0; i < n; i++) {
        const struct pgc_column *c = &t->columns[i];
        if (c->field < 0 && c->key_field < 0)
            continue;
        struct value v = value_null();
        bool unchanged = cells[i].kind == PGOUTPUT_UNCHANGED;
        if (c->unsent) {
            v = c->fallback;
        } else if (cells[i].kind == PGOUTPUT_TEXT) {
            int code = pgc_convert(&c->conv, (char *)(uintptr_t)cells[i].data, cells[i].len, arena, &v, err);
            if (code)
                return error_context(err, "table " STR_FMT ", column " STR_FMT, STR_ARG(t->full_name),
                                     STR_ARG(c->name));
        } else if (unchanged) {
            v = old && c->field >= 0 && !value_is_null(&old[c->field]) ? old[c->field] : c->placeholder;
        } else if (cells[i].kind == PGOUTPUT_BINARY) {
            return error_set(err, ERROR_DATA, "table " STR_FMT ": a binary column was not asked for",
                             STR_ARG(t->full_name));
        }
        if (value_is_null(&v))
            v = c->fallback;
        if (c->key_field >= 0)
            keys[c->key_field] = v;
        if (c->field < 0)
            continue;
        if (c->masked)
            v = c->mask;
        else if (c->truncate >= 0 && !value_is_null(&v))
            v = cut(v, c->truncate);
        values[c->field] = v;
    }
    *ret_value = value_items(VALUE_STRUCT, values, t->n_fields);
    *ret_key = t->key ? value_items(VALUE_STRUCT, keys, t->n_key) : value_null();
    return 0;
}
