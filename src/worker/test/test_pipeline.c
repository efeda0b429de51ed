/* One task's way from source to sink: order, positions, back-pressure, transforms, errors of single records. */
#include "worker/test/fake.h"

static void everything_arrives_in_order_and_is_confirmed(void **state)
{
    struct fixture *f = *state;
    fake.total = 20000;
    assert_int_equal(put(f, "c", NULL), 0);
    wait_until(sunk_count() == 20000);
    assert_rows(1, 20000);
    wait_until(fake.confirmed == 20000);
    assert_string_equal(sunk.topic, "rows");
    assert_string_equal(sunk.key, "20000");
    fake.total = 20001; /* what comes later is not held back */
    wait_until(sunk_count() == 20001);
    assert_int_equal(fake.opened, 1);
}

static void under_load_commits_are_grouped(void **state)
{
    struct fixture *f = *state;
    fake.total = 100000;
    fake.batch_rows = 10;
    fake.write_delay_us = 10;
    put(f, "c", NULL);
    wait_until(sunk_count() == 100000);
    assert_rows(1, 100000);
    assert_true(fake.commits < 10000);
}

static void without_a_position_nothing_is_committed(void **state)
{
    struct fixture *f = *state;
    fake.total = 5000;
    fake.batch_rows = 10;
    fake.position_every = 1000000; /* only the last batch has one */
    fake.fail_row = 3000;
    fake.read_error = ERROR_DATA;
    put(f, "c", "task.restart.enable", "false", NULL);
    wait_until(task_state(f, "c", 0, NULL) == WORKER_FAILED);
    assert_int_equal(sunk_count(), 0);
    assert_int_equal(fake.commits, 0);
    assert_int_equal(fake.aborts, 1);
    fake.read_error = 0;
    struct error err = {0};
    assert_int_equal(worker_restart_task(f->worker, STR("c"), 0, &err), 0);
    wait_until(sunk_count() == 5000);
    assert_rows(1, 5000);
}

static void each_source_partition_keeps_its_own_position(void **state)
{
    struct fixture *f = *state;
    fake.total = 3000;
    fake.partitions = 3;
    fake.batch_rows = 7;
    put(f, "c", NULL);
    wait_until(sunk_count() == 3000);
    fixture_down(f);
    sunk.n = 0;
    fake.total = 3006;
    fixture_up(f);
    wait_until(sunk_count() == 6);
    usleep(20000);
    assert_int_equal(sunk_count(), 6); /* not one row again */
}

static void a_slow_sink_slows_the_reader(void **state)
{
    struct fixture *f = *state;
    fake.total = 50000;
    fake.batch_rows = 50;
    fake.payload = 2000;
    fake.hold = true;
    put(f, "c", "max.queue.size", "100", "max.queue.bytes", "200000", NULL);
    wait_until(fake.read_rows > 0);
    usleep(100000);
    long long read = fake.read_rows;
    assert_true(read <= 100 + 4 * 50);
    fake.total = 2000;
    fake.hold = false;
    wait_until(sunk_count() == 2000);
    assert_rows(1, 2000);
}

static void transforms_run_in_order_and_may_drop(void **state)
{
    struct fixture *f = *state;
    fake.total = 1000;
    put(f, "c", "transforms", "drop,name", "transforms.drop.type", "org.fake.Drop", "transforms.name.type",
        "org.fake.Rename", "transforms.name.text", "renamed", NULL);
    wait_until(sunk_count() == 500);
    assert_string_equal(sunk.topic, "renamed");
    for (size_t i = 0; i < 500; i++)
        assert_int_equal(sunk.rows[i], 2 * (i + 1));
    wait_until(fake.confirmed == 1000); /* a batch of dropped records moves the position too */
}

static void predicates_choose_records(void **state)
{
    struct fixture *f = *state;
    fake.total = 12;
    put(f, "c", "transforms", "drop", "transforms.drop.type", "org.fake.Drop", "transforms.drop.predicate", "first",
        "predicates", "first", "predicates.first.type", "org.fake.First", NULL);
    wait_until(fake.confirmed == 12);
    const int64_t expected[] = {2, 4, 6, 7, 8, 9, 10, 11, 12};
    assert_int_equal(sunk_count(), 9);
    assert_memory_equal(sunk.rows, expected, sizeof expected);
}

static void a_negated_predicate_chooses_the_others(void **state)
{
    struct fixture *f = *state;
    fake.total = 9;
    put(f, "c", "transforms", "drop", "transforms.drop.type", "org.fake.Drop", "transforms.drop.predicate", "first",
        "transforms.drop.negate", "true", "predicates", "first", "predicates.first.type", "org.fake.First", NULL);
    wait_until(fake.confirmed == 9);
    const int64_t expected[] = {1, 2, 3, 4, 5, 6, 8};
    assert_int_equal(sunk_count(), 7);
    assert_memory_equal(sunk.rows, expected, sizeof expected);
}

