/* The worker's topics: what is written can be read, by us and by Kafka Connect; what Kafka Connect wrote can be read.
 */
#include "worker/test/fake.h"

#include "wire/json.h"

static int open_log(void **state)
{
    struct fixture *f = mem_new(struct fixture);
    struct error err = {0};
    snprintf(f->dir, sizeof f->dir, "/tmp/stores-XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    struct topics_embedded_options log = {.dir = f->dir, .max_bytes = 16 * 1024 * 1024, .relaxed_durability = true};
    if (topics_open_embedded(&log, &f->topics, &err))
        fail_msg("%s", err.text);
    *state = f;
    return 0;
}

static int close_log(void **state)
{
    struct fixture *f = *state;
    char command[128];
    topics_close(f->topics);
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    int status = system(command);
    free(f);
    return status;
}

static char *stored(struct topics *topics, const char *topic, const char *key)
{
    struct topics_view *view;
    struct error err = {0};
    struct buf text = {0};
    struct topic_config config = TOPIC_CONFIG_COMPACT;
    assert_int_equal(topics_view_open(topics, str_from(topic), &config, &view, &err), 0);
    bool found = topics_view_get(view, str_from(key), &text);
    topics_view_close(view);
    if (found)
        return buf_take(&text);
    buf_free(&text);
    return NULL;
}

static void assert_stored(struct topics *topics, const char *topic, const char *key, const char *expected)
{
    AUTO_FREE char *text = stored(topics, topic, key);
    if (expected)
        assert_string_equal(text ? text : "(nothing)", expected);
    else
        assert_null(text);
}

struct seen {
    size_t n;
    char names[512];
    enum target_state target;
};

static int note(void *ctx, struct str name, const struct config *c, enum target_state target)
{
    struct seen *seen = ctx;
    seen->n++;
    seen->target = target;
    snprintf(seen->names + strlen(seen->names), 64, STR_FMT "=%zu ", STR_ARG(name), c->entries.len);
    return 0;
}

static void configurations(void **state)
{
    struct fixture *f = *state;
    struct configs_store *s;
    struct error err = {0};
    struct config c, tasks[2];
    assert_int_equal(configs_open(f->topics, STR("connect-configs"), &s, &err), 0);
    config_init(&c);
    config_set(&c, STR("connector.class"), STR("a \"quoted\" class"));
    config_set(&c, STR("nothing"), STR_NULL);
    assert_int_equal(configs_put(s, STR("my c"), &c, TARGET_STOPPED, &err), 0);
    for (int i = 0; i < 2; i++) {
        config_init(&tasks[i]);
        config_set(&tasks[i], STR("task"), i ? STR("1") : STR("0"));
    }
    assert_int_equal(configs_task_count(s, STR("my c")), -1);
    assert_int_equal(configs_put_tasks(s, STR("my c"), tasks, 2, 0, &err), 0);
    assert_stored(f->topics, "connect-configs", "connector-my c",
                  "{\"properties\":{\"connector.class\":\"a \\\"quoted\\\" class\",\"nothing\":null}}");
    assert_stored(f->topics, "connect-configs", "target-state-my c", "{\"state\":\"PAUSED\",\"state.v2\":\"STOPPED\"}");
    assert_stored(f->topics, "connect-configs", "task-my c-1", "{\"properties\":{\"task\":\"1\"}}");
    assert_stored(f->topics, "connect-configs", "commit-my c", "{\"tasks\":2}");

    struct seen seen = {0};
    configs_each(s, note, &seen);
    assert_string_equal(seen.names, "my c=2 ");
    assert_int_equal(seen.target, TARGET_STOPPED);
    struct config read;
    config_init(&read);
    assert_true(configs_get_task(s, STR("my c"), 1, &read));
    assert_true(config_equal(&read, &tasks[1]));
    assert_false(configs_get_task(s, STR("my c"), 2, &read));

    assert_int_equal(configs_put_tasks(s, STR("my c"), tasks, 1, 2, &err), 0);
    assert_stored(f->topics, "connect-configs", "task-my c-1", NULL);
    assert_int_equal(configs_task_count(s, STR("my c")), 1);
    assert_int_equal(configs_remove(s, STR("my c"), &err), 0);
    assert_stored(f->topics, "connect-configs", "connector-my c", NULL);
    assert_stored(f->topics, "connect-configs", "task-my c-0", NULL);
    seen = (struct seen){0};
    configs_each(s, note, &seen);
    assert_int_equal(seen.n, 0);
    config_release(&read);
    config_release(&tasks[0]);
    config_release(&tasks[1]);
    config_release(&c);
    configs_close(s);
}

/* Writes a file of the golden samples into a topic, as if Kafka Connect had. */
static void replay(struct topics *topics, const char *file, const char *topic)
{
    AUTO_FREE char *path = mem_printf("%s/tests/conformance/connect-topics/%s", SOURCE_DIR, file);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    struct topic_config config = TOPIC_CONFIG_COMPACT;
    struct topics_target *target;
    struct topics_txn *txn;
    struct error err = {0};
    assert_int_equal(topics_ensure(topics, str_from(topic), &config, &err), 0);
    assert_int_equal(topics_target(topics, str_from(topic), &target, &err), 0);
    assert_int_equal(topics_txn_open(topics, STR("replay"), &txn, &err), 0);
    char *line = NULL;
    size_t room = 0;
    struct arena arena = {0};
    for (ssize_t n; (n = getline(&line, &room, in)) > 0;) {
        struct value v;
        if (json_read(str_of(line, (size_t)n), &arena, &v, &err))
            fail_msg("%s", err.text);
        const struct value *key = value_map_get(&v, STR("key")), *value = value_map_get(&v, STR("value"));
        struct topics_record r = {.key = value_as_str(key), .timestamp = INT64_MIN};
        if (value->type == VALUE_STRING)
            r.value = value_as_str(value);
        assert_int_equal(topics_append(txn, target, 0, &r, &err), 0);
    }
    assert_int_equal(topics_commit(txn, &err), 0);
    topics_txn_close(txn);
    arena_free(&arena);
    free(line);
    fclose(in);
}

static void configurations_of_kafka_connect(void **state)
{
    struct fixture *f = *state;
    struct configs_store *s;
    struct error err = {0};
    struct seen seen = {0};
    replay(f->topics, "configs.jsonl", "connect-configs");
    assert_int_equal(configs_open(f->topics, STR("connect-configs"), &s, &err), 0);
    configs_each(s, note, &seen);
    assert_int_equal(seen.n, 0); /* both connectors of the sample were deleted in the end */
    assert_int_equal(configs_task_count(s, STR("customers")), 1);
    struct config task;
    config_init(&task);
    assert_true(configs_get_task(s, STR("customers"), 0, &task));
    assert_true(str_is(config_get(&task, "database.dbname"), "g_customers"));
    config_release(&task);
    configs_close(s);
}

static struct position_entry server = {STR_INIT("server"), {0}};

static struct position_map server_of(const char *name)
{
    server.value = value_str(str_from(name));
    return (struct position_map){&server, 1};
}

static void positions_of_kafka_connect(void **state)
{
    struct fixture *f = *state;
    struct offsets_store *s;
    struct error err = {0};
    struct arena arena = {0};
    struct position_map offset, partition = server_of("customers");
    replay(f->topics, "offsets.jsonl", "connect-offsets");
    assert_int_equal(offsets_open(f->topics, STR("connect-offsets"), &s, &err), 0);
    assert_true(offsets_find(s, STR("customers"), &partition, &arena, &offset));
    int64_t lsn;
    assert_true(position_get_int(&offset, "lsn", &lsn));
    assert_int_equal(lsn, 875852440);
    assert_int_equal(position_get(&offset, "transaction_id")->type, VALUE_NULL);
    AUTO_BUF text = {0};
    offsets_write_map(&offset, &text);
    assert_string_equal(buf_cstr(&text), "{\"transaction_id\":null,\"lsn_proc\":875852440,\"lsn\":875852440,"
                                         "\"txId\":821,\"ts_usec\":1795198768358228}");
    partition = server_of("nobody");
    assert_false(offsets_find(s, STR("customers"), &partition, &arena, &offset));
    arena_free(&arena);
    offsets_close(s);
}

static int count(void *ctx, const struct position_map *partition, const struct position_map *offset)
{
    (void)partition, (void)offset;
    ++*(int *)ctx;
    return 0;
}

static void the_order_of_a_partition_does_not_count(void **state)
{
    struct fixture *f = *state;
    struct offsets_store *s;
    struct error err = {0};
    struct arena arena = {0};
    struct position_entry ab[] = {{STR("a"), value_str(STR("x"))}, {STR("b"), value_int64(2)}};
    struct position_entry ba[] = {ab[1], ab[0]}, n = {STR("n"), value_int64(1)};
    struct position p = {{ab, 2}, {&n, 1}}, found = {0};
    struct position_map other = {ba, 2};
    assert_int_equal(offsets_open(f->topics, STR("connect-offsets"), &s, &err), 0);
    assert_int_equal(offsets_put(s, STR("c"), &p, 1, &err), 0);
    assert_stored(f->topics, "connect-offsets", "[\"c\",{\"a\":\"x\",\"b\":2}]", "{\"n\":1}");
    assert_true(offsets_find(s, STR("c"), &other, &arena, &found.offset));
    AUTO_BUF key = {0};
    offsets_key(s, STR("c"), &other, &key);
    assert_string_equal(buf_cstr(&key), "[\"c\",{\"a\":\"x\",\"b\":2}]");
    assert_false(offsets_find(s, STR("d"), &other, &arena, &found.offset));
    n.value.i = 2;
    p.partition = other;
    assert_int_equal(offsets_put(s, STR("c"), &p, 1, &err), 0);
    int partitions = 0;
    offsets_each(s, STR("c"), count, &partitions);
    assert_int_equal(partitions, 1);
    p.offset = (struct position_map){NULL, 0};
    assert_int_equal(offsets_put(s, STR("c"), &p, 1, &err), 0);
    assert_false(offsets_find(s, STR("c"), &other, &arena, &found.offset));
    partitions = 0;
    offsets_each(s, STR("c"), count, &partitions);
    assert_int_equal(partitions, 0);
    arena_free(&arena);
    offsets_close(s);
}

static void positions_hold_scalars_only(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    struct value v;
    struct position_map m;
    assert_int_equal(json_read(STR("{\"a\":[1]}"), &arena, &v, &err), 0);
    assert_int_equal(offsets_read_map(&v, &arena, &m, &err), ERROR_REQUEST);
    assert_non_null(strstr(err.text, "field a"));
    assert_int_equal(json_read(STR("3"), &arena, &v, &err), 0);
    assert_int_equal(offsets_read_map(&v, &arena, &m, &err), ERROR_REQUEST);
    assert_int_equal(json_read(STR("{\"s\":\"\\u0001\",\"f\":1.5,\"t\":true,\"n\":null,\"i\":-1}"), &arena, &v, &err),
                     0);
    assert_int_equal(offsets_read_map(&v, &arena, &m, &err), 0);
    AUTO_BUF text = {0};
    offsets_write_map(&m, &text);
    assert_string_equal(buf_cstr(&text), "{\"s\":\"\\u0001\",\"f\":1.5,\"t\":true,\"n\":null,\"i\":-1}");
    arena_free(&arena);
}

static void note_topic(void *ctx, struct str topic)
{
    snprintf((char *)ctx + strlen(ctx), 64, STR_FMT " ", STR_ARG(topic));
}

static void statuses(void **state)
{
    struct fixture *f = *state;
    struct statuses_store *s;
    struct error err = {0};
    AUTO_BUF trace = {0};
    enum worker_state found;
    char topics[256] = "";
    replay(f->topics, "status.jsonl", "connect-status");
    assert_int_equal(statuses_open(f->topics, STR("connect-status"), "host:1", &s, &err), 0);
    assert_false(statuses_get(s, STR("c"), -1, &found, &trace));
    assert_int_equal(statuses_put(s, STR("c"), -1, WORKER_RUNNING, NULL, &err), 0);
    for (int i = 0; i < 12; i++)
        assert_int_equal(statuses_put(s, STR("c"), i, WORKER_FAILED, "line 1\n\tline 2", &err), 0);
    assert_int_equal(statuses_put(s, STR("c-1"), 0, WORKER_PAUSED, NULL, &err), 0);
    assert_stored(f->topics, "connect-status", "status-connector-c",
                  "{\"state\":\"RUNNING\",\"trace\":null,\"worker_id\":\"host:1\",\"generation\":0}");
    assert_true(statuses_get(s, STR("c"), 11, &found, &trace));
    assert_int_equal(found, WORKER_FAILED);
    assert_string_equal(buf_cstr(&trace), "line 1\n\tline 2");
    int64_t before, after, begin;
    topics_offsets(f->topics, STR("connect-status"), 0, &begin, &before, &err);
    assert_int_equal(statuses_put(s, STR("c"), -1, WORKER_RUNNING, NULL, &err), 0);
    topics_offsets(f->topics, STR("connect-status"), 0, &begin, &after, &err);
    assert_int_equal(before, after);

    assert_int_equal(statuses_put_topic(s, STR("c"), 0, STR("t.1"), &err), 0);
    assert_int_equal(statuses_put_topic(s, STR("c"), 0, STR("t.2"), &err), 0);
    assert_int_equal(statuses_put_topic(s, STR("d"), 0, STR("t.3"), &err), 0);
    statuses_each_topic(s, STR("c"), note_topic, topics);
    assert_string_equal(topics, "t.1 t.2 ");
    assert_int_equal(statuses_remove_tasks(s, STR("c"), 2, &err), 0);
    assert_true(statuses_get(s, STR("c"), 1, &found, &trace));
    assert_false(statuses_get(s, STR("c"), 2, &found, &trace));
    assert_false(statuses_get(s, STR("c"), 11, &found, &trace));
    assert_int_equal(statuses_remove(s, STR("c"), &err), 0);
    assert_false(statuses_get(s, STR("c"), -1, &found, &trace));
    assert_false(statuses_get(s, STR("c"), 1, &found, &trace));
    assert_true(statuses_get(s, STR("c-1"), 0, &found, &trace));
    topics[0] = '\0';
    statuses_each_topic(s, STR("c"), note_topic, topics);
    statuses_each_topic(s, STR("d"), note_topic, topics);
    assert_string_equal(topics, "t.3 ");
    statuses_close(s);
}

static void damaged_records_are_passed_over(void **state)
{
    struct fixture *f = *state;
    struct topics_view *view;
    struct error err = {0};
    struct seen seen = {0};
    struct topic_config config = TOPIC_CONFIG_COMPACT;
    static const char *const keys[] = {"connector-a",    "connector-b", "connector-c",
                                       "target-state-c", "connector-",  "unheard-of"};
    static const char *const values[] = {"{", "{\"properties\":7}", "{\"properties\":{\"x\":\"y\"}}", "[]", "null",
                                         "x"};
    assert_int_equal(topics_view_open(f->topics, STR("connect-configs"), &config, &view, &err), 0);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(topics_view_put(view, str_from(keys[i]), str_from(values[i]), &err), 0);
    topics_view_close(view);
    struct configs_store *s;
    assert_int_equal(configs_open(f->topics, STR("connect-configs"), &s, &err), 0);
    configs_each(s, note, &seen);
    assert_string_equal(seen.names, "c=1 ");
    assert_int_equal(seen.target, TARGET_STARTED);
    configs_close(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_log, close_log)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(configurations),
        TEST(configurations_of_kafka_connect),
        TEST(positions_of_kafka_connect),
        TEST(the_order_of_a_partition_does_not_count),
        TEST(positions_hold_scalars_only),
        TEST(statuses),
        TEST(damaged_records_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
