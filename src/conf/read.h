/*
 * Configurations as people and tools write them: Java's .properties, the JSON of Kafka Connect's REST interface,
 * and YAML. Readers take text, do no I/O (config_read_file apart), keep limits (config.h) and say where an error is:
 * "inventory.yaml: line 7: ...". `what` names the input in errors (a file name).
 */
#ifndef CONF_READ_H
#define CONF_READ_H

#include "conf/config.h"

/* Append to an initialised `ret`; a name given twice has its last value. */

/* java.util.Properties: '=', ':' or white space between name and value, comments of # and !, escapes, continued
 * lines. UTF-8. */
int config_read_properties(struct str text, const char *what, struct config *ret, struct error *err);

/* A JSON object of scalars ({"connector.class": ...}); numbers and booleans become their text. */
int config_read_json(struct str text, const char *what, struct config *ret, struct error *err);

/* In which state a connector begins (Strimzi's spec.state and spec.pause, Kafka Connect's "initial_state"). */
enum config_state { CONFIG_STATE_RUNNING, CONFIG_STATE_PAUSED, CONFIG_STATE_STOPPED };

/* A connector as a file describes it. The config has `name` as a setting too, as Kafka Connect keeps it. */
struct config_connector {
    struct str name;
    enum config_state state;
    struct config config;
};

/* Receives each connector in turn; what it points to ends with the call. A non-zero return ends the reading. */
typedef int config_each(void *ctx, struct config_connector *found, struct error *err);

/*
 * A file of any of the forms, told apart by name and content; each connector in it is handed to `each`:
 *   JSON         {"name":, "config":{}}, an array of these, or one flat object of settings
 *   YAML         Strimzi's KafkaConnector (metadata.name, spec.class, spec.tasksMax, spec.config, spec.state,
 *                spec.pause), {name:, config:}, or one flat mapping; any number of documents; anchors, aliases and
 *                merge keys (<<). Documents of another `kind` are passed over.
 *   .properties  one connector
 * Without a name of its own a connector has the file's base name. No connector in it at all is an error.
 */
int config_read_file(const char *path, config_each *each, void *ctx, struct error *err);
int config_read_text(struct str text, const char *what, config_each *each, void *ctx, struct error *err);

/* The whole file, up to CONFIG_TEXT_MAX bytes, into the arena. */
int config_read_whole(const char *path, struct arena *arena, struct str *ret, struct error *err);

#endif
