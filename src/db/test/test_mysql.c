/* The MySQL driver against a real server: MariaDB, or what $TRIBUTARY_TEST_MYSQL_URL names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/mysql/mysql.h"
#include "db/test/db_test.h"
#include "db/test/maria_server.h"

#include <pthread.h>

static struct maria_server server;

#define NEEDS_SERVER()                                                                                                 \
    do {                                                                                                               \
        if (!server.running)                                                                                           \
            skip();                                                                                                    \
    } while (0)

static void connect_with(const char *properties, struct db_options options)
{
    options.url = arena_printf(&arena, "%s%s", server.base, properties);
    open_with(options);
}

static void reconnect(const char *properties, struct db_options options)
{
    db_close(db);
    db = NULL;
    connect_with(properties, options);
}

static void run(const char *sql)
{
    if (db_execute(db, str_from(sql), &err))
        fail_msg("%s: %s", sql, err.text);
}

static int connected(void **state)
{
    (void)state;
    if (!server.running)
        return 0;
    connect_with("", (struct db_options){0});
    run("DROP DATABASE IF EXISTS tributary_test");
    run("CREATE DATABASE tributary_test CHARACTER SET utf8mb4");
    reconnect("tributary_test?sslMode=DISABLED", (struct db_options){0});
    return 0;
}

static void failures_are_told(void **state)
{
    (void)state;
    NEEDS_SERVER();
    struct db_cursor *c;
    assert_int_equal(db_query(db, STR("SELECT * FROM nothing"), &c, &err), ERROR_NOT_FOUND);
    assert_int_equal(db_query(db, STR("SELEC"), &c, &err), ERROR_CONFIG);
    assert_int_equal(db_query(db, STR("SET @a = 1"), &c, &err), ERROR_CONFIG);
    assert_string_equal(one("SELECT 1", DB_AS_INT32, 0), "1");
    struct db *other;
    struct db_options o = {
        .url =
            arena_printf(&arena, "jdbc:mysql://127.0.0.1:%d/x?user=nobody&password=no&sslMode=DISABLED", server.port)};
    if (server.port)
        assert_int_equal(db_open(&o, &other, &err), ERROR_AUTH);
    o.url = STR("jdbc:mysql://127.0.0.1:1/x");
    assert_int_equal(db_open(&o, &other, &err), ERROR_CONNECTION);
    o.url = arena_printf(&arena, "%snothing_there?sslMode=DISABLED", server.base);
    assert_int_equal(db_open(&o, &other, &err), ERROR_NOT_FOUND);
}

static void types_are_connector_js(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("CREATE TABLE t(id int auto_increment primary key, ts timestamp(3) not null default current_timestamp(3), "
        "v varchar(20), d decimal(8,2), bu bigint unsigned, t tinyint, t1 tinyint(1), tu tinyint unsigned, "
        "iu int unsigned, mi mediumint, bi bit(1), b9 bit(9), b64 bit(64), bl blob, tx text, vb varbinary(3), y year, "
        "dt datetime(6), da date, ti time, f float, db double, e enum('a'), s set('a'), c char(3), j json)");
    const char *expected =
        "id INTEGER not null auto, ts TIMESTAMP not null, v VARCHAR, d DECIMAL(8,2), bu BIGINT unsigned, t TINYINT, "
        "t1 TINYINT, tu TINYINT unsigned, iu INTEGER unsigned, mi INTEGER, bi TINYINT, b9 SMALLINT, b64 DECIMAL(20,0), "
        "bl LONGVARBINARY, tx LONGVARCHAR, vb VARBINARY, y DATE, dt TIMESTAMP, da DATE, ti TIME, f REAL, db DOUBLE, "
        "e CHAR, s CHAR, c CHAR, j LONGVARCHAR";
    assert_string_equal(types("SELECT * FROM t"), expected);
    struct db_table *tables;
    struct db_column *columns;
    size_t n;
    run("CREATE VIEW w AS SELECT 1 AS x");
    assert_int_equal(db_tables(db, &arena, &tables, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_true(str_is(tables[0].name, "t") && str_is(tables[0].type, "TABLE"));
    assert_true(str_is(tables[0].catalog, "tributary_test"));
    assert_true(str_is(tables[1].type, "VIEW"));
    assert_int_equal(db_table_columns(db, &tables[0], &arena, &columns, &n, &err), 0);
    assert_string_equal(types_of(columns, n), expected);
    tables[0].name = STR("absent");
    assert_int_equal(db_table_columns(db, &tables[0], &arena, &columns, &n, &err), ERROR_NOT_FOUND);
    reconnect("tributary_test?transformedBitIsBoolean=true&sslMode=DISABLED", (struct db_options){0});
    assert_string_equal(types("SELECT t1 FROM t"), "t1 BOOLEAN");
}

static void values_come_through(void **state)
{
    (void)state;
    NEEDS_SERVER();
    assert_string_equal(one("SELECT 1.25", DB_AS_DECIMAL, 2), "x7d");
    assert_string_equal(one("SELECT CAST(18446744073709551615 AS UNSIGNED)", DB_AS_DECIMAL, 0), "x00ffffffffffffffff");
    assert_string_equal(one("SELECT b'10000001'", DB_AS_BYTES, 0), "x81");
    assert_string_equal(one("SELECT x'00ff'", DB_AS_BYTES, 0), "x00ff");
    assert_string_equal(one("SELECT '\xf0\x9f\x8d\x8e\xc3\xa9'", DB_AS_STRING, 0), "\xf0\x9f\x8d\x8e\xc3\xa9");
    assert_string_equal(one("SELECT NULL", DB_AS_STRING, 0), "null");
    assert_string_equal(one("SELECT ''", DB_AS_STRING, 0), "");
    assert_string_equal(one("SELECT 1 FROM DUAL WHERE 1 = 0", DB_AS_INT32, 0), "no row");
    assert_string_equal(one("SELECT 1.5e0", DB_AS_FLOAT64, 0), "1.5");
    assert_string_equal(one("SELECT DATE '2020-02-29'", DB_AS_DATE, 0), "18321");
    assert_string_equal(one("SELECT TIME '10:11:12'", DB_AS_TIME, 0), "36672000");
    assert_string_equal(one("SELECT TIMESTAMP '2020-01-01 01:02:03.456789'", DB_AS_TIMESTAMP_US, 0),
                        "1577840523456789");
    run("CREATE TABLE b(b4 bit(4), b64 bit(64)); ");
    run("INSERT INTO b VALUES (b'1010', 18446744073709551615)");
    assert_string_equal(one("SELECT b4 FROM b", DB_AS_INT8, 0), "10");
    assert_string_equal(one("SELECT b64 FROM b", DB_AS_DECIMAL, 0), "x00ffffffffffffffff");
    run("CREATE TABLE big(v longtext)");
    run("INSERT INTO big VALUES (REPEAT('x', 3000000))");
    struct db_cursor *c = query("SELECT v FROM big");
    struct value v;
    bool row;
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_STRING, 0, &err), 0);
    assert_int_equal(db_cursor_next(c, &arena, &v, &row, &err), 0);
    assert_int_equal(v.len, 3000000);
    db_cursor_close(c);
}

static void wide_values_widen_their_column(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("CREATE TABLE u(id int, v bigint unsigned, t time)");
    run("INSERT INTO u VALUES (1, 1, '10:00:00'), (2, 18446744073709551615, '-25:00:00.000000')");
    struct db_cursor *c = query("SELECT v FROM u ORDER BY id");
    struct value v;
    bool row;
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT64, 0, &err), 0);
    assert_int_equal(db_cursor_next(c, &arena, &v, &row, &err), 0);
    assert_int_equal(v.i, 1);
    assert_int_equal(db_cursor_next(c, &arena, &v, &row, &err), ERROR_DATA);
    assert_true(db_cursor_widened(c));
    db_cursor_close(c);
    assert_string_equal(types("SELECT v, id FROM u"), "v DECIMAL(20,0), id INTEGER");
    assert_string_equal(one("SELECT v FROM u WHERE id = 2", DB_AS_DECIMAL, 0), "x00ffffffffffffffff");
    c = query("SELECT t FROM u ORDER BY id DESC");
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_TIME, 0, &err), 0);
    assert_int_equal(db_cursor_next(c, &arena, &v, &row, &err), ERROR_DATA);
    assert_true(db_cursor_widened(c));
    db_cursor_close(c);
    assert_string_equal(one("SELECT t FROM u WHERE id = 2", DB_AS_STRING, 0), "-25:00:00");
    assert_string_equal(types("SELECT t FROM u"), "t VARCHAR");
}

static void zero_dates_do_as_told(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("SET sql_mode = ''");
    run("CREATE TABLE z(a datetime, b date not null, y year)");
    run("INSERT INTO z VALUES ('0000-00-00 00:00:00', '0000-00-00', '0000')");
    assert_string_equal(one("SELECT a FROM z", DB_AS_TIMESTAMP_MS, 0), "null");
    assert_string_equal(one("SELECT b FROM z", DB_AS_DATE, 0), "0");
    assert_string_equal(one("SELECT y FROM z", DB_AS_DATE, 0), "null");
    reconnect("tributary_test?sslMode=DISABLED&zeroDateTimeBehavior=ROUND", (struct db_options){0});
    assert_string_equal(one("SELECT b FROM z", DB_AS_DATE, 0), "-719162");
    reconnect("tributary_test?sslMode=DISABLED&zeroDateTimeBehavior=EXCEPTION", (struct db_options){0});
    assert_non_null(strstr(one("SELECT a FROM z", DB_AS_TIMESTAMP_MS, 0), "zero date"));
}

static void zones_are_applied(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("CREATE TABLE z(ts timestamp(6) null, dt datetime(6))");
    run("INSERT INTO z VALUES ('2020-07-01 00:00:00.5', '2020-07-01 00:00:00.5')"); /* UTC */
    assert_string_equal(literal_ns(1593561600, 500000000), "'2020-07-01 00:00:00.500000'");
    reconnect("tributary_test?sslMode=DISABLED", (struct db_options){.time_zone = STR("+02:00")});
    assert_string_equal(one("SELECT ts FROM z", DB_AS_TIMESTAMP_MS, 0), "1593561600500");
    assert_string_equal(one("SELECT dt FROM z", DB_AS_TIMESTAMP_MS, 0), "1593554400500");
    assert_string_equal(literal_ns(1593561600, 500000000), "'2020-07-01 02:00:00.500000'");
    char sql[160];
    snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM z WHERE ts = %s", literal_ns(1593561600, 500000000));
    assert_string_equal(one(sql, DB_AS_INT64, 0), "1");
    snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM z WHERE dt = %s", literal_ns(1593554400, 500000000));
    assert_string_equal(one(sql, DB_AS_INT64, 0), "1");
    int64_t now, wall = clock_wall_us();
    assert_int_equal(db_now(db, &now, &err), 0);
    assert_true(llabs(now / 1000 - wall) < INT64_C(60000000));
    struct db_options o = {.url = arena_printf(&arena, "%stributary_test?sslMode=DISABLED", server.base),
                           .time_zone = STR("Europe/Berlin")};
    struct db *other = NULL;
    int code = db_open(&o, &other, &err); /* by name: only where the server knows the zones */
    if (code) {
        assert_int_equal(code, ERROR_CONFIG);
        assert_non_null(strstr(err.text, "time zone"));
    }
    db_close(other);
}

