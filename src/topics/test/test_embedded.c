#include "topics/test/log_fixture.h"

#include "base/clock.h"

/* ---- topics ---- */

static void test_topics(void **state)
{
    struct fixture *f = *state;
    struct topic_config three = TOPIC_CONFIG_COMPACT;
    three.partitions = 3;
    three.delete_retention_ms = 77;
    ok(topics_create(f->log, STR("b.topic"), &three, &err));
    refuses(topics_create(f->log, STR("b.topic"), &three, &err), ERROR_CONFLICT, "\"b.topic\" exists");
    ok(topics_ensure(f->log, STR("b.topic"), &TOPIC_CONFIG_DEFAULT, &err));
    ok(topics_create(f->log, STR("a_topic"), &TOPIC_CONFIG_DEFAULT, &err));
    for (int again = 0; again < 2; again++) {
        struct arena arena = {0};
        struct topic_info *infos, info;
        size_t n;
        ok(topics_list(f->log, &arena, &infos, &n, &err));
        assert_int_equal(n, 2);
        assert_true(str_is(infos[0].name, "a_topic") && str_is(infos[1].name, "b.topic"));
        ok(topics_describe(f->log, STR("b.topic"), &arena, &info, &err));
        assert_int_equal(info.config.partitions, 3);
        assert_true(info.config.compact && !info.config.cleanup_delete);
        assert_int_equal(info.config.retention_ms, -1);
        assert_int_equal(info.config.delete_retention_ms, 77);
        ok(topics_describe(f->log, STR("a_topic"), &arena, &info, &err));
        assert_true(!info.config.compact && info.config.cleanup_delete);
        assert_int_equal(info.config.retention_ms, 7 * 24 * 3600000LL);
        arena_free(&arena);
        fixture_reopen(f);
    }
    ok(topics_delete(f->log, STR("b.topic"), &err));
    refuses(topics_delete(f->log, STR("b.topic"), &err), ERROR_NOT_FOUND, "\"b.topic\" does not exist");
    fixture_reopen(f);
    struct topics_target *target;
    refuses(topics_target(f->log, STR("b.topic"), &target, &err), ERROR_NOT_FOUND, "does not exist");
}

static void test_names(void **state)
{
    struct fixture *f = *state;
    char longest[TOPICS_NAME_MAX + 2];
    memset(longest, 'x', sizeof longest);
    const struct topic_config config = TOPIC_CONFIG_DEFAULT;
    ok(topics_create(f->log, str_of(longest, TOPICS_NAME_MAX), &config, &err));
    refuses(topics_create(f->log, str_of(longest, sizeof longest - 1), &config, &err), ERROR_REQUEST, "249");
    const char *bad[] = {"", ".", "..", "a b", "a/b", "\xc3\xa4", "a:b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        refuses(topics_create(f->log, str_from(bad[i]), &config, &err), ERROR_REQUEST, "");
        refuses(topics_ensure(f->log, str_from(bad[i]), &config, &err), ERROR_REQUEST, "");
    }
    struct topic_config none = config, many = config, negative = config;
    none.partitions = 0;
    many.partitions = TOPICS_PARTITIONS_MAX + 1;
    negative.retention_ms = -2;
    refuses(topics_create(f->log, STR("t"), &none, &err), ERROR_CONFIG, "0 partitions");
    refuses(topics_create(f->log, STR("t"), &many, &err), ERROR_CONFIG, "10000");
    refuses(topics_create(f->log, STR("t"), &negative, &err), ERROR_CONFIG, "negative");
}

/* ---- transactions ---- */

