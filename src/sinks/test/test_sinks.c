#include "api/sink.h"
#include "base/hash.h"
#include "base/mem.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

extern const struct sink_plugin topics_sink, stdout_sink;

struct fixture {
    char dir[256];
    struct topics *log;
    struct sink_env env;
    uint64_t acknowledged;
    struct config raw;
    struct plugin_config config;
    void *parsed;
};

#define ok(call)                                                                                                       \
    do {                                                                                                               \
        struct error err;                                                                                              \
        if (call)                                                                                                      \
            fail_msg("%s", err.text);                                                                                  \
    } while (0)

static void acknowledge(void *ctx, uint64_t sequence)
{
    struct fixture *f = ctx;
    assert_true(sequence > f->acknowledged);
    f->acknowledged = sequence;
}

static int setup(void **state)
{
    struct fixture *f = mem_new(struct fixture);
    *state = f;
    const char *tmp = getenv("TMPDIR");
    snprintf(f->dir, sizeof f->dir, "%s/tributary-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(f->dir));
    struct topics_embedded_options options = {.dir = f->dir, .compression = COMPRESSION_LZ4};
    ok(topics_open_embedded(&options, &f->log, &err));
    f->env = (struct sink_env){.owner = "test-0",
                               .topics = f->log,
                               .offsets_topic = STR("offsets"),
                               .topic_defaults = TOPIC_CONFIG_DEFAULT,
                               .acknowledged = acknowledge,
                               .ctx = f};
    config_init(&f->raw);
    return 0;
}

static int unlink_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    topics_close(f->log);
    nftw(f->dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
    config_release(&f->raw);
    free(f->parsed);
    free(f);
    return 0;
}

static struct sink *open_sink(struct fixture *f, const struct sink_plugin *plugin)
{
    struct findings findings;
    struct sink *sink = NULL;
    findings_init(&findings);
    f->parsed = mem_zalloc(plugin->info.config_size);
    config_parse(plugin->info.properties, &f->raw, f->parsed, &findings);
    assert_int_equal(findings.errors, 0);
    findings_release(&findings);
    f->config = (struct plugin_config){.parsed = f->parsed, .raw = &f->raw};
    ok(plugin->open(&f->env, &f->config, &sink, &err));
    return sink;
}

static struct sink_record record_of(struct str topic, const char *key, const char *value)
{
    return (struct sink_record){
        .topic = topic,
        .partition = RECORD_NO_PARTITION,
        .record = {.key = str_from(key), .value = str_from(value), .timestamp = RECORD_NO_TIMESTAMP},
    };
}

static char *dump(struct topics *log, const char *topic, int32_t partition)
{
    struct topics_reader *reader = NULL;
    struct buf out = {0};
    ok(topics_reader_open(log, str_from(topic), partition, TOPICS_BEGIN, &reader, &err));
    for (;;) {
        struct topics_record r;
        bool found = false;
        ok(topics_read(reader, 0, NULL, &r, &found, &err));
        if (!found)
            break;
        buf_printf(&out, STR_FMT "=" STR_FMT " ", STR_ARG(r.key), STR_ARG(r.value));
    }
    topics_reader_close(reader);
    buf_cstr(&out);
    return buf_take(&out);
}

static void assert_dump(struct topics *log, const char *topic, int32_t partition, const char *expected)
{
    char *got = dump(log, topic, partition);
    assert_string_equal(got, expected);
    free(got);
}

/* ---- topics ---- */

static void test_topics(void **state)
{
    struct fixture *f = *state;
    struct sink *sink = open_sink(f, &topics_sink);
    const struct str orders = STR("orders"), items = STR("items");
    struct sink_record records[] = {record_of(orders, "1", "a"), record_of(items, "1", "b"),
                                    record_of(orders, "2", "c"), record_of(orders, "1", NULL)};
    const struct sink_commit with = {.sequence = 1, .offset_key = STR("[\"c\",{}]"), .offset_value = STR("{\"o\":4}")};
    ok(topics_sink.write(sink, records, 4, &err));
    assert_dump(f->log, "orders", 0, "");
    ok(topics_sink.commit(sink, &with, &err));
    assert_int_equal(f->acknowledged, 1);
    assert_dump(f->log, "orders", 0, "1=a 2=c 1= ");
    assert_dump(f->log, "items", 0, "1=b ");
    assert_dump(f->log, "offsets", 0, "[\"c\",{}]={\"o\":4} ");
    struct arena arena = {0};
    struct topic_info info;
    ok(topics_describe(f->log, STR("offsets"), &arena, &info, &err));
    assert_true(info.config.compact);
    arena_free(&arena);

    /* what is aborted is not there; a commit without a position stores none */
    ok(topics_sink.write(sink, records, 1, &err));
    topics_sink.abort(sink);
    ok(topics_sink.write(sink, records + 2, 1, &err));
    const struct sink_commit without = {.sequence = 2};
    ok(topics_sink.commit(sink, &without, &err));
    assert_int_equal(f->acknowledged, 2);
    assert_dump(f->log, "orders", 0, "1=a 2=c 1= 2=c ");
    assert_dump(f->log, "offsets", 0, "[\"c\",{}]={\"o\":4} ");
    topics_sink.close(sink);
}

static void test_partitions(void **state)
{
    struct fixture *f = *state;
    f->env.topic_defaults.partitions = 4;
    struct sink *sink = open_sink(f, &topics_sink);
    const struct str topic = STR("t");
    struct sink_record explicit = record_of(topic, "k", "v");
    explicit.partition = 3;
    ok(topics_sink.write(sink, &explicit, 1, &err));
    char key[8];
    int expected[4] = {0, 0, 0, 1};
    for (int i = 0; i < 40; i++) {
        snprintf(key, sizeof key, "%d", i);
        struct sink_record r = record_of(topic, key, "v");
        ok(topics_sink.write(sink, &r, 1, &err));
        expected[(murmur2(key, strlen(key)) & 0x7fffffff) % 4]++;
    }
    const struct sink_commit commit = {.sequence = 1};
    ok(topics_sink.commit(sink, &commit, &err));
    for (int32_t p = 0; p < 4; p++) {
        int64_t begin, end;
        ok(topics_offsets(f->log, topic, p, &begin, &end, &err));
        assert_int_equal(end, expected[p]);
    }
    /* without a key: all get their share, in long runs */
    const struct str u = STR("u");
    for (int i = 0; i < 8192; i++) {
        struct sink_record r = record_of(u, NULL, "v");
        ok(topics_sink.write(sink, &r, 1, &err));
    }
    ok(topics_sink.commit(sink, &(struct sink_commit){.sequence = 2}, &err));
    for (int32_t p = 0; p < 4; p++) {
        int64_t begin, end;
        ok(topics_offsets(f->log, u, p, &begin, &end, &err));
        assert_int_equal(end, 2048);
    }
    explicit.partition = 4;
    struct error why;
    assert_int_equal(topics_sink.write(sink, &explicit, 1, &why), ERROR_NOT_FOUND);
    assert_non_null(strstr(why.text, "no partition 4"));
    topics_sink.close(sink);
}

static void test_topic_comes_back(void **state)
{
    struct fixture *f = *state;
    struct sink *sink = open_sink(f, &topics_sink);
    struct sink_record r = record_of(STR("t"), "k", "v");
    struct error why;
    ok(topics_sink.write(sink, &r, 1, &err));
    ok(topics_sink.commit(sink, &(struct sink_commit){.sequence = 1}, &err));
    ok(topics_delete(f->log, STR("t"), &err));
    assert_int_equal(topics_sink.write(sink, &r, 1, &why), ERROR_NOT_FOUND);
    topics_sink.abort(sink);
    ok(topics_sink.write(sink, &r, 1, &err));
    ok(topics_sink.commit(sink, &(struct sink_commit){.sequence = 2}, &err));
    assert_dump(f->log, "t", 0, "k=v ");
    /* deleted between write and commit: the error comes then, and nothing is acknowledged */
    ok(topics_sink.write(sink, &r, 1, &err));
    ok(topics_delete(f->log, STR("t"), &err));
    assert_int_equal(topics_sink.commit(sink, &(struct sink_commit){.sequence = 3}, &why), ERROR_NOT_FOUND);
    assert_int_equal(f->acknowledged, 2);
    topics_sink.close(sink);
    f->env.topics = NULL;
    assert_int_equal(topics_sink.open(&f->env, &f->config, &sink, &why), ERROR_CONFIG);
}

/* The same address with another name, and many names. */
static void test_names(void **state)
{
    struct fixture *f = *state;
    struct sink *sink = open_sink(f, &topics_sink);
    char shared[] = "aaa", names[100][8];
    struct sink_record r = record_of(str_from(shared), "k", "1");
    ok(topics_sink.write(sink, &r, 1, &err));
    memcpy(shared, "bbb", 3);
    ok(topics_sink.write(sink, &r, 1, &err));
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 100; i++) {
            snprintf(names[i], sizeof names[i], "n%d", i);
            r = record_of(str_from(names[i]), "k", "v");
            ok(topics_sink.write(sink, &r, 1, &err));
        }
    ok(topics_sink.commit(sink, &(struct sink_commit){.sequence = 1}, &err));
    assert_dump(f->log, "aaa", 0, "k=1 ");
    assert_dump(f->log, "bbb", 0, "k=1 ");
    for (int i = 0; i < 100; i++)
        assert_dump(f->log, names[i], 0, "k=v k=v ");
    topics_sink.close(sink);
}

