/*
 * The database's types (pg_type), and what becomes of a column of one: its schema and its conversion, as the types and
 * modes of the guide's section 3.2.4 have them.
 */
#ifndef SOURCES_POSTGRES_TYPES_H
#define SOURCES_POSTGRES_TYPES_H

#include "base/vec.h"
#include "sources/postgres/conn.h"
#include "sources/postgres/convert.h"

struct pgc_type {
    uint32_t oid, element, base; /* element: of arrays; base: of domains; else 0 */
    int32_t typmod;              /* of domains: -1 when they say nothing */
    char kind;                   /* pg_type.typtype: 'b', 'c', 'd', 'e', 'p', 'r', 'm' */
    struct str name;
    struct str labels; /* of an enum, comma separated */
};

struct pgc_types {
    VEC(struct pgc_type) items; /* by oid */
    struct arena arena;
};

/* Reads pg_type anew. */
int pgc_types_load(struct pgc_types *t, struct pgc_conn *c, struct error *err);
void pgc_types_release(struct pgc_types *t);
const struct pgc_type *pgc_types_find(const struct pgc_types *t, uint32_t oid); /* NULL: not known */

/* What a column becomes. */
struct pgc_mapping {
    struct pgc_conv conv;         /* op PGC_OMITTED: left out */
    struct schema *schema;        /* not optional yet; NULL when left out; the caller's */
    struct str type_name;         /* of the declared type, as pg_type has it */
    int32_t length, scale;        /* as pgjdbc counts them */
    bool toast_text, toast_bytes; /* the placeholder's form; neither: null */
};

/* `conv.element` lives in the arena. */
void pgc_map_type(const struct pgc_types *t, const struct pgc_config *config, uint32_t oid, int32_t typmod,
                  struct arena *arena, struct pgc_mapping *ret);

#endif
