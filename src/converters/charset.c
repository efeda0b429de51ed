#include "converters/charset.h"

#include "base/mem.h"

#include <errno.h>
#include <iconv.h>

enum { NAME_MAX_LEN = 64, STEP = 1024, CHARACTER_ROOM = 16 };
#define REPLACEMENT "\xef\xbf\xbd"

struct charset {
    bool utf8;        /* nothing to convert */
    bool utf16;       /* Java's "UTF-16": written with a mark, big-endian; read by its mark, else big-endian */
    size_t unit;      /* bytes that are skipped of what is malformed */
    iconv_t encoder;  /* from UTF-8 */
    iconv_t decoder;  /* to UTF-8 */
    iconv_t reversed; /* of utf16: from little-endian */
};

/* Sets whose name differs between Java and iconv. */
static const char *iconv_name(const char *java)
{
    static const char *const names[][2] = {
        {"UTF8", "UTF-8"},
        {"UTF-16", "UTF-16BE"},
        {"UTF16", "UTF-16BE"},
        {"x-UTF-16LE-BOM", "UTF-16"},
        {"windows-31j", "CP932"},
        {"x-windows-874", "CP874"},
        {"x-windows-949", "CP949"},
        {"x-windows-950", "CP950"},
        {"GB18030", "GB18030"},
        {"ISO8859_1", "ISO-8859-1"},
        {"ISO8859_15", "ISO-8859-15"},
        {"Cp1252", "CP1252"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is_nocase(str_from(java), names[i][0]))
            return names[i][1];
    return java;
}

static const iconv_t closed = (iconv_t)-1;

static void close_one(iconv_t i)
{
    if (i != closed)
        iconv_close(i);
}

void charset_free(struct charset *c)
{
    if (!c)
        return;
    close_one(c->encoder);
    close_one(c->decoder);
    close_one(c->reversed);
    mem_free_ptr(&c);
}

int charset_new(struct str name, struct charset **ret, struct error *err)
{
    char java[NAME_MAX_LEN + 1] = "";
    size_t len = name.len < NAME_MAX_LEN ? name.len : NAME_MAX_LEN;
    memcpy(java, name.len ? name.ptr : "", len);
    const char *known = iconv_name(java);
    struct charset *c = mem_new(struct charset);
    c->encoder = c->decoder = c->reversed = closed;
    c->utf8 = str_is_nocase(str_from(known), "UTF-8");
    c->unit = str_starts(str_from(known), "UTF-16") ? 2 : str_starts(str_from(known), "UTF-32") ? 4 : 1;
    c->utf16 = known != java && str_is(str_from(known), "UTF-16BE");
    bool ok = name.len > 0 && name.len <= NAME_MAX_LEN && !strchr(java, '/');
    if (ok && !c->utf8) {
        c->encoder = iconv_open(known, "UTF-8");
        c->decoder = iconv_open("UTF-8", known);
        ok = c->encoder != closed && c->decoder != closed;
    }
    if (ok && c->utf16) {
        c->reversed = iconv_open("UTF-8", "UTF-16LE");
        ok = c->reversed != closed;
    }
    if (!ok) {
        charset_free(c);
        return error_set(err, ERROR_CONFIG, "\"%s\" is not a known character set; for example UTF-8 or ISO-8859-1",
                         java);
    }
    *ret = c;
    return 0;
}

/* The length of the well-formed UTF-8 sequence at p, or 0 and the bytes that one replacement stands for. */
static size_t sequence_at(const uint8_t *p, size_t left, size_t *ret_bad)
{
    static const struct {
        uint8_t first, last, second_first, second_last, len;
    } leads[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    size_t kind = 0, n = 1;
    while (kind < sizeof leads / sizeof *leads && (p[0] < leads[kind].first || p[0] > leads[kind].last))
        kind++;
    *ret_bad = 1;
    if (kind == sizeof leads / sizeof *leads)
        return 0;
    for (; n < leads[kind].len && n < left; n++) {
        uint8_t low = n == 1 ? leads[kind].second_first : 0x80, high = n == 1 ? leads[kind].second_last : 0xbf;
        if (p[n] < low || p[n] > high)
            break;
    }
    *ret_bad = n;
    return n == leads[kind].len ? n : 0;
}

static void repair_utf8(struct str bytes, struct buf *out)
{
    while (bytes.len) {
        size_t bad, n = sequence_at((const uint8_t *)bytes.ptr, bytes.len, &bad);
        if (n)
            buf_add(out, bytes.ptr, n);
        else
            buf_add_literal(out, REPLACEMENT);
        bytes.ptr += n ? n : bad;
        bytes.len -= n ? n : bad;
    }
}

/* Runs all of `in` through; what cannot be converted is skipped, `unit` bytes or one UTF-8 sequence (unit 0) at a
 * time, and `replacement` stands for it. */
static void convert(iconv_t with, struct str in, struct str replacement, size_t unit, struct buf *out)
{
    char *from = (char *)(uintptr_t)in.ptr;
    size_t left = in.len;
    iconv(with, NULL, NULL, NULL, NULL);
    while (left) {
        char *to = buf_reserve(out, STEP + CHARACTER_ROOM);
        size_t room = out->cap - out->len;
        size_t rc = iconv(with, &from, &left, &to, &room);
        out->len = out->cap - room;
        if (rc != (size_t)-1 || errno == E2BIG || left == 0)
            continue;
        size_t bad, n = unit ? unit : sequence_at((const uint8_t *)from, left, &bad);
        n = n == 0 ? bad : n > left ? left : n;
        buf_add_str(out, replacement);
        from += n;
        left -= n;
    }
    char *to = buf_reserve(out, CHARACTER_ROOM);
    size_t room = out->cap - out->len;
    iconv(with, NULL, NULL, &to, &room); /* back to the initial state, where a set has one */
    out->len = out->cap - room;
}

void charset_encode(struct charset *c, struct str utf8, struct buf *out)
{
    if (c->utf8) {
        buf_add_str(out, utf8);
        return;
    }
    if (c->utf16 && utf8.len)
        buf_add_literal(out, "\xfe\xff");
    AUTO_BUF question = {0};
    convert(c->encoder, STR("?"), STR(""), 0, &question);
    convert(c->encoder, utf8, buf_str(&question), 0, out);
}

void charset_decode(struct charset *c, struct str bytes, struct buf *out)
{
    if (c->utf8) {
        repair_utf8(bytes, out);
        return;
    }
    iconv_t with = c->decoder;
    bool marked = c->utf16 && bytes.len >= 2;
    if (marked && (memcmp(bytes.ptr, "\xfe\xff", 2) == 0 || memcmp(bytes.ptr, "\xff\xfe", 2) == 0)) {
        with = bytes.ptr[0] == '\xff' ? c->reversed : with;
        bytes.ptr += 2;
        bytes.len -= 2;
    }
    convert(with, bytes, STR(REPLACEMENT), c->unit, out);
}
