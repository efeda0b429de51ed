#include "api/sink.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { FLUSH_BYTES = 256 * 1024 };

struct stdout_config {
    bool print_key;
    struct str key_separator, null_literal;
};

struct sink {
    struct sink_env env;
    const struct stdout_config *config;
    struct buf separator; /* between key and value */
    struct buf lines;
    struct topics_txn *txn; /* for positions; NULL until one comes */
};

/* ---- writing ---- */

/* Tasks write whole buffers of whole lines, one at a time. */
static pthread_mutex_t output_lock = PTHREAD_MUTEX_INITIALIZER;

/* write(2) with a closed pipe as an error instead of a signal. */
static ssize_t write_quietly(const char *p, size_t n)
{
    sigset_t pipe, before, pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigpending(&pending);
    bool ours = !sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    ssize_t done = write(STDOUT_FILENO, p, n);
    int why = errno;
    if (done < 0 && why == EPIPE && ours)
        while (sigtimedwait(&pipe, NULL, &(struct timespec){0}) < 0 && errno == EINTR)
            ;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = why;
    return done;
}

static int write_all(const char *p, size_t n, struct error *err)
{
    while (n) {
        ssize_t done = write_quietly(p, n);
        if (done >= 0) {
            p += done;
            n -= (size_t)done;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd){.fd = STDOUT_FILENO, .events = POLLOUT}, 1, -1);
        } else if (errno == EPIPE) {
            return error_set(err, ERROR_STOPPED, "standard output was closed by its reader");
        } else if (errno != EINTR) {
            return error_set(err, error_from_errno(errno), "writing to standard output: %s", strerror(errno));
        }
    }
    return 0;
}

/* What could not be written is forgotten: the pipeline brings it again. */
static int flush(struct sink *s, struct error *err)
{
    pthread_mutex_lock(&output_lock);
    int rc = write_all(s->lines.data, s->lines.len, err);
    pthread_mutex_unlock(&output_lock);
    buf_clear(&s->lines);
    return rc;
}

/* ---- the sink ---- */

/* White space at the ends of a setting is lost, so it is written as in C. */
static void unescape(struct str text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        bool escape = text.ptr[i] == '\\' && i + 1 < text.len;
        char c = text.ptr[i += escape];
        if (escape)
            c = c == 't' ? '\t' : c == 'n' ? '\n' : c == 's' ? ' ' : c;
        buf_add_char(out, c);
    }
}

static int sink_open(const struct sink_env *env, const struct plugin_config *config, struct sink **ret,
                     struct error *err)
{
    (void)err;
    struct sink *s = mem_new(struct sink);
    s->env = *env;
    s->config = config->parsed;
    unescape(s->config->key_separator, &s->separator);
    *ret = s;
    return 0;
}

static inline void add_text(struct sink *s, struct str text)
{
    buf_add_str(&s->lines, text.ptr ? text : s->config->null_literal);
}

static int sink_write(struct sink *s, const struct sink_record *records, size_t n, struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (s->config->print_key) {
            add_text(s, records[i].record.key);
            buf_add(&s->lines, s->separator.data, s->separator.len);
        }
        add_text(s, records[i].record.value);
        buf_add_char(&s->lines, '\n');
        if (s->lines.len >= FLUSH_BYTES) {
            int rc = flush(s, err);
            if (rc)
                return rc;
        }
    }
    return 0;
}

static int store_position(struct sink *s, const struct sink_commit *commit, struct error *err)
{
    struct topic_config config = TOPIC_CONFIG_COMPACT;
    struct topics_target *target = NULL;
    int rc = topics_ensure(s->env.topics, s->env.offsets_topic, &config, err);
    if (!rc)
        rc = topics_target(s->env.topics, s->env.offsets_topic, &target, err);
    if (!rc && !s->txn)
        rc = topics_txn_open(s->env.topics, str_from(s->env.owner), &s->txn, err);
    if (rc)
        return rc;
    uint32_t hash = murmur2(commit->offset_key.ptr, commit->offset_key.len) & 0x7fffffff;
    struct topics_record record = {
        .key = commit->offset_key, .value = commit->offset_value, .timestamp = RECORD_NO_TIMESTAMP};
    int32_t partition = (int32_t)(hash % (uint32_t)topics_target_partitions(target));
    rc = topics_append(s->txn, target, partition, &record, err);
    if (rc)
        topics_abort(s->txn);
    return rc ? rc : topics_commit(s->txn, err);
}

/* Lines first, then the position: after a crash in between they are written again, and none is lost. */
static int sink_commit(struct sink *s, const struct sink_commit *commit, struct error *err)
{
    int rc = flush(s, err);
    if (!rc && s->env.topics && commit->offset_key.ptr)
        rc = store_position(s, commit, err);
    if (!rc)
        s->env.acknowledged(s->env.ctx, commit->sequence);
    return rc;
}

static void sink_abort(struct sink *s)
{
    buf_clear(&s->lines);
}

static void sink_close(struct sink *s)
{
    topics_txn_close(s->txn);
    buf_free(&s->separator);
    buf_free(&s->lines);
    free(s);
}

static const char *const classes[] = {"tributary.StdoutSink", "stdout", NULL};

static const struct property properties[] = {
    PROPERTY_BOOLEAN("print.key", struct stdout_config, print_key, .fallback = "false", .importance = IMPORTANCE_LOW,
                     .group = "Output", .display = "Print the key",
                     .doc = "Whether a line begins with the record's key, as `kafka-console-consumer` has it."),
    PROPERTY_STRING(
        "key.separator", struct stdout_config, key_separator, .fallback = "\\t", .importance = IMPORTANCE_LOW,
        .group = "Output", .display = "Key separator",
        .doc = "What stands between key and value on a line; `\\t` is a tab, `\\s` a blank, `\\\\` a backslash."),
    PROPERTY_STRING("null.literal", struct stdout_config, null_literal, .fallback = "null",
                    .importance = IMPORTANCE_LOW, .group = "Output", .display = "Null text",
                    .doc = "What is printed for a key or value that is null, such as that of a tombstone."),
    PROPERTY_END,
};

const struct sink_plugin stdout_sink = {
    .info =
        {
            .classes = classes,
            .version = TRIBUTARY_VERSION,
            .title = "Lines on standard output",
            .doc = "Prints each record's value as the converter has written it, one line a record. The position is "
                   "stored after the lines are written: a crash in between prints some lines again, and loses none.",
            .properties = properties,
            .config_size = sizeof(struct stdout_config),
        },
    .open = sink_open,
    .write = sink_write,
    .commit = sink_commit,
    .abort = sink_abort,
    .close = sink_close,
};
