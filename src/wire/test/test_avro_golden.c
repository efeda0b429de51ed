// link: avro-c
/*
 * What Confluent's AvroData made of the conformance cases: every schema text and every record's bytes, made again from
 * the Connect schemas and payloads. Then back: our reader, and libavro, must find in the bytes what went in.
 */
#include "wire/avro.h"
#include "wire/json.h"
#include "wire/test/libavro_json.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CASES SOURCE_DIR "/tests/conformance/cases"

struct counts {
    int cases, without_avro, taken, refused, schemas, records, values;
    int libavro_schemas, libavro_values;
} counts;

/* --- files ----------------------------------------------------------------------------------------- */

static bool read_file(const char *path, struct buf *ret)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    char *p;
    size_t n;
    while (p = buf_reserve(ret, 65536), (n = fread(p, 1, 65536, f)) > 0)
        ret->len += n;
    fclose(f);
    return true;
}

/* One entry of schemas.json and avro-schemas.json, which have an entry a line: "ID": TEXT, */
struct schema_entry {
    const struct schema *schema;
    struct str avro_text; /* expected; STR_NULL where the reference could not */
    struct avro_plan *plan;
    struct avro_schema *parsed;
    const struct schema *back; /* parsed, as a Connect schema */
    avro_schema_t libavro;
    avro_value_iface_t *libavro_class;
};

static void each_line(struct str text, void (*each)(struct map *m, struct str id, struct str json), struct map *m)
{
    for (struct str rest = text; rest.ptr;) {
        struct str line = str_split(rest, '\n', &rest);
        if (!line.len || line.ptr[0] != '"')
            continue;
        struct str json, id = str_split(line, ':', &json);
        json = str_trim(json);
        if (json.ptr[json.len - 1] == ',')
            json.len--;
        each(m, str_of(id.ptr + 1, id.len - 2), json);
    }
}

static void add_schema(struct map *m, struct str id, struct str json)
{
    struct arena arena = {0};
    struct value parsed;
    struct error err = {0};
    struct schema_entry *e = mem_new(struct schema_entry);
    assert_int_equal(json_read(json, &arena, &parsed, &err), 0);
    if (json_read_schema(&parsed, &e->schema, &err))
        fail_msg(STR_FMT ": %s", STR_ARG(id), err.text);
    arena_free(&arena);
    map_put(m, id, e);
}

static void add_avro_text(struct map *m, struct str id, struct str json)
{
    struct schema_entry *e = map_get(m, id);
    assert_non_null(e);
    e->avro_text = json;
}

static void free_entry(void *ptr)
{
    struct schema_entry *e = ptr;
    avro_plan_free(e->plan);
    avro_schema_free(e->parsed);
    schema_unref(e->schema);
    schema_unref(e->back);
    if (e->libavro_class)
        avro_value_iface_decref(e->libavro_class);
    if (e->libavro)
        avro_schema_decref(e->libavro);
    free(e);
}

/* --- schemas ---------------------------------------------------------------------------------------- */

static void check_schema(const char *where, struct str id, struct schema_entry *e)
{
    struct buf text = {0}, again = {0};
    struct error err = {0};
    if (avro_schema_from_connect(e->schema, &AVRO_OPTIONS_DEFAULT, &text, &err))
        fail_msg("%s " STR_FMT ": %s", where, STR_ARG(id), err.text);
    if (!str_equal(buf_str(&text), e->avro_text))
        fail_msg("%s " STR_FMT "\nis     " STR_FMT "\nshould " STR_FMT, where, STR_ARG(id), STR_ARG(buf_str(&text)),
                 STR_ARG(e->avro_text));
    if (avro_schema_parse(buf_str(&text), &e->parsed, &err) ||
        avro_plan_new(e->schema, &AVRO_OPTIONS_DEFAULT, &e->plan, &err) ||
        avro_schema_to_connect(e->parsed, &e->back, &err))
        fail_msg("%s " STR_FMT ": %s", where, STR_ARG(id), err.text);
    avro_schema_text(e->parsed, &again);
    if (!str_equal(buf_str(&text), buf_str(&again)))
        fail_msg("%s " STR_FMT "\nparsed " STR_FMT "\nfrom   " STR_FMT, where, STR_ARG(id), STR_ARG(buf_str(&again)),
                 STR_ARG(buf_str(&text)));
    if (!schema_equal(e->schema, e->back)) {
        buf_clear(&again);
        buf_clear(&text);
        json_write_schema(e->back, &again);
        json_write_schema(e->schema, &text);
        fail_msg("%s " STR_FMT "\nback   " STR_FMT "\nshould " STR_FMT, where, STR_ARG(id), STR_ARG(buf_str(&again)),
                 STR_ARG(buf_str(&text)));
    }
    if (avro_schema_from_json_length(e->avro_text.ptr, e->avro_text.len, &e->libavro))
        fail_msg("%s " STR_FMT ": libavro: %s", where, STR_ARG(id), avro_strerror());
    e->libavro_class = avro_generic_class_from_schema(e->libavro);
    assert_non_null(e->libavro_class);
    counts.libavro_schemas++;
    counts.schemas++;
    buf_free(&text);
    buf_free(&again);
}

