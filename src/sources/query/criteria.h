/*
 * The SQL of a poll. What Confluent's connector asks, in a form that an index on the timestamp can serve:
 *
 *   incrementing             WHERE id > :last ORDER BY id ASC
 *   timestamp                WHERE ts > :begin AND ts < :end ORDER BY ts ASC
 *   timestamp+incrementing   WHERE ts < :end AND ts >= :begin AND (ts > :begin OR id > :last) ORDER BY ts, id ASC
 *
 * ts is a column, or COALESCE over several. The upper end keeps away from rows that are being written now.
 */
#ifndef SOURCES_QUERY_CRITERIA_H
#define SOURCES_QUERY_CRITERIA_H

#include "base/buf.h"

struct criteria {
    struct str table;        /* quoted; or empty, and */
    struct str statement;    /* the user's query */
    struct str incrementing; /* quoted column; empty: not used */
    struct str *timestamps;  /* quoted columns */
    size_t n_timestamps;     /* 0: not used */
    struct str suffix;       /* query.suffix */
};

/* Literals. Those that the mode does not need are not looked at. */
struct criteria_values {
    struct str begin, end, last;
};

void criteria_write(const struct criteria *c, const struct criteria_values *v, struct buf *sql);

#endif