/* ---- stdout ---- */

/* Runs `body` with standard output on `fd`. */
static void with_stdout(int fd, void (*body)(struct fixture *, struct sink *), struct fixture *f)
{
    struct sink *sink = open_sink(f, &stdout_sink);
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    dup2(fd, STDOUT_FILENO);
    body(f, sink);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    stdout_sink.close(sink);
}

static char *read_back(FILE *file)
{
    static char text[4096];
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    return text;
}

static void write_lines(struct fixture *f, struct sink *sink)
{
    struct sink_record records[] = {record_of(STR("t"), "1", "{\"a\":1}"), record_of(STR("t"), NULL, "x"),
                                    record_of(STR("t"), "3", NULL)};
    (void)f;
    ok(stdout_sink.write(sink, records, 3, &err));
    stdout_sink.abort(sink);
    ok(stdout_sink.write(sink, records, 3, &err));
    const struct sink_commit commit = {.sequence = 7, .offset_key = STR("k"), .offset_value = STR("v")};
    ok(stdout_sink.commit(sink, &commit, &err));
}

static void test_lines(void **state)
{
    struct fixture *f = *state;
    FILE *file = tmpfile();
    with_stdout(fileno(file), write_lines, f);
    assert_string_equal(read_back(file), "{\"a\":1}\nx\nnull\n");
    assert_int_equal(f->acknowledged, 7);
    assert_dump(f->log, "offsets", 0, "k=v ");
    fclose(file);
}

