/* The parser: RFC 8259 text to values in an arena. */
#include "wire/decimal.h"
#include "wire/json.h"

#include "base/vec.h"

#include <stdlib.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    MANTISSA_DIGITS = 19,    /* any number of so many digits fits 64 bits */
    EXACT_POWER_OF_TEN = 22, /* 10^22 is the largest power that a double holds exactly */
    FEW_MEMBERS = 8,         /* up to so many, names are compared each with each */
    NUMBER_TEXT_MAX = DECIMAL_MAX_DIGITS + 64,
};
#define EXACT_INTEGER (1ull << 53) /* doubles hold every integer up to here */

struct parser {
    const char *start, *p, *end;
    struct arena *arena;
    VEC(struct value) stack; /* items of the arrays and objects that are still open */
    VEC(uint32_t) slots;     /* scratch of drop_duplicates */
    int depth;
    bool exact; /* json_read_exact */
    struct error *err;
};

static int parse_value(struct parser *r, struct value *ret);

static int fail(struct parser *r, const char *at, const char *what)
{
    return error_set(r->err, ERROR_DATA, "JSON, byte %zu: %s", (size_t)(at - r->start), what);
}

static void skip_space(struct parser *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
        r->p++;
}

static bool take(struct parser *r, char c)
{
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

static int fail_expected(struct parser *r, const char *what)
{
    return fail(r, r->p, r->p == r->end ? "the text ends too early" : what);
}

/* Strings. */

/* Where the run of characters ends that need no look: ASCII but quote, backslash and controls. */
static const char *skip_plain(const char *p, const char *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(' ')); /* signed: not ASCII is below, too */
        __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), backslash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
        unsigned mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, backslash)));
        if (mask)
            return p + __builtin_ctz(mask);
    }
#endif
    while (p < end && (uint8_t)*p >= ' ' && (uint8_t)*p < 0x80 && *p != '"' && *p != '\\')
        p++;
    return p;
}

/* The length of the UTF-8 sequence at p, of two to four bytes; 0 when it is malformed (RFC 3629). */
static size_t sequence_length(const char *text, const char *end)
{
    const uint8_t *p = (const uint8_t *)text;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || (size_t)(end - text) < n)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool outside = (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf4 && p[1] > 0x8f); /* surrogates; beyond U+10FFFF */
    return overlong || outside ? 0 : n;
}

static int parse_hex4(struct parser *r, unsigned *ret)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++, r->p++) {
        if (r->p == r->end)
            return fail_expected(r, "");
        char c = *r->p, lower = (char)(c | 0x20);
        if (c >= '0' && c <= '9')
            v = v << 4 | (unsigned)(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            v = v << 4 | (unsigned)(lower - 'a' + 10);
        else
            return fail(r, r->p, "\\u needs four hexadecimal digits");
    }
    *ret = v;
    return 0;
}

static char *put_utf8(char *out, unsigned code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *out++ = (char)(0xe0 | code >> 12);
        } else {
            *out++ = (char)(0xf0 | code >> 18);
            *out++ = (char)(0x80 | (code >> 12 & 63));
        }
        *out++ = (char)(0x80 | (code >> 6 & 63));
    }
    *out++ = (char)(0x80 | (code & 63));
    return out;
}

