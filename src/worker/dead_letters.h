/*
 * `struct dead_letters`: records that errors.tolerance=all skips, on their way to the connector's dead-letter topic.
 * Kafka Connect has such a topic for sinks, and there it gets the bytes that came from Kafka; a source's record has no
 * bytes yet, so key and value are written as JSON (a tombstone stays one), as the record was when it failed. Headers
 * of text keep it, others are JSON. With errors.deadletterqueue.context.headers.enable these headers follow, named and
 * filled as Kafka Connect's DeadLetterQueueReporter does it:
 *
 *     __connect.errors.topic                  topic of the record
 *     __connect.errors.partition              if it names one
 *     __connect.errors.connector.name, .task.id
 *     __connect.errors.stage                  TRANSFORMATION, KEY_CONVERTER, VALUE_CONVERTER or HEADER_CONVERTER
 *     __connect.errors.class.name             the transform or converter
 *     __connect.errors.exception.class.name   Connect's exception of that meaning
 *     __connect.errors.exception.message, .exception.stacktrace
 *
 * They gather here until the pipeline writes them with the batch that they were in, so in the transaction that holds
 * the position behind them. Used by the pipeline thread alone.
 */
#ifndef WORKER_DEAD_LETTERS_H
#define WORKER_DEAD_LETTERS_H

#include "api/sink.h"
#include "worker/settings.h"

enum { DEAD_LETTER_MAX_BYTES = 16 * 1024 * 1024 }; /* of a key's or value's JSON; a larger one is told by its size */

/* Where an error came from. */
struct stage {
    const char *name;       /* org.apache.kafka.connect.runtime.errors.Stage */
    const char *class_name; /* of the plug-in */
    const char *text;       /* completes "while ..." */
};

struct dead_letters {
    const struct connector_settings *settings;
    const char *connector;
    int task;
    struct arena arena;
    VEC(struct sink_record) records;
    size_t bytes;
};

void dead_letters_add(struct dead_letters *d, const struct stage *stage, const struct record *r,
                      const struct error *err);
void dead_letters_clear(struct dead_letters *d);
void dead_letters_release(struct dead_letters *d); /* {0} is fine */

#endif
