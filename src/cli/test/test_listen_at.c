// link: plugins
/* Where the REST server listens, by options and by worker properties. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/listen_at.h"

static void test_parse(void **state)
{
    (void)state;
    const struct {
        const char *text, *host;
        int64_t port;
        bool https;
    } cases[] = {
        {"http://127.0.0.1:8083", "127.0.0.1", 8083, false},
        {"HTTP://host.example:1", "host.example", 1, false},
        {"http://:8083", "0.0.0.0", 8083, false},
        {"http://[::1]:8083/", "::1", 8083, false},
        {"http://[::]", "::", LISTEN_NOT_GIVEN, false},
        {" http://a:0 , https://b:2", "a", 0, false},
        {"http://localhost", "localhost", LISTEN_NOT_GIVEN, false},
        {"https://b:2, http://a:1", "b", 2, true},
        {"HTTPS://:3", "0.0.0.0", 3, true},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str host;
        int64_t port;
        bool https;
        assert_int_equal(listen_at_parse(str_from(cases[i].text), &arena, &host, &port, &https, NULL), 0);
        assert_int_equal(https, cases[i].https);
        assert_string_equal(host.ptr, cases[i].host);
        assert_int_equal(port, cases[i].port);
    }
    const char *const bad[] = {"",
                               "8083",
                               "127.0.0.1:8083",
                               "http://a:x",
                               "http://a:65536",
                               "http://a:-1",
                               "http://[::1:8",
                               "http://[::1]x8",
                               "https:/a:1",
                               "https",
                               "httpsx://a:1",
                               "ftp://a:1",
                               "http://a:"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct str host;
        int64_t port;
        bool https;
        struct error err = {0};
        if (listen_at_parse(str_from(bad[i]), &arena, &host, &port, &https, &err) != ERROR_CONFIG)
            fail_msg("taken: %s", bad[i]);
        assert_non_null(strstr(err.text, "http://"));
    }
    arena_free(&arena);
}

/* `lines` NULL: no properties at all. */
static void listens(const char *lines, const char *address, int64_t port, const char *expected_address,
                    int64_t expected_port)
{
    struct config properties;
    config_init(&properties);
    if (lines)
        assert_int_equal(config_read_properties(str_from(lines), "test", &properties, NULL), 0);
    bool https = true;
    assert_int_equal(listen_at_rest(lines ? &properties : NULL, &address, &port, &https, NULL), 0);
    assert_int_equal(https, lines && strstr(lines, "https://"));
    assert_string_equal(address, expected_address);
    assert_int_equal(port, expected_port);
    config_release(&properties);
}

static void test_who_wins(void **state)
{
    (void)state;
    listens(NULL, NULL, LISTEN_NOT_GIVEN, "127.0.0.1", 8083);
    listens("", NULL, LISTEN_NOT_GIVEN, "127.0.0.1", 8083);
    listens("rest.port=9", NULL, LISTEN_NOT_GIVEN, "127.0.0.1", 9);
    listens("rest.host.name=::1\nrest.port=9", NULL, LISTEN_NOT_GIVEN, "::1", 9);
    listens("listeners=http://a:7\nrest.host.name=b\nrest.port=9", NULL, LISTEN_NOT_GIVEN, "a", 7);
    listens("listeners=https://a:7", NULL, LISTEN_NOT_GIVEN, "a", 7);
    listens("listeners=http://a:7", "c", 0, "c", 0);
    listens("listeners=http://a:7", NULL, 6, "a", 6);
    listens(NULL, "c", LISTEN_NOT_GIVEN, "c", 8083);
}

static void test_bad_properties(void **state)
{
    (void)state;
    struct config properties;
    const char *address = NULL;
    int64_t port = LISTEN_NOT_GIVEN;
    config_init(&properties);
    config_set(&properties, STR("listeners"), STR("ftp://a:1"));
    bool https;
    assert_int_equal(listen_at_rest(&properties, &address, &port, &https, NULL), ERROR_CONFIG);
    assert_null(address);
    config_release(&properties);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_who_wins),
        cmocka_unit_test(test_bad_properties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
