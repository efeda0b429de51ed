/*
 * A regular expression over topics and what it makes of them, worked out once per topic. The names that it makes are
 * those of topic_names.h: equal names have the same address as long as this lives (the first TOPIC_NAMES_MAX of them).
 */
#ifndef TRANSFORMS_TOPIC_REWRITE_H
#define TRANSFORMS_TOPIC_REWRITE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/regex.h"
#include "transforms/topic_names.h"

struct topic_rewritten {
    struct str from, to; /* to STR_NULL: no match */
};

struct topic_rewrite {
    struct arena arena;
    struct regex *regex;
    struct str replacement;
    struct buf text;
    struct topic_names names;
    struct map known;            /* struct topic_rewritten by the old topic */
    struct topic_rewritten last; /* compared first */
};

/* `replacement` is copied; STR_NULL is the empty text. Untouched on failure. */
int topic_rewrite_init(struct topic_rewrite *r, struct str regex, struct str replacement, struct error *err);
void topic_rewrite_release(struct topic_rewrite *r); /* {0} is fine */

/* The new topic, or STR_NULL when the expression does not match the topic as a whole. */
struct str topic_rewrite_apply(struct topic_rewrite *r, struct str topic, struct arena *arena);

#endif
