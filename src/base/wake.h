/*
 * `struct wake`: a flag that a thread can wait for together with sockets (an eventfd). Raised by any
 * thread or signal handler; stays raised until cleared. It is how a task that waits for a database
 * or for its poll interval is told to stop, at once.
 */
#ifndef BASE_WAKE_H
#define BASE_WAKE_H

#include <stdbool.h>
#include <stdint.h>

struct wake {
    int fd; /* readable while raised */
};

int wake_init(struct wake *w); /* 0, or errno */
void wake_release(struct wake *w);
void wake_raise(struct wake *w); /* async-signal-safe */
void wake_clear(struct wake *w);
bool wake_is_raised(const struct wake *w);

/* Waits for the flag, for `fd` (-1: none) to have one of poll's `events`, or for the time to pass. */
enum wake_reason { WAKE_TIMEOUT, WAKE_RAISED, WAKE_FD };
enum wake_reason wake_wait(const struct wake *w, int fd, short events, int64_t timeout_ms);

#endif
