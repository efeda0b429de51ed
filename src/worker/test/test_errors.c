/* errors.*: records that cannot be transformed or converted are tried again, skipped, logged, kept as dead letters. */
#include "worker/test/fake.h"

#include "worker/record_json.h"

#include <fcntl.h>

/* ---- what is in the dead-letter topic ---- */

struct letters {
    size_t n;
    struct buf text; /* "key|value|name=text;...\n" of each */
};

static void add_part(struct buf *out, struct str s)
{
    if (s.ptr)
        buf_add_str(out, s);
    else
        buf_add_literal(out, "null");
}

static void read_letters(struct fixture *f, const char *topic, struct letters *ret)
{
    struct topics_reader *reader;
    struct topics_record r;
    struct error err = {0};
    bool found = true;
    ret->n = 0;
    buf_clear(&ret->text);
    if (topics_reader_open(f->topics, str_from(topic), 0, TOPICS_BEGIN, &reader, &err))
        fail_msg("%s", err.text);
    while (topics_read(reader, 0, NULL, &r, &found, &err) == 0 && found) {
        ret->n++;
        add_part(&ret->text, r.key);
        buf_add_char(&ret->text, '|');
        add_part(&ret->text, r.value);
        buf_add_char(&ret->text, '|');
        for (uint32_t i = 0; i < r.n_headers; i++)
            buf_printf(&ret->text, STR_FMT "=" STR_FMT ";", STR_ARG(r.headers[i].key), STR_ARG(r.headers[i].value));
        buf_add_char(&ret->text, '\n');
    }
    topics_reader_close(reader);
    buf_cstr(&ret->text);
}

static void expect_letters(struct fixture *f, size_t n, const char *text)
{
    struct letters letters = {0};
    read_letters(f, "dead", &letters);
    assert_int_equal(letters.n, n);
    assert_string_equal(letters.text.data ? letters.text.data : "", text);
    buf_free(&letters.text);
}

static bool topic_exists(struct fixture *f, const char *topic)
{
    struct arena arena = {0};
    struct topic_info info;
    bool found = topics_describe(f->topics, str_from(topic), &arena, &info, NULL) == 0;
    arena_free(&arena);
    return found;
}

#define TOLERATE "errors.tolerance", "all"
#define DEAD     "errors.deadletterqueue.topic.name", "dead"
#define HEADERS  "errors.deadletterqueue.context.headers.enable", "true"
#define RENAME   "transforms", "t", "transforms.t.type", "org.fake.Rename", "transforms.t.text", "other"

static void a_skipped_record_is_kept_as_json(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    fake.fail_row = 50;
    fake.encode_error = ERROR_DATA;
    put(f, "c", TOLERATE, DEAD, NULL);
    wait_until(fake.confirmed == 100);
    assert_int_equal(sunk_count(), 99);
    expect_letters(f, 1, "50|[50,\"\"]|\n");
}

static void headers_tell_why(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    fake.fail_row = 50;
    fake.headers = 1;
    fake.encode_error = ERROR_DATA;
    put(f, "c", TOLERATE, DEAD, HEADERS, NULL);
    wait_until(fake.confirmed == 100);
    expect_letters(f, 1,
                   "50|[50,\"\"]|text=ä;number=50;__connect.errors.topic=rows;__connect.errors.connector.name=c;"
                   "__connect.errors.task.id=0;__connect.errors.stage=VALUE_CONVERTER;"
                   "__connect.errors.class.name=org.fake.FakeConverter;"
                   "__connect.errors.exception.class.name=org.apache.kafka.connect.errors.DataException;"
                   "__connect.errors.exception.message=row 50 has no form;"
                   "__connect.errors.exception.stacktrace=DATA: row 50 has no form\n\tin connector c, task 0, while "
                   "converting the value (bytes or values that cannot be understood or represented);\n");
}

static void transforms_leave_dead_letters_too(void **state)
{
    struct fixture *f = *state;
    struct letters letters = {0};
    fake.total = 100;
    fake.fail_row = 50;
    put(f, "c", TOLERATE, DEAD, HEADERS, RENAME, NULL);
    wait_until(fake.confirmed == 100);
    assert_int_equal(sunk_count(), 99);
    read_letters(f, "dead", &letters);
    assert_int_equal(letters.n, 1);
    assert_non_null(strstr(letters.text.data, "__connect.errors.topic=rows;"));
    assert_non_null(strstr(letters.text.data, "__connect.errors.stage=TRANSFORMATION;"));
    assert_non_null(strstr(letters.text.data, "__connect.errors.class.name=org.fake.Rename;"));
    buf_free(&letters.text);
}

