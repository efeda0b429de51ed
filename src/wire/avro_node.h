/*
 * Inside the Avro codec: an Avro schema as a graph of nodes. It is made in two ways, by the parser from text
 * (avro_parse.c) and from a Connect schema (avro_from_connect.c); everything else reads it: the text writer, the plan
 * compiler, the decoder, the way back to a Connect schema.
 *
 * Named types (record, enum, fixed) are one node however often they are referred to, so the graph may have cycles.
 * JSON that a schema carries along (properties, defaults, aliases) is kept as schemaless values.
 */
#ifndef WIRE_AVRO_NODE_H
#define WIRE_AVRO_NODE_H

#include "base/map.h"
#include "base/vec.h"
#include "wire/avro.h"

enum avro_type {
    AVRO_NULL,
    AVRO_BOOLEAN,
    AVRO_INT,
    AVRO_LONG,
    AVRO_FLOAT,
    AVRO_DOUBLE,
    AVRO_BYTES,
    AVRO_STRING,
    AVRO_RECORD,
    AVRO_ENUM,
    AVRO_ARRAY,
    AVRO_MAP,
    AVRO_UNION,
    AVRO_FIXED,
};
enum { AVRO_N_PRIMITIVES = AVRO_STRING + 1, AVRO_N_TYPES = AVRO_FIXED + 1 };
extern const char *const avro_type_names[AVRO_N_TYPES];

/* What AvroData writes and reads beside the schema itself. */
#define AVRO_CONNECT_NAMESPACE "io.confluent.connect.avro"
#define AVRO_DEFAULT_NAME      "ConnectDefault" /* of a struct without a name; a second one is ConnectDefault2 */
#define AVRO_MAP_ENTRY_NAME    "MapEntry"
#define AVRO_UNION_NAME        AVRO_CONNECT_NAMESPACE ".Union"
#define AVRO_ENUM_PARAM        AVRO_CONNECT_NAMESPACE ".Enum"
#define AVRO_ANYTHING_NAME     AVRO_CONNECT_NAMESPACE ".Anything"
#define AVRO_RECORD_DOC_PARAM  "connect.record.doc"
#define AVRO_ENUM_DOC_PARAM    "connect.enum.doc"
#define AVRO_FIXED_SIZE_PARAM  "connect.fixed.size"
#define AVRO_PASSED_PREFIX     "avro" /* parameters of this prefix become properties, and the other way round */
enum { AVRO_DEFAULT_PRECISION = 64 };

struct avro_prop {
    struct str key;
    struct value value;
};

struct avro_props {
    struct avro_prop *items;
    uint32_t n;
};

struct avro_node;

struct avro_field {
    struct str name, doc, order; /* doc and order: STR_NULL when absent */
    struct avro_node *type;
    struct value default_value; /* as JSON; VALUE_NULL is JSON's null */
    struct value aliases;       /* VALUE_ARRAY or VALUE_NULL */
    struct avro_props props;
    bool has_default;
};

struct avro_node {
    uint8_t type;     /* enum avro_type */
    uint8_t value;    /* enum value_type that its data has in Connect; a UNION's is VALUE_STRUCT unless `only` is set */
    bool is_error;    /* a record declared as "error" */
    bool is_anything; /* AvroData's record for schemaless data */
    bool is_entries;  /* an ARRAY of key/value records: a map whose keys are no strings */
    uint32_t index;   /* of this node in its schema's `nodes` */
    uint32_t n;       /* fields, branches or symbols */
    uint32_t size;    /* FIXED: bytes */
    union {
        struct avro_field *fields;   /* RECORD */
        struct avro_node **branches; /* UNION */
        struct str *symbols;         /* ENUM */
        struct avro_node *items;     /* ARRAY, and the values of a MAP */
    };
    struct avro_node *only; /* UNION of one type, or of null and one type: that type */
    struct str name, space; /* RECORD, ENUM, FIXED; space STR_NULL: no namespace */
    struct str full;        /* space.name */
    struct str doc;
    struct value aliases, enum_default;
    struct avro_props props;
};

