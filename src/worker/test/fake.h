/*
 * A source, a converter, transforms, a predicate and a sink that do what a test tells them, and a worker over an
 * embedded log in a directory of its own.
 *
 * The source has rows 1, 2, 3 ... up to `fake.total`, of topic "rows" (or "rows-P" with more than one partition), and
 * the position {"n":N} in the partition {"p":P}. The sink keeps what was committed, and stores positions in the log,
 * and with them what is written to topics whose name begins with "dead".
 */
#ifndef WORKER_TEST_FAKE_H
#define WORKER_TEST_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/herder.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FAKE_MAX = 400000, FAKE_WAIT_MS = 20000 };

/* What a test sets, and what it looks at. */
static struct {
    atomic_llong total, batch_rows, position_every, partitions, headers;
    atomic_int check_finding, plan_tasks, plan_error, open_error, read_error, commit_error, write_error, encode_error;
    atomic_llong fail_row;                          /* the row at which read_error or encode_error happens; 0: none */
    atomic_int failing_encodes;                     /* so many encodes of fail_row fail; -1: all */
    atomic_int transform_error, failing_transforms; /* the same for the transform Rename; 0: ERROR_DATA */
    atomic_llong write_delay_us, payload;
    atomic_bool hold; /* the sink waits in write until it is false */

    atomic_int opened, closed, source_commits, sink_opened, sink_closed, aborts, commits;
    atomic_llong confirmed, read_rows, in_flight_max;
} fake;

static struct {
    pthread_mutex_t lock;
    int64_t *rows; /* committed, in order */
    size_t n;
    char topic[64], header[64], key[64];
} sunk = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void fake_reset(void)
{
    memset(&fake, 0, sizeof fake);
    fake.batch_rows = 100;
    fake.position_every = 1;
    fake.partitions = 1;
    fake.plan_tasks = 1;
    fake.failing_encodes = fake.failing_transforms = -1;
    pthread_mutex_lock(&sunk.lock);
    if (!sunk.rows)
        sunk.rows = mem_new_array(int64_t, FAKE_MAX);
    sunk.n = 0;
    pthread_mutex_unlock(&sunk.lock);
}

static size_t sunk_count(void)
{
    pthread_mutex_lock(&sunk.lock);
    size_t n = sunk.n;
    pthread_mutex_unlock(&sunk.lock);
    return n;
}

#define wait_until(condition)                                                                                          \
    do {                                                                                                               \
        int64_t wait_end = clock_mono_ms() + FAKE_WAIT_MS;                                                             \
        while (!(condition) && clock_mono_ms() < wait_end)                                                             \
            usleep(1000);                                                                                              \
        assert_true(condition);                                                                                        \
    } while (0)

/* Rows first .. last are there, each once, in order. */
static inline void assert_rows(int64_t first, int64_t last)
{
    pthread_mutex_lock(&sunk.lock);
    assert_int_equal(sunk.n, last - first + 1);
    for (size_t i = 0; i < sunk.n; i++)
        assert_int_equal(sunk.rows[i], first + (int64_t)i);
    pthread_mutex_unlock(&sunk.lock);
}

/* ---- source ---- */

struct fake_config {
    struct str secret, flavour;
    int32_t number;
};

static const struct property fake_properties[] = {
    PROPERTY_PASSWORD("fake.password", struct fake_config, secret, .group = "Fake", .doc = "A secret."),
    PROPERTY_STRING("fake.flavour", struct fake_config, flavour, .fallback = "plain", .group = "Fake",
                    .doc = "Some text."),
    PROPERTY_INT("fake.number", struct fake_config, number, .fallback = "1", .min = 0, .max = 9, .group = "Fake",
                 .doc = "A number."),
    PROPERTY_END,
};

struct source {
    struct source_env env;
    int64_t next[8]; /* of each partition */
    int64_t batches;
};

static void fake_check(const struct plugin_config *config, struct findings *findings)
{
    (void)config;
    if (fake.check_finding)
        findings_add(findings, FINDING_ERROR, STR("fake.flavour"), "the database has no such flavour");
}

static int fake_plan(const struct plugin_config *config, int max_tasks, struct source_tasks *ret, struct error *err)
{
    (void)config;
    if (fake.plan_error)
        return error_set(err, (enum error_code)(int)fake.plan_error, "the plan did not work");
    for (int i = 0; i < fake.plan_tasks && i < max_tasks; i++) {
        struct config *c = vec_push(&ret->items);
        char text[16];
        config_init(c);
        snprintf(text, sizeof text, "%d", i);
        config_set(c, STR("task.part"), str_from(text));
    }
    return 0;
}

