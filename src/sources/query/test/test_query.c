/*
 * The source through its vtable, against a real server: what it reads, and that reading can go on after every position
 * that it gives, with no row lost and none repeated.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/db.h"
#include "db/test/pg_server.h"
#include "sources/query/test/task.h"

static struct pg_server server;
static struct error err;
static struct db *db; /* the test's own session */
static char url[512];

#define NEEDS_SERVER()                                                                                                 \
    do {                                                                                                               \
        if (!server.running)                                                                                           \
            skip();                                                                                                    \
    } while (0)

static void run(const char *sql)
{
    if (db_execute(db, str_from(sql), &err))
        fail_msg("%s: %s", sql, err.text);
}

/* ---- resuming after every position ---- */

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The same rows, each as often; the database may order rows of the same timestamp as it likes. */
static void assert_same(struct ids *expected, struct ids *got)
{
    assert_int_equal(expected->n, got->n);
    qsort(expected->items, expected->n, sizeof *expected->items, by_number);
    qsort(got->items, got->n, sizeof *got->items, by_number);
    for (size_t i = 0; i < got->n; i++)
        if (expected->items[i] != got->items[i])
            fail_msg("row %zu is %lld in place of %lld", i, (long long)got->items[i], (long long)expected->items[i]);
}

/* Reads everything, then again with a crash after every one, two or three batches: what came since the last position is
 * forgotten then, and the next task starts there. Returns the batches that had no position. */
static size_t assert_resumable(const char *const *settings, size_t rows)
{
    static struct ids whole, parts, uncommitted;
    whole.n = parts.n = 0;
    struct task t;
    task_init(&t, url, settings);
    assert_int_equal(open_task(&t, &err), 0);
    read_all(&t, &whole);
    assert_int_equal(whole.n, rows);
    task_release(&t);

    task_init(&t, url, settings);
    size_t crashes = 0, stuck = 0, torn = 0;
    for (bool more = true; more; crashes++) {
        assert_int_equal(open_task(&t, &err), 0);
        uncommitted.n = 0;
        size_t before = parts.n, batches = 1 + crashes % 3 + stuck;
        for (size_t i = 0; i < batches && more; i++) {
            read_batch(&t);
            more = t.batch.len > 0;
            add_ids(&t.batch, &uncommitted);
            torn += more && !t.batch.has_position;
            if (!t.batch.has_position)
                continue;
            store(&t, &t.batch.position);
            for (size_t k = 0; k < uncommitted.n; k++)
                parts.items[parts.n++] = uncommitted.items[k];
            uncommitted.n = 0;
        }
        stuck = parts.n > before ? 0 : stuck + 1; /* a group of one timestamp that takes more batches */
        close_task(&t);
    }
    task_release(&t);
    assert_same(&whole, &parts);
    assert_true(crashes > 10);
    return torn;
}

static void test_resume_incrementing(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table inc (id serial primary key, t text);"
        "insert into inc(t) select 'row ' || i from generate_series(1, 3000) i");
    size_t torn = assert_resumable(
        (const char *const[]){"mode", "incrementing", "table.whitelist", "inc", "batch.max.rows", "1", NULL}, 3000);
    assert_int_equal(torn, 0);
}

static void test_resume_not_unique(void **state)
{
    (void)state;
    NEEDS_SERVER(); /* a column that is no key after all: still no row is lost */
    run("create table dup (id int not null, t text);"
        "insert into dup select i / 700, 'x' from generate_series(0, 2999) i");
    size_t torn = assert_resumable(
        (const char *const[]){"mode", "incrementing", "incrementing.column.name", "id", "table.whitelist", "dup", NULL},
        3000);
    assert_true(torn > 3);
}

static void test_resume_timestamp(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table ts (id serial primary key, at timestamp not null);"
        "insert into ts(at) select timestamp '2020-01-01' + (i / 9) * interval '1 us' from generate_series(1, 900) i;"
        "insert into ts(at) select timestamp '2020-01-02' from generate_series(1, 2000) i;"
        "insert into ts(at) select timestamp '2020-01-03' + i * interval '1 us' from generate_series(1, 900) i;"
        "insert into ts(at) select timestamp '2020-01-04' from generate_series(1, 1000) i");
    size_t torn =
        assert_resumable((const char *const[]){"mode", "timestamp", "timestamp.column.name", "at", "table.whitelist",
                                               "ts", "timestamp.granularity", "micros_long", NULL},
                         4800);
    assert_true(torn > 10);
}

