#include "base/mem.h"
#include "cli/commands.h"
#include "cli/plugin_rows.h"
#include "http/openapi.h"
#include "registry/server.h"
#include "worker/topics_routes.h"
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct docs_options {
    bool unused;
};

static const struct cli_option options[] = {CLI_OPTION_END};
static const struct docs_options defaults = {0};

/* ---- pages ---- */

struct page {
    struct str name, title;          /* file name without .md */
    const struct plugin_row *plugin; /* NULL: one of the fixed pages */
    void (*write)(const struct page *page, struct buf *out);
};

static void write_plugin(const struct page *page, struct buf *out)
{
    const struct plugin_info *info = page->plugin->info;
    const struct property *const tables[] = {info->properties, NULL};
    AUTO_BUF intro = {0};
    buf_printf(&intro, "A %s. In a configuration it is called `%s`%s", page->plugin->kind, info->classes[0],
               page->plugin->keyed ? " with `$Key` or `$Value`" : "");
    for (const char *const *c = info->classes + 1; *c; c++)
        buf_printf(&intro, "%s`%s`", c[1] ? ", " : " or ", *c);
    buf_printf(&intro, ".\n\n%s", info->doc ? info->doc : "");
    property_write_reference(info->title, buf_cstr(&intro), tables, out);
}

static void write_worker(const struct page *page, struct buf *out)
{
    const struct property *const tables[] = {worker_properties, NULL};
    property_write_reference(page->title.ptr, "What `tributary up --properties FILE` reads.", tables, out);
}

static void write_connector(const struct page *page, struct buf *out)
{
    const struct property *const tables[] = {connector_properties, NULL};
    property_write_reference(page->title.ptr,
                             "What every connector can be told, whatever its class; each class has a page of its own.",
                             tables, out);
}

static void write_commands(const struct page *page, struct buf *out)
{
    (void)page;
    cli_write_reference(out);
}

/* A bar would end the cell of a table. */
static void write_cell(const char *text, struct buf *out)
{
    for (; *text; text++) {
        if (*text == '|')
            buf_add_char(out, '\\');
        buf_add_char(out, *text);
    }
}

static void write_routes(const char *title, const struct http_route *const *tables, struct buf *out)
{
    buf_printf(out, "# %s\n\n| Request | What it does |\n|---|---|\n", title);
    for (; *tables; tables++) {
        for (const struct http_route *r = *tables; r->method; r++) {
            buf_printf(out, "| `%s %s` | ", r->method, r->path);
            write_cell(r->doc, out);
            buf_add_literal(out, " |\n");
        }
    }
}

static void write_rest(const struct page *page, struct buf *out)
{
    const struct http_route *const tables[] = {worker_routes, topics_routes, NULL};
    write_routes(page->title.ptr, tables, out);
}

static void write_registry(const struct page *page, struct buf *out)
{
    write_routes(page->title.ptr, registry_routes, out);
}

struct pages {
    struct arena arena;
    VEC(struct page) items;
};

static void collect(struct pages *pages)
{
    static const struct page fixed[] = {
        {STR_INIT("commands"), STR_INIT("Commands"), NULL, write_commands},
        {STR_INIT("worker"), STR_INIT("Worker properties"), NULL, write_worker},
        {STR_INIT("connector"), STR_INIT("Properties of every connector"), NULL, write_connector},
        {STR_INIT("rest"), STR_INIT("REST API"), NULL, write_rest},
        {STR_INIT("registry"), STR_INIT("Schema registry API"), NULL, write_registry},
    };
    struct plugin_row *rows;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        *vec_push(&pages->items) = fixed[i];
    size_t n = plugin_rows(&plugins_all, &pages->arena, &rows);
    for (size_t i = 0; i < n; i++)
        *vec_push(&pages->items) = (struct page){
            .name = arena_printf(&pages->arena, "%s-" STR_FMT, rows[i].kind, STR_ARG(plugin_short_name(rows[i].info))),
            .title = str_from(rows[i].info->title),
            .plugin = &rows[i],
            .write = write_plugin};
}

static void pages_free(struct pages *pages)
{
    vec_free(&pages->items);
    arena_free(&pages->arena);
}

static bool is_page(const struct page *p, struct str name)
{
    if (str_equal(p->name, name))
        return true;
    for (const char *const *c = p->plugin ? p->plugin->info->classes : NULL; c && *c; c++)
        if (str_is(name, *c))
            return true;
    return false;
}

/* ---- what is done with them ---- */

static void write_list(const struct pages *pages, struct buf *out)
{
    size_t widest = 0;
    vec_each (&pages->items, p)
        widest = p->name.len > widest ? p->name.len : widest;
    vec_each (&pages->items, p)
        buf_printf(out, "%-*s  %s\n", (int)widest, p->name.ptr, p->title.ptr);
    buf_add_literal(out, "\n`tributary docs NAME` prints one, `tributary docs DIR` writes all of them.\n");
}

