#include "debezium/schemas.h"

#include "base/buf.h"

static struct schema *named(enum schema_type type, const char *name)
{
    struct schema *s = schema_new(type);
    schema_set_name(s, str_from(name), 1);
    return s;
}

struct schema *debezium_schema(enum debezium_type type)
{
    static const struct {
        enum schema_type type;
        const char *name;
    } types[] = {
        [DEBEZIUM_DATE] = {SCHEMA_INT32, "io.debezium.time.Date"},
        [DEBEZIUM_TIME] = {SCHEMA_INT32, "io.debezium.time.Time"},
        [DEBEZIUM_MICRO_TIME] = {SCHEMA_INT64, "io.debezium.time.MicroTime"},
        [DEBEZIUM_TIMESTAMP] = {SCHEMA_INT64, "io.debezium.time.Timestamp"},
        [DEBEZIUM_MICRO_TIMESTAMP] = {SCHEMA_INT64, "io.debezium.time.MicroTimestamp"},
        [DEBEZIUM_ZONED_TIME] = {SCHEMA_STRING, "io.debezium.time.ZonedTime"},
        [DEBEZIUM_ZONED_TIMESTAMP] = {SCHEMA_STRING, "io.debezium.time.ZonedTimestamp"},
        [DEBEZIUM_MICRO_DURATION] = {SCHEMA_INT64, "io.debezium.time.MicroDuration"},
        [DEBEZIUM_INTERVAL] = {SCHEMA_STRING, "io.debezium.time.Interval"},
        [DEBEZIUM_JSON] = {SCHEMA_STRING, "io.debezium.data.Json"},
        [DEBEZIUM_XML] = {SCHEMA_STRING, "io.debezium.data.Xml"},
        [DEBEZIUM_UUID] = {SCHEMA_STRING, "io.debezium.data.Uuid"},
        [DEBEZIUM_LTREE] = {SCHEMA_STRING, "io.debezium.data.Ltree"},
    };
    return named(types[type].type, types[type].name);
}

struct schema *debezium_schema_enum(struct str allowed)
{
    struct schema *s = named(SCHEMA_STRING, "io.debezium.data.Enum");
    schema_add_param(s, STR("allowed"), allowed);
    return s;
}

struct schema *debezium_schema_bits(int32_t length)
{
    struct schema *s = named(SCHEMA_BYTES, "io.debezium.data.Bits");
    AUTO_BUF text = {0};
    buf_add_int64(&text, length);
    schema_add_param(s, STR("length"), buf_str(&text));
    return s;
}

static void add_own(struct schema *s, const char *name, struct schema *field)
{
    schema_add_field(s, str_from(name), field);
    schema_unref(field);
}

void debezium_add_field(struct schema *s, const char *name, enum schema_type type, bool optional)
{
    struct schema *field = schema_new(type);
    if (optional)
        schema_set_optional(field);
    add_own(s, name, field);
}

void debezium_add_snapshot_field(struct schema *s)
{
    struct schema *field = debezium_schema_enum(STR("true,last,false"));
    struct value fallback = value_str(STR("false"));
    schema_set_optional(field);
    schema_set_default(field, &fallback);
    add_own(s, "snapshot", field);
}

struct schema *debezium_schema_variable_decimal(void)
{
    struct schema *s = named(SCHEMA_STRUCT, "io.debezium.data.VariableScaleDecimal");
    schema_set_doc(s, STR("Variable scaled decimal"));
    debezium_add_field(s, "scale", SCHEMA_INT32, false);
    debezium_add_field(s, "value", SCHEMA_BYTES, false);
    return s;
}

struct schema *debezium_schema_geometry(bool geography)
{
    struct schema *s =
        named(SCHEMA_STRUCT, geography ? "io.debezium.data.geometry.Geography" : "io.debezium.data.geometry.Geometry");
    schema_set_doc(s, geography ? STR("Geography") : STR("Geometry"));
    debezium_add_field(s, "wkb", SCHEMA_BYTES, false);
    debezium_add_field(s, "srid", SCHEMA_INT32, true);
    return s;
}

struct schema *debezium_schema_point(void)
{
    struct schema *s = named(SCHEMA_STRUCT, "io.debezium.data.geometry.Point");
    schema_set_doc(s, STR("Geometry (POINT)"));
    debezium_add_field(s, "x", SCHEMA_FLOAT64, false);
    debezium_add_field(s, "y", SCHEMA_FLOAT64, false);
    debezium_add_field(s, "wkb", SCHEMA_BYTES, true);
    debezium_add_field(s, "srid", SCHEMA_INT32, true);
    return s;
}

