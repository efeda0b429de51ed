#include "sources/postgres/plugin.h"

#include "debezium/schemas.h"
#include "sources/postgres/config.h"

static const char *const classes[] = {"io.debezium.connector.postgresql.PostgresConnector", "postgres", "postgresql",
                                      NULL};

int pgc_add_system_filter(struct debezium_filter *f, struct error *err)
{
    int code = debezium_patterns_init(&f->schema_out, STR("pg_catalog,information_schema"), err);
    return code ? code : debezium_patterns_init(&f->table_out, STR(".*\\.pg_temp.*"), err);
}

const struct source_plugin postgres_source = {
    .info =
        {
            .classes = classes,
            .version = DEBEZIUM_VERSION,
            .title = "Captures the changes of PostgreSQL's tables from its log, as Debezium's connector does",
            .doc = "Takes a snapshot of the tables, then follows the write-ahead log by logical replication (plug-in "
                   "`pgoutput`, part of every server since version 10). Each table has the topic "
                   "`SERVER.SCHEMA.TABLE`; an event holds the row before and after the change, where it came from, "
                   "and its transaction.\n\n"
                   "The snapshot sees the database at exactly the point where the stream begins. Positions are "
                   "stored in Debezium's form at the ends of transactions, and the server is told of one only when "
                   "it is safe: after a crash nothing is missing, and with the embedded log nothing comes twice.\n\n"
                   "The server needs `wal_level = logical`, and the user the right REPLICATION.",
            .properties = pgc_properties,
            .config_size = sizeof(struct pgc_config),
        },
    .check = pgc_check,
    .open = pgc_open,
    .read = pgc_read,
    .commit = pgc_commit,
    .close = pgc_close,
};
