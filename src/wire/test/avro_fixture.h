/* What the tests of the Avro codec share. */
#ifndef WIRE_TEST_AVRO_FIXTURE_H
#define WIRE_TEST_AVRO_FIXTURE_H

#include "wire/avro.h"
#include "wire/json.h"

#include "base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct error err;

#define FIELD_OF(schema)                                                                                               \
    "{\"type\":\"struct\",\"fields\":[{" schema ",\"field\":\"f\"}],\"optional\":false,\"name\":\"T\"}"

/* The schema of a JsonConverter text. */
static inline const struct schema *connect(const char *json)
{
    struct arena arena = {0};
    struct value parsed;
    const struct schema *s = NULL;
    if (json_read(str_from(json), &arena, &parsed, &err) || json_read_schema(&parsed, &s, &err))
        fail_msg("%s: %s", json, err.text);
    arena_free(&arena);
    return s;
}

static inline struct avro_schema *parse(const char *text)
{
    struct avro_schema *s;
    if (avro_schema_parse(str_from(text), &s, &err))
        fail_msg("%s: %s", text, err.text);
    return s;
}

static inline void expect_text(const char *connect_json, const struct avro_options *options, const char *expected)
{
    const struct schema *s = connect(connect_json);
    struct buf text = {0};
    if (avro_schema_from_connect(s, options, &text, &err))
        fail_msg("%s: %s", connect_json, err.text);
    assert_string_equal(buf_cstr(&text), expected);
    /* What we write is what we, and so the registry, would write again. */
    struct avro_schema *parsed = parse(expected);
    struct buf again = {0};
    avro_schema_text(parsed, &again);
    assert_string_equal(buf_cstr(&again), expected);
    avro_schema_free(parsed);
    buf_free(&text);
    buf_free(&again);
    schema_unref(s);
}

/* ... and back to the same Connect schema. */
static inline void expect_both(const char *connect_json, const struct avro_options *options, const char *expected)
{
    expect_text(connect_json, options, expected);
    const struct schema *s = connect(connect_json), *back;
    struct avro_schema *parsed = parse(expected);
    if (avro_schema_to_connect(parsed, &back, &err))
        fail_msg("%s: %s", expected, err.text);
    if (!schema_equal(s, back)) {
        struct buf text = {0};
        json_write_schema(back, &text);
        fail_msg("back   %s\nshould %s", buf_cstr(&text), connect_json);
    }
    schema_unref(back);
    schema_unref(s);
    avro_schema_free(parsed);
}

static inline void expect_refused(const char *connect_json, const struct avro_options *options, const char *part)
{
    const struct schema *s = connect(connect_json);
    struct buf text = {0};
    buf_add_literal(&text, "kept");
    assert_int_equal(avro_schema_from_connect(s, options, &text, &err), ERROR_INVALID_SCHEMA);
    assert_int_equal(err.code, ERROR_INVALID_SCHEMA);
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
    assert_string_equal(buf_cstr(&text), "kept");
    struct avro_plan *plan;
    assert_int_equal(avro_plan_new(s, options, &plan, &err), ERROR_INVALID_SCHEMA);
    buf_free(&text);
    schema_unref(s);
}

static inline struct buf encode(const struct schema *s, const struct avro_options *options, const struct value *v)
{
    struct avro_plan *plan;
    struct buf out = {0};
    if (avro_plan_new(s, options, &plan, &err) || avro_encode(plan, v, &out, &err))
        fail_msg("%s", err.text);
    avro_plan_free(plan);
    return out;
}

static inline void expect_hex(struct str bytes, const char *hex)
{
    struct buf text = {0};
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(&text, "%02x", (unsigned char)bytes.ptr[i]);
    assert_string_equal(buf_cstr(&text), hex);
    buf_free(&text);
}

static inline size_t unhex(const char *hex, char *out)
{
    size_t n = 0;
    for (; hex[0] && hex[1]; hex += 2) {
        char pair[3] = {hex[0], hex[1], 0};
        out[n++] = (char)strtoul(pair, NULL, 16);
    }
    return n;
}

static inline void expect_json(const char *schema, const char *hex, const char *expected)
{
    struct avro_schema *s = parse(schema);
    char bytes[4096];
    struct buf out = {0};
    if (avro_to_json(s, str_of(bytes, unhex(hex, bytes)), &out, &err))
        fail_msg("%s %s: %s", schema, hex, err.text);
    assert_string_equal(buf_cstr(&out), expected);
    buf_free(&out);
    avro_schema_free(s);
}

static inline void expect_bad_data(const char *schema, const char *hex, const char *part)
{
    struct avro_schema *s = parse(schema);
    char bytes[4096];
    size_t n = unhex(hex, bytes);
    struct str data = str_of(mem_dup(bytes, n), n); /* its own memory, so that a sanitizer sees what is beyond */
    struct arena arena = {0};
    struct buf out = {0};
    struct value v = value_int64(77);
    err = (struct error){0};
    if (avro_decode(s, data, &arena, &v, &err) != ERROR_DATA)
        fail_msg("%s %s: taken", schema, hex);
    assert_int_equal(v.i, 77);
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
    assert_int_equal(avro_to_json(s, data, &out, NULL), ERROR_DATA);
    assert_int_equal(out.len, 0);
    buf_free(&out);
    arena_free(&arena);
    free((void *)data.ptr);
    avro_schema_free(s);
}

static inline void expect_bad_schema(const char *text, const char *part)
{
    struct avro_schema *s = NULL;
    err = (struct error){0};
    assert_int_equal(avro_schema_parse(str_from(text), &s, &err), ERROR_INVALID_SCHEMA);
    assert_null(s);
    if (!strstr(err.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", text, err.text, part);
    assert_int_equal(avro_schema_parse(str_from(text), &s, NULL), ERROR_INVALID_SCHEMA);
}

#endif
