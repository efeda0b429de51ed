/* Any text as an Avro schema: parsed, printed, parsed again to the same text, turned into a Connect schema and back. */
#include "wire/avro.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct avro_schema *s)
{
    struct buf text = {0}, again = {0};
    struct error err;
    struct avro_schema *parsed;
    avro_schema_text(s, &text);
    if (avro_schema_parse(buf_str(&text), &parsed, &err) != 0)
        abort();
    avro_schema_text(parsed, &again);
    if (!str_equal(buf_str(&text), buf_str(&again)))
        abort();
    avro_schema_free(parsed);
    buf_free(&text);
    buf_free(&again);
}

static void check_connect(const struct schema *connect)
{
    struct avro_options options = {.connect_meta = true, .enhanced = true};
    struct avro_plan *plan;
    struct buf text = {0};
    struct error err;
    if (avro_schema_from_connect(connect, &options, &text, &err) == 0) {
        struct avro_schema *parsed;
        if (avro_schema_parse(buf_str(&text), &parsed, &err) != 0)
            abort();
        avro_schema_free(parsed);
    }
    if (avro_plan_new(connect, &options, &plan, &err) == 0)
        avro_plan_free(plan);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct avro_schema *s;
    const struct schema *connect;
    struct error err;
    if (avro_schema_parse(str_of(data, size), &s, &err) != 0)
        return 0;
    check_text(s);
    if (avro_schema_to_connect(s, &connect, &err) == 0) {
        check_connect(connect);
        schema_unref(connect);
    }
    avro_schema_free(s);
    return 0;
}
