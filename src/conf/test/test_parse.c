/* Parsing by a property table: types, limits, aliases, defaults, variables, and every finding at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct sample {
    struct str text, password, class_name;
    struct str_list list;
    bool flag;
    int32_t port;
    int64_t interval;
    double ratio;
    int mode, exact;
};

static const char *const modes[] = {"bulk", "incrementing", "timestamp", "timestamp+incrementing", NULL};
static const char *const exacts[] = {"A", "a", NULL};
static const char *const text_aliases[] = {"text.old", "text.older", NULL};

static int no_spaces(const struct property *p, struct str value, struct error *err)
{
    (void)p;
    if (str_find(value, ' ') < value.len)
        return error_set(err, ERROR_CONFIG, "\"" STR_FMT "\" has a space in it; take it out", STR_ARG(value));
    return 0;
}

static const struct property table[] = {
    PROPERTY_STRING("text", struct sample, text, .aliases = text_aliases, .check = no_spaces, .doc = "Some text."),
    PROPERTY_PASSWORD("pass.word", struct sample, password, .check = no_spaces, .doc = "A password."),
    PROPERTY_CLASS("class", struct sample, class_name, .fallback = "org.example.Default", .doc = "A class."),
    PROPERTY_LIST("list", struct sample, list, .fallback = "x, y", .doc = "A list."),
    PROPERTY_BOOLEAN("flag", struct sample, flag, .fallback = "true", .doc = "A flag."),
    PROPERTY_INT("port", struct sample, port, .fallback = "5432", .min = 1, .max = 65535, .doc = "A port."),
    PROPERTY_LONG("interval.ms", struct sample, interval, .fallback = "5000", .max = INT64_MAX, .doc = "A time."),
    PROPERTY_DOUBLE("ratio", struct sample, ratio, .fallback = "0.5", .doc = "A ratio."),
    PROPERTY_ENUM("mode", struct sample, mode, .choices = modes, .flags = PROPERTY_REQUIRED, .doc = "A mode."),
    PROPERTY_ENUM("exact", struct sample, exact, .choices = exacts, .fallback = "a", .flags = PROPERTY_CASE,
                  .doc = "With case."),
    PROPERTY_END,
};

struct fixture {
    struct config config;
    struct findings findings;
    struct sample sample;
};

static void parse_text(struct fixture *f, const char *properties)
{
    struct error err;
    *f = (struct fixture){0};
    config_init(&f->config);
    findings_init(&f->findings);
    if (config_read_properties(str_from(properties), "test", &f->config, &err))
        fail_msg("%s", err.text);
    config_parse(table, &f->config, &f->sample, &f->findings);
}

static void release(struct fixture *f)
{
    config_release(&f->config);
    findings_release(&f->findings);
}

static void assert_str(struct str s, const char *expected)
{
    assert_int_equal(s.len, strlen(expected));
    assert_memory_equal(s.ptr, expected, s.len);
    assert_int_equal(s.ptr[s.len], '\0');
}

static void one_finding(struct fixture *f, enum finding_level level, const char *name, const char *text)
{
    if (f->findings.items.len != 1)
        fail_msg("%zu findings instead of one", f->findings.items.len);
    const struct finding *only = f->findings.items.items;
    assert_int_equal(only->level, level);
    assert_string_equal(only->name.ptr, name);
    assert_string_equal(only->text.ptr, text);
}

/* `properties` and the required mode gives just this error. */
static void one_error(const char *properties, const char *name, const char *text)
{
    struct fixture f;
    AUTO_FREE
    char *all = mem_printf("mode=bulk\n%s", properties);
    parse_text(&f, all);
    one_finding(&f, FINDING_ERROR, name, text);
    assert_int_equal(f.findings.errors, 1);
    release(&f);
}

static void test_defaults(void **state)
{
    (void)state;
    struct fixture f;
    parse_text(&f, "mode=bulk");
    assert_int_equal(f.findings.items.len, 0);
    assert_null(f.sample.text.ptr);
    assert_null(f.sample.password.ptr);
    assert_str(f.sample.class_name, "org.example.Default");
    assert_int_equal(f.sample.list.len, 2);
    assert_str(f.sample.list.items[1], "y");
    assert_true(f.sample.flag);
    assert_int_equal(f.sample.port, 5432);
    assert_int_equal(f.sample.interval, 5000);
    assert_true(f.sample.ratio > 0.49 && f.sample.ratio < 0.51);
    assert_int_equal(f.sample.mode, 0);
    assert_int_equal(f.sample.exact, 1);
    release(&f);
}

