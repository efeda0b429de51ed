#include "sources/query/types.h"

#include <strings.h>

enum {
    INTEGER_DIGITS = 18,      /* MAX_INTEGER_TYPE_PRECISION */
    SCALE_LOW = -84,          /* NUMERIC_TYPE_SCALE_LOW */
    SCALE_UNSET = -127,       /* NUMERIC_TYPE_SCALE_UNSET */
    SCALE_UNCONSTRAINED = 127 /* NUMERIC_TYPE_SCALE_HIGH: of a numeric that does not say */
};

struct field_type {
    enum db_rep rep;
    int32_t scale;
};

static enum db_rep integer_of(int32_t precision)
{
    return precision > 9 ? DB_AS_INT64 : precision > 4 ? DB_AS_INT32 : precision > 2 ? DB_AS_INT16 : DB_AS_INT8;
}

static struct field_type numeric_type(const struct db_column *c, enum numeric_mapping mapping)
{
    bool small = c->precision <= INTEGER_DIGITS;
    bool whole = c->scale < 1 && c->scale >= SCALE_LOW;
    struct field_type decimal = {DB_AS_DECIMAL, c->scale};
    if (c->scale == SCALE_UNSET || (c->precision == 0 && c->scale == 0))
        decimal.scale = SCALE_UNCONSTRAINED;
    switch (mapping) {
    case NUMERIC_PRECISION_ONLY:
        return small && c->scale == 0 ? (struct field_type){integer_of(c->precision), 0} : decimal;
    case NUMERIC_BEST_FIT:
        if (small && whole)
            return (struct field_type){integer_of(c->precision), 0};
        return small && c->scale > 0 ? (struct field_type){DB_AS_FLOAT64, 0} : decimal;
    case NUMERIC_BEST_FIT_EAGER_DOUBLE:
        if (c->scale > 0)
            return (struct field_type){DB_AS_FLOAT64, 0};
        return small && whole ? (struct field_type){integer_of(c->precision), 0} : decimal;
    default:
        return decimal;
    }
}

static enum db_rep timestamp_rep(enum granularity g)
{
    static const enum db_rep reps[] = {
        [GRANULARITY_CONNECT_LOGICAL] = DB_AS_TIMESTAMP_MS,    [GRANULARITY_MICROS_LONG] = DB_AS_TIMESTAMP_US,
        [GRANULARITY_MICROS_STRING] = DB_AS_TIMESTAMP_US_TEXT, [GRANULARITY_MICROS_ISO] = DB_AS_TIMESTAMP_US_ISO,
        [GRANULARITY_NANOS_LONG] = DB_AS_TIMESTAMP_NS,         [GRANULARITY_NANOS_STRING] = DB_AS_TIMESTAMP_NS_TEXT,
        [GRANULARITY_NANOS_ISO] = DB_AS_TIMESTAMP_NS_ISO,
    };
    return reps[g];
}

static struct field_type type_of(const struct db_column *c, const struct type_rules *rules)
{
    switch (c->type) {
    case DB_BIT: /* PostgreSQL's bool and bit(n) */
        return (struct field_type){c->precision <= 1 ? DB_AS_BOOLEAN : c->precision <= 8 ? DB_AS_INT8 : DB_AS_BYTES, 0};
    case DB_BOOLEAN:
        return (struct field_type){DB_AS_BOOLEAN, 0};
    case DB_TINYINT:
        return (struct field_type){c->is_unsigned ? DB_AS_INT16 : DB_AS_INT8, 0};
    case DB_SMALLINT:
        return (struct field_type){c->is_unsigned ? DB_AS_INT32 : DB_AS_INT16, 0};
    case DB_INTEGER:
        return (struct field_type){c->is_unsigned ? DB_AS_INT64 : DB_AS_INT32, 0};
    case DB_BIGINT:
        return (struct field_type){DB_AS_INT64, 0};
    case DB_REAL:
        return (struct field_type){DB_AS_FLOAT32, 0};
    case DB_FLOAT:
    case DB_DOUBLE:
        return (struct field_type){DB_AS_FLOAT64, 0};
    case DB_NUMERIC:
        return numeric_type(c, rules->numeric);
    case DB_DECIMAL:
        return numeric_type(c, NUMERIC_NONE);
    case DB_CHAR:
    case DB_VARCHAR:
    case DB_LONGVARCHAR:
    case DB_NCHAR:
    case DB_NVARCHAR:
    case DB_LONGNVARCHAR:
    case DB_CLOB:
    case DB_NCLOB:
    case DB_DATALINK:
    case DB_SQLXML:
        return (struct field_type){DB_AS_STRING, 0};
    case DB_BINARY:
    case DB_VARBINARY:
    case DB_LONGVARBINARY:
    case DB_BLOB:
        return (struct field_type){DB_AS_BYTES, 0};
    case DB_DATE:
        return (struct field_type){DB_AS_DATE, 0};
    case DB_TIME:
        return (struct field_type){DB_AS_TIME, 0};
    case DB_TIMESTAMP:
        return (struct field_type){timestamp_rep(rules->granularity), 0};
    case DB_OTHER:
        return (struct field_type){c->is_text ? DB_AS_STRING : DB_AS_SKIP, 0};
    default:
        return (struct field_type){DB_AS_SKIP, 0};
    }
}

