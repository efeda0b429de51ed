/*
 * Time zones: from the wall clock of a place to UTC and back, by the system's database of zones (Debian's tzdata) or
 * as a fixed distance. The system's own functions know one zone per process; here every connection has its own.
 *
 *   "Europe/Berlin", "UTC", "+02:00", "-0330", "GMT+2", Java's "EST"
 *
 * The files' format: https://www.rfc-editor.org/rfc/rfc8536 (TZif).
 */
#ifndef DB_COMMON_ZONE_H
#define DB_COMMON_ZONE_H

#include "base/arena.h"
#include "base/error.h"

enum { ZONE_MAX_FILE = 64 * 1024, ZONE_MAX_NAME = 128, ZONE_LAST_YEAR = 2200 /* rules are laid out up to it */ };

struct zone; /* used by one thread at a time: it remembers where it looked last */

/* *ret NULL for UTC (and for the null string), which every function below takes. ERROR_CONFIG for an unknown name. */
int zone_open(struct str name, struct arena *arena, struct zone **ret, struct error *err);
/* The same from a file's content; lives in the arena. ERROR_DATA. */
int zone_parse(const uint8_t *bytes, size_t len, struct arena *arena, struct zone **ret, struct error *err);

int32_t zone_offset_at(struct zone *z, int64_t utc); /* seconds east of Greenwich */
/* As java.util.Calendar: of two equal wall clock times the later one is taken, one that is left out moves forward. */
int64_t zone_to_utc(struct zone *z, int64_t wall);
bool zone_is_fixed(const struct zone *z, int32_t *ret_offset); /* UTC and fixed distances */

#endif
