#include "sources/query/tables.h"

#include "base/hash.h"
#include "base/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct str table_full_name(const struct db_table *t, struct arena *arena)
{
    if (!t->schema.len)
        return arena_str(arena, t->name);
    return arena_printf(arena, STR_FMT "." STR_FMT, STR_ARG(t->schema), STR_ARG(t->name));
}

static void write_quoted(struct str name, struct buf *out)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, name.ptr[i]);
    }
    buf_add_char(out, '"');
}

void table_write_quoted(const struct db_table *t, struct buf *out)
{
    if (t->schema.len) {
        write_quoted(t->schema, out);
        buf_add_char(out, '.');
    }
    write_quoted(t->name, out);
}

/* One name, quoted or not, from *at; *at then stands behind it. */
static int parse_name(struct str text, size_t *at, struct arena *arena, struct str *ret, struct error *err)
{
    AUTO_BUF name = {0};
    size_t i = *at;
    if (i < text.len && text.ptr[i] == '"') {
        for (i++; i < text.len; i++) {
            if (text.ptr[i] == '"' && (i + 1 == text.len || text.ptr[i + 1] != '"'))
                break;
            i += text.ptr[i] == '"'; /* a doubled quote stands for one */
            buf_add_char(&name, text.ptr[i]);
        }
        if (i >= text.len)
            return error_set(err, ERROR_CONFIG, "the list of tables has a quote without its partner: " STR_FMT,
                             STR_ARG(text));
        i++;
    } else {
        while (i < text.len && text.ptr[i] != '.' && text.ptr[i] != ',')
            buf_add_char(&name, text.ptr[i++]);
    }
    *ret = arena_str(arena, str_trim(buf_str(&name)));
    *at = i;
    return 0;
}

int table_list_parse(struct str text, struct arena *arena, struct db_table **ret, size_t *ret_n, struct error *err)
{
    size_t cap = 1;
    for (size_t i = 0; i < text.len; i++)
        cap += text.ptr[i] == ',';
    struct db_table *tables = arena_zalloc(arena, sizeof *tables * cap);
    size_t n = 0, at = 0;
    while (at < text.len) {
        while (at < text.len && text.ptr[at] == ' ')
            at++;
        struct str parts[3];
        size_t n_parts = 0;
        do {
            at += n_parts > 0; /* the point */
            int code = parse_name(text, &at, arena, &parts[n_parts++], err);
            if (code)
                return code;
        } while (n_parts < 3 && at < text.len && text.ptr[at] == '.');
        while (at < text.len && text.ptr[at] == ' ')
            at++;
        if (at < text.len && text.ptr[at] != ',')
            return error_set(err, ERROR_CONFIG, "the list of tables cannot be read from its byte %zu on: " STR_FMT, at,
                             STR_ARG(text));
        at++;
        if (parts[n_parts - 1].len)
            tables[n++] =
                (struct db_table){.schema = n_parts > 1 ? parts[n_parts - 2] : STR_NULL, .name = parts[n_parts - 1]};
    }
    *ret = tables;
    *ret_n = n;
    return 0;
}

static int compile(const char *property, const struct str_list *list, struct regex ***ret, struct error *err)
{
    *ret = mem_new_array(struct regex *, list->len + 1);
    for (size_t i = 0; i < list->len; i++) {
        int code = regex_compile(list->items[i], false, &(*ret)[i], err);
        if (code) {
            error_context(err, "%s", property);
            return code;
        }
    }
    return 0;
}

int table_filter_init(struct table_filter *f, const struct query_config *c, struct error *err)
{
    *f = (struct table_filter){.config = c};
    int code = compile("table.include.list", &c->include_list, &f->include, err);
    if (!code)
        code = compile("table.exclude.list", &c->exclude_list, &f->exclude, err);
    if (code)
        table_filter_release(f);
    return code;
}

static void free_all(struct regex **all, size_t n)
{
    for (size_t i = 0; all && i < n; i++)
        regex_free(all[i]);
    free(all);
}

void table_filter_release(struct table_filter *f)
{
    free_all(f->include, f->config->include_list.len);
    free_all(f->exclude, f->config->exclude_list.len);
    f->include = f->exclude = NULL;
}