static void test_all_types(void **state)
{
    (void)state;
    struct fixture f;
    parse_text(&f, "text=  abc\t\npass.word=p\nclass= C \nlist = a ,b,, c ,\nflag=FALSE\nport=+1\ninterval.ms=0\n"
                   "ratio=1e3\nmode=Timestamp+Incrementing\nexact=A\n");
    assert_int_equal(f.findings.items.len, 0);
    assert_str(f.sample.text, "abc");
    assert_str(f.sample.password, "p");
    assert_str(f.sample.class_name, "C");
    assert_int_equal(f.sample.list.len, 3);
    assert_str(f.sample.list.items[0], "a");
    assert_str(f.sample.list.items[2], "c");
    assert_false(f.sample.flag);
    assert_int_equal(f.sample.port, 1);
    assert_int_equal(f.sample.interval, 0);
    assert_true(f.sample.ratio > 999 && f.sample.ratio < 1001);
    assert_int_equal(f.sample.mode, 3);
    assert_int_equal(f.sample.exact, 0);
    release(&f);
}

static void test_empty_texts(void **state)
{
    (void)state;
    struct fixture f;
    parse_text(&f, "mode=bulk\nlist=\ntext=\n");
    assert_int_equal(f.findings.items.len, 0);
    assert_int_equal(f.sample.list.len, 0);
    assert_str(f.sample.text, "");
    release(&f);
}

static void test_null_is_not_given(void **state)
{
    (void)state;
    struct fixture f;
    parse_text(&f, "mode=bulk");
    config_set(&f.config, STR("port"), STR_NULL);
    config_set(&f.config, STR("mode"), STR_NULL);
    f.sample = (struct sample){0};
    config_parse(table, &f.config, &f.sample, &f.findings);
    assert_int_equal(f.sample.port, 5432);
    one_finding(&f, FINDING_ERROR, "mode",
                "Missing required configuration \"mode\" which has no default value; set it to one of: bulk, "
                "incrementing, timestamp, timestamp+incrementing");
    release(&f);
}

static void test_errors_say_what_to_write(void **state)
{
    (void)state;
    one_error("flag=yes", "flag",
              "Invalid value yes for configuration flag: Expected value to be either true or false");
    one_error("port=many", "port",
              "Invalid value many for configuration port: Not a number of type INT; write a whole number such as 5432");
    one_error("port=5.0", "port",
              "Invalid value 5.0 for configuration port: Not a number of type INT; write a whole number such as 5432");
    one_error("port=0", "port", "Invalid value 0 for configuration port: Value must be at least 1");
    one_error("port=65536", "port", "Invalid value 65536 for configuration port: Value must be no more than 65535");
    one_error("port=99999999999", "port",
              "Invalid value 99999999999 for configuration port: Not a number of type INT; write a whole number such "
              "as 5432");
    one_error("port=", "port",
              "Invalid value \"\" for configuration port: Not a number of type INT; write a whole number such as 5432");
    one_error("interval.ms=-1", "interval.ms",
              "Invalid value -1 for configuration interval.ms: Value must be at least 0");
    one_error("interval.ms=9223372036854775808", "interval.ms",
              "Invalid value 9223372036854775808 for configuration interval.ms: Not a number of type LONG; write a "
              "whole number such as 5000");
    one_error("ratio=half", "ratio",
              "Invalid value half for configuration ratio: Not a number of type DOUBLE; write a number such as 0.5");
    one_error("exact=b", "exact", "Invalid value b for configuration exact: String must be one of: A, a");
    one_error("text.old=a b", "text.old",
              "Invalid value a b for configuration text.old: \"a b\" has a space in it; take it out");
}

static void test_choice_suggestion(void **state)
{
    (void)state;
    struct fixture f;
    parse_text(&f, "mode=nothing");
    one_finding(&f, FINDING_ERROR, "mode",
                "Invalid value nothing for configuration mode: String must be one of: bulk, incrementing, timestamp, "
                "timestamp+incrementing");
    release(&f);
    parse_text(&f, "mode=incremental");
    one_finding(&f, FINDING_ERROR, "mode",
                "Invalid value incremental for configuration mode: String must be one of: bulk, incrementing, "
                "timestamp, timestamp+incrementing; did you mean \"incrementing\"?");
    release(&f);
    parse_text(&f, "mode=timestmap");
    one_finding(&f, FINDING_ERROR, "mode",
                "Invalid value timestmap for configuration mode: String must be one of: bulk, incrementing, timestamp, "
                "timestamp+incrementing; did you mean \"timestamp\"?");
    release(&f);
    parse_text(&f, "mode= ");
    assert_int_equal(f.findings.errors, 1);
    release(&f);
}

