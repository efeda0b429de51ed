/*
 * Connection URLs, as MySQL's Connector/J and MariaDB's Java connector write them:
 *
 *   jdbc:mysql://host1:port1,host2:port2/database?user=fred&sslMode=REQUIRED
 *   jdbc:mysql://fred:secret@address=(host=h)(port=3307)/          jdbc:mariadb:sequential://h1,h2/db
 *   mysql://fred:secret@[::1]:3307/db
 *
 * Values are percent-encoded. Properties:
 * https://dev.mysql.com/doc/connector-j/en/connector-j-reference-configuration-properties.html and
 * https://mariadb.com/kb/en/about-mariadb-connector-j/
 */
#ifndef DB_MYSQL_URL_H
#define DB_MYSQL_URL_H

#include "conf/conf.h"

struct my_host {
    struct str host; /* NUL-terminated */
    uint16_t port;
};

enum { MY_URL_MAX = 8192, MY_URL_MAX_HOSTS = 64, MY_PORT = 3306 };

enum my_tls { MY_TLS_PREFERRED, MY_TLS_DISABLED, MY_TLS_REQUIRED, MY_TLS_VERIFIED };

/* What a zero date becomes: by default null, or 1970-01-01 in a column that may not be null. */
enum my_zero_date { MY_ZERO_DEFAULT, MY_ZERO_NULL, MY_ZERO_ROUND, MY_ZERO_EXCEPTION };

struct my_url {
    struct my_host hosts[MY_URL_MAX_HOSTS];
    size_t n_hosts;                      /* at least 1 */
    struct str database, user, password; /* STR_NULL when the URL does not say; NUL-terminated as all text here */
    struct str socket;                   /* a Unix socket's path, or STR_NULL */
    enum my_tls tls;
    struct str ca, cert, key; /* PEM files, or STR_NULL */
    struct str ciphers, tls_versions;
    struct str public_key; /* of the server, for caching_sha2_password without TLS */
    enum my_zero_date zero_date;
    struct str session_variables;
    bool balance; /* try the hosts in random order */
    bool compress;
    bool tiny_is_boolean;       /* tinyint(1) is BOOLEAN: tinyInt1isBit and transformedBitIsBoolean */
    bool year_is_number;        /* yearIsDateType=false */
    bool all_databases;         /* list the tables of every database, not of the URL's only */
    int64_t connect_timeout_ms; /* 0: not said */
    int64_t socket_timeout_ms;  /* 0: wait as long as it takes */
};

/* Text is in the arena. Properties without effect here, and unknown ones, are findings of `name` (NULL: not wanted).
 * ERROR_CONFIG for what cannot be understood. */
int my_url_parse(struct str url, struct arena *arena, struct my_url *ret, struct str name, struct findings *findings,
                 struct error *err);

#endif
