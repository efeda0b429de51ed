/* The name that was meant: the least edit distance, a swap of neighbours counted as one edit (Damerau). */
#include "conf/findings.h"

enum { NAME_MAX_COMPARED = 128 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Both at most NAME_MAX_COMPARED long. Three rows of the usual matrix are enough. */
static unsigned distance(struct str a, struct str b)
{
    unsigned rows[3][NAME_MAX_COMPARED + 1];
    unsigned *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b.len; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = lower(a.ptr[i - 1]) == lower(b.ptr[j - 1]);
            now[j] = least(last[j - 1] + !same, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a.ptr[i - 1]) == lower(b.ptr[j - 2]) &&
                lower(a.ptr[i - 2]) == lower(b.ptr[j - 1]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
        unsigned *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b.len];
}

/* "table.include" for "table.include.list": whole words left out at either end. */
static bool words_of(struct str part, struct str whole)
{
    if (part.len < 4 || part.len >= whole.len)
        return false;
    size_t skip = whole.len - part.len;
    return (memcmp(whole.ptr, part.ptr, part.len) == 0 && whole.ptr[part.len] == '.') ||
           (memcmp(whole.ptr + skip, part.ptr, part.len) == 0 && whole.ptr[skip - 1] == '.');
}

struct str findings_nearest(struct str name, const struct str *candidates, size_t n)
{
    struct str best = STR_NULL, extended = STR_NULL;
    if (name.len == 0 || name.len > NAME_MAX_COMPARED)
        return best;
    unsigned least_far = (unsigned)(name.len < 4 ? 1 : name.len < 9 ? 2 : name.len < 13 ? 3 : name.len / 4) + 1;
    for (size_t i = 0; i < n; i++) {
        if (candidates[i].len > NAME_MAX_COMPARED)
            continue;
        unsigned far = distance(name, candidates[i]);
        if (far < least_far && far < candidates[i].len) {
            least_far = far;
            best = candidates[i];
        }
        if (!extended.ptr && words_of(name, candidates[i]))
            extended = candidates[i];
    }
    return best.ptr ? best : extended;
}
