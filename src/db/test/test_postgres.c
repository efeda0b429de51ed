/* The driver against a real server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/db.h"
#include "db/test/pg_server.h"

#include <pthread.h>

static struct pg_server server;
static struct arena arena;
static struct error err;
static struct db *db;

#define NEEDS_SERVER()                                                                                                 \
    do {                                                                                                               \
        if (!server.running)                                                                                           \
            skip();                                                                                                    \
    } while (0)

static struct str url_of(const char *rest)
{
    return arena_printf(&arena, "%s%s", server.base, rest);
}

static void connect_with(struct db_options options)
{
    if (!options.url.ptr)
        options.url = url_of("postgres");
    if (db_open(&options, &db, &err))
        fail_msg("%s", err.text);
}

static int connected(void **state)
{
    (void)state;
    if (server.running)
        connect_with((struct db_options){0});
    return 0;
}

static int disconnected(void **state)
{
    (void)state;
    db_close(db);
    db = NULL;
    arena_reset(&arena);
    return 0;
}

static void run(const char *sql)
{
    if (db_execute(db, str_from(sql), &err))
        fail_msg("%s: %s", sql, err.text);
}

static struct db_cursor *query(const char *sql)
{
    struct db_cursor *c = NULL;
    if (db_query(db, str_from(sql), &c, &err))
        fail_msg("%s: %s", sql, err.text);
    return c;
}

/* The first row of one column in a representation. */
static struct value read_one(const char *sql, enum db_rep rep, int32_t scale)
{
    struct db_cursor *c = query(sql);
    struct value v = value_null();
    bool row = false;
    if (db_cursor_bind(c, 0, rep, scale, &err) || db_cursor_next(c, &arena, &v, &row, &err))
        fail_msg("%s: %s", sql, err.text);
    assert_true(row);
    struct value copy = value_copy(&arena, &v);
    db_cursor_close(c);
    return copy;
}

static void assert_read(const char *sql, enum db_rep rep, const char *text)
{
    struct value v = read_one(sql, rep, 0);
    assert_int_equal(v.type, VALUE_STRING);
    assert_string_equal(arena_str(&arena, value_as_str(&v)).ptr, text);
}

static void test_native_and_cast_values(void **state)
{
    (void)state;
    NEEDS_SERVER();
    assert_read("select 'x'::text", DB_AS_STRING, "x");
    assert_read("select 42", DB_AS_STRING, "42");
    assert_read("select '{1,2}'::int[]", DB_AS_STRING, "{1,2}");
    assert_read("select '10.0.0.0/8'::inet", DB_AS_STRING, "10.0.0.0/8");
    assert_read("select interval '1 day 2 hours'", DB_AS_STRING, "1 day 02:00:00");
    assert_read("select '<a/>'::xml", DB_AS_STRING, "<a/>");
    assert_read("select row(1,'a')", DB_AS_STRING, "(1,a)");
    assert_read("select 'a'::\"char\"", DB_AS_STRING, "a");
    assert_read("select 3.5::float8", DB_AS_STRING, "3.5");
    assert_true(read_one("select '12.34'::money", DB_AS_FLOAT64, 0).f64 == 12.34);
    assert_int_equal(read_one("select true", DB_AS_INT32, 0).i, 1);
    assert_int_equal(read_one("select 3000000000::oid", DB_AS_INT64, 0).i, 3000000000);
    assert_int_equal(read_one("select B'0101'", DB_AS_INT8, 0).i, 5);
    struct value v = read_one("select B'010100001'", DB_AS_BYTES, 0); /* JDBC's getBytes: the text */
    assert_int_equal(v.len, 9);
    assert_memory_equal(v.bytes, "010100001", 9);
    v = read_one("select '-12.5'::numeric(10,2)", DB_AS_DECIMAL, 2);
    assert_int_equal(v.len, 2);
    assert_memory_equal(v.bytes, "\xfb\x1e", 2);
    assert_int_equal(read_one("select date '1970-01-02'", DB_AS_TIMESTAMP_MS, 0).i, 86400000);
}

