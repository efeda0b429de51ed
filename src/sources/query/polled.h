/*
 * `struct polled`: one table, or the query, that a task polls: what it asks the database, where it stands, and what
 * its rows become.
 *
 *     polled_init      from a table's name: no database yet; position from the stored offsets
 *     polled_start     a poll: resolves the columns (the first time), asks, and plans the rows
 *     polled_key       the key of the last row, or of the next, to find points that reading can resume after
 *     polled_position  the position after a row of that key
 */
#ifndef SOURCES_QUERY_POLLED_H
#define SOURCES_QUERY_POLLED_H

#include "api/source.h"
#include "sources/query/criteria.h"
#include "sources/query/offset.h"
#include "sources/query/tables.h"
#include "sources/query/types.h"

struct polled {
    const struct query_config *config;
    struct type_rules rules;
    struct arena arena; /* all names below */
    bool is_query;
    struct db_table table;
    struct str label;     /* `table public.orders` or `query`, for messages */
    struct str full_name; /* "public.orders" */
    struct str topic;     /* the same ptr for all records */
    struct str statement; /* the user's */
    struct table_keys keys;
    bool resolved; /* the criteria name real columns */
    struct criteria criteria;
    struct str incrementing; /* the column's own name, unquoted */
    struct str *timestamps;  /* as many as keys.n_timestamps */
    size_t incrementing_at;  /* in the plan's columns */
    size_t *timestamps_at;
    struct query_offset offset; /* resume after it */
    bool split;                 /* rows after that were handed on, without a position */
    struct row_plan plan;
    int64_t due_ms;      /* clock_mono_ms of the next poll */
    struct str last_sql; /* shape of what was asked last, to log it once */
};

/* `t` NULL: the query. */
int polled_init(struct polled *p, const struct plugin_config *config, const struct db_table *t, struct error *err);
void polled_release(struct polled *p);

/* The stored position, by any of the protocols; else timestamp.initial. */
int polled_load_offset(struct polled *p, const struct source_env *env, const struct plugin_config *config,
                       struct db *db, struct error *err);

/* Columns of the criteria: looked up, checked. What is wrong with them is added to the findings, all of it; an error
 * is the database's. Done (p->resolved) when there was neither. */
int polled_resolve(struct polled *p, struct db *db, struct findings *findings, struct error *err);

/* Opens a cursor over what is new. ERROR_NOT_FOUND when the table is gone. */
int polled_start(struct polled *p, struct db *db, struct db_cursor **ret, struct error *err);

/* The statement of a poll from the present offset until `end` (ignored where the mode needs none). */
int polled_write_sql(const struct polled *p, struct db *db, const struct query_offset *end, struct buf *sql,
                     struct error *err);

/* Of the last row, or (peek) of the next one; *ret_row false when there is none. */
int polled_key(const struct polled *p, struct db_cursor *c, bool peek, struct arena *arena, struct query_offset *ret,
               bool *ret_row, struct error *err);

/* Marks the batch as resumable after rows of this key, and goes on from there. */
void polled_commit(struct polled *p, struct batch *batch, const struct query_offset *key);

#endif
