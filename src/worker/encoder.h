/*
 * `struct encoder`: from records to the bytes that a sink takes. Key, value and header converter of one task; topics
 * become interned names. Records gather in a chunk whose memory is used again, so that encoding allocates nothing
 * once it is warm.
 */
#ifndef WORKER_ENCODER_H
#define WORKER_ENCODER_H

#include "api/plugins.h"
#include "worker/settings.h"
#include "worker/tolerance.h"

enum { ENCODER_CHUNK = 512, ENCODER_CHUNK_BYTES = 256 * 1024, ENCODER_KEEP_BYTES = 8 * 1024 * 1024 };

struct encoder;

struct encoder_options {
    const struct plugins *plugins;
    struct registry *registry;
    const struct worker_settings *worker;
    const struct config *worker_config; /* raw */
    const struct connector_settings *connector;
    const struct config *connector_config; /* raw */
    /* Called once for each topic, before its first record is handed out. */
    void (*new_topic)(void *ctx, struct str topic);
    void *ctx;
};

int encoder_open(const struct encoder_options *options, struct encoder **ret, struct error *err);
void encoder_close(struct encoder *e); /* NULL is fine */

/* Adds the record to the chunk, or skips it where the settings tolerate its error. */
int encoder_add(struct encoder *e, const struct record *r, struct tolerance *tolerance, struct error *err);
bool encoder_full(const struct encoder *e);
/* The chunk, valid until the next add or clear. */
const struct sink_record *encoder_chunk(struct encoder *e, size_t *ret_n);
size_t encoder_bytes(const struct encoder *e); /* of the chunk */
void encoder_clear(struct encoder *e);

/* The findings about the three converters of a configuration. */
void encoder_check(const struct encoder_options *options, struct findings *findings);

#endif
