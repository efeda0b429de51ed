/*
 * Shared by json_token.c, json_read.c and json_split.c: the parser's place in the text, and its tokens. Functions
 * return 0 or ERROR_DATA with the byte's position.
 */
#ifndef WIRE_JSON_PARSER_H
#define WIRE_JSON_PARSER_H

#include "base/arena.h"
#include "base/error.h"
#include "base/vec.h"
#include "data/value.h"

struct json_parser {
    const char *start, *p, *end;
    struct arena *arena;
    VEC(struct value) stack; /* items of the arrays and objects that are still open */
    VEC(uint32_t) slots;     /* scratch for finding equal names */
    int depth;
    bool exact; /* json_read_exact */
    struct error *err;
};

void json_parser_init(struct json_parser *r, struct str text, struct arena *arena, struct error *err);
void json_parser_release(struct json_parser *r);

int json_fail(struct json_parser *r, const char *at, const char *what);
int json_fail_expected(struct json_parser *r, const char *what); /* here; or the text ends too early */
int json_expect_end(struct json_parser *r);                      /* nothing but white space is left */

static inline void json_skip_space(struct json_parser *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
        r->p++;
}

static inline bool json_take(struct json_parser *r, char c)
{
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

/* From the opening quote to behind the closing one; sets whether there are escapes on the way. */
int json_scan_string(struct json_parser *r, bool *ret_escapes);
int json_parse_string(struct json_parser *r, struct value *ret);
int json_parse_number(struct json_parser *r, struct value *ret);

#endif
