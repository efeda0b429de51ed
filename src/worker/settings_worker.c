#include "worker/settings.h"
#include "worker/worker.h"

#define WS struct worker_settings

/* A property that Kafka Connect knows and that has nothing to do here. */
#define ACCEPTED(property_name, property_group, why)                                                                   \
    PROPERTY_STRING(property_name, WS, ignored, .flags = PROPERTY_ACCEPTED, .importance = IMPORTANCE_LOW,              \
                    .group = property_group, .doc = why)

#define NO_BROKERS "The topics are kept in the embedded log, which has no brokers and no replicas."
#define ALONE      "The worker runs alone, without a group to coordinate."

static const char *const keystore_aliases[] = {"listeners.https.ssl.keystore.location", NULL};
static const char *const keystore_type_aliases[] = {"listeners.https.ssl.keystore.type", NULL};
static const char *const key_password_aliases[] = {"listeners.https.ssl.key.password", NULL};
static const char *const client_auth_aliases[] = {"listeners.https.ssl.client.auth", NULL};

static int check_keystore_type(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    if (str_is_nocase(value, "PEM"))
        return 0;
    return error_set(err, ERROR_CONFIG,
                     "only PEM files are read; `openssl pkcs12 -nodes -in store.p12 -out server.pem` makes one of a "
                     "PKCS12 store, `keytool -importkeystore -deststoretype PKCS12` a PKCS12 store of a JKS one");
}

static int check_client_auth(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    return str_is_nocase(value, "none") ? 0
                                        : error_set(err, ERROR_CONFIG,
                                                    "client certificates are not asked for; set none, and "
                                                    "rest.basic.auth.file for passwords");
}

