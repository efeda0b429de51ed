#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "db/postgres/decode.h"
#include "wire/decimal.h"

#include <math.h>
#include <stdlib.h>

static struct arena arena;
static struct error err;
static uint8_t bytes[300000];
static size_t len;

static void put16(int v)
{
    bytes[len++] = (uint8_t)(v >> 8);
    bytes[len++] = (uint8_t)v;
}

/* What numeric_send makes of a decimal text. */
static void encode(const char *text)
{
    bool negative = *text == '-';
    text += negative;
    const char *point = strchr(text, '.');
    size_t before = point ? (size_t)(point - text) : strlen(text);
    size_t after = point ? strlen(point + 1) : 0;
    AUTO_BUF digits = {0};
    for (size_t i = 0; i < (4 - before % 4) % 4; i++)
        buf_add_char(&digits, '0');
    buf_add(&digits, text, before);
    int weight = (int)(digits.len / 4) - 1;
    if (point)
        buf_add(&digits, point + 1, after);
    while (digits.len % 4)
        buf_add_char(&digits, '0');
    size_t n = digits.len / 4, first = 0;
    while (first < n && memcmp(digits.data + 4 * first, "0000", 4) == 0) {
        first++;
        weight--;
    }
    while (n > first && memcmp(digits.data + 4 * (n - 1), "0000", 4) == 0)
        n--;
    len = 0;
    put16((int)(n - first));
    put16(n == first ? 0 : weight);
    put16(negative && n > first ? 0x4000 : 0);
    put16((int)after);
    for (size_t i = first; i < n; i++) {
        char group[5] = {0};
        memcpy(group, digits.data + 4 * i, 4);
        put16((int)strtol(group, NULL, 10));
    }
}

/* Text -> wire -> unscaled -> text. */
static void assert_decimal(const char *text, int32_t scale, const char *expected)
{
    struct str unscaled;
    AUTO_BUF out = {0};
    encode(text);
    assert_int_equal(pg_numeric_to_decimal(bytes, len, scale, &arena, &unscaled, &err), 0);
    decimal_to_text((const uint8_t *)unscaled.ptr, unscaled.len, scale, &out);
    assert_string_equal(buf_cstr(&out), expected);
    struct str other; /* the way over text has the same bytes: they are the shortest */
    assert_int_equal(decimal_from_text(str_from(expected), scale, false, &arena, &other, &err), 0);
    assert_int_equal(unscaled.len, other.len);
    assert_memory_equal(unscaled.ptr, other.ptr, other.len);
}

static void test_decimals(void **state)
{
    (void)state;
    assert_decimal("1.10", 2, "1.10");
    assert_decimal("42", 0, "42");
    assert_decimal("-12.50", 2, "-12.50");
    assert_decimal("0.00", 2, "0.00");
    assert_decimal("0.0001", 4, "0.0001");
    assert_decimal("-0.00000001", 8, "-0.00000001");
    assert_decimal("9999999999.99", 2, "9999999999.99");
    assert_decimal("1", 18, "1.000000000000000000");
    assert_decimal("12700", -2, "12700");
    assert_decimal("99999999999999999999", 0, "99999999999999999999");
    assert_decimal("-170141183460469231731687303715884105728", 0, "-170141183460469231731687303715884105728");
    assert_decimal("170141183460469231731687303715884105727", 0, "170141183460469231731687303715884105727");
}

static void test_every_length(void **state)
{
    (void)state;
    char text[900];
    for (int places = 1; places < 800; places += places < 60 ? 1 : 37) {
        for (int i = 0; i < places; i++)
            text[i] = (char)('1' + (i * 7) % 9);
        text[places] = '\0';
        assert_decimal(text, 0, text);
        AUTO_BUF scaled = {0};
        buf_printf(&scaled, "-0.%s", text);
        assert_decimal(buf_cstr(&scaled), places, buf_cstr(&scaled));
        arena_reset(&arena);
    }
}

static void test_unconstrained(void **state)
{
    (void)state;
    struct str unscaled;
    encode("3.14159");
    assert_int_equal(pg_numeric_to_decimal(bytes, len, 127, &arena, &unscaled, &err), 0);
    AUTO_BUF out = {0};
    decimal_to_text((const uint8_t *)unscaled.ptr, unscaled.len, 127, &out);
    assert_int_equal(out.len, 129);
    assert_memory_equal(buf_cstr(&out), "3.141590000", 11);
    /* beyond the fixed integer: through GMP */
    char text[2000];
    memset(text, '8', sizeof text);
    text[1500] = '\0';
    assert_decimal(text, 0, text);
}

