#include "transforms/field_path.h"

#include "base/buf.h"

const char *const field_syntax_names[] = {[FIELD_SYNTAX_V1] = "V1", [FIELD_SYNTAX_V2] = "V2", NULL};

const char field_syntax_doc[] =
    "How field names are read. `V1`: as they stand, fields of the outermost struct or map only. `V2`: a dot leads into "
    "a struct or map, as in `after.id`; a name that has a dot itself stands between backticks, as in "
    "`` `foo.bar`.baz ``.";

static int add_step(struct field_path *path, struct str step, struct arena *arena, struct error *err)
{
    if (path->len == FIELD_PATH_MAX)
        return error_set(err, ERROR_CONFIG, "a field path has more than %d steps", FIELD_PATH_MAX);
    path->steps[path->len++] = arena_str(arena, step);
    return 0;
}

static int unpaired(struct str text, size_t at, struct error *err)
{
    return error_set(err, ERROR_CONFIG,
                     "Incomplete backtick pair in path: [" STR_FMT "], consider adding a backslash before backtick at "
                     "position %zu to escape it",
                     STR_ARG(text), at);
}

/* A name between backticks, from the opening one at `at`. A backtick closes only in front of a dot or the end. */
static int quoted_step(struct str text, size_t at, struct buf *name, size_t *ret_next, struct error *err)
{
    size_t from = at + 1;
    for (size_t i = from; i < text.len; i++) {
        if (text.ptr[i] != '`')
            continue;
        bool last = i + 1 == text.len, escaped = text.ptr[i - 1] == '\\';
        if (!last && text.ptr[i + 1] != '.')
            continue;
        if (last && escaped)
            break;
        if (escaped) {
            buf_add(name, text.ptr + from, i - 1 - from);
            buf_add_char(name, '`');
            from = i + 1;
            continue;
        }
        buf_add(name, text.ptr + from, i - from);
        *ret_next = last ? i + 1 : i + 2;
        return 0;
    }
    return unpaired(text, at, err);
}

static int parse_v2(struct str text, struct arena *arena, struct field_path *path, struct error *err)
{
    int rc = 0;
    for (size_t i = 0; i < text.len && rc == 0;) {
        AUTO_BUF name = {0};
        if (text.ptr[i] == '`') {
            rc = quoted_step(text, i, &name, &i, err);
        } else {
            size_t n = str_find(str_of(text.ptr + i, text.len - i), '.');
            buf_add(&name, text.ptr + i, n);
            i += n + 1;
        }
        if (rc == 0)
            rc = add_step(path, buf_str(&name), arena, err);
    }
    if (rc == 0 && text.len && text.ptr[text.len - 1] == '.')
        rc = add_step(path, STR(""), arena, err);
    if (rc == 0 && path->len == 0)
        rc = error_set(err, ERROR_CONFIG, "a field path is empty");
    return rc;
}

int field_path_parse(struct str text, enum field_syntax syntax, struct arena *arena, struct field_path *ret,
                     struct error *err)
{
    struct field_path path = {.steps = arena_array(arena, struct str, FIELD_PATH_MAX)};
    int rc = syntax == FIELD_SYNTAX_V1 ? add_step(&path, text, arena, err) : parse_v2(text, arena, &path, err);
    if (rc == 0)
        *ret = path;
    return rc;
}
