#include "db/common/url.h"

static int hex_digit(int c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

int url_decode(struct str s, bool plus_is_space, struct arena *arena, struct str *ret, struct error *err)
{
    char *out = arena_alloc(arena, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '%') {
            out[n++] = s.ptr[i] == '+' && plus_is_space ? ' ' : s.ptr[i];
            continue;
        }
        int high = i + 2 < s.len ? hex_digit(s.ptr[i + 1]) : -1;
        int low = i + 2 < s.len ? hex_digit(s.ptr[i + 2]) : -1;
        if (high < 0 || low < 0)
            return error_set(
                err, ERROR_CONFIG,
                "the connection URL has a %% that two hexadecimal digits do not follow; write %%25 for the "
                "character itself");
        if (high == 0 && low == 0)
            return error_set(err, ERROR_CONFIG, "the connection URL has a %%00, which no name or password can hold");
        out[n++] = (char)(high * 16 + low);
        i += 2;
    }
    out[n] = '\0';
    *ret = str_of(out, n);
    return 0;
}
