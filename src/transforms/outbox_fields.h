/* Which columns of an outbox table go where (table.fields.additional.placement). */
#ifndef TRANSFORMS_OUTBOX_FIELDS_H
#define TRANSFORMS_OUTBOX_FIELDS_H

#include "conf/conf.h"

enum outbox_placement { OUTBOX_HEADER, OUTBOX_ENVELOPE };

struct outbox_field {
    enum outbox_placement placement;
    struct str column, alias;
};

struct outbox_fields {
    struct outbox_field *items;
    size_t len;
    size_t n_envelope; /* so many are of OUTBOX_ENVELOPE */
};

enum { OUTBOX_FIELDS_MAX = 1000 };

/* COLUMN:PLACEMENT or COLUMN:PLACEMENT:ALIAS each; the event's type, as `eventType` in the envelope, comes first unless
 * the list has something of that name. In the arena. ERROR_CONFIG names the item. */
int outbox_fields_parse(const struct str_list *list, struct str type_column, struct arena *arena,
                        struct outbox_fields *ret, struct error *err);

#endif
