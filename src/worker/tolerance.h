/*
 * What happens when one record cannot be transformed or converted: errors.retry.timeout, errors.tolerance, the
 * settings of the log beside them and the dead-letter topic, as Kafka Connect's RetryWithToleranceOperator and its
 * reporters have them. One difference: an error that may pass (base/error.h) never skips a record, it restarts the
 * task once its retries are used up.
 */
#ifndef WORKER_TOLERANCE_H
#define WORKER_TOLERANCE_H

#include "base/wake.h"
#include "data/record.h"
#include "worker/dead_letters.h"
#include "worker/settings.h"

#include <stdatomic.h>

struct tolerance {
    const struct connector_settings *settings;
    const char *context; /* of log lines */
    const char *task;    /* "connector-0", as Kafka Connect names it in them */
    const struct wake *stop;
    struct dead_letters *dead; /* NULL: no topic for what is skipped */
    atomic_ullong *skipped;    /* counted here, read by anyone */
    int64_t next_log_ms;       /* monotonic */
    uint64_t unlogged;
};

/* The attempts at one operation on one record; zeroed before the first. */
struct attempts {
    int64_t deadline_ms, delay_ms;
};

enum tolerated { TOLERATED_FAIL, TOLERATED_AGAIN, TOLERATED_SKIP };

/* After a failure that is described by `err`; may wait. */
enum tolerated tolerance_decide(struct tolerance *t, struct attempts *a, const struct stage *stage,
                                const struct record *r, const struct error *err);

#endif
