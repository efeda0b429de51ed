#include "cli/log_access.h"

#include "cli/run_file.h"

int log_access_open(const char *dir, struct log_access **ret, struct error *err)
{
    struct arena arena = {0};
    struct running running;
    int code = run_file_find(dir, &arena, &running) ? log_http_open(running.rest.ptr, running.registry.ptr, ret, err)
                                                    : log_direct_open(dir, ret, err);
    arena_free(&arena);
    return code;
}

void log_access_close(struct log_access *l)
{
    if (l)
        l->ops->close(l);
}

bool log_access_is_live(const struct log_access *l)
{
    return l->ops->live;
}

int log_access_list(struct log_access *l, struct arena *arena, struct topic_info **ret, size_t *ret_n,
                    struct error *err)
{
    return l->ops->list(l, arena, ret, ret_n, err);
}

int log_access_describe(struct log_access *l, struct str topic, struct arena *arena, struct topic_info *ret,
                        struct log_offsets **ret_offsets, struct error *err)
{
    return l->ops->describe(l, topic, arena, ret, ret_offsets, err);
}

int log_access_create(struct log_access *l, struct str topic, const struct topic_config *config, struct error *err)
{
    return l->ops->create(l, topic, config, err);
}

int log_access_delete(struct log_access *l, struct str topic, struct error *err)
{
    return l->ops->delete (l, topic, err);
}

int log_access_compact(struct log_access *l, struct str topic, struct error *err)
{
    return l->ops->compact(l, topic, err);
}

int log_access_verify(struct log_access *l, int64_t *ret_batches, int64_t *ret_records, struct error *err)
{
    return l->ops->verify(l, ret_batches, ret_records, err);
}

int log_access_read(struct log_access *l, struct str topic, int32_t partition, int64_t offset, size_t limit,
                    int64_t wait_ms, struct arena *arena, struct log_page *ret, struct error *err)
{
    return l->ops->read(l, topic, partition, offset, limit, wait_ms, arena, ret, err);
}

int log_access_schema(struct log_access *l, int32_t id, struct arena *arena, struct str *ret_type,
                      struct str *ret_schema, struct error *err)
{
    return l->ops->schema(l, id, arena, ret_type, ret_schema, err);
}
