#include "transforms/outbox_fields.h"

#define EVENT_TYPE "eventType"

static int parse(struct str item, struct arena *arena, struct outbox_field *ret, struct error *err)
{
    struct str rest, word, alias = STR_NULL, more = STR_NULL;
    struct str column = str_trim(str_split(item, ':', &rest));
    word = str_trim(str_split(rest, ':', &alias));
    if (alias.ptr)
        alias = str_trim(str_split(alias, ':', &more));
    bool header = str_is_nocase(word, "header");
    if (!column.len || more.ptr || (alias.ptr && !alias.len) || !(header || str_is_nocase(word, "envelope")))
        return error_set(err, ERROR_CONFIG,
                         "\"" STR_FMT "\" is not of the form COLUMN:PLACEMENT or COLUMN:PLACEMENT:ALIAS, where "
                         "PLACEMENT is header or envelope",
                         STR_ARG(item));
    ret->placement = header ? OUTBOX_HEADER : OUTBOX_ENVELOPE;
    ret->column = arena_str(arena, column);
    ret->alias = arena_str(arena, alias.ptr ? alias : column);
    return 0;
}

int outbox_fields_parse(const struct str_list *list, struct str type_column, struct arena *arena,
                        struct outbox_fields *ret, struct error *err)
{
    if (list->len > OUTBOX_FIELDS_MAX)
        return error_set(err, ERROR_CONFIG, "more than %d fields are named", OUTBOX_FIELDS_MAX);
    struct outbox_fields fields = {.items = arena_array(arena, struct outbox_field, list->len + 1), .len = 1};
    bool has_type = false;
    for (size_t i = 0; i < list->len; i++) {
        struct outbox_field *f = &fields.items[fields.len++];
        int rc = parse(list->items[i], arena, f, err);
        if (rc)
            return rc;
        has_type = has_type || str_is(f->alias, EVENT_TYPE);
    }
    fields.items[0] = (struct outbox_field){OUTBOX_ENVELOPE, arena_str(arena, type_column), STR(EVENT_TYPE)};
    if (has_type) {
        fields.items++;
        fields.len--;
    }
    for (size_t i = 0; i < fields.len; i++)
        fields.n_envelope += fields.items[i].placement == OUTBOX_ENVELOPE;
    *ret = fields;
    return 0;
}
