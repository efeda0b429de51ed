#include "wire/avro_node.h"

#include <locale.h>
#include <stdio.h>
#include <wctype.h>

static bool is_ascii_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One character of well-formed UTF-8 beyond ASCII; returns its length, 0 when it is none. */
static size_t decode(const char *p, size_t len, uint32_t *ret)
{
    unsigned char lead = (unsigned char)p[0];
    size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (!n || n > len)
        return 0;
    uint32_t c = lead & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | ((unsigned char)p[i] & 0x3f);
    }
    *ret = c;
    return n;
}

static bool is_letter(uint32_t c)
{
    static locale_t unicode; /* never freed: one for the process */
    locale_t known = __atomic_load_n(&unicode, __ATOMIC_ACQUIRE);
    if (!known) {
        known = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
        locale_t none = (locale_t)0;
        if (known && !__atomic_compare_exchange_n(&unicode, &none, known, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            freelocale(known);
            known = none;
        }
    }
    return known && iswalpha_l((wint_t)c, known);
}

bool avro_name_ok(struct str name)
{
    for (size_t i = 0; i < name.len;) {
        if (is_ascii_letter(name.ptr[i]) || (i > 0 && is_digit(name.ptr[i]))) {
            i++;
            continue;
        }
        uint32_t c;
        size_t n = decode(name.ptr + i, name.len - i, &c);
        if (!n || !is_letter(c))
            return false;
        i += n;
    }
    return name.len > 0;
}

bool avro_name_is_primitive(struct str name)
{
    for (int i = 0; i < AVRO_N_PRIMITIVES; i++)
        if (str_is(name, avro_type_names[i]))
            return true;
    return false;
}

struct str avro_name_scrub(struct arena *arena, struct str name)
{
    bool ok = name.len == 0 || !is_digit(name.ptr[0]);
    for (size_t i = 0; i < name.len && ok; i++)
        ok = is_ascii_letter(name.ptr[i]) || is_digit(name.ptr[i]);
    if (ok)
        return name;
    static const char hex[] = "0123456789ABCDEF";
    char *out = arena_alloc(arena, name.len * 3 + 2), *p = out;
    if (is_digit(name.ptr[0]))
        *p++ = 'x';
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (is_ascii_letter((char)c) || is_digit((char)c)) {
            *p++ = (char)c;
        } else if (strchr(" .-*", c) && c) { /* URLEncoder keeps . - * and writes a space as one + */
            *p++ = '_';
        } else {
            *p++ = '_';
            *p++ = hex[c >> 4];
            *p++ = hex[c & 15];
        }
    }
    *p = '\0';
    return str_of(out, (size_t)(p - out));
}

struct str avro_name_split(struct str full, struct str *ret_space)
{
    while (full.len > 1 && full.ptr[full.len - 1] == '.')
        full.len--;
    size_t dot = full.len;
    while (dot > 0 && full.ptr[dot - 1] != '.')
        dot--;
    *ret_space = dot > 1 ? str_of(full.ptr, dot - 1) : STR_NULL;
    return str_of(full.ptr + dot, full.len - dot);
}

struct str avro_name_scrub_full(struct arena *arena, struct str full)
{
    if (!full.ptr)
        return full;
    struct buf out = {0};
    for (struct str rest = full; rest.ptr;) {
        struct str part = str_split(rest, '.', &rest);
        if (out.len)
            buf_add_char(&out, '.');
        buf_add_str(&out, avro_name_scrub(arena, part));
    }
    struct str scrubbed = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return scrubbed;
}
