/* The functions of the plug-in's table. */
#ifndef SOURCES_POSTGRES_PLUGIN_H
#define SOURCES_POSTGRES_PLUGIN_H

#include "api/source.h"
#include "debezium/filter.h"

void pgc_check(const struct plugin_config *config, struct findings *findings);
int pgc_open(const struct source_env *env, const struct plugin_config *config, struct source **ret, struct error *err);
int pgc_read(struct source *s, struct batch *batch, struct error *err);
int pgc_commit(struct source *s, const struct position *position, struct error *err);
void pgc_close(struct source *s);

/* PostgreSQL's own schemas and temporary tables are never captured. */
int pgc_add_system_filter(struct debezium_filter *f, struct error *err);

#endif
