/*
 * The transforms of a connector, in order, each with the predicate that says which records it is for. Used by the
 * pipeline thread alone.
 */
#ifndef WORKER_CHAIN_H
#define WORKER_CHAIN_H

#include "api/plugins.h"
#include "worker/tolerance.h"

struct chain;

/* `c`: the whole configuration, with its transforms.* and predicates.*. */
int chain_open(const struct plugins *plugins, const struct connector_settings *settings, const struct config *c,
               struct chain **ret, struct error *err);
/* Records that a transform drops, or that are skipped after an error, leave the batch; the others keep their order. */
int chain_apply(struct chain *chain, struct batch *batch, struct tolerance *tolerance, struct error *err);
void chain_close(struct chain *chain); /* NULL is fine */

/* The findings about transforms and predicates of a configuration. */
void chain_check(const struct plugins *plugins, const struct connector_settings *settings, const struct config *c,
                 struct findings *findings);

#endif
