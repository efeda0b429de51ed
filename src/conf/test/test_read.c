/* The readers: .properties as java.util.Properties, JSON, YAML, and which of them a text is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- what a file hands over, as one text: "name[state]{a=1;b=null}" ---- */

static int collect(void *ctx, struct config_connector *found, struct error *err)
{
    (void)err;
    static const char states[] = "RPS";
    struct buf *out = ctx;
    buf_printf(out, "%s[%c]{", found->name.ptr, states[found->state]);
    assert_string_equal(config_get(&found->config, "name").ptr, found->name.ptr);
    config_remove(&found->config, STR("name"));
    vec_each (&found->config.entries, e)
        buf_printf(out, "%s%s=%s", e == found->config.entries.items ? "" : ";", e->name.ptr,
                   e->value.ptr ? e->value.ptr : "null");
    buf_add_literal(out, "}");
    return 0;
}

static void reads(const char *what, const char *text, const char *expected)
{
    AUTO_BUF
    out = {0};
    struct error err;
    if (config_read_text(str_from(text), what, collect, &out, &err))
        fail_msg("%s", err.text);
    assert_string_equal(buf_cstr(&out), expected);
}

static void refuses_bytes(const char *what, struct str text, const char *expected)
{
    AUTO_BUF
    out = {0};
    struct error err = {0};
    assert_int_equal(config_read_text(text, what, collect, &out, &err), ERROR_CONFIG);
    assert_string_equal(err.text, expected);
    assert_int_equal(config_read_text(text, what, collect, &out, NULL), ERROR_CONFIG);
}

static void refuses(const char *what, const char *text, const char *expected)
{
    refuses_bytes(what, str_from(text), expected);
}

/* ---- .properties ---- */

