#include "transforms/literal.h"

#include "base/vec.h"
#include "transforms/calendar.h"
#include "transforms/date_format.h"
#include "transforms/java_number.h"
#include "transforms/literal_merge.h"
#include "transforms/literal_tokens.h"
#include "wire/decimal.h"

struct parser {
    struct tokens tokens;
    struct arena *arena;
    int depth;
};

enum outcome { FAILED, PARSED };

static enum outcome parse(struct parser *p, bool embedded, struct literal *ret);

static const struct schema *new_schema(enum schema_type type)
{
    return schema_new(type);
}

static struct literal of_string(struct str s)
{
    return (struct literal){new_schema(SCHEMA_STRING), value_str(s)};
}

/* --- numbers --- */

static struct literal of_integer(int64_t v)
{
    enum schema_type type = v == (int8_t)v    ? SCHEMA_INT8
                            : v == (int16_t)v ? SCHEMA_INT16
                            : v == (int32_t)v ? SCHEMA_INT32
                                              : SCHEMA_INT64;
    return (struct literal){new_schema(type), value_int((enum value_type)type, v)};
}

static enum outcome parse_number(struct parser *p, struct str token, struct literal *ret)
{
    struct java_decimal d;
    double real;
    float single;
    struct str unscaled;
    if (!java_decimal_parse(token, &d))
        return FAILED;
    if (java_decimal_is_integral(&d) && java_decimal_fits_long(&d)) {
        *ret = of_integer(java_decimal_to_long(&d));
        return PARSED;
    }
    int64_t scale = java_decimal_scale(&d);
    java_parse_double(token, &real);
    java_parse_float(token, &single);
    if (scale != 0 && !__builtin_isinf(single)) {
        *ret = (struct literal){new_schema(SCHEMA_FLOAT32), value_float32(single)};
        return PARSED;
    }
    if (scale != 0 && !__builtin_isinf(real)) {
        *ret = (struct literal){new_schema(SCHEMA_FLOAT64), value_float64(real)};
        return PARSED;
    }
    if (decimal_from_text(token, (int32_t)scale, false, p->arena, &unscaled, NULL))
        return FAILED;
    *ret = (struct literal){schema_new_decimal((int32_t)scale, 0), value_bytes(unscaled.ptr, unscaled.len)};
    return PARSED;
}

/* --- dates --- */

static struct str without_escaped_colons(struct parser *p, struct str token)
{
    char *out = arena_array(p->arena, char, token.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < token.len; i++) {
        bool escape = token.ptr[i] == '\\' && i + 1 < token.len && token.ptr[i + 1] == ':';
        if (!escape)
            out[n++] = token.ptr[i];
    }
    return str_of(out, n);
}

static enum outcome parse_date(struct parser *p, struct str token, struct literal *ret)
{
    enum { DATE_LEN = 10, TIME_LEN = 13, TIMESTAMP_LEN = 24 };
    token = without_escaped_colons(p, token);
    struct str pattern = token.len == DATE_LEN        ? STR("yyyy-MM-dd")
                         : token.len == TIME_LEN      ? STR("HH:mm:ss.SSS'Z'")
                         : token.len == TIMESTAMP_LEN ? STR("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")
                                                      : STR_NULL;
    struct date_format format;
    int64_t ms;
    if (!pattern.ptr || date_format_compile(pattern, p->arena, &format, NULL) ||
        date_format_parse(&format, token, &ms, NULL))
        return FAILED;
    if (token.len == DATE_LEN)
        *ret = (struct literal){schema_new_date(), value_int32((int32_t)calendar_days_of_ms(ms))};
    else if (token.len == TIME_LEN)
        *ret = (struct literal){schema_new_time(), value_int32((int32_t)ms)};
    else
        *ret = (struct literal){schema_new_timestamp(), value_int64(ms)};
    return PARSED;
}

/* Colons divide a time into five tokens. */
static enum outcome parse_date_of_tokens(struct parser *p, struct str token, struct literal *ret)
{
    size_t position = tokens_mark(&p->tokens);
    struct str rest = tokens_next_n(&p->tokens, 4);
    if (rest.ptr) {
        struct str whole = arena_printf(p->arena, STR_FMT STR_FMT, STR_ARG(token), STR_ARG(rest));
        if (parse_date(p, whole, ret) == PARSED)
            return PARSED;
    }
    tokens_rewind(&p->tokens, position);
    return parse_date(p, token, ret);
}

/* --- strings, arrays, maps --- */

static struct literal parse_quoted(struct parser *p)
{
    struct buf content = {0};
    while (tokens_more(&p->tokens) && !tokens_consume(&p->tokens, "\""))
        buf_add_str(&content, tokens_next(&p->tokens));
    struct str text = arena_str(p->arena, buf_str(&content));
    buf_free(&content);
    struct literal literal;
    return parse_date(p, text, &literal) == PARSED ? literal : of_string(text);
}

typedef VEC(struct literal) literals;

static void literals_release(literals *v)
{
    vec_each (v, item)
        schema_unref(item->schema);
    vec_free(v);
}

