/* The ODBC driver: through SQLite's ODBC driver on a file, and PostgreSQL's on a real server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/odbc/odbc.h"
#include "db/test/db_test.h"
#include "db/test/pg_server.h"

static struct pg_server server;
static char dir[256];

static bool has_driver(const char *name)
{
    FILE *f = fopen("/etc/odbcinst.ini", "r");
    char line[256], wanted[128];
    bool found = false;
    snprintf(wanted, sizeof wanted, "[%s]\n", name);
    while (f && fgets(line, sizeof line, f))
        found = found || strcmp(line, wanted) == 0;
    if (f)
        fclose(f);
    return found;
}

static int sqlite_connected(void **state)
{
    (void)state;
    if (!has_driver("SQLite3"))
        return 0;
    unlink(arena_printf(&arena, "%s/o.db", dir).ptr);
    open_with((struct db_options){.url = arena_printf(&arena, "odbc:Driver=SQLite3;Database=%s/o.db", dir)});
    return 0;
}

static void connect_postgres(struct db_options options)
{
    options.url = arena_printf(&arena,
                               "odbc:Driver={PostgreSQL Unicode};Server=127.0.0.1;Port=%d;Database=postgres;"
                               "BoolsAsChar=0;UID=postgres",
                               server.port);
    open_with(options);
}

static int postgres_connected(void **state)
{
    (void)state;
    if (server.running && server.port && has_driver("PostgreSQL Unicode"))
        connect_postgres((struct db_options){0});
    return 0;
}

#define NEEDS(driver, package)                                                                                         \
    do {                                                                                                               \
        if (!db) {                                                                                                     \
            printf("skipped: no ODBC driver " driver " (Debian package " package "), or no server\n");                 \
            skip();                                                                                                    \
        }                                                                                                              \
    } while (0)
#define NEEDS_SQLITE()   NEEDS("SQLite3", "libsqliteodbc")
#define NEEDS_POSTGRES() NEEDS("PostgreSQL Unicode", "odbc-postgresql")

static void run(const char *sql)
{
    if (db_execute(db, str_from(sql), &err))
        fail_msg("%s: %s", sql, err.text);
}

static const char *connection_string(const char *url, const char *user, const char *password)
{
    struct str full, shown;
    if (odbc_connection_string(str_from(url), str_from(user), str_from(password), &arena, &full, &shown, &err))
        return error_name(err.code);
    return arena_printf(&arena, "%s | %s", full.ptr, shown.ptr).ptr;
}

static void urls_become_connection_strings(void **state)
{
    (void)state;
    assert_string_equal(connection_string("odbc:DSN=a;X=1", NULL, NULL), "DSN=a;X=1 | DSN=a;X=1");
    assert_string_equal(connection_string("jdbc:odbc:a", "u", "p;q"), "DSN=a;UID=u;PWD={p;q} | DSN=a;UID=u");
    assert_string_equal(connection_string("odbc:a;PWD=x", "u", "p"), "DSN=a;PWD=x;UID=u | DSN=a;UID=u");
    assert_string_equal(connection_string("odbc:Driver={a;b}}c};;uid=x; pwd={s};", "u", NULL),
                        "Driver={a;b}}c};uid=x; pwd={s} | Driver={a;b}}c};uid=x");
    assert_string_equal(connection_string("odbc:DSN=a", "u", "p}"), "DSN=a;UID=u;PWD={p}}} | DSN=a;UID=u");
    assert_string_equal(connection_string("odbc:", NULL, NULL), "CONFIG");
    assert_string_equal(connection_string("odbc:;;", NULL, NULL), "CONFIG");
    assert_string_equal(connection_string("odbc:DSN=a;b", NULL, NULL), "CONFIG");
    assert_string_equal(connection_string("odbc:Driver={a", NULL, NULL), "CONFIG");
    assert_string_equal(connection_string("jdbc:mysql:x", NULL, NULL), "CONFIG");
    static const char alphabet[] = "ab;={} DSNPWD";
    unsigned seed = 5;
    for (int round = 0; round < 20000; round++) {
        char text[40] = "odbc:";
        size_t n = 5 + (size_t)rand_r(&seed) % 30;
        for (size_t i = 5; i < n; i++)
            text[i] = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
        char *exact = malloc(n);
        memcpy(exact, text, n);
        struct str full, shown;
        odbc_connection_string(str_of(exact, n), STR_NULL, STR_NULL, &arena, &full, &shown, &err);
        free(exact);
        arena_reset(&arena);
    }
}

static void text_survives_utf16(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8d\x8e!"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t n;
        struct buf back = {0};
        SQLWCHAR *wide = odbc_to_wide(str_from(texts[i]), &arena, &n);
        odbc_add_wide(&back, wide, n);
        assert_string_equal(buf_cstr(&back), texts[i]);
        buf_free(&back);
    }
    struct buf out = {0};
    odbc_add_wide(&out, (SQLWCHAR[]){0xD800, 'x', 0xDC00}, 3);
    assert_string_equal(buf_cstr(&out), "\xef\xbf\xbdx\xef\xbf\xbd");
    buf_free(&out);
    size_t n;
    odbc_to_wide(STR("\xff\xc3"), &arena, &n);
    assert_int_equal(n, 2);
}

static void failures_are_told(void **state)
{
    (void)state;
    struct db *other;
    struct db_options o = {.url = STR("odbc:DSN=there_is_none_of_this_name")};
    assert_int_equal(db_open(&o, &other, &err), ERROR_CONFIG);
    NEEDS_SQLITE();
    struct db_cursor *c;
    assert_int_equal(db_query(db, STR("SELEC"), &c, &err), ERROR_CONFIG);
    assert_int_equal(db_query(db, STR("SELECT * FROM absent"), &c, &err), ERROR_NOT_FOUND);
    assert_string_equal(one("SELECT 1", DB_AS_INT32, 0), "1");
}

static void sqlite_is_read(void **state)
{
    (void)state;
    NEEDS_SQLITE();
    run("CREATE TABLE t(id integer not null, v varchar(20), n numeric(10,2), ts timestamp, d date, b blob, f double)");
    run("INSERT INTO t VALUES (1, 'caf\xc3\xa9', 1.25, '2020-01-01 01:02:03.456', '2020-02-29', x'00ff', 1.5)");
    run("INSERT INTO t(id) VALUES (2)");
    assert_string_equal(one("SELECT id FROM t", DB_AS_INT32, 0), "1");
    assert_string_equal(one("SELECT v FROM t", DB_AS_STRING, 0), "caf\xc3\xa9");
    assert_string_equal(one("SELECT n FROM t", DB_AS_DECIMAL, 2), "x7d");
    assert_string_equal(one("SELECT ts FROM t", DB_AS_TIMESTAMP_MS, 0), "1577840523456");
    assert_string_equal(one("SELECT d FROM t", DB_AS_DATE, 0), "18321");
    assert_string_equal(one("SELECT b FROM t", DB_AS_BYTES, 0), "x00ff");
    assert_string_equal(one("SELECT f FROM t", DB_AS_FLOAT64, 0), "1.5");
    assert_string_equal(one("SELECT v FROM t WHERE id = 2", DB_AS_STRING, 0), "null");
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT id FROM t WHERE ts = %s", literal_ns(1577840523, 456000000));
    assert_string_equal(one(sql, DB_AS_INT32, 0), "1");
    struct db_table *tables;
    struct db_column *columns;
    size_t n;
    assert_int_equal(db_tables(db, &arena, &tables, &n, &err), 0);
    assert_int_equal(n, 1);
    assert_int_equal(db_table_columns(db, &tables[0], &arena, &columns, &n, &err), 0);
    assert_int_equal(n, 7);
    int64_t now;
    assert_int_equal(db_now(db, &now, &err), 0);
}

static void long_values_are_read_whole(void **state)
{
    (void)state;
    NEEDS_SQLITE();
    run("CREATE TABLE t(v varchar(3), w text)");
    run("INSERT INTO t VALUES (hex(zeroblob(20000)), hex(zeroblob(50000)))");
    struct db_cursor *c = query("SELECT v FROM t");
    struct value v;
    bool row;
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_STRING, 0, &err), 0);
    int code = db_cursor_next(c, &arena, &v, &row, &err);
    if (code) { /* what the column's type could not hold is read again, another way */
        assert_int_equal(code, ERROR_DATA);
        assert_true(db_cursor_widened(c));
    }
    db_cursor_close(c);
    assert_int_equal(strlen(one("SELECT v FROM t", DB_AS_STRING, 0)), 40000);
    assert_int_equal(strlen(one("SELECT w FROM t", DB_AS_STRING, 0)), 100000);
}

