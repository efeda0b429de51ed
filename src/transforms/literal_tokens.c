#include "transforms/literal_tokens.h"

static bool is_delimiter(char c)
{
    return c && strchr(":,{}[]\"", c);
}

static struct str take(struct tokens *t)
{
    size_t start = t->at;
    bool escaped = false;
    for (; t->at < t->text.len; t->at++) {
        char c = t->text.ptr[t->at];
        if (is_delimiter(c) && !escaped) {
            if (start == t->at)
                t->at++;
            break;
        }
        escaped = c == '\\' && !escaped;
    }
    return str_of(t->text.ptr + start, t->at - start);
}

bool tokens_more(const struct tokens *t)
{
    return t->peeked.ptr || t->at < t->text.len;
}

struct str tokens_next(struct tokens *t)
{
    struct str token = t->peeked.ptr ? t->peeked : take(t);
    t->peeked = STR_NULL;
    return token;
}

size_t tokens_mark(const struct tokens *t)
{
    return t->at - t->peeked.len;
}

void tokens_rewind(struct tokens *t, size_t mark)
{
    t->at = mark;
    t->peeked = STR_NULL;
}

struct str tokens_next_n(struct tokens *t, int n)
{
    size_t start = tokens_mark(t);
    for (int i = 0; i < n; i++) {
        if (!tokens_more(t)) {
            tokens_rewind(t, start);
            return STR_NULL;
        }
        tokens_next(t);
    }
    return str_of(t->text.ptr + start, t->at - start);
}

bool tokens_consume(struct tokens *t, const char *expected)
{
    if (!tokens_more(t))
        return false;
    if (!t->peeked.ptr)
        t->peeked = take(t);
    while (!str_trim(t->peeked).len && t->at < t->text.len)
        t->peeked = take(t);
    if (!str_is(str_trim(t->peeked), expected))
        return false;
    t->peeked = STR_NULL;
    return true;
}
