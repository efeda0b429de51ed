/* Every property of Debezium's PostgreSQL connector 1.1, and the later names of the same. */
#include "sources/postgres/config.h"

#define CONNECTION "Connection"
#define CAPTURE    "Capture"
#define VALUES     "Values"
#define SNAPSHOT   "Snapshot"
#define STREAM     "Stream"
#define RUNNING    "Running"

#define ALIASES(...)                                                                                                   \
    (const char *const[])                                                                                              \
    {                                                                                                                  \
        __VA_ARGS__, NULL                                                                                              \
    }

static const char *const ssl_names[] = {"disable", "require", "verify-ca", "verify-full", "allow", "prefer", NULL};
static const char *const snapshot_names[] = {"initial", "always", "never", "initial_only", "exported", "custom", NULL};
static const char *const time_names[] = {"adaptive", "adaptive_time_microseconds", "connect", NULL};
static const char *const decimal_names[] = {"precise", "double", "string", NULL};
static const char *const hstore_names[] = {"map", "json", NULL};
static const char *const interval_names[] = {"numeric", "string", NULL};
static const char *const failure_names[] = {"fail", "warn", "skip", "ignore", NULL};
static const char *const refresh_names[] = {"columns_diff", "columns_diff_exclude_unchanged_toast", NULL};
static const char *const version_names[] = {"v2", "v1", NULL};
static const char *const autocreate_names[] = {"all_tables", "disabled", "filtered", NULL};
static const char *const binary_names[] = {"bytes", NULL};

static int check_plugin(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    if (str_is(value, "pgoutput"))
        return 0;
    return error_set(err, ERROR_UNSUPPORTED,
                     "only pgoutput is decoded here, which is part of every server since version 10; set plugin.name "
                     "to pgoutput");
}

static int check_slot_name(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    enum { SLOT_NAME_MAX = 63 };
    bool good = value.len > 0 && value.len <= SLOT_NAME_MAX;
    for (size_t i = 0; i < value.len && good; i++)
        good = (value.ptr[i] >= 'a' && value.ptr[i] <= 'z') || (value.ptr[i] >= '0' && value.ptr[i] <= '9') ||
               value.ptr[i] == '_';
    return good ? 0
                : error_set(err, ERROR_CONFIG, "a slot's name has lower case letters, digits and '_' only, at most %d",
                            SLOT_NAME_MAX);
}

static int check_placeholder(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    if (!str_starts(value, "hex:"))
        return 0;
    for (size_t i = 4; i < value.len; i++)
        if (!strchr("0123456789abcdefABCDEF", value.ptr[i]))
            return error_set(err, ERROR_CONFIG, "after hex: come hexadecimal digits only");
    return value.len % 2 ? error_set(err, ERROR_CONFIG, "after hex: comes an even number of digits") : 0;
}

static int refuse_java(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    return value.len ? error_set(err, ERROR_UNSUPPORTED, "Java classes cannot be loaded here; remove the setting") : 0;
}

#define P_STRING(name, member, ...)   PROPERTY_STRING(name, struct pgc_config, member, __VA_ARGS__)
#define P_BOOLEAN(name, member, ...)  PROPERTY_BOOLEAN(name, struct pgc_config, member, __VA_ARGS__)
#define P_INT(name, member, ...)      PROPERTY_INT(name, struct pgc_config, member, __VA_ARGS__)
#define P_LONG(name, member, ...)     PROPERTY_LONG(name, struct pgc_config, member, __VA_ARGS__)
#define P_ENUM(name, member, ...)     PROPERTY_ENUM(name, struct pgc_config, member, __VA_ARGS__)
#define P_PASSWORD(name, member, ...) PROPERTY_PASSWORD(name, struct pgc_config, member, __VA_ARGS__)
#define HIGH                          .importance = IMPORTANCE_HIGH
#define MEDIUM                        .importance = IMPORTANCE_MEDIUM
#define LOW                           .importance = IMPORTANCE_LOW

