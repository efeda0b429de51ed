/* The SQLite driver on files made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "db/sqlite/sqlite.h"
#include "db/test/db_test.h"

#include <unistd.h>

static char dir[256], path[300];
static sqlite3 *writer;

static void run(const char *sql)
{
    char *text = NULL;
    if (sqlite3_exec(writer, sql, NULL, NULL, &text))
        fail_msg("%s: %s", sql, text);
}

static void connect(const char *properties, const char *zone)
{
    open_with((struct db_options){.url = arena_printf(&arena, "jdbc:sqlite:%s%s", path, properties),
                                  .time_zone = str_from(zone)});
}

static int created(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/tributary-test-sqlite-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/a.db", dir);
    return sqlite3_open(path, &writer);
}

static int removed(void **state)
{
    disconnected(state);
    sqlite3_close(writer);
    unlink(path);
    return rmdir(dir);
}

static const char *parsed(const char *url)
{
    struct sqlite_url u;
    struct findings findings;
    findings_init(&findings);
    const char *text;
    if (sqlite_url_parse(str_from(url), &arena, &u, STR("connection.url"), &findings, &err))
        text = error_name(err.code);
    else
        text = arena_printf(&arena, "%s%s %d%s%s", u.file.ptr, u.is_uri ? " uri" : "", u.times.form,
                            u.times.in_seconds ? " s" : "", findings.items.len ? " warned" : "")
                   .ptr;
    findings_release(&findings);
    return text;
}

static void urls_are_parsed(void **state)
{
    (void)state;
    assert_string_equal(parsed("jdbc:sqlite:/a/b.db"), "/a/b.db 0");
    assert_string_equal(parsed("sqlite:///a/b.db"), "/a/b.db 0");
    assert_string_equal(parsed("jdbc:sqlite:rel.db?date_class=TEXT&busy_timeout=5"), "rel.db 3");
    assert_string_equal(parsed("jdbc:sqlite:a?date_precision=seconds&journal_mode=WAL"), "a 0 s");
    assert_string_equal(parsed("jdbc:sqlite:file:/a.db?mode=ro"), "file:/a.db?mode=ro uri 0");
    assert_string_equal(parsed("jdbc:sqlite:a?nonsense=1"), "a 0 warned");
    assert_string_equal(parsed("jdbc:sqlite:a?date_string_format=yyyy"), "a 0 warned");
    assert_string_equal(parsed("jdbc:sqlite:a?&&=x&"), "a 0");
    assert_string_equal(parsed("jdbc:sqlite:"), "CONFIG");
    assert_string_equal(parsed("jdbc:sqlite:?a=b"), "CONFIG");
    assert_string_equal(parsed("jdbc:sqlite:a?date_class=never"), "CONFIG");
    assert_string_equal(parsed("jdbc:sqlite:a?busy_timeout=-1"), "CONFIG");
    assert_string_equal(parsed("jdbc:sqlite:a?password=x"), "UNSUPPORTED");
    assert_string_equal(parsed("jdbc:sqlite::resource:x"), "UNSUPPORTED");
    assert_string_equal(parsed("jdbc:mysql:x"), "CONFIG");
}

static void failures_are_told(void **state)
{
    (void)state;
    struct db_options o = {.url = STR("jdbc:sqlite:/nowhere/x.db")};
    assert_int_equal(db_open(&o, &db, &err), ERROR_NOT_FOUND);
    o.url = STR("jdbc:sqlite:" SOURCE_DIR "/ROOMS");
    assert_int_equal(db_open(&o, &db, &err), ERROR_CORRUPT);
    o = (struct db_options){.url = arena_printf(&arena, "jdbc:sqlite:%s", path), .time_zone = STR("No/Zone")};
    assert_int_equal(db_open(&o, &db, &err), ERROR_CONFIG);
    connect("", NULL);
    struct db_cursor *c;
    assert_int_equal(db_query(db, STR("SELECT * FROM absent"), &c, &err), ERROR_NOT_FOUND);
    assert_int_equal(db_query(db, STR("SELEC"), &c, &err), ERROR_CONFIG);
    assert_int_equal(db_query(db, STR(""), &c, &err), ERROR_CONFIG);
    assert_int_equal(db_execute(db, STR("CREATE TABLE x(a)"), &err), ERROR_AUTH);
    struct db_column *columns;
    size_t n;
    struct db_table t = {.name = STR("absent")};
    assert_int_equal(db_table_columns(db, &t, &arena, &columns, &n, &err), ERROR_NOT_FOUND);
    assert_string_equal(one("SELECT 1", DB_AS_INT32, 0), "1"); /* it still works */
}

