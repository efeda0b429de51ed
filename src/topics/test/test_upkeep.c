#include "topics/test/log_fixture.h"

#include "base/clock.h"
#include "topics/embedded/offset_map.h"

/* ---- retention ---- */

static void test_retention_by_age(void **state)
{
    struct fixture *f = *state;
    struct topic_config config = TOPIC_CONFIG_DEFAULT;
    config.retention_ms = 3600000;
    struct topics_target *t = make_topic(f->log, "t", config);
    config.cleanup_delete = false;
    struct topics_target *kept = make_topic(f->log, "kept", config);
    int64_t now = clock_wall_ms();
    put(f->log, t, "a", "old", now - 2 * 3600000);
    put(f->log, t, "b", "old", now - 3 * 3600000);
    put(f->log, t, "c", "new", now - 1800000);
    put(f->log, t, "d", "old behind a new one", now - 2 * 3600000);
    put(f->log, kept, "a", "old", now - 2 * 3600000);
    ok(topics_clean(f->log, &err));
    assert_dump(f->log, "t", "2:c=new 3:d=old behind a new one ");
    assert_dump(f->log, "kept", "0:a=old ");
    assert_offsets(f->log, "t", 0, 2, 4);
    char *got = dump(f->log, "t", 0, 0); /* below the first kept */
    assert_string_equal(got, "2:c=new 3:d=old behind a new one ");
    free(got);
    fixture_reopen(f);
    assert_offsets(f->log, "t", 0, 2, 4);
    struct arena arena = {0};
    struct topic_info info;
    ok(topics_describe(f->log, STR("t"), &arena, &info, &err));
    assert_int_equal(info.records, 2);
    assert_true(info.bytes > 0);
    arena_free(&arena);
    assert_sound(f->log);
}

static void test_everything_too_old(void **state)
{
    struct fixture *f = *state;
    struct topic_config config = TOPIC_CONFIG_DEFAULT;
    config.retention_ms = 1000;
    struct topics_target *t = make_topic(f->log, "t", config);
    for (int i = 0; i < 200; i++) /* more than one step */
        put(f->log, t, "k", "v", 5);
    ok(topics_clean(f->log, &err));
    assert_offsets(f->log, "t", 0, 200, 200);
    assert_dump(f->log, "t", "");
    fixture_reopen(f);
    put(f->log, make_topic(f->log, "t", config), "k", "next", clock_wall_ms());
    ok(topics_clean(f->log, &err));
    assert_dump(f->log, "t", "200:k=next ");
    int64_t batches, records;
    ok(topics_verify(f->log, &batches, &records, &err));
    assert_int_equal(batches, 1);
}

static void test_retention_by_size(void **state)
{
    struct fixture *f = *state;
    struct topic_config config = TOPIC_CONFIG_DEFAULT;
    config.retention_ms = -1;
    config.retention_bytes = 1000;
    struct topics_target *t = make_topic(f->log, "t", config);
    struct arena arena = {0};
    struct topic_info info;
    for (int i = 0; i < 50; i++)
        put(f->log, t, "k", "some value", 5);
    ok(topics_describe(f->log, STR("t"), &arena, &info, &err));
    int64_t one = info.bytes / 50;
    ok(topics_clean(f->log, &err));
    ok(topics_describe(f->log, STR("t"), &arena, &info, &err));
    assert_true(info.bytes >= 1000 && info.bytes < 1000 + one);
    assert_offsets(f->log, "t", 0, 50 - info.bytes / one, 50);
    arena_free(&arena);
    assert_sound(f->log);
}

/* What was freed is used again: neither the file nor the resident memory grows with what went through. */
static void test_space_is_reused(void **state)
{
    struct fixture *f = *state;
    enum { LIMIT_KIB = 24 * 1024 };
    f->options.relaxed_durability = true;
    f->options.max_bytes = 24 * 1024 * 1024;
    fixture_reopen(f);
    struct topic_config config = TOPIC_CONFIG_DEFAULT;
    config.retention_bytes = 2 * 1024 * 1024;
    struct topics_target *t = make_topic(f->log, "t", config);
    struct topics_txn *txn = make_txn(f->log, "w");
    uint64_t seed = 1;
    reset_peak();
    long before = resident_kib("VmRSS:");
    for (int round = 0; round < 30; round++) { /* 60 MB of noise in all */
        for (int i = 0; i < 2000; i++) {
            char noise[1000];
            for (size_t k = 0; k < sizeof noise; k += 8) {
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                memcpy(noise + k, &seed, 8);
            }
            struct topics_record r = {.value = {noise, sizeof noise}, .timestamp = INT64_MIN};
            ok(topics_append(txn, t, 0, &r, &err));
        }
        ok(topics_commit(txn, &err));
        ok(topics_clean(f->log, &err));
    }
    topics_txn_close(txn);
    assert_sound(f->log);
    long grown = resident_kib("VmHWM:") - before;
    if (!SANITIZED && grown > LIMIT_KIB)
        fail_msg("%ld KiB more are resident", grown);
}