static void a_batch_of_nothing_else_is_committed(void **state)
{
    struct fixture *f = *state;
    fake.total = 1;
    fake.fail_row = 1;
    fake.encode_error = ERROR_DATA;
    put(f, "c", TOLERATE, DEAD, NULL);
    wait_until(fake.confirmed == 1);
    assert_int_equal(sunk_count(), 0);
    expect_letters(f, 1, "1|[1,\"\"]|\n");
    fixture_down(f);
    fixture_up(f);
    await(f, "c", WORKER_RUNNING);
    fake.total = 2;
    wait_until(sunk_count() == 1);
    expect_letters(f, 1, "1|[1,\"\"]|\n"); /* it is behind the stored position */
}

static void a_commit_that_fails_leaves_no_letter_and_the_next_one(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    fake.fail_row = 50;
    fake.encode_error = ERROR_DATA;
    fake.commit_error = ERROR_NO_SPACE;
    put(f, "c", TOLERATE, DEAD, NULL);
    wait_until(fake.sink_opened >= 3);
    expect_letters(f, 0, "");
    fake.commit_error = 0;
    wait_until(fake.confirmed == 100);
    assert_int_equal(sunk_count(), 99);
    expect_letters(f, 1, "50|[50,\"\"]|\n");
}

static void the_topic_takes_its_group(void **state)
{
    struct fixture *f = *state;
    struct arena arena = {0};
    struct topic_info info;
    fake.total = 1;
    put(f, "c", TOLERATE, DEAD, "topic.creation.groups", "d", "topic.creation.d.include", "dead.*",
        "topic.creation.d.retention.ms", "1000", "topic.creation.default.cleanup.policy", "compact", NULL);
    wait_until(sunk_count() == 1);
    assert_int_equal(topics_describe(f->topics, STR("dead"), &arena, &info, NULL), 0);
    assert_int_equal(info.config.retention_ms, 1000);
    arena_free(&arena);
}

static void without_tolerance_there_is_no_letter(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    fake.fail_row = 50;
    fake.encode_error = ERROR_DATA;
    put(f, "c", DEAD, "task.restart.enable", "false", NULL);
    wait_until(task_state(f, "c", 0, NULL) == WORKER_FAILED);
    assert_false(topic_exists(f, "dead"));
    assert_int_not_equal(put(f, "d", "errors.deadletterqueue.topic.name", "no such name", NULL), 0);
}

static void a_topic_without_tolerance_is_warned_of(void **state)
{
    (void)state;
    for (int all = 0; all < 2; all++) {
        struct config c;
        struct findings findings;
        config_init(&c);
        findings_init(&findings);
        config_set(&c, STR("connector.class"), STR("fake"));
        config_set(&c, STR("key.converter"), STR("org.fake.FakeConverter"));
        config_set(&c, STR("value.converter"), STR("org.fake.FakeConverter"));
        config_set(&c, STR("errors.deadletterqueue.topic.name"), STR("dead"));
        config_set(&c, STR("errors.tolerance"), all ? STR("all") : STR("none"));
        worker_validate(&fake_plugins, NULL, STR("c"), &c, false, &findings);
        assert_int_equal(findings.errors, 0);
        assert_int_equal(findings.items.len, !all);
        findings_release(&findings);
        config_release(&c);
    }
}

static void the_letters_are_counted(void **state)
{
    struct fixture *f = *state;
    fake.total = 10;
    fake.fail_row = 5;
    put(f, "c", TOLERATE, DEAD, RENAME, NULL);
    wait_until(fake.confirmed == 10);
    pthread_mutex_lock(&f->worker->lock);
    struct counters *c = &worker_find_locked(f->worker, STR("c"))->tasks[0]->counters; /* it stays while c does */
    pthread_mutex_unlock(&f->worker->lock);
    wait_until(c->records == 9);
    assert_int_equal(c->skipped, 1);
    assert_int_equal(c->dead_letters, 1);
}

/* ---- trying again ---- */

static void a_transform_is_tried_again(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    fake.fail_row = 50;
    fake.transform_error = ERROR_CONNECTION;
    fake.failing_transforms = 2;
    put(f, "c", "errors.retry.timeout", "-1", "errors.retry.delay.max.ms", "1", RENAME, NULL);
    wait_until(sunk_count() == 100);
    assert_rows(1, 100);
    assert_int_equal(fake.opened, 1);
    assert_string_equal(sunk.topic, "other");
}

static void the_last_attempt_is_at_the_deadline(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    fake.fail_row = 50;
    fake.encode_error = ERROR_CONNECTION;
    fake.failing_encodes = 1;
    put(f, "c", "errors.retry.timeout", "1", NULL); /* shorter than the first delay */
    wait_until(sunk_count() == 100);
    assert_int_equal(fake.opened, 1);
}

