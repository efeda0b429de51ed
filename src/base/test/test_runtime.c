#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/wake.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void clocks(void **state)
{
    (void)state;
    assert_true(clock_wall_ms() > INT64_C(1600000000000));
    assert_true(clock_wall_us() / 1000 - clock_wall_ms() < 1000);
    int64_t a = clock_mono_ns(), b = clock_mono_ns();
    assert_true(b >= a);
    assert_true(clock_mono_ms() - b / 1000000 < 1000);
    assert_true(clock_cpu_ns() > 0);
}

static void wake_stays_raised(void **state)
{
    (void)state;
    struct wake w;
    assert_int_equal(wake_init(&w), 0);
    assert_false(wake_is_raised(&w));
    int64_t start = clock_mono_ms();
    assert_int_equal(wake_wait(&w, -1, 0, 20), WAKE_TIMEOUT);
    assert_true(clock_mono_ms() - start >= 19);
    wake_raise(&w);
    wake_raise(&w);
    assert_true(wake_is_raised(&w));
    assert_int_equal(wake_wait(&w, -1, 0, -1), WAKE_RAISED);
    wake_clear(&w);
    wake_clear(&w);
    assert_false(wake_is_raised(&w));
    wake_release(&w);
    wake_release(&w);
}

static void wake_together_with_a_descriptor(void **state)
{
    (void)state;
    struct wake w;
    wake_init(&w);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(wake_wait(&w, ends[0], POLLIN, 5), WAKE_TIMEOUT);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(wake_wait(&w, ends[0], POLLIN, 1000), WAKE_FD);
    wake_raise(&w);
    assert_int_equal(wake_wait(&w, ends[0], POLLIN, 1000), WAKE_RAISED);
    close(ends[0]);
    close(ends[1]);
    wake_release(&w);
}

static void *raise_later(void *w)
{
    usleep(10000);
    wake_raise(w);
    return NULL;
}

static void wake_from_another_thread(void **state)
{
    (void)state;
    struct wake w;
    wake_init(&w);
    pthread_t thread;
    pthread_create(&thread, NULL, raise_later, &w);
    assert_int_equal(wake_wait(&w, -1, 0, 10000), WAKE_RAISED);
    pthread_join(thread, NULL);
    wake_release(&w);
}

static char captured[64 * 1024];

static size_t capture(enum log_level level, const char *context, const char *text)
{
    int ends[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    log_write(level, context, "%s", text);
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t n = read(ends[0], captured, sizeof captured - 1);
    close(ends[0]);
    captured[n < 0 ? 0 : n] = '\0';
    return n < 0 ? 0 : (size_t)n;
}

static void log_lines(void **state)
{
    (void)state;
    capture(LOG_WARN, "pg|task-0", "a line");
    assert_non_null(strstr(captured, "Z WARN  [pg|task-0] a line\n"));
    assert_int_equal(captured[10], 'T');
    capture(LOG_INFO, NULL, "two\nlines");
    assert_non_null(strstr(captured, "INFO  two lines\n"));
    assert_int_equal(capture(LOG_DEBUG, NULL, "hidden"), 0);
    log_set_level(LOG_DEBUG);
    assert_int_equal(log_get_level(), LOG_DEBUG);
    assert_true(capture(LOG_DEBUG, NULL, "shown") > 0);
    log_set_level(LOG_INFO);
    static char big[20000];
    memset(big, 'x', sizeof big - 1);
    size_t n = capture(LOG_ERROR, NULL, big);
    assert_int_equal(n, 8 * 1024 - 1);
    assert_int_equal(captured[n - 1], '\n');
}

static void levels_of_contexts(void **state)
{
    (void)state;
    struct log_logger found[LOG_NAMES_MAX + 1];
    int64_t modified = -1;
    assert_int_equal(log_loggers(found), 1);
    assert_string_equal(found[0].name, "root");
    assert_int_equal(log_level_of("load|task-0", &modified), LOG_INFO);
    assert_int_equal(modified, 0);
    assert_true(log_set_level_of("load", LOG_DEBUG));
    assert_true(capture(LOG_DEBUG, "load", "shown") > 0);
    assert_true(capture(LOG_DEBUG, "load|task-0", "shown") > 0);
    assert_int_equal(capture(LOG_DEBUG, "load2", "hidden"), 0);
    assert_int_equal(capture(LOG_DEBUG, "loa", "hidden"), 0);
    assert_int_equal(capture(LOG_DEBUG, NULL, "hidden"), 0);
    assert_int_equal(log_level_of("load|task-0", &modified), LOG_DEBUG);
    assert_true(modified > 0);

    assert_true(log_set_level_of("load|task-1", LOG_ERROR)); /* the longer name counts */
    assert_int_equal(capture(LOG_WARN, "load|task-1", "hidden"), 0);
    assert_true(capture(LOG_DEBUG, "load|task-10", "shown") > 0);
    assert_true(log_set_level_of("zoo", LOG_WARN));
    assert_int_equal(log_loggers(found), 4);
    assert_string_equal(found[0].name, "load");
    assert_string_equal(found[1].name, "load|task-1");
    assert_string_equal(found[2].name, "root");
    assert_string_equal(found[3].name, "zoo");
    assert_true(log_set_level_of("load", LOG_WARN)); /* and what is below it */
    assert_int_equal(log_level_of("load|task-1", NULL), LOG_WARN);
    assert_true(log_set_level_of("root", LOG_ERROR)); /* everything */
    assert_int_equal(log_level_of("zoo", NULL), LOG_ERROR);
    assert_int_equal(log_get_level(), LOG_ERROR);
    assert_int_equal(capture(LOG_WARN, NULL, "hidden"), 0);

    char name[LOG_NAME_SIZE + 1];
    memset(name, 'n', LOG_NAME_SIZE);
    name[LOG_NAME_SIZE] = '\0';
    assert_false(log_set_level_of(name, LOG_WARN));
    for (int i = 3; i < LOG_NAMES_MAX; i++) {
        snprintf(name, sizeof name, "n%d", i);
        assert_true(log_set_level_of(name, LOG_WARN));
    }
    assert_false(log_set_level_of("one too many", LOG_WARN));
    assert_true(log_set_level_of("n5", LOG_DEBUG));
    assert_int_equal(log_loggers(found), LOG_NAMES_MAX + 1);
    log_forget_levels();
    log_set_level(LOG_INFO);
    assert_int_equal(log_loggers(found), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks),
        cmocka_unit_test(wake_stays_raised),
        cmocka_unit_test(wake_together_with_a_descriptor),
        cmocka_unit_test(wake_from_another_thread),
        cmocka_unit_test(log_lines),
        cmocka_unit_test(levels_of_contexts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
