/* What is shown: the validation answer, the reference page, the masked dump; and the check of the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf/conf.h"

#include <jansson.h>
#include <stdlib.h>

struct sample {
    struct str url, password, user;
    struct str_list tables;
    bool flag;
    int32_t batch;
    int mode;
};

static const char *const modes[] = {"bulk", "incrementing", NULL};
static const char *const table_aliases[] = {"table.include.list", NULL};

static const struct property common[] = {
    PROPERTY_INT("batch.max.rows", struct sample, batch, .fallback = "100", .min = 1, .group = "Connector",
                 .importance = IMPORTANCE_LOW, .doc = "Rows of a \"batch\".\nAt most."),
    PROPERTY_END,
};
static const struct property table[] = {
    PROPERTY_STRING("connection.url", struct sample, url, .flags = PROPERTY_REQUIRED, .group = "Database",
                    .display = "JDBC URL", .doc = "The database.", .example = "jdbc:postgresql://db/shop"),
    PROPERTY_PASSWORD("connection.password", struct sample, password, .group = "Database", .doc = "Its password."),
    PROPERTY_STRING("connection.user", struct sample, user, .doc = "Its user.", .importance = IMPORTANCE_MEDIUM),
    PROPERTY_LIST("table.whitelist", struct sample, tables, .fallback = "", .group = "Database",
                  .aliases = table_aliases, .doc = "Tables."),
    PROPERTY_ENUM("mode", struct sample, mode, .choices = modes, .fallback = "bulk", .group = "Connector",
                  .doc = "How."),
    PROPERTY_BOOLEAN("inner", struct sample, flag, .fallback = "false", .flags = PROPERTY_INTERNAL,
                     .doc = "Not shown."),
    PROPERTY_END,
};
static const struct property *const tables[] = {common, table, NULL};

struct fixture {
    struct config config;
    struct findings findings;
};

static void begin(struct fixture *f, const char *properties)
{
    struct sample sample = {0};
    config_init(&f->config);
    findings_init(&f->findings);
    assert_int_equal(config_read_properties(str_from(properties), "test", &f->config, NULL), 0);
    config_parse(common, &f->config, &sample, &f->findings);
    config_parse(table, &f->config, &sample, &f->findings);
}

static void end(struct fixture *f)
{
    config_release(&f->config);
    findings_release(&f->findings);
}

static void test_validation_is_kafka_connects(void **state)
{
    (void)state;
    struct fixture f;
    AUTO_BUF
    out = {0};
    begin(&f, "table.include.list= a , b\nbatch.max.rows=many\nconnection.password=s3cret\n");
    config_write_validation(STR("org.example.Sample"), tables, &f.config, &f.findings, &out);
    static const char *const expected =
        "{\"name\":\"org.example.Sample\",\"error_count\":2,\"groups\":[\"Connector\",\"Database\"],\"configs\":["
        "{\"definition\":{\"name\":\"batch.max.rows\",\"type\":\"INT\",\"required\":false,\"default_value\":\"100\","
        "\"importance\":\"LOW\",\"documentation\":\"Rows of a \\\"batch\\\".\\nAt most.\",\"group\":\"Connector\","
        "\"width\":\"SHORT\",\"display_name\":\"batch.max.rows\",\"dependents\":[],\"order\":1},"
        "\"value\":{\"name\":\"batch.max.rows\",\"value\":null,\"recommended_values\":[],\"errors\":[\"Invalid value "
        "many for configuration batch.max.rows: Not a number of type INT; write a whole number such as 100\"],"
        "\"visible\":true}},"
        "{\"definition\":{\"name\":\"connection.url\",\"type\":\"STRING\",\"required\":true,\"default_value\":null,"
        "\"importance\":\"HIGH\",\"documentation\":\"The database.\",\"group\":\"Database\",\"width\":\"MEDIUM\","
        "\"display_name\":\"JDBC URL\",\"dependents\":[],\"order\":1},"
        "\"value\":{\"name\":\"connection.url\",\"value\":null,\"recommended_values\":[],\"errors\":[\"Missing "
        "required "
        "configuration \\\"connection.url\\\" which has no default value; for example "
        "connection.url=jdbc:postgresql://db/shop\"],\"visible\":true}},"
        "{\"definition\":{\"name\":\"connection.password\",\"type\":\"PASSWORD\",\"required\":false,"
        "\"default_value\":null,\"importance\":\"HIGH\",\"documentation\":\"Its password.\",\"group\":\"Database\","
        "\"width\":\"MEDIUM\",\"display_name\":\"connection.password\",\"dependents\":[],\"order\":2},"
        "\"value\":{\"name\":\"connection.password\",\"value\":\"[hidden]\",\"recommended_values\":[],\"errors\":[],"
        "\"visible\":true}},"
        "{\"definition\":{\"name\":\"connection.user\",\"type\":\"STRING\",\"required\":false,\"default_value\":null,"
        "\"importance\":\"MEDIUM\",\"documentation\":\"Its user.\",\"group\":null,\"width\":\"MEDIUM\","
        "\"display_name\":\"connection.user\",\"dependents\":[],\"order\":-1},"
        "\"value\":{\"name\":\"connection.user\",\"value\":null,\"recommended_values\":[],\"errors\":[],"
        "\"visible\":true}},"
        "{\"definition\":{\"name\":\"table.whitelist\",\"type\":\"LIST\",\"required\":false,\"default_value\":\"\","
        "\"importance\":\"HIGH\",\"documentation\":\"Tables.\",\"group\":\"Database\",\"width\":\"LONG\","
        "\"display_name\":\"table.whitelist\",\"dependents\":[],\"order\":3},"
        "\"value\":{\"name\":\"table.whitelist\",\"value\":\"a,b\",\"recommended_values\":[],\"errors\":[],"
        "\"visible\":true}},"
        "{\"definition\":{\"name\":\"mode\",\"type\":\"STRING\",\"required\":false,\"default_value\":\"bulk\","
        "\"importance\":\"HIGH\",\"documentation\":\"How.\",\"group\":\"Connector\",\"width\":\"SHORT\","
        "\"display_name\":\"mode\",\"dependents\":[],\"order\":2},"
        "\"value\":{\"name\":\"mode\",\"value\":\"bulk\",\"recommended_values\":[\"bulk\",\"incrementing\"],"
        "\"errors\":[],\"visible\":true}},"
        "{\"definition\":{\"name\":\"inner\",\"type\":\"BOOLEAN\",\"required\":false,\"default_value\":\"false\","
        "\"importance\":\"HIGH\",\"documentation\":\"Not shown.\",\"group\":null,\"width\":\"SHORT\","
        "\"display_name\":\"inner\",\"dependents\":[],\"order\":-1},"
        "\"value\":{\"name\":\"inner\",\"value\":\"false\",\"recommended_values\":[],\"errors\":[],\"visible\":true}}"
        "]}";
    assert_string_equal(buf_cstr(&out), expected);
    end(&f);
}

static void test_validation_of_foreign_names(void **state)
{
    (void)state;
    struct fixture f;
    AUTO_BUF
    out = {0};
    begin(&f, "connection.url=jdbc:postgresql://u:pw@db/x?password=geheim\nkey.converter.x.token=abc\n");
    findings_add(&f.findings, FINDING_ERROR, STR("table.include.list"), "no such table");
    findings_add(&f.findings, FINDING_ERROR, STR("key.converter.x.token"), "first");
    findings_add(&f.findings, FINDING_ERROR, STR("key.converter.x.token"), "second");
    findings_add(&f.findings, FINDING_WARNING, STR("mode"), "only a warning");
    findings_add(&f.findings, FINDING_ERROR, STR_NULL, "the database does not answer");
    config_write_validation(STR("c"), tables, &f.config, &f.findings, &out);
    json_error_t where;
    json_t *root = json_loadb(out.data, out.len, 0, &where);
    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "error_count")), 4);
    json_t *configs = json_object_get(root, "configs");
    assert_int_equal(json_array_size(configs), 9);
    json_t *foreign = json_array_get(configs, 7), *value = json_object_get(foreign, "value");
    assert_true(json_is_null(json_object_get(foreign, "definition")));
    assert_string_equal(json_string_value(json_object_get(value, "name")), "key.converter.x.token");
    assert_string_equal(json_string_value(json_object_get(value, "value")), "[hidden]");
    assert_int_equal(json_array_size(json_object_get(value, "errors")), 2);
    value = json_object_get(json_array_get(configs, 8), "value");
    assert_string_equal(json_string_value(json_object_get(value, "name")), "");
    value = json_object_get(json_array_get(configs, 4), "value");
    assert_string_equal(json_string_value(json_array_get(json_object_get(value, "errors"), 0)), "no such table");
    value = json_object_get(json_array_get(configs, 5), "value");
    assert_int_equal(json_array_size(json_object_get(value, "errors")), 0);
    buf_cstr(&out);
    assert_null(strstr(out.data, "geheim"));
    assert_null(strstr(out.data, "abc"));
    assert_null(strstr(out.data, "pw@"));
    json_decref(root);
    end(&f);
}

static void test_validation_shows_variables_unresolved(void **state)
{
    (void)state;
    struct fixture f;
    AUTO_BUF
    out = {0};
    setenv("CONF_TEST_URL", "jdbc:very-secret", 1);
    begin(&f, "connection.url=${env:CONF_TEST_URL}\nconnection.password=${env:CONF_TEST_URL}\n");
    config_write_validation(STR("c"), tables, &f.config, &f.findings, &out);
    assert_null(strstr(buf_cstr(&out), "very-secret"));
    assert_non_null(strstr(out.data, "\"value\":\"${env:CONF_TEST_URL}\""));
    end(&f);
}

static void shows(const char *name, const char *value, const char *expected)
{
    AUTO_BUF
    out = {0};
    config_write_shown(tables, str_from(name), str_from(value), &out);
    assert_string_equal(buf_cstr(&out), expected);
}

static void test_shown_values(void **state)
{
    (void)state;
    shows("connection.password", "x", "[hidden]");
    shows("connection.password", "", "");
    shows("connection.password", "${file:/a:b}", "${file:/a:b}");
    shows("connection.password", "${file:/a:b}x", "[hidden]");
    shows("connection.password", "${x}", "[hidden]");
    shows("database.password", "x", "[hidden]");
    shows("ssl.keystore.PassWord", "x", "[hidden]");
    shows("sasl.jaas.config", "x", "[hidden]");
    shows("basic.auth.user.info", "a:b", "[hidden]");
    shows("connection.user", "joe", "joe");
    shows("connection.url", "jdbc:postgresql://h:5432/d?user=u&password=p&ssl=true",
          "jdbc:postgresql://h:5432/d?user=u&password=[hidden]&ssl=true");
    shows("connection.url", "jdbc:postgresql://h/d?password=p", "jdbc:postgresql://h/d?password=[hidden]");
    shows("connection.url", "jdbc:sqlserver://h:1433;user=u;password=p;databaseName=d",
          "jdbc:sqlserver://h:1433;user=u;password=[hidden];databaseName=d");
    shows("connection.url", "mongodb://joe:p@ss@h1:27017,h2:27018/d", "mongodb://joe:[hidden]@h1:27017,h2:27018/d");
    shows("connection.url", "postgresql://h:5432/d?a=b", "postgresql://h:5432/d?a=b");
    shows("connection.url", "jdbc:x://h/d?password=${env:P}", "jdbc:x://h/d?password=${env:P}");
    shows("connection.url", "jdbc:x://h/d?password=", "jdbc:x://h/d?password=");
}

static void test_masked_dump(void **state)
{
    (void)state;
    struct fixture f;
    AUTO_BUF
    out = {0};
    begin(&f, "connection.url=x\nconnection.password=s3cret\nquery=a\\nb\n");
    config_set(&f.config, STR("n"), STR_NULL);
    config_write_masked(tables, &f.config, &out);
    assert_string_equal(buf_cstr(&out),
                        "connection.url = x\nconnection.password = [hidden]\nquery = a\\u000ab\nn = null\n");
    buf_clear(&out);
    config_write_masked(NULL, &f.config, &out);
    assert_null(strstr(buf_cstr(&out), "s3cret"));
    end(&f);
}

static void test_reference(void **state)
{
    (void)state;
    AUTO_BUF
    out = {0};
    property_write_reference("Sample", "An intro.", tables, &out);
    assert_string_equal(buf_cstr(&out),
                        "# Sample\n"
                        "\nAn intro.\n"
                        "\n## Connector\n"
                        "\n### `batch.max.rows`\n"
                        "\nRows of a \"batch\".\nAt most.\n"
                        "\n- Type: int\n- Default: `100`\n- Valid values: at least 1\n- Importance: low\n"
                        "\n### `mode`\n"
                        "\nHow.\n"
                        "\n- Type: string\n- Default: `bulk`\n- Valid values: `bulk`, `incrementing`\n"
                        "- Importance: high\n"
                        "\n## Database\n"
                        "\n### `connection.url`\n"
                        "\nThe database.\n"
                        "\n- Type: string\n- Required\n- Importance: high\n"
                        "- Example: `connection.url=jdbc:postgresql://db/shop`\n"
                        "\n### `connection.password`\n"
                        "\nIts password.\n"
                        "\n- Type: password\n- Default: none\n- Importance: high\n"
                        "\n### `table.whitelist`\n"
                        "\nTables.\n"
                        "\n- Type: list\n- Default: empty\n- Importance: high\n"
                        "- Also written: `table.include.list`\n"
                        "\n## General\n"
                        "\n### `connection.user`\n"
                        "\nIts user.\n"
                        "\n- Type: string\n- Default: none\n- Importance: medium\n");
}

/* ---- the check of tables ---- */

