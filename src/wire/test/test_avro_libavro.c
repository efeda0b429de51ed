// link: avro-c
/*
 * Avro schemas and data of all kinds, made at random, against libavro: it parses the texts that we write, and reads
 * from our bytes what we read. Not made: schemas that contain themselves (Connect has none), and records without fields
 * (libavro cannot have them in arrays).
 */
#include "base/mem.h"
#include "wire/avro.h"
#include "wire/test/libavro_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROUNDS = 2000, MAX_LEVEL = 4, MAX_ITEMS = 4 };

static uint64_t seed = 1;

static unsigned pick(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/* --- schemas ---------------------------------------------------------------------------------------- */

static int n_named;

static void make_schema(struct buf *out, int level, bool in_union);

static void make_name(struct buf *out, const char *type)
{
    buf_printf(out, "{\"type\":\"%s\",\"name\":\"N%d\"", type, n_named++);
    if (pick(2))
        buf_printf(out, ",\"namespace\":\"space%u.x\"", pick(3));
}

static void make_record(struct buf *out, int level)
{
    make_name(out, "record");
    buf_add_literal(out, ",\"fields\":[");
    unsigned n = 1 + pick(MAX_ITEMS);
    for (unsigned i = 0; i < n; i++) {
        buf_printf(out, "%s{\"name\":\"f%u\",\"type\":", i ? "," : "", i);
        make_schema(out, level + 1, false);
        buf_add_char(out, '}');
    }
    buf_add_literal(out, "]}");
}

static const char *const primitives[] = {"boolean", "int", "long", "float", "double", "bytes", "string"};
enum { N_PRIMITIVES = sizeof primitives / sizeof *primitives };

static void make_union(struct buf *out, int level)
{
    buf_add_literal(out, "[\"null\",");
    if (pick(2)) {
        make_schema(out, level + 1, true);
    } else {
        unsigned first = pick(N_PRIMITIVES - 1);
        buf_printf(out, "\"%s\",\"%s\",", primitives[first], primitives[first + 1]);
        make_record(out, level + 1);
    }
    buf_add_char(out, ']');
}

static void make_schema(struct buf *out, int level, bool in_union)
{
    switch (level >= MAX_LEVEL ? 6 : pick(in_union ? 8 : 10)) {
    case 0:
        buf_add_literal(out, "{\"type\":\"array\",\"items\":");
        make_schema(out, level + 1, false);
        buf_add_char(out, '}');
        break;
    case 1:
        buf_add_literal(out, "{\"type\":\"map\",\"values\":");
        make_schema(out, level + 1, false);
        buf_add_char(out, '}');
        break;
    case 2:
        make_record(out, level);
        break;
    case 3:
        make_name(out, "enum");
        buf_add_literal(out, ",\"symbols\":[\"A\",\"B\",\"C\"]}");
        break;
    case 4:
        make_name(out, "fixed");
        buf_printf(out, ",\"size\":%u}", 1 + pick(5));
        break;
    case 8:
    case 9:
        make_union(out, level);
        break;
    default:
        buf_printf(out, "\"%s\"", primitives[pick(N_PRIMITIVES)]);
    }
}

/* --- data ------------------------------------------------------------------------------------------- */

static struct value make_value(struct arena *arena, const struct schema *s);

static struct value make_items(struct arena *arena, const struct schema *s)
{
    unsigned n = pick(MAX_ITEMS), width = s->type == SCHEMA_MAP ? 2 : 1;
    struct value *items = arena_array(arena, struct value, (size_t)n * width);
    for (unsigned i = 0; i < n; i++) {
        if (width == 2)
            items[2 * i] = value_str(arena_printf(arena, "k%u", i));
        items[width * i + width - 1] = make_value(arena, s->value_schema);
    }
    return value_items((enum value_type)s->type, items, n);
}

static struct value make_struct(struct arena *arena, const struct schema *s)
{
    struct value *items = arena_array(arena, struct value, s->n_fields);
    bool is_union = str_is(s->name, "io.confluent.connect.avro.Union");
    unsigned set = s->n_fields ? pick(s->n_fields) : 0;
    for (uint32_t i = 0; i < s->n_fields; i++) {
        if (is_union && i != set)
            items[i] = value_null();
        else
            do
                items[i] = make_value(arena, s->fields[i].schema);
            while (is_union && value_is_null(&items[i]));
    }
    return value_items(VALUE_STRUCT, items, s->n_fields);
}

static int64_t make_int(int bits)
{
    return (int64_t)((uint64_t)pick(1u << 31) << 33 | pick(1u << 31)) >> (64 - bits + pick((unsigned)bits));
}

static struct value make_bytes(struct arena *arena, const struct schema *s)
{
    struct str fixed = schema_param(s, STR("connect.fixed.size")),
               symbol = schema_param(s, STR("io.confluent.connect.avro.Enum"));
    static const char *const texts[] = {"", "a", "grün", "\xf0\x9f\x98\x80 \"\\\n", "A longer text, longer than a few"};
    if (symbol.ptr)
        return value_str(str_from(&"A\0B\0C"[2 * pick(3)]));
    if (s->type == SCHEMA_STRING)
        return value_str(str_from(texts[pick(sizeof texts / sizeof *texts)]));
    int64_t n = pick(8);
    if (fixed.ptr)
        str_to_int64(fixed, &n);
    uint8_t *bytes = arena_alloc(arena, (size_t)n);
    for (int64_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)pick(256);
    return value_bytes(bytes, (size_t)n);
}

static struct value make_value(struct arena *arena, const struct schema *s)
{
    if (s->optional && pick(3) == 0)
        return value_null();
    switch ((enum schema_type)s->type) {
    case SCHEMA_INT32:
        return value_int32((int32_t)make_int(32));
    case SCHEMA_INT64:
        return value_int64(make_int(64));
    case SCHEMA_FLOAT32:
        return value_float32((float)make_int(20) / 8);
    case SCHEMA_FLOAT64:
        return value_float64((double)make_int(60) / 1000);
    case SCHEMA_BOOLEAN:
        return value_bool(pick(2));
    case SCHEMA_ARRAY:
    case SCHEMA_MAP:
        return make_items(arena, s);
    case SCHEMA_STRUCT:
        return make_struct(arena, s);
    default:
        return make_bytes(arena, s);
    }
}

/* --- the comparison --------------------------------------------------------------------------------- */

static void compare(const char *text, const struct avro_schema *ours, avro_schema_t theirs, struct str bytes)
{
    avro_value_iface_t *class = avro_generic_class_from_schema(theirs);
    avro_reader_t reader = avro_reader_memory(bytes.ptr, (int64_t)bytes.len);
    avro_value_t v;
    struct buf our_json = {0}, their_json = {0};
    struct error err = {0};
    assert_int_equal(avro_generic_value_new(class, &v), 0);
    if (avro_value_read(reader, &v))
        fail_msg("%s: libavro: %s", text, avro_strerror());
    print_libavro(&v, &their_json);
    if (avro_to_json(ours, bytes, &our_json, &err))
        fail_msg("%s: %s", text, err.text);
    assert_string_equal(buf_cstr(&our_json), buf_cstr(&their_json));
    avro_value_decref(&v);
    avro_reader_free(reader);
    avro_value_iface_decref(class);
    buf_free(&our_json);
    buf_free(&their_json);
}

static void check(const char *text)
{
    const struct avro_options options = {.connect_meta = true, .enhanced = true};
    struct avro_schema *parsed, *again;
    const struct schema *connect;
    struct avro_plan *plan;
    struct buf ours = {0};
    struct error err = {0};
    avro_schema_t theirs;
    if (avro_schema_parse(str_from(text), &parsed, &err) || avro_schema_to_connect(parsed, &connect, &err) ||
        avro_schema_from_connect(connect, &options, &ours, &err) || avro_plan_new(connect, &options, &plan, &err) ||
        avro_schema_parse(buf_str(&ours), &again, &err))
        fail_msg("%s: %s", text, err.text);
    if (avro_schema_from_json_length(ours.data, ours.len, &theirs))
        fail_msg("%s: libavro: %s", buf_cstr(&ours), avro_strerror());
    for (int i = 0; i < 3; i++) {
        struct arena arena = {0};
        struct buf bytes = {0};
        struct value v = make_value(&arena, connect), back;
        if (avro_encode(plan, &v, &bytes, &err) || avro_decode(again, buf_str(&bytes), &arena, &back, &err))
            fail_msg("%s: %s", text, err.text);
        assert_true(value_equal(&v, &back));
        assert_int_equal(schema_check_value(connect, &back, &err), 0);
        assert_int_equal(avro_decode(parsed, buf_str(&bytes), &arena, &back, &err), 0);
        assert_true(value_equal(&v, &back));
        compare(text, again, theirs, buf_str(&bytes));
        arena_free(&arena);
        buf_free(&bytes);
    }
    avro_schema_decref(theirs);
    avro_plan_free(plan);
    schema_unref(connect);
    avro_schema_free(parsed);
    avro_schema_free(again);
    buf_free(&ours);
}

static void test_random(void **state)
{
    (void)state;
    struct buf text = {0};
    for (int i = 0; i < ROUNDS; i++) {
        buf_clear(&text);
        n_named = 0;
        make_schema(&text, 0, false);
        check(buf_cstr(&text));
    }
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
