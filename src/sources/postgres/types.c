#include "sources/postgres/types.h"

#include "db/postgres/decode.h"
#include "debezium/schemas.h"

enum { /* pg_type's oids that decode.h has no names for */
       OID_XID = 28,
       OID_POINT = 600,
       OID_CIDR = 650,
       OID_MACADDR8 = 774,
       OID_MACADDR = 829,
       OID_INET = 869,
       OID_INT4RANGE = 3904,
       OID_NUMRANGE = 3906,
       OID_TSRANGE = 3908,
       OID_TSTZRANGE = 3910,
       OID_DATERANGE = 3912,
       OID_INT8RANGE = 3926,
};

enum { UNLIMITED = INT32_MAX, NUMERIC_WITHOUT_TYPMOD = 131089, MAX_DOMAIN_DEPTH = 32 };

int pgc_types_load(struct pgc_types *t, struct pgc_conn *c, struct error *err)
{
    PGresult *r;
    int code = pgc_exec(c,
                        "SELECT t.oid, t.typname, t.typtype, CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END, "
                        "t.typbasetype, t.typtypmod, (SELECT pg_catalog.string_agg(e.enumlabel, ',' ORDER BY "
                        "e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) "
                        "FROM pg_catalog.pg_type t ORDER BY t.oid",
                        &r, err);
    if (code)
        return error_context(err, "reading the types");
    t->items.len = 0;
    arena_reset(&t->arena);
    for (int i = 0; i < PQntuples(r); i++) {
        struct pgc_type *type = vec_push(&t->items);
        *type = (struct pgc_type){
            .oid = (uint32_t)strtoul(PQgetvalue(r, i, 0), NULL, 10),
            .name = arena_cstr(&t->arena, PQgetvalue(r, i, 1)),
            .kind = PQgetvalue(r, i, 2)[0],
            .element = (uint32_t)strtoul(PQgetvalue(r, i, 3), NULL, 10),
            .base = (uint32_t)strtoul(PQgetvalue(r, i, 4), NULL, 10),
            .typmod = (int32_t)strtol(PQgetvalue(r, i, 5), NULL, 10),
            .labels = arena_cstr(&t->arena, PQgetvalue(r, i, 6)),
        };
    }
    PQclear(r);
    return 0;
}

void pgc_types_release(struct pgc_types *t)
{
    vec_free(&t->items);
    arena_free(&t->arena);
}

const struct pgc_type *pgc_types_find(const struct pgc_types *t, uint32_t oid)
{
    size_t low = 0, high = t->items.len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (t->items.items[middle].oid < oid)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->items.len && t->items.items[low].oid == oid ? &t->items.items[low] : NULL;
}

/* ---- length and scale ---- */

static int32_t second_digits(int32_t typmod)
{
    return typmod < 0 ? 6 : typmod & 0xffff;
}

static int32_t scale_of(uint32_t oid, int32_t typmod)
{
    switch (oid) {
    case PG_FLOAT4:
        return 8;
    case PG_FLOAT8:
        return 17;
    case PG_NUMERIC:
        return typmod < 0 ? 0 : (typmod - 4) & 0x7ff;
    case PG_TIME:
    case PG_TIMETZ:
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ:
    case PG_INTERVAL:
        return second_digits(typmod) > 6 ? 6 : second_digits(typmod);
    default:
        return 0;
    }
}

static int32_t length_of(uint32_t oid, int32_t typmod)
{
    int32_t seconds = scale_of(oid, typmod);
    int32_t fraction = seconds == 0 ? 0 : seconds == 1 ? 3 : seconds + 1;
    switch (oid) {
    case PG_INT2:
        return 5;
    case PG_INT4:
    case PG_OID:
        return 10;
    case PG_INT8:
        return 19;
    case PG_FLOAT4:
        return 8;
    case PG_FLOAT8:
        return 17;
    case PG_NUMERIC:
        return typmod < 0 ? NUMERIC_WITHOUT_TYPMOD : (typmod - 4) >> 16 & 0xffff;
    case PG_CHAR:
    case PG_BOOL:
        return 1;
    case PG_BPCHAR:
    case PG_VARCHAR:
        return typmod < 0 ? UNLIMITED : typmod - 4;
    case PG_BIT:
    case PG_VARBIT:
        return typmod < 0 ? UNLIMITED : typmod;
    case PG_DATE:
        return 13;
    case PG_TIME:
        return 8 + fraction;
    case PG_TIMETZ:
        return 8 + fraction + 6;
    case PG_TIMESTAMP:
        return 22 + fraction;
    case PG_TIMESTAMPTZ:
        return 22 + fraction + 6;
    case PG_INTERVAL:
        return 49;
    default:
        return UNLIMITED;
    }
}

/* ---- types by oid ---- */

static void set(struct pgc_mapping *m, enum pgc_op op, struct schema *schema)
{
    m->conv.op = (uint8_t)op;
    m->schema = schema;
}

static void map_text(struct pgc_mapping *m, struct schema *schema)
{
    set(m, PGC_TEXT, schema);
    m->toast_text = true;
}

