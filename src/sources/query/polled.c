#include "sources/query/polled.h"

#include "base/log.h"
#include "wire/decimal.h"

int polled_init(struct polled *p, const struct plugin_config *config, const struct db_table *t, struct error *err)
{
    const struct query_config *c = config->parsed;
    *p = (struct polled){.config = c, .is_query = !t, .arena = {.chunk_size = 2048}};
    p->rules = (struct type_rules){query_numeric_mapping(config), (enum granularity)c->granularity};
    if (t) {
        p->table.catalog = arena_str(&p->arena, t->catalog);
        p->table.schema = arena_str(&p->arena, t->schema);
        p->table.name = arena_str(&p->arena, t->name);
        p->full_name = table_full_name(&p->table, &p->arena);
        p->label = arena_printf(&p->arena, "table " STR_FMT, STR_ARG(p->full_name));
    } else {
        p->full_name = STR("");
        p->label = STR("query");
        p->statement = query_statement(c, &p->arena);
    }
    p->topic = arena_printf(&p->arena, STR_FMT STR_FMT, STR_ARG(c->topic_prefix), (int)p->table.name.len,
                            p->table.name.ptr ? p->table.name.ptr : "");
    int code = table_keys_for(c, p->full_name, &p->arena, &p->keys, err);
    if (code)
        polled_release(p);
    return code;
}

void polled_release(struct polled *p)
{
    row_plan_release(&p->plan);
    arena_free(&p->arena);
    *p = (struct polled){0};
}

/* ---- position ---- */

static bool stored_offset(const struct source_env *env, const struct position_map *partition, struct query_offset *ret)
{
    struct arena arena = {.chunk_size = 512};
    struct position_map map;
    struct query_offset offset = {0};
    if (env->offset && env->offset(env->ctx, partition, &arena, &map))
        offset_read(&map, &offset);
    arena_free(&arena);
    if (!offset.has_timestamp && !offset.has_incrementing) /* also what mode bulk leaves behind */
        return false;
    *ret = offset;
    return true;
}

static bool find_stored(const struct polled *p, const struct source_env *env, struct query_offset *ret)
{
    struct position_entry entries[PARTITION_ENTRIES];
    struct position_map partition;
    if (p->is_query) {
        partition = partition_of_query(entries);
        return stored_offset(env, &partition, ret);
    }
    partition = partition_of_table(p->full_name, entries);
    if (stored_offset(env, &partition, ret))
        return true;
    partition = partition_of_table_v0(p->table.name, entries);
    return stored_offset(env, &partition, ret);
}

int polled_load_offset(struct polled *p, const struct source_env *env, const struct plugin_config *config,
                       struct db *db, struct error *err)
{
    int64_t initial, now;
    if (p->config->mode == MODE_BULK || find_stored(p, env, &p->offset))
        return 0;
    if (!query_uses_timestamp(p->config) || !query_timestamp_initial(config, &initial))
        return 0;
    if (initial == -1) {
        int code = db_now(db, &now, err);
        if (code)
            return code;
        initial = now / 1000000;
    }
    offset_set_ms(&p->offset, initial);
    return 0;
}

void polled_commit(struct polled *p, struct batch *batch, const struct query_offset *key)
{
    struct position_entry partition[PARTITION_ENTRIES], offset[OFFSET_ENTRIES];
    bool bulk = p->config->mode == MODE_BULK; /* an empty offset: there is nothing to go on after */
    struct position position = {
        .partition = p->is_query ? partition_of_query(partition)
                     : bulk      ? partition_of_table_v0(p->table.name, partition)
                                 : partition_of_table(p->full_name, partition),
        .offset = offset_write(key, offset),
    };
    p->offset = *key;
    p->split = false;
    batch_set_position(batch, &position);
}

/* ---- the columns of the criteria ---- */

static struct str quoted(struct polled *p, struct db *db, struct str name)
{
    AUTO_BUF text = {0};
    db_write_identifier(db, name, &text);
    return arena_str(&p->arena, buf_str(&text));
}

static void list_columns(const struct db_column *columns, size_t n, bool (*fits)(const struct db_column *),
                         struct buf *out)
{
    enum { SHOWN = 12 };
    size_t shown = 0;
    for (size_t i = 0; i < n && shown < SHOWN; i++)
        if (fits(&columns[i])) {
            buf_printf(out, "%s" STR_FMT, shown++ ? ", " : "", STR_ARG(columns[i].name));
        }
    if (!shown)
        buf_add_literal(out, "(there is none)");
}

struct columns {
    struct db_column *items;
    size_t n;
};