static void test_append_read(void **state)
{
    struct fixture *f = *state;
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
    struct topics_txn *txn = make_txn(f->log, "w");
    append(txn, t, "a", "1");
    append(txn, t, NULL, "2");
    assert_true(topics_txn_bytes(txn) > 0);
    assert_dump(f->log, "t", "");
    assert_offsets(f->log, "t", 0, 0, 0);
    ok(topics_commit(txn, &err));
    assert_int_equal(topics_txn_bytes(txn), 0);
    append(txn, t, "c", NULL);
    append(txn, t, "", "");
    ok(topics_commit(txn, &err));
    ok(topics_commit(txn, &err)); /* an empty one */
    assert_dump(f->log, "t", "0:a=1 1:-=2 2:c=- 3:= ");
    topics_txn_close(txn);
    fixture_reopen(f);
    assert_dump(f->log, "t", "0:a=1 1:-=2 2:c=- 3:= ");
    assert_offsets(f->log, "t", 0, 0, 4);
    const struct {
        int64_t from;
        const char *expected;
    } places[] = {{1, "1:-=2 2:c=- 3:= "}, {3, "3:= "}, {4, ""}, {TOPICS_END, ""}, {0, "0:a=1 1:-=2 2:c=- 3:= "}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *got = dump(f->log, "t", 0, places[i].from);
        assert_string_equal(got, places[i].expected);
        free(got);
    }
    struct topics_reader *r;
    refuses(topics_reader_open(f->log, STR("t"), 0, -3, &r, &err), ERROR_REQUEST, "negative");
    refuses(topics_reader_open(f->log, STR("t"), 1, 0, &r, &err), ERROR_NOT_FOUND, "no partition 1");
    refuses(topics_reader_open(f->log, STR("u"), 0, 0, &r, &err), ERROR_NOT_FOUND, "\"u\" does not exist");
}

static void test_fields_of_a_record(void **state)
{
    struct fixture *f = *state;
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
    struct topics_txn *txn = make_txn(f->log, "w");
    const struct topics_header headers[] = {{STR("h"), STR("v")}, {STR("n"), STR_NULL}};
    struct topics_record r = {
        .key = STR("k"), .value = STR("v"), .headers = headers, .n_headers = 2, .timestamp = 1580650272065};
    ok(topics_append(txn, t, 0, &r, &err));
    r.timestamp = INT64_MIN;
    r.n_headers = 0;
    int64_t before = clock_wall_ms();
    ok(topics_append(txn, t, 0, &r, &err));
    ok(topics_commit(txn, &err));
    topics_txn_close(txn);
    struct topics_reader *reader;
    bool found;
    ok(topics_reader_open(f->log, STR("t"), 0, 0, &reader, &err));
    ok(topics_read(reader, 0, NULL, &r, &found, &err));
    assert_true(found);
    assert_int_equal(r.timestamp, 1580650272065);
    assert_int_equal(r.n_headers, 2);
    assert_true(str_is(r.headers[0].key, "h") && str_is(r.headers[0].value, "v"));
    assert_true(str_is(r.headers[1].key, "n") && !r.headers[1].value.ptr);
    assert_int_equal(topics_reader_offset(reader), 1);
    ok(topics_read(reader, 0, NULL, &r, &found, &err));
    assert_true(r.timestamp >= before && r.timestamp <= clock_wall_ms());
    topics_reader_close(reader);
}

static void test_abort_and_several_topics(void **state)
{
    struct fixture *f = *state;
    struct topic_config two = TOPIC_CONFIG_DEFAULT;
    two.partitions = 2;
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT), *u = make_topic(f->log, "u", two);
    assert_int_equal(topics_target_partitions(u), 2);
    struct topics_txn *one = make_txn(f->log, "1"), *other = make_txn(f->log, "2");
    struct topics_record r = record_of("k", "second", 5);
    append(one, t, "k", "dropped");
    topics_abort(one);
    append(one, t, "k", "first");
    append(other, t, "k", "second");
    ok(topics_append(other, u, 1, &r, &err));
    ok(topics_append(one, u, 1, &(struct topics_record){.value = STR("first")}, &err));
    ok(topics_commit(other, &err));
    assert_dump(f->log, "t", "0:k=second ");
    append(one, t, "k", "last");
    ok(topics_commit(one, &err));
    assert_dump(f->log, "t", "0:k=second 1:k=first 2:k=last ");
    assert_offsets(f->log, "u", 0, 0, 0);
    assert_offsets(f->log, "u", 1, 0, 2);
    append(one, t, "k", "never committed");
    topics_txn_close(one);
    topics_txn_close(other);
    fixture_reopen(f);
    assert_dump(f->log, "t", "0:k=second 1:k=first 2:k=last ");
    char *got = dump(f->log, "u", 1, TOPICS_BEGIN);
    assert_string_equal(got, "0:k=second 1:-=first ");
    free(got);
    assert_sound(f->log);
}

