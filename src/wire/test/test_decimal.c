/* Decimals against what java.math.BigDecimal and BigInteger give. */
#include "wire/decimal.h"

#include "base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;

static struct str hex_bytes(const char *hex)
{
    size_t n = strlen(hex) / 2;
    uint8_t *bytes = arena_alloc(&arena, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char digits[] = {hex[2 * i], hex[2 * i + 1], 0};
        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return str_of(bytes, n);
}

static const char *to_hex(struct str s)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_zalloc(&arena, 2 * s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        text[2 * i] = digits[(uint8_t)s.ptr[i] >> 4];
        text[2 * i + 1] = digits[(uint8_t)s.ptr[i] & 15];
    }
    return text;
}

static void test_int128(void **state)
{
    (void)state;
    const struct {
        __int128 v;
        const char *hex;
    } cases[] = {
        {0, "00"},
        {1, "01"},
        {-1, "ff"},
        {127, "7f"},
        {128, "0080"},
        {-128, "80"},
        {-129, "ff7f"},
        {255, "00ff"},
        {110, "6e"},
        {INT64_MAX, "7fffffffffffffff"},
        {INT64_MIN, "8000000000000000"},
        {(__int128)INT64_MAX + 1, "008000000000000000"},
        {(__int128)INT64_MIN - 1, "ff7fffffffffffffff"},
        {(__int128)(~(unsigned __int128)0 >> 1), "7fffffffffffffffffffffffffffffff"},
        {(__int128)((unsigned __int128)1 << 127), "80000000000000000000000000000000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t out[16];
        size_t len = decimal_from_int128(cases[i].v, out);
        assert_string_equal(to_hex(str_of(out, len)), cases[i].hex);
        __int128 back = 7;
        assert_true(decimal_to_int128(out, len, &back));
        assert_true(back == cases[i].v);
    }
}

static void test_int128_limits(void **state)
{
    (void)state;
    __int128 v = 7;
    struct str s = hex_bytes("0000000000000000000000000000000000000005");
    assert_true(decimal_to_int128((const uint8_t *)s.ptr, s.len, &v)); /* long, but not large */
    assert_true(v == 5);
    s = hex_bytes("fffffffffffffffffffffffffffffffffffffffe");
    assert_true(decimal_to_int128((const uint8_t *)s.ptr, s.len, &v));
    assert_true(v == -2);
    s = hex_bytes("0080000000000000000000000000000000");
    assert_false(decimal_to_int128((const uint8_t *)s.ptr, s.len, &v));
    s = hex_bytes("ff7fffffffffffffffffffffffffffffff");
    assert_false(decimal_to_int128((const uint8_t *)s.ptr, s.len, &v));
    assert_true(v == -2);
    assert_true(decimal_to_int128(NULL, 0, &v));
    assert_true(v == 0);
}

static void expect_text(const char *text, int32_t scale, bool round, const char *hex)
{
    struct error err;
    struct str s = STR("untouched");
    int rc = decimal_from_text(str_from(text), scale, round, &arena, &s, &err);
    if (hex) {
        if (rc)
            fail_msg("%s: %s", text, err.text);
        assert_string_equal(to_hex(s), hex);
        return;
    }
    assert_int_equal(rc, ERROR_DATA);
    assert_true(str_is(s, "untouched"));
}

static void test_from_text(void **state)
{
    (void)state;
    expect_text("1.10", 2, false, "6e");
    expect_text("-12.50", 2, false, "fb1e");
    expect_text("+7", 0, false, "07");
    expect_text("7", 3, false, "1b58");
    expect_text("1e3", 0, false, "03e8");
    expect_text("1E+3", 0, false, "03e8");
    expect_text("12e-1", 1, false, "0c");
    expect_text(".5", 1, false, "05");
    expect_text("5.", 0, false, "05");
    expect_text("0000000000000000000000000000000000000000000000012", 0, false, "0c");
    expect_text("-0", 2, false, "00");
    expect_text("0e999999999", 2, false, "00");
    expect_text("1000", -3, false, "01");
    expect_text("123456789012345678901234567890123456789", 0, false, "5ce0e9a56015fec5aadfa328ae398115");
    expect_text("-1234567890123456789012345678901234567890.5", 1, false, "dbb824bb6677687ac940a4441bf18993c7");
    expect_text("99999999999999999999999999999999999999", 0, false, "4b3b4ca85a86c47a098a223fffffffff");
    expect_text("1e38", 0, false, "4b3b4ca85a86c47a098a224000000000");
    expect_text("-1e38", 0, false, "b4c4b357a5793b85f675ddc000000000");
    expect_text("1e39", 0, false, "02f050fe938943acc45f65568000000000");
}

static void test_rounding(void **state)
{
    (void)state;
    expect_text("1.005", 2, false, NULL);
    expect_text("1.005", 2, true, "65");
    expect_text("1.004", 2, true, "64");
    expect_text("-1.005", 2, true, "9b");
    expect_text("0.5", 0, true, "01");
    expect_text("0.49999999999999999999999999999999999999999999", 0, true, "00");
    expect_text("0.5e-1", 0, true, "00");
    expect_text("9e-50", 2, true, "00");
    expect_text("9e-50", 2, false, NULL);
    expect_text("1.10000000000000000000000000000000000000000000000000", 2, false, "6e");
    expect_text("1.10000000000000000000000000000000000000000000000001", 2, false, NULL);
    expect_text("1.10500000000000000000000000000000000000000000000000", 2, true, "6f");
    expect_text("49", -2, true, "00");
    expect_text("50", -2, true, "01");
    expect_text("999.99", 1, true, "2710");
}

static void test_bad_text(void **state)
{
    (void)state;
    const char *const bad[] = {"",   "-",   "+",  ".",  "-.",  "e5",    "1e",  "1e+",      "1.2.3",
                               "0x", "NaN", " 1", "1 ", "--1", "1e1e1", "1,5", "Infinity", "1e1.5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_text(bad[i], 2, false, NULL);
    assert_int_equal(decimal_from_text(STR_NULL, 0, false, &arena, &(struct str){NULL, 0}, NULL), ERROR_DATA);
    expect_text("1e999999999999", 0, false, NULL); /* more digits than there may be */
    expect_text("1", INT32_MAX, false, NULL);
    expect_text("1e-999999999999", 5, true, "00");
    assert_int_equal(decimal_from_text(STR("x"), 0, false, &arena, &(struct str){NULL, 0}, NULL), ERROR_DATA);
}

static void expect_forms(const char *hex, int32_t scale, const char *plain, const char *java)
{
    AUTO_BUF a = {0}, b = {0};
    struct str s = hex_bytes(hex);
    decimal_to_text((const uint8_t *)s.ptr, s.len, scale, &a);
    decimal_to_java_text((const uint8_t *)s.ptr, s.len, scale, &b);
    assert_string_equal(buf_cstr(&a), plain);
    assert_string_equal(buf_cstr(&b), java);
}

static void test_to_text(void **state)
{
    (void)state;
    expect_forms("6e", 2, "1.10", "1.10");
    expect_forms("fb1e", 2, "-12.50", "-12.50");
    expect_forms("00", 0, "0", "0");
    expect_forms("00", 2, "0.00", "0.00");
    expect_forms("00", 7, "0.0000000", "0E-7");
    expect_forms("00", -3, "0", "0E+3");
    expect_forms("01", 6, "0.000001", "0.000001");
    expect_forms("01", 7, "0.0000001", "1E-7");
    expect_forms("ff", 7, "-0.0000001", "-1E-7");
    expect_forms("0c", 8, "0.00000012", "1.2E-7");
    expect_forms("7b", -3, "123000", "1.23E+5");
    expect_forms("01", -1, "10", "1E+1");
    expect_forms("", 2, "0.00", "0.00");
    expect_forms("dbb824bb6677687ac940a4441bf18993c7", 1, "-1234567890123456789012345678901234567890.5",
                 "-1234567890123456789012345678901234567890.5");
    expect_forms("80000000000000000000000000000000", 0, "-170141183460469231731687303715884105728",
                 "-170141183460469231731687303715884105728");
    expect_forms("8ac7230489e80000", 0, "-8446744073709551616", "-8446744073709551616");
    expect_forms("008ac7230489e80000", 0, "10000000000000000000", "10000000000000000000");
    expect_forms("01", INT32_MIN, "1E+2147483648", "1E+2147483648"); /* no two thousand million zeros */
    expect_forms("01", INT32_MAX, "1E-2147483647", "1E-2147483647");
}

static void test_long_numbers(void **state)
{
    (void)state;
    size_t n = DECIMAL_MAX_DIGITS;
    AUTO_FREE char *text = mem_zalloc(n + 2);
    memset(text, '9', n + 1);
    struct str s;
    struct error err;
    assert_int_equal(decimal_from_text(str_of(text, n), 0, false, &arena, &s, &err), 0);
    AUTO_BUF out = {0};
    decimal_to_text((const uint8_t *)s.ptr, s.len, 0, &out);
    assert_true(str_equal(buf_str(&out), str_of(text, n)));
    assert_int_equal(decimal_from_text(str_of(text, n + 1), 0, false, &arena, &s, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "digits"));
    assert_int_equal(decimal_from_text(str_of(text, n), 1, false, &arena, &s, &err), ERROR_DATA);
}

static void test_to_double(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int32_t scale;
        double d;
    } cases[] = {
        {"12.34", 2, 12.34},
        {"-0.1", 1, -0.1},
        {"0", 5, 0.0},
        {"9007199254740993", 0, 9007199254740992.0}, /* half way: to even */
        {"9007199254740995", 0, 9007199254740996.0},
        {"1e400", 0, HUGE_VAL},
        {"1e22", -22, 1e22},
        {"1e23", -23, 1e23},
        {"123456789012345678901234567890", 0, 123456789012345678901234567890.0},
        {"0.000000000000000000000000000000000000001", 39, 1e-39},
        {"3.14159265358979323846264338327950288", 35, 3.14159265358979323846264338327950288},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str s;
        assert_int_equal(decimal_from_text(str_from(cases[i].text), cases[i].scale, false, &arena, &s, NULL), 0);
        double d = decimal_to_double((const uint8_t *)s.ptr, s.len, cases[i].scale);
        assert_memory_equal(&d, &cases[i].d, sizeof d);
    }
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_int128),       cmocka_unit_test(test_int128_limits), cmocka_unit_test(test_from_text),
        cmocka_unit_test(test_rounding),     cmocka_unit_test(test_bad_text),      cmocka_unit_test(test_to_text),
        cmocka_unit_test(test_long_numbers), cmocka_unit_test(test_to_double),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
