/* What the readers share. */
#ifndef CONF_READER_H
#define CONF_READER_H

#include "conf/read.h"

/* The text without a byte order mark; an error when it is too long, not UTF-8 or has a zero byte. */
int reader_begin(struct str text, const char *what, struct str *ret, struct error *err);

/* config_set with the limits on names and their number; `line` 0: not known. */
int reader_set(struct config *c, struct str name, struct str value, const char *what, size_t line, struct error *err);

/* The base name of a path without its extension, as a connector's name. */
struct str reader_base_name(const char *what);

/* "running", "paused" or "stopped" in any case; ERROR_CONFIG otherwise. */
int reader_state(struct str text, const char *what, enum config_state *ret, struct error *err);

/* Where the connectors of a file go. */
struct reader_out {
    config_each *each;
    void *ctx;
    bool base_name_taken; /* a connector got the file's base name: a second one needs its own */
};

/* Names the connector (`name`, else the setting `name`, else the base name), makes the setting agree, and hands it
 * over. */
int reader_hand_over(struct config_connector *found, struct str name, const char *what, struct reader_out *out,
                     struct error *err);

int reader_properties_file(struct str text, const char *what, struct reader_out *out, struct error *err);
int reader_json_file(struct str text, const char *what, struct reader_out *out, struct error *err);
int reader_yaml_file(struct str text, const char *what, struct reader_out *out, struct error *err);

#endif