static void headers_are_text(void **state)
{
    struct fixture *f = *state;
    fake.total = 700; /* more than one chunk */
    fake.headers = 1;
    put(f, "c", NULL);
    wait_until(sunk_count() == 700);
    assert_string_equal(sunk.header, "text=ä;number=700;");
}

static void a_record_without_form_fails_the_task(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF trace = {0};
    fake.total = 100;
    fake.fail_row = 50;
    fake.encode_error = ERROR_DATA;
    put(f, "c", "task.restart.backoff.ms", "60000", NULL);
    wait_until(task_state(f, "c", 0, &trace) == WORKER_FAILED);
    assert_non_null(strstr(buf_cstr(&trace), "DATA: topic rows, value.converter: row 50 has no form"));
    assert_non_null(strstr(buf_cstr(&trace), "in connector c, task 0, while converting"));
    assert_non_null(strstr(buf_cstr(&trace), "POST /connectors/c/tasks/0/restart tries at once"));
    assert_int_equal(sunk_count(), 0);
}

static void tolerance_skips_the_record(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    fake.fail_row = 50;
    fake.encode_error = ERROR_DATA;
    put(f, "c", "errors.tolerance", "all", "errors.log.enable", "true", "errors.log.include.messages", "true", NULL);
    wait_until(sunk_count() == 99);
    assert_int_equal(sunk.rows[48], 49);
    assert_int_equal(sunk.rows[49], 51);
    wait_until(fake.confirmed == 100);
}

static void tolerance_skips_in_transforms_too(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    fake.fail_row = 50;
    put(f, "c", "errors.tolerance", "all", "transforms", "t", "transforms.t.type", "org.fake.Rename",
        "transforms.t.text", "other", NULL);
    wait_until(sunk_count() == 99);
    assert_int_equal(sunk.rows[49], 51);
    assert_string_equal(sunk.topic, "other");
}

static void what_may_pass_is_tried_again(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    fake.fail_row = 50;
    fake.encode_error = ERROR_CONNECTION;
    fake.failing_encodes = 2;
    put(f, "c", "errors.retry.timeout", "30000", "errors.retry.delay.max.ms", "5", "errors.tolerance", "all", NULL);
    wait_until(sunk_count() == 100);
    assert_rows(1, 100);
    assert_int_equal(fake.opened, 1);
}

static void what_may_pass_is_never_skipped(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    fake.fail_row = 50;
    fake.encode_error = ERROR_CONNECTION;
    fake.failing_encodes = 3;
    put(f, "c", "errors.tolerance", "all", NULL);
    wait_until(sunk_count() == 100);
    assert_rows(1, 100);
    assert_true(fake.opened >= 3);
}

static void a_failing_sink_begins_anew_without_loss_or_repetition(void **state)
{
    struct fixture *f = *state;
    fake.total = 5000;
    fake.commit_error = ERROR_NO_SPACE;
    put(f, "c", NULL);
    wait_until(fake.sink_opened >= 3);
    assert_int_equal(sunk_count(), 0);
    fake.commit_error = 0;
    wait_until(sunk_count() == 5000);
    assert_rows(1, 5000);
    assert_int_equal(task_state(f, "c", 0, NULL), WORKER_RUNNING);
}

static void a_broken_source_goes_on_at_the_last_commit(void **state)
{
    struct fixture *f = *state;
    fake.total = 10000;
    fake.batch_rows = 64;
    fake.fail_row = 7000;
    fake.read_error = ERROR_CONNECTION;
    put(f, "c", NULL);
    wait_until(fake.opened >= 3);
    fake.read_error = 0;
    wait_until(sunk_count() == 10000);
    assert_rows(1, 10000);
    assert_int_equal(fake.opened - fake.closed, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_arrives_in_order_and_is_confirmed),
        TEST(under_load_commits_are_grouped),
        TEST(without_a_position_nothing_is_committed),
        TEST(each_source_partition_keeps_its_own_position),
        TEST(a_slow_sink_slows_the_reader),
        TEST(transforms_run_in_order_and_may_drop),
        TEST(predicates_choose_records),
        TEST(a_negated_predicate_chooses_the_others),
        TEST(headers_are_text),
        TEST(a_record_without_form_fails_the_task),
        TEST(tolerance_skips_the_record),
        TEST(tolerance_skips_in_transforms_too),
        TEST(what_may_pass_is_tried_again),
        TEST(what_may_pass_is_never_skipped),
        TEST(a_failing_sink_begins_anew_without_loss_or_repetition),
        TEST(a_broken_source_goes_on_at_the_last_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
