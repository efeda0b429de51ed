/* The log of a directory that no process has: opened here, for as long as the command needs it. */
#include "base/mem.h"
#include "cli/log_access.h"
#include "registry/registry.h"

#include <stdlib.h>
#include <unistd.h>

struct log_direct {
    struct log_access base;
    struct topics *topics;
    struct registry *registry; /* NULL until a schema is asked for */
};

static void direct_close(struct log_access *l)
{
    struct log_direct *d = (struct log_direct *)l;
    registry_close(d->registry);
    topics_close(d->topics);
    free(d);
}

static struct topics *topics_of(struct log_access *l)
{
    return ((struct log_direct *)l)->topics;
}

static int direct_list(struct log_access *l, struct arena *arena, struct topic_info **ret, size_t *ret_n,
                       struct error *err)
{
    return topics_list(topics_of(l), arena, ret, ret_n, err);
}

static int direct_describe(struct log_access *l, struct str topic, struct arena *arena, struct topic_info *ret,
                           struct log_offsets **ret_offsets, struct error *err)
{
    struct topic_info info;
    int code = topics_describe(topics_of(l), topic, arena, &info, err);
    if (code)
        return code;
    struct log_offsets *offsets = arena_array(arena, struct log_offsets, (size_t)info.config.partitions);
    for (int32_t p = 0; !code && p < info.config.partitions; p++)
        code = topics_offsets(topics_of(l), topic, p, &offsets[p].begin, &offsets[p].end, err);
    if (code)
        return code;
    *ret = info;
    *ret_offsets = offsets;
    return 0;
}

static int direct_create(struct log_access *l, struct str topic, const struct topic_config *config, struct error *err)
{
    return topics_create(topics_of(l), topic, config, err);
}

static int direct_delete(struct log_access *l, struct str topic, struct error *err)
{
    return topics_delete(topics_of(l), topic, err);
}

static int direct_compact(struct log_access *l, struct str topic, struct error *err)
{
    return topics_compact(topics_of(l), topic, err);
}

static int direct_verify(struct log_access *l, int64_t *ret_batches, int64_t *ret_records, struct error *err)
{
    return topics_verify(topics_of(l), ret_batches, ret_records, err);
}

static struct str keep(struct arena *arena, struct str s)
{
    return s.ptr ? arena_str(arena, s) : STR_NULL;
}

static int direct_read(struct log_access *l, struct str topic, int32_t partition, int64_t offset, size_t limit,
                       int64_t wait_ms, struct arena *arena, struct log_page *ret, struct error *err)
{
    struct topics_reader *reader;
    struct log_page page = {.records = arena_array(arena, struct topics_record, limit)};
    (void)wait_ms; /* nobody writes here */
    int code = topics_reader_open(topics_of(l), topic, partition, offset, &reader, err);
    if (code)
        return code;
    while (!code && page.n < limit) {
        struct topics_record record;
        bool found;
        code = topics_read(reader, 0, NULL, &record, &found, err);
        if (code || !found)
            break;
        page.records[page.n++] = (struct topics_record){.key = keep(arena, record.key),
                                                        .value = keep(arena, record.value),
                                                        .timestamp = record.timestamp,
                                                        .offset = record.offset};
    }
    page.next = topics_reader_offset(reader);
    topics_reader_close(reader);
    if (!code)
        *ret = page;
    return code;
}

static int direct_schema(struct log_access *l, int32_t id, struct arena *arena, struct str *ret_type,
                         struct str *ret_schema, struct error *err)
{
    struct log_direct *d = (struct log_direct *)l;
    struct registry_schema schema;
    int code = d->registry ? 0 : registry_open(d->topics, &d->registry, err);
    if (!code)
        code = registry_by_id(d->registry, id, arena, &schema, err);
    if (code)
        return code;
    *ret_type = schema.type.len ? schema.type : STR("AVRO");
    *ret_schema = schema.schema;
    return 0;
}

static const struct log_access_ops direct_ops = {
    .close = direct_close,
    .list = direct_list,
    .describe = direct_describe,
    .create = direct_create,
    .delete = direct_delete,
    .compact = direct_compact,
    .verify = direct_verify,
    .read = direct_read,
    .schema = direct_schema,
    .live = false,
};

int log_direct_open(const char *dir, struct log_access **ret, struct error *err)
{
    AUTO_FREE char *file = mem_printf("%s/data.mdb", dir);
    if (access(file, F_OK))
        return error_set(err, ERROR_NOT_FOUND,
                         "there is no log in %s; start `tributary up` there, or say where with --data DIR", dir);
    struct topics_embedded_options options = {.dir = dir, .compression = COMPRESSION_LZ4};
    struct topics *topics;
    int code = topics_open_embedded(&options, &topics, err);
    if (code)
        return code;
    struct log_direct *d = mem_new(struct log_direct);
    *d = (struct log_direct){.base.ops = &direct_ops, .topics = topics};
    *ret = &d->base;
    return 0;
}