bool table_like(struct str text, struct str pattern)
{
    /* greedy with one point to return to: the last % */
    size_t t = 0, p = 0, star = SIZE_MAX, mark = 0;
    while (t < text.len) {
        bool escaped = p + 1 < pattern.len && pattern.ptr[p] == '\\';
        if (p < pattern.len && !escaped && pattern.ptr[p] == '%') {
            star = p++;
            mark = t;
        } else if (p < pattern.len && (escaped ? pattern.ptr[p + 1] == text.ptr[t]
                                               : pattern.ptr[p] == '_' || pattern.ptr[p] == text.ptr[t])) {
            p += escaped ? 2 : 1;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '%')
        p++;
    return p == pattern.len;
}

static bool listed(const struct str_list *list, struct str full, struct str quoted, struct str name)
{
    for (size_t i = 0; i < list->len; i++)
        if (str_equal(list->items[i], full) || str_equal(list->items[i], quoted) || str_equal(list->items[i], name))
            return true;
    return false;
}

static bool any_matches(struct regex *const *all, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (regex_matches(all[i], name))
            return true;
    return false;
}

static bool type_passes(const struct str_list *types, struct str type)
{
    for (size_t i = 0; i < types->len; i++)
        if (types->items[i].len == type.len && strncasecmp(types->items[i].ptr, type.ptr, type.len) == 0)
            return true;
    return false;
}

bool table_filter_passes(const struct table_filter *f, const struct db_table *t)
{
    const struct query_config *c = f->config;
    if (!type_passes(&c->table_types, t->type) ||
        (c->schema_pattern.len && !table_like(t->schema, c->schema_pattern)) ||
        (c->catalog_pattern.len && !table_like(t->catalog, c->catalog_pattern)))
        return false;
    struct arena arena = {.chunk_size = 512};
    AUTO_BUF quoted = {0};
    struct str full = table_full_name(t, &arena);
    table_write_quoted(t, &quoted);
    bool passes = true;
    if (c->include_list.len || c->exclude_list.len)
        passes =
            any_matches(f->include, c->include_list.len, full) && !any_matches(f->exclude, c->exclude_list.len, full);
    else if (c->whitelist.len)
        passes = listed(&c->whitelist, full, buf_str(&quoted), t->name);
    else if (c->blacklist.len)
        passes = !listed(&c->blacklist, full, buf_str(&quoted), t->name);
    arena_free(&arena);
    return passes;
}

static int check_topics(const struct db_table *tables, size_t n, struct error *err)
{
    struct map seen = {0};
    int code = 0;
    for (size_t i = 0; i < n && !code; i++) {
        const struct db_table *other = map_put(&seen, tables[i].name, (void *)&tables[i]);
        if (other)
            code = error_set(
                err, ERROR_CONFIG,
                "the tables " STR_FMT "." STR_FMT " and " STR_FMT "." STR_FMT
                " would share one topic, whose name has no schema; capture one of them only (table.whitelist, "
                "table.blacklist, schema.pattern), the other with a connector and a topic.prefix of its own",
                STR_ARG(other->schema), STR_ARG(other->name), STR_ARG(tables[i].schema), STR_ARG(tables[i].name));
    }
    map_free(&seen, NULL);
    return code;
}

int tables_find(struct db *db, const struct table_filter *f, struct arena *arena, struct db_table **ret, size_t *ret_n,
                struct error *err)
{
    struct db_table *tables;
    size_t all, n = 0;
    int code = db_tables(db, arena, &tables, &all, err);
    if (code)
        return code;
    for (size_t i = 0; i < all; i++)
        if (table_filter_passes(f, &tables[i]))
            tables[n++] = tables[i];
    if (n > QUERY_MAX_TABLES)
        return error_set(err, ERROR_CONFIG, "%zu tables pass the filters, and a connector captures %d at most", n,
                         QUERY_MAX_TABLES);
    code = check_topics(tables, n, err);
    if (code)
        return code;
    *ret = tables;
    *ret_n = n;
    return 0;
}

static void write_list(const struct db_table *tables, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(out, ',');
        table_write_quoted(&tables[i], out);
    }
}

static void add_task(struct source_tasks *ret, struct str tables, struct str known, int count)
{
    char number[16];
    snprintf(number, sizeof number, "%d", count);
    struct config *task = vec_push(&ret->items);
    config_init(task);
    config_set(task, STR("tables"), tables);
    config_set(task, STR("tables.known"), known);
    config_set(task, STR("tables.fetched"), STR("true"));
    config_set(task, STR("tasks.planned"), str_from(number));
}

/* Neighbours stay together; the first tasks get one more when it does not come out even. */
static void divide(const struct db_table *tables, size_t n, int max_tasks, struct source_tasks *ret)
{
    AUTO_BUF known = {0};
    write_list(tables, n, &known);
    size_t count = n < (size_t)max_tasks ? n : (size_t)max_tasks;
    count = count ? count : 1; /* one task waits for tables to appear */
    for (size_t i = 0, at = 0; i < count; i++) {
        size_t share = n / count + (i < n % count);
        AUTO_BUF list = {0};
        write_list(tables + at, share, &list);
        add_task(ret, buf_str(&list), buf_str(&known), (int)count);
        at += share;
    }
}