struct schema *debezium_schema_envelope(struct str name, const struct schema *row, const struct schema *source)
{
    struct schema *s = schema_new(SCHEMA_STRUCT), *transaction = schema_new(SCHEMA_STRUCT);
    schema_set_name(s, name, SCHEMA_NO_VERSION);
    schema_add_field(s, STR("before"), row);
    schema_add_field(s, STR("after"), row);
    schema_add_field(s, STR("source"), source);
    debezium_add_field(s, "op", SCHEMA_STRING, false);
    debezium_add_field(s, "ts_ms", SCHEMA_INT64, true);
    debezium_add_field(transaction, "id", SCHEMA_STRING, false);
    debezium_add_field(transaction, "total_order", SCHEMA_INT64, false);
    debezium_add_field(transaction, "data_collection_order", SCHEMA_INT64, false);
    schema_set_optional(transaction);
    add_own(s, "transaction", transaction);
    return s;
}

static struct schema *unversioned(const char *name)
{
    struct schema *s = schema_new(SCHEMA_STRUCT);
    schema_set_name(s, str_from(name), SCHEMA_NO_VERSION);
    return s;
}

struct schema *debezium_schema_transaction_key(void)
{
    struct schema *s = unversioned("io.debezium.connector.common.TransactionMetadataKey");
    debezium_add_field(s, "id", SCHEMA_STRING, false);
    return s;
}

struct schema *debezium_schema_transaction_value(void)
{
    struct schema *s = unversioned("io.debezium.connector.common.TransactionMetadataValue");
    debezium_add_field(s, "status", SCHEMA_STRING, false);
    debezium_add_field(s, "id", SCHEMA_STRING, false);
    debezium_add_field(s, "event_count", SCHEMA_INT64, true);
    struct schema *element = schema_new(SCHEMA_STRUCT);
    debezium_add_field(element, "data_collection", SCHEMA_STRING, false);
    debezium_add_field(element, "event_count", SCHEMA_INT64, false);
    struct schema *list = schema_new_array(element);
    schema_set_optional(list);
    schema_unref(element);
    add_own(s, "data_collections", list);
    return s;
}

struct schema *debezium_schema_heartbeat_key(void)
{
    struct schema *s = unversioned("io.debezium.connector.common.ServerNameKey");
    debezium_add_field(s, "serverName", SCHEMA_STRING, false);
    return s;
}

struct schema *debezium_schema_heartbeat_value(void)
{
    struct schema *s = unversioned("io.debezium.connector.common.Heartbeat");
    debezium_add_field(s, "ts_ms", SCHEMA_INT64, false);
    return s;
}

/* ---- java.util.HashMap's order ---- */

/* String.hashCode: over UTF-16 units. */
static uint32_t java_hash(struct str s)
{
    uint32_t h = 0;
    for (size_t i = 0; i < s.len;) {
        unsigned char c = (unsigned char)s.ptr[i];
        size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        if (n > s.len - i)
            n = 1;
        uint32_t code = n == 1 ? c : c & (0x7fu >> n);
        for (size_t k = 1; k < n; k++)
            code = code << 6 | ((unsigned char)s.ptr[i + k] & 0x3f);
        if (code >= 0x10000) {
            h = h * 31 + (0xd800 + ((code - 0x10000) >> 10));
            code = 0xdc00 + ((code - 0x10000) & 0x3ff);
        }
        h = h * 31 + code;
        i += n;
    }
    return h;
}

void debezium_hash_order(const struct str *keys, size_t n, uint32_t *order, struct arena *scratch)
{
    enum { FIRST_BUCKETS = 16 };
    size_t buckets = FIRST_BUCKETS;
    while (n * 4 > buckets * 3)
        buckets *= 2;
    uint32_t *bucket = arena_array(scratch, uint32_t, n + 1);
    uint32_t *start = arena_zalloc(scratch, sizeof(uint32_t) * (buckets + 1));
    for (size_t i = 0; i < n; i++) {
        uint32_t h = java_hash(keys[i]);
        bucket[i] = (h ^ h >> 16) & (uint32_t)(buckets - 1);
        start[bucket[i] + 1]++;
    }
    for (size_t b = 0; b < buckets; b++)
        start[b + 1] += start[b];
    for (size_t i = 0; i < n; i++)
        order[start[bucket[i]]++] = (uint32_t)i;
}
