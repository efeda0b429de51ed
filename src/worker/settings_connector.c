#include "worker/settings.h"
#include "worker/worker.h"

#define CS struct connector_settings

static const char *const tolerances[] = {"none", "all", NULL};
static const char *const reload_actions[] = {"none", "restart", NULL};
static const char *const support_levels[] = {"requested", "required", NULL};
static const char *const queue_bytes_aliases[] = {"max.queue.size.in.bytes", NULL};

int settings_check_name(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    if (str_trim(value).len == 0)
        return error_set(err, ERROR_CONFIG, "String may not be empty");
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7f)
            return error_set(err, ERROR_CONFIG, "String may not contain control sequences but had the ASCII code %d",
                             value.ptr[i]);
    return 0;
}

static int check_aliases(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    struct str rest = value;
    while (rest.ptr) {
        struct str one = str_trim(str_split(rest, ',', &rest));
        for (struct str more = rest; one.len && more.ptr;)
            if (str_equal(one, str_trim(str_split(more, ',', &more))))
                return error_set(err, ERROR_CONFIG, "Duplicate alias provided: " STR_FMT, STR_ARG(one));
    }
    return 0;
}

static int check_topic_name(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    bool fine = value.len <= TOPICS_NAME_MAX && !str_is(value, ".") && !str_is(value, "..");
    for (size_t i = 0; i < value.len && fine; i++) {
        char c = value.ptr[i];
        fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("._-", c));
    }
    return fine ? 0
                : error_set(err, ERROR_CONFIG, "a topic's name has up to %d letters, digits, '.', '_' and '-' of ASCII",
                            TOPICS_NAME_MAX);
}

static int check_choice(const char *const *choices, struct str value, struct error *err)
{
    AUTO_BUF known = {0};
    for (const char *const *c = choices; *c; c++) {
        if (str_is_nocase(value, *c))
            return 0;
        buf_printf(&known, "%s%s", known.len ? ", " : "", *c);
    }
    return error_set(err, ERROR_CONFIG, "String must be one of: %s", buf_cstr(&known));
}

static int check_reload(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    return check_choice(reload_actions, value, err);
}

static int check_support(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    return check_choice(support_levels, value, err);
}

const char *const connector_property_prefixes[] = {
    "transforms.",     "predicates.",        "key.converter.",     "value.converter.", "header.converter.",
    "topic.creation.", "producer.override.", "consumer.override.", "admin.override.",  NULL,
};