static void text_literals_are_read_back(void **state)
{
    (void)state;
    NEEDS_SERVER();
    for (int round = 0; round < 2; round++) {
        struct buf sql = {0};
        struct db_literal l = {.type = DB_LITERAL_TEXT, .text = STR("it's \\ \"x\" \xc3\xa9")};
        if (round)
            run("SET sql_mode = 'NO_BACKSLASH_ESCAPES'");
        buf_add_cstr(&sql, "SELECT ");
        assert_int_equal(db_write_literal(db, &l, &sql, &err), 0);
        assert_string_equal(one(buf_cstr(&sql), DB_AS_STRING, 0), l.text.ptr);
        buf_free(&sql);
    }
    struct buf name = {0};
    db_write_identifier(db, STR("a`b"), &name);
    assert_string_equal(buf_cstr(&name), "`a``b`");
    buf_free(&name);
}

static void a_result_can_be_left(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("CREATE TABLE many(i int)");
    run("INSERT INTO many WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT a.i "
        "FROM n a, n b");
    for (int round = 0; round < 3; round++) {
        struct db_cursor *c = query("SELECT * FROM many"), *other;
        struct value v, p;
        bool row;
        int64_t n = 0;
        assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT32, 0, &err), 0);
        assert_int_equal(db_query(db, STR("SELECT 1"), &other, &err), ERROR_INTERNAL);
        while (n < 1000 && !db_cursor_next(c, &arena, &v, &row, &err) && row)
            n++;
        assert_int_equal(n, 1000);
        assert_int_equal(db_cursor_peek(c, 0, DB_AS_INT32, 0, &arena, &p, &row, &err), 0);
        assert_int_equal(db_cursor_value(c, 0, DB_AS_STRING, 0, &arena, &p, &err), 0);
        assert_string_equal(show(p), arena_printf(&arena, "%d", (int)v.i).ptr);
        db_cursor_close(c);
    }
    assert_string_equal(one("SELECT COUNT(*) FROM many", DB_AS_INT64, 0), "810000");
    run("CREATE PROCEDURE pr() SELECT 7 AS x");
    assert_string_equal(one("CALL pr()", DB_AS_INT32, 0), "7"); /* which has a second result */
    assert_string_equal(one("SELECT 8", DB_AS_INT32, 0), "8");
}