static const struct db_column *find_key(const struct polled *p, const struct columns *columns, const char *property,
                                        struct str name, bool (*fits)(const struct db_column *), const char *what,
                                        struct findings *findings)
{
    int at = column_find(columns->items, columns->n, name);
    AUTO_BUF others = {0};
    list_columns(columns->items, columns->n, fits, &others);
    if (at < 0) {
        findings_add(findings, FINDING_ERROR, str_from(property),
                     STR_FMT ": column \"" STR_FMT "\" does not exist; set %s to one of: %s", STR_ARG(p->label),
                     STR_ARG(name), property, buf_cstr(&others));
        return NULL;
    }
    const struct db_column *column = &columns->items[at];
    if (!fits(column)) {
        findings_add(findings, FINDING_ERROR, str_from(property),
                     STR_FMT ": column \"" STR_FMT "\" is of type " STR_FMT ", which is no %s; set %s to one of: %s",
                     STR_ARG(p->label), STR_ARG(name), STR_ARG(column->type_name), what, property, buf_cstr(&others));
        return NULL;
    }
    return column;
}

static bool increments_by_itself(const struct db_column *c)
{
    return c->auto_increment && column_can_increment(c);
}

static void resolve_incrementing(struct polled *p, struct db *db, const struct columns *columns,
                                 struct findings *findings)
{
    static const char property[] = "incrementing.column.name";
    const struct db_column *column = NULL;
    if (p->keys.incrementing.len) {
        column = find_key(p, columns, property, p->keys.incrementing, column_can_increment,
                          "integer or numeric without decimal places", findings);
        if (!column)
            return;
    }
    for (size_t i = 0; i < columns->n && !column && !p->is_query; i++)
        if (increments_by_itself(&columns->items[i]))
            column = &columns->items[i];
    if (!column) {
        AUTO_BUF others = {0};
        list_columns(columns->items, columns->n, column_can_increment, &others);
        findings_add(findings, FINDING_ERROR, str_from(property),
                     p->is_query ? STR_FMT ": set incrementing.column.name, which a query needs, to one of: %s"
                                 : STR_FMT ": no serial or identity column; set incrementing.column.name to one of: %s",
                     STR_ARG(p->label), buf_cstr(&others));
        return;
    }
    if (column->nullable && !p->is_query && p->config->validate_non_null)
        findings_add(findings, FINDING_ERROR, str_from(property),
                     STR_FMT ": the incrementing column \"" STR_FMT
                             "\" may be null, and rows with nulls would never be seen; make it NOT NULL, or set "
                             "validate.non.null=false",
                     STR_ARG(p->label), STR_ARG(column->name));
    p->incrementing = arena_str(&p->arena, column->name);
    p->criteria.incrementing = quoted(p, db, column->name);
}

static void resolve_timestamps(struct polled *p, struct db *db, const struct columns *columns,
                               struct findings *findings)
{
    static const char property[] = "timestamp.column.name";
    bool all_nullable = true;
    size_t n = p->keys.n_timestamps;
    p->timestamps = arena_zalloc(&p->arena, sizeof *p->timestamps * n);
    p->timestamps_at = arena_zalloc(&p->arena, sizeof *p->timestamps_at * n);
    p->criteria.timestamps = arena_zalloc(&p->arena, sizeof *p->criteria.timestamps * n);
    for (size_t i = 0; i < n; i++) {
        const struct db_column *column =
            find_key(p, columns, property, p->keys.timestamps[i], column_is_timestamp, "timestamp", findings);
        if (!column)
            return;
        all_nullable = all_nullable && column->nullable;
        p->timestamps[i] = arena_str(&p->arena, column->name);
        p->criteria.timestamps[i] = quoted(p, db, column->name);
    }
    if (all_nullable && !p->is_query && p->config->validate_non_null)
        findings_add(findings, FINDING_ERROR, str_from(property),
                     STR_FMT ": every timestamp column may be null (\"" STR_FMT
                             "\"), and rows with nulls there would never be seen; make one NOT NULL, or set "
                             "validate.non.null=false",
                     STR_ARG(p->label), STR_ARG(p->timestamps[0]));
    p->criteria.n_timestamps = n;
}

/* The columns that the table, or the query as it stands, gives. */
static int read_columns(const struct polled *p, struct db *db, struct arena *arena, struct columns *ret,
                        struct error *err)
{
    if (!p->is_query)
        return db_table_columns(db, &p->table, arena, &ret->items, &ret->n, err);
    struct db_cursor *c = NULL;
    const struct db_column *columns;
    int code = db_query(db, p->statement, &c, err);
    if (code)
        return code;
    ret->n = db_cursor_columns(c, &columns);
    ret->items = arena_dup(arena, columns, sizeof *columns * ret->n);
    for (size_t i = 0; i < ret->n; i++) {
        ret->items[i].name = arena_str(arena, columns[i].name);
        ret->items[i].type_name = arena_str(arena, columns[i].type_name);
    }
    db_cursor_close(c);
    return 0;
}

