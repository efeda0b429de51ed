/*
 * `struct record_codec`: the compressions of Kafka's record batches, with the working memory that they reuse from one
 * batch to the next. Zero-initialised is ready; contexts are made when first needed. One user at a time. No I/O.
 *
 * Forms, as Kafka's clients read and write them: gzip (RFC 1952), lz4 frames of independent blocks, zstd frames.
 * Snappy is recognised and answered with ERROR_UNSUPPORTED.
 */
#ifndef TOPICS_RECORD_CODEC_H
#define TOPICS_RECORD_CODEC_H

#include "topics/topics.h"

struct record_codec {
    void *zstd_out, *zstd_in, *lz4_in, *gzip_out, *gzip_in;
};

void record_codec_release(struct record_codec *c); /* {0} again */

/* Appends the compressed form of `plain` to *out. */
int record_codec_compress(struct record_codec *c, enum topics_compression compression, struct str plain,
                          struct buf *out, struct error *err);

/* Appends what `packed` holds to *out. More than `max` bytes, a damaged frame and bytes behind it are ERROR_CORRUPT;
 * *out is as before then. */
int record_codec_decompress(struct record_codec *c, enum topics_compression compression, struct str packed, size_t max,
                            struct buf *out, struct error *err);

#endif
