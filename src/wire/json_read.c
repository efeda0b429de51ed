/* The parser: RFC 8259 text to values in an arena. */
#include "wire/json.h"
#include "wire/json_parser.h"

enum { FEW_MEMBERS = 8 }; /* up to so many, names are compared each with each */

static int parse_value(struct json_parser *r, struct value *ret);

/* Arrays and objects: items gather on the stack and move to the arena when all are there. */

static struct value *pop_items(struct json_parser *r, size_t base)
{
    size_t n = r->stack.len - base;
    struct value *items = arena_array(r->arena, struct value, n);
    if (n)
        memcpy(items, r->stack.items + base, n * sizeof *items);
    r->stack.len = base;
    return items;
}

static int open_container(struct json_parser *r)
{
    if (r->depth >= JSON_MAX_DEPTH)
        return json_fail(r, r->p - 1, "nested too deep");
    r->depth++;
    json_skip_space(r);
    return 0;
}

static int parse_array(struct json_parser *r, struct value *ret)
{
    int rc = open_container(r);
    size_t base = r->stack.len;
    bool more = rc == 0 && !json_take(r, ']');
    while (more) {
        struct value item;
        rc = parse_value(r, &item);
        if (rc)
            return rc;
        *vec_push(&r->stack) = item;
        json_skip_space(r);
        more = json_take(r, ',');
        if (!more && !json_take(r, ']'))
            return json_fail_expected(r, "',' or ']' was expected");
    }
    if (rc)
        return rc;
    size_t n = r->stack.len - base;
    r->depth--;
    *ret = value_items(VALUE_ARRAY, pop_items(r, base), n);
    return 0;
}

/* The pair among pairs[0..n) that has this name, or n. */
static size_t find_name(const struct value *pairs, size_t n, const struct value *name)
{
    size_t i = 0;
    while (i < n && !str_equal(value_as_str(&pairs[2 * i]), value_as_str(name)))
        i++;
    return i;
}

static size_t find_name_hashed(struct json_parser *r, const struct value *pairs, const struct value *name, size_t next)
{
    size_t mask = r->slots.len - 1;
    for (size_t slot = str_hash(value_as_str(name)) & mask;; slot = (slot + 1) & mask) {
        uint32_t index = r->slots.items[slot];
        if (index && str_equal(value_as_str(&pairs[2 * (size_t)(index - 1)]), value_as_str(name)))
            return index - 1;
        if (index == 0) {
            r->slots.items[slot] = (uint32_t)next + 1;
            return next;
        }
    }
}

static void prepare_slots(struct json_parser *r, size_t n)
{
    size_t len = 4 * FEW_MEMBERS;
    while (len < 2 * n)
        len *= 2;
    if (r->slots.cap < len)
        r->slots.items = mem_grow(r->slots.items, &r->slots.cap, len, sizeof *r->slots.items);
    r->slots.len = len;
    memset(r->slots.items, 0, len * sizeof *r->slots.items);
}

/* Of equal names the last value wins, in the place of the first, as in Jackson's tree. Returns the pairs left. */
static size_t drop_duplicates(struct json_parser *r, struct value *pairs, size_t n)
{
    size_t kept = 0;
    if (n > FEW_MEMBERS)
        prepare_slots(r, n);
    for (size_t i = 0; i < n; i++) {
        size_t at =
            n > FEW_MEMBERS ? find_name_hashed(r, pairs, &pairs[2 * i], kept) : find_name(pairs, kept, &pairs[2 * i]);
        if (at == kept)
            pairs[2 * kept++] = pairs[2 * i];
        pairs[2 * at + 1] = pairs[2 * i + 1];
    }
    return kept;
}

static int parse_member(struct json_parser *r)
{
    struct value name, value;
    json_skip_space(r);
    int rc = json_parse_string(r, &name);
    if (rc)
        return rc;
    json_skip_space(r);
    if (!json_take(r, ':'))
        return json_fail_expected(r, "':' was expected");
    rc = parse_value(r, &value);
    if (rc)
        return rc;
    *vec_push(&r->stack) = name;
    *vec_push(&r->stack) = value;
    return 0;
}

static int parse_object(struct json_parser *r, struct value *ret)
{
    int rc = open_container(r);
    size_t base = r->stack.len;
    bool more = rc == 0 && !json_take(r, '}');
    while (more) {
        rc = parse_member(r);
        if (rc)
            return rc;
        json_skip_space(r);
        more = json_take(r, ',');
        if (!more && !json_take(r, '}'))
            return json_fail_expected(r, "',' or '}' was expected");
    }
    if (rc)
        return rc;
    size_t n = (r->stack.len - base) / 2;
    r->depth--;
    struct value *pairs = pop_items(r, base);
    *ret = value_items(VALUE_MAP, pairs, drop_duplicates(r, pairs, n));
    return 0;
}

static int parse_word(struct json_parser *r, const char *word, struct value v, struct value *ret)
{
    size_t len = strlen(word);
    if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
        return json_fail(r, r->p, "a value was expected");
    r->p += len;
    *ret = v;
    return 0;
}

static int parse_value(struct json_parser *r, struct value *ret)
{
    json_skip_space(r);
    switch (r->p < r->end ? *r->p : 0) {
    case '{':
        r->p++;
        return parse_object(r, ret);
    case '[':
        r->p++;
        return parse_array(r, ret);
    case '"':
        return json_parse_string(r, ret);
    case 't':
        return parse_word(r, "true", value_bool(true), ret);
    case 'f':
        return parse_word(r, "false", value_bool(false), ret);
    case 'n':
        return parse_word(r, "null", value_null(), ret);
    default:
        return json_parse_number(r, ret);
    }
}

static int read_text(struct str text, bool exact, struct arena *arena, struct value *ret, struct error *err)
{
    struct json_parser r;
    struct value v;
    json_parser_init(&r, text, arena, err);
    r.exact = exact;
    int rc = parse_value(&r, &v);
    if (rc == 0)
        rc = json_expect_end(&r);
    json_parser_release(&r);
    if (rc == 0)
        *ret = v;
    return rc;
}

int json_read(struct str text, struct arena *arena, struct value *ret, struct error *err)
{
    return read_text(text, false, arena, ret, err);
}

int json_read_exact(struct str text, struct arena *arena, struct value *ret, struct error *err)
{
    return read_text(text, true, arena, ret, err);
}
