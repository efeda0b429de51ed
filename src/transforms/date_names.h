/* What dates are called in English; shared by date_format.c and date_parse.c. */
#ifndef TRANSFORMS_DATE_NAMES_H
#define TRANSFORMS_DATE_NAMES_H

struct date_name {
    const char *full, *abbreviated;
};

extern const struct date_name date_months[12];
extern const struct date_name date_weekdays[7]; /* from Sunday */
extern const char *const date_eras[2];
extern const char *const date_halves[2]; /* of a day */

#endif
