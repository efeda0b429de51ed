#include "conf/value.h"

#include <limits.h>

static const struct type_row {
    const char *name;
    size_t size; /* of the member */
} types[] = {
    [PROPERTY_TYPE_STRING] = {"STRING", sizeof(struct str)},
    [PROPERTY_TYPE_PASSWORD] = {"PASSWORD", sizeof(struct str)},
    [PROPERTY_TYPE_CLASS] = {"CLASS", sizeof(struct str)},
    [PROPERTY_TYPE_LIST] = {"LIST", sizeof(struct str_list)},
    [PROPERTY_TYPE_BOOLEAN] = {"BOOLEAN", sizeof(bool)},
    [PROPERTY_TYPE_INT] = {"INT", sizeof(int32_t)},
    [PROPERTY_TYPE_LONG] = {"LONG", sizeof(int64_t)},
    [PROPERTY_TYPE_DOUBLE] = {"DOUBLE", sizeof(double)},
    [PROPERTY_TYPE_ENUM] = {"STRING", sizeof(int)},
};

union parsed {
    struct str text;
    struct str_list list;
    bool boolean;
    int32_t i32;
    int64_t i64;
    double f64;
    int choice;
};

const char *property_type_name(const struct property *p)
{
    return types[p->type].name;
}

static bool has_max(const struct property *p)
{
    int64_t largest = p->type == PROPERTY_TYPE_INT ? INT32_MAX : INT64_MAX;
    return p->max != 0 && p->max < largest;
}

void property_value_expected(const struct property *p, struct buf *out)
{
    if (p->type == PROPERTY_TYPE_ENUM) {
        for (const char *const *c = p->choices; c && *c; c++)
            buf_printf(out, "%s%s", c == p->choices ? "" : ", ", *c);
    } else if (p->type == PROPERTY_TYPE_BOOLEAN) {
        buf_add_literal(out, "true, false");
    } else if ((p->type == PROPERTY_TYPE_INT || p->type == PROPERTY_TYPE_LONG) && (p->min || p->max)) {
        if (has_max(p))
            buf_printf(out, "between %lld and %lld", (long long)p->min, (long long)p->max);
        else
            buf_printf(out, "at least %lld", (long long)p->min);
    }
}

static int read_list(struct str text, struct arena *arena, union parsed *ret)
{
    size_t room = 1;
    for (size_t i = 0; i < text.len; i++)
        room += text.ptr[i] == ',';
    struct str_list list = {.items = arena_array(arena, struct str, room)};
    while (text.ptr) {
        struct str rest, item = str_trim(str_split(text, ',', &rest));
        if (item.len)
            list.items[list.len++] = arena_str(arena, item);
        text = rest;
    }
    ret->list = list;
    return 0;
}

static int read_number(const struct property *p, struct str text, union parsed *ret, struct error *err)
{
    int64_t n;
    bool is_int = p->type == PROPERTY_TYPE_INT;
    struct str digits = text;
    if (digits.len > 1 && digits.ptr[0] == '+' && digits.ptr[1] != '-') /* Java takes it */
        digits = str_of(digits.ptr + 1, digits.len - 1);
    if (!str_to_int64(digits, &n) || (is_int && (n < INT32_MIN || n > INT32_MAX)))
        return error_set(err, ERROR_CONFIG, "Not a number of type %s; write a whole number such as %s",
                         property_type_name(p), p->fallback ? p->fallback : "1000");
    bool limited = p->min != 0 || p->max != 0;
    if (limited && n < p->min)
        return error_set(err, ERROR_CONFIG, "Value must be at least %lld", (long long)p->min);
    if (limited && has_max(p) && n > p->max)
        return error_set(err, ERROR_CONFIG, "Value must be no more than %lld", (long long)p->max);
    if (is_int)
        ret->i32 = (int32_t)n;
    else
        ret->i64 = n;
    return 0;
}

static int read_choice(const struct property *p, struct str text, union parsed *ret, struct error *err)
{
    struct str names[64];
    size_t n = 0;
    for (; p->choices && p->choices[n]; n++) {
        if ((p->flags & PROPERTY_CASE) ? str_is(text, p->choices[n]) : str_is_nocase(text, p->choices[n])) {
            ret->choice = (int)n;
            return 0;
        }
        if (n < sizeof names / sizeof *names)
            names[n] = str_from(p->choices[n]);
    }
    AUTO_BUF
    expected = {0};
    property_value_expected(p, &expected);
    struct str near =
        findings_nearest(text, names, n < sizeof names / sizeof *names ? n : sizeof names / sizeof *names);
    return error_set(err, ERROR_CONFIG, "String must be one of: %s%s" STR_FMT "%s", buf_cstr(&expected),
                     near.ptr ? "; did you mean \"" : "", STR_ARG(near), near.ptr ? "\"?" : "");
}

static int parse(const struct property *p, struct str text, struct arena *arena, union parsed *ret, struct error *err)
{
    switch (p->type) {
    case PROPERTY_TYPE_STRING:
    case PROPERTY_TYPE_PASSWORD:
    case PROPERTY_TYPE_CLASS:
        ret->text = arena_str(arena, text);
        return 0;
    case PROPERTY_TYPE_LIST:
        return read_list(text, arena, ret);
    case PROPERTY_TYPE_BOOLEAN:
        ret->boolean = str_is_nocase(text, "true");
        if (!ret->boolean && !str_is_nocase(text, "false"))
            return error_set(err, ERROR_CONFIG, "Expected value to be either true or false");
        return 0;
    case PROPERTY_TYPE_INT:
    case PROPERTY_TYPE_LONG:
        return read_number(p, text, ret, err);
    case PROPERTY_TYPE_DOUBLE:
        if (!str_to_double(text, &ret->f64))
            return error_set(err, ERROR_CONFIG, "Not a number of type DOUBLE; write a number such as 0.5");
        return 0;
    case PROPERTY_TYPE_ENUM:
        return read_choice(p, text, ret, err);
    }
    return error_set(err, ERROR_INTERNAL, "the property %s has no type", p->name);
}

int property_value_read(const struct property *p, struct str text, struct arena *arena, void *member, struct error *err)
{
    union parsed parsed;
    int code = parse(p, str_trim(text), arena, &parsed, err);
    if (!code && member)
        memcpy(member, &parsed, types[p->type].size);
    return code;
}

void property_value_print(const struct property *p, struct str text, struct buf *out)
{
    struct arena arena = {0};
    union parsed parsed;
    text = str_trim(text);
    if (parse(p, text, &arena, &parsed, NULL)) {
        buf_add_str(out, text);
    } else if (p->type == PROPERTY_TYPE_LIST) {
        for (size_t i = 0; i < parsed.list.len; i++)
            buf_printf(out, "%s" STR_FMT, i ? "," : "", STR_ARG(parsed.list.items[i]));
    } else if (p->type == PROPERTY_TYPE_BOOLEAN) {
        buf_add_cstr(out, parsed.boolean ? "true" : "false");
    } else if (p->type == PROPERTY_TYPE_INT) {
        buf_add_int64(out, parsed.i32);
    } else if (p->type == PROPERTY_TYPE_LONG) {
        buf_add_int64(out, parsed.i64);
    } else {
        buf_add_str(out, text);
    }
    arena_free(&arena);
}