static int parse_unicode(struct parser *r, char **out)
{
    const char *at = r->p - 2;
    unsigned code, low;
    int rc = parse_hex4(r, &code);
    if (rc)
        return rc;
    if (code >= 0xd800 && code < 0xe000) {
        if (code >= 0xdc00 || r->end - r->p < 2 || r->p[0] != '\\' || r->p[1] != 'u')
            return fail(r, at, "a surrogate without its other half");
        r->p += 2;
        rc = parse_hex4(r, &low);
        if (rc)
            return rc;
        if (low < 0xdc00 || low > 0xdfff)
            return fail(r, at, "a surrogate without its other half");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    *out = put_utf8(*out, code);
    return 0;
}

static int parse_escape(struct parser *r, char **out)
{
    const char *at = r->p++;
    if (r->p == r->end)
        return fail_expected(r, "");
    char c = *r->p++;
    switch (c) {
    case 'u':
        return parse_unicode(r, out);
    case 'b':
        c = '\b';
        break;
    case 'f':
        c = '\f';
        break;
    case 'n':
        c = '\n';
        break;
    case 'r':
        c = '\r';
        break;
    case 't':
        c = '\t';
        break;
    case '"':
    case '\\':
    case '/':
        break;
    default:
        return fail(r, at, "an unknown escape");
    }
    *(*out)++ = c;
    return 0;
}

/* Moves behind the closing quote; sets whether there are escapes on the way. */
static int scan_string(struct parser *r, bool *ret_escapes)
{
    const char *opening = r->p++;
    bool escapes = false;
    for (;;) {
        r->p = skip_plain(r->p, r->end);
        if (r->p == r->end)
            return fail(r, opening, "a string that does not end");
        if (*r->p == '"')
            break;
        if (*r->p == '\\') {
            escapes = true;
            r->p += r->end - r->p >= 2 ? 2 : 1;
        } else if ((uint8_t)*r->p < ' ') {
            return fail(r, r->p, "a control character in a string, where an escape is needed");
        } else {
            size_t n = sequence_length(r->p, r->end);
            if (n == 0)
                return fail(r, r->p, "invalid UTF-8");
            r->p += n;
        }
    }
    r->p++;
    *ret_escapes = escapes;
    return 0;
}

static int parse_string(struct parser *r, struct value *ret)
{
    if (r->p == r->end || *r->p != '"')
        return fail_expected(r, "a string was expected");
    const char *from = r->p + 1;
    bool escapes;
    int rc = scan_string(r, &escapes);
    if (rc)
        return rc;
    const char *closing = r->p - 1;
    size_t len = (size_t)(closing - from);
    if (len > VALUE_MAX_LEN)
        return fail(r, from, "a string that is too long");
    char *text = arena_alloc(r->arena, len), *out = text;
    if (!escapes) {
        memcpy(text, from, len);
        *ret = value_str(str_of(text, len));
        return 0;
    }
    r->p = from;
    while (r->p < closing) {
        if (*r->p != '\\') {
            *out++ = *r->p++;
            continue;
        }
        rc = parse_escape(r, &out);
        if (rc)
            return rc;
    }
    r->p = closing + 1;
    *ret = value_str(str_of(text, (size_t)(out - text)));
    return 0;
}

/* Numbers. */

struct number {
    struct str text;
    uint64_t mantissa; /* of the first MANTISSA_DIGITS digits */
    int n_digits;      /* without leading zeros; more than MANTISSA_DIGITS: mantissa is not all */
    int64_t exponent;  /* worth mantissa * 10^exponent */
    bool negative, integer;
};

static void add_digit(struct number *n, char c)
{
    if (n->n_digits == 0 && c == '0')
        return;
    if (n->n_digits < MANTISSA_DIGITS)
        n->mantissa = n->mantissa * 10 + (uint64_t)(c - '0');
    n->n_digits += n->n_digits <= MANTISSA_DIGITS;
}

static bool is_digit(const struct parser *r)
{
    return r->p < r->end && *r->p >= '0' && *r->p <= '9';
}

static int scan_fraction(struct parser *r, struct number *n)
{
    n->integer = false;
    if (!is_digit(r))
        return fail_expected(r, "a digit was expected behind the point");
    for (; is_digit(r); r->p++, n->exponent--)
        add_digit(n, *r->p);
    return 0;
}

static int scan_exponent(struct parser *r, struct number *n)
{
    n->integer = false;
    bool negative = take(r, '-');
    if (!negative)
        take(r, '+');
    if (!is_digit(r))
        return fail_expected(r, "a digit was expected in the exponent");
    int64_t e = 0;
    for (; is_digit(r); r->p++)
        e = e < INT32_MAX ? e * 10 + (*r->p - '0') : e;
    n->exponent += negative ? -e : e;
    return 0;
}

static int scan_number(struct parser *r, struct number *n)
{
    const char *from = r->p;
    *n = (struct number){.integer = true, .negative = take(r, '-')};
    const char *digits = r->p;
    if (!is_digit(r))
        return fail_expected(r, "a value was expected");
    for (; is_digit(r); r->p++)
        add_digit(n, *r->p);
    if (*digits == '0' && r->p - digits > 1 && !r->exact)
        return fail(r, digits, "a number with a leading zero");
    int rc = 0;
    if (take(r, '.'))
        rc = scan_fraction(r, n);
    if (rc == 0 && (take(r, 'e') || take(r, 'E')))
        rc = scan_exponent(r, n);
    n->text = str_of(from, (size_t)(r->p - from));
    if (rc == 0 && n->text.len > NUMBER_TEXT_MAX)
        return fail(r, from, "a number that is too long");
    return rc;
}

static double number_to_double(struct parser *r, const struct number *n)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    static_assert(sizeof powers / sizeof *powers == EXACT_POWER_OF_TEN + 1, "10^0 to 10^22");
    if (n->n_digits <= MANTISSA_DIGITS && n->mantissa <= EXACT_INTEGER && n->exponent >= -EXACT_POWER_OF_TEN &&
        n->exponent <= EXACT_POWER_OF_TEN) { /* both operands exact: one rounding, the right one */
        double d = (double)n->mantissa;
        d = n->exponent < 0 ? d / powers[-n->exponent] : d * powers[n->exponent];
        return n->negative ? -d : d;
    }
    return strtod(arena_str(r->arena, n->text).ptr, NULL);
}

