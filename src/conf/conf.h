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
 *                       .min = 0, .importance = IMPORTANCE_HIGH, .group = "Connector", .doc = "..."),
 *         PROPERTY_ENUM("mode", struct query_config, mode, .choices = mode_names, .flags = PROPERTY_REQUIRED, ...),
 *         PROPERTY_END,
 *     };
 *
 * Parsed text lives in the `struct config` that was parsed (see config_parse): free the two together.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/map.h"
#include "base/vec.h"

#include <stddef.h>
#include <stdint.h>

struct str_list {
    struct str *items;
    size_t len;
};

/* Kafka's ConfigDef.Type */
enum property_type {
    PROPERTY_TYPE_STRING,   /* struct str; STR_NULL without a value */
    PROPERTY_TYPE_PASSWORD, /* struct str; never shown */
    PROPERTY_TYPE_CLASS,    /* struct str: Java class name or short name */
    PROPERTY_TYPE_LIST,     /* struct str_list: comma separated, trimmed */
    PROPERTY_TYPE_BOOLEAN,  /* bool */
    PROPERTY_TYPE_INT,      /* int32_t */
    PROPERTY_TYPE_LONG,     /* int64_t */
    PROPERTY_TYPE_DOUBLE,   /* double */
    PROPERTY_TYPE_ENUM,     /* int: index into `choices`; a STRING to Kafka Connect */
};

enum property_importance { IMPORTANCE_HIGH, IMPORTANCE_MEDIUM, IMPORTANCE_LOW };

enum property_flags {
    PROPERTY_REQUIRED = 1,   /* no default, and an error without a value */
    PROPERTY_SECRET = 2,     /* masked wherever it would be shown (PASSWORD is secret by itself) */
    PROPERTY_DEPRECATED = 4, /* a warning names the replacement given in `doc` */
    PROPERTY_INTERNAL = 8,   /* parsed, and left out of the reference */
    PROPERTY_CASE = 16,      /* ENUM choices are compared with case (they are not, by default) */
    PROPERTY_ACCEPTED = 32,  /* taken for compatibility and without effect here; `doc` says why */
};

struct property {
    const char *name;
    enum property_type type;
    size_t offset;              /* into the plug-in's config struct */
    const char *fallback;       /* default, as text; NULL: none (Java's null) */
    const char *const *choices; /* ENUM: NULL-terminated, the index is what is stored */
    const char *const *aliases; /* NULL-terminated further names of the same property */
    int64_t min, max;           /* INT and LONG: both 0 means no limits */
    enum property_importance importance;
    const char *group;   /* heading in the reference and in validate's `groups` */
    const char *display; /* short human name; NULL: the name */
    const char *doc;     /* required: full sentences, Markdown */
    const char *example; /* for the reference; may be NULL */
    unsigned flags;      /* enum property_flags */
    /* A further check of one value, beyond type and limits; may be NULL. */
    int (*check)(const struct property *p, struct str value, struct error *err);
};

/* The typed offset: the compiler checks that the member has the type that the row says. */
#define PROPERTY_MEMBER(config, member, ctype)                                                                         \
    (offsetof(config, member) +                                                                                        \
     0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((config *)0)->member), ctype) ? 1 : -1]))
#define PROPERTY_ROW(prop_name, config, member, ctype, kind, ...)                                                      \
    {                                                                                                                  \
        .name = (prop_name), .type = (kind), .offset = PROPERTY_MEMBER(config, member, ctype), __VA_ARGS__             \
    }

#define PROPERTY_STRING(name, config, member, ...)                                                                     \
    PROPERTY_ROW(name, config, member, struct str, PROPERTY_TYPE_STRING, __VA_ARGS__)
#define PROPERTY_PASSWORD(name, config, member, ...)                                                                   \
    PROPERTY_ROW(name, config, member, struct str, PROPERTY_TYPE_PASSWORD, __VA_ARGS__)
#define PROPERTY_CLASS(name, config, member, ...)                                                                      \
    PROPERTY_ROW(name, config, member, struct str, PROPERTY_TYPE_CLASS, __VA_ARGS__)
#define PROPERTY_LIST(name, config, member, ...)                                                                       \
    PROPERTY_ROW(name, config, member, struct str_list, PROPERTY_TYPE_LIST, __VA_ARGS__)
#define PROPERTY_BOOLEAN(name, config, member, ...)                                                                    \
    PROPERTY_ROW(name, config, member, bool, PROPERTY_TYPE_BOOLEAN, __VA_ARGS__)
#define PROPERTY_INT(name, config, member, ...)                                                                        \
    PROPERTY_ROW(name, config, member, int32_t, PROPERTY_TYPE_INT, __VA_ARGS__)
#define PROPERTY_LONG(name, config, member, ...)                                                                       \
    PROPERTY_ROW(name, config, member, int64_t, PROPERTY_TYPE_LONG, __VA_ARGS__)
