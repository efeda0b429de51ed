/* The format of java.util.Properties.load: logical lines of natural ones, then name, separator, value. */
#include "base/buf.h"
#include "conf/reader.h"

struct lines {
    struct str rest; /* what is not read yet */
    size_t number;   /* of the line that was read last */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

static struct str skip_blanks(struct str s)
{
    while (s.len && is_blank(*s.ptr))
        s = str_of(s.ptr + 1, s.len - 1);
    return s;
}

/* Up to \n, \r or \r\n. */
static struct str natural_line(struct lines *l)
{
    size_t n = 0;
    while (n < l->rest.len && l->rest.ptr[n] != '\n' && l->rest.ptr[n] != '\r')
        n++;
    struct str line = str_of(l->rest.ptr, n);
    if (n + 1 < l->rest.len && l->rest.ptr[n] == '\r' && l->rest.ptr[n + 1] == '\n')
        n++;
    n += n < l->rest.len;
    l->rest = str_of(l->rest.ptr + n, l->rest.len - n);
    l->number++;
    return line;
}

static bool continues(struct str line)
{
    size_t slashes = 0;
    while (slashes < line.len && line.ptr[line.len - 1 - slashes] == '\\')
        slashes++;
    return slashes % 2 == 1;
}

/* The next line that says something, continued ones joined; false at the end. */
static bool logical_line(struct lines *l, struct buf *ret, size_t *ret_number)
{
    buf_clear(ret);
    while (l->rest.len) {
        struct str line = skip_blanks(natural_line(l));
        if (!line.len || *line.ptr == '#' || *line.ptr == '!')
            continue;
        *ret_number = l->number;
        while (continues(line)) {
            buf_add(ret, line.ptr, line.len - 1);
            if (!l->rest.len)
                return true;
            line = skip_blanks(natural_line(l));
        }
        buf_add_str(ret, line);
        return true;
    }
    return false;
}

static bool hex4(struct str s, uint32_t *ret)
{
    if (s.len < 4)
        return false;
    uint32_t v = 0;
    for (size_t i = 0; i < 4; i++) {
        char c = s.ptr[i];
        bool digit = c >= '0' && c <= '9', low = c >= 'a' && c <= 'f', high = c >= 'A' && c <= 'F';
        if (!digit && !low && !high)
            return false;
        v = v << 4 | (uint32_t)(digit ? c - '0' : low ? c - 'a' + 10 : c - 'A' + 10);
    }
    *ret = v;
    return true;
}

static void add_utf8(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_add_char(out, (char)c);
    } else if (c < 0x800) {
        buf_add_char(out, (char)(0xC0 | c >> 6));
        buf_add_char(out, (char)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        buf_add_char(out, (char)(0xE0 | c >> 12));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
        buf_add_char(out, (char)(0x80 | (c & 0x3F)));
    } else {
        buf_add_char(out, (char)(0xF0 | c >> 18));
        buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3F)));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
        buf_add_char(out, (char)(0x80 | (c & 0x3F)));
    }
}

/* What follows "\u" at s; UTF-16, so two of them may make one character. 0 when it is none, else the bytes read. */
static size_t unicode_escape(struct str s, struct buf *out)
{
    uint32_t c, low;
    if (!hex4(s, &c) || c == 0 || (c >= 0xDC00 && c <= 0xDFFF))
        return 0;
    if (c < 0xD800 || c > 0xDBFF) {
        add_utf8(out, c);
        return 4;
    }
    if (s.len < 10 || s.ptr[4] != '\\' || s.ptr[5] != 'u' || !hex4(str_of(s.ptr + 6, s.len - 6), &low) ||
        low < 0xDC00 || low > 0xDFFF)
        return 0;
    add_utf8(out, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
    return 10;
}

/* The length of the name at the start of the line, escapes included. */
static size_t name_length(struct str line)
{
    size_t n = 0;
    while (n < line.len && !is_blank(line.ptr[n]) && line.ptr[n] != '=' && line.ptr[n] != ':')
        n += line.ptr[n] == '\\' && n + 1 < line.len ? 2 : 1;
    return n;
}

static bool unescape(struct str s, struct buf *out)
{
    static const char from[] = "tnrf", to[] = "\t\n\r\f";
    buf_clear(out);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '\\' || i + 1 == s.len) {
            buf_add_char(out, s.ptr[i]);
            continue;
        }
        char c = s.ptr[++i];
        const char *known = memchr(from, c, sizeof from - 1);
        if (c == 'u') {
            size_t n = unicode_escape(str_of(s.ptr + i + 1, s.len - i - 1), out);
            if (!n)
                return false;
            i += n;
        } else {
            buf_add_char(out, known ? to[known - from] : c);
        }
    }
    return true;
}

static int read_line(struct str line, const char *what, size_t number, struct config *ret, struct error *err)
{
    size_t n = name_length(line);
    struct str value = skip_blanks(str_of(line.ptr + n, line.len - n));
    if (value.len && (*value.ptr == '=' || *value.ptr == ':'))
        value = skip_blanks(str_of(value.ptr + 1, value.len - 1));
    AUTO_BUF
    name_text = {0}, value_text = {0};
    if (!unescape(str_of(line.ptr, n), &name_text) || !unescape(value, &value_text))
        return error_set(err, ERROR_CONFIG,
                         "%s: line %zu: \\u must be followed by the four hexadecimal digits of a character, and a "
                         "backslash is written \\\\",
                         what, number);
    return reader_set(ret, buf_str(&name_text), buf_str(&value_text), what, number, err);
}

int config_read_properties(struct str text, const char *what, struct config *ret, struct error *err)
{
    struct lines lines = {0};
    int code = reader_begin(text, what, &lines.rest, err);
    AUTO_BUF
    line = {0};
    size_t number = 0;
    while (!code && logical_line(&lines, &line, &number))
        code = read_line(buf_str(&line), what, number, ret, err);
    return code;
}

int reader_properties_file(struct str text, const char *what, struct reader_out *out, struct error *err)
{
    struct config_connector found = {0};
    config_init(&found.config);
    int code = config_read_properties(text, what, &found.config, err);
    if (!code && !found.config.entries.len)
        code = error_set(err, ERROR_CONFIG, "%s: no connector in it; write lines such as connector.class=...", what);
    if (!code)
        code = reader_hand_over(&found, STR_NULL, what, out, err);
    config_release(&found.config);
    return code;
}
