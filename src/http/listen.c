#include "http/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint16_t port_of(int fd)
{
    struct sockaddr_storage name = {0};
    socklen_t len = sizeof name;
    getsockname(fd, (struct sockaddr *)&name, &len);
    in_port_t port = name.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&name)->sin6_port
                                                : ((struct sockaddr_in *)&name)->sin_port;
    return ntohs(port);
}

static int fail(const char *address, uint16_t port, int errnum, struct error *err)
{
    switch (errnum) {
    case EADDRINUSE:
        return error_set(err, ERROR_CONFLICT,
                         "port %u on %s is in use: stop the program that listens there (ss -ltnp 'sport = :%u' shows "
                         "which one), or choose another port",
                         port, address, port);
    case EACCES:
        return error_set(err, ERROR_AUTH, "listening at port %u on %s is not permitted: choose a port above 1023", port,
                         address);
    case EADDRNOTAVAIL:
        return error_set(err, ERROR_CONFIG,
                         "%s is not an address of this machine: listen at 127.0.0.1, at 0.0.0.0 (all addresses), or at "
                         "one that `ip addr` shows",
                         address);
    default:
        return error_set(err, error_from_errno(errnum), "listening at port %u on %s fails: %s", port, address,
                         strerror(errnum));
    }
}

static int listen_at(const struct addrinfo *where, int *ret_fd)
{
    int one = 1;
    int fd = socket(where->ai_family, where->ai_socktype | SOCK_CLOEXEC, where->ai_protocol);
    if (fd < 0)
        return errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, where->ai_addr, where->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0) {
        int errnum = errno;
        close(fd);
        return errnum;
    }
    *ret_fd = fd;
    return 0;
}

int http_listen(const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port, struct error *err)
{
    if (!address)
        address = "127.0.0.1";
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    int rc = getaddrinfo(address, service, &hints, &found);
    if (rc != 0)
        return error_set(err, ERROR_CONFIG, "the address '%s' to listen at is not known: %s", address,
                         gai_strerror(rc));
    int errnum = 0, fd = -1;
    for (const struct addrinfo *where = found; where && fd < 0; where = where->ai_next)
        errnum = listen_at(where, &fd);
    freeaddrinfo(found);
    if (fd < 0)
        return fail(address, port, errnum, err);
    *ret_fd = fd;
    *ret_port = port_of(fd);
    return 0;
}