static void test_resume_timestamp_incrementing(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table two (id serial primary key, a timestamptz, b timestamp not null default '2019-01-01');"
        "insert into two(a) select case when i % 4 > 0 then timestamptz '2020-01-01' + (i / 800) * interval '1 us' "
        "end "
        "from generate_series(1, 3000) i");
    assert_resumable((const char *const[]){"mode", "timestamp+incrementing", "timestamp.column.name", "a, b",
                                           "incrementing.column.name", "ID", "table.whitelist", "two", NULL},
                     3000);
}

static void test_resume_query(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table q (nr numeric(20,0) not null, t text); insert into q select i, 'x' from generate_series(1, 4000) "
        "i");
    assert_resumable(
        (const char *const[]){
            "mode", "incrementing", "incrementing.column.name", "id", "numeric.mapping", "best_fit", "query",
            "with w as (select nr::int8 as id, t from q where nr <= 3500) select * from w -- all", NULL},
        3500);
}

/* ---- positions and offsets ---- */

static void read_rows(struct task *t, size_t n)
{
    for (int i = 0; i < 200; i++) {
        read_batch(t);
        if (t->batch.len) {
            assert_int_equal(t->batch.len, n);
            return;
        }
    }
    fail_msg("%zu rows did not come", n);
}

static int64_t offset_of(const struct batch *b, const char *name)
{
    int64_t v = -1;
    assert_true(b->has_position);
    assert_true(position_get_int(&b->position.offset, name, &v));
    return v;
}

static void test_positions(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table pos (id serial primary key, at timestamp not null);"
        "insert into pos(at) values ('2020-01-03 00:00:00.123456'), ('2020-01-03 00:00:00.123457')");
    struct task t;
    task_init(&t, url,
              (const char *const[]){"mode", "timestamp+incrementing", "timestamp.column.name", "at",
                                    "incrementing.column.name", "id", "table.whitelist", "pos", NULL});
    assert_int_equal(open_task(&t, &err), 0);
    read_rows(&t, 2);
    assert_true(str_is(position_get_str(&t.batch.position.partition, "table"), "public.pos"));
    assert_true(str_is(position_get_str(&t.batch.position.partition, "protocol"), "1"));
    assert_int_equal(offset_of(&t.batch, "incrementing"), 2);
    assert_int_equal(offset_of(&t.batch, "timestamp"), INT64_C(1578009600123));
    assert_int_equal(offset_of(&t.batch, "timestamp_nanos"), 123457000);
    struct str topic = t.batch.records[0].topic;
    assert_string_equal(topic.ptr, "p.pos");
    assert_ptr_equal(topic.ptr, t.batch.records[1].topic.ptr);
    run("insert into pos(at) values ('2020-01-03 00:00:00.123456'), ('2020-01-03 00:00:00.123457')");
    read_rows(&t, 1); /* the late one of the same time and a greater id; not the one of an earlier time */
    assert_int_equal(field(&t.batch.records[0], "id")->i, 4);
    task_release(&t);
}

static void start_at(struct task *t, struct position_entry *partition, uint32_t n_partition,
                     struct position_entry *offset, uint32_t n_offset)
{
    struct position p = {{partition, n_partition}, {offset, n_offset}};
    store(t, &p);
}

static void test_old_offsets(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table old (id serial primary key, at timestamp not null);"
        "insert into old(at) select timestamp '2020-01-01' + i * interval '1 ms' from generate_series(1, 10) i");
    static const char *const settings[] = {"mode",
                                           "timestamp+incrementing",
                                           "timestamp.column.name",
                                           "at",
                                           "incrementing.column.name",
                                           "id",
                                           "table.whitelist",
                                           "old",
                                           NULL};
    struct position_entry offset[] = {{STR("incrementing"), value_int64(4)},
                                      {STR("timestamp"), value_int64(INT64_C(1577836800004))}};
    struct position_entry v0[] = {{STR("table"), value_str(STR("old"))}};
    struct task t;
    task_init(&t, url, settings);
    start_at(&t, v0, 1, offset, 2); /* protocol 0, without nanoseconds */
    assert_int_equal(open_task(&t, &err), 0);
    read_rows(&t, 6);
    task_release(&t);

    struct position_entry v1[] = {{STR("table"), value_str(STR("public.old"))}, {STR("protocol"), value_str(STR("1"))}};
    struct position_entry later[] = {{STR("incrementing"), value_int64(9)},
                                     {STR("timestamp"), value_int64(INT64_C(1577836800009))}};
    task_init(&t, url, settings);
    start_at(&t, v0, 1, offset, 2);
    start_at(&t, v1, 2, later, 2); /* protocol 1 wins */
    assert_int_equal(open_task(&t, &err), 0);
    read_rows(&t, 1);
    task_release(&t);
}

