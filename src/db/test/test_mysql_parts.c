/* URLs and fields of the MySQL driver: no server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "db/mysql/mysql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena arena;
static struct error err;

static const char *or_none(struct str s)
{
    return s.ptr ? s.ptr : "-";
}

static const char *parsed(const char *url)
{
    struct my_url u;
    struct findings findings;
    findings_init(&findings);
    struct str text;
    if (my_url_parse(str_from(url), &arena, &u, STR("connection.url"), &findings, &err)) {
        text = arena_cstr(&arena, error_name(err.code));
    } else {
        text = STR("");
        for (size_t i = 0; i < u.n_hosts; i++)
            text = arena_printf(&arena, STR_FMT "%s:%d ", STR_ARG(text), u.hosts[i].host.ptr, u.hosts[i].port);
        text = arena_printf(&arena, STR_FMT "%s %s %s tls=%d%s", STR_ARG(text), or_none(u.database), or_none(u.user),
                            or_none(u.password), u.tls, findings.items.len ? " warned" : "");
    }
    findings_release(&findings);
    return text.ptr;
}

static void urls_are_parsed(void **state)
{
    (void)state;
    assert_string_equal(parsed("jdbc:mysql://127.0.0.1:33960/d?user=cdc&password=cdc&useSSL=false&"
                               "allowPublicKeyRetrieval=true"),
                        "127.0.0.1:33960 d cdc cdc tls=1");
    assert_string_equal(parsed("jdbc:mysql://h"), "h:3306 - - - tls=0");
    assert_string_equal(parsed("jdbc:mysql:///d"), "localhost:3306 d - - tls=0");
    assert_string_equal(parsed("mariadb://u:p%40@[::1]:1/d%20b"), "::1:1 d b u p@ tls=0");
    assert_string_equal(parsed("jdbc:mariadb:sequential://a:1,b:2/d?sslMode=verify-full"), "a:1 b:2 d - - tls=3");
    assert_string_equal(parsed("jdbc:mysql://address=(host=a)(port=5),(host=b,port=6)/d"), "a:5 b:6 d - - tls=0");
    assert_string_equal(parsed("jdbc:mysql://h/?useSSL=true&requireSSL=true"), "h:3306 - - - tls=2");
    assert_string_equal(parsed("jdbc:mysql://h/?requireSSL=true&verifyServerCertificate=true"), "h:3306 - - - tls=3");
    assert_string_equal(parsed("jdbc:mysql://h/?serverTimezone=UTC"), "h:3306 - - - tls=0 warned");
    assert_string_equal(parsed("jdbc:mysql://h/?nonsense=1"), "h:3306 - - - tls=0 warned");
    assert_string_equal(parsed("jdbc:mysql://h/?rewriteBatchedStatements=true&&"), "h:3306 - - - tls=0");
    static const char *const bad[] = {"jdbc:mysql:h",
                                      "jdbc:mysql://h:0/",
                                      "jdbc:mysql://h:99999/",
                                      "jdbc:mysql://[::1/",
                                      "jdbc:mysql://[::1]x/",
                                      "jdbc:mysql://h/%",
                                      "jdbc:mysql://h/%4",
                                      "jdbc:mysql://h/%zz",
                                      "jdbc:mysql://h/a%00b",
                                      "jdbc:mysql://h/?sslMode=maybe",
                                      "jdbc:mysql://h/?zeroDateTimeBehavior=x",
                                      "jdbc:mysql://h/?connectTimeout=-1",
                                      "jdbc:postgresql://h/",
                                      "",
                                      "jdbc:mysql://(port=x)/"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_string_equal(parsed(bad[i]), "CONFIG");
    struct my_url u;
    assert_int_equal(my_url_parse(STR("jdbc:mysql://h/?zeroDateTimeBehavior=round&tinyInt1isBit=true&"
                                      "transformedBitIsBoolean=true&yearIsDateType=false&socketTimeout=5&"
                                      "nullCatalogMeansCurrent=false&sessionVariables=a%3D1"),
                                  &arena, &u, STR_NULL, NULL, &err),
                     0);
    assert_true(u.zero_date == MY_ZERO_ROUND && u.tiny_is_boolean && u.year_is_number && u.all_databases);
    assert_int_equal(u.socket_timeout_ms, 5);
    assert_string_equal(u.session_variables.ptr, "a=1");
}

static void garbage_in_urls_is_survived(void **state)
{
    (void)state;
    static const char alphabet[] = "ab:/?&=%(),[]@.0123";
    unsigned seed = 3;
    struct my_url u;
    for (int round = 0; round < 50000; round++) {
        char text[64] = "jdbc:mysql://";
        size_t n = 13 + (size_t)rand_r(&seed) % 40;
        for (size_t i = 13; i < n; i++)
            text[i] = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
        char *exact = malloc(n); /* the sanitizers see a byte too many */
        memcpy(exact, text, n);
        if (my_url_parse(str_of(exact, n), &arena, &u, STR_NULL, NULL, &err) == 0)
            assert_true(u.n_hosts > 0);
        free(exact);
        arena_reset(&arena);
    }
}