/* --- values ---------------------------------------------------------------------------------------- */

static struct str unhex(struct arena *arena, struct str hex)
{
    char *bytes = arena_alloc(arena, hex.len / 2 + 1);
    for (size_t i = 0; i < hex.len / 2; i++) {
        char pair[3] = {hex.ptr[2 * i], hex.ptr[2 * i + 1], 0};
        bytes[i] = (char)strtoul(pair, NULL, 16);
    }
    return str_of(bytes, hex.len / 2);
}

/* Equal, but for nulls that became their field's default on the way. */
static bool same_value(const struct schema *s, const struct value *in, const struct value *out, bool in_struct)
{
    if (in->type == VALUE_NULL && in_struct && s->has_default)
        in = &s->default_value;
    if (in->type != out->type || in->type != VALUE_STRUCT)
        return value_equal(in, out);
    for (uint32_t i = 0; i < in->len; i++)
        if (!same_value(s->fields[i].schema, &in->items[i], &out->items[i], true))
            return false;
    return true;
}

static void check_libavro(const char *where, const struct schema_entry *e, struct str bytes)
{
    avro_value_t v;
    struct buf ours = {0}, theirs = {0};
    struct error err = {0};
    assert_int_equal(avro_generic_value_new(e->libavro_class, &v), 0);
    avro_reader_t reader = avro_reader_memory(bytes.ptr, (int64_t)bytes.len);
    if (avro_value_read(reader, &v))
        fail_msg("%s: libavro: %s", where, avro_strerror());
    print_libavro(&v, &theirs);
    if (avro_to_json(e->parsed, bytes, &ours, &err))
        fail_msg("%s: %s", where, err.text);
    if (!str_equal(buf_str(&ours), buf_str(&theirs)))
        fail_msg("%s\nlibavro " STR_FMT "\nwe      " STR_FMT, where, STR_ARG(buf_str(&theirs)),
                 STR_ARG(buf_str(&ours)));
    avro_reader_free(reader);
    avro_value_decref(&v);
    buf_free(&ours);
    buf_free(&theirs);
    counts.libavro_values++;
}

/* The reference made its bytes from the JSON of expected.jsonl, and Java's JSON reader takes the text "NaN" for 0. */
static void zero_nan(struct value *v)
{
    if (v->type == VALUE_FLOAT32 && !isfinite(v->f32))
        v->f32 = 0;
    else if (v->type == VALUE_FLOAT64 && !isfinite(v->f64))
        v->f64 = 0;
    else if (v->type == VALUE_STRUCT || v->type == VALUE_ARRAY)
        for (uint32_t i = 0; i < v->len; i++)
            zero_nan(&v->items[i]);
}

static void check_value(const char *where, const struct schema_entry *e, const struct value *payload,
                        struct str expected)
{
    struct arena arena = {0};
    struct buf bytes = {0};
    struct error err = {0};
    struct value v, back;
    if (json_to_connect(e->schema, payload, JSON_DECIMAL_BASE64, &arena, &v, &err))
        fail_msg("%s: %s", where, err.text);
    zero_nan(&v);
    if (avro_encode(e->plan, &v, &bytes, &err))
        fail_msg("%s: %s", where, err.text);
    expected = unhex(&arena, expected);
    if (!str_equal(buf_str(&bytes), expected)) {
        print_message("is     ");
        for (size_t i = 0; i < bytes.len; i++)
            print_message("%02x", (unsigned char)bytes.data[i]);
        print_message("\nshould ");
        for (size_t i = 0; i < expected.len; i++)
            print_message("%02x", (unsigned char)expected.ptr[i]);
        fail_msg("%s: bytes differ", where);
    }
    if (avro_decode(e->parsed, expected, &arena, &back, &err))
        fail_msg("%s: %s", where, err.text);
    if (!same_value(e->schema, &v, &back, false))
        fail_msg("%s: read back is not what was written", where);
    check_libavro(where, e, expected);
    counts.values++;
    arena_free(&arena);
    buf_free(&bytes);
}

