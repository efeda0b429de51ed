#include "base/queue.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

void queue_init(struct queue *q, size_t max_records, size_t max_bytes)
{
    *q = (struct queue){.max_records = max_records, .max_bytes = max_bytes};
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&q->not_full, &attr);
    pthread_cond_init(&q->not_empty, &attr);
    pthread_condattr_destroy(&attr);
}

void queue_release(struct queue *q)
{
    pthread_cond_destroy(&q->not_empty);
    pthread_cond_destroy(&q->not_full);
    pthread_mutex_destroy(&q->lock);
    free(q->ring);
    q->ring = NULL;
}

static bool has_room(const struct queue *q, size_t records, size_t bytes)
{
    if (q->len == 0)
        return true;
    return q->records + records <= q->max_records && q->bytes + bytes <= q->max_bytes;
}

static void grow_ring(struct queue *q)
{
    enum { FIRST = 16 };
    size_t cap = q->cap ? q->cap * 2 : FIRST;
    struct queue_item *ring = mem_alloc(cap * sizeof *ring);
    for (size_t i = 0; i < q->len; i++)
        ring[i] = q->ring[(q->head + i) % q->cap];
    free(q->ring);
    q->ring = ring;
    q->cap = cap;
    q->head = 0;
}

bool queue_push(struct queue *q, void *item, size_t records, size_t bytes)
{
    pthread_mutex_lock(&q->lock);
    while (!q->closed && !has_room(q, records, bytes))
        pthread_cond_wait(&q->not_full, &q->lock);
    bool open = !q->closed;
    if (open) {
        if (q->len == q->cap)
            grow_ring(q);
        q->ring[(q->head + q->len) % q->cap] = (struct queue_item){item, records, bytes};
        q->len++;
        q->records += records;
        q->bytes += bytes;
        pthread_cond_signal(&q->not_empty);
    }
    pthread_mutex_unlock(&q->lock);
    return open;
}

static struct timespec deadline_after(int64_t ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

static void wait_for_item(struct queue *q, int64_t timeout_ms)
{
    if (timeout_ms == 0)
        return;
    struct timespec deadline = {0};
    if (timeout_ms > 0)
        deadline = deadline_after(timeout_ms);
    while (q->len == 0 && !q->closed) {
        if (timeout_ms < 0)
            pthread_cond_wait(&q->not_empty, &q->lock);
        else if (pthread_cond_timedwait(&q->not_empty, &q->lock, &deadline) == ETIMEDOUT)
            return;
    }
}

void *queue_pop(struct queue *q, int64_t timeout_ms)
{
    void *item = NULL;
    pthread_mutex_lock(&q->lock);
    if (q->len == 0)
        wait_for_item(q, timeout_ms);
    if (q->len) {
        struct queue_item *i = &q->ring[q->head];
        item = i->item;
        q->head = (q->head + 1) % q->cap;
        q->len--;
        q->records -= i->records;
        q->bytes -= i->bytes;
        pthread_cond_broadcast(&q->not_full);
    }
    pthread_mutex_unlock(&q->lock);
    return item;
}

void queue_close(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_cond_broadcast(&q->not_full);
    pthread_cond_broadcast(&q->not_empty);
    pthread_mutex_unlock(&q->lock);
}

size_t queue_records(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    size_t n = q->records;
    pthread_mutex_unlock(&q->lock);
    return n;
}

size_t queue_bytes(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    size_t n = q->bytes;
    pthread_mutex_unlock(&q->lock);
    return n;
}
