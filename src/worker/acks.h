/*
 * `struct acks`: positions on their way back. The pipeline notes the position of each commit, the sink reports
 * commits as done (from whatever thread), the reader takes the newest position that is done and confirms it to its
 * source.
 */
#ifndef WORKER_ACKS_H
#define WORKER_ACKS_H

#include "data/position.h"

#include <pthread.h>

enum { ACKS_MAX = 64 }; /* commits under way at the same time */

struct ack {
    uint64_t sequence;
    struct arena arena;
    struct position position;
    uint64_t records, bytes; /* of the commit */
};

struct acks {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct ack ring[ACKS_MAX];
    size_t head, len;     /* under way, oldest first */
    struct ack confirmed; /* the newest that is done; sequence 0: none yet */
    uint64_t taken;       /* sequence that the reader took last */
    bool closed;
};

void acks_init(struct acks *a);
void acks_release(struct acks *a);

/* Waits while ACKS_MAX commits are under way; false when closed. The position is copied. */
bool acks_push(struct acks *a, uint64_t sequence, const struct position *p, uint64_t records, uint64_t bytes);
/* Everything up to `sequence` is done; the sums of what is newly done are stored in *ret_... */
void acks_done(struct acks *a, uint64_t sequence, uint64_t *ret_commits, uint64_t *ret_records, uint64_t *ret_bytes);
/* The newest position that is done and was not taken yet, copied into the arena; false when there is none. */
bool acks_take(struct acks *a, struct arena *arena, struct position *ret);
/* True when nothing is under way any more, waiting up to timeout_ms for that. */
bool acks_wait(struct acks *a, int64_t timeout_ms);
void acks_close(struct acks *a);

#endif
