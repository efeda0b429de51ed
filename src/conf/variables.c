/* ${env:NAME}, ${file:PATH:KEY}, ${dir:PATH:FILE}: where Kafka's configuration providers look things up. */
#include "base/buf.h"
#include "conf/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_limited(const char *path, size_t limit, struct arena *arena, struct str *ret, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, errno == ENOENT ? ERROR_NOT_FOUND : error_from_errno(errno), "cannot open %s: %s", path,
                         strerror(errno));
    AUTO_BUF
    text = {0};
    ssize_t n;
    do {
        n = read(fd, buf_reserve(&text, 16384), 16384);
        if (n > 0)
            text.len += (size_t)n;
    } while (n > 0 && text.len <= limit);
    int errnum = n < 0 ? errno : 0;
    close(fd);
    if (errnum)
        return error_set(err, error_from_errno(errnum), "cannot read %s: %s", path, strerror(errnum));
    if (text.len > limit)
        return error_set(err, ERROR_CONFIG, "%s is larger than %zu bytes", path, limit);
    *ret = arena_str(arena, buf_str(&text));
    return 0;
}

int config_read_whole(const char *path, struct arena *arena, struct str *ret, struct error *err)
{
    return read_limited(path, CONFIG_TEXT_MAX, arena, ret, err);
}

struct variable {
    struct str whole;          /* with ${ and } */
    struct str provider, path; /* path of file and dir */
    struct str key;            /* environment name, key in the file, file in the directory */
};

static int in_variable(const struct variable *v, struct error *err)
{
    if (err) {
        error_context(err, STR_FMT, STR_ARG(v->whole));
        err->code = ERROR_CONFIG;
    }
    return ERROR_CONFIG;
}

static int from_env(const struct variable *v, struct arena *arena, struct str *ret, struct error *err)
{
    struct str name = arena_str(arena, v->key);
    const char *value = getenv(name.ptr);
    if (!value)
        return error_set(err, ERROR_CONFIG, "the environment variable %s of " STR_FMT " is not set", name.ptr,
                         STR_ARG(v->whole));
    *ret = arena_cstr(arena, value);
    return 0;
}

static int from_file(const struct variable *v, struct arena *arena, struct str *ret, struct error *err)
{
    struct str path = arena_str(arena, v->path), text, key = arena_str(arena, v->key);
    int code = read_limited(path.ptr, CONFIG_VARIABLE_MAX, arena, &text, err);
    struct config entries;
    config_init(&entries);
    if (!code)
        code = config_read_properties(text, path.ptr, &entries, err);
    if (code) {
        code = in_variable(v, err);
    } else if (!config_has(&entries, key)) {
        code = error_set(err, ERROR_CONFIG, STR_FMT ": the file %s has no line %s=...", STR_ARG(v->whole), path.ptr,
                         key.ptr);
    } else {
        *ret = arena_str(arena, config_get(&entries, key.ptr));
    }
    config_release(&entries);
    return code;
}

static int from_dir(const struct variable *v, struct arena *arena, struct str *ret, struct error *err)
{
    if (str_find(v->key, '/') < v->key.len || str_is(v->key, "..") || str_is(v->key, "."))
        return error_set(err, ERROR_CONFIG, STR_FMT ": \"" STR_FMT "\" must be a file directly in the directory",
                         STR_ARG(v->whole), STR_ARG(v->key));
    struct str path = arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(v->path), STR_ARG(v->key)), text;
    if (read_limited(path.ptr, CONFIG_VARIABLE_MAX, arena, &text, err))
        return in_variable(v, err);
    if (text.len && text.ptr[text.len - 1] == '\n')
        text.len--;
    if (text.len && text.ptr[text.len - 1] == '\r')
        text.len--;
    *ret = arena_str(arena, text);
    return 0;
}

static const struct provider {
    const char *name;
    bool has_path;
    int (*get)(const struct variable *v, struct arena *arena, struct str *ret, struct error *err);
} providers[] = {{"env", false, from_env}, {"file", true, from_file}, {"dir", true, from_dir}};

static const struct provider *provider_of(struct str name)
{
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
        if (str_is(name, providers[i].name))
            return &providers[i];
    return NULL;
}

/* Does a variable begin at text[at], which is a '$'? */
static const struct provider *variable_at(struct str text, size_t at, struct variable *ret)
{
    struct str rest = str_of(text.ptr + at, text.len - at);
    size_t end = str_find(rest, '}');
    if (rest.len < 3 || rest.ptr[1] != '{' || end == rest.len)
        return NULL;
    struct variable v = {.whole = str_of(rest.ptr, end + 1)};
    v.provider = str_split(str_of(rest.ptr + 2, end - 2), ':', &v.key);
    const struct provider *p = provider_of(v.provider);
    if (!p || !v.key.ptr)
        return NULL;
    if (p->has_path)
        v.path = str_split(v.key, ':', &v.key);
    *ret = v;
    return p;
}

int config_resolve(struct str text, struct arena *arena, struct str *ret, struct error *err)
{
    if (!text.ptr || str_find(text, '$') == text.len) {
        *ret = text;
        return 0;
    }
    AUTO_BUF
    out = {0};
    for (size_t at = 0; at < text.len;) {
        struct variable v;
        const struct provider *p = text.ptr[at] == '$' ? variable_at(text, at, &v) : NULL;
        if (!p) {
            buf_add_char(&out, text.ptr[at++]);
            continue;
        }
        if (!v.key.ptr || !v.key.len || (p->has_path && !v.path.len))
            return error_set(err, ERROR_CONFIG,
                             STR_FMT " is not complete: write ${env:NAME}, ${file:PATH:KEY} or "
                                     "${dir:PATH:FILE}",
                             STR_ARG(v.whole));
        struct str value;
        int code = p->get(&v, arena, &value, err);
        if (code)
            return code;
        buf_add_str(&out, value);
        at += v.whole.len;
    }
    *ret = arena_str(arena, buf_str(&out));
    return 0;
}
