/* org.apache.kafka.connect.transforms.predicates.RecordIsTombstone. */
#include "api/predicate.h"
#include "transforms/smt.h"

static const struct property properties[] = {PROPERTY_END};
static const char *const classes[] = {"org.apache.kafka.connect.transforms.predicates.RecordIsTombstone", NULL};

struct predicate {
    char nothing;
};

static struct predicate the_predicate;

static int predicate_open(const struct plugin_config *config, struct predicate **ret, struct error *err)
{
    (void)config, (void)err;
    *ret = &the_predicate;
    return 0;
}

static bool predicate_test(struct predicate *p, const struct record *r)
{
    (void)p;
    return value_is_null(&r->value);
}

static void predicate_close(struct predicate *p)
{
    (void)p;
}

const struct predicate_plugin record_is_tombstone = {
    .info =
        {
            .classes = classes,
            .version = SMT_VERSION,
            .title = "True for records whose value is null",
            .doc = "True for tombstones: records whose value is null.",
            .properties = properties,
        },
    .open = predicate_open,
    .test = predicate_test,
    .close = predicate_close,
};
