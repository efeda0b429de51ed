/*
 * JSON: whatever is read can be written, and what was written is read as the same; schemas and payloads
 * ({"schema":...,"payload":...}) likewise.
 */
#include "wire/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void write_again(struct str text, struct arena *arena)
{
    struct value v;
    struct error err;
    AUTO_BUF first = {0}, second = {0};
    if (json_read(text, arena, &v, &err))
        return;
    require(json_write_value(&v, &first, &err) == 0);
    require(json_read(buf_str(&first), arena, &v, &err) == 0);
    require(json_write_value(&v, &second, &err) == 0);
    require(str_equal(buf_str(&first), buf_str(&second)));
}

static void convert(const struct schema *s, struct str text, enum json_decimal decimal, struct arena *arena)
{
    const struct json_options options = {.decimal = decimal};
    struct value parsed, v, again;
    struct error err;
    struct json_plan *plan;
    AUTO_BUF first = {0}, second = {0};
    if (json_read_exact(text, arena, &parsed, &err) || json_to_connect(s, &parsed, decimal, arena, &v, &err))
        return;
    require(schema_check_value(s, &v, &err) == 0);
    require(json_plan_new(s, &options, &plan, &err) == 0);
    require(json_write_plan(plan, &v, &first, &err) == 0);
    require(json_read_exact(buf_str(&first), arena, &parsed, &err) == 0);
    require(json_to_connect(s, &parsed, decimal, arena, &again, &err) == 0);
    require(json_write_plan(plan, &again, &second, &err) == 0);
    require(str_equal(buf_str(&first), buf_str(&second)));
    json_plan_free(plan);
}

static const struct schema *read_schema(struct str text, struct arena *arena)
{
    const struct schema *s = NULL;
    struct value parsed;
    struct error err;
    if (json_read_exact(text, arena, &parsed, &err) || json_read_schema(&parsed, &s, &err))
        return NULL;
    return s;
}

static void envelope(struct str text, struct arena *arena)
{
    struct json_member m[2];
    size_t n = 0;
    struct error err;
    if (json_split(text, arena, m, 2, &n, &err) || n != 2)
        return;
    const struct schema *s = read_schema(m[0].raw, arena);
    if (!s)
        return;
    AUTO_BUF first = {0}, second = {0};
    json_write_schema(s, &first);
    const struct schema *again = read_schema(buf_str(&first), arena);
    require(again != NULL);
    json_write_schema(again, &second);
    require(str_equal(buf_str(&first), buf_str(&second)));
    convert(s, m[1].raw, JSON_DECIMAL_BASE64, arena);
    convert(s, m[1].raw, JSON_DECIMAL_NUMERIC, arena);
    schema_unref(again);
    schema_unref(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct str text = str_of(data, size), bytes;
    AUTO_BUF out = {0};
    write_again(text, &arena);
    envelope(text, &arena);
    json_write_string(&out, text); /* not UTF-8, as a rule */
    json_read_base64(text, &arena, &bytes);
    arena_free(&arena);
    return 0;
}
