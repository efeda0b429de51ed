/* A date pattern, a zero byte and a text: read by the pattern, and what was read written again. */
#include "transforms/date_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text, pattern = str_split(str_of(data, size), '\0', &text);
    struct arena arena = {0};
    struct date_format f;
    AUTO_BUF out = {0};
    int64_t ms;
    if (date_format_compile(pattern, &arena, &f, NULL) == 0 && date_format_parse(&f, text, &ms, NULL) == 0)
        date_format_write(&f, ms, &out);
    arena_free(&arena);
    return 0;
}
