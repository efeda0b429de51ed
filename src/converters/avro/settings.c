#include "converters/avro/settings.h"

#include "base/mem.h"
#include "http/client.h"

#include <unistd.h>

#define STRATEGY_PACKAGE "io.confluent.kafka.serializers.subject."
static const char *const strategies[] = {
    [STRATEGY_TOPIC] = STRATEGY_PACKAGE "TopicNameStrategy",
    [STRATEGY_RECORD] = STRATEGY_PACKAGE "RecordNameStrategy",
    [STRATEGY_TOPIC_RECORD] = STRATEGY_PACKAGE "TopicRecordNameStrategy",
    [N_STRATEGIES + STRATEGY_TOPIC] = "TopicNameStrategy",
    [N_STRATEGIES + STRATEGY_RECORD] = "RecordNameStrategy",
    [N_STRATEGIES + STRATEGY_TOPIC_RECORD] = "TopicRecordNameStrategy",
    NULL,
};

/* A list of URLs that are one registry. */
static int check_url(const struct property *p, struct str urls, struct error *err)
{
    struct http_url parts;
    for (struct str rest = urls; rest.ptr;) {
        struct str url = str_trim(str_split(rest, ',', &rest));
        if (url.len && !http_url_split(url, &parts))
            return error_set(err, ERROR_CONFIG, "%s: an address is no http:// or https:// URL with a host", p->name);
    }
    return 0;
}

static int check_file(const struct property *p, struct str path, struct error *err)
{
    AUTO_FREE char *name = mem_strndup(path.len ? path.ptr : "", path.len);
    if (path.len && access(name, R_OK) != 0)
        return error_set(err, ERROR_CONFIG, "%s: the file %s cannot be read", p->name, name);
    return 0;
}

/* Properties whose other value is not available: the check refuses it, rather than doing something else silently. */
static int refuse_unless(const struct property *p, struct str value, const char *available, struct error *err)
{
    if (str_is_nocase(value, available))
        return 0;
    return error_set(err, ERROR_CONFIG,
                     "%s: \"" STR_FMT "\" is not available yet; leave the property out, or set it to %s", p->name,
                     STR_ARG(value), available);
}

static int check_true(const struct property *p, struct str value, struct error *err)
{
    return refuse_unless(p, value, "true", err);
}

static int check_false(const struct property *p, struct str value, struct error *err)
{
    return refuse_unless(p, value, "false", err);
}

#define GROUP_REGISTRY "Schema Registry"
#define GROUP_SCHEMAS  "Schemas"
#define GROUP_TLS      "Schema Registry TLS"

static const char *const auth_sources[] = {[AUTH_URL] = "URL", [AUTH_USER_INFO] = "USER_INFO", NULL};
static const char *const trust_types[] = {"PEM", NULL};
static const char *const key_types[] = {[KEY_PEM] = "PEM", [KEY_PKCS12] = "PKCS12", NULL};