static void declared_types_are_jdbc_types(void **state)
{
    (void)state;
    run("CREATE TABLE t(id integer primary key autoincrement not null, v text, r real, d date, bo boolean, "
        "n decimal(10, 2), m NUMERIC, s varchar(20) not null, b blob, ts timestamp, dt datetime, si smallint, "
        "bi bigint, f float, dp double precision, j json)");
    connect("", NULL);
    assert_string_equal(types("SELECT * FROM t"),
                        "id INTEGER not null auto, v VARCHAR, r REAL, d DATE, bo BOOLEAN, n DECIMAL(10,2), "
                        "m NUMERIC(0,0), s VARCHAR not null, b BLOB, ts TIMESTAMP, dt TIMESTAMP, si SMALLINT, "
                        "bi BIGINT, f FLOAT, dp DOUBLE, j VARCHAR");
    struct db_column *columns;
    size_t n;
    struct db_table t = {.name = STR("t")};
    assert_int_equal(db_table_columns(db, &t, &arena, &columns, &n, &err), 0);
    assert_int_equal(n, 16);
    assert_true(columns[0].auto_increment);
    struct db_table *tables;
    run("CREATE VIEW \"a \"\"view\" AS SELECT 1 AS x");
    assert_int_equal(db_tables(db, &arena, &tables, &n, &err), 0);
    assert_int_equal(n, 3);
    assert_true(str_is(tables[0].name, "t") && str_is(tables[0].type, "TABLE"));
    assert_true(str_is(tables[1].name, "a \"view") && str_is(tables[1].type, "VIEW"));
    assert_true(str_is(tables[2].type, "SYSTEM TABLE"));
    assert_int_equal(db_table_columns(db, &tables[1], &arena, &columns, &n, &err), 0);
    assert_string_equal(types("SELECT 1 AS i, 5000000000 AS l, 1.5 AS f, 'x' AS s, x'00' AS b, NULL AS n"),
                        "i INTEGER, l BIGINT, f FLOAT, s VARCHAR, b BLOB, n VARCHAR");
}

static void values_come_through(void **state)
{
    (void)state;
    run("CREATE TABLE t(d decimal(10,2), b blob, big bigint, ts timestamp, dt date, s text)");
    run("INSERT INTO t VALUES (1.25, x'00ff', 9223372036854775807, 1577836800500, 0, 'x''y')");
    connect("", NULL);
    assert_string_equal(one("SELECT d FROM t", DB_AS_DECIMAL, 2), "x7d");
    assert_string_equal(one("SELECT b FROM t", DB_AS_BYTES, 0), "x00ff");
    assert_string_equal(one("SELECT big FROM t", DB_AS_INT64, 0), "9223372036854775807");
    assert_string_equal(one("SELECT ts FROM t", DB_AS_TIMESTAMP_MS, 0), "1577836800500");
    assert_string_equal(one("SELECT dt FROM t", DB_AS_DATE, 0), "0");
    assert_string_equal(one("SELECT s FROM t", DB_AS_STRING, 0), "x'y");
    run("UPDATE t SET ts = '2020-01-01 00:00:00.500', dt = '2020-02-29'");
    assert_string_equal(one("SELECT ts FROM t", DB_AS_TIMESTAMP_MS, 0), "1577836800500");
    assert_string_equal(one("SELECT dt FROM t", DB_AS_DATE, 0), "18321");
    run("UPDATE t SET ts = julianday('2020-01-01 00:00:00.500'), dt = 2458908.5");
    assert_string_equal(one("SELECT ts FROM t", DB_AS_TIMESTAMP_MS, 0), "1577836800500");
    assert_string_equal(one("SELECT dt FROM t", DB_AS_DATE, 0), "18321");
}

