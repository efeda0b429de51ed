#include "worker/run.h"

#include <stdlib.h>

/* A compacted topic, made when it is first used: most sources need none. */
struct task_store {
    struct source_store store;
    struct topics *topics;
    struct topics_view *view;
    char *topic;
};

static int open_view(struct task_store *s, struct error *err)
{
    return s->view ? 0 : topics_view_open(s->topics, str_from(s->topic), &TOPIC_CONFIG_COMPACT, &s->view, err);
}

static int store_put(void *ctx, struct str key, struct str value, struct error *err)
{
    struct task_store *s = ctx;
    int code = open_view(s, err);
    return code ? code : topics_view_put(s->view, key, value, err);
}

static bool store_get(void *ctx, struct str key, struct buf *out)
{
    struct task_store *s = ctx;
    return open_view(s, NULL) == 0 && topics_view_get(s->view, key, out);
}

/* Connector names may hold what topic names may not. */
char *task_store_topic(const char *connector)
{
    char *name = mem_printf("connect-store-%.*s", TOPICS_NAME_MAX - 16, connector);
    for (char *c = name; *c; c++) {
        bool fine = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '.' ||
                    *c == '_' || *c == '-';
        if (!fine)
            *c = '_';
    }
    return name;
}

struct task_store *task_store_new(struct topics *topics, const char *connector)
{
    struct task_store *s = mem_new(struct task_store);
    s->store = (struct source_store){.ctx = s, .put = store_put, .get = store_get};
    s->topics = topics;
    s->topic = task_store_topic(connector);
    return s;
}

const struct source_store *task_store_source(struct task_store *s)
{
    return &s->store;
}

void task_store_free(struct task_store *s)
{
    topics_view_close(s->view);
    free(s->topic);
    free(s);
}
