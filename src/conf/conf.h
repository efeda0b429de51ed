/*
 * Configuration by declaration. A plug-in states each of its properties in one row: name, where in its
 * config struct the value goes, default, limits, importance, documentation. From the row come the
 * parsing, all findings at once, Kafka Connect's `config/validate` answer, `tributary check`, the
 * reference pages and the masked dump in the log.
 *
 *     struct query_config { int64_t poll_interval_ms; int mode; struct str url; bool validate_non_null; ... };
 *
 *     const struct property query_properties[] = {
 *         PROPERTY_LONG("poll.interval.ms", struct query_config, poll_interval_ms, .fallback = "5000",
 *                       .min = 1, .importance = IMPORTANCE_HIGH, .group = "Connector", .doc = "..."),
 *         PROPERTY_ENUM("mode", struct query_config, mode, .choices = mode_names, .flags = PROPERTY_REQUIRED, ...),
 *         PROPERTY_END,
 *     };
 *
 * Parsed text lives in the `struct config` that was parsed (see config_parse): free the two together.
 *
 * The room, header by header: config.h raw settings, findings.h what is wrong with them, property.h the rows and
 * parsing by them, read.h files, present.h what is shown to people and to REST clients.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "conf/config.h"
#include "conf/findings.h"
#include "conf/present.h"
#include "conf/property.h"
#include "conf/read.h"

#endif
