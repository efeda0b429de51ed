/* RegexRouter and TimestampRouter. */
#include "transforms/test/bench.h"

#include <stdio.h>

extern const struct transform_plugin regex_router, timestamp_router;

static void routed(const struct transform_plugin *plugin, const char *settings, const char *topic, int64_t timestamp,
                   const char *expected)
{
    struct bench b;
    struct transform *t;
    struct error err;
    bool drop = false;
    size_t at;
    bench_init(&b);
    struct record *r = batch_add(&b.batch);
    r->topic = str_from(topic);
    r->timestamp = timestamp;
    int rc = open_transform(plugin, TRANSFORM_WHOLE, read_json(&b, settings), &t, &err);
    if (!rc) {
        rc = plugin->apply(t, &b.batch, 0, 1, &drop, &at, &err);
        buf_add_str(&b.out, r->topic);
        plugin->close(t);
    }
    assert_string_equal(rc ? err.text : buf_cstr(&b.out), test_text(&b, expected).ptr);
    bench_release(&b);
}

static void test_regex(void **state)
{
    (void)state;
    const char *settings = "{'regex':'shop\\\\.public\\\\.(.*)','replacement':'$1'}";
    routed(&regex_router, settings, "shop.public.orders", 0, "orders");
    routed(&regex_router, settings, "my.shop.public.orders", 0, "my.shop.public.orders");
    routed(&regex_router, "{'regex':'(?<a>.)(.*)','replacement':'${a}-$2$2\\\\$'}", "xyz", 0, "x-yzyz$");
    routed(&regex_router, "{'regex':'(','replacement':'x'}", "t", 0,
           "Invalid value ( for configuration regex: '(' is not a regular expression: missing closing parenthesis, at "
           "character 2");
}

/* Equal topics get equal addresses, and more topics than are remembered come out right, too. */
static void test_many(void **state)
{
    (void)state;
    enum { MANY = 10500 };
    struct bench b;
    struct transform *t;
    struct error err;
    bool drop[MANY] = {0};
    size_t at;
    bench_init(&b);
    assert_int_equal(open_transform(&regex_router, TRANSFORM_WHOLE,
                                    read_json(&b, "{'regex':'a(.*)','replacement':'b$1'}"), &t, &err),
                     0);
    for (int round = 0; round < 2; round++) {
        batch_reset(&b.batch);
        for (int i = 0; i < MANY; i++)
            batch_add(&b.batch)->topic = arena_printf(&b.batch.arena, "a%d", i < MANY - 1 ? i : 5);
        assert_int_equal(regex_router.apply(t, &b.batch, 0, MANY, drop, &at, &err), 0);
        for (int i = 0; i < MANY - 1; i++) {
            char expected[20];
            snprintf(expected, sizeof expected, "b%d", i);
            assert_true(str_is(b.batch.records[i].topic, expected));
        }
        assert_ptr_equal(b.batch.records[MANY - 1].topic.ptr, b.batch.records[5].topic.ptr);
    }
    regex_router.close(t);
    bench_release(&b);
}

static void test_timestamp(void **state)
{
    (void)state;
    routed(&timestamp_router, "{}", "orders", 1580650272065, "orders-20200202");
    routed(&timestamp_router, "{'timestamp.format':'yyyy-MM','topic.format':'${timestamp}/${topic}/${topic}${x'}",
           "a$1", 1580650272065, "2020-02/a$1/a$1${x");
    routed(&timestamp_router, "{}", "${timestamp}", 0, "19700101-19700101"); /* as Java replaces one after the other */
    routed(&timestamp_router, "{}", "orders", RECORD_NO_TIMESTAMP, "topic 'orders': Timestamp missing on record");
    routed(&timestamp_router, "{'timestamp.format':'b'}", "orders", 0,
           "timestamp.format: Illegal pattern character `b` in date pattern 'b'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regex),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_timestamp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
