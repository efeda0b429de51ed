/* The source itself: source_plugin's open, read and close. */
#ifndef SOURCES_QUERY_SOURCE_H
#define SOURCES_QUERY_SOURCE_H

#include "api/source.h"

int query_open(const struct source_env *env, const struct plugin_config *config, struct source **ret,
               struct error *err);
int query_read(struct source *source, struct batch *batch, struct error *err);
void query_close(struct source *source);

void query_check(const struct plugin_config *config, struct findings *findings); /* check.c */

#endif
