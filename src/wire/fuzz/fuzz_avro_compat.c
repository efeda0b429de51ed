/* Two texts, apart by a NUL, as Avro schemas: each can read itself, and the pair gets a verdict or a clean error. */
#include "wire/avro_compat.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t findings(const struct avro_schema *reader, const struct avro_schema *writer, bool *ret_judged)
{
    struct arena arena = {0};
    struct avro_incompatibility *found;
    struct error err;
    size_t n = 0;
    *ret_judged = avro_compat_check(reader, writer, &arena, &found, &n, &err) == 0;
    for (size_t i = 0; i < n; i++)
        if (!found[i].path.len || !found[i].message.ptr)
            abort();
    arena_free(&arena);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avro_schema *one = NULL, *other = NULL;
    struct error err;
    struct str second, first = str_split(str_of(data, size), '\0', &second);
    bool judged;
    if (avro_schema_parse(first, &one, &err) != 0)
        return 0;
    if (findings(one, one, &judged) != 0 && judged)
        abort();
    if (second.ptr && avro_schema_parse(second, &other, &err) == 0) {
        findings(one, other, &judged);
        findings(other, one, &judged);
    }
    avro_schema_free(one);
    avro_schema_free(other);
    return 0;
}
