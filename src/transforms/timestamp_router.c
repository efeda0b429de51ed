/* org.apache.kafka.connect.transforms.TimestampRouter. */
#include "transforms/date_format.h"
#include "transforms/smt.h"
#include "transforms/topic_names.h"

#include "base/mem.h"

struct timestamp_router_config {
    struct str topic_format, timestamp_format;
};

static const struct property properties[] = {
    PROPERTY_STRING("topic.format", struct timestamp_router_config, topic_format, .fallback = "${topic}-${timestamp}",
                    .importance = IMPORTANCE_HIGH, .group = "Topic",
                    .doc = "The new topic, with `${topic}` for the old one and `${timestamp}` for the record's time."),
    PROPERTY_STRING("timestamp.format", struct timestamp_router_config, timestamp_format, .fallback = "yyyyMMdd",
                    .importance = IMPORTANCE_HIGH, .group = "Topic", .example = "yyyyMM",
                    .doc = "The pattern of `${timestamp}`, as java.text.SimpleDateFormat has it; in UTC and English."),
    PROPERTY_END,
};

static const char *const classes[] = {"org.apache.kafka.connect.transforms.TimestampRouter", NULL};

struct transform {
    struct arena arena;
    struct str topic_format;
    struct date_format timestamp_format;
    struct buf time, with_topic, topic;
    struct topic_names names;
};

static void transform_close(struct transform *t)
{
    topic_names_release(&t->names);
    buf_free(&t->time);
    buf_free(&t->with_topic);
    buf_free(&t->topic);
    arena_free(&t->arena);
    mem_free_ptr(&t);
}

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)target;
    const struct timestamp_router_config *parsed = config->parsed;
    struct transform *t = mem_new(struct transform);
    t->topic_format = arena_str(&t->arena, parsed->topic_format);
    int rc = date_format_compile(parsed->timestamp_format, &t->arena, &t->timestamp_format, err);
    if (rc) {
        transform_close(t);
        return error_context(err, "timestamp.format");
    }
    *ret = t;
    return 0;
}

/* Every `name` in `text` replaced. */
static void replace_all(struct str text, struct str name, struct str by, struct buf *out)
{
    buf_clear(out);
    while (text.len) {
        bool here = text.len >= name.len && memcmp(text.ptr, name.ptr, name.len) == 0;
        size_t n = here ? name.len : 1;
        if (here)
            buf_add_str(out, by);
        else
            buf_add_char(out, text.ptr[0]);
        text = str_of(text.ptr + n, text.len - n);
    }
}

static int apply_record(struct transform *t, struct batch *batch, struct record *r, struct error *err)
{
    if (r->timestamp == RECORD_NO_TIMESTAMP)
        return error_set(err, ERROR_DATA, "Timestamp missing on record");
    buf_clear(&t->time);
    date_format_write(&t->timestamp_format, r->timestamp, &t->time);
    replace_all(t->topic_format, STR("${topic}"), r->topic, &t->with_topic);
    replace_all(buf_str(&t->with_topic), STR("${timestamp}"), buf_str(&t->time), &t->topic);
    r->topic = topic_names_keep(&t->names, buf_str(&t->topic), &batch->arena);
    return 0;
}

static int transform_apply(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                           size_t *err_index, struct error *err)
{
    (void)drop;
    return smt_each(t, apply_record, batch, from, to, err_index, err);
}

const struct transform_plugin timestamp_router = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "Puts the record's time into its topic",
            .doc = "Gives the record another topic, made of its topic and its timestamp: one topic a day or a month, "
                   "for example. A record without a timestamp is an error; not every source sets one.",
            .properties = properties,
            .config_size = sizeof(struct timestamp_router_config),
        },
    .open = transform_open,
    .apply = transform_apply,
    .close = transform_close,
};
