#include "worker/encoder.h"

#include "base/map.h"
#include "worker/plug.h"

#include <stdlib.h>

enum { KEY, VALUE, HEADER, ROLES };

static const char *const prefixes[ROLES] = {"key.converter.", "value.converter.", "header.converter."};
static const char *const names[ROLES] = {"key.converter", "value.converter", "header.converter"};
static const char *const stages[ROLES] = {"KEY_CONVERTER", "VALUE_CONVERTER", "HEADER_CONVERTER"};
static const char *const texts[ROLES] = {"converting the key", "converting the value", "converting a header"};

struct coder {
    const struct converter_plugin *plugin;
    struct converter *converter;
    struct plug plug;
};

/* Where a record's parts are in the chunk's bytes, which may move while the chunk grows. */
struct span {
    size_t start, len;
    bool null;
};

struct encoder {
    struct encoder_options options;
    struct coder coders[ROLES];
    struct buf bytes;
    struct sink_record records[ENCODER_CHUNK];
    struct span keys[ENCODER_CHUNK], values[ENCODER_CHUNK];
    size_t len;
    VEC(struct topics_header) headers; /* of the chunk's records, one after the other */
    VEC(struct span) header_spans;     /* twice as many: name and value */
    struct map topics;                 /* name -> NULL: the map's keys are the interned names */
    struct str last_topic;
};

/* ---- opening ---- */

/* Which converter, and whose properties belong to it: the connector's where it names one, else the worker's. */
static struct str choose(const struct encoder_options *o, int role, const struct config **ret_source)
{
    const struct str own[] = {o->connector->key_converter, o->connector->value_converter,
                              o->connector->header_converter};
    const struct str fallback[] = {o->worker->key_converter, o->worker->value_converter, o->worker->header_converter};
    *ret_source = own[role].len ? o->connector_config : o->worker_config;
    return own[role].len ? own[role] : fallback[role];
}

static int open_coder(struct encoder *e, int role, struct error *err)
{
    const struct config *source;
    struct str class_name = choose(&e->options, role, &source);
    struct coder *coder = &e->coders[role];
    const struct converter_plugin *plugin = plugins_converter(e->options.plugins, class_name);
    if (!plugin)
        return plugins_unknown(e->options.plugins, "converter", class_name, err);
    int code = plug_init(&coder->plug, &plugin->info, source, prefixes[role], err);
    if (code)
        return code;
    struct converter_env env = {.is_key = role == KEY, .registry = e->options.registry};
    code = plugin->open(&env, &coder->plug.config, &coder->converter, err);
    if (code)
        return error_context(err, "%s", names[role]);
    coder->plugin = plugin;
    return 0;
}

int encoder_open(const struct encoder_options *options, struct encoder **ret, struct error *err)
{
    struct encoder *e = mem_new(struct encoder);
    e->options = *options;
    for (int role = 0; role < ROLES; role++) {
        int code = open_coder(e, role, err);
        if (code) {
            encoder_close(e);
            return code;
        }
    }
    *ret = e;
    return 0;
}

void encoder_close(struct encoder *e)
{
    if (!e)
        return;
    for (int role = 0; role < ROLES; role++) {
        if (e->coders[role].plugin)
            e->coders[role].plugin->close(e->coders[role].converter);
        plug_release(&e->coders[role].plug);
    }
    buf_free(&e->bytes);
    vec_free(&e->headers);
    vec_free(&e->header_spans);
    map_free(&e->topics, NULL);
    free(e);
}

void encoder_check(const struct encoder_options *options, struct findings *findings)
{
    for (int role = 0; role < ROLES; role++) {
        const struct config *source;
        struct str class_name = choose(options, role, &source);
        const struct converter_plugin *plugin = plugins_converter(options->plugins, class_name);
        struct error err = {0};
        if (plugin) {
            plug_check(&plugin->info, source ? source : options->connector_config, prefixes[role], findings);
            continue;
        }
        plugins_unknown(options->plugins, "converter", class_name, &err);
        findings_add(findings, FINDING_ERROR, str_from(names[role]),
                     "Invalid value " STR_FMT " for configuration %s: %s", STR_ARG(class_name), names[role], err.text);
    }
}

/* ---- encoding ---- */

static int encode(struct encoder *e, int role, struct str topic, const struct schema *schema, const struct value *value,
                  struct span *ret, struct error *err)
{
    struct coder *coder = &e->coders[role];
    size_t start = e->bytes.len;
    bool null = false;
    int code = coder->plugin->encode(coder->converter, topic, schema, value, &e->bytes, &null, err);
    *ret = (struct span){start, e->bytes.len - start, null};
    return code;
}