static void check_part(const char *where, const char *part, struct map *schemas, const struct value *record,
                       const struct value *avro)
{
    const struct value *hex = value_map_get(avro, str_from(part)), *data = value_map_get(record, str_from(part));
    if (!hex || hex->type != VALUE_STRING)
        return;
    assert_non_null(data);
    const struct value *id = value_map_get(data, STR("schema")), *payload = value_map_get(data, STR("payload"));
    if (!id || !payload)
        fail_msg("%s: %s has Avro bytes and no schema", where, part);
    const struct schema_entry *e = map_get(schemas, value_as_str(id));
    assert_non_null(e);
    check_value(where, e, payload, value_as_str(hex));
}

static void check_records(const char *dir, struct map *schemas, struct str expected, struct str avro)
{
    for (int line = 1; expected.ptr; line++) {
        struct str record = str_split(expected, '\n', &expected);
        struct str bytes = avro.ptr ? str_split(avro, '\n', &avro) : STR_NULL;
        if (!record.len)
            break;
        struct arena arena = {0};
        struct value r, a;
        struct error err = {0};
        char where[512];
        snprintf(where, sizeof where, "%s line %d", dir, line);
        if (json_read(record, &arena, &r, &err) || json_read(bytes, &arena, &a, &err))
            fail_msg("%s: %s", where, err.text);
        check_part(where, "key", schemas, &r, &a);
        check_part(where, "value", schemas, &r, &a);
        arena_free(&arena);
        counts.records++;
    }
}

static bool case_file(const char *dir, const char *name, struct buf *ret)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return read_file(path, ret);
}

/* Where the reference had no Avro for a case: a name is at fault, and named, or we do have it. */
static void check_without_avro(const char *dir)
{
    struct buf schemas = {0};
    struct map by_id = {0};
    counts.without_avro++;
    if (case_file(dir, "schemas.json", &schemas))
        each_line(buf_str(&schemas), add_schema, &by_id);
    map_each (&by_id, e) {
        struct schema_entry *entry = e->value;
        struct buf text = {0};
        struct error err = {0};
        int rc = avro_schema_from_connect(entry->schema, &AVRO_OPTIONS_DEFAULT, &text, &err);
        if (rc == 0)
            assert_int_equal(avro_schema_from_json_length(text.data, text.len, &entry->libavro), 0);
        else if (!strstr(err.text, "scrub.invalid.names"))
            fail_msg("%s " STR_FMT ": %s", dir, STR_ARG(e->key), err.text);
        counts.taken += rc == 0;
        counts.refused += rc != 0;
        buf_free(&text);
    }
    map_free(&by_id, free_entry);
    buf_free(&schemas);
}

static void check_case(const char *dir)
{
    struct buf schemas = {0}, avro_schemas = {0}, expected = {0}, avro = {0};
    struct map by_id = {0};
    if (!case_file(dir, "case.json", &schemas))
        return;
    counts.cases++;
    buf_clear(&schemas);
    if (!case_file(dir, "avro-schemas.json", &avro_schemas)) {
        check_without_avro(dir);
        buf_free(&schemas);
        return;
    }
    assert_true(case_file(dir, "schemas.json", &schemas) && case_file(dir, "expected.jsonl", &expected) &&
                case_file(dir, "avro.jsonl", &avro));
    each_line(buf_str(&schemas), add_schema, &by_id);
    each_line(buf_str(&avro_schemas), add_avro_text, &by_id);
    map_each (&by_id, e) {
        struct schema_entry *entry = e->value;
        if (entry->avro_text.ptr)
            check_schema(dir, e->key, entry);
    }
    check_records(dir, &by_id, buf_str(&expected), buf_str(&avro));
    map_free(&by_id, free_entry);
    buf_free(&schemas);
    buf_free(&avro_schemas);
    buf_free(&expected);
    buf_free(&avro);
}

static void each_folder(const char *dir, void (*each)(const char *dir))
{
    struct dirent **names;
    int n = scandir(dir, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[1024];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
        if (names[i]->d_name[0] != '.' && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
            each(path);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

static void check_kind(const char *dir)
{
    each_folder(dir, check_case);
}

static void test_golden(void **state)
{
    (void)state;
    each_folder(CASES, check_kind);
    print_message("%d cases, %d schemas, %d records, %d keys and values; libavro: %d schemas, %d values\n",
                  counts.cases, counts.schemas, counts.records, counts.values, counts.libavro_schemas,
                  counts.libavro_values);
    print_message("%d cases without Avro: %d schemas taken, %d refused for a name\n", counts.without_avro, counts.taken,
                  counts.refused);
    assert_true(counts.schemas > 100);
    assert_true(counts.values > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