static void test_does_not_fit(void **state)
{
    (void)state;
    struct str unscaled = STR("untouched");
    const char *const texts[] = {"1.125", "0.000000000000000000000000000000000000000001", "-5.001",
                                 "12345678901234567890123456789012345678.001"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        encode(texts[i]);
        assert_int_equal(pg_numeric_to_decimal(bytes, len, 2, &arena, &unscaled, &err), ERROR_DATA);
        assert_non_null(strstr(err.text, "scale 2"));
        assert_string_equal(unscaled.ptr, "untouched");
    }
}

static void assert_int(const char *text, int64_t expected)
{
    int64_t v = 0;
    encode(text);
    assert_int_equal(pg_numeric_to_int(bytes, len, &v, &err), 0);
    assert_true(v == expected);
}

static void test_integers(void **state)
{
    (void)state;
    assert_int("3.14159", 3); /* cut, as Java's getByte does */
    assert_int("-3.99", -3);
    assert_int("0.99", 0);
    assert_int("0", 0);
    assert_int("10000", 10000);
    assert_int("100000000", 100000000);
    assert_int("9223372036854775807", INT64_MAX);
    assert_int("-9223372036854775808", INT64_MIN);
    int64_t v = 7;
    encode("9223372036854775808");
    assert_int_equal(pg_numeric_to_int(bytes, len, &v, &err), ERROR_DATA);
    encode("99999999999999999999999999999999999999999999999999");
    assert_int_equal(pg_numeric_to_int(bytes, len, &v, &err), ERROR_DATA);
    assert_int_equal(v, 7);
}

static void test_doubles(void **state)
{
    (void)state;
    const char *const texts[] = {"1.10",
                                 "0",
                                 "-0.1",
                                 "12.34",
                                 "9007199254740993",
                                 "0.000000000000000000000000000001234",
                                 "123456789012345678901234567890.5",
                                 "99999999.99",
                                 "-1000000000000000000000000"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double d = 0;
        encode(texts[i]);
        assert_int_equal(pg_numeric_to_double(bytes, len, &d, &err), 0);
        assert_true(d == strtod(texts[i], NULL));
    }
}

static void test_texts(void **state)
{
    (void)state;
    const char *const texts[] = {"1.10", "0", "0.00", "-0.1", "12.3400", "10000", "0.00000001", "100000000.5", "-7"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        AUTO_BUF out = {0};
        encode(texts[i]);
        assert_int_equal(pg_numeric_to_text(bytes, len, &out, &err), 0);
        assert_string_equal(buf_cstr(&out), texts[i]);
    }
}

static void test_not_finite(void **state)
{
    (void)state;
    static const struct {
        int sign;
        const char *text;
    } cases[] = {{0xC000, "NaN"}, {0xD000, "Infinity"}, {0xF000, "-Infinity"}};
    for (size_t i = 0; i < 3; i++) {
        struct str unscaled;
        int64_t v;
        double d;
        AUTO_BUF out = {0};
        encode("0");
        bytes[4] = (uint8_t)(cases[i].sign >> 8);
        assert_int_equal(pg_numeric_to_decimal(bytes, len, 2, &arena, &unscaled, &err), ERROR_DATA);
        assert_int_equal(pg_numeric_to_int(bytes, len, &v, &err), ERROR_DATA);
        assert_non_null(strstr(err.text, "NULLIF"));
        assert_int_equal(pg_numeric_to_double(bytes, len, &d, &err), 0);
        assert_true(i == 0 ? isnan(d) : isinf(d) && (d > 0) == (i == 1));
        assert_int_equal(pg_numeric_to_text(bytes, len, &out, &err), 0);
        assert_string_equal(buf_cstr(&out), cases[i].text);
    }
}

static void test_garbage(void **state)
{
    (void)state;
    struct str unscaled;
    encode("123.45");
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(pg_numeric_to_decimal(bytes, cut, 2, &arena, &unscaled, &err), ERROR_DATA);
    bytes[8] = 0x7f; /* a digit beyond 9999 */
    assert_int_equal(pg_numeric_to_decimal(bytes, len, 2, &arena, &unscaled, &err), ERROR_DATA);
    encode("1");
    bytes[4] = 0x12;
    assert_int_equal(pg_numeric_to_decimal(bytes, len, 2, &arena, &unscaled, &err), ERROR_DATA);
    encode("1");
    bytes[2] = 0x7f; /* 1 followed by 130000 zeros: an answer, or an error, but at once */
    int code = pg_numeric_to_decimal(bytes, len, 2, &arena, &unscaled, &err);
    assert_true(code == 0 || code == ERROR_DATA);
    bytes[2] = 0x80; /* 131072 places behind the point */
    code = pg_numeric_to_decimal(bytes, len, 2, &arena, &unscaled, &err);
    assert_int_equal(code, ERROR_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimals),     cmocka_unit_test(test_every_length), cmocka_unit_test(test_unconstrained),
        cmocka_unit_test(test_does_not_fit), cmocka_unit_test(test_integers),     cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_texts),        cmocka_unit_test(test_not_finite),   cmocka_unit_test(test_garbage),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