static void warn_of_columns(const struct polled *p, const struct columns *columns, struct findings *findings)
{
    for (size_t i = 0; i < columns->n; i++)
        if (column_loses_fraction(&columns->items[i], p->rules.numeric))
            findings_add(findings, FINDING_WARNING, STR("numeric.mapping"),
                         STR_FMT ": column \"" STR_FMT
                                 "\" is a numeric without precision: this mapping makes it an INT8, cuts fractions and "
                                 "fails beyond 127; declare it numeric(p,s), or set numeric.mapping=none",
                         STR_ARG(p->label), STR_ARG(columns->items[i].name));
    struct row_plan plan;
    struct error err = {0};
    if (row_plan_init(&plan, columns->items, columns->n, p->table.name, &p->rules, &err)) {
        findings_add(findings, FINDING_ERROR, p->is_query ? STR("query") : STR_NULL, STR_FMT ": %s", STR_ARG(p->label),
                     err.text);
        return;
    }
    for (size_t i = 0; i < columns->n; i++)
        if (plan.reps[i] == DB_AS_SKIP)
            findings_add(findings, FINDING_WARNING, p->is_query ? STR("query") : STR_NULL,
                         STR_FMT ": column \"" STR_FMT "\" is left out: JDBC's type of " STR_FMT
                                 " has no counterpart in Kafka Connect; cast it to text in `query` to have it",
                         STR_ARG(p->label), STR_ARG(columns->items[i].name), STR_ARG(columns->items[i].type_name));
    row_plan_release(&plan);
}

int polled_resolve(struct polled *p, struct db *db, struct findings *findings, struct error *err)
{
    struct arena arena = {0};
    struct columns columns;
    size_t errors = findings->errors;
    p->criteria = (struct criteria){.statement = p->statement, .suffix = p->config->query_suffix};
    int code = read_columns(p, db, &arena, &columns, err);
    if (code) {
        error_context(err, STR_FMT, STR_ARG(p->label));
        arena_free(&arena);
        return code;
    }
    if (!p->is_query) {
        AUTO_BUF name = {0};
        if (p->table.schema.len) {
            db_write_identifier(db, p->table.schema, &name);
            buf_add_char(&name, '.');
        }
        db_write_identifier(db, p->table.name, &name);
        p->criteria.table = arena_str(&p->arena, buf_str(&name));
    }
    if (query_uses_incrementing(p->config))
        resolve_incrementing(p, db, &columns, findings);
    if (query_uses_timestamp(p->config))
        resolve_timestamps(p, db, &columns, findings);
    warn_of_columns(p, &columns, findings);
    p->resolved = findings->errors == errors;
    arena_free(&arena);
    return 0;
}

/* ---- polling ---- */

static int write_timestamp(struct db *db, const struct query_offset *o, struct buf *out, struct error *err)
{
    struct db_literal literal = {.type = DB_LITERAL_TIMESTAMP, .i = o->seconds, .nanos = o->nanos};
    return db_write_literal(db, &literal, out, err);
}

int polled_write_sql(const struct polled *p, struct db *db, const struct query_offset *end, struct buf *sql,
                     struct error *err)
{
    AUTO_BUF begin_text = {0};
    AUTO_BUF end_text = {0};
    AUTO_BUF last_text = {0};
    int code = 0;
    if (p->criteria.n_timestamps) {
        code = write_timestamp(db, &p->offset, &begin_text, err); /* no offset: 1970-01-01 */
        if (!code)
            code = write_timestamp(db, end, &end_text, err);
    }
    struct db_literal last = {.type = DB_LITERAL_INT, .i = p->offset.has_incrementing ? p->offset.incrementing : -1};
    if (!code && p->criteria.incrementing.len)
        code = db_write_literal(db, &last, &last_text, err);
    if (code)
        return code;
    struct criteria_values values = {buf_str(&begin_text), buf_str(&end_text), buf_str(&last_text)};
    criteria_write(&p->criteria, &values, sql);
    return 0;
}

/* The time until which rows are complete: the database's, at the beginning of its millisecond, less the delay. */
static int end_of_poll(const struct polled *p, struct db *db, struct query_offset *ret, struct error *err)
{
    int64_t now;
    if (!p->criteria.n_timestamps)
        return 0;
    int code = db_now(db, &now, err);
    if (!code)
        offset_set_ms(ret, now / 1000000 - p->config->timestamp_delay_ms);
    return code;
}

