/*
 * Positions as Kafka Connect stores those of the JDBC source:
 *
 *   partition  {"protocol":"1","table":"public.orders"}; before protocol 1 {"table":"orders"}; {"query":"query"}
 *   offset     {"timestamp_nanos":123456000,"incrementing":7,"timestamp":1578009600123}, without what the mode lacks
 *
 * `timestamp` is java.sql.Timestamp's getTime (milliseconds), `timestamp_nanos` its getNanos (of the second); the
 * latter is missing in offsets of old versions.
 */
#ifndef SOURCES_QUERY_OFFSET_H
#define SOURCES_QUERY_OFFSET_H

#include "data/position.h"
#include "db/db.h"

struct query_offset {
    bool has_timestamp, has_incrementing;
    int64_t seconds; /* since 1970 UTC */
    int32_t nanos;   /* of the second, 0 to 999,999,999 */
    int64_t incrementing;
};

enum { OFFSET_ENTRIES = 3, PARTITION_ENTRIES = 2 };

void offset_set_us(struct query_offset *o, int64_t us);
void offset_set_ms(struct query_offset *o, int64_t ms);
int offset_compare_timestamps(const struct query_offset *a, const struct query_offset *b); /* <0, 0, >0 */
bool offset_equal(const struct query_offset *a, const struct query_offset *b);

/* What is missing, or of another type, is as if it were not set. */
void offset_read(const struct position_map *m, struct query_offset *ret);
struct position_map offset_write(const struct query_offset *o, struct position_entry entries[OFFSET_ENTRIES]);

struct position_map partition_of_table(struct str full_name, struct position_entry entries[PARTITION_ENTRIES]);
struct position_map partition_of_table_v0(struct str name, struct position_entry entries[PARTITION_ENTRIES]);
struct position_map partition_of_query(struct position_entry entries[PARTITION_ENTRIES]);

#endif
