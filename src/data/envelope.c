#include "data/envelope.h"

bool envelope_is(const struct schema *schema)
{
    return schema && str_ends(schema->name, ENVELOPE_SUFFIX);
}

static bool allowed(char c, bool first)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_')
        return true;
    return !first && (c == '.' || (c >= '0' && c <= '9'));
}

void envelope_schema_name(struct str proposed, struct buf *out)
{
    for (size_t i = 0; i < proposed.len; i++) {
        const unsigned char c = (unsigned char)proposed.ptr[i];
        bool inside = (c & 0xc0) == 0x80; /* the first byte of a character stands for all of it */
        if (!inside)
            buf_add_char(out, allowed((char)c, i == 0) ? (char)c : '_');
        if (c >= 0xf0) /* two of Java's chars */
            buf_add_char(out, '_');
    }
}
