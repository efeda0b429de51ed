#include "cli/consume.h"

#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/run_file.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    PAGE_RECORDS = 1000,
    POLL_MAX_MS = 10 * 1000, /* one long poll */
    POLL_SEVERAL_MS = 1000,  /* the same with several partitions: the end of one ends the others after it */
    LOOK_AGAIN_MS = 100,     /* for a process that starts, stops, or has not made the topic yet */
    BUSY_LIMIT_MS = 30000,   /* a directory that is held by a process which does not get ready */
};

struct consumer {
    const struct consume_settings *settings;
    struct arena arena;
    int64_t *offsets; /* by partition: the next one; NULL until the topic is known */
    int32_t partitions;

    pthread_mutex_t lock; /* of what follows, and of stdout */
    struct value_text *keys, *values;
    int64_t printed, last_ms; /* when a record came last */
    bool done;
    enum consume_end end;
    int code; /* first error of a partition's thread */
    struct error err;
};

/* One partition being followed on a live log, in its own thread when there are several. */
struct follower {
    struct consumer *consumer;
    int32_t partition;
    struct log_access *log;
    int64_t poll_ms;
    pthread_t thread;
};

/* ---- printing ---- */

static int print_record(struct consumer *c, struct log_access *log, const struct topics_record *r, struct buf *out,
                        struct error *err)
{
    int code = 0;
    if (c->settings->keys) {
        code = value_text_write(c->keys, log, r->key, out, err);
        buf_add_char(out, '\t');
    }
    if (!code)
        code = value_text_write(c->values, log, r->value, out, err);
    buf_add_char(out, '\n');
    if (code)
        error_context(err, "%s offset %lld", c->settings->topic, (long long)r->offset);
    return code;
}

static int print_page(struct consumer *c, struct log_access *log, int32_t partition, const struct log_page *page,
                      struct error *err)
{
    AUTO_BUF out = {0};
    int code = 0;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; !code && !c->done && i < page->n; i++) {
        size_t len = out.len;
        code = print_record(c, log, &page->records[i], &out, err);
        if (code) {
            out.len = len;
            break;
        }
        c->offsets[partition] = page->records[i].offset + 1;
        if (++c->printed == c->settings->max_messages) {
            c->done = true;
            c->end = CONSUME_MAX_MESSAGES;
        }
    }
    if (page->n)
        c->last_ms = clock_mono_ms();
    else if (!c->done)
        c->offsets[partition] = page->next;
    cli_print(buf_str(&out));
    pthread_mutex_unlock(&c->lock);
    return code;
}

/* How long may still be waited for a record; INT64_MAX: for ever. Marks the end when the time is over. */
static int64_t patience(struct consumer *c)
{
    int64_t timeout = c->settings->timeout_ms;
    pthread_mutex_lock(&c->lock);
    int64_t left = timeout < 0 ? INT64_MAX : timeout - (clock_mono_ms() - c->last_ms);
    pthread_mutex_unlock(&c->lock);
    return left < 0 ? 0 : left;
}

static bool is_done(struct consumer *c)
{
    pthread_mutex_lock(&c->lock);
    bool done = c->done || c->code;
    pthread_mutex_unlock(&c->lock);
    return done;
}

static void time_is_over(struct consumer *c)
{
    pthread_mutex_lock(&c->lock);
    if (!c->done) {
        c->done = true;
        c->end = CONSUME_TIMEOUT;
    }
    pthread_mutex_unlock(&c->lock);
}

static void nap(int64_t ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000}, NULL);
}

/* ---- reading ---- */

/* Everything that is there now. */
static int drain(struct consumer *c, struct log_access *log, int32_t partition, struct error *err)
{
    struct arena arena = {0};
    int code = 0;
    for (bool more = true; !code && more && !is_done(c);) {
        struct log_page page;
        arena_reset(&arena);
        code = log_access_read(log, str_from(c->settings->topic), partition, c->offsets[partition], PAGE_RECORDS, 0,
                               &arena, &page, err);
        more = !code && page.n;
        if (!code)
            code = print_page(c, log, partition, &page, err);
    }
    arena_free(&arena);
    return code;
}

