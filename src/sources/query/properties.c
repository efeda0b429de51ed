/* Every property of Confluent's JDBC source, 10.9. */
#include "sources/query/config.h"

#define DATABASE  "Database"
#define MODE      "Mode"
#define CONNECTOR "Connector"

static const char *const mode_names[] = {"bulk", "incrementing", "timestamp", "timestamp+incrementing", NULL};
static const char *const numeric_names[] = {"none", "precision_only", "best_fit", "best_fit_eager_double", NULL};
static const char *const calendar_names[] = {"LEGACY", "PROLEPTIC_GREGORIAN", NULL};
static const char *const quote_names[] = {"always", "never", NULL};
static const char *const granularity_names[] = {"connect_logical",
                                                "micros_long",
                                                "micros_string",
                                                "micros_iso_datetime_string",
                                                "nanos_long",
                                                "nanos_string",
                                                "nanos_iso_datetime_string",
                                                NULL};
static const char *const isolation_names[] = {
    "DEFAULT", "READ_UNCOMMITTED", "READ_COMMITTED", "REPEATABLE_READ", "SERIALIZABLE", "SQL_SERVER_SNAPSHOT", NULL};

static int check_url(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    if (db_url_known(value))
        return 0;
    AUTO_BUF schemes = {0};
    db_url_schemes(&schemes);
    return error_set(err, ERROR_CONFIG, "no driver here for this URL; it starts with one of: %s", buf_cstr(&schemes));
}

static int check_prefix(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    enum { TOPIC_NAME_MAX = 249 };
    if (value.len > TOPIC_NAME_MAX)
        return error_set(err, ERROR_CONFIG, "longer than %d characters, which a topic's name may have at most",
                         TOPIC_NAME_MAX);
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                    c == '_' || c == '-';
        if (!good)
            return error_set(err, ERROR_CONFIG,
                             "a topic's name has letters, digits, '.', '_' and '-' only; character %zu is none of them",
                             i + 1);
    }
    return 0;
}

static int check_zone(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    struct arena arena = {.chunk_size = 256};
    struct str zone;
    int code = query_time_zone(value, &arena, &zone, err);
    arena_free(&arena);
    return code;
}

static int check_dialect(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    if (value.len == 0 || str_ends(value, "DatabaseDialect"))
        return 0;
    return error_set(err, ERROR_CONFIG, "no name of a dialect; leave dialect.name out, connection.url tells");
}

static int check_provider(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    if (str_ends(value, ".DefaultJdbcCredentialsProvider"))
        return 0;
    return error_set(err, ERROR_UNSUPPORTED,
                     "Java classes cannot be loaded here; give connection.user and connection.password, which may be "
                     "variables as in ${file:/run/secrets/db.properties:password}");
}

#define C struct query_config

