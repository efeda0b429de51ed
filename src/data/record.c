#include "data/record.h"

#include "base/mem.h"

#include <stdlib.h>

void batch_init(struct batch *b)
{
    *b = (struct batch){0};
}

static void drop_schemas(struct batch *b)
{
    for (size_t i = 0; i < b->n_schemas; i++)
        schema_unref(b->schemas[i]);
    b->n_schemas = 0;
}

void batch_release(struct batch *b)
{
    drop_schemas(b);
    arena_free(&b->arena);
    free(b->records);
    free(b->schemas);
    *b = (struct batch){0};
}

void batch_reset(struct batch *b)
{
    drop_schemas(b);
    arena_reset(&b->arena);
    b->len = 0;
    b->has_position = false;
    b->position = (struct position){0};
}

struct record *batch_add(struct batch *b)
{
    if (b->len == b->cap)
        b->records = mem_grow(b->records, &b->cap, b->len + 1, sizeof *b->records);
    struct record *r = &b->records[b->len++];
    *r = (struct record){.timestamp = RECORD_NO_TIMESTAMP, .partition = RECORD_NO_PARTITION};
    return r;
}

void batch_hold(struct batch *b, const struct schema *s)
{
    enum { LOOK_BACK = 8 };
    if (!s)
        return;
    size_t first = b->n_schemas > LOOK_BACK ? b->n_schemas - LOOK_BACK : 0;
    for (size_t i = b->n_schemas; i-- > first;)
        if (b->schemas[i] == s)
            return;
    b->schemas = mem_grow(b->schemas, &b->cap_schemas, b->n_schemas + 1, sizeof *b->schemas);
    b->schemas[b->n_schemas++] = schema_ref(s);
}

void batch_set_position(struct batch *b, const struct position *p)
{
    b->position = position_copy(&b->arena, p);
    b->has_position = true;
}
