/* Literals as Values.parseString reads them (compared with Kafka Connect 3.9.1), and numbers as Java parses them. */
#include "transforms/test/bench.h"

#include "transforms/java_number.h"
#include "transforms/literal.h"

#include <math.h>

static void parses(const char *text, const char *expected)
{
    struct bench b;
    bench_init(&b);
    const struct schema *schema;
    struct value v;
    literal_parse(test_text(&b, text), &b.arena, &schema, &v);
    assert_int_equal(write_payload(schema, &v, &b.out, NULL), 0);
    buf_add_literal(&b.out, " | ");
    describe(schema, &b.out);
    assert_string_equal(buf_cstr(&b.out), test_text(&b, expected).ptr);
    schema_unref(schema);
    bench_release(&b);
}

static void test_numbers(void **state)
{
    (void)state;
    parses("127", "127 | int8");
    parses("-129", "-129 | int16");
    parses("+32768", "32768 | int32");
    parses("2147483648", "2147483648 | int64");
    parses("9223372036854775807", "9223372036854775807 | int64");
    parses("9223372036854775808", "'AIAAAAAAAAAA' | bytes<org.apache.kafka.connect.data.Decimal 1>(scale=0)");
    parses("1.0", "1 | int8");
    parses("1e3", "1000 | int16");
    parses("1.5", "1.5 | float");
    parses("1e30", "1.0E30 | float");
    parses("1e300", "1.0E300 | double");
    parses("1e400", "'AQ==' | bytes<org.apache.kafka.connect.data.Decimal 1>(scale=-400)");
    parses("-.5", "-0.5 | float");
    parses("1e", "'1e' | string");
    parses("0x10", "'0x10' | string");
    parses("1:2", "1 | int8"); /* what follows a number is lost */
}

static void test_words(void **state)
{
    (void)state;
    parses("true", "true | boolean");
    parses(" false ", "false | boolean");
    parses("TRUE", "'TRUE' | string");
    parses("true}", "'true}' | string");
    parses("null", "null | none");
    parses("", "'' | string");
    parses("two words", "'two words' | string");
    parses("a,b", "'a,b' | string");
    parses("it`s", "'it`s' | string");
}

static void test_dates(void **state)
{
    (void)state;
    parses("2020-02-02", "18294 | int32<org.apache.kafka.connect.data.Date 1>");
    parses("13:31:12.065Z", "48672065 | int32<org.apache.kafka.connect.data.Time 1>");
    parses("2020-02-02T13:31:12.065Z", "1580650272065 | int64<org.apache.kafka.connect.data.Timestamp 1>");
    parses("2020-02-02T13\\:31\\:12.065Z", "1580650272065 | int64<org.apache.kafka.connect.data.Timestamp 1>");
    parses("2020-02-02x", "'2020-02-02x' | string");
}

static void test_arrays(void **state)
{
    (void)state;
    parses("[1, 300, 70000]", "[1,300,70000] | array[int32]");
    parses("[1, 2.5]", "[1.0,2.5] | array[float]");
    parses("[2.5, 1e300]", "[2.5,1.0E300] | array[double]");
    parses("['a','b']", "['a','b'] | array[string]");
    parses("[true, 1]", "[true,1] | none");
    parses("[]", "[] | none");
    parses("[1,]", "[1] | array[int8]");
    parses("[[1],[300],[]]", "[[1],[300],[]] | array[array[int16]]");
    parses("[[1],['a']]", "[[1],['a']] | none");
    parses("['2020-02-02']", "[18294] | array[int32<org.apache.kafka.connect.data.Date 1>]");
    parses("[1", "'[1' | string");
    parses("[1 2]", "'[1 2]' | string");
    parses("[x]", "'[x]' | string");
}

