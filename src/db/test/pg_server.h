/*
 * A real PostgreSQL for tests: the one at $TRIBUTARY_TEST_PG_URL (postgresql://user@host:port/, whose user may create
 * databases), else a throw-away one by tests/lib/postgres.sh. Without either, tests skip and say why.
 */
#ifndef DB_TEST_PG_SERVER_H
#define DB_TEST_PG_SERVER_H

#include "base/buf.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct pg_server {
    char base[256]; /* "postgresql://postgres@127.0.0.1:port/", to be followed by a database */
    char dir[256];
    int port;
    bool running;
    const char *why_not;
};

static inline int pg_server_free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    int port =
        bind(s, (struct sockaddr *)&a, size) || getsockname(s, (struct sockaddr *)&a, &size) ? 0 : ntohs(a.sin_port);
    close(s);
    return port;
}

static inline void pg_server_start(struct pg_server *server)
{
    const char *url = getenv("TRIBUTARY_TEST_PG_URL");
    *server = (struct pg_server){.why_not = "no PostgreSQL could be started (tests/lib/postgres.sh)"};
    if (url) {
        snprintf(server->base, sizeof server->base, "%s", url);
        server->running = true;
        return;
    }
    const char *tmp = getenv("TMPDIR");
    snprintf(server->dir, sizeof server->dir, "%s/tributary-test-pg-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(server->dir))
        return;
    chmod(server->dir, 0755); /* the server may run as another user */
    server->port = pg_server_free_port();
    char command[1024];
    snprintf(command, sizeof command, "%s/tests/lib/postgres.sh start %s/pg %d >/dev/null 2>&1 </dev/null", SOURCE_DIR,
             server->dir, server->port);
    server->running = system(command) == 0;
    snprintf(server->base, sizeof server->base, "postgresql://postgres@127.0.0.1:%d/", server->port);
    if (!server->running)
        printf("skipped: %s\n", server->why_not);
}

static inline void pg_server_stop(struct pg_server *server)
{
    char command[1024];
    if (!server->dir[0])
        return;
    if (server->running) {
        snprintf(command, sizeof command, "%s/tests/lib/postgres.sh stop %s/pg >/dev/null 2>&1", SOURCE_DIR,
                 server->dir);
        if (system(command))
            printf("the server in %s did not stop\n", server->dir);
    }
    snprintf(command, sizeof command, "rm -rf -- '%s'", server->dir);
    if (system(command))
        printf("%s is left behind\n", server->dir);
}

#endif