static void map_numeric(struct pgc_mapping *m, int decimal_mode, int32_t typmod)
{
    if (decimal_mode == PGC_DECIMAL_MODE_DOUBLE)
        set(m, PGC_DECIMAL_DOUBLE, schema_new(SCHEMA_FLOAT64));
    else if (decimal_mode == PGC_DECIMAL_MODE_STRING)
        set(m, PGC_DECIMAL_TEXT, schema_new(SCHEMA_STRING));
    else if (typmod < 0)
        set(m, PGC_DECIMAL_VARIABLE, debezium_schema_variable_decimal());
    else
        set(m, PGC_DECIMAL, schema_new_decimal(m->scale, m->length));
    m->conv.scale = m->scale;
}

static void map_time(struct pgc_mapping *m, int mode)
{
    if (mode == PGC_TIME_CONNECT)
        set(m, PGC_TIME_MS, schema_new_time());
    else if (mode == PGC_TIME_ADAPTIVE && m->scale <= 3)
        set(m, PGC_TIME_MS, debezium_schema(DEBEZIUM_TIME));
    else
        set(m, PGC_TIME_US, debezium_schema(DEBEZIUM_MICRO_TIME));
}

static void map_timestamp(struct pgc_mapping *m, int mode)
{
    if (mode == PGC_TIME_CONNECT)
        set(m, PGC_TIMESTAMP_MS, schema_new_timestamp());
    else if (m->scale <= 3)
        set(m, PGC_TIMESTAMP_MS, debezium_schema(DEBEZIUM_TIMESTAMP));
    else
        set(m, PGC_TIMESTAMP_US, debezium_schema(DEBEZIUM_MICRO_TIMESTAMP));
}

static void map_bits(struct pgc_mapping *m)
{
    if (m->length > 1)
        set(m, PGC_BITS, debezium_schema_bits(m->length));
    else
        set(m, PGC_BIT, schema_new(SCHEMA_BOOLEAN));
}

static void map_hstore(struct pgc_mapping *m, bool json)
{
    if (json) {
        map_text(m, debezium_schema(DEBEZIUM_JSON));
        m->conv.op = PGC_HSTORE_JSON;
        return;
    }
    struct schema *key = schema_new(SCHEMA_STRING), *value = schema_new(SCHEMA_STRING);
    schema_set_optional(value);
    set(m, PGC_HSTORE_MAP, schema_new_map(key, value));
    schema_unref(key);
    schema_unref(value);
}

/* Types of extensions have no fixed oid. */
static bool map_named(struct pgc_mapping *m, const struct pgc_config *config, struct str name)
{
    if (str_is(name, "geometry") || str_is(name, "geography"))
        set(m, PGC_GEOMETRY, debezium_schema_geometry(str_is(name, "geography")));
    else if (str_is(name, "citext"))
        map_text(m, schema_new(SCHEMA_STRING));
    else if (str_is(name, "ltree"))
        map_text(m, debezium_schema(DEBEZIUM_LTREE));
    else if (str_is(name, "hstore"))
        map_hstore(m, config->hstore_mode == 1);
    else
        return false;
    return true;
}

static bool map_number(struct pgc_mapping *m, const struct pgc_config *config, uint32_t oid, int32_t typmod)
{
    switch (oid) {
    case PG_INT2:
        set(m, PGC_INT16, schema_new(SCHEMA_INT16));
        return true;
    case PG_INT4:
        set(m, PGC_INT32, schema_new(SCHEMA_INT32));
        return true;
    case PG_INT8:
    case PG_OID:
        set(m, PGC_INT64, schema_new(SCHEMA_INT64));
        return true;
    case PG_FLOAT4:
        set(m, PGC_FLOAT32, schema_new(SCHEMA_FLOAT32));
        return true;
    case PG_FLOAT8:
        set(m, PGC_FLOAT64, schema_new(SCHEMA_FLOAT64));
        return true;
    case PG_BOOL:
        set(m, PGC_BOOLEAN, schema_new(SCHEMA_BOOLEAN));
        return true;
    case PG_MONEY:
        set(m, PGC_MONEY, schema_new_decimal(2, 0));
        return true;
    case PG_NUMERIC:
        map_numeric(m, config->decimal_mode, typmod);
        return true;
    default:
        return false;
    }
}

static bool map_temporal(struct pgc_mapping *m, const struct pgc_config *config, uint32_t oid)
{
    switch (oid) {
    case PG_DATE:
        set(m, PGC_DATE, config->time_mode == PGC_TIME_CONNECT ? schema_new_date() : debezium_schema(DEBEZIUM_DATE));
        return true;
    case PG_TIME:
        map_time(m, config->time_mode);
        return true;
    case PG_TIMETZ:
        set(m, PGC_TIMETZ, debezium_schema(DEBEZIUM_ZONED_TIME));
        return true;
    case PG_TIMESTAMP:
        map_timestamp(m, config->time_mode);
        return true;
    case PG_TIMESTAMPTZ:
        set(m, PGC_TIMESTAMPTZ, debezium_schema(DEBEZIUM_ZONED_TIMESTAMP));
        return true;
    case PG_INTERVAL:
        if (config->interval_mode == 1)
            set(m, PGC_INTERVAL_TEXT, debezium_schema(DEBEZIUM_INTERVAL));
        else
            set(m, PGC_INTERVAL_US, debezium_schema(DEBEZIUM_MICRO_DURATION));
        return true;
    default:
        return false;
    }
}

