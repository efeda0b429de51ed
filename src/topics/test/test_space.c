/* What can be wrong with the place where the log lies: full, taken, damaged. */
#include "topics/test/log_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ---- one process at a time ---- */

static void test_locked(void **state)
{
    struct fixture *f = *state;
    struct topics *second;
    char pid[32];
    snprintf(pid, sizeof pid, "in use by process %d;", (int)getpid());
    refuses(topics_open_embedded(&f->options, &second, &err), ERROR_LOCKED, pid);
    refuses(topics_open_embedded(&f->options, &second, &err), ERROR_LOCKED, f->dir);
    pid_t child = fork();
    if (!child) {
        struct error err;
        int rc = topics_open_embedded(&f->options, &second, &err);
        _exit(rc == ERROR_LOCKED && strstr(err.text, pid) ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    put(f->log, make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT), "k", "v", 0);
    fixture_reopen(f);
    assert_dump(f->log, "t", "0:k=v ");
}

static void test_bad_directories(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    char path[512];
    struct topics_embedded_options options = {.dir = path};
    struct topics *log;
    snprintf(path, sizeof path, "%s/not/there/yet", f->dir);
    ok(topics_open_embedded(&options, &log, &err));
    topics_close(log);
    snprintf(path, sizeof path, "%s/data.mdb/x", f->dir); /* below a file */
    refuses(topics_open_embedded(&options, &log, &err), ERROR_IO, "data.mdb");
    snprintf(path, sizeof path, "%s/data.mdb", f->dir);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 8192; i++)
        fputs("not a log", file);
    fclose(file);
    refuses(topics_open_embedded(&f->options, &log, &err), ERROR_CORRUPT, f->dir);
}

/* ---- full ---- */

static struct str noise(char *into, size_t size, uint64_t *seed)
{
    for (size_t k = 0; k < size; k += 8) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        memcpy(into + k, seed, 8);
    }
    return str_of(into, size);
}

enum { NOISE = 1024 };

/* Commits of n records each, until one fails. */
static int64_t fill(struct topics *log, int n, struct error *ret_err)
{
    struct topics_target *t = make_topic(log, "t", TOPIC_CONFIG_DEFAULT);
    struct topics_txn *txn = make_txn(log, "w");
    char value[NOISE];
    uint64_t seed = 1;
    int64_t committed = 0;
    for (int rc = 0; !rc; committed += rc ? 0 : n) {
        assert_true(committed < 1000000);
        for (int i = 0; i < n && !rc; i++) {
            struct topics_record r = {.value = noise(value, sizeof value, &seed), .timestamp = 0};
            rc = topics_append(txn, t, 0, &r, ret_err);
        }
        if (!rc)
            rc = topics_commit(txn, ret_err);
    }
    topics_txn_close(txn);
    return committed;
}

/* Everything acknowledged is there, and nothing more. */
static void check_filled(struct topics *log, int64_t committed)
{
    struct topics_reader *reader;
    char value[NOISE];
    uint64_t seed = 1;
    ok(topics_reader_open(log, STR("t"), 0, 0, &reader, &err));
    for (int64_t i = 0; i < committed; i++) {
        struct topics_record r;
        bool found = false;
        ok(topics_read(reader, 0, NULL, &r, &found, &err));
        assert_true(found);
        assert_true(str_equal(r.value, noise(value, sizeof value, &seed)));
    }
    topics_reader_close(reader);
    assert_offsets(log, "t", 0, 0, committed);
    assert_sound(log);
}

