#include "transforms/java_map.h"

/* The next code point of well-formed UTF-8; anything else counts as one unit a byte. */
static uint32_t next_code_point(struct str *s)
{
    const uint8_t *p = (const uint8_t *)s->ptr;
    size_t n = p[0] < 0xc0 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    n = n > s->len ? 1 : n;
    uint32_t code = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++)
        code = code << 6 | (p[i] & 0x3f);
    s->ptr += n;
    s->len -= n;
    return code;
}

int32_t java_string_hash(struct str utf8)
{
    uint32_t h = 0;
    while (utf8.len) {
        uint32_t code = next_code_point(&utf8);
        if (code < 0x10000) {
            h = 31 * h + code;
        } else {
            h = 31 * h + 0xd800 + ((code - 0x10000) >> 10);
            h = 31 * h + 0xdc00 + (code & 0x3ff);
        }
    }
    return (int32_t)h;
}

void java_map_order(const struct str *keys, size_t n, uint32_t *ret)
{
    uint32_t slots = 1;
    while (slots < n)
        slots *= 2;
    if (n > (uint64_t)slots * 3 / 4) /* fuller than three quarters: it has grown once */
        slots *= 2;
    size_t at = 0;
    for (uint32_t slot = 0; slot < slots; slot++) {
        for (uint32_t i = 0; i < n; i++) {
            uint32_t h = (uint32_t)java_string_hash(keys[i]);
            if (((h ^ h >> 16) & (slots - 1)) == slot)
                ret[at++] = i;
        }
    }
}
