#include "topics/record_codec.h"

#include "base/mem.h"

#include <lz4frame.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8, ZSTD_LEVEL = 3, DECOMPRESS_STEP = 64 * 1024 };

const char *const topics_compression_names[] = {"none", "gzip", "snappy", "lz4", "zstd", NULL};

void record_codec_release(struct record_codec *c)
{
    ZSTD_freeCCtx(c->zstd_out);
    ZSTD_freeDCtx(c->zstd_in);
    LZ4F_freeDecompressionContext(c->lz4_in);
    if (c->gzip_out)
        deflateEnd(c->gzip_out);
    if (c->gzip_in)
        inflateEnd(c->gzip_in);
    free(c->gzip_out);
    free(c->gzip_in);
    *c = (struct record_codec){0};
}

static int unsupported(enum topics_compression compression, struct error *err)
{
    if (compression == COMPRESSION_SNAPPY)
        return error_set(err, ERROR_UNSUPPORTED,
                         "compression snappy is not available here; use lz4, zstd, gzip or none");
    return error_set(err, ERROR_CORRUPT, "unknown compression %d in a record batch", (int)compression);
}

/* ---- compressing ---- */

static int compress_lz4(struct str plain, struct buf *out, struct error *err)
{
    const LZ4F_preferences_t preferences = {
        .frameInfo = {.blockSizeID = LZ4F_max64KB, .blockMode = LZ4F_blockIndependent},
        .autoFlush = 1,
    };
    size_t room = LZ4F_compressFrameBound(plain.len, &preferences);
    size_t n = LZ4F_compressFrame(buf_reserve(out, room), room, plain.ptr, plain.len, &preferences);
    if (LZ4F_isError(n))
        return error_set(err, ERROR_INTERNAL, "lz4: %s", LZ4F_getErrorName(n));
    out->len += n;
    return 0;
}

static int compress_zstd(struct record_codec *c, struct str plain, struct buf *out, struct error *err)
{
    if (!c->zstd_out && !(c->zstd_out = ZSTD_createCCtx()))
        return error_set(err, ERROR_INTERNAL, "zstd: no memory for a context");
    size_t room = ZSTD_compressBound(plain.len);
    size_t n = ZSTD_compressCCtx(c->zstd_out, buf_reserve(out, room), room, plain.ptr, plain.len, ZSTD_LEVEL);
    if (ZSTD_isError(n))
        return error_set(err, ERROR_INTERNAL, "zstd: %s", ZSTD_getErrorName(n));
    out->len += n;
    return 0;
}

static int compress_gzip(struct record_codec *c, struct str plain, struct buf *out, struct error *err)
{
    z_stream *z = c->gzip_out;
    if (!z) {
        z = mem_new(z_stream);
        if (deflateInit2(z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
            free(z);
            return error_set(err, ERROR_INTERNAL, "gzip: no memory for a context");
        }
        c->gzip_out = z;
    } else {
        deflateReset(z);
    }
    size_t room = deflateBound(z, plain.len);
    z->next_in = (Bytef *)(uintptr_t)plain.ptr;
    z->avail_in = (uInt)plain.len;
    z->next_out = (Bytef *)buf_reserve(out, room);
    z->avail_out = (uInt)room;
    if (deflate(z, Z_FINISH) != Z_STREAM_END)
        return error_set(err, ERROR_INTERNAL, "gzip: %s", z->msg ? z->msg : "output does not fit its bound");
    out->len += room - z->avail_out;
    return 0;
}

int record_codec_compress(struct record_codec *c, enum topics_compression compression, struct str plain,
                          struct buf *out, struct error *err)
{
    switch (compression) {
    case COMPRESSION_NONE:
        buf_add_str(out, plain);
        return 0;
    case COMPRESSION_GZIP:
        return compress_gzip(c, plain, out, err);
    case COMPRESSION_LZ4:
        return compress_lz4(plain, out, err);
    case COMPRESSION_ZSTD:
        return compress_zstd(c, plain, out, err);
    case COMPRESSION_SNAPPY:
    default:
        return unsupported(compression, err);
    }
}

/* ---- decompressing ---- */

static int too_large(const char *what, size_t max, struct error *err)
{
    return error_set(err, ERROR_CORRUPT, "%s: the batch holds more than %zu bytes", what, max);
}

/* Room for the next piece of output, in all one byte beyond `max` at most: the byte that tells a full batch from one
 * that is too large. 0: there is none left. */
static size_t next_room(struct buf *out, size_t start, size_t max)
{
    size_t left = max + 1 - (out->len - start);
    if (!left)
        return 0;
    if (out->cap - out->len < DECOMPRESS_STEP)
        buf_reserve(out, left < DECOMPRESS_STEP ? left : DECOMPRESS_STEP);
    size_t room = out->cap - out->len;
    return room < left ? room : left;
}

static int decompress_lz4(struct record_codec *c, struct str packed, size_t max, struct buf *out, struct error *err)
{
    if (!c->lz4_in) {
        LZ4F_dctx *made;
        if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)))
            return error_set(err, ERROR_INTERNAL, "lz4: no memory for a context");
        c->lz4_in = made;
    }
    size_t start = out->len;
    LZ4F_resetDecompressionContext(c->lz4_in);
    for (size_t hint = 1; hint;) {
        size_t room = next_room(out, start, max), eaten = packed.len;
        if (!room)
            return too_large("lz4", max, err);
        hint = LZ4F_decompress(c->lz4_in, out->data + out->len, &room, packed.ptr, &eaten, NULL);
        if (LZ4F_isError(hint))
            return error_set(err, ERROR_CORRUPT, "lz4: %s", LZ4F_getErrorName(hint));
        if (hint && !room && !eaten)
            return error_set(err, ERROR_CORRUPT, "lz4: the frame is cut short");
        out->len += room;
        packed = (struct str){packed.ptr + eaten, packed.len - eaten};
    }
    if (packed.len)
        return error_set(err, ERROR_CORRUPT, "lz4: %zu bytes behind the frame", packed.len);
    return 0;
}