static void test_delete_topic(void **state)
{
    struct fixture *f = *state;
    struct topic_config config = TOPIC_CONFIG_DEFAULT;
    config.partitions = 2;
    struct topics_target *t = make_topic(f->log, "t", config);
    for (int i = 0; i < 150; i++)
        put(f->log, t, "k", "v", 5);
    struct topics_txn *txn = make_txn(f->log, "w");
    append(txn, t, "k", "too late");
    ok(topics_delete(f->log, STR("t"), &err));
    refuses(topics_commit(txn, &err), ERROR_NOT_FOUND, "\"t\" was deleted");
    struct topics_record r = record_of("k", "v", 1);
    refuses(topics_append(txn, t, 0, &r, &err), ERROR_NOT_FOUND, "was deleted");
    topics_abort(txn);
    int64_t batches, records;
    ok(topics_verify(f->log, &batches, &records, &err));
    assert_int_equal(batches, 0);
    t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
    assert_offsets(f->log, "t", 0, 0, 0);
    append(txn, t, "k", "in the new one");
    ok(topics_commit(txn, &err));
    topics_txn_close(txn);
    assert_dump(f->log, "t", "0:k=in the new one ");
    fixture_reopen(f);
    assert_dump(f->log, "t", "0:k=in the new one ");
}

/* ---- compaction ---- */

static void test_siphash(void **state)
{
    (void)state;
    uint64_t secret[2];
    uint8_t bytes[16], message[15];
    for (uint8_t i = 0; i < 16; i++)
        bytes[i] = i;
    memcpy(secret, bytes, sizeof secret);
    memcpy(message, bytes, sizeof message);
    /* from the reference implementation's vectors */
    const uint8_t empty[] = {0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6,
                             0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93};
    const uint8_t one[] = {0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44,
                           0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45};
    struct hash128 hash = siphash128(secret, STR(""));
    assert_memory_equal(&hash, empty, 16);
    hash = siphash128(secret, str_of(message, 1));
    assert_memory_equal(&hash, one, 16);
}

static void test_offset_map(void **state)
{
    (void)state;
    struct offset_map m;
    enum { KEYS = 3000 };
    offset_map_init(&m, KEYS);
    assert_int_equal(offset_map_get(&m, STR("0")), -1);
    for (int round = 0; round < 2; round++) {
        char key[16];
        for (int i = 0; i < KEYS; i++)
            assert_true(offset_map_put(&m, str_of(key, (size_t)snprintf(key, sizeof key, "%d", i)), round * KEYS + i));
        assert_false(offset_map_put(&m, STR("one more"), 7));
        for (int i = 0; i < KEYS; i++)
            assert_int_equal(offset_map_get(&m, str_of(key, (size_t)snprintf(key, sizeof key, "%d", i))),
                             round * KEYS + i);
        assert_int_equal(offset_map_get(&m, STR("one more")), -1);
    }
    offset_map_clear(&m);
    assert_int_equal(offset_map_get(&m, STR("0")), -1);
    offset_map_release(&m);
}

static void test_compaction(void **state)
{
    struct fixture *f = *state;
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_COMPACT);
    put(f->log, t, "a", "1", 1);
    put(f->log, t, "b", "1", 2);
    put(f->log, t, "a", "2", 3);
    put(f->log, t, "c", "1", 4);
    put(f->log, t, "c", NULL, 5);
    put(f->log, t, "a", "3", 6);
    ok(topics_compact(f->log, STR("t"), &err));
    assert_dump(f->log, "t", "1:b=1 4:c=- 5:a=3 "); /* the tombstone stays for a while */
    assert_offsets(f->log, "t", 0, 0, 6);
    assert_sound(f->log);
    ok(topics_compact(f->log, STR("t"), &err));
    assert_dump(f->log, "t", "1:b=1 4:c=- 5:a=3 ");
    put(f->log, t, "b", "2", 7);
    put(f->log, t, "d", "1", 8);
    fixture_reopen(f);
    ok(topics_compact(f->log, STR("t"), &err));
    assert_dump(f->log, "t", "4:c=- 5:a=3 6:b=2 7:d=1 ");
    char *got = dump(f->log, "t", 0, 2); /* into a hole */
    assert_string_equal(got, "4:c=- 5:a=3 6:b=2 7:d=1 ");
    free(got);
    int64_t batches, records;
    ok(topics_verify(f->log, &batches, &records, &err));
    assert_int_equal(batches, 1); /* neighbours became one */
    assert_int_equal(records, 4);
    make_topic(f->log, "plain", TOPIC_CONFIG_DEFAULT);
    refuses(topics_compact(f->log, STR("plain"), &err), ERROR_REQUEST, "not compacted");
}

