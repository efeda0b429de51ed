/* Acknowledgements, rules for new topics, tables of properties, findings, transforms without a task around them. */
#include "worker/test/fake.h"

#include "worker/acks.h"
#include "worker/chain.h"
#include "worker/topic_rules.h"

/* ---- acks ---- */

static struct position position_of(struct position_entry *entry, int64_t n)
{
    *entry = (struct position_entry){STR("n"), value_int64(n)};
    return (struct position){{NULL, 0}, {entry, 1}};
}

static int64_t n_of(const struct position *p)
{
    int64_t n = -1;
    position_get_int(&p->offset, "n", &n);
    return n;
}

static void acks_give_the_newest_that_is_done(void **state)
{
    (void)state;
    struct acks a;
    struct arena arena = {0};
    struct position_entry entry;
    struct position p, taken;
    uint64_t commits, records, bytes;
    acks_init(&a);
    assert_true(acks_wait(&a, 0));
    for (uint64_t i = 1; i <= 10; i++) {
        p = position_of(&entry, (int64_t)i * 100);
        assert_true(acks_push(&a, i, &p, i, 10 * i));
    }
    assert_false(acks_take(&a, &arena, &taken));
    acks_done(&a, 3, &commits, &records, &bytes);
    assert_int_equal(commits, 3);
    assert_int_equal(records, 6);
    assert_int_equal(bytes, 60);
    assert_true(acks_take(&a, &arena, &taken));
    assert_int_equal(n_of(&taken), 300);
    assert_false(acks_take(&a, &arena, &taken));
    acks_done(&a, 3, &commits, &records, &bytes);
    assert_int_equal(commits, 0);
    assert_false(acks_wait(&a, 10));
    acks_done(&a, 10, &commits, &records, &bytes);
    assert_int_equal(commits, 7);
    assert_true(acks_wait(&a, 0));
    assert_true(acks_take(&a, &arena, &taken));
    assert_int_equal(n_of(&taken), 1000);
    arena_free(&arena);
    acks_release(&a);
}

static void *finish_later(void *arg)
{
    uint64_t commits, records, bytes;
    usleep(10000);
    acks_done(arg, 1, &commits, &records, &bytes);
    return NULL;
}

static void acks_bound_what_is_under_way(void **state)
{
    (void)state;
    struct acks a;
    struct position_entry entry;
    struct position p = position_of(&entry, 1);
    pthread_t thread;
    acks_init(&a);
    for (uint64_t i = 1; i <= ACKS_MAX; i++)
        assert_true(acks_push(&a, i, &p, 1, 1));
    pthread_create(&thread, NULL, finish_later, &a);
    assert_true(acks_push(&a, ACKS_MAX + 1, &p, 1, 1)); /* after a wait */
    pthread_join(thread, NULL);
    acks_close(&a);
    assert_false(acks_push(&a, ACKS_MAX + 2, &p, 1, 1));
    acks_release(&a);
}

/* ---- topic.creation.* ---- */

static void settings_of(struct config *c, struct connector_settings *settings, ...)
{
    va_list args;
    struct findings findings;
    findings_init(&findings);
    config_init(c);
    config_set(c, STR("name"), STR("c"));
    va_start(args, settings);
    fake_configv(c, args);
    va_end(args);
    *settings = (struct connector_settings){0};
    config_parse(connector_properties, c, settings, &findings);
    findings_release(&findings);
}

