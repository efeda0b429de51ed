/* Any bytes as a replication message and as a pgoutput message: a clean error or a message inside the bytes. */
#include "sources/postgres/pgoutput.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct pgoutput_tuple *t, const uint8_t *data, size_t size)
{
    for (uint16_t i = 0; i < t->n; i++)
        if (t->cells[i].len &&
            (t->cells[i].data < data || t->cells[i].len > size || t->cells[i].data + t->cells[i].len > data + size))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pgoutput_decoder d;
    struct pgoutput_frame f;
    struct pgoutput_message m;
    struct error err;
    if (!pgoutput_frame(data, size, &f, &err) && f.type == 'w' && f.data + f.len != data + size)
        abort();
    if (!pgoutput_decode(&d, data, size, &m, &err) && (m.type == 'I' || m.type == 'U' || m.type == 'D')) {
        look(&m.change.old, data, size);
        look(&m.change.new, data, size);
    }
    return 0;
}
