/* Any bytes as a record batch: read through or refused, and what was read is written again and reads the same. */
#include "topics/record_batch.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool same(struct str a, struct str b)
{
    return !a.ptr == !b.ptr && str_equal(a, b);
}

/* Writes the batch's records with every compression and compares. */
static void write_again(struct record_iter *it, enum topics_compression compression)
{
    struct record_batch_builder b = {0};
    struct record_codec codec = {0};
    struct record_iter back = {0};
    struct buf out = {0};
    struct topics_record r, s;
    bool found = true;
    record_iter_rewind(it);
    while (!record_iter_next(it, &r, &found, NULL) && found)
        check(!record_batch_add(&b, &r, (int32_t)((uint64_t)r.offset - (uint64_t)it->batch.base_offset), NULL));
    if (b.count) {
        struct record_batch batch;
        check(!record_batch_finish(&b, &codec, compression, &out, NULL));
        check(!record_batch_parse(buf_str(&out), &batch, NULL) && !record_batch_check(buf_str(&out), &batch, NULL));
        batch.base_offset = it->batch.base_offset;
        check(!record_iter_start(&back, &batch, NULL));
        record_iter_rewind(it);
        while (!record_iter_next(it, &r, &found, NULL) && found) {
            check(!record_iter_next(&back, &s, &found, NULL) && found);
            check(r.offset == s.offset && r.timestamp == s.timestamp && same(r.key, s.key) && same(r.value, s.value));
            check(r.n_headers == s.n_headers);
            for (uint32_t i = 0; i < r.n_headers; i++)
                check(str_equal(r.headers[i].key, s.headers[i].key) && same(r.headers[i].value, s.headers[i].value));
        }
        check(!record_iter_next(&back, &s, &found, NULL) && !found);
    }
    record_iter_release(&back);
    record_codec_release(&codec);
    buf_free(&b.records);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = str_of(data, size);
    struct record_batch batch;
    struct record_iter it = {0};
    struct error err;
    if (!record_batch_parse(bytes, &batch, &err)) {
        (void)record_batch_check(bytes, &batch, &err);
        bool found = true;
        int rc = record_iter_start(&it, &batch, &err);
        while (!rc && found) {
            struct topics_record r;
            rc = record_iter_next(&it, &r, &found, &err);
        }
        if (!rc)
            write_again(&it, size % 2 ? COMPRESSION_LZ4 : COMPRESSION_NONE);
    }
    record_iter_release(&it);
    return 0;
}
