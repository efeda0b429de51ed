/*
 * A real MariaDB or MySQL for tests: the one at $TRIBUTARY_TEST_MYSQL_URL ("jdbc:mysql://user:password@host:port/",
 * whose user may create databases), else a throw-away one by tests/lib/mariadb.sh. Without either, tests skip and say
 * why.
 */
#ifndef DB_TEST_MARIA_SERVER_H
#define DB_TEST_MARIA_SERVER_H

#include "db/test/pg_server.h"

struct maria_server {
    char base[256]; /* to be followed by a database */
    char dir[256];
    int port;
    bool running;
};

static inline void maria_server_start(struct maria_server *server)
{
    const char *url = getenv("TRIBUTARY_TEST_MYSQL_URL"), *tmp = getenv("TMPDIR");
    *server = (struct maria_server){0};
    if (url) {
        snprintf(server->base, sizeof server->base, "%s", url);
        server->running = true;
        return;
    }
    snprintf(server->dir, sizeof server->dir, "%s/tributary-test-db-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(server->dir))
        return;
    server->port = pg_server_free_port();
    char command[1024];
    snprintf(command, sizeof command, "%s/tests/lib/mariadb.sh start %s/m %d >/dev/null 2>&1 </dev/null", SOURCE_DIR,
             server->dir, server->port);
    server->running = system(command) == 0;
    snprintf(server->base, sizeof server->base, "jdbc:mysql://cdc:cdc@127.0.0.1:%d/", server->port);
    if (!server->running)
        printf("skipped: no MariaDB could be started (tests/lib/mariadb.sh, Debian package mariadb-server-core)\n");
}

static inline void maria_server_stop(struct maria_server *server)
{
    char command[1024];
    if (!server->dir[0])
        return;
    snprintf(command, sizeof command, "%s/tests/lib/mariadb.sh stop %s/m >/dev/null 2>&1", SOURCE_DIR, server->dir);
    if (server->running && system(command))
        printf("the server in %s did not stop\n", server->dir);
    snprintf(command, sizeof command, "rm -rf -- '%s'", server->dir);
    if (system(command))
        printf("%s is left behind\n", server->dir);
}

#endif
