/* What is to be said about a configuration before it runs: everything at once. */
#include "sources/query/polled.h"
#include "sources/query/source.h"

enum { TABLES_CHECKED = 200 }; /* of a connector that captures more, the rest is looked at when it runs */

static void check_filters(const struct query_config *c, bool has_query, struct findings *f)
{
    bool old = c->whitelist.len || c->blacklist.len, new = c->include_list.len || c->exclude_list.len;
    if (has_query && (old || new))
        findings_add(f, FINDING_ERROR, STR("query"),
                     "a query and a table filter exclude each other; remove table.whitelist, table.blacklist, "
                     "table.include.list and table.exclude.list, or query");
    if (c->whitelist.len && c->blacklist.len)
        findings_add(f, FINDING_ERROR, STR("table.blacklist"),
                     "table.whitelist and table.blacklist exclude each other; remove one of them");
    if (old && new)
        findings_add(f, FINDING_ERROR, STR("table.include.list"),
                     "names (table.whitelist, table.blacklist) and regular expressions (table.include.list, "
                     "table.exclude.list) exclude each other; remove one kind");
    if (c->exclude_list.len && !c->include_list.len)
        findings_add(f, FINDING_ERROR, STR("table.exclude.list"),
                     "needs table.include.list; set that to .* for all tables");
    struct table_filter filter;
    struct error err = {0};
    if (table_filter_init(&filter, c, &err))
        findings_add(f, FINDING_ERROR, STR("table.include.list"), "%s", err.text);
    else
        table_filter_release(&filter);
}

static void check_columns(const struct query_config *c, bool has_query, struct findings *f)
{
    if (query_uses_timestamp(c) && !c->timestamp_columns.len && (has_query || !c->timestamp_mapping.len))
        findings_add(f, FINDING_ERROR, STR("timestamp.column.name"),
                     "must be set in the modes timestamp and "
                     "timestamp+incrementing");
    if (!query_uses_timestamp(c) && (c->timestamp_columns.len || c->timestamp_mapping.len))
        findings_add(f, FINDING_WARNING, STR("timestamp.column.name"),
                     "has no effect in this mode; set mode to timestamp or timestamp+incrementing to use it");
    if (!query_uses_incrementing(c) && (c->incrementing_column.len || c->incrementing_mapping.len))
        findings_add(f, FINDING_WARNING, STR("incrementing.column.name"),
                     "has no effect in this mode; set mode to incrementing or timestamp+incrementing to use it");
    if (c->timestamp_columns.len && c->timestamp_mapping.len)
        findings_add(f, FINDING_ERROR, STR("timestamp.columns.mapping"),
                     "timestamp.column.name says the same for all tables; remove one of them");
    if (c->incrementing_column.len && c->incrementing_mapping.len)
        findings_add(f, FINDING_ERROR, STR("incrementing.column.mapping"),
                     "incrementing.column.name says the same for all tables; remove one of them");
}

static void check_together(const struct query_config *c, bool has_query, struct findings *f)
{
    if (c->query.len && c->query_masked.len)
        findings_add(f, FINDING_ERROR, STR("query.masked"), "query and query.masked exclude each other; remove one");
    if (c->isolation == QUERY_ISOLATION_SQL_SERVER)
        findings_add(f, FINDING_ERROR, STR("transaction.isolation.mode"),
                     "SQL_SERVER_SNAPSHOT is for SQL Server; PostgreSQL's nearest is REPEATABLE_READ");
    if (has_query && !c->topic_prefix.len)
        findings_add(f, FINDING_ERROR, STR("topic.prefix"),
                     "is the whole name of the topic of a query, so it must be set");
    if (c->mode == MODE_TIMESTAMP && c->query_suffix.len)
        findings_add(f, FINDING_WARNING, STR("query.suffix"),
                     "a LIMIT can cut through rows of the same timestamp, whose rest is then lost; use "
                     "timestamp+incrementing with it");
    check_filters(c, has_query, f);
    check_columns(c, has_query, f);
    db_check_url(c->url, STR("connection.url"), f);
}

static void check_polled(const struct plugin_config *config, struct db *db, const struct db_table *t,
                         struct findings *f)
{
    struct polled p;
    struct error err = {0};
    if (polled_init(&p, config, t, &err)) {
        findings_add(f, FINDING_ERROR, STR_NULL, "%s", err.text);
        return;
    }
    /* the whole statement too, which the database only analyses */
    AUTO_BUF sql = {0};
    struct query_offset end = {0};
    struct db_cursor *c = NULL;
    int code = polled_resolve(&p, db, f, &err);
    if (!code && p.resolved)
        code = polled_write_sql(&p, db, &end, &sql, &err);
    if (!code && p.resolved)
        code = db_query(db, buf_str(&sql), &c, &err);
    if (code)
        findings_add(f, FINDING_ERROR, p.is_query ? STR("query") : STR_NULL, "%s", err.text);
    db_cursor_close(c);
    polled_release(&p);
}

static void check_listed(const struct query_config *c, const struct db_table *tables, size_t n, struct findings *f)
{
    struct arena arena = {.chunk_size = 512};
    for (size_t i = 0; i < c->whitelist.len; i++) {
        bool found = false;
        for (size_t k = 0; k < n && !found; k++) {
            AUTO_BUF quoted = {0};
            table_write_quoted(&tables[k], &quoted);
            found = str_equal(c->whitelist.items[i], tables[k].name) ||
                    str_equal(c->whitelist.items[i], buf_str(&quoted)) ||
                    str_equal(c->whitelist.items[i], table_full_name(&tables[k], &arena));
        }
        if (!found)
            findings_add(f, FINDING_WARNING, STR("table.whitelist"),
                         "there is no table \"" STR_FMT "\" (upper and lower case count, and the kind must be in "
                         "table.types); it will be captured when it appears",
                         STR_ARG(c->whitelist.items[i]));
    }
    arena_free(&arena);
}

static void check_tables(const struct plugin_config *config, struct db *db, struct findings *f)
{
    const struct query_config *c = config->parsed;
    struct arena arena = {0};
    struct table_filter filter;
    struct db_table *tables;
    size_t n;
    struct error err = {0};
    if (table_filter_init(&filter, c, &err))
        return; /* said already */
    if (tables_find(db, &filter, &arena, &tables, &n, &err)) {
        findings_add(f, FINDING_ERROR, STR("table.whitelist"), "%s", err.text);
    } else {
        check_listed(c, tables, n, f);
        if (!n && !c->whitelist.len)
            findings_add(f, FINDING_WARNING, STR("table.types"),
                         "no table passes the filters; tables will be captured when they appear");
        for (size_t i = 0; i < n && i < TABLES_CHECKED; i++)
            check_polled(config, db, &tables[i], f);
    }
    table_filter_release(&filter);
    arena_free(&arena);
}

void query_check(const struct plugin_config *config, struct findings *f)
{
    const struct query_config *c = config->parsed;
    struct arena arena = {.chunk_size = 512};
    bool has_query = query_statement(c, &arena).ptr;
    arena_free(&arena);
    size_t errors = f->errors;
    check_together(c, has_query, f);
    if (f->errors > errors)
        return; /* the database would repeat it in its own words */
    struct db *db = NULL;
    struct error err = {0};
    int code = query_connect(config, "tributary check", NULL, &db, &err);
    if (code) {
        findings_add(f, FINDING_ERROR, code == ERROR_AUTH ? STR("connection.user") : STR("connection.url"), "%s",
                     err.text);
        return;
    }
    if (has_query)
        check_polled(config, db, NULL, f);
    else
        check_tables(config, db, f);
    db_close(db);
}
