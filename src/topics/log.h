/*
 * What a log implements: the vtable behind topics.h. topics/embedded is one; nothing outside a log knows which it is.
 * Each function is topics.h's function of that name, called with arguments that topics.c has checked: names are valid,
 * configurations make sense. A log's own structs start with the ones here.
 */
#ifndef TOPICS_LOG_H
#define TOPICS_LOG_H

#include "topics/topics.h"

struct topics_ops {
    void (*close)(struct topics *t);

    int (*create)(struct topics *t, struct str name, const struct topic_config *config, struct error *err);
    int (*delete)(struct topics *t, struct str name, struct error *err);
    int (*describe)(struct topics *t, struct str name, struct arena *arena, struct topic_info *ret, struct error *err);
    int (*list)(struct topics *t, struct arena *arena, struct topic_info **ret, size_t *ret_n, struct error *err);
    int (*offsets)(struct topics *t, struct str topic, int32_t partition, int64_t *ret_begin, int64_t *ret_end,
                   struct error *err);
    int (*offset_at)(struct topics *t, struct str topic, int32_t partition, int64_t timestamp, int64_t *ret,
                     struct error *err);
    int (*target)(struct topics *t, struct str topic, struct topics_target **ret, struct error *err);

    int (*txn_open)(struct topics *t, struct str owner, struct topics_txn **ret, struct error *err);
    int (*append)(struct topics_txn *txn, struct topics_target *target, int32_t partition,
                  const struct topics_record *record, struct error *err);
    int (*commit)(struct topics_txn *txn, struct error *err);
    void (*abort)(struct topics_txn *txn);
    void (*txn_close)(struct topics_txn *txn);

    int (*reader_open)(struct topics *t, struct str topic, int32_t partition, int64_t offset,
                       struct topics_reader **ret, struct error *err);
    int (*read)(struct topics_reader *r, int64_t timeout_ms, const struct wake *wake, struct topics_record *ret,
                bool *ret_found, struct error *err);
    void (*reader_close)(struct topics_reader *r);

    int (*clean)(struct topics *t, struct error *err);                     /* NULL: the log looks after itself */
    int (*compact)(struct topics *t, struct str topic, struct error *err); /* NULL: as above */
    int (*verify)(struct topics *t, int64_t *ret_batches, int64_t *ret_records, struct error *err); /* NULL: no need */
};

struct topics {
    const struct topics_ops *ops;
};

struct topics_target {
    int32_t partitions;
};

struct topics_txn {
    const struct topics_ops *ops;
    size_t bytes; /* appended since the last commit */
};

struct topics_reader {
    const struct topics_ops *ops;
    int64_t next; /* offset of the next record */
};

#endif