static struct position_map partition_map(struct position_entry *entry, int64_t p)
{
    *entry = (struct position_entry){STR("p"), value_int64(p)};
    return (struct position_map){entry, 1};
}

static int fake_open(const struct source_env *env, const struct plugin_config *config, struct source **ret,
                     struct error *err)
{
    (void)config;
    fake.opened++;
    if (fake.open_error)
        return error_set(err, (enum error_code)(int)fake.open_error, "the database is not there");
    struct source *s = mem_new(struct source);
    struct arena arena = {0};
    s->env = *env;
    for (int64_t p = 0; p < 8; p++) {
        struct position_entry entry;
        struct position_map partition = partition_map(&entry, p), offset;
        s->next[p] = p + 1;
        if (env->offset(env->ctx, &partition, &arena, &offset)) {
            position_get_int(&offset, "n", &s->next[p]);
            s->next[p] += fake.partitions;
        }
    }
    arena_free(&arena);
    *ret = s;
    return 0;
}

static void fake_row(struct batch *batch, int64_t row, int64_t p)
{
    struct record *r = batch_add(batch);
    r->topic = fake.partitions > 1 ? arena_printf(&batch->arena, "rows-%d", (int)p) : STR("rows");
    r->key = value_int64(row);
    size_t payload = (size_t)fake.payload;
    struct value *items = arena_array(&batch->arena, struct value, 2);
    items[0] = value_int64(row);
    items[1] = value_bytes(memset(arena_alloc(&batch->arena, payload), 'x', payload), payload);
    r->value = value_items(VALUE_ARRAY, items, 2);
    if (!fake.headers)
        return;
    r->headers = arena_array(&batch->arena, struct header, 2);
    r->n_headers = 2;
    r->headers[0] = (struct header){.key = STR("text"), .value = value_str(STR("ä"))};
    r->headers[1] = (struct header){.key = STR("number"), .value = value_int64(row)};
}

/* The partition of row n is (n - 1) % partitions; a batch has rows of one. */
static int fake_read(struct source *s, struct batch *batch, struct error *err)
{
    int64_t p = s->batches % fake.partitions;
    int64_t last = 0;
    for (int64_t i = 0; i < fake.batch_rows && s->next[p] <= fake.total; i++) {
        if (fake.read_error && s->next[p] == fake.fail_row)
            return error_set(err, (enum error_code)(int)fake.read_error, "the connection broke at row %lld",
                             (long long)s->next[p]);
        last = s->next[p];
        fake_row(batch, last, p);
        s->next[p] += fake.partitions;
        fake.read_rows++;
        if (batch_bytes(batch) > s->env.max_batch_bytes)
            break;
    }
    s->batches++;
    if (batch->len == 0) {
        wake_wait(s->env.stop, -1, 0, 2);
        return 0;
    }
    long long ahead = fake.read_rows - (long long)sunk_count();
    if (ahead > fake.in_flight_max)
        fake.in_flight_max = ahead;
    if (s->batches % fake.position_every && last != fake.total)
        return 0;
    struct position_entry entry, offset = {STR("n"), value_int64(last)};
    struct position position = {partition_map(&entry, p), {&offset, 1}};
    batch_set_position(batch, &position);
    return 0;
}

static int fake_source_commit(struct source *s, const struct position *position, struct error *err)
{
    (void)s, (void)err;
    int64_t n = 0;
    assert(position_get_int(&position->offset, "n", &n));
    fake.confirmed = n;
    fake.source_commits++;
    return 0;
}

static void fake_close(struct source *s)
{
    fake.closed++;
    free(s);
}

static const struct source_plugin fake_source_plugin = {
    .info = {.classes = (const char *const[]){"org.fake.FakeSourceConnector", "fake", NULL},
             .version = "1.0",
             .title = "Rows",
             .doc = "Rows.",
             .properties = fake_properties,
             .config_size = sizeof(struct fake_config)},
    .check = fake_check,
    .plan = fake_plan,
    .open = fake_open,
    .read = fake_read,
    .commit = fake_source_commit,
    .close = fake_close,
};

/* ---- converter ---- */

struct converter {
    bool is_key;
};

struct fake_nothing {
    struct str text;
};

static const struct property nothing_properties[] = {
    PROPERTY_STRING("text", struct fake_nothing, text, .group = "Fake", .doc = "Some text."),
    PROPERTY_END,
};

