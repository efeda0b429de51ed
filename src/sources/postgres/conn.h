/*
 * A connection that never blocks beyond the wake of its task: for SQL, and for the replication protocol. Sessions have
 * fixed settings, so that values have the text form that convert.h reads.
 */
#ifndef SOURCES_POSTGRES_CONN_H
#define SOURCES_POSTGRES_CONN_H

#include "base/wake.h"
#include "sources/postgres/config.h"

#include <libpq-fe.h>

struct pgc_conn {
    PGconn *pg;
    const struct wake *stop; /* NULL: none */
    struct wake never;
    bool has_never;
};

enum { PGC_CONNECT_TIMEOUT_MS = 30000 };

/* Errors: ERROR_CONNECTION, ERROR_AUTH, ERROR_CONFIG, ERROR_STOPPED. The password is in none of the texts. */
int pgc_connect(const struct pgc_config *config, bool replication, const struct wake *stop, const char *application,
                struct pgc_conn *ret, struct error *err);
void pgc_disconnect(struct pgc_conn *c);

/* Runs one or more statements; *ret is the last one's result, the caller's to clear. NULL: not wanted. A COPY result is
 * given as soon as it starts. */
int pgc_exec(struct pgc_conn *c, const char *sql, PGresult **ret, struct error *err);
int pgc_execf(struct pgc_conn *c, PGresult **ret, struct error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Waits for readable (true: writable) or the time; ERROR_STOPPED. */
int pgc_wait(struct pgc_conn *c, bool write, int64_t timeout_ms, bool *ret_ready, struct error *err);
/* The next line of a running COPY: *ret NULL at its end (the final result is collected then). libpq's to free. */
int pgc_copy_line(struct pgc_conn *c, char **ret, int *ret_len, struct error *err);
int pgc_connection_error(const struct pgc_conn *c, struct error *err);
int pgc_result_error(const PGresult *result, struct error *err);

void pgc_add_identifier(struct buf *out, struct str name); /* "name" */
void pgc_add_literal(struct buf *out, struct str text);    /* 'text' */

#endif
