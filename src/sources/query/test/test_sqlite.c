/* What another database than PostgreSQL asks of the source: columns that turn out to be wider than they said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources/query/test/task.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

static char path[256], url[300];
static struct error err;

static void run(const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    if (sqlite3_open(path, &db) || sqlite3_exec(db, sql, NULL, NULL, &message))
        fail_msg("%s", message ? message : "cannot open");
    sqlite3_close(db);
}

static int make_file(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/tributary-query-XXXXXX", tmp ? tmp : "/tmp");
    int fd = mkstemp(path);
    close(fd);
    snprintf(url, sizeof url, "jdbc:sqlite:%s", path);
    return fd < 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static const char *const settings[] = {"mode", "incrementing", "incrementing.column.name", "id", NULL};

static void test_wider_column(void **state)
{
    (void)state;
    static struct ids ids;
    ids.n = 0;
    run("create table t (id integer primary key autoincrement not null, v integer);"
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) "
        "insert into t(v) select case i when 700 then 'seven hundred' when 2100 then 5000000000 else i end from n");
    struct task t;
    task_init(&t, url, settings);
    assert_int_equal(open_task(&t, &err), 0);
    read_all(&t, &ids);
    assert_int_equal(ids.n, 3000);
    for (size_t i = 0; i < ids.n; i++)
        assert_int_equal(ids.items[i], i + 1); /* none lost, none twice */
    assert_non_null(strstr(t.log, "wider type"));
    run("insert into t(v) values (1)");
    for (int i = 0; i < 100 && !t.batch.len; i++)
        read_batch(&t);
    assert_int_equal(field(&t.batch.records[0], "v")->type, VALUE_STRING);
    task_release(&t);
}

static void test_positions(void **state)
{
    (void)state;
    run("create table p (id integer primary key autoincrement not null); insert into p default values; drop table t");
    struct task t;
    task_init(&t, url, settings);
    assert_int_equal(open_task(&t, &err), 0);
    for (int i = 0; i < 100 && !t.batch.len; i++)
        read_batch(&t);
    assert_true(t.batch.has_position);
    assert_true(str_is(position_get_str(&t.batch.position.partition, "table"), "p"));
    task_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wider_column),
        cmocka_unit_test(test_positions),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