static int never(const struct property *p, struct str value, struct error *err)
{
    (void)value;
    return error_set(err, ERROR_CONFIG, "never (%s)", p->name);
}

static void finds(const struct property *rows, const char *text)
{
    struct findings f;
    findings_init(&f);
    property_check_table(rows, &f);
    bool found = false;
    vec_each (&f.items, item)
        found |= strcmp(item->text.ptr, text) == 0;
    if (!found)
        fail_msg("not found: %s (but %s)", text, f.items.len ? f.items.items[0].text.ptr : "nothing");
    findings_release(&f);
}

#define FINDS(text, ...)                                                                                               \
    do {                                                                                                               \
        const struct property rows[] = {__VA_ARGS__, PROPERTY_END};                                                    \
        finds(rows, text);                                                                                             \
    } while (0)

static void test_check_table(void **state)
{
    (void)state;
    struct findings f;
    findings_init(&f);
    property_check_table(common, &f);
    property_check_table(table, &f);
    assert_int_equal(f.items.len, 0);
    findings_release(&f);

    static const char *const url_alias[] = {"connection.url", NULL}, *const twice[] = {"x", "x", NULL};
    static const char *const same[] = {"a", "A", NULL};
    FINDS("property a: no doc", PROPERTY_STRING("a", struct sample, url));
    FINDS("property a: no doc", PROPERTY_STRING("a", struct sample, url, .doc = " "));
    FINDS("property a: doc is not full sentences: it ends without a full stop",
          PROPERTY_STRING("a", struct sample, url, .doc = "half"));
    FINDS("property b: the default \"x\" is not valid: Not a number of type INT; write a whole number such as x",
          PROPERTY_INT("b", struct sample, batch, .fallback = "x", .doc = "B."));
    FINDS("property b: the default \"0\" is not valid: Value must be at least 1",
          PROPERTY_INT("b", struct sample, batch, .fallback = "0", .min = 1, .doc = "B."));
    FINDS("property b: the example \"0\" is not valid: Value must be at least 1",
          PROPERTY_INT("b", struct sample, batch, .example = "0", .min = 1, .doc = "B."));
    FINDS("property b: min is above max", PROPERTY_INT("b", struct sample, batch, .min = 3, .max = 2, .doc = "B."));
    FINDS("property s: limits are for INT and LONG only",
          PROPERTY_STRING("s", struct sample, url, .max = 2, .doc = "S."));
    FINDS("property s: the default \"v\" is not valid: never (s)",
          PROPERTY_STRING("s", struct sample, url, .fallback = "v", .check = never, .doc = "S."));
    FINDS("property m: an ENUM needs choices", PROPERTY_ENUM("m", struct sample, mode, .fallback = "a", .doc = "M."));
    FINDS("property m: the choice A stands twice",
          PROPERTY_ENUM("m", struct sample, mode, .choices = same, .fallback = "a", .doc = "M."));
    FINDS("property s: choices are for ENUM only",
          PROPERTY_STRING("s", struct sample, url, .choices = modes, .doc = "S."));
    FINDS("property s: required, and yet with a default",
          PROPERTY_STRING("s", struct sample, url, .fallback = "v", .flags = PROPERTY_REQUIRED, .doc = "S."));
    FINDS("property s: the name s is used by s too", PROPERTY_STRING("s", struct sample, url, .doc = "S."),
          PROPERTY_STRING("s", struct sample, user, .doc = "S."));
    FINDS("property s: the name connection.url is used by connection.url too",
          PROPERTY_STRING("connection.url", struct sample, url, .doc = "U."),
          PROPERTY_STRING("s", struct sample, user, .aliases = url_alias, .doc = "S."));
    FINDS("property s: the alias x stands twice",
          PROPERTY_STRING("s", struct sample, url, .aliases = twice, .doc = "S."));
    FINDS("property x: an alias is the name itself",
          PROPERTY_STRING("x", struct sample, url, .aliases = twice, .doc = "S."));
    FINDS("property a b: the name \"a b\" is not one", PROPERTY_STRING("a b", struct sample, url, .doc = "S."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validation_is_kafka_connects),
        cmocka_unit_test(test_validation_of_foreign_names),
        cmocka_unit_test(test_validation_shows_variables_unresolved),
        cmocka_unit_test(test_shown_values),
        cmocka_unit_test(test_masked_dump),
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_check_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
