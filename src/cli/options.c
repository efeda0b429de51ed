#include "cli/options.h"

static size_t member_size(enum cli_option_type type)
{
    static const size_t sizes[] = {[CLI_FLAG] = sizeof(bool),
                                   [CLI_TEXT] = sizeof(const char *),
                                   [CLI_NUMBER] = sizeof(int64_t),
                                   [CLI_CHOICE] = sizeof(int)};
    return sizes[type];
}

union value {
    bool flag;
    const char *text;
    int64_t number;
    int choice;
};

static int read_number(const struct cli_option *o, const char *text, union value *ret, struct error *err)
{
    if (!str_to_int64(str_from(text), &ret->number))
        return error_set(err, ERROR_REQUEST, "--%s takes a whole number, not \"%s\"", o->name, text);
    if (ret->number < o->min || ret->number > o->max)
        return error_set(err, ERROR_REQUEST, "--%s must be from %lld to %lld, not %s", o->name, (long long)o->min,
                         (long long)o->max, text);
    return 0;
}

static int read_choice(const struct cli_option *o, const char *text, union value *ret, struct error *err)
{
    AUTO_BUF all = {0};
    for (int i = 0; o->choices[i]; i++) {
        if (strcmp(o->choices[i], text) == 0) {
            ret->choice = i;
            return 0;
        }
        buf_printf(&all, "%s%s", i ? ", " : "", o->choices[i]);
    }
    return error_set(err, ERROR_REQUEST, "--%s is one of %s, not \"%s\"", o->name, buf_cstr(&all), text);
}

static int store(const struct cli_option *o, const char *text, void *out, struct error *err)
{
    union value value = {.text = text};
    int code = 0;
    if (o->type == CLI_FLAG)
        value = (union value){.flag = true};
    else if (o->type == CLI_NUMBER)
        code = read_number(o, text, &value, err);
    else if (o->type == CLI_CHOICE)
        code = read_choice(o, text, &value, err);
    if (!code)
        memcpy((char *)out + o->offset, &value, member_size(o->type));
    return code;
}

static int unknown(const struct cli_option *table, struct str name, struct error *err)
{
    struct str names[64];
    size_t n = 0;
    for (const struct cli_option *o = table; o->name && n < sizeof names / sizeof *names; o++)
        names[n++] = str_from(o->name);
    struct str near = findings_nearest(name, names, n);
    return error_set(err, ERROR_REQUEST, "there is no option --" STR_FMT "%s" STR_FMT "%s", STR_ARG(name),
                     near.ptr ? "; did you mean --" : "", STR_ARG(near), near.ptr ? "?" : "");
}

static const struct cli_option *by_name(const struct cli_option *table, struct str name)
{
    for (; table->name; table++)
        if (str_is(name, table->name))
            return table;
    return NULL;
}

static const struct cli_option *by_letter(const struct cli_option *table, char letter)
{
    for (; table->name; table++)
        if (table->letter == letter)
            return table;
    return NULL;
}

/* The option that `word` writes and the value after its '='; *ret_value NULL when there is none. */
static int find(const struct cli_option *table, const char *word, const struct cli_option **ret, const char **ret_value,
                struct error *err)
{
    *ret_value = NULL;
    if (word[1] == '-') {
        const char *equals = strchr(word, '=');
        struct str name = equals ? str_of(word + 2, (size_t)(equals - word - 2)) : str_from(word + 2);
        *ret = by_name(table, name);
        *ret_value = equals ? equals + 1 : NULL;
        return *ret ? 0 : unknown(table, name, err);
    }
    *ret = by_letter(table, word[1]);
    if (!*ret || (word[2] && (*ret)->type == CLI_FLAG))
        return error_set(err, ERROR_REQUEST, "there is no option %s", word);
    if (word[2])
        *ret_value = word + 2 + (word[2] == '=');
    return 0;
}

int cli_options_parse(const struct cli_option *table, int argc, char *const *argv, void *out, struct cli_arguments *ret,
                      struct error *err)
{
    bool ended = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i], *value;
        const struct cli_option *o;
        if (ended || word[0] != '-' || word[1] == '\0') {
            ret->items[ret->len++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            ended = true;
            continue;
        }
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            ret->help = true;
            return 0;
        }
        int code = find(table, word, &o, &value, err);
        if (code)
            return code;
        if (o->type == CLI_FLAG && value)
            return error_set(err, ERROR_REQUEST, "--%s takes no value", o->name);
        if (o->type != CLI_FLAG && !value) {
            if (i + 1 == argc)
                return error_set(err, ERROR_REQUEST, "--%s needs a value: --%s %s", o->name, o->name, o->argument);
            value = argv[++i];
        }
        code = store(o, value, out, err);
        if (code)
            return code;
    }
    return 0;
}

static void write_usage(const struct cli_option *o, struct buf *out)
{
    if (o->letter)
        buf_printf(out, "-%c, ", o->letter);
    buf_printf(out, "--%s", o->name);
    if (o->argument)
        buf_printf(out, " %s", o->argument);
}

void cli_options_help(const struct cli_option *table, struct buf *out)
{
    size_t widest = sizeof "-h, --help" - 1;
    for (const struct cli_option *o = table; o->name; o++) {
        AUTO_BUF usage = {0};
        write_usage(o, &usage);
        widest = usage.len > widest ? usage.len : widest;
    }
    for (const struct cli_option *o = table; o->name; o++) {
        AUTO_BUF usage = {0};
        write_usage(o, &usage);
        buf_printf(out, "  %-*s  %s\n", (int)widest, buf_cstr(&usage), o->doc);
    }
    buf_printf(out, "  %-*s  %s\n", (int)widest, "-h, --help", "this text");
}
