#include "debezium/names.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool in_topic(char c, bool first)
{
    (void)first;
    return is_letter(c) || is_digit(c) || c == '.' || c == '-';
}

static bool in_schema(char c, bool first)
{
    return is_letter(c) || (!first && (is_digit(c) || c == '.'));
}

static bool in_field(char c, bool first)
{
    (void)first;
    return is_letter(c) || is_digit(c);
}

/* UTF-16 units of the character that starts with this byte; 0 for a byte inside of one. */
static int units(unsigned char c)
{
    return c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xf0 ? 1 : 2;
}

static struct str replaced(struct str name, struct arena *arena, bool (*good)(char, bool), bool underscore_before_digit)
{
    char *out = arena_alloc(arena, name.len + 2);
    size_t n = 0;
    if (underscore_before_digit && name.len && is_digit(name.ptr[0]))
        out[n++] = '_';
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (good(c, i == 0))
            out[n++] = c;
        else
            for (int k = units((unsigned char)c); k > 0; k--)
                out[n++] = '_';
    }
    out[n] = 0;
    return str_of(out, n);
}

struct str debezium_topic_name(struct str name, struct arena *arena)
{
    return replaced(name, arena, in_topic, false);
}

struct str debezium_schema_name(struct str name, struct arena *arena)
{
    return replaced(name, arena, in_schema, false);
}

struct str debezium_field_name(struct str name, struct arena *arena)
{
    return replaced(name, arena, in_field, true);
}