static void test_refused_records(void **state)
{
    struct fixture *f = *state;
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
    struct topics_target *c = make_topic(f->log, "c", TOPIC_CONFIG_COMPACT);
    struct topics_txn *txn = make_txn(f->log, "w");
    char *big = mem_zalloc(TOPICS_RECORD_MAX + 1);
    struct topics_record r = {.value = {big, TOPICS_RECORD_MAX + 1}};
    append(txn, t, "k", "lost with the rest");
    refuses(topics_append(txn, t, 0, &r, &err), ERROR_DATA, "topic \"t\"");
    /* The transaction has ended: a commit must not take the half of it. */
    refuses(topics_append(txn, t, 0, &(struct topics_record){0}, &err), ERROR_DATA, "earlier error");
    refuses(topics_commit(txn, &err), ERROR_DATA, "earlier error");
    assert_offsets(f->log, "t", 0, 0, 0);
    append(txn, t, "k", "kept");
    ok(topics_commit(txn, &err));
    refuses(topics_append(txn, c, 0, &(struct topics_record){.value = STR("v")}, &err), ERROR_DATA, "needs a key");
    topics_abort(txn);
    r = record_of("k", "v", 0);
    refuses(topics_append(txn, t, 1, &r, &err), ERROR_NOT_FOUND, "no partition 1");
    topics_abort(txn);
    refuses(topics_append(txn, t, -1, &r, &err), ERROR_NOT_FOUND, "no partition -1");
    topics_abort(txn);
    assert_dump(f->log, "t", "0:k=kept ");
    topics_txn_close(txn);
    free(big);
}

static void test_largest_record(void **state)
{
    struct fixture *f = *state;
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
    struct topics_txn *txn = make_txn(f->log, "w");
    size_t size = TOPICS_RECORD_MAX - 16;
    char *big = mem_zalloc(size);
    for (size_t i = 0; i < size; i += 4096)
        memcpy(big + i, &i, sizeof i);
    struct topics_record r = {.value = {big, size}};
    append(txn, t, "k", "before");
    ok(topics_append(txn, t, 0, &r, &err));
    append(txn, t, "k", "after");
    ok(topics_commit(txn, &err));
    topics_txn_close(txn);
    struct topics_reader *reader;
    bool found = false;
    ok(topics_reader_open(f->log, STR("t"), 0, 1, &reader, &err));
    ok(topics_read(reader, 0, NULL, &r, &found, &err));
    assert_true(found);
    assert_int_equal(r.value.len, size);
    assert_memory_equal(r.value.ptr, big, size);
    ok(topics_read(reader, 0, NULL, &r, &found, &err));
    assert_true(str_is(r.value, "after"));
    topics_reader_close(reader);
    free(big);
    assert_sound(f->log);
}

static void test_fencing(void **state)
{
    struct fixture *f = *state;
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
    struct topics_txn *zombie = make_txn(f->log, "connector-0");
    append(zombie, t, "k", "late");
    struct topics_txn *txn = make_txn(f->log, "connector-0"), *other = make_txn(f->log, "connector-1");
    append(txn, t, "k", "own");
    ok(topics_commit(txn, &err));
    refuses(topics_commit(zombie, &err), ERROR_CONFLICT, "\"connector-0\" was replaced");
    struct topics_record r = record_of("k", "late", 0);
    refuses(topics_append(zombie, t, 0, &r, &err), ERROR_CONFLICT, "replaced");
    topics_txn_close(zombie);
    append(txn, t, "k", "more");
    ok(topics_commit(txn, &err));
    append(other, t, "k", "else");
    ok(topics_commit(other, &err));
    assert_dump(f->log, "t", "0:k=own 1:k=more 2:k=else ");
    topics_txn_close(txn);
    topics_txn_close(other);
}

