/*
 * Secrets in configurations that the REST API shows. A GET answers a secret with SECRETS_MASK (a variable like
 * ${file:...} is none, it only says where the secret is); what comes back unchanged in a PUT keeps the stored value.
 */
#ifndef WORKER_SECRETS_H
#define WORKER_SECRETS_H

#include "api/plugins.h"
#include "base/buf.h"

#define SECRETS_MASK "********"

/* The value as it may be shown, appended. */
void secrets_write(const struct plugins *plugins, const struct config *c, const struct config_entry *e,
                   struct buf *out);
/* Puts the stored secrets where `incoming` has what was shown for them. */
void secrets_restore(const struct plugins *plugins, const struct config *stored, struct config *incoming);
/* True when a mask is left in it that stands for nothing stored. */
bool secrets_unknown(const struct config *c, struct str *ret_name);

#endif