static void write_index(const struct pages *pages, struct buf *out)
{
    buf_add_literal(out,
                    "# Reference\n\nGenerated by `tributary docs` from the tables that the program itself reads.\n\n");
    buf_add_literal(out, "- The REST APIs as OpenAPI descriptions: [worker](openapi.json), "
                         "[schema registry](openapi-registry.json)\n");
    vec_each (&pages->items, p)
        buf_printf(out, "- [%s](%s.md)%s%s\n", p->title.ptr, p->name.ptr, p->plugin ? ", " : "",
                   p->plugin ? p->plugin->kind : "");
}

static int write_file(const char *dir, const char *name, const struct buf *text, struct error *err)
{
    AUTO_FREE char *path = mem_printf("%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_set(err, error_from_errno(errno), "cannot write %s: %s", path, strerror(errno));
    size_t done = 0;
    while (done < text->len) {
        ssize_t n = write(fd, text->data + done, text->len - done);
        if (n < 0) {
            int errnum = errno;
            close(fd);
            return error_set(err, error_from_errno(errnum), "cannot write %s: %s", path, strerror(errnum));
        }
        done += (size_t)n;
    }
    close(fd);
    return 0;
}

static int write_openapi(const char *dir, struct error *err)
{
    static const struct openapi_info registry = {"tributary's schema registry", TRIBUTARY_VERSION,
                                                 "Confluent Schema Registry's REST API"};
    AUTO_BUF text = {0};
    worker_write_openapi(&text);
    int code = write_file(dir, "openapi.json", &text, err);
    buf_clear(&text);
    openapi_write(&registry, registry_routes, &text);
    return code ? code : write_file(dir, "openapi-registry.json", &text, err);
}

static int make_dirs(const char *dir, struct error *err)
{
    AUTO_FREE char *path = mem_strdup(dir);
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (mkdir(path, 0755) && errno != EEXIST)
            return error_set(err, error_from_errno(errno), "cannot make the directory %s: %s", path, strerror(errno));
        if (!slash)
            return 0;
        *slash = '/';
    }
}

static int write_all(const struct pages *pages, const char *dir, struct error *err)
{
    AUTO_BUF text = {0};
    int code = make_dirs(dir, err);
    write_index(pages, &text);
    if (!code)
        code = write_file(dir, "README.md", &text, err);
    for (size_t i = 0; !code && i < pages->items.len; i++) {
        const struct page *p = &pages->items.items[i];
        buf_clear(&text);
        p->write(p, &text);
        AUTO_FREE char *file = mem_printf("%s.md", p->name.ptr);
        code = write_file(dir, file, &text, err);
    }
    return code ? code : write_openapi(dir, err);
}

static bool is_dir(const char *path)
{
    struct stat st;
    return strchr(path, '/') || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

static int no_such_page(const struct command *self, const struct pages *pages, const char *name)
{
    VEC(struct str) names = {0};
    vec_each (&pages->items, p) {
        *vec_push(&names) = p->name;
        for (const char *const *c = p->plugin ? p->plugin->info->classes : NULL; c && *c; c++)
            *vec_push(&names) = str_from(*c);
    }
    struct str near = findings_nearest(str_from(name), names.items, names.len);
    vec_free(&names);
    return cli_usage(self,
                     "\"%s\" is no page (`tributary docs` lists them) and no directory%s" STR_FMT "%s; for a new "
                     "directory write ./%s",
                     name, near.ptr ? "; did you mean " : "", STR_ARG(near), near.ptr ? "?" : "", name);
}

static int run(const struct command *self, const void *given, const struct cli_arguments *arguments)
{
    (void)given;
    struct pages pages = {0};
    struct error err = {0};
    AUTO_BUF out = {0};
    const char *name = arguments->len ? arguments->items[0] : NULL;
    const struct page *page = NULL;
    int result = CLI_OK;
    collect(&pages);
    vec_each (&pages.items, p)
        if (!page && name && is_page(p, str_from(name)))
            page = p;
    if (page)
        page->write(page, &out);
    else if (!name)
        write_list(&pages, &out);
    else if (!is_dir(name))
        result = no_such_page(self, &pages, name);
    else if (write_all(&pages, name, &err))
        result = cli_fail(self, &err);
    cli_print(buf_str(&out));
    pages_free(&pages);
    return result;
}

const struct command cmd_docs = {
    .name = "docs",
    .usage = "[NAME | DIR]",
    .summary = "Prints a page of the reference, or writes all of it",
    .doc = "NAME is a page or the class of a plug-in; without one the pages are listed. DIR (with a slash in it, or "
           "being\n"
           "there) gets every page as a Markdown file, and the REST APIs as OpenAPI descriptions.",
    .options = options,
    .defaults = &defaults,
    .size = sizeof defaults,
    .max_arguments = 1,
    .run = run,
};