static void *raise_soon(void *wake)
{
    usleep(200000);
    wake_raise(wake);
    return NULL;
}

static void waiting_ends(void **state)
{
    (void)state;
    NEEDS_SERVER();
    struct wake stop;
    pthread_t thread;
    struct db_cursor *c;
    assert_int_equal(wake_init(&stop), 0);
    reconnect("tributary_test?sslMode=DISABLED", (struct db_options){.stop = &stop});
    pthread_create(&thread, NULL, raise_soon, &stop);
    int64_t began = clock_mono_ms();
    assert_int_equal(db_query(db, STR("SELECT SLEEP(30)"), &c, &err), ERROR_STOPPED);
    assert_true(clock_mono_ms() - began < 5000);
    pthread_join(thread, NULL);
    wake_clear(&stop);
    assert_string_equal(one("SELECT 1", DB_AS_INT32, 0), "1"); /* on a new connection */
    db_close(db);
    db = NULL;
    wake_release(&stop);
    reconnect("tributary_test?sslMode=DISABLED&socketTimeout=200", (struct db_options){0});
    assert_int_equal(db_query(db, STR("SELECT SLEEP(30)"), &c, &err), ERROR_TIMEOUT);
    reconnect("tributary_test?sslMode=DISABLED", (struct db_options){.statement_timeout_ms = 200});
    int code = db_query(db,
                        STR("SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, "
                            "information_schema.columns c"),
                        &c, &err);
    struct value v;
    bool row;
    if (!code) {
        assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT64, 0, &err), 0);
        code = db_cursor_next(c, &arena, &v, &row, &err);
        db_cursor_close(c);
    }
    assert_int_equal(code, ERROR_TIMEOUT);
}

