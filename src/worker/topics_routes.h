/*
 * The log over HTTP, beside Kafka Connect's routes: what `tributary consume` and `tributary topics` ask a running
 * process. Keys, values and headers are base64, null where they are null:
 *
 *     GET /topics/db_test_table/partitions/0/records?offset=3&limit=2&wait_ms=10000
 *     {"topic":"db_test_table","partition":0,"begin":0,"end":5,"next":5,"records":[
 *      {"offset":3,"timestamp":1580650272065,"key":null,"value":"AAAA...","headers":[{"key":"id","value":"YQ=="}]},...]}
 *
 * `offset` is a number, "beginning" or "end"; `next` is the offset to go on from. With `wait_ms` an answer without
 * records is held back until one is committed, the time is over, or the server stops.
 */
#ifndef WORKER_TOPICS_ROUTES_H
#define WORKER_TOPICS_ROUTES_H

#include "http/server.h"
#include "topics/topics.h"

struct worker;

/* The ctx of the routes. */
struct topics_served {
    struct topics *topics;
    struct worker *worker;    /* its topics are not deleted; NULL: there is none */
    struct str schemas_topic; /* nor the registry's; STR_NULL: it keeps none here */
};

extern const struct http_route topics_routes[]; /* their ctx is a struct topics_served */

enum {
    TOPICS_PAGE_RECORDS = 500,           /* unless `limit` says otherwise */
    TOPICS_PAGE_MAX_RECORDS = 10000,     /* of `limit` */
    TOPICS_PAGE_BYTES = 4 * 1024 * 1024, /* a page ends with the record that passes this */
    TOPICS_PAGE_MAX_WAIT_MS = 30 * 1000, /* of `wait_ms`; more is taken as this */
};

/* {"name":,"partitions":,"cleanup.policy":,"retention.ms":,...,"records":,"bytes":} as GET /topics lists them. */
void topics_routes_write_info(const struct topic_info *info, struct buf *out);

#endif