static void test_tombstones_go(void **state)
{
    struct fixture *f = *state;
    struct topic_config config = TOPIC_CONFIG_COMPACT;
    config.delete_retention_ms = 60;
    struct topics_target *t = make_topic(f->log, "t", config);
    put(f->log, t, "a", "1", 1);
    put(f->log, t, "b", "1", 1);
    put(f->log, t, "a", NULL, 1); /* its age counts from its compaction on, not from its timestamp */
    ok(topics_compact(f->log, STR("t"), &err));
    assert_dump(f->log, "t", "1:b=1 2:a=- ");
    fixture_reopen(f);
    usleep(80000);
    ok(topics_compact(f->log, STR("t"), &err));
    assert_dump(f->log, "t", "1:b=1 ");
    assert_offsets(f->log, "t", 0, 0, 3);
    /* a reader at the end of what was removed goes on with what comes */
    struct topics_reader *reader;
    struct topics_record r;
    bool found;
    ok(topics_reader_open(f->log, STR("t"), 0, 2, &reader, &err));
    ok(topics_read(reader, 0, NULL, &r, &found, &err));
    assert_false(found);
    put(f->log, make_topic(f->log, "t", config), "c", "1", 1);
    ok(topics_read(reader, 0, NULL, &r, &found, &err));
    assert_true(found && r.offset == 3);
    topics_reader_close(reader);
    config.delete_retention_ms = 0;
    t = make_topic(f->log, "at-once", config);
    put(f->log, t, "a", "1", 1);
    put(f->log, t, "a", NULL, 1);
    ok(topics_compact(f->log, STR("at-once"), &err));
    assert_dump(f->log, "at-once", "");
    assert_offsets(f->log, "at-once", 0, 0, 2);
    assert_sound(f->log);
}

/* Many keys in many batches, compacted while it grows, against a table of what must be there. */
static void test_compaction_at_length(void **state)
{
    struct fixture *f = *state;
    f->options.relaxed_durability = true;
    fixture_reopen(f);
    enum { KEYS = 5000, ROUNDS = 8, PER_ROUND = 20000 };
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_COMPACT);
    struct topics_txn *txn = make_txn(f->log, "w");
    static int64_t last[KEYS];
    static bool tombstone[KEYS];
    int64_t offset = 0;
    int64_t distinct = 0;
    uint64_t seed = 7;
    memset(last, -1, sizeof last);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < PER_ROUND; i++, offset++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            uint32_t k = (uint32_t)(seed >> 33) % KEYS;
            char key[32], value[64];
            snprintf(key, sizeof key, "key-%u", k);
            snprintf(value, sizeof value, "the value that came at offset %lld", (long long)offset);
            struct topics_record r = record_of(key, seed >> 60 ? value : NULL, 1);
            ok(topics_append(txn, t, 0, &r, &err));
            distinct += last[k] < 0;
            last[k] = offset;
            tombstone[k] = !r.value.ptr;
            if (seed >> 20 & 1 && i % 100 == 0)
                ok(topics_commit(txn, &err));
        }
        ok(topics_commit(txn, &err));
        ok(topics_clean(f->log, &err)); /* finds it due by itself */
        int64_t batches, records;
        ok(topics_verify(f->log, &batches, &records, &err));
        assert_int_equal(records, distinct);
    }
    topics_txn_close(txn);
    struct topics_reader *reader;
    ok(topics_reader_open(f->log, STR("t"), 0, 0, &reader, &err));
    for (int64_t n = 0; n < distinct; n++) {
        struct topics_record r;
        bool found = false;
        char key[32] = "", value[64];
        ok(topics_read(reader, 0, NULL, &r, &found, &err));
        assert_true(found);
        memcpy(key, r.key.ptr, r.key.len);
        long k = strtol(key + 4, NULL, 10);
        assert_int_equal(r.offset, last[k]);
        assert_int_equal(!r.value.ptr, tombstone[k]);
        snprintf(value, sizeof value, "the value that came at offset %lld", (long long)r.offset);
        if (r.value.ptr)
            assert_true(str_is(r.value, value));
    }
    topics_reader_close(reader);
}

/* Age and keys together: cleanup.policy=compact,delete */
static void test_compact_and_delete(void **state)
{
    struct fixture *f = *state;
    struct topic_config config = TOPIC_CONFIG_COMPACT;
    config.cleanup_delete = true;
    config.retention_ms = 3600000;
    struct topics_target *t = make_topic(f->log, "t", config);
    int64_t now = clock_wall_ms();
    put(f->log, t, "a", "old", now - 2 * 3600000);
    put(f->log, t, "b", "1", now);
    put(f->log, t, "b", "2", now);
    ok(topics_compact(f->log, STR("t"), &err));
    assert_dump(f->log, "t", "0:a=old 2:b=2 ");
    put(f->log, t, "c", "1", now);
    ok(topics_clean(f->log, &err)); /* the batch holds a new record too: it stays */
    assert_dump(f->log, "t", "0:a=old 2:b=2 3:c=1 ");
    assert_sound(f->log);
}

#define with_log(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_log(test_retention_by_age),     with_log(test_everything_too_old), with_log(test_retention_by_size),
        with_log(test_space_is_reused),      with_log(test_delete_topic),       cmocka_unit_test(test_siphash),
        cmocka_unit_test(test_offset_map),   with_log(test_compaction),         with_log(test_tombstones_go),
        with_log(test_compaction_at_length), with_log(test_compact_and_delete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