const struct property avro_converter_properties[] = {
    PROPERTY_LIST("schema.registry.url", struct avro_converter_config, registry_url, .importance = IMPORTANCE_HIGH,
                  .group = GROUP_REGISTRY, .check = check_url, .example = "http://localhost:8081",
                  .doc = "The address of the schema registry; several, separated by commas, are one registry, and the "
                         "next is asked when one does not answer. Left out, or the address at which this program's own "
                         "registry is served: schemas are kept in that one, without a request over the network."),
    PROPERTY_BOOLEAN("auto.register.schemas", struct avro_converter_config, auto_register, .fallback = "true",
                     .importance = IMPORTANCE_MEDIUM, .group = GROUP_REGISTRY,
                     .doc = "Whether a schema that the registry does not know is registered when it is first written. "
                            "With `false` it must be there already, or `use.latest.version` or `use.schema.id` tells "
                            "which one to write with."),
    PROPERTY_BOOLEAN("use.latest.version", struct avro_converter_config, use_latest, .fallback = "false",
                     .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY,
                     .doc = "With `auto.register.schemas=false`: whether data is written with the subject's latest "
                            "schema in place of its own. Fields are matched by name, defaults and promotions apply."),
    PROPERTY_BOOLEAN("latest.compatibility.strict", struct avro_converter_config, latest_strict, .fallback = "true",
                     .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY,
                     .doc = "Whether `use.latest.version` wants that the latest schema can read all data of the own "
                            "one. With `false` that is found out record by record."),
    PROPERTY_INT("use.schema.id", struct avro_converter_config, use_schema_id, .fallback = "-1", .min = -1,
                 .max = INT32_MAX, .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY,
                 .doc = "With `auto.register.schemas=false`: the id of the registered schema to write with, as "
                        "`use.latest.version` does with the latest; `-1`: none."),
    PROPERTY_BOOLEAN("id.compatibility.strict", struct avro_converter_config, id_strict, .fallback = "true",
                     .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY,
                     .doc = "Whether `use.schema.id` wants that the schema can read all data of the own one."),
    PROPERTY_BOOLEAN("normalize.schemas", struct avro_converter_config, normalize, .fallback = "false",
                     .importance = IMPORTANCE_MEDIUM, .group = GROUP_REGISTRY,
                     .doc = "Whether the registry brings a schema into its normal form before it registers or looks "
                            "for it."),
    PROPERTY_ENUM("key.subject.name.strategy", struct avro_converter_config, key_strategy,
                  .fallback = STRATEGY_PACKAGE "TopicNameStrategy", .choices = strategies,
                  .importance = IMPORTANCE_MEDIUM, .group = GROUP_REGISTRY,
                  .doc = "Under which subject the schema of a key is registered. `TopicNameStrategy`: the topic's name "
                         "and `-key`. `RecordNameStrategy`: the full name of the record. `TopicRecordNameStrategy`: "
                         "the topic's name, `-`, and the record's. The last two need keys that are structs."),
    PROPERTY_ENUM("value.subject.name.strategy", struct avro_converter_config, value_strategy,
                  .fallback = STRATEGY_PACKAGE "TopicNameStrategy", .choices = strategies,
                  .importance = IMPORTANCE_MEDIUM, .group = GROUP_REGISTRY,
                  .doc = "Under which subject the schema of a value is registered: as `key.subject.name.strategy`, "
                         "with `-value`."),
    PROPERTY_INT("max.schemas.per.subject", struct avro_converter_config, max_schemas, .fallback = "1000",
                 .max = INT32_MAX, .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY, .flags = PROPERTY_ACCEPTED,
                 .doc = "How many schemas of a subject Confluent's client keeps. Taken and without effect: every "
                        "schema that is in use is kept."),
    PROPERTY_ENUM("basic.auth.credentials.source", struct avro_converter_config, auth_source, .fallback = "URL",
                  .choices = auth_sources, .importance = IMPORTANCE_MEDIUM, .group = GROUP_REGISTRY,
                  .doc = "Where the name and password for a registry elsewhere come from. `URL`: from "
                         "`schema.registry.url`, `http://name:password@host:8081`. `USER_INFO`: from "
                         "`basic.auth.user.info`."),
    PROPERTY_PASSWORD("basic.auth.user.info", struct avro_converter_config, auth_user,
                      .aliases = (const char *const[]){"schema.registry.basic.auth.user.info", NULL}, .fallback = "",
                      .importance = IMPORTANCE_MEDIUM, .group = GROUP_REGISTRY,
                      .doc =
                          "`name:password` for a registry elsewhere, with `basic.auth.credentials.source=USER_INFO`."),
    PROPERTY_STRING("schema.registry.ssl.truststore.location", struct avro_converter_config, trust_file, .fallback = "",
                    .importance = IMPORTANCE_MEDIUM, .group = GROUP_TLS, .check = check_file,
                    .doc = "A file of certificates (PEM) that a registry at an `https://` address is trusted by. Left "
                           "out: the system's."),
    PROPERTY_ENUM("schema.registry.ssl.truststore.type", struct avro_converter_config, trust_type, .fallback = "PEM",
                  .choices = trust_types, .importance = IMPORTANCE_MEDIUM, .group = GROUP_TLS,
                  .doc = "The form of that file. A Java key store becomes PEM by `keytool -exportcert -rfc`."),
    PROPERTY_STRING("schema.registry.ssl.keystore.location", struct avro_converter_config, key_file, .fallback = "",
                    .importance = IMPORTANCE_MEDIUM, .group = GROUP_TLS, .check = check_file,
                    .doc = "A file with our own certificate and its private key, for a registry that wants one."),
    PROPERTY_ENUM("schema.registry.ssl.keystore.type", struct avro_converter_config, key_type, .fallback = "PEM",
                  .choices = key_types, .importance = IMPORTANCE_MEDIUM, .group = GROUP_TLS,
                  .doc = "The form of that file. A Java key store becomes PKCS12 by `keytool -importkeystore`."),
    PROPERTY_PASSWORD("schema.registry.ssl.key.password", struct avro_converter_config, key_password,
                      .aliases = (const char *const[]){"schema.registry.ssl.keystore.password", NULL}, .fallback = "",
                      .importance = IMPORTANCE_MEDIUM, .group = GROUP_TLS,
                      .doc = "The password of the private key, or of the PKCS12 file."),
    PROPERTY_STRING("schema.registry.ssl.endpoint.identification.algorithm", struct avro_converter_config, host_check,
                    .fallback = "https", .importance = IMPORTANCE_LOW, .group = GROUP_TLS,
                    .doc = "Empty: the certificate of the registry may be for another host name."),
    PROPERTY_INT("http.read.timeout.ms", struct avro_converter_config, timeout_ms, .fallback = "60000", .min = 1,
                 .max = INT32_MAX, .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY,
                 .doc = "How long a request to a registry elsewhere may take."),
    PROPERTY_INT("max.retries", struct avro_converter_config, max_retries, .fallback = "3", .max = 1000,
                 .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY,
                 .doc = "How often a registry elsewhere that cannot be reached, or is busy, is asked again."),
    PROPERTY_INT("retries.wait.ms", struct avro_converter_config, wait_ms, .fallback = "1000", .max = INT32_MAX,
                 .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY,
                 .doc = "How long to wait before the first of these; the wait doubles each time."),
    PROPERTY_INT("retries.max.wait.ms", struct avro_converter_config, max_wait_ms, .fallback = "20000",
                 .max = INT32_MAX, .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY,
                 .doc = "The longest of these waits."),
    PROPERTY_BOOLEAN("connect.meta.data", struct avro_converter_config, connect_meta, .fallback = "true",
                     .importance = IMPORTANCE_LOW, .group = GROUP_SCHEMAS,
                     .doc = "Whether what Avro has no word for (versions, parameters, the names of types that are not "
                            "records) stands in the schema as properties `connect.name`, `connect.version` and so on. "
                            "With `false` the schema is plainer, and that is lost to readers in Kafka Connect."),
    PROPERTY_BOOLEAN("enhanced.avro.schema.support", struct avro_converter_config, enhanced, .fallback = "false",
                     .importance = IMPORTANCE_MEDIUM, .group = GROUP_SCHEMAS,
                     .doc = "Whether strings that were an Avro enumeration once (parameter "
                            "`io.confluent.connect.avro.Enum`) become one again."),
    PROPERTY_BOOLEAN("scrub.invalid.names", struct avro_converter_config, scrub_names, .fallback = "false",
                     .importance = IMPORTANCE_MEDIUM, .group = GROUP_SCHEMAS,
                     .doc =
                         "Whether names that Avro forbids are replaced: what is no letter, digit or `_` becomes its "
                         "URL encoding with `_` in place of `%`, and a digit in front gets an `x`. With `false` such "
                         "a name is an error."),
    PROPERTY_BOOLEAN("ignore.default.for.nullables", struct avro_converter_config, keep_nulls, .fallback = "false",
                     .importance = IMPORTANCE_MEDIUM, .group = GROUP_SCHEMAS,
                     .doc = "Whether a null stays null in a field that has a default value. With `false` it is written "
                            "as the default."),
    PROPERTY_BOOLEAN("allow.optional.map.keys", struct avro_converter_config, optional_map_keys, .fallback = "false",
                     .importance = IMPORTANCE_LOW, .group = GROUP_SCHEMAS,
                     .doc =
                         "Whether a map whose string keys are optional is an Avro map. With `false` it is an array of "
                         "records of a key and a value, as every map whose keys are no strings."),
    PROPERTY_BOOLEAN("generalized.sum.type.support", struct avro_converter_config, generalized, .fallback = "false",
                     .importance = IMPORTANCE_MEDIUM, .group = GROUP_SCHEMAS, .check = check_false,
                     .doc = "Whether enumerations and unions take the form that they share with Protobuf and JSON "
                            "Schema. Only `false` is available."),
    PROPERTY_BOOLEAN("flatten.singleton.unions", struct avro_converter_config, flatten, .fallback = "true",
                     .importance = IMPORTANCE_LOW, .group = GROUP_SCHEMAS, .check = check_true,
                     .doc = "Whether a union of one type is read as that type. Only `true` is available."),
    PROPERTY_BOOLEAN("discard.type.doc.default", struct avro_converter_config, discard_docs, .fallback = "false",
                     .importance = IMPORTANCE_LOW, .group = GROUP_SCHEMAS, .flags = PROPERTY_ACCEPTED,
                     .doc = "Which documentation later versions of Confluent's converter keep. Taken and without "
                            "effect: a field has the documentation of its schema, as up to version 5 and as with "
                            "`true` since."),
    PROPERTY_INT("schemas.cache.config", struct avro_converter_config, cache_size, .fallback = "1000", .max = INT32_MAX,
                 .importance = IMPORTANCE_LOW, .group = GROUP_SCHEMAS, .flags = PROPERTY_ACCEPTED,
                 .doc = "How many converted schemas are kept. Taken and without effect: every schema that is in use "
                        "is kept, with the plan for writing its data."),
    PROPERTY_END,
};
