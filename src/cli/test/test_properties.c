// link: plugins
/* A walk over every property table of the program: doc present, default valid, names unique; and over what every
 * plug-in says of itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/plugin_rows.h"
#include "worker/topics_routes.h"
#include "worker/worker.h"

#include <stdio.h>

static size_t complain(const char *who, const struct property *table)
{
    struct findings f;
    findings_init(&f);
    property_check_table(table, &f);
    vec_each (&f.items, item)
        fprintf(stderr, "%s: %s\n", who, item->text.ptr);
    size_t n = f.items.len;
    findings_release(&f);
    return n;
}

static void test_tables_of_the_worker(void **state)
{
    (void)state;
    size_t wrong = complain("worker", worker_properties) + complain("connector", connector_properties);
    assert_int_equal(wrong, 0);
}

static void test_tables_of_plug_ins(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct plugin_row *rows;
    size_t n = plugin_rows(&plugins_all, &arena, &rows), wrong = 0;
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++) {
        const char *name = rows[i].info->classes[0];
        wrong += complain(name, rows[i].info->properties);
        if (!rows[i].info->title || !*rows[i].info->title || !rows[i].info->doc || !*rows[i].info->doc ||
            !rows[i].info->version) {
            fprintf(stderr, "%s: title, doc or version missing\n", name);
            wrong++;
        }
        property_each (rows[i].info->properties, p) {
            if (p->offset >= rows[i].info->config_size) {
                fprintf(stderr, "%s: %s lies outside of the struct\n", name, p->name);
                wrong++;
            }
        }
    }
    arena_free(&arena);
    assert_int_equal(wrong, 0);
}

/* A source's table and the common one must not claim the same name: both are parsed from one configuration. */
static void test_sources_and_common_names(void **state)
{
    (void)state;
    const struct property *const common[] = {connector_properties, NULL};
    size_t wrong = 0;
    for (const struct source_plugin *const *s = plugins_all.sources; s && *s; s++) {
        property_each ((*s)->info.properties, p) {
            if (property_find(common, str_from(p->name))) {
                fprintf(stderr, "%s: %s is a property of every connector\n", (*s)->info.classes[0], p->name);
                wrong++;
            }
        }
    }
    assert_int_equal(wrong, 0);
}

/* Within a kind a class means one plug-in. */
static void test_class_names(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct plugin_row *rows;
    size_t n = plugin_rows(&plugins_all, &arena, &rows), wrong = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            for (const char *const *a = rows[i].info->classes; *a; a++)
                for (const char *const *b = rows[j].info->classes; *b; b++)
                    if (strcmp(rows[i].kind, rows[j].kind) == 0 && strcmp(*a, *b) == 0)
                        wrong += (size_t)fprintf(stderr, "%s %s stands for two plug-ins\n", rows[i].kind, *a);
    arena_free(&arena);
    assert_int_equal(wrong, 0);
}

static void test_routes_are_documented(void **state)
{
    (void)state;
    const struct http_route *const tables[] = {worker_routes, topics_routes, NULL};
    for (const struct http_route *const *t = tables; *t; t++)
        for (const struct http_route *r = *t; r->method; r++)
            if (!r->doc || !*r->doc || str_ends(str_from(r->doc), "."))
                fail_msg("%s %s: doc is one sentence without its full stop", r->method, r->path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_of_the_worker),     cmocka_unit_test(test_tables_of_plug_ins),
        cmocka_unit_test(test_sources_and_common_names), cmocka_unit_test(test_class_names),
        cmocka_unit_test(test_routes_are_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
