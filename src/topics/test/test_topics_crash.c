/*
 * kill -9 at any moment. A child commits numbered transactions over several topics and reports each one that was
 * acknowledged; the parent kills it, opens the log and looks: every acknowledged transaction is there, no other but
 * perhaps the one that was on its way, each of them whole in all topics, each byte as it was written.
 */
#include "topics/test/log_fixture.h"

#include "base/clock.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

enum {
    KILLS = SANITIZED ? 100 : 1000,
    KILLS_PER_LOG = 100, /* then a new log is begun */
    TOPICS = 3,
    LARGE_EVERY = 120,    /* a transaction of so many... */
    LARGE_RECORDS = 5000, /* ...is written ahead, with records of LARGE_BYTES */
    LARGE_BYTES = 1500,
    COMPACT_EVERY = 9,
    MAX_ACKS = 6, /* before the kill */
    MAX_DELAY_US = 2500,
};

static const char *const topic_names[TOPICS] = {"orders", "customers", "audit"};

static uint64_t mix(uint64_t v)
{
    v = (v ^ v >> 31) * UINT64_C(0x7fb5d329728ea185);
    v = (v ^ v >> 27) * UINT64_C(0x81dadef4bc2dd44d);
    return v ^ v >> 33;
}

/* ---- what transaction n holds ---- */

static int records_of(int64_t n, int topic)
{
    if (n % LARGE_EVERY == LARGE_EVERY - 1)
        return topic == 1 ? 1 : LARGE_RECORDS / 2;
    return topic == 1 ? 1 : 1 + (int)(mix((uint64_t)(n * TOPICS + topic)) % 40);
}

static struct str value_of(int64_t n, int topic, int i, char *into, size_t size)
{
    bool large = n % LARGE_EVERY == LARGE_EVERY - 1 && topic != 1;
    size_t len = large ? LARGE_BYTES : 40;
    assert_true(len + 64 <= size);
    size_t at = (size_t)snprintf(into, size, "%lld %d %d ", (long long)n, topic, i);
    for (uint64_t seed = mix((uint64_t)(n * 7919 + i)); at < len; at += 8) {
        seed = mix(seed + at);
        memcpy(into + at, &seed, 8);
    }
    return str_of(into, at);
}

/* ---- the child ---- */

static void commit_one(struct topics *log, struct topics_txn *txn, struct topics_target *const *targets,
                       struct topics_target *positions, int64_t n)
{
    char text[LARGE_BYTES + 64], key[32];
    for (int topic = 0; topic < TOPICS; topic++)
        for (int i = 0; i < records_of(n, topic); i++) {
            struct topics_record r = {.value = value_of(n, topic, i, text, sizeof text), .timestamp = n};
            ok(topics_append(txn, targets[topic], 0, &r, &err));
        }
    struct topics_record position = {.key = STR("position"), .timestamp = n};
    position.value = str_of(text, (size_t)snprintf(text, sizeof text, "%lld", (long long)n));
    ok(topics_append(txn, positions, 0, &position, &err));
    position.key = str_of(key, (size_t)snprintf(key, sizeof key, "key-%lld", (long long)n % 7));
    ok(topics_append(txn, positions, 0, &position, &err));
    ok(topics_commit(txn, &err));
    if (n % COMPACT_EVERY == 0)
        ok(topics_compact(log, STR("positions"), &err));
}

static void child_main(const struct topics_embedded_options *options, int64_t from, int report)
{
    struct topics *log;
    struct topics_target *targets[TOPICS];
    ok(topics_open_embedded(options, &log, &err));
    for (int i = 0; i < TOPICS; i++)
        targets[i] = make_topic(log, topic_names[i], TOPIC_CONFIG_DEFAULT);
    struct topics_target *positions = make_topic(log, "positions", TOPIC_CONFIG_COMPACT);
    struct topics_txn *txn = make_txn(log, "writer");
    for (int64_t n = from;; n++) {
        commit_one(log, txn, targets, positions, n);
        if (write(report, &n, sizeof n) != sizeof n)
            _exit(1);
    }
}

/* ---- the parent ---- */

struct crash {
    struct fixture fixture;
    uint64_t seed;
    int64_t committed;      /* the last transaction that is known to be there; -1: none */
    int64_t next[TOPICS];   /* offsets up to where the topics were checked */
    int in_flight, at_open; /* for the report: kills that a commit outlived; before the first commit */
};

static uint32_t chance(struct crash *c, uint32_t n)
{
    c->seed = mix(c->seed + 1);
    return (uint32_t)(c->seed % n);
}