static void test_timestamp_initial(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table ini (id serial primary key, at timestamptz not null);"
        "insert into ini(at) values ('2020-01-01'), ('2020-01-02'), ('2020-01-03')");
    struct task t;
    task_init(&t, url,
              (const char *const[]){"mode", "timestamp", "timestamp.column.name", "at", "table.whitelist", "ini",
                                    "timestamp.initial", "1577836800000", NULL});
    assert_int_equal(open_task(&t, &err), 0);
    read_rows(&t, 2);
    task_release(&t);
    task_init(&t, url,
              (const char *const[]){"mode", "timestamp", "timestamp.column.name", "at", "table.whitelist", "ini",
                                    "timestamp.initial", "-1", NULL});
    assert_int_equal(open_task(&t, &err), 0);
    read_batch(&t);
    assert_int_equal(t.batch.len, 0);
    run("insert into ini(at) values (clock_timestamp())");
    read_rows(&t, 1);
    task_release(&t);
}

static void test_delay(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table del (id serial primary key, at timestamptz not null)");
    struct task t;
    task_init(&t, url,
              (const char *const[]){"mode", "timestamp", "timestamp.column.name", "at", "table.whitelist", "del",
                                    "timestamp.delay.interval.ms", "400", NULL});
    assert_int_equal(open_task(&t, &err), 0);
    run("insert into del(at) values (clock_timestamp())");
    int64_t begin = clock_mono_ms();
    read_rows(&t, 1);
    assert_true(clock_mono_ms() - begin >= 350);
    task_release(&t);
}

static void test_bulk(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table blk (id serial primary key); insert into blk select from generate_series(1, 3)");
    struct task t;
    task_init(&t, url, (const char *const[]){"mode", "bulk", "table.whitelist", "blk", NULL});
    assert_int_equal(open_task(&t, &err), 0);
    for (int i = 0; i < 2; i++) { /* every poll reads everything; it may be committed, and there is nothing to store */
        read_rows(&t, 3);
        assert_true(t.batch.has_position);
        assert_true(str_is(position_get_str(&t.batch.position.partition, "table"), "blk"));
        assert_int_equal(t.batch.position.offset.n, 0);
    }
    task_release(&t);
}

/* ---- tables that change ---- */

static void test_altered_table(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table alt (id serial primary key, a int); insert into alt(a) values (1)");
    struct task t;
    task_init(&t, url, (const char *const[]){"mode", "incrementing", "table.whitelist", "alt", NULL});
    assert_int_equal(open_task(&t, &err), 0);
    read_rows(&t, 1);
    const struct schema *first = schema_ref(t.batch.records[0].value_schema);
    run("insert into alt(a) values (2)");
    read_rows(&t, 1);
    assert_ptr_equal(first, t.batch.records[0].value_schema); /* the same version is the same object */
    run("alter table alt add b text default 'x', alter a set not null; insert into alt(a) values (3)");
    read_rows(&t, 1);
    const struct schema *second = t.batch.records[0].value_schema;
    assert_ptr_not_equal(first, second);
    assert_int_equal(second->n_fields, 3);
    assert_false(second->fields[1].schema->optional);
    assert_int_equal(field(&t.batch.records[0], "b")->len, 1);
    run("alter table alt drop a; alter table alt alter id type bigint; insert into alt(b) values ('y')");
    read_rows(&t, 1);
    assert_int_equal(field(&t.batch.records[0], "id")->type, VALUE_INT64);
    assert_int_equal(field(&t.batch.records[0], "id")->i, 4);
    schema_unref(first);
    task_release(&t);
}

