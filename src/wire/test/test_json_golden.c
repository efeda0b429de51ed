/*
 * The golden cases through the JSON reader and writer: every schema and every payload that Kafka
 * Connect wrote is read and written again.
 *
 * The recorded files went through Python's json module, which shows in three places, and only there
 * the texts may differ, each checked for being the same thing:
 *   - floating point numbers: Python prints 1e+300 and 0.0001 where Java prints 1.0E300 and 1.0E-4
 *     (counted as `numbers`; both must read back as the same double);
 *   - code points beyond the basic plane: Jackson writes escaped surrogates, Python raw UTF-8;
 *   - control characters: Jackson's \u001F is Python's \u001f.
 */
#include "wire/json.h"

#include "base/map.h"
#include "base/mem.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MEMBERS_MAX = 4096 };

static struct {
    size_t cases, schemas, payloads, schemaless, numbers, escapes;
} seen;

/* Comparing. */

static bool is_number_char(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static struct str number_at(const char *p, const char *end)
{
    const char *from = p;
    while (p < end && is_number_char(*p))
        p++;
    return str_of(from, (size_t)(p - from));
}

static bool same_number(struct str recorded, struct str ours)
{
    double a, b;
    if (str_equal(recorded, ours))
        return true;
    if (str_find(recorded, '.') == recorded.len && str_find(recorded, 'e') == recorded.len)
        return false; /* an integer is the same in both */
    if (!str_to_double(recorded, &a) || !str_to_double(ours, &b) || a != b)
        return false;
    seen.numbers++;
    return true;
}

static unsigned hex4(const char *p)
{
    char digits[5] = {p[0], p[1], p[2], p[3], 0};
    return (unsigned)strtoul(digits, NULL, 16);
}

/* Our escape at *q against what was recorded at *p; moves both on. */
static bool same_escape(const char **p, const char **q)
{
    unsigned high = hex4(*q + 2);
    seen.escapes++;
    if ((*p)[0] == '\\' && (*p)[1] == 'u') {
        bool same = hex4(*p + 2) == high;
        *p += 6;
        *q += 6;
        return same;
    }
    if (high < 0xd800 || high > 0xdbff)
        return false;
    unsigned code = 0x10000 + ((high - 0xd800) << 10) + (hex4(*q + 8) - 0xdc00);
    const uint8_t *u = (const uint8_t *)*p;
    bool same = code == (((unsigned)u[0] & 7) << 18 | (u[1] & 63u) << 12 | (u[2] & 63u) << 6 | (u[3] & 63u));
    *p += 4;
    *q += 12;
    return same;
}

static bool same_text(struct str recorded, struct str ours)
{
    const char *p = recorded.ptr, *end = p + recorded.len, *q = ours.ptr, *q_end = q + ours.len;
    bool in_string = false;
    while (p < end && q < q_end) {
        if (in_string && q[0] == '\\' && q_end - q > 2 && q[1] == 'u') {
            if (!same_escape(&p, &q))
                return false;
        } else if (in_string && *p == '\\') {
            if (memcmp(p, q, 2) != 0)
                return false;
            p += 2;
            q += 2;
        } else if (!in_string && is_number_char(*p) && *p != 'e') {
            struct str a = number_at(p, end), b = number_at(q, q_end);
            if (!same_number(a, b))
                return false;
            p += a.len;
            q += b.len;
        } else {
            in_string ^= *p == '"';
            if (*p++ != *q++)
                return false;
        }
    }
    return p == end && q == q_end;
}

static void assert_same(const char *what, struct str recorded, struct str ours)
{
    if (same_text(recorded, ours))
        return;
    fail_msg("%s\nrecorded: " STR_FMT "\n    ours: " STR_FMT, what, STR_ARG(recorded), STR_ARG(ours));
}

static void assert_ok(const char *what, int rc, const struct error *err)
{
    if (rc)
        fail_msg("%s: %s", what, err->text);
}

/* One case. */

struct fixture {
    const char *name;
    struct map schemas; /* id to struct entry */
    struct arena arena;
};

struct entry {
    const struct schema *schema;
    struct json_plan *plan;
};

static void free_entry(void *ptr)
{
    struct entry *e = ptr;
    schema_unref(e->schema);
    json_plan_free(e->plan);
    free(e);
}

static struct str read_file(const char *dir, const char *name)
{
    AUTO_FREE
    char *path = mem_printf("%s/%s", dir, name);
    FILE *f = fopen(path, "re");
    if (!f)
        return STR_NULL;
    struct buf b = {0};
    size_t n;
    while ((n = fread(buf_reserve(&b, 65536), 1, 65536, f)) > 0)
        b.len += n;
    fclose(f);
    size_t len = b.len;
    return (struct str){buf_take(&b), len};
}

static void check_schema(struct fixture *fx, struct str id, struct str raw)
{
    AUTO_FREE
    char *what = mem_printf("%s schema " STR_FMT, fx->name, STR_ARG(id));
    struct error err;
    struct value parsed;
    struct entry *e = mem_new(struct entry);
    assert_ok(what, json_read(raw, &fx->arena, &parsed, &err), &err);
    assert_ok(what, json_read_schema(&parsed, &e->schema, &err), &err);
    AUTO_BUF
    text = {0};
    json_write_schema(e->schema, &text);
    assert_same(what, raw, buf_str(&text));
    assert_ok(what, json_plan_new(e->schema, &(struct json_options){0}, &e->plan, &err), &err);
    assert_null(map_put(&fx->schemas, id, e));
    seen.schemas++;
}

static void check_with_schema(struct fixture *fx, const char *what, const struct entry *e, struct str raw)
{
    struct error err;
    struct value parsed, data;
    AUTO_BUF
    text = {0};
    assert_ok(what, json_read_exact(raw, &fx->arena, &parsed, &err), &err);
    assert_ok(what, json_to_connect(e->schema, &parsed, JSON_DECIMAL_BASE64, &fx->arena, &data, &err), &err);
    assert_ok(what, schema_check_value(e->schema, &data, &err), &err);
    assert_ok(what, json_write_plan(e->plan, &data, &text, &err), &err);
    assert_same(what, raw, buf_str(&text));
    seen.payloads++;
}

static void check_schemaless(struct fixture *fx, const char *what, struct str raw)
{
    struct error err;
    struct value parsed;
    AUTO_BUF
    text = {0};
    assert_ok(what, json_read(raw, &fx->arena, &parsed, &err), &err);
    assert_ok(what, json_write_value(&parsed, &text, &err), &err);
    assert_same(what, raw, buf_str(&text));
    seen.schemaless++;
}

/* A key, a value or a header's value: {"schema":"V1","payload":...}, or without a schema. */
static void check_datum(struct fixture *fx, const char *what, struct str raw)
{
    struct json_member m[2];
    size_t n = 0;
    if (*raw.ptr == '{' && json_split(raw, &fx->arena, m, 2, &n, NULL) == 0 && n == 2 && str_is(m[0].name, "schema") &&
        str_is(m[1].name, "payload") && *m[0].raw.ptr == '"') {
        struct entry *e = map_get(&fx->schemas, str_of(m[0].raw.ptr + 1, m[0].raw.len - 2));
        assert_non_null(e);
        check_with_schema(fx, what, e, m[1].raw);
        return;
    }
    check_schemaless(fx, what, raw);
}

static void check_line(struct fixture *fx, struct str line, size_t number)
{
    struct error err;
    struct json_member m[8];
    size_t n = 0;
    AUTO_FREE
    char *what = mem_printf("%s line %zu", fx->name, number);
    assert_ok(what, json_split(line, &fx->arena, m, 8, &n, &err), &err);
    assert_in_range(n, 3, 4);
    assert_true(str_is(m[1].name, "key"));
    assert_true(str_is(m[2].name, "value"));
    check_datum(fx, what, m[1].raw);
    check_datum(fx, what, m[2].raw);
    if (n == 4)
        check_schemaless(fx, what, m[3].raw);
    arena_reset(&fx->arena);
}

static void check_case(const char *dir, const char *name)
{
    struct fixture fx = {.name = name};
    struct error err;
    struct str schemas = read_file(dir, "schemas.json"), lines = read_file(dir, "expected.jsonl");
    assert_non_null(lines.ptr);
    if (schemas.ptr) {
        struct json_member *m = mem_new_array(struct json_member, MEMBERS_MAX);
        size_t n = 0;
        assert_ok(name, json_split(schemas, &fx.arena, m, MEMBERS_MAX, &n, &err), &err);
        assert_in_range(n, 0, MEMBERS_MAX);
        for (size_t i = 0; i < n; i++)
            check_schema(&fx, m[i].name, m[i].raw);
        free(m);
    }
    size_t number = 0;
    for (struct str rest = lines; rest.ptr;) {
        struct str line = str_split(rest, '\n', &rest);
        number++;
        if (line.len)
            check_line(&fx, line, number);
    }
    free((char *)schemas.ptr);
    free((char *)lines.ptr);
    map_free(&fx.schemas, free_entry);
    arena_free(&fx.arena);
    seen.cases++;
}

static void each_entry(const char *dir, void (*each)(const char *path, const char *name))
{
    DIR *d = opendir(dir);
    assert_non_null(d);
    struct dirent *entry;
    while ((entry = readdir(d))) {
        AUTO_FREE
        char *path = mem_printf("%s/%s", dir, entry->d_name);
        if (entry->d_name[0] != '.')
            each(path, entry->d_name);
    }
    closedir(d);
}

static void check_kind(const char *path, const char *name)
{
    (void)name;
    each_entry(path, check_case);
}

static void test_golden_cases(void **state)
{
    (void)state;
    each_entry(SOURCE_DIR "/tests/conformance/cases", check_kind);
    print_message("%zu cases, %zu schemas, %zu payloads with and %zu data without a schema; Python's own "
                  "numbers: %zu, escapes: %zu\n",
                  seen.cases, seen.schemas, seen.payloads, seen.schemaless, seen.numbers, seen.escapes);
    assert_true(seen.cases >= 10 && seen.schemas >= 50 && seen.payloads >= 100);
}

/* The comparison itself must be able to fail. */
static void test_comparison(void **state)
{
    (void)state;
    assert_true(same_text(STR("{\"a\":1e+300}"), STR("{\"a\":1.0E300}")));
    assert_true(same_text(STR("[\"\xf0\x9f\x98\x80\"]"), STR("[\"\\uD83D\\uDE00\"]")));
    assert_true(same_text(STR("[\"\\u001f\\\"x\"]"), STR("[\"\\u001F\\\"x\"]")));
    assert_false(same_text(STR("[\"\xf0\x9f\x98\x80\"]"), STR("[\"\\uD83D\\uDE01\"]")));
    assert_false(same_text(STR("[1e+300]"), STR("[1.0E301]")));
    assert_false(same_text(STR("[10]"), STR("[10.0]")));
    assert_false(same_text(STR("[\"1e2\"]"), STR("[\"1E2\"]")));
    assert_false(same_text(STR("[1]"), STR("[1,2]")));
    assert_false(same_text(STR("[1,2]"), STR("[1]")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_golden_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