/* Lets a child run for a while; the last acknowledged transaction. */
static int64_t run_and_kill(struct crash *c)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        close(pipes[0]);
        child_main(&c->fixture.options, c->committed + 1, pipes[1]);
    }
    close(pipes[1]);
    int64_t acked = c->committed, n;
    for (uint32_t acks = chance(c, MAX_ACKS + 1); acks && read(pipes[0], &n, sizeof n) == sizeof n; acks--) {
        assert_int_equal(n, acked + 1);
        acked = n;
    }
    usleep(chance(c, MAX_DELAY_US));
    kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status))
        fail_msg("the child ended by itself, status %d", status);
    while (read(pipes[0], &n, sizeof n) == sizeof n)
        acked = n;
    close(pipes[0]);
    c->at_open += acked == c->committed;
    return acked;
}

/* Transactions from `n` on, as far as the topic has them, each complete; the last one. */
static int64_t check_topic(struct crash *c, int topic)
{
    struct topics_reader *reader;
    char expected[LARGE_BYTES + 64];
    int64_t n = c->committed;
    ok(topics_reader_open(c->fixture.log, str_from(topic_names[topic]), 0, c->next[topic], &reader, &err));
    for (;;) {
        for (int i = 0; i < records_of(n + 1, topic); i++) {
            struct topics_record r;
            bool found = false;
            ok(topics_read(reader, 0, NULL, &r, &found, &err));
            if (!found && i)
                fail_msg("transaction %lld is torn: %d records in %s", (long long)n + 1, i, topic_names[topic]);
            if (!found) {
                c->next[topic] = topics_reader_offset(reader);
                topics_reader_close(reader);
                return n;
            }
            assert_true(str_equal(r.value, value_of(n + 1, topic, i, expected, sizeof expected)));
            assert_int_equal(r.timestamp, n + 1);
        }
        n++;
    }
}

/* Topic 1 has one record in every transaction: it says how far the log came. */
static int64_t last_committed(struct crash *c)
{
    int64_t begin, end;
    struct error err;
    int rc = topics_offsets(c->fixture.log, str_from(topic_names[1]), 0, &begin, &end, &err);
    return rc == ERROR_NOT_FOUND ? -1 : end - 1;
}

static void check_positions(struct crash *c, int64_t last)
{
    const struct topic_config config = TOPIC_CONFIG_COMPACT;
    struct topics_view *view;
    struct buf value = {0};
    char expected[32];
    ok(topics_view_open(c->fixture.log, STR("positions"), &config, &view, &err));
    if (last >= 0) {
        assert_true(topics_view_get(view, STR("position"), &value));
        snprintf(expected, sizeof expected, "%lld", (long long)last);
        assert_string_equal(buf_cstr(&value), expected);
    }
    buf_free(&value);
    topics_view_close(view);
}

static void check_after_kill(struct crash *c, int64_t acked)
{
    fixture_open(&c->fixture);
    int64_t last = last_committed(c);
    if (last < acked)
        fail_msg("transaction %lld was acknowledged, the log ends with %lld", (long long)acked, (long long)last);
    if (last > acked + 1)
        fail_msg("%lld is there, and only %lld was acknowledged", (long long)last, (long long)acked);
    c->in_flight += last > acked;
    for (int topic = 0; topic < TOPICS && last >= 0; topic++)
        assert_int_equal(check_topic(c, topic), last);
    check_positions(c, last);
    if (last % 20 == 0 || last - c->committed > 3)
        assert_sound(c->fixture.log);
    c->committed = last;
    fixture_close(&c->fixture);
}

static void begin_log(struct crash *c)
{
    fixture_init(&c->fixture);
    c->committed = -1;
    memset(c->next, 0, sizeof c->next);
}

static void end_log(struct crash *c)
{
    fixture_open(&c->fixture);
    assert_sound(c->fixture.log);
    fixture_release(&c->fixture);
}

static void test_kills(void **state)
{
    (void)state;
    struct crash c = {.seed = (uint64_t)clock_wall_us()};
    uint64_t first_seed = c.seed;
    int64_t start = clock_mono_ms(), transactions = 0;
    for (int kills = 0; kills < KILLS; kills++) {
        if (kills % KILLS_PER_LOG == 0) {
            if (kills)
                end_log(&c);
            transactions += c.committed + 1;
            begin_log(&c);
        }
        check_after_kill(&c, run_and_kill(&c));
    }
    transactions += c.committed + 1;
    end_log(&c);
    print_message(
        "%d kills in %.1f s, seed %llu: %lld transactions, none lost; %d kills before a first commit, %d of a "
        "commit that was done and not yet reported\n",
        KILLS, (double)(clock_mono_ms() - start) / 1000, (unsigned long long)first_seed, (long long)transactions,
        c.at_open, c.in_flight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kills)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