static void test_all_findings_at_once(void **state)
{
    (void)state;
    struct fixture f;
    struct error err;
    parse_text(&f, "flag=x\nport=y\nratio=z\ntext=fine\n");
    assert_int_equal(f.findings.errors, 4);
    assert_str(f.sample.text, "fine");
    assert_int_equal(f.sample.port, 5432); /* what is wrong leaves the default */
    assert_int_equal(findings_error(&f.findings, &err), ERROR_CONFIG);
    assert_non_null(strstr(err.text, "configuration flag"));
    assert_non_null(strstr(err.text, "configuration \"mode\""));
    release(&f);
}

static void test_error_text_counts_what_does_not_fit(void **state)
{
    (void)state;
    struct findings f;
    struct error err;
    findings_init(&f);
    assert_int_equal(findings_error(&f, &err), 0);
    findings_add(&f, FINDING_WARNING, STR("w"), "only a warning");
    assert_int_equal(findings_error(&f, &err), 0);
    for (int i = 0; i < 100; i++)
        findings_add(&f, FINDING_ERROR, STR_NULL, "finding number %d of a hundred", i);
    assert_int_equal(findings_error(&f, &err), ERROR_CONFIG);
    assert_null(strstr(err.text, "warning"));
    assert_non_null(strstr(err.text, "finding number 0 of"));
    assert_non_null(strstr(err.text, " more"));
    assert_true(strlen(err.text) < ERROR_TEXT_SIZE);
    assert_string_equal(err.text + strlen(err.text) - 5, " more");
    findings_release(&f);
}

static void test_name_wins_over_alias(void **state)
{
    (void)state;
    struct fixture f;
    parse_text(&f, "mode=bulk\ntext.older=c\ntext=a\ntext.old=a\n");
    assert_str(f.sample.text, "a");
    one_finding(
        &f, FINDING_WARNING, "text.older",
        "The configuration text.older is ignored, because text is the same setting and given too; remove one of "
        "them");
    release(&f);
    parse_text(&f, "mode=bulk\ntext.older=c\n");
    assert_str(f.sample.text, "c");
    assert_int_equal(f.findings.items.len, 0);
    release(&f);
}

static void test_flags_warn(void **state)
{
    (void)state;
    struct one {
        struct str old, taken;
    } out = {0};
    static const struct property rows[] = {
        PROPERTY_STRING("old", struct one, old, .flags = PROPERTY_DEPRECATED, .doc = "Use `new` instead."),
        PROPERTY_STRING("taken", struct one, taken, .flags = PROPERTY_ACCEPTED, .doc = "There is no heap here."),
        PROPERTY_END,
    };
    struct config c;
    struct findings f;
    config_init(&c);
    findings_init(&f);
    config_parse(rows, &c, &out, &f);
    assert_int_equal(f.items.len, 0);
    config_set(&c, STR("old"), STR("1"));
    config_set(&c, STR("taken"), STR("2"));
    config_parse(rows, &c, &out, &f);
    assert_int_equal(f.items.len, 2);
    assert_int_equal(f.errors, 0);
    assert_string_equal(f.items.items[0].text.ptr, "The configuration old is deprecated: Use `new` instead.");
    assert_string_equal(f.items.items[1].text.ptr,
                        "The configuration taken has no effect here: There is no heap here.");
    config_release(&c);
    findings_release(&f);
}

static void test_variables(void **state)
{
    (void)state;
    char dir[] = "/tmp/conf-test-XXXXXX", path[64], text[512];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/creds.properties", dir);
    FILE *file = fopen(path, "w");
    fputs("user=joe\npass=s3cret\n", file);
    fclose(file);
    setenv("CONF_TEST_PORT", "1234", 1);
    unsetenv("CONF_TEST_NONE");
    struct fixture f;
    snprintf(text, sizeof text,
             "mode=bulk\nport=${env:CONF_TEST_PORT}\ntext=<${file:%s:user}/${other:x}>$\npass.word=${file:%s:pass}\n"
             "list=${dir:%s:creds.properties}\n",
             path, path, dir);
    parse_text(&f, text);
    assert_int_equal(f.findings.items.len, 0);
    assert_int_equal(f.sample.port, 1234);
    assert_str(f.sample.text, "<joe/${other:x}>$");
    assert_str(f.sample.password, "s3cret");
    assert_str(f.sample.list.items[0], "user=joe\npass=s3cret");
    assert_string_equal(config_get(&f.config, "port").ptr, "${env:CONF_TEST_PORT}"); /* stored as written */
    release(&f);

    snprintf(text, sizeof text, "text=${file:%s:nobody}", path);
    AUTO_FREE
    char *missing_key =
        mem_printf("Invalid value ${file:%s:nobody} for configuration text: ${file:%s:nobody}: the file %s has no line "
                   "nobody=...",
                   path, path, path);
    one_error(text, "text", missing_key);
    one_error("text=${env:CONF_TEST_NONE}", "text",
              "Invalid value ${env:CONF_TEST_NONE} for configuration text: the environment variable CONF_TEST_NONE of "
              "${env:CONF_TEST_NONE} is not set");
    one_error("text=${file:/nonexistent/x:k}", "text",
              "Invalid value ${file:/nonexistent/x:k} for configuration text: ${file:/nonexistent/x:k}: cannot open "
              "/nonexistent/x: No such file or directory");
    one_error("text=${dir:/etc:../etc/passwd}", "text",
              "Invalid value ${dir:/etc:../etc/passwd} for configuration text: ${dir:/etc:../etc/passwd}: "
              "\"../etc/passwd\" must be a file directly in the directory");
    one_error("text=${file:/etc/passwd}", "text",
              "Invalid value ${file:/etc/passwd} for configuration text: ${file:/etc/passwd} is not complete: write "
              "${env:NAME}, ${file:PATH:KEY} or ${dir:PATH:FILE}");
    unlink(path);
    rmdir(dir);
}

