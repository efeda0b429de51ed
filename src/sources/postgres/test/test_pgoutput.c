/* The decoder of pgoutput on bytes as a server sends them, and on every cut of them. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include "sources/postgres/pgoutput.h"

#include <stdlib.h>

static struct pgoutput_decoder decoder;

#define BYTES(literal) (const uint8_t *)(literal), sizeof(literal) - 1

/* No message that ends early may pass, and none with something behind it. */
static void assert_all_cuts_fail(const uint8_t *bytes, size_t len)
{
    struct pgoutput_message m;
    struct error err;
    uint8_t longer[512];
    for (size_t n = 0; n < len; n++) {
        uint8_t *copy = malloc(n ? n : 1); /* so that a sanitizer sees a byte too many */
        memcpy(copy, bytes, n);
        assert_int_equal(pgoutput_decode(&decoder, copy, n, &m, &err), ERROR_DATA);
        free(copy);
    }
    assert_true(len < sizeof longer);
    memcpy(longer, bytes, len);
    longer[len] = 0;
    assert_int_equal(pgoutput_decode(&decoder, longer, len + 1, &m, &err), ERROR_DATA);
}

static void begin_and_commit(void **state)
{
    (void)state;
    static const char begin[] = "B\0\0\0\0\x34\x34\x9d\x58\0\x02\x7a\x8b\x11\x22\x33\x44\0\0\x03\x35";
    static const char commit[] = "C\0\0\0\0\0\x34\x34\x9d\x58\0\0\0\0\x34\x34\x9d\x88\0\x02\x7a\x8b\x11\x22\x33\x44";
    struct pgoutput_message m;
    assert_int_equal(pgoutput_decode(&decoder, BYTES(begin), &m, NULL), 0);
    assert_int_equal(m.type, 'B');
    assert_int_equal(m.begin.final_lsn, 0x34349d58);
    assert_int_equal(m.begin.xid, 821);
    assert_int_equal(pgoutput_decode(&decoder, BYTES(commit), &m, NULL), 0);
    assert_int_equal(m.commit.lsn, 0x34349d58);
    assert_int_equal(m.commit.end_lsn, 0x34349d88);
    assert_all_cuts_fail(BYTES(begin));
    assert_all_cuts_fail(BYTES(commit));
}

static void relation(void **state)
{
    (void)state;
    static const char bytes[] =
        "R\0\0\x40\x01public\0t\0d\0\x02\x01id\0\0\0\0\x17\xff\xff\xff\xff\0v\0\0\0\x04\x13\0\0\0\x18";
    struct pgoutput_message m;
    assert_int_equal(pgoutput_decode(&decoder, BYTES(bytes), &m, NULL), 0);
    assert_int_equal(m.relation, 0x4001);
    assert_true(str_is(m.relation_info.schema, "public") && str_is(m.relation_info.name, "t"));
    assert_int_equal(m.relation_info.identity, 'd');
    assert_int_equal(m.relation_info.n_columns, 2);
    assert_true(m.relation_info.columns[0].key && str_is(m.relation_info.columns[0].name, "id"));
    assert_int_equal(m.relation_info.columns[0].typmod, -1);
    assert_false(m.relation_info.columns[1].key);
    assert_int_equal(m.relation_info.columns[1].type, 1043);
    assert_int_equal(m.relation_info.columns[1].typmod, 24);
    assert_all_cuts_fail(BYTES(bytes));
}

static void changes(void **state)
{
    (void)state;
    static const char insert[] = "I\0\0\x40\x01N\0\x03t\0\0\0\x02"
                                 "42nb\0\0\0\x01\xff";
    static const char update[] = "U\0\0\x40\x01K\0\x02t\0\0\0\x01"
                                 "1nN\0\x02t\0\0\0\x01"
                                 "2u";
    static const char plain[] = "U\0\0\x40\x01N\0\x01t\0\0\0\x01"
                                "2";
    static const char delete[] = "D\0\0\x40\x01O\0\x01t\0\0\0\0";
    struct pgoutput_message m;
    assert_int_equal(pgoutput_decode(&decoder, BYTES(insert), &m, NULL), 0);
    assert_int_equal(m.change.old.kind, 0);
    assert_int_equal(m.change.new.n, 3);
    assert_true(str_is(str_of(m.change.new.cells[0].data, m.change.new.cells[0].len), "42"));
    assert_int_equal(m.change.new.cells[1].kind, PGOUTPUT_NULL);
    assert_int_equal(m.change.new.cells[2].kind, PGOUTPUT_BINARY);
    assert_int_equal(pgoutput_decode(&decoder, BYTES(update), &m, NULL), 0);
    assert_int_equal(m.change.old.kind, 'K');
    assert_true(str_is(str_of(m.change.old.cells[0].data, 1), "1"));
    assert_true(str_is(str_of(m.change.new.cells[0].data, 1), "2"));
    assert_int_equal(m.change.new.cells[1].kind, PGOUTPUT_UNCHANGED);
    assert_int_equal(pgoutput_decode(&decoder, BYTES(plain), &m, NULL), 0);
    assert_int_equal(m.change.old.kind, 0);
    assert_int_equal(pgoutput_decode(&decoder, BYTES(delete), &m, NULL), 0);
    assert_int_equal(m.change.old.kind, 'O');
    assert_int_equal(m.change.old.cells[0].len, 0);
    assert_all_cuts_fail(BYTES(insert));
    assert_all_cuts_fail(BYTES(update));
    assert_all_cuts_fail(BYTES(delete));
}