static int decompress_zstd(struct record_codec *c, struct str packed, size_t max, struct buf *out, struct error *err)
{
    if (!c->zstd_in && !(c->zstd_in = ZSTD_createDCtx()))
        return error_set(err, ERROR_INTERNAL, "zstd: no memory for a context");
    size_t start = out->len;
    ZSTD_DCtx_reset(c->zstd_in, ZSTD_reset_session_only);
    ZSTD_inBuffer in = {.src = packed.ptr, .size = packed.len};
    for (size_t hint = 1; hint;) {
        size_t room = next_room(out, start, max), before = in.pos;
        if (!room)
            return too_large("zstd", max, err);
        ZSTD_outBuffer piece = {.dst = out->data + out->len, .size = room};
        hint = ZSTD_decompressStream(c->zstd_in, &piece, &in);
        if (ZSTD_isError(hint))
            return error_set(err, ERROR_CORRUPT, "zstd: %s", ZSTD_getErrorName(hint));
        if (hint && !piece.pos && in.pos == before)
            return error_set(err, ERROR_CORRUPT, "zstd: the frame is cut short");
        out->len += piece.pos;
    }
    if (in.pos < in.size)
        return error_set(err, ERROR_CORRUPT, "zstd: %zu bytes behind the frame", in.size - in.pos);
    return 0;
}

static int decompress_gzip(struct record_codec *c, struct str packed, size_t max, struct buf *out, struct error *err)
{
    z_stream *z = c->gzip_in;
    if (!z) {
        z = mem_new(z_stream);
        if (inflateInit2(z, GZIP_WINDOW) != Z_OK) {
            free(z);
            return error_set(err, ERROR_INTERNAL, "gzip: no memory for a context");
        }
        c->gzip_in = z;
    } else {
        inflateReset(z);
    }
    size_t start = out->len;
    z->next_in = (Bytef *)(uintptr_t)packed.ptr;
    z->avail_in = (uInt)packed.len;
    for (int rc = Z_OK; rc != Z_STREAM_END;) {
        size_t room = next_room(out, start, max);
        if (!room)
            return too_large("gzip", max, err);
        z->next_out = (Bytef *)out->data + out->len;
        z->avail_out = (uInt)room;
        rc = inflate(z, Z_NO_FLUSH);
        out->len += room - z->avail_out;
        if (rc != Z_OK && rc != Z_STREAM_END)
            return error_set(err, ERROR_CORRUPT, "gzip: %s", z->msg ? z->msg : "the stream is cut short");
    }
    if (z->avail_in)
        return error_set(err, ERROR_CORRUPT, "gzip: %u bytes behind the stream", z->avail_in);
    return 0;
}

int record_codec_decompress(struct record_codec *c, enum topics_compression compression, struct str packed, size_t max,
                            struct buf *out, struct error *err)
{
    size_t start = out->len;
    int rc;
    switch (compression) {
    case COMPRESSION_NONE:
        if (packed.len > max)
            return too_large("none", max, err);
        buf_add_str(out, packed);
        return 0;
    case COMPRESSION_GZIP:
        rc = decompress_gzip(c, packed, max, out, err);
        break;
    case COMPRESSION_LZ4:
        rc = decompress_lz4(c, packed, max, out, err);
        break;
    case COMPRESSION_ZSTD:
        rc = decompress_zstd(c, packed, max, out, err);
        break;
    case COMPRESSION_SNAPPY:
    default:
        return unsupported(compression, err);
    }
    if (!rc && out->len - start > max)
        rc = too_large(topics_compression_names[compression], max, err);
    if (rc)
        out->len = start;
    return rc;
}
