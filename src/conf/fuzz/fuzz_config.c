/* Any bytes as each form of configuration file, and what is read through everything that shows it. The first byte
 * picks the form. */
#include "conf/conf.h"

struct target {
    struct str text;
    struct str_list list;
    int32_t number;
};

static const struct property table[] = {
    PROPERTY_STRING("a", struct target, text, .flags = PROPERTY_REQUIRED, .doc = "A."),
    PROPERTY_LIST("b", struct target, list, .fallback = "x,y", .doc = "B."),
    PROPERTY_INT("c", struct target, number, .fallback = "1", .doc = "C."),
    PROPERTY_END,
};
static const struct property *const tables[] = {table, NULL};

static int use(void *ctx, struct config_connector *found, struct error *err)
{
    (void)ctx;
    (void)err;
    struct target target = {0};
    struct findings findings;
    AUTO_BUF
    out = {0};
    findings_init(&findings);
    vec_each (&found->config.entries, e) /* variables would read files */
        if (e->value.ptr && str_find(e->value, '$') < e->value.len)
            e->value = STR_NULL;
    config_parse(table, &found->config, &target, &findings);
    config_check_unknown(tables, NULL, &found->config, &findings);
    config_write_validation(found->name, tables, &found->config, &findings, &out);
    config_write_masked(tables, &found->config, &out);
    findings_release(&findings);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const forms[] = {"f.properties", "f.json", "f.yaml", "f"};
    if (size < 1 || size > 64 * 1024)
        return 0;
    struct error err;
    config_read_text(str_of(data + 1, size - 1), forms[data[0] % 4], use, NULL, &err);
    return 0;
}