static void topics_take_the_first_group_that_wants_them(void **state)
{
    (void)state;
    struct config c;
    struct connector_settings settings;
    struct topic_rules *r;
    struct topic_config found;
    struct error err = {0};
    settings_of(&c, &settings, "topic.creation.groups", "compacted, wide", "topic.creation.default.partitions", "3",
                "topic.creation.default.replication.factor", "-1", "topic.creation.default.retention.ms", "1000",
                "topic.creation.compacted.include", "db\\.state\\..*,other", "topic.creation.compacted.exclude",
                ".*\\.log", "topic.creation.compacted.cleanup.policy", "compact", "topic.creation.wide.include", "db.*",
                "topic.creation.wide.partitions", "12", "topic.creation.wide.cleanup.policy", "compact,delete", NULL);
    assert_int_equal(topic_rules_open(&settings, &c, &r, &err), 0);
    struct topic_config fallback = topic_rules_default(r);
    assert_int_equal(fallback.partitions, 3);
    assert_int_equal(fallback.retention_ms, 1000);
    assert_true(fallback.cleanup_delete && !fallback.compact);
    assert_true(topic_rules_group(r, STR("db.state.x"), &found));
    assert_true(found.compact && !found.cleanup_delete);
    assert_int_equal(found.partitions, 3);
    assert_true(topic_rules_group(r, STR("db.state.log"), &found));
    assert_int_equal(found.partitions, 12);
    assert_true(found.compact && found.cleanup_delete);
    assert_true(topic_rules_group(r, STR("other"), &found));
    assert_false(topic_rules_group(r, STR("another"), &found));
    topic_rules_close(r);
    config_release(&c);
}

static void wrong_rules_are_findings(void **state)
{
    (void)state;
    struct config c;
    struct connector_settings settings;
    struct findings findings;
    struct topic_rules *r = NULL;
    struct error err = {0};
    findings_init(&findings);
    settings_of(&c, &settings, "topic.creation.groups", "g", "topic.creation.g.include", "a(b",
                "topic.creation.g.partitions", "0", "topic.creation.default.cleanup.policy", "burn", NULL);
    topic_rules_check(&settings, &c, &findings);
    assert_int_equal(findings.errors, 4); /* the group has the default's policy, too */
    assert_int_equal(topic_rules_open(&settings, &c, &r, &err), ERROR_CONFIG);
    assert_null(r);
    topic_rules_close(NULL);
    findings_release(&findings);
    config_release(&c);
}

/* ---- findings ---- */

static size_t errors_of(struct buf *text, ...)
{
    struct config c;
    struct findings findings;
    va_list args;
    config_init(&c);
    findings_init(&findings);
    va_start(args, text);
    fake_configv(&c, args);
    va_end(args);
    config_set(&c, STR("key.converter"), STR("org.fake.FakeConverter"));
    config_set(&c, STR("value.converter"), STR("org.fake.FakeConverter"));
    worker_validate(&fake_plugins, NULL, STR("c"), &c, false, &findings);
    buf_clear(text);
    for (size_t i = 0; i < findings.items.len; i++)
        buf_printf(text, STR_FMT "\n", STR_ARG(findings.items.items[i].text));
    size_t errors = findings.errors;
    findings_release(&findings);
    config_release(&c);
    return errors;
}

static void has(struct buf *text, const char *part)
{
    if (!strstr(buf_cstr(text), part))
        fail_msg("\"%s\" is missing in: %s", part, buf_cstr(text));
}

