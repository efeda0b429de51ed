/* Arrays and hstore: https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO, .../hstore.html */
#include "base/buf.h"
#include "debezium/schemas.h"
#include "sources/postgres/convert_impl.h"
#include "wire/json.h"

struct scanner {
    char *at, *end;
};

static void blanks(struct scanner *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

/* Text in quotes, unescaped in place; `at` stands on the opening quote. */
static bool quoted(struct scanner *s, struct str *ret)
{
    char *out = ++s->at, *start = out;
    while (s->at < s->end && *s->at != '"') {
        if (*s->at == '\\' && ++s->at == s->end)
            return false;
        *out++ = *s->at++;
    }
    if (s->at == s->end)
        return false;
    s->at++;
    *ret = str_of(start, (size_t)(out - start));
    return true;
}

/* ---- arrays ---- */

static int element(const struct pgc_conv *c, struct scanner *s, struct arena *arena, struct value *ret, bool *bad,
                   struct error *err)
{
    struct str text;
    if (*s->at == '"') {
        if (!quoted(s, &text)) {
            *bad = true;
            return 0;
        }
    } else {
        char *start = s->at;
        while (s->at < s->end && *s->at != ',' && *s->at != '}' && *s->at != '{')
            s->at++;
        text = str_of(start, (size_t)(s->at - start));
        if (str_is_nocase(text, "NULL")) {
            *ret = value_null();
            return 0;
        }
    }
    return pgc_convert(c->element, (char *)(uintptr_t)text.ptr, text.len, arena, ret, err);
}

/* Elements of arrays in arrays become elements of the one array: that is all its schema can hold. */
int pgc_array(const struct pgc_conv *c, char *text, size_t len, struct arena *arena, struct value *ret,
              struct error *err)
{
    struct scanner s = {text, text + len};
    char *bounds_end = len && *text == '[' ? memchr(text, '=', len) : NULL;
    size_t n = 0, max = 1;
    int depth = 0;
    bool bad = false;
    if (bounds_end)
        s.at = bounds_end + 1;
    for (char *p = s.at; p < s.end; p++)
        max += *p == ',';
    if (max > PGC_MAX_ELEMENTS)
        return error_set(err, ERROR_DATA, "an array has more than %d elements", PGC_MAX_ELEMENTS);
    struct value *items = arena_array(arena, struct value, max);
    bool open = s.at < s.end && *s.at == '{';
    while (s.at < s.end && !bad) {
        char ch = *s.at;
        if (ch == '{') {
            bad = ++depth > PGC_MAX_ARRAY_DEPTH;
            s.at++;
        } else if (ch == '}') {
            bad = --depth < 0;
            s.at++;
        } else if (ch == ',') {
            s.at++;
        } else if (depth <= 0 || n == max) {
            bad = true;
        } else {
            int code = element(c, &s, arena, &items[n++], &bad, err);
            if (code)
                return code;
        }
    }
    if (bad || !open || depth != 0)
        return pgc_bad(str_of(text, len), "array", err);
    *ret = value_items(VALUE_ARRAY, items, n);
    return 0;
}

/* ---- hstore: "a"=>"1", "b"=>NULL ---- */

struct pair {
    struct str key, value; /* value STR_NULL: null */
};

static bool read_pair(struct scanner *s, struct pair *ret)
{
    if (s->at == s->end || *s->at != '"' || !quoted(s, &ret->key))
        return false;
    blanks(s);
    if (s->end - s->at < 2 || s->at[0] != '=' || s->at[1] != '>')
        return false;
    s->at += 2;
    blanks(s);
    if (s->at < s->end && *s->at == '"')
        return quoted(s, &ret->value);
    if (s->end - s->at < 4 || !str_is_nocase(str_of(s->at, 4), "NULL"))
        return false;
    s->at += 4;
    ret->value = STR_NULL;
    return true;
}

static void write_json(const struct pair *pairs, const uint32_t *order, size_t n, struct arena *arena,
                       struct value *ret)
{
    AUTO_BUF out = {0};
    buf_add_char(&out, '{');
    for (size_t i = 0; i < n; i++) {
        const struct pair *p = &pairs[order[i]];
        if (i)
            buf_add_char(&out, ',');
        json_write_string(&out, p->key);
        buf_add_char(&out, ':');
        if (p->value.ptr)
            json_write_string(&out, p->value);
        else
            buf_add_literal(&out, "null");
    }
    buf_add_char(&out, '}');
    *ret = value_str(arena_str(arena, buf_str(&out)));
}

int pgc_hstore(const struct pgc_conv *c, char *text, size_t len, struct arena *arena, struct value *ret,
               struct error *err)
{
    struct scanner s = {text, text + len};
    size_t n = 0, max = 1;
    for (size_t i = 0; i + 1 < len; i++)
        max += text[i] == '=' && text[i + 1] == '>';
    if (max > PGC_MAX_ELEMENTS)
        return error_set(err, ERROR_DATA, "an hstore has more than %d pairs", PGC_MAX_ELEMENTS);
    struct pair *pairs = arena_array(arena, struct pair, max);
    blanks(&s);
    while (s.at < s.end) {
        if (n == max || !read_pair(&s, &pairs[n++]))
            return pgc_bad(str_of(text, len), "hstore", err);
        blanks(&s);
        if (s.at < s.end && *s.at++ != ',')
            return pgc_bad(str_of(text, len), "hstore", err);
        blanks(&s);
    }
    struct str *keys = arena_array(arena, struct str, n + 1);
    uint32_t *order = arena_array(arena, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++)
        keys[i] = pairs[i].key;
    debezium_hash_order(keys, n, order, arena);
    if (c->op == PGC_HSTORE_JSON) {
        write_json(pairs, order, n, arena, ret);
        return 0;
    }
    struct value *items = arena_array(arena, struct value, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct pair *p = &pairs[order[i]];
        items[2 * i] = value_str(p->key);
        items[2 * i + 1] = p->value.ptr ? value_str(p->value) : value_null();
    }
    *ret = value_items(VALUE_MAP, items, n);
    return 0;
}