static void test_columns(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create type mood as enum ('ok'); create domain must as int not null;"
        "create table cols (id serial primary key, i8 bigint generated always as identity, n numeric(10,2), nv "
        "numeric, "
        "neg numeric(5,-2), c char(4), t text not null, b boolean, bi bit(3), m mood, d must, a int[], j jsonb, ts "
        "timestamptz(3))");
    struct db_table t = {.schema = STR("public"), .name = STR("cols")};
    struct db_column *c;
    size_t n;
    assert_int_equal(db_table_columns(db, &t, &arena, &c, &n, &err), 0);
    assert_int_equal(n, 14);
    assert_true(c[0].auto_increment && !c[0].nullable && c[0].type == DB_INTEGER && c[0].precision == 10);
    assert_true(c[1].auto_increment && !c[1].nullable && c[1].type == DB_BIGINT);
    assert_true(c[2].precision == 10 && c[2].scale == 2 && c[2].nullable && !c[2].auto_increment);
    assert_true(c[3].precision == 0 && c[3].scale == 0);
    assert_true(c[4].precision == 5 && c[4].scale == 2046);
    assert_true(c[5].type == DB_CHAR && c[5].precision == 4);
    assert_true(c[6].type == DB_VARCHAR && !c[6].nullable);
    assert_true(c[7].type == DB_BIT && c[7].precision == 1);
    assert_true(c[8].type == DB_BIT && c[8].precision == 3);
    assert_true(c[9].type == DB_VARCHAR); /* an enum is text */
    assert_string_equal(c[9].type_name.ptr, "mood");
    assert_true(c[10].type == DB_INTEGER && !c[10].nullable); /* a domain is what is under it */
    assert_int_equal(c[11].type, DB_ARRAY);
    assert_true(c[12].type == DB_OTHER && c[12].is_text);
    assert_true(c[13].type == DB_TIMESTAMP && c[13].scale == 3);

    t.name = STR("nobody");
    assert_int_equal(db_table_columns(db, &t, &arena, &c, &n, &err), ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "nobody"));
}

static void test_nullability_of_a_query(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create table nul (a int not null, b int)");
    struct db_cursor *c = query("select a, b, a + 1 as c from nul");
    const struct db_column *columns;
    assert_int_equal(db_cursor_columns(c, &columns), 3);
    assert_false(columns[0].nullable);
    assert_true(columns[1].nullable);
    assert_true(columns[2].nullable);
    db_cursor_close(c);
}

static void test_tables(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create schema \"o.dd\"; create table \"o.dd\".\"T\"\"x\" (a int); create view v as select 1 as a;"
        "create table part (a int) partition by range (a); create materialized view mv as select 1 as a");
    struct db_table *t;
    size_t n;
    int seen = 0;
    assert_int_equal(db_tables(db, &arena, &t, &n, &err), 0);
    for (size_t i = 0; i < n; i++) {
        seen += str_is(t[i].schema, "o.dd") && str_is(t[i].name, "T\"x") && str_is(t[i].type, "TABLE");
        seen += str_is(t[i].name, "v") && str_is(t[i].type, "VIEW");
        seen += str_is(t[i].name, "part") && str_is(t[i].type, "PARTITIONED TABLE");
        seen += str_is(t[i].name, "mv") && str_is(t[i].type, "MATERIALIZED VIEW");
        seen += str_is(t[i].name, "pg_class") && str_is(t[i].type, "SYSTEM TABLE");
    }
    assert_int_equal(seen, 5);
    AUTO_BUF quoted = {0};
    db_write_identifier(db, STR("T\"x"), &quoted);
    assert_string_equal(buf_cstr(&quoted), "\"T\"\"x\"");
}

static void test_stream(void **state)
{
    (void)state;
    NEEDS_SERVER();
    struct db_cursor *c = query("select i, case when i % 3 = 0 then null else 'text ' || i end, array[i] "
                                "from generate_series(1, 50000) i -- a comment at the end");
    struct value values[2];
    bool row;
    int64_t n = 0;
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT32, 0, &err), 0);
    assert_int_equal(db_cursor_bind(c, 1, DB_AS_STRING, 0, &err), 0); /* the array stays out */
    while (!db_cursor_next(c, &arena, values, &row, &err) && row) {
        assert_int_equal(values[0].i, ++n);
        if (n % 3 == 0) {
            assert_int_equal(values[1].type, VALUE_NULL);
        } else {
            char text[32];
            int len = snprintf(text, sizeof text, "text %d", (int)n);
            assert_int_equal(values[1].len, len);
            assert_memory_equal(values[1].str, text, len);
        }
        if (n % 1000 == 0)
            arena_reset(&arena);
    }
    assert_int_equal(n, 50000);
    assert_false(row);
    db_cursor_close(c);
    run("select 1"); /* the connection goes on */
}

