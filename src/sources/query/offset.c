#include "sources/query/offset.h"

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

void offset_set_us(struct query_offset *o, int64_t us)
{
    o->has_timestamp = true;
    o->seconds = floor_div(us, 1000000);
    o->nanos = (int32_t)(us - o->seconds * 1000000) * 1000;
}

void offset_set_ms(struct query_offset *o, int64_t ms)
{
    o->has_timestamp = true;
    o->seconds = floor_div(ms, 1000);
    o->nanos = (int32_t)(ms - o->seconds * 1000) * 1000000;
}

int offset_compare_timestamps(const struct query_offset *a, const struct query_offset *b)
{
    if (a->seconds != b->seconds)
        return a->seconds < b->seconds ? -1 : 1;
    return (a->nanos > b->nanos) - (a->nanos < b->nanos);
}

bool offset_equal(const struct query_offset *a, const struct query_offset *b)
{
    return a->has_timestamp == b->has_timestamp && a->has_incrementing == b->has_incrementing &&
           (!a->has_timestamp || offset_compare_timestamps(a, b) == 0) &&
           (!a->has_incrementing || a->incrementing == b->incrementing);
}

void offset_read(const struct position_map *m, struct query_offset *ret)
{
    struct query_offset o = {0};
    int64_t v;
    if (position_get_int(m, "incrementing", &v)) {
        o.has_incrementing = true;
        o.incrementing = v;
    }
    if (position_get_int(m, "timestamp", &v)) {
        offset_set_ms(&o, v);
        if (position_get_int(m, "timestamp_nanos", &v) && v >= 0 && v < 1000000000)
            o.nanos = (int32_t)v;
    }
    *ret = o;
}

static struct position_entry entry(struct str name, struct value v)
{
    return (struct position_entry){name, v};
}

struct position_map offset_write(const struct query_offset *o, struct position_entry entries[OFFSET_ENTRIES])
{
    uint32_t n = 0;
    if (o->has_timestamp)
        entries[n++] = entry(STR("timestamp_nanos"), value_int64(o->nanos));
    if (o->has_incrementing)
        entries[n++] = entry(STR("incrementing"), value_int64(o->incrementing));
    if (o->has_timestamp)
        entries[n++] = entry(STR("timestamp"), value_int64(o->seconds * 1000 + o->nanos / 1000000));
    return (struct position_map){entries, n};
}

struct position_map partition_of_table(struct str full_name, struct position_entry entries[PARTITION_ENTRIES])
{
    entries[0] = entry(STR("protocol"), value_str(STR("1")));
    entries[1] = entry(STR("table"), value_str(full_name));
    return (struct position_map){entries, 2};
}

struct position_map partition_of_table_v0(struct str name, struct position_entry entries[PARTITION_ENTRIES])
{
    entries[0] = entry(STR("table"), value_str(name));
    return (struct position_map){entries, 1};
}

struct position_map partition_of_query(struct position_entry entries[PARTITION_ENTRIES])
{
    entries[0] = entry(STR("query"), value_str(STR("query")));
    return (struct position_map){entries, 1};
}