static int converter_open(const struct converter_env *env, const struct plugin_config *config, struct converter **ret,
                          struct error *err)
{
    (void)config, (void)err;
    *ret = mem_new(struct converter);
    (*ret)->is_key = env->is_key;
    return 0;
}

static int converter_encode(struct converter *c, struct str topic, const struct schema *schema,
                            const struct value *value, struct buf *out, bool *ret_null, struct error *err)
{
    (void)topic, (void)schema, (void)ret_null;
    int64_t row = value->type == VALUE_ARRAY ? value->items[0].i : value->i;
    if (!c->is_key && row == fake.fail_row && fake.encode_error) {
        if (fake.failing_encodes < 0 || fake.failing_encodes-- > 0)
            return error_set(err, (enum error_code)(int)fake.encode_error, "row %lld has no form", (long long)row);
    }
    buf_add_int64(out, row);
    if (value->type == VALUE_ARRAY)
        buf_add(out, value->items[1].bytes, value->items[1].len);
    return 0;
}

static void converter_close(struct converter *c)
{
    free(c);
}

static const struct converter_plugin fake_converter_plugin = {
    .info = {.classes = (const char *const[]){"org.fake.FakeConverter", NULL},
             .version = "1.0",
             .title = "Numbers",
             .doc = "Numbers.",
             .properties = nothing_properties,
             .config_size = sizeof(struct fake_nothing)},
    .open = converter_open,
    .encode = converter_encode,
    .close = converter_close,
};

static int header_encode(struct converter *c, struct str topic, const struct schema *schema, const struct value *value,
                         struct buf *out, bool *ret_null, struct error *err)
{
    (void)c, (void)topic, (void)schema, (void)ret_null, (void)err;
    if (value->type == VALUE_STRING)
        buf_add_str(out, value_as_str(value));
    else
        buf_add_int64(out, value->i);
    return 0;
}

static const struct converter_plugin fake_header_plugin = {
    .info = {.classes = (const char *const[]){SIMPLE_HEADER_CONVERTER, NULL},
             .version = "1.0",
             .title = "Text",
             .doc = "Text.",
             .properties = nothing_properties,
             .config_size = sizeof(struct fake_nothing)},
    .open = converter_open,
    .encode = header_encode,
    .close = converter_close,
};

/* ---- transforms: drop odd rows; rename the topic; fail at a row ---- */

struct transform {
    struct str text;
};

static int transform_open(const struct plugin_config *config, enum transform_target target, struct transform **ret,
                          struct error *err)
{
    (void)target, (void)err;
    *ret = mem_new(struct transform);
    (*ret)->text = ((const struct fake_nothing *)config->parsed)->text;
    return 0;
}

static int transform_drop(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                          size_t *err_index, struct error *err)
{
    (void)t, (void)err_index, (void)err;
    for (size_t i = from; i < to; i++)
        drop[i - from] = batch->records[i].key.i % 2 != 0;
    return 0;
}

static int transform_rename(struct transform *t, struct batch *batch, size_t from, size_t to, bool *drop,
                            size_t *err_index, struct error *err)
{
    (void)drop;
    for (size_t i = from; i < to; i++) {
        bool fails = batch->records[i].key.i == fake.fail_row && !fake.encode_error;
        if (fails && (fake.failing_transforms < 0 || fake.failing_transforms-- > 0)) {
            *err_index = i;
            return error_set(err, fake.transform_error ? (enum error_code)(int)fake.transform_error : ERROR_DATA,
                             "row %lld cannot be renamed", (long long)fake.fail_row);
        }
        batch->records[i].topic = arena_str(&batch->arena, t->text);
    }
    return 0;
}

static void transform_close(struct transform *t)
{
    free(t);
}

#define FAKE_TRANSFORM(function, ...)                                                                                  \
    {                                                                                                                  \
        .info = {.classes = (const char *const[]){__VA_ARGS__, NULL},                                                  \
                 .version = "1.0",                                                                                     \
                 .title = "T",                                                                                         \
                 .doc = "T.",                                                                                          \
                 .properties = nothing_properties,                                                                     \
                 .config_size = sizeof(struct fake_nothing)},                                                          \
        .open = transform_open, .apply = (function), .close = transform_close                                          \
    }

static const struct transform_plugin drop_transform = FAKE_TRANSFORM(transform_drop, "org.fake.Drop");
static const struct transform_plugin rename_transform = FAKE_TRANSFORM(transform_rename, "org.fake.Rename");