static void blocks_have_all_rows(void **state)
{
    (void)state;
    NEEDS_SQLITE();
    run("CREATE TABLE t(id integer, v varchar(10))");
    run("INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4321) SELECT i, 'v' || "
        "i FROM n");
    for (int by_value = 0; by_value < 2; by_value++) {
        struct value v[2], p;
        bool row;
        int64_t n = 0;
        ((struct odbc_db *)db)->by_value = by_value;
        struct db_cursor *c = query("SELECT * FROM t ORDER BY id");
        assert_int_equal(db_cursor_bind(c, 0, DB_AS_INT32, 0, &err), 0);
        assert_int_equal(db_cursor_bind(c, 1, DB_AS_STRING, 0, &err), 0);
        while (!db_cursor_next(c, &arena, v, &row, &err) && row) {
            assert_int_equal(v[0].i, ++n);
            assert_string_equal(show(v[1]), arena_printf(&arena, "v%lld", (long long)n).ptr);
        }
        assert_int_equal(n, 4321);
        assert_int_equal(db_cursor_value(c, 1, DB_AS_STRING, 0, &arena, &p, &err), 0);
        assert_string_equal(show(p), "v4321");
        db_cursor_close(c);
        arena_reset(&arena);
    }
}

static void postgres_is_read(void **state)
{
    (void)state;
    NEEDS_POSTGRES();
    run("DROP TABLE IF EXISTS t");
    run("CREATE TABLE t(id serial, b boolean, s smallint, l bigint, n numeric(10,2), u numeric, v varchar(20), tx "
        "text, "
        "ts timestamp, d date, ti time, y bytea, f float4, g float8)");
    run("INSERT INTO t VALUES (1, true, 2, 9223372036854775807, 1.25, 3.14159265358979, 'caf\xc3\xa9\xf0\x9f\x8d\x8e', "
        "'long', "
        "'2020-01-01 01:02:03.456789', '2020-02-29', '10:11:12', '\\x00ff', 1.5, 2.5)");
    assert_string_equal(
        types("SELECT id, s, l, n, ts, d, ti, f, g FROM t"),
        "id INTEGER not null auto, s SMALLINT, l BIGINT, n NUMERIC(10,2), ts TIMESTAMP, d DATE, ti TIME, "
        "f REAL, g FLOAT");
    assert_string_equal(one("SELECT b FROM t", DB_AS_BOOLEAN, 0), "true");
    assert_string_equal(one("SELECT l FROM t", DB_AS_INT64, 0), "9223372036854775807");
    assert_string_equal(one("SELECT n FROM t", DB_AS_DECIMAL, 2), "x7d");
    assert_string_equal(one("SELECT v FROM t", DB_AS_STRING, 0), "caf\xc3\xa9\xf0\x9f\x8d\x8e");
    assert_string_equal(one("SELECT tx FROM t", DB_AS_STRING, 0), "long");
    assert_string_equal(one("SELECT ts FROM t", DB_AS_TIMESTAMP_US, 0), "1577840523456789");
    assert_string_equal(one("SELECT d FROM t", DB_AS_DATE, 0), "18321");
    assert_string_equal(one("SELECT ti FROM t", DB_AS_TIME, 0), "36672000");
    assert_string_equal(one("SELECT y FROM t", DB_AS_BYTES, 0), "x00ff");
    assert_string_equal(one("SELECT f FROM t", DB_AS_FLOAT32, 0), "1.5f");
    assert_string_equal(one("SELECT repeat('\xc3\xa9', 30000) AS r", DB_AS_STRING, 0) + 59998, "\xc3\xa9");
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT id FROM t WHERE ts = %s", literal_ns(1577840523, 456789000));
    assert_string_equal(one(sql, DB_AS_INT32, 0), "1");
    struct db_table *tables;
    size_t n, found = 0;
    assert_int_equal(db_tables(db, &arena, &tables, &n, &err), 0);
    for (size_t i = 0; i < n; i++)
        found += str_is(tables[i].name, "t") && str_is(tables[i].schema, "public") && str_is(tables[i].type, "TABLE");
    assert_int_equal(found, 1);
    int64_t now, wall = clock_wall_us();
    assert_int_equal(db_now(db, &now, &err), 0);
    assert_true(llabs(now / 1000 - wall) < INT64_C(24) * 3600 * 1000000);
}