static void every_mistake_is_found(void **state)
{
    (void)state;
    AUTO_BUF text = {0};
    assert_int_equal(errors_of(&text, NULL), 0);
    assert_int_equal(text.len, 0);
    assert_int_equal(errors_of(&text, "fake.flavor", "x", NULL), 0);
    has(&text, "fake.flavour"); /* a warning with the name that was meant */
    assert_int_equal(errors_of(&text, "name", "other", NULL), 1);
    assert_int_equal(errors_of(&text, "name", "a\tb", NULL), 2); /* control character, and not the name of the URL */
    assert_int_equal(errors_of(&text, "connector.class", "", NULL), 1);
    assert_int_equal(errors_of(&text, "connector.class", "org.fake.FakeSourceConector", NULL), 1);
    has(&text, "org.fake.FakeSourceConnector");
    assert_int_equal(errors_of(&text, "transforms", "a,b", "transforms.a.type", "org.fake.Drop", NULL), 1);
    has(&text, "transforms.b.type");
    assert_int_equal(errors_of(&text, "transforms", "a", "transforms.a.type", "org.fake.Drop$Value", NULL), 1);
    assert_int_equal(
        errors_of(&text, "transforms", "a", "transforms.a.type", "org.fake.Drop", "transforms.a.txet", "x", NULL), 0);
    has(&text, "transforms.a.txet");
    assert_int_equal(errors_of(&text, "transforms", "a", "transforms.a.type", "org.fake.Drop", "predicates", "p",
                               "transforms.a.predicate", "p", "predicates.p.type", "org.fake.Fist",
                               "transforms.a.negate", "maybe", NULL),
                     2);
    has(&text, "the nearest is org.fake.First");
    assert_int_equal(errors_of(&text, "header.converter", "org.fake.Nothing", NULL), 1);
    has(&text, "header.converter");
    assert_int_equal(errors_of(&text, "errors.tolerance", "most", "max.queue.size", "0", "tasks.max", "9999",
                               "exactly.once.support", "never", NULL),
                     4);
    assert_int_equal(errors_of(&text, "errors.tolerance", "ALL", "max.queue.size.in.bytes", "100000", NULL), 0);
}

static void tables_are_sound(void **state)
{
    (void)state;
    struct findings findings;
    findings_init(&findings);
    property_check_table(connector_properties, &findings);
    property_check_table(worker_properties, &findings);
    for (size_t i = 0; i < findings.items.len; i++)
        print_error(STR_FMT "\n", STR_ARG(findings.items.items[i].text));
    assert_int_equal(findings.items.len, 0);
    findings_release(&findings);
}

/* ---- transforms ---- */

static void a_chain_keeps_what_is_in_front_of_an_error(void **state)
{
    (void)state;
    struct config c;
    struct connector_settings settings;
    struct chain *chain;
    struct error err = {0};
    struct batch batch;
    struct wake stop;
    atomic_ullong skipped = 0;
    fake_reset();
    wake_init(&stop);
    settings_of(&c, &settings, "transforms", "t,d", "transforms.t.type", "org.fake.Rename", "transforms.t.text", "new",
                "transforms.d.type", "org.fake.Drop", "errors.tolerance", "all", NULL);
    assert_int_equal(chain_open(&fake_plugins, &settings, &c, &chain, &err), 0);
    struct tolerance tolerance = {.settings = &settings, .context = "test", .stop = &stop, .skipped = &skipped};
    batch_init(&batch);
    for (int i = 1; i <= 10; i++) {
        struct record *r = batch_add(&batch);
        r->topic = STR("old");
        r->key = value_int64(i);
    }
    fake.fail_row = 4;
    log_set_level(LOG_ERROR);
    assert_int_equal(chain_apply(chain, &batch, &tolerance, &err), 0);
    assert_int_equal(skipped, 1);
    assert_int_equal(batch.len, 4); /* 2 6 8 10 */
    for (size_t i = 0; i < batch.len; i++)
        assert_true(str_is(batch.records[i].topic, "new"));
    assert_int_equal(batch.records[1].key.i, 6);
    settings.tolerance = TOLERANCE_NONE;
    fake.fail_row = 8;
    assert_int_equal(chain_apply(chain, &batch, &tolerance, &err), ERROR_DATA);
    assert_string_equal(err.text, "transform t: row 8 cannot be renamed");
    batch_reset(&batch);
    assert_int_equal(chain_apply(chain, &batch, &tolerance, &err), 0);
    batch_release(&batch);
    chain_close(chain);
    chain_close(NULL);
    config_release(&c);
    wake_release(&stop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acks_give_the_newest_that_is_done),
        cmocka_unit_test(acks_bound_what_is_under_way),
        cmocka_unit_test(topics_take_the_first_group_that_wants_them),
        cmocka_unit_test(wrong_rules_are_findings),
        cmocka_unit_test(every_mistake_is_found),
        cmocka_unit_test(tables_are_sound),
        cmocka_unit_test(a_chain_keeps_what_is_in_front_of_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
