/*
 * The log of a data directory as commands see it, whoever has it: the running `tributary up` is asked over HTTP, and
 * where none runs the log is opened directly. One thread at a time.
 */
#ifndef CLI_LOG_ACCESS_H
#define CLI_LOG_ACCESS_H

#include "base/arena.h"
#include "base/error.h"
#include "topics/topics.h"

struct log_access;

/* ERROR_NOT_FOUND: there is no log in `dir`. ERROR_LOCKED: a process has it and is not (or no longer) ready. */
int log_access_open(const char *dir, struct log_access **ret, struct error *err);
void log_access_close(struct log_access *l); /* NULL is fine */

bool log_access_is_live(const struct log_access *l); /* a running process is asked, so records may come */

int log_access_list(struct log_access *l, struct arena *arena, struct topic_info **ret, size_t *ret_n,
                    struct error *err);

struct log_offsets {
    int64_t begin, end;
};
/* *ret_offsets has one element a partition. */
int log_access_describe(struct log_access *l, struct str topic, struct arena *arena, struct topic_info *ret,
                        struct log_offsets **ret_offsets, struct error *err);
int log_access_create(struct log_access *l, struct str topic, const struct topic_config *config, struct error *err);
int log_access_delete(struct log_access *l, struct str topic, struct error *err);
int log_access_compact(struct log_access *l, struct str topic, struct error *err);
int log_access_verify(struct log_access *l, int64_t *ret_batches, int64_t *ret_records, struct error *err);

struct log_page {
    struct topics_record *records; /* without headers */
    size_t n;
    int64_t next; /* offset to go on from */
};
/* `offset` may be TOPICS_BEGIN or TOPICS_END. A live log is waited for up to wait_ms when there is nothing yet.
 * ERROR_CONNECTION: the process went away. */
int log_access_read(struct log_access *l, struct str topic, int32_t partition, int64_t offset, size_t limit,
                    int64_t wait_ms, struct arena *arena, struct log_page *ret, struct error *err);

/* The registered schema of that id: its type ("AVRO", "JSON", "PROTOBUF") and text. */
int log_access_schema(struct log_access *l, int32_t id, struct arena *arena, struct str *ret_type,
                      struct str *ret_schema, struct error *err);

/* ---- behind it ---- */

struct log_access_ops {
    void (*close)(struct log_access *l);
    int (*list)(struct log_access *, struct arena *, struct topic_info **, size_t *, struct error *);
    int (*describe)(struct log_access *, struct str, struct arena *, struct topic_info *, struct log_offsets **,
                    struct error *);
    int (*create)(struct log_access *, struct str, const struct topic_config *, struct error *);
    int (*delete)(struct log_access *, struct str, struct error *);
    int (*compact)(struct log_access *, struct str, struct error *);
    int (*verify)(struct log_access *, int64_t *, int64_t *, struct error *);
    int (*read)(struct log_access *, struct str, int32_t, int64_t, size_t, int64_t, struct arena *, struct log_page *,
                struct error *);
    int (*schema)(struct log_access *, int32_t, struct arena *, struct str *, struct str *, struct error *);
    bool live;
};

struct log_access {
    const struct log_access_ops *ops;
};

int log_direct_open(const char *dir, struct log_access **ret, struct error *err);
int log_http_open(const char *rest, const char *registry, struct log_access **ret, struct error *err);

#endif
