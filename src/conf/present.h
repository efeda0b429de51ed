/*
 * What is shown of properties and configurations: Kafka Connect's validation answer, the reference pages, the dump
 * in the log. Secrets are masked in all of them; a value that is only a variable (${file:...}) is shown, being none.
 */
#ifndef CONF_PRESENT_H
#define CONF_PRESENT_H

#include "base/buf.h"
#include "conf/property.h"

#define CONFIG_HIDDEN "[hidden]" /* what Kafka shows for a password */

/* Appends the value as it may be shown: masked whole when the property is secret, and within a URL the password.
 * `tables` may be NULL. */
void config_write_shown(const struct property *const *tables, struct str name, struct str value, struct buf *out);

/* Kafka Connect's PUT /connector-plugins/{class}/config/validate answer: {"name":, "error_count":, "groups":[],
 * "configs":[{"definition":{...},"value":{...}}]}. `tables` is NULL-terminated; findings are those of parsing
 * the tables and of the plug-in's own check. A finding of a property that no table has gets an entry without
 * definition, as Kafka Connect does. Secret values are "[hidden]" in it, values that do not parse null. */
void config_write_validation(struct str class_name, const struct property *const *tables, const struct config *c,
                             const struct findings *findings, struct buf *out);

/* One reference page in Markdown: properties grouped, with type, default, valid values, importance, aliases, doc. */
void property_write_reference(const char *title, const char *intro, const struct property *const *tables,
                              struct buf *out);

/* The config as `name = value` lines, secrets masked; for the log at start. */
void config_write_masked(const struct property *const *tables, const struct config *c, struct buf *out);

#endif