static void check_full_limit(struct fixture *f, int records)
{
    struct error full = {.code = ERROR_NONE};
    f->options.max_bytes = 16 * 1024 * 1024;
    fixture_reopen(f);
    struct topics_target *small = make_topic(f->log, "small", TOPIC_CONFIG_DEFAULT);
    int64_t committed = fill(f->log, records, &full);
    assert_int_equal(full.code, ERROR_NO_SPACE);
    assert_non_null(strstr(full.text, f->dir));
    assert_non_null(strstr(full.text, "raise the limit"));
    check_filled(f->log, committed);
    fixture_reopen(f);
    check_filled(f->log, committed);
    /* to the last page with single records */
    int rc = 0;
    struct topics_txn *txn = make_txn(f->log, "small");
    small = make_topic(f->log, "small", TOPIC_CONFIG_DEFAULT);
    for (int i = 0; !rc && i < 100000; i++) {
        struct topics_record r = record_of("key", "a value that is small", 0);
        rc = topics_append(txn, small, 0, &r, &full);
        if (!rc)
            rc = topics_commit(txn, &full);
    }
    assert_int_equal(rc, ERROR_NO_SPACE);
    check_filled(f->log, committed);
    /* deleting works in a full log, and then there is room again */
    ok(topics_delete(f->log, STR("t"), &err));
    append(txn, small, "key", "after");
    ok(topics_commit(txn, &err));
    topics_txn_close(txn);
    assert_true(fill(f->log, records, &full) >= committed / 2);
    assert_sound(f->log);
    ok(topics_delete(f->log, STR("t"), &err));
    ok(topics_clean(f->log, &err));
    assert_sound(f->log);
}

static void test_full_limit(void **state)
{
    check_full_limit(*state, 10);
}

/* Transactions that are written ahead: what they had written goes away again. */
static void test_full_limit_ahead(void **state)
{
    check_full_limit(*state, 6000);
}

/* A small file system of this test's own; false with the reason when that cannot be had. */
static bool mount_small(const char *dir, const char *size, char *why, size_t n)
{
    if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("none", dir, "tmpfs", 0, size)) {
        snprintf(why, n, "no tmpfs can be mounted: %s", strerror(errno));
        return false;
    }
    return true;
}

/* Takes all the space that is left. */
static void eat(const char *path)
{
    char block[4096];
    memset(block, 'x', sizeof block);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    assert_true(fd >= 0);
    while (write(fd, block, sizeof block) > 0)
        ;
    close(fd);
}

