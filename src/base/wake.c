#include "base/wake.h"

#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int wake_init(struct wake *w)
{
    w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return w->fd < 0 ? errno : 0;
}

void wake_release(struct wake *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

void wake_raise(struct wake *w)
{
    int saved = errno; /* may run in a signal handler */
    uint64_t one = 1;
    ssize_t ignored = write(w->fd, &one, sizeof one);
    (void)ignored;
    errno = saved;
}

void wake_clear(struct wake *w)
{
    uint64_t count;
    ssize_t ignored = read(w->fd, &count, sizeof count);
    (void)ignored;
}

bool wake_is_raised(const struct wake *w)
{
    return wake_wait(w, -1, 0, 0) == WAKE_RAISED;
}

enum wake_reason wake_wait(const struct wake *w, int fd, short events, int64_t timeout_ms)
{
    struct pollfd fds[2] = {{.fd = w->fd, .events = POLLIN}, {.fd = fd, .events = events}};
    int64_t deadline = timeout_ms < 0 ? 0 : clock_mono_ms() + timeout_ms;
    for (;;) {
        int64_t left = timeout_ms < 0 ? -1 : deadline - clock_mono_ms();
        if (timeout_ms >= 0 && left < 0)
            left = 0;
        int n = poll(fds, fd >= 0 ? 2 : 1, left > INT_MAX ? INT_MAX : (int)left);
        if (n > 0)
            return fds[0].revents ? WAKE_RAISED : WAKE_FD;
        bool over = n == 0 && left >= 0 && left <= INT_MAX;
        if (over || (n < 0 && errno != EINTR))
            return WAKE_TIMEOUT;
    }
}