static struct schema *decimal_schema(int32_t scale, int32_t precision)
{
    struct schema *s = schema_new_decimal(scale, precision);
    if (precision == 0) /* JDBC's answer for a numeric that does not say, and the reference repeats it */
        schema_add_param(s, STR(DECIMAL_PRECISION_PARAM), STR("0"));
    return s;
}

static struct schema *field_schema(const struct db_column *c, struct field_type t)
{
    switch (t.rep) {
    case DB_AS_INT8:
        return schema_new(SCHEMA_INT8);
    case DB_AS_INT16:
        return schema_new(SCHEMA_INT16);
    case DB_AS_INT32:
        return schema_new(SCHEMA_INT32);
    case DB_AS_INT64:
    case DB_AS_TIMESTAMP_US:
    case DB_AS_TIMESTAMP_NS:
        return schema_new(SCHEMA_INT64);
    case DB_AS_FLOAT32:
        return schema_new(SCHEMA_FLOAT32);
    case DB_AS_FLOAT64:
        return schema_new(SCHEMA_FLOAT64);
    case DB_AS_BOOLEAN:
        return schema_new(SCHEMA_BOOLEAN);
    case DB_AS_BYTES:
        return schema_new(SCHEMA_BYTES);
    case DB_AS_DECIMAL:
        return decimal_schema(t.scale, c->precision);
    case DB_AS_DATE:
        return schema_new_date();
    case DB_AS_TIME:
        return schema_new_time();
    case DB_AS_TIMESTAMP_MS:
        return schema_new_timestamp();
    default:
        return schema_new(SCHEMA_STRING);
    }
}

static int add_field(struct schema *s, const struct db_column *c, struct field_type t, struct error *err)
{
    if (schema_field_index(s, c->name) >= 0)
        return error_set(err, ERROR_CONFIG,
                         "two columns are named \"" STR_FMT "\"; give one of them another name with AS",
                         STR_ARG(c->name));
    struct schema *field = field_schema(c, t);
    if (c->nullable)
        schema_set_optional(field);
    schema_add_field(s, c->name, field);
    schema_unref(field);
    return 0;
}

static int fill(struct row_plan *p, struct schema *s, const struct type_rules *rules, struct error *err)
{
    for (size_t i = 0; i < p->n_columns; i++) {
        struct field_type t = type_of(&p->columns[i], rules);
        p->reps[i] = t.rep;
        p->scales[i] = t.scale;
        if (t.rep == DB_AS_SKIP)
            continue;
        int code = add_field(s, &p->columns[i], t, err);
        if (code)
            return code;
        p->n_fields++;
    }
    if (!p->n_fields)
        return error_set(err, ERROR_CONFIG,
                         "no column is of a type that Kafka Connect has; cast them to text in `query`");
    return 0;
}

