// link: plugins
/* The option parser, and the rows of every command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/cli.h"

#include <stdlib.h>

struct sample {
    bool flag;
    const char *text;
    int64_t number;
    int choice;
};

static const char *const colours[] = {"red", "green", NULL};

static const struct cli_option table[] = {
    CLI_OPTION_FLAG("from-beginning", struct sample, flag, .letter = 'b', .doc = "a flag"),
    CLI_OPTION_TEXT("data", struct sample, text, .letter = 'd', .argument = "DIR", .doc = "a text"),
    CLI_OPTION_NUMBER("count", struct sample, number, .letter = 'n', .argument = "N", .min = 1, .max = 9,
                      .doc = "a number"),
    CLI_OPTION_CHOICE("colour", struct sample, choice, .argument = "C", .choices = colours, .doc = "a choice"),
    CLI_OPTION_END,
};

struct outcome {
    int code;
    struct sample sample;
    struct error err;
    const char *items[16];
    struct cli_arguments arguments;
};

/* Words separated by one space. */
static struct outcome parse(const char *line)
{
    static char words[256];
    static char *argv[16];
    int argc = 0;
    struct outcome o = {.sample = {.text = "default", .number = 5}};
    assert_true(strlen(line) < sizeof words);
    memcpy(words, line, strlen(line) + 1);
    for (char *w = words; *line && w;) {
        char *space = strchr(w, ' ');
        if (space)
            *space++ = '\0';
        argv[argc++] = w;
        w = space;
    }
    o.arguments.items = o.items;
    o.code = cli_options_parse(table, argc, argv, &o.sample, &o.arguments, &o.err);
    return o;
}

static void test_defaults(void **state)
{
    (void)state;
    struct outcome o = parse("");
    assert_int_equal(o.code, 0);
    assert_false(o.sample.flag);
    assert_string_equal(o.sample.text, "default");
    assert_int_equal(o.sample.number, 5);
    assert_int_equal(o.arguments.len, 0);
}

static void test_every_way_to_write(void **state)
{
    (void)state;
    const char *const lines[] = {"--from-beginning --data d --count 7 --colour green", "-b -d d -n 7 --colour=green",
                                 "--data=d --count=7 --from-beginning --colour=green", "-b -dd -n7 --colour green",
                                 "-b -d=d -n=7 --colour green"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct outcome o = parse(lines[i]);
        assert_int_equal(o.code, 0);
        assert_true(o.sample.flag);
        assert_string_equal(o.sample.text, "d");
        assert_int_equal(o.sample.number, 7);
        assert_int_equal(o.sample.choice, 1);
    }
}

static void test_arguments_anywhere(void **state)
{
    (void)state;
    struct outcome o = parse("a --count 2 b -- --data -");
    assert_int_equal(o.code, 0);
    assert_int_equal(o.arguments.len, 4);
    assert_string_equal(o.items[0], "a");
    assert_string_equal(o.items[1], "b");
    assert_string_equal(o.items[2], "--data");
    assert_string_equal(o.items[3], "-");
    o = parse("--data=");
    assert_int_equal(o.code, 0);
    assert_string_equal(o.sample.text, "");
    o = parse("--data -x");
    assert_string_equal(o.sample.text, "-x");
}

static void test_help_wins(void **state)
{
    (void)state;
    struct outcome o = parse("a --help --nonsense");
    assert_int_equal(o.code, 0);
    assert_true(o.arguments.help);
    assert_true(parse("-h").arguments.help);
    assert_false(parse("-- -h").arguments.help);
}

static void test_errors(void **state)
{
    (void)state;
    const struct {
        const char *line, *text;
    } cases[] = {
        {"--from-begining", "there is no option --from-begining; did you mean --from-beginning?"},
        {"--zzz", "there is no option --zzz"},
        {"--zzz=1", "there is no option --zzz"},
        {"-x", "there is no option -x"},
        {"-bx", "there is no option -bx"},
        {"--from-beginning=yes", "--from-beginning takes no value"},
        {"--data", "--data needs a value: --data DIR"},
        {"-n", "--count needs a value: --count N"},
        {"--count many", "--count takes a whole number, not \"many\""},
        {"--count=", "--count takes a whole number, not \"\""},
        {"--count 0", "--count must be from 1 to 9, not 0"},
        {"--count 10", "--count must be from 1 to 9, not 10"},
        {"--colour blue", "--colour is one of red, green, not \"blue\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome o = parse(cases[i].line);
        assert_int_equal(o.code, ERROR_REQUEST);
        assert_string_equal(o.err.text, cases[i].text);
        assert_string_equal(o.sample.text, "default");
        assert_int_equal(o.sample.number, 5);
    }
}

static void test_help_text(void **state)
{
    (void)state;
    AUTO_BUF out = {0};
    cli_options_help(table, &out);
    assert_string_equal(buf_cstr(&out), "  -b, --from-beginning  a flag\n"
                                        "  -d, --data DIR        a text\n"
                                        "  -n, --count N         a number\n"
                                        "  --colour C            a choice\n"
                                        "  -h, --help            this text\n");
}

/* What every command's rows must be: documented, unambiguous, with an argument where one is taken. */
static void test_rows_of_commands(void **state)
{
    (void)state;
    AUTO_BUF all = {0};
    cli_help(NULL, &all);
    for (const struct command *const *c = cli_commands; *c; c++) {
        assert_non_null((*c)->summary);
        assert_non_null((*c)->defaults);
        assert_non_null(strstr(buf_cstr(&all), (*c)->summary));
        assert_true((*c)->max_arguments >= (*c)->min_arguments);
        for (const struct cli_option *o = (*c)->options; o->name; o++) {
            if (!o->doc || (o->type == CLI_FLAG) != !o->argument || (o->type == CLI_CHOICE) != !!o->choices)
                fail_msg("tributary %s --%s: doc, argument or choices", (*c)->name, o->name);
            if (o->type == CLI_NUMBER && o->min >= o->max)
                fail_msg("tributary %s --%s: limits", (*c)->name, o->name);
            assert_true(o->offset < (*c)->size);
            assert_string_not_equal(o->name, "help");
            assert_int_not_equal(o->letter, 'h');
            for (const struct cli_option *b = (*c)->options; b < o; b++) {
                assert_string_not_equal(o->name, b->name);
                if (o->letter && o->letter == b->letter)
                    fail_msg("tributary %s: -%c twice", (*c)->name, o->letter);
            }
        }
        AUTO_BUF help = {0};
        cli_help(*c, &help);
        AUTO_FREE char *usage = mem_printf("Usage: tributary %s [OPTION...]", (*c)->name);
        assert_true(str_starts(buf_str(&help), usage));
        for (const char *line = buf_cstr(&help), *end; *line; line = end + 1) {
            end = strchr(line, '\n');
            if (end - line > 160)
                fail_msg("tributary %s --help: a line of %d characters", (*c)->name, (int)(end - line));
        }
    }
    buf_clear(&all);
    cli_write_reference(&all);
    assert_non_null(strstr(buf_cstr(&all), "## `tributary consume`"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_every_way_to_write),
        cmocka_unit_test(test_arguments_anywhere),
        cmocka_unit_test(test_help_wins),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_help_text),
        cmocka_unit_test(test_rows_of_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