/* psqlodbc says numeric(28,6) of a numeric without precision. */
static void postgres_numerics_widen(void **state)
{
    (void)state;
    NEEDS_POSTGRES();
    run("DROP TABLE IF EXISTS w");
    run("CREATE TABLE w(u numeric)");
    run("INSERT INTO w VALUES (3.14159265358979)");
    struct db_cursor *c = query("SELECT u FROM w");
    const struct db_column *columns;
    struct value v;
    bool row;
    db_cursor_columns(c, &columns);
    int32_t scale = columns[0].scale;
    assert_int_equal(db_cursor_bind(c, 0, DB_AS_DECIMAL, scale, &err), 0);
    if (columns[0].precision) {
        assert_int_equal(db_cursor_next(c, &arena, &v, &row, &err), ERROR_DATA);
        assert_true(db_cursor_widened(c));
    }
    db_cursor_close(c);
    assert_string_equal(types("SELECT u FROM w"), "u NUMERIC(0,0)");
    assert_string_equal(one("SELECT u FROM w", DB_AS_STRING, 0), "3.14159265358979");
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
    NEEDS_POSTGRES();
    struct wake stop;
    pthread_t thread;
    struct db_cursor *c;
    assert_int_equal(wake_init(&stop), 0);
    db_close(db);
    db = NULL;
    connect_postgres((struct db_options){.stop = &stop});
    assert_string_equal(one("SELECT 1", DB_AS_INT32, 0), "1");
    pthread_create(&thread, NULL, raise_soon, &stop);
    int64_t began = clock_mono_ms();
    assert_int_equal(db_query(db, STR("SELECT pg_sleep(30)"), &c, &err), ERROR_STOPPED);
    assert_true(clock_mono_ms() - began < 10000);
    pthread_join(thread, NULL);
    db_close(db);
    db = NULL;
    wake_release(&stop);
}

static int started(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/tributary-test-odbc-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        return -1;
    pg_server_start(&server);
    return 0;
}

static int stopped(void **state)
{
    (void)state;
    char command[300];
    pg_server_stop(&server);
    snprintf(command, sizeof command, "rm -rf -- '%s'", dir);
    return system(command);
}

int main(void)
{
#define S(f) cmocka_unit_test_setup_teardown(f, sqlite_connected, disconnected)
#define P(f) cmocka_unit_test_setup_teardown(f, postgres_connected, disconnected)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(urls_become_connection_strings, disconnected),
        cmocka_unit_test_teardown(text_survives_utf16, disconnected),
        S(failures_are_told),
        S(sqlite_is_read),
        S(long_values_are_read_whole),
        S(blocks_have_all_rows),
        P(postgres_is_read),
        P(postgres_numerics_widen),
        P(waiting_ends),
    };
    int failed = cmocka_run_group_tests(tests, started, stopped);
    arena_free(&arena);
    return failed;
}
