/* Any bytes as data of a few schemas: read and printed, or refused by both; what was read is written as it was read. */
#include "wire/avro.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const texts[] = {
    "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":["
    "\"null\",\"string\"],\"default\":null},{\"name\":\"c\",\"type\":\"bytes\"},{\"name\":\"d\",\"type\":\"double\"},{"
    "\"name\":\"e\",\"type\":\"float\"},{\"name\":\"f\",\"type\":\"boolean\"},{\"name\":\"g\",\"type\":\"long\"},{"
    "\"name\":\"h\",\"type\":{\"type\":\"int\",\"connect.type\":\"int8\"}}]}",
    "{\"type\":\"array\",\"items\":{\"type\":\"map\",\"values\":[\"null\",\"int\"]}}",
    "{\"type\":\"array\",\"items\":\"null\"}",
    "[\"null\",\"int\",{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]},{\"type\":\"fixed\",\"name\":\"F\","
    "\"size\":3},{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"N\",\"fields\":[]}}]",
    "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"MapEntry\",\"namespace\":"
    "\"io.confluent.connect.avro\",\"fields\":[{\"name\":\"key\",\"type\":\"int\"},{\"name\":\"value\",\"type\":[{"
    "\"type\":\"string\",\"connect.default\":\"x\"},\"null\"],\"default\":\"x\"}]}}",
    "{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"next\",\"type\":[\"null\",\"L\"]},{\"name\":\"v\","
    "\"type\":{\"type\":\"array\",\"items\":\"L\"}}]}",
    NULL, /* schemaless */
};
enum { N_SCHEMAS = sizeof texts / sizeof *texts };

struct kind {
    struct avro_schema *avro;
    struct avro_plan *plan; /* NULL where Connect has no schema for it */
};

static void prepare(struct kind kinds[N_SCHEMAS])
{
    for (int i = 0; i < N_SCHEMAS; i++) {
        const struct schema *connect = NULL;
        struct buf text = {0};
        struct error err;
        if (texts[i])
            buf_add_cstr(&text, texts[i]);
        else if (avro_schema_from_connect(NULL, NULL, &text, &err) != 0)
            abort();
        if (avro_schema_parse(buf_str(&text), &kinds[i].avro, &err) != 0)
            abort();
        if (avro_schema_to_connect(kinds[i].avro, &connect, &err) == 0 &&
            avro_plan_new(connect, &(struct avro_options){.enhanced = true}, &kinds[i].plan, &err) != 0)
            abort();
        schema_unref(connect);
        buf_free(&text);
    }
}

/* Written again and read again, it is the same. */
static void check_value(const struct kind *k, const struct value *v)
{
    struct buf bytes = {0};
    struct arena arena = {0};
    struct error err;
    struct value again;
    if (avro_encode(k->plan, v, &bytes, &err) == 0) {
        if (avro_decode(k->avro, buf_str(&bytes), &arena, &again, &err) != 0 || !value_equal(v, &again))
            abort();
    }
    arena_free(&arena);
    buf_free(&bytes);
}

static bool has_nan(const struct value *v)
{
    if (v->type == VALUE_FLOAT64)
        return v->f64 != v->f64;
    if (v->type == VALUE_FLOAT32)
        return v->f32 != v->f32;
    size_t n = v->type == VALUE_MAP                                ? 2 * (size_t)v->len
               : v->type == VALUE_ARRAY || v->type == VALUE_STRUCT ? v->len
                                                                   : 0;
    for (size_t i = 0; i < n; i++)
        if (has_nan(&v->items[i]))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct kind kinds[N_SCHEMAS];
    static bool ready;
    if (!ready)
        prepare(kinds);
    ready = true;
    if (!size)
        return 0;
    const struct kind *k = &kinds[data[0] % N_SCHEMAS];
    struct str bytes = str_of(data + 1, size - 1);
    struct arena arena = {0};
    struct buf json = {0};
    struct value v;
    struct error err;
    bool read = avro_decode(k->avro, bytes, &arena, &v, &err) == 0;
    bool printed = avro_to_json(k->avro, bytes, &json, &err) == 0;
    if (read && !printed)
        abort();
    if (read && k->plan && !has_nan(&v))
        check_value(k, &v);
    arena_free(&arena);
    buf_free(&json);
    return 0;
}