static void test_long_rows(void **state)
{
    (void)state;
    NEEDS_SERVER();
    struct db_cursor *c = query("select i, repeat(chr(96 + i), i * i * 7919) from generate_series(1, 24) i");
    struct value values[2];
    bool row;
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT32, 0, &err), 0);
    assert_int_equal(db_cursor_bind(c, 1, DB_AS_STRING, 0, &err), 0);
    for (int i = 1; i <= 24; i++) {
        assert_int_equal(db_cursor_next(c, &arena, values, &row, &err), 0);
        assert_true(row);
        assert_int_equal(values[0].i, i);
        assert_int_equal(values[1].len, i * i * 7919);
        for (uint32_t k = 0; k < values[1].len; k++)
            if (values[1].str[k] != 96 + i)
                fail_msg("row %d is damaged at byte %u", i, k);
        arena_reset(&arena);
    }
    assert_int_equal(db_cursor_next(c, &arena, values, &row, &err), 0);
    assert_false(row);
    db_cursor_close(c);
}

static void test_peek_and_value(void **state)
{
    (void)state;
    NEEDS_SERVER();
    struct db_cursor *c =
        query("select i, timestamp '2020-01-01 10:00:00.123456' + i * interval '1 s' from generate_series(1, 3) i");
    struct value values[2], v;
    bool row;
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT32, 0, &err), 0);
    assert_int_equal(db_cursor_bind(c, 1, DB_AS_TIMESTAMP_MS, 0, &err), 0);
    for (int i = 1; i <= 3; i++) {
        for (int twice = 0; twice < 2; twice++) {
            assert_int_equal(db_cursor_peek(c, 0, DB_AS_INT64, 0, &arena, &v, &row, &err), 0);
            assert_true(row);
            assert_int_equal(v.i, i);
        }
        assert_int_equal(db_cursor_next(c, &arena, values, &row, &err), 0);
        assert_int_equal(values[0].i, i);
        assert_int_equal(values[1].i, INT64_C(1577872800123) + i * 1000);
        assert_int_equal(db_cursor_value(c, 1, DB_AS_TIMESTAMP_US, 0, &arena, &v, &err), 0);
        assert_int_equal(v.i, INT64_C(1577872800123456) + i * 1000000);
    }
    assert_int_equal(db_cursor_peek(c, 0, DB_AS_INT64, 0, &arena, &v, &row, &err), 0);
    assert_false(row);
    assert_int_equal(db_cursor_next(c, &arena, values, &row, &err), 0);
    assert_false(row);
    db_cursor_close(c);
}

static void test_empty_results(void **state)
{
    (void)state;
    NEEDS_SERVER();
    struct value v;
    bool row = true;
    struct db_cursor *c = query("select 1 as a where false");
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT32, 0, &err), 0);
    assert_int_equal(db_cursor_next(c, &arena, &v, &row, &err), 0);
    assert_false(row);
    db_cursor_close(c);
    c = query("select array[1]"); /* no column that anybody wants, but a row */
    assert_int_equal(db_cursor_next(c, &arena, &v, &row, &err), 0);
    assert_true(row);
    db_cursor_close(c);
    c = query("values (1), (2)"); /* never read */
    db_cursor_close(c);
    run("select 1");
}

static void test_refused_queries(void **state)
{
    (void)state;
    NEEDS_SERVER();
    struct db_cursor *c = NULL;
    assert_int_equal(db_query(db, STR("selec 1"), &c, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "42601"));
    assert_int_equal(db_query(db, STR("select * from nobody"), &c, &err), ERROR_NOT_FOUND);
    assert_int_equal(db_query(db, STR("select 1; select 2"), &c, &err), ERROR_CONFIG);
    assert_int_equal(db_query(db, STR("create table x (a int)"), &c, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "no columns"));
    assert_null(c);
    c = query("select 1 / (3 - i) from generate_series(1, 10) i"); /* fails in the middle */
    struct value v;
    bool row = true;
    int code = 0;
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT32, 0, &err), 0);
    for (int i = 0; i < 5 && !code; i++)
        code = db_cursor_next(c, &arena, &v, &row, &err);
    assert_int_equal(code, ERROR_DATA);
    assert_non_null(strstr(err.text, "division by zero"));
    db_cursor_close(c);
    run("select 1");
}

