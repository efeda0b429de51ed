/* Time: wall clock for what people and events see, monotonic for durations. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void); /* since 1970-01-01 UTC */
int64_t clock_wall_us(void);
int64_t clock_mono_ns(void);
int64_t clock_mono_ms(void);
int64_t clock_cpu_ns(void); /* CPU time of the whole process, user and system */

#endif
