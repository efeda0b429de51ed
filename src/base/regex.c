#define PCRE2_CODE_UNIT_WIDTH 8

#include "base/regex.h"

#include "base/mem.h"

#include <pcre2.h>
#include <stdlib.h>

enum { REGEX_MATCH_LIMIT = 1000000, REGEX_DEPTH_LIMIT = 10000, REGEX_HEAP_LIMIT_KIB = 16 * 1024 };

struct regex {
    pcre2_code *find, *whole;
    pcre2_match_context *limits;
};

static pcre2_code *compile(struct str pattern, uint32_t options, int *ret_code, size_t *ret_offset)
{
    const char *text = pattern.ptr ? pattern.ptr : "";
    return pcre2_compile((PCRE2_SPTR)text, pattern.len, options, ret_code, ret_offset, NULL);
}

int regex_compile(struct str pattern, bool nocase, struct regex **ret, struct error *err)
{
    uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | (nocase ? PCRE2_CASELESS | PCRE2_UCP : 0);
    int code;
    size_t offset;
    pcre2_code *find = compile(pattern, options, &code, &offset);
    pcre2_code *whole = find ? compile(pattern, options | PCRE2_ANCHORED | PCRE2_ENDANCHORED, &code, &offset) : NULL;
    if (!whole) {
        char message[160];
        pcre2_get_error_message(code, (PCRE2_UCHAR *)message, sizeof message);
        pcre2_code_free(find);
        return error_set(err, ERROR_CONFIG, "\"" STR_FMT "\" is not a regular expression: %s, at character %zu",
                         STR_ARG(pattern), message, offset + 1);
    }
    struct regex *r = mem_new(struct regex);
    r->find = find;
    r->whole = whole;
    r->limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(r->limits, REGEX_MATCH_LIMIT);
    pcre2_set_depth_limit(r->limits, REGEX_DEPTH_LIMIT);
    pcre2_set_heap_limit(r->limits, REGEX_HEAP_LIMIT_KIB);
    *ret = r;
    return 0;
}

void regex_free(struct regex *r)
{
    if (!r)
        return;
    pcre2_code_free(r->find);
    pcre2_code_free(r->whole);
    pcre2_match_context_free(r->limits);
    free(r);
}

/* A text that is not UTF-8, or a match beyond the limits, is no match. */
static bool run(const struct regex *r, const pcre2_code *code, struct str text, pcre2_match_data *data)
{
    const char *subject = text.ptr ? text.ptr : "";
    return pcre2_match(code, (PCRE2_SPTR)subject, text.len, 0, 0, data, r->limits) > 0;
}

static bool test(const struct regex *r, const pcre2_code *code, struct str text)
{
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
    bool found = run(r, code, text, data);
    pcre2_match_data_free(data);
    return found;
}

bool regex_matches(const struct regex *r, struct str text)
{
    return test(r, r->whole, text);
}

bool regex_finds(const struct regex *r, struct str text)
{
    return test(r, r->find, text);
}

static void add_group(struct buf *out, struct str text, pcre2_match_data *data, uint32_t group)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data) + 2 * group;
    if (at[0] != PCRE2_UNSET && at[1] > at[0])
        buf_add(out, text.ptr + at[0], at[1] - at[0]);
}

/* "12..." after a dollar: as many digits as still name a group, at least one, as Java reads them. */
static size_t number_reference(struct str s, uint32_t groups, uint32_t *ret_group)
{
    size_t n = 0;
    uint32_t group = 0;
    while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9') {
        uint32_t longer = group * 10 + (uint32_t)(s.ptr[n] - '0');
        if (n > 0 && longer >= groups)
            break;
        group = longer;
        n++;
    }
    *ret_group = group;
    return n;
}

/* "{name}" after a dollar. */
static size_t name_reference(const struct regex *r, struct str s, uint32_t *ret_group)
{
    enum { NAME_MAX_LEN = 32 };
    size_t close = str_find(s, '}');
    char name[NAME_MAX_LEN + 1];
    if (s.len == 0 || s.ptr[0] != '{' || close == s.len || close - 1 > NAME_MAX_LEN)
        return 0;
    memcpy(name, s.ptr + 1, close - 1);
    name[close - 1] = '\0';
    int group = pcre2_substring_number_from_name(r->whole, (PCRE2_SPTR)name);
    if (group < 0)
        return 0;
    *ret_group = (uint32_t)group;
    return close + 1;
}

static void add_replacement(const struct regex *r, struct str text, struct str replacement, pcre2_match_data *data,
                            struct buf *out)
{
    uint32_t groups = pcre2_get_ovector_count(data);
    for (size_t i = 0; i < replacement.len; i++) {
        struct str after = {replacement.ptr + i + 1, replacement.len - i - 1};
        char c = replacement.ptr[i];
        uint32_t group = 0;
        size_t n = 0;
        if (c == '\\' && after.len) {
            buf_add_char(out, after.ptr[0]);
            i++;
            continue;
        }
        if (c == '$') {
            n = number_reference(after, groups, &group);
            if (n == 0)
                n = name_reference(r, after, &group);
        }
        if (n && group < groups)
            add_group(out, text, data, group);
        else if (n == 0)
            buf_add_char(out, c);
        i += n;
    }
}

bool regex_replace(const struct regex *r, struct str text, struct str replacement, struct buf *out)
{
    if (!regex_matches(r, text))
        return false;
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(r->find, NULL);
    bool found = run(r, r->find, text, data);
    if (found) {
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
        buf_add(out, text.ptr, at[0]);
        add_replacement(r, text, replacement, data, out);
        buf_add(out, text.ptr + at[1], text.len - at[1]);
    }
    pcre2_match_data_free(data);
    return found;
}
