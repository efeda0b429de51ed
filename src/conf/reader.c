#include "conf/reader.h"

static size_t line_of(struct str text, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += text.ptr[i] == '\n';
    return line;
}

/* Where the first line stands that is not UTF-8 (the text is known to have one). */
static size_t bad_utf8_line(struct str text)
{
    size_t line = 1;
    for (struct str rest = text; rest.ptr; line++)
        if (!str_is_utf8(str_split(rest, '\n', &rest)))
            break;
    return line;
}

int reader_begin(struct str text, const char *what, struct str *ret, struct error *err)
{
    if (text.len > CONFIG_TEXT_MAX)
        return error_set(err, ERROR_CONFIG, "%s: larger than %d bytes, the limit for a configuration", what,
                         CONFIG_TEXT_MAX);
    if (!str_is_utf8(text))
        return error_set(err, ERROR_CONFIG, "%s: line %zu: not UTF-8; save the file as UTF-8 or write \\uXXXX", what,
                         bad_utf8_line(text));
    size_t zero = str_find(text, '\0');
    if (zero < text.len)
        return error_set(err, ERROR_CONFIG, "%s: line %zu: a zero byte; this is no text file", what,
                         line_of(text, zero));
    if (text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0)
        text = str_of(text.ptr + 3, text.len - 3);
    *ret = text;
    return 0;
}

int reader_set(struct config *c, struct str name, struct str value, const char *what, size_t line, struct error *err)
{
    AUTO_FREE
    char *where = line ? mem_printf("%s: line %zu", what, line) : mem_strdup(what);
    if (!name.len)
        return error_set(err, ERROR_CONFIG, "%s: a setting without a name", where);
    if (c->entries.len >= CONFIG_ENTRIES_MAX)
        return error_set(err, ERROR_CONFIG, "%s: more than %d settings", where, CONFIG_ENTRIES_MAX);
    config_set(c, name, value);
    return 0;
}

struct str reader_base_name(const char *what)
{
    struct str name = str_from(what);
    for (size_t i = name.len; i > 0; i--) {
        if (name.ptr[i - 1] == '/') {
            name = str_of(name.ptr + i, name.len - i);
            break;
        }
    }
    for (size_t i = name.len; i > 1; i--)
        if (name.ptr[i - 1] == '.')
            return str_of(name.ptr, i - 1);
    return name;
}

int reader_state(struct str text, const char *what, enum config_state *ret, struct error *err)
{
    static const char *const names[] = {
        [CONFIG_STATE_RUNNING] = "running", [CONFIG_STATE_PAUSED] = "paused", [CONFIG_STATE_STOPPED] = "stopped"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_is_nocase(text, names[i])) {
            *ret = (enum config_state)i;
            return 0;
        }
    }
    return error_set(err, ERROR_CONFIG, "%s: the state \"" STR_FMT "\" is not one of: running, paused, stopped", what,
                     STR_ARG(text));
}

int reader_hand_over(struct config_connector *found, struct str name, const char *what, struct reader_out *out,
                     struct error *err)
{
    if (!name.len)
        name = str_trim(config_get(&found->config, "name"));
    if (!name.len && out->base_name_taken)
        return error_set(err, ERROR_CONFIG, "%s: more than one connector without a name; give each one a name", what);
    if (!name.len) {
        name = reader_base_name(what);
        out->base_name_taken = true;
    }
    found->name = arena_str(&found->config.arena, name);
    int code = reader_set(&found->config, STR("name"), found->name, what, 0, err);
    return code ? code : out->each(out->ctx, found, err);
}

int config_read_text(struct str text, const char *what, config_each *each, void *ctx, struct error *err)
{
    int code = reader_begin(text, what, &text, err);
    if (code)
        return code;
    struct reader_out out = {.each = each, .ctx = ctx};
    struct str name = str_from(what), trimmed = str_trim(text);
    if (str_ends(name, ".properties"))
        return reader_properties_file(text, what, &out, err);
    if (str_ends(name, ".json"))
        return reader_json_file(text, what, &out, err);
    if (str_ends(name, ".yaml") || str_ends(name, ".yml"))
        return reader_yaml_file(text, what, &out, err);
    if (trimmed.len && (trimmed.ptr[0] == '{' || trimmed.ptr[0] == '['))
        return reader_json_file(text, what, &out, err);
    /* What is left is YAML when its first setting is written `name:` and a space or the line's end. */
    for (struct str line, rest = trimmed; rest.ptr;) {
        line = str_trim(str_split(rest, '\n', &rest));
        if (!line.len || line.ptr[0] == '#' || line.ptr[0] == '!')
            continue;
        size_t colon = str_find(line, ':'), equals = str_find(line, '=');
        bool yaml = str_starts(line, "---") || str_starts(line, "%YAML") ||
                    (colon < equals && (colon + 1 == line.len || line.ptr[colon + 1] == ' '));
        return yaml ? reader_yaml_file(text, what, &out, err) : reader_properties_file(text, what, &out, err);
    }
    return error_set(err, ERROR_CONFIG, "%s: no connector in it; the file is empty", what);
}

int config_read_file(const char *path, config_each *each, void *ctx, struct error *err)
{
    struct arena arena = {0};
    struct str text;
    int code = config_read_whole(path, &arena, &text, err);
    if (!code)
        code = config_read_text(text, path, each, ctx, err);
    arena_free(&arena);
    return code;
}
