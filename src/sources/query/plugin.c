#include "sources/query/config.h"
#include "sources/query/source.h"
#include "sources/query/tables.h"

static const char *const classes[] = {"io.confluent.connect.jdbc.JdbcSourceConnector", "jdbc", "query", NULL};

const struct source_plugin query_source = {
    .info =
        {
            .classes = classes,
            .version = "10.9.0",
            .title = "Polls tables or a query of a database, as Confluent's JDBC source does",
            .doc = "Reads tables, or what a SELECT gives, again and again, and makes a record of every row that is new "
                   "since the last time. What is new tells a column that grows, a timestamp, or both; mode `bulk` "
                   "reads everything each time. The topic is `topic.prefix` and the table's name; records have no key "
                   "(transforms make one).\n\n"
                   "Positions are stored as Kafka Connect stores those of Confluent's connector, so either can go on "
                   "where the other one stopped. Rows of the same timestamp are never separated by a restart.\n\n"
                   "Deletes are not seen, nor what happens to a row between two polls.",
            .properties = query_properties,
            .config_size = sizeof(struct query_config),
        },
    .check = query_check,
    .plan = query_plan,
    .open = query_open,
    .read = query_read,
    .close = query_close,
};
