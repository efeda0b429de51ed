/* A log in a directory of its own, for tests. */
#ifndef TOPICS_TEST_LOG_FIXTURE_H
#define TOPICS_TEST_LOG_FIXTURE_H

#include "base/mem.h"
#include "topics/topics.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char dir[256];
    struct topics *log;
    struct topics_embedded_options options;
};

/* Fails the test with the error's text. */
#define ok(call)                                                                                                       \
    do {                                                                                                               \
        struct error err;                                                                                              \
        if (call)                                                                                                      \
            fail_msg("%s", err.text);                                                                                  \
    } while (0)

/* Expects the error and that its text contains `part`. */
#define refuses(call, expected, part)                                                                                  \
    do {                                                                                                               \
        struct error err = {.code = ERROR_NONE};                                                                       \
        int code_ = (call);                                                                                            \
        assert_int_equal(code_, expected);                                                                             \
        assert_int_equal(err.code, expected);                                                                          \
        if (!strstr(err.text, part))                                                                                   \
            fail_msg("\"%s\" does not say \"%s\"", err.text, part);                                                    \
    } while (0)

static inline int fixture_unlink(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void fixture_open(struct fixture *f)
{
    ok(topics_open_embedded(&f->options, &f->log, &err));
}

static inline void fixture_close(struct fixture *f)
{
    topics_close(f->log);
    f->log = NULL;
}

static inline void fixture_reopen(struct fixture *f)
{
    fixture_close(f);
    fixture_open(f);
}

static inline void fixture_init(struct fixture *f)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(f->dir, sizeof f->dir, "%s/tributary-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    f->options = (struct topics_embedded_options){.dir = f->dir, .compression = COMPRESSION_LZ4};
}

static inline void fixture_release(struct fixture *f)
{
    topics_close(f->log);
    nftw(f->dir, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int setup(void **state)
{
    struct fixture *f = mem_new(struct fixture);
    *state = f;
    fixture_init(f);
    fixture_open(f);
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *f = *state;
    fixture_release(f);
    free(f);
    return 0;
}

static inline struct topics_target *make_topic(struct topics *log, const char *name, struct topic_config config)
{
    struct topics_target *target = NULL;
    ok(topics_ensure(log, str_from(name), &config, &err));
    ok(topics_target(log, str_from(name), &target, &err));
    return target;
}

static inline struct topics_txn *make_txn(struct topics *log, const char *owner)
{
    struct topics_txn *txn = NULL;
    ok(topics_txn_open(log, str_from(owner), &txn, &err));
    return txn;
}

/* key NULL: none; value NULL: tombstone */
static inline struct topics_record record_of(const char *key, const char *value, int64_t timestamp)
{
    return (struct topics_record){.key = str_from(key), .value = str_from(value), .timestamp = timestamp};
}

static inline void append(struct topics_txn *txn, struct topics_target *target, const char *key, const char *value)
{
    struct topics_record r = record_of(key, value, INT64_MIN);
    ok(topics_append(txn, target, 0, &r, &err));
}

/* One record, one commit. */
static inline void put(struct topics *log, struct topics_target *target, const char *key, const char *value,
                       int64_t timestamp)
{
    struct topics_txn *txn = make_txn(log, "");
    struct topics_record r = record_of(key, value, timestamp);
    ok(topics_append(txn, target, 0, &r, &err));
    ok(topics_commit(txn, &err));
    topics_txn_close(txn);
}

/* "offset:key=value " for each record of the partition, - for null. */
static inline char *dump(struct topics *log, const char *topic, int32_t partition, int64_t from)
{
    struct topics_reader *reader = NULL;
    struct buf out = {0};
    ok(topics_reader_open(log, str_from(topic), partition, from, &reader, &err));
    for (;;) {
        struct topics_record r;
        bool found = false;
        ok(topics_read(reader, 0, NULL, &r, &found, &err));
        if (!found)
            break;
        buf_printf(&out, "%lld:", (long long)r.offset);
        buf_add_str(&out, r.key.ptr ? r.key : STR("-"));
        buf_add_char(&out, '=');
        buf_add_str(&out, r.value.ptr ? r.value : STR("-"));
        buf_add_char(&out, ' ');
    }
    topics_reader_close(reader);
    buf_cstr(&out);
    return buf_take(&out);
}

static inline void assert_dump(struct topics *log, const char *topic, const char *expected)
{
    char *got = dump(log, topic, 0, TOPICS_BEGIN);
    assert_string_equal(got, expected);
    free(got);
}

static inline void assert_offsets(struct topics *log, const char *topic, int32_t partition, int64_t begin, int64_t end)
{
    int64_t b = -9, e = -9;
    ok(topics_offsets(log, str_from(topic), partition, &b, &e, &err));
    assert_int_equal(b, begin);
    assert_int_equal(e, end);
}

static inline void assert_sound(struct topics *log)
{
    int64_t batches, records;
    ok(topics_verify(log, &batches, &records, &err));
}

/* Of this process, in KiB. */
static inline long resident_kib(const char *line)
{
    char text[256];
    long kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(text, sizeof text, f))
        if (!strncmp(text, line, strlen(line)))
            kib = strtol(text + strlen(line) + 1, NULL, 10);
    if (f)
        fclose(f);
    return kib;
}

/* The peak (VmHWM) begins anew. */
static inline void reset_peak(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");
    if (f) {
        fputs("5", f);
        fclose(f);
    }
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