static void test_closing_early(void **state)
{
    (void)state;
    NEEDS_SERVER();
    int64_t begin = clock_mono_ms();
    for (int i = 0; i < 3; i++) {
        struct db_cursor *c = query("select i, repeat('x', 100) from generate_series(1, 100000000) i");
        struct value v;
        bool row;
        assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT32, 0, &err), 0);
        assert_int_equal(db_cursor_next(c, &arena, &v, &row, &err), 0);
        db_cursor_close(c);
        assert_int_equal(read_one("select 7", DB_AS_INT32, 0).i, 7);
    }
    assert_true(clock_mono_ms() - begin < 20000);
}

static void test_time_zones(void **state)
{
    (void)state;
    NEEDS_SERVER();
    const char *const local = "select timestamp '2016-07-01 12:00:00.123456'";
    const char *const zoned = "select timestamptz '2016-07-01 12:00:00.123456+00'";
    assert_int_equal(read_one(local, DB_AS_TIMESTAMP_MS, 0).i, INT64_C(1467374400123));
    db_close(db);
    connect_with((struct db_options){.time_zone = STR("America/New_York")}); /* summer: -4 hours */
    assert_int_equal(read_one(local, DB_AS_TIMESTAMP_MS, 0).i, INT64_C(1467388800123));
    assert_int_equal(read_one(zoned, DB_AS_TIMESTAMP_US, 0).i, INT64_C(1467374400123456));
    assert_read(local, DB_AS_TIMESTAMP_US_ISO, "2016-07-01T12:00:00.123456");
    assert_read(zoned, DB_AS_TIMESTAMP_NS_ISO, "2016-07-01T08:00:00.123456000");
    assert_read("select timestamp '-infinity'", DB_AS_TIMESTAMP_US_ISO,
                "+292275056-05-16T18:03:58.000000"); /* local mean time */
    assert_read("select timestamptz 'infinity'", DB_AS_TIMESTAMP_NS_ISO, "+292278994-08-16T19:00:00.000000000");
    assert_int_equal(read_one("select timestamp '1850-01-01 00:00'", DB_AS_TIMESTAMP_MS, 0).i, INT64_C(-3786807838000));
    assert_int_equal(read_one("select time '01:00'", DB_AS_TIME, 0).i, 6 * 3600 * 1000); /* 1970 began in winter */
    db_close(db);
    connect_with((struct db_options){.time_zone = STR("America/New_York"), .legacy_calendar = true});
    assert_int_equal(read_one("select timestamp '1850-01-01 00:00'", DB_AS_TIMESTAMP_MS, 0).i, INT64_C(-3786807600000));
    db_close(db);
    connect_with((struct db_options){.time_zone = STR("+09:30")});
    assert_int_equal(read_one("select timestamp '1970-01-01 09:30'", DB_AS_TIMESTAMP_MS, 0).i, 0);
    db_close(db);
    db = NULL;
    struct db_options bad = {.url = url_of("postgres"), .time_zone = STR("Mars/Olympus")};
    assert_int_equal(db_open(&bad, &db, &err), ERROR_DATA);
    assert_non_null(strstr(err.text, "Mars/Olympus"));
}

static void test_timestamp_literals(void **state)
{
    (void)state;
    NEEDS_SERVER();
    static const char *const zones[] = {"UTC", "Asia/Tokyo"};
    for (size_t i = 0; i < 2; i++) {
        db_close(db);
        connect_with((struct db_options){.time_zone = str_from(zones[i]), .legacy_calendar = true});
        static const struct db_literal literals[] = {
            {.type = DB_LITERAL_TIMESTAMP, .i = 1467374400, .nanos = 123456789},
            {.type = DB_LITERAL_TIMESTAMP, .i = -1, .nanos = 999999000},
            {.type = DB_LITERAL_TIMESTAMP, .i = -62135769600 - 86400 * 400},
        };
        for (size_t k = 0; k < 3; k++) {
            AUTO_BUF sql = {0};
            buf_add_literal(&sql, "select ");
            assert_int_equal(db_write_literal(db, &literals[k], &sql, &err), 0);
            buf_add_literal(&sql, "::timestamp");
            struct value v = read_one(buf_cstr(&sql), DB_AS_TIMESTAMP_US, 0);
            assert_int_equal(v.i, literals[k].i * 1000000 + literals[k].nanos / 1000);
        }
    }
    AUTO_BUF sql = {0};
    struct db_literal text = {.type = DB_LITERAL_TEXT, .text = STR("it's \\ 'so'")};
    buf_add_literal(&sql, "select ");
    assert_int_equal(db_write_literal(db, &text, &sql, &err), 0);
    assert_read(buf_cstr(&sql), DB_AS_STRING, "it's \\ 'so'");
}

