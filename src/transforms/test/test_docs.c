/* The examples of docs/transforms.md: every one opens, and every transform and predicate has one. */
// link: plugins
#include "base/map.h"
#include "transforms/test/bench.h"

#include <stdio.h>

#define PAGE SOURCE_DIR "/docs/transforms.md"

enum { PAGE_MAX = 1 << 20 };

static struct str read_page(struct arena *arena)
{
    FILE *f = fopen(PAGE, "r");
    assert_non_null(f);
    char *text = arena_alloc(arena, PAGE_MAX);
    size_t len = fread(text, 1, PAGE_MAX, f);
    fclose(f);
    assert_in_range(len, 1, PAGE_MAX - 1);
    return str_of(text, len);
}

/* The settings of one plug-in, with no name among them that it does not know. */
static void parse_settings(const struct plugin_info *info, struct opened *o)
{
    struct findings findings;
    struct error err;
    const struct property *const tables[] = {info->properties, NULL};
    const char *const prefixes[] = {NULL};
    findings_init(&findings);
    for (const char *const *own = (const char *const[]){"type", "predicate", "negate", NULL}; *own; own++)
        config_remove(&o->raw, str_from(*own));
    o->parsed = mem_zalloc(info->config_size);
    config_parse(info->properties, &o->raw, o->parsed, &findings);
    config_check_unknown(tables, prefixes, &o->raw, &findings);
    if (findings.items.len)
        fail_msg("%s: %s", info->classes[0], findings_error(&findings, &err) ? err.text : "an unknown property");
    findings_release(&findings);
}

static void open_example_transform(struct config *example, const char *name, struct map *seen)
{
    struct opened o;
    struct error err;
    struct transform *t;
    enum transform_target target;
    config_init(&o.raw);
    config_sub(example, name, &o.raw);
    struct str type = config_get(&o.raw, "type");
    const struct transform_plugin *plugin = plugins_transform(&plugins_all, type, &target);
    if (!plugin)
        fail_msg(STR_FMT " is not known", STR_ARG(type));
    map_put(seen, str_from(plugin->info.classes[0]), seen);
    parse_settings(&plugin->info, &o);
    if (plugin->open(&(struct plugin_config){o.parsed, &o.raw}, target, &t, &err))
        fail_msg(STR_FMT ": %s", STR_ARG(type), err.text);
    plugin->close(t);
    close_config(&o);
}

static void open_example_predicate(struct config *example, const char *name, struct map *seen)
{
    struct opened o;
    struct error err;
    struct predicate *p;
    config_init(&o.raw);
    config_sub(example, name, &o.raw);
    struct str type = config_get(&o.raw, "type");
    const struct predicate_plugin *plugin = plugins_predicate(&plugins_all, type);
    if (!plugin)
        fail_msg(STR_FMT " is not known", STR_ARG(type));
    map_put(seen, str_from(plugin->info.classes[0]), seen);
    parse_settings(&plugin->info, &o);
    if (plugin->open(&(struct plugin_config){o.parsed, &o.raw}, &p, &err))
        fail_msg(STR_FMT ": %s", STR_ARG(type), err.text);
    plugin->close(p);
    close_config(&o);
}

/* Each name of the list "transforms" or "predicates". */
static void open_example(struct config *example, const char *list, struct map *seen)
{
    struct arena arena = {0};
    for (struct str rest = config_get(example, list); rest.ptr && rest.len;) {
        struct str name = str_trim(str_split(rest, ',', &rest));
        struct str prefix = arena_printf(&arena, "%s." STR_FMT ".", list, STR_ARG(name));
        if (str_is(str_from(list), "transforms"))
            open_example_transform(example, prefix.ptr, seen);
        else
            open_example_predicate(example, prefix.ptr, seen);
    }
    arena_free(&arena);
}

static void test_examples(void **state)
{
    (void)state;
    static const char begin[] = "```properties\n";
    struct arena arena = {0};
    struct map seen = {0};
    struct error err;
    struct str page = arena_str(&arena, read_page(&arena));
    for (const char *at = page.ptr; (at = strstr(at, begin));) {
        at += strlen(begin);
        const char *end = strstr(at, "```");
        assert_non_null(end);
        struct config example;
        config_init(&example);
        if (config_read_properties(str_of(at, (size_t)(end - at)), PAGE, &example, &err))
            fail_msg("%s", err.text);
        open_example(&example, "transforms", &seen);
        open_example(&example, "predicates", &seen);
        config_release(&example);
        at = end;
    }
    for (size_t i = 0; plugins_all.transforms[i]; i++)
        if (!map_find(&seen, str_from(plugins_all.transforms[i]->info.classes[0])))
            fail_msg("%s has no example", plugins_all.transforms[i]->info.classes[0]);
    for (size_t i = 0; plugins_all.predicates[i]; i++)
        if (!map_find(&seen, str_from(plugins_all.predicates[i]->info.classes[0])))
            fail_msg("%s has no example", plugins_all.predicates[i]->info.classes[0]);
    map_free(&seen, NULL);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_examples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