/* ---- predicate: rows up to 5 ---- */

struct predicate {
    int unused;
};

static int predicate_open(const struct plugin_config *config, struct predicate **ret, struct error *err)
{
    (void)config, (void)err;
    *ret = mem_new(struct predicate);
    return 0;
}

static bool predicate_test(struct predicate *p, const struct record *record)
{
    (void)p;
    return record->key.i <= 5;
}

static void predicate_close(struct predicate *p)
{
    free(p);
}

static const struct predicate_plugin first_predicate = {
    .info = {.classes = (const char *const[]){"org.fake.First", NULL},
             .version = "1.0",
             .title = "P",
             .doc = "P.",
             .properties = nothing_properties,
             .config_size = sizeof(struct fake_nothing)},
    .open = predicate_open,
    .test = predicate_test,
    .close = predicate_close,
};

/* ---- sink ---- */

struct sink {
    struct sink_env env;
    struct topics_txn *txn;
    VEC(int64_t) rows;
};

static int sink_open(const struct sink_env *env, const struct plugin_config *config, struct sink **ret,
                     struct error *err)
{
    (void)config;
    struct sink *s = mem_new(struct sink);
    s->env = *env;
    int code = topics_txn_open(env->topics, str_from(env->owner), &s->txn, err);
    if (code) {
        free(s);
        return code;
    }
    fake.sink_opened++;
    *ret = s;
    return 0;
}

static void copy_text(char *room, struct str text)
{
    snprintf(room, 64, STR_FMT, (int)(text.len < 63 ? text.len : 63), text.ptr);
}

static int sink_keep(struct sink *s, const struct sink_record *records, size_t n, struct error *err)
{
    struct topics_target *target;
    int code = topics_target(s->env.topics, records[0].topic, &target, err);
    for (size_t i = 0; i < n && !code; i++)
        code = topics_append(s->txn, target, 0, &records[i].record, err);
    return code;
}

static int sink_write(struct sink *s, const struct sink_record *records, size_t n, struct error *err)
{
    if (str_starts(records[0].topic, "dead"))
        return sink_keep(s, records, n, err);
    while (fake.hold)
        usleep(500);
    if (fake.write_delay_us)
        usleep((useconds_t)fake.write_delay_us);
    if (fake.write_error)
        return error_set(err, (enum error_code)(int)fake.write_error, "the disk is gone");
    for (size_t i = 0; i < n; i++) {
        struct str value = records[i].record.value;
        while (value.len && value.ptr[value.len - 1] == 'x')
            value.len--;
        int64_t row = 0;
        assert(str_to_int64(value, &row));
        *vec_push(&s->rows) = row;
    }
    pthread_mutex_lock(&sunk.lock);
    copy_text(sunk.topic, records[n - 1].topic);
    copy_text(sunk.key, records[n - 1].record.key);
    AUTO_BUF headers = {0};
    for (uint32_t i = 0; i < records[n - 1].record.n_headers; i++)
        buf_printf(&headers, STR_FMT "=" STR_FMT ";", STR_ARG(records[n - 1].record.headers[i].key),
                   STR_ARG(records[n - 1].record.headers[i].value));
    copy_text(sunk.header, buf_str(&headers));
    pthread_mutex_unlock(&sunk.lock);
    return 0;
}

static int sink_commit(struct sink *s, const struct sink_commit *commit, struct error *err)
{
    struct topics_target *target;
    struct topics_record record = {.key = commit->offset_key, .value = commit->offset_value, .timestamp = INT64_MIN};
    if (fake.commit_error)
        return error_set(err, (enum error_code)(int)fake.commit_error, "the commit failed");
    int code = topics_target(s->env.topics, s->env.offsets_topic, &target, err);
    if (!code)
        code = topics_append(s->txn, target, 0, &record, err);
    if (!code)
        code = topics_commit(s->txn, err);
    if (code)
        return code;
    pthread_mutex_lock(&sunk.lock);
    for (size_t i = 0; i < s->rows.len; i++)
        if (sunk.n < FAKE_MAX)
            sunk.rows[sunk.n++] = s->rows.items[i];
    pthread_mutex_unlock(&sunk.lock);
    s->rows.len = 0;
    fake.commits++;
    s->env.acknowledged(s->env.ctx, commit->sequence);
    return 0;
}

static void sink_abort(struct sink *s)
{
    s->rows.len = 0;
    topics_abort(s->txn);
    fake.aborts++;
}