static bool map_other(struct pgc_mapping *m, uint32_t oid)
{
    switch (oid) {
    case PG_TEXT:
    case PG_VARCHAR:
    case PG_BPCHAR:
    case PG_NAME:
    case PG_CHAR:
    case OID_INET:
    case OID_CIDR:
    case OID_MACADDR:
    case OID_MACADDR8:
    case OID_INT4RANGE:
    case OID_NUMRANGE:
    case OID_TSRANGE:
    case OID_TSTZRANGE:
    case OID_DATERANGE:
    case OID_INT8RANGE:
        map_text(m, schema_new(SCHEMA_STRING));
        return true;
    case PG_JSON:
    case PG_JSONB:
        map_text(m, debezium_schema(DEBEZIUM_JSON));
        return true;
    case PG_UUID:
        map_text(m, debezium_schema(DEBEZIUM_UUID));
        return true;
    case PG_XML:
        map_text(m, debezium_schema(DEBEZIUM_XML));
        return true;
    case PG_BYTEA:
        set(m, PGC_BYTEA, schema_new(SCHEMA_BYTES));
        m->toast_bytes = true;
        return true;
    case PG_BIT:
    case PG_VARBIT:
        map_bits(m);
        return true;
    case OID_POINT:
        set(m, PGC_POINT, debezium_schema_point());
        return true;
    default:
        return false;
    }
}

/* Arrays of these stay out of events, whatever include.unknown.datatypes says: Debezium 1.1 knows no form for them. */
static bool array_is_left_out(uint32_t element)
{
    switch (element) {
    case PG_TIME:
    case PG_TIMETZ:
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ:
    case PG_BYTEA:
    case PG_OID:
    case PG_MONEY:
    case PG_NAME:
    case PG_INTERVAL:
    case PG_VARBIT:
    case PG_XML:
    case OID_POINT:
    case PG_JSON:
    case PG_JSONB:
        return true;
    default:
        return false;
    }
}

static bool map_scalar(const struct pgc_types *t, struct pgc_mapping *m, const struct pgc_config *config, uint32_t oid,
                       int32_t typmod)
{
    if (map_number(m, config, oid, typmod) || map_temporal(m, config, oid) || map_other(m, oid))
        return true;
    const struct pgc_type *type = pgc_types_find(t, oid);
    if (type && type->kind == 'e') {
        map_text(m, debezium_schema_enum(type->labels));
        return true;
    }
    return type && map_named(m, config, type->name);
}

static bool map_array(const struct pgc_types *t, struct pgc_mapping *m, const struct pgc_config *config,
                      uint32_t element, int32_t typmod, struct arena *arena)
{
    struct pgc_mapping inner = {.length = length_of(element, typmod), .scale = scale_of(element, typmod)};
    const struct pgc_type *type = pgc_types_find(t, element);
    bool of_enums = type && type->kind == 'e';
    if (of_enums || element == PG_BIT || !map_scalar(t, &inner, config, element, typmod))
        return false;
    schema_set_optional(inner.schema);
    set(m, PGC_ARRAY, schema_new_array(inner.schema));
    schema_unref(inner.schema);
    m->conv.element = arena_dup(arena, &inner.conv, sizeof inner.conv);
    return true;
}

void pgc_map_type(const struct pgc_types *t, const struct pgc_config *config, uint32_t oid, int32_t typmod,
                  struct arena *arena, struct pgc_mapping *ret)
{
    const struct pgc_type *type = pgc_types_find(t, oid);
    struct pgc_mapping m = {.type_name = type ? type->name : STR("unknown")};
    for (int depth = 0; type && type->kind == 'd' && depth < MAX_DOMAIN_DEPTH; depth++) {
        if (typmod < 0)
            typmod = type->typmod;
        oid = type->base;
        type = pgc_types_find(t, oid);
    }
    uint32_t element = type ? type->element : 0;
    uint32_t sized = element ? element : oid;
    m.length = length_of(sized, typmod);
    m.scale = scale_of(sized, typmod);
    bool known = element ? map_array(t, &m, config, element, typmod, arena) : map_scalar(t, &m, config, oid, typmod);
    if (element && array_is_left_out(element)) {
        if (known)
            schema_unref(m.schema);
        set(&m, PGC_OMITTED, NULL);
    } else if (!known && config->include_unknown) {
        set(&m, PGC_TEXT_BYTES, schema_new(SCHEMA_BYTES));
        m.toast_bytes = true;
    }
    *ret = m;
}
