/* What is to be said about a configuration before it runs: of its own, and with the live database. */
#include "base/wake.h"
#include "sources/postgres/plugin.h"
#include "sources/postgres/source.h"

static void check_alone(const struct plugin_config *config, struct findings *f)
{
    const struct pgc_config *c = config->parsed;
    struct error err = {0};
    if (c->schema_in.len && c->schema_out.len)
        findings_add(f, FINDING_ERROR, STR("schema.blacklist"),
                     "schema.whitelist and schema.blacklist exclude each other; remove one of them");
    if (c->table_in.len && c->table_out.len)
        findings_add(f, FINDING_ERROR, STR("table.blacklist"),
                     "table.whitelist and table.blacklist exclude each other; remove one of them");
    if (c->snapshot_mode == PGC_SNAPSHOT_CUSTOM)
        findings_add(f, FINDING_ERROR, STR("snapshot.mode"),
                     "custom needs a Java class, which cannot be loaded here; use initial, always, never, initial_only "
                     "or exported");
    if (str_is(c->converters, "") == false && c->converters.len)
        findings_add(f, FINDING_ERROR, STR("converters"), "custom converters are Java classes; remove the setting");
    struct debezium_filter filter = {0};
    struct debezium_filter_lists lists = pgc_lists(c);
    if (debezium_filter_init(&filter, &lists, config->raw, &err))
        findings_add(f, FINDING_ERROR, STR_NULL, "%s", err.text);
    debezium_filter_release(&filter);
}

static bool ask(struct pgc_conn *c, const char *sql, struct buf *ret, struct findings *f)
{
    struct error err = {0};
    PGresult *r;
    if (pgc_exec(c, sql, &r, &err)) {
        findings_add(f, FINDING_ERROR, STR_NULL, "%s", err.text);
        return false;
    }
    buf_clear(ret);
    if (PQntuples(r) > 0)
        buf_add_cstr(ret, PQgetvalue(r, 0, 0));
    PQclear(r);
    return true;
}

static void check_server(struct pgc_conn *c, const struct pgc_config *config, struct findings *f)
{
    AUTO_BUF answer = {0};
    if (PQserverVersion(c->pg) < 100000)
        findings_add(f, FINDING_ERROR, STR("database.hostname"),
                     "the server is older than version 10 and has no pgoutput plug-in");
    if (ask(c, "SHOW wal_level", &answer, f) && !str_is(buf_str(&answer), "logical"))
        findings_add(f, FINDING_ERROR, STR("database.hostname"),
                     "wal_level is " STR_FMT "; set wal_level = logical in postgresql.conf and restart the server",
                     STR_ARG(buf_str(&answer)));
    if (ask(c,
            "SELECT 1 FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER') AND "
            "(r.rolreplication AND r.rolname = current_user OR r.rolsuper OR r.rolname IN ('rds_replication', "
            "'cloudsqlsuperuser')) LIMIT 1",
            &answer, f) &&
        !answer.len)
        findings_add(f, FINDING_ERROR, STR("database.user"),
                     "the user may not replicate; run as a superuser: ALTER ROLE \"" STR_FMT "\" REPLICATION",
                     STR_ARG(config->user));
}

static void check_slot(struct pgc_conn *c, const struct pgc_config *config, struct findings *f)
{
    struct error err = {0};
    bool exists, active;
    if (pgc_find_slot(c, config, &exists, &active, &err))
        findings_add(f, FINDING_ERROR, STR("slot.name"), "%s", err.text);
    else if (active)
        findings_add(f, FINDING_WARNING, STR("slot.name"),
                     "replication slot \"" STR_FMT "\" is being read by somebody (this connector, if it runs already); "
                     "a slot has one reader at a time",
                     STR_ARG(config->slot_name));
    if (config->autocreate != PGC_AUTOCREATE_DISABLED)
        return;
    AUTO_BUF sql = {0}, answer = {0};
    buf_add_cstr(&sql, "SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = ");
    pgc_add_literal(&sql, config->publication_name);
    if (ask(c, buf_cstr(&sql), &answer, f) && !answer.len)
        findings_add(f, FINDING_ERROR, STR("publication.name"),
                     "publication \"" STR_FMT "\" does not exist, and publication.autocreate.mode is disabled; create "
                     "it with CREATE PUBLICATION",
                     STR_ARG(config->publication_name));
}

void pgc_check(const struct plugin_config *config, struct findings *f)
{
    size_t errors = f->errors;
    check_alone(config, f);
    if (f->errors > errors)
        return;
    const struct pgc_config *c = config->parsed;
    struct pgc_conn conn;
    struct error err = {0};
    int code = pgc_connect(c, false, NULL, "tributary check", &conn, &err);
    if (code) {
        findings_add(f, FINDING_ERROR, code == ERROR_AUTH ? STR("database.user") : STR("database.hostname"), "%s",
                     err.text);
        return;
    }
    check_server(&conn, c, f);
    if (c->snapshot_mode != PGC_SNAPSHOT_INITIAL_ONLY)
        check_slot(&conn, c, f);
    pgc_disconnect(&conn);
}
