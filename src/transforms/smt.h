/* What the transforms share: the half of a record that $Key or $Value means, the loop over a batch, checks. */
#ifndef TRANSFORMS_SMT_H
#define TRANSFORMS_SMT_H

#include "api/transform.h"

#define SMT_VERSION          "3.9.1"       /* of Kafka Connect, whose behaviour the transforms have */
#define SMT_DEBEZIUM_VERSION "1.1.2.Final" /* of Debezium, for those that come from there */

struct smt_half {
    const struct schema **schema;
    struct value *value;
};

static inline struct smt_half smt_half(struct record *r, enum transform_target target)
{
    return target == TRANSFORM_KEY ? (struct smt_half){&r->key_schema, &r->key}
                                   : (struct smt_half){&r->value_schema, &r->value};
}

/* Changes one record, or leaves it as it was and fails. */
typedef int smt_record_fn(struct transform *t, struct batch *batch, struct record *r, struct error *err);

/* Calls `fn` for each record; the error of the first that fails gets the topic in front. */
int smt_each(struct transform *t, smt_record_fn *fn, struct batch *batch, size_t from, size_t to, size_t *err_index,
             struct error *err);

/* The list in the arena, so that it outlives the configuration. */
struct str_list smt_keep_list(struct arena *arena, const struct str_list *list);
bool smt_list_has(const struct str_list *list, struct str text);

/* Checks of a property: a text of at least one character; a regular expression. */
int smt_check_text(const struct property *p, struct str value, struct error *err);
int smt_check_regex(const struct property *p, struct str value, struct error *err);

/* The row that most transforms have. */
#define SMT_REPLACE_NULL(config, member)                                                                               \
    PROPERTY_BOOLEAN("replace.null.with.default", config, member, .fallback = "true", .importance = IMPORTANCE_MEDIUM, \
                     .group = "Nulls",                                                                                 \
                     .doc = "Whether a null in a field that has a default value is taken as that default. With "       \
                            "`false` it stays null, which a field that is not optional does not allow.")

#endif