/* ---- sizes ---- */

/* Text that compresses about as rows do. */
static struct str row(char *into, size_t size, uint64_t i)
{
    uint64_t noise = i * UINT64_C(0x9e3779b97f4a7c15);
    int n = snprintf(into, size, "{\"id\":%llu,\"noise\":\"%016llx%016llx\",\"text\":\"row number %llu of many\"}",
                     (unsigned long long)i, (unsigned long long)noise, (unsigned long long)(noise * noise | 1),
                     (unsigned long long)i);
    return str_of(into, (size_t)n);
}

static void check_rows(struct topics *log, const char *topic, int64_t from, int64_t n)
{
    struct topics_reader *reader;
    ok(topics_reader_open(log, str_from(topic), 0, from, &reader, &err));
    char expected[160];
    for (int64_t i = from; i < n; i++) {
        struct topics_record r;
        bool found = false;
        ok(topics_read(reader, 0, NULL, &r, &found, &err));
        assert_true(found);
        assert_int_equal(r.offset, i);
        assert_true(str_equal(r.value, row(expected, sizeof expected, (uint64_t)i)));
    }
    topics_reader_close(reader);
}

/* A transaction far beyond its memory: nothing to be seen before, everything after, memory flat. */
static void test_huge_transaction(void **state)
{
    struct fixture *f = *state;
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
    struct topics_txn *txn = make_txn(f->log, "w");
    enum { ROWS = 2000000, LIMIT_KIB = 40 * 1024 };
    char text[160];
    reset_peak();
    long before = resident_kib("VmRSS:");
    for (int attempt = 0; attempt < 2; attempt++) {
        for (uint64_t i = 0; i < ROWS / (attempt ? 1 : 4); i++) {
            struct topics_record r = {.value = row(text, sizeof text, i), .timestamp = (int64_t)i};
            ok(topics_append(txn, t, 0, &r, &err));
        }
        assert_offsets(f->log, "t", 0, 0, 0);
        assert_dump(f->log, "t", "");
        if (!attempt)
            topics_abort(txn);
    }
    ok(topics_commit(txn, &err));
    topics_txn_close(txn);
    check_rows(f->log, "t", 0, ROWS);
    long grown = resident_kib("VmHWM:") - before;
    if (!SANITIZED && grown > LIMIT_KIB)
        fail_msg("%ld KiB more are resident", grown);
    assert_offsets(f->log, "t", 0, 0, ROWS);
    fixture_reopen(f);
    check_rows(f->log, "t", ROWS - 1000, ROWS);
    int64_t batches, records;
    ok(topics_verify(f->log, &batches, &records, &err)); /* and nothing is left of the aborted one */
    assert_int_equal(records, ROWS);
}

/* More partitions than there are buffers for. */
static void test_many_partitions(void **state)
{
    struct fixture *f = *state;
    enum { PARTITIONS = 300, ROUNDS = 200 };
    struct topic_config config = TOPIC_CONFIG_DEFAULT;
    config.partitions = PARTITIONS;
    struct topics_target *t = make_topic(f->log, "t", config);
    struct topics_txn *txn = make_txn(f->log, "w");
    char text[160];
    for (uint64_t i = 0; i < ROUNDS; i++)
        for (int32_t p = 0; p < PARTITIONS; p++) {
            struct topics_record r = {.value = row(text, sizeof text, i), .timestamp = 0};
            ok(topics_append(txn, t, p, &r, &err));
        }
    ok(topics_commit(txn, &err));
    topics_txn_close(txn);
    for (int32_t p = 0; p < PARTITIONS; p += 50) {
        struct topics_reader *reader;
        ok(topics_reader_open(f->log, STR("t"), p, 0, &reader, &err));
        for (uint64_t i = 0; i < ROUNDS; i++) {
            struct topics_record r;
            bool found = false;
            ok(topics_read(reader, 0, NULL, &r, &found, &err));
            assert_true(found && str_equal(r.value, row(text, sizeof text, i)));
        }
        topics_reader_close(reader);
    }
    assert_sound(f->log);
}