/* Reads column 0 row by row as its type asks for, querying again when it widened; rows joined by spaces. */
static const char *read_widening(const char *table, int *ret_queries)
{
    struct str out = STR("");
    size_t done = 0;
    for (*ret_queries = 1; *ret_queries < 10; (*ret_queries)++) {
        struct db_cursor *c =
            query(arena_printf(&arena, "SELECT v FROM %s WHERE id > %zu ORDER BY id", table, done).ptr);
        const struct db_column *columns;
        db_cursor_columns(c, &columns);
        enum db_type t = columns[0].type;
        enum db_rep rep = t == DB_INTEGER   ? DB_AS_INT32
                          : t == DB_BIGINT  ? DB_AS_INT64
                          : t == DB_DOUBLE  ? DB_AS_FLOAT64
                          : t == DB_DECIMAL ? DB_AS_DECIMAL
                          : t == DB_BLOB    ? DB_AS_BYTES
                                            : DB_AS_STRING;
        int32_t scale = columns[0].precision ? columns[0].scale : 5;
        assert_int_equal(db_cursor_bind(c, 0, rep, scale, &err), 0);
        int code;
        bool row;
        for (struct value v; !(code = db_cursor_next(c, &arena, &v, &row, &err)) && row; done++)
            out = arena_printf(&arena, STR_FMT "%s%s", STR_ARG(out), done ? " " : "", show(v));
        bool widened = db_cursor_widened(c);
        db_cursor_close(c);
        if (!code)
            return out.ptr;
        if (!widened)
            fail_msg("%s", err.text);
    }
    return "never ends";
}

static void columns_widen(void **state)
{
    (void)state;
    int queries;
    run("CREATE TABLE i(id integer primary key, v integer); INSERT INTO i(v) VALUES (1), (5000000000), (1.5), "
        "('x'), (2), (x'ff')");
    run("CREATE TABLE d(id integer primary key, v decimal(5,2)); INSERT INTO d(v) VALUES (1), (1.25), (1.125), (7)");
    connect("", NULL);
    assert_string_equal(read_widening("i", &queries), "1 5000000000 1.5 x 2 xff");
    assert_int_equal(queries, 5);
    assert_string_equal(read_widening("d", &queries), "x64 x7d x01b774 x0aae60");
    assert_int_equal(queries, 2);
    assert_string_equal(types("SELECT v FROM i"), "v BLOB"); /* once wide, always wide */
}

static void literals_follow_the_rows_form(void **state)
{
    (void)state;
    struct db_table t = {.name = STR("t")};
    struct db_column *columns;
    size_t n;
    run("CREATE TABLE t(ts timestamp)");
    connect("", "Europe/Berlin");
    assert_int_equal(db_table_columns(db, &t, &arena, &columns, &n, &err), 0);
    assert_string_equal(literal_ns(1577836800, 500999999), "1577836800500");
    run("INSERT INTO t VALUES ('2020-01-01 01:00:00')"); /* seen by the next literal */
    assert_string_equal(literal_ns(1577836800, 0), "'2020-01-01 01:00:00'");
    assert_string_equal(literal_ns(1577836800, 500000000), "'2020-01-01 01:00:00.5'");
    disconnected(NULL);
    run("UPDATE t SET ts = '2020-01-01T01:00:00.000'");
    connect("", NULL);
    assert_int_equal(db_table_columns(db, &t, &arena, &columns, &n, &err), 0);
    assert_string_equal(literal_ns(1577836800, 0), "'2020-01-01T00:00:00.000'");
    disconnected(NULL);
    connect("?date_class=real", NULL);
    assert_string_equal(literal_ns(1577836800, 0), "2458849.5");
    disconnected(NULL);
    connect("?date_class=integer&date_precision=seconds", NULL);
    assert_string_equal(literal_ns(1577836800, 999999999), "1577836800");
}

