/* An object's members, skipped over and not read: what is inside them is checked by whoever reads it. */
#include "wire/json.h"
#include "wire/json_parser.h"

/* Moves over one value: to the ',' or the bracket that ends it on this level. */
static int skip_value(struct json_parser *r)
{
    int depth = 0;
    bool escapes;
    for (; r->p < r->end; r->p++) {
        char c = *r->p;
        if (c == '"') {
            int rc = json_scan_string(r, &escapes);
            if (rc)
                return rc;
            r->p--;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            return 0;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return json_fail_expected(r, "");
}

static int split_member(struct json_parser *r, struct json_member *ret)
{
    struct value name;
    json_skip_space(r);
    int rc = json_parse_string(r, &name);
    if (rc)
        return rc;
    json_skip_space(r);
    if (!json_take(r, ':'))
        return json_fail_expected(r, "':' was expected");
    json_skip_space(r);
    const char *from = r->p;
    rc = skip_value(r);
    if (rc)
        return rc;
    *ret = (struct json_member){value_as_str(&name), str_trim(str_of(from, (size_t)(r->p - from)))};
    return ret->raw.len ? 0 : json_fail(r, r->p, "a value was expected");
}

int json_split(struct str text, struct arena *arena, struct json_member *members, size_t max, size_t *ret_n,
               struct error *err)
{
    struct json_parser r;
    json_parser_init(&r, text, arena, err);
    json_skip_space(&r);
    if (!json_take(&r, '{'))
        return json_fail_expected(&r, "'{' was expected");
    json_skip_space(&r);
    size_t n = 0;
    bool more = !json_take(&r, '}');
    while (more) {
        struct json_member member;
        int rc = split_member(&r, &member);
        if (rc)
            return rc;
        if (n < max)
            members[n] = member;
        n++;
        more = json_take(&r, ',');
        if (!more && !json_take(&r, '}'))
            return json_fail_expected(&r, "',' or '}' was expected");
    }
    int rc = json_expect_end(&r);
    if (rc == 0)
        *ret_n = n;
    return rc;
}