static int parse_number(struct parser *r, struct value *ret)
{
    struct number n;
    int rc = scan_number(r, &n);
    if (rc)
        return rc;
    bool fits = n.n_digits <= MANTISSA_DIGITS && n.mantissa <= (uint64_t)INT64_MAX + n.negative;
    if (n.integer && fits)
        *ret = value_int64((int64_t)(n.negative ? -n.mantissa : n.mantissa));
    else if (r->exact)
        *ret = value_bytes(arena_str(r->arena, n.text).ptr, n.text.len);
    else
        *ret = value_float64(number_to_double(r, &n));
    return 0;
}

/* Arrays and objects: items gather on the stack and move to the arena when all are there. */

static struct value *pop_items(struct parser *r, size_t base)
{
    size_t n = r->stack.len - base;
    struct value *items = arena_array(r->arena, struct value, n);
    if (n)
        memcpy(items, r->stack.items + base, n * sizeof *items);
    r->stack.len = base;
    return items;
}

static int open_container(struct parser *r)
{
    if (r->depth >= JSON_MAX_DEPTH)
        return fail(r, r->p - 1, "nested too deep");
    r->depth++;
    skip_space(r);
    return 0;
}

static int parse_array(struct parser *r, struct value *ret)
{
    int rc = open_container(r);
    size_t base = r->stack.len;
    bool more = rc == 0 && !take(r, ']');
    while (more) {
        struct value item;
        rc = parse_value(r, &item);
        if (rc)
            return rc;
        *vec_push(&r->stack) = item;
        skip_space(r);
        more = take(r, ',');
        if (!more && !take(r, ']'))
            return fail_expected(r, "',' or ']' was expected");
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

static size_t find_name_hashed(struct parser *r, const struct value *pairs, const struct value *name, size_t next)
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

static void prepare_slots(struct parser *r, size_t n)
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
static size_t drop_duplicates(struct parser *r, struct value *pairs, size_t n)
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

static int parse_member(struct parser *r)
{
    struct value name, value;
    skip_space(r);
    int rc = parse_string(r, &name);
    if (rc)
        return rc;
    skip_space(r);
    if (!take(r, ':'))
        return fail_expected(r, "':' was expected");
    rc = parse_value(r, &value);
    if (rc)
        return rc;
    *vec_push(&r->stack) = name;
    *vec_push(&r->stack) = value;
    return 0;
}

static int parse_object(struct parser *r, struct value *ret)
{
    int rc = open_container(r);
    size_t base = r->stack.len;
    bool more = rc == 0 && !take(r, '}');
    while (more) {
        rc = parse_member(r);
        if (rc)
            return rc;
        skip_space(r);
        more = take(r, ',');
        if (!more && !take(r, '}'))
            return fail_expected(r, "',' or '}' was expected");
    }
    if (rc)
        return rc;
    size_t n = (r->stack.len - base) / 2;
    r->depth--;
    struct value *pairs = pop_items(r, base);
    *ret = value_items(VALUE_MAP, pairs, drop_duplicates(r, pairs, n));
    return 0;
}

static int parse_word(struct parser *r, const char *word, struct value v, struct value *ret)
{
    size_t len = strlen(word);
    if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
        return fail(r, r->p, "a value was expected");
    r->p += len;
    *ret = v;
    return 0;
}

static int parse_value(struct parser *r, struct value *ret)
{
    skip_space(r);
    switch (r->p < r->end ? *r->p : 0) {
    case '{':
        r->p++;
        return parse_object(r, ret);
    case '[':
        r->p++;
        return parse_array(r, ret);
    case '"':
        return parse_string(r, ret);
    case 't':
        return parse_word(r, "true", value_bool(true), ret);
    case 'f':
        return parse_word(r, "false", value_bool(false), ret);
    case 'n':
        return parse_word(r, "null", value_null(), ret);
    default:
        return parse_number(r, ret);
    }
}

static void parser_init(struct parser *r, struct str text, struct arena *arena, struct error *err)
{
    if (!text.ptr)
        text = STR("");
    *r = (struct parser){.start = text.ptr, .p = text.ptr, .end = text.ptr + text.len, .arena = arena, .err = err};
}

static void parser_release(struct parser *r)
{
    vec_free(&r->stack);
    vec_free(&r->slots);
}

static int expect_end(struct parser *r)
{
    skip_space(r);
    return r->p == r->end ? 0 : fail(r, r->p, "something follows where the text should end");
}

static int read_text(struct str text, bool exact, struct arena *arena, struct value *ret, struct error *err)
{
    struct parser r;
    struct value v;
    parser_init(&r, text, arena, err);
    r.exact = exact;
    int rc = parse_value(&r, &v);
    if (rc == 0)
        rc = expect_end(&r);
    parser_release(&r);
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

/* Splitting: members are skipped, not read; what is inside is checked by whoever reads it. */

/* Moves over one value: to the ',' or the bracket that ends it on this level. */
static int skip_value(struct parser *r)
{
    int depth = 0;
    bool escapes;
    for (; r->p < r->end; r->p++) {
        char c = *r->p;
        if (c == '"') {
            int rc = scan_string(r, &escapes);
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
    return fail_expected(r, "");
}

static int split_member(struct parser *r, struct json_member *ret)
{
    struct value name;
    skip_space(r);
    int rc = parse_string(r, &name);
    if (rc)
        return rc;
    skip_space(r);
    if (!take(r, ':'))
        return fail_expected(r, "':' was expected");
    skip_space(r);
    const char *from = r->p;
    rc = skip_value(r);
    if (rc)
        return rc;
    *ret = (struct json_member){value_as_str(&name), str_trim(str_of(from, (size_t)(r->p - from)))};
    return ret->raw.len ? 0 : fail(r, r->p, "a value was expected");
}

int json_split(struct str text, struct arena *arena, struct json_member *members, size_t max, size_t *ret_n,
               struct error *err)
{
    struct parser r;
    parser_init(&r, text, arena, err);
    skip_space(&r);
    if (!take(&r, '{'))
        return fail_expected(&r, "'{' was expected");
    skip_space(&r);
    size_t n = 0;
    bool more = !take(&r, '}');
    while (more) {
        struct json_member member;
        int rc = split_member(&r, &member);
        if (rc)
            return rc;
        if (n < max)
            members[n] = member;
        n++;
        more = take(&r, ',');
        if (!more && !take(&r, '}'))
            return fail_expected(&r, "',' or '}' was expected");
    }
    int rc = expect_end(&r);
    if (rc == 0)
        *ret_n = n;
    return rc;
}
