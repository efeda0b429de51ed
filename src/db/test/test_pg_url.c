#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "db/db.h"
#include "db/postgres/url.h"

#include <stdlib.h>

static struct arena arena;
static struct pg_url url;
static struct error err;

static int parse(const char *text)
{
    arena_reset(&arena);
    return pg_url_parse(str_from(text), &arena, &url, STR_NULL, NULL, &err);
}

static const char *option(const char *name)
{
    for (size_t i = 0; i < url.n_options; i++)
        if (strcmp(url.options[i].name, name) == 0)
            return url.options[i].value.ptr;
    return NULL;
}

static void assert_host(size_t i, const char *host, const char *port)
{
    assert_true(i < url.n_hosts);
    assert_string_equal(url.hosts[i].host.ptr, host);
    assert_string_equal(url.hosts[i].port.ptr, port);
}

static void test_seed_url(void **state)
{
    (void)state;
    assert_int_equal(parse("jdbc:postgresql://localhost:5433/testdb"), 0);
    assert_int_equal(url.n_hosts, 1);
    assert_host(0, "localhost", "5433");
    assert_string_equal(url.database.ptr, "testdb");
    assert_null(url.user.ptr);
    assert_null(url.password.ptr);
    assert_int_equal(url.n_options, 0);
    assert_string_equal(url.session_attrs[0], "any");
}

static void test_all_parts(void **state)
{
    (void)state;
    assert_int_equal(parse("jdbc:postgresql://h1:1,h2,[::1]:65535/a%20b?user=fr%65d&password=p%26q+r&ApplicationName=me"
                           "&currentSchema=x,public&connectTimeout=3&socketTimeout=7&queryTimeout=11&readOnly=true&"
                           "tcpKeepAlive=true&loadBalanceHosts=true&options=-c%20geqo=off"),
                     0);
    assert_int_equal(url.n_hosts, 3);
    assert_host(0, "h1", "1");
    assert_host(1, "h2", "5432");
    assert_host(2, "::1", "65535");
    assert_string_equal(url.database.ptr, "a b");
    assert_string_equal(url.user.ptr, "fred");
    assert_string_equal(url.password.ptr, "p&q r");
    assert_string_equal(option("application_name"), "me");
    assert_string_equal(option("keepalives"), "1");
    assert_string_equal(option("options"), "-c geqo=off");
    assert_string_equal(url.current_schema.ptr, "x,public");
    assert_int_equal(url.connect_timeout_ms, 3000);
    assert_int_equal(url.socket_timeout_ms, 7000);
    assert_int_equal(url.statement_timeout_ms, 11000);
    assert_true(url.read_only);
    assert_true(url.balance);
}

static void test_short_forms(void **state)
{
    (void)state;
    assert_int_equal(parse("jdbc:postgresql:mydb"), 0);
    assert_host(0, "localhost", "5432");
    assert_string_equal(url.database.ptr, "mydb");
    assert_int_equal(parse("jdbc:postgresql:/"), 0);
    assert_null(url.database.ptr);
    assert_int_equal(parse("jdbc:postgresql://host/"), 0);
    assert_host(0, "host", "5432");
    assert_int_equal(parse("jdbc:postgresql://host"), 0);
    assert_null(url.database.ptr);
    assert_int_equal(parse("jdbc:postgresql:///db"), 0);
    assert_host(0, "localhost", "5432");
}

static void test_native_url(void **state)
{
    (void)state;
    assert_int_equal(parse("postgresql://us%40er:p:w@host:1/db?sslmode=require&connect_timeout=4&application_name=x"),
                     0);
    assert_string_equal(url.user.ptr, "us@er");
    assert_string_equal(url.password.ptr, "p:w");
    assert_host(0, "host", "1");
    assert_string_equal(option("sslmode"), "require");
    assert_string_equal(option("application_name"), "x");
    assert_int_equal(url.connect_timeout_ms, 4000);
    assert_int_equal(parse("postgres://%2Ftmp%2Fsocket/db"), 0);
    assert_host(0, "/tmp/socket", "5432");
    assert_int_equal(parse("postgresql:///db"), 0); /* libpq's default: the local socket */
    assert_host(0, "", "5432");
    assert_int_equal(parse("postgresql://h/db?password=a+b"), 0);
    assert_string_equal(url.password.ptr, "a+b"); /* a plus is a space in JDBC's URLs only */
}

static void test_ssl(void **state)
{
    (void)state;
    assert_int_equal(parse("jdbc:postgresql://h/d?ssl=true"), 0);
    assert_string_equal(option("sslmode"), "verify-full");
    assert_int_equal(parse("jdbc:postgresql://h/d?ssl"), 0);
    assert_string_equal(option("sslmode"), "verify-full");
    assert_int_equal(parse("jdbc:postgresql://h/d?ssl=false"), 0);
    assert_null(option("sslmode"));
    assert_int_equal(parse("jdbc:postgresql://h/d?ssl=true&sslmode=verify-ca"), 0);
    assert_string_equal(option("sslmode"), "verify-ca");
    assert_int_equal(parse("jdbc:postgresql://h/d?ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory"), 0);
    assert_string_equal(option("sslmode"), "require");
}