static void test_full_disk(void **state)
{
    struct fixture *f = *state;
    char why[256], eater[512];
    fixture_close(f);
    nftw(f->dir, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
    assert_int_equal(mkdir(f->dir, 0700), 0);
    if (!mount_small(f->dir, "size=12m", why, sizeof why)) {
        print_message("skipped: %s\n", why);
        skip();
    }
    snprintf(eater, sizeof eater, "%s/eater", f->dir);
    fixture_open(f);
    struct error full = {.code = ERROR_NONE};
    int64_t committed = fill(f->log, 100, &full);
    assert_int_equal(full.code, ERROR_NO_SPACE);
    assert_non_null(strstr(full.text, f->dir));
    assert_non_null(strstr(full.text, "no space left on the disk"));
    check_filled(f->log, committed);
    fixture_reopen(f);
    check_filled(f->log, committed);

    /* the space goes to somebody else, and comes back */
    ok(topics_delete(f->log, STR("t"), &err));
    fixture_close(f);
    nftw(f->dir, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
    fixture_open(f);
    struct topics_target *t = make_topic(f->log, "u", TOPIC_CONFIG_DEFAULT);
    make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
    put(f->log, t, "k", "before", 0);
    eat(eater);
    int64_t lost = fill(f->log, 100, &full);
    assert_int_equal(full.code, ERROR_NO_SPACE);
    assert_int_equal(lost, 0);
    unlink(eater);
    put(f->log, t, "k", "after", 0);
    assert_dump(f->log, "u", "0:k=before 1:k=after ");
    assert_sound(f->log);

    /* no place even to begin */
    fixture_close(f);
    nftw(f->dir, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
    eat(eater);
    struct topics *log;
    refuses(topics_open_embedded(&f->options, &log, &err), ERROR_NO_SPACE, f->dir);
    unlink(eater);
    fixture_open(f);
    fixture_close(f);
    umount(f->dir);
}

/* ---- damaged ---- */

/* Overwrites the first occurrence of `what` behind `from` in the log's file; returns where, or -1. */
static off_t damage(const struct fixture *f, const char *what, off_t from)
{
    char path[512];
    snprintf(path, sizeof path, "%s/data.mdb", f->dir);
    int fd = open(path, O_RDWR);
    struct stat st;
    assert_true(fd >= 0 && !fstat(fd, &st));
    char *bytes = mem_alloc((size_t)st.st_size);
    assert_int_equal(pread(fd, bytes, (size_t)st.st_size, 0), st.st_size);
    const char *at = memmem(bytes + from, (size_t)(st.st_size - from), what, strlen(what));
    off_t where = at ? at - bytes : -1;
    if (at)
        assert_int_equal(pwrite(fd, "XXXX", 4, where), 4);
    close(fd);
    free(bytes);
    return where;
}

static void damage_all(const struct fixture *f, const char *what)
{
    for (off_t at = 0; (at = damage(f, what, at)) >= 0;)
        at += 4;
}

/* As a process leaves it that was killed. */
static void look_unclean(const struct fixture *f)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tributary.lock", f->dir);
    FILE *file = fopen(path, "w");
    fputs("1\n", file);
    fclose(file);
}

static void prepare_damage(struct fixture *f)
{
    f->options.compression = COMPRESSION_NONE;
    fixture_reopen(f);
    struct topics_target *t = make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT);
    put(f->log, t, "k", "the-first-value", 0);
    put(f->log, t, "k", "the-second-value", 0);
    put(f->log, t, "k", "the-third-value", 0);
    put(f->log, t, "k", "the-fourth-value", 0);
}

static void test_torn_end(void **state)
{
    struct fixture *f = *state;
    prepare_damage(f);
    fixture_close(f);
    damage_all(f, "the-third-value");
    damage_all(f, "the-fourth-value");
    look_unclean(f);
    fixture_open(f);
    assert_dump(f->log, "t", "0:k=the-first-value 1:k=the-second-value ");
    assert_offsets(f->log, "t", 0, 0, 2);
    put(f->log, make_topic(f->log, "t", TOPIC_CONFIG_DEFAULT), "k", "next", 0);
    assert_sound(f->log);
    fixture_reopen(f);
    assert_dump(f->log, "t", "0:k=the-first-value 1:k=the-second-value 2:k=next ");
}

static void test_damage_inside(void **state)
{
    struct fixture *f = *state;
    prepare_damage(f);
    fixture_close(f);
    damage_all(f, "the-second-value");
    look_unclean(f);
    fixture_open(f);
    assert_offsets(f->log, "t", 0, 0, 4); /* only ends are cut */
    int64_t batches = -1, records = -1;
    refuses(topics_verify(f->log, &batches, &records, &err), ERROR_CORRUPT,
            "topic \"t\", partition 0, batch at offset 1: record batch: checksum");
    assert_int_equal(batches, -1);
    struct topics_reader *reader;
    struct topics_record r;
    bool found;
    ok(topics_reader_open(f->log, STR("t"), 0, 0, &reader, &err));
    ok(topics_read(reader, 0, NULL, &r, &found, &err));
    for (int again = 0; again < 2; again++)
        refuses(topics_read(reader, 0, NULL, &r, &found, &err), ERROR_CORRUPT, "batch at offset 1");
    topics_reader_close(reader);
    char *rest = dump(f->log, "t", 0, 2);
    assert_string_equal(rest, "2:k=the-third-value 3:k=the-fourth-value ");
    free(rest);
}

#define with_log(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_log(test_locked),           with_log(test_bad_directories), with_log(test_full_limit),
        with_log(test_full_limit_ahead), with_log(test_full_disk),       with_log(test_torn_end),
        with_log(test_damage_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