static void test_now(void **state)
{
    (void)state;
    NEEDS_SERVER();
    int64_t now = 0;
    assert_int_equal(db_now(db, &now, &err), 0);
    assert_true(llabs(now / 1000000 - clock_wall_ms()) < 5000);
}

static void test_session(void **state)
{
    (void)state;
    NEEDS_SERVER();
    db_close(db);
    connect_with((struct db_options){
        .url = url_of("postgres?currentSchema=pg_catalog&ApplicationName=me&readOnly=true&queryTimeout=5"),
        .isolation = DB_ISOLATION_REPEATABLE_READ,
    });
    assert_read("select current_setting('search_path')", DB_AS_STRING, "pg_catalog");
    assert_read("select current_setting('application_name')", DB_AS_STRING, "me");
    assert_read("select current_setting('transaction_isolation')", DB_AS_STRING, "repeatable read");
    assert_read("select current_setting('transaction_read_only')", DB_AS_STRING, "on");
    assert_read("select current_setting('statement_timeout')", DB_AS_STRING, "5s");
    assert_read("select current_setting('client_encoding')", DB_AS_STRING, "UTF8");
}

static void test_statement_timeout(void **state)
{
    (void)state;
    NEEDS_SERVER();
    db_close(db);
    connect_with((struct db_options){.statement_timeout_ms = 100});
    assert_int_equal(db_execute(db, STR("select pg_sleep(30)"), &err), ERROR_TIMEOUT);
    assert_true(error_is_retriable(ERROR_TIMEOUT));
    run("select 1");
}

static void test_unknown_encoding(void **state)
{
    (void)state;
    NEEDS_SERVER();
    run("create database ascii encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'");
    db_close(db);
    connect_with((struct db_options){.url = url_of("ascii")});
    assert_read("select 'h' || chr(195) || chr(169)", DB_AS_STRING, "h\xc3\xa9");
    struct db_cursor *c = query("select 'h' || chr(233) as t");
    struct value v;
    bool row;
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_STRING, 0, &err), 0);
    assert_int_equal(db_cursor_next(c, &arena, &v, &row, &err), ERROR_DATA);
    if (!strstr(err.text, "\"t\""))
        fail_msg("%s", err.text);
    db_cursor_close(c);
}

/* ---- failures to connect ---- */

static void assert_open_fails(struct str url, enum error_code code, const char *contains)
{
    struct db_options options = {.url = url, .user = STR("postgres"), .connect_timeout_ms = 3000};
    struct db *none = NULL;
    err = (struct error){0};
    assert_int_equal(db_open(&options, &none, &err), code);
    assert_null(none);
    if (!strstr(err.text, contains))
        fail_msg("\"%s\" does not contain \"%s\"", err.text, contains);
}

static void test_refused_connections(void **state)
{
    (void)state;
    NEEDS_SERVER();
    AUTO_BUF dead = {0};
    buf_printf(&dead, "jdbc:postgresql://127.0.0.1:%d/x", pg_server_free_port());
    assert_open_fails(buf_str(&dead), ERROR_CONNECTION, "Connection refused");
    assert_non_null(strstr(err.text, "127.0.0.1"));
    assert_non_null(strstr(err.text, "is the server running"));
    assert_true(error_is_retriable(ERROR_CONNECTION));
    assert_open_fails(url_of("nowhere"), ERROR_NOT_FOUND, "database \"nowhere\" does not exist");
    assert_open_fails(url_of("postgres?sslmode=require"), ERROR_CONFIG, "SSL");
    assert_open_fails(url_of("postgres?user=nobody"), ERROR_AUTH, "nobody");
    assert_open_fails(url_of("postgres?sslmode=maybe"), ERROR_CONFIG, "sslmode");
    assert_open_fails(STR("jdbc:postgresql://host.invalid/x"), ERROR_CONNECTION, "host.invalid");
    assert_open_fails(url_of("postgres?targetServerType=secondary"), ERROR_CONNECTION, "targetServerType");
}