static const char *cell(enum my_op op, struct my_rules rules, const char *text, size_t len)
{
    struct db_cell c;
    if (my_cell(op, &rules, text, len, &c, &err))
        return "error";
    switch (c.kind) {
    case CELL_NULL:
        return "null";
    case CELL_UINT:
        return arena_printf(&arena, "%" PRIu64, c.u).ptr;
    case CELL_MOMENT:
        return arena_printf(&arena, "@%" PRId64, c.i).ptr;
    default:
        return arena_str(&arena, str_of(c.ptr, c.len)).ptr;
    }
}

#define CELL(op, text) cell(op, (struct my_rules){.nullable = true}, text, sizeof(text) - 1)

static void fields_become_cells(void **state)
{
    (void)state;
    struct my_rules required = {0}, round = {.zero_date = MY_ZERO_ROUND}, strict = {.zero_date = MY_ZERO_EXCEPTION};
    assert_string_equal(CELL(MY_OP_TEXT, "x"), "x");
    assert_string_equal(CELL(MY_OP_BIT, "\x01\x02"), "258");
    assert_string_equal(CELL(MY_OP_BIT, "\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615");
    assert_string_equal(CELL(MY_OP_UNSIGNED, "18446744073709551615"), "18446744073709551615");
    assert_string_equal(CELL(MY_OP_UNSIGNED, "nonsense"), "nonsense");
    assert_string_equal(CELL(MY_OP_YEAR, "2020"), "@1577836800");
    assert_string_equal(CELL(MY_OP_YEAR, "0000"), "null");
    assert_string_equal(CELL(MY_OP_YEAR, "20200"), "20200");
    assert_string_equal(CELL(MY_OP_DATE, "2020-01-31"), "2020-01-31");
    assert_string_equal(CELL(MY_OP_DATE, "0000-00-00 00:00:00"), "null");
    assert_string_equal(CELL(MY_OP_DATE, "2020-05-00"), "null");
    assert_string_equal(CELL(MY_OP_DATE, "short"), "short");
    assert_string_equal(cell(MY_OP_DATE, required, "0000-00-00", 10), "@0");
    assert_string_equal(cell(MY_OP_DATE, round, "0000-00-00", 10), "@-62135596800");
    assert_string_equal(cell(MY_OP_DATE, strict, "0000-00-00", 10), "error");
    assert_string_equal(CELL(MY_OP_BIT, ""), "0");
    assert_string_equal(CELL(MY_OP_BIT, "123456789"), "123456789");
}

static enum db_type type_of(MYSQL_FIELD f, struct db_column *ret)
{
    struct my_url u = {0};
    f.name = (char *)"c";
    f.name_length = 1;
    my_column(&f, &u, &arena, ret);
    return ret->type;
}

static void fields_have_jdbc_types(void **state)
{
    (void)state;
    struct db_column c;
#define TYPE(...) type_of((MYSQL_FIELD){__VA_ARGS__}, &c)
    assert_int_equal(TYPE(.type = MYSQL_TYPE_BIT, .length = 1), DB_TINYINT);
    assert_int_equal(TYPE(.type = MYSQL_TYPE_BIT, .length = 8), DB_SMALLINT);
    assert_int_equal(TYPE(.type = MYSQL_TYPE_BIT, .length = 31), DB_INTEGER);
    assert_int_equal(TYPE(.type = MYSQL_TYPE_BIT, .length = 63, .flags = UNSIGNED_FLAG), DB_BIGINT);
    assert_false(c.is_unsigned);
    assert_int_equal(TYPE(.type = MYSQL_TYPE_BIT, .length = 64), DB_DECIMAL);
    assert_int_equal(c.precision, 20);
    assert_int_equal(TYPE(.type = MYSQL_TYPE_NEWDECIMAL, .length = 10, .decimals = 2), DB_DECIMAL);
    assert_int_equal(c.precision, 8);
    assert_int_equal(c.scale, 2);
    assert_int_equal(TYPE(.type = MYSQL_TYPE_NEWDECIMAL, .length = 5, .flags = UNSIGNED_FLAG), DB_DECIMAL);
    assert_int_equal(c.precision, 5);
    assert_int_equal(TYPE(.type = MYSQL_TYPE_LONG, .flags = UNSIGNED_FLAG | NOT_NULL_FLAG), DB_INTEGER);
    assert_true(c.is_unsigned && !c.nullable);
    assert_int_equal(TYPE(.type = MYSQL_TYPE_BLOB, .charsetnr = 63), DB_LONGVARBINARY);
    assert_int_equal(TYPE(.type = MYSQL_TYPE_BLOB, .charsetnr = 45), DB_LONGVARCHAR);
    assert_int_equal(TYPE(.type = MYSQL_TYPE_STRING, .charsetnr = 45, .flags = ENUM_FLAG), DB_CHAR);
    assert_int_equal(TYPE(.type = MYSQL_TYPE_JSON, .charsetnr = 63), DB_LONGVARCHAR);
    assert_int_equal(TYPE(.type = MYSQL_TYPE_YEAR, .flags = UNSIGNED_FLAG), DB_DATE);
    assert_int_equal(TYPE(.type = (enum enum_field_types)200), DB_VARCHAR);
}

static int clear(void **state)
{
    (void)state;
    arena_reset(&arena);
    return 0;
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, clear)
    const struct CMUnitTest tests[] = {T(urls_are_parsed), T(garbage_in_urls_is_survived), T(fields_become_cells),
                                       T(fields_have_jdbc_types)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