static void sink_close(struct sink *s)
{
    topics_txn_close(s->txn);
    vec_free(&s->rows);
    free(s);
    fake.sink_closed++;
}

static const struct sink_plugin fake_sink_plugin = {
    .info = {.classes = (const char *const[]){"org.fake.FakeSink", "fake", NULL},
             .version = "1.0",
             .title = "S",
             .doc = "S.",
             .properties = nothing_properties,
             .config_size = sizeof(struct fake_nothing)},
    .open = sink_open,
    .write = sink_write,
    .commit = sink_commit,
    .abort = sink_abort,
    .close = sink_close,
};

static const struct plugins fake_plugins = {
    .sources = (const struct source_plugin *const[]){&fake_source_plugin, NULL},
    .transforms = (const struct transform_plugin *const[]){&drop_transform, &rename_transform, NULL},
    .converters = (const struct converter_plugin *const[]){&fake_converter_plugin, &fake_header_plugin, NULL},
    .sinks = (const struct sink_plugin *const[]){&fake_sink_plugin, NULL},
    .predicates = (const struct predicate_plugin *const[]){&first_predicate, NULL},
};

/* ---- a worker over a log of its own ---- */

struct fixture {
    char dir[64];
    struct topics *topics;
    struct worker *worker;
    struct config properties;
};

static inline void fixture_up(struct fixture *f)
{
    struct error err = {0};
    struct topics_embedded_options log = {.dir = f->dir, .max_bytes = 64 * 1024 * 1024, .relaxed_durability = true};
    if (topics_open_embedded(&log, &f->topics, &err))
        fail_msg("%s", err.text);
    struct worker_options options = {
        .topics = f->topics,
        .plugins = &fake_plugins,
        .properties = &f->properties,
        .sink = "fake",
    };
    if (worker_start(&options, &f->worker, &err))
        fail_msg("%s", err.text);
}

static inline void fixture_down(struct fixture *f)
{
    worker_stop(f->worker);
    topics_close(f->topics);
    f->worker = NULL;
    f->topics = NULL;
}

static inline int fixture_setup(void **state)
{
    struct fixture *f = mem_new(struct fixture);
    fake_reset();
    log_forget_levels();
    if (!getenv("TEST_LOG"))
        log_set_level(LOG_ERROR);
    const char *tmp = getenv("TMPDIR");
    snprintf(f->dir, sizeof f->dir, "%s/worker-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    if (!mkdtemp(f->dir))
        return -1;
    config_init(&f->properties);
    config_set(&f->properties, STR("key.converter"), STR("org.fake.FakeConverter"));
    config_set(&f->properties, STR("value.converter"), STR("org.fake.FakeConverter"));
    fixture_up(f);
    *state = f;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    fake.hold = false;
    if (f->worker)
        fixture_down(f);
    config_release(&f->properties);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    int status = system(command);
    free(f);
    return status;
}

/* Pairs of names and values, ended by NULL. */
static inline void fake_configv(struct config *c, va_list args)
{
    config_set(c, STR("connector.class"), STR("fake"));
    config_set(c, STR("task.restart.backoff.ms"), STR("20"));
    for (const char *name; (name = va_arg(args, const char *));)
        config_set(c, str_from(name), str_from(va_arg(args, const char *)));
}

static inline int put(struct fixture *f, const char *name, ...)
{
    struct config c;
    struct error err = {0};
    va_list args;
    config_init(&c);
    va_start(args, name);
    fake_configv(&c, args);
    va_end(args);
    int code = worker_put_connector(f->worker, str_from(name), &c, &err);
    if (code)
        print_message("%s\n", err.text);
    config_release(&c);
    return code;
}

static inline void await(struct fixture *f, const char *name, enum worker_state wanted)
{
    struct error err = {0};
    if (worker_await(f->worker, str_from(name), wanted, FAKE_WAIT_MS, &err))
        fail_msg("%s", err.text);
}

static inline enum worker_state task_state(struct fixture *f, const char *name, size_t task, struct buf *trace)
{
    struct arena arena = {0};
    struct worker_connector_status status;
    enum worker_state found = WORKER_DESTROYED;
    if (worker_status(f->worker, str_from(name), &arena, &status, NULL) == 0 && task < status.n_tasks) {
        found = status.tasks[task].state;
        if (trace) {
            buf_clear(trace);
            buf_add_str(trace, status.tasks[task].trace);
        }
    }
    arena_free(&arena);
    return found;
}

#endif
