#include "db/sqlite/sqlite.h"

#include <strings.h>

/* Properties of xerial's driver that change nothing for a reader of one file. */
static const char *const without_effect[] = {
    "open_mode",
    "shared_cache",
    "load_extension",
    "cache_size",
    "case_sensitive_like",
    "count_changes",
    "default_cache_size",
    "defer_foreign_keys",
    "empty_result_callback",
    "encoding",
    "enable_load_extension",
    "foreign_keys",
    "full_column_names",
    "fullsync",
    "incremental_vacuum",
    "journal_mode",
    "journal_size_limit",
    "legacy_file_format",
    "locking_mode",
    "page_size",
    "max_page_count",
    "mmap_size",
    "read_uncommitted",
    "recursive_triggers",
    "reverse_unordered_selects",
    "secure_delete",
    "short_column_names",
    "synchronous",
    "temp_store",
    "temp_store_directory",
    "user_version",
    "application_id",
    "limit_attached",
    "transaction_mode",
    "jdbc.explicit_readonly",
    "jdbc.get_generated_keys",
    "cache",
    "mode",
    "immutable",
    "vfs",
    "nolock",
    "psow",
};

struct parser {
    struct sqlite_url *url;
    struct str name;
    struct findings *findings;
    struct error *err;
};

static bool has_no_effect(struct str property)
{
    for (size_t i = 0; i < sizeof without_effect / sizeof *without_effect; i++)
        if (str_is(property, without_effect[i]))
            return true;
    return false;
}

static int bad_value(struct parser *p, struct str property, struct str value, const char *choices)
{
    return error_set(p->err, ERROR_CONFIG, "the connection URL's " STR_FMT "=" STR_FMT " is none of %s",
                     STR_ARG(property), STR_ARG(value), choices);
}

static int use_property(struct parser *p, struct str property, struct str value)
{
    struct sqlite_times *times = &p->url->times;
    if (str_is(property, "date_class")) {
        times->form = str_is_nocase(value, "integer") ? SQLITE_FORM_INTEGER
                      : str_is_nocase(value, "real")  ? SQLITE_FORM_REAL
                      : str_is_nocase(value, "text")  ? SQLITE_FORM_TEXT
                                                      : SQLITE_FORM_UNKNOWN;
        return times->form ? 0 : bad_value(p, property, value, "integer, text, real");
    }
    if (str_is(property, "date_precision")) {
        times->in_seconds = str_is_nocase(value, "seconds");
        return times->in_seconds || str_is_nocase(value, "milliseconds")
                   ? 0
                   : bad_value(p, property, value, "seconds, milliseconds");
    }
    if (str_is(property, "busy_timeout")) {
        if (!str_to_int64(value, &p->url->busy_ms) || p->url->busy_ms < 0 || p->url->busy_ms > INT32_MAX)
            return bad_value(p, property, value, "the numbers of milliseconds");
        return 0;
    }
    if (str_is(property, "password") || str_is(property, "hexkey_mode"))
        return error_set(p->err, ERROR_UNSUPPORTED,
                         "the connection URL has " STR_FMT ": encrypted SQLite files cannot be read",
                         STR_ARG(property));
    if (p->findings && str_is(property, "date_string_format"))
        findings_add(p->findings, FINDING_WARNING, p->name,
                     "the URL's property \"date_string_format\" has no effect; dates in text are read as ISO 8601 has "
                     "them (2020-01-31 10:00:00.123)");
    else if (p->findings && !has_no_effect(property))
        findings_add(p->findings, FINDING_WARNING, p->name,
                     "the URL's property \"" STR_FMT "\" is not known; it has no effect", STR_ARG(property));
    return 0;
}

static struct str after_scheme(struct str url)
{
    for (const char *const *scheme = sqlite_driver.schemes; *scheme; scheme++)
        if (str_starts(url, *scheme))
            return str_of(url.ptr + strlen(*scheme), url.len - strlen(*scheme));
    return STR_NULL;
}

int sqlite_url_parse(struct str url, struct arena *arena, struct sqlite_url *ret, struct str name,
                     struct findings *findings, struct error *err)
{
    struct sqlite_url parsed = {.busy_ms = SQLITE_BUSY_MS, .times = {.separator = ' ', .digits = 3}};
    struct parser p = {.url = &parsed, .name = name, .findings = findings, .err = err};
    if (url.len > SQLITE_URL_MAX)
        return error_set(err, ERROR_CONFIG, "the connection URL is longer than %d bytes", SQLITE_URL_MAX);
    struct str rest = after_scheme(url), properties;
    if (!rest.ptr)
        return error_set(err, ERROR_CONFIG, "the connection URL does not start with jdbc:sqlite:");
    if (memchr(rest.ptr, '\0', rest.len))
        return error_set(err, ERROR_CONFIG, "the connection URL has a NUL byte");
    if (str_starts(rest, ":resource:"))
        return error_set(err, ERROR_UNSUPPORTED,
                         "the connection URL names a resource inside a Java program; give the path of a file");
    parsed.is_uri = str_starts(rest, "file:");
    if (!parsed.is_uri && str_starts(rest, "///"))
        rest = str_of(rest.ptr + 2, rest.len - 2); /* sqlite:///path */
    struct str file = str_split(rest, '?', &properties);
    if (!file.len)
        return error_set(err, ERROR_CONFIG, "the connection URL names no file; write jdbc:sqlite:/path/file.db");
    parsed.file = arena_str(arena, parsed.is_uri ? rest : file);
    int code = 0;
    while (!code && properties.ptr) {
        struct str value, pair = str_split(properties, '&', &properties);
        struct str property = str_split(pair, '=', &value);
        if (property.len)
            code = use_property(&p, property, value.ptr ? value : STR(""));
    }
    if (!code)
        *ret = parsed;
    return code;
}
