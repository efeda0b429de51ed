/* Connectors from creation to deletion, over restarts of the process, and after failures. */
#include "worker/test/fake.h"

static void set_target(struct fixture *f, const char *name, enum target_state target)
{
    struct error err = {0};
    if (worker_set_target(f->worker, str_from(name), target, true, &err))
        fail_msg("%s", err.text);
}

static void pause_and_resume(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    put(f, "c", NULL);
    wait_until(sunk_count() == 100);
    await(f, "c", WORKER_RUNNING);
    set_target(f, "c", TARGET_PAUSED);
    await(f, "c", WORKER_PAUSED);
    assert_int_equal(fake.closed, 1);
    fake.total = 200;
    usleep(20000);
    assert_int_equal(sunk_count(), 100);
    set_target(f, "c", TARGET_PAUSED); /* once more changes nothing */
    set_target(f, "c", TARGET_STARTED);
    wait_until(sunk_count() == 200);
    assert_rows(1, 200);
    await(f, "c", WORKER_RUNNING);
    assert_int_equal(fake.opened, 2);
}

static void stop_gives_up_the_tasks(void **state)
{
    struct fixture *f = *state;
    struct arena arena = {0};
    struct worker_connector_status status;
    fake.total = 100;
    fake.plan_tasks = 2;
    put(f, "c", "tasks.max", "2", NULL);
    await(f, "c", WORKER_RUNNING);
    assert_int_equal(configs_task_count(f->worker->configs, STR("c")), 2);
    set_target(f, "c", TARGET_STOPPED);
    assert_int_equal(worker_status(f->worker, STR("c"), &arena, &status, NULL), 0);
    assert_int_equal(status.state, WORKER_STOPPED);
    assert_int_equal(status.n_tasks, 0);
    assert_int_equal(configs_task_count(f->worker->configs, STR("c")), 0);
    AUTO_BUF trace = {0};
    enum worker_state stored;
    assert_false(statuses_get(f->worker->statuses, STR("c"), 0, &stored, &trace));
    set_target(f, "c", TARGET_STARTED);
    await(f, "c", WORKER_RUNNING);
    arena_free(&arena);
}

static void delete_forgets_all_but_the_position(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    AUTO_BUF trace = {0};
    enum worker_state stored;
    fake.total = 100;
    put(f, "c", NULL);
    wait_until(sunk_count() == 100);
    assert_int_equal(worker_delete_connector(f->worker, STR("c"), &err), 0);
    assert_int_equal(fake.closed, fake.opened);
    assert_int_equal(worker_delete_connector(f->worker, STR("c"), &err), ERROR_NOT_FOUND);
    assert_int_equal(configs_task_count(f->worker->configs, STR("c")), -1);
    assert_false(statuses_get(f->worker->statuses, STR("c"), -1, &stored, &trace));
    fake.total = 150;
    put(f, "c", NULL);
    wait_until(sunk_count() == 150);
    assert_rows(1, 150);
}

static void a_new_process_goes_on_where_the_last_one_stood(void **state)
{
    struct fixture *f = *state;
    fake.total = 1000;
    put(f, "running", NULL);
    put(f, "paused", NULL);
    put(f, "stopped", NULL);
    wait_until(sunk_count() == 3000);
    set_target(f, "paused", TARGET_PAUSED);
    set_target(f, "stopped", TARGET_STOPPED);
    fixture_down(f);
    assert_int_equal(fake.closed, fake.opened);
    assert_int_equal(fake.sink_closed, fake.sink_opened);

    fake.plan_error = 0;
    sunk.n = 0;
    fake.total = 1500;
    fixture_up(f);
    await(f, "running", WORKER_RUNNING);
    await(f, "paused", WORKER_PAUSED);
    await(f, "stopped", WORKER_STOPPED);
    wait_until(sunk_count() == 500);
    usleep(10000);
    assert_rows(1001, 1500);
    set_target(f, "paused", TARGET_STARTED);
    wait_until(sunk_count() == 1000);
}

static void a_paused_connector_is_shown_without_its_database(void **state)
{
    struct fixture *f = *state;
    fake.total = 10;
    put(f, "c", NULL);
    wait_until(sunk_count() == 10);
    set_target(f, "c", TARGET_PAUSED);
    fixture_down(f);
    fake.plan_error = ERROR_CONNECTION;
    fixture_up(f);
    await(f, "c", WORKER_PAUSED);
    assert_int_equal(task_state(f, "c", 0, NULL), WORKER_PAUSED);
    fake.plan_error = 0;
    set_target(f, "c", TARGET_STARTED);
    await(f, "c", WORKER_RUNNING);
}

