/* Inside registry: the calls behind which a registry stands, here or elsewhere. Each is described in registry.h. */
#ifndef REGISTRY_CALLS_H
#define REGISTRY_CALLS_H

#include "registry/registry.h"

struct registry_calls {
    int (*put)(struct registry *r, const struct registry_ask *ask, int32_t *ret_id, struct error *err);
    int (*look_up)(struct registry *r, const struct registry_ask *ask, struct arena *arena, struct registry_schema *ret,
                   struct error *err);
    int (*latest)(struct registry *r, struct str subject, struct arena *arena, struct registry_schema *ret,
                  struct error *err);
    int (*by_id)(struct registry *r, int32_t id, struct arena *arena, struct registry_schema *ret, struct error *err);
    int (*expand)(struct registry *r, const struct registry_schema *schema, struct arena *arena, struct str *ret,
                  struct error *err);
    void (*close)(struct registry *r);
};

struct registry {
    const struct registry_calls *calls;
};

extern const struct registry_calls registry_store_calls;
void registry_store_close(struct registry *r);

#endif
