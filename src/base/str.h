/*
 * `struct str`: a view of bytes that somebody else owns. Not NUL-terminated unless said so.
 * Text is UTF-8 throughout the program.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *ptr; /* NULL only for the null string (STR_NULL), which has len 0 */
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_INIT(literal)                                                                                              \
    {                                                                                                                  \
        "" literal, sizeof(literal) - 1                                                                                \
    } /* for static initialisers */
#define STR_NULL   ((struct str){NULL, 0})
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline struct str str_from(const char *s)
{
    return s ? (struct str){s, strlen(s)} : STR_NULL;
}

static inline struct str str_of(const void *ptr, size_t len)
{
    return (struct str){(const char *)ptr, len};
}

static inline bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || a.ptr == b.ptr || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_is(struct str a, const char *literal)
{
    size_t len = strlen(literal);
    return a.len == len && (len == 0 || memcmp(a.ptr, literal, len) == 0);
}

bool str_is_nocase(struct str a, const char *literal); /* ASCII only */
int str_compare(struct str a, struct str b);           /* as memcmp, shorter first */
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
struct str str_trim(struct str s); /* ASCII white space at both ends */
/* The part before the first `sep`; *rest is what follows it, or STR_NULL when there was none. */
struct str str_split(struct str s, char sep, struct str *rest);
/* Index of the first occurrence, or s.len. */
size_t str_find(struct str s, char c);

/* Whole-string number readers: false on empty, trailing garbage or overflow; *ret untouched then. */
bool str_to_int64(struct str s, int64_t *ret);
bool str_to_uint64(struct str s, uint64_t *ret);
bool str_to_double(struct str s, double *ret);

bool str_is_utf8(struct str s);  /* well-formed UTF-8 as RFC 3629 has it */
uint32_t str_hash(struct str s); /* for maps in memory; changes between versions, never store it */

#endif