/* Until the end of the consumer, or of the process that is asked (ERROR_CONNECTION). */
static int follow(struct follower *f, struct error *err)
{
    struct consumer *c = f->consumer;
    struct arena arena = {0};
    int code = 0;
    while (!code && !is_done(c)) {
        struct log_page page;
        int64_t left = patience(c), wait = left < f->poll_ms ? left : f->poll_ms;
        arena_reset(&arena);
        code = log_access_read(f->log, str_from(c->settings->topic), f->partition, c->offsets[f->partition],
                               PAGE_RECORDS, wait, &arena, &page, err);
        if (!code)
            code = print_page(c, f->log, f->partition, &page, err);
        if (!code && !page.n && patience(c) == 0)
            time_is_over(c);
    }
    arena_free(&arena);
    return code;
}

static void *follow_thread(void *arg)
{
    struct follower *f = arg;
    struct error err = {0};
    int code = follow(f, &err);
    pthread_mutex_lock(&f->consumer->lock);
    if (code && !f->consumer->code) {
        f->consumer->code = code;
        f->consumer->err = err;
    }
    pthread_mutex_unlock(&f->consumer->lock);
    return NULL;
}

static int follow_all(struct consumer *c, int32_t first, int32_t end, struct error *err)
{
    AUTO_FREE struct follower *followers = mem_new_array(struct follower, (size_t)c->partitions);
    int32_t started = first;
    int code = 0;
    for (; !code && started < end; started++) {
        struct follower *f = &followers[started];
        *f = (struct follower){.consumer = c, .partition = started, .poll_ms = POLL_SEVERAL_MS};
        code = log_access_open(c->settings->dir, &f->log, err);
        if (!code && !log_access_is_live(f->log)) {
            log_access_close(f->log);
            code = error_set(err, ERROR_CONNECTION, "the process on %s has ended", c->settings->dir);
        }
        if (!code && pthread_create(&f->thread, NULL, follow_thread, f)) {
            log_access_close(f->log);
            code = error_set(err, ERROR_INTERNAL, "no thread for partition %d", started);
        }
        if (code)
            break;
    }
    if (code) {
        pthread_mutex_lock(&c->lock);
        c->code = c->code ? c->code : code;
        c->err = err ? *err : c->err;
        pthread_mutex_unlock(&c->lock);
    }
    for (int32_t p = first; p < started; p++) {
        pthread_join(followers[p].thread, NULL);
        log_access_close(followers[p].log);
    }
    code = c->code;
    if (code && err)
        *err = c->err;
    c->code = 0;
    return code;
}

/* What is there, partition by partition, and then, where a process is asked, what comes in any of them. */
static int read_partitions(struct consumer *c, struct log_access *log, struct error *err)
{
    int32_t only = c->settings->partition, first = only < 0 ? 0 : only, end = only < 0 ? c->partitions : only + 1;
    int code = 0;
    for (int32_t p = first; !code && p < end; p++)
        code = drain(c, log, p, err);
    if (code || is_done(c) || !log_access_is_live(log) || c->settings->timeout_ms == 0)
        return code;
    if (end - first > 1)
        return follow_all(c, first, end, err);
    struct follower f = {.consumer = c, .partition = first, .log = log, .poll_ms = POLL_MAX_MS};
    return follow(&f, err);
}

/* ---- the topic, as soon as there is one ---- */

static int begin(struct consumer *c, struct log_access *log, struct error *err)
{
    struct topic_info info;
    struct log_offsets *offsets;
    if (c->offsets)
        return 0;
    int code = log_access_describe(log, str_from(c->settings->topic), &c->arena, &info, &offsets, err);
    if (code)
        return code;
    if (c->settings->partition >= info.config.partitions)
        return error_set(err, ERROR_REQUEST, "the topic %s has partitions 0 to %d, no %d", c->settings->topic,
                         info.config.partitions - 1, c->settings->partition);
    c->partitions = info.config.partitions;
    c->offsets = arena_array(&c->arena, int64_t, (size_t)c->partitions);
    for (int32_t p = 0; p < c->partitions; p++) {
        c->offsets[p] = c->settings->offset;
        if (c->settings->offset == TOPICS_END)
            c->offsets[p] = offsets[p].end;
    }
    return 0;
}

