/* Decimals: bytes and texts of any kind, and back to the same number. */
#include "wire/decimal.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

/* Both forms of a number of our own making read back as its bytes. */
static void there_and_back(struct str unscaled, int32_t scale, struct arena *arena)
{
    struct str again;
    struct error err;
    AUTO_BUF plain = {0}, java = {0};
    decimal_to_text((const uint8_t *)unscaled.ptr, unscaled.len, scale, &plain);
    decimal_to_java_text((const uint8_t *)unscaled.ptr, unscaled.len, scale, &java);
    if (plain.len >= DECIMAL_MAX_DIGITS) /* zeros of a negative scale count: the reader may refuse it */
        return;
    require(decimal_from_text(buf_str(&plain), scale, false, arena, &again, &err) == 0);
    require(str_equal(again, unscaled));
    require(decimal_from_text(buf_str(&java), scale, false, arena, &again, &err) == 0);
    require(str_equal(again, unscaled));
    double d = decimal_to_double((const uint8_t *)unscaled.ptr, unscaled.len, scale);
    require(!isnan(d) && d == strtod(buf_cstr(&java), NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct arena arena = {0};
    struct str unscaled;
    struct error err;
    int32_t scale = (int8_t)data[0] * (data[1] & 0x40 ? 16 : 1);
    bool round = data[1] & 1;
    data += 2;
    size -= 2;
    if (decimal_from_text(str_of(data, size), scale, round, &arena, &unscaled, &err) == 0)
        there_and_back(unscaled, scale, &arena);
    AUTO_BUF text = {0};
    decimal_to_text(data, size, scale, &text);
    if (decimal_from_text(buf_str(&text), scale, false, &arena, &unscaled, &err) == 0)
        there_and_back(unscaled, scale, &arena);
    decimal_to_double(data, size, scale);
    arena_free(&arena);
    return 0;
}
