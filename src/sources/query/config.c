#include "sources/query/config.h"

/* JDBC writes the operator ? as ??, because a single one is a parameter. Quoted text and comments stay as they are. */
static void add_unescaped(struct buf *out, struct str sql)
{
    char quote = 0;
    for (size_t i = 0; i < sql.len; i++) {
        char c = sql.ptr[i], next = i + 1 < sql.len ? sql.ptr[i + 1] : 0;
        if (quote) {
            if (c == quote || (quote == '*' && c == '*' && next == '/'))
                quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '-' && next == '-') {
            quote = '\n';
        } else if (c == '/' && next == '*') {
            quote = '*';
            buf_add_char(out, c);
            c = sql.ptr[++i];
        } else if (c == '?' && next == '?') {
            i++;
        }
        buf_add_char(out, c);
    }
}

struct str query_statement(const struct query_config *c, struct arena *arena)
{
    struct str sql = str_trim(c->query_masked.len ? c->query_masked : c->query);
    while (sql.len && sql.ptr[sql.len - 1] == ';')
        sql = str_trim(str_of(sql.ptr, sql.len - 1));
    if (!sql.len)
        return STR_NULL;
    AUTO_BUF text = {0};
    add_unescaped(&text, sql);
    return arena_str(arena, buf_str(&text));
}

enum numeric_mapping query_numeric_mapping(const struct plugin_config *config)
{
    const struct query_config *c = config->parsed;
    if (config_get(config->raw, "numeric.mapping").ptr)
        return (enum numeric_mapping)c->numeric_mapping_choice;
    return c->numeric_precision_mapping ? NUMERIC_PRECISION_ONLY : NUMERIC_NONE;
}

bool query_timestamp_initial(const struct plugin_config *config, int64_t *ret_ms)
{
    const struct query_config *c = config->parsed;
    struct str text = config_get(config->raw, "timestamp.initial");
    if (!text.ptr || !str_trim(text).len)
        return false;
    *ret_ms = c->timestamp_initial_ms;
    return true;
}

/* java.time.ZoneId.SHORT_IDS */
static const char *const short_ids[][2] = {
    {"ACT", "Australia/Darwin"},
    {"AET", "Australia/Sydney"},
    {"AGT", "America/Argentina/Buenos_Aires"},
    {"ART", "Africa/Cairo"},
    {"AST", "America/Anchorage"},
    {"BET", "America/Sao_Paulo"},
    {"BST", "Asia/Dhaka"},
    {"CAT", "Africa/Harare"},
    {"CNT", "America/St_Johns"},
    {"CST", "America/Chicago"},
    {"CTT", "Asia/Shanghai"},
    {"EAT", "Africa/Addis_Ababa"},
    {"ECT", "Europe/Paris"},
    {"EST", "-05:00"},
    {"HST", "-10:00"},
    {"IET", "America/Indiana/Indianapolis"},
    {"IST", "Asia/Kolkata"},
    {"JST", "Asia/Tokyo"},
    {"MIT", "Pacific/Apia"},
    {"MST", "-07:00"},
    {"NET", "Asia/Yerevan"},
    {"NST", "Pacific/Auckland"},
    {"PLT", "Asia/Karachi"},
    {"PNT", "America/Phoenix"},
    {"PRT", "America/Puerto_Rico"},
    {"PST", "America/Los_Angeles"},
    {"SST", "Pacific/Guadalcanal"},
    {"VST", "Asia/Ho_Chi_Minh"},
    {"Z", "UTC"},
    {"UT", "UTC"},
};

static bool two_digits(struct str *s, int max, int *ret)
{
    size_t n = 0;
    int v = 0;
    while (n < 2 && n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9')
        v = v * 10 + (s->ptr[n++] - '0');
    if (n == 0 || v > max)
        return false;
    *s = str_of(s->ptr + n, s->len - n);
    *ret = v;
    return true;
}

/* +h, +hh, +hhmm, +hh:mm as java.time.ZoneOffset.of takes them; seconds are nobody's zone. */
static bool offset_zone(struct str s, struct arena *arena, struct str *ret)
{
    char sign = s.len ? s.ptr[0] : 0;
    int hours, minutes = 0;
    if (sign != '+' && sign != '-')
        return false;
    s = str_of(s.ptr + 1, s.len - 1);
    if (!two_digits(&s, 18, &hours))
        return false;
    if (s.len && s.ptr[0] == ':')
        s = str_of(s.ptr + 1, s.len - 1);
    if (s.len && (!two_digits(&s, 59, &minutes) || s.len))
        return false;
    *ret = arena_printf(arena, "%c%02d:%02d", sign, hours, minutes);
    return true;
}

int query_time_zone(struct str text, struct arena *arena, struct str *ret, struct error *err)
{
    for (size_t i = 0; i < sizeof short_ids / sizeof *short_ids; i++)
        if (str_is(text, short_ids[i][0])) {
            *ret = str_from(short_ids[i][1]);
            return 0;
        }
    static const char *const prefixes[] = {"UTC", "GMT", "UT", NULL};
    for (const char *const *p = prefixes; *p; p++) {
        size_t n = strlen(*p);
        if (str_starts(text, *p) && text.len > n && offset_zone(str_of(text.ptr + n, text.len - n), arena, ret))
            return 0;
    }
    if (offset_zone(text, arena, ret))
        return 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9' && i > 0) || c == '/' ||
                    c == '_' || c == '-' || (c == '+' && i > 0);
        if (!good)
            return error_set(err, ERROR_CONFIG,
                             "\"" STR_FMT "\" is no time zone; write an IANA name such as Asia/Tokyo, or +09:00",
                             STR_ARG(text));
    }
    *ret = arena_str(arena, text.len ? text : STR("UTC"));
    return 0;
}

int query_connect(const struct plugin_config *config, const char *application, const struct wake *stop, struct db **ret,
                  struct error *err)
{
    const struct query_config *c = config->parsed;
    struct arena arena = {.chunk_size = 256};
    struct db_options options = {
        .url = c->url,
        .user = c->user,
        .password = c->password,
        .application = arena_cstr(&arena, application),
        .isolation = c->isolation <= DB_ISOLATION_SERIALIZABLE ? (enum db_isolation)c->isolation : DB_ISOLATION_DEFAULT,
        .legacy_calendar = c->calendar == 0,
        .stop = stop,
    };
    int code = query_time_zone(c->time_zone, &arena, &options.time_zone, err);
    if (!code)
        code = db_open(&options, ret, err);
    arena_free(&arena);
    return code;
}