static void say_no_topic(struct consumer *c, struct log_access *log)
{
    struct arena arena = {0};
    struct topic_info *infos;
    size_t n = 0;
    struct str near = STR_NULL;
    if (!log_access_list(log, &arena, &infos, &n, NULL)) {
        struct str *names = arena_array(&arena, struct str, n + 1);
        for (size_t i = 0; i < n; i++)
            names[i] = infos[i].name;
        near = findings_nearest(str_from(c->settings->topic), names, n);
    }
    fprintf(stderr, "tributary consume: there is no topic %s yet%s" STR_FMT "%s; waiting for it\n", c->settings->topic,
            near.ptr ? " (did you mean " : "", STR_ARG(near), near.ptr ? "?)" : "");
    arena_free(&arena);
}

/* One look at the log, whoever has it. *ret_note: what has been said on stderr, once each. */
enum note { NOTE_NO_TOPIC = 1, NOTE_NO_PROCESS = 2 };

static int attempt(struct consumer *c, unsigned *ret_note, struct error *err)
{
    struct log_access *log;
    int code = log_access_open(c->settings->dir, &log, err);
    if (code)
        return code;
    bool live = log_access_is_live(log), waits = c->settings->timeout_ms != 0;
    code = begin(c, log, err);
    if (code == ERROR_NOT_FOUND && waits && !(*ret_note & NOTE_NO_TOPIC)) {
        *ret_note |= NOTE_NO_TOPIC;
        say_no_topic(c, log);
    }
    if (!code)
        code = read_partitions(c, log, err);
    if (!code && !is_done(c) && waits && !live && !(*ret_note & NOTE_NO_PROCESS)) {
        *ret_note |= NOTE_NO_PROCESS;
        fprintf(stderr, "tributary consume: this is all there is; waiting for a `tributary up` on %s\n",
                c->settings->dir);
    }
    log_access_close(log);
    return code;
}

/* Until there is a process to be asked, if there is to be one at all. */
static void wait_for_process(struct consumer *c)
{
    struct arena arena = {0};
    struct running running;
    while (patience(c) > 0 && !run_file_find(c->settings->dir, &arena, &running))
        nap(LOOK_AGAIN_MS);
    arena_free(&arena);
}

static int run(struct consumer *c, struct error *err)
{
    unsigned notes = 0;
    int64_t busy_since = 0;
    while (!is_done(c)) {
        int code = attempt(c, &notes, err);
        bool busy = code == ERROR_LOCKED; /* a process is about to be ready, or has just stopped answering */
        if (!busy)
            busy_since = 0;
        else if (!busy_since)
            busy_since = clock_mono_ms();
        if (code && !busy && code != ERROR_CONNECTION && !(code == ERROR_NOT_FOUND && (notes & NOTE_NO_TOPIC)))
            return code;
        if (busy && clock_mono_ms() - busy_since > BUSY_LIMIT_MS)
            return code;
        if (is_done(c))
            break;
        if (patience(c) == 0 && !busy)
            time_is_over(c);
        else if (!code)
            wait_for_process(c);
        else
            nap(LOOK_AGAIN_MS);
    }
    return 0;
}

int consume_run(const struct consume_settings *settings, enum consume_end *ret, int64_t *ret_printed, struct error *err)
{
    struct consumer c = {.settings = settings, .last_ms = clock_mono_ms()};
    pthread_mutex_init(&c.lock, NULL);
    c.keys = value_text_new(settings->format);
    c.values = value_text_new(settings->format);
    int code = run(&c, err);
    *ret_printed = c.printed;
    if (!code)
        *ret = c.end;
    value_text_free(c.keys);
    value_text_free(c.values);
    pthread_mutex_destroy(&c.lock);
    arena_free(&c.arena);
    return code;
}
