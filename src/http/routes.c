#include "http/routes.h"

#include <assert.h>

int http_path_init(struct http_path *path, struct str raw, struct error *err)
{
    *path = (struct http_path){0};
    if (raw.len == 0 || raw.ptr[0] != '/')
        return error_set(err, ERROR_REQUEST, "the path does not begin with a slash");
    size_t ends[HTTP_MAX_SEGMENTS];
    struct str rest = str_of(raw.ptr + 1, raw.len - 1);
    while (rest.len > 0) {
        if (path->n_segments == HTTP_MAX_SEGMENTS)
            return error_set(err, ERROR_REQUEST, "the path has more than %d segments", HTTP_MAX_SEGMENTS);
        struct str segment = str_split(rest, '/', &rest);
        buf_add_char(&path->text, '/');
        if (!http_decode(&path->text, segment))
            return error_set(err, ERROR_REQUEST, "the path is not percent-encoded UTF-8");
        ends[path->n_segments++] = path->text.len;
    }
    if (path->n_segments == 0)
        buf_add_char(&path->text, '/');
    for (size_t i = 0, begin = 1; i < path->n_segments; begin = ends[i++] + 1)
        path->segments[i] = str_of(path->text.data + begin, ends[i] - begin);
    return 0;
}

void http_path_release(struct http_path *path)
{
    buf_free(&path->text);
}

/* Whether the row's path fits; *ret_rank orders the rows that do: a literal counts more than what comes after it. */
static bool fits(const char *pattern, const struct http_path *path, struct str *ret_params, uint32_t *ret_rank)
{
    static_assert(HTTP_MAX_SEGMENTS <= 32, "one bit of the rank for each segment");
    struct str rest = str_from(pattern + 1);
    size_t n_params = 0;
    uint32_t rank = 0;
    for (size_t i = 0; i < path->n_segments; i++) {
        if (rest.len == 0 || path->segments[i].len == 0)
            return false;
        struct str segment = str_split(rest, '/', &rest);
        if (segment.ptr[0] == '{') {
            if (n_params == HTTP_MAX_PARAMS)
                return false;
            ret_params[n_params++] = path->segments[i];
        } else if (str_equal(segment, path->segments[i])) {
            rank |= UINT32_C(1) << (31 - i);
        } else {
            return false;
        }
    }
    if (rest.len > 0)
        return false;
    *ret_rank = rank;
    return true;
}

static bool answers(const struct http_route *route, const char *method)
{
    return strcmp(method, route->method) == 0 || (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

void http_routes_match(const struct http_mount *mounts, const struct http_path *path, const char *method,
                       struct http_match *ret)
{
    *ret = (struct http_match){0};
    uint32_t best = 0, rank;
    size_t row = 0;
    for (const struct http_mount *mount = mounts; mount->routes; mount++) {
        for (const struct http_route *route = mount->routes; route->method; route++, row++) {
            struct str params[HTTP_MAX_PARAMS] = {0};
            if (!fits(route->path, path, params, &rank) || (ret->path_known && rank < best))
                continue;
            if (!ret->path_known || rank > best)
                ret->route = NULL;
            ret->path_known = true;
            best = rank;
            bool exact = ret->route && strcmp(method, ret->route->method) == 0;
            if (exact || !answers(route, method))
                continue;
            ret->route = route;
            ret->ctx = mount->ctx;
            ret->row = row;
            memcpy(ret->params, params, sizeof params);
        }
    }
}

static bool has_method(struct str methods, struct str method)
{
    for (struct str rest = methods; rest.len > 0;)
        if (str_equal(str_trim(str_split(rest, ',', &rest)), method))
            return true;
    return false;
}

static void add_method(struct buf *out, size_t begin, const char *method)
{
    if (out->len > begin && has_method(str_of(out->data + begin, out->len - begin), str_from(method)))
        return;
    if (out->len > begin)
        buf_add_literal(out, ", ");
    buf_add_cstr(out, method);
}

void http_routes_allow(const struct http_mount *mounts, const struct http_path *path, struct buf *out)
{
    size_t begin = out->len;
    for (const struct http_mount *mount = mounts; mount->routes; mount++) {
        for (const struct http_route *route = mount->routes; route->method; route++) {
            struct str params[HTTP_MAX_PARAMS];
            uint32_t rank;
            if (!fits(route->path, path, params, &rank))
                continue;
            add_method(out, begin, route->method);
            if (strcmp(route->method, "GET") == 0)
                add_method(out, begin, "HEAD");
        }
    }
    add_method(out, begin, "OPTIONS");
}