static void test_second_host(void **state)
{
    (void)state;
    NEEDS_SERVER();
    if (!server.port)
        skip();
    db_close(db);
    struct str url = arena_printf(&arena, "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres?user=postgres",
                                  pg_server_free_port(), server.port);
    connect_with((struct db_options){.url = url});
    run("select 1");
}

static void test_wrong_password(void **state)
{
    (void)state;
    NEEDS_SERVER();
    /* trust authentication knows no wrong password; the code by SQLSTATE is what counts */
    run("create role locked nologin");
    assert_open_fails(url_of("postgres?user=locked"), ERROR_AUTH, "not permitted to log in");
}

/* ---- stopping ---- */

static void *raise_later(void *wake)
{
    usleep(100 * 1000);
    wake_raise(wake);
    return NULL;
}

static void test_stop_ends_a_wait(void **state)
{
    (void)state;
    NEEDS_SERVER();
    struct wake wake;
    pthread_t thread;
    assert_int_equal(wake_init(&wake), 0);
    db_close(db);
    connect_with((struct db_options){.stop = &wake});
    struct db_cursor *c = query("select 1 as a from pg_sleep(60)");
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT32, 0, &err), 0);
    assert_int_equal(pthread_create(&thread, NULL, raise_later, &wake), 0);
    int64_t begin = clock_mono_ms();
    struct value v;
    bool row;
    assert_int_equal(db_cursor_next(c, &arena, &v, &row, &err), ERROR_STOPPED);
    assert_true(clock_mono_ms() - begin < 5000);
    pthread_join(thread, NULL);
    db_cursor_close(c);
    assert_int_equal(db_execute(db, STR("select 1"), &err), ERROR_CONNECTION); /* that session is over */
    db_close(db);
    db = NULL;
    struct db_options options = {.url = url_of("postgres"), .stop = &wake};
    assert_int_equal(db_open(&options, &db, &err), ERROR_STOPPED); /* still raised */
    wake_release(&wake);
    /* and nothing is left running in the server */
    connect_with((struct db_options){0});
    for (int i = 0; i < 100; i++) {
        if (read_one("select count(*) from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and "
                     "pid <> pg_backend_pid()",
                     DB_AS_INT64, 0)
                .i == 0)
            return;
        usleep(50 * 1000);
    }
    fail_msg("the query still runs");
}

static void test_server_goes_away(void **state)
{
    (void)state;
    NEEDS_SERVER();
    struct db *other = NULL;
    struct db_options options = {.url = url_of("postgres")};
    assert_int_equal(db_open(&options, &other, &err), 0);
    run("set application_name = 'victim'");
    struct db_cursor *c = query("select i from generate_series(1, 10000000) i");
    struct value v;
    bool row = true;
    int code = db_cursor_bind(c, 0, DB_AS_INT32, 0, &err);
    assert_int_equal(db_execute(other,
                                STR("select pg_terminate_backend(pid) from pg_stat_activity where "
                                    "application_name = 'victim'"),
                                &err),
                     0);
    while (!code && row) {
        code = db_cursor_next(c, &arena, &v, &row, &err);
        arena_reset(&arena);
    }
    assert_int_equal(code, ERROR_CONNECTION);
    db_cursor_close(c);
    db_close(other);
}

static int start_server(void **state)
{
    (void)state;
    pg_server_start(&server);
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    pg_server_stop(&server);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, connected, disconnected)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_native_and_cast_values),
        TEST(test_columns),
        TEST(test_nullability_of_a_query),
        TEST(test_tables),
        TEST(test_stream),
        TEST(test_long_rows),
        TEST(test_peek_and_value),
        TEST(test_empty_results),
        TEST(test_refused_queries),
        TEST(test_closing_early),
        TEST(test_time_zones),
        TEST(test_timestamp_literals),
        TEST(test_now),
        TEST(test_session),
        TEST(test_statement_timeout),
        TEST(test_unknown_encoding),
        TEST(test_refused_connections),
        TEST(test_second_host),
        TEST(test_wrong_password),
        TEST(test_stop_ends_a_wait),
        TEST(test_server_goes_away),
    };
    int failed = cmocka_run_group_tests(tests, start_server, stop_server);
    arena_free(&arena);
    return failed;
}
