#include "worker/rest.h"

#include "base/clock.h"

/* One row a metric; the value comes from a task's counters. */
enum reading {
    RECORDS,
    BYTES,
    COMMITS,
    READ,
    SKIPPED,
    DEAD_LETTERS,
    FAILURES,
    QUEUE_RECORDS,
    QUEUE_BYTES,
    LAST_COMMIT,
    STATE
};

static const struct metric {
    enum reading reading;
    const char *name, *type, *doc;
} metrics[] = {
    {RECORDS, "tributary_task_records_total", "counter", "Records that the sink has acknowledged"},
    {BYTES, "tributary_task_bytes_total", "counter", "Their encoded bytes"},
    {COMMITS, "tributary_task_commits_total", "counter", "Commits that the sink has acknowledged"},
    {READ, "tributary_task_read_records_total", "counter", "Records that came from the source"},
    {SKIPPED, "tributary_task_skipped_records_total", "counter", "Records skipped by errors.tolerance=all"},
    {DEAD_LETTERS, "tributary_task_dead_letters_total", "counter", "Skipped records written to the dead-letter topic"},
    {FAILURES, "tributary_task_failures_total", "counter", "Times that the task had to begin anew"},
    {QUEUE_RECORDS, "tributary_task_queue_records", "gauge", "Records between reader and pipeline"},
    {QUEUE_BYTES, "tributary_task_queue_bytes", "gauge", "Bytes between reader and pipeline"},
    {LAST_COMMIT, "tributary_task_seconds_since_commit", "gauge", "Seconds since the last commit"},
    {STATE, "tributary_task_running", "gauge", "1 while the task runs"},
};

static double read_counter(struct task *t, enum reading reading)
{
    struct counters *c = &t->counters;
    switch (reading) {
    case RECORDS:
        return (double)atomic_load_explicit(&c->records, memory_order_relaxed);
    case BYTES:
        return (double)atomic_load_explicit(&c->bytes, memory_order_relaxed);
    case COMMITS:
        return (double)atomic_load_explicit(&c->commits, memory_order_relaxed);
    case READ:
        return (double)atomic_load_explicit(&c->read, memory_order_relaxed);
    case SKIPPED:
        return (double)atomic_load_explicit(&c->skipped, memory_order_relaxed);
    case DEAD_LETTERS:
        return (double)atomic_load_explicit(&c->dead_letters, memory_order_relaxed);
    case FAILURES:
        return (double)atomic_load_explicit(&c->failures, memory_order_relaxed);
    case QUEUE_RECORDS:
        return (double)atomic_load_explicit(&c->queue_records, memory_order_relaxed);
    case QUEUE_BYTES:
        return (double)atomic_load_explicit(&c->queue_bytes, memory_order_relaxed);
    case LAST_COMMIT: {
        long long at = atomic_load_explicit(&c->last_commit_ms, memory_order_relaxed);
        return at ? (double)(clock_wall_ms() - at) / 1000.0 : -1.0;
    }
    case STATE:
        return task_get_status(t, NULL) == WORKER_RUNNING ? 1.0 : 0.0;
    }
    return 0.0;
}

/* A label's value: backslash, quote and line feed are escaped. */
static void write_label(struct str s, struct buf *out)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\n') {
            buf_add_literal(out, "\\n");
            continue;
        }
        if (s.ptr[i] == '\\' || s.ptr[i] == '"')
            buf_add_char(out, '\\');
        buf_add_char(out, s.ptr[i]);
    }
}

static void write_metric(struct worker *w, const struct metric *m, struct buf *out)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->doc, m->name, m->type);
    for (size_t i = 0; i < w->connectors.len; i++) {
        const struct connector *c = w->connectors.entries[i].value;
        for (size_t k = 0; k < c->n_tasks; k++) {
            buf_printf(out, "%s{connector=\"", m->name);
            write_label(str_from(c->name), out);
            buf_printf(out, "\",task=\"%zu\"} %.17g\n", k, read_counter(c->tasks[k], m->reading));
        }
    }
}

int rest_metrics(void *ctx, const struct http_request *request, struct http_response *response, struct error *err)
{
    (void)request, (void)err;
    struct worker *w = ctx;
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    pthread_mutex_lock(&w->lock);
    buf_printf(&response->body,
               "# HELP tributary_connectors Connectors of this worker\n# TYPE tributary_connectors gauge\n"
               "tributary_connectors %zu\n"
               "# HELP process_cpu_seconds_total CPU time of the process\n# TYPE process_cpu_seconds_total counter\n"
               "process_cpu_seconds_total %.6f\n",
               w->connectors.len, (double)clock_cpu_ns() / 1e9);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        write_metric(w, &metrics[i], &response->body);
    pthread_mutex_unlock(&w->lock);
    return 0;
}