static void test_target(void **state)
{
    (void)state;
    assert_int_equal(parse("jdbc:postgresql://h/d?targetServerType=master"), 0);
    assert_string_equal(url.session_attrs[0], "primary");
    assert_null(url.session_attrs[1]);
    assert_int_equal(parse("jdbc:postgresql://h/d?targetServerType=preferSecondary"), 0);
    assert_string_equal(url.session_attrs[0], "standby");
    assert_string_equal(url.session_attrs[1], "any");
    assert_int_equal(parse("jdbc:postgresql://h/d?targetServerType=leader"), ERROR_CONFIG);
}

static void assert_refused(const char *text, const char *reason)
{
    err = (struct error){0};
    struct pg_url untouched = url;
    assert_int_equal(parse(text), ERROR_CONFIG);
    assert_non_null(strstr(err.text, reason));
    assert_memory_equal(&untouched, &url, sizeof url);
}

static void test_errors(void **state)
{
    (void)state;
    memset(&url, 7, sizeof url);
    assert_refused("jdbc:mysql://h/d", "does not start with");
    assert_refused("jdbc:postgresql://h:0/d", "port \"0\"");
    assert_refused("jdbc:postgresql://h:65536/d", "65536");
    assert_refused("jdbc:postgresql://h:x/d", "port \"x\"");
    assert_refused("jdbc:postgresql://[::1/d", "lacks a ]");
    assert_refused("jdbc:postgresql://[::1]x/d", "after a host's ]");
    assert_refused("jdbc:postgresql://h/d%2", "hexadecimal");
    assert_refused("jdbc:postgresql://h/d%zz", "hexadecimal");
    assert_refused("jdbc:postgresql://h/d%00", "%00");
    assert_refused("jdbc:postgresql://h/d?connectTimeout=soon", "seconds");
    assert_refused("jdbc:postgresql://h/d?connectTimeout=-1", "seconds");
    AUTO_BUF many = {0};
    buf_add_literal(&many, "jdbc:postgresql://h");
    for (int i = 0; i < PG_URL_MAX_HOSTS; i++)
        buf_add_literal(&many, ",h");
    assert_refused(buf_cstr(&many), "more than 64 hosts");
    for (int i = 0; i < PG_URL_MAX; i++)
        buf_add_char(&many, 'x');
    assert_refused(buf_cstr(&many), "longer than");
}

static size_t warnings(const char *text, const char *contains)
{
    struct findings f;
    findings_init(&f);
    db_check_url(str_from(text), STR("connection.url"), &f);
    size_t n = 0;
    vec_each (&f.items, item)
        if (strstr(item->text.ptr, contains)) {
            assert_string_equal(item->name.ptr, "connection.url");
            n++;
        }
    n = f.items.len == n ? n : 1000 + f.items.len;
    findings_release(&f);
    return n;
}

static void test_findings(void **state)
{
    (void)state;
    assert_int_equal(warnings("jdbc:postgresql://h/d?prepareThreshold=0&reWriteBatchedInserts=true", ""), 0);
    assert_int_equal(warnings("jdbc:postgresql://h/d?sslmod=require", "\"sslmod\" is not known"), 1);
    assert_int_equal(warnings("jdbc:postgresql://h/d?socketFactory=x", "has no effect here"), 1);
    assert_int_equal(warnings("jdbc:postgresql://h:99999/d", "99999"), 1);
    assert_int_equal(warnings("jdbc:oracle:thin:@h", "jdbc:postgresql:"), 1);
    assert_int_equal(warnings("jdbc:postgresql://h/d?client_encoding=LATIN1", "not known"), 1); /* ours to set */
}

static void test_drivers(void **state)
{
    (void)state;
    assert_true(db_url_known(STR("jdbc:postgresql://h/d")));
    assert_true(db_url_known(STR("postgres://h/d")));
    assert_false(db_url_known(STR("jdbc:db2://h/d")));
    assert_false(db_url_known(STR("")));
    struct db *db = NULL;
    struct db_options options = {.url = STR("jdbc:db2://h/d")};
    assert_int_equal(db_open(&options, &db, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "jdbc:postgresql:"));
    assert_null(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seed_url),   cmocka_unit_test(test_all_parts), cmocka_unit_test(test_short_forms),
        cmocka_unit_test(test_native_url), cmocka_unit_test(test_ssl),       cmocka_unit_test(test_target),
        cmocka_unit_test(test_errors),     cmocka_unit_test(test_findings),  cmocka_unit_test(test_drivers),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