static void test_maps(void **state)
{
    (void)state;
    parses("{'a':1,'b':300}", "{'a':1,'b':300} | map[string:int16]");
    parses("{'a':1 'b':2}", "{'a':1,'b':2} | map[string:int8]");
    parses("{'a':1,'a':2}", "{'a':2} | map[string:int8]");
    parses("{'a':[1],'b':[2.5]}", "{'a':[1.0],'b':[2.5]} | map[string:array[float]]");
    parses("{'a':null}", "{'a':null} | none");
    parses("{}", "{} | none");
    parses("{a:1}", "'{a:1}' | string");
    parses("{'a'}", "'{\\'a\\'}' | string");
    parses("{null:1}", "'{null:1}' | string");
}

static void test_depth(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    for (int depth = LITERAL_MAX_DEPTH; depth <= LITERAL_MAX_DEPTH + 1; depth++) {
        AUTO_BUF text = {0};
        for (int i = 0; i < depth; i++)
            buf_add_char(&text, '[');
        buf_add_char(&text, '1');
        for (int i = 0; i < depth; i++)
            buf_add_char(&text, ']');
        const struct schema *schema;
        struct value v;
        literal_parse(buf_str(&text), &b.arena, &schema, &v);
        assert_int_equal(v.type, depth == LITERAL_MAX_DEPTH ? VALUE_ARRAY : VALUE_STRING);
        schema_unref(schema);
    }
    bench_release(&b);
}

static void decimal(const char *text, int64_t whole, bool integral, bool fits, int64_t scale)
{
    struct java_decimal d;
    assert_true(java_decimal_parse(str_from(text), &d));
    assert_int_equal(java_decimal_to_long(&d), whole);
    assert_int_equal(java_decimal_is_integral(&d), integral);
    assert_int_equal(java_decimal_fits_long(&d), fits);
    assert_int_equal(java_decimal_scale(&d), scale);
}

static void test_decimal(void **state)
{
    (void)state;
    decimal("-12.50", -12, false, true, 2);
    decimal("12.00", 12, true, true, 2);
    decimal("5e-1", 0, false, true, 1);
    decimal("1.25e2", 125, true, true, 0);
    decimal("-9223372036854775808", INT64_MIN, true, true, 0);
    decimal("9223372036854775808", INT64_MIN, true, false, 0);
    decimal("18446744073709551617", 1, true, false, 0);
    decimal("1e64", 0, true, false, -64);
    decimal("0e999999999", 0, true, true, -999999999);
    decimal("1e-999999999", 0, false, true, 999999999);
    struct java_decimal d;
    const char *const wrong[] = {"", "-", ".", "1.2.3", "1e", "1e1.5", " 1", "1e99999999999", "NaN", "1f", "+-1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(java_decimal_parse(str_from(wrong[i]), &d));
}

static void test_java_floats(void **state)
{
    (void)state;
    double d = 77;
    float f;
    assert_true(java_parse_double(STR("\t0x1.8p1\n"), &d) && d == 3);
    assert_true(java_parse_double(STR("-1.5e3D"), &d) && d == -1500);
    assert_true(java_parse_double(STR("NaN"), &d) && isnan(d));
    assert_true(java_parse_float(STR("+Infinity"), &f) && isinf(f));
    assert_true(java_parse_float(STR("1e-60"), &f) && f == 0);
    d = 77;
    const char *const wrong[] = {"",    "nan", "inf", "infinity", "0x1", "0x1.8", "1e",
                                 "1ff", "--1", "1 1", "e5",       ".",   "1_0"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(java_parse_double(str_from(wrong[i]), &d));
    assert_true(d == 77);
    assert_int_equal(java_double_to_int(NAN), 0);
    assert_int_equal(java_double_to_int(-1e10), INT32_MIN);
    assert_int_equal(java_double_to_long(1e19), INT64_MAX);
    assert_int_equal(java_double_to_long(-0.9), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_words),       cmocka_unit_test(test_dates),
        cmocka_unit_test(test_arrays),  cmocka_unit_test(test_maps),        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_decimal), cmocka_unit_test(test_java_floats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