int row_plan_init(struct row_plan *p, const struct db_column *columns, size_t n, struct str name,
                  const struct type_rules *rules, struct error *err)
{
    struct row_plan plan = {.arena = {.chunk_size = 4096}, .n_columns = n};
    plan.columns = arena_dup(&plan.arena, columns, sizeof *columns * n);
    plan.reps = arena_zalloc(&plan.arena, sizeof *plan.reps * n);
    plan.scales = arena_zalloc(&plan.arena, sizeof *plan.scales * n);
    plan.made_optional = arena_zalloc(&plan.arena, sizeof *plan.made_optional * n);
    for (size_t i = 0; i < n; i++) {
        plan.columns[i].name = arena_str(&plan.arena, columns[i].name);
        plan.columns[i].type_name = arena_str(&plan.arena, columns[i].type_name);
    }
    struct schema *s = schema_new(SCHEMA_STRUCT);
    if (name.ptr)
        schema_set_name(s, name, SCHEMA_NO_VERSION);
    int code = fill(&plan, s, rules, err);
    plan.schema = s;
    if (code)
        row_plan_release(&plan);
    else
        *p = plan;
    return code;
}

void row_plan_release(struct row_plan *p)
{
    schema_unref(p->schema);
    arena_free(&p->arena);
    *p = (struct row_plan){0};
}

bool row_plan_fits(const struct row_plan *p, const struct db_column *columns, size_t n)
{
    if (!p->schema || p->n_columns != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct db_column *a = &p->columns[i], *b = &columns[i];
        if (!str_equal(a->name, b->name) || a->native != b->native || a->precision != b->precision ||
            a->scale != b->scale || a->nullable != (b->nullable || p->made_optional[i]) || a->type != b->type)
            return false;
    }
    return true;
}

static void make_schema_again(struct row_plan *p)
{
    struct schema *s = schema_new(SCHEMA_STRUCT);
    if (p->schema->name.ptr)
        schema_set_name(s, p->schema->name, p->schema->version);
    for (size_t i = 0; i < p->n_columns; i++)
        if (p->reps[i] != DB_AS_SKIP) /* names differ, as they did before */
            (void)add_field(s, &p->columns[i], (struct field_type){p->reps[i], p->scales[i]}, NULL);
    schema_unref(p->schema);
    p->schema = s;
}

const struct db_column *row_plan_meet_nulls(struct row_plan *p, const struct value *values)
{
    const struct db_column *first = NULL;
    for (size_t i = 0, at = 0; i < p->n_columns; i++) {
        if (p->reps[i] == DB_AS_SKIP || values[at++].type != VALUE_NULL || p->columns[i].nullable)
            continue;
        p->columns[i].nullable = p->made_optional[i] = true;
        first = first ? first : &p->columns[i];
    }
    if (first)
        make_schema_again(p);
    return first;
}

int row_plan_bind(const struct row_plan *p, struct db_cursor *c, struct error *err)
{
    int code = 0;
    for (size_t i = 0; i < p->n_columns && !code; i++)
        code = db_cursor_bind(c, i, p->reps[i], p->scales[i], err);
    return code;
}

int column_find(const struct db_column *columns, size_t n, struct str name)
{
    int found = -1, count = 0;
    for (size_t i = 0; i < n; i++) {
        if (str_equal(columns[i].name, name))
            return (int)i;
        if (columns[i].name.len == name.len && strncasecmp(columns[i].name.ptr, name.ptr, name.len) == 0) {
            found = (int)i;
            count++;
        }
    }
    return count == 1 ? found : -1;
}

bool column_loses_fraction(const struct db_column *c, enum numeric_mapping numeric)
{
    return c->type == DB_NUMERIC && c->precision == 0 && c->scale == 0 && numeric_type(c, numeric).rep != DB_AS_DECIMAL;
}

bool column_can_increment(const struct db_column *c)
{
    switch (c->type) {
    case DB_TINYINT:
    case DB_SMALLINT:
    case DB_INTEGER:
    case DB_BIGINT:
        return true;
    case DB_NUMERIC:
    case DB_DECIMAL:
        return c->scale == 0;
    default:
        return false;
    }
}

bool column_is_timestamp(const struct db_column *c)
{
    return c->type == DB_TIMESTAMP || c->type == DB_TIMESTAMP_TZ;
}
