/* What the connector asks the database's catalog, and makes in it. */
#include "sources/postgres/source.h"

#include <stdio.h>

uint64_t pgc_parse_lsn(const char *text)
{
    unsigned high, low;
    return sscanf(text, "%8X/%8X", &high, &low) == 2 ? (uint64_t)high << 32 | low : 0;
}

static size_t first_match(const struct source *s, const struct pgc_found_table *t)
{
    AUTO_BUF name = {0};
    const struct debezium_patterns *in = &s->filter.table_in;
    buf_printf(&name, STR_FMT "." STR_FMT, STR_ARG(t->schema), STR_ARG(t->name));
    for (size_t i = 0; i < in->items.len; i++)
        if (regex_matches(in->items.items[i], buf_str(&name)))
            return i;
    return in->items.len;
}

/* In the order of table.whitelist, and by name within one of its expressions. */
static bool stands_before(const struct source *s, const struct pgc_found_table *a, const struct pgc_found_table *b)
{
    size_t x = first_match(s, a), y = first_match(s, b);
    int order = str_compare(a->schema, b->schema);
    return x != y ? x < y : order ? order < 0 : str_compare(a->name, b->name) < 0;
}

int pgc_find_tables(struct source *s, struct arena *arena, struct pgc_found_table **ret, size_t *ret_n,
                    struct error *err)
{
    PGresult *r;
    int code = pgc_exec(&s->sql,
                        "SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
                        "ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT "
                        "IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY n.nspname COLLATE \"C\", "
                        "c.relname COLLATE \"C\"",
                        &r, err);
    if (code)
        return error_context(err, "listing the tables");
    size_t total = (size_t)PQntuples(r), n = 0;
    struct pgc_found_table *tables = arena_array(arena, struct pgc_found_table, total + 1);
    for (size_t i = 0; i < total; i++) {
        struct pgc_found_table t = {
            .oid = (uint32_t)strtoul(PQgetvalue(r, (int)i, 0), NULL, 10),
            .schema = arena_cstr(arena, PQgetvalue(r, (int)i, 1)),
            .name = arena_cstr(arena, PQgetvalue(r, (int)i, 2)),
        };
        if (!debezium_filter_table(&s->filter, t.schema, t.name))
            continue;
        size_t at = n++;
        for (; s->filter.table_in.items.len > 1 && at > 0 && stands_before(s, &t, &tables[at - 1]); at--)
            tables[at] = tables[at - 1];
        tables[at] = t;
    }
    PQclear(r);
    *ret = tables;
    *ret_n = n;
    return 0;
}

