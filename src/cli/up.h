/*
 * Everything in one process: the log, the schema registry, the worker and both HTTP servers, in the order in which
 * they need each other, and stopped the other way round.
 */
#ifndef CLI_UP_H
#define CLI_UP_H

#include "base/buf.h"
#include "base/error.h"
#include "base/wake.h"
#include "cli/secure.h"
#include "conf/conf.h"

struct up_settings {
    const char *dir;
    const char *rest_address, *registry_address; /* "127.0.0.1" */
    uint16_t rest_port, registry_port;           /* 0: a free one */
    const char *sink;                            /* class or short name of the sink */
    const struct config *properties;             /* of the worker; NULL: defaults */
    const struct secure *secure;                 /* of both servers; NULL: open to everybody */
    bool relaxed;                                /* commits return before the disk has them */
};

struct up;

/* Servers answer when it returns, connectors that the log knows are being started. */
int up_start(const struct up_settings *settings, struct up **ret, struct error *err);

/* Creates the connector or changes it, and puts it into its initial state when that is not running. Findings of its
 * configuration are an error, and appended to *ret_findings in full; what its database says is only logged, so that a
 * start does not depend on it. */
int up_put(struct up *u, const struct config_connector *connector, struct buf *ret_findings, struct error *err);

/* Tells other commands where it answers (run_file.h). */
int up_announce(struct up *u, struct error *err);

const char *up_rest_url(const struct up *u); /* "http://127.0.0.1:8083" */
const char *up_registry_url(const struct up *u);

/* Looks after the log (retention, compaction) until `stop` is raised. */
void up_wait(struct up *u, const struct wake *stop);

void up_stop(struct up *u); /* NULL is fine */

#endif
