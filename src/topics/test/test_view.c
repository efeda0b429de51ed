#include "topics/test/log_fixture.h"

static void assert_value(struct topics_view *v, const char *key, const char *expected)
{
    struct buf out = {0};
    bool found = topics_view_get(v, str_from(key), &out);
    assert_int_equal(found, expected != NULL);
    if (expected)
        assert_string_equal(buf_cstr(&out), expected);
    buf_free(&out);
}

static int add_pair(void *ctx, struct str key, struct str value)
{
    buf_printf(ctx, STR_FMT "=" STR_FMT " ", STR_ARG(key), STR_ARG(value));
    return 0;
}

static int stop_at_once(void *ctx, struct str key, struct str value)
{
    (void)key;
    (void)value;
    ++*(int *)ctx;
    return 1;
}

static void assert_each(struct topics_view *v, const char *expected)
{
    struct buf out = {0};
    topics_view_each(v, add_pair, &out);
    assert_string_equal(buf_cstr(&out), expected);
    buf_free(&out);
}

static void test_view(void **state)
{
    struct fixture *f = *state;
    const struct topic_config config = TOPIC_CONFIG_COMPACT;
    struct topics_view *v;
    ok(topics_view_open(f->log, STR("configs"), &config, &v, &err));
    assert_value(v, "a", NULL);
    ok(topics_view_put(v, STR("a"), STR("1"), &err));
    ok(topics_view_put(v, STR("b"), STR("1"), &err));
    ok(topics_view_put(v, STR("c"), STR(""), &err));
    assert_value(v, "a", "1");
    assert_value(v, "c", "");
    ok(topics_view_put(v, STR("a"), STR("2"), &err));
    assert_each(v, "b=1 c= a=2 ");
    ok(topics_view_put(v, STR("b"), STR_NULL, &err));
    ok(topics_view_put(v, STR("never there"), STR_NULL, &err));
    assert_value(v, "b", NULL);
    assert_each(v, "c= a=2 ");
    int calls = 0;
    topics_view_each(v, stop_at_once, &calls);
    assert_int_equal(calls, 1);

    const struct topics_record both[] = {record_of("d", "4", INT64_MIN), record_of("a", "3", INT64_MIN)};
    ok(topics_view_put_all(v, both, 2, &err));
    assert_each(v, "c= d=4 a=3 ");
    const struct topics_record half[] = {record_of("e", "5", INT64_MIN), record_of(NULL, "no key", INT64_MIN)};
    refuses(topics_view_put_all(v, half, 2, &err), ERROR_DATA, "needs a key");
    assert_value(v, "e", NULL);

    /* what others append is seen after a refresh */
    put(f->log, make_topic(f->log, "configs", config), "a", "by a task", 0);
    assert_value(v, "a", "3");
    ok(topics_view_refresh(v, &err));
    assert_value(v, "a", "by a task");
    topics_view_close(v);

    fixture_reopen(f);
    ok(topics_compact(f->log, STR("configs"), &err));
    ok(topics_view_open(f->log, STR("configs"), &config, &v, &err));
    assert_each(v, "c= d=4 a=by a task ");
    topics_view_close(v);
    topics_view_close(NULL);
}

static void test_partitions(void **state)
{
    struct fixture *f = *state;
    struct topic_config config = TOPIC_CONFIG_COMPACT;
    config.partitions = 25;
    struct topics_view *v;
    ok(topics_view_open(f->log, STR("offsets"), &config, &v, &err));
    char key[16], value[16];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 100; i++) {
            snprintf(key, sizeof key, "key-%d", i);
            snprintf(value, sizeof value, "%d", i + round);
            ok(topics_view_put(v, str_from(key), str_from(value), &err));
        }
    for (int again = 0; again < 2; again++) {
        for (int i = 0; i < 100; i++) {
            snprintf(key, sizeof key, "key-%d", i);
            snprintf(value, sizeof value, "%d", i + 1);
            assert_value(v, key, value);
        }
        topics_view_close(v);
        fixture_reopen(f);
        ok(topics_view_open(f->log, STR("offsets"), &config, &v, &err));
    }
    topics_view_close(v);
    int used = 0;
    for (int32_t p = 0; p < 25; p++) {
        int64_t begin, end;
        ok(topics_offsets(f->log, STR("offsets"), p, &begin, &end, &err));
        used += end > 0;
    }
    assert_true(used > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_view, setup, teardown),
        cmocka_unit_test_setup_teardown(test_partitions, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