static void test_outer_join(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table lhs (id int primary key, r int); create table rhs (r int primary key, name text not null);"
        "insert into rhs values (1, 'one'); insert into lhs values (1, 1), (2, 2), (3, 1)");
    struct task t;
    task_init(&t, url,
              (const char *const[]){"mode", "incrementing", "incrementing.column.name", "id", "query",
                                    "select id, name from lhs left join rhs using (r)", NULL});
    assert_int_equal(open_task(&t, &err), 0);
    read_rows(&t, 3);
    const struct schema *first = t.batch.records[0].value_schema;
    const struct schema *second = schema_ref(t.batch.records[1].value_schema);
    assert_false(first->fields[1].schema->optional);
    assert_true(second->fields[1].schema->optional);
    assert_false(second->fields[0].schema->optional);
    assert_int_equal(field(&t.batch.records[1], "name")->type, VALUE_NULL);
    assert_ptr_equal(second, t.batch.records[2].value_schema);
    run("insert into lhs values (4, 1)");
    read_rows(&t, 1); /* and remembered */
    assert_ptr_equal(second, t.batch.records[0].value_schema);
    schema_unref(second);
    task_release(&t);
}

static void test_tables_come_and_go(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create schema come; create table come.one (id serial primary key); insert into come.one default values");
    struct task t;
    task_init(
        &t, url,
        (const char *const[]){"mode", "incrementing", "schema.pattern", "come", "table.poll.interval.ms", "50", NULL});
    assert_int_equal(open_task(&t, &err), 0);
    read_rows(&t, 1);
    run("create table come.two (id serial primary key); insert into come.two select from generate_series(1, 2)");
    read_rows(&t, 2);
    assert_string_equal(t.batch.records[0].topic.ptr, "p.two");
    run("drop table come.one");
    for (int i = 0; i < 20 && !strstr(t.log, "come.one does not exist"); i++)
        read_batch(&t);
    assert_non_null(strstr(t.log, "come.one does not exist any more"));
    run("insert into come.two default values");
    read_rows(&t, 1);
    run("create table come.one (id serial primary key); insert into come.one select from generate_series(1, 4)");
    read_rows(&t, 3); /* it goes on after the position that it has */
    assert_string_equal(t.batch.records[0].topic.ptr, "p.one");
    task_release(&t);
}

static void test_no_tables_yet(void **state)
{
    (void)state;
    NEEDS_SERVER();
    struct task t;
    task_init(
        &t, url,
        (const char *const[]){"mode", "incrementing", "table.whitelist", "soon", "table.poll.interval.ms", "50", NULL});
    assert_int_equal(open_task(&t, &err), 0);
    read_batch(&t);
    assert_int_equal(t.batch.len, 0);
    run("create table soon (id serial primary key); insert into soon default values");
    read_rows(&t, 1);
    task_release(&t);
}

static void test_plan(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create schema many; create table many.a (id int); create table many.b (id int); create table many.c (id int);"
        "create table many.d (id int); create table many.\"e,\"\"f\" (id int); create view many.v as select 1 as id");
    struct task t;
    struct source_tasks tasks = {0};
    task_init(&t, url, (const char *const[]){"mode", "bulk", "schema.pattern", "many", NULL});
    parse(&t);
    assert_int_equal(query_source.plan(&t.config, 3, &tasks, &err), 0);
    assert_int_equal(tasks.items.len, 3);
    assert_string_equal(config_get(&tasks.items.items[0], "tables").ptr, "\"many\".\"a\",\"many\".\"b\"");
    assert_string_equal(config_get(&tasks.items.items[1], "tables").ptr, "\"many\".\"c\",\"many\".\"d\"");
    assert_string_equal(config_get(&tasks.items.items[2], "tables").ptr, "\"many\".\"e,\"\"f\"");
    assert_string_equal(config_get(&tasks.items.items[2], "tasks.planned").ptr, "3");
    vec_each (&tasks.items, c)
        config_release(c);
    vec_free(&tasks.items);
    run("create schema twice; create table twice.a (id int)");
    tasks = (struct source_tasks){0};
    config_set(&t.raw, STR("schema.pattern"), STR("%"));
    config_set(&t.raw, STR("table.whitelist"), STR("a"));
    parse(&t);
    assert_int_equal(query_source.plan(&t.config, 3, &tasks, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "many.a and twice.a"));
    task_release(&t);
}