static void test_properties(void **state)
{
    (void)state;
    const struct {
        const char *text, *expected;
    } cases[] = {
        {"a=1", "a=1"},
        {"a = 1 ", "a=1 "}, /* as in Java, blanks at the end stay */
        {"  a\t:  b c", "a=b c"},
        {"a b", "a=b"},
        {"a", "a="},
        {"a=", "a="},
        {"a==b", "a==b"},
        {"a : = b", "a== b"},
        {"# no\n! no\n\n \t\na=1\r\nb=2\rc=3", "a=1;b=2;c=3"},
        {"a=1\\\n   2\\\r\n\t3\nb=4", "a=123;b=4"},
        {"a=1\\", "a=1"},
        {"a=1\\\\\nb=2", "a=1\\;b=2"},
        {"a=1\\\n# still the value", "a=1# still the value"},
        {"# no continuation \\\na=1", "a=1"},
        {"a\\ b\\:c\\=d=x\\=y", "a b:c=d=x=y"},
        {"k=\\t\\n\\r\\f\\q\\\\", "k=\t\n\r\fq\\"},
        {"k=\\u00e9\\u20AC\\ud83d\\ude00", "k=\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"k=\xC3\xA9", "k=\xC3\xA9"},
        {"\xEF\xBB\xBFk=v", "k=v"},
        {"k=1\nk=2", "k=2"},
        {"k\\u003d=v", "k==v"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_FREE
        char *expected = mem_printf("x[R]{%s}", cases[i].expected);
        reads("dir/x.properties", cases[i].text, expected);
    }
}

static void test_properties_errors(void **state)
{
    (void)state;
    static const char text[] = ": line 2: \\u must be followed by the four hexadecimal digits of a character, and a "
                               "backslash is written \\\\";
    const char *const bad[] = {"a=\\u12",          "a=\\u12g4",    "a=\\u0000", "a=\\ud83d",
                               "a=\\ud83d\\u0041", "a=C:\\u\\dir", "\\ud=1",    "a=\\udc00"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        AUTO_FREE
        char *with_line = mem_printf("ok=1\n%s\n", bad[i]);
        AUTO_FREE
        char *expected = mem_printf("x.properties%s", text);
        refuses("x.properties", with_line, expected);
    }
    refuses("x.properties", "a=1\n=2", "x.properties: line 2: a setting without a name");
    refuses("x.properties", "# nothing", "x.properties: no connector in it; write lines such as connector.class=...");
    refuses("x.properties", "a=1\nb=\xE9t\xE9\n",
            "x.properties: line 2: not UTF-8; save the file as UTF-8 or write \\uXXXX");
    refuses_bytes("x.properties", STR("a=1\nb=\0"), "x.properties: line 2: a zero byte; this is no text file");
}

static void test_limits(void **state)
{
    (void)state;
    AUTO_BUF
    many = {0};
    for (int i = 0; i <= CONFIG_ENTRIES_MAX; i++)
        buf_printf(&many, "k%d=\n", i);
    refuses("x.properties", buf_cstr(&many), "x.properties: line 4097: more than 4096 settings");
    AUTO_BUF
    large = {0};
    buf_reserve(&large, CONFIG_TEXT_MAX + 1);
    memset(large.data, 'a', CONFIG_TEXT_MAX + 1);
    large.len = CONFIG_TEXT_MAX + 1;
    refuses_bytes("x.properties", buf_str(&large),
                  "x.properties: larger than 4194304 bytes, the limit for a configuration");
}

/* ---- JSON ---- */

static void test_json(void **state)
{
    (void)state;
    reads("x.json",
          "{\"s\":\"t\",\"i\":-5,\"big\":9007199254740993,\"r\":0.1,\"e\":1e300,\"t\":true,\"f\":false,\"n\":null}",
          "x[R]{s=t;i=-5;big=9007199254740993;r=0.1;e=1e+300;t=true;f=false;n=null}");
    reads("x.json", "{\"name\":\"c\",\"config\":{\"connector.class\":\"K\",\"name\":\"c\"}}",
          "c[R]{connector.class=K}");
    reads("x.json", "{\"config\":{\"name\":\"inner\",\"k\":1}}", "inner[R]{k=1}");
    reads("x.json", "{\"name\":\"c\",\"config\":{\"k\":1},\"initial_state\":\"STOPPED\"}", "c[S]{k=1}");
    reads("x.json", "{\"config\":\"a setting of that name\"}", "x[R]{config=a setting of that name}");
    reads("x.json", "[{\"name\":\"a\",\"config\":{\"k\":1}},{\"name\":\"b\",\"k\":2}]", "a[R]{k=1}b[R]{k=2}");
    reads("noname", " {\"k\":\"\\u00e9\"}", "noname[R]{k=\xC3\xA9}");
    reads("x.json",
          "{\"apiVersion\":\"v\",\"kind\":\"KafkaConnector\",\"metadata\":{\"name\":\"m\"},\"spec\":{\"class\":\"K\","
          "\"config\":{\"a\":1}}}",
          "m[R]{connector.class=K;a=1}");
}

static void test_json_errors(void **state)
{
    (void)state;
    refuses("x.json", "{\"a\":1,\n}", "x.json: line 2: not valid JSON: string or '}' expected near '}'");
    refuses("x.json", "{\"a\":1}x", "x.json: line 1: not valid JSON: end of file expected near 'x'");
    refuses("x.json", "{\"a\":[1]}", "x.json: \"a\" is an array; write a list as one text, \"a,b\"");
    refuses("x.json", "{\"a\":{\"b\":1}}", "x.json: \"a\" is an object; write each of its settings as \"a.NAME\"");
    refuses("x.json", "{\"\":1}", "x.json: a setting without a name");
    refuses("x.json", "7", "x.json: not a connector, {\"name\": ..., \"config\": {...}}");
    refuses("x.json", "[]", "x.json: no connector in it; the array is empty");
    refuses("x.json", "{}", "x.json: the connector has no settings; write at least connector.class");
    refuses("x.json", "{\"config\":{\"k\":1},\"initial_state\":\"idle\"}",
            "x.json: the state \"idle\" is not one of: running, paused, stopped");
    refuses("x.json", "[{\"k\":1},{\"k\":2}]", "x.json: more than one connector without a name; give each one a name");
    struct config c;
    struct error err;
    config_init(&c);
    assert_int_equal(config_read_json(STR("[]"), "body", &c, &err), ERROR_CONFIG);
    assert_string_equal(err.text, "body: not an object of settings, {\"connector.class\": ...}");
    assert_int_equal(config_read_json(STR("{\"a\":\"b\"}"), "body", &c, &err), 0);
    assert_string_equal(config_get(&c, "a").ptr, "b");
    config_release(&c);
}

/* ---- YAML ---- */

static const char strimzi[] = "apiVersion: kafka.strimzi.io/v1beta1\n"
                              "kind: KafkaConnector\n"
                              "metadata:\n"
                              "  name: inventory-connector\n"
                              "  labels:\n"
                              "    strimzi.io/cluster: my-connect-cluster\n"
                              "spec:\n"
                              "  class: io.debezium.connector.mysql.MySqlConnector\n"
                              "  tasksMax: 1\n"
                              "  config:\n"
                              "    database.port: 3306\n"
                              "    include.schema.changes: true\n"
                              "    ratio: 0.50\n"
                              "    database.password: 'null'\n"
                              "    snapshot.mode: null\n"
                              "    empty:\n"
                              "    query: |\n"
                              "      select 1\n"
                              "      from t\n";

static void test_yaml(void **state)
{
    (void)state;
    reads("x.yaml", strimzi,
          "inventory-connector[R]{connector.class=io.debezium.connector.mysql.MySqlConnector;tasks.max=1;"
          "database.port=3306;include.schema.changes=true;ratio=0.50;database.password=null;snapshot.mode=null;"
          "empty=null;query=select 1\nfrom t\n}");
    reads("x.yml", "kind: KafkaConnector\nspec: {class: K, pause: true}", "x[P]{connector.class=K}");
    reads("x.yml", "kind: KafkaConnector\nspec: {class: K, pause: true, state: stopped}", "x[S]{connector.class=K}");
    reads("x.yml", "kind: KafkaConnector\nspec: {class: K, config: }", "x[R]{connector.class=K}");
    reads("x.yml", "name: flat\nconnector.class: K\n", "flat[R]{connector.class=K}");
    reads("x.yml", "name: n\ninitial_state: paused\nconfig: {k: v}\n", "n[P]{k=v}");
    reads("x.yml", "---\nname: a\nk: 1\n---\n---\nname: b\nk: 2\n...\n", "a[R]{k=1}b[R]{k=2}");
    reads("x.yml", "apiVersion: v1\nkind: Secret\ndata: {a: b}\n---\nname: b\nk: 2\n", "b[R]{k=2}");
}

static void test_yaml_anchors(void **state)
{
    (void)state;
    reads("x.yml", "name: a\nuser: &u joe\nother: *u\n", "a[R]{user=joe;other=joe}");
    reads("x.yml",
          "kind: KafkaConnector\nbase: &base {h: db, p: 1}\nmore: &more {p: 2, q: 3}\nspec:\n  class: K\n  config:\n"
          "    <<: [*base, *more]\n    h: mine\n",
          "x[R]{connector.class=K;h=mine;p=1;q=3}");
    refuses("x.yml", "k: &k\n  <<: *k\n  a: 1\n",
            "x.yml: line 1: \"k\" is a mapping; write its settings as NAME.NAME: VALUE");
    refuses("x.yml", "&k\na: 1\n<<: *k\n", "x.yml: merge keys (<<) nested too deep or too often");
    refuses("x.yml", "a: 1\n<<: 2\n", "x.yml: a merge key (<<) needs a mapping, such as <<: *base");
    refuses("x.yml", "a: *nothing\n", "x.yml: line 1: not valid YAML: found undefined alias");
    AUTO_BUF
    bomb = {0};
    buf_add_literal(&bomb, "kind: KafkaConnector\nm0: &m0 {a: 1}\n");
    for (int i = 1; i < 6; i++)
        buf_printf(&bomb, "m%d: &m%d {<<: [*m%d,*m%d,*m%d,*m%d,*m%d,*m%d,*m%d,*m%d]}\n", i, i, i - 1, i - 1, i - 1,
                   i - 1, i - 1, i - 1, i - 1, i - 1);
    buf_add_literal(&bomb, "spec:\n  config: *m5\n");
    refuses("x.yml", buf_cstr(&bomb), "x.yml: merge keys (<<) nested too deep or too often");
}

static void test_yaml_errors(void **state)
{
    (void)state;
    refuses("x.yml", "a: [\n",
            "x.yml: line 2: not valid YAML: did not find expected node content while parsing a flow "
            "node");
    refuses("x.yml", "- a\n", "x.yml: line 1: not a mapping of settings (connector.class: ...)");
    refuses("x.yml", "k: 1\na:\n  - b\n", "x.yml: line 3: \"a\" is a sequence; write a list as one text, \"a,b\"");
    refuses("x.yml", "? [a]\n: 1\n", "x.yml: a name that is no text in a mapping of settings");
    refuses("x.yml", "kind: KafkaConnector\nmetadata: {name: x}\n", "x.yml: line 1: the KafkaConnector has no spec");
    refuses("x.yml", "kind: KafkaConnector\nspec: {config: text}\n",
            "x.yml: line 2: spec.config is not a mapping of settings");
    refuses("x.yml", "kind: KafkaConnector\nspec: {state: flying, class: K}\n",
            "x.yml: the state \"flying\" is not one of: running, paused, stopped");
    refuses("x.yml", "kind: KafkaConnector\nspec: {}\n",
            "x.yml: line 1: the connector has no settings; write at least its class");
    refuses("x.yml", "apiVersion: v1\nkind: Secret\n",
            "x.yml: no connector in it; write a KafkaConnector or connector.class: ...");
    refuses("x.yml", "", "x.yml: no connector in it; write a KafkaConnector or connector.class: ...");
    refuses("x.yml", "k: \"a\\0b\"\n", "x.yml: line 1: \"k\" has a zero byte in it");
    refuses("x.yml", "k: 1\n---\nk: 2\n", "x.yml: more than one connector without a name; give each one a name");
}

/* ---- which form it is ---- */

static void test_forms_by_content(void **state)
{
    (void)state;
    reads("connector", "{\"k\":\"v\"}", "connector[R]{k=v}");
    reads("connector", "# comment\nk=v:w\n", "connector[R]{k=v:w}");
    reads("connector", "# comment\nk: v=w\n", "connector[R]{k=v=w}");
    reads("connector", "k:\n  v\n", "connector[R]{k=v}");
    reads("connector", "url:jdbc\n", "connector[R]{url=jdbc}");
    reads("connector", "---\nk: v\n", "connector[R]{k=v}");
    reads("/a.b/c.d.conf", "k=v\n", "c.d[R]{k=v}");
    reads("/a.b/.hidden", "k=v\n", ".hidden[R]{k=v}");
    refuses("connector", " \n", "connector: no connector in it; the file is empty");
    refuses("connector", "# just this\n", "connector: no connector in it; the file is empty");
}

static int refuse(void *ctx, struct config_connector *found, struct error *err)
{
    ++*(int *)ctx;
    return error_set(err, ERROR_CONFLICT, "not " STR_FMT, STR_ARG(found->name));
}

static void test_each_ends_the_reading(void **state)
{
    (void)state;
    int calls = 0;
    struct error err;
    assert_int_equal(config_read_text(STR("name: a\n---\nname: b\n"), "x.yml", refuse, &calls, &err), ERROR_CONFLICT);
    assert_string_equal(err.text, "not a");
    assert_int_equal(calls, 1);
}

static void test_file(void **state)
{
    (void)state;
    char path[] = "/tmp/conf-test-XXXXXX.json";
    int fd = mkstemps(path, 5);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "{\"name\":\"n\",\"k\":1}", 18), 18);
    close(fd);
    AUTO_BUF
    out = {0};
    struct error err;
    assert_int_equal(config_read_file(path, collect, &out, &err), 0);
    assert_string_equal(buf_cstr(&out), "n[R]{k=1}");
    unlink(path);
    assert_int_equal(config_read_file(path, collect, &out, &err), ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "cannot open /tmp/conf-test-"));
    assert_int_equal(config_read_file("/tmp", collect, &out, &err), ERROR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_properties),
        cmocka_unit_test(test_properties_errors),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_errors),
        cmocka_unit_test(test_yaml),
        cmocka_unit_test(test_yaml_anchors),
        cmocka_unit_test(test_yaml_errors),
        cmocka_unit_test(test_forms_by_content),
        cmocka_unit_test(test_each_ends_the_reading),
        cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
