/* What libavro has read, printed in Avro's JSON encoding by a path of its own: libavro's calls and json_write_x. */
#ifndef WIRE_TEST_LIBAVRO_JSON_H
#define WIRE_TEST_LIBAVRO_JSON_H

#include "base/buf.h"
#include "wire/json.h"

#include <avro.h>

static inline void print_libavro(avro_value_t *v, struct buf *out);

static inline void print_latin1(struct buf *out, const void *bytes, size_t len)
{
    struct buf text = {0};
    for (size_t i = 0; i < len; i++) {
        unsigned c = ((const unsigned char *)bytes)[i];
        if (c < 0x80) {
            buf_add_char(&text, (char)c);
        } else {
            buf_add_char(&text, (char)(0xc0 | c >> 6));
            buf_add_char(&text, (char)(0x80 | (c & 0x3f)));
        }
    }
    json_write_string(out, buf_str(&text));
    buf_free(&text);
}

static inline void print_libavro_union(avro_value_t *v, struct buf *out)
{
    avro_value_t branch;
    avro_value_get_current_branch(v, &branch);
    avro_schema_t schema = avro_value_get_schema(&branch);
    if (avro_value_get_type(&branch) == AVRO_NULL) {
        print_libavro(&branch, out);
        return;
    }
    avro_type_t type = avro_value_get_type(&branch);
    bool named = type == AVRO_RECORD || type == AVRO_ENUM || type == AVRO_FIXED;
    const char *space = named ? avro_schema_namespace(schema) : NULL;
    buf_printf(out, "{\"%s%s%s\":", space ? space : "", space ? "." : "", avro_schema_type_name(schema));
    print_libavro(&branch, out);
    buf_add_char(out, '}');
}

static inline void print_libavro_items(avro_value_t *v, struct buf *out)
{
    size_t n = 0;
    avro_value_get_size(v, &n);
    bool is_array = avro_value_get_type(v) == AVRO_ARRAY;
    buf_add_char(out, is_array ? '[' : '{');
    for (size_t i = 0; i < n; i++) {
        avro_value_t item;
        const char *name = NULL;
        avro_value_get_by_index(v, i, &item, &name);
        if (i)
            buf_add_char(out, ',');
        if (!is_array) {
            json_write_string(out, str_from(name));
            buf_add_char(out, ':');
        }
        print_libavro(&item, out);
    }
    buf_add_char(out, is_array ? ']' : '}');
}

static inline void print_libavro(avro_value_t *v, struct buf *out)
{
    int b = 0, n = 0;
    int64_t l = 0;
    float f = 0;
    double d = 0;
    size_t size = 0;
    const void *bytes = NULL;
    const char *text = NULL;
    switch (avro_value_get_type(v)) {
    case AVRO_NULL:
        buf_add_literal(out, "null");
        break;
    case AVRO_BOOLEAN:
        avro_value_get_boolean(v, &b);
        buf_add_cstr(out, b ? "true" : "false");
        break;
    case AVRO_INT32:
        avro_value_get_int(v, &n);
        buf_add_int64(out, n);
        break;
    case AVRO_INT64:
        avro_value_get_long(v, &l);
        buf_add_int64(out, l);
        break;
    case AVRO_FLOAT:
        avro_value_get_float(v, &f);
        json_write_float(out, f);
        break;
    case AVRO_DOUBLE:
        avro_value_get_double(v, &d);
        json_write_double(out, d);
        break;
    case AVRO_STRING:
        avro_value_get_string(v, &text, &size);
        json_write_string(out, str_of(text, size - 1));
        break;
    case AVRO_BYTES:
        avro_value_get_bytes(v, &bytes, &size);
        print_latin1(out, bytes, size);
        break;
    case AVRO_FIXED:
        avro_value_get_fixed(v, &bytes, &size);
        print_latin1(out, bytes, size);
        break;
    case AVRO_ENUM:
        avro_value_get_enum(v, &n);
        json_write_string(out, str_from(avro_schema_enum_get(avro_value_get_schema(v), n)));
        break;
    case AVRO_UNION:
        print_libavro_union(v, out);
        break;
    default:
        print_libavro_items(v, out);
    }
}

#endif