/* ---- failures and stopping ---- */

static void test_open_failures(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table nul (id int, at timestamp, t text)");
    static const struct {
        const char *settings[9];
        const char *reason;
    } cases[] = {
        {{"mode", "incrementing"}, "no serial or identity column; set incrementing.column.name to one of: id"},
        {{"mode", "incrementing", "incrementing.column.name", "nr"}, "column \"nr\" does not exist"},
        {{"mode", "incrementing", "incrementing.column.name", "t"}, "is of type text"},
        {{"mode", "incrementing", "incrementing.column.name", "id"}, "may be null"},
        {{"mode", "timestamp", "timestamp.column.name", "id"}, "which is no timestamp"},
        {{"mode", "timestamp", "timestamp.column.name", "at"}, "may be null"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct task t;
        task_init(&t, url, cases[i].settings);
        config_set(&t.raw, STR("table.whitelist"), STR("nul"));
        assert_int_equal(open_task(&t, &err), 0);
        err = (struct error){0};
        assert_int_equal(query_source.read(t.source, &t.batch, &err), ERROR_CONFIG);
        if (!strstr(err.text, cases[i].reason) || !strstr(err.text, "table public.nul"))
            fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].reason);
        task_release(&t);
    }
    struct task t; /* and without the check it runs */
    task_init(&t, url,
              (const char *const[]){"mode", "incrementing", "incrementing.column.name", "id", "table.whitelist", "nul",
                                    "validate.non.null", "false", NULL});
    run("insert into nul values (null), (1)");
    assert_int_equal(open_task(&t, &err), 0);
    read_rows(&t, 1);
    task_release(&t);
}

static void test_database_away(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table away (id serial primary key)");
    struct task t;
    task_init(&t, url,
              (const char *const[]){"mode", "incrementing", "table.whitelist", "away", "connection.attempts", "3",
                                    "connection.backoff.ms", "20", NULL});
    plan(&t);
    char dead[64];
    snprintf(dead, sizeof dead, "jdbc:postgresql://127.0.0.1:%d/x", pg_server_free_port());
    config_set(&t.raw, STR("connection.url"), str_from(dead));
    parse(&t);
    assert_int_equal(query_source.open(&t.env, &t.config, &t.source, &err), ERROR_CONNECTION);
    assert_null(t.source);
    assert_non_null(strstr(t.log, "attempt 2 of 3"));
    assert_null(strstr(t.log, "attempt 3 of 3"));
    task_release(&t);
}

static void test_stop(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table stp (id serial primary key)");
    struct task t;
    task_init(
        &t, url,
        (const char *const[]){"mode", "incrementing", "table.whitelist", "stp", "poll.interval.ms", "600000", NULL});
    assert_int_equal(open_task(&t, &err), 0);
    read_batch(&t); /* an empty table */
    wake_raise(&t.stop);
    int64_t begin = clock_mono_ms();
    read_batch(&t);
    assert_int_equal(t.batch.len, 0);
    assert_true(clock_mono_ms() - begin < 1000);
    task_release(&t);
}

/* ---- check ---- */

static size_t count_findings(const char *const *settings, const char *const *expected)
{
    struct task t;
    struct findings f;
    task_init(&t, url, settings);
    parse(&t);
    findings_init(&f);
    query_source.check(&t.config, &f);
    size_t n = f.items.len;
    for (; *expected; expected++) {
        bool found = false;
        vec_each (&f.items, item)
            found = found || strstr(item->text.ptr, *expected);
        if (!found) {
            vec_each (&f.items, item)
                printf("%s: %s\n", item->name.ptr ? item->name.ptr : "-", item->text.ptr);
            fail_msg("no finding says \"%s\"", *expected);
        }
    }
    findings_release(&f);
    task_release(&t);
    return n;
}

#define FINDINGS(settings, ...) count_findings((const char *const[])settings, (const char *const[]){__VA_ARGS__, NULL})
#define LIST(...)                                                                                                      \
    {                                                                                                                  \
        __VA_ARGS__, NULL                                                                                              \
    }

