/* Findings: everything that is wrong or doubtful, not the first thing only. */
#ifndef CONF_FINDINGS_H
#define CONF_FINDINGS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/vec.h"

enum finding_level { FINDING_ERROR, FINDING_WARNING };

struct finding {
    enum finding_level level;
    struct str name; /* the property, as the user wrote it, or STR_NULL when of none */
    struct str text; /* what is wrong and what to write instead */
};

struct findings {
    struct arena arena;
    VEC(struct finding) items;
    size_t errors; /* how many of them are FINDING_ERROR */
};

void findings_init(struct findings *f);
void findings_release(struct findings *f);
void findings_add(struct findings *f, enum finding_level level, struct str name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Every finding of `src` once more in `dst`, `prefix` ("transforms.unwrap.") in front of its name. */
void findings_append(struct findings *dst, const char *prefix, const struct findings *src);
/* All error findings in one line, for the log; ERROR_CONFIG, or 0 when there is none. What does not fit is counted. */
int findings_error(const struct findings *f, struct error *err);

/* Of `candidates`, the name that `name` was probably meant to be (a typing slip away); STR_NULL when none is near. */
struct str findings_nearest(struct str name, const struct str *candidates, size_t n);

#endif