static int encode_headers(struct encoder *e, struct str topic, const struct record *r, struct error *err)
{
    for (uint32_t i = 0; i < r->n_headers; i++) {
        const struct header *h = &r->headers[i];
        struct span name = {e->bytes.len, h->key.len, false}, value;
        buf_add_str(&e->bytes, h->key);
        int code = encode(e, HEADER, topic, h->schema, &h->value, &value, err);
        if (code)
            return code;
        *vec_push(&e->header_spans) = name;
        *vec_push(&e->header_spans) = value;
        vec_push(&e->headers);
    }
    return 0;
}

/* The name as one object per topic, so that a sink may compare pointers. */
static struct str intern(struct encoder *e, struct str topic)
{
    if (str_equal(topic, e->last_topic) && e->last_topic.ptr)
        return e->last_topic;
    struct map_entry *known = map_find(&e->topics, topic);
    if (!known) {
        map_put(&e->topics, topic, NULL);
        known = map_find(&e->topics, topic);
        if (e->options.new_topic)
            e->options.new_topic(e->options.ctx, known->key);
    }
    e->last_topic = known->key;
    return known->key;
}

static int encode_record(struct encoder *e, struct str topic, const struct record *r, int *ret_role, struct error *err)
{
    *ret_role = KEY;
    int code = encode(e, KEY, topic, r->key_schema, &r->key, &e->keys[e->len], err);
    if (code)
        return code;
    *ret_role = VALUE;
    code = encode(e, VALUE, topic, r->value_schema, &r->value, &e->values[e->len], err);
    if (code || r->n_headers == 0)
        return code;
    *ret_role = HEADER;
    return encode_headers(e, topic, r, err);
}

int encoder_add(struct encoder *e, const struct record *r, struct tolerance *tolerance, struct error *err)
{
    size_t bytes = e->bytes.len, headers = e->headers.len;
    struct attempts attempts = {0};
    struct str topic = intern(e, r->topic);
    for (;;) {
        int role;
        int code = encode_record(e, topic, r, &role, err);
        if (!code)
            break;
        e->bytes.len = bytes;
        e->headers.len = headers;
        e->header_spans.len = 2 * headers;
        struct error why = {.code = (enum error_code)code};
        if (err)
            memcpy(why.text, err->text, sizeof why.text);
        const struct stage stage = {stages[role], e->coders[role].plugin->info.classes[0], texts[role]};
        switch (tolerance_decide(tolerance, &attempts, &stage, r, &why)) {
        case TOLERATED_FAIL:
            error_context(err, "topic " STR_FMT ", %s", STR_ARG(topic), names[role]);
            return code;
        case TOLERATED_SKIP:
            return 0;
        case TOLERATED_AGAIN:
            break;
        }
    }
    e->records[e->len++] = (struct sink_record){
        .topic = topic,
        .partition = r->partition,
        .record = {.timestamp = r->timestamp, .n_headers = r->n_headers},
    };
    return 0;
}

bool encoder_full(const struct encoder *e)
{
    return e->len == ENCODER_CHUNK || e->bytes.len >= ENCODER_CHUNK_BYTES;
}

static struct str at(const struct encoder *e, const struct span *s)
{
    return s->null ? STR_NULL : str_of(e->bytes.data ? e->bytes.data + s->start : "", s->len);
}

const struct sink_record *encoder_chunk(struct encoder *e, size_t *ret_n)
{
    size_t header = 0;
    for (size_t i = 0; i < e->headers.len; i++)
        e->headers.items[i] =
            (struct topics_header){at(e, &e->header_spans.items[2 * i]), at(e, &e->header_spans.items[2 * i + 1])};
    for (size_t i = 0; i < e->len; i++) {
        struct topics_record *r = &e->records[i].record;
        r->key = at(e, &e->keys[i]);
        r->value = at(e, &e->values[i]);
        r->headers = r->n_headers ? e->headers.items + header : NULL;
        header += r->n_headers;
    }
    *ret_n = e->len;
    return e->records;
}

size_t encoder_bytes(const struct encoder *e)
{
    return e->bytes.len;
}

void encoder_clear(struct encoder *e)
{
    e->len = 0;
    e->headers.len = 0;
    e->header_spans.len = 0;
    if (e->bytes.cap > ENCODER_KEEP_BYTES)
        buf_free(&e->bytes);
    buf_clear(&e->bytes);
}