static void test_check(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table chk (id serial primary key, at timestamp, nv numeric, tags text[])");
    assert_int_equal(count_findings((const char *const[]){"mode", "bulk", "table.whitelist", "stp", NULL},
                                    (const char *const[]){NULL}),
                     0);
    /* all at once: two columns that do not exist, two columns that lose something */
    assert_int_equal(
        FINDINGS(LIST("mode", "timestamp+incrementing", "incrementing.column.name", "seq", "timestamp.column.name",
                      "ts", "table.whitelist", "chk", "numeric.mapping", "best_fit"),
                 "\"seq\" does not exist; set incrementing.column.name to one of: id", "\"ts\" does not exist",
                 "\"nv\" is a numeric without precision", "\"tags\" is left out"),
        4);
    assert_int_equal(FINDINGS(LIST("mode", "bulk", "table.whitelist", "chk,CHK"), "there is no table \"CHK\"",
                              "\"tags\" is left out"),
                     2);
    assert_int_equal(FINDINGS(LIST("mode", "bulk", "table.include.list", "nothing"), "no table passes"), 1);
    assert_int_equal(FINDINGS(LIST("mode", "bulk", "query", "select * from nowhere"), "nowhere"), 1);
    assert_int_equal(FINDINGS(LIST("mode", "incrementing", "query", "select 1 as a"), "to one of: a"), 1);
    assert_int_equal(FINDINGS(LIST("mode", "bulk", "query", "select 1 as a, 2 as a"), "two columns"), 1);
    assert_int_equal(FINDINGS(LIST("mode", "timestamp", "table.whitelist", "a", "table.blacklist", "b", "query", "x",
                                   "topic.prefix", "", "transaction.isolation.mode", "SQL_SERVER_SNAPSHOT"),
                              "timestamp and timestamp+incrementing", "exclude each other", "REPEATABLE_READ",
                              "whole name"),
                     5);
}

static void test_check_connection(void **state)
{
    (void)state;
    NEEDS_SERVER();
    char dead[64];
    snprintf(dead, sizeof dead, "jdbc:postgresql://127.0.0.1:%d/x", pg_server_free_port());
    assert_int_equal(FINDINGS(LIST("mode", "bulk", "connection.url", dead), "is the server running"), 1);
    assert_int_equal(FINDINGS(LIST("mode", "bulk", "connection.url", "jdbc:postgresql://h:x/y"), "port \"x\""), 1);
}

static int start_server(void **state)
{
    (void)state;
    pg_server_start(&server);
    if (!server.running)
        return 0;
    snprintf(url, sizeof url, "%spostgres", server.base);
    struct db_options options = {.url = str_from(url)};
    return db_open(&options, &db, &err) || db_execute(db, STR("create database query_source_test"), &err);
}

/* Everything happens in a database of its own. */
static int enter_database(void **state)
{
    if (start_server(state))
        return 1;
    if (!server.running)
        return 0;
    db_close(db);
    snprintf(url, sizeof url, "%squery_source_test", server.base);
    struct db_options options = {.url = str_from(url)};
    return db_open(&options, &db, &err);
}

static int stop_server(void **state)
{
    (void)state;
    db_close(db);
    if (server.running) {
        snprintf(url, sizeof url, "%spostgres", server.base);
        struct db_options options = {.url = str_from(url)};
        if (db_open(&options, &db, &err) == 0) {
            db_execute(db, STR("drop database query_source_test"), &err);
            db_close(db);
        }
    }
    pg_server_stop(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resume_incrementing),
        cmocka_unit_test(test_resume_not_unique),
        cmocka_unit_test(test_resume_timestamp),
        cmocka_unit_test(test_resume_timestamp_incrementing),
        cmocka_unit_test(test_resume_query),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_old_offsets),
        cmocka_unit_test(test_timestamp_initial),
        cmocka_unit_test(test_delay),
        cmocka_unit_test(test_bulk),
        cmocka_unit_test(test_altered_table),
        cmocka_unit_test(test_outer_join),
        cmocka_unit_test(test_tables_come_and_go),
        cmocka_unit_test(test_no_tables_yet),
        cmocka_unit_test(test_plan),
        cmocka_unit_test(test_open_failures),
        cmocka_unit_test(test_database_away),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_check_connection),
    };
    return cmocka_run_group_tests(tests, enter_database, stop_server);
}