static void test_lines_with_keys(void **state)
{
    struct fixture *f = *state;
    FILE *file = tmpfile();
    f->env.topics = NULL; /* no log: nothing to store a position in */
    config_set(&f->raw, STR("print.key"), STR("true"));
    config_set(&f->raw, STR("key.separator"), STR("\\t:\\\\"));
    config_set(&f->raw, STR("null.literal"), STR("-"));
    with_stdout(fileno(file), write_lines, f);
    assert_string_equal(read_back(file), "1\t:\\{\"a\":1}\n-\t:\\x\n3\t:\\-\n");
    assert_int_equal(f->acknowledged, 7);
    fclose(file);
}

static void write_to_closed(struct fixture *f, struct sink *sink)
{
    struct sink_record r = record_of(STR("t"), "k", "v");
    struct error why;
    ok(stdout_sink.write(sink, &r, 1, &err));
    assert_int_equal(stdout_sink.commit(sink, &(struct sink_commit){.sequence = 1}, &why), ERROR_STOPPED);
    assert_non_null(strstr(why.text, "closed by its reader"));
    assert_int_equal(f->acknowledged, 0);
}

static void test_closed_pipe(void **state)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    close(pipes[0]);
    with_stdout(pipes[1], write_to_closed, *state); /* and no SIGPIPE */
    close(pipes[1]);
    sigset_t pending;
    sigpending(&pending);
    assert_false(sigismember(&pending, SIGPIPE));
}

static void write_to_full(struct fixture *f, struct sink *sink)
{
    struct sink_record r = record_of(STR("t"), "k", "v");
    struct error why;
    int rc = 0;
    for (int i = 0; !rc && i < 1000000; i++) /* fails as soon as the buffer is full */
        rc = stdout_sink.write(sink, &r, 1, &why);
    assert_int_equal(rc, ERROR_NO_SPACE);
    assert_int_equal(f->acknowledged, 0);
}

static void test_full_disk(void **state)
{
    int fd = open("/dev/full", O_WRONLY);
    if (fd < 0) {
        print_message("skipped: no /dev/full\n");
        skip();
    }
    with_stdout(fd, write_to_full, *state);
    close(fd);
}

static void test_properties(void **state)
{
    (void)state;
    struct findings findings;
    findings_init(&findings);
    property_check_table(topics_sink.info.properties, &findings);
    property_check_table(stdout_sink.info.properties, &findings);
    assert_int_equal(findings.items.len, 0);
    findings_release(&findings);
}

#define with_log(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_log(test_topics),      with_log(test_partitions), with_log(test_topic_comes_back),
        with_log(test_names),       with_log(test_lines),      with_log(test_lines_with_keys),
        with_log(test_closed_pipe), with_log(test_full_disk),  cmocka_unit_test(test_properties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
