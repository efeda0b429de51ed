/* Which tables a connector captures, and how they are divided among its tasks. */
#ifndef SOURCES_QUERY_TABLES_H
#define SOURCES_QUERY_TABLES_H

#include "api/source.h"
#include "base/regex.h"
#include "sources/query/config.h"

/* `public.orders`, the name that offsets, filters and messages use. */
struct str table_full_name(const struct db_table *t, struct arena *arena);
void table_write_quoted(const struct db_table *t, struct buf *out); /* "public"."orders" */

/* `"public"."orders","public"."a,b"` and `public.orders, t`; ERROR_CONFIG for a quote without its partner. */
int table_list_parse(struct str text, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err);

/* The filters of a configuration. */
struct table_filter {
    const struct query_config *config;
    struct regex **include, **exclude; /* as many as the lists have */
};
int table_filter_init(struct table_filter *f, const struct query_config *c, struct error *err); /* names the property */
void table_filter_release(struct table_filter *f);
bool table_filter_passes(const struct table_filter *f, const struct db_table *t);

/* SQL's LIKE: % any text, _ any character, \ before either of them. */
bool table_like(struct str text, struct str pattern);

/* All tables that pass; ERROR_CONFIG when two of them would share a topic. */
int tables_find(struct db *db, const struct table_filter *f, struct arena *arena, struct db_table **ret, size_t *ret_n,
                struct error *err);

/* source_plugin.plan */
int query_plan(const struct plugin_config *config, int max_tasks, struct source_tasks *ret, struct error *err);
/* The task that a table belongs to which appeared after the plan was made. */
int table_late_task(const struct db_table *t, int task_count);

/* The columns that one table is polled by, of the names or the mappings of the configuration. In the arena. */
struct table_keys {
    struct str incrementing; /* empty: to be found */
    struct str *timestamps;
    size_t n_timestamps;
};
int table_keys_for(const struct query_config *c, struct str full_name, struct arena *arena, struct table_keys *ret,
                   struct error *err);

#endif
