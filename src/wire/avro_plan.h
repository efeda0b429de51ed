/* Inside the Avro encoder: the compiled plan, made by avro_plan.c and run by avro_encode.c. */
#ifndef WIRE_AVRO_PLAN_H
#define WIRE_AVRO_PLAN_H

#include "wire/avro.h"

enum avro_op_kind {
    OP_INT,
    OP_LONG,
    OP_FLOAT,
    OP_DOUBLE,
    OP_BOOLEAN,
    OP_STRING, /* bytes too: both are a length and bytes */
    OP_ENUM,
    OP_FIXED,
    OP_RECORD,
    OP_ARRAY,
    OP_MAP,     /* string keys */
    OP_ENTRIES, /* array of key/value records */
    OP_UNION,   /* a struct of which one field is set */
    OP_ANYTHING,
};

/* How one value is written. For an optional value of a two-branch union, `prefix` says the branch of the value. */
struct avro_op {
    uint8_t kind;
    uint8_t tag; /* enum value_type that the value must have */
    bool has_prefix;
    uint8_t prefix;
    bool pads;           /* FIXED: a Decimal, its sign is extended */
    uint8_t first_union; /* UNION: number of the first field's branch */
    uint32_t n;          /* fields, symbols, branches; FIXED: bytes */
    const struct avro_op
        *ops; /* RECORD: n fields; ARRAY: items; MAP: values; ENTRIES: key and value; UNION: n branches */
    const struct str *symbols; /* ENUM */
    struct str null;           /* what is written for a null; STR_NULL: a null is an error */
    const struct schema *schema;
};

struct avro_plan {
    struct arena arena;
    const struct schema *schema; /* a reference */
    const struct avro_op *root;
};

#endif