static void stop_commits_what_was_read(void **state)
{
    struct fixture *f = *state;
    fake.total = 300000;
    fake.write_delay_us = 1000;
    put(f, "c", NULL);
    wait_until(sunk_count() > 1000);
    fixture_down(f);
    size_t committed = sunk_count();
    assert_true(committed < 300000);
    assert_int_equal(fake.aborts, 0);
    assert_int_equal(fake.read_rows, committed);
    assert_int_equal(fake.confirmed, committed);
    fake.write_delay_us = 0;
    fake.total = (long long)committed + 100;
    fixture_up(f);
    wait_until(sunk_count() == committed + 100);
    assert_rows(1, (int64_t)committed + 100);
}

static void what_cannot_be_had_is_tried_again_by_itself(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF trace = {0};
    fake.total = 10;
    fake.open_error = ERROR_AUTH; /* not one that passes by itself */
    put(f, "c", NULL);
    wait_until(task_state(f, "c", 0, &trace) == WORKER_FAILED);
    assert_non_null(strstr(buf_cstr(&trace), "AUTH: the database is not there"));
    assert_non_null(strstr(buf_cstr(&trace), "while opening the source"));
    wait_until(fake.opened >= 3);
    fake.open_error = 0;
    wait_until(sunk_count() == 10);
    await(f, "c", WORKER_RUNNING);
    task_state(f, "c", 0, &trace);
    assert_int_equal(trace.len, 0);
}

static void the_wait_grows(void **state)
{
    struct fixture *f = *state;
    fake.open_error = ERROR_CONNECTION;
    put(f, "c", "task.restart.backoff.ms", "10", "task.restart.backoff.max.ms", "40", NULL);
    wait_until(fake.opened >= 3);
    int64_t start = clock_mono_ms();
    int before = fake.opened;
    wait_until(fake.opened >= before + 3);
    assert_true(clock_mono_ms() - start >= 60);
}

static void a_hiccup_is_no_failure(void **state)
{
    struct fixture *f = *state;
    fake.total = 10;
    fake.open_error = ERROR_CONNECTION;
    put(f, "c", "task.restart.backoff.ms", "60000", NULL);
    wait_until(task_state(f, "c", 0, NULL) == WORKER_RESTARTING);
}

static void a_restart_by_hand_happens_at_once(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    fake.total = 10;
    fake.open_error = ERROR_AUTH;
    put(f, "c", "task.restart.backoff.ms", "60000", NULL);
    wait_until(task_state(f, "c", 0, NULL) == WORKER_FAILED);
    fake.open_error = 0;
    assert_int_equal(worker_restart_task(f->worker, STR("c"), 0, &err), 0);
    await(f, "c", WORKER_RUNNING);
    wait_until(sunk_count() == 10);
    assert_int_equal(worker_restart_task(f->worker, STR("c"), 1, &err), ERROR_NOT_FOUND);
    assert_int_equal(worker_restart_task(f->worker, STR("d"), 0, &err), ERROR_NOT_FOUND);
    assert_int_equal(fake.opened, 2);
    assert_int_equal(worker_restart(f->worker, STR("c"), true, true, &err), 0); /* nothing has failed */
    usleep(20000);
    assert_int_equal(fake.opened, 2);
    assert_int_equal(worker_restart(f->worker, STR("c"), true, false, &err), 0);
    wait_until(fake.opened == 3);
    await(f, "c", WORKER_RUNNING);
}

static void a_restart_may_be_left_to_people(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF trace = {0};
    fake.open_error = ERROR_AUTH;
    put(f, "c", "task.restart.enable", "false", NULL);
    wait_until(task_state(f, "c", 0, &trace) == WORKER_FAILED);
    assert_non_null(strstr(buf_cstr(&trace), "it stays like this until"));
    usleep(60000);
    assert_int_equal(fake.opened, 1);
}

static void a_plan_that_fails_is_tried_again(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    fake.total = 10;
    fake.plan_error = ERROR_CONNECTION;
    put(f, "c", NULL);
    assert_int_equal(worker_await(f->worker, STR("c"), WORKER_RUNNING, FAKE_WAIT_MS, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "the plan did not work"));
    fake.plan_error = 0;
    wait_until(sunk_count() == 10);
    await(f, "c", WORKER_RUNNING);
}

