#include "converters/avro/settings.h"

#include <unistd.h>

enum { HOST_MAX = 256 };

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

static struct str host_of(struct str url)
{
    for (const char *const *scheme = (const char *const[]){"http://", "https://", NULL}; *scheme; scheme++)
        if (str_starts(url, *scheme))
            url = str_of(url.ptr + strlen(*scheme), url.len - strlen(*scheme));
    struct str path, host = str_split(url, '/', &path);
    size_t at = str_find(host, '@');
    if (at < host.len)
        host = str_of(host.ptr + at + 1, host.len - at - 1);
    if (host.len && host.ptr[0] == '[')
        return str_of(host.ptr + 1, str_find(host, ']') - 1);
    return str_of(host.ptr, str_find(host, ':'));
}

/* The registry is this program's own, so an address must be one of this machine. */
static int check_url(const struct property *p, struct str urls, struct error *err)
{
    char name[HOST_MAX] = "";
    gethostname(name, sizeof name - 1);
    for (struct str rest = urls; rest.ptr;) {
        struct str url = str_trim(str_split(rest, ',', &rest)), host = host_of(url);
        bool ours = str_is(host, "localhost") || str_starts(host, "127.") || str_is(host, "::1") ||
                    str_is(host, "0.0.0.0") || (*name && str_is_nocase(host, name));
        if (url.len && !ours)
            return error_set(err, ERROR_CONFIG,
                             "%s: a registry on another machine (\"" STR_FMT "\") cannot be used yet; schemas are kept "
                             "in this program's own registry: leave the property out, or give its address, "
                             "http://localhost:8081",
                             p->name, STR_ARG(url));
    }
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

static int check_no_id(const struct property *p, struct str value, struct error *err)
{
    return refuse_unless(p, value, "-1", err);
}

#define GROUP_REGISTRY "Schema Registry"
#define GROUP_SCHEMAS  "Schemas"

const struct property avro_converter_properties[] = {
    PROPERTY_LIST("schema.registry.url", struct avro_converter_config, registry_url, .importance = IMPORTANCE_HIGH,
                  .group = GROUP_REGISTRY, .flags = PROPERTY_ACCEPTED, .check = check_url,
                  .example = "http://localhost:8081",
                  .doc = "The address of the schema registry. Schemas are kept in this program's own registry, so the "
                         "property can be left out; an address of this machine is taken and has no effect, and one of "
                         "another machine is refused."),
    PROPERTY_BOOLEAN("auto.register.schemas", struct avro_converter_config, auto_register, .fallback = "true",
                     .importance = IMPORTANCE_MEDIUM, .group = GROUP_REGISTRY, .check = check_true,
                     .doc = "Whether a schema that the registry does not know is registered when it is first written. "
                            "Only `true` is available."),
    PROPERTY_BOOLEAN("use.latest.version", struct avro_converter_config, use_latest, .fallback = "false",
                     .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY, .check = check_false,
                     .doc = "Whether the subject's latest schema is used in place of the data's own. Only `false` is "
                            "available."),
    PROPERTY_BOOLEAN("latest.compatibility.strict", struct avro_converter_config, latest_strict, .fallback = "true",
                     .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY, .flags = PROPERTY_ACCEPTED,
                     .doc = "Whether `use.latest.version` checks that the latest schema can read the data. Without "
                            "effect as long as that property is `false`."),
    PROPERTY_INT("use.schema.id", struct avro_converter_config, use_schema_id, .fallback = "-1", .min = -1,
                 .max = INT32_MAX, .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY, .check = check_no_id,
                 .doc = "The id of a registered schema to write with. Only `-1`, none, is available."),
    PROPERTY_BOOLEAN("id.compatibility.strict", struct avro_converter_config, id_strict, .fallback = "true",
                     .importance = IMPORTANCE_LOW, .group = GROUP_REGISTRY, .flags = PROPERTY_ACCEPTED,
                     .doc = "Whether `use.schema.id` checks that the schema can read the data. Without effect as long "
                            "as that property is not set."),
    PROPERTY_BOOLEAN("normalize.schemas", struct avro_converter_config, normalize, .fallback = "false",
                     .importance = IMPORTANCE_MEDIUM, .group = GROUP_REGISTRY, .check = check_false,
                     .doc = "Whether the registry brings a schema into its normal form first. Only `false` is "
                            "available."),
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
    PROPERTY_STRING("basic.auth.credentials.source", struct avro_converter_config, auth_source, .fallback = "URL",
                    .importance = IMPORTANCE_MEDIUM, .group = GROUP_REGISTRY, .flags = PROPERTY_ACCEPTED,
                    .doc = "Where the name and password for the registry come from. Taken and without effect: this "
                           "program's own registry is used directly."),
    PROPERTY_PASSWORD("basic.auth.user.info", struct avro_converter_config, auth_user,
                      .aliases = (const char *const[]){"schema.registry.basic.auth.user.info", NULL}, .fallback = "",
                      .importance = IMPORTANCE_MEDIUM, .group = GROUP_REGISTRY, .flags = PROPERTY_ACCEPTED,
                      .doc = "`name:password` for the registry. Taken and without effect: this program's own registry "
                             "is used directly."),
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
