#include "transforms/smt.h"

#include "base/regex.h"

int smt_each(struct transform *t, smt_record_fn *fn, struct batch *batch, size_t from, size_t to, size_t *err_index,
             struct error *err)
{
    for (size_t i = from; i < to; i++) {
        struct record *r = &batch->records[i];
        int rc = fn(t, batch, r, err);
        if (rc) {
            *err_index = i;
            error_context(err, "topic \"" STR_FMT "\"", STR_ARG(r->topic));
            return rc;
        }
    }
    return 0;
}

struct str_list smt_keep_list(struct arena *arena, const struct str_list *list)
{
    struct str_list kept = {.items = arena_array(arena, struct str, list->len), .len = list->len};
    for (size_t i = 0; i < list->len; i++)
        kept.items[i] = arena_str(arena, list->items[i]);
    return kept;
}

bool smt_list_has(const struct str_list *list, struct str text)
{
    for (size_t i = 0; i < list->len; i++)
        if (str_equal(list->items[i], text))
            return true;
    return false;
}

int smt_check_text(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    if (str_trim(value).len)
        return 0;
    return error_set(err, ERROR_CONFIG, "String must be non-empty");
}

int smt_check_regex(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    struct regex *regex;
    int rc = regex_compile(str_trim(value), false, &regex, err);
    if (rc == 0)
        regex_free(regex);
    return rc;
}
