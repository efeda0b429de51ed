#include "conf/present.h"

/* Parts of a name that tell a secret, compared without case and without '.', '_' and '-'. */
static const char *const telling[] = {"password", "passwd",     "passphrase", "secret",     "token",    "credential",
                                      "apikey",   "privatekey", "accesskey",  "jaasconfig", "userinfo", NULL};

static bool name_tells(struct str name)
{
    char plain[128];
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < sizeof plain - 1; i++) {
        char c = name.ptr[i];
        if (c != '.' && c != '_' && c != '-')
            plain[len++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    plain[len] = '\0';
    for (const char *const *t = telling; *t; t++)
        if (strstr(plain, *t))
            return true;
    return false;
}

bool property_is_secret(const struct property *const *tables, struct str name)
{
    const struct property *p = property_find(tables, name);
    if (p && (p->type == PROPERTY_TYPE_PASSWORD || (p->flags & PROPERTY_SECRET)))
        return true;
    if (p && (p->type == PROPERTY_TYPE_BOOLEAN || p->type == PROPERTY_TYPE_INT || p->type == PROPERTY_TYPE_LONG))
        return false;
    return name_tells(name);
}

/* ${env:...}, ${file:...} or ${dir:...} and nothing else: where the secret is, not the secret. */
static bool is_variable(struct str value)
{
    value = str_trim(value);
    bool known = str_starts(value, "${env:") || str_starts(value, "${file:") || str_starts(value, "${dir:");
    return known && str_find(value, '}') == value.len - 1;
}

/* Length of the secret at the start of `at`, up to the end of the parameter. */
static size_t parameter_length(struct str at)
{
    size_t n = 0;
    while (n < at.len && !strchr("&;, \t\r\n", at.ptr[n]))
        n++;
    return n;
}

/* "...?user=u&password=SECRET&..." and ";password=SECRET;" */
static size_t secret_parameter(struct str text, size_t at)
{
    size_t name = at;
    while (name > 0 && !strchr("?&;,/ ", text.ptr[name - 1]))
        name--;
    if (at >= text.len || text.ptr[at] != '=' || !name_tells(str_of(text.ptr + name, at - name)))
        return 0;
    return parameter_length(str_of(text.ptr + at + 1, text.len - at - 1));
}

/* "//user:SECRET@host": the length of the secret that follows the colon at `at`, of an authority that ends before a
 * slash. */
static size_t secret_in_authority(struct str text, size_t at)
{
    size_t begin = at;
    while (begin > 0 && text.ptr[begin - 1] != '/' && text.ptr[begin - 1] != '@')
        begin--;
    if (begin < 2 || text.ptr[begin - 1] != '/' || text.ptr[begin - 2] != '/')
        return 0;
    size_t end = at + 1, last = 0;
    for (; end < text.len && text.ptr[end] != '/' && text.ptr[end] != '?'; end++)
        if (text.ptr[end] == '@')
            last = end;
    return last ? last - at - 1 : 0;
}

static void write_url(struct str text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        buf_add_char(out, text.ptr[i]);
        size_t hidden = 0;
        if (text.ptr[i] == '=')
            hidden = secret_parameter(text, i);
        else if (text.ptr[i] == ':')
            hidden = secret_in_authority(text, i);
        if (hidden && !is_variable(str_of(text.ptr + i + 1, hidden))) {
            buf_add_literal(out, CONFIG_HIDDEN);
            i += hidden;
        }
    }
}

void config_write_shown(const struct property *const *tables, struct str name, struct str value, struct buf *out)
{
    if (!value.ptr)
        return;
    if (property_is_secret(tables, name) && value.len && !is_variable(value))
        buf_add_literal(out, CONFIG_HIDDEN);
    else
        write_url(value, out);
}

void config_write_masked(const struct property *const *tables, const struct config *c, struct buf *out)
{
    vec_each (&c->entries, e) {
        AUTO_BUF
        shown = {0};
        config_write_shown(tables, e->name, e->value, &shown);
        buf_add_str(out, e->name);
        buf_add_literal(out, " = ");
        buf_add_cstr(out, e->value.ptr ? "" : "null");
        for (size_t i = 0; i < shown.len; i++) {
            unsigned char ch = (unsigned char)shown.data[i];
            if (ch < 0x20)
                buf_printf(out, "\\u%04x", ch);
            else
                buf_add_char(out, (char)ch);
        }
        buf_add_char(out, '\n');
    }
}