#define PROPERTY_DOUBLE(name, config, member, ...)                                                                     \
    PROPERTY_ROW(name, config, member, double, PROPERTY_TYPE_DOUBLE, __VA_ARGS__)
#define PROPERTY_ENUM(name, config, member, ...)                                                                       \
    PROPERTY_ROW(name, config, member, int, PROPERTY_TYPE_ENUM, __VA_ARGS__)
#define PROPERTY_END                                                                                                   \
    {                                                                                                                  \
        .name = NULL                                                                                                   \
    }

/*
 * `struct config`: raw settings, names to texts in the order of the file. NULL is JSON's null.
 */
struct config_entry {
    struct str name, value; /* in the config's arena, NUL-terminated */
};

struct config {
    struct arena arena;
    VEC(struct config_entry) entries;
};

void config_init(struct config *c);
void config_release(struct config *c);
void config_set(struct config *c, struct str name, struct str value); /* replaces */
void config_remove(struct config *c, struct str name);
struct str config_get(const struct config *c, const char *name);   /* STR_NULL when absent */
void config_copy(struct config *dst, const struct config *src);    /* dst: initialised */
bool config_equal(const struct config *a, const struct config *b); /* whatever the order */
/* What stands under `prefix` ("transforms.unwrap."), with the prefix taken off. dst: initialised. */
void config_sub(const struct config *src, const char *prefix, struct config *dst);

/*
 * Findings: everything that is wrong or doubtful, not the first thing only.
 */
enum finding_level { FINDING_ERROR, FINDING_WARNING };

struct finding {
    enum finding_level level;
    struct str name; /* the property, as the user wrote it, or STR_NULL when of none */
    struct str text; /* what is wrong and what to write instead */
};

struct findings {
    struct arena arena;
    VEC(struct finding) items;
    size_t errors; /* how many of them are FINDING_ERROR */
};

void findings_init(struct findings *f);
void findings_release(struct findings *f);
void findings_add(struct findings *f, enum finding_level level, struct str name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* All error findings in one text, for a log line or a REST answer; 0 when there is none. */
int findings_error(const struct findings *f, struct error *err);

/*
 * Parses the properties of `table` that `c` holds into `out`, defaults included. `out` must be zeroed
 * and of the struct that the table was declared for. Every finding is added; parsing goes on after one.
 * Names that the table does not know are left alone (see config_check_unknown). Variables
 * ${env:NAME}, ${file:PATH:KEY} and ${dir:PATH:FILE} are replaced here, not in the stored config.
 * Text and lists in `out` point into c's arena.
 */
void config_parse(const struct property *table, struct config *c, void *out, struct findings *findings);

/* A warning for every name in `c` that neither a table (NULL-terminated array of tables) nor a prefix
 * (NULL-terminated, e.g. "transforms.") knows, with the nearest known name. */
void config_check_unknown(const struct property *const *tables, const char *const *prefixes, const struct config *c,
                          struct findings *findings);

/* Readers. `what` names the input in errors (a file name). All of them append to an initialised `ret`. */
int config_read_properties(struct str text, const char *what, struct config *ret, struct error *err);

/* A JSON object of scalars ({"connector.class": ...}); numbers and booleans become their text. */
int config_read_json(struct str text, const char *what, struct config *ret, struct error *err);

/* A file of any of the three forms: JSON ({"name":, "config":{}} or flat), YAML (Strimzi KafkaConnector or
 * flat mapping; several documents allowed) or .properties, told apart by name and content. Each connector
 * found is handed to `each` with its name (from `name`, metadata.name, or the file's base name). */
int config_read_file(const char *path, int (*each)(void *ctx, struct str name, struct config *c, struct error *err),
                     void *ctx, struct error *err);
int config_read_text(struct str text, const char *what,
                     int (*each)(void *ctx, struct str name, struct config *c, struct error *err), void *ctx,
                     struct error *err);

/* Kafka Connect's PUT /connector-plugins/{class}/config/validate answer: {"name":, "error_count":, "groups":[],
 * "configs":[{"definition":{...},"value":{...}}]}. `tables` is NULL-terminated; findings are those of parsing
 * the tables and of the plug-in's own check. Secret values are null in it. */
void config_write_validation(struct str class_name, const struct property *const *tables, const struct config *c,
                             const struct findings *findings, struct buf *out);

/* One reference page in Markdown: properties grouped, with type, default, valid values, importance, aliases, doc. */
void property_write_reference(const char *title, const char *intro, const struct property *const *tables,
                              struct buf *out);

/* The config as `name = value` lines, secrets masked; for the log at start. */
void config_write_masked(const struct property *const *tables, const struct config *c, struct buf *out);

/* True when `name` must not be shown: declared secret, or its name says so (password, secret, token, ...). */
bool property_is_secret(const struct property *const *tables, struct str name);

/* Programming errors in a table: missing doc, default that does not parse or is out of its limits, a name or an
 * alias used twice, choices missing. Adds a finding for each; the test that walks all tables uses it. */
void property_check_table(const struct property *table, struct findings *findings);

#endif