int pgc_describe_table(struct source *s, uint32_t oid, struct arena *arena, struct pgc_column_info **ret, size_t *ret_n,
                       struct error *err)
{
    enum { INCLUDE_SINCE = 110000 };
    PGresult *r;
    /* the key: the primary key, else the first unique index by name */
    int code = pgc_execf(
        &s->sql, &r, err,
        "SELECT a.attname, a.atttypid, a.atttypmod, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull), "
        "COALESCE((SELECT k.place FROM (SELECT i.indkey, i.%s AS n FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class "
        "x ON x.oid = i.indexrelid WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indexprs IS NULL AND "
        "i.indpred IS NULL ORDER BY i.indisprimary DESC, x.relname LIMIT 1) u, LATERAL pg_catalog.unnest(u.indkey) "
        "WITH ORDINALITY AS k(attnum, place) WHERE k.attnum = a.attnum AND k.place <= u.n LIMIT 1), 0), "
        "CASE WHEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE '%%nextval(%%' THEN CASE a.atttypid WHEN 20 THEN "
        "'bigserial' WHEN 21 THEN 'smallserial' WHEN 23 THEN 'serial' END END "
        "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN "
        "pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
        "WHERE a.attrelid = %u AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        PQserverVersion(s->sql.pg) >= INCLUDE_SINCE ? "indnkeyatts" : "indnatts", oid);
    if (code)
        return error_context(err, "reading the columns of a table");
    size_t n = (size_t)PQntuples(r);
    struct pgc_column_info *columns = arena_zalloc(arena, sizeof *columns * (n + 1));
    for (size_t i = 0; i < n; i++)
        columns[i] = (struct pgc_column_info){
            .name = arena_cstr(arena, PQgetvalue(r, (int)i, 0)),
            .type = (uint32_t)strtoul(PQgetvalue(r, (int)i, 1), NULL, 10),
            .typmod = (int32_t)strtol(PQgetvalue(r, (int)i, 2), NULL, 10),
            .optional = PQgetvalue(r, (int)i, 3)[0] != 't',
            .key = (int)strtol(PQgetvalue(r, (int)i, 4), NULL, 10),
            .serial = PQgetisnull(r, (int)i, 5) ? STR_NULL : arena_cstr(arena, PQgetvalue(r, (int)i, 5)),
        };
    PQclear(r);
    *ret = columns;
    *ret_n = n;
    return 0;
}

/* ---- publication and slot ---- */

static int create_publication(struct source *s, struct error *err)
{
    const struct pgc_config *c = s->config;
    AUTO_BUF sql = {0};
    struct arena arena = {.chunk_size = 4096};
    struct pgc_found_table *tables;
    size_t n = 0;
    int code = 0;
    buf_add_cstr(&sql, "CREATE PUBLICATION ");
    pgc_add_identifier(&sql, c->publication_name);
    if (c->autocreate == PGC_AUTOCREATE_ALL) {
        buf_add_cstr(&sql, " FOR ALL TABLES");
    } else {
        code = pgc_find_tables(s, &arena, &tables, &n, err);
        if (!code && !n)
            code = error_set(err, ERROR_CONFIG,
                             "publication.autocreate.mode is filtered, and no table passes the filters");
        for (size_t i = 0; i < n && !code; i++) {
            buf_add_cstr(&sql, i ? ", " : " FOR TABLE ");
            pgc_add_identifier(&sql, tables[i].schema);
            buf_add_char(&sql, '.');
            pgc_add_identifier(&sql, tables[i].name);
        }
    }
    if (!code)
        code = pgc_exec(&s->sql, buf_cstr(&sql), NULL, err);
    arena_free(&arena);
    return code ? error_context(err,
                                "publication \"" STR_FMT "\" could not be created; an owner of the tables (for "
                                "ALL TABLES a superuser) can create it beforehand",
                                STR_ARG(c->publication_name))
                : 0;
}

int pgc_prepare_publication(struct source *s, struct error *err)
{
    const struct pgc_config *c = s->config;
    AUTO_BUF sql = {0};
    PGresult *r;
    buf_add_cstr(&sql, "SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = ");
    pgc_add_literal(&sql, c->publication_name);
    int code = pgc_exec(&s->sql, buf_cstr(&sql), &r, err);
    if (code)
        return error_context(err, "looking for the publication");
    bool exists = PQntuples(r) > 0;
    PQclear(r);
    if (exists)
        return 0;
    if (c->autocreate == PGC_AUTOCREATE_DISABLED)
        return error_set(err, ERROR_CONFIG,
                         "publication \"" STR_FMT "\" does not exist, and publication.autocreate.mode is disabled; "
                         "create it with: CREATE PUBLICATION \"" STR_FMT "\" FOR TABLE ...",
                         STR_ARG(c->publication_name), STR_ARG(c->publication_name));
    pgc_say(s, LOG_INFO, "creating publication \"" STR_FMT "\"", STR_ARG(c->publication_name));
    return create_publication(s, err);
}

int pgc_find_slot(struct pgc_conn *c, const struct pgc_config *config, bool *ret_exists, bool *ret_active,
                  struct error *err)
{
    AUTO_BUF sql = {0};
    PGresult *r;
    buf_add_cstr(&sql, "SELECT active, plugin, database = pg_catalog.current_database() FROM "
                       "pg_catalog.pg_replication_slots WHERE slot_name = ");
    pgc_add_literal(&sql, config->slot_name);
    int code = pgc_exec(c, buf_cstr(&sql), &r, err);
    if (code)
        return error_context(err, "looking for the replication slot");
    bool exists = PQntuples(r) > 0, active = exists && PQgetvalue(r, 0, 0)[0] == 't';
    if (exists && strcmp(PQgetvalue(r, 0, 1), "pgoutput") != 0)
        code = error_set(err, ERROR_CONFIG,
                         "replication slot \"" STR_FMT "\" is of the plug-in \"%s\", not pgoutput; choose another "
                         "slot.name, or drop it with: SELECT pg_drop_replication_slot('" STR_FMT "')",
                         STR_ARG(config->slot_name), PQgetvalue(r, 0, 1), STR_ARG(config->slot_name));
    else if (exists && PQgetvalue(r, 0, 2)[0] != 't')
        code = error_set(err, ERROR_CONFIG,
                         "replication slot \"" STR_FMT "\" is of another database; choose another slot.name",
                         STR_ARG(config->slot_name));
    PQclear(r);
    if (code)
        return code;
    *ret_exists = exists;
    *ret_active = active;
    return 0;
}

int pgc_create_slot(struct pgc_conn *replication, const char *name, bool temporary, const char *plugin,
                    struct arena *arena, uint64_t *ret_lsn, struct str *ret_snapshot, struct error *err)
{
    AUTO_BUF sql = {0};
    PGresult *r;
    buf_add_cstr(&sql, "CREATE_REPLICATION_SLOT ");
    pgc_add_identifier(&sql, str_from(name));
    buf_printf(&sql, "%s LOGICAL %s EXPORT_SNAPSHOT", temporary ? " TEMPORARY" : "", plugin);
    int code = pgc_exec(replication, buf_cstr(&sql), &r, err);
    if (code)
        return error_context(err, "creating replication slot \"%s\"", name);
    if (PQntuples(r) != 1 || PQnfields(r) < 3)
        code = error_set(err, ERROR_DATA, "the server's answer to CREATE_REPLICATION_SLOT is not understood");
    else {
        *ret_lsn = pgc_parse_lsn(PQgetvalue(r, 0, 1));
        *ret_snapshot = arena_cstr(arena, PQgetvalue(r, 0, 2));
    }
    PQclear(r);
    return code;
}
