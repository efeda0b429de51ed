/* Data without a schema, as AvroData writes it: one record type that can hold anything, with one field a type. */
#include "wire/avro_node.h"

#define NULLABLE(name) "{\"name\":\"" name "\",\"type\":[\"null\",\"" name "\"],\"default\":null},"

void avro_anything_text(struct buf *out)
{
    buf_add_literal(out,
                    "{\"type\":\"record\",\"name\":\"Anything\",\"namespace\":\"" AVRO_CONNECT_NAMESPACE
                    "\",\"fields\":[" NULLABLE("boolean") NULLABLE("bytes") NULLABLE("double") NULLABLE("float")
                        NULLABLE("int") NULLABLE("long") NULLABLE("string") //
                    "{\"name\":\"array\",\"type\":[\"null\",{\"type\":\"array\",\"items\":\"Anything\"}],"
                    "\"default\":null},"
                    "{\"name\":\"map\",\"type\":[\"null\",{\"type\":\"array\",\"items\":{\"type\":\"record\","
                    "\"name\":\"MapEntry\",\"fields\":[{\"name\":\"key\",\"type\":\"Anything\"},"
                    "{\"name\":\"value\",\"type\":\"Anything\"}]}}],\"default\":null}]}");
}
