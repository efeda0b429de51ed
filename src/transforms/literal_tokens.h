/* The tokens of a literal (org.apache.kafka.connect.data.Values): runs of text between : , { } [ ] and ". A backslash
 * keeps what follows it from being a token of its own, and stays where it is. */
#ifndef TRANSFORMS_LITERAL_TOKENS_H
#define TRANSFORMS_LITERAL_TOKENS_H

#include "base/str.h"

struct tokens {
    struct str text;
    size_t at;
    struct str peeked; /* ptr NULL: none */
};

bool tokens_more(const struct tokens *t);
struct str tokens_next(struct tokens *t);
struct str tokens_next_n(struct tokens *t, int n); /* all of them as one text; STR_NULL, and back, with fewer left */
size_t tokens_mark(const struct tokens *t);
void tokens_rewind(struct tokens *t, size_t mark);

/* Takes the next token if it is that one; white space around it does not count. */
bool tokens_consume(struct tokens *t, const char *expected);

#endif
