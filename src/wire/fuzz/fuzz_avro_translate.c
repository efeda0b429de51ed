/* A schema, another one and data, apart by NULs: what is translated can be read with the other schema. */
#include "wire/avro_translate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct avro_schema *from, const struct avro_schema *to, struct str bytes)
{
    struct avro_translation *t = avro_translation_new(from, to);
    struct arena arena = {0};
    struct buf out = {0};
    struct value value;
    struct error err;
    int rc = avro_translate(t, bytes, &out, &err);
    if (rc != 0 && out.len != 0)
        abort();
    /* Small integers of Connect have limits that Avro's data has not, and blocks of a fat schema their budget. */
    if (rc == 0 && avro_decode(to, buf_str(&out), &arena, &value, &err) != 0 && !strstr(err.text, "range") &&
        !strstr(err.text, "values"))
        abort();
    avro_translation_free(t);
    arena_free(&arena);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avro_schema *from = NULL, *to = NULL;
    struct error err;
    struct str bytes, rest, second, first = str_split(str_of(data, size), '\0', &rest);
    if (!rest.ptr)
        return 0;
    second = str_split(rest, '\0', &bytes);
    if (bytes.ptr && avro_schema_parse(first, &from, &err) == 0 && avro_schema_parse(second, &to, &err) == 0)
        check(from, to, bytes);
    avro_schema_free(from);
    avro_schema_free(to);
    return 0;
}
