/*
 * Inside registry: whether a schema may follow others under a level of compatibility, with Confluent's verdicts and
 * messages (its SchemaValidatorBuilder and Difference). BACKWARD: the new schema reads what the last one wrote;
 * FORWARD: the other way round; FULL: both; _TRANSITIVE: with every earlier version, the latest first.
 */
#ifndef REGISTRY_COMPAT_H
#define REGISTRY_COMPAT_H

#include "registry/store.h"

/* `schema` as registry_store_parse gives it; `earlier` ascending by version. With a `compatibilityGroup` only those
 * count whose metadata has the same value for it. Only AVRO is checked: for two schemas of another type the code is
 * REGISTRY_NOT_HERE. */
enum registry_code registry_compat_check(struct registry_store *r, const struct registry_schema *schema,
                                         const struct registry_schema *earlier, size_t n,
                                         const struct registry_config *config, struct arena *arena,
                                         struct registry_verdict *ret, struct error *err);

/* The text of REGISTRY_INCOMPATIBLE in full, "... details: [message, message]". */
struct str registry_compat_message(struct str subject, const struct registry_verdict *verdict, struct arena *arena);

#endif