const struct property query_properties[] = {
    PROPERTY_STRING(
        "connection.url", C, url, .flags = PROPERTY_REQUIRED, .check = check_url, .importance = IMPORTANCE_HIGH,
        .group = DATABASE, .display = "JDBC URL", .example = "jdbc:postgresql://127.0.0.1:5432/testdb",
        .doc = "The database, as a JDBC URL or as one of the database's own (`postgresql://...`). Several "
               "hosts are tried in turn. Properties behind the `?` may have pgjdbc's names or libpq's: "
               "`user`, `password`, `ssl`, `sslmode`, `sslrootcert`, `ApplicationName`, `currentSchema`, "
               "`connectTimeout`, `socketTimeout`, `targetServerType`, `options` and others. What is in the "
               "URL wins over `connection.user` and `connection.password`."),
    PROPERTY_STRING("connection.user", C, user, .importance = IMPORTANCE_HIGH, .group = DATABASE,
                    .display = "JDBC User", .doc = "The user to connect as."),
    PROPERTY_PASSWORD("connection.password", C, password, .importance = IMPORTANCE_HIGH, .group = DATABASE,
                      .display = "JDBC Password",
                      .doc = "The user's password. Better a variable (`${file:...}`, `${env:...}`) than the text "
                             "itself; it is shown nowhere."),
    PROPERTY_CLASS("jdbc.credentials.provider.class", C, credentials_provider, .check = check_provider,
                   .fallback = "io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider",
                   .importance = IMPORTANCE_LOW, .group = DATABASE, .display = "JDBC Credentials Provider Class",
                   .flags = PROPERTY_ACCEPTED,
                   .doc = "A Java class that finds user and password. Only the default one is understood, which takes "
                          "`connection.user` and `connection.password`; there are no Java classes here."),
    PROPERTY_INT("connection.attempts", C, attempts, .fallback = "3", .min = 1, .max = INT32_MAX,
                 .importance = IMPORTANCE_LOW, .group = DATABASE, .display = "JDBC connection attempts",
                 .doc = "How often to try to connect before the task reports a failure. The runtime then restarts the "
                        "task with a growing pause, so a database that is away for long is waited for."),
    PROPERTY_LONG("connection.backoff.ms", C, backoff_ms, .fallback = "10000", .max = INT64_MAX,
                  .importance = IMPORTANCE_LOW, .group = DATABASE, .display = "JDBC connection backoff in milliseconds",
                  .doc = "The pause between two attempts to connect. Stopping the task ends it at once."),
    PROPERTY_LIST("table.whitelist", C, whitelist, .fallback = "", .importance = IMPORTANCE_MEDIUM, .group = DATABASE,
                  .display = "Table Whitelist", .example = "orders,sales.customers",
                  .doc = "The tables to capture, by name (`orders`), or by schema and name (`sales.orders`, also with "
                         "quotes: `\"sales\".\"orders\"`). Upper and lower case count. Without any filter every table "
                         "is captured. Not together with `table.blacklist` or `table.include.list`."),
    PROPERTY_LIST("table.blacklist", C, blacklist, .fallback = "", .importance = IMPORTANCE_MEDIUM, .group = DATABASE,
                  .display = "Table Blacklist",
                  .doc = "The tables to leave out, written as in `table.whitelist`; all others are captured."),
    PROPERTY_LIST("table.include.list", C, include_list, .fallback = "", .importance = IMPORTANCE_MEDIUM,
                  .group = DATABASE, .display = "Tables Included (Regex)", .example = "sales\\\\.(orders|customers)",
                  .doc = "Regular expressions (Java's) over names of the form `schema.table`; a table is captured when "
                         "one of them matches the whole name. Not together with `table.whitelist` or "
                         "`table.blacklist`."),
    PROPERTY_LIST("table.exclude.list", C, exclude_list, .fallback = "", .importance = IMPORTANCE_MEDIUM,
                  .group = DATABASE, .display = "Tables Excluded (Regex)",
                  .doc = "Regular expressions as in `table.include.list`, which must be set too; a table that one of "
                         "them matches is left out again."),
    PROPERTY_STRING("catalog.pattern", C, catalog_pattern, .importance = IMPORTANCE_MEDIUM, .group = DATABASE,
                    .display = "Catalog pattern",
                    .doc = "Looks for tables only in catalogs whose name is LIKE this pattern (`%` and `_`). A "
                           "PostgreSQL session has one catalog, its database. Empty or not set: any."),
    PROPERTY_STRING("schema.pattern", C, schema_pattern, .importance = IMPORTANCE_HIGH, .group = DATABASE,
                    .display = "Schema pattern", .example = "sales%",
                    .doc = "Looks for tables only in schemas whose name is LIKE this pattern (`%` and `_`, `\\` before "
                           "one that is meant itself). Empty or not set: any."),
    PROPERTY_BOOLEAN("numeric.precision.mapping", C, numeric_precision_mapping, .fallback = "false",
                     .flags = PROPERTY_DEPRECATED, .importance = IMPORTANCE_LOW, .group = DATABASE,
                     .display = "Map Numeric Values By Precision (deprecated)",
                     .doc = "`true` means `numeric.mapping=precision_only`, which replaces it and wins over it."),
    PROPERTY_ENUM("numeric.mapping", C, numeric_mapping_choice, .choices = numeric_names, .importance = IMPORTANCE_LOW,
                  .group = DATABASE, .display = "Map Numeric Values, Integral or Decimal, By Precision and Scale",
                  .doc = "What becomes of columns of type numeric(p,s). `none`, which is what happens when it is not "
                         "set: Connect's Decimal. `precision_only`: an integer when the scale is 0 and p is at most 18 "
                         "(INT8 to 2 digits, INT16 to 4, INT32 to 9, else INT64). `best_fit`: those, and FLOAT64 when "
                         "there is a scale and p is at most 18. `best_fit_eager_double`: FLOAT64 for any scale. A "
                         "PostgreSQL `numeric` without (p,s) has precision 0 in JDBC's eyes: an INT8 whose fraction is "
                         "cut in every mapping but `none`, which makes it a Decimal of scale 127."),
    PROPERTY_STRING("dialect.name", C, dialect, .fallback = "", .check = check_dialect, .importance = IMPORTANCE_LOW,
                    .group = DATABASE, .display = "Database Dialect", .flags = PROPERTY_ACCEPTED,
                    .doc = "The JDBC dialect, such as `PostgreSqlDatabaseDialect`. It has no effect: the URL tells "
                           "which driver to use."),
    PROPERTY_ENUM("date.calendar.system", C, calendar, .choices = calendar_names, .fallback = "LEGACY",
                  .importance = IMPORTANCE_LOW, .group = DATABASE, .display = "Date Calendar System",
                  .doc =
                      "How dates before 15 October 1582 become numbers. `LEGACY`: read as dates of the Julian "
                      "calendar, as Java's GregorianCalendar does. `PROLEPTIC_GREGORIAN`: read as the database means "
                      "them. Later dates are the same in both."),

    PROPERTY_ENUM("mode", C, mode, .choices = mode_names, .flags = PROPERTY_REQUIRED, .importance = IMPORTANCE_HIGH,
                  .group = MODE, .display = "Table Loading Mode",
                  .doc =
                      "How a poll finds what is new. `bulk`: it does not, every poll reads everything. "
                      "`incrementing`: rows whose `incrementing.column.name` is greater than the greatest so far; "
                      "sees inserts only. `timestamp`: rows whose `timestamp.column.name` is later than the latest "
                      "so far; sees inserts and updates that set it. `timestamp+incrementing`: by both, so that rows "
                      "of the same time are told apart; the safest way. Deletes are seen by none of them."),
    PROPERTY_STRING("incrementing.column.name", C, incrementing_column, .fallback = "", .importance = IMPORTANCE_MEDIUM,
                    .group = MODE, .display = "Incrementing Column Name",
                    .doc = "The column that grows with every insert: an integer, or a numeric without decimal places, "
                           "unique and not null. Empty: the table's first serial or identity column. With `query` it "
                           "must be set, and be among the columns that the query gives. Rows with values below 0 are "
                           "not seen."),
    PROPERTY_LIST("timestamp.column.name", C, timestamp_columns, .fallback = "", .importance = IMPORTANCE_MEDIUM,
                  .group = MODE, .display = "Timestamp Column Name",
                  .doc = "The column (timestamp, with or without time zone) that every insert and update sets. With "
                         "several, separated by commas, the first that is not null counts. At least one should be "
                         "NOT NULL. Rows of 1970-01-01 00:00 UTC and before are not seen."),
    PROPERTY_LIST("timestamp.columns.mapping", C, timestamp_mapping, .fallback = "", .importance = IMPORTANCE_MEDIUM,
                  .group = MODE, .display = "Table to timestamp columns mappings",
                  .example = "sales\\\\..*:[updated_at|created_at]",
                  .doc = "`timestamp.column.name` by table: `regex:[column|column]`, separated by commas. A regular "
                         "expression matches whole names `schema.table`, and every table must match exactly one."),
    PROPERTY_LIST("incrementing.column.mapping", C, incrementing_mapping, .fallback = "",
                  .importance = IMPORTANCE_MEDIUM, .group = MODE, .display = "Table to incrementing column mappings",
                  .example = "sales\\\\..*:id",
                  .doc = "`incrementing.column.name` by table: `regex:column`, separated by commas. A regular "
                         "expression matches whole names `schema.table`, and every table must match exactly one."),
    PROPERTY_LONG("timestamp.initial", C, timestamp_initial_ms, .importance = IMPORTANCE_LOW, .group = MODE,
                  .display = "Unix time value of initial timestamp",
                  .doc = "Where to begin when there is no stored position: rows later than this time, in milliseconds "
                         "since 1970-01-01 UTC; `-1` for the database's present time. Not set: from the beginning."),
    PROPERTY_BOOLEAN("validate.non.null", C, validate_non_null, .fallback = "true", .importance = IMPORTANCE_LOW,
                     .group = MODE, .display = "Validate Non Null",
                     .doc = "Refuses to start when the incrementing column, or every timestamp column, may be null: "
                            "rows with nulls there would never be seen. Not checked for a `query`."),
    PROPERTY_STRING("query", C, query, .fallback = "", .importance = IMPORTANCE_MEDIUM, .group = MODE,
                    .display = "Query", .example = "select o.id, c.name from orders o join customers c using (cust)",
                    .doc =
                        "A SELECT to poll in place of tables; the topic is `topic.prefix` itself. In the incremental "
                        "modes the condition is put around it, `SELECT * FROM (query) WHERE ...`, so it may have "
                        "its own WHERE, GROUP BY or WITH; the columns of the condition must be among those that it "
                        "gives."),
    PROPERTY_PASSWORD("query.masked", C, query_masked, .importance = IMPORTANCE_MEDIUM, .group = MODE,
                      .display = "Query (Masked)",
                      .doc = "`query`, when the text itself is a secret: it is shown nowhere. Not together with "
                             "`query`."),
    PROPERTY_ENUM("quote.sql.identifiers", C, quote, .choices = quote_names, .fallback = "always",
                  .flags = PROPERTY_ACCEPTED, .importance = IMPORTANCE_MEDIUM, .group = MODE,
                  .display = "Quote Identifiers",
                  .doc = "Whether names are quoted in SQL. Names are looked up in the database, whatever their case, "
                         "and then always quoted, so there is nothing to choose."),
    PROPERTY_STRING("query.suffix", C, query_suffix, .fallback = "", .importance = IMPORTANCE_LOW, .group = MODE,
                    .display = "Query suffix", .example = "LIMIT 100000",
                    .doc = "Text to put behind every statement. A LIMIT in mode `timestamp` can cut through rows of "
                           "the same time, of which the rest is then lost: use `timestamp+incrementing` with it."),
    PROPERTY_ENUM("transaction.isolation.mode", C, isolation, .choices = isolation_names, .fallback = "DEFAULT",
                  .importance = IMPORTANCE_LOW, .group = MODE, .display = "Transaction Isolation Mode",
                  .doc = "The isolation level of the transaction that a poll runs in. `SQL_SERVER_SNAPSHOT` is for SQL "
                         "Server only."),
    PROPERTY_INT("query.retry.attempts", C, query_retries, .fallback = "-1", .flags = PROPERTY_ACCEPTED,
                 .importance = IMPORTANCE_LOW, .group = MODE, .display = "Query Retry Attempts",
                 .doc =
                     "How often to repeat a failing query. Here the kind of the failure decides: what can pass "
                     "(connection, deadlock, timeout, disk) is retried by the runtime without limit and with growing "
                     "pauses, what cannot (syntax, rights, types) fails the task at once."),

    PROPERTY_LIST("table.types", C, table_types, .fallback = "TABLE", .importance = IMPORTANCE_LOW, .group = CONNECTOR,
                  .display = "Table Types", .example = "TABLE,VIEW",
                  .doc = "The kinds of tables to capture: TABLE, PARTITIONED TABLE, VIEW, MATERIALIZED VIEW, FOREIGN "
                         "TABLE, SYSTEM TABLE and so on, as PostgreSQL's JDBC driver names them."),
    PROPERTY_INT("poll.interval.ms", C, poll_interval_ms, .fallback = "5000", .max = INT32_MAX,
                 .importance = IMPORTANCE_HIGH, .group = CONNECTOR, .display = "Poll Interval (ms)",
                 .doc = "The pause between the end of one poll of a table and the start of the next."),
    PROPERTY_INT("batch.max.rows", C, batch_max_rows, .fallback = "1000", .min = 1, .max = INT32_MAX,
                 .importance = IMPORTANCE_LOW, .group = CONNECTOR, .display = "Max Rows Per Batch",
                 .doc =
                     "Rows that a batch takes at least before it is handed on; a batch of small rows takes more, up "
                     "to 256 KiB, because larger batches cost less. Memory is limited by bytes in any case, so there "
                     "is nothing to tune."),
    PROPERTY_INT("max.buffer.size", C, max_buffer_size, .fallback = "0", .max = INT32_MAX, .flags = PROPERTY_ACCEPTED,
                 .importance = IMPORTANCE_LOW, .group = CONNECTOR, .display = "Maximum Buffer Size",
                 .doc = "Records that wait inside the connector. The runtime's `max.queue.size` limits them here."),
    PROPERTY_LONG("poll.linger.ms", C, poll_linger_ms, .fallback = "5000", .max = INT64_MAX, .flags = PROPERTY_ACCEPTED,
                  .importance = IMPORTANCE_LOW, .group = CONNECTOR, .display = "Poll Linger Milliseconds",
                  .doc = "How long Kafka Connect waits for a record before it asks again. Waiting is event-driven "
                         "here, and nothing lingers."),
    PROPERTY_LONG("table.monitoring.startup.polling.limit.ms", C, table_startup_limit_ms, .fallback = "10000",
                  .max = INT64_MAX, .flags = PROPERTY_ACCEPTED | PROPERTY_INTERNAL, .importance = IMPORTANCE_LOW,
                  .group = CONNECTOR,
                  .doc = "How long to wait for the first list of tables; connection.attempts decides here."),
    PROPERTY_LONG("table.poll.interval.ms", C, table_poll_interval_ms, .fallback = "60000", .min = 1, .max = INT64_MAX,
                  .importance = IMPORTANCE_LOW, .group = CONNECTOR,
                  .display = "Metadata Change Monitoring Interval (ms)",
                  .doc = "How often to look for tables that were created or dropped since. A new table that the "
                         "filters let pass is captured from its beginning; no restart is needed."),
    PROPERTY_STRING("topic.prefix", C, topic_prefix, .fallback = "", .check = check_prefix,
                    .importance = IMPORTANCE_HIGH, .group = CONNECTOR, .display = "Topic Prefix", .example = "db_",
                    .doc = "What stands before the table's name in a topic's name; with `query`, the topic's whole "
                           "name."),
    PROPERTY_LONG("timestamp.delay.interval.ms", C, timestamp_delay_ms, .fallback = "0", .max = INT64_MAX,
                  .importance = IMPORTANCE_HIGH, .group = CONNECTOR, .display = "Delay Interval (ms)",
                  .doc = "Rows younger than this are left for a later poll. A transaction that takes a while shows its "
                         "rows when it commits, with the time at which it began: longer than the longest writing "
                         "transaction, this setting makes sure that none of them is missed."),
    PROPERTY_STRING("db.timezone", C, time_zone, .fallback = "UTC", .check = check_zone,
                    .importance = IMPORTANCE_MEDIUM, .group = CONNECTOR, .display = "DB time zone",
                    .example = "Asia/Tokyo",
                    .doc = "The time zone of columns that have none (timestamp, time): an IANA name, an offset such as "
                           "`+09:00`, or one of Java's short ids."),
    PROPERTY_ENUM("timestamp.granularity", C, granularity, .choices = granularity_names, .fallback = "connect_logical",
                  .importance = IMPORTANCE_LOW, .group = CONNECTOR,
                  .display = "Timestamp granularity for timestamp columns",
                  .doc =
                      "What becomes of timestamps. `connect_logical`: Connect's Timestamp, milliseconds. "
                      "`micros_long`, `nanos_long`: INT64 since 1970-01-01 UTC. `micros_string`, `nanos_string`: the "
                      "same number as text. `micros_iso_datetime_string`, `nanos_iso_datetime_string`: text such as "
                      "`2020-01-31T10:00:00.123456` in `db.timezone`."),

    PROPERTY_STRING("tables", C, tables, .flags = PROPERTY_INTERNAL, .importance = IMPORTANCE_HIGH, .group = "Task",
                    .doc = "The tables of this task, quoted, separated by commas; set by the connector."),
    PROPERTY_STRING("tables.known", C, known_tables, .flags = PROPERTY_INTERNAL, .importance = IMPORTANCE_HIGH,
                    .group = "Task",
                    .doc = "The tables of all tasks, as in `tables`; set by the connector. Tables that appear later "
                           "are divided among the tasks by their names."),
    PROPERTY_INT("tasks.planned", C, task_count, .fallback = "1", .min = 1, .max = INT32_MAX,
                 .flags = PROPERTY_INTERNAL, .importance = IMPORTANCE_HIGH, .group = "Task",
                 .doc = "How many tasks there are; set by the connector."),
    PROPERTY_BOOLEAN("tables.fetched", C, tables_fetched, .fallback = "false",
                     .flags = PROPERTY_INTERNAL | PROPERTY_ACCEPTED, .importance = IMPORTANCE_HIGH, .group = "Task",
                     .doc = "Set by Kafka Connect's connector in the configurations of its tasks."),
    PROPERTY_INT("engine.shutdown.timeout", C, engine_shutdown_timeout, .fallback = "10", .max = 30,
                 .flags = PROPERTY_INTERNAL | PROPERTY_ACCEPTED, .importance = IMPORTANCE_LOW, .group = "Task",
                 .doc = "Kafka Connect's task waits this long for its thread to end; stopping is immediate here."),
    PROPERTY_END,
};
