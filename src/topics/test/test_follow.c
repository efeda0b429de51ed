#include "topics/test/log_fixture.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- waiting ---- */

struct later {
    struct topics *log;
    struct topics_target *target;
    struct wake *wake;
    const char *delete;
    int64_t delay_ms;
};

static void *do_later(void *ctx)
{
    struct later *l = ctx;
    usleep((useconds_t)l->delay_ms * 1000);
    if (l->target)
        put(l->log, l->target, "k", "v", 0);
    if (l->wake)
        wake_raise(l->wake);
    if (l->delete)
        ok(topics_delete(l->log, str_from(l->delete), &err));
    return NULL;
}

static pthread_t start(void *(*run)(void *), void *ctx)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run, ctx), 0);
    return thread;
}

static void test_waiting(void **state)
{
    struct fixture *f = *state;
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
    struct topics_target *u = make_topic(f->log, "u", TOPIC_CONFIG_DEFAULT);
    struct topics_reader *reader;
    struct topics_record r;
    struct wake wake;
    assert_int_equal(wake_init(&wake), 0);
    ok(topics_reader_open(f->log, STR("t"), 0, TOPICS_BEGIN, &reader, &err));
    bool found = true;
    int64_t start_ms = clock_mono_ms();
    ok(topics_read(reader, 0, &wake, &r, &found, &err));
    assert_false(found);
    ok(topics_read(reader, 30, &wake, &r, &found, &err));
    assert_false(found);
    assert_true(clock_mono_ms() - start_ms >= 30);

    /* a commit ends the wait */
    struct later later = {.log = f->log, .target = t, .delay_ms = 20};
    pthread_t thread = start(do_later, &later);
    ok(topics_read(reader, -1, &wake, &r, &found, &err));
    assert_true(found && str_is(r.value, "v"));
    pthread_join(thread, NULL);

    /* one into another topic does not */
    later = (struct later){.log = f->log, .target = u, .delay_ms = 5};
    thread = start(do_later, &later);
    start_ms = clock_mono_ms();
    ok(topics_read(reader, 40, &wake, &r, &found, &err));
    assert_false(found);
    assert_true(clock_mono_ms() - start_ms >= 40);
    pthread_join(thread, NULL);

    /* the wake does, and as long as it is raised */
    later = (struct later){.wake = &wake, .delay_ms = 20};
    thread = start(do_later, &later);
    ok(topics_read(reader, -1, &wake, &r, &found, &err));
    assert_false(found);
    ok(topics_read(reader, -1, &wake, &r, &found, &err));
    assert_false(found);
    pthread_join(thread, NULL);

    /* but what is there is read */
    put(f->log, t, "k", "w", 0);
    ok(topics_read(reader, -1, &wake, &r, &found, &err));
    assert_true(found && str_is(r.value, "w"));
    wake_clear(&wake);

    /* deleting the topic ends it with an error */
    later = (struct later){.log = f->log, .delete = "t", .delay_ms = 20};
    thread = start(do_later, &later);
    refuses(topics_read(reader, -1, NULL, &r, &found, &err), ERROR_NOT_FOUND, "\"t\" was deleted");
    pthread_join(thread, NULL);
    topics_reader_close(reader);
    wake_release(&wake);
}

/* ---- many writers, many readers ---- */

enum { WRITERS = 3, READERS = 3, COMMITS = 150, PARTITIONS = 2, RECORDS = 7 };

struct crowd {
    struct topics *log;
    struct topics_target *target;
    _Atomic int id;
    _Atomic bool over;
};

/* Each commit: RECORDS records "writer commit i" to each partition. */
static void *write_commits(void *ctx)
{
    struct crowd *c = ctx;
    int id = atomic_fetch_add(&c->id, 1);
    char owner[16], value[64];
    snprintf(owner, sizeof owner, "w%d", id);
    struct topics_txn *txn = make_txn(c->log, owner);
    for (int n = 0; n < COMMITS; n++) {
        for (int32_t p = 0; p < PARTITIONS; p++)
            for (int i = 0; i < RECORDS; i++) {
                snprintf(value, sizeof value, "%d %d %d", id, n, i);
                struct topics_record r = record_of(owner, value, n);
                ok(topics_append(txn, c->target, p, &r, &err));
            }
        if (n % 10 == 9)
            topics_abort(txn);
        else
            ok(topics_commit(txn, &err));
    }
    topics_txn_close(txn);
    return NULL;
}

enum { COMMITTED = COMMITS - COMMITS / 10 };

