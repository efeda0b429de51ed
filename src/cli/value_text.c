#include "cli/value_text.h"

#include "base/mem.h"
#include "wire/avro.h"
#include "wire/json.h"

#include <stdlib.h>

/* Confluent's wire format: a zero byte, the schema's id big endian, then the value. */
enum { PREFIX = 5, KNOWN_MAX = 4096 };

const char *const value_format_names[] = {"auto", "avro", "json", "string", "hex", NULL};

struct known {
    int32_t id;
    bool found;               /* false: the registry has no such id */
    bool text;                /* of a type whose values are text (JSON) */
    struct avro_schema *avro; /* NULL unless Avro */
};

struct value_text {
    enum value_format format;
    VEC(struct known) known;
};

struct value_text *value_text_new(enum value_format format)
{
    struct value_text *v = mem_new(struct value_text);
    v->format = format;
    return v;
}

static void forget(struct value_text *v)
{
    vec_each (&v->known, k)
        avro_schema_free(k->avro);
    vec_free(&v->known);
}

void value_text_free(struct value_text *v)
{
    if (!v)
        return;
    forget(v);
    free(v);
}

static int ask(struct log_access *log, int32_t id, struct known *ret, struct error *err)
{
    struct arena arena = {0};
    struct str type, text;
    *ret = (struct known){.id = id};
    int code = log_access_schema(log, id, &arena, &type, &text, err);
    if (code == ERROR_NOT_FOUND) {
        code = 0;
    } else if (!code) {
        ret->found = true;
        ret->text = str_is(type, "JSON");
        if (str_is(type, "AVRO"))
            code = avro_schema_parse(text, &ret->avro, err);
    }
    arena_free(&arena);
    return code;
}

static int schema_of(struct value_text *v, struct log_access *log, int32_t id, struct known *ret, struct error *err)
{
    vec_each (&v->known, k) {
        if (k->id == id) {
            *ret = *k;
            return 0;
        }
    }
    if (v->known.len == KNOWN_MAX)
        forget(v);
    int code = ask(log, id, ret, err);
    if (!code)
        *vec_push(&v->known) = *ret;
    return code;
}

/* *ret_done false, with nothing appended: not of Confluent's format, or of a schema that is not registered. */
static int write_registered(struct value_text *v, struct log_access *log, struct str bytes, struct buf *out,
                            bool *ret_done, struct error *err)
{
    const uint8_t *b = (const uint8_t *)bytes.ptr;
    struct known known;
    *ret_done = false;
    if (bytes.len < PREFIX || b[0] != 0)
        return 0;
    int32_t id = (int32_t)((uint32_t)b[1] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 8 | b[4]);
    int code = id < 0 ? 0 : schema_of(v, log, id, &known, err);
    if (code || id < 0 || !known.found || (!known.avro && !known.text))
        return code;
    struct str rest = str_of(bytes.ptr + PREFIX, bytes.len - PREFIX);
    size_t len = out->len;
    if (known.avro)
        code = avro_to_json(known.avro, rest, out, err);
    else
        buf_add_str(out, rest);
    if (code)
        out->len = len;
    *ret_done = !code;
    return code;
}

static void write_hex(struct str bytes, struct buf *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        buf_add_char(out, digits[(uint8_t)bytes.ptr[i] >> 4]);
        buf_add_char(out, digits[(uint8_t)bytes.ptr[i] & 15]);
    }
}

static void write_text_or_hex(struct str bytes, struct buf *out)
{
    if (str_is_utf8(bytes) && !memchr(bytes.ptr, 0, bytes.len))
        buf_add_str(out, bytes);
    else
        write_hex(bytes, out);
}

static int write_json(struct str bytes, struct buf *out, struct error *err)
{
    struct arena arena = {0};
    struct value parsed;
    int code = json_read(bytes, &arena, &parsed, err);
    if (!code)
        buf_add_str(out, bytes);
    arena_free(&arena);
    return code;
}

int value_text_write(struct value_text *v, struct log_access *log, struct str bytes, struct buf *out, struct error *err)
{
    bool done = false;
    int code = 0;
    if (!bytes.ptr) {
        buf_add_literal(out, "null");
        return 0;
    }
    switch (v->format) {
    case VALUE_FORMAT_AUTO:
        code = write_registered(v, log, bytes, out, &done, err);
        if (code == ERROR_CONNECTION || code == ERROR_TIMEOUT)
            return code;
        if (!done)
            write_text_or_hex(bytes, out);
        return 0;
    case VALUE_FORMAT_AVRO:
        code = write_registered(v, log, bytes, out, &done, err);
        if (!code && !done)
            code = error_set(err, ERROR_DATA, "not Avro with a registered schema; --format auto takes anything");
        return code;
    case VALUE_FORMAT_JSON:
        return write_json(bytes, out, err);
    case VALUE_FORMAT_STRING:
        buf_add_str(out, bytes);
        return 0;
    case VALUE_FORMAT_HEX:
        write_hex(bytes, out);
        return 0;
    }
    return error_set(err, ERROR_INTERNAL, "no such format");
}