const struct property connector_properties[] = {
    PROPERTY_STRING("name", CS, name, .flags = PROPERTY_REQUIRED, .check = settings_check_name,
                    .importance = IMPORTANCE_HIGH, .group = "Common", .display = "Connector name",
                    .example = "load-test-table", .doc = "Name of the connector, unique within the worker."),
    PROPERTY_CLASS("connector.class", CS, connector_class, .flags = PROPERTY_REQUIRED, .importance = IMPORTANCE_HIGH,
                   .group = "Common", .display = "Connector class",
                   .example = "io.confluent.connect.jdbc.JdbcSourceConnector",
                   .doc = "Which connector it is: the Java class name that Kafka Connect knows, or the short name that "
                          "`tributary plugins` lists."),
    PROPERTY_INT("tasks.max", CS, tasks_max, .fallback = "1", .min = 1, .max = WORKER_MAX_TASKS,
                 .importance = IMPORTANCE_HIGH, .group = "Common", .display = "Tasks max",
                 .doc = "The most tasks that the connector may divide its work into."),
    PROPERTY_STRING("tasks.max.enforce", CS, ignored, .flags = PROPERTY_ACCEPTED, .importance = IMPORTANCE_LOW,
                    .group = "Common", .doc = "No connector here makes more tasks than `tasks.max` allows."),
    PROPERTY_CLASS("key.converter", CS, key_converter, .importance = IMPORTANCE_LOW, .group = "Common",
                   .display = "Key converter class",
                   .doc = "Converter that turns keys into bytes. Without it, the worker's `key.converter`. Names below "
                          "`key.converter.` are the converter's own properties."),
    PROPERTY_CLASS("value.converter", CS, value_converter, .importance = IMPORTANCE_LOW, .group = "Common",
                   .display = "Value converter class",
                   .doc = "Converter that turns values into bytes. Without it, the worker's `value.converter`. Names "
                          "below `value.converter.` are the converter's own properties."),
    PROPERTY_CLASS("header.converter", CS, header_converter, .importance = IMPORTANCE_LOW, .group = "Common",
                   .display = "Header converter class",
                   .doc = "Converter that turns headers into bytes. Without it, the worker's `header.converter`."),
    PROPERTY_STRING("config.action.reload", CS, ignored, .fallback = "restart", .check = check_reload,
                    .importance = IMPORTANCE_LOW, .group = "Common", .display = "Reload Action",
                    .doc = "`none` or `restart`. Variables such as `${file:...}` are read again at every start of a "
                           "task; a change in the file does not restart one by itself."),
    PROPERTY_LIST("transforms", CS, transforms, .fallback = "", .check = check_aliases, .importance = IMPORTANCE_LOW,
                  .group = "Transforms", .display = "Transforms", .example = "unwrap,route",
                  .doc = "Aliases of the transforms that records go through, in this order. `transforms.ALIAS.type` "
                         "names the class; further names below `transforms.ALIAS.` are its own properties."),
    PROPERTY_LIST("predicates", CS, predicates, .fallback = "", .check = check_aliases, .importance = IMPORTANCE_LOW,
                  .group = "Predicates", .display = "Predicates",
                  .doc = "Aliases of the predicates that transforms refer to with `transforms.ALIAS.predicate`."),
    PROPERTY_LONG("errors.retry.timeout", CS, retry_timeout_ms, .fallback = "0", .min = -1, .max = INT64_MAX,
                  .importance = IMPORTANCE_MEDIUM, .group = "Error Handling", .display = "Retry Timeout for Errors",
                  .doc = "For how many milliseconds an operation of a transform or converter is tried again when it "
                         "fails for a reason that may pass, a registry that does not answer for instance. 0: not at "
                         "all, -1: without end. After that the task starts again from its last committed position."),
    PROPERTY_LONG("errors.retry.delay.max.ms", CS, retry_delay_max_ms, .fallback = "60000", .min = 1, .max = INT64_MAX,
                  .importance = IMPORTANCE_MEDIUM, .group = "Error Handling",
                  .display = "Maximum Delay Between Retries for Errors",
                  .doc = "The longest wait between two such attempts, in milliseconds."),
    PROPERTY_ENUM("errors.tolerance", CS, tolerance, .fallback = "none", .choices = tolerances,
                  .importance = IMPORTANCE_MEDIUM, .group = "Error Handling", .display = "Error Tolerance",
                  .doc = "`none`: a record that cannot be transformed or converted fails the task. `all`: it is "
                         "skipped and counted. Errors that may pass never skip a record."),
    PROPERTY_BOOLEAN("errors.log.enable", CS, log_errors, .fallback = "false", .importance = IMPORTANCE_MEDIUM,
                     .group = "Error Handling", .display = "Log Errors",
                     .doc = "Logs every error of a record, with the stage and the class it happened in, whether the "
                            "record is skipped or fails the task. Without it, the log has a sum of the skipped ones "
                            "now and then."),
    PROPERTY_BOOLEAN("errors.log.include.messages", CS, log_messages, .fallback = "false",
                     .importance = IMPORTANCE_MEDIUM, .group = "Error Handling", .display = "Log Error Details",
                     .doc = "Puts topic, key and value of the record into these lines of the log."),
    PROPERTY_STRING("errors.deadletterqueue.topic.name", CS, dead_letter_topic, .fallback = "",
                    .check = check_topic_name, .importance = IMPORTANCE_MEDIUM, .group = "Error Handling",
                    .display = "Dead Letter Queue Topic Name", .example = "dlq-orders",
                    .doc = "Topic for the records that `errors.tolerance=all` skips: key and value as JSON, as they "
                           "were when they failed, written in the same transaction as the records around them. It is "
                           "created when it is missing. Empty: none. Kafka Connect has this for sinks only."),
    PROPERTY_BOOLEAN("errors.deadletterqueue.context.headers.enable", CS, dead_letter_headers, .fallback = "false",
                     .importance = IMPORTANCE_MEDIUM, .group = "Error Handling",
                     .display = "Enable Error Context Headers",
                     .doc = "Adds headers that say where and why a record in the dead-letter topic failed, named "
                            "`__connect.errors.*` as Kafka Connect names them."),
    PROPERTY_STRING("errors.deadletterqueue.topic.replication.factor", CS, ignored, .flags = PROPERTY_ACCEPTED,
                    .importance = IMPORTANCE_MEDIUM, .group = "Error Handling",
                    .doc = "The embedded log keeps one replica."),
    PROPERTY_LONG("max.queue.size", CS, queue_records, .fallback = "8192", .min = 1, .max = 10000000,
                  .importance = IMPORTANCE_MEDIUM, .group = "Queue",
                  .doc = "The most records that wait between the reader of a task and its pipeline. A full queue slows "
                         "the reader."),
    PROPERTY_LONG("max.queue.bytes", CS, queue_bytes, .fallback = "8388608", .min = 65536, .max = INT64_C(1) << 40,
                  .aliases = queue_bytes_aliases, .importance = IMPORTANCE_MEDIUM, .group = "Queue",
                  .doc = "The most memory, in bytes, that those records may use. One record beyond it passes alone."),
    PROPERTY_BOOLEAN("task.restart.enable", CS, restart, .fallback = "true", .importance = IMPORTANCE_MEDIUM,
                     .group = "Error Handling",
                     .doc = "Whether a failed task is started again by itself, after a wait that grows from "
                            "`task.restart.backoff.ms` to `task.restart.backoff.max.ms`. Its status is FAILED with a "
                            "trace while it waits; a restart through the REST API happens at once."),
    PROPERTY_LONG("task.restart.backoff.ms", CS, restart_backoff_ms, .fallback = "500", .min = 1, .max = 86400000,
                  .importance = IMPORTANCE_LOW, .group = "Error Handling",
                  .doc = "The first wait before a failed task is started again, in milliseconds. It doubles with every "
                         "attempt and begins anew once a commit succeeded."),
    PROPERTY_LONG("task.restart.backoff.max.ms", CS, restart_backoff_max_ms, .fallback = "60000", .min = 1,
                  .max = 86400000, .importance = IMPORTANCE_LOW, .group = "Error Handling",
                  .doc = "The longest of these waits, in milliseconds."),
    PROPERTY_LIST("topic.creation.groups", CS, topic_groups, .fallback = "", .importance = IMPORTANCE_LOW,
                  .group = "Topic Creation", .display = "Topic Creation Groups",
                  .doc = "Groups of topics with settings of their own: `topic.creation.GROUP.include` and `.exclude` "
                         "(regular expressions of topic names), `.partitions`, `.cleanup.policy`, `.retention.ms`, "
                         "`.retention.bytes`. The group `default` always exists and takes what no other group does."),
    PROPERTY_STRING("offsets.storage.topic", CS, offsets_topic, .importance = IMPORTANCE_LOW, .group = "Offsets Topic",
                    .display = "Offsets topic",
                    .doc = "A topic of its own for this connector's positions, instead of the worker's."),
    PROPERTY_STRING("exactly.once.support", CS, ignored, .fallback = "requested", .check = check_support,
                    .importance = IMPORTANCE_MEDIUM, .group = "Exactly Once Support", .display = "Exactly once support",
                    .doc = "`requested` or `required`; either is met: records and position are always written in one "
                           "transaction."),
    PROPERTY_STRING("transaction.boundary", CS, ignored, .flags = PROPERTY_ACCEPTED, .importance = IMPORTANCE_MEDIUM,
                    .group = "Exactly Once Support",
                    .doc = "Transactions end where the source can be resumed, and are joined under load."),
    PROPERTY_STRING("transaction.boundary.interval.ms", CS, ignored, .flags = PROPERTY_ACCEPTED,
                    .importance = IMPORTANCE_LOW, .group = "Exactly Once Support",
                    .doc = "Transactions end where the source can be resumed, and are joined under load."),
    PROPERTY_END,
};
