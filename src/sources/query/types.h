/* Columns to a Connect schema, by the rules of Confluent's GenericDatabaseDialect and PostgreSqlDatabaseDialect. */
#ifndef SOURCES_QUERY_TYPES_H
#define SOURCES_QUERY_TYPES_H

#include "data/schema.h"
#include "sources/query/config.h"

/* One version of a table: made once, used until its columns change. */
struct row_plan {
    struct arena arena;
    struct db_column *columns;
    size_t n_columns;
    enum db_rep *reps; /* per column; DB_AS_SKIP: no field */
    int32_t *scales;
    bool *made_optional; /* per column: row_plan_meet_nulls did */
    size_t n_fields;
    const struct schema *schema; /* a reference */
};

struct type_rules {
    enum numeric_mapping numeric;
    enum granularity granularity;
};

/* `name` STR_NULL: the schema has none. ERROR_CONFIG when two columns have one name, or no column can be told. */
int row_plan_init(struct row_plan *p, const struct db_column *columns, size_t n, struct str name,
                  const struct type_rules *rules, struct error *err);
void row_plan_release(struct row_plan *p); /* {0} is fine */
bool row_plan_fits(const struct row_plan *p, const struct db_column *columns, size_t n);
int row_plan_bind(const struct row_plan *p, struct db_cursor *c, struct error *err);
/* An outer join gives nulls for columns that are NOT NULL in their table, and described so. The first such column of
 * `values` whose field is required gets, as all of them do, an optional one in a new schema; NULL: there is none. */
const struct db_column *row_plan_meet_nulls(struct row_plan *p, const struct value *values);

/* Index of the column of that name, exactly or, when only one is, whatever the case; -1: none. */
int column_find(const struct db_column *columns, size_t n, struct str name);

/* A numeric without precision whose fraction the mapping cuts. */
bool column_loses_fraction(const struct db_column *c, enum numeric_mapping numeric);
/* Integers, and numerics without decimal places. */
bool column_can_increment(const struct db_column *c);
bool column_is_timestamp(const struct db_column *c);

#endif