const struct property pgc_properties[] = {
    P_STRING("database.hostname", hostname, .flags = PROPERTY_REQUIRED, HIGH, .group = CONNECTION,
             .doc = "Host name or address of the server, or the directory of its Unix socket."),
    P_INT("database.port", port, .fallback = "5432", .min = 1, .max = 65535, HIGH, .group = CONNECTION,
          .doc = "Port of the server."),
    P_STRING("database.user", user, .flags = PROPERTY_REQUIRED, HIGH, .group = CONNECTION,
             .doc = "User to connect as. Needs the right REPLICATION, SELECT on the tables, and CREATE on the database "
                    "where the publication is to be created."),
    P_PASSWORD("database.password", password, HIGH, .group = CONNECTION, .doc = "The user's password."),
    P_STRING("database.dbname", dbname, .flags = PROPERTY_REQUIRED, HIGH, .group = CONNECTION,
             .doc = "The database whose changes are captured."),
    P_STRING("database.server.name", server_name, .flags = PROPERTY_REQUIRED, HIGH, .group = CONNECTION,
             .aliases = ALIASES("topic.prefix"),
             .doc = "Logical name of the server: the first part of all topic and schema names, and what positions are "
                    "stored under. Unique among connectors."),
    P_ENUM("database.sslmode", sslmode, .fallback = "disable", .choices = ssl_names, MEDIUM, .group = CONNECTION,
           .doc = "Whether the connection is encrypted, and how much of the server's certificate is verified, as "
                  "libpq's `sslmode`."),
    P_STRING("database.sslcert", sslcert, MEDIUM, .group = CONNECTION, .doc = "File of the client's certificate."),
    P_STRING("database.sslkey", sslkey, MEDIUM, .group = CONNECTION, .doc = "File of the client's private key."),
    P_PASSWORD("database.sslpassword", sslpassword, MEDIUM, .group = CONNECTION,
               .doc = "Password of the client's private key."),
    P_STRING("database.sslrootcert", sslrootcert, MEDIUM, .group = CONNECTION,
             .doc = "File of the certificates that the server's one is verified against."),
    P_STRING("database.sslfactory", sslfactory, LOW, .group = CONNECTION, .check = refuse_java,
             .doc = "Refused: a Java class that makes sockets."),
    P_BOOLEAN("database.tcpKeepAlive", tcp_keepalive, .fallback = "true", MEDIUM, .group = CONNECTION,
              .doc = "Whether TCP probes find out that the server is gone."),
    P_STRING("database.initial.statements", initial_statements, LOW, .group = CONNECTION,
             .doc = "SQL that is run in every new session except the replicating one; statements end with `;`, and "
                    "`;;` stands for a semicolon within one."),

    P_STRING("schema.whitelist", schema_in, HIGH, .group = CAPTURE, .aliases = ALIASES("schema.include.list"),
             .doc = "Regular expressions, separated by commas, of the schemas to capture; without it all but the "
                    "system's. Not together with schema.blacklist."),
    P_STRING("schema.blacklist", schema_out, HIGH, .group = CAPTURE, .aliases = ALIASES("schema.exclude.list"),
             .doc = "Regular expressions of the schemas to leave out."),
    P_STRING("table.whitelist", table_in, HIGH, .group = CAPTURE, .aliases = ALIASES("table.include.list"),
             .example = "public\\.orders,inventory\\..*",
             .doc = "Regular expressions of the tables to capture, each of which must match all of SCHEMA.TABLE. Not "
                    "together with table.blacklist."),
    P_STRING("table.blacklist", table_out, HIGH, .group = CAPTURE, .aliases = ALIASES("table.exclude.list"),
             .doc = "Regular expressions of the tables to leave out."),
    P_STRING("column.blacklist", column_out, MEDIUM, .group = CAPTURE, .aliases = ALIASES("column.exclude.list"),
             .doc = "Regular expressions of columns, as SCHEMA.TABLE.COLUMN, that are left out of values; keys keep "
                    "them. Columns are shortened and hidden by `column.truncate.to.N.chars` and "
                    "`column.mask.with.N.chars`, whose values are such expressions."),
    P_STRING("message.key.columns", key_columns, MEDIUM, .group = CAPTURE, .example = "public\\.orders:region,seq",
             .doc = "Keys other than the primary key: `SCHEMA.TABLE:COLUMN,COLUMN`, several separated by semicolons; "
                    "the part before the colon is a regular expression."),
    PROPERTY_LIST("skipped.operations", struct pgc_config, skipped_operations, LOW, .group = CAPTURE,
                  .doc = "Operations that make no events: `c` inserts, `u` updates, `d` deletes, separated by commas."),
    P_BOOLEAN("tombstones.on.delete", tombstones, .fallback = "true", MEDIUM, .group = CAPTURE,
              .doc = "Whether a delete is followed by a record of the same key without a value, which lets a compacted "
                     "topic forget the key."),
    P_BOOLEAN("provide.transaction.metadata", transactions, .fallback = "false", LOW, .group = CAPTURE,
              .doc = "Whether events say which transaction they are part of, and the topic `SERVER.transaction` gets "
                     "a record at the beginning and the end of each."),

    P_ENUM("time.precision.mode", time_mode, .fallback = "adaptive", .choices = time_names, MEDIUM, .group = VALUES,
           .doc = "How times are represented: `adaptive` in milliseconds or microseconds as the column's precision "
                  "asks, `adaptive_time_microseconds` the same but times of day always in microseconds, `connect` as "
                  "Kafka Connect's own types in milliseconds."),
    P_ENUM("decimal.handling.mode", decimal_mode, .fallback = "precise", .choices = decimal_names, MEDIUM,
           .group = VALUES, .doc = "How numeric columns are represented: exactly, as floating point, or as text."),
    P_ENUM("hstore.handling.mode", hstore_mode, .fallback = "map", .choices = hstore_names, MEDIUM, .group = VALUES,
           .doc = "Whether an hstore becomes a map or a JSON text."),
    P_ENUM("interval.handling.mode", interval_mode, .fallback = "numeric", .choices = interval_names, MEDIUM,
           .group = VALUES,
           .doc = "Whether an interval becomes a number of microseconds, a month counting 30.4375 days, or a text like "
                  "`P1Y2M3DT4H5M6.78S`."),
    P_ENUM("binary.handling.mode", binary_mode, .fallback = "bytes", .choices = binary_names, LOW, .group = VALUES,
           .doc = "How bytea is represented: as bytes, the only form of this version."),
    P_BOOLEAN("include.unknown.datatypes", include_unknown, .fallback = "false", LOW, .group = VALUES,
              .doc = "Whether columns of types that have no representation are included, their text as bytes, instead "
                     "of left out."),
    P_STRING("toasted.value.placeholder", placeholder, .fallback = "__debezium_unavailable_value", MEDIUM,
             .group = VALUES, .check = check_placeholder, .aliases = ALIASES("unavailable.value.placeholder"),
             .doc = "What stands for a large value that an update did not touch and that the server therefore does "
                    "not send; `hex:` and digits for bytes."),
    P_STRING("column.propagate.source.type", propagate, LOW, .group = VALUES,
             .doc =
                 "Regular expressions of columns, as SCHEMA.TABLE.COLUMN, whose fields' schemas get the type, length "
                 "and scale in the database as parameters `__debezium.source.column.*`."),
    P_STRING("datatype.propagate.source.type", propagate_types, LOW, .group = VALUES,
             .doc = "The same for all columns of the types that the expressions match, as SCHEMA.TABLE.TYPE."),
    P_BOOLEAN("sanitize.field.names", sanitize, .fallback = "false", LOW, .group = VALUES,
              .doc = "Whether characters that Avro does not allow in names are replaced by `_` in field names."),
    P_ENUM("source.struct.version", source_version, .fallback = "v2", .choices = version_names, LOW, .group = VALUES,
           .doc = "Form of the block `source` in events; `v1` is that of Debezium before 0.10."),

    P_ENUM("snapshot.mode", snapshot_mode, .fallback = "initial", .choices = snapshot_names, MEDIUM, .group = SNAPSHOT,
           .doc = "When the tables are read whole: `initial` and `exported` if no position is stored, `always` at each "
                  "start, `never`, `initial_only` once and then nothing more. `custom` is refused."),
    P_STRING("snapshot.custom.class", snapshot_class, LOW, .group = SNAPSHOT, .check = refuse_java,
             .doc = "Refused: a Java class that decides about snapshots."),
    P_LONG("snapshot.lock.timeout.ms", snapshot_lock_ms, .fallback = "10000", .max = INT64_MAX, LOW, .group = SNAPSHOT,
           .doc = "How long the snapshot waits for a table that somebody else has locked, in milliseconds."),
    P_LONG("snapshot.delay.ms", snapshot_delay_ms, .fallback = "0", .max = INT64_MAX, LOW, .group = SNAPSHOT,
           .doc = "How long to wait before the snapshot, in milliseconds."),
    P_INT("snapshot.fetch.size", snapshot_fetch_size, .fallback = "10240", .min = 1, .max = INT32_MAX, LOW,
          .group = SNAPSHOT, .flags = PROPERTY_ACCEPTED,
          .doc = "Without effect: the snapshot is a COPY, which the server sends row by row as they are taken."),
    P_STRING("snapshot.select.statement.overrides", snapshot_overrides, LOW, .group = SNAPSHOT,
             .doc = "Tables, as SCHEMA.TABLE and separated by commas, whose rows the snapshot takes from the statement "
                    "in `snapshot.select.statement.overrides.SCHEMA.TABLE`."),

    P_STRING("plugin.name", plugin_name, .fallback = "pgoutput", MEDIUM, .group = STREAM, .check = check_plugin,
             .doc = "The server's decoding plug-in: pgoutput."),
    P_STRING("slot.name", slot_name, .fallback = "debezium", MEDIUM, .group = STREAM, .check = check_slot_name,
             .doc = "The replication slot, which keeps the server's log for us; created if it does not exist."),
    P_BOOLEAN("slot.drop.on.stop", drop_slot, .fallback = "false", MEDIUM, .group = STREAM,
              .doc = "Whether the slot is dropped when the connector stops in order. What changes until the next start "
                     "is then never seen: for tests."),
    P_STRING("publication.name", publication_name, .fallback = "dbz_publication", LOW, .group = STREAM,
             .doc = "The publication that says what is sent; created if it does not exist."),
    P_ENUM("publication.autocreate.mode", autocreate, .fallback = "all_tables", .choices = autocreate_names, LOW,
           .group = STREAM,
           .doc = "What a missing publication is created for: all tables, the tables that pass the filters now "
                  "(`filtered`), or nothing: it is an error (`disabled`)."),
    P_STRING("slot.stream.params", stream_params, LOW, .group = STREAM, .example = "messages=false",
             .doc = "Further options of the decoding plug-in, `NAME=VALUE` separated by semicolons."),
    P_INT("slot.max.retries", slot_retries, .fallback = "6", .max = INT32_MAX, LOW, .group = STREAM,
          .doc = "How often to try again when the slot cannot be read, before the task is restarted."),
    P_LONG("slot.retry.delay.ms", slot_retry_ms, .fallback = "10000", .max = INT64_MAX, LOW, .group = STREAM,
           .doc = "Milliseconds between those attempts."),
    P_INT("status.update.interval.ms", status_interval_ms, .fallback = "10000", .min = 100, .max = INT32_MAX, LOW,
          .group = STREAM, .doc = "How often the server is told that we are alive, in milliseconds."),
    P_LONG("xmin.fetch.interval.ms", xmin_interval_ms, .fallback = "0", .max = INT64_MAX, LOW, .group = STREAM,
           .doc = "How often the slot's catalog_xmin is read for the field `xmin` of events, in milliseconds; 0: "
                  "never."),
    P_ENUM("schema.refresh.mode", refresh_mode, .fallback = "columns_diff", .choices = refresh_names, LOW,
           .group = STREAM, .flags = PROPERTY_ACCEPTED,
           .doc = "Without effect: pgoutput describes a table anew whenever it has changed."),

    P_LONG("heartbeat.interval.ms", heartbeat_ms, .fallback = "0", .max = INT64_MAX, LOW, .group = RUNNING,
           .doc = "Milliseconds between records to the heartbeat topic, which carry the position on while nothing else "
                  "happens; 0: none."),
    P_STRING("heartbeat.topics.prefix", heartbeat_prefix, .fallback = "__debezium-heartbeat", LOW, .group = RUNNING,
             .doc = "The heartbeat topic is this, a point, and the server's logical name."),
    P_STRING("heartbeat.action.query", heartbeat_query, LOW, .group = RUNNING,
             .doc = "SQL that is run with every heartbeat, such as an insert into a captured table."),
    P_ENUM("event.processing.failure.handling.mode", failure_mode, .fallback = "fail", .choices = failure_names, LOW,
           .group = RUNNING,
           .doc = "What happens to an event that cannot be made of a row: the task fails, or it is left out with a "
                  "warning (`warn`) or without (`skip`)."),
    P_INT("max.batch.size", max_batch, .fallback = "2048", .min = 1, .max = INT32_MAX, MEDIUM, .group = RUNNING,
          .doc = "Most records that are handed on at once."),
    P_STRING("converters", converters, LOW, .group = RUNNING, .check = refuse_java,
             .doc = "Refused: Java classes that convert columns."),
    P_INT("poll.interval.ms", poll_interval_ms, .fallback = "500", .min = 1, .max = INT32_MAX, LOW, .group = RUNNING,
          .flags = PROPERTY_ACCEPTED, .doc = "Without effect: an event is handed on when it comes; nothing is polled."),
    PROPERTY_END,
};
