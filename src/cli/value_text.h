/* Keys and values of records as lines of text, in the forms that `tributary consume --format` names. */
#ifndef CLI_VALUE_TEXT_H
#define CLI_VALUE_TEXT_H

#include "base/buf.h"
#include "cli/log_access.h"

enum value_format {
    VALUE_FORMAT_AUTO,   /* Avro where the bytes have a registered schema's id, else text, else hex */
    VALUE_FORMAT_AVRO,   /* Confluent's wire format, printed in Avro's JSON encoding */
    VALUE_FORMAT_JSON,   /* as it is; what is not JSON is an error */
    VALUE_FORMAT_STRING, /* as it is */
    VALUE_FORMAT_HEX,
};
extern const char *const value_format_names[]; /* NULL-terminated, by the enum */

struct value_text;

struct value_text *value_text_new(enum value_format format);
void value_text_free(struct value_text *v);

/* Appends the text of `bytes` ("null" for null). Schemas are asked from `log` once and kept. The error says why the
 * bytes are not of the format. */
int value_text_write(struct value_text *v, struct log_access *log, struct str bytes, struct buf *out,
                     struct error *err);

#endif
