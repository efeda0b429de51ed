#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/queue.h"

#include <stdatomic.h>
#include <unistd.h>

static void first_in_first_out(void **state)
{
    (void)state;
    struct queue q;
    queue_init(&q, 100, 1000);
    int items[40];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 40; i++)
            assert_true(queue_push(&q, &items[i], 2, 20));
        assert_int_equal(queue_records(&q), 80);
        assert_int_equal(queue_bytes(&q), 800);
        for (int i = 0; i < 40; i++)
            assert_ptr_equal(queue_pop(&q, 0), &items[i]);
    }
    assert_null(queue_pop(&q, 0));
    int64_t start = clock_mono_ms();
    assert_null(queue_pop(&q, 30));
    assert_true(clock_mono_ms() - start >= 29);
    queue_release(&q);
}

static void heavy_item_passes_alone(void **state)
{
    (void)state;
    struct queue q;
    queue_init(&q, 10, 100);
    int item;
    assert_true(queue_push(&q, &item, 5000, 1000000));
    assert_ptr_equal(queue_pop(&q, -1), &item);
    queue_release(&q);
}

struct producer {
    struct queue *q;
    atomic_int pushed, refused;
};

static void *produce(void *arg)
{
    struct producer *p = arg;
    static int item;
    for (int i = 0; i < 3; i++) {
        if (queue_push(p->q, &item, 1, 60))
            atomic_fetch_add(&p->pushed, 1);
        else
            atomic_fetch_add(&p->refused, 1);
    }
    return NULL;
}

static void wait_for(atomic_int *counter, int value)
{
    for (int i = 0; i < 2000 && atomic_load(counter) < value; i++)
        usleep(1000);
    assert_int_equal(atomic_load(counter), value);
}

static void full_queue_blocks_and_close_frees(void **state)
{
    (void)state;
    struct queue q;
    queue_init(&q, 10, 100);
    struct producer p = {.q = &q};
    pthread_t thread;
    pthread_create(&thread, NULL, produce, &p);
    wait_for(&p.pushed, 1);
    usleep(20000);
    assert_int_equal(atomic_load(&p.pushed), 1);
    assert_non_null(queue_pop(&q, -1));
    wait_for(&p.pushed, 2);
    queue_close(&q);
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&p.refused), 1);
    assert_non_null(queue_pop(&q, -1));
    assert_null(queue_pop(&q, -1));
    assert_false(queue_push(&q, &q, 1, 1));
    queue_release(&q);
}

static void *consume(void *arg)
{
    return queue_pop(arg, -1);
}

static void close_wakes_a_consumer(void **state)
{
    (void)state;
    struct queue q;
    queue_init(&q, 10, 100);
    pthread_t thread;
    pthread_create(&thread, NULL, consume, &q);
    usleep(10000);
    queue_close(&q);
    void *result = &q;
    pthread_join(thread, &result);
    assert_null(result);
    queue_release(&q);
}

static void *produce_numbers(void *arg)
{
    for (uintptr_t i = 1; i <= 20000; i++)
        queue_push(arg, (void *)i, 1, i % 7);
    queue_close(arg);
    return NULL;
}

static void order_is_kept_between_threads(void **state)
{
    (void)state;
    struct queue q;
    queue_init(&q, 50, 100);
    pthread_t thread;
    pthread_create(&thread, NULL, produce_numbers, &q);
    uintptr_t next = 1;
    for (void *item; (item = queue_pop(&q, -1)); next++)
        assert_int_equal((uintptr_t)item, next);
    assert_int_equal(next, 20001);
    pthread_join(thread, NULL);
    queue_release(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_in_first_out),
        cmocka_unit_test(heavy_item_passes_alone),
        cmocka_unit_test(full_queue_blocks_and_close_frees),
        cmocka_unit_test(close_wakes_a_consumer),
        cmocka_unit_test(order_is_kept_between_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