/* Where the columns of the criteria stand in the result. */
static int place_keys(struct polled *p, struct error *err)
{
    const struct row_plan *plan = &p->plan;
    for (size_t i = 0; i < p->criteria.n_timestamps; i++) {
        int at = column_find(plan->columns, plan->n_columns, p->timestamps[i]);
        if (at < 0 || !column_is_timestamp(&plan->columns[at]))
            return error_set(err, ERROR_CONFIG, "the timestamp column \"" STR_FMT "\" is no longer there",
                             STR_ARG(p->timestamps[i]));
        p->timestamps_at[i] = (size_t)at;
    }
    if (p->criteria.incrementing.len) {
        int at = column_find(plan->columns, plan->n_columns, p->incrementing);
        if (at < 0 || !column_can_increment(&plan->columns[at]))
            return error_set(err, ERROR_CONFIG, "the incrementing column \"" STR_FMT "\" is no longer there",
                             STR_ARG(p->incrementing));
        p->incrementing_at = (size_t)at;
    }
    return 0;
}

/* A plan for the columns of the result: the old one as long as they are the same. */
static int plan_rows(struct polled *p, struct db_cursor *c, struct error *err)
{
    const struct db_column *columns;
    size_t n = db_cursor_columns(c, &columns);
    if (row_plan_fits(&p->plan, columns, n))
        return row_plan_bind(&p->plan, c, err);
    struct row_plan plan;
    int code = row_plan_init(&plan, columns, n, p->is_query ? STR_NULL : p->table.name, &p->rules, err);
    if (code)
        return code;
    row_plan_release(&p->plan);
    p->plan = plan;
    code = place_keys(p, err);
    return code ? code : row_plan_bind(&p->plan, c, err);
}

int polled_start(struct polled *p, struct db *db, struct db_cursor **ret, struct error *err)
{
    AUTO_BUF sql = {0};
    struct query_offset end = {0};
    struct db_cursor *c = NULL;
    int code = end_of_poll(p, db, &end, err);
    if (!code)
        code = polled_write_sql(p, db, &end, &sql, err);
    if (!code)
        code = db_query(db, buf_str(&sql), &c, err);
    if (!code)
        code = plan_rows(p, c, err);
    if (code) {
        db_cursor_close(c);
        return code;
    }
    *ret = c;
    return 0;
}

/* ---- keys of rows ---- */

static int read_value(struct db_cursor *c, bool peek, size_t column, enum db_rep rep, struct arena *arena,
                      struct value *ret, bool *ret_row, struct error *err)
{
    if (peek)
        return db_cursor_peek(c, column, rep, 0, arena, ret, ret_row, err);
    *ret_row = true;
    return db_cursor_value(c, column, rep, 0, arena, ret, err);
}

static int read_incrementing(const struct polled *p, struct db_cursor *c, bool peek, struct arena *arena,
                             struct query_offset *key, bool *ret_row, struct error *err)
{
    const struct db_column *column = &p->plan.columns[p->incrementing_at];
    bool decimal = column->type == DB_NUMERIC || column->type == DB_DECIMAL;
    struct value v;
    int code = read_value(c, peek, p->incrementing_at, decimal ? DB_AS_DECIMAL : DB_AS_INT64, arena, &v, ret_row, err);
    if (code || !*ret_row)
        return code;
    __int128 number = v.type == VALUE_INT64 ? v.i : 0;
    if (v.type == VALUE_NULL || (decimal && !decimal_to_int128(v.bytes, v.len, &number)) || number != (int64_t)number)
        return error_set(err, ERROR_DATA, "the incrementing column \"" STR_FMT "\" has a value that is %s",
                         STR_ARG(column->name), v.type == VALUE_NULL ? "null" : "beyond 64 bits");
    key->has_incrementing = true;
    key->incrementing = (int64_t)number;
    return 0;
}

static int read_timestamp(const struct polled *p, struct db_cursor *c, bool peek, struct arena *arena,
                          struct query_offset *key, bool *ret_row, struct error *err)
{
    struct value v = value_null();
    for (size_t i = 0; i < p->criteria.n_timestamps && v.type == VALUE_NULL; i++) {
        int code = read_value(c, peek, p->timestamps_at[i], DB_AS_TIMESTAMP_US, arena, &v, ret_row, err);
        if (code || !*ret_row)
            return code;
    }
    if (v.type == VALUE_NULL)
        return error_set(err, ERROR_DATA, "a row has null in every timestamp column, and no place in time");
    offset_set_us(key, v.i);
    return 0;
}

int polled_key(const struct polled *p, struct db_cursor *c, bool peek, struct arena *arena, struct query_offset *ret,
               bool *ret_row, struct error *err)
{
    struct query_offset key = {0};
    bool row = true;
    int code = 0;
    if (p->criteria.n_timestamps)
        code = read_timestamp(p, c, peek, arena, &key, &row, err);
    if (!code && row && p->criteria.incrementing.len)
        code = read_incrementing(p, c, peek, arena, &key, &row, err);
    if (code)
        return code;
    *ret = key;
    *ret_row = row;
    return 0;
}