int query_plan(const struct plugin_config *config, int max_tasks, struct source_tasks *ret, struct error *err)
{
    const struct query_config *c = config->parsed;
    struct arena arena = {0};
    if (query_statement(c, &arena).ptr) {
        arena_free(&arena);
        add_task(ret, STR(""), STR(""), 1);
        return 0;
    }
    struct table_filter filter;
    int code = table_filter_init(&filter, c, err);
    if (code)
        return code;
    struct db *db = NULL;
    struct db_table *tables;
    size_t n;
    code = query_connect(config, "tributary plan", NULL, &db, err);
    if (!code)
        code = tables_find(db, &filter, &arena, &tables, &n, err);
    if (!code)
        divide(tables, n, max_tasks < 1 ? 1 : max_tasks, ret);
    db_close(db);
    table_filter_release(&filter);
    arena_free(&arena);
    return code;
}

int table_late_task(const struct db_table *t, int task_count)
{
    AUTO_BUF name = {0};
    table_write_quoted(t, &name);
    return (int)((murmur2(name.data, name.len) & 0x7fffffff) % (uint32_t)task_count);
}

/* The one entry `regex:rest` whose expression matches; its rest. */
static int find_mapping(const char *property, const struct str_list *list, struct str full_name, struct str *ret,
                        struct error *err)
{
    struct str found = STR_NULL;
    for (size_t i = 0; i < list->len; i++) {
        struct str rest, pattern = str_trim(str_split(list->items[i], ':', &rest));
        struct regex *r = NULL;
        if (!rest.ptr || !str_trim(rest).len)
            return error_set(err, ERROR_CONFIG, "%s: \"" STR_FMT "\" is not of the form regex:column", property,
                             STR_ARG(list->items[i]));
        int code = regex_compile(pattern, false, &r, err);
        if (code) {
            error_context(err, "%s", property);
            return code;
        }
        bool matches = regex_matches(r, full_name);
        regex_free(r);
        if (matches && found.ptr)
            return error_set(err, ERROR_CONFIG, "%s: more than one entry matches the table " STR_FMT, property,
                             STR_ARG(full_name));
        if (matches)
            found = str_trim(rest);
    }
    if (!found.ptr)
        return error_set(err, ERROR_CONFIG, "%s: no entry matches the table " STR_FMT, property, STR_ARG(full_name));
    *ret = found;
    return 0;
}

static int split_columns(struct str text, struct arena *arena, struct table_keys *keys, struct error *err)
{
    if (text.len < 3 || text.ptr[0] != '[' || text.ptr[text.len - 1] != ']')
        return error_set(err, ERROR_CONFIG,
                         "timestamp.columns.mapping: \"" STR_FMT "\" is not of the form [column|column]",
                         STR_ARG(text));
    struct str rest = str_of(text.ptr + 1, text.len - 2);
    keys->timestamps = arena_zalloc(arena, sizeof *keys->timestamps * (text.len / 2 + 1));
    while (rest.ptr) {
        struct str column = str_trim(str_split(rest, '|', &rest));
        if (!column.len)
            return error_set(err, ERROR_CONFIG, "timestamp.columns.mapping: \"" STR_FMT "\" has an empty name",
                             STR_ARG(text));
        keys->timestamps[keys->n_timestamps++] = arena_str(arena, column);
    }
    return 0;
}

int table_keys_for(const struct query_config *c, struct str full_name, struct arena *arena, struct table_keys *ret,
                   struct error *err)
{
    struct table_keys keys = {.incrementing = STR("")};
    struct str text;
    int code = 0;
    if (query_uses_incrementing(c) && c->incrementing_mapping.len) {
        code = find_mapping("incrementing.column.mapping", &c->incrementing_mapping, full_name, &text, err);
        if (!code)
            keys.incrementing = arena_str(arena, text);
    } else if (query_uses_incrementing(c) && c->incrementing_column.len) {
        keys.incrementing = c->incrementing_column;
    }
    if (code || !query_uses_timestamp(c)) {
        *ret = keys;
        return code;
    }
    if (c->timestamp_mapping.len) {
        code = find_mapping("timestamp.columns.mapping", &c->timestamp_mapping, full_name, &text, err);
        if (!code)
            code = split_columns(text, arena, &keys, err);
    } else {
        keys.timestamps = c->timestamp_columns.items;
        keys.n_timestamps = c->timestamp_columns.len;
    }
    if (!code && keys.n_timestamps == 0)
        code = error_set(err, ERROR_CONFIG,
                         "timestamp.column.name must be set in the modes timestamp and "
                         "timestamp+incrementing");
    *ret = keys;
    return code;
}