static void test_errors_hide_secrets(void **state)
{
    (void)state;
    one_error("pass.word=open sesame", "pass.word",
              "Invalid value [hidden] for configuration pass.word: \"[hidden]\" has a space in it; take it out");
    setenv("CONF_TEST_SECRET", "open sesame", 1);
    one_error("text=${env:CONF_TEST_SECRET}", "text",
              "Invalid value ${env:CONF_TEST_SECRET} for configuration text: \"[hidden]\" has a space in it; take it "
              "out");
}

static void test_unknown_names(void **state)
{
    (void)state;
    static const struct property *const tables[] = {table, NULL};
    static const char *const prefixes[] = {"transforms.", NULL};
    struct fixture f;
    parse_text(&f, "mode=bulk\nintervall.ms=3\ntransforms.x.type=T\nqwertyuiop=1\ntext.old=z\ninterval=4\n");
    config_check_unknown(tables, prefixes, &f.config, &f.findings);
    assert_int_equal(f.findings.items.len, 3);
    assert_int_equal(f.findings.errors, 0);
    assert_string_equal(f.findings.items.items[0].text.ptr,
                        "The configuration intervall.ms is not known and has no effect; did you mean interval.ms?");
    assert_string_equal(f.findings.items.items[1].text.ptr,
                        "The configuration qwertyuiop is not known and has no effect");
    assert_string_equal(f.findings.items.items[2].text.ptr,
                        "The configuration interval is not known and has no effect; did you mean interval.ms?");
    release(&f);
}

static void test_nearest(void **state)
{
    (void)state;
    const struct str names[] = {STR("poll.interval.ms"), STR("table.include.list"), STR("mode"), STR("name")};
    const struct {
        const char *name, *nearest;
    } cases[] = {
        {"poll.intervall.ms", "poll.interval.ms"},
        {"Poll.Interval.Ms", "poll.interval.ms"},
        {"moed", "mode"},
        {"nam", "name"},
        {"table.include", "table.include.list"},
        {"include.list", "table.include.list"},
        {"ssl.keystore", NULL},
        {"", NULL},
        {"x", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str near = findings_nearest(str_from(cases[i].name), names, 4);
        if (cases[i].nearest)
            assert_string_equal(near.ptr, cases[i].nearest);
        else
            assert_null(near.ptr);
    }
}

static void test_findings_append(void **state)
{
    (void)state;
    struct findings a, b;
    findings_init(&a);
    findings_init(&b);
    findings_add(&a, FINDING_ERROR, STR("type"), "wrong");
    findings_add(&a, FINDING_WARNING, STR_NULL, "hm");
    findings_append(&b, "transforms.x.", &a);
    findings_release(&a);
    assert_int_equal(b.errors, 1);
    assert_string_equal(b.items.items[0].name.ptr, "transforms.x.type");
    assert_null(b.items.items[1].name.ptr);
    assert_string_equal(b.items.items[1].text.ptr, "hm");
    findings_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_all_types),
        cmocka_unit_test(test_empty_texts),
        cmocka_unit_test(test_null_is_not_given),
        cmocka_unit_test(test_errors_say_what_to_write),
        cmocka_unit_test(test_choice_suggestion),
        cmocka_unit_test(test_all_findings_at_once),
        cmocka_unit_test(test_error_text_counts_what_does_not_fit),
        cmocka_unit_test(test_name_wins_over_alias),
        cmocka_unit_test(test_flags_warn),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_errors_hide_secrets),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_findings_append),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