const struct property worker_properties[] = {
    PROPERTY_CLASS("key.converter", WS, key_converter, .fallback = DEFAULT_CONVERTER, .importance = IMPORTANCE_HIGH,
                   .group = "Converters",
                   .doc = "Converter for keys, for connectors that name none. Names below `key.converter.` are its "
                          "properties."),
    PROPERTY_CLASS("value.converter", WS, value_converter, .fallback = DEFAULT_CONVERTER, .importance = IMPORTANCE_HIGH,
                   .group = "Converters",
                   .doc = "Converter for values, for connectors that name none. Names below `value.converter.` are its "
                          "properties."),
    PROPERTY_CLASS("header.converter", WS, header_converter, .fallback = SIMPLE_HEADER_CONVERTER,
                   .importance = IMPORTANCE_LOW, .group = "Converters",
                   .doc = "Converter for headers, for connectors that name none."),
    PROPERTY_STRING("config.storage.topic", WS, config_topic, .fallback = "connect-configs",
                    .importance = IMPORTANCE_HIGH, .group = "Storage",
                    .doc = "Compacted topic with the configurations of connectors and tasks."),
    PROPERTY_STRING("offset.storage.topic", WS, offset_topic, .fallback = "connect-offsets",
                    .importance = IMPORTANCE_HIGH, .group = "Storage",
                    .doc = "Compacted topic with the positions of the sources."),
    PROPERTY_STRING("status.storage.topic", WS, status_topic, .fallback = "connect-status",
                    .importance = IMPORTANCE_HIGH, .group = "Storage",
                    .doc = "Compacted topic with the statuses of connectors and tasks."),
    PROPERTY_STRING("listeners", WS, listeners, .importance = IMPORTANCE_MEDIUM, .group = "REST",
                    .example = "http://127.0.0.1:8083",
                    .doc =
                        "Address of the REST API, as `http://HOST:PORT` or `https://HOST:PORT`. The first one is used. "
                        "With `https://` the schema registry answers HTTPS too."),
    PROPERTY_STRING("ssl.keystore.location", WS, keystore, .aliases = keystore_aliases, .importance = IMPORTANCE_HIGH,
                    .group = "REST", .example = "/etc/tributary/server.pem",
                    .doc = "File with the private key and the certificates of `https://` listeners, in PEM form."),
    PROPERTY_STRING("ssl.keystore.type", WS, keystore_type, .fallback = "PEM", .aliases = keystore_type_aliases,
                    .check = check_keystore_type, .importance = IMPORTANCE_MEDIUM, .group = "REST",
                    .doc = "Form of that file: PEM. Stores of Java (JKS, PKCS12) are not read; `openssl pkcs12 -nodes` "
                           "turns PKCS12 into PEM, and `keytool -importkeystore` JKS into PKCS12."),
    PROPERTY_PASSWORD("ssl.key.password", WS, key_password, .aliases = key_password_aliases,
                      .importance = IMPORTANCE_HIGH, .group = "REST",
                      .doc = "Password of the private key in that file, if it has one."),
    PROPERTY_STRING("ssl.client.auth", WS, client_auth, .fallback = "none", .aliases = client_auth_aliases,
                    .check = check_client_auth, .importance = IMPORTANCE_LOW, .group = "REST",
                    .doc = "`none`: clients are not asked for a certificate. Nothing else is possible; passwords are, "
                           "with `rest.basic.auth.file`."),
    PROPERTY_STRING("rest.basic.auth.file", WS, users_file, .importance = IMPORTANCE_HIGH, .group = "REST",
                    .example = "/etc/tributary/users",
                    .doc = "File of the users who may use the REST API and the schema registry, a line each: "
                           "`name=password` (as Kafka Connect's and Confluent's property file logins). Without it "
                           "whoever reaches the ports may do everything. It is read at the start."),
    PROPERTY_STRING("rest.host.name", WS, rest_host, .importance = IMPORTANCE_LOW, .group = "REST",
                    .doc = "Host of the REST API, where `listeners` is not given."),
    PROPERTY_INT("rest.port", WS, rest_port, .fallback = "8083", .min = 0, .max = 65535, .importance = IMPORTANCE_LOW,
                 .group = "REST", .doc = "Port of the REST API, where `listeners` is not given."),
    PROPERTY_LONG("task.shutdown.graceful.timeout.ms", WS, graceful_timeout_ms, .fallback = "5000", .min = 100,
                  .max = WORKER_STOP_LIMIT_MS, .importance = IMPORTANCE_LOW, .group = "Tasks",
                  .doc = "How long the tasks may take to drain and commit when the worker stops, in milliseconds. What "
                         "was not committed by then is read again at the next start."),
    PROPERTY_BOOLEAN("topic.creation.enable", WS, topic_creation, .fallback = "true", .importance = IMPORTANCE_LOW,
                     .group = "Topics",
                     .doc = "Whether connectors may have settings for the topics they create (`topic.creation.*`)."),
    PROPERTY_BOOLEAN("topic.tracking.enable", WS, topic_tracking, .fallback = "true", .importance = IMPORTANCE_LOW,
                     .group = "Topics", .doc = "Whether the worker remembers which topics a connector has written."),
    PROPERTY_BOOLEAN("topic.tracking.allow.reset", WS, topic_reset, .fallback = "true", .importance = IMPORTANCE_LOW,
                     .group = "Topics", .doc = "Whether that memory may be cleared through the REST API."),
    PROPERTY_STRING("cluster.id", WS, cluster_id, .fallback = "tributary", .importance = IMPORTANCE_LOW,
                    .group = "REST", .doc = "What `GET /` shows as `kafka_cluster_id`."),
    ACCEPTED("bootstrap.servers", "Kafka", NO_BROKERS),
    ACCEPTED("group.id", "Kafka", ALONE),
    ACCEPTED("config.storage.replication.factor", "Kafka", NO_BROKERS),
    ACCEPTED("offset.storage.replication.factor", "Kafka", NO_BROKERS),
    ACCEPTED("status.storage.replication.factor", "Kafka", NO_BROKERS),
    ACCEPTED("offset.storage.partitions", "Kafka", "The embedded log keeps this topic in one partition."),
    ACCEPTED("status.storage.partitions", "Kafka", "The embedded log keeps this topic in one partition."),
    ACCEPTED("offset.storage.file.filename", "Storage", "Positions are kept in the topic `offset.storage.topic`."),
    ACCEPTED("offset.flush.interval.ms", "Tasks", "A position is committed together with its records."),
    ACCEPTED("offset.flush.timeout.ms", "Tasks", "A position is committed together with its records."),
    ACCEPTED("exactly.once.source.support", "Tasks", "Records and position are always written in one transaction."),
    ACCEPTED("plugin.path", "Plugins", "All plug-ins are part of the program."),
    ACCEPTED("plugin.discovery", "Plugins", "All plug-ins are part of the program."),
    ACCEPTED("config.providers", "Plugins", "The providers env, file and dir are always there."),
    ACCEPTED("internal.key.converter", "Converters", "The worker's own topics are JSON, as Kafka Connect's are."),
    ACCEPTED("internal.value.converter", "Converters", "The worker's own topics are JSON, as Kafka Connect's are."),
    ACCEPTED("connector.client.config.override.policy", "Kafka", NO_BROKERS),
    ACCEPTED("rest.advertised.host.name", "REST", ALONE),
    ACCEPTED("rest.advertised.port", "REST", ALONE),
    ACCEPTED("rest.advertised.listener", "REST", ALONE),
    ACCEPTED("rest.extension.classes", "REST", "Java extensions cannot be loaded."),
    PROPERTY_END,
};