static void tls_is_optional_by_default(void **state)
{
    (void)state;
    NEEDS_SERVER();
    reconnect("tributary_test", (struct db_options){0}); /* PREFERRED, whether the server has it or not */
    assert_string_equal(one("SELECT 1", DB_AS_INT32, 0), "1");
    bool has_tls = mysql_get_ssl_cipher(((struct my_db *)db)->mysql);
    struct db_options o = {.url = arena_printf(&arena, "%stributary_test?sslMode=REQUIRED", server.base)};
    struct db *other = NULL;
    assert_int_equal(db_open(&o, &other, &err), has_tls ? 0 : ERROR_CONFIG);
    db_close(other);
}

static int started(void **state)
{
    (void)state;
    maria_server_start(&server);
    return 0;
}

static int stopped(void **state)
{
    (void)state;
    maria_server_stop(&server);
    return 0;
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, connected, disconnected)
    const struct CMUnitTest tests[] = {
        T(failures_are_told),
        T(types_are_connector_js),
        T(values_come_through),
        T(wide_values_widen_their_column),
        T(zero_dates_do_as_told),
        T(zones_are_applied),
        T(text_literals_are_read_back),
        T(a_result_can_be_left),
        T(waiting_ends),
        T(tls_is_optional_by_default),
    };
    int failed = cmocka_run_group_tests(tests, started, stopped);
    arena_free(&arena);
    return failed;
}
