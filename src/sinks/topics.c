#include "api/sink.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>

/* Records without a key stay on one partition for so many, as Kafka's producer does: batches fill better. */
enum { STICKY_RECORDS = 1024, FIRST_SLOTS = 64 };

/* A topic that was written to. Found by the address of its name: equal topics have the same one in a pipeline. */
struct known {
    const char *ptr; /* NULL: a free slot */
    struct str name; /* own copy: an address may come back with another name */
    struct topics_target *target;
    uint32_t partitions, sticky, sticky_left;
};

struct sink {
    struct sink_env env;
    struct topics_txn *txn;
    struct topics_target *offsets;
    struct known *slots, *last;
    size_t n_slots, len;
};

/* ---- topics ---- */

static size_t slot_of(const struct sink *s, const char *ptr)
{
    return ((uintptr_t)ptr >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 32 & (s->n_slots - 1);
}

/* The slot with that address, or the free one where it belongs. */
static struct known *find_slot(const struct sink *s, const char *ptr)
{
    size_t i = slot_of(s, ptr);
    while (s->slots[i].ptr && s->slots[i].ptr != ptr)
        i = (i + 1) & (s->n_slots - 1);
    return &s->slots[i];
}

static void forget_topics(struct sink *s)
{
    for (size_t i = 0; i < s->n_slots; i++)
        free((char *)(uintptr_t)s->slots[i].name.ptr);
    free(s->slots);
    s->slots = s->last = NULL;
    s->n_slots = s->len = 0;
}

static void grow(struct sink *s)
{
    struct known *old = s->slots;
    size_t n_old = s->n_slots;
    s->n_slots = n_old ? n_old * 2 : FIRST_SLOTS;
    s->slots = mem_new_array(struct known, s->n_slots);
    for (size_t i = 0; i < n_old; i++)
        if (old[i].ptr)
            *find_slot(s, old[i].ptr) = old[i];
    free(old);
}

static int resolve(struct sink *s, struct str topic, struct topics_target **ret, struct error *err)
{
    int rc = topics_ensure(s->env.topics, topic, &s->env.topic_defaults, err);
    return rc ? rc : topics_target(s->env.topics, topic, ret, err);
}

static int look_up(struct sink *s, struct str topic, struct known **ret, struct error *err)
{
    if ((s->len + 1) * 2 > s->n_slots)
        grow(s);
    struct known *k = find_slot(s, topic.ptr);
    if (!k->ptr || !str_equal(k->name, topic)) {
        struct topics_target *target = NULL;
        int rc = resolve(s, topic, &target, err);
        if (rc)
            return rc;
        if (k->ptr)
            free((char *)(uintptr_t)k->name.ptr);
        else
            s->len++;
        *k = (struct known){.ptr = topic.ptr,
                            .name = {mem_strndup(topic.ptr, topic.len), topic.len},
                            .target = target,
                            .partitions = (uint32_t)topics_target_partitions(target),
                            .sticky_left = STICKY_RECORDS};
    }
    s->last = k;
    *ret = k;
    return 0;
}

static inline int32_t choose_partition(struct known *k, const struct sink_record *r)
{
    if (r->partition != RECORD_NO_PARTITION)
        return r->partition;
    if (k->partitions == 1)
        return 0;
    if (r->record.key.ptr)
        return (int32_t)((murmur2(r->record.key.ptr, r->record.key.len) & 0x7fffffff) % k->partitions);
    if (!k->sticky_left--) {
        k->sticky = (k->sticky + 1) % k->partitions;
        k->sticky_left = STICKY_RECORDS - 1;
    }
    return (int32_t)k->sticky;
}

/* ---- the sink ---- */

static int sink_open(const struct sink_env *env, const struct plugin_config *config, struct sink **ret,
                     struct error *err)
{
    (void)config;
    if (!env->topics)
        return error_set(err, ERROR_CONFIG, "the topics sink needs a log, and this worker has none");
    struct sink *s = mem_new(struct sink);
    s->env = *env;
    int rc = topics_txn_open(env->topics, str_from(env->owner), &s->txn, err);
    if (rc) {
        free(s);
        return rc;
    }
    *ret = s;
    return 0;
}

static int sink_write(struct sink *s, const struct sink_record *records, size_t n, struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct sink_record *r = &records[i];
        struct known *k = s->last;
        if (__builtin_expect(!k || k->ptr != r->topic.ptr || !str_equal(k->name, r->topic), 0)) {
            int rc = look_up(s, r->topic, &k, err);
            if (rc)
                return rc;
        }
        int rc = topics_append(s->txn, k->target, choose_partition(k, r), &r->record, err);
        if (rc) {
            forget_topics(s); /* it may have been deleted */
            return rc;
        }
    }
    return 0;
}

static int append_offset(struct sink *s, const struct sink_commit *commit, struct error *err)
{
    struct topic_config config = TOPIC_CONFIG_COMPACT;
    int rc = 0;
    if (!s->offsets) {
        rc = topics_ensure(s->env.topics, s->env.offsets_topic, &config, err);
        if (!rc)
            rc = topics_target(s->env.topics, s->env.offsets_topic, &s->offsets, err);
    }
    if (rc)
        return rc;
    uint32_t hash = murmur2(commit->offset_key.ptr, commit->offset_key.len) & 0x7fffffff;
    struct topics_record record = {
        .key = commit->offset_key, .value = commit->offset_value, .timestamp = RECORD_NO_TIMESTAMP};
    int32_t partition = (int32_t)(hash % (uint32_t)topics_target_partitions(s->offsets));
    rc = topics_append(s->txn, s->offsets, partition, &record, err);
    if (rc)
        s->offsets = NULL;
    return rc;
}

static int sink_commit(struct sink *s, const struct sink_commit *commit, struct error *err)
{
    int rc = commit->offset_key.ptr ? append_offset(s, commit, err) : 0;
    if (rc)
        topics_abort(s->txn);
    else
        rc = topics_commit(s->txn, err);
    if (rc) {
        forget_topics(s);
        s->offsets = NULL;
        return rc;
    }
    s->env.acknowledged(s->env.ctx, commit->sequence);
    return 0;
}

static void sink_abort(struct sink *s)
{
    topics_abort(s->txn);
    forget_topics(s);
    s->offsets = NULL;
}

static void sink_close(struct sink *s)
{
    topics_txn_close(s->txn);
    forget_topics(s);
    free(s);
}

static const char *const classes[] = {"tributary.TopicsSink", "topics", NULL};
static const struct property properties[] = {PROPERTY_END};

const struct sink_plugin topics_sink = {
    .info =
        {
            .classes = classes,
            .version = TRIBUTARY_VERSION,
            .title = "Topics of the log",
            .doc = "Writes records into the topics of this worker's log, and with them, in the same transaction, the "
                   "position of the source: each change is there exactly once, whenever the worker is stopped. Topics "
                   "that do not exist are created with the worker's defaults.\n\n"
                   "A record goes to the partition that it names, else to the one of its key (murmur2, as Kafka's "
                   "producer does); records without a key go to one partition for a while, then to the next.",
            .properties = properties,
            .config_size = 1,
        },
    .open = sink_open,
    .write = sink_write,
    .commit = sink_commit,
    .abort = sink_abort,
    .close = sink_close,
};
