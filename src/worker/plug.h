/*
 * `struct plug`: a plug-in's configuration, taken out of a larger one and parsed, for as long as the plug-in is open.
 */
#ifndef WORKER_PLUG_H
#define WORKER_PLUG_H

#include "api/plugin.h"

struct plug {
    struct config raw; /* the plug-in's part, prefix taken off; owns the texts of `parsed` */
    void *parsed;
    struct plugin_config config; /* what the plug-in gets: points into this object, which must not move */
};

/* ERROR_CONFIG with all findings, `prefix` in front of the names. prefix NULL: the whole of `source`. */
int plug_init(struct plug *p, const struct plugin_info *info, const struct config *source, const char *prefix,
              struct error *err);
void plug_release(struct plug *p); /* {0} is fine */

/* The same, for the findings alone. */
void plug_check(const struct plugin_info *info, const struct config *source, const char *prefix,
                struct findings *findings);

/* Appends findings about names below `prefix`, so that names and texts have the whole name. */
void plug_append_findings(struct findings *dst, const char *prefix, const struct findings *src);

#endif
