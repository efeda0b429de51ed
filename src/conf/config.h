/*
 * `struct config`: raw settings, names to texts in the order of the file, as the user wrote them. Variables stay
 * variables in here; they are replaced when a config is parsed (property.h), so that what is stored, compared and
 * shown never holds the secret behind ${file:...}.
 */
#ifndef CONF_CONFIG_H
#define CONF_CONFIG_H

#include "base/arena.h"
#include "base/error.h"
#include "base/vec.h"

#include <stdbool.h>

struct config_entry {
    struct str name, value; /* in the config's arena, NUL-terminated; value STR_NULL: JSON's null */
};

struct config {
    struct arena arena; /* also what parsing the config allocates */
    VEC(struct config_entry) entries;
};

void config_init(struct config *c);
void config_release(struct config *c);
void config_set(struct config *c, struct str name, struct str value); /* replaces; both are copied */
void config_remove(struct config *c, struct str name);
bool config_has(const struct config *c, struct str name);          /* given, be it as null */
struct str config_get(const struct config *c, const char *name);   /* STR_NULL when absent or null */
void config_copy(struct config *dst, const struct config *src);    /* dst: initialised; gets what src has on top */
bool config_equal(const struct config *a, const struct config *b); /* whatever the order */
/* What stands under `prefix` ("transforms.unwrap."), with the prefix taken off. dst: initialised. */
void config_sub(const struct config *src, const char *prefix, struct config *dst);

/*
 * Variables: ${env:NAME}, ${file:PATH:KEY} (PATH a .properties file) and ${dir:PATH:FILE} (the file's text, one
 * final line break taken off), as Kafka's EnvVarConfigProvider, FileConfigProvider and DirectoryConfigProvider
 * have them. Anything else in ${...} is no variable and stays. What a variable gives is not searched again.
 * *ret is in the arena, or `text` itself when there is none in it. An error names the variable, never its value.
 */
int config_resolve(struct str text, struct arena *arena, struct str *ret, struct error *err);

enum {
    CONFIG_TEXT_MAX = 4 * 1024 * 1024, /* bytes of a configuration file */
    CONFIG_ENTRIES_MAX = 4096,         /* settings of one configuration, when read from text */
    CONFIG_VARIABLE_MAX = 1024 * 1024, /* bytes of a file that a variable names */
};

#endif
