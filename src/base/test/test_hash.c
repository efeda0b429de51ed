#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

#include <string.h>

static void crc32c_known_values(void **state)
{
    (void)state;
    uint8_t bytes[32];
    assert_int_equal(crc32c(0, "", 0), 0);
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283u);
    /* RFC 3720, B.4 */
    memset(bytes, 0, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aau);
    memset(bytes, 0xff, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43u);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(crc32c(0, bytes, 32), 0x46dd794eu);
}

static void crc32c_chains_and_both_ways_agree(void **state)
{
    (void)state;
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 3);
    for (size_t start = 0; start < 9; start++) {
        for (size_t len = 0; len + start <= sizeof bytes; len++) {
            uint32_t whole = crc32c(0, bytes + start, len);
            assert_int_equal(whole, crc32c_portable(0, bytes + start, len));
            size_t half = len / 2;
            assert_int_equal(whole, crc32c(crc32c(0, bytes + start, half), bytes + start + half, len - half));
        }
    }
}

static void murmur2_as_kafka(void **state)
{
    (void)state;
    /* The cases of Kafka's UtilsTest.testMurmur2. */
    static const struct {
        const char *text;
        int32_t hash;
    } cases[] = {
        {"21", -973932308},
        {"foobar", -790332482},
        {"a-little-bit-long-string", -985981536},
        {"a-little-bit-longer-string", -1486304829},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
        {"abc", 479470107},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal((int32_t)murmur2(cases[i].text, strlen(cases[i].text)), cases[i].hash);
    /* Bytes above 127 in the body and in every length of tail are taken unsigned. */
    assert_int_not_equal(murmur2("\xff\x80\xfe", 3), murmur2("\x7f\x80\xfe", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32c_known_values),
        cmocka_unit_test(crc32c_chains_and_both_ways_agree),
        cmocka_unit_test(murmur2_as_kafka),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
