/*
 * Inside registry: the texts of schemas that are no Avro. They are kept and given back, not understood: checked only so
 * far that what is plainly no such schema is refused.
 */
#ifndef REGISTRY_OTHER_TYPES_H
#define REGISTRY_OTHER_TYPES_H

#include "base/buf.h"
#include "base/error.h"

/* Appends JSON Schema's text without white space between its parts. ERROR_INVALID_SCHEMA: not JSON, or neither an
 * object nor true or false. */
int registry_text_json(struct str text, struct buf *out, struct error *err);

/* Appends Protobuf's text as it came, but for white space around it: the source of a .proto file, or a serialized
 * FileDescriptorProto in base64. ERROR_INVALID_SCHEMA: comments, strings or braces are left open, or it starts with no
 * statement of a .proto file. */
int registry_text_protobuf(struct str text, struct buf *out, struct error *err);

#endif