static void others(void **state)
{
    (void)state;
    static const char truncate[] = "T\0\0\0\x02\x01\0\0\x40\x01\0\0\x40\x02";
    static const char type[] = "Y\0\0\x40\x09public\0mood\0";
    static const char origin[] = "O\0\0\0\0\0\0\0\x01"
                                 "elsewhere\0";
    static const char message[] = "M\x01\0\0\0\0\0\0\0\x02prefix\0\0\0\0\x03"
                                  "abc";
    struct pgoutput_message m;
    assert_int_equal(pgoutput_decode(&decoder, BYTES(truncate), &m, NULL), 0);
    assert_int_equal(m.truncate.n, 2);
    assert_int_equal(m.relation, 0x4001);
    assert_int_equal(pgoutput_decode(&decoder, BYTES(type), &m, NULL), 0);
    assert_true(str_is(m.type_info.name, "mood"));
    assert_int_equal(pgoutput_decode(&decoder, BYTES(origin), &m, NULL), 0);
    assert_true(str_is(m.origin.name, "elsewhere"));
    assert_int_equal(pgoutput_decode(&decoder, BYTES(message), &m, NULL), 0);
    assert_true(m.message.transactional && str_is(m.message.content, "abc"));
    assert_all_cuts_fail(BYTES(truncate));
    assert_all_cuts_fail(BYTES(type));
    assert_all_cuts_fail(BYTES(origin));
    assert_all_cuts_fail(BYTES(message));
}

static void malformed(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "I\0\0\x40\x01K\0\0",                    /* an insert has no old row */
        "D\0\0\x40\x01N\0\0",                    /* a delete no new one */
        "I\0\0\x40\x01N\0\x01x",                 /* no such kind of cell */
        "I\0\0\x40\x01N\xff\xffn",               /* more columns than a table can have */
        "I\0\0\x40\x01N\0\x01t\xff\xff\xff\xff", /* a length beyond the message */
    };
    static const size_t lengths[] = {8, 8, 9, 9, 13};
    struct pgoutput_message m = {.type = 'z'};
    struct error err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(pgoutput_decode(&decoder, (const uint8_t *)bad[i], lengths[i], &m, &err), ERROR_DATA);
        assert_int_equal(m.type, 'z');
    }
}

static void frames(void **state)
{
    (void)state;
    struct pgoutput_frame f;
    struct error err;
    assert_int_equal(pgoutput_frame(BYTES("k\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\x01"), &f, NULL), 0);
    assert_true(f.reply);
    assert_int_equal(f.end, 0x1000);
    assert_int_equal(pgoutput_frame(BYTES("w\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\x20\0\0\0\0\0\0\0\0\0Bx"), &f, NULL), 0);
    assert_int_equal(f.start, 0x1000);
    assert_int_equal(f.len, 2);
    assert_int_equal(pgoutput_frame(BYTES("w\0\0"), &f, &err), ERROR_DATA);
    assert_int_equal(pgoutput_frame(BYTES("x"), &f, &err), ERROR_DATA);
    assert_int_equal(pgoutput_frame(BYTES(""), &f, &err), ERROR_DATA);
    uint8_t status[PGOUTPUT_STATUS_SIZE];
    pgoutput_status(0x0102030405060708, 2, 3, true, status);
    assert_memory_equal(status, "r\1\2\3\4\5\6\7\10\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\1", sizeof status);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begin_and_commit), cmocka_unit_test(relation),  cmocka_unit_test(changes),
        cmocka_unit_test(others),           cmocka_unit_test(malformed), cmocka_unit_test(frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
