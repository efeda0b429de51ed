/*
 * A sink: where encoded records go. One file or folder under sinks/. Runs in the pipeline thread.
 *
 * write and commit follow each other as the pipeline likes: any number of writes, then a commit with the position
 * that the source has after them. A sink reports a commit as done by calling env->acknowledged with its sequence,
 * from inside commit or later from a thread of its own, in order; the runtime then stores nothing more: the
 * position is stored by the sink itself, together with the records (exactly once), as `offset_key` and
 * `offset_value` of the offsets topic.
 */
#ifndef API_SINK_H
#define API_SINK_H

#include "api/plugin.h"
#include "base/error.h"
#include "data/record.h"
#include "topics/topics.h"

struct sink_record {
    struct str topic;            /* equal topics have the same ptr within a pipeline */
    int32_t partition;           /* or RECORD_NO_PARTITION */
    struct topics_record record; /* encoded key, value, headers, timestamp */
};

struct sink_commit {
    uint64_t sequence;                   /* increasing */
    struct str offset_key, offset_value; /* as stored in the offsets topic; STR_NULL key: no position to store */
};

struct sink_env {
    const char *owner;     /* "connector-task", the transaction's owner */
    struct topics *topics; /* the log, NULL where there is none */
    struct str offsets_topic;
    struct topic_config topic_defaults; /* for topics that the sink creates */
    void (*acknowledged)(void *ctx, uint64_t sequence);
    void *ctx;
};

struct sink;

struct sink_plugin {
    struct plugin_info info;
    int (*open)(const struct sink_env *env, const struct plugin_config *config, struct sink **ret, struct error *err);
    int (*write)(struct sink *s, const struct sink_record *records, size_t n,
                 struct error *err); /* copies what it keeps */
    int (*commit)(struct sink *s, const struct sink_commit *commit, struct error *err);
    void (*abort)(struct sink *s); /* forget everything since the last commit */
    void (*close)(struct sink *s);
};

#endif
