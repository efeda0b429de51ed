#include "debezium/filter.h"

int debezium_patterns_init(struct debezium_patterns *p, struct str list, struct error *err)
{
    struct str rest = list;
    while (rest.ptr && rest.len) {
        /* a comma that is escaped belongs to the expression */
        size_t n = 0;
        while (n < rest.len && rest.ptr[n] != ',')
            n += rest.ptr[n] == '\\' && n + 1 < rest.len ? 2 : 1;
        struct str item = str_trim(str_of(rest.ptr, n < rest.len ? n : rest.len));
        rest = n < rest.len ? str_of(rest.ptr + n + 1, rest.len - n - 1) : STR_NULL;
        if (!item.len)
            continue;
        struct regex *r;
        int code = regex_compile(item, true, &r, err);
        if (code)
            return code;
        *vec_push(&p->items) = r;
    }
    return 0;
}

void debezium_patterns_release(struct debezium_patterns *p)
{
    vec_each (&p->items, r)
        regex_free(*r);
    vec_free(&p->items);
}

bool debezium_patterns_match(const struct debezium_patterns *p, struct str name)
{
    for (size_t i = 0; i < p->items.len; i++)
        if (regex_matches(p->items.items[i], name))
            return true;
    return false;
}

static bool chars_of(struct str name, const char *prefix, int32_t *ret)
{
    const char *suffix = ".chars";
    size_t p = strlen(prefix), s = strlen(suffix);
    int64_t n;
    if (!str_starts(name, prefix) || !str_ends(name, suffix) || name.len <= p + s ||
        !str_to_int64(str_of(name.ptr + p, name.len - p - s), &n) || n < 0 || n > INT32_MAX)
        return false;
    *ret = (int32_t)n;
    return true;
}

bool debezium_is_column_rule(struct str name, bool *ret_mask, int32_t *ret_chars)
{
    if (chars_of(name, "column.truncate.to.", ret_chars))
        *ret_mask = false;
    else if (chars_of(name, "column.mask.with.", ret_chars))
        *ret_mask = true;
    else
        return false;
    return true;
}

static int add_rules(struct debezium_filter *f, const struct config *raw, struct error *err)
{
    for (size_t i = 0; i < raw->entries.len; i++) {
        const struct config_entry *e = &raw->entries.items[i];
        bool mask;
        int32_t chars;
        if (!e->value.ptr || !debezium_is_column_rule(e->name, &mask, &chars))
            continue;
        struct debezium_column_rule *rule = vec_push(&f->rules);
        *rule = (struct debezium_column_rule){.chars = chars, .mask = mask};
        int code = debezium_patterns_init(&rule->columns, e->value, err);
        if (code)
            return error_context(err, STR_FMT, STR_ARG(e->name));
    }
    return 0;
}

static int add_keys(struct debezium_filter *f, struct str keys, struct error *err)
{
    struct str rest = keys;
    while (rest.ptr && rest.len) {
        struct str item = str_trim(str_split(rest, ';', &rest));
        if (!item.len)
            continue;
        size_t colon = item.len;
        while (colon > 0 && item.ptr[colon - 1] != ':')
            colon--;
        if (colon < 2 || colon == item.len)
            return error_set(err, ERROR_CONFIG,
                             "message.key.columns: \"" STR_FMT "\" is not of the form schema.table:column,column",
                             STR_ARG(item));
        struct regex *table;
        int code = regex_compile(str_trim(str_of(item.ptr, colon - 1)), true, &table, err);
        if (code)
            return error_context(err, "message.key.columns");
        struct debezium_key_rule *rule = vec_push(&f->keys);
        rule->table = table;
        rule->columns = arena_str(&f->arena, str_of(item.ptr + colon, item.len - colon));
    }
    return 0;
}

int debezium_filter_init(struct debezium_filter *f, const struct debezium_filter_lists *lists, const struct config *raw,
                         struct error *err)
{
    const struct {
        struct debezium_patterns *patterns;
        struct str list;
        const char *name;
    } all[] = {
        {&f->schema_in, lists->schema_in, "schema.whitelist"},
        {&f->schema_out, lists->schema_out, "schema.blacklist"},
        {&f->table_in, lists->table_in, "table.whitelist"},
        {&f->table_out, lists->table_out, "table.blacklist"},
        {&f->column_out, lists->column_out, "column.blacklist"},
        {&f->propagate, lists->propagate, "column.propagate.source.type"},
        {&f->propagate_types, lists->propagate_types, "datatype.propagate.source.type"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (debezium_patterns_init(all[i].patterns, all[i].list, err))
            return error_context(err, "%s", all[i].name);
    int code = add_rules(f, raw, err);
    return code ? code : add_keys(f, lists->keys, err);
}

void debezium_filter_release(struct debezium_filter *f)
{
    debezium_patterns_release(&f->schema_in);
    debezium_patterns_release(&f->schema_out);
    debezium_patterns_release(&f->table_in);
    debezium_patterns_release(&f->table_out);
    debezium_patterns_release(&f->column_out);
    debezium_patterns_release(&f->propagate);
    debezium_patterns_release(&f->propagate_types);
    vec_each (&f->rules, rule)
        debezium_patterns_release(&rule->columns);
    vec_each (&f->keys, key)
        regex_free(key->table);
    vec_free(&f->rules);
    vec_free(&f->keys);
    arena_free(&f->arena);
}

bool debezium_filter_table(const struct debezium_filter *f, struct str schema, struct str table)
{
    if (f->schema_in.items.len && !debezium_patterns_match(&f->schema_in, schema))
        return false;
    if (debezium_patterns_match(&f->schema_out, schema))
        return false;
    AUTO_BUF name = {0};
    buf_printf(&name, STR_FMT "." STR_FMT, STR_ARG(schema), STR_ARG(table));
    if (f->table_in.items.len && !debezium_patterns_match(&f->table_in, buf_str(&name)))
        return false;
    return !debezium_patterns_match(&f->table_out, buf_str(&name));
}

bool debezium_filter_column(const struct debezium_filter *f, struct str qualified_column)
{
    return !debezium_patterns_match(&f->column_out, qualified_column);
}

bool debezium_filter_propagates(const struct debezium_filter *f, struct str qualified_column, struct str qualified_type)
{
    return debezium_patterns_match(&f->propagate, qualified_column) ||
           debezium_patterns_match(&f->propagate_types, qualified_type);
}

const struct debezium_column_rule *debezium_filter_rule(const struct debezium_filter *f, struct str qualified_column)
{
    for (size_t i = 0; i < f->rules.len; i++)
        if (debezium_patterns_match(&f->rules.items[i].columns, qualified_column))
            return &f->rules.items[i];
    return NULL;
}

struct str debezium_filter_key(const struct debezium_filter *f, struct str qualified_table)
{
    for (size_t i = 0; i < f->keys.len; i++)
        if (regex_matches(f->keys.items[i].table, qualified_table))
            return f->keys.items[i].columns;
    return STR_NULL;
}
