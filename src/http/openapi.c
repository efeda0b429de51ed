#include "http/openapi.h"

#include <ctype.h>

struct walk {
    const struct http_route *const *tables;
    struct buf *out;
};

static void write_member(struct buf *out, const char *name, struct str text)
{
    buf_printf(out, "\"%s\":", name);
    http_json_string(out, text);
}

static void write_method(struct buf *out, const char *method)
{
    for (; *method; method++)
        buf_add_char(out, (char)tolower((unsigned char)*method));
}

/* "getConnectorsConnectorConfig" of GET /connectors/{connector}/config. */
static void write_operation_id(struct buf *out, const struct http_route *r)
{
    bool upper = false;
    write_method(out, r->method);
    for (const char *c = r->path; *c; c++) {
        if (!isalnum((unsigned char)*c)) {
            upper = true;
            continue;
        }
        buf_add_char(out, (char)(upper ? toupper((unsigned char)*c) : *c));
        upper = false;
    }
}

/* ---- parameters ---- */

static void write_parameter(struct buf *out, bool *more, const char *in, struct str name, const char *type)
{
    if (*more)
        buf_add_char(out, ',');
    *more = true;
    buf_add_char(out, '{');
    write_member(out, "name", name);
    buf_printf(out, ",\"in\":\"%s\",\"required\":%s,\"schema\":{\"type\":\"%s\"}}", in,
               strcmp(in, "path") == 0 ? "true" : "false", type);
}

static void write_path_parameters(struct buf *out, bool *more, const char *path)
{
    for (const char *open = strchr(path, '{'); open; open = strchr(open + 1, '{')) {
        size_t len = strcspn(open + 1, "}");
        write_parameter(out, more, "path", str_of(open + 1, len), "string");
    }
}

static const char *type_of(struct str value)
{
    int64_t number;
    if (str_is(value, "true") || str_is(value, "false"))
        return "boolean";
    return str_to_int64(value, &number) ? "integer" : "string";
}

static size_t name_length(const char *s)
{
    size_t n = 0;
    while (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '.')
        n++;
    return n;
}

static void write_query_parameters(struct buf *out, bool *more, const char *doc)
{
    struct str names[OPENAPI_MAX_QUERY];
    size_t n = 0;
    for (const char *at = strpbrk(doc, "?&"); at && n < OPENAPI_MAX_QUERY; at = strpbrk(at + 1, "?&")) {
        struct str name = str_of(at + 1, name_length(at + 1));
        const char *value = name.ptr + name.len + 1;
        bool known = name.len == 0 || name.ptr[name.len] != '=';
        for (size_t i = 0; i < n && !known; i++)
            known = str_equal(names[i], name);
        if (known)
            continue;
        names[n++] = name;
        write_parameter(out, more, "query", name, type_of(str_of(value, name_length(value))));
    }
}

/* ---- operations ---- */

static bool has_body(const struct http_route *r)
{
    bool may = strcmp(r->method, "POST") == 0 || strcmp(r->method, "PUT") == 0 || strcmp(r->method, "PATCH") == 0;
    return may && strstr(r->doc, "{\"");
}

static void write_operation(struct buf *out, const struct http_route *r)
{
    bool more = false;
    buf_add_char(out, '"');
    write_method(out, r->method);
    buf_add_literal(out, "\":{\"operationId\":\"");
    write_operation_id(out, r);
    buf_add_literal(out, "\",");
    write_member(out, "summary", str_from(r->doc));
    buf_add_literal(out, ",\"parameters\":[");
    write_path_parameters(out, &more, r->path);
    write_query_parameters(out, &more, r->doc);
    buf_add_char(out, ']');
    if (has_body(r))
        buf_add_literal(out, ",\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\"schema\":"
                             "{\"type\":\"object\"}}}}");
    buf_add_literal(out,
                    ",\"responses\":{\"2XX\":{\"description\":\"It is done\",\"content\":{\"application/json\":{}}},"
                    "\"default\":{\"description\":\"What is wrong\",\"content\":{\"application/json\":{\"schema\":"
                    "{\"$ref\":\"#/components/schemas/Error\"}}}}}}");
}

/* All rows of the path, whatever table they are in. */
static void write_path(const struct walk *w, const char *path)
{
    bool more = false;
    http_json_string(w->out, str_from(path));
    buf_add_literal(w->out, ":{");
    for (const struct http_route *const *table = w->tables; *table; table++) {
        for (const struct http_route *r = *table; r->method; r++) {
            if (strcmp(r->path, path) != 0)
                continue;
            if (more)
                buf_add_char(w->out, ',');
            write_operation(w->out, r);
            more = true;
        }
    }
    buf_add_char(w->out, '}');
}

static bool came_before(const struct walk *w, const struct http_route *row)
{
    for (const struct http_route *const *table = w->tables; *table; table++) {
        for (const struct http_route *r = *table; r->method; r++) {
            if (r == row)
                return false;
            if (strcmp(r->path, row->path) == 0)
                return true;
        }
    }
    return false;
}

static void write_paths(const struct walk *w)
{
    bool more = false;
    for (const struct http_route *const *table = w->tables; *table; table++) {
        for (const struct http_route *r = *table; r->method; r++) {
            if (came_before(w, r))
                continue;
            if (more)
                buf_add_literal(w->out, ",\n");
            write_path(w, r->path);
            more = true;
        }
    }
}

void openapi_write(const struct openapi_info *info, const struct http_route *const *tables, struct buf *out)
{
    const struct walk walk = {tables, out};
    buf_add_literal(out, "{\"openapi\":\"3.0.3\",\"info\":{");
    write_member(out, "title", str_from(info->title));
    buf_add_char(out, ',');
    write_member(out, "version", str_from(info->version));
    buf_add_char(out, ',');
    write_member(out, "description", str_from(info->description));
    buf_add_literal(out, "},\n\"paths\":{");
    write_paths(&walk);
    buf_add_literal(out, "},\n\"components\":{\"schemas\":{\"Error\":{\"type\":\"object\",\"required\":[\"error_code\","
                         "\"message\"],\"properties\":{\"error_code\":{\"type\":\"integer\"},\"message\":{\"type\":"
                         "\"string\"}}}}}}\n");
}