static void what_may_pass_leaves_no_letter(void **state)
{
    struct fixture *f = *state;
    fake.total = 100;
    fake.fail_row = 50;
    fake.encode_error = ERROR_CONNECTION;
    fake.failing_encodes = 3;
    put(f, "c", TOLERATE, DEAD, NULL);
    wait_until(sunk_count() == 100);
    assert_rows(1, 100);
    expect_letters(f, 0, "");
}

/* ---- the log ---- */

/* What is written to stderr while the connector runs into its error. */
static void logged(struct fixture *f, struct buf *ret, const char *log, const char *messages, const char *tolerance)
{
    char path[128];
    snprintf(path, sizeof path, "%s/stderr", f->dir);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), before = dup(STDERR_FILENO);
    assert_true(fd >= 0 && before >= 0);
    fake.total = 10;
    fake.fail_row = 5;
    fake.encode_error = ERROR_DATA;
    dup2(fd, STDERR_FILENO);
    put(f, "c", "errors.log.enable", log, "errors.log.include.messages", messages, "errors.tolerance", tolerance,
        "task.restart.enable", "false", NULL);
    int64_t end = clock_mono_ms() + FAKE_WAIT_MS;
    while (fake.confirmed != 10 && task_state(f, "c", 0, NULL) != WORKER_FAILED && clock_mono_ms() < end)
        usleep(1000);
    dup2(before, STDERR_FILENO);
    close(before);
    char text[8192];
    ssize_t n = pread(fd, text, sizeof text, 0);
    close(fd);
    buf_clear(ret);
    buf_add(ret, text, n > 0 ? (size_t)n : 0);
    buf_cstr(ret);
}

#define LINE                                                                                                           \
    "ERROR [c|task-0] Error encountered in task c-0. Executing stage 'VALUE_CONVERTER' with class "                    \
    "'org.fake.FakeConverter'"

static void errors_are_logged_as_kafka_connect_does(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF log = {0};
    logged(f, &log, "true", "false", "all");
    assert_non_null(strstr(log.data, LINE ". DATA: row 5 has no form\n"));
}

static void records_are_logged_when_wanted(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF log = {0};
    logged(f, &log, "true", "true", "all");
    assert_non_null(strstr(log.data, LINE ", where source record is = {topic='rows', key=5, value=[5,\"\"]}. DATA: "));
}

static void errors_that_fail_the_task_are_logged_too(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF log = {0};
    logged(f, &log, "true", "false", "none");
    assert_non_null(strstr(log.data, LINE));
}

static void nothing_is_logged_unless_asked_for(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF log = {0};
    logged(f, &log, "false", "true", "all");
    assert_null(strstr(log.data, "Error encountered"));
}

/* ---- showing what can be shown ---- */

static void what_its_schema_forbids_is_null(void **state)
{
    (void)state;
    struct schema *s = schema_new(SCHEMA_STRUCT), *inner = schema_new(SCHEMA_STRUCT),
                  *number = schema_new(SCHEMA_INT32);
    schema_add_field(inner, STR("m"), number);
    schema_add_field(s, STR("a"), number);
    schema_add_field(s, STR("b"), number);
    schema_add_field(s, STR("c"), inner);
    struct value deep[1] = {value_null()};
    struct value items[3] = {value_int32(1), value_null(), value_items(VALUE_STRUCT, deep, 1)};
    struct value row = value_items(VALUE_STRUCT, items, 3), none = value_null();
    AUTO_BUF text = {0};
    record_json_write(s, &row, &text);
    assert_string_equal(buf_cstr(&text), "{\"a\":1,\"b\":null,\"c\":{\"m\":null}}");
    buf_clear(&text);
    record_json_write(s, &none, &text);
    assert_string_equal(buf_cstr(&text), "null");
    schema_unref(number);
    schema_unref(inner);
    schema_unref(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_skipped_record_is_kept_as_json),
        TEST(headers_tell_why),
        TEST(transforms_leave_dead_letters_too),
        TEST(a_batch_of_nothing_else_is_committed),
        TEST(a_commit_that_fails_leaves_no_letter_and_the_next_one),
        TEST(the_topic_takes_its_group),
        TEST(without_tolerance_there_is_no_letter),
        cmocka_unit_test(a_topic_without_tolerance_is_warned_of),
        TEST(the_letters_are_counted),
        TEST(a_transform_is_tried_again),
        TEST(the_last_attempt_is_at_the_deadline),
        TEST(what_may_pass_leaves_no_letter),
        TEST(errors_are_logged_as_kafka_connect_does),
        TEST(records_are_logged_when_wanted),
        TEST(errors_that_fail_the_task_are_logged_too),
        TEST(nothing_is_logged_unless_asked_for),
        cmocka_unit_test(what_its_schema_forbids_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