static void test_small_commits(void **state)
{
    struct fixture *f = *state;
    f->options.relaxed_durability = true; /* for the test's speed, and to have the option used */
    fixture_reopen(f);
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
    struct topics_txn *txn = make_txn(f->log, "w");
    enum { ROWS = 3000 };
    char text[160];
    for (uint64_t i = 0; i < ROWS; i++) {
        struct topics_record r = {.value = row(text, sizeof text, i), .timestamp = 0};
        ok(topics_append(txn, t, 0, &r, &err));
        ok(topics_commit(txn, &err));
    }
    topics_txn_close(txn);
    check_rows(f->log, "t", 0, ROWS);
    fixture_reopen(f);
    check_rows(f->log, "t", 7, ROWS);
    assert_sound(f->log);
}

static void test_compressions(void **state)
{
    struct fixture *f = *state;
    const int kinds[] = {COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_LZ4, COMPRESSION_ZSTD};
    char text[160];
    uint64_t n = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        f->options.compression = kinds[k];
        fixture_reopen(f);
        struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
        struct topics_txn *txn = make_txn(f->log, "w");
        for (uint64_t end = n + 5000; n < end; n++) {
            struct topics_record r = {.value = row(text, sizeof text, n), .timestamp = 0};
            ok(topics_append(txn, t, 0, &r, &err));
        }
        ok(topics_commit(txn, &err));
        topics_txn_close(txn);
    }
    check_rows(f->log, "t", 0, (int64_t)n);
    fixture_close(f);
    f->options.compression = COMPRESSION_SNAPPY;
    refuses(topics_open_embedded(&f->options, &f->log, &err), ERROR_CONFIG, "compression");
    f->options.compression = 9;
    refuses(topics_open_embedded(&f->options, &f->log, &err), ERROR_CONFIG, "compression");
    f->options.dir = "";
    refuses(topics_open_embedded(&f->options, &f->log, &err), ERROR_CONFIG, "directory");
}

/* ---- by time ---- */

static int64_t offset_at(struct topics *log, int64_t timestamp)
{
    int64_t offset = -9;
    ok(topics_offset_at(log, STR("t"), 0, timestamp, &offset, &err));
    return offset;
}

static void test_offset_at(void **state)
{
    struct fixture *f = *state;
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
    assert_int_equal(offset_at(f->log, 0), 0);
    struct topics_txn *txn = make_txn(f->log, "w");
    for (int batch = 0; batch < 3; batch++) {
        for (int i = 0; i < 10; i++) {
            struct topics_record r = record_of("k", "v", batch * 1000 + i * 10);
            ok(topics_append(txn, t, 0, &r, &err));
        }
        ok(topics_commit(txn, &err));
    }
    topics_txn_close(txn);
    assert_int_equal(offset_at(f->log, -5), 0);
    assert_int_equal(offset_at(f->log, 0), 0);
    assert_int_equal(offset_at(f->log, 1), 1);
    assert_int_equal(offset_at(f->log, 90), 9);
    assert_int_equal(offset_at(f->log, 91), 10);
    assert_int_equal(offset_at(f->log, 1045), 15);
    assert_int_equal(offset_at(f->log, 2090), 29);
    assert_int_equal(offset_at(f->log, 2091), 30);
    int64_t offset;
    refuses(topics_offset_at(f->log, STR("t"), 4, 0, &offset, &err), ERROR_NOT_FOUND, "no partition 4");
}

#define with_log(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_log(test_topics),
        with_log(test_names),
        with_log(test_append_read),
        with_log(test_fields_of_a_record),
        with_log(test_abort_and_several_topics),
        with_log(test_refused_records),
        with_log(test_largest_record),
        with_log(test_fencing),
        with_log(test_huge_transaction),
        with_log(test_many_partitions),
        with_log(test_small_commits),
        with_log(test_compressions),
        with_log(test_offset_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
