/*
 * `struct record`: one change event on its way, and `struct batch`: many of them that share an arena
 * and end in a position. A batch is owned by one thread at a time: the reader fills it, the queue
 * hands it over, the pipeline transforms and writes it, then resets it for the reader again.
 */
#ifndef DATA_RECORD_H
#define DATA_RECORD_H

#include "data/position.h"
#include "data/schema.h"

#include <stdbool.h>

enum { RECORD_NO_PARTITION = -1 };
#define RECORD_NO_TIMESTAMP INT64_MIN

struct header {
    struct str key;
    const struct schema *schema; /* borrowed, NULL: schemaless */
    struct value value;
};

struct record {
    struct str topic; /* a source gives equal topics the same ptr, so that a cache may compare pointers first */
    const struct schema *key_schema; /* borrowed: see batch_hold; NULL: schemaless */
    const struct schema *value_schema;
    struct value key, value; /* a VALUE_NULL value is a tombstone */
    struct header *headers;  /* in the batch's arena */
    int64_t timestamp;       /* ms since 1970, or RECORD_NO_TIMESTAMP: the sink takes the wall clock */
    int32_t partition;       /* or RECORD_NO_PARTITION: by murmur2 of the key, else round robin */
    uint32_t n_headers;
};

struct batch {
    struct arena arena; /* everything that the records point to */
    struct record *records;
    size_t len, cap;
    /* Where the source stands after the last record. Without one (has_position false) the records so
     * far cannot be resumed after: the sink keeps its transaction open until a batch that has one. */
    bool has_position;
    struct position position;      /* in the arena */
    const struct schema **schemas; /* references held for the records */
    size_t n_schemas, cap_schemas;
};

void batch_init(struct batch *b);
void batch_release(struct batch *b);
void batch_reset(struct batch *b); /* empty again, memory kept, schema references dropped */

/* One more record: zeroed, but for partition and timestamp, which are "none". Valid until the next. */
struct record *batch_add(struct batch *b);

/* Keeps `s` alive until the batch is reset. Called once per schema and batch, not per record;
 * repeating it for the schema that was held last costs a comparison. NULL is fine. */
void batch_hold(struct batch *b, const struct schema *s);

/* Copies the position into the arena and marks the batch as resumable after. */
void batch_set_position(struct batch *b, const struct position *p);

/* Approximate memory of the batch: the weight it has in a queue. */
static inline size_t batch_bytes(const struct batch *b)
{
    return b->arena.used + b->len * sizeof(struct record);
}

#endif
