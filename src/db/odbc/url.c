#include "db/odbc/odbc.h"

static bool is_key(struct str key, const char *name)
{
    return str_is_nocase(str_trim(key), name);
}

/* A value that the string's grammar would break at goes into braces. */
static void add_value(struct buf *out, const char *key, struct str value)
{
    bool plain = true;
    for (size_t i = 0; i < value.len; i++)
        plain = plain && !strchr(";{}[]()=!@?*, ", value.ptr[i]);
    buf_printf(out, ";%s=", key);
    if (plain) {
        buf_add_str(out, value);
        return;
    }
    buf_add_char(out, '{');
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '}')
            buf_add_char(out, '}');
        buf_add_char(out, value.ptr[i]);
    }
    buf_add_char(out, '}');
}

/* One "key=value" at the start of *text, which then stands behind its semicolon. */
static int take_pair(struct str *text, struct str *ret_pair, struct str *ret_key, struct error *err)
{
    size_t n = 0, equals = 0;
    bool found = false;
    for (; n < text->len && text->ptr[n] != ';'; n++) {
        if (text->ptr[n] != '=' || found)
            continue;
        found = true;
        equals = n;
        if (n + 1 < text->len && text->ptr[n + 1] == '{') {
            for (n += 2; n < text->len; n++)
                if (text->ptr[n] == '}' && !(n + 1 < text->len && text->ptr[n + 1] == '}'))
                    break;
                else if (text->ptr[n] == '}')
                    n++;
            if (n >= text->len)
                return error_set(err, ERROR_CONFIG, "the ODBC connection string has a { without its }");
        }
    }
    if (!found && str_trim(str_of(text->ptr, n)).len)
        return error_set(err, ERROR_CONFIG, "the ODBC connection string has \"" STR_FMT "\" where key=value should be",
                         (int)n, text->ptr);
    *ret_pair = str_of(text->ptr, n);
    *ret_key = str_of(text->ptr, equals);
    n += n < text->len;
    *text = str_of(text->ptr + n, text->len - n);
    return 0;
}

static int copy_pairs(struct str text, struct buf *full, struct buf *shown, bool *ret_user, bool *ret_password,
                      struct error *err)
{
    while (text.len) {
        struct str pair, key;
        int code = take_pair(&text, &pair, &key, err);
        if (code)
            return code;
        if (!str_trim(pair).len)
            continue;
        bool secret = is_key(key, "PWD") || is_key(key, "Password");
        *ret_password = *ret_password || secret;
        *ret_user = *ret_user || is_key(key, "UID") || is_key(key, "User") || is_key(key, "Username");
        buf_printf(full, "%s" STR_FMT, full->len ? ";" : "", STR_ARG(pair));
        if (!secret)
            buf_printf(shown, "%s" STR_FMT, shown->len ? ";" : "", STR_ARG(pair));
    }
    return 0;
}

int odbc_connection_string(struct str url, struct str user, struct str password, struct arena *arena, struct str *ret,
                           struct str *ret_shown, struct error *err)
{
    struct str rest = STR_NULL;
    for (const char *const *scheme = odbc_driver.schemes; *scheme && !rest.ptr; scheme++)
        if (str_starts(url, *scheme))
            rest = str_of(url.ptr + strlen(*scheme), url.len - strlen(*scheme));
    if (!rest.ptr || url.len > ODBC_URL_MAX || memchr(rest.ptr, '\0', rest.len))
        return error_set(err, ERROR_CONFIG,
                         "the connection URL is not of the form odbc:DSN=name;key=value (%d bytes at most)",
                         ODBC_URL_MAX);
    AUTO_BUF text = {0};
    AUTO_BUF full = {0};
    AUTO_BUF shown = {0};
    struct str others, first = str_split(rest, ';', &others);
    if (!memchr(first.ptr, '=', first.len) && str_trim(first).len)
        buf_add_literal(&text, "DSN=");
    buf_add_str(&text, rest);
    bool has_user = false, has_password = false;
    int code = copy_pairs(buf_str(&text), &full, &shown, &has_user, &has_password, err);
    if (code)
        return code;
    if (!full.len)
        return error_set(err, ERROR_CONFIG,
                         "the connection URL names no data source; write odbc:DSN=name, or "
                         "odbc:Driver={...};Server=...");
    if (!has_user && user.len) {
        add_value(&full, "UID", user);
        add_value(&shown, "UID", user);
    }
    if (!has_password && password.len)
        add_value(&full, "PWD", password);
    *ret = arena_str(arena, buf_str(&full));
    *ret_shown = arena_str(arena, buf_str(&shown));
    return 0;
}
