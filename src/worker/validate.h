/* Findings about connector configurations; worker_validate (worker.h) is what others call. */
#ifndef WORKER_VALIDATE_H
#define WORKER_VALIDATE_H

#include "api/plugins.h"

/* What the plug-in finds with the database at hand. Nothing when the configuration does not parse. */
void validate_live(const struct plugins *plugins, const struct config *c, struct findings *findings);

#endif