static void a_new_configuration_replaces_the_tasks(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    put(f, "c", NULL);
    wait_until(sunk_count() == 100);
    put(f, "c", NULL); /* the same: nothing happens */
    usleep(20000);
    assert_int_equal(fake.opened, 1);
    put(f, "c", "transforms", "t", "transforms.t.type", "org.fake.Rename", "transforms.t.text", "other", NULL);
    wait_until(fake.opened == 2); /* or the task before would still write the new rows */
    fake.total = 200;
    wait_until(sunk_count() == 200);
    assert_rows(1, 200);
    assert_string_equal(sunk.topic, "other");
    assert_int_equal(fake.opened, 2);
}

static void many_connectors_at_once(void **state)
{
    struct fixture *f = *state;
    struct arena arena = {0};
    struct worker_connector_status *list;
    fake.total = 200;
    for (int i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        assert_int_equal(put(f, name, NULL), 0);
    }
    wait_until(sunk_count() == 20 * 200);
    assert_int_equal(worker_list(f->worker, &arena, &list), 20);
    assert_true(str_is(list[19].name, "c19"));
    arena_free(&arena);
}

static void wrong_configurations_are_refused(void **state)
{
    struct fixture *f = *state;
    struct config c;
    struct error err = {0};
    config_init(&c);
    config_set(&c, STR("connector.class"), STR("fake"));
    config_set(&c, STR("fake.number"), STR("77"));
    config_set(&c, STR("transforms"), STR("a,a"));
    config_set(&c, STR("errors.tolerance"), STR("some"));
    assert_int_equal(worker_put_connector(f->worker, STR("c"), &c, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "contains the following 3 error(s):"));
    assert_non_null(strstr(err.text, "fake.number"));
    struct arena arena = {0};
    struct worker_connector_status *list;
    assert_int_equal(worker_list(f->worker, &arena, &list), 0);
    arena_free(&arena);
    config_release(&c);
}

static void the_database_may_be_away_when_a_file_names_it(void **state)
{
    struct fixture *f = *state;
    fake.total = 10;
    fake.check_finding = 1;
    assert_int_equal(put(f, "c", NULL), 0);
    wait_until(sunk_count() == 10);
}

static void worker_properties_are_checked(void **state)
{
    struct fixture *f = *state;
    struct worker *w = NULL;
    struct error err = {0};
    struct config properties;
    config_init(&properties);
    config_set(&properties, STR("rest.port"), STR("many"));
    struct worker_options options = {.topics = f->topics, .plugins = &fake_plugins, .properties = &properties};
    assert_int_equal(worker_start(&options, &w, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "rest.port"));
    options.properties = NULL;
    options.sink = "nowhere";
    assert_int_equal(worker_start(&options, &w, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "nowhere"));
    assert_null(w);
    worker_stop(NULL);
    config_release(&properties);
}

static void a_sink_that_hangs_does_not_hold_up_the_stop(void **state)
{
    struct fixture *f = *state;
    fixture_down(f);
    config_set(&f->properties, STR("task.shutdown.graceful.timeout.ms"), STR("200"));
    fixture_up(f);
    fake.total = 100;
    fake.hold = true;
    put(f, "c", NULL);
    wait_until(fake.read_rows == 100);
    struct worker *w = f->worker;
    int64_t start = clock_mono_ms();
    worker_stop(w);
    int64_t took = clock_mono_ms() - start;
    assert_true(took >= 200 && took < 5000);
    fake.hold = false; /* the worker is given up, and its threads end when they can */
    size_t left = 1;
    wait_until((pthread_mutex_lock(&w->lock), left = w->connectors.len, pthread_mutex_unlock(&w->lock), left == 0));
    worker_stop(w); /* now that they have ended */
    f->worker = NULL;
    topics_close(f->topics);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pause_and_resume),
        TEST(stop_gives_up_the_tasks),
        TEST(delete_forgets_all_but_the_position),
        TEST(a_new_process_goes_on_where_the_last_one_stood),
        TEST(a_paused_connector_is_shown_without_its_database),
        TEST(stop_commits_what_was_read),
        TEST(what_cannot_be_had_is_tried_again_by_itself),
        TEST(the_wait_grows),
        TEST(a_hiccup_is_no_failure),
        TEST(a_restart_by_hand_happens_at_once),
        TEST(a_restart_may_be_left_to_people),
        TEST(a_plan_that_fails_is_tried_again),
        TEST(a_new_configuration_replaces_the_tasks),
        TEST(many_connectors_at_once),
        TEST(wrong_configurations_are_refused),
        TEST(the_database_may_be_away_when_a_file_names_it),
        TEST(worker_properties_are_checked),
        TEST(a_sink_that_hangs_does_not_hold_up_the_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
