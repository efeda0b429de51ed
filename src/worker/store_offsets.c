#include "worker/stores.h"

#include "wire/json.h"

#include <stdlib.h>

struct offsets_store {
    struct topics_view *view;
    char *topic;
};

int offsets_open(struct topics *topics, struct str topic, struct offsets_store **ret, struct error *err)
{
    struct topics_view *view;
    int code = topics_view_open(topics, topic, &TOPIC_CONFIG_COMPACT, &view, err);
    if (code)
        return code;
    *ret = mem_new(struct offsets_store);
    (*ret)->view = view;
    (*ret)->topic = mem_strndup(topic.ptr, topic.len);
    return 0;
}

void offsets_close(struct offsets_store *s)
{
    if (!s)
        return;
    topics_view_close(s->view);
    free(s->topic);
    free(s);
}

struct str offsets_topic(const struct offsets_store *s)
{
    return str_from(s->topic);
}

int offsets_refresh(struct offsets_store *s, struct error *err)
{
    return topics_view_refresh(s->view, err);
}

void offsets_write_map(const struct position_map *m, struct buf *out)
{
    buf_add_char(out, '{');
    for (uint32_t i = 0; i < m->n; i++) {
        if (i)
            buf_add_char(out, ',');
        json_write_string(out, m->entries[i].name);
        buf_add_char(out, ':');
        json_write_value(&m->entries[i].value, out, NULL); /* scalars: cannot fail */
    }
    buf_add_char(out, '}');
}

int offsets_read_map(const struct value *object, struct arena *arena, struct position_map *ret, struct error *err)
{
    if (object->type != VALUE_MAP)
        return error_set(err, ERROR_REQUEST, "Offsets must be specified as a Map");
    struct position_entry *entries = arena_array(arena, struct position_entry, object->len);
    for (uint32_t i = 0; i < object->len; i++) {
        const struct value *pair = &object->items[2 * i];
        struct str name = value_as_str(&pair[0]);
        if (pair[1].type >= VALUE_ARRAY)
            return error_set(err, ERROR_REQUEST,
                             "Offsets may only contain primitive types as values, but field " STR_FMT " contains %s",
                             STR_ARG(name), value_type_name((enum value_type)pair[1].type));
        entries[i] = (struct position_entry){arena_str(arena, name), value_copy(arena, &pair[1])};
    }
    *ret = (struct position_map){entries, object->len};
    return 0;
}

static void write_key(struct str connector, const struct position_map *partition, struct buf *out)
{
    buf_add_char(out, '[');
    json_write_string(out, connector);
    buf_add_char(out, ',');
    offsets_write_map(partition, out);
    buf_add_char(out, ']');
}

/* ["connector",{partition}]; false when it is another connector's, or nothing of ours. */
static bool read_key(struct str text, struct str connector, struct arena *arena, struct position_map *ret)
{
    struct value parsed;
    if (json_read(text, arena, &parsed, NULL) || parsed.type != VALUE_ARRAY || parsed.len != 2)
        return false;
    const struct value *name = &parsed.items[0];
    return name->type == VALUE_STRING && str_equal(value_as_str(name), connector) &&
           offsets_read_map(&parsed.items[1], arena, ret, NULL) == 0;
}

/* Looking for a partition whose key has its entries in another order than ours. */
struct search {
    struct str connector;
    const struct position_map *partition;
    struct arena arena;
    struct buf *ret_key;
    bool found;
};

static int compare(void *ctx, struct str key, struct str value)
{
    struct search *s = ctx;
    struct position_map partition;
    arena_reset(&s->arena);
    if (!value.ptr || !read_key(key, s->connector, &s->arena, &partition) ||
        !position_map_equal(&partition, s->partition))
        return 0;
    buf_add_str(s->ret_key, key);
    s->found = true;
    return 1;
}

static bool find_key(struct offsets_store *s, struct str connector, const struct position_map *partition,
                     struct buf *out)
{
    AUTO_BUF value = {0};
    size_t before = out->len;
    write_key(connector, partition, out);
    if (topics_view_get(s->view, str_of(out->data + before, out->len - before), &value))
        return true;
    out->len = before;
    struct search search = {.connector = connector, .partition = partition, .ret_key = out};
    topics_view_each(s->view, compare, &search);
    arena_free(&search.arena);
    return search.found;
}

void offsets_key(struct offsets_store *s, struct str connector, const struct position_map *partition, struct buf *out)
{
    if (!find_key(s, connector, partition, out))
        write_key(connector, partition, out);
}

bool offsets_find(struct offsets_store *s, struct str connector, const struct position_map *partition,
                  struct arena *arena, struct position_map *ret)
{
    AUTO_BUF key = {0}, value = {0};
    struct value parsed;
    return find_key(s, connector, partition, &key) && topics_view_get(s->view, buf_str(&key), &value) &&
           json_read(buf_str(&value), arena, &parsed, NULL) == 0 && offsets_read_map(&parsed, arena, ret, NULL) == 0;
}

struct walk {
    struct str connector;
    struct arena arena;
    int (*each)(void *ctx, const struct position_map *partition, const struct position_map *offset);
    void *ctx;
};

static int visit(void *ctx, struct str key, struct str value)
{
    struct walk *w = ctx;
    struct position_map partition, offset;
    struct value parsed;
    arena_reset(&w->arena);
    if (!value.ptr || !read_key(key, w->connector, &w->arena, &partition) ||
        json_read(value, &w->arena, &parsed, NULL) || offsets_read_map(&parsed, &w->arena, &offset, NULL))
        return 0;
    return w->each(w->ctx, &partition, &offset);
}

void offsets_each(struct offsets_store *s, struct str connector,
                  int (*each)(void *ctx, const struct position_map *partition, const struct position_map *offset),
                  void *ctx)
{
    struct walk walk = {.connector = connector, .each = each, .ctx = ctx};
    topics_view_each(s->view, visit, &walk);
    arena_free(&walk.arena);
}

int offsets_put(struct offsets_store *s, struct str connector, const struct position *positions, size_t n,
                struct error *err)
{
    struct arena arena = {0};
    struct topics_record *records = arena_array(&arena, struct topics_record, n);
    for (size_t i = 0; i < n; i++) {
        AUTO_BUF key = {0}, value = {0};
        offsets_key(s, connector, &positions[i].partition, &key);
        offsets_write_map(&positions[i].offset, &value);
        records[i] = (struct topics_record){
            .key = arena_str(&arena, buf_str(&key)),
            .value = positions[i].offset.entries ? arena_str(&arena, buf_str(&value)) : STR_NULL,
            .timestamp = INT64_MIN,
        };
    }
    int code = topics_view_put_all(s->view, records, n, err);
    arena_free(&arena);
    return code;
}
