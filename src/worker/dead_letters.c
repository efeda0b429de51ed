#include "worker/dead_letters.h"

#include "worker/record_json.h"

enum { CONTEXT_HEADERS = 9 };

static struct str json_of(struct dead_letters *d, const struct schema *schema, const struct value *value)
{
    AUTO_BUF text = {0};
    if (value_is_null(value))
        return STR_NULL;
    record_json_write(schema, value, &text);
    if (text.len > DEAD_LETTER_MAX_BYTES)
        return arena_printf(&d->arena, "\"%zu bytes of JSON, which are too many for a dead letter\"", text.len);
    return arena_str(&d->arena, buf_str(&text));
}

static struct str header_text(struct dead_letters *d, const struct header *h)
{
    return h->value.type == VALUE_STRING ? arena_str(&d->arena, value_as_str(&h->value))
                                         : json_of(d, h->schema, &h->value);
}

/* Who reads these headers with tools made for Kafka Connect looks for its exceptions. */
static const char *exception_of(enum error_code code)
{
    switch (code) {
    case ERROR_DATA:
    case ERROR_INVALID_SCHEMA:
        return "org.apache.kafka.connect.errors.DataException";
    case ERROR_CONFIG:
        return "org.apache.kafka.common.config.ConfigException";
    default:
        return "org.apache.kafka.connect.errors.ConnectException";
    }
}

static void add(struct dead_letters *d, struct topics_header *headers, uint32_t *n, const char *name, struct str value)
{
    headers[(*n)++] = (struct topics_header){
        .key = arena_printf(&d->arena, "__connect.errors.%s", name),
        .value = value,
    };
}

static void add_context(struct dead_letters *d, const struct stage *stage, const struct record *r,
                        const struct error *err, struct topics_header *headers, uint32_t *n)
{
    struct arena *a = &d->arena;
    add(d, headers, n, "topic", arena_str(a, r->topic));
    if (r->partition != RECORD_NO_PARTITION)
        add(d, headers, n, "partition", arena_printf(a, "%d", r->partition));
    add(d, headers, n, "connector.name", arena_cstr(a, d->connector));
    add(d, headers, n, "task.id", arena_printf(a, "%d", d->task));
    add(d, headers, n, "stage", str_from(stage->name));
    add(d, headers, n, "class.name", arena_cstr(a, stage->class_name));
    add(d, headers, n, "exception.class.name", str_from(exception_of(err->code)));
    add(d, headers, n, "exception.message", arena_cstr(a, err->text));
    add(d, headers, n, "exception.stacktrace",
        arena_printf(a, "%s: %s\n\tin connector %s, task %d, while %s (%s)", error_name(err->code), err->text,
                     d->connector, d->task, stage->text, error_meaning(err->code)));
}

void dead_letters_add(struct dead_letters *d, const struct stage *stage, const struct record *r,
                      const struct error *err)
{
    struct topics_header *headers = arena_array(&d->arena, struct topics_header, r->n_headers + CONTEXT_HEADERS);
    uint32_t n = 0;
    for (; n < r->n_headers; n++)
        headers[n] = (struct topics_header){
            .key = arena_str(&d->arena, r->headers[n].key),
            .value = header_text(d, &r->headers[n]),
        };
    if (d->settings->dead_letter_headers)
        add_context(d, stage, r, err, headers, &n);
    struct sink_record *letter = vec_push(&d->records);
    *letter = (struct sink_record){
        .topic = d->settings->dead_letter_topic,
        .partition = RECORD_NO_PARTITION,
        .record =
            {
                .key = json_of(d, r->key_schema, &r->key),
                .value = json_of(d, r->value_schema, &r->value),
                .headers = n ? headers : NULL,
                .n_headers = n,
                .timestamp = r->timestamp,
            },
    };
    d->bytes += letter->record.key.len + letter->record.value.len;
}

void dead_letters_clear(struct dead_letters *d)
{
    d->records.len = 0;
    d->bytes = 0;
    arena_reset(&d->arena);
}

void dead_letters_release(struct dead_letters *d)
{
    vec_free(&d->records);
    arena_free(&d->arena);
}
