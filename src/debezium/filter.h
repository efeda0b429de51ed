/*
 * Which tables and columns are captured, and how columns are changed on the way: Debezium's lists of regular
 * expressions. A list is separated by commas; an expression must match the whole name, whatever the case:
 *
 *   schema.whitelist, schema.blacklist    the schema (or database)
 *   table.whitelist, table.blacklist      schema.table
 *   column.blacklist, column.truncate.to.N.chars, column.mask.with.N.chars, column.propagate.source.type
 *                                         schema.table.column
 *   datatype.propagate.source.type        schema.table.column's type, as schema.table.TYPE or TYPE
 *   message.key.columns                   schema.table:column,column;...
 *
 * Used when a table's plan is made, not per row.
 */
#ifndef DEBEZIUM_FILTER_H
#define DEBEZIUM_FILTER_H

#include "base/regex.h"
#include "base/vec.h"
#include "conf/config.h"

struct debezium_patterns {
    VEC(struct regex *) items;
};

/* An empty text gives an empty list. ERROR_CONFIG names the expression that is none. */
int debezium_patterns_init(struct debezium_patterns *p, struct str list, struct error *err);
void debezium_patterns_release(struct debezium_patterns *p);
bool debezium_patterns_match(const struct debezium_patterns *p, struct str name);

enum { DEBEZIUM_NO_LIMIT = -1 };

struct debezium_column_rule { /* column.truncate.to.N.chars, column.mask.with.N.chars */
    struct debezium_patterns columns;
    int32_t chars;
    bool mask;
};

struct debezium_key_rule {
    struct regex *table;
    struct str columns; /* comma separated, in the filter's arena */
};

struct debezium_filter {
    struct debezium_patterns schema_in, schema_out, table_in, table_out, column_out, propagate, propagate_types;
    VEC(struct debezium_column_rule) rules;
    VEC(struct debezium_key_rule) keys;
    struct arena arena;
};

/* The settings whose names are constant; STR_NULL: not given. */
struct debezium_filter_lists {
    struct str schema_in, schema_out, table_in, table_out, column_out, propagate, propagate_types, keys;
};

/* column.truncate.* and column.mask.* are looked up in `raw`. Zeroed storage; released also after an error. */
int debezium_filter_init(struct debezium_filter *f, const struct debezium_filter_lists *lists, const struct config *raw,
                         struct error *err);
void debezium_filter_release(struct debezium_filter *f);

bool debezium_filter_table(const struct debezium_filter *f, struct str schema, struct str table);
bool debezium_filter_column(const struct debezium_filter *f, struct str qualified_column);
bool debezium_filter_propagates(const struct debezium_filter *f, struct str qualified_column,
                                struct str qualified_type);
/* The rule of a column of characters; NULL: none. */
const struct debezium_column_rule *debezium_filter_rule(const struct debezium_filter *f, struct str qualified_column);
/* The key columns that message.key.columns gives to a table; STR_NULL: none. */
struct str debezium_filter_key(const struct debezium_filter *f, struct str qualified_table);

/* True when `name` is a column.truncate.to.N.chars or column.mask.with.N.chars. */
bool debezium_is_column_rule(struct str name, bool *ret_mask, int32_t *ret_chars);

#endif
