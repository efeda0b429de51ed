#include "conf/findings.h"

#include "base/buf.h"

#include <stdarg.h>

void findings_init(struct findings *f)
{
    *f = (struct findings){0};
}

void findings_release(struct findings *f)
{
    vec_free(&f->items);
    arena_free(&f->arena);
    f->errors = 0;
}

static void add(struct findings *f, enum finding_level level, struct str name, struct str text)
{
    struct finding *item = vec_push(&f->items);
    *item = (struct finding){.level = level, .name = name, .text = text};
    f->errors += level == FINDING_ERROR;
}

void findings_add(struct findings *f, enum finding_level level, struct str name, const char *format, ...)
{
    AUTO_BUF
    text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    add(f, level, name.ptr ? arena_str(&f->arena, name) : STR_NULL, arena_str(&f->arena, buf_str(&text)));
}

void findings_append(struct findings *dst, const char *prefix, const struct findings *src)
{
    vec_each (&src->items, item) {
        struct str name = STR_NULL;
        if (item->name.ptr)
            name = arena_printf(&dst->arena, "%s" STR_FMT, prefix, STR_ARG(item->name));
        add(dst, item->level, name, arena_str(&dst->arena, item->text));
    }
}

enum { ROOM_FOR_COUNT = 64 }; /* "; and 12 more", always kept free in the text */

int findings_error(const struct findings *f, struct error *err)
{
    if (!f->errors)
        return 0;
    AUTO_BUF
    all = {0};
    size_t told = 0;
    vec_each (&f->items, item) {
        if (item->level != FINDING_ERROR)
            continue;
        if (told && all.len + item->text.len + ROOM_FOR_COUNT > ERROR_TEXT_SIZE)
            break;
        if (told++)
            buf_add_literal(&all, "; ");
        buf_add_str(&all, item->text);
    }
    if (told < f->errors)
        buf_printf(&all, "; and %zu more", f->errors - told);
    return error_set(err, ERROR_CONFIG, "%s", buf_cstr(&all));
}