/* Follows a partition to the end: each writer's records come in order, whole commits, none twice. */
static void *follow(void *ctx)
{
    struct crowd *c = ctx;
    int32_t partition = atomic_fetch_add(&c->id, 1) % PARTITIONS;
    struct topics_reader *reader;
    ok(topics_reader_open(c->log, STR("t"), partition, TOPICS_BEGIN, &reader, &err));
    int next_commit[WRITERS] = {0}, next_record[WRITERS] = {0};
    for (int64_t n = 0; n < (int64_t)WRITERS * COMMITTED * RECORDS; n++) {
        struct topics_record r;
        bool found = false;
        ok(topics_read(reader, -1, NULL, &r, &found, &err));
        int writer, commit, record;
        char text[64];
        assert_true(found && r.value.len < sizeof text);
        memcpy(text, r.value.ptr, r.value.len);
        text[r.value.len] = 0;
        assert_int_equal(sscanf(text, "%d %d %d", &writer, &commit, &record), 3);
        assert_int_equal(r.offset, n);
        if (next_commit[writer] % 10 == 9)
            next_commit[writer]++;
        assert_int_equal(commit, next_commit[writer]);
        assert_int_equal(record, next_record[writer]);
        next_record[writer] = (record + 1) % RECORDS;
        next_commit[writer] += next_record[writer] == 0;
    }
    topics_reader_close(reader);
    return NULL;
}

/* Creates, describes, deletes, cleans and verifies meanwhile. */
static void *administer(void *ctx)
{
    struct crowd *c = ctx;
    for (int n = 0; !atomic_load(&c->over); n++) {
        char name[32];
        snprintf(name, sizeof name, "other-%d", n % 3);
        struct topics_target *target = make_topic(c->log, name, TOPIC_CONFIG_COMPACT);
        for (int i = 0; i < 5; i++)
            put(c->log, target, "k", "v", 0);
        struct arena arena = {0};
        struct topic_info *infos;
        size_t n_infos;
        ok(topics_list(c->log, &arena, &infos, &n_infos, &err));
        ok(topics_compact(c->log, str_from(name), &err));
        ok(topics_clean(c->log, &err));
        assert_sound(c->log);
        if (n % 2)
            ok(topics_delete(c->log, str_from(name), &err));
        arena_free(&arena);
    }
    return NULL;
}

static void test_crowd(void **state)
{
    struct fixture *f = *state;
    f->options.relaxed_durability = true;
    fixture_reopen(f);
    struct topic_config config = TOPIC_CONFIG_DEFAULT;
    config.partitions = PARTITIONS;
    config.retention_ms = -1;
    struct crowd writers = {.log = f->log, .target = make_topic(f->log, "t", config)}, readers = writers;
    pthread_t threads[WRITERS + READERS], admin;
    for (int i = 0; i < READERS; i++)
        threads[WRITERS + i] = start(follow, &readers);
    for (int i = 0; i < WRITERS; i++)
        threads[i] = start(write_commits, &writers);
    admin = start(administer, &writers);
    for (int i = 0; i < WRITERS + READERS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&writers.over, true);
    pthread_join(admin, NULL);
    assert_sound(f->log);
    assert_offsets(f->log, "t", 0, 0, (int64_t)WRITERS * COMMITTED * RECORDS);
}

/* ---- commits that go to the disk together ---- */

/* Commits that fail, each for its own reason. */
static void *fail_commits(void *ctx)
{
    struct crowd *c = ctx;
    struct topics_txn *txn = make_txn(c->log, "failing");
    while (!atomic_load(&c->over)) {
        struct topics_target *target = make_topic(c->log, "going", TOPIC_CONFIG_DEFAULT);
        append(txn, target, "k", "v");
        append(txn, c->target, "failing", "never seen");
        ok(topics_delete(c->log, STR("going"), &err));
        refuses(topics_commit(txn, &err), ERROR_NOT_FOUND, "\"going\" was deleted");
    }
    topics_txn_close(txn);
    return NULL;
}

static void *commit_singles(void *ctx)
{
    struct crowd *c = ctx;
    char owner[16];
    snprintf(owner, sizeof owner, "single-%d", atomic_fetch_add(&c->id, 1));
    struct topics_txn *txn = make_txn(c->log, owner);
    for (int i = 0; i < COMMITS; i++) {
        append(txn, c->target, owner, "v");
        ok(topics_commit(txn, &err));
    }
    topics_txn_close(txn);
    return NULL;
}

static void test_failing_neighbour(void **state)
{
    struct fixture *f = *state;
    f->options.relaxed_durability = true;
    fixture_reopen(f);
    struct crowd crowd = {.log = f->log, .target = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT)};
    pthread_t failing = start(fail_commits, &crowd), threads[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        threads[i] = start(commit_singles, &crowd);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&crowd.over, true);
    pthread_join(failing, NULL);
    assert_offsets(f->log, "t", 0, 0, WRITERS * COMMITS);
    char *all = dump(f->log, "t", 0, TOPICS_BEGIN);
    assert_null(strstr(all, "never seen"));
    free(all);
    assert_sound(f->log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_waiting, setup, teardown),
        cmocka_unit_test_setup_teardown(test_crowd, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failing_neighbour, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
