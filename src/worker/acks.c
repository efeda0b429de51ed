#include "worker/acks.h"

#include <errno.h>
#include <time.h>

void acks_init(struct acks *a)
{
    *a = (struct acks){0};
    for (size_t i = 0; i < ACKS_MAX; i++)
        a->ring[i].arena.chunk_size = 512;
    a->confirmed.arena.chunk_size = 512;
    pthread_mutex_init(&a->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&a->changed, &attr);
    pthread_condattr_destroy(&attr);
}

void acks_release(struct acks *a)
{
    for (size_t i = 0; i < ACKS_MAX; i++)
        arena_free(&a->ring[i].arena);
    arena_free(&a->confirmed.arena);
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->lock);
}

bool acks_push(struct acks *a, uint64_t sequence, const struct position *p, uint64_t records, uint64_t bytes)
{
    pthread_mutex_lock(&a->lock);
    while (a->len == ACKS_MAX && !a->closed)
        pthread_cond_wait(&a->changed, &a->lock);
    bool open = !a->closed;
    if (open) {
        struct ack *ack = &a->ring[(a->head + a->len++) % ACKS_MAX];
        arena_reset(&ack->arena);
        ack->sequence = sequence;
        ack->position = position_copy(&ack->arena, p);
        ack->records = records;
        ack->bytes = bytes;
    }
    pthread_mutex_unlock(&a->lock);
    return open;
}

void acks_done(struct acks *a, uint64_t sequence, uint64_t *ret_commits, uint64_t *ret_records, uint64_t *ret_bytes)
{
    uint64_t commits = 0, records = 0, bytes = 0;
    pthread_mutex_lock(&a->lock);
    while (a->len && a->ring[a->head].sequence <= sequence) {
        struct ack *ack = &a->ring[a->head], previous = a->confirmed;
        commits++;
        records += ack->records;
        bytes += ack->bytes;
        a->confirmed = *ack; /* with its arena; the slot gets the older one to use again */
        *ack = previous;
        a->head = (a->head + 1) % ACKS_MAX;
        a->len--;
    }
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
    *ret_commits = commits;
    *ret_records = records;
    *ret_bytes = bytes;
}

bool acks_take(struct acks *a, struct arena *arena, struct position *ret)
{
    pthread_mutex_lock(&a->lock);
    bool fresh = a->confirmed.sequence > a->taken;
    if (fresh) {
        a->taken = a->confirmed.sequence;
        *ret = position_copy(arena, &a->confirmed.position);
    }
    pthread_mutex_unlock(&a->lock);
    return fresh;
}

bool acks_wait(struct acks *a, int64_t timeout_ms)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += (time_t)(timeout_ms / 1000);
    deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&a->lock);
    while (a->len && !a->closed)
        if (pthread_cond_timedwait(&a->changed, &a->lock, &deadline) == ETIMEDOUT)
            break;
    bool all = a->len == 0;
    pthread_mutex_unlock(&a->lock);
    return all;
}

void acks_close(struct acks *a)
{
    pthread_mutex_lock(&a->lock);
    a->closed = true;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
}
