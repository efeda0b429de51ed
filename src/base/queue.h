/*
 * `struct queue`: a bounded hand-over between threads, of pointers with two weights (records and
 * bytes). One lock per item, an item being a whole batch. A producer waits while either limit is
 * reached (an item heavier than a limit passes alone, when the queue is empty), a consumer while it
 * is empty; close wakes everyone.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue_item {
    void *item;
    size_t records, bytes;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t not_full, not_empty;
    struct queue_item *ring;
    size_t cap, head, len; /* of ring, which grows as needed */
    size_t records, bytes; /* now inside */
    size_t max_records, max_bytes;
    bool closed;
};

void queue_init(struct queue *q, size_t max_records, size_t max_bytes);
void queue_release(struct queue *q); /* items still inside are the caller's to drain first */

/* False when closed: the item stays the caller's. Waits while the queue is full. */
bool queue_push(struct queue *q, void *item, size_t records, size_t bytes);

/* The next item, or NULL when closed and empty, or after timeout_ms (-1: no limit, 0: do not wait). */
void *queue_pop(struct queue *q, int64_t timeout_ms);

void queue_close(struct queue *q); /* pushes fail from now on, pops drain what is inside */
size_t queue_records(struct queue *q);
size_t queue_bytes(struct queue *q);

#endif