static enum outcome parse_array(struct parser *p, struct literal *ret)
{
    literals items = {0};
    while (tokens_more(&p->tokens)) {
        if (tokens_consume(&p->tokens, "]")) {
            *ret = literal_array(items.items, items.len, p->arena);
            literals_release(&items);
            return PARSED;
        }
        struct literal item;
        if (tokens_consume(&p->tokens, ",") || parse(p, true, &item) == FAILED)
            break;
        *vec_push(&items) = item;
        size_t position = tokens_mark(&p->tokens);
        if (tokens_consume(&p->tokens, "]"))
            tokens_rewind(&p->tokens, position);
        else if (!tokens_consume(&p->tokens, ","))
            break;
    }
    literals_release(&items);
    return FAILED;
}

/* A key that comes again gets its value replaced. */
static void put_entry(literals *entries, struct literal key, struct literal value)
{
    for (size_t i = 0; i < entries->len; i += 2) {
        if (value_equal(&entries->items[i].value, &key.value)) {
            schema_unref(key.schema);
            schema_unref(entries->items[i + 1].schema);
            entries->items[i + 1] = value;
            return;
        }
    }
    *vec_push(entries) = key;
    *vec_push(entries) = value;
}

static enum outcome parse_map(struct parser *p, struct literal *ret)
{
    literals entries = {0};
    while (tokens_more(&p->tokens)) {
        if (tokens_consume(&p->tokens, "}")) {
            *ret = literal_map(entries.items, entries.len / 2, p->arena);
            literals_release(&entries);
            return PARSED;
        }
        struct literal key, value;
        if (tokens_consume(&p->tokens, ",") || parse(p, true, &key) == FAILED)
            break;
        if (value_is_null(&key.value) || !tokens_consume(&p->tokens, ":") || parse(p, true, &value) == FAILED) {
            schema_unref(key.schema);
            break;
        }
        put_entry(&entries, key, value);
        tokens_consume(&p->tokens, ",");
    }
    literals_release(&entries);
    return FAILED;
}

static enum outcome parse_container(struct parser *p, struct literal *ret)
{
    size_t start = tokens_mark(&p->tokens);
    enum outcome outcome = FAILED;
    if (++p->depth <= LITERAL_MAX_DEPTH) {
        if (tokens_consume(&p->tokens, "["))
            outcome = parse_array(p, ret);
        else if (tokens_consume(&p->tokens, "{"))
            outcome = parse_map(p, ret);
    }
    p->depth--;
    if (outcome == FAILED)
        tokens_rewind(&p->tokens, start);
    return outcome;
}

/* "true}" is no boolean at the top, but inside a map it is one and the map's end. */
static bool consume_word(struct parser *p, bool embedded, const char *word)
{
    size_t start = tokens_mark(&p->tokens);
    if (tokens_consume(&p->tokens, word) && (embedded || !tokens_more(&p->tokens)))
        return true;
    tokens_rewind(&p->tokens, start);
    return false;
}

static bool parse_word(struct parser *p, bool embedded, struct literal *ret)
{
    if (consume_word(p, embedded, "null"))
        *ret = (struct literal){NULL, value_null()};
    else if (consume_word(p, embedded, "true"))
        *ret = (struct literal){new_schema(SCHEMA_BOOLEAN), value_bool(true)};
    else if (consume_word(p, embedded, "false"))
        *ret = (struct literal){new_schema(SCHEMA_BOOLEAN), value_bool(false)};
    else
        return false;
    return true;
}

static enum outcome parse(struct parser *p, bool embedded, struct literal *ret)
{
    *ret = (struct literal){NULL, value_null()};
    if (!tokens_more(&p->tokens))
        return PARSED;
    if (embedded && tokens_consume(&p->tokens, "\"")) {
        *ret = parse_quoted(p);
        return PARSED;
    }
    if (parse_word(p, embedded, ret) || parse_container(p, ret) == PARSED)
        return PARSED;
    struct str raw = tokens_next(&p->tokens), token = str_trim(raw);
    if (!token.len) {
        *ret = of_string(raw);
        return PARSED;
    }
    bool digit = token.ptr[0] >= '0' && token.ptr[0] <= '9';
    if (digit && parse_date_of_tokens(p, token, ret) == PARSED)
        return PARSED;
    if ((digit || token.ptr[0] == '+' || token.ptr[0] == '-') && parse_number(p, token, ret) == PARSED)
        return PARSED;
    if (embedded)
        return FAILED;
    *ret = of_string(p->tokens.text);
    return PARSED;
}

void literal_parse(struct str text, struct arena *arena, const struct schema **ret_schema, struct value *ret)
{
    struct parser p = {.tokens = {.text = text}, .arena = arena};
    struct literal literal = of_string(text);
    if (text.len) {
        schema_unref(literal.schema);
        parse(&p, false, &literal); /* at the top, what cannot be parsed is a string */
    }
    *ret_schema = literal.schema;
    *ret = literal.value;
}
