/*
 * Connection URLs, as pgjdbc and libpq write them:
 *
 *   jdbc:postgresql://host1:port1,host2:port2/database?user=fred&ssl=true&ApplicationName=x
 *   jdbc:postgresql:database           jdbc:postgresql://host/           jdbc:postgresql:/
 *   postgresql://fred:secret@host/database?sslmode=require
 *
 * Properties of either world are understood in either form and become libpq's; values are percent-encoded.
 * https://jdbc.postgresql.org/documentation/use/ and https://www.postgresql.org/docs/15/libpq-connect.html
 */
#ifndef DB_POSTGRES_URL_H
#define DB_POSTGRES_URL_H

#include "conf/conf.h"

struct pg_host {
    struct str host, port; /* NUL-terminated; host may be a directory of Unix sockets, or empty: libpq's default */
};

struct pg_option {
    const char *name; /* libpq's keyword */
    struct str value; /* NUL-terminated */
};

enum { PG_URL_MAX = 8192, PG_URL_MAX_HOSTS = 64, PG_URL_MAX_OPTIONS = 64 };

struct pg_url {
    struct pg_host hosts[PG_URL_MAX_HOSTS];
    size_t n_hosts;                               /* at least 1 */
    struct str database, user, password;          /* STR_NULL when the URL does not say */
    struct pg_option options[PG_URL_MAX_OPTIONS]; /* for libpq, without those above */
    size_t n_options;
    struct str current_schema; /* search_path */
    bool read_only;
    bool balance;                 /* try the hosts in random order */
    int64_t connect_timeout_ms;   /* 0: not said */
    int64_t socket_timeout_ms;    /* 0: wait as long as it takes */
    int64_t statement_timeout_ms; /* 0: not said */
    const char *session_attrs[2]; /* target_session_attrs of a first and, where it is not NULL, a second round */
};

/* Text is in the arena. Properties without effect here, and unknown ones, are findings of `name` (NULL: not wanted).
 * ERROR_CONFIG for what cannot be understood. */
int pg_url_parse(struct str url, struct arena *arena, struct pg_url *ret, struct str name, struct findings *findings,
                 struct error *err);

#endif
