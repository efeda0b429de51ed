/* Any text as a literal: what it gives must be a value of its schema, but for the nulls in it. */
#include "transforms/literal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void conforms(const struct schema *s, const struct value *v)
{
    if (value_is_null(v))
        return;
    if (v->type != s->type)
        abort();
    if (s->type != SCHEMA_ARRAY && s->type != SCHEMA_MAP)
        return;
    for (size_t i = 0; i < v->len; i++) {
        if (s->type == SCHEMA_ARRAY) {
            conforms(s->value_schema, &v->items[i]);
            continue;
        }
        conforms(s->key_schema, &v->items[2 * i]);
        conforms(s->value_schema, &v->items[2 * i + 1]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    const struct schema *schema;
    struct value v;
    literal_parse(str_of(data, size), &arena, &schema, &v);
    if (schema)
        conforms(schema, &v);
    schema_unref(schema);
    arena_free(&arena);
    return 0;
}