struct avro_schema {
    struct arena arena;
    struct avro_node *root;
    VEC(struct avro_node *) nodes; /* all of them; a node's `index` is its place here */
    struct map names;              /* full name to node */
};

struct avro_node *avro_node_new(struct avro_schema *s, enum avro_type type);
void avro_prop_add(struct avro_schema *s, struct avro_props *props, struct str key, struct value value);
const struct value *avro_prop_get(const struct avro_props *props, const char *key); /* NULL when absent */
struct str avro_prop_str(const struct avro_props *props, const char *key);          /* STR_NULL: absent or no string */
bool avro_prop_int(const struct avro_props *props, const char *key, int64_t *ret);

/* Sets what follows from the rest: `value`, `only`, `is_entries`, `is_anything`. Once, when the graph is complete. */
void avro_schema_derive(struct avro_schema *s);

/* Enters the node under its full name; false when that is taken. */
bool avro_node_name(struct avro_schema *s, struct avro_node *n, struct str space, struct str name);

/* The union branch that holds null, or -1. */
int avro_null_branch(const struct avro_node *n);

/* What a union branch is called in Avro's JSON: the full name, or the type's. */
struct str avro_node_label(const struct avro_node *n);

/*
 * Names. Avro's specification takes ASCII letters, digits and _; its Java library, and so everything that stands on it,
 * takes letters of any script. We are as generous: a table that worked with Kafka Connect goes on working.
 */
bool avro_name_ok(struct str name);
bool avro_name_is_primitive(struct str name);
/* AvroData.scrubName: URL-encoded, then what is still forbidden becomes _; a digit in front gets an x. */
struct str avro_name_scrub(struct arena *arena, struct str name);
/* The part after the last dot, and what stands before it (STR_NULL without a dot). Dots at the end are dropped. */
struct str avro_name_split(struct str full, struct str *ret_space);
/* The same split with every part scrubbed; `full` may be STR_NULL. */
struct str avro_name_scrub_full(struct arena *arena, struct str full);

/* AvroData.fromConnectSchema as a graph. */
int avro_build(const struct schema *schema, const struct avro_options *options, struct avro_schema **ret,
               struct error *err);
/* True for a Connect map that is an Avro map; others are arrays of key/value records. */
bool avro_map_is_plain(const struct schema *map, const struct avro_options *options);
bool avro_is_union(const struct schema *s);
bool avro_is_enum(const struct schema *s, const struct avro_options *options);
bool avro_is_fixed(const struct schema *s);
/* Where data has no schema: the text of AvroData's record for it. */
void avro_anything_text(struct buf *out);
enum avro_anything {
    ANYTHING_BOOLEAN,
    ANYTHING_BYTES,
    ANYTHING_DOUBLE,
    ANYTHING_FLOAT,
    ANYTHING_INT,
    ANYTHING_LONG,
    ANYTHING_STRING,
    ANYTHING_ARRAY,
    ANYTHING_MAP,
    ANYTHING_N
};

/*
 * Defaults as JSON. Bytes are base64 in `connect.default` and text of ISO-8859-1 in a field's "default".
 */
enum avro_default_form { AVRO_DEFAULT_CONNECT, AVRO_DEFAULT_FIELD };
int avro_default_from_connect(struct avro_schema *s, const struct schema *schema, const struct value *v,
                              const struct avro_options *options, enum avro_default_form form, struct value *ret,
                              struct error *err);
/* Whether Avro takes this JSON as a default of the type; a union's default is one of its first type. */
bool avro_default_ok(const struct avro_node *n, const struct value *json);
/* The Connect data that the JSON of a default stands for; false when it does not fit the type. */
bool avro_default_to_connect(const struct avro_node *n, const struct value *json, enum avro_default_form form,
                             struct arena *arena, struct value *ret);

#endif
