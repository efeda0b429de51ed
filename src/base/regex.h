/*
 * Java regular expressions on PCRE2. Java's and PCRE2's syntax agree wherever connector
 * configurations go; matching has a step limit, so a hostile pattern fails instead of hanging.
 */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include "base/buf.h"
#include "base/error.h"

struct regex;

int regex_compile(struct str pattern, bool nocase, struct regex **ret, struct error *err);
void regex_free(struct regex *r); /* NULL is fine */

bool regex_matches(const struct regex *r, struct str text); /* Matcher.matches(): the whole text */
bool regex_finds(const struct regex *r, struct str text);   /* Matcher.find(): anywhere */

/* Matcher.replaceFirst with Java's $1 and ${name}, when the whole text matches; false (and nothing written) when it
 * does not. As in Java the first find is replaced, which may be less than the whole: "a|ab" in "ab" leaves the b. */
bool regex_replace(const struct regex *r, struct str text, struct str replacement, struct buf *out);

#endif