static void rows_are_peeked_at(void **state)
{
    (void)state;
    run("CREATE TABLE t(id integer, s text); INSERT INTO t VALUES (1, 'one'), (2, 'two')");
    connect("", NULL);
    struct db_cursor *c = query("SELECT * FROM t ORDER BY id");
    struct value v[2], p;
    bool row = false;
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT32, 0, &err), 0);
    assert_int_equal(db_cursor_bind(c, 1, DB_AS_STRING, 0, &err), 0);
    assert_int_equal(db_cursor_value(c, 0, DB_AS_INT32, 0, &arena, &p, &err), ERROR_INTERNAL);
    assert_int_equal(db_cursor_peek(c, 1, DB_AS_STRING, 0, &arena, &p, &row, &err), 0);
    assert_string_equal(show(p), "one");
    assert_int_equal(db_cursor_next(c, &arena, v, &row, &err), 0);
    assert_int_equal(v[0].i, 1);
    assert_int_equal(db_cursor_peek(c, 1, DB_AS_STRING, 0, &arena, &p, &row, &err), 0);
    assert_string_equal(show(p), "two");
    assert_int_equal(db_cursor_value(c, 1, DB_AS_STRING, 0, &arena, &p, &err), 0);
    assert_string_equal(show(p), "one"); /* of the row given last */
    assert_int_equal(db_cursor_next(c, &arena, v, &row, &err), 0);
    assert_int_equal(v[0].i, 2);
    assert_int_equal(db_cursor_peek(c, 0, DB_AS_INT32, 0, &arena, &p, &row, &err), 0);
    assert_false(row);
    assert_int_equal(db_cursor_value(c, 1, DB_AS_STRING, 0, &arena, &p, &err), 0);
    assert_string_equal(show(p), "two");
    assert_int_equal(db_cursor_next(c, &arena, v, &row, &err), 0);
    assert_false(row);
    assert_int_equal(db_cursor_value(c, 0, DB_AS_STRING, 0, &arena, &p, &err), 0);
    assert_string_equal(show(p), "2"); /* the end leaves the last row at hand */
    assert_int_equal(db_cursor_bind(c, 1, DB_AS_STRING, 0, &err), ERROR_INTERNAL);
    struct db_cursor *other;
    assert_int_equal(db_query(db, STR("SELECT 1"), &other, &err), ERROR_INTERNAL);
    db_cursor_close(c);
}

static void a_cursor_sees_one_state(void **state)
{
    (void)state;
    run("PRAGMA journal_mode=WAL; CREATE TABLE t(id integer); INSERT INTO t VALUES (1), (2)");
    connect("", NULL);
    struct db_cursor *c = query("SELECT * FROM t");
    run("DELETE FROM t");
    struct value v;
    bool row = true;
    int n = 0;
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT32, 0, &err), 0);
    while (!db_cursor_next(c, &arena, &v, &row, &err) && row)
        n++;
    assert_int_equal(n, 2);
    db_cursor_close(c);
    assert_string_equal(one("SELECT * FROM t", DB_AS_INT32, 0), "no row");
}

static void waiting_ends(void **state)
{
    (void)state;
    struct wake stop;
    assert_int_equal(wake_init(&stop), 0);
    open_with((struct db_options){.url = arena_printf(&arena, "jdbc:sqlite:%s?busy_timeout=50", path), .stop = &stop});
    run("CREATE TABLE t(id integer); BEGIN EXCLUSIVE");
    struct db_cursor *c;
    assert_int_equal(db_query(db, STR("SELECT * FROM t"), &c, &err), ERROR_TIMEOUT);
    run("COMMIT");
    wake_raise(&stop);
    const char *endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    assert_int_equal(db_query(db, str_from(endless), &c, &err), ERROR_STOPPED);
    wake_release(&stop);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, created, removed)
    const struct CMUnitTest tests[] = {
        T(urls_are_parsed),     T(failures_are_told),       T(declared_types_are_jdbc_types),
        T(values_come_through), T(columns_widen),           T(literals_follow_the_rows_form),
        T(rows_are_peeked_at),  T(a_cursor_sees_one_state), T(waiting_ends),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
